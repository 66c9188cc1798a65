//! What the audit says of every step of a recovery: each event with each fact that applies to it.

use std::net::IpAddr;

use mereau::base::clock::Clock;
use mereau::directory::PasswordRefusal;
use mereau::messages::Notice;
use serde_json::Value;

use super::{NEW, asks, choose, open, path_of, recovering};
use crate::house::recovery::{Kept, form_to};
use crate::house::{Browser, CAMILLE, Fate, House};

const ASKED: &str = "192.0.2.0/24";
const USED: &str = "203.0.113.0/24";
const STEPS: [&str; 16] = [
    "sign-in", "sign-out", "ask", "letter", "open", "choose", "done", "notice", "revoke", "disown", "reopen",
    "add", "confirm", "remove", "restore", "prove",
];

/// What an event says beside what every event says: method, whether a ticket was at hand.
type Facts = (&'static str, &'static str, &'static str, bool);

/// The latest events as the file has them, after a look at what every one must have.
fn taken(house: &House) -> Vec<Value> {
    let records = house.audit.take();
    let file = crate::audit::in_a_file(house, records);
    let all = file
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let events: Vec<Value> = all.filter(|line| line["event"] != "chain-started").collect();
    for event in &events {
        assert!(
            event["chain"].is_string() && event["n"].is_u64(),
            "its id: {event}"
        );
        assert!(event["time"].as_str().unwrap().ends_with('Z'), "{event}");
        assert!(STEPS.contains(&event["step"].as_str().unwrap()), "{event}");
        for fact in ["actor", "result", "realm"] {
            assert!(event[fact].is_string(), "{fact} of {event}");
        }
        if event["event"] != "recovery-requested" {
            assert_eq!(event["account"].as_str().map(str::len), Some(36), "{event}");
        }
        if event["actor"] != "agent" {
            assert!(event["network"].as_str().unwrap().ends_with("/24"), "{event}");
            assert_eq!(event["browser"].as_str().map(str::len), Some(8), "{event}");
            assert_eq!(event["request"].as_str().map(str::len), Some(9), "{event}");
        }
    }
    events
}

/// Those of the flow itself, in their order.
fn told(events: &[Value]) -> Vec<Facts> {
    let of_session = |event: &&Value| !matches!(event["step"].as_str(), Some("sign-in" | "sign-out"));
    let leaked = |fact: &Value| -> &'static str {
        fact.as_str()
            .map_or("", |text| Box::leak(text.to_owned().into_boxed_str()))
    };
    let facts = |event: &Value| -> Facts {
        // The tenant is the realm; a letter's link and a typed code may be of several institutions of it.
        let of_realm = ["recovery-revoked", "code-tried"].map(Value::from);
        assert!(event["institution"].is_string() || of_realm.contains(&event["event"]));
        let ticket = event["ticket"].as_str();
        assert!(ticket.is_none_or(|ticket| ticket.len() == 8), "{event}");
        (
            leaked(&event["event"]),
            leaked(&event["step"]),
            leaked(&event["method"]),
            ticket.is_some(),
        )
    };
    events.iter().filter(of_session).map(facts).collect()
}

fn at(house: &House, address: [u8; 4]) -> Browser<'_> {
    let mut browser = house.browser();
    browser.address = IpAddr::from(address);
    let agent = format!(
        "Mozilla/5.0 (X11; Linux x86_64; rv:{0}.0) Firefox/{0}.0",
        address[3]
    );
    browser.headers.push(("user-agent", agent));
    browser
}

async fn asked(house: &House) -> Kept {
    assert_eq!(asks(&mut at(house, [192, 0, 2, 7]), CAMILLE.0).await.status, 303);
    house.work().await;
    house.letters.take().remove(0)
}

#[tokio::test]
async fn every_step_from_the_request_to_the_notice_says_who_what_by_what_and_from_where() {
    // SEC-89, SEC-28
    let house = recovering().await;
    let letter = asked(&house).await;
    let mut phone = at(&house, [203, 0, 113, 9]);
    let page = open(&mut phone, &path_of(&letter.links()[0].1)).await;
    *house.campus.fate.lock().unwrap() = Fate::Refused(PasswordRefusal::InHistory);
    let page = choose(&mut phone, &page, NEW).await;
    assert_eq!(page.status, 422);
    *house.campus.fate.lock().unwrap() = Fate::Applied;
    assert_eq!(choose(&mut phone, &page, NEW).await.status, 303);
    let events = taken(&house);
    let expected: [Facts; 9] = [
        ("recovery-requested", "ask", "mail", false),
        ("recovery-sent", "letter", "mail", true),
        ("link-opened", "open", "link", true),
        ("ticket-claimed", "choose", "link", true),
        ("password-refused", "choose", "link", true),
        ("ticket-claimed", "choose", "link", true),
        ("password-written", "done", "link", true),
        ("ticket-spent", "done", "link", true),
        ("notice-queued", "notice", "mail", true),
    ];
    assert_eq!(told(&events), expected);
    let of = |name: &str, fact: &str| {
        let event = events.iter().find(|event| event["event"] == name).unwrap();
        event[fact].clone()
    };
    assert_eq!(of("recovery-requested", "network"), ASKED);
    for fact in ["network", "browser", "request", "flow"] {
        let wanted = of("recovery-requested", fact);
        assert_eq!(of("recovery-sent", fact), wanted, "the worker knows who asked");
        let used = of("password-written", fact);
        assert_eq!(used == wanted, fact == "flow", "{fact}: {used}");
    }
    assert_eq!(of("password-written", "network"), USED);
    assert_eq!(of("password-written", "ticket"), of("recovery-sent", "ticket"));
}

#[tokio::test]
async fn codes_revocations_and_disowned_accounts_are_told_as_fully() {
    // SEC-89
    let house = recovering().await;
    let letter = asked(&house).await;
    let mut browser = at(&house, [203, 0, 113, 9]);
    let form = browser.get("/cas/recover/code").await.form();
    let form = form.with("identifier", CAMILLE.0).with("code", "ZZZZ-ZZZZ");
    let wrong = browser.submit(&form).await;
    assert_ne!(wrong.status, 303);
    let form = wrong.form().with("code", &letter.links()[0].2);
    let right = browser.submit(&form).await;
    assert_eq!(right.status, 303, "{}", right.body);
    let page = browser.get(right.location()).await;
    assert_eq!(choose(&mut browser, &page, NEW).await.status, 303);
    let not_me = house
        .letters
        .take()
        .iter()
        .find_map(|letter| match &letter.notice {
            Notice::PasswordChanged { not_me, .. } => not_me.clone(),
            _ => None,
        });
    let expected: [Facts; 8] = [
        ("recovery-requested", "ask", "mail", false),
        ("recovery-sent", "letter", "mail", true),
        ("code-tried", "open", "code", false),
        ("code-tried", "open", "code", true),
        ("ticket-claimed", "choose", "code", true),
        ("password-written", "done", "code", true),
        ("ticket-spent", "done", "code", true),
        ("notice-queued", "notice", "mail", true),
    ];
    assert_eq!(told(&taken(&house)), expected);

    house.clock.advance(std::time::Duration::from_secs(3700));
    let letter = asked(&house).await;
    let page = open(&mut browser, &path_of(&letter.links()[0].1)).await;
    let value = |name: &str| page.form().value(name).unwrap().to_owned();
    let action = format!("/cas/recover/revoke?flow={}", value("flow"));
    let refuse = form_to(&action, &[("lt", &value("lt")), ("sure", "true")]);
    let revoked = browser.submit(&refuse).await;
    assert_eq!(
        revoked.text_of("h1"),
        "La demande est annulée",
        "{}",
        revoked.body
    );
    let form = browser.get(&path_of(not_me.unwrap().expose())).await.form();
    assert_eq!(browser.submit(&form.with("sure", "true")).await.status, 200);
    let expected: [Facts; 5] = [
        ("recovery-requested", "ask", "mail", false),
        ("recovery-sent", "letter", "mail", true),
        ("link-opened", "open", "link", true),
        ("recovery-revoked", "revoke", "link", true),
        ("account-disowned", "disown", "link", true),
    ];
    assert_eq!(told(&taken(&house)), expected);
}

#[tokio::test]
async fn a_forced_change_and_the_pages_of_ones_own_account_are_told_as_fully() {
    // SEC-89
    let house = recovering().await;
    let mut browser = at(&house, [203, 0, 113, 9]);
    let reply = browser
        .sign_in("/cas/login", ("omar.diallo", "omar-saphir-18"))
        .await;
    let page = browser.get(reply.location()).await;
    *house.campus.fate.lock().unwrap() = Fate::Refused(PasswordRefusal::InHistory);
    let page = choose(&mut browser, &page, NEW).await;
    *house.campus.fate.lock().unwrap() = Fate::Applied;
    assert_eq!(choose(&mut browser, &page, NEW).await.status, 303);
    let expected: [Facts; 3] = [
        ("password-refused", "choose", "forced", false),
        ("password-written", "done", "forced", false),
        ("notice-queued", "notice", "mail", false),
    ];
    assert_eq!(told(&taken(&house)), expected);

    let house = crate::account::house().await;
    let mut browser = at(&house, [203, 0, 113, 9]);
    assert_eq!(browser.sign_in("/cas/login", CAMILLE).await.status, 303);
    crate::account::with_own(&house, &mut browser, crate::account::OWN).await;
    crate::account::with_own(&house, &mut browser, "camille.bis@messagerie.example").await;
    let page = browser.get("/cas/account").await;
    let mut all = page.addresses().into_iter();
    let remove = all.find(|address| address.contains("/account/remove")).unwrap();
    let form = browser.get(&remove).await.form();
    browser.submit(&form).await;
    let undo = crate::account::undo_link(&house.letters.take());
    for current in ["pas celui-ci", CAMILLE.1] {
        let form = browser.get("/cas/account/password").await.form();
        browser
            .submit(&form.with("current", current).with("new", NEW))
            .await;
    }
    let form = browser.get(&undo).await.form();
    browser.submit(&form.with("sure", "true")).await;
    let own: [Facts; 4] = [
        ("address-added", "add", "mail", false),
        ("code-tried", "confirm", "code", false),
        ("address-confirmed", "confirm", "mail", false),
        ("notice-queued", "notice", "mail", false),
    ];
    let rest: [Facts; 6] = [
        ("address-removed", "remove", "mail", false),
        ("notice-queued", "notice", "mail", false),
        ("sign-in-refused", "prove", "password", false),
        ("password-written", "done", "password", false),
        ("notice-queued", "notice", "mail", false),
        ("address-restored", "restore", "link", true),
    ];
    assert_eq!(told(&taken(&house)), [&own[..], &own[..], &rest[..]].concat());
}

#[tokio::test]
async fn a_link_opens_from_any_address_and_the_notice_names_the_networks_of_request_and_use() {
    // SEC-28
    let house = recovering().await;
    let letter = asked(&house).await;
    let when = house.clock.now();
    house.clock.advance(std::time::Duration::from_secs(600));
    let mut phone = at(&house, [203, 0, 113, 9]);
    let page = open(&mut phone, &path_of(&letter.links()[0].1)).await;
    phone.address = IpAddr::from([198, 51, 100, 3]);
    assert_eq!(choose(&mut phone, &page, NEW).await.status, 303);
    let letters = house.letters.take();
    let Notice::PasswordChanged {
        network_prefix,
        asked: Some(asked),
        ..
    } = &letters[0].notice
    else {
        panic!("{}", letters[0].notice.name())
    };
    assert_eq!(network_prefix.as_ref().unwrap().as_str(), "198.51.100.0/24");
    assert_eq!((asked.network.as_str(), asked.at), (ASKED, when));
}
