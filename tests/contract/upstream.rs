//! What every ticket store does for people whom another server signed in: a session remembers where
//! its person came from, and the other server's ticket finds it again.

use std::sync::Arc;

use mereau::base::names::{RealmId, UpstreamId};
use mereau::tickets::{CameFrom, FlowKey, LONGEST_STATE, Opened, Session, UpstreamTicket};

pub use super::World;
use super::{APP, HOUR, SECOND, anne, is_whole};

fn ticket(realm: &str, upstream: &str, text: &str) -> UpstreamTicket {
    let realm = RealmId::new(realm).unwrap();
    UpstreamTicket::of(&realm, &UpstreamId::new(upstream).unwrap(), text)
}

pub async fn a_session_remembers_by_whose_word_it_was_opened(world: World) {
    // S2-03, F-32
    let came_from = CameFrom {
        upstream: UpstreamId::new("academie").unwrap(),
        attributes: vec![(
            "profil".to_owned(),
            vec!["National_TUT".to_owned(), "é".to_owned()],
        )],
    };
    let session = Session {
        opened: Opened::ByUpstream(came_from.clone()),
        ..world.session(&anne())
    };
    let tgt = world.open_as(session.clone()).await;
    assert_eq!(world.view(&tgt).await.unwrap().session, session);
    let id = world.grant(&tgt, &anne(), APP).await;
    let taken = world.take(&id, APP).await;
    assert!(is_whole(&taken));
    world.tickets().set_warn(&tgt, true).await.unwrap();
    let warned = world.view(&tgt).await.unwrap().session;
    assert_eq!(warned.came_from(), Some(&came_from));
    let ended = world.end(&tgt).await.unwrap();
    assert_eq!(ended.session.came_from(), Some(&came_from));
    let plain = world.open(&anne()).await;
    assert_eq!(
        world.view(&plain).await.unwrap().session.opened,
        Opened::ByPassword
    );
}

pub async fn what_is_kept_under_another_server_s_ticket_is_taken_once(world: World) {
    // S2-03
    let upstreams = world.place.upstreams();
    let mine = ticket("univ", "academie", "ST-1");
    upstreams
        .keep_upstream(&mine, b"\0sealed\xff", HOUR)
        .await
        .unwrap();
    for other in [
        ticket("univ", "academie", "ST-2"),
        ticket("univ", "region", "ST-1"),
        ticket("ent", "academie", "ST-1"),
    ] {
        assert_eq!(upstreams.take_upstream(&other).await.unwrap(), None);
    }
    let mut takers = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let upstreams = Arc::clone(&upstreams);
        takers.spawn(async move { upstreams.take_upstream(&mine).await.unwrap() });
    }
    let got: Vec<Vec<u8>> = takers.join_all().await.into_iter().flatten().collect();
    assert_eq!(got, [b"\0sealed\xff".to_vec()]);
    upstreams.keep_upstream(&mine, b"again", HOUR).await.unwrap();
    world.pass(HOUR + SECOND).await;
    assert_eq!(upstreams.take_upstream(&mine).await.unwrap(), None);
}

pub async fn the_state_of_a_sign_in_elsewhere_is_kept_whole_and_for_its_time(world: World) {
    // S2-03, CAS-11
    let upstreams = world.place.upstreams();
    let (mine, other) = (FlowKey::of("flow-1"), FlowKey::of("flow-2"));
    let whole: Vec<u8> = (0..LONGEST_STATE)
        .map(|at| u8::try_from(at % 256).unwrap())
        .collect();
    assert_eq!(upstreams.state(&mine).await.unwrap(), None);
    upstreams.keep_state(&mine, &whole, HOUR).await.unwrap();
    assert_eq!(upstreams.state(&mine).await.unwrap().as_ref(), Some(&whole));
    assert_eq!(
        upstreams.state(&mine).await.unwrap(),
        Some(whole),
        "reading takes nothing"
    );
    assert_eq!(upstreams.state(&other).await.unwrap(), None);
    let same_text = ticket("univ", "academie", "flow-1");
    assert_eq!(upstreams.take_upstream(&same_text).await.unwrap(), None);
    world.pass(HOUR + SECOND).await;
    assert_eq!(upstreams.state(&mine).await.unwrap(), None);
}
