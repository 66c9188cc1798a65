//! The ticket store while Redis misbehaves: killed, frozen, slow, full, forgetful, misconfigured.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use mereau::base::clock::SystemClock;
use mereau::protocol::ticket_id::TicketKind;
use mereau::tickets::redis::{RedisOptions, Strictness};
use mereau::tickets::{Settlement, StoreError, Taken, TicketStore};

use crate::support::cluster::Cluster;
use crate::support::redis::Redis;
use crate::support::sentinel::{SERVICE, Sentinel};
use crate::support::wait::until_async;
use crate::tickets::{
    self, APP, HOUR, OTHER, World, account, anne, attempt, identity, is_whole, record, ticket, waiting,
};
use crate::tickets_redis::OnRedis;

/// Short enough for a test that lets one pass, long enough for an answer that is on its way.
const SHORT: Duration = Duration::from_millis(300);

/// Options with [`SHORT`] deadlines.
fn impatient(url: &str) -> RedisOptions {
    RedisOptions {
        read_deadline: SHORT,
        write_deadline: SHORT,
        patience: Duration::ZERO,
        ..RedisOptions::at(url)
    }
}

fn on(redis: &Redis) -> World {
    World::on(OnRedis::at(&redis.url(), vec![redis.port()]))
}

fn impatient_on(redis: &Redis) -> World {
    World::on(OnRedis::strictly(impatient(&redis.url()), vec![redis.port()]))
}

/// Waits until the store answers again.
async fn recovered(store: &Arc<dyn TicketStore>) {
    until_async("the store to recover", || async {
        store.ping().await.is_ok().then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_restarts_with_its_append_only_file_keeps_every_session() {
    // CAS-115, F-07
    let mut redis = Redis::start(&["--appendonly", "yes", "--appendfsync", "everysec"]);
    let world = on(&redis);
    let tgt = world.open(&anne()).await;
    let spent = world.grant(&tgt, &anne(), APP).await;
    let unused = world.grant(&tgt, &anne(), APP).await;
    assert!(is_whole(&world.take(&spent, APP).await));
    redis.kill();
    redis.restart();
    recovered(&world.tickets()).await;
    assert!(world.view(&tgt).await.is_some());
    assert_eq!(world.take(&spent, APP).await, Taken::Replayed);
    assert!(is_whole(&world.take(&unused, APP).await));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_is_gone_is_told_and_its_return_needs_nobody() {
    // F-01, F-05
    let mut redis = Redis::start(&[]);
    let world = on(&redis);
    let tgt = world.open(&anne()).await;
    redis.kill();
    for _ in 0..3 {
        let outcome = world.tickets().session(&tgt).await;
        assert!(matches!(outcome, Err(StoreError::Unreachable(_))), "{outcome:?}");
    }
    redis.restart();
    recovered(&world.tickets()).await;
    assert_eq!(world.view(&tgt).await, None, "it kept nothing: sign in again");
    world.open(&anne()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_may_start_before_its_redis() {
    // F-01
    let mut redis = Redis::start(&[]);
    redis.kill();
    let world = on(&redis);
    let outcome = world.tickets().ping().await;
    assert!(matches!(outcome, Err(StoreError::Unreachable(_))), "{outcome:?}");
    redis.restart();
    recovered(&world.tickets()).await;
    world.open(&anne()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frozen_redis_is_waited_for_only_until_the_deadline() {
    // F-10
    let redis = Redis::start(&[]);
    let world = impatient_on(&redis);
    let tgt = until_async("a session", || async {
        let (tgt, session) = (world.tgt(&anne()), world.session(&anne()));
        let opened = world.tickets().open(&tgt, session, &record("anne"), None).await;
        opened.is_ok().then_some(tgt)
    })
    .await;
    redis.stop();
    let outcome = world.tickets().session(&tgt).await;
    let told = matches!(
        outcome,
        Err(StoreError::TimedOut {
            operation: "session",
            milliseconds: 300
        })
    );
    assert!(told, "{outcome:?}");
    redis.cont();
    recovered(&world.tickets()).await;
    let view = until_async("the session", || async {
        world.tickets().session(&tgt).await.ok()
    })
    .await;
    assert!(view.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_too_many_wait_the_next_is_told_so_and_nothing_of_it_is_sent() {
    // F-10
    let redis = Redis::start(&[]);
    let options = RedisOptions {
        in_flight: 1,
        write_deadline: Duration::from_secs(30),
        ..impatient(&redis.url())
    };
    let world = World::on(OnRedis::strictly(options, vec![redis.port()]));
    recovered(&world.tickets()).await;
    redis.stop();
    let store = world.tickets();
    let ((), outcome) = tokio::join!(
        async {
            // It holds the only place until the server answers.
            world.open(&anne()).await;
        },
        async {
            let outcome = store.ping().await;
            redis.cont();
            outcome
        }
    );
    assert!(matches!(outcome, Err(StoreError::Crowded)), "{outcome:?}");
    recovered(&store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_take_whose_answer_was_lost_may_be_repeated() {
    // F-10, CAS-105
    let redis = Redis::start(&[]);
    let patient = OnRedis::at(&redis.url(), vec![redis.port()]);
    let hasty = patient.again(impatient(&redis.url()));
    let world = World::on(patient);
    let tgt = world.open(&anne()).await;
    let id = world.grant(&tgt, &anne(), APP).await;
    // The server has to know the script: otherwise it refuses, late, and does nothing.
    until_async("the hasty store", || async {
        let never = world.mint(TicketKind::Service, &anne());
        hasty.take(&never, &identity(APP), &attempt()).await.ok()
    })
    .await;
    let mine = attempt();
    assert_eq!(redis.cli(&["client", "pause", "60000", "write"]), "OK");
    let lost = hasty.take(&id, &identity(APP), &mine).await;
    assert!(matches!(lost, Err(StoreError::TimedOut { .. })), "{lost:?}");
    assert_eq!(redis.cli(&["client", "unpause"]), "OK");
    // It was executed, though nobody listened any more.
    until_async("the tombstone", || async {
        redis.cli(&["keys", "*:x"]).ends_with(":x").then_some(())
    })
    .await;
    assert!(is_whole(&world.take_as(&id, APP, &mine).await));
    assert_eq!(world.take(&id, APP).await, Taken::Replayed);
    assert_eq!(world.end(&tgt).await.unwrap().visits.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_take_whose_answer_is_late_is_asked_again_by_itself() {
    // F-10
    let redis = Redis::start(&[]);
    let options = RedisOptions {
        write_deadline: Duration::from_secs(3),
        ..RedisOptions::at(&redis.url())
    };
    let world = World::on(OnRedis::strictly(options, vec![redis.port()]));
    let tgt = world.open(&anne()).await;
    let id = world.grant(&tgt, &anne(), APP).await;
    let never = world.mint(TicketKind::Service, &anne());
    assert_eq!(world.take(&never, APP).await, Taken::Unknown);
    assert_eq!(redis.cli(&["client", "pause", "60000", "write"]), "OK");
    let store = world.tickets();
    let taking = tokio::spawn(async move { store.take(&id, &identity(APP), &attempt()).await });
    // The first call waits in the server; the second one comes behind it into the same buffer.
    until_async("the second call", || async {
        let clients = redis.cli(&["client", "list"]);
        let held = clients.lines().find(|client| client.contains("cmd=evalsha"))?;
        (!held.contains(" qbuf=0 ")).then_some(())
    })
    .await;
    assert_eq!(redis.cli(&["client", "unpause"]), "OK");
    let taken = taking.await.unwrap().unwrap();
    assert!(is_whole(&taken), "{taken:?}");
    assert_eq!(world.end(&tgt).await.unwrap().visits.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scripts_that_the_server_forgets_are_sent_again() {
    // F-11
    let redis = Redis::start(&[]);
    let world = Arc::new(on(&redis));
    let workers: Vec<_> = (0..4)
        .map(|worker| {
            let world = world.clone();
            tokio::spawn(async move {
                let account = account("univ", &worker.to_string());
                for _ in 0..40 {
                    let tgt = world.open(&account).await;
                    let id = world.grant(&tgt, &account, APP).await;
                    assert!(is_whole(&world.take(&id, APP).await));
                    assert!(world.end(&tgt).await.is_some());
                }
            })
        })
        .collect();
    for _ in 0..20 {
        assert_eq!(redis.cli(&["script", "flush"]), "OK");
    }
    for worker in workers {
        worker.await.unwrap();
    }
}

#[tokio::test(flavor = "current_thread")]
async fn calls_that_leave_together_get_each_their_own_answer_and_one_that_gives_up_stops_no_other() {
    // F-10, F-11
    let redis = Redis::start(&[]);
    let world = Arc::new(on(&redis));
    let mut tgts = Vec::new();
    for worker in 0..40 {
        let account = account("univ", &worker.to_string());
        tgts.push((world.open(&account).await, account));
    }
    assert_eq!(redis.cli(&["script", "flush"]), "OK");
    let store = world.tickets();
    // The first one asks, which is what the others' calls wait to leave with, and gives up at once.
    assert!(store.session(&tgts[0].0).now_or_never().is_none());
    let asked = tgts.iter().map(|(tgt, _)| store.session(tgt));
    let views = futures_util::future::join_all(asked).await;
    for (view, (_, account)) in views.into_iter().zip(&tgts) {
        assert_eq!(&view.unwrap().unwrap().session.account, account);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_redis_takes_no_sessions_but_validates_and_ends_them() {
    // F-08
    let redis = Redis::start(&[]);
    let world = on(&redis);
    let tgt = world.open(&anne()).await;
    let id = world.grant(&tgt, &anne(), APP).await;
    let mismatched = world.grant(&tgt, &anne(), OTHER).await;
    let bob = account("univ", "bob");
    let bobs = world.open(&bob).await;
    assert_eq!(redis.cli(&["config", "set", "maxmemory", "1kb"]), "OK");
    let store = world.tickets();
    let session = world.session(&anne());
    let opened = store
        .open(&world.tgt(&anne()), session, &record("anne"), None)
        .await;
    assert!(matches!(opened, Err(StoreError::Full)), "{opened:?}");
    let issued = ticket(APP);
    let granted = store.grant(&tgt, waiting(&world.tgt(&anne()), &issued)).await;
    assert!(matches!(granted, Err(StoreError::Full)), "{granted:?}");
    assert!(is_whole(&world.take(&id, APP).await));
    assert_eq!(world.take(&id, APP).await, Taken::Replayed);
    assert!(matches!(
        world.take(&mismatched, APP).await,
        Taken::OtherService(_)
    ));
    let key = mereau::tickets::CounterKey([7; 16]);
    let reservation = mereau::tickets::Reservation([7; 8]);
    let throttle = world.place.throttle();
    let failures = throttle
        .settle(&key, &tickets::throttle::RULE, reservation, Settlement::Failed)
        .await
        .unwrap();
    assert_eq!(failures, 1, "a failure is counted all the same");
    assert_eq!(world.end(&tgt).await.expect("it was there").visits.len(), 1);
    assert_eq!(store.end_all(&bob).await.unwrap().len(), 1);
    assert_eq!(world.view(&bobs).await, None);
    assert_eq!(redis.cli(&["config", "set", "maxmemory", "0"]), "OK");
    let anew = world.open(&bob).await;
    assert!(world.view(&anew).await.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_of_a_newer_version_is_absent_and_stays() {
    // F-32
    let redis = Redis::start(&[]);
    let world = on(&redis);
    let tgt = world.open(&anne()).await;
    let id = world.grant(&tgt, &anne(), APP).await;
    let all = |kind: &str| -> Vec<String> {
        let names = redis.cli(&["keys", &format!("*v1:{kind}:*")]);
        names.lines().map(str::to_owned).collect()
    };
    let version = |kind: &str, version: &str| {
        for name in all(kind) {
            let script = format!("return redis.call('SETRANGE', KEYS[1], 0, '\\{version}')");
            redis.cli(&["eval", &script, "1", &name]);
        }
    };
    version("t", "3");
    assert_eq!(world.view(&tgt).await, None);
    assert_eq!(world.take(&id, APP).await, Taken::Unknown);
    assert_eq!(world.end(&tgt).await, None);
    assert!(world.tickets().sessions_of(&anne()).await.unwrap().is_empty());
    version("t", "1");
    version("s", "3");
    version("a", "3");
    assert_eq!(world.take(&id, APP).await, Taken::Unknown);
    assert_eq!(world.tickets().account(&anne()).await.unwrap(), None);
    assert_eq!(world.view(&tgt).await.expect("known again").record_read_at, None);
    version("s", "1");
    version("a", "1");
    assert!(
        is_whole(&world.take(&id, APP).await),
        "nothing was deleted meanwhile"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_holds_no_ticket_that_opens_anything_and_nothing_for_ever() {
    // CAS-114
    let redis = Redis::start(&[]);
    let world = on(&redis);
    let tgt = world.open(&anne()).await;
    let unused = world.grant(&tgt, &anne(), APP).await;
    let spent = world.grant(&tgt, &anne(), APP).await;
    assert!(is_whole(&world.take(&spent, APP).await));
    let throttle = world.place.throttle();
    let key = mereau::tickets::CounterKey([7; 16]);
    throttle.count_network(&key, &key, true, HOUR).await.unwrap();
    world.tickets().spend_mark(&[9; 16], HOUR).await.unwrap();
    let everything = redis.cli(&[
        "eval",
        "local all = {}
         for _, name in ipairs(redis.call('KEYS', '*')) do
             if redis.call('PTTL', name) < 0 then return 'never expires: ' .. name end
             local kind = redis.call('TYPE', name).ok
             all[#all + 1] = name
             if kind == 'string' then all[#all + 1] = redis.call('GET', name)
             elseif kind == 'list' then all[#all + 1] = table.concat(redis.call('LRANGE', name, 0, -1))
             elseif kind == 'hash' then all[#all + 1] = table.concat(redis.call('HGETALL', name))
             elseif kind == 'zset' then all[#all + 1] = table.concat(redis.call('ZRANGE', name, 0, -1))
             else return 'a type nobody expects: ' .. kind end
         end
         return table.concat(all, '|')",
        "0",
    ]);
    assert!(
        everything.contains(spent.expose()),
        "the dump was not read: {everything}"
    );
    assert!(
        everything.contains("v1:t:") && everything.contains("v1:n:"),
        "{everything}"
    );
    for secret in [&tgt, &unused] {
        let random = &secret.expose()[4..];
        assert!(!everything.contains(random), "a usable ticket lies in Redis");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_start_sees_what_a_server_would_lose() {
    // F-03, F-07, F-09, SEC-27
    let redis = Redis::start(&["--appendonly", "yes"]);
    let place = OnRedis::at(&redis.url(), vec![redis.port()]);
    let findings = || async {
        let facts = place.store.facts(&SystemClock).await.unwrap();
        place.store.findings(&facts)
    };
    let first = findings().await;
    assert_eq!(first.len(), 1, "{first:?}");
    assert_eq!(first[0].strictness, Strictness::Warn);
    assert!(first[0].text.contains("conf/redis-user.conf"), "{first:?}");
    redis.cli(&["config", "set", "maxmemory-policy", "allkeys-lru"]);
    redis.cli(&["config", "set", "appendonly", "no"]);
    let found = findings().await;
    assert_eq!(found.len(), 3, "{found:?}");
    assert_eq!(found[0].strictness, Strictness::Refuse);
    assert!(found[0].text.contains("allkeys-lru"), "{found:?}");
    assert_eq!(found[1].strictness, Strictness::Warn);
    assert!(found[1].text.contains("appendonly yes"), "{found:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_outlive_the_death_of_a_primary_that_sentinels_watch() {
    // F-01, F-03, CAS-115
    let mut servers = Sentinel::start();
    let url = format!("redis-sentinel://127.0.0.1:{}/{SERVICE}", servers.port());
    let world = World::on(OnRedis::at(&url, vec![servers.replica.port()]));
    let tgt = world.open(&anne()).await;
    let id = world.grant(&tgt, &anne(), APP).await;
    let place = OnRedis::at(&url, Vec::new());
    let facts = place.store.facts(&SystemClock).await.unwrap();
    assert_eq!(facts[0].replicas, 1);
    let found = place.store.findings(&facts);
    let alone = found
        .iter()
        .any(|finding| finding.text.contains("min-replicas-to-write"));
    assert!(alone, "{found:?}");
    // The ticket was written last; what the replica has not read when its primary dies is lost.
    until_async("the replica to have the ticket", || async {
        let tickets = servers.replica.cli(&["keys", "*v1:s:*"]);
        (!tickets.is_empty()).then_some(())
    })
    .await;
    servers.primary.kill();
    let view = until_async("the replica to take over", || async {
        world.tickets().session(&tgt).await.ok()
    })
    .await;
    assert!(view.is_some(), "the session is on the new primary");
    let taken = until_async("the new primary to take writes", || async {
        let mine = attempt();
        world.tickets().take(&id, &identity(APP), &mine).await.ok()
    })
    .await;
    assert!(is_whole(&taken), "{taken:?}");
    assert_eq!(servers.primary_port(), Some(servers.replica.port()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_that_lost_a_node_is_told_and_its_return_needs_nobody() {
    // F-02
    let mut servers = Cluster::start();
    let url = format!("redis-cluster://{}", servers.addresses().join(","));
    let place = OnRedis::strictly(impatient(&url), Vec::new());
    let facts = until_async("the cluster's facts", || async {
        place.store.facts(&SystemClock).await.ok()
    })
    .await;
    assert_eq!(facts.len(), 3);
    assert!(
        facts
            .iter()
            .all(|node| node.version.starts_with(|c: char| c.is_ascii_digit()))
    );
    let world = World::on(place);
    let accounts: Vec<_> = (0..12).map(|n| account("univ", &n.to_string())).collect();
    let opened = |account| {
        let (tgt, session) = (world.tgt(account), world.session(account));
        let store = world.tickets();
        async move { store.open(&tgt, session, &record("x"), None).await.is_ok() }
    };
    servers.nodes[1].kill();
    let mut refused = 0;
    for account in &accounts {
        refused += u32::from(!opened(account).await);
    }
    assert!(refused > 0, "a third of the accounts has no home");
    servers.nodes[1].restart();
    for account in &accounts {
        until_async("the cluster to recover", || async {
            opened(account).await.then_some(())
        })
        .await;
    }
}
