//! By what a person may say who they are: a login in any case, an alias, an address of the institution, a
//! telephone number however it is written.

use std::time::Duration;

use mereau::flows::recovery::{Known, KnownBy, RecoverySettings};

use super::{NEW, asks, choose, entry, letters_for, open, path_of, signs_in, with_settings};
use crate::house::House;
use crate::house::recovery::usual_recovery;

fn known_by(attribute: &str, kind: Known) -> KnownBy {
    KnownBy {
        attribute: attribute.to_owned(),
        kind,
    }
}

async fn crous(adjust: fn(&mut RecoverySettings)) -> House {
    let mut settings = usual_recovery();
    settings.known_by = vec![
        known_by("mobile", Known::Phone),
        known_by("mailLocalAddress", Known::Mail),
        known_by("employeeNumber", Known::Text),
    ];
    adjust(&mut settings);
    let people = [
        entry(
            1,
            "jean-luc.dupont",
            "jl@messagerie.example",
            "supannAliasLogin: jldupont\nmobile: 06 12 34 56 78\n\
             mailLocalAddress: 200412345@crous.example\nemployeeNumber: E77\n",
        ),
        entry(
            2,
            "lea.dupont",
            "lea@messagerie.example",
            "mobile: +33 7 00 00 00 02\nemployeeNumber: 88\n",
        ),
        entry(
            3,
            "tom.dupont",
            "tom@messagerie.example",
            "mobile: 0700000002\nemployeeNumber: 88\n",
        ),
    ];
    with_settings(settings, &people.join("\n")).await
}

#[tokio::test]
async fn a_number_in_any_spelling_and_an_alias_address_mean_the_account_and_one_letter_comes() {
    // S1-02
    let house = crous(|_| {}).await;
    for typed in [
        "06 12 34 56 78",
        "+33612345678",
        "0033612345678",
        "06.12.34.56.78",
        "+33 6 12 34 56 78",
        "200412345@crous.example",
        "200412345@CROUS.example",
        "e77",
        "jl@messagerie.example",
    ] {
        house.clock.advance(Duration::from_secs(86_400));
        let letters = letters_for(&house, typed).await;
        assert_eq!(letters.len(), 1, "{typed}");
        assert_eq!(letters[0].to, "jl@messagerie.example", "{typed}");
        assert_eq!(letters[0].links()[0].0, "jean-luc.dupont", "{typed}");
    }
    for other in [
        "06 12 34 56 79",
        "612345678",
        "+44612345678",
        "200412345@crous.example.",
        "200412346@crous.example",
    ] {
        assert!(letters_for(&house, other).await.is_empty(), "{other}");
    }
}

#[tokio::test]
async fn a_number_typed_beside_its_code_does_what_the_login_does() {
    // S1-02, SX-02
    let house = crous(|_| {}).await;
    let mut browser = house.browser();
    let sent = asks(&mut browser, "06 12 34 56 78").await;
    house.work().await;
    let (_, _, code) = house.letters.take()[0].links()[0].clone();
    let page = browser.get(sent.location()).await;
    assert_eq!(page.form().value("identifier"), Some("06 12 34 56 78"));
    let reply = browser.submit(&page.form().with("code", &code)).await;
    assert_eq!(reply.status, 303, "{}", reply.body);
    let form = browser.get(reply.location()).await;
    assert_eq!(choose(&mut browser, &form, NEW).await.status, 303);
    assert!(signs_in(&house, "jean-luc.dupont", NEW).await);
}

#[tokio::test]
async fn a_number_of_two_writes_to_each_and_a_name_of_two_to_nobody() {
    // S1-02, SEC-46
    let house = crous(|_| {}).await;
    let letters = letters_for(&house, "07 00 00 00 02").await;
    let to: Vec<&str> = letters.iter().map(|letter| letter.to.as_str()).collect();
    assert_eq!(to, ["lea@messagerie.example", "tom@messagerie.example"]);
    assert!(letters_for(&house, "88").await.is_empty());
}

#[tokio::test]
async fn what_a_realm_does_not_know_people_by_finds_nobody() {
    // S1-02
    let house = crous(|settings| settings.known_by.clear()).await;
    for typed in ["06 12 34 56 78", "200412345@crous.example", "E77"] {
        assert!(letters_for(&house, typed).await.is_empty(), "{typed}");
    }
}

#[tokio::test]
async fn a_login_in_any_case_and_its_alias_are_one_account() {
    // S4-03
    let house = crous(|_| {}).await;
    let mut links = Vec::new();
    for typed in ["Jean-Luc.Dupont", "jean-luc.dupont", "JLDupont"] {
        house.clock.advance(Duration::from_secs(86_400));
        let letters = letters_for(&house, typed).await;
        assert_eq!(letters.len(), 1, "{typed}");
        assert_eq!(letters[0].to, "jl@messagerie.example");
        let (login, link, _) = letters[0].links()[0].clone();
        assert_eq!(login, "jean-luc.dupont", "{typed}");
        links.push(link);
    }
    let mut browser = house.browser();
    let page = open(&mut browser, &path_of(&links[2])).await;
    assert!(page.text_of(".account").contains("jean-luc.dupont"));
    assert_eq!(choose(&mut browser, &page, NEW).await.status, 303);
    assert!(signs_in(&house, "Jean-Luc.DUPONT", NEW).await);
}
