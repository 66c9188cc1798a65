//! A signed-in person's own account, through the real router.

mod addresses;
mod agent;
mod data;
mod home;
mod links;
mod password;

use std::time::Duration;

use mereau::flows::recovery::{Kind, RecoveryAddress, Trust};
use mereau::messages::Notice;

use crate::house::recovery::{Kept, mailbox, usual_recovery};
use crate::house::{Browser, CAMILLE, House, Plan, Reply, build};

pub const NEW: &str = "quatre chevaux dans la brume";
pub const OWN: &str = "camille@messagerie.example";

/// The campus alone, whose people have addresses of their own beside the institution's.
pub async fn house() -> House {
    let mut settings = usual_recovery();
    settings.addresses = vec![
        mailbox("mereauRecoveryMail", Trust::Validated),
        mailbox("mail", Trust::Institution),
        mailbox("mereauRecoveryMailPending", Trust::Unvalidated),
        number("mereauRecoveryMobile", Trust::Validated),
        number("mereauRecoveryMobilePending", Trust::Unvalidated),
    ];
    build(Plan {
        one_institution: true,
        recovery: Some(settings),
        ..Plan::default()
    })
    .await
}

fn number(attribute: &str, trust: Trust) -> RecoveryAddress {
    RecoveryAddress {
        kind: Kind::Sms,
        ..mailbox(attribute, trust)
    }
}

/// A browser in which Camille has signed in.
pub async fn signed_in(house: &House) -> Browser<'_> {
    let mut browser = house.browser();
    let reply = browser.sign_in("/cas/login", CAMILLE).await;
    assert_eq!(reply.status, 303, "{}", reply.body);
    browser
}

/// Adds an address on its page.
pub async fn adds(browser: &mut Browser<'_>, kind: &str, typed: &str) -> Reply {
    let form = browser
        .get(&format!("/cas/account/address?kind={kind}"))
        .await
        .form();
    browser.submit(&form.with("typed", typed)).await
}

/// Code and link of the only letter, which asks whether the address is its reader's.
pub fn confirmation(letters: Vec<Kept>) -> (String, String, Option<String>) {
    assert_eq!(letters.len(), 1);
    let Notice::ConfirmAddress { code, link, .. } = &letters[0].notice else {
        panic!("another letter")
    };
    let link = link.as_ref().map(|link| path_of(link.expose()));
    (letters[0].to.clone(), code.expose().to_owned(), link)
}

pub fn path_of(link: &str) -> String {
    link.strip_prefix("https://sso.example.org")
        .expect(link)
        .to_owned()
}

/// Types a code for the first address that waits, on the home page.
pub async fn types(browser: &mut Browser<'_>, code: &str) -> Reply {
    let form = browser.get("/cas/account").await.form();
    assert_eq!(form.action, "/cas/account/confirm");
    browser.submit(&form.with("code", code)).await
}

/// An address of Camille's own, verified; the letters of it are taken.
pub async fn with_own(house: &House, browser: &mut Browser<'_>, address: &str) {
    assert_eq!(adds(browser, "mail", address).await.status, 303);
    let (_, code, _) = confirmation(house.letters.take());
    assert_eq!(types(browser, &code).await.status, 303);
    house.letters.take();
}

/// The path of the only link in the letters that takes a change back.
pub fn undo_link(letters: &[Kept]) -> String {
    let link = letters.iter().find_map(|letter| match &letter.notice {
        Notice::AddressAdded { undo, .. } | Notice::AddressRemoved { undo, .. } => undo.clone(),
        _ => None,
    });
    path_of(link.expect("a link").expose())
}

pub const STALE: Duration = Duration::from_secs(301);
