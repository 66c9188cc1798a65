//! A password is the same however a keyboard composes it, wherever it is chosen and wherever it is typed;
//! what cannot be one reaches no directory.

use std::sync::atomic::Ordering;

use mereau::passwords::hashes::argon2id_costing;

use super::{choose, entry, link_for, open, recovering, with_people};
use crate::account::signed_in;
use crate::house::{CAMILLE, House, Reply};

const AMINE: (&str, &str) = ("amine.benali", "amine-tulipe-8");
const OMAR: (&str, &str) = ("omar.diallo", "omar-saphir-18");

/// « Élise a bu trois thés glacés » with composed letters, decomposed ones, and other spaces.
const COMPOSED: &str = "\u{c9}lise a bu trois th\u{e9}s glac\u{e9}s";
const DECOMPOSED: &str = "E\u{301}lise a bu trois the\u{301}s glace\u{301}s";
const SPACED: &str = "\u{c9}lise\u{a0}a\u{2003}bu\u{202f}trois\u{3000}th\u{e9}s glac\u{e9}s";

async fn opens(house: &House, login: &str) {
    for (number, typed) in [COMPOSED, DECOMPOSED, SPACED].into_iter().enumerate() {
        let mut browser = house.browser();
        browser.address = std::net::IpAddr::from([198, 51, 100, u8::try_from(number).unwrap()]);
        let reply = browser.sign_in("/cas/login", (login, typed)).await;
        assert_eq!(reply.status, 303, "{login}: {typed}");
    }
    // Case and letters that only look alike stay what they are.
    let mut browser = house.browser();
    for other in [COMPOSED.to_lowercase(), COMPOSED.replace("th\u{e9}s", "thes")] {
        let reply = browser.sign_in("/cas/login", (login, &other)).await;
        assert_eq!(reply.status, 401, "{other}");
    }
}

#[tokio::test]
async fn a_password_that_was_reset_is_typed_on_any_keyboard() {
    // SEC-74
    for typed in [COMPOSED, DECOMPOSED, SPACED] {
        let house = recovering().await;
        let link = link_for(&house, CAMILLE.0).await;
        let mut browser = house.browser();
        let page = open(&mut browser, &link).await;
        assert_eq!(choose(&mut browser, &page, typed).await.status, 303);
        opens(&house, CAMILLE.0).await;
    }
}

#[tokio::test]
async fn a_password_that_was_changed_is_typed_on_any_keyboard() {
    // SEC-74
    let house = recovering().await;
    let mut browser = house.browser();
    let reply = browser.sign_in("/cas/login", OMAR).await;
    let page = browser.get(reply.location()).await;
    assert_eq!(choose(&mut browser, &page, DECOMPOSED).await.status, 303);
    opens(&house, OMAR.0).await;

    let mut browser = signed_in(&house).await;
    let form = browser.get("/cas/account/password").await.form();
    let form = form.with("current", CAMILLE.1).with("new", SPACED);
    assert_eq!(browser.submit(&form).await.status, 303);
    opens(&house, CAMILLE.0).await;
    // The one in force is recognised in its other writing.
    let mut browser = house.browser();
    browser.sign_in("/cas/login", (CAMILLE.0, COMPOSED)).await;
    let form = browser.get("/cas/account/password").await.form();
    let form = form
        .with("current", DECOMPOSED)
        .with("new", "quatre chevaux dans la brume");
    assert_eq!(browser.submit(&form).await.status, 303);
}

/// Somebody whose password another system stored as it was typed there: with decomposed letters.
async fn with_an_old_password() -> House {
    let chance = mereau::base::entropy::OsEntropy;
    let stored = argon2id_costing(DECOMPOSED.as_bytes(), &chance, 64, 1).unwrap();
    let old = entry(1, "nfd", "nfd@campus.example", "");
    let line = old.lines().find(|line| line.starts_with("userPassword")).unwrap();
    with_people(&old.replace(line, &format!("userPassword: {stored}"))).await
}

#[tokio::test]
async fn a_password_stored_as_it_was_typed_elsewhere_is_tried_a_second_time_as_one_try() {
    // SEC-74
    let house = with_an_old_password().await;
    let binds = || house.campus.binds.load(Ordering::SeqCst);
    let reply = house.browser().sign_in("/cas/login", ("nfd", DECOMPOSED)).await;
    assert_eq!(reply.status, 303);
    assert_eq!(binds(), 2, "normalised first, then as typed");
    assert_eq!(
        house
            .browser()
            .sign_in("/cas/login", ("nfd", COMPOSED))
            .await
            .status,
        401,
        "what is typed otherwise is not tried otherwise"
    );
    assert_eq!(binds(), 3);
    // Two binds are one try: as many are free as of a password that is bound once.
    let mut free = Vec::new();
    for wrong in ["wrong pa\u{301}ssword", "wrong password"] {
        let house = with_an_old_password().await;
        let mut tries = 0;
        while house.browser().sign_in("/cas/login", ("nfd", wrong)).await.status == 401 {
            tries += 1;
            assert!(tries < 50);
        }
        free.push(tries);
    }
    assert_eq!(free[0], free[1]);
}

#[tokio::test]
async fn a_decomposed_password_does_not_tell_whether_the_login_is_known() {
    // SEC-74, T-53
    let house = recovering().await;
    for (typed, tries) in [("wrong password", 1), ("wrong pa\u{301}ssword", 2)] {
        let before = (
            house.campus.binds.load(Ordering::SeqCst),
            house.campus.decoys.load(Ordering::SeqCst),
        );
        house.browser().sign_in("/cas/login", (CAMILLE.0, typed)).await;
        house
            .browser()
            .sign_in("/cas/login", ("nobody.at.all", typed))
            .await;
        assert_eq!(house.campus.binds.load(Ordering::SeqCst) - before.0, tries);
        assert_eq!(house.campus.decoys.load(Ordering::SeqCst) - before.1, tries);
    }
}

/// Said to be none, or no form at all: NUL is in none.
fn no_password(reply: &Reply) -> bool {
    matches!(reply.status.as_u16(), 400 | 422)
}

#[tokio::test]
async fn what_cannot_be_a_password_reaches_no_directory_wherever_it_is_typed() {
    // SEC-75, T-50
    let house = recovering().await;
    let link = link_for(&house, CAMILLE.0).await;
    let mut reset = house.browser();
    let page = open(&mut reset, &link).await;
    let mut forced = house.browser();
    let to = forced.sign_in("/cas/login", OMAR).await.location().to_owned();
    let must = forced.get(&to).await;
    let mut own = house.browser();
    own.sign_in("/cas/login", AMINE).await;
    let account = own.get("/cas/account/password").await;
    let counts = || {
        let of = |count: &std::sync::atomic::AtomicUsize| count.load(Ordering::SeqCst);
        (of(&house.campus.binds), of(&house.campus.writes))
    };
    let before = counts();
    let long = "phrase de passe ".repeat(33);
    let wide = "\u{1f402}".repeat(129);
    for typed in ["", " ", "\0", "   \0", "a\0bcdefghijklmnop", &long, &wide] {
        let sent = choose(&mut reset, &page, typed).await;
        assert!(no_password(&sent), "{typed:?}");
        let sent = choose(&mut forced, &must, typed).await;
        assert!(no_password(&sent), "{typed:?}");
        let sent = house.browser().sign_in("/cas/login", (CAMILLE.0, typed)).await;
        assert!(matches!(sent.status.as_u16(), 400 | 401), "{typed:?}");
        for (current, new) in [(typed, "quatre chevaux dans la brume"), (AMINE.1, typed)] {
            let form = account.form().with("current", current).with("new", new);
            assert!(no_password(&own.submit(&form).await), "{typed:?}");
        }
    }
    assert_eq!(counts(), before);
}
