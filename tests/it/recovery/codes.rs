//! Codes typed beside an identifier or as a password: what they cost, whom they are counted against.

use std::sync::mpsc;

use mereau::flows::recovery::NetworkBudget;
use mereau::tickets::CODE_TRIES;

use super::{NEW, choose, entry, letters_for, recovering, signs_in, with_people, with_settings};
use crate::house::recovery::usual_recovery;
use crate::house::{CAMILLE, House, Reply};

/// A code that nobody was sent: 2⁻³⁸ says otherwise.
const WRONG: &str = "2222-2222";

const FAMILY: &str = "famille@exemple.example";

async fn family() -> House {
    let people = [
        entry(1, "lea.mercier", FAMILY, ""),
        entry(2, "tom.mercier", FAMILY, ""),
    ];
    with_people(&format!("\n{}", people.join("\n"))).await
}

async fn types(house: &House, identifier: &str, code: &str) -> Reply {
    let mut browser = house.browser();
    let form = browser.get("/cas/recover/code").await.form();
    let form = form.with("identifier", identifier).with("code", code);
    browser.submit(&form).await
}

/// Login and code of each block of the letters for `identifier`.
async fn codes_for(house: &House, identifier: &str) -> Vec<(String, String)> {
    let letters = letters_for(house, identifier).await;
    let blocks = letters.iter().flat_map(|letter| letter.links());
    blocks.map(|(login, _, code)| (login, code)).collect()
}

#[tokio::test]
async fn a_typed_code_costs_one_verification_and_as_many_questions_whoever_is_meant() {
    // SEC-01, SEC-05
    let more = [
        entry(1, "lea.mercier", FAMILY, ""),
        entry(2, "tom.mercier", FAMILY, ""),
        entry(3, "one.code", "one.code@campus.example", ""),
        entry(4, "three.codes", "three.codes@campus.example", ""),
    ];
    let house = with_people(&format!("\n{}", more.join("\n"))).await;
    for _ in 0..3 {
        codes_for(&house, "three.codes").await;
        codes_for(&house, FAMILY).await;
        house.clock.advance(std::time::Duration::from_secs(130));
    }
    codes_for(&house, "one.code").await;
    let mut asked = Vec::new();
    for (kind, identifier) in [
        ("no code alive", CAMILLE.0),
        ("one", "one.code"),
        ("three", "three.codes"),
        ("nobody", "nobody.at.all"),
        ("nobody’s address", "nobody@exemple.example"),
        ("one’s address", "one.code@campus.example"),
        ("a shared address", FAMILY),
    ] {
        let (heavy, calls) = (&house.app.ports.heavy, house.store.calls());
        let before = heavy.verified();
        let reply = types(&house, identifier, WRONG).await;
        assert_eq!(reply.status, 401, "{kind}");
        assert_eq!(heavy.verified() - before, 1, "{kind}");
        asked.push((identifier.contains('@'), kind, house.store.calls() - calls));
    }
    let of_logins: Vec<usize> = asked.iter().filter(|(at, ..)| !at).map(|(.., n)| *n).collect();
    assert!(of_logins.windows(2).all(|pair| pair[0] == pair[1]), "{asked:?}");
    let of_addresses: Vec<usize> = asked.iter().filter(|(at, ..)| *at).map(|(.., n)| *n).collect();
    // One more for a second account behind the address, at the same time as the first.
    assert_eq!(
        of_addresses,
        [of_addresses[0], of_addresses[0], of_addresses[0] + 1]
    );
}

#[tokio::test]
async fn a_right_code_is_verified_once_too() {
    // SX-02
    let house = family().await;
    let codes = codes_for(&house, FAMILY).await;
    for (login, code) in &codes {
        let before = house.app.ports.heavy.verified();
        assert_eq!(types(&house, login, code).await.status, 303);
        assert_eq!(house.app.ports.heavy.verified() - before, 1);
    }
}

#[tokio::test]
async fn a_password_that_looks_like_a_code_costs_the_same_whoever_is_meant() {
    // SEC-01, SEC-64
    let more = entry(4, "three.codes", "three.codes@campus.example", "");
    let house = with_people(&format!("\n{more}")).await;
    for _ in 0..3 {
        codes_for(&house, "three.codes").await;
        house.clock.advance(std::time::Duration::from_secs(130));
    }
    let mut asked = Vec::new();
    for identifier in [CAMILLE.0, "three.codes", "nobody.at.all"] {
        let mut browser = house.browser();
        let form = browser.get("/cas/login").await.form();
        let form = form.with("username", identifier).with("password", "22222222");
        let (verified, calls) = (house.app.ports.heavy.verified(), house.store.calls());
        assert_eq!(browser.submit(&form).await.status, 401);
        assert_eq!(house.app.ports.heavy.verified(), verified, "{identifier}");
        asked.push(house.store.calls() - calls);
    }
    assert_eq!(asked[0], asked[1], "codes alive or not");
    // Counters of an account are asked for one that exists, as they always were.
    assert!(asked[2] < asked[0], "{asked:?}");
}

#[tokio::test]
async fn a_family_behind_one_address_types_its_codes_without_using_up_those_of_the_others() {
    // SX-02, S2-18, SEC-62
    let house = family().await;
    let codes = codes_for(&house, FAMILY).await;
    assert_eq!(codes.len(), 2);
    let (lea, tom) = (&codes[0], &codes[1]);
    for _ in 0..CODE_TRIES + 1 {
        assert_eq!(types(&house, FAMILY, WRONG).await.status, 401);
    }
    // The code of one by the address of both.
    let mut browser = house.browser();
    let form = browser.get("/cas/recover/code").await.form();
    let right = form
        .with("identifier", "Famille@Exemple.example")
        .with("code", &tom.1);
    let reply = browser.submit(&right).await;
    assert_eq!(reply.status, 303, "{}", reply.body);
    let page = browser.get(reply.location()).await;
    assert!(page.body.contains(&tom.0));
    assert_eq!(choose(&mut browser, &page, NEW).await.status, 303);
    assert!(signs_in(&house, &tom.0, NEW).await);
    for _ in 0..3 {
        assert_eq!(types(&house, FAMILY, WRONG).await.status, 401);
    }
    let late = types(&house, FAMILY, &lea.1).await;
    assert_eq!(
        late.status, 401,
        "the eleventh of the address, though it is right"
    );
    let own = types(&house, &lea.0, &lea.1).await;
    assert_eq!(own.status, 303, "her own tries are all there");
}

#[tokio::test]
async fn a_network_that_typed_too_many_codes_waits_right_or_wrong() {
    // SEC-61, SEC-62
    let mut settings = usual_recovery();
    settings.network = NetworkBudget {
        codes_an_hour: 4,
        ..NetworkBudget::default()
    };
    let house = with_settings(settings, "").await;
    let codes = codes_for(&house, CAMILLE.0).await;
    for identifier in [CAMILLE.0, "nobody.at.all"] {
        for _ in 0..2 {
            assert_eq!(types(&house, identifier, WRONG).await.status, 401);
        }
    }
    let before = house.app.ports.heavy.verified();
    for identifier in [CAMILLE.0, "nobody.at.all"] {
        assert_eq!(types(&house, identifier, &codes[0].1).await.status, 429);
    }
    assert_eq!(house.app.ports.heavy.verified(), before, "nothing is worked on");
}

#[tokio::test]
async fn where_too_many_codes_wait_to_be_verified_everybody_is_told_to_come_back() {
    // SEC-05, SEC-61
    let house = recovering().await;
    let codes = codes_for(&house, CAMILLE.0).await;
    let heavy = house.app.ports.heavy.clone();
    let mut ends = Vec::new();
    let mut busy = Vec::new();
    for _ in 0..500 {
        let (end, told) = mpsc::channel::<()>();
        let heavy = heavy.clone();
        let work = move || {
            let _ = told.recv();
        };
        busy.push(tokio::spawn(async move { heavy.run(work).await }));
        ends.push(end);
    }
    while !busy.iter().any(tokio::task::JoinHandle::is_finished) {
        tokio::task::yield_now().await;
    }
    let mut seen = Vec::new();
    for (identifier, code) in [
        (CAMILLE.0, WRONG),
        ("nobody.at.all1", WRONG),
        (CAMILLE.0, &codes[0].1),
    ] {
        let reply = types(&house, identifier, code).await;
        assert_eq!(reply.status, 503, "{}", reply.body);
        assert!(reply.comes_back_in(2..=5));
        seen.push(super::cohorts::masked(&reply.body));
    }
    assert_eq!((&seen[0], &seen[0]), (&seen[1], &seen[2]));
    drop(ends);
    for work in busy {
        let _ = work.await.unwrap();
    }
    assert_eq!(types(&house, CAMILLE.0, &codes[0].1).await.status, 303);
}
