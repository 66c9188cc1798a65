//! What every store's throttle counters do.

use std::time::Duration;

use mereau::base::entropy::{Entropy, OsEntropy};
use mereau::tickets::{CounterKey, NetworkCount, Reservation, Reserved, Settlement, Throttle, ThrottleRule};

pub use super::World;
use super::{SECOND, attempt};

pub const RULE: ThrottleRule = ThrottleRule {
    free: 5,
    first_delay: SECOND,
    longest_delay: Duration::from_secs(900),
    memory: Duration::from_secs(3600),
    in_flight: 4,
    stop_at: u32::MAX,
    lease: Duration::from_secs(10),
};

fn key() -> CounterKey {
    CounterKey(attempt())
}

fn reservation() -> Reservation {
    Reservation(OsEntropy.bytes())
}

async fn reserve(throttle: &dyn Throttle, key: &CounterKey, rule: &ThrottleRule) -> (Reservation, Reserved) {
    let reservation = reservation();
    let reserved = throttle.reserve(key, rule, reservation).await.unwrap();
    (reservation, reserved)
}

/// Counts a failure whether or not the delay would have allowed the try.
async fn fail(throttle: &dyn Throttle, key: &CounterKey, rule: &ThrottleRule) -> u32 {
    throttle
        .settle(key, rule, reservation(), Settlement::Failed)
        .await
        .unwrap()
}

pub async fn some_failures_are_free_and_then_the_delay_doubles(world: World) {
    // T-59
    let (throttle, key) = (world.place.throttle(), key());
    for so_far in 0..RULE.free {
        let (held, reserved) = reserve(&*throttle, &key, &RULE).await;
        assert_eq!(reserved, Reserved::Go { failures: so_far });
        let failures = throttle
            .settle(&key, &RULE, held, Settlement::Failed)
            .await
            .unwrap();
        assert_eq!(failures, so_far + 1);
    }
    let (held, reserved) = reserve(&*throttle, &key, &RULE).await;
    assert_eq!(reserved, Reserved::Go { failures: RULE.free });
    throttle
        .settle(&key, &RULE, held, Settlement::Void)
        .await
        .unwrap();
    for seconds in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900] {
        fail(&*throttle, &key, &RULE).await;
        let whole = Duration::from_secs(seconds);
        match reserve(&*throttle, &key, &RULE).await.1 {
            Reserved::Wait(left) => {
                assert!(left <= whole, "{left:?} of {whole:?}");
                assert!(seconds <= 4 || left > whole / 2, "{left:?} of {whole:?}");
            }
            // On a machine so slow that the shortest delays are over.
            other => assert!(seconds <= 4, "{other:?} after {seconds} s"),
        }
    }
    let (_, elsewhere) = reserve(&*throttle, &self::key(), &RULE).await;
    assert_eq!(elsewhere, Reserved::Go { failures: 0 });
}

pub async fn a_delay_ends(world: World) {
    // T-59
    let (throttle, key) = (world.place.throttle(), key());
    let rule = ThrottleRule {
        free: 0,
        first_delay: Duration::from_millis(300),
        ..RULE
    };
    fail(&*throttle, &key, &rule).await;
    loop {
        match reserve(&*throttle, &key, &rule).await.1 {
            Reserved::Wait(left) => {
                assert!(left <= rule.first_delay && left > Duration::ZERO);
                world.place.moment().await;
            }
            other => {
                assert_eq!(other, Reserved::Go { failures: 1 });
                break;
            }
        }
    }
}

pub async fn a_right_password_forgets_the_failures(world: World) {
    // T-59
    let (throttle, key) = (world.place.throttle(), key());
    let (held, _) = reserve(&*throttle, &key, &RULE).await;
    for _ in 0..8 {
        fail(&*throttle, &key, &RULE).await;
    }
    let stand = throttle
        .settle(&key, &RULE, held, Settlement::Succeeded)
        .await
        .unwrap();
    assert_eq!(stand, 0);
    let (_, reserved) = reserve(&*throttle, &key, &RULE).await;
    assert_eq!(reserved, Reserved::Go { failures: 0 });
}

pub async fn a_directory_s_lock_is_stayed_below_until_all_is_forgotten(world: World) {
    // T-61
    let (throttle, key) = (world.place.throttle(), key());
    let rule = ThrottleRule {
        free: 1,
        first_delay: Duration::ZERO,
        stop_at: 3,
        ..RULE
    };
    for _ in 0..3 {
        fail(&*throttle, &key, &rule).await;
    }
    let (_, reserved) = reserve(&*throttle, &key, &rule).await;
    assert!(
        matches!(reserved, Reserved::Wait(left) if left > Duration::from_secs(3000)),
        "{reserved:?}"
    );
}

pub async fn failures_are_forgotten_after_a_while(world: World) {
    // T-59
    let (throttle, key) = (world.place.throttle(), key());
    for _ in 0..12 {
        fail(&*throttle, &key, &RULE).await;
    }
    world.pass(RULE.memory).await;
    let (_, reserved) = reserve(&*throttle, &key, &RULE).await;
    assert_eq!(reserved, Reserved::Go { failures: 0 });
}

pub async fn parallel_tries_cannot_outrun_the_counter(world: World) {
    // T-55, T-61
    let key = key();
    let tries: Vec<_> = (0..50)
        .map(|_| {
            let throttle = world.place.throttle();
            tokio::spawn(async move { reserve(&*throttle, &key, &RULE).await })
        })
        .collect();
    let mut held = Vec::new();
    for one in tries {
        match one.await.unwrap() {
            (reservation, Reserved::Go { failures: 0 }) => held.push(reservation),
            (_, other) => assert_eq!(other, Reserved::Busy),
        }
    }
    assert_eq!(held.len(), 4, "as many as the rule lets be under way");
    let throttle = world.place.throttle();
    let again = throttle.reserve(&key, &RULE, held[0]).await.unwrap();
    assert_eq!(again, Reserved::Go { failures: 0 }, "asked twice, reserved once");
    for reservation in &held[..2] {
        throttle
            .settle(&key, &RULE, *reservation, Settlement::Failed)
            .await
            .unwrap();
    }
    assert_eq!(reserve(&*throttle, &key, &RULE).await.1, Reserved::Busy);
    throttle
        .settle(&key, &RULE, held[2], Settlement::Void)
        .await
        .unwrap();
    let (_, one_more) = reserve(&*throttle, &key, &RULE).await;
    assert_eq!(one_more, Reserved::Go { failures: 2 });
}

pub async fn a_try_that_is_never_settled_counts_only_for_its_lease(world: World) {
    // T-61
    let (throttle, key) = (world.place.throttle(), key());
    let rule = ThrottleRule {
        in_flight: 1,
        lease: Duration::from_millis(300),
        ..RULE
    };
    let (lost, first) = reserve(&*throttle, &key, &rule).await;
    assert_eq!(first, Reserved::Go { failures: 0 });
    while reserve(&*throttle, &key, &rule).await.1 == Reserved::Busy {
        world.place.moment().await;
    }
    let failures = throttle
        .settle(&key, &rule, lost, Settlement::Failed)
        .await
        .unwrap();
    assert_eq!(failures, 1, "a failure counts, late as it is");
}

pub async fn what_was_no_try_does_not_count(world: World) {
    // T-56
    let (throttle, key) = (world.place.throttle(), key());
    fail(&*throttle, &key, &RULE).await;
    for _ in 0..10 {
        let (held, reserved) = reserve(&*throttle, &key, &RULE).await;
        assert_eq!(reserved, Reserved::Go { failures: 1 });
        let stand = throttle
            .settle(&key, &RULE, held, Settlement::Void)
            .await
            .unwrap();
        assert_eq!(stand, 1);
    }
}

pub async fn a_network_is_counted_within_its_window(world: World) {
    // T-57, T-58
    let (throttle, network) = (world.place.throttle(), key());
    let window = 600 * SECOND;
    let names: Vec<CounterKey> = (0..60).map(|_| key()).collect();
    assert_eq!(throttle.network(&network).await.unwrap(), NetworkCount::default());
    for name in names.iter().chain(&names) {
        throttle
            .count_network(&network, name, true, window)
            .await
            .unwrap();
    }
    let with_success = throttle
        .count_network(&network, &key(), false, window)
        .await
        .unwrap();
    assert_eq!(throttle.network(&network).await.unwrap(), with_success);
    assert_eq!((with_success.successes, with_success.failures), (1, 120));
    let distinct = with_success.distinct_failing;
    assert!((57..=63).contains(&distinct), "{distinct} of 60 names");
    world.pass(window).await;
    assert_eq!(throttle.network(&network).await.unwrap(), NetworkCount::default());
}
