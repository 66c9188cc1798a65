//! What ends the links that were sent: each kind of it kills every open one of the account, code and all
//! (SEC-21).

use std::sync::atomic::Ordering;
use std::time::Duration;

use mereau::base::names::{EmailAddress, Username};
use mereau::base::secret::Password;
use mereau::directory::{AttributeValue, Directory, Found, Manner, PasswordWrite, Person, Standing};
use mereau::flows::recovery::{GivenByAgent, To, Wish, send_by_agent};

use super::{NEW, choose, letters_for, open, path_of, recovering, signs_in};
use crate::house::{APP, CAMILLE, House, login_path};

/// Link and code.
type Sent = (String, String);

/// Two that are alive.
async fn two(house: &House) -> [Sent; 2] {
    let mut sent = Vec::new();
    for _ in 0..2 {
        let letters = letters_for(house, CAMILLE.0).await;
        let (_, link, code) = letters[0].links()[0].clone();
        sent.push((path_of(&link), code));
        house.clock.advance(Duration::from_secs(130));
    }
    for (link, _) in &sent {
        assert_eq!(house.browser().get(link).await.status, 303, "alive so far");
    }
    sent.try_into().unwrap()
}

async fn are_dead(house: &House, sent: &[Sent], title: &str) {
    for (link, code) in sent {
        let reply = house.browser().get(link).await;
        assert_eq!(reply.status, 410, "{}", reply.body);
        assert_eq!(reply.text_of("h1"), title);
        let mut browser = house.browser();
        let form = browser.get("/cas/recover/code").await.form();
        let form = form.with("identifier", CAMILLE.0).with("code", code);
        assert_eq!(browser.submit(&form).await.status, 401);
    }
}

#[tokio::test]
async fn a_successful_sign_in_ends_them_in_the_step_that_opens_the_session_and_a_wrong_one_does_not() {
    // SEC-21
    let house = recovering().await;
    let sent = two(&house).await;
    assert!(!signs_in(&house, CAMILLE.0, "pas celui-ci").await);
    assert_eq!(house.browser().get(&sent[0].0).await.status, 303);
    let page = open(&mut house.browser(), &sent[1].0).await;
    assert_eq!(page.status, 200);
    let before = house.store.calls();
    let mut browser = house.browser();
    browser.sign_in(&login_path(APP), CAMILLE).await;
    let with_links = house.store.calls() - before;
    are_dead(&house, &sent, "Ce lien a été annulé").await;
    let before = house.store.calls();
    house.browser().sign_in(&login_path(APP), CAMILLE).await;
    assert_eq!(house.store.calls() - before, with_links, "it costs no call");
}

#[tokio::test]
async fn a_form_that_stands_open_is_over_with_the_sign_in_of_somebody_who_knows_the_password() {
    // SEC-21
    let house = recovering().await;
    let [(link, _), _] = two(&house).await;
    let mut thief = house.browser();
    let page = open(&mut thief, &link).await;
    assert!(signs_in(&house, CAMILLE.0, CAMILLE.1).await);
    assert_eq!(choose(&mut thief, &page, NEW).await.status, 410);
    assert_eq!(house.campus.writes.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_password_that_was_written_in_the_directory_ends_them() {
    // SEC-21, T-72
    let house = recovering().await;
    let sent = two(&house).await;
    let mut browser = house.browser();
    let page = open(&mut browser, &sent[0].0).await;
    let name = Username::typed(CAMILLE.0).unwrap();
    let Found::One(person) = house.campus.find(&name).await.unwrap() else {
        panic!("nobody")
    };
    let guard = house
        .campus
        .read_for_write(&person.key)
        .await
        .unwrap()
        .unwrap()
        .guard;
    let write = PasswordWrite {
        key: &person.key,
        new: &Password::typed("par le guichet de la scolarité").unwrap(),
        guard: guard.as_ref(),
        manner: Manner::Reset,
    };
    house.campus.write_password(&write).await.unwrap();
    let reply = choose(&mut browser, &page, NEW).await;
    assert_eq!(reply.text_of("h1"), "Votre mot de passe a déjà été changé");
    are_dead(&house, &sent, "Ce lien a été annulé").await;
    assert!(signs_in(&house, CAMILLE.0, "par le guichet de la scolarité").await);
}

fn moved(mut person: Person) -> Option<Person> {
    person.attributes = person.attributes.only(|name| !name.eq_ignore_ascii_case("mail"));
    let elsewhere = AttributeValue::from_bytes(b"dupont@ailleurs.example".to_vec());
    person.attributes.add("mail", [elsewhere]);
    Some(person)
}

#[tokio::test]
async fn an_address_that_was_changed_in_the_directory_ends_those_sent_to_the_old_one() {
    // SEC-21
    let house = recovering().await;
    let sent = two(&house).await;
    let mut browser = house.browser();
    let page = open(&mut browser, &sent[0].0).await;
    *house.campus.change.lock().unwrap() = Some(moved);
    let reply = choose(&mut browser, &page, NEW).await;
    assert_eq!(reply.text_of("h1"), "Ce lien a été annulé");
    assert_eq!(house.campus.writes.load(Ordering::SeqCst), 0);
    *house.campus.change.lock().unwrap() = None;
    are_dead(&house, &sent, "Ce lien a été annulé").await;
}

fn blocked(mut person: Person) -> Option<Person> {
    person.state.standing = Standing::Suspended;
    person.state.may_sign_in = false;
    Some(person)
}

#[tokio::test]
async fn an_account_that_was_blocked_has_none_when_it_is_let_in_again() {
    // SEC-21, SEC-48
    let house = recovering().await;
    let sent = two(&house).await;
    let mut browser = house.browser();
    let page = open(&mut browser, &sent[0].0).await;
    *house.campus.change.lock().unwrap() = Some(blocked);
    let reply = choose(&mut browser, &page, NEW).await;
    assert_eq!(reply.text_of("h1"), "Changement impossible ici");
    assert_eq!(house.campus.writes.load(Ordering::SeqCst), 0);
    *house.campus.change.lock().unwrap() = None;
    are_dead(&house, &sent, "Ce lien a été annulé").await;
}

#[tokio::test]
async fn an_agents_reset_ends_those_that_were_sent_before() {
    // SEC-21
    let house = recovering().await;
    let sent = two(&house).await;
    let catalogue = house.app.catalogue();
    let wish = Wish {
        institution: catalogue.institutions.only().unwrap(),
        login: &Username::typed(CAMILLE.0).unwrap(),
        to: To::Address(&EmailAddress::stored("camille@ailleurs.example").unwrap()),
        agent: "guichet-3",
        reason: "carte vue",
    };
    let given = send_by_agent(&house.app.ports, &catalogue, &wish).await.unwrap();
    assert!(matches!(given, GivenByAgent::Sent { .. }));
    are_dead(&house, &sent, "Ce lien a été remplacé").await;
    let letters = house.letters.take();
    let new = letters.iter().find(|letter| !letter.links().is_empty()).unwrap();
    assert_eq!(house.browser().get(&path_of(&new.links()[0].1)).await.status, 303);
}

/// Eight wrong passwords for Camille, from somewhere else.
async fn strangers_fail(house: &House) {
    for _ in 0..8 {
        let mut stranger = house.browser();
        stranger.address = std::net::IpAddr::from([198, 51, 100, 7]);
        stranger.sign_in("/cas/login", (CAMILLE.0, "wrong")).await;
    }
}

#[tokio::test]
async fn a_device_that_was_known_is_a_stranger_after_the_reset() {
    // SEC-54, T-60
    let house = recovering().await;
    let mut teacher = house.browser();
    teacher.sign_in("/cas/login", CAMILLE).await;
    strangers_fail(&house).await;
    let known = teacher.sign_in("/cas/login?renew=true", CAMILLE).await;
    assert_eq!(known.status, 303, "known so far");
    let device = teacher.cookies.clone();
    let (link, _) = two(&house).await[0].clone();
    let mut other = house.browser();
    let page = open(&mut other, &link).await;
    assert_eq!(choose(&mut other, &page, NEW).await.status, 303);
    strangers_fail(&house).await;
    teacher.cookies = device;
    let stale = teacher.sign_in("/cas/login?renew=true", (CAMILLE.0, NEW)).await;
    assert_eq!(stale.status, 429, "as any stranger");
    house.clock.advance(Duration::from_secs(3600));
    teacher.sign_in("/cas/login?renew=true", (CAMILLE.0, NEW)).await;
    strangers_fail(&house).await;
    let again = teacher.sign_in("/cas/login?renew=true", (CAMILLE.0, NEW)).await;
    assert_eq!(again.status, 303, "known again by the new password");
}

#[tokio::test]
async fn a_reset_ends_this_browsers_session_too_and_offers_no_choice_of_keeping_any() {
    // SEC-57
    let house = recovering().await;
    let mut other = house.browser();
    let mut browser = house.browser();
    for one in [&mut other, &mut browser] {
        one.sign_in("/cas/login", CAMILLE).await;
    }
    let (link, _) = two(&house).await[0].clone();
    let page = open(&mut browser, &link).await;
    assert!(!page.body.contains("name=\"keep\""), "{}", page.body);
    let form = page.form().with("new", NEW).with("keep", "true");
    assert_eq!(browser.submit(&form).await.status, 303);
    for one in [&mut other, &mut browser] {
        assert!(one.get("/cas/login").await.has_form(), "ended");
    }
    assert!(browser.tgc("campus").is_none(), "and its cookie is gone");
    // Nor does the change that the sign-in wants.
    let omar = ("omar.diallo", "omar-saphir-18");
    let mut browser = house.browser();
    let reply = browser.sign_in("/cas/login", omar).await;
    let page = browser.get(reply.location()).await;
    assert!(page.form().value("new").is_some() && !page.body.contains("name=\"keep\""));
}
