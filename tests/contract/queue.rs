//! What every store's durable queues do: nothing that was pushed is lost before it is done.

use std::collections::BTreeSet;
use std::time::Duration;

use mereau::tickets::{LONGEST_ENTRY, Lane, Queued, StoreError};

use super::SECOND;
pub use super::World;

const LEASE: Duration = Duration::from_secs(30);

async fn push(world: &World, lane: Lane, sealed: &[u8]) {
    let queue = world.place.requests();
    queue.push(lane, sealed, Duration::ZERO).await.unwrap();
}

async fn take(world: &World, lane: Lane) -> Option<Queued> {
    world.place.requests().take(lane, "worker", LEASE).await.unwrap()
}

async fn depth(world: &World, lane: Lane) -> usize {
    world.place.requests().depth(lane).await.unwrap()
}

pub async fn what_is_pushed_is_taken_whole_and_once(world: World) {
    // SEC-02
    assert_eq!(take(&world, Lane::Recovery).await, None);
    let pushed: BTreeSet<Vec<u8>> = (0..40u8).map(|n| vec![n, 0, 255, b'\n']).collect();
    for sealed in &pushed {
        push(&world, Lane::Recovery, sealed).await;
        push(&world, Lane::Recovery, sealed).await;
    }
    assert_eq!(depth(&world, Lane::Recovery).await, 40, "repeated pushes are one");
    assert_eq!(depth(&world, Lane::Letters).await, 0);
    let mut taken = BTreeSet::new();
    let mut ids = Vec::new();
    while let Some(queued) = take(&world, Lane::Recovery).await {
        assert_eq!(queued.taken, 1);
        let age = world.place.now().since(queued.pushed_at);
        assert!(age < 600 * SECOND, "pushed {age:?} ago");
        assert!(taken.insert(queued.sealed), "taken twice");
        ids.push(queued.id);
    }
    assert_eq!(taken, pushed);
    assert_eq!(depth(&world, Lane::Recovery).await, 40, "held ones count");
    for id in ids {
        world.place.requests().done(&id).await.unwrap();
        world.place.requests().done(&id).await.unwrap();
    }
    assert_eq!(depth(&world, Lane::Recovery).await, 0);
    world.pass(LEASE).await;
    assert_eq!(take(&world, Lane::Recovery).await, None);
}

pub async fn an_entry_whose_worker_died_goes_to_another(world: World) {
    // F-22, SEC-25
    push(&world, Lane::Recovery, b"one").await;
    let first = take(&world, Lane::Recovery).await.unwrap();
    assert_eq!(take(&world, Lane::Recovery).await, None, "held");
    world.pass(LEASE).await;
    let second = take(&world, Lane::Recovery).await.unwrap();
    assert_eq!((second.taken, &second.sealed), (2, &first.sealed));
    let requests = world.place.requests();
    requests.later(&first.id, Duration::ZERO).await.unwrap();
    assert_eq!(
        take(&world, Lane::Recovery).await,
        None,
        "the late one cannot give it back"
    );
    requests.done(&first.id).await.unwrap();
    assert_eq!(depth(&world, Lane::Recovery).await, 0, "but may have done it");
}

pub async fn an_entry_put_off_waits_its_time(world: World) {
    // F-21, SEC-60
    push(&world, Lane::Letters, b"letter").await;
    let requests = world.place.requests();
    let first = take(&world, Lane::Letters).await.unwrap();
    requests.later(&first.id, 300 * SECOND).await.unwrap();
    world.pass(2 * LEASE).await;
    assert_eq!(
        take(&world, Lane::Letters).await,
        None,
        "its lease does not end the wait"
    );
    world.pass(300 * SECOND).await;
    let second = take(&world, Lane::Letters).await.unwrap();
    assert_eq!(second.sealed, b"letter");
    requests.later(&second.id, Duration::ZERO).await.unwrap();
    let third = take(&world, Lane::Letters).await.unwrap();
    assert_eq!(third.taken, 3);
    requests
        .push(Lane::Letters, b"tomorrow", 3600 * SECOND)
        .await
        .unwrap();
    assert_eq!(take(&world, Lane::Letters).await, None);
    world.pass(3600 * SECOND).await;
    let mut left = BTreeSet::new();
    while let Some(queued) = take(&world, Lane::Letters).await {
        left.insert(queued.sealed);
    }
    assert_eq!(left, BTreeSet::from([b"letter".to_vec(), b"tomorrow".to_vec()]));
}

pub async fn an_entry_says_how_often_it_was_left_lying(world: World) {
    // F-22, F-30
    push(&world, Lane::Recovery, b"poison").await;
    let requests = world.place.requests();
    for lapsed in 0..3 {
        let held = take(&world, Lane::Recovery).await.unwrap();
        assert_eq!((held.lapsed, held.taken), (lapsed, lapsed + 1));
        world.pass(LEASE).await;
    }
    let fourth = take(&world, Lane::Recovery).await.unwrap();
    assert_eq!(fourth.lapsed, 3);
    requests.later(&fourth.id, Duration::ZERO).await.unwrap();
    let fifth = take(&world, Lane::Recovery).await.unwrap();
    assert_eq!(
        (fifth.lapsed, fifth.taken),
        (3, 5),
        "given back is not left lying"
    );
    assert_eq!(fifth.sealed, b"poison");
}

pub async fn many_workers_share_a_lane_without_taking_anything_twice(world: World) {
    // SEC-02, F-22
    for n in 0..100u32 {
        push(&world, Lane::Recovery, &n.to_be_bytes()).await;
    }
    let workers: Vec<_> = (0..8)
        .map(|worker| {
            let requests = world.place.requests();
            tokio::spawn(async move {
                let mut taken = Vec::new();
                let name = format!("worker-{worker}");
                while let Some(queued) = requests.take(Lane::Recovery, &name, LEASE).await.unwrap() {
                    requests.done(&queued.id).await.unwrap();
                    taken.push(queued.sealed);
                }
                taken
            })
        })
        .collect();
    let mut all = Vec::new();
    for worker in workers {
        all.extend(worker.await.unwrap());
    }
    all.sort();
    let expected: Vec<_> = (0..100u32).map(|n| n.to_be_bytes().to_vec()).collect();
    assert_eq!(all, expected);
    assert_eq!(depth(&world, Lane::Recovery).await, 0);
}

pub async fn an_entry_of_any_size_within_the_bound_is_kept(world: World) {
    // SEC-02
    let requests = world.place.requests();
    let longest = vec![7; LONGEST_ENTRY];
    push(&world, Lane::Letters, &longest).await;
    assert_eq!(take(&world, Lane::Letters).await.unwrap().sealed, longest);
    let longer = vec![7; LONGEST_ENTRY + 1];
    let refused = requests.push(Lane::Letters, &longer, Duration::ZERO).await;
    assert!(matches!(refused, Err(StoreError::Answered { .. })), "{refused:?}");
}

pub async fn a_lane_is_looked_through_without_taking_anything(world: World) {
    // F-31
    let requests = world.place.requests();
    for n in 0..20u8 {
        let delay = Duration::from_secs(u64::from(n) * 3600);
        requests.push(Lane::DeadLogouts, &[n, 7], delay).await.unwrap();
    }
    push(&world, Lane::Logouts, b"another lane").await;
    let held = take(&world, Lane::DeadLogouts).await.unwrap();
    let listed = requests.list(Lane::DeadLogouts, 1000).await.unwrap();
    let seen: BTreeSet<Vec<u8>> = listed.iter().map(|one| one.sealed.clone()).collect();
    assert_eq!(seen, (0..20u8).map(|n| vec![n, 7]).collect());
    assert!(
        listed
            .iter()
            .all(|one| world.place.now().since(one.pushed_at) < 600 * SECOND)
    );
    let few = requests.list(Lane::DeadLogouts, 4).await.unwrap();
    assert!((1..=8).contains(&few.len()), "{}", few.len());
    assert_eq!(depth(&world, Lane::DeadLogouts).await, 20);
    let other = listed.iter().find(|one| one.sealed != held.sealed).unwrap();
    requests.done(&other.id).await.unwrap();
    assert_eq!(depth(&world, Lane::DeadLogouts).await, 19);
    let left = requests.list(Lane::DeadLogouts, 1000).await.unwrap();
    assert!(left.iter().all(|one| one.sealed != other.sealed));
}

pub async fn how_late_a_lane_is_can_be_asked(world: World) {
    // F-31
    let requests = world.place.requests();
    assert_eq!(requests.lag(Lane::Logouts).await.unwrap(), Duration::ZERO);
    requests.push(Lane::Logouts, b"soon", 10 * SECOND).await.unwrap();
    assert_eq!(requests.lag(Lane::Logouts).await.unwrap(), Duration::ZERO);
    world.pass(70 * SECOND).await;
    let late = requests.lag(Lane::Logouts).await.unwrap();
    assert!((59 * SECOND..300 * SECOND).contains(&late), "{late:?}");
    let held = take(&world, Lane::Logouts).await.unwrap();
    assert_eq!(
        requests.lag(Lane::Logouts).await.unwrap(),
        Duration::ZERO,
        "in hand"
    );
    requests.done(&held.id).await.unwrap();
    assert_eq!(requests.lag(Lane::Logouts).await.unwrap(), Duration::ZERO);
}
