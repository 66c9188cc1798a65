//! What every ticket store does with proxy-granting tickets and the proxy tickets made of them.

use mereau::base::names::{AccountId, ServiceId};
use mereau::protocol::ticket_id::{TicketId, TicketKind};
use mereau::tickets::limits::{PGTS_KEPT, PROXIED_VISITS_KEPT};
use mereau::tickets::{ProxyGrant, ServiceTicket, Session, SessionRef, Taken, Visit};

pub use super::World;
use super::{APP, HOUR, OTHER, SECOND, account, anne, attempt, identity, is_whole, record, ticket, waiting};

fn grant(chain: &[&str]) -> ProxyGrant {
    ProxyGrant {
        service: ServiceId::new("portail").unwrap(),
        chain: chain.iter().map(|proxy| (*proxy).to_owned()).collect(),
    }
}

const PORTAL: &str = "https://portail.univ-exemple.fr/pgt?x=1";

/// The session of a live TGT, as a validation learns it.
async fn session_of(world: &World, tgt: &TicketId, account: &AccountId) -> SessionRef {
    let id = world.grant(tgt, account, APP).await;
    match world.take(&id, APP).await {
        Taken::Whole(taken) => taken.of,
        other => panic!("{other:?}"),
    }
}

async fn keep(world: &World, account: &AccountId, of: &SessionRef, chain: &[&str]) -> (TicketId, bool) {
    let pgt = world.mint(TicketKind::ProxyGranting, account);
    let kept = world
        .place
        .proxies()
        .keep_pgt(&pgt, of, &grant(chain), None)
        .await;
    (pgt, kept.unwrap())
}

async fn proxied(world: &World, pgt: &TicketId, account: &AccountId) -> Option<TicketId> {
    proxied_as(world, pgt, account, true).await
}

async fn proxied_as(world: &World, pgt: &TicketId, account: &AccountId, told: bool) -> Option<TicketId> {
    let id = world.mint(TicketKind::Proxy, account);
    let made = ServiceTicket {
        from_new_login: false,
        ..ticket(OTHER)
    };
    let proxies = world.place.proxies();
    let granted = proxies.grant_proxy(pgt, waiting(&id, &made), told).await;
    granted.unwrap().then_some(id)
}

async fn is_known(world: &World, pgt: &TicketId) -> bool {
    world.place.proxies().pgt(pgt).await.unwrap().is_some()
}

pub async fn a_pgt_is_good_again_and_again_and_dies_with_the_logout(world: World) {
    // CAS-110, CAS-113, CAS-181
    let tgt = world.open(&anne()).await;
    let of = session_of(&world, &tgt, &anne()).await;
    let (pgt, kept) = keep(&world, &anne(), &of, &[PORTAL]).await;
    assert!(kept);
    for _ in 0..20 {
        let found = world.place.proxies().pgt(&pgt).await.unwrap().expect("known");
        assert_eq!(found.grant, grant(&[PORTAL]));
        assert_eq!(found.session.account, anne());
        assert_eq!(found.record, Some(record("7c1e1f60-anne")));
        let id = proxied(&world, &pgt, &anne()).await.expect("a proxy ticket");
        assert!(is_whole(&world.take(&id, OTHER).await));
    }
    let unused = proxied(&world, &pgt, &anne()).await.expect("a proxy ticket");
    assert!(world.end(&tgt).await.is_some());
    assert!(!is_known(&world, &pgt).await);
    assert!(proxied(&world, &pgt, &anne()).await.is_none());
    assert_eq!(world.take(&unused, OTHER).await, Taken::Unknown);
    assert!(
        !keep(&world, &anne(), &of, &[PORTAL]).await.1,
        "nothing is kept for a session that has ended"
    );
    let stranger = world.mint(TicketKind::ProxyGranting, &anne());
    assert!(!is_known(&world, &stranger).await);
    assert!(proxied(&world, &stranger, &anne()).await.is_none());
}

pub async fn a_pgt_dies_with_the_revocation_of_its_account_and_no_other(world: World) {
    // CAS-110, CAS-345
    let bob = account("univ", "bob");
    let mut pgts = Vec::new();
    for who in [&anne(), &bob] {
        let tgt = world.open(who).await;
        let of = session_of(&world, &tgt, who).await;
        pgts.push(keep(&world, who, &of, &[PORTAL]).await.0);
    }
    world.tickets().end_all(&anne()).await.unwrap();
    assert!(!is_known(&world, &pgts[0]).await);
    assert!(proxied(&world, &pgts[0], &anne()).await.is_none());
    assert!(is_known(&world, &pgts[1]).await);
    let anew = world.open(&anne()).await;
    assert!(
        world.view(&anew).await.is_some() && !is_known(&world, &pgts[0]).await,
        "a new session revives no old PGT"
    );
}

pub async fn a_pgt_may_end_before_its_session_and_never_after(world: World) {
    // CAS-110
    let tgt = world.open(&anne()).await;
    let of = session_of(&world, &tgt, &anne()).await;
    let [short, long] = [HOUR / 2, 100 * HOUR].map(|longest| {
        let pgt = world.mint(TicketKind::ProxyGranting, &anne());
        (pgt, longest)
    });
    for (pgt, longest) in [&short, &long] {
        let proxies = world.place.proxies();
        let kept = proxies
            .keep_pgt(pgt, &of, &grant(&[PORTAL]), Some(*longest))
            .await;
        assert!(kept.unwrap());
    }
    world.pass(HOUR / 2 - SECOND).await;
    assert!(is_known(&world, &short.0).await);
    world.pass(2 * SECOND).await;
    assert!(!is_known(&world, &short.0).await);
    assert!(proxied(&world, &short.0, &anne()).await.is_none());
    assert!(is_known(&world, &long.0).await);
    assert!(world.end(&tgt).await.is_some());
    assert!(!is_known(&world, &long.0).await);
}

pub async fn a_pgt_lives_as_long_as_its_session_and_does_not_keep_it_alive(world: World) {
    // CAS-110, CAS-183
    let tgt = world.open(&anne()).await;
    let of = session_of(&world, &tgt, &anne()).await;
    let (pgt, _) = keep(&world, &anne(), &of, &[PORTAL]).await;
    world.pass(HOUR).await;
    world.grant(&tgt, &anne(), APP).await;
    world.pass(HOUR + HOUR / 2).await;
    assert!(is_known(&world, &pgt).await, "the browser has slid the session");
    assert!(proxied(&world, &pgt, &anne()).await.is_some());
    world.pass(HOUR / 2).await;
    assert!(!is_known(&world, &pgt).await, "the portal has not");
    assert!(proxied(&world, &pgt, &anne()).await.is_none());
    let long = Session {
        idle: 720 * HOUR,
        hard_expiry: world.place.now().plus(720 * HOUR),
        ..world.session(&anne())
    };
    let tgt = world.open_as(long).await;
    let of = session_of(&world, &tgt, &anne()).await;
    let (pgt, _) = keep(&world, &anne(), &of, &[PORTAL]).await;
    world.pass(700 * HOUR).await;
    assert!(is_known(&world, &pgt).await);
    world.pass(20 * HOUR).await;
    assert!(!is_known(&world, &pgt).await);
}

pub async fn a_proxy_ticket_carries_its_chain_and_is_spent_once(world: World) {
    // CAS-105, CAS-109, CAS-146, CAS-173, CAS-190
    let tgt = world.open(&anne()).await;
    let of = session_of(&world, &tgt, &anne()).await;
    let chain = ["https://second.univ-exemple.fr/", PORTAL];
    let (pgt, _) = keep(&world, &anne(), &of, &chain).await;
    let id = proxied(&world, &pgt, &anne()).await.expect("a proxy ticket");
    let mine = attempt();
    let first = world.take_as(&id, OTHER, &mine).await;
    let Taken::Whole(taken) = &first else {
        panic!("{first:?}")
    };
    assert_eq!(taken.proxies, chain);
    assert_eq!(taken.of, of);
    assert!(!taken.ticket.from_new_login);
    assert_eq!(
        world.take_as(&id, OTHER, &mine).await,
        first,
        "the same try, the same answer"
    );
    assert_eq!(world.take(&id, OTHER).await, Taken::Replayed);
    let wrong = proxied(&world, &pgt, &anne()).await.expect("a proxy ticket");
    let refused = world
        .tickets()
        .take(&wrong, &identity(APP), &attempt())
        .await
        .unwrap();
    assert!(matches!(refused, Taken::OtherService(_)));
    assert_eq!(world.take(&wrong, OTHER).await, Taken::Replayed);
    let late = proxied(&world, &pgt, &anne()).await.expect("a proxy ticket");
    world.pass(30 * SECOND).await;
    assert_eq!(world.take(&late, OTHER).await, Taken::Unknown);
    let visits = world.end(&tgt).await.unwrap().visits;
    let visit = Visit {
        ticket: id.expose().to_owned(),
        service: ServiceId::new("notes").unwrap(),
        url: OTHER.to_owned(),
    };
    assert_eq!(visits.last(), Some(&visit), "single logout reaches it");
    assert_eq!(visits.len(), 2);
}

pub async fn a_portal_s_many_visits_push_none_of_the_person_s_out(world: World) {
    // CAS-190, CAS-197, CAS-76
    let tgt = world.open(&anne()).await;
    let of = session_of(&world, &tgt, &anne()).await;
    let (pgt, _) = keep(&world, &anne(), &of, &[PORTAL]).await;
    let mut last = String::new();
    for _ in 0..2 * PROXIED_VISITS_KEPT {
        let id = proxied(&world, &pgt, &anne()).await.expect("a proxy ticket");
        assert!(is_whole(&world.take(&id, OTHER).await));
        last = id.expose().to_owned();
    }
    for _ in 0..3 {
        let id = proxied_as(&world, &pgt, &anne(), false).await;
        assert!(is_whole(&world.take(&id.expect("a proxy ticket"), OTHER).await));
    }
    let visits = world.end(&tgt).await.unwrap().visits;
    assert_eq!(visits.len(), 1 + PROXIED_VISITS_KEPT);
    assert_eq!(
        visits[0].url, APP,
        "the person's own visit is the first to be told"
    );
    let newest = visits.last().unwrap();
    assert_eq!(newest.ticket, last, "what nobody is told of leaves no visit");
    assert_eq!(newest.url, OTHER);
    let after = world.open(&anne()).await;
    world.tickets().inherit(&after, &visits).await.unwrap();
    assert_eq!(world.end(&after).await.unwrap().visits, visits);
}

pub async fn the_oldest_of_too_many_pgts_ends(world: World) {
    // CAS-110
    let (tgt, other) = (world.open(&anne()).await, world.open(&anne()).await);
    let of = session_of(&world, &other, &anne()).await;
    let (elsewhere, _) = keep(&world, &anne(), &of, &[PORTAL]).await;
    let of = session_of(&world, &tgt, &anne()).await;
    let mut pgts = Vec::new();
    for _ in 0..PGTS_KEPT {
        pgts.push(keep(&world, &anne(), &of, &[PORTAL]).await.0);
    }
    assert!(is_known(&world, &pgts[0]).await);
    pgts.push(keep(&world, &anne(), &of, &[PORTAL]).await.0);
    assert!(proxied(&world, &pgts[0], &anne()).await.is_none());
    for (n, pgt) in pgts.iter().enumerate() {
        assert_eq!(is_known(&world, pgt).await, n > 0, "number {n}");
    }
    assert!(is_known(&world, &elsewhere).await, "of another session");
}

pub async fn nothing_of_its_pgts_outlasts_a_session_that_was_ended(world: World) {
    // CAS-113
    for all in [false, true] {
        let tgt = world.open(&anne()).await;
        let of = session_of(&world, &tgt, &anne()).await;
        let before = world.place.held().await;
        for _ in 0..PGTS_KEPT + 5 {
            keep(&world, &anne(), &of, &[PORTAL]).await;
        }
        let during = world.place.held().await;
        match all {
            false => drop(world.end(&tgt).await.expect("it was there")),
            true => drop(world.tickets().end_all(&anne()).await.unwrap()),
        }
        let after = world.place.held().await;
        let Some(((before, during), after)) = before.zip(during).zip(after) else {
            return;
        };
        // Marks of other things may run out meanwhile; the session's own keys are gone for sure.
        assert!(during <= before + PGTS_KEPT + 1, "{during} keys, {before} before");
        assert!(after < before, "{after} keys are left, {before} before");
    }
}
