//! What is written down of a sign-in and its end, through the real router, and what is not.

use mereau::audit::file::FileAudit;
use mereau::audit::verify::Walk;
use mereau::audit::{Actor, Audit, Event, Outcome, Record};
use mereau::base::entropy::SeededEntropy;
use mereau::base::keys::KeyRing;

use crate::house::{CAMILLE, House, campus, login_path};

/// Event, actor, whether the account is known, reason.
type Told = (Event, Actor, bool, Option<&'static str>);

fn told(record: &Record) -> Told {
    let reason = match record.outcome {
        Outcome::Done => None,
        Outcome::Refused(reason) | Outcome::Unknown(reason) => Some(reason),
    };
    (
        record.event,
        record.actor.clone(),
        record.account.is_some(),
        reason,
    )
}

async fn sign_in(house: &House, login: &str, password: &str) -> Vec<Record> {
    house.browser().sign_in("/cas/login", (login, password)).await;
    house.audit.take()
}

#[tokio::test]
async fn each_sign_in_and_each_refusal_is_written_down_with_its_account_and_origin() {
    // SEC-89
    let house = campus().await;
    let stranger = Actor::Anonymous;
    for (login, password, event, actor, known, reason) in [
        (CAMILLE.0, CAMILLE.1, Event::SignedIn, Actor::Person, true, None),
        (
            CAMILLE.0,
            "wrong",
            Event::SignInRefused,
            stranger.clone(),
            true,
            Some("PWD_WRONG"),
        ),
        (
            "nobody",
            "wrong",
            Event::SignInRefused,
            stranger.clone(),
            false,
            Some("LOGIN_UNKNOWN"),
        ),
    ] {
        let records = sign_in(&house, login, password).await;
        let all: Vec<Told> = records.iter().map(told).collect();
        assert_eq!(all, [(event, actor, known, reason)], "{login}");
        let origin = records[0].origin.as_ref().expect("an origin");
        assert!(origin.network().ends_with("/24"), "{}", origin.network());
        assert_eq!(origin.request.len(), 9);
        assert_eq!(
            records[0].realm.as_ref().map(|realm| realm.as_str()),
            Some("campus")
        );
        assert!(records[0].institution.is_some() && records[0].method == Some("password"));
    }
}

#[tokio::test]
async fn a_throttled_try_is_written_down_as_such() {
    // SEC-89
    let house = campus().await;
    for _ in 0..6 {
        sign_in(&house, CAMILLE.0, "wrong").await;
    }
    let records = sign_in(&house, CAMILLE.0, CAMILLE.1).await;
    let events: Vec<Event> = records.iter().map(|record| record.event).collect();
    assert_eq!(events, [Event::SignInThrottled]);
}

#[tokio::test]
async fn a_sign_out_is_written_down_with_the_name_of_the_session() {
    // SEC-89
    let house = campus().await;
    let mut browser = house.browser();
    browser.sign_in("/cas/login", CAMILLE).await;
    let opened = house.audit.take();
    browser.get("/cas/logout").await;
    let ended = house.audit.take();
    assert_eq!(
        ended.iter().map(told).collect::<Vec<_>>(),
        [(Event::SessionEnded, Actor::Person, true, None)]
    );
    assert_eq!(ended[0].ticket, opened[0].ticket);
    assert_eq!(ended[0].account, opened[0].account);
    // Nothing ends twice.
    browser.get("/cas/logout").await;
    assert!(house.audit.take().is_empty());
}

#[tokio::test]
async fn no_password_ticket_cookie_or_login_stands_in_the_audit() {
    // SEC-11, SEC-89
    let house = campus().await;
    let mut browser = house.browser();
    let service = "https://app.example.org/";
    let canary = "canary-7Hq2-wrong";
    browser.sign_in(&login_path(service), (CAMILLE.0, canary)).await;
    let reply = browser.sign_in(&login_path(service), CAMILLE).await;
    let ticket = reply.ticket();
    house.validate(service, &ticket).await;
    let mut secrets: Vec<String> = browser.cookies.values().cloned().collect();
    browser.get("/cas/logout").await;
    secrets.extend([canary, CAMILLE.0, CAMILLE.1, &ticket].map(str::to_owned));
    secrets.retain(|secret| secret.len() >= 8);
    assert!(secrets.len() >= 6, "{secrets:?}");
    let records = house.audit.take();
    assert_eq!(records.len(), 3);
    let written = in_a_file(&house, records);
    assert_eq!(written.lines().count(), 4);
    for secret in &secrets {
        assert!(!written.contains(secret.as_str()), "{secret} in\n{written}");
    }
}

/// As the file holds them; its chain is good.
pub fn in_a_file(house: &House, records: Vec<Record>) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("audit.jsonl");
    let (entropy, clock) = (SeededEntropy::new(1), house.clock.clone());
    let keys = KeyRing::ephemeral(&entropy);
    let audit = FileAudit::open(&file, keys.clone(), clock, &entropy).unwrap();
    records.into_iter().for_each(|record| audit.record(record));
    assert!(audit.finish(std::time::Duration::from_secs(60)));
    let text = std::fs::read_to_string(file).unwrap();
    let findings = Walk::new(&keys).file(text.as_bytes(), |_| {}).unwrap();
    assert_eq!(findings, []);
    text
}
