//! « Qui suis-je »: an identifier that is found by what only its person knows, and the way back to the page
//! that wanted it.

use std::sync::atomic::Ordering;
use std::time::Duration;

use mereau::flows::recovery::WhoSettings;
use mereau::messages::Notice;
use mereau::tickets::MintBudget;

use super::cohorts::masked;
use super::{asks, entry, letters_for, link_for, open, path_of, with_people, with_settings};
use crate::house::recovery::{Kept, mailbox, usual_recovery};
use crate::house::{APP, Browser, House, Plan, Reply, build, encoded};

async fn campus() -> House {
    let mut settings = usual_recovery();
    let names = |all: &[&str]| all.iter().map(|name| (*name).to_owned()).collect();
    settings.who = Some(WhoSettings {
        names: names(&["sn", "supannNomdeNaissance"]),
        births: names(&["schacDateOfBirth"]),
        numbers: names(&["supannCodeINE", "supannEtuId"]),
    });
    settings.budget = MintBudget {
        apart: Duration::ZERO,
        hour: 100,
        day: 100,
        ..MintBudget::MAIL
    };
    settings.addresses.push(mailbox(
        "supannMailPerso",
        mereau::flows::recovery::Trust::Institution,
    ));
    let known = "supannNomdeNaissance: Le Goff-Héry\nschacDateOfBirth: 20040307\nsupannEtuId: 20211234\n\
                 supannCodeINE: 0123456789A\nsupannMailPerso: a.legoff@messagerie.example\n";
    let other = "schacDateOfBirth: 20040308\nsupannEtuId: 20215555\n";
    let people = [
        entry(1, "alegoff4", "a.legoff@campus.example", known),
        entry(2, "noaddress", "none", other),
    ];
    with_settings(settings, &people.join("\n")).await
}

/// Name, day, month, year, number.
type Told<'a> = [&'a str; 5];

const RIGHT: Told<'_> = ["Le Goff-Héry", "7", "3", "2004", "0123456789A"];

async fn tells(browser: &mut Browser<'_>, path: &str, told: Told<'_>) -> Reply {
    let mut form = browser.get(path).await.form().without("captcha-other");
    for (name, value) in ["name", "day", "month", "year", "number"].iter().zip(told) {
        form = form.with(name, value);
    }
    browser.submit(&form.with("captcha-answer", "human")).await
}

fn logins(letter: &Kept) -> Vec<String> {
    match &letter.notice {
        Notice::Identifiers { accounts, .. } => accounts.iter().map(|line| line.login.clone()).collect(),
        other => panic!("{}", other.name()),
    }
}

fn way_back(letter: &Kept) -> String {
    match &letter.notice {
        Notice::Identifiers { accounts, .. } => path_of(accounts[0].back.as_ref().unwrap().expose()),
        other => panic!("{}", other.name()),
    }
}

#[tokio::test]
async fn name_birth_date_and_a_number_send_the_identifier_to_every_recorded_address_and_show_nothing() {
    // S3-09
    let house = campus().await;
    for told in [
        RIGHT,
        ["le goff hery", "07", "03", "2004", "0123 4567 89a"],
        ["LE GOFF-HÉRY", "7", "03", "2004", "20211234"],
        ["alegoff4", "7", "3", "2004", "20211234"],
    ] {
        let mut browser = house.browser();
        let reply = tells(&mut browser, "/cas/recover/who", told).await;
        assert_eq!(reply.status, 303, "{told:?}: {}", reply.body);
        let waiting = browser.get(reply.location()).await;
        assert_eq!(waiting.text_of("h1"), "Regardez vos messages");
        for secret in [
            "alegoff4",
            "messagerie.example",
            "0123456789A",
            "20211234",
            "Goff",
        ] {
            assert!(
                !waiting.body.contains(secret) && !reply.location().contains(secret),
                "{secret}"
            );
        }
        house.work().await;
        let letters = house.letters.take();
        let to: Vec<&str> = letters.iter().map(|letter| letter.to.as_str()).collect();
        assert_eq!(
            to,
            ["a.legoff@campus.example", "a.legoff@messagerie.example"],
            "{told:?}"
        );
        assert_eq!(logins(&letters[0]), ["alegoff4"]);
    }
}

#[tokio::test]
async fn a_wrong_number_a_wrong_birth_date_and_an_unknown_person_look_like_a_right_one() {
    // SEC-07, SEC-01, S3-09
    let house = campus().await;
    house.humans.asked.store(true, Ordering::SeqCst);
    let wrong: [(&str, Told<'_>, usize); 6] = [
        ("right", RIGHT, 2),
        ("wrong INE", ["Le Goff-Héry", "7", "3", "2004", "0123456789B"], 0),
        (
            "wrong birth date",
            ["Le Goff-Héry", "8", "3", "2004", "0123456789A"],
            0,
        ),
        ("wrong name", ["Le Goff-Henr", "7", "3", "2004", "0123456789A"], 0),
        (
            "unknown person",
            ["Personne-Ici", "1", "1", "1999", "9876543210Z"],
            0,
        ),
        ("no address", ["noaddress", "8", "3", "2004", "20215555"], 0),
    ];
    for language in ["fr", "en"] {
        let mut first: Option<Vec<String>> = None;
        for (kind, told, letters) in wrong {
            let mut browser = house.browser();
            browser.headers.push(("accept-language", language.to_owned()));
            let posted = tells(&mut browser, "/cas/recover/who", told).await;
            let waiting = browser.get(posted.location()).await;
            let seen = [&posted, &waiting].map(|reply| {
                let lengths: Vec<String> = reply
                    .headers
                    .iter()
                    .map(|(name, value)| format!("{name}: {}", value.len()))
                    .collect();
                format!("{} {} {}", reply.status, lengths.join("\n"), masked(&reply.body))
            });
            let first = first.get_or_insert_with(|| seen.to_vec());
            assert_eq!(*first, seen.to_vec(), "{kind} differs in {language}");
            house.work().await;
            assert_eq!(house.letters.take().len(), letters, "{kind}");
        }
    }
}

#[tokio::test]
async fn what_is_missing_or_cannot_be_is_told_by_field_and_the_rest_is_kept() {
    // S3-09, SEC-66
    let house = campus().await;
    let mut browser = house.browser();
    let reply = tells(&mut browser, "/cas/recover/who", ["", "31", "2", "2004", ""]).await;
    assert_eq!(reply.status, 400);
    let said = reply.text_of(".problem");
    for part in ["nom de famille", "date de naissance", "numéro INE"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let reply = tells(
        &mut browser,
        "/cas/recover/who",
        ["Le Goff-Héry", "31", "2", "2004", "20211234"],
    )
    .await;
    let form = reply.form();
    assert_eq!(form.value("name"), Some("Le Goff-Héry"));
    assert_eq!(form.value("number"), Some("20211234"));
    house.humans.asked.store(true, Ordering::SeqCst);
    let form = browser
        .get("/cas/recover/who")
        .await
        .form()
        .without("captcha-other");
    let form = form.with("name", "Le Goff").with("day", "7").with("month", "3");
    let form = form.with("year", "2004").with("number", "20211234");
    let reply = browser.submit(&form.with("captcha-answer", "machine")).await;
    assert_eq!(reply.status, 400);
    assert_eq!(reply.form().value("year"), Some("2004"));
    assert_eq!(house.work().await, 0);
}

#[tokio::test]
async fn where_a_realm_does_not_offer_it_it_is_nowhere_to_be_seen() {
    // S3-09, S3-06
    let house = with_people("").await;
    for path in ["/cas/recover", "/cas/recover/username", "/cas/help", "/cas/login"] {
        let page = house.browser().get(path).await;
        assert!(!page.body.contains("recover/who"), "{path}");
    }
    let mut browser = house.browser();
    let reply = browser.get("/cas/recover/who").await;
    assert_eq!(reply.location(), "/cas/recover/username");
    let form = browser.get("/cas/recover/username").await.form();
    let forged = crate::house::recovery::form_to(
        "/cas/recover/who",
        &[
            ("lt", form.value("lt").unwrap()),
            ("name", "Le Goff"),
            ("day", "7"),
            ("month", "3"),
            ("year", "2004"),
            ("number", "20211234"),
        ],
    );
    assert_eq!(browser.submit(&forged).await.status, 404);
    assert_eq!(house.work().await, 0);
}

/// The address of the page that finds an identifier, as `page` shows it.
fn finding(page: &Reply) -> String {
    let ways = page.addresses();
    let found = ways.iter().find(|way| way.starts_with("/cas/recover/username"));
    found.unwrap_or_else(|| panic!("{}", page.body)).clone()
}

/// From `page` to the page that finds identifiers and on to « Qui suis-je »; the letter's way back.
async fn found_from(house: &House, browser: &mut Browser<'_>, page: &Reply) -> String {
    let by_mail = browser.get(&finding(page)).await;
    let ways = by_mail.addresses();
    let who = ways
        .iter()
        .find(|way| way.starts_with("/cas/recover/who"))
        .unwrap();
    let reply = tells(browser, who, RIGHT).await;
    assert_eq!(reply.status, 303, "{}", reply.body);
    house.work().await;
    let letters = house.letters.take();
    assert_eq!(letters.len(), 2);
    way_back(&letters[0])
}

#[tokio::test]
async fn each_step_leads_to_the_lost_identifier_and_back_with_it_filled_in() {
    // S3-08, SX-01
    let house = campus().await;
    let service = encoded(APP);
    for (step, field) in [
        ("/cas/login", "username"),
        ("/cas/recover", "identifier"),
        ("/cas/recover/code", "identifier"),
    ] {
        let mut browser = house.browser();
        let page = browser.get(&format!("{step}?service={service}")).await;
        let back = found_from(&house, &mut browser, &page).await;
        let reply = browser.get(&back).await;
        assert_eq!(reply.status, 303, "{}", reply.body);
        assert!(!reply.location().contains("alegoff4"), "{}", reply.location());
        assert!(
            reply.location().starts_with(&format!("{step}?")),
            "{}",
            reply.location()
        );
        assert!(reply.location().contains(&service), "{}", reply.location());
        let page = browser.get(reply.location()).await;
        assert_eq!(
            page.form().value(field),
            Some("alegoff4"),
            "{step}: {}",
            page.body
        );
    }
}

#[tokio::test]
async fn the_waiting_page_and_the_page_of_a_link_lead_there_and_back_as_well() {
    // S3-08
    let house = campus().await;
    let mut browser = house.browser();
    let sent = asks(&mut browser, "someone.else").await;
    house.work().await;
    let waiting = browser.get(sent.location()).await;
    let back = found_from(&house, &mut browser, &waiting).await;
    let reply = browser.get(&back).await;
    let page = browser.get(reply.location()).await;
    assert_eq!(page.form().value("identifier"), Some("alegoff4"));
    assert!(page.body.contains("name=\"code\""), "the code is typed there");

    let link = link_for(&house, "camille.dupont").await;
    let mut browser = house.browser();
    let page = open(&mut browser, &link).await;
    let back = found_from(&house, &mut browser, &page).await;
    let reply = browser.get(&back).await;
    assert!(
        reply.location().starts_with("/cas/recover/new?"),
        "{}",
        reply.location()
    );
    let page = browser.get(reply.location()).await;
    assert!(
        page.text_of(".account").contains("camille.dupont"),
        "the right is whose it was"
    );
}

#[tokio::test]
async fn a_shared_mailboxs_page_leads_there_and_back_with_the_username_filled_in() {
    // S3-08, S2-16
    let mut settings = usual_recovery();
    settings.shared = mereau::flows::recovery::SharedMailbox::AskUsername;
    let people = [
        entry(1, "lea.mercier", "famille@exemple.example", ""),
        entry(2, "tom.mercier", "famille@exemple.example", ""),
    ];
    let house = build(Plan {
        one_institution: true,
        recovery: Some(settings),
        more_people: people.join("\n"),
        ..Plan::default()
    })
    .await;
    let letters = letters_for(&house, "famille@exemple.example").await;
    let Notice::SharedLink { link, .. } = &letters[0].notice else {
        panic!("another letter")
    };
    let mut browser = house.browser();
    let page = open(&mut browser, &path_of(link.expose())).await;
    let form = browser.get(&finding(&page)).await.form();
    let sent = browser
        .submit(&form.with("email", "famille@exemple.example"))
        .await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    let waiting = browser.get(sent.location()).await;
    assert!(
        waiting
            .addresses()
            .iter()
            .any(|way| way.starts_with("/cas/recover/new?")),
        "by hand, too"
    );
    house.work().await;
    let letter = house.letters.take().remove(0);
    assert_eq!(logins(&letter), ["lea.mercier", "tom.mercier"]);
    let reply = browser.get(&way_back(&letter)).await;
    let page = browser.get(reply.location()).await;
    assert_eq!(page.form().value("username"), Some("lea.mercier"));
    // Elsewhere the letter leads to a page that asks for a link of its own.
    let mut other = house.browser();
    let reply = other.get(&way_back(&letter)).await;
    let page = other.get(reply.location()).await;
    assert_eq!(page.form().value("identifier"), Some("lea.mercier"));
    assert!(!page.has_form_for_new());
}

#[tokio::test]
async fn the_letter_with_the_identifier_gives_no_right() {
    // S3-09, S4-04, SEC-15
    let house = campus().await;
    let mut browser = house.browser();
    tells(&mut browser, "/cas/recover/who", RIGHT).await;
    house.work().await;
    let back = way_back(&house.letters.take()[0]);
    let mut other = house.browser();
    let reply = other.get(&back).await;
    let page = other.get(reply.location()).await;
    assert!(!page.has_form_for_new());
    let flow = reply.location_flow();
    let new = other.get(&format!("/cas/recover/new?flow={flow}")).await;
    assert!(!new.has_form_for_new(), "{}", new.body);
    assert!(other.tgc("campus").is_none());
}

#[tokio::test]
async fn a_service_too_long_to_be_kept_costs_no_letter() {
    // S3-08, S3-09
    let house = campus().await;
    let mut browser = house.browser();
    let long = format!("{APP}?next={}", "a".repeat(1_900));
    let page = browser
        .get(&format!("/cas/recover/who?service={}", encoded(&long)))
        .await;
    assert_eq!(page.status, 200);
    let reply = tells(&mut browser, &page.form().action, RIGHT).await;
    assert_eq!(reply.status, 303, "{}", reply.body);
    assert_eq!(house.work().await, 1);
    let letters = house.letters.take();
    assert_eq!(letters.len(), 2);
    let back = browser.get(&way_back(&letters[0])).await;
    assert!(
        back.location().starts_with("/cas/recover?"),
        "{}",
        back.location()
    );
}
