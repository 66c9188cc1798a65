//! The whole way, from a forgotten password to the service.

use super::{NEW, asks, choose, link_for, open, path_of, recovering, signs_in};
use crate::house::{APP, CAMILLE, encoded};

#[tokio::test]
async fn a_person_comes_back_in_by_a_mailed_link_and_goes_on_to_the_service() {
    // S1-03, S1-06, S1-20, S2-10, S4-07, SX-01, SEC-53
    let house = recovering().await;
    let mut browser = house.browser();
    let login = browser.get(&format!("/cas/login?service={}", encoded(APP))).await;
    // The button takes along what was typed, by a POST, and never the password.
    let start = format!("/cas/recover/start?service={}", encoded(APP));
    assert!(
        login
            .body
            .contains(&format!("<form id=\"lost\" method=\"post\" action=\"{start}\"")),
        "{}",
        login.body
    );
    let carried = crate::house::recovery::form_to(&start, &[("username", CAMILLE.0)]);
    let reply = browser.submit(&carried).await;
    assert_eq!(reply.status, 303);
    assert!(!reply.location().contains("camille"), "{}", reply.location());
    let page = browser.get(reply.location()).await;
    assert_eq!(page.form().value("identifier"), Some(CAMILLE.0));
    assert!(page.body.contains("Service app"));
    let back = format!("/cas/login?service={}", encoded(APP));
    assert!(page.addresses().contains(&back), "the way back keeps the service");
    let sent = browser.submit(&page.form()).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    let waiting = browser.get(sent.location()).await;
    assert_eq!(waiting.status, 200);
    assert_eq!(waiting.text_of("h1"), "Regardez vos messages");

    house.work().await;
    let letters = house.letters.take();
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].to, "camille.dupont@campus.example");
    let link = path_of(&letters[0].links()[0].1);

    // The mail is read on another device.
    let mut phone = house.browser();
    let form = open(&mut phone, &link).await;
    assert!(form.text_of(".account").contains("camille.dupont"));
    assert!(form.text_of(".account").contains("Université des Tests"));
    let saved = choose(&mut phone, &form, NEW).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    let done = phone.get(saved.location()).await;
    assert_eq!(done.text_of("h1"), "Votre nouveau mot de passe est enregistré");
    assert!(phone.tgc("campus").is_none(), "nobody is signed in by a link");
    let on = done
        .addresses()
        .into_iter()
        .find(|address| address.contains("/login?"));
    let on = on.expect("the way to the service");
    assert!(on.contains(&encoded(APP)), "{on}");
    let signed_in = phone.sign_in(&on, (CAMILLE.0, NEW)).await;
    assert!(signed_in.location().starts_with(APP), "{}", signed_in.location());
    assert!(
        !signs_in(&house, CAMILLE.0, CAMILLE.1).await,
        "the old one opens nothing"
    );
}

#[tokio::test]
async fn a_new_password_ends_the_pauses_that_wrong_ones_brought() {
    // S1-06
    let house = recovering().await;
    for _ in 0..8 {
        house.browser().sign_in("/cas/login", (CAMILLE.0, "wrong")).await;
    }
    let paused = house.browser().sign_in("/cas/login", CAMILLE).await;
    assert_eq!(paused.status, 429, "guessed at too often");
    asks(&mut house.browser(), CAMILLE.0).await;
    house.work().await;
    let link = path_of(&house.letters.take()[0].links()[0].1);
    let mut phone = house.browser();
    let form = open(&mut phone, &link).await;
    assert_eq!(choose(&mut phone, &form, NEW).await.status, 303);
    let signed_in = house.browser().sign_in("/cas/login", (CAMILLE.0, NEW)).await;
    assert_eq!(signed_in.status, 303, "{}", signed_in.body);
}

#[tokio::test]
async fn the_code_of_the_message_does_what_the_link_does_and_both_are_one_right() {
    // SX-02
    let house = recovering().await;
    let mut browser = house.browser();
    let sent = asks(&mut browser, CAMILLE.0).await;
    house.work().await;
    let (_, link, code) = house.letters.take()[0].links()[0].clone();
    let page = browser.get(sent.location()).await;
    let form = page.form();
    assert_eq!(form.value("identifier"), Some(CAMILLE.0), "already filled in");
    let spaced = format!("{} {}", &code[..4].to_lowercase(), &code[4..]);
    let reply = browser.submit(&form.with("code", &spaced)).await;
    assert_eq!(reply.status, 303, "{}", reply.body);
    let form = browser.get(reply.location()).await;
    let saved = choose(&mut browser, &form, NEW).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    assert!(signs_in(&house, CAMILLE.0, NEW).await);
    let again = house.browser().get(&path_of(&link)).await;
    assert_eq!(again.text_of("h1"), "Ce lien a déjà servi");
}

#[tokio::test]
async fn a_used_link_says_so_and_offers_a_new_one() {
    // S1-07, SEC-37, T-72
    let house = recovering().await;
    let link = link_for(&house, CAMILLE.0).await;
    let mut browser = house.browser();
    let form = open(&mut browser, &link).await;
    choose(&mut browser, &form, NEW).await;
    let again = house.browser().get(&link).await;
    assert_eq!(again.status, 410);
    assert_eq!(again.text_of("h1"), "Ce lien a déjà servi");
    assert_eq!(again.text_of(".actions a.main"), "Recevoir un nouveau lien");
    let late = choose(&mut browser, &form, "une autre phrase assez longue").await;
    assert_ne!(late.status, 303);
    assert!(signs_in(&house, CAMILLE.0, NEW).await);
}
