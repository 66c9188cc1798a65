//! A mailbox of several people whose realm sends one link: its page asks whose password it is.

use std::sync::atomic::Ordering;

use mereau::flows::recovery::SharedMailbox;
use mereau::messages::Notice;

use super::{NEW, entry, letters_for, open, path_of, signs_in, with_settings};
use crate::house::recovery::{Kept, form_to, usual_recovery};
use crate::house::{Browser, CAMILLE, House, Reply};

const FAMILY: &str = "famille@exemple.example";

async fn family() -> House {
    let mut settings = usual_recovery();
    settings.shared = SharedMailbox::AskUsername;
    let people = [
        entry(1, "lea.mercier", FAMILY, "supannAliasLogin: lea7\n"),
        entry(2, "tom.mercier", FAMILY, ""),
        entry(3, "zoe.mercier", FAMILY, "employeeType: federated\n"),
        entry(4, "max.autre", "max@exemple.example", ""),
    ];
    with_settings(settings, &people.join("\n")).await
}

/// The one link of the one letter.
fn link_of(letters: &[Kept]) -> String {
    assert_eq!(letters.len(), 1);
    match &letters[0].notice {
        Notice::SharedLink { link, .. } => path_of(link.expose()),
        other => panic!("{}", other.name()),
    }
}

async fn tries(browser: &mut Browser<'_>, page: &Reply, username: &str, new: &str) -> Reply {
    browser
        .submit(&page.form().with("username", username).with("new", new))
        .await
}

#[tokio::test]
async fn a_username_that_does_not_share_the_mailbox_is_refused_and_a_right_one_changes_its_own() {
    // S2-16, S2-18, SEC-18
    let house = family().await;
    let letters = letters_for(&house, FAMILY).await;
    assert_eq!(letters[0].to, FAMILY);
    let link = link_of(&letters);
    let mut browser = house.browser();
    let mut page = open(&mut browser, &link).await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(!page.body.contains("mercier"), "whose mailbox it is stays unsaid");
    let mut said = Vec::new();
    for username in ["max.autre", CAMILLE.0, "nobody.at.all", FAMILY, "zoe.mercier"] {
        page = tries(&mut browser, &page, username, NEW).await;
        assert_eq!(page.status, 401, "{username}: {}", page.body);
        assert_eq!(
            page.form().value("username"),
            Some(username),
            "what was typed stays"
        );
        assert!(!page.body.contains(NEW));
        said.push(page.text_of(".problem"));
    }
    said.dedup();
    assert_eq!(said.len(), 1, "one sentence for all: {said:?}");
    page = tries(&mut browser, &page, " ", NEW).await;
    assert_eq!(page.status, 422);
    assert_eq!(house.campus.writes.load(Ordering::SeqCst), 0);
    page = tries(&mut browser, &page, "LEA.Mercier", "court").await;
    assert_eq!(page.status, 422);
    assert_eq!(page.form().value("username"), Some("LEA.Mercier"));
    let saved = tries(&mut browser, &page, "lea7", NEW).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    let done = browser.get(saved.location()).await;
    assert!(done.body.contains("lea.mercier"), "{}", done.body);
    assert!(signs_in(&house, "lea.mercier", NEW).await);
    // His old one is not tried: a sign-in would end his right (SEC-21).
    assert!(!signs_in(&house, "tom.mercier", NEW).await);
    assert_eq!(house.campus.writes.load(Ordering::SeqCst), 1);

    // The link serves each of them once.
    let mut browser = house.browser();
    let page = open(&mut browser, &link).await;
    let again = tries(&mut browser, &page, "lea.mercier", "un autre bateau sans voile").await;
    assert_eq!(again.text_of("h1"), "Ce lien a déjà servi", "{}", again.body);
    let page = open(&mut browser, &link).await;
    let saved = tries(&mut browser, &page, "tom.mercier", "un autre bateau sans voile").await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    let over = browser.get(&link).await;
    assert_eq!(over.status, 410, "{}", over.body);
}

#[tokio::test]
async fn who_has_a_mailbox_alone_gets_the_usual_letter() {
    // S2-16, S2-18
    let house = family().await;
    let letters = letters_for(&house, "max.autre").await;
    assert_eq!(letters[0].links().len(), 1);
}

#[tokio::test]
async fn looking_at_the_link_changes_nothing_and_it_goes_without_cookies_and_on_its_own_host_only() {
    // S2-16, SEC-17, SEC-29, SEC-30, SEC-36
    let house = family().await;
    let link = link_of(&letters_for(&house, FAMILY).await);
    for _ in 0..50 {
        assert_eq!(house.browser().get(&link).await.status, 303);
        house.browser().head(&link).await;
    }
    let secret = link.rsplit('/').next().unwrap();
    let mut browser = house.browser();
    let reply = browser.get(&format!("{link}.")).await;
    assert!(!reply.location().contains(secret));
    let page = browser.get(reply.location()).await;
    assert!(!page.body.contains(secret));
    let other = house
        .browser()
        .get("/cas/r/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
        .await;
    assert_eq!(other.text_of("h1"), "Lien inconnu");
    assert_eq!(tries(&mut browser, &page, "tom.mercier", NEW).await.status, 303);
}

#[tokio::test]
async fn thirty_wrong_usernames_of_a_network_are_enough() {
    // S2-16, SEC-62
    let house = family().await;
    let link = link_of(&letters_for(&house, FAMILY).await);
    let mut browser = house.browser();
    let mut page = open(&mut browser, &link).await;
    for number in 0..30 {
        page = tries(&mut browser, &page, &format!("guess.{number}"), NEW).await;
        assert_eq!(page.status, 401);
    }
    let reply = tries(&mut browser, &page, "lea.mercier", NEW).await;
    assert_eq!(reply.status, 429, "even the right one waits");
    assert!(!signs_in(&house, "lea.mercier", NEW).await);
}

#[tokio::test]
async fn who_did_not_ask_ends_the_rights_of_all() {
    // S2-16, SEC-58
    let house = family().await;
    let link = link_of(&letters_for(&house, FAMILY).await);
    let mut browser = house.browser();
    let page = open(&mut browser, &link).await;
    let form = page.form();
    let revoke = form_to(
        &form.action.replace("/recover/new", "/recover/revoke"),
        &[
            ("lt", form.value("lt").unwrap()),
            ("flow", form.value("flow").unwrap()),
        ],
    );
    assert_eq!(
        browser.submit(&revoke).await.status,
        422,
        "a button alone does nothing"
    );
    let reply = browser.submit(&revoke.with("sure", "true")).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(house.browser().get(&link).await.status, 410);
}
