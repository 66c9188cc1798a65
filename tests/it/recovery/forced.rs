//! A right password that must be another one: changed within the sign-in, which goes on to the service.

use std::sync::atomic::Ordering;

use mereau::directory::PasswordRefusal;

use super::{NEW, letters_for, link_for, recovering, signs_in};
use crate::house::{APP, CAMILLE, Fate, login_path};

const OMAR: (&str, &str) = ("omar.diallo", "omar-saphir-18");

#[tokio::test]
async fn who_must_change_does_so_on_the_way_and_arrives_at_the_service() {
    // S5-10, SEC-79
    let house = recovering().await;
    let mut browser = house.browser();
    let reply = browser.sign_in(&login_path(APP), OMAR).await;
    assert_eq!(reply.status, 303, "{}", reply.body);
    assert!(
        reply.location().starts_with("/cas/login/change?"),
        "{}",
        reply.location()
    );
    assert!(browser.tgc("campus").is_none(), "nothing is opened yet");
    let page = browser.get(reply.location()).await;
    assert!(page.body.contains("omar.diallo"));
    assert!(page.text_of(".lede").contains("provisoire"));
    let weak = browser.submit(&page.form().with("new", "court")).await;
    assert_eq!(weak.status, 422);
    let done = browser.submit(&weak.form().with("new", NEW)).await;
    assert!(done.location().starts_with(APP), "{}", done.location());
    assert!(house.validate(APP, &done.ticket()).await.contains("omar.diallo"));
    assert!(signs_in(&house, OMAR.0, NEW).await);
    assert_eq!(house.letters.take()[0].notice.name(), "password_changed");
}

#[tokio::test]
async fn the_old_password_is_asked_where_the_directory_wants_it() {
    // S5-10, SEC-80
    let house = recovering().await;
    let mut browser = house.browser();
    let reply = browser.sign_in("/cas/login", OMAR).await;
    let page = browser.get(reply.location()).await;
    *house.campus.fate.lock().unwrap() = Fate::Refused(PasswordRefusal::NotAllowed);
    let page = browser.submit(&page.form().with("new", NEW)).await;
    assert!(
        page.body.contains("autocomplete=\"current-password\""),
        "{}",
        page.body
    );
    *house.campus.fate.lock().unwrap() = Fate::Applied;
    let wrong = browser
        .submit(&page.form().with("new", NEW).with("current", "not it at all"))
        .await;
    assert_eq!(wrong.status, 401);
    let form = wrong.form().with("new", NEW).with("current", OMAR.1);
    assert_eq!(browser.submit(&form).await.status, 303);
    assert!(signs_in(&house, OMAR.0, NEW).await);
}

#[tokio::test]
async fn the_right_to_change_ends_when_the_password_moves() {
    // S5-10, SEC-21, SEC-22
    let house = recovering().await;
    let mut browser = house.browser();
    let reply = browser.sign_in("/cas/login", OMAR).await;
    let page = browser.get(reply.location()).await;
    let cookies = browser.cookies.clone();
    assert_eq!(browser.submit(&page.form().with("new", NEW)).await.status, 303);
    browser.cookies = cookies;
    let again = browser
        .submit(&page.form().with("new", "une deuxième phrase sans effet"))
        .await;
    assert!(again.location().starts_with("/cas/login"), "{}", again.location());
    assert!(signs_in(&house, OMAR.0, NEW).await);
    assert_eq!(house.campus.writes.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn without_a_guard_in_the_directory_the_right_to_change_is_used_once_all_the_same() {
    // S5-10, SEC-22
    let house = recovering().await;
    house.campus.unguarded.store(true, Ordering::SeqCst);
    let mut browser = house.browser();
    let reply = browser.sign_in("/cas/login", OMAR).await;
    let page = browser.get(reply.location()).await;
    let first = browser.cookies.clone();
    *house.campus.fate.lock().unwrap() = Fate::Refused(PasswordRefusal::InHistory);
    let refused = browser.submit(&page.form().with("new", NEW)).await;
    assert_eq!(refused.status, 422);
    *house.campus.fate.lock().unwrap() = Fate::Applied;
    let second = browser.cookies.clone();
    assert_eq!(browser.submit(&refused.form().with("new", NEW)).await.status, 303);
    let writes = house.campus.writes.load(Ordering::SeqCst);
    for (cookies, form) in [(first, &page), (second, &refused)] {
        browser.cookies = cookies;
        let again = form.form().with("new", "une deuxième phrase sans effet");
        let again = browser.submit(&again).await;
        assert!(again.location().starts_with("/cas/login"), "{}", again.location());
    }
    assert_eq!(house.campus.writes.load(Ordering::SeqCst), writes);
    assert!(signs_in(&house, OMAR.0, NEW).await);
}

#[tokio::test]
async fn links_that_were_sent_before_a_forced_change_are_over_with_it() {
    // SEC-21
    let house = recovering().await;
    let link = link_for(&house, OMAR.0).await;
    assert_eq!(house.browser().get(&link).await.status, 303, "it opens so far");
    let mut browser = house.browser();
    let reply = browser.sign_in("/cas/login", OMAR).await;
    let page = browser.get(reply.location()).await;
    assert_eq!(browser.submit(&page.form().with("new", NEW)).await.status, 303);
    assert_eq!(house.browser().get(&link).await.status, 410);
}

#[tokio::test]
async fn a_code_typed_as_the_password_opens_the_choice_of_one_and_nothing_else() {
    // S4-06
    let house = recovering().await;
    let (_, _, code) = letters_for(&house, CAMILLE.0).await[0].links()[0].clone();
    let mut browser = house.browser();
    let reply = browser.sign_in(&login_path(APP), (CAMILLE.0, &code)).await;
    assert_eq!(reply.status, 303, "{}", reply.body);
    assert!(browser.tgc("campus").is_none());
    let page = browser.get(reply.location()).await;
    assert!(
        page.text_of(".lede").contains("Votre code est bon"),
        "{}",
        page.body
    );
    assert!(page.body.contains("Service app"));
    let saved = super::choose(&mut browser, &page, NEW).await;
    assert_eq!(saved.status, 303);
    assert!(signs_in(&house, CAMILLE.0, NEW).await);
    let mut other = house.browser();
    let reply = other.sign_in("/cas/login", (CAMILLE.0, &code)).await;
    assert_eq!(reply.status, 401, "it was used");
}

#[tokio::test]
async fn no_password_is_disturbed_by_who_asks_for_another() {
    // SEC-50, SEC-64
    let house = recovering().await;
    for _ in 0..5 {
        letters_for(&house, CAMILLE.0).await;
    }
    assert!(signs_in(&house, CAMILLE.0, CAMILLE.1).await);
}
