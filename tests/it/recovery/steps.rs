//! No step can be skipped, repeated or brought from another flow (SEC-52).

use super::{NEW, asks, choose, link_for, open, path_of, recovering, signs_in};
use crate::house::recovery::form_to;
use crate::house::{AMINE, CAMILLE};

const PATHS: [&str; 7] = [
    "/cas/recover",
    "/cas/recover/sent",
    "/cas/recover/again",
    "/cas/recover/code",
    "/cas/recover/new",
    "/cas/recover/done",
    "/cas/recover/revoke",
];

#[tokio::test]
async fn pages_in_any_order_without_a_proof_write_nothing() {
    // SEC-52
    let house = recovering().await;
    for first in PATHS {
        for second in PATHS {
            let mut browser = house.browser();
            browser.address = std::net::IpAddr::from([203, 0, 113, 50]);
            let sent = asks(&mut browser, "nobody.at.all12").await;
            let flow = sent.location_flow();
            let page = browser.get("/cas/recover").await;
            let lt = page.form().value("lt").unwrap().to_owned();
            for path in [first, second] {
                let address = format!("{path}?flow={flow}");
                browser.get(&address).await;
                let form = form_to(
                    &address,
                    &[
                        ("lt", lt.as_str()),
                        ("new", NEW),
                        ("confirm", NEW),
                        ("code", "22222222"),
                        ("identifier", CAMILLE.0),
                    ],
                );
                let reply = browser.submit(&form).await;
                assert!(!reply.body.contains("est enregistré"), "{first} {second}");
                assert!(reply.status.as_u16() < 500, "{first} {second}: {}", reply.status);
            }
            house.clock.advance(std::time::Duration::from_secs(3700));
        }
    }
    assert_eq!(house.campus.writes.load(std::sync::atomic::Ordering::SeqCst), 0);
    assert!(signs_in(&house, CAMILLE.0, CAMILLE.1).await);
}

#[tokio::test]
async fn two_flows_of_one_browser_never_mix() {
    // SEC-52, SEC-18, T-77
    let house = recovering().await;
    let camille = link_for(&house, CAMILLE.0).await;
    let amine = link_for(&house, AMINE.0).await;
    let mut browser = house.browser();
    let one = open(&mut browser, &camille).await;
    let two = open(&mut browser, &amine).await;
    let (flow_one, flow_two) = (one.location_flow(), two.location_flow());
    assert_ne!(flow_one, flow_two);
    // The flow of the address decides; one that the cookie was not sealed for opens nothing.
    let cookie = |flow: &str| format!("__Host-flow-{flow}");
    let (held_one, held_two) = (
        browser.cookies[&cookie(&flow_one)].clone(),
        browser.cookies[&cookie(&flow_two)].clone(),
    );
    browser.cookies.insert(cookie(&flow_one), held_two.clone());
    let swapped = choose(&mut browser, &one, NEW).await;
    assert_eq!(swapped.status, 410, "{}", swapped.body);
    // A sealed flow in the form is no better under another name.
    browser.cookies.remove(&cookie(&flow_one));
    let forged = browser
        .submit(&one.form().with("held", &held_two).with("new", NEW))
        .await;
    assert_ne!(forged.status, 303);
    browser.cookies.insert(cookie(&flow_one), held_one);
    let saved = choose(&mut browser, &one, NEW).await;
    assert_eq!(saved.status, 303);
    assert!(signs_in(&house, CAMILLE.0, NEW).await);
    assert!(signs_in(&house, AMINE.0, AMINE.1).await, "untouched");
}

#[tokio::test]
async fn a_flow_of_one_kind_is_nothing_in_the_place_of_another() {
    // SEC-15, SEC-52
    let house = recovering().await;
    let mut browser = house.browser();
    let sent = asks(&mut browser, CAMILLE.0).await;
    let asking = sent.location_flow();
    house.work().await;
    let (_, link, _) = house.letters.take()[0].links()[0].clone();
    let page = open(&mut browser, &path_of(&link)).await;
    let holding = page.location_flow();
    // The flow that waits for a message chooses no password and has nothing to revoke.
    for path in ["/cas/recover/new", "/cas/recover/done", "/cas/login/change"] {
        let reply = browser.get(&format!("{path}?flow={asking}")).await;
        assert!(!reply.has_form_for_new(), "{path}");
    }
    let form = form_to(
        &format!("/cas/recover/new?flow={asking}"),
        &[("lt", page.form().value("lt").unwrap()), ("new", NEW)],
    );
    assert_eq!(browser.submit(&form).await.status, 410);
    // And the one that holds a right does not ask for messages.
    let reply = browser.get(&format!("/cas/recover/sent?flow={holding}")).await;
    assert!(reply.status.is_redirection());
    let reply = browser.get(&format!("/cas/login/change?flow={holding}")).await;
    assert!(reply.status.is_redirection());
    // The token itself is no session, no ticket and no flow.
    let token = link.rsplit('/').next().unwrap().to_owned();
    browser
        .cookies
        .insert("__Secure-TGC-campus".to_owned(), token.clone());
    assert_eq!(browser.get("/cas/login").await.status, 200);
    let refused = house
        .get_text(&format!(
            "/cas/serviceValidate?service=https%3A%2F%2Fapp.example.org%2F&ticket={token}"
        ))
        .await;
    assert!(refused.contains("INVALID_TICKET"), "{refused}");
    browser.cookies.insert(format!("__Host-flow-{holding}"), token);
    assert_eq!(
        browser
            .get(&format!("/cas/recover/new?flow={holding}"))
            .await
            .status,
        410
    );
}

#[tokio::test]
async fn a_finished_flow_is_finished() {
    // SEC-52, T-72
    let house = recovering().await;
    let link = link_for(&house, CAMILLE.0).await;
    let mut browser = house.browser();
    let page = open(&mut browser, &link).await;
    let before = browser.cookies.clone();
    let saved = choose(&mut browser, &page, NEW).await;
    let again = choose(&mut browser, &page, "une deuxième phrase sans effet").await;
    assert_eq!(again.status, 410);
    // The cookie of before brings the right back to nobody.
    browser.cookies = before;
    let again = choose(&mut browser, &page, "une deuxième phrase sans effet").await;
    assert_eq!(again.text_of("h1"), "Ce lien a déjà servi");
    assert!(saved.location().starts_with("/cas/recover/done?flow="));
    assert!(signs_in(&house, CAMILLE.0, NEW).await);
}
