//! The sessions of one person, listed and ended.

use mereau::audit::{Actor, Event};
use mereau::flows::FlowError;
use mereau::flows::breach::{Whom, end_sessions, sessions_of};
use mereau::tickets::Marks;

use super::{BY, asked, one};
use crate::house::{AMINE, APP, CAMILLE, campus, house};

#[tokio::test]
async fn every_session_of_a_person_ends_at_once_and_nobody_elses() {
    // SEC-54, CAS-200, CAS-113
    let house = campus().await;
    let (mut desk, mut phone, mut other) = (house.browser(), house.browser(), house.browser());
    desk.sign_in("/cas/login", CAMILLE).await;
    phone.sign_in("/cas/login", CAMILLE).await;
    other.sign_in("/cas/login", AMINE).await;
    let spent = desk.ticket_for(APP).await;
    assert!(house.validate(APP, &spent).await.contains("<cas:user>"));
    let unused = phone.ticket_for(APP).await;
    let meant = one(&house, CAMILLE.0, "campus").await;
    let ports = &house.app.ports;
    let held = sessions_of(ports, &meant.account).await.unwrap();
    assert_eq!((held.listed.len(), held.perhaps_more), (2, false));
    let visited: Vec<&str> = held
        .listed
        .iter()
        .flat_map(|held| held.visits.iter().map(|visit| visit.url.as_str()))
        .collect();
    assert_eq!(visited, [APP]);
    let known = house.store.of(&meant.account).await.unwrap().devices;
    assert!(known.is_some());
    house.audit.take();
    house.notices.take();

    let ended = end_sessions(ports, &house.app.catalogue(), &meant.account, &BY).await;
    let ended = ended.unwrap();
    assert_eq!((ended.sessions, ended.told, ended.untold), (2, 1, 0));
    let told = house.notices.take();
    assert_eq!(told.len(), 1);
    assert!(told[0].2.contains(&spent), "{}", told[0].2);
    assert!(desk.get("/cas/login").await.has_form());
    assert!(phone.get("/cas/login").await.has_form());
    assert!(house.validate(APP, &unused).await.contains("INVALID_TICKET"));
    assert!(!other.get("/cas/login").await.has_form());
    assert_eq!(
        house.store.of(&meant.account).await.unwrap().devices,
        None,
        "no device is known any more"
    );
    assert!(
        sessions_of(ports, &meant.account)
            .await
            .unwrap()
            .listed
            .is_empty()
    );

    let records = house.audit.take();
    let [record] = records.as_slice() else {
        panic!("{records:?}")
    };
    assert_eq!(record.event, Event::SessionsEnded);
    assert_eq!(record.actor, Actor::Agent("astreinte-2".to_owned()));
    assert_eq!(record.note.as_deref(), Some("poste volé, dossier 114"));
    assert_eq!(record.account.as_ref(), Some(&meant.account.person));
    assert_eq!(record.method, Some("command"));

    phone.cookies.clear();
    phone.sign_in("/cas/login", CAMILLE).await;
    assert!(
        !phone.get("/cas/login").await.has_form(),
        "the password is good as before"
    );
}

#[tokio::test]
async fn an_end_of_nothing_is_in_the_audit_too() {
    // SEC-89
    let house = campus().await;
    let meant = one(&house, CAMILLE.0, "campus").await;
    let ended = end_sessions(&house.app.ports, &house.app.catalogue(), &meant.account, &BY).await;
    assert_eq!(ended.unwrap().sessions, 0);
    let events: Vec<Event> = house.audit.take().iter().map(|record| record.event).collect();
    assert_eq!(events, [Event::SessionsEnded]);
}

#[tokio::test]
async fn a_login_of_two_realms_means_nobody_until_the_realm_is_said() {
    // T-90
    let house = house().await;
    let Whom::Several(entries) = asked(&house, CAMILLE.0, None).await else {
        panic!()
    };
    let realms: Vec<&str> = entries.iter().map(|(realm, _)| realm.as_str()).collect();
    assert_eq!(realms, ["campus", "lycee"]);
    assert_eq!(asked(&house, "nobody.here", None).await, Whom::Nobody);
    let mut browsers = [house.browser(), house.browser()];
    browsers[0].sign_in("/cas/login?tenant=campus", CAMILLE).await;
    browsers[1].sign_in("/cas/login?tenant=lycee", CAMILLE).await;
    let meant = one(&house, CAMILLE.0, "lycee").await;
    let ports = &house.app.ports;
    end_sessions(ports, &house.app.catalogue(), &meant.account, &BY)
        .await
        .unwrap();
    let campus = one(&house, CAMILLE.0, "campus").await;
    let left = sessions_of(ports, &campus.account).await.unwrap();
    assert_eq!(left.listed.len(), 1, "the same login elsewhere is another person");
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_no_end() {
    // F-10
    let house = campus().await;
    house.browser().sign_in("/cas/login", CAMILLE).await;
    let meant = one(&house, CAMILLE.0, "campus").await;
    house.store.down.store(true, std::sync::atomic::Ordering::SeqCst);
    let ended = end_sessions(&house.app.ports, &house.app.catalogue(), &meant.account, &BY).await;
    assert!(matches!(ended, Err(FlowError::Store(_))));
    assert!(
        house
            .audit
            .take()
            .iter()
            .all(|record| record.event != Event::SessionsEnded)
    );
}
