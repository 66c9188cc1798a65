//! What asking, codes and secrets are not: a way to change somebody's password, to find out who exists,
//! or something to be compared sign by sign.

use std::marker::PhantomData;
use std::sync::atomic::Ordering;

use mereau::base::names::Username;
use mereau::base::secret::{Password, Secret};
use mereau::directory::{Bound, Directory, Found};
use mereau::tickets::{Looked, PendingToken, ResetCode, ResetToken};

use super::cohorts::seen;
use super::{NEW, asks, choose, letters_for, open, path_of, recovering, signs_in};
use crate::house::{APP, CAMILLE, House, login_path};

async fn binds(house: &House, password: &str) -> bool {
    let name = Username::typed(CAMILLE.0).unwrap();
    let Found::One(person) = house.campus.find(&name).await.unwrap() else {
        panic!("nobody")
    };
    let bound = house
        .campus
        .bind(&person, &Password::typed(password).unwrap())
        .await;
    matches!(bound.unwrap(), Bound::Accepted(_))
}

#[tokio::test]
async fn a_provisional_code_is_no_password_and_who_asks_for_one_changes_nobodys() {
    // SEC-87, SEC-50, S4-06
    let house = recovering().await;
    let mut codes = Vec::new();
    for _ in 0..3 {
        let letters = letters_for(&house, CAMILLE.0).await;
        codes.push(letters[0].links()[0].2.clone());
        house.clock.advance(std::time::Duration::from_secs(130));
    }
    asks(&mut house.browser(), CAMILLE.0).await;
    house.work().await;
    assert_eq!(house.campus.writes.load(Ordering::SeqCst), 0);
    assert!(binds(&house, CAMILLE.1).await, "the password is as it was");
    for code in &codes {
        assert!(!binds(&house, code).await, "the directory knows no code");
    }
    let mut browser = house.browser();
    let reply = browser.sign_in(&login_path(APP), (CAMILLE.0, &codes[1])).await;
    assert!(reply.location().contains("/recover/new"), "{}", reply.location());
    assert!(browser.tgc("campus").is_none() && !reply.location().contains("ticket="));
    assert!(
        browser.get("/cas/account").await.status.is_redirection(),
        "nothing else opens"
    );
    assert_eq!(house.campus.writes.load(Ordering::SeqCst), 0);
    assert!(binds(&house, CAMILLE.1).await, "until the form is validated");
    let page = browser.get(reply.location()).await;
    assert_eq!(choose(&mut browser, &page, NEW).await.status, 303);
    assert!(binds(&house, NEW).await && !binds(&house, CAMILLE.1).await);
}

#[tokio::test]
async fn a_wrong_name_and_a_wrong_password_are_one_answer() {
    // S2-02
    let people = super::entry(1, "cohort-person-01", "one@campus.example", "");
    let house = super::with_people(&format!("\n{people}")).await;
    let mut answers = Vec::new();
    for name in ["cohort-person-01", "cohort-nobody-01"] {
        for path in ["/cas/login", &login_path(APP)] {
            let mut browser = house.browser();
            let reply = browser.sign_in(path, (name, "pas celui-ci")).await;
            assert_eq!(reply.status, 401);
            answers.push(seen(&reply));
        }
    }
    assert_eq!(answers[0..2], answers[2..4]);
}

/// Whether two of a type can be compared by `==`, which may stop at the first difference.
struct Compared<T>(PhantomData<T>);

trait ByNothing {
    const COMPARES: bool = false;
}

impl<T> ByNothing for Compared<T> {}

impl<T: PartialEq> Compared<T> {
    const COMPARES: bool = true;
}

#[tokio::test]
async fn secrets_are_looked_up_by_their_hash_and_never_compared() {
    // SEC-12
    const { assert!(Compared::<String>::COMPARES, "it would be seen") };
    const { assert!(!Compared::<ResetToken>::COMPARES) };
    const { assert!(!Compared::<ResetCode>::COMPARES) };
    const { assert!(!Compared::<PendingToken>::COMPARES) };
    const { assert!(!Compared::<Password>::COMPARES) };
    const { assert!(!Compared::<Secret>::COMPARES) };
    // A token that differs in one sign of its random part, wherever, is as unknown as any.
    let house = recovering().await;
    let letters = letters_for(&house, CAMILLE.0).await;
    let link = letters[0].links()[0].1.clone();
    let token = link.rsplit('/').next().unwrap();
    let resets = &house.app.ports.recovery.tickets;
    let whole = ResetToken::parse(token).unwrap();
    assert!(matches!(resets.look(&whole).await.unwrap(), Looked::Live(_)));
    for at in 0..43 {
        let mut other = token.to_owned().into_bytes();
        other[at] = if other[at] == b'A' { b'E' } else { b'A' };
        let other = ResetToken::parse(std::str::from_utf8(&other).unwrap()).unwrap();
        assert_eq!(resets.look(&other).await.unwrap(), Looked::Unknown, "{at}");
    }
}

#[tokio::test]
async fn an_address_too_long_for_a_cookie_is_given_up_before_the_flow() {
    // SX-01
    let house = recovering().await;
    for (length, kept) in [(200, true), (3000, false)] {
        let service = format!("{APP}?x={}", "y".repeat(length));
        let mut browser = house.browser();
        let query: String = url::form_urlencoded::byte_serialize(service.as_bytes()).collect();
        let form = browser.get(&format!("/cas/recover?service={query}")).await.form();
        let sent = browser.submit(&form.with("identifier", CAMILLE.0)).await;
        assert_eq!(sent.status, 303, "{}", sent.body);
        assert_eq!(
            browser.get(sent.location()).await.text_of("h1"),
            "Regardez vos messages"
        );
        house.work().await;
        let letters = house.letters.take();
        let link = letters.iter().flat_map(|letter| letter.links()).next();
        let mut phone = house.browser();
        let page = open(&mut phone, &path_of(&link.unwrap().1)).await;
        assert_eq!(page.text_of("h1"), "Votre nouveau mot de passe");
        let saved = choose(&mut phone, &page, &format!("{NEW} {length}")).await;
        let done = phone.get(saved.location()).await;
        assert_eq!(done.text_of("h1"), "Votre nouveau mot de passe est enregistré");
        assert_eq!(done.body.contains("Service app"), kept, "{length}");
        assert!(signs_in(&house, CAMILLE.0, &format!("{NEW} {length}")).await);
        house.clock.advance(std::time::Duration::from_secs(130));
    }
}
