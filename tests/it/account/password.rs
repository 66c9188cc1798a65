//! Changing the password, knowing the one in force.

use mereau::messages::{How, Notice};

use super::{NEW, house, signed_in};
use crate::house::{Browser, CAMILLE, Reply};

async fn changes(browser: &mut Browser<'_>, current: &str, new: &str, keep: bool) -> Reply {
    let mut form = browser.get("/cas/account/password").await.form();
    if keep {
        form = form.with("keep", "true");
    }
    browser
        .submit(&form.with("current", current).with("new", new))
        .await
}

#[tokio::test]
async fn the_password_is_changed_with_the_old_one_other_sessions_end_and_a_letter_goes() {
    // S3-03, SEC-54, SEC-57, SEC-58, SEC-21
    let house = house().await;
    let link = crate::recovery::link_for(&house, CAMILLE.0).await;
    let mut browser = signed_in(&house).await;
    let mut other = signed_in(&house).await;
    let before = browser.tgc("campus").cloned();
    let saved = changes(&mut browser, CAMILLE.1, NEW, false).await;
    assert_eq!(saved.location(), "/cas/account?said=password%2Dsaved");
    assert_ne!(browser.tgc("campus").cloned(), before, "a new session");
    assert!(
        browser
            .get(saved.location())
            .await
            .body
            .contains("est enregistré")
    );
    assert!(other.get("/cas/login").await.has_form(), "ended");
    assert!(crate::recovery::signs_in(&house, CAMILLE.0, NEW).await);
    assert!(!crate::recovery::signs_in(&house, CAMILLE.0, CAMILLE.1).await);
    let letters = house.letters.take();
    assert_eq!(letters.len(), 1);
    let how = match &letters[0].notice {
        Notice::PasswordChanged { how, .. } => *how,
        _ => panic!("another letter"),
    };
    assert_eq!(how, How::Account);
    let opened = house.browser().get(&link).await;
    assert_eq!(opened.status, 410, "the link that was open is dead");
}

#[tokio::test]
async fn other_sessions_are_kept_when_their_person_asks_for_it() {
    // SEC-57
    let house = house().await;
    let mut browser = signed_in(&house).await;
    let mut other = signed_in(&house).await;
    let before = browser.tgc("campus").cloned();
    assert_eq!(changes(&mut browser, CAMILLE.1, NEW, true).await.status, 303);
    assert!(!other.get("/cas/login").await.has_form());
    assert_ne!(
        browser.tgc("campus").cloned(),
        before,
        "this browser's old one ended"
    );
}

#[tokio::test]
async fn a_wrong_old_password_a_weak_or_the_same_new_one_change_nothing() {
    // SEC-72, SEC-62
    let house = house().await;
    let mut browser = signed_in(&house).await;
    let wrong = changes(&mut browser, "pas celui-ci", NEW, false).await;
    assert_eq!(wrong.status, 401);
    assert_eq!(wrong.text_of("#problem h2"), "Mot de passe actuel refusé");
    for (current, new) in [
        ("", NEW),
        (CAMILLE.1, "court"),
        (CAMILLE.1, CAMILLE.1),
        (CAMILLE.1, ""),
    ] {
        let refused = changes(&mut browser, current, new, false).await;
        assert_eq!(refused.status, 422, "{new}");
        assert!(!refused.body.contains(CAMILLE.1));
    }
    assert!(crate::recovery::signs_in(&house, CAMILLE.0, CAMILLE.1).await);
    assert!(house.letters.take().is_empty());
}

#[tokio::test]
async fn a_post_that_fails_undoes_no_password() {
    // SEC-60
    let house = house().await;
    let mut browser = signed_in(&house).await;
    house
        .letters
        .down
        .store(true, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(changes(&mut browser, CAMILLE.1, NEW, false).await.status, 303);
    assert!(crate::recovery::signs_in(&house, CAMILLE.0, NEW).await);
}

#[tokio::test]
async fn a_change_that_fails_on_the_old_password_says_one_thing_whatever_the_reason() {
    // SEC-07
    use mereau::directory::PasswordRefusal;

    use crate::house::Fate;
    use crate::recovery::masked;

    let house = house().await;
    let mut browser = signed_in(&house).await;
    let wrong = changes(&mut browser, "not it at all", NEW, false).await;
    *house.campus.fate.lock().unwrap() = Fate::Refused(PasswordRefusal::WrongCurrent);
    let moved = changes(&mut browser, CAMILLE.1, NEW, false).await;
    *house.campus.fate.lock().unwrap() = Fate::Applied;
    *house.campus.change.lock().unwrap() = Some(|_| None);
    let gone = changes(&mut browser, CAMILLE.1, NEW, false).await;
    for (why, reply) in [("moved", &moved), ("gone", &gone)] {
        assert_eq!(reply.status, 401, "{why}");
        assert_eq!(masked(&reply.body), masked(&wrong.body), "{why}");
    }
}
