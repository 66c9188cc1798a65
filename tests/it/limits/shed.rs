//! A node with more to do than it can: what it turns away first, and how each protocol hears of it.

use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::poll;
use http::Method;
use mereau::base::names::{RealmId, ThemeName};
use mereau::directory::Room;
use mereau::flows::Catalogue;
use mereau::http::layers::Shedder;
use mereau::http::server::ServerSettings;
use mereau::pages::Themes;
use mereau::services::ServiceSettings;

use crate::house::{APP, Browser, CAMILLE, House, campus, house, login_path, registry, service};
use crate::saml::{ask, asking};
use crate::validation::path;

fn with_room_for(house: &House, most_requests: usize) {
    let settings = ServerSettings {
        most_requests,
        longest_turn: Duration::ZERO,
        ..ServerSettings::default()
    };
    *house.shedder.lock().unwrap() = Some(Arc::new(Shedder::new(&settings)));
}

fn turned_away(house: &House) -> Vec<(&'static str, u64)> {
    house.app.ports.metrics.traffic.turned_away().collect()
}

#[tokio::test]
async fn forms_beyond_the_room_are_turned_away_and_what_is_owed_goes_on() {
    // CAS-13
    let house = campus().await;
    let ticket = house.browser().sign_in(&login_path(APP), CAMILLE).await.ticket();
    with_room_for(&house, 1);
    let mut second = house.browser();
    let form = second.get("/cas/login").await.form();
    let form = form.with("username", CAMILLE.0).with("password", CAMILLE.1);
    house.campus.held.store(true, Ordering::SeqCst);
    let before = house.campus.searches.load(Ordering::SeqCst);
    let mut first = house.browser();
    let mut held = pin!(first.sign_in("/cas/login", CAMILLE));
    while house.campus.searches.load(Ordering::SeqCst) == before {
        assert!(poll!(&mut held).is_pending());
        tokio::task::yield_now().await;
    }
    second.headers.push(("accept-language", "en".to_owned()));
    let reply = second.submit(&form).await;
    assert!(reply.status == 503 && reply.comes_back_in(2..=5));
    assert!(reply.text_of("h1").contains("Very busy"), "{}", reply.body);
    assert!(reply.body.contains(reply.header("x-request-id")));
    assert!(!reply.body.contains(CAMILLE.1) && !reply.body.contains("0000-CODE"));

    assert_eq!(
        house.browser().get("/cas/login").await.status,
        200,
        "what begins has its own room"
    );
    assert!(
        house
            .validate(APP, &ticket)
            .await
            .contains("authenticationSuccess")
    );
    assert!(house.browser().get("/cas/logout").await.status.is_success());
    assert_eq!(
        turned_away(&house),
        [("kept", 0), ("begun", 1), ("waiting", 0), ("new", 0)]
    );

    house.campus.go_on.notify_one();
    assert_eq!(held.await.status, 303);
    assert_eq!(second.submit(&form).await.status, 303, "the form was not used up");
}

#[tokio::test]
async fn who_is_turned_away_hears_it_in_the_words_of_his_protocol() {
    // CAS-13, CAS-156
    let house = campus().await;
    with_room_for(&house, 0);
    let asked = |endpoint: &str, more: &str| path(endpoint, APP, "ST-1-aaaaaaaaaaaaaaaaaaaaaaaaaaaaa", more);
    let mut browser = house.browser();
    let reply = browser.get(&asked("validate", "")).await;
    assert_eq!((reply.status.as_u16(), reply.body.as_str()), (200, "no\n"));
    for endpoint in [
        "serviceValidate",
        "proxyValidate",
        "p3/serviceValidate",
        "p3/proxyValidate",
    ] {
        let reply = browser.get(&asked(endpoint, "")).await;
        assert_eq!(reply.status, 200, "{endpoint}");
        assert!(
            reply.body.contains("INTERNAL_ERROR") && reply.body.starts_with('<'),
            "{}",
            reply.body
        );
        assert_eq!(reply.header("retry-after"), "");
    }
    let reply = browser.get(&asked("p3/serviceValidate", "&format=JSON")).await;
    let told: serde_json::Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!(
        told["serviceResponse"]["authenticationFailure"]["code"],
        "INTERNAL_ERROR"
    );
    let reply = browser
        .get("/cas/proxy?pgt=PGT-1&targetService=https://app.example.org/")
        .await;
    assert!(
        reply.status == 200 && reply.body.contains("INTERNAL_ERROR"),
        "{}",
        reply.body
    );
    let saml = ask(&house, APP, &asking("ST-1-aaaaaaaaaaaaaaaaaaaaaaaaaaaaa")).await;
    assert!(
        saml.contains("Responder") || saml.contains("RequestDenied"),
        "{saml}"
    );

    let reply = browser
        .send(Method::POST, "/cas/v1/tickets", Some(String::new()))
        .await;
    assert!(reply.status == 503 && reply.comes_back_in(2..=5) && !reply.body.contains('<'));
    let reply = browser.get("/cas/login/room").await;
    assert!(reply.status == 503 && reply.comes_back_in(2..=5) && reply.body.is_empty());
    let reply = browser.get("/cas/login").await;
    assert!(reply.status == 503 && reply.comes_back_in(2..=5));
    assert!(reply.text_of("h1").contains("Beaucoup de monde"));
    assert_eq!(
        turned_away(&house),
        [("kept", 8), ("begun", 1), ("waiting", 1), ("new", 1)]
    );
}

#[tokio::test]
async fn the_page_of_a_crowd_is_nobodys_own_and_speaks_his_language() {
    // CAS-13
    let house = campus().await;
    let rosa = ThemeName::new("rosa-bonheur").unwrap();
    let now = house.app.catalogue();
    let themed = ServiceSettings {
        theme: Some(rosa.clone()),
        ..service("app")
    };
    let catalogue = Catalogue {
        realms: now.realms.clone(),
        directories: now.directories.clone(),
        policies: now.policies.clone(),
        recovery: now.recovery.clone(),
        remember: now.remember.clone(),
        callbacks: now.callbacks.clone(),
        institutions: now.institutions.clone(),
        services: registry(&[themed, service("other")]),
        upstreams: now.upstreams.clone(),
    };
    let shelf = Path::new("themes");
    house
        .app
        .replace(catalogue, Themes::read(Some(shelf), None, [&rosa]).unwrap());
    let mut browser = house.browser();
    let [own, plain] = [APP, "https://other.example.org/"].map(login_path);
    let styles = |body: &str| {
        body.split('"')
            .find(|text| text.ends_with(".css"))
            .unwrap()
            .to_owned()
    };
    let [themed, usual] =
        [browser.get(&own).await, browser.get(&plain).await].map(|reply| styles(&reply.body));
    assert_ne!(themed, usual, "the application has its theme");

    with_room_for(&house, 0);
    // One server for all, as they all have one.
    browser.lasting = Some(house.served());
    for path in [&own, &plain, &own] {
        let reply = browser.get(path).await;
        assert_eq!((reply.status.as_u16(), styles(&reply.body)), (503, usual.clone()));
    }
    let mut says = async |path: &str, accept: &'static str| {
        browser.headers = vec![("accept-language", accept.to_owned())];
        browser.get(path).await.text_of("h1")
    };
    let in_french = says(&plain, "de").await;
    assert_ne!(says(&plain, "en").await, in_french);
    assert_eq!(says(&plain, "fr, en;q=0.5").await, in_french);
    assert_eq!(says("/cas/login?x=1&lang=fr", "en").await, in_french);
    assert_ne!(says("/cas/login?lang=en", "fr").await, in_french);
}

#[tokio::test]
async fn a_node_that_was_late_makes_no_page_whose_form_would_be_turned_away() {
    // F-13
    let house = house().await;
    let [crowded, other] = ["campus", "lycee"].map(|tenant| format!("/cas/t/{tenant}/login"));
    let settings = ServerSettings {
        longest_turn: Duration::from_nanos(1),
        ..ServerSettings::default()
    };
    *house.shedder.lock().unwrap() = Some(Arc::new(Shedder::new(&settings)));
    let mut browsers: Vec<_> = (0..17).map(|_| house.browser()).collect();
    let mut crowd = Vec::new();
    for (number, browser) in browsers.iter_mut().enumerate() {
        let form = browser.get(&crowded).await.form();
        let form = form.with("username", &format!("nobody{number}"));
        house.campus.held.store(true, Ordering::SeqCst);
        crowd.push(Box::pin(async move {
            browser.submit(&form.with("password", "non")).await.status
        }));
        let trial = crowd.last_mut().unwrap();
        while house.campus.held.load(Ordering::SeqCst) {
            assert!(poll!(&mut *trial).is_pending());
            tokio::task::yield_now().await;
        }
    }
    let mut visitor = house.browser();
    for tried in 0.. {
        if visitor.get(&other).await.status == 503 {
            break;
        }
        assert!(tried < 100_000, "every turn is late, and nobody notices");
    }
    house.campus.go_on.notify_waiters();
    for trial in crowd {
        assert_eq!(trial.await, 401);
    }

    *house.campus.room.lock().unwrap() = Room::Scarce;
    for crowd in [crowded.as_str(), "/cas/login?tenant=campus&x=1"] {
        let reply = visitor.get(crowd).await;
        assert!(reply.status == 503 && reply.comes_back_in(2..=5), "{crowd}");
    }
    let gateway = format!(
        "{}&gateway=true",
        login_path(APP).replace("/cas/", "/cas/t/campus/")
    );
    assert!(answers(&mut visitor, &gateway, 302).await, "it shows no form");
    assert!(answers(&mut visitor, &other, 200).await);
    *house.campus.room.lock().unwrap() = Room::Ample;
    assert!(answers(&mut visitor, &crowded, 200).await);
}

#[tokio::test]
async fn pages_of_a_realm_to_which_many_come_in_vain_are_not_made_and_those_of_another_are() {
    // F-13
    let house = house().await;
    let settings = ServerSettings::default();
    *house.shedder.lock().unwrap() = Some(Arc::new(Shedder::new(&settings)));
    *house.campus.room.lock().unwrap() = Room::Scarce;
    // Two seconds may share them.
    let many_come = |realm| (0..1000).for_each(|_| house.app.ports.rooms.came_in_vain(&realm));
    let mut visitor = house.browser();
    many_come(RealmId::new("lycee").unwrap());
    let page = visitor.get("/cas/t/campus/login").await;
    assert_eq!(page.status, 200, "its form may wait for room");
    many_come(RealmId::new("campus").unwrap());
    let page = visitor.get("/cas/t/campus/login").await;
    assert!(page.status == 503 && page.comes_back_in(2..=5));
    assert_eq!(house.app.ports.rooms.turned_away(), 0, "nobody tried a password");
    assert_eq!(visitor.get("/cas/t/lycee/login").await.status, 200);
    *house.campus.room.lock().unwrap() = Room::Ample;
    assert_eq!(visitor.get("/cas/t/campus/login").await.status, 200);
}

/// Whether it does at last: only so many may begin in a moment.
async fn answers(visitor: &mut Browser<'_>, path: &str, status: u16) -> bool {
    for _ in 0..100_000 {
        match visitor.get(path).await.status.as_u16() {
            503 => tokio::task::yield_now().await,
            other => return other == status,
        }
    }
    false
}
