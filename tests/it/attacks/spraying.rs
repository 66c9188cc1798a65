//! One password tried on thousands of names from the address of a whole school: it ends at a challenge, and the
//! school goes on.

use std::net::IpAddr;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::future::join_all;

use crate::house::{AMINE, APP, Browser, CAMILLE, House, Reply, campus, login_path};

const SCHOOL: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 5));

fn at_school(house: &House) -> Browser<'_> {
    let mut browser = house.browser();
    browser.address = SCHOOL;
    browser
}

/// Passwords that reached the directory, of known and of unknown names.
fn tried(house: &House) -> usize {
    house.campus.binds.load(Ordering::SeqCst) + house.campus.decoys.load(Ordering::SeqCst)
}

fn challenged(reply: &Reply) -> bool {
    reply.body.contains("name=\"captcha-answer\"")
}

/// Fills in the form that is shown, and presses its own button.
async fn signs_in(browser: &mut Browser<'_>, person: (&str, &str)) -> Reply {
    let form = browser.get("/cas/login").await.form().without("captcha-other");
    let form = form.with("username", person.0).with("password", person.1);
    browser.submit(&form).await
}

/// Sprays names `from..to`, each once; how many were tried at all.
async fn sprays(house: &House, from: usize, to: usize) -> usize {
    let before = tried(house);
    for name in from..to {
        let mut browser = at_school(house);
        signs_in(&mut browser, (&format!("victim{name:05}"), "Rentree2026!")).await;
    }
    tried(house) - before
}

#[tokio::test]
async fn one_password_over_750_names_at_the_form_is_challenged_within_a_hundred_tries() {
    // T-58
    let house = campus().await;
    // The school before its lessons: some sign in, some mistype.
    for number in 0..20 {
        let right = at_school(&house).sign_in("/cas/login", AMINE).await;
        assert_eq!(right.status, 303);
        if number % 4 == 0 {
            at_school(&house)
                .sign_in("/cas/login", (&format!("pupil{number}"), "mistyped"))
                .await;
        }
    }
    let reached = sprays(&house, 0, 150).await;
    assert!(
        (40..=100).contains(&reached),
        "{reached} tries before a challenge"
    );
    // The list gets no further, at any speed and by any means but a person.
    for round in 1..=6 {
        let all = (0..10).map(|at| sprays(&house, round * 1000 + at * 10, round * 1000 + at * 10 + 10));
        let more: usize = join_all(all).await.into_iter().sum();
        assert_eq!(more, 0, "round {round}");
        house.clock.advance(Duration::from_secs(60));
    }
}

#[tokio::test]
async fn the_school_goes_on_behind_the_challenge_and_nobody_is_banned() {
    // T-58
    let house = campus().await;
    sprays(&house, 0, 120).await;
    // Who sits there sees it on the form at once, answers, and is in.
    let mut pupil = at_school(&house);
    let page = pupil.get(&login_path(APP)).await;
    assert!(challenged(&page), "{}", page.body);
    let form = page.form().without("captcha-other");
    let form = form.with("username", CAMILLE.0).with("password", CAMILLE.1);
    let reply = pupil.submit(&form.with("captcha-answer", "human")).await;
    assert_eq!(reply.status, 303, "{}", reply.body);
    // A device of somebody who was here before is asked nothing.
    pupil.get("/cas/logout").await;
    let page = pupil.get("/cas/login").await;
    assert!(!challenged(&page));
    let form = page
        .form()
        .with("username", CAMILLE.0)
        .with("password", CAMILLE.1);
    assert_eq!(pupil.submit(&form).await.status, 303);
    // Nor is anybody elsewhere.
    let page = house.browser().get("/cas/login").await;
    assert!(!challenged(&page));
    assert_eq!(house.browser().sign_in("/cas/login", AMINE).await.status, 303);
    // And once it is quiet, nobody at the school is either.
    house.clock.advance(Duration::from_secs(1201));
    assert_eq!(signs_in(&mut at_school(&house), AMINE).await.status, 303);
}

#[tokio::test]
async fn a_challenge_left_out_answered_wrong_or_used_again_tries_no_password() {
    // T-58, T-80
    let house = campus().await;
    sprays(&house, 0, 120).await;
    let before = tried(&house);
    let mut browser = at_school(&house);
    let first = browser.get("/cas/login").await;
    let filled = |page: &Reply| {
        let form = page.form().without("captcha-other");
        form.with("username", AMINE.0).with("password", AMINE.1)
    };
    let none = browser
        .submit(&filled(&first).without("captcha").without("captcha-answer"))
        .await;
    assert_eq!((none.status.as_u16(), challenged(&none)), (401, true));
    assert!(
        none.text_of("[role=alert]")
            .contains("votre compte n’est pas bloqué"),
        "{}",
        none.body
    );
    let wrong = browser
        .submit(&filled(&none).with("captcha-answer", "guess"))
        .await;
    assert_eq!((wrong.status.as_u16(), challenged(&wrong)), (401, true));
    assert_eq!(wrong.form().value("username"), Some(AMINE.0));
    assert!(!wrong.body.contains(AMINE.1));
    let spent = none.form().value("captcha").unwrap().to_owned();
    let again = filled(&wrong)
        .with("captcha", &spent)
        .with("captcha-answer", "human");
    assert_eq!(browser.submit(&again).await.status, 401);
    assert_eq!(tried(&house), before, "no password was tried");
    // Another picture for the asking, which judges and tries nothing.
    let mut other = browser.get("/cas/login").await;
    other = browser
        .submit(&filled(&other).with("captcha-other", "true"))
        .await;
    assert_eq!((other.status.as_u16(), challenged(&other)), (200, true));
    assert_eq!(tried(&house), before);
    let right = browser
        .submit(&filled(&other).with("captcha-answer", "human"))
        .await;
    assert_eq!(right.status, 303, "{}", right.body);
}
