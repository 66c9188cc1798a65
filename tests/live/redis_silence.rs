//! A connection to Redis on which no answer comes.

use std::time::Duration;

use mereau::tickets::StoreError;
use mereau::tickets::redis::RedisOptions;

use crate::support::chaos::Chaos;
use crate::support::redis::Redis;
use crate::support::wait::until_async;
use crate::tickets::{World, anne};
use crate::tickets_redis::OnRedis;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_was_made_while_calls_waited_is_given_up_for_their_silence() {
    // F-10
    let redis = Redis::start(&[]);
    let link = Chaos::to(redis.port()).await;
    let options = RedisOptions {
        read_deadline: Duration::from_secs(1),
        patience: Duration::ZERO,
        ..RedisOptions::at(&format!("redis://127.0.0.1:{}", link.port()))
    };
    let world = World::on(OnRedis::strictly(options, vec![redis.port()]));
    let (store, tgt) = (world.tickets(), world.tgt(&anne()));
    // Greetings are answered, scripts are not.
    assert_eq!(redis.cli(&["client", "pause", "60000", "write"]), "OK");
    link.hold();
    let asked = futures_util::future::join_all((0..3).map(|_| store.session(&tgt)));
    let greeted = async {
        until_async("a connection", || async { (link.taken() == 1).then_some(()) }).await;
        link.release();
    };
    let (outcomes, ()) = tokio::join!(asked, greeted);
    for outcome in outcomes {
        assert!(matches!(outcome, Err(StoreError::TimedOut { .. })), "{outcome:?}");
    }
    assert_eq!(redis.cli(&["client", "unpause"]), "OK");
    assert_eq!(store.session(&tgt).await.unwrap(), None);
    assert_eq!(link.taken(), 2, "not on the one that was silent");
}
