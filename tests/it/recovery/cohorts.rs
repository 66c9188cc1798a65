//! Whoever is asked for, strangers see the same bytes (SEC-01).

use std::sync::atomic::Ordering;

use super::{entry, with_people};
use crate::house::{House, Reply};

/// One of each kind, every name as long as the others.
pub fn people() -> (String, Vec<(&'static str, String)>) {
    let mut ldif = String::new();
    let mut names = Vec::new();
    for (number, (kind, more)) in [
        ("exists", ""),
        ("no-mail", "description: none"),
        ("disabled", "supannRessourceEtat: {COMPTE}I:SupannInactif"),
        ("admin-locked", "pwdAccountLockedTime: 000001010000Z"),
        ("failure-locked", "pwdAccountLockedTime: 20250101120000Z"),
        ("expired", "pwdReset: TRUE"),
        ("federated", "employeeType: federated"),
        ("temporary", "employeeType: temporary"),
        ("protected", "employeeType: admin"),
        ("shared", ""),
        ("over-limit", ""),
    ]
    .into_iter()
    .enumerate()
    {
        let uid = format!("cohort-person-{number:02}");
        let mail = match kind {
            "no-mail" => "not an address".to_owned(),
            "shared" => "famille@exemple.example".to_owned(),
            _ => format!("{uid}@campus.example"),
        };
        ldif.push('\n');
        ldif.push_str(&entry(u32::try_from(number).unwrap(), &uid, &mail, more));
        names.push((kind, uid));
    }
    for number in 20..22 {
        ldif.push('\n');
        let uid = format!("cohort-person-{number:02}");
        ldif.push_str(&entry(number, &uid, "famille@exemple.example", ""));
    }
    names.push(("unknown", "cohort-nobody-00".to_owned()));
    (ldif, names)
}

/// What differs from one answer to the next by nature: proofs, flows, support codes, moments.
pub fn masked(text: &str) -> String {
    let mut masked = String::new();
    for word in text.split_inclusive(['"', '<', '>', ' ', '&', '=', ';', '?', '/']) {
        let bare = word.trim_end_matches(['"', '<', '>', ' ', '&', '=', ';', '?', '/']);
        let support = bare.len() == 9 && bare.as_bytes()[4] == b'-' && bare.to_uppercase() == bare;
        let drawn = bare.starts_with("LT-")
            || bare.starts_with("challenge-")
            || support
            || (bare.len() == 20 && bare.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        let typed = bare.starts_with("cohort-person-") || bare.starts_with("cohort-nobody-");
        match drawn || typed {
            true => masked.push_str(&"*".repeat(bare.len())),
            false => masked.push_str(word),
        }
    }
    masked
}

/// Status, headers in their order with the lengths of their values, and the masked body.
pub fn seen(reply: &Reply) -> String {
    let headers: Vec<String> = reply
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {}", value.len()))
        .collect();
    format!(
        "{}\n{}\n\n{}",
        reply.status,
        headers.join("\n"),
        masked(&reply.body)
    )
}

/// Everything that asking for `name` shows.
async fn all_seen(house: &House, name: &str, language: &str, username: bool) -> Vec<String> {
    let mut browser = house.browser();
    browser.headers.push(("accept-language", language.to_owned()));
    let path = if username {
        "/cas/recover/username"
    } else {
        "/cas/recover"
    };
    let page = browser.get(path).await;
    let field = if username { "email" } else { "identifier" };
    let form = page
        .form()
        .with(field, name)
        .without("captcha-other")
        .with("captcha-answer", "human");
    let posted = browser.submit(&form).await;
    let waiting = browser.get(posted.location()).await;
    let early = crate::house::recovery::form_to(
        "/cas/recover/again",
        &[
            ("lt", waiting.form().value("lt").unwrap()),
            ("flow", &posted.location_flow()),
        ],
    );
    let resent = browser.submit(&early).await;
    let after = browser.get(resent.location().split('#').next().unwrap()).await;
    [&page, &posted, &waiting, &resent, &after].map(seen).into()
}

#[tokio::test]
async fn every_kind_of_account_looks_the_same_in_every_language() {
    // SEC-01, SEC-04, SEC-05, SEC-06, S1-04, S2-12, S2-17, S3-01, S3-12, T-53
    let (ldif, names) = people();
    let house = with_people(&ldif).await;
    house.humans.asked.store(true, Ordering::SeqCst);
    assert_eq!(names.len(), 12);
    // The last one before the unknown has used up its budget.
    for _ in 0..4 {
        super::letters_for_human(&house, "cohort-person-10").await;
        house.clock.advance(std::time::Duration::from_secs(130));
    }
    for language in ["fr", "en", "ar", "de"] {
        for username in [false, true] {
            let mut first: Option<Vec<String>> = None;
            for (kind, name) in &names {
                let seen = all_seen(&house, name, language, username).await;
                for (number, one) in seen.iter().enumerate() {
                    assert!(!one.contains('•'), "{kind}: a mask before any proof");
                    if let Some(first) = &first {
                        assert_eq!(
                            &first[number], one,
                            "{kind} differs in {language} at step {number}"
                        );
                    }
                }
                first.get_or_insert(seen);
                house.work().await;
            }
        }
    }
}

#[tokio::test]
async fn a_post_that_is_down_shows_nowhere() {
    // SEC-06
    let (ldif, names) = people();
    let house = with_people(&ldif).await;
    house.humans.asked.store(true, Ordering::SeqCst);
    house.letters.down.store(true, Ordering::SeqCst);
    let mut first = None;
    for (kind, name) in &names {
        let seen = all_seen(&house, name, "fr", false).await;
        house.work().await;
        let first = first.get_or_insert_with(|| seen.clone());
        assert_eq!(*first, seen, "{kind}");
    }
    // Nothing is lost: once the post is back, the letters leave.
    house.letters.down.store(false, Ordering::SeqCst);
    assert!(house.letters.take().is_empty());
    house.clock.advance(std::time::Duration::from_secs(400));
    house.work().await;
    assert!(house.letters.take().len() >= 7);
}
