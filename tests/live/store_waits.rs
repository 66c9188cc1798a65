//! Calls to Redis while it is away, slow or silent: who waits, how many may, and what is asked again.

use std::time::Duration;

use futures_util::future::join_all;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use mereau::tickets::StoreError;
use mereau::tickets::redis::RedisOptions;

use crate::support::chaos::{Chaos, Fault, Way};
use crate::support::redis::Redis;
use crate::support::wait::until_async;
use crate::tickets::{HOUR, World, anne};
use crate::tickets_redis::OnRedis;

const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(300);

/// Calls that may be on their way at a time; four times as many wait.
const PLACES: usize = 2;

fn place(port: u16, change: impl FnOnce(&mut RedisOptions)) -> OnRedis {
    let mut options = RedisOptions::at(&format!("redis://127.0.0.1:{port}"));
    change(&mut options);
    OnRedis::strictly(options, vec![port])
}

/// Two more connections to what is not there have failed, and a third one is begun.
async fn tried_in_vain(chaos: &Chaos) {
    let before = chaos.taken();
    until_async("three connections", || async {
        (chaos.taken() >= before + 3).then_some(())
    })
    .await;
}

#[tokio::test]
async fn who_comes_while_redis_is_away_is_answered_when_it_is_back() {
    // F-01
    let mut redis = Redis::start(&["--appendonly", "yes"]);
    let chaos = Chaos::to(redis.port()).await;
    let world = World::on(place(chaos.port(), |options| options.patience = LONG));
    let tgt = world.open(&anne()).await;
    redis.kill();
    let store = world.tickets();
    let (mut reading, mut writing) = (store.session(&tgt), store.set_warn(&tgt, true));
    tokio::select! {
        biased;
        told = &mut reading => panic!("told before Redis is back: {told:?}"),
        told = &mut writing => panic!("told before Redis is back: {told:?}"),
        () = tried_in_vain(&chaos) => {}
    }
    redis.restart();
    assert!(reading.await.unwrap().is_some());
    writing.await.unwrap();
}

#[tokio::test]
async fn patience_ends_and_only_so_many_may_have_it() {
    // F-01
    let mut redis = Redis::start(&[]);
    let port = redis.port();
    redis.kill();
    let hasty = World::on(place(port, |options| options.patience = SHORT));
    let told = hasty.tickets().session(&hasty.tgt(&anne())).await;
    assert!(matches!(told, Err(StoreError::Unreachable(_))), "{told:?}");
    let world = World::on(place(port, |options| {
        options.patience = LONG;
        options.read_deadline = LONG;
        options.in_flight = PLACES;
    }));
    let (store, tgt) = (world.tickets(), world.tgt(&anne()));
    let mut asked: FuturesUnordered<_> = (0..=4 * PLACES).map(|_| store.session(&tgt)).collect();
    // One has found all places taken when it heard that there is nobody: the others have them.
    let told = asked.next().await.expect("calls");
    assert!(matches!(told, Err(StoreError::Unreachable(_))), "{told:?}");
    redis.restart();
    let answers: Vec<_> = asked.collect().await;
    assert_eq!(answers.len(), 4 * PLACES);
    for answer in answers {
        assert_eq!(answer.unwrap(), None);
    }
}

#[tokio::test]
async fn the_queue_to_redis_is_bounded_and_who_finds_it_full_is_told_at_once() {
    // F-10
    let usual = RedisOptions::at("redis://localhost");
    assert_eq!(
        (usual.read_deadline, usual.write_deadline),
        (Duration::from_millis(500), Duration::from_secs(1))
    );
    assert_eq!(usual.in_flight, 256);
    let redis = Redis::start(&[]);
    let world = World::on(place(redis.port(), |options| {
        options.in_flight = PLACES;
        (options.read_deadline, options.write_deadline) = (LONG, LONG);
    }));
    let (store, tgt) = (world.tickets(), world.open(&anne()).await);
    redis.stop();
    let mut asked: Vec<_> = (0..5 * PLACES).map(|_| store.session(&tgt)).collect();
    for call in &mut asked {
        assert!(call.as_mut().now_or_never().is_none());
    }
    let told = store.session(&tgt).now_or_never();
    assert!(matches!(told, Some(Err(StoreError::Crowded))), "{told:?}");
    redis.cont();
    for answer in join_all(asked).await {
        assert!(answer.unwrap().is_some(), "who was in the queue is served");
    }
}

#[tokio::test]
async fn what_must_not_be_done_twice_is_not_asked_again() {
    // F-10
    let redis = Redis::start(&[]);
    let world = World::on(place(redis.port(), |options| {
        options.patience = LONG;
        options.write_deadline = SHORT;
    }));
    let store = world.tickets();
    until_async("a connection", || async { store.ping().await.ok() }).await;
    assert_eq!(redis.cli(&["client", "pause", "60000", "write"]), "OK");
    let lost = store.spend_mark(&[7; 16], HOUR).await;
    assert!(matches!(lost, Err(StoreError::TimedOut { .. })), "{lost:?}");
    assert_eq!(redis.cli(&["client", "unpause"]), "OK");
    let again = until_async("the mark", || async {
        store.spend_mark(&[7; 16], HOUR).await.ok()
    })
    .await;
    assert!(!again, "it was done, once, though nobody heard of it");
}

#[tokio::test]
async fn a_connection_on_which_nothing_comes_any_more_is_given_up() {
    // F-10
    let redis = Redis::start(&[]);
    let chaos = Chaos::to(redis.port()).await;
    let world = World::on(place(chaos.port(), |options| {
        options.patience = LONG;
        (options.read_deadline, options.write_deadline) = (SHORT, SHORT);
    }));
    let tgt = until_async("a session", || async {
        let tgt = world.tgt(&anne());
        let record = crate::tickets::record("anne");
        let opened = world
            .tickets()
            .open(&tgt, world.session(&anne()), &record, None)
            .await;
        opened.is_ok().then_some(tgt)
    })
    .await;
    let before = chaos.taken();
    chaos.blackhole();
    let store = world.tickets();
    assert!(matches!(store.ping().await, Err(StoreError::TimedOut { .. })));
    chaos.heal();
    assert!(store.session(&tgt).await.unwrap().is_some());
    assert!(chaos.taken() > before);
}

#[tokio::test]
async fn resets_slices_and_slowness_on_the_way_to_redis_cost_no_answer() {
    // F-10
    let redis = Redis::start(&[]);
    let chaos = Chaos::to(redis.port()).await;
    let world = World::on(place(chaos.port(), |options| options.patience = LONG));
    let tgt = world.open(&anne()).await;
    let store = world.tickets();
    chaos.set(Way::Both, Fault::Slices);
    assert!(store.session(&tgt).await.unwrap().is_some());
    chaos.set(Way::ToClient, Fault::Latency(Duration::from_millis(30)));
    chaos.set(Way::ToClient, Fault::Jitter(Duration::from_millis(30)));
    for _ in 0..5 {
        chaos.reset();
        assert!(store.session(&tgt).await.unwrap().is_some());
    }
    chaos.half_close(Way::ToClient);
    assert!(store.session(&tgt).await.unwrap().is_some());
    chaos.set(Way::ToServer, Fault::CutAfter(40));
    let mut cut = store.session(&tgt);
    tokio::select! {
        biased;
        told = &mut cut => panic!("no request passes whole: {told:?}"),
        () = tried_in_vain(&chaos) => {}
    }
    chaos.heal();
    assert!(cut.await.unwrap().is_some());
}
