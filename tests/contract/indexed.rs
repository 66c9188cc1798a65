//! The index of an account's sessions: bounded, true to what lives, and it tells when it leaves any out.

use mereau::tickets::limits::{SESSIONS_BEFORE_A_CUT, SESSIONS_INDEXED};
use mereau::tickets::{Session, SessionRef, Taken};

pub use super::World;
use super::{APP, HOUR, SECOND, anne, is_whole};

pub async fn the_index_of_sessions_is_bounded_and_every_session_still_ends(world: World) {
    // CAS-113
    let mut all = Vec::new();
    for n in 0..=u32::try_from(SESSIONS_BEFORE_A_CUT).unwrap() {
        let listed = world.tickets().sessions_of(&anne()).await.unwrap();
        assert_eq!(listed.len(), all.len(), "it is whole before a cut");
        let session = Session {
            hard_expiry: world.place.now().plus(HOUR + n * SECOND),
            ..world.session(&anne())
        };
        all.push(world.open_as(session).await);
    }
    let listed = world.tickets().sessions_of(&anne()).await.unwrap();
    assert_eq!(listed.len(), SESSIONS_INDEXED);
    assert!(world.view(&all[0]).await.is_some(), "alive, though not indexed");
    let ended = world.tickets().end_all(&anne()).await.unwrap();
    assert_eq!(ended.len(), SESSIONS_INDEXED);
    for tgt in &all {
        assert_eq!(world.view(tgt).await, None);
    }
}

pub async fn sessions_that_a_cut_left_out_are_known_of_until_the_last_of_them_is_over(world: World) {
    // CAS-113, CAS-207
    let tickets = world.tickets();
    let (few, many) = (SESSIONS_BEFORE_A_CUT - SESSIONS_INDEXED + 1, SESSIONS_INDEXED);
    let perhaps_more = async || tickets.connections(&anne()).await.unwrap().perhaps_more;
    let open = async |hard| {
        let session = Session {
            hard_expiry: world.place.now().plus(hard),
            ..world.session(&anne())
        };
        world.open_as(session).await
    };
    let mut left_out = Vec::new();
    for n in 0..few {
        left_out.push(open(HOUR + SECOND * u32::try_from(n).unwrap()).await);
    }
    let mut indexed = Vec::new();
    for _ in 0..many {
        assert!(!perhaps_more().await, "the index is whole before a cut");
        indexed.push(open(HOUR * 2).await);
    }
    assert!(perhaps_more().await);
    for tgt in &indexed {
        assert!(tickets.end(tgt).await.unwrap().is_some());
    }
    let held = tickets.connections(&anne()).await.unwrap();
    assert!(held.listed.is_empty() && held.perhaps_more, "{held:?}");
    let ticket = world.grant(&left_out[few - 1], &anne(), APP).await;
    let Taken::Whole(taken) = world.take(&ticket, APP).await else {
        panic!("the ticket is not whole")
    };
    assert!(taken.record.is_some(), "it has its person's attributes");
    // A further cut remembers the earlier one; the index outlives both.
    open(HOUR * 2).await;
    for _ in 0..=SESSIONS_BEFORE_A_CUT {
        open(HOUR / 2).await;
    }
    world.pass(HOUR / 2).await;
    assert!(perhaps_more().await, "those of the first cut live on");
    world.pass(HOUR).await;
    assert!(!perhaps_more().await);
}

pub async fn one_session_of_several_is_ended_by_its_name(world: World) {
    // CAS-113
    let (here, there) = (world.open(&anne()).await, world.open(&anne()).await);
    let ticket = world.grant(&there, &anne(), APP).await;
    assert!(is_whole(&world.take(&ticket, APP).await));
    let all = world.tickets().connections(&anne()).await.unwrap().listed;
    let mut names: Vec<SessionRef> = all.iter().map(|one| one.of).collect();
    let mut expected = vec![SessionRef::of(&here), SessionRef::of(&there)];
    names.sort_by_key(SessionRef::text);
    expected.sort_by_key(SessionRef::text);
    assert_eq!(names, expected);
    let other = all.iter().find(|one| one.of == SessionRef::of(&there)).unwrap();
    assert_eq!(other.visits.len(), 1);
    let name = SessionRef::read(&other.of.text()).unwrap();
    let ended = world.tickets().end_one(&anne(), &name).await.unwrap().unwrap();
    assert_eq!(ended.visits.len(), 1, "to be told");
    assert_eq!(world.view(&there).await, None);
    assert!(world.view(&here).await.is_some());
    assert_eq!(world.tickets().end_one(&anne(), &name).await.unwrap(), None);
}

pub async fn dead_sessions_leave_the_index_to_living_ones(world: World) {
    // CAS-112
    let kept = Session {
        hard_expiry: world.place.now().plus(20 * HOUR),
        idle: 20 * HOUR,
        ..world.session(&anne())
    };
    let kept = world.open_as(kept).await;
    for _ in 1..SESSIONS_BEFORE_A_CUT {
        let idle = Session {
            hard_expiry: world.place.now().plus(40 * HOUR),
            idle: HOUR,
            ..world.session(&anne())
        };
        world.open_as(idle).await;
    }
    world.pass(2 * HOUR).await;
    let fresh = world.open(&anne()).await;
    let listed = world.tickets().sessions_of(&anne()).await.unwrap();
    assert_eq!(listed.len(), 2);
    assert!(world.view(&kept).await.is_some() && world.view(&fresh).await.is_some());
}
