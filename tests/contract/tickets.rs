//! What every ticket store does, whatever it is made of. A suite names its place and its cases come
//! as tests of their own: `contract!(place)`.
#![allow(dead_code, reason = "a suite may run a part of the cases")]

use mereau::base::clock::Timestamp;
use mereau::base::names::ServiceId;
use mereau::protocol::ticket_id::TicketKind;
use mereau::tickets::limits::{LOOP_BOUND, LOOP_WINDOW, TOMBSTONE, VISITS_KEPT};
use mereau::tickets::{AccountRecord, Granted, Session, Taken, Visit};

#[path = "budgets.rs"]
pub mod budgets;
#[path = "cases.rs"]
mod cases;
#[path = "challenges.rs"]
pub mod challenges;
#[path = "epochs.rs"]
pub mod epochs;
#[path = "farewells.rs"]
pub mod farewells;
#[path = "indexed.rs"]
pub mod indexed;
#[path = "mints.rs"]
pub mod mints;
#[path = "model.rs"]
pub mod model;
#[path = "nodes.rs"]
pub mod nodes;
#[path = "proxy.rs"]
pub mod proxy;
#[path = "queue.rs"]
pub mod queue;
#[path = "reset.rs"]
pub mod reset;
#[path = "throttle.rs"]
pub mod throttle;
#[path = "upstream.rs"]
pub mod upstream;
#[path = "visits.rs"]
pub mod visits;
#[path = "world.rs"]
mod world;

pub use world::*;

pub async fn a_session_is_read_back_as_it_was_opened(world: World) {
    // CAS-112
    let session = world.session(&anne());
    let tgt = world.open_as(session.clone()).await;
    let view = world.view(&tgt).await.expect("a live session");
    assert_eq!(view.session, session);
    assert_eq!(view.record_read_at, Some(Timestamp(1_795_000_000_000)));
    let age = world.place.now().since(view.last_used);
    assert!(
        age < 600 * SECOND,
        "the last use lies {age:?} back, or clocks differ"
    );
    assert_eq!(world.view(&world.tgt(&anne())).await, None);
}

pub async fn a_ticket_that_comes_with_the_session_is_good(world: World) {
    // CAS-105
    let account = anne();
    let (tgt, id) = (world.tgt(&account), world.mint(TicketKind::Service, &account));
    let ticket = ticket(APP);
    let session = world.session(&account);
    world
        .tickets()
        .open(
            &tgt,
            session.clone(),
            &record("anne"),
            Some(waiting(&id, &ticket)),
        )
        .await
        .unwrap();
    let Taken::Whole(taken) = world.take(&id, APP).await else {
        panic!("the ticket is not whole")
    };
    assert_eq!(taken.ticket, ticket);
    assert_eq!(taken.session, session);
    assert_eq!(taken.record, Some(record("anne")));
}

pub async fn parallel_sign_ons_get_a_ticket_each(world: World) {
    // CAS-64
    let account = anne();
    let tgt = world.open(&account).await;
    let (first, second) = tokio::join!(world.grant(&tgt, &account, APP), world.grant(&tgt, &account, APP));
    assert!(first != second);
    assert!(is_whole(&world.take(&first, APP).await));
    assert!(is_whole(&world.take(&second, APP).await));
}

pub async fn a_ticket_taken_by_200_at_once_is_given_to_one(world: World) {
    // CAS-105, CAS-106, T-21
    let tgt = world.open(&anne()).await;
    let id = world.grant(&tgt, &anne(), APP).await;
    let takers: Vec<_> = (0..200)
        .map(|_| {
            let (store, id) = (world.tickets(), id.clone());
            tokio::spawn(async move { store.take(&id, &identity(APP), &attempt()).await.unwrap() })
        })
        .collect();
    let mut whole = 0;
    for taker in takers {
        match taker.await.unwrap() {
            Taken::Whole(_) => whole += 1,
            other => assert_eq!(other, Taken::Replayed),
        }
    }
    assert_eq!(whole, 1);
    assert_eq!(world.end(&tgt).await.unwrap().visits.len(), 1);
}

pub async fn a_repeated_attempt_gets_its_answer_again(world: World) {
    // F-10
    let tgt = world.open(&anne()).await;
    let id = world.grant(&tgt, &anne(), APP).await;
    let mine = attempt();
    let first = world.take_as(&id, APP, &mine).await;
    assert!(is_whole(&first));
    assert_eq!(world.take_as(&id, APP, &mine).await, first);
    assert_eq!(world.take(&id, APP).await, Taken::Replayed);
    assert_eq!(world.take_as(&id, APP, &mine).await, first);
    let ended = world.end(&tgt).await.unwrap();
    assert_eq!(ended.visits.len(), 1, "one visit, however often it was asked");
}

pub async fn a_ticket_for_another_service_is_burnt(world: World) {
    // CAS-105, CAS-109, CAS-152, T-22
    let tgt = world.open(&anne()).await;
    let id = world.grant(&tgt, &anne(), APP).await;
    let mine = attempt();
    let refused = Taken::OtherService(Box::new(ticket(APP)));
    assert_eq!(world.take_as(&id, OTHER, &mine).await, refused);
    assert_eq!(world.take_as(&id, OTHER, &mine).await, refused);
    assert_eq!(world.take(&id, APP).await, Taken::Replayed);
    assert_eq!(world.end(&tgt).await.unwrap().visits, []);
}

pub async fn a_ticket_waits_its_time_and_no_longer(world: World) {
    // CAS-107, CAS-108, CAS-326
    let tgt = world.open(&anne()).await;
    let early = world.grant(&tgt, &anne(), APP).await;
    let late = world.grant(&tgt, &anne(), APP).await;
    world.pass(20 * SECOND).await;
    assert!(is_whole(&world.take(&early, APP).await));
    world.pass(10 * SECOND).await;
    assert_eq!(world.take(&late, APP).await, Taken::Unknown);
    let never = world.mint(TicketKind::Service, &anne());
    assert_eq!(world.take(&never, APP).await, Taken::Unknown);
}

pub async fn a_spent_ticket_is_forgotten_and_stays_spent(world: World) {
    // CAS-105, CAS-108, T-23
    let tgt = world.open(&anne()).await;
    let id = world.grant(&tgt, &anne(), APP).await;
    assert!(is_whole(&world.take(&id, APP).await));
    assert_eq!(world.take(&id, APP).await, Taken::Replayed);
    world.pass(TOMBSTONE).await;
    assert_eq!(world.take(&id, APP).await, Taken::Unknown);
}

pub async fn the_end_of_a_session_takes_its_tickets_with_it(world: World) {
    // CAS-113
    let tgt = world.open(&anne()).await;
    let visited = world.grant(&tgt, &anne(), OTHER).await;
    assert!(is_whole(&world.take(&visited, OTHER).await));
    let unused = world.grant(&tgt, &anne(), APP).await;
    let ended = world.end(&tgt).await.expect("it was there");
    assert_eq!(ended.session.account, anne());
    assert_eq!(ended.record, Some(record("7c1e1f60-anne")));
    let visit = Visit {
        ticket: visited.expose().to_owned(),
        service: ServiceId::new("notes").unwrap(),
        url: OTHER.to_owned(),
    };
    assert_eq!(ended.visits, [visit]);
    assert_eq!(world.take(&unused, APP).await, Taken::Unknown);
    assert_eq!(world.view(&tgt).await, None);
    assert_eq!(world.end(&tgt).await, None);
    let another = world.mint(TicketKind::Service, &anne());
    assert_eq!(world.try_grant(&tgt, &another, APP).await, Granted::NoSession);
    assert_eq!(world.take(&another, APP).await, Taken::Unknown);
    assert_eq!(world.tickets().account(&anne()).await.unwrap(), None);
}

pub async fn ending_an_account_ends_every_session_of_it_and_no_other(world: World) {
    // CAS-113
    let bob = account("univ", "bob");
    let (first, second) = (world.open(&anne()).await, world.open(&anne()).await);
    let others = world.open(&bob).await;
    let used = world.grant(&first, &anne(), APP).await;
    assert!(is_whole(&world.take(&used, APP).await));
    let unused = world.grant(&second, &anne(), APP).await;
    let ended = world.tickets().end_all(&anne()).await.unwrap();
    let mut visits: Vec<usize> = ended.iter().map(|ended| ended.visits.len()).collect();
    visits.sort_unstable();
    assert_eq!(visits, [0, 1]);
    assert!(ended.iter().all(|ended| ended.record.is_some()));
    assert_eq!(world.view(&first).await, None);
    assert_eq!(world.view(&second).await, None);
    assert_eq!(world.take(&unused, APP).await, Taken::Unknown);
    assert!(world.tickets().sessions_of(&anne()).await.unwrap().is_empty());
    assert_eq!(world.tickets().end_all(&anne()).await.unwrap(), []);
    assert!(world.view(&others).await.is_some());
    let anew = world.open(&anne()).await;
    let good = world.grant(&anew, &anne(), APP).await;
    assert!(is_whole(&world.take(&good, APP).await));
}

pub async fn a_session_dies_when_nobody_uses_it(world: World) {
    // CAS-112
    let tgt = world.open(&anne()).await;
    world.pass(HOUR).await;
    let good = world.grant(&tgt, &anne(), APP).await;
    assert!(is_whole(&world.take(&good, APP).await));
    world.pass(HOUR + HOUR / 2).await;
    assert!(world.view(&tgt).await.is_some(), "the grant has slid it");
    world.pass(HOUR / 2).await;
    assert_eq!(world.view(&tgt).await, None, "looking slides nothing");
    let late = world.mint(TicketKind::Service, &anne());
    assert_eq!(world.try_grant(&tgt, &late, APP).await, Granted::NoSession);
    assert!(world.tickets().sessions_of(&anne()).await.unwrap().is_empty());
}

pub async fn no_use_carries_a_session_beyond_its_hard_expiry(world: World) {
    // CAS-112
    let session = Session {
        hard_expiry: world.place.now().plus(HOUR),
        ..world.session(&anne())
    };
    let tgt = world.open_as(session).await;
    let id = world.grant(&tgt, &anne(), APP).await;
    world.pass(20 * SECOND).await;
    assert!(world.view(&tgt).await.is_some());
    assert!(is_whole(&world.take(&id, APP).await));
    world.pass(HOUR).await;
    assert_eq!(world.view(&tgt).await, None);
    let over = Session {
        hard_expiry: world.place.now(),
        ..world.session(&anne())
    };
    let tgt = world.open_as(over).await;
    assert_eq!(world.view(&tgt).await, None);
}

pub async fn a_remembered_session_lives_for_weeks(world: World) {
    // CAS-112
    let session = Session {
        idle: 720 * HOUR,
        hard_expiry: world.place.now().plus(720 * HOUR),
        remembered: true,
        ..world.session(&anne())
    };
    let tgt = world.open_as(session).await;
    let short = world.open(&anne()).await;
    world.pass(700 * HOUR).await;
    assert!(world.view(&tgt).await.is_some_and(|view| view.session.remembered));
    assert_eq!(world.view(&short).await, None);
    let id = world.grant(&tgt, &anne(), APP).await;
    let Taken::Whole(taken) = world.take(&id, APP).await else {
        panic!("the ticket is not whole")
    };
    assert!(taken.record.is_some(), "the record lives as long as the session");
}

pub async fn an_unused_ticket_dies_with_its_idle_session(world: World) {
    // CAS-113
    let session = Session {
        idle: 10 * SECOND,
        ..world.session(&anne())
    };
    let tgt = world.open_as(session).await;
    let id = world.grant(&tgt, &anne(), APP).await;
    world.pass(10 * SECOND).await;
    assert_eq!(world.take(&id, APP).await, Taken::Unknown);
}

pub async fn a_session_remembers_its_last_hundred_visits(world: World) {
    // CAS-113
    let tgt = world.open(&anne()).await;
    let mut shown = Vec::new();
    for n in 0..VISITS_KEPT + 5 {
        let url = format!("https://app.univ-exemple.fr/{n}");
        let id = world.grant(&tgt, &anne(), &url).await;
        assert!(is_whole(&world.take(&id, &url).await));
        shown.push(id.expose().to_owned());
    }
    let ended = world.end(&tgt).await.unwrap();
    let kept: Vec<String> = ended.visits.into_iter().map(|visit| visit.ticket).collect();
    assert_eq!(kept, shown[5..]);
}

pub async fn a_browser_that_is_sent_round_and_round_is_stopped(world: World) {
    // F-06
    let tgt = world.open(&anne()).await;
    for _ in 0..LOOP_BOUND {
        world.grant(&tgt, &anne(), APP).await;
    }
    let refused = world.mint(TicketKind::Service, &anne());
    assert_eq!(world.try_grant(&tgt, &refused, APP).await, Granted::Looping);
    assert_eq!(world.take(&refused, APP).await, Taken::Unknown);
    world.grant(&tgt, &anne(), OTHER).await;
    let elsewhere = world.open(&anne()).await;
    world.grant(&elsewhere, &anne(), APP).await;
    world.pass(LOOP_WINDOW).await;
    world.grant(&tgt, &anne(), APP).await;
}

pub async fn a_mark_is_spent_once_however_many_try(world: World) {
    // CAS-69
    let mark = attempt();
    let ttl = 600 * SECOND;
    let tries: Vec<_> = (0..64)
        .map(|_| {
            let store = world.tickets();
            tokio::spawn(async move { store.spend_mark(&mark, ttl).await.unwrap() })
        })
        .collect();
    let mut firsts = 0;
    for one in tries {
        firsts += u32::from(one.await.unwrap());
    }
    assert_eq!(firsts, 1);
    assert!(world.tickets().spend_mark(&attempt(), ttl).await.unwrap());
    world.pass(ttl).await;
    assert!(world.tickets().spend_mark(&mark, ttl).await.unwrap());
}

pub async fn the_wish_to_be_warned_is_kept_and_can_be_unset(world: World) {
    // CAS-71
    let tgt = world.open(&anne()).await;
    world.tickets().set_warn(&tgt, true).await.unwrap();
    assert!(world.view(&tgt).await.unwrap().session.warn);
    let id = world.grant(&tgt, &anne(), APP).await;
    let Taken::Whole(taken) = world.take(&id, APP).await else {
        panic!("the ticket is not whole")
    };
    assert!(taken.session.warn);
    world.tickets().set_warn(&tgt, false).await.unwrap();
    assert!(!world.view(&tgt).await.unwrap().session.warn);
    let unknown = world.tgt(&anne());
    world.tickets().set_warn(&unknown, true).await.unwrap();
    assert_eq!(world.view(&unknown).await, None);
}

pub async fn a_session_inherits_the_visits_of_the_one_it_replaces(world: World) {
    // CAS-76
    let before = world.open(&anne()).await;
    let id = world.grant(&before, &anne(), APP).await;
    assert!(is_whole(&world.take(&id, APP).await));
    let visits = world.end(&before).await.unwrap().visits;
    let after = world.open(&anne()).await;
    world.tickets().inherit(&after, &visits).await.unwrap();
    assert_eq!(world.end(&after).await.unwrap().visits, visits);
    world.tickets().inherit(&after, &visits).await.unwrap();
    assert_eq!(world.end(&after).await, None);
}

pub async fn validations_read_the_attributes_written_last(world: World) {
    // CAS-105
    let fresh = AccountRecord {
        attributes: vec![("mail".to_owned(), vec!["new@univ-exemple.fr".to_owned()])],
        read_at: Timestamp(1_795_000_300_000),
        ..record("anne")
    };
    let nobody = account("univ", "nobody");
    world.tickets().write_account(&nobody, &fresh).await.unwrap();
    assert_eq!(world.tickets().account(&nobody).await.unwrap(), None);
    let tgt = world.open(&anne()).await;
    let id = world.grant(&tgt, &anne(), APP).await;
    world.tickets().write_account(&anne(), &fresh).await.unwrap();
    assert_eq!(
        world.tickets().account(&anne()).await.unwrap(),
        Some(fresh.clone())
    );
    assert_eq!(
        world.view(&tgt).await.unwrap().record_read_at,
        Some(fresh.read_at)
    );
    let Taken::Whole(taken) = world.take(&id, APP).await else {
        panic!("the ticket is not whole")
    };
    assert_eq!(taken.record, Some(fresh));
}

pub async fn the_same_name_in_two_realms_never_crosses(world: World) {
    // CAS-341, T-90
    let (here, there) = (account("univ", "same"), account("ecoles", "same"));
    let (mine, theirs) = (world.open(&here).await, world.open(&there).await);
    let changed = AccountRecord {
        login: "changed".to_owned(),
        ..record("same")
    };
    world.tickets().write_account(&here, &changed).await.unwrap();
    assert_eq!(
        world.tickets().account(&there).await.unwrap(),
        Some(record("same"))
    );
    let id = world.grant(&theirs, &there, APP).await;
    assert_eq!(world.tickets().sessions_of(&there).await.unwrap().len(), 1);
    assert_eq!(world.tickets().end_all(&here).await.unwrap().len(), 1);
    assert_eq!(world.view(&mine).await, None);
    let Taken::Whole(taken) = world.take(&id, APP).await else {
        panic!("the other realm's ticket died")
    };
    assert_eq!(taken.session.account, there);
    assert_eq!(taken.record, Some(record("same")));
}

pub async fn a_store_that_answers_says_so(world: World) {
    // CAS-115
    world.tickets().ping().await.unwrap();
}
