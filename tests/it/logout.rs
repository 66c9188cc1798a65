//! Signing out, and telling the services that were visited.

use std::time::Duration;

use crate::house::{APP, CAMILLE, Plan, build, campus, encoded, house, login_path, service};
use mereau::audit::Actor;
use mereau::services::ServiceSettings;

const OTHER: &str = "https://other.example.org/";

#[tokio::test]
async fn a_logout_ends_the_session_and_its_cookie() {
    // CAS-113, CAS-123, CAS-184, CAS-185, CAS-188, CAS-333
    let house = campus().await;
    let mut browser = house.browser();
    browser.sign_in("/cas/login", CAMILLE).await;
    let unused = browser.ticket_for(APP).await;
    let tgc = browser.tgc("campus").unwrap().clone();
    let reply = browser.get("/cas/logout").await;
    assert_eq!(reply.status, 200);
    assert!(!reply.text_of("h1").is_empty());
    assert_eq!(browser.tgc("campus"), None);
    assert!(browser.get("/cas/login").await.has_form());
    assert!(
        house.validate(APP, &unused).await.contains("INVALID_TICKET"),
        "unused tickets die with it"
    );
    browser.cookies.insert("__Secure-TGC-campus".into(), tgc);
    assert!(
        browser.get("/cas/login").await.has_form(),
        "the old cookie opens nothing"
    );
    assert_eq!(
        browser.get("/cas/logout").await.status,
        200,
        "without a session: the same page"
    );
}

#[tokio::test]
async fn after_a_logout_only_registered_services_are_gone_to() {
    // CAS-186, CAS-187, CAS-312, CAS-327, T-38
    let house = campus().await;
    let mut browser = house.browser();
    browser.sign_in("/cas/login", CAMILLE).await;
    let reply = browser
        .get(&format!(
            "/cas/logout?service={}",
            encoded("https://app.example.org/bye?x=1#y")
        ))
        .await;
    assert_eq!(
        (reply.status.as_u16(), reply.location()),
        (302, "https://app.example.org/bye?x=1#y")
    );
    for query in [
        format!("service={}", encoded("https://evil.example/")),
        format!("service={}", encoded("https://app.example.org@evil.example/")),
        "service=javascript%3Aalert(1)".to_owned(),
        format!("url={}", encoded("https://evil.example/")),
        format!("service={}", encoded("https://closed.example.org/")),
    ] {
        let reply = house.browser().get(&format!("/cas/logout?{query}")).await;
        assert_eq!(reply.status, 200, "{query}");
        let out = reply
            .addresses()
            .into_iter()
            .filter(|address| address.contains("://") || address.contains("javascript:"));
        assert_eq!(out.collect::<Vec<_>>(), Vec::<String>::new(), "{query}");
    }
}

#[tokio::test]
async fn every_visited_service_gets_one_message_per_ticket() {
    // CAS-189, CAS-190, CAS-191, CAS-193, CAS-194, CAS-195, CAS-196, CAS-197
    let house = campus().await;
    let mut browser = house.browser();
    browser.sign_in("/cas/login", CAMILLE).await;
    let tickets = [browser.ticket_for(APP).await, browser.ticket_for(APP).await];
    let elsewhere = browser.ticket_for(OTHER).await;
    for (service, ticket) in [(APP, &tickets[0]), (APP, &tickets[1]), (OTHER, &elsewhere)] {
        house.validate(service, ticket).await;
    }
    let never_validated = browser.ticket_for(OTHER).await;
    let page = browser.get("/cas/logout").await;
    let told = house.notices.take();
    assert_eq!(told.len(), 3);
    for (service, url, message) in &told {
        assert_eq!(url, &format!("https://{service}.example.org/"));
        assert!(message.starts_with("<samlp:LogoutRequest ") && !message.contains(['%', '+', '\n']));
        assert!(message.contains("<saml:NameID>camille.dupont</saml:NameID>"));
        assert!(!message.contains(&never_validated));
    }
    for ticket in tickets.iter().chain([&elsewhere]) {
        let of_it = told.iter().filter(|(_, _, message)| {
            message.contains(&format!("<samlp:SessionIndex>{ticket}</samlp:SessionIndex>"))
        });
        assert_eq!(of_it.count(), 1, "one message per ticket");
    }
    assert!(page.body.contains('3'), "the page counts them");
}

#[tokio::test]
async fn a_service_may_be_told_elsewhere_or_not_at_all() {
    // CAS-191, CAS-196, CAS-202
    let services = vec![
        ServiceSettings {
            logout: Some("https://app.example.org/slo".into()),
            user: Some("attribute:mail".into()),
            ..service("app")
        },
        ServiceSettings {
            logout: Some("off".into()),
            ..service("other")
        },
    ];
    let house = build(Plan {
        services,
        one_institution: true,
        ..Plan::default()
    })
    .await;
    let mut browser = house.browser();
    browser.sign_in("/cas/login", CAMILLE).await;
    for service in [APP, OTHER] {
        let ticket = browser.ticket_for(service).await;
        house.validate(service, &ticket).await;
    }
    browser.get("/cas/logout").await;
    let told = house.notices.take();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].1, "https://app.example.org/slo");
    assert!(
        told[0]
            .2
            .contains("<saml:NameID>camille.dupont@campus.example</saml:NameID>"),
        "the name this service knows"
    );
}

#[tokio::test]
async fn revoking_an_account_ends_all_its_sessions_and_tells_their_services() {
    // CAS-200, CAS-113
    let house = campus().await;
    let mut phone = house.browser();
    let mut laptop = house.browser();
    for browser in [&mut phone, &mut laptop] {
        let ticket = browser.sign_in(&login_path(APP), CAMILLE).await.ticket();
        assert!(
            house
                .validate(APP, &ticket)
                .await
                .contains("authenticationSuccess")
        );
    }
    let catalogue = house.app.catalogue();
    let account = mereau::base::names::AccountId {
        realm: mereau::base::names::RealmId::new("campus").unwrap(),
        person: mereau::base::names::PersonKey("5a1e7000-0000-4000-8000-000000000001".into()),
    };
    let out = mereau::flows::logout::end_all_sessions(&house.app.ports, &catalogue, &account, Actor::Server)
        .await
        .unwrap();
    assert_eq!((out.ended, out.told), (true, 2));
    assert_eq!(house.notices.take().len(), 2);
    for browser in [&mut phone, &mut laptop] {
        assert!(browser.get("/cas/login").await.has_form());
    }
}

#[tokio::test]
async fn a_logout_of_one_institution_leaves_the_other_signed_in() {
    // CAS-184, T-90
    let house = house().await;
    let mut browser = house.browser();
    browser.sign_in("/cas/login?tenant=campus", CAMILLE).await;
    browser.sign_in("/cas/login?tenant=lycee", CAMILLE).await;
    browser.get("/cas/t/lycee/logout").await;
    assert!(browser.tgc("campus").is_some() && browser.tgc("lycee").is_none());
    browser.get("/cas/logout").await;
    assert!(browser.tgc("campus").is_none());
}

#[tokio::test]
async fn a_session_lives_by_use_and_at_most_eight_hours() {
    // CAS-112
    let house = campus().await;
    let mut browser = house.browser();
    browser.sign_in("/cas/login", CAMILLE).await;
    let half = Duration::from_secs(90 * 60);
    for _ in 0..5 {
        house.clock.advance(half);
        assert!(browser.ticket_for(APP).await.starts_with("ST-"), "used in time");
    }
    house.clock.advance(Duration::from_secs(31 * 60));
    assert!(
        browser.get(&login_path(APP)).await.has_form(),
        "eight hours are over"
    );
}
