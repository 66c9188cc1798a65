//! The form of the new password: what it refuses and keeps, what happens once it is saved.

use std::sync::atomic::Ordering;
use std::time::Duration;

use mereau::directory::PasswordRefusal;
use mereau::messages::Notice;

use super::{NEW, choose, entry, link_for, open, recovering, signs_in, with_people};
use crate::house::{APP, CAMILLE, Fate};

#[tokio::test]
async fn the_rules_stand_before_the_field_and_a_refused_password_keeps_the_link() {
    // S1-13, S3-11, SEC-72, SEC-75
    let house = recovering().await;
    let link = link_for(&house, CAMILLE.0).await;
    let mut browser = house.browser();
    let mut page = open(&mut browser, &link).await;
    let rules = page.body.find("id=\"rules\"").unwrap();
    let field = page.body.find("id=\"new\"").unwrap();
    assert!(rules < field);
    assert!(page.body.contains("autocomplete=\"new-password\""));
    assert!(page.body.contains("aria-required=\"true\""));
    assert!(page.body.contains("aria-describedby=\"rules\""));
    for weak in [
        "",
        "court",
        "camille.dupont2026",
        "motdepasse123456",
        &"é".repeat(300),
    ] {
        page = choose(&mut browser, &page, weak).await;
        assert_eq!(page.status, 422, "{weak:?}");
        assert!(page.has_form_for_new(), "{weak:?}");
        assert!(weak.is_empty() || !page.body.contains(&format!("value=\"{weak}\"")));
    }
    assert_eq!(
        house.campus.writes.load(Ordering::SeqCst),
        0,
        "no ticket and no directory was touched"
    );
    assert_eq!(choose(&mut browser, &page, NEW).await.status, 303);
}

#[tokio::test]
async fn each_refusal_of_the_directory_has_its_sentence_and_keeps_the_link() {
    // SEC-77, SEC-78
    let house = recovering().await;
    let link = link_for(&house, CAMILLE.0).await;
    let mut browser = house.browser();
    let mut page = open(&mut browser, &link).await;
    for (why, sentence) in [
        (PasswordRefusal::TooShort, "trop court"),
        (PasswordRefusal::TooLong, "trop long"),
        (PasswordRefusal::InHistory, "déjà utilisé ce mot de passe"),
        (PasswordRefusal::Quality, "trop facile à deviner"),
        (PasswordRefusal::NotAllowed, "signalez-le à l’assistance"),
        (PasswordRefusal::PassThrough, "signalez-le à l’assistance"),
        (PasswordRefusal::Other, "a refusé ce mot de passe"),
        (
            PasswordRefusal::TooYoung {
                wait: Some(Duration::from_secs(3600)),
            },
            "demande d’attendre jusqu’au",
        ),
        (PasswordRefusal::TooYoung { wait: None }, "Réessayez plus tard"),
    ] {
        *house.campus.fate.lock().unwrap() = Fate::Refused(why);
        page = choose(&mut browser, &page, NEW).await;
        assert_eq!(page.status, 422, "{why:?}");
        let said = page.text_of(".problem");
        assert!(said.contains(sentence), "{why:?}: {said}");
        assert!(said.contains("votre lien reste valable"), "{said}");
    }
    *house.campus.fate.lock().unwrap() = Fate::Applied;
    assert_eq!(choose(&mut browser, &page, NEW).await.status, 303);
    assert!(signs_in(&house, CAMILLE.0, NEW).await);
}

#[tokio::test]
async fn ten_refusals_wear_a_link_out() {
    // SEC-62
    let house = recovering().await;
    let link = link_for(&house, CAMILLE.0).await;
    let mut browser = house.browser();
    let page = open(&mut browser, &link).await;
    *house.campus.fate.lock().unwrap() = Fate::Refused(PasswordRefusal::Quality);
    let mut last = None;
    for _ in 0..10 {
        last = Some(choose(&mut browser, &page, NEW).await);
    }
    let last = last.unwrap();
    assert_eq!(last.status, 410);
    assert_eq!(last.text_of("h1"), "Ce lien ne peut plus servir");
}

#[tokio::test]
async fn fifty_at_once_and_one_password_wins() {
    // SEC-22, T-70, T-71
    let house = std::sync::Arc::new(recovering().await);
    let link = link_for(&house, CAMILLE.0).await;
    let (mut one, mut two) = (house.browser(), house.browser());
    let pages = [open(&mut one, &link).await, open(&mut two, &link).await];
    let cookies = [one.cookies.clone(), two.cookies.clone()];
    let mut running = tokio::task::JoinSet::new();
    for number in 0..50 {
        let (house, form) = (house.clone(), pages[number % 2].form());
        let cookies = cookies[number % 2].clone();
        running.spawn(async move {
            let mut browser = house.browser();
            browser.cookies = cookies;
            let password = format!("{NEW} numéro {number}");
            let reply = browser.submit(&form.with("new", &password)).await;
            (password, reply.status.as_u16())
        });
    }
    let done = running.join_all().await;
    let won: Vec<&(String, u16)> = done.iter().filter(|(_, status)| *status == 303).collect();
    assert_eq!(won.len(), 1, "{done:?}");
    for (password, status) in &done {
        assert!([303, 409, 410].contains(status), "{status}");
        if *status != 303 {
            continue;
        }
        assert!(signs_in(&house, CAMILLE.0, password).await);
    }
    assert_eq!(house.campus.writes.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn success_ends_sessions_tells_applications_and_writes_to_every_address() {
    // SEC-54, SEC-55, SEC-56, SEC-57, SEC-58, SEC-60, S1-21, T-81
    let house = recovering().await;
    let mut old = house.browser();
    let ticket = old
        .sign_in(&crate::house::login_path(APP), CAMILLE)
        .await
        .ticket();
    house.validate(APP, &ticket).await;
    let link = link_for(&house, CAMILLE.0).await;
    house.letters.take();
    let mut browser = house.browser();
    browser.headers.push((
        "user-agent",
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0".to_owned(),
    ));
    let page = open(&mut browser, &link).await;
    let saved = choose(&mut browser, &page, NEW).await;
    let done = browser.get(saved.location()).await;
    assert!(
        done.text_of("main").contains("1 autre connexion a été fermée"),
        "{}",
        done.body
    );
    let gone = old.get(&crate::house::login_path(APP)).await;
    assert_eq!(gone.status, 200, "the form, not a ticket");
    let told = house.notices.take();
    assert_eq!(told.len(), 1);
    assert!(told[0].2.contains(&ticket));
    let letters = house.letters.take();
    assert_eq!(letters.len(), 1);
    match &letters[0].notice {
        Notice::PasswordChanged {
            network_prefix,
            browser,
            ..
        } => {
            assert_eq!(network_prefix.as_ref().unwrap().as_str(), "192.0.2.0/24");
            assert!(browser.is_some());
        }
        other => panic!("{}", other.name()),
    }
}

#[tokio::test]
async fn letters_that_cannot_be_kept_never_undo_a_password() {
    // SEC-60
    let house = recovering().await;
    let link = link_for(&house, CAMILLE.0).await;
    let mut browser = house.browser();
    let page = open(&mut browser, &link).await;
    house.letters.down.store(true, Ordering::SeqCst);
    assert_eq!(choose(&mut browser, &page, NEW).await.status, 303);
    assert!(signs_in(&house, CAMILLE.0, NEW).await);
}

#[tokio::test]
async fn a_lock_from_failures_is_lifted_and_told() {
    // S1-21, S1-22, SEC-49
    let house = recovering().await;
    let link = link_for(&house, "nadia.cohen").await;
    let mut browser = house.browser();
    let page = open(&mut browser, &link).await;
    assert_eq!(choose(&mut browser, &page, NEW).await.status, 303);
    let mut names: Vec<&str> = Vec::new();
    let letters = house.letters.take();
    names.extend(letters.iter().map(|letter| letter.notice.name()));
    assert_eq!(names, ["password_changed", "unlocked"]);
    assert!(signs_in(&house, "nadia.cohen", NEW).await);
}

#[tokio::test]
async fn an_account_that_staff_closed_meanwhile_stays_closed() {
    // SEC-48, T-54
    let house = recovering().await;
    let link = link_for(&house, CAMILLE.0).await;
    let mut browser = house.browser();
    let page = open(&mut browser, &link).await;
    let closed = |mut person: mereau::directory::Person| {
        person.state.standing = mereau::directory::Standing::Suspended;
        person.state.may_sign_in = false;
        Some(person)
    };
    *house.campus.change.lock().unwrap() = Some(closed);
    let reply = choose(&mut browser, &page, NEW).await;
    assert_eq!(reply.text_of("h1"), "Changement impossible ici");
    assert_eq!(house.campus.writes.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_person_who_is_made_anew_under_the_same_name_is_somebody_else() {
    // SEC-16
    let house = recovering().await;
    let link = link_for(&house, CAMILLE.0).await;
    let mut browser = house.browser();
    let page = open(&mut browser, &link).await;
    *house.campus.change.lock().unwrap() = Some(|_| None);
    let reply = choose(&mut browser, &page, NEW).await;
    assert_eq!(reply.text_of("h1"), "Changement impossible ici");
}

#[tokio::test]
async fn a_password_that_changed_by_another_way_kills_the_links() {
    // SEC-21, T-72
    let house = recovering().await;
    let first = link_for(&house, CAMILLE.0).await;
    house.clock.advance(Duration::from_secs(130));
    let second = link_for(&house, CAMILLE.0).await;
    let mut browser = house.browser();
    let late = open(&mut browser, &second).await;
    // The store forgets that the first was used: what the directory knows still holds.
    let page = open(&mut browser, &first).await;
    house.store.forgets.store(true, Ordering::SeqCst);
    assert_eq!(choose(&mut browser, &page, NEW).await.status, 303);
    house.store.forgets.store(false, Ordering::SeqCst);
    let reply = choose(&mut browser, &late, "encore une phrase pour rien").await;
    assert_eq!(reply.text_of("h1"), "Votre mot de passe a déjà été changé");
    assert!(signs_in(&house, CAMILLE.0, NEW).await);
}

#[tokio::test]
async fn a_page_that_was_open_too_long_is_shown_again_with_the_link_alive() {
    // SEC-88
    let house = recovering().await;
    let link = link_for(&house, CAMILLE.0).await;
    let mut browser = house.browser();
    let page = open(&mut browser, &link).await;
    let reply = browser.submit(&page.form().without("lt").with("new", NEW)).await;
    assert_eq!(reply.status, 400);
    assert!(reply.text_of(".problem").contains("votre lien reste valable"));
    browser.headers.push(("sec-fetch-site", "cross-site".to_owned()));
    assert_eq!(choose(&mut browser, &page, NEW).await.status, 400);
    browser.headers.clear();
    assert_eq!(choose(&mut browser, &reply, NEW).await.status, 303);
}

#[tokio::test]
async fn the_audit_has_every_step_and_no_secret() {
    // SEC-89
    let house = recovering().await;
    let letters = super::letters_for(&house, CAMILLE.0).await;
    let (_, link, code) = letters[0].links()[0].clone();
    let mut browser = house.browser();
    let page = open(&mut browser, &super::path_of(&link)).await;
    choose(&mut browser, &page, NEW).await;
    let events = house.audit.take();
    let names: Vec<&str> = events.iter().map(|record| record.event.name()).collect();
    for wanted in [
        "recovery-requested",
        "recovery-sent",
        "link-opened",
        "ticket-claimed",
        "password-written",
        "ticket-spent",
        "notice-queued",
    ] {
        assert!(names.contains(&wanted), "{wanted} in {names:?}");
    }
    let told = format!("{events:?}");
    let token = link.rsplit('/').next().unwrap();
    for secret in [token, code.as_str(), NEW, CAMILLE.1] {
        assert!(!told.contains(secret));
    }
}

#[tokio::test]
async fn names_cannot_become_markup_on_the_page() {
    // SEC-43
    let people = entry(1, "<b>x", "x@campus.example", "");
    let house = with_people(&format!("\n{people}")).await;
    let link = link_for(&house, "x@campus.example").await;
    let mut browser = house.browser();
    let page = open(&mut browser, &link).await;
    assert!(page.body.contains("&lt;b&gt;x") && !page.body.contains("<b>x"));
}
