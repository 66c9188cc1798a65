//! Reset tickets while Redis forgets, fills up or falls behind. That a ticket which came back sets
//! no password is the directory's to prove; here it comes back for certain, which is why.

use std::time::Duration;

use mereau::base::entropy::OsEntropy;
use mereau::base::names::AccountId;
use mereau::tickets::redis::RedisOptions;
use mereau::tickets::{
    Channel, Claimed, Death, DeathKind, Lane, Looked, MintBudget, Minted, PendingKind, PendingToken,
    ResetCode, ResetTickets, ResetToken, Spent, StoreError,
};

use crate::support::redis::Redis;
use crate::support::rollback::Rollback;
use crate::support::wait::until_async;
use crate::tickets::reset::{Request, issued};
use crate::tickets::{HOUR, World, account, anne, attempt};
use crate::tickets_redis::OnRedis;

fn on(redis: &Redis) -> World {
    World::on(OnRedis::at(&redis.url(), vec![redis.port()]))
}

async fn spend(world: &World, token: &ResetToken) {
    let (resets, mine) = (world.place.resets(), attempt());
    let claimed = resets.claim(token, &mine).await.unwrap();
    assert!(matches!(claimed, Claimed::Yes(_)), "{claimed:?}");
    assert_eq!(resets.spend(token, &mine).await.unwrap(), Spent::Yes);
    let looked = resets.look(token).await.unwrap();
    assert!(matches!(looked, Looked::Dead(Death::Spent { .. })), "{looked:?}");
}

fn bob() -> AccountId {
    account("univ", "bob")
}

/// Looks until the store answers again.
async fn looked(world: &World, token: &ResetToken) -> Looked {
    until_async("an answer", || async {
        world.place.resets().look(token).await.ok()
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_spent_ticket_comes_back_with_an_older_snapshot() {
    // SEC-23
    let mut redis = Redis::start(&[]);
    let world = on(&redis);
    let token = issued(&world, &anne()).await;
    let before = redis.snapshot();
    spend(&world, &token).await;
    redis.restore(&before);
    let back = looked(&world, &token).await;
    assert!(matches!(back, Looked::Live(_)), "{back:?}");
    spend(&world, &token).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_spent_ticket_comes_back_with_a_replica_that_was_cut_off() {
    // SEC-24, F-04
    let mut servers = Rollback::start();
    let place = OnRedis::at(&servers.url(), Vec::new());
    let store = place.store.clone();
    let world = World::on(place);
    let (token, others) = (issued(&world, &anne()).await, issued(&world, &bob()).await);
    spend(&world, &others).await;
    servers.cut();
    spend(&world, &token).await;
    assert!(store.unfollowed() > 0, "the operator can see it coming");
    servers.fail_over();
    let back = looked(&world, &token).await;
    assert!(matches!(back, Looked::Live(_)), "{back:?}");
    spend(&world, &token).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_spent_on_the_new_primary_still_lives_on_the_old_one() {
    // F-03, SEC-24
    let servers = Rollback::start();
    let place = OnRedis::at(&servers.url(), Vec::new());
    let world = World::on(place.again_patiently(&servers.url()));
    let token = issued(&world, &anne()).await;
    let old = servers.split();
    // One node asks the Sentinel, the other one still speaks to the old primary.
    spend(&World::on(place.again_patiently(&servers.url())), &token).await;
    let astray = World::on(place.again_patiently(&old));
    let again = looked(&astray, &token).await;
    assert!(matches!(again, Looked::Live(_)), "{again:?}");
    spend(&astray, &token).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_primary_that_may_not_write_alone_gives_no_ticket_out_again() {
    // F-03
    let options = ["--min-replicas-to-write", "1", "--min-replicas-max-lag", "2"];
    let servers = Rollback::start_with(&options);
    let place = OnRedis::at(&servers.url(), Vec::new());
    let astray = place.again(RedisOptions::at(&servers.primary().url()));
    let world = World::on(place);
    let token = until_async("a replica that follows", || async {
        let request = Request {
            budget: MintBudget::AGENT,
            ..Request::of(&world, &anne())
        };
        let minted = world.place.resets().mint(&request.as_mint()).await;
        minted.is_ok().then(|| request.token.clone())
    })
    .await;
    servers.split();
    servers.alone();
    let claimed = until_async("the old primary's word", || async {
        match astray.claim(&token, &attempt()).await {
            Err(StoreError::TimedOut { .. }) => None,
            outcome => Some(outcome),
        }
    })
    .await;
    assert!(
        matches!(&claimed, Err(StoreError::Answered { text, .. }) if text.contains("NOREPLICAS")),
        "{claimed:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_claim_waits_for_a_replica_where_there_is_one_and_only_there() {
    // F-04
    let servers = Rollback::start();
    let place = OnRedis::at(&servers.url(), Vec::new());
    let store = place.store.clone();
    let world = World::on(place);
    let token = issued(&world, &anne()).await;
    let waits = |redis: &Redis| {
        let stats = redis.cli(&["info", "commandstats"]);
        let line = stats
            .lines()
            .find_map(|line| line.strip_prefix("cmdstat_wait:calls="));
        line.map_or(0, |rest| rest.split(',').next().unwrap().parse::<u32>().unwrap())
    };
    spend(&world, &token).await;
    assert!(waits(servers.primary()) > 0);
    // A replica that is there and does not answer is told, and stops nobody.
    let second = issued(&world, &anne()).await;
    servers.replica().stop();
    spend(&world, &second).await;
    servers.replica().cont();
    assert!(store.unfollowed() > 0);

    let redis = Redis::start(&[]);
    let world = on(&redis);
    let token = issued(&world, &anne()).await;
    spend(&world, &token).await;
    assert_eq!(waits(&redis), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_redis_mints_nothing_and_lets_everything_issued_be_used() {
    // F-08
    let redis = Redis::start(&[]);
    let world = on(&redis);
    let (token, revoked) = (issued(&world, &anne()).await, issued(&world, &anne()).await);
    let requests = world.place.requests();
    requests
        .push(Lane::Recovery, b"before", Duration::ZERO)
        .await
        .unwrap();
    assert_eq!(redis.cli(&["config", "set", "maxmemory", "1kb"]), "OK");
    let request = Request {
        budget: MintBudget::AGENT,
        ..Request::of(&world, &anne())
    };
    let minted = world.place.resets().mint(&request.as_mint()).await;
    assert!(matches!(minted, Err(StoreError::Full)), "{minted:?}");
    let pushed = requests.push(Lane::Recovery, b"after", Duration::ZERO).await;
    assert!(matches!(pushed, Err(StoreError::Full)), "{pushed:?}");
    let queued = requests.take(Lane::Recovery, "w", HOUR).await.unwrap().unwrap();
    requests.later(&queued.id, HOUR).await.unwrap();
    requests.done(&queued.id).await.unwrap();
    let resets = world.place.resets();
    assert_eq!(resets.try_code(&anne(), &attempt()).await.unwrap().len(), 2);
    let mine = attempt();
    assert!(matches!(
        resets.claim(&token, &mine).await.unwrap(),
        Claimed::Yes(_)
    ));
    resets.release(&token, &mine, Some(b"moved")).await.unwrap();
    spend(&world, &token).await;
    let looked = resets.look(&revoked).await.unwrap();
    assert!(matches!(looked, Looked::Dead(Death::Spent { .. })), "{looked:?}");
    assert_eq!(resets.revoke(&anne(), DeathKind::Revoked).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_claim_whose_answer_was_lost_may_be_repeated() {
    // F-10, SEC-22
    let redis = Redis::start(&[]);
    let patient = OnRedis::at(&redis.url(), vec![redis.port()]);
    let hasty = patient.again(RedisOptions {
        read_deadline: Duration::from_millis(300),
        write_deadline: Duration::from_millis(300),
        ..RedisOptions::at(&redis.url())
    });
    let world = World::on(patient);
    let token = issued(&world, &anne()).await;
    // The server has to know the script: otherwise it refuses, late, and does nothing.
    let never = ResetToken::mint(&world.keys, &[7; 32], &anne());
    until_async("the hasty store", || async {
        hasty.claim(&never, &attempt()).await.ok()
    })
    .await;
    let mine = attempt();
    assert_eq!(redis.cli(&["client", "pause", "60000", "write"]), "OK");
    let lost = hasty.claim(&token, &mine).await;
    assert!(matches!(lost, Err(StoreError::TimedOut { .. })), "{lost:?}");
    assert_eq!(redis.cli(&["client", "unpause"]), "OK");
    let resets = world.place.resets();
    // It was executed, though nobody listened any more.
    until_async("the claim", || async {
        let looked = resets.look(&token).await.unwrap();
        (looked == Looked::Claimed).then_some(())
    })
    .await;
    assert_eq!(resets.claim(&token, &attempt()).await.unwrap(), Claimed::Busy);
    assert!(matches!(
        resets.claim(&token, &mine).await.unwrap(),
        Claimed::Yes(_)
    ));
    assert_eq!(resets.spend(&token, &mine).await.unwrap(), Spent::Yes);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reset_ticket_of_a_newer_version_is_absent_and_stays() {
    // F-32
    let redis = Redis::start(&[]);
    let world = on(&redis);
    let token = issued(&world, &anne()).await;
    let resets = world.place.resets();
    let version = |from: &str, to: &str| {
        let script = format!(
            "local name = redis.call('KEYS', '*v1:r:*')
             for _, name in ipairs(name) do
                 if redis.call('TYPE', name).ok == 'hash' then
                     local body = redis.call('HGET', name, 'b')
                     assert(body:byte(1) == {from})
                     redis.call('HSET', name, 'b', string.char({to}) .. body:sub(2))
                 end
             end
             return 'done'"
        );
        assert_eq!(redis.cli(&["eval", &script, "0"]), "done");
    };
    version("1", "2");
    assert_eq!(resets.look(&token).await.unwrap(), Looked::Unknown);
    assert_eq!(resets.claim(&token, &attempt()).await.unwrap(), Claimed::Unknown);
    assert_eq!(resets.spend(&token, &attempt()).await.unwrap(), Spent::Lost);
    assert!(resets.codes(&anne()).await.unwrap().is_empty());
    version("2", "1");
    assert!(matches!(resets.look(&token).await.unwrap(), Looked::Live(_)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dump_of_redis_holds_no_link_no_code_and_nothing_for_ever() {
    // SEC-10, CAS-114, CAS-308
    let redis = Redis::start(&["--rdbcompression", "no"]);
    let world = on(&redis);
    let request = Request::of(&world, &anne());
    assert!(matches!(request.mint(&world).await, Minted::New { .. }));
    let undo = PendingToken::draw(&OsEntropy);
    let marks = world.place.marks();
    marks
        .keep_pending(PendingKind::Undo, &undo, b"sealed")
        .await
        .unwrap();
    marks.pin(&anne(), HOUR).await.unwrap();
    marks.add_event(&anne(), b"sealed").await.unwrap();
    let requests = world.place.requests();
    requests
        .push(Lane::Letters, b"sealed", Duration::ZERO)
        .await
        .unwrap();
    world.pass(Duration::from_secs(1)).await;
    let spent = request.token.clone();
    let before = redis.snapshot();
    spend(&world, &spent).await;
    let after = redis.snapshot();
    let code = ResetCode::mint(&world.keys, &request.nonce, &anne(), Channel::Mail);
    let text = spent.text().unwrap();
    for dump in [&before, &after] {
        let holds = |needle: &[u8]| dump.windows(needle.len()).any(|window| window == needle);
        assert!(holds(b"v1:z:{"), "the dump can be read");
        assert!(!holds(text.as_bytes()) && !holds(undo.expose().as_bytes()));
        assert!(!holds(code.expose().as_bytes()));
        for at in 0..text.len() - 9 {
            assert!(!holds(&text.as_bytes()[at..at + 10]), "ten symbols of a link");
        }
        assert!(!holds(&request.nonce), "what the link is made of");
    }
    // What the store calls the ticket by is no link either.
    let names = redis.cli(&["keys", "*v1:r:*"]);
    for name in names.split([':', '}', '\n']) {
        assert!(ResetToken::parse(name).is_none(), "{name}");
    }
}
