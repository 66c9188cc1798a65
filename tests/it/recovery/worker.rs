//! What a request comes to: whom it finds, whom it refuses, what is written to whom.

use std::time::Duration;

use mereau::flows::recovery::{AskFor, Trust};
use mereau::messages::{Aside, Notice};

use super::{asks, entry, letters_for, recovering, with_people};
use crate::house::recovery::{mailbox, usual_recovery};
use crate::house::{CAMILLE, Plan, build};

fn names(letter: &crate::house::recovery::Kept) -> Vec<String> {
    letter.links().into_iter().map(|(login, _, _)| login).collect()
}

#[tokio::test]
async fn a_shared_mailbox_gets_one_letter_with_a_link_for_each_account() {
    // S2-18, SEC-46
    let people = [
        entry(1, "lea.mercier", "famille@exemple.example", ""),
        entry(2, "tom.mercier", "famille@exemple.example", ""),
        entry(3, "zoe.mercier", "Famille@Exemple.example", ""),
    ];
    let house = with_people(&format!("\n{}", people.join("\n"))).await;
    let letters = letters_for(&house, "famille@exemple.example").await;
    assert_eq!(letters.len(), 1);
    assert_eq!(names(&letters[0]), ["lea.mercier", "tom.mercier", "zoe.mercier"]);
    let links = letters[0].links();
    assert!(links[0].1 != links[1].1 && links[0].2 != links[1].2);

    // Each link is its own flow; one used leaves the others alone.
    let mut browser = house.browser();
    let lea = super::open(&mut browser, &super::path_of(&links[0].1)).await;
    let tom = super::open(&mut browser, &super::path_of(&links[1].1)).await;
    assert!(lea.text_of(".account").contains("lea.mercier"));
    assert!(tom.text_of(".account").contains("tom.mercier"));
    let saved = super::choose(&mut browser, &lea, super::NEW).await;
    assert_eq!(saved.status, 303);
    let saved = super::choose(&mut browser, &tom, "un autre bateau sans voile").await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    assert!(super::signs_in(&house, "lea.mercier", super::NEW).await);
    assert!(super::signs_in(&house, "tom.mercier", "un autre bateau sans voile").await);
}

#[tokio::test]
async fn an_address_must_be_the_stored_one_letter_by_letter() {
    // SEC-41
    let more = format!("\n{}", entry(1, "mike.kiss", "mike.kiss+cas@github.example", ""));
    let house = with_people(&more).await;
    for other in [
        "m\u{131}ke.kiss+cas@github.example",
        "mike.ki\u{df}+cas@github.example",
        "mike.\u{212a}iss+cas@github.example",
        "mike.ki\u{17f}s+cas@github.example",
        "ｍike.kiss+cas@github.example",
        "mike.kiss@github.example",
        "mikekiss+cas@github.example",
        "mike.kiss+cas@github.example.",
        "M\u{130}KE.KISS+cas@github.example",
    ] {
        assert!(letters_for(&house, other).await.is_empty(), "{other}");
        house.clock.advance(Duration::from_secs(3700));
    }
    let letters = letters_for(&house, " Mike.Kiss+CAS@GitHub.example ").await;
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].to, "mike.kiss+cas@github.example");
}

#[tokio::test]
async fn the_spellings_of_one_name_share_one_budget() {
    // SEC-47, SEC-61
    let house = recovering().await;
    let mut sent = 0;
    for spelling in [
        "camille.dupont",
        "CAMILLE.DUPONT",
        " camille.dupont ",
        "ｃamille.dupont",
        "ⓒamille.dupont",
        "camille.dupont\u{200b}",
        "cdupont",
        "camille.dupont@campus.example",
        "Camille.Dupont",
    ] {
        sent += letters_for(&house, spelling).await.len();
    }
    assert_eq!(sent, 1, "two minutes have not passed");
    for round in 0..5 {
        house.clock.advance(Duration::from_secs(130));
        let more = letters_for(&house, CAMILLE.0).await.len();
        assert_eq!(more, usize::from(round < 2), "round {round}");
    }
}

#[tokio::test]
async fn who_may_not_choose_a_password_here_is_told_why_by_mail_only() {
    // SEC-48, SEC-51, SEC-59, SX-05, SX-06, S3-01
    let kinds = [
        ("disabled", "supannRessourceEtat: {COMPTE}I:SupannInactif"),
        ("suspended", "supannRessourceEtat: {COMPTE}S:SupannVerrouille"),
        ("adminlock", "pwdAccountLockedTime: 000001010000Z"),
        ("protected", "employeeType: admin"),
        ("factor", "employeeType: otp"),
        ("federated", "employeeType: federated"),
        ("temporary", "employeeType: temporary"),
    ];
    let people: Vec<String> = kinds
        .iter()
        .enumerate()
        .map(|(number, (uid, more))| {
            entry(
                u32::try_from(number).unwrap(),
                uid,
                &format!("{uid}@campus.example"),
                more,
            )
        })
        .collect();
    let house = with_people(&format!("\n{}", people.join("\n"))).await;
    for (uid, _) in kinds {
        let letters = letters_for(&house, uid).await;
        match uid {
            "temporary" => assert!(letters.is_empty()),
            "federated" => match &letters[0].notice {
                Notice::Federated { where_to, .. } => {
                    assert_eq!(where_to[0].1, "https://educonnect.example/");
                }
                other => panic!("{}", other.name()),
            },
            _ => assert_eq!(letters[0].notice.name(), "refused_by_policy", "{uid}"),
        }
        assert!(letters.iter().all(|letter| letter.links().is_empty()), "{uid}");
    }
    let not_yet = |mut person: mereau::directory::Person| {
        person.state.standing = mereau::directory::Standing::NotActivated;
        Some(person)
    };
    *house.campus.change.lock().unwrap() = Some(not_yet);
    match &letters_for(&house, CAMILLE.0).await[0].notice {
        Notice::NotActivated { activation, login } => {
            assert_eq!(login, CAMILLE.0);
            assert_eq!(activation.as_deref(), Some("https://activer.campus.example/"));
        }
        other => panic!("{}", other.name()),
    }
}

#[tokio::test]
async fn an_account_beside_others_that_gets_no_link_is_told_in_their_letter() {
    // S2-18, SEC-59
    let people = [
        entry(1, "lea.mercier", "famille@exemple.example", ""),
        entry(
            2,
            "tom.mercier",
            "famille@exemple.example",
            "employeeType: federated",
        ),
    ];
    let house = with_people(&format!("\n{}", people.join("\n"))).await;
    let letters = letters_for(&house, "famille@exemple.example").await;
    assert_eq!(letters.len(), 1);
    match &letters[0].notice {
        Notice::ResetLinks {
            accounts, besides, ..
        } => {
            assert_eq!(accounts.len(), 1);
            assert!(matches!(&besides[..], [Aside::Federated { login, .. }] if login == "tom.mercier"));
        }
        other => panic!("{}", other.name()),
    }
}

#[tokio::test]
async fn a_request_that_is_delivered_twice_makes_the_same_letter_again() {
    // SEC-19
    let house = recovering().await;
    asks(&mut house.browser(), CAMILLE.0).await;
    let queued = take(&house).await;
    let catalogue = house.app.catalogue();
    for _ in 0..2 {
        mereau::flows::recovery::work(&house.app.ports, &catalogue, &queued)
            .await
            .unwrap();
    }
    let letters = house.letters.take();
    assert_eq!(letters.len(), 2);
    assert_eq!(letters[0].message_id, letters[1].message_id);
    assert_eq!(letters[0].links(), letters[1].links());
}

async fn take(house: &crate::house::House) -> mereau::tickets::Queued {
    let requests = &house.app.ports.recovery.requests;
    let lease = Duration::from_secs(60);
    let lane = mereau::tickets::Lane::Recovery;
    requests.take(lane, "test", lease).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_directory_that_does_not_answer_delays_a_letter_and_loses_none() {
    // SEC-08, F-13
    let house = recovering().await;
    asks(&mut house.browser(), CAMILLE.0).await;
    house.campus.down.store(true, std::sync::atomic::Ordering::SeqCst);
    house.work().await;
    assert!(house.letters.take().is_empty());
    house
        .campus
        .down
        .store(false, std::sync::atomic::Ordering::SeqCst);
    house.work().await;
    assert!(house.letters.take().is_empty(), "not before its time");
    house.clock.advance(Duration::from_secs(10));
    house.work().await;
    assert_eq!(house.letters.take().len(), 1);
}

#[tokio::test]
async fn only_proved_addresses_get_links_and_the_institutions_where_nothing_is_proved() {
    // S3-12, SEC-42
    let mut settings = usual_recovery();
    settings.addresses = vec![
        mailbox("mailLocalAddress", Trust::Validated),
        mailbox("mail", Trust::Institution),
        mailbox("description", Trust::Unvalidated),
    ];
    let people = [
        entry(
            1,
            "both",
            "both@campus.example",
            "mailLocalAddress: me@home.example",
        ),
        entry(2, "only", "only@campus.example", "description: said@home.example"),
    ];
    let house = build(Plan {
        one_institution: true,
        recovery: Some(settings),
        more_people: format!("\n{}", people.join("\n")),
        ..Plan::default()
    })
    .await;
    let to = |letters: Vec<crate::house::recovery::Kept>| -> Vec<String> {
        letters.into_iter().map(|letter| letter.to).collect()
    };
    assert_eq!(to(letters_for(&house, "both").await), ["me@home.example"]);
    assert_eq!(to(letters_for(&house, "only").await), ["only@campus.example"]);
    assert!(letters_for(&house, "said@home.example").await.is_empty());
}

#[tokio::test]
async fn where_both_are_asked_both_must_belong_together() {
    // S3-12, S2-16
    let mut settings = usual_recovery();
    settings.ask = AskFor::Both;
    let house = build(Plan {
        one_institution: true,
        recovery: Some(settings),
        ..Plan::default()
    })
    .await;
    for (email, letters) in [
        ("amine.benali@campus.example", 0),
        ("camille.dupont@campus.example", 1),
    ] {
        let mut browser = house.browser();
        let form = browser.get("/cas/recover").await.form();
        let form = form.with("identifier", CAMILLE.0).with("email", email);
        assert_eq!(browser.submit(&form).await.status, 303);
        house.work().await;
        assert_eq!(house.letters.take().len(), letters, "{email}");
    }
}

#[tokio::test]
async fn a_forgotten_identifier_is_mailed_with_no_link_that_signs_in() {
    // S4-04, S3-09
    let people = [
        entry(1, "lea.mercier", "famille@exemple.example", ""),
        entry(2, "tom.mercier", "famille@exemple.example", ""),
    ];
    let house = with_people(&format!("\n{}", people.join("\n"))).await;
    let mut browser = house.browser();
    let form = browser.get("/cas/recover/username").await.form();
    let reply = browser
        .submit(&form.with("email", "famille@exemple.example"))
        .await;
    assert_eq!(reply.status, 303);
    let page = browser.get(reply.location()).await;
    assert_eq!(page.text_of("h1"), "Regardez vos messages");
    house.work().await;
    let letters = house.letters.take();
    assert_eq!(letters.len(), 1);
    match &letters[0].notice {
        Notice::Identifiers { accounts, .. } => {
            let logins: Vec<&str> = accounts.iter().map(|line| line.login.as_str()).collect();
            assert_eq!(logins, ["lea.mercier", "tom.mercier"]);
            assert!(accounts.iter().all(|line| line.way.is_none()));
        }
        other => panic!("{}", other.name()),
    }
}

#[tokio::test]
async fn letters_come_from_the_configured_sender_in_the_language_of_the_page() {
    // S1-05, S2-11, S3-13
    let house = recovering().await;
    let mut browser = house.browser();
    browser.headers.push(("accept-language", "en".to_owned()));
    asks(&mut browser, CAMILLE.0).await;
    house.work().await;
    let letters = house.letters.take();
    assert_eq!(letters[0].from, "ne-pas-repondre@campus.example");
    assert_eq!(letters[0].brand, "Campus");
    assert_eq!(letters[0].locale, "en");
}

#[tokio::test]
async fn filters_and_lists_typed_as_a_name_find_nobody() {
    // SEC-39, SEC-45
    let house = recovering().await;
    for typed in [
        "*",
        ")(uid=*",
        "\\2a",
        "camille.dupont)(|(uid=*",
        "camille.dupont%0aBcc: x@evil.example",
        "camille.dupont\u{2028}x",
        "camille.dupont@campus.example,x@evil.example",
    ] {
        let reply = asks(&mut house.browser(), typed).await;
        assert_eq!(reply.status, 303, "{typed:?}");
        house.work().await;
        assert!(house.letters.take().is_empty(), "{typed:?}");
    }
}
