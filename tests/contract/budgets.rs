//! What every store's budgets and marks do.

use std::time::Duration;

use mereau::base::entropy::OsEntropy;
use mereau::tickets::limits::TOMBSTONE;
use mereau::tickets::{
    BudgetKey, BudgetOf, BudgetRule, DEVICES_LIFE, EVENTS_KEPT, EVENTS_LIFE, LONGEST_EVENT, PendingKind,
    PendingToken,
};

pub use super::World;
use super::{HOUR, SECOND, account, anne, attempt};

const TEN_MINUTES: Duration = Duration::from_secs(600);
const DAY: Duration = Duration::from_secs(86_400);

const MAILS: [BudgetRule; 2] = [
    BudgetRule {
        limit: 3,
        window: HOUR,
    },
    BudgetRule {
        limit: 6,
        window: DAY,
    },
];

fn key(world: &World, of: BudgetOf, name: &str) -> BudgetKey {
    BudgetKey::of(&world.keys, of, "mail", &[b"univ", name.as_bytes()])
}

async fn spend(world: &World, key: &BudgetKey, times: usize) -> usize {
    let budgets = world.place.budgets();
    let mut granted = 0;
    for _ in 0..times {
        let would = budgets.would_allow(key, &MAILS).await.unwrap();
        let spent = budgets.spend(key, &MAILS).await.unwrap();
        assert_eq!(would, spent);
        granted += usize::from(spent);
    }
    granted
}

pub async fn a_budget_holds_at_its_edge_in_every_window(world: World) {
    // SEC-61, SEC-62
    let annes = key(&world, BudgetOf::Account, "anne");
    assert_eq!(spend(&world, &annes, 3).await, 3);
    assert_eq!(spend(&world, &annes, 10).await, 0, "three an hour");
    let bobs = key(&world, BudgetOf::Account, "bob");
    let mailbox = key(&world, BudgetOf::Mailbox, "anne");
    assert_eq!(spend(&world, &bobs, 1).await, 1);
    assert_eq!(spend(&world, &mailbox, 1).await, 1);
    world.pass(HOUR).await;
    assert_eq!(
        spend(&world, &annes, 4).await,
        3,
        "what was refused cost nothing of the day"
    );
    world.pass(HOUR).await;
    assert_eq!(spend(&world, &annes, 1).await, 0, "six a day");
    world.pass(22 * HOUR).await;
    assert_eq!(spend(&world, &annes, 4).await, 3);
}

pub async fn a_burst_takes_no_more_than_the_budget(world: World) {
    // SEC-61
    let all = key(&world, BudgetOf::Global, "");
    let rules = [BudgetRule {
        limit: 20,
        window: HOUR,
    }];
    let tries: Vec<_> = (0..64)
        .map(|_| {
            let budgets = world.place.budgets();
            tokio::spawn(async move { budgets.spend(&all, &rules).await.unwrap() })
        })
        .collect();
    let mut granted = 0;
    for one in tries {
        granted += u32::from(one.await.unwrap());
    }
    assert_eq!(granted, 20);
}

pub async fn a_closed_account_stays_closed_until_it_is_opened(world: World) {
    // SEC-58
    let marks = world.place.marks();
    assert!(!marks.is_closed(&anne()).await.unwrap());
    assert!(!marks.reopen(&anne()).await.unwrap());
    marks.close(&anne()).await.unwrap();
    marks.close(&anne()).await.unwrap();
    world.pass(30 * 86_400 * SECOND).await;
    assert!(marks.is_closed(&anne()).await.unwrap());
    assert!(!marks.is_closed(&account("ent", &anne().person.0)).await.unwrap());
    assert!(!marks.of(&anne()).await.unwrap().pinned, "another mark");
    assert!(marks.reopen(&anne()).await.unwrap());
    assert!(!marks.is_closed(&anne()).await.unwrap());
}

pub async fn an_account_is_pinned_for_a_while(world: World) {
    // F-18
    let marks = world.place.marks();
    assert!(!marks.of(&anne()).await.unwrap().pinned);
    marks.pin(&anne(), 300 * SECOND).await.unwrap();
    assert!(marks.of(&anne()).await.unwrap().pinned);
    assert!(!marks.of(&account("ent", &anne().person.0)).await.unwrap().pinned);
    world.pass(300 * SECOND).await;
    assert!(!marks.of(&anne()).await.unwrap().pinned);
}

pub async fn devices_are_known_until_everything_of_the_account_ends(world: World) {
    // SEC-54
    let (marks, record) = (world.place.marks(), super::record("anne"));
    let known = || async { marks.of(&anne()).await.unwrap().devices };
    assert_eq!(known().await, None, "nobody signed in yet");
    let (first, second) = (world.tgt(&anne()), world.tgt(&anne()));
    let open = |tgt| {
        let (tickets, record, session) = (world.tickets(), &record, world.session(&anne()));
        async move { tickets.open(tgt, session, record, None).await.unwrap() }
    };
    let epoch = open(&first).await;
    assert_eq!(known().await, Some(epoch));
    assert_eq!(open(&second).await, epoch, "one for all devices of the account");
    world.tickets().end(&first).await.unwrap();
    assert_eq!(known().await, Some(epoch), "a sign-out ends none");
    world.open(&account("ent", &anne().person.0)).await;
    assert_eq!(known().await, Some(epoch));
    world.tickets().end_all(&anne()).await.unwrap();
    assert_eq!(known().await, None);
    assert_ne!(open(&world.tgt(&anne())).await, epoch);
    world.pass(DEVICES_LIFE).await;
    assert_eq!(known().await, None);
}

pub async fn an_account_remembers_its_latest_events(world: World) {
    // SEC-58
    let marks = world.place.marks();
    assert!(marks.events(&anne()).await.unwrap().is_empty());
    for n in 0..EVENTS_KEPT + 5 {
        marks
            .add_event(&anne(), format!("event {n}").as_bytes())
            .await
            .unwrap();
    }
    let events = marks.events(&anne()).await.unwrap();
    assert_eq!(events.len(), EVENTS_KEPT);
    assert_eq!(events[0], format!("event {}", EVENTS_KEPT + 4).as_bytes());
    assert_eq!(events[EVENTS_KEPT - 1], b"event 5");
    assert!(marks.events(&account("univ", "bob")).await.unwrap().is_empty());
    assert!(marks.add_event(&anne(), &[0; LONGEST_EVENT + 1]).await.is_err());
    world.pass(EVENTS_LIFE).await;
    assert!(marks.events(&anne()).await.unwrap().is_empty());
}

pub async fn a_pending_change_is_taken_once_and_in_its_time(world: World) {
    // SEC-15, SEC-35
    let marks = world.place.marks();
    for (kind, other, life) in [
        (PendingKind::Confirmation, PendingKind::Undo, DAY),
        (PendingKind::Digits, PendingKind::Undo, TEN_MINUTES),
        (PendingKind::Undo, PendingKind::Confirmation, 3 * DAY),
        (PendingKind::Revocation, PendingKind::Undo, DAY),
        (PendingKind::Way, PendingKind::Revocation, DAY),
    ] {
        let token = PendingToken::draw(&OsEntropy);
        marks.keep_pending(kind, &token, b"\0sealed\xff").await.unwrap();
        for _ in 0..10 {
            let seen = marks.pending(kind, &token).await.unwrap();
            assert_eq!(seen.as_deref(), Some(&b"\0sealed\xff"[..]));
        }
        assert_eq!(marks.pending(other, &token).await.unwrap(), None);
        assert_eq!(marks.take_pending(other, &token, &attempt()).await.unwrap(), None);
        let takers: Vec<_> = (0..20)
            .map(|_| {
                let (marks, token, mine) = (world.place.marks(), token.clone(), attempt());
                tokio::spawn(async move {
                    let first = marks.take_pending(kind, &token, &mine).await.unwrap();
                    let again = marks.take_pending(kind, &token, &mine).await.unwrap();
                    assert_eq!(first, again, "a repeated attempt gets its answer again");
                    first
                })
            })
            .collect();
        let mut got = Vec::new();
        for taker in takers {
            got.extend(taker.await.unwrap());
        }
        assert_eq!(got, [b"\0sealed\xff".to_vec()]);
        world.pass(TOMBSTONE).await;
        assert_eq!(marks.take_pending(kind, &token, &attempt()).await.unwrap(), None);
        marks.keep_pending(kind, &token, b"late").await.unwrap();
        let last = HOUR.min(life / 2);
        world.pass(life - last).await;
        assert!(marks.pending(kind, &token).await.unwrap().is_some());
        world.pass(last).await;
        assert_eq!(marks.take_pending(kind, &token, &attempt()).await.unwrap(), None);
    }
}
