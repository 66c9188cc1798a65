//! The form that asks: what it keeps, what it refuses, and that it does nothing else.

use std::sync::atomic::Ordering;

use http::Method;

use super::{asks, recovering, with_settings};
use crate::house::recovery::{form_to, usual_recovery};
use crate::house::{CAMILLE, Plan, build, encoded};

#[tokio::test]
async fn the_answer_leaves_before_the_directory_is_asked_anything() {
    // SEC-02, SEC-50
    let house = recovering().await;
    house.campus.held.store(true, Ordering::SeqCst);
    let reply = asks(&mut house.browser(), CAMILLE.0).await;
    assert_eq!(reply.status, 303);
    assert_eq!(house.campus.searches.load(Ordering::SeqCst), 0);
    assert!(house.letters.take().is_empty());
    house.campus.held.store(false, Ordering::SeqCst);
    house.work().await;
    assert_eq!(house.letters.take().len(), 1);
    assert_eq!(house.campus.writes.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn on_the_shared_host_the_institution_is_chosen_first() {
    // S2-05, S2-06
    let house = build(Plan {
        recovery: Some(usual_recovery()),
        ..Plan::default()
    })
    .await;
    let mut browser = house.browser();
    let reply = browser
        .get("/cas/recover?service=https%3A%2F%2Fapp.example.org%2F")
        .await;
    // The service is of one realm with one institution: no choice to make.
    assert_eq!(reply.status, 200, "{}", reply.body);
    let reply = browser.get("/cas/recover").await;
    assert!(reply.status.is_redirection());
    assert_eq!(reply.location(), "/cas/discover?to=recover");
    let picker = browser.get(reply.location()).await;
    let choice = picker
        .addresses()
        .into_iter()
        .find(|address| address.contains("recover?"));
    let form = browser.get(&choice.expect("a way on")).await;
    assert!(form.form().value("identifier").is_some(), "{}", form.body);
    let own = browser.get("/cas/t/lycee/recover").await;
    assert!(own.body.contains("Lycée des Essais"));
    assert_eq!(own.form().action, "/cas/t/lycee/recover");
}

#[tokio::test]
async fn an_empty_or_impossible_name_is_asked_again_and_nothing_is_queued() {
    // S5-04, SEC-45
    let house = recovering().await;
    let mut browser = house.browser();
    for (typed, status) in [("", 400), ("a\u{1}b", 400), (&"x".repeat(300), 400)] {
        let reply = asks(&mut browser, typed).await;
        assert_eq!(reply.status, status, "{typed:?}");
        assert!(reply.form().value("identifier").is_some());
    }
    assert_eq!(house.work().await, 0);
}

#[tokio::test]
async fn a_wrong_answer_to_the_challenge_keeps_what_was_typed_and_asks_another() {
    // S5-04, SEC-65, SEC-66, SEC-71 (another check stands in the place of the server’s own)
    let house = recovering().await;
    house.humans.asked.store(true, Ordering::SeqCst);
    let mut browser = house.browser();
    let page = browser.get("/cas/recover").await;
    let first = page.form().value("captcha").unwrap().to_owned();
    let form = page
        .form()
        .with("identifier", CAMILLE.0)
        .without("captcha-other")
        .with("captcha-answer", "machine");
    let again = browser.submit(&form).await;
    assert_eq!(again.status, 400);
    let form = again.form();
    assert_eq!(form.value("identifier"), Some(CAMILLE.0));
    assert_ne!(form.value("captcha"), Some(first.as_str()));
    let reply = browser
        .submit(&form.without("captcha-other").with("captcha-answer", "human"))
        .await;
    assert_eq!(reply.status, 303, "{}", reply.body);
    assert_eq!(house.work().await, 1);
}

#[tokio::test]
async fn a_form_of_another_site_or_without_its_proof_asks_nothing() {
    // SEC-88
    let house = recovering().await;
    let mut browser = house.browser();
    let form = browser
        .get("/cas/recover")
        .await
        .form()
        .with("identifier", CAMILLE.0);
    let bare = browser.submit(&form.clone().without("lt")).await;
    assert_eq!(bare.status, 400);
    browser
        .headers
        .push(("origin", "https://evil.example".to_owned()));
    let foreign = browser.submit(&form).await;
    assert_eq!(foreign.status, 400);
    browser.headers.clear();
    browser.headers.push(("sec-fetch-site", "cross-site".to_owned()));
    assert_eq!(browser.submit(&form).await.status, 400);
    assert_eq!(house.work().await, 0);
}

#[tokio::test]
async fn lists_and_repeated_fields_are_no_requests() {
    // SEC-40
    let house = recovering().await;
    let mut browser = house.browser();
    let form = browser.get("/cas/recover").await.form();
    for extra in [
        "&identifier=a&identifier=b",
        "&identifier[]=a",
        "&email[]=a&identifier=b",
    ] {
        let body = format!("lt={}{extra}", form.value("lt").unwrap());
        let reply = browser.send(Method::POST, "/cas/recover", Some(body)).await;
        assert_eq!(reply.status, 400, "{extra}");
    }
    assert_eq!(house.work().await, 0);
}

#[tokio::test]
async fn what_was_typed_never_stands_in_an_address() {
    // S1-03
    let house = recovering().await;
    let mut browser = house.browser();
    let page = browser
        .get("/cas/recover?identifier=camille.dupont&username=camille.dupont")
        .await;
    assert_eq!(page.form().value("identifier"), Some(""));
    let sent = asks(&mut browser, CAMILLE.0).await;
    assert!(!sent.location().contains("camille"));
}

#[tokio::test]
async fn the_message_is_sent_again_after_two_minutes_and_not_before() {
    // SX-03, SEC-20
    let house = recovering().await;
    let mut browser = house.browser();
    let sent = asks(&mut browser, CAMILLE.0).await;
    let page = browser.get(sent.location()).await;
    let again = |page: &crate::house::Reply| {
        let flow = page.location_flow();
        form_to(
            "/cas/recover/again",
            &[("lt", page.form().value("lt").unwrap()), ("flow", &flow)],
        )
    };
    let early = browser.submit(&again(&page)).await;
    assert_eq!(early.status, 303);
    let page = browser.get(early.location().split('#').next().unwrap()).await;
    assert!(
        page.body.contains("Le message est peut-être encore en route"),
        "{}",
        page.body
    );
    assert_eq!(house.work().await, 1);
    assert_eq!(house.letters.take().len(), 1);
    house.clock.advance(std::time::Duration::from_secs(121));
    let old = browser.cookies.clone();
    let form = again(&page);
    browser.submit(&form).await;
    // The same cookie brought back asks nothing more.
    browser.cookies = old;
    browser.submit(&form).await;
    assert_eq!(house.work().await, 1);
    assert_eq!(house.letters.take().len(), 1);
}

#[tokio::test]
async fn a_store_that_is_down_is_the_same_503_for_everybody() {
    // SEC-06, SEC-08
    let house = recovering().await;
    let mut bodies = Vec::new();
    for name in [CAMILLE.0, "nobody.at.all12"] {
        let mut browser = house.browser();
        let form = browser.get("/cas/recover").await.form().with("identifier", name);
        house.store.down.store(true, Ordering::SeqCst);
        let reply = browser.submit(&form).await;
        house.store.down.store(false, Ordering::SeqCst);
        assert_eq!(reply.status, 503);
        assert!(reply.comes_back_in(2..=5));
        bodies.push(super::cohorts::masked(&reply.body));
    }
    assert_eq!(bodies[0], bodies[1]);
}

#[tokio::test]
async fn one_network_asks_so_often_and_no_more_whoever_it_asks_for() {
    // SEC-05, SEC-61
    let mut settings = usual_recovery();
    settings.network.an_hour = 3;
    let house = with_settings(settings, "").await;
    let mut browser = house.browser();
    for _ in 0..3 {
        assert_eq!(asks(&mut browser, "nobody.at.all12").await.status, 303);
    }
    // As many again would have to be people's; these are not, and count.
    for _ in 0..3 {
        assert_eq!(asks(&mut browser, "nobody.at.all12").await.status, 400);
    }
    let real = asks(&mut browser, CAMILLE.0).await;
    let invented = asks(&mut browser, "nobody.at.all12").await;
    assert_eq!((real.status.as_u16(), invented.status.as_u16()), (429, 429));
    assert_eq!(
        super::cohorts::masked(&real.body),
        super::cohorts::masked(&invented.body)
    );
}

#[tokio::test]
async fn the_help_page_leads_to_both_ways_and_keeps_the_service() {
    // S4-02, SX-01, SX-04
    let house = recovering().await;
    let service = encoded("https://app.example.org/");
    let page = house.browser().get(&format!("/cas/help?service={service}")).await;
    assert_eq!(page.status, 200);
    let ways = page.addresses();
    for way in ["/cas/recover?", "/cas/recover/username?"] {
        let found = ways.iter().find(|address| address.starts_with(way)).expect(way);
        assert!(found.contains(&service), "{found}");
    }
    for anchor in ["id=\"password\"", "id=\"id\"", "id=\"access\""] {
        assert!(page.body.contains(anchor), "{anchor}");
    }
    let closed = page.body.matches("<details name=\"hub\">").count();
    assert_eq!(closed, 5, "one open at a time, all closed at first");
}

#[tokio::test]
async fn a_realm_that_recovers_nobody_says_whom_to_ask() {
    // S2-17
    let house = crate::house::campus().await;
    let reply = house.browser().get("/cas/recover").await;
    assert_eq!(reply.status, 404);
    assert_eq!(reply.text_of("h1"), "Pas de changement en ligne");
    let login = house.browser().get("/cas/login").await;
    assert!(!login.body.contains("/cas/recover"));
}
