//! How all sessions of an account end at once: by the name of its epoch, in which no clock has a part.

use mereau::tickets::limits::SESSIONS_BEFORE_A_CUT;
use mereau::tickets::{Granted, Session};

pub use super::World;
use super::{APP, HOUR, SECOND, anne};
use mereau::protocol::ticket_id::{TicketId, TicketKind};

/// A session that no index names: only the epoch can end it.
async fn unindexed(world: &World) -> TicketId {
    let sooner = Session {
        hard_expiry: world.place.now().plus(7 * HOUR),
        ..world.session(&anne())
    };
    let hidden = world.open_as(sooner).await;
    for _ in 0..SESSIONS_BEFORE_A_CUT {
        world.open(&anne()).await;
    }
    let listed = world.tickets().connections(&anne()).await.unwrap().listed;
    let name = mereau::tickets::SessionRef::of(&hidden);
    assert!(listed.iter().all(|one| one.of != name));
    assert!(world.view(&hidden).await.is_some());
    hidden
}

async fn is_dead(world: &World, tgt: &TicketId) {
    assert_eq!(world.view(tgt).await, None);
    let ticket = world.mint(TicketKind::Service, &anne());
    assert_eq!(world.try_grant(tgt, &ticket, APP).await, Granted::NoSession);
}

pub async fn sessions_that_were_ended_stay_dead_when_the_clock_goes_back(world: World) {
    // SEC-26, SEC-54
    let hidden = unindexed(&world).await;
    world.pass(20 * SECOND).await;
    world.tickets().end_all(&anne()).await.unwrap();
    is_dead(&world, &hidden).await;
    world.place.back(2 * HOUR).await;
    is_dead(&world, &hidden).await;
    let anew = world.open(&anne()).await;
    assert!(world.view(&anew).await.is_some());
    is_dead(&world, &hidden).await;
    world.place.back(HOUR).await;
    assert!(world.view(&anew).await.is_some());
    world.tickets().end_all(&anne()).await.unwrap();
    is_dead(&world, &anew).await;
    world.pass(3 * HOUR).await;
    is_dead(&world, &hidden).await;
}

pub async fn an_account_is_ended_twice_in_a_moment_and_the_next_session_lives(world: World) {
    // SEC-26
    let hidden = unindexed(&world).await;
    for _ in 0..2 {
        world.tickets().end_all(&anne()).await.unwrap();
    }
    is_dead(&world, &hidden).await;
    let mut before = hidden;
    for _ in 0..3 {
        let next = world.open(&anne()).await;
        assert!(world.view(&next).await.is_some());
        is_dead(&world, &before).await;
        world.tickets().end_all(&anne()).await.unwrap();
        is_dead(&world, &next).await;
        before = next;
    }
}

pub async fn a_session_lives_as_long_as_it_may_whatever_the_clock_of_who_opens_it(world: World) {
    // SEC-26
    let (early, late) = (
        mereau::base::clock::Timestamp(1),
        world.place.now().plus(2 * HOUR),
    );
    let mut opened = Vec::new();
    for signed_in_at in [early, world.place.now(), late] {
        let session = Session {
            idle: 20 * HOUR,
            signed_in_at,
            hard_expiry: signed_in_at.plus(HOUR),
            ..world.session(&anne())
        };
        opened.push(world.open_as(session).await);
    }
    world.pass(HOUR - 60 * SECOND).await;
    for tgt in &opened {
        assert!(world.view(tgt).await.is_some());
    }
    world.pass(120 * SECOND).await;
    for tgt in &opened {
        is_dead(&world, tgt).await;
    }
}

pub async fn all_sessions_of_a_realm_end_in_one_step_and_no_others(world: World) {
    // SEC-26, SEC-54
    let realm = anne().realm;
    let elsewhere = mereau::base::names::AccountId {
        realm: mereau::base::names::RealmId::new("elsewhere").unwrap(),
        ..anne()
    };
    let hidden = unindexed(&world).await;
    let listed = world.open(&anne()).await;
    let others = world.open(&elsewhere).await;
    let unused = world.mint(TicketKind::Service, &anne());
    assert_eq!(world.try_grant(&listed, &unused, APP).await, Granted::Ticket);
    let known = world.place.marks().of(&anne()).await.unwrap().devices;
    assert!(known.is_some());
    for name in [*b"firstend", *b"firstend", *b"otherend"] {
        world.tickets().end_realm(&realm, &name).await.unwrap();
        is_dead(&world, &hidden).await;
        is_dead(&world, &listed).await;
        assert!(world.view(&others).await.is_some(), "another realm");
        assert_eq!(world.place.marks().of(&anne()).await.unwrap().devices, None);
        let held = world.tickets().connections(&anne()).await.unwrap();
        assert!(held.listed.is_empty() && !held.perhaps_more, "{held:?}");
    }
    let taken = world.take(&unused, APP).await;
    assert_eq!(taken, mereau::tickets::Taken::Unknown);
    let anew = world.open(&anne()).await;
    assert!(world.view(&anew).await.is_some());
    assert!(world.place.marks().of(&anne()).await.unwrap().devices.is_some());
    assert_ne!(world.place.marks().of(&anne()).await.unwrap().devices, known);
    is_dead(&world, &hidden).await;
    world.place.back(HOUR).await;
    is_dead(&world, &listed).await;
    let second = world.open(&anne()).await;
    assert!(world.view(&anew).await.is_some() && world.view(&second).await.is_some());
    world.tickets().end_all(&anne()).await.unwrap();
    is_dead(&world, &anew).await;
    is_dead(&world, &second).await;
    let last = world.open(&anne()).await;
    assert!(world.view(&last).await.is_some(), "and the realm goes on");
}
