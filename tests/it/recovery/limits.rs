//! What recovery lets through, each at its edge: the last that is taken, and the first that is not.

use std::net::IpAddr;
use std::sync::atomic::Ordering;
use std::time::Duration;

use mereau::audit::Event;
use mereau::flows::recovery::{Kind, RecoveryAddress, RecoverySettings, Trust};
use mereau::jobs::recovery::{Line, RecoverySettings as JobSettings, take_one};
use mereau::tickets::{Lane, Requests as _};

use super::cohorts::masked;
use super::{asks, entry, letters_for};
use crate::house::recovery::{mailbox, usual_recovery};
use crate::house::{Browser, CAMILLE, House, Plan, Reply, build};

const SECOND: Duration = Duration::from_secs(1);
const UNKNOWN: &str = "nobody.at.all";

async fn with(change: impl FnOnce(&mut RecoverySettings), more: &str, texts_a_month: u32) -> House {
    let mut settings = usual_recovery();
    change(&mut settings);
    build(Plan {
        one_institution: true,
        recovery: Some(settings),
        more_people: more.to_owned(),
        texts_a_month,
        ..Plan::default()
    })
    .await
}

fn events(house: &House, event: Event) -> usize {
    let all = house.audit.take();
    all.iter().filter(|one| one.event == event).count()
}

async fn asks_as_person(browser: &mut Browser<'_>, identifier: &str) -> Reply {
    let form = browser.get("/cas/recover").await.form();
    let form = form.with("identifier", identifier).without("captcha-other");
    browser.submit(&form.with("captcha-answer", "human")).await
}

fn same(one: &Reply, other: &Reply, name: &str) {
    assert_eq!(one.status, other.status);
    let text = |reply: &Reply| masked(&reply.body.replace(name, "*").replace(UNKNOWN, "*"));
    assert_eq!(text(one), text(other));
    let names = |reply: &Reply| reply.headers.keys().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(names(one), names(other));
}

#[tokio::test]
async fn after_twenty_forms_of_an_hour_only_people_go_on_and_after_forty_nobody() {
    // SEC-61, SEC-62, SEC-05
    let house = with(|settings| settings.network = Default::default(), "", 1000).await;
    let mut replies = Vec::new();
    for name in [CAMILLE.0, UNKNOWN] {
        let mut browser = house.browser();
        browser.address = IpAddr::from([203, 0, 113, u8::try_from(replies.len() + 1).unwrap()]);
        let mut own = Vec::new();
        for number in 1..=20 {
            let reply = asks(&mut browser, name).await;
            assert_eq!(reply.status, 303, "{number}");
            own.push(reply);
        }
        let form = browser.get("/cas/recover").await;
        assert!(
            form.body.contains("captcha-answer"),
            "a CAPTCHA though the realm asks none"
        );
        // The twenty-first is refused without an answer, and that counts.
        let refused = asks(&mut browser, name).await;
        assert_eq!(refused.status, 400);
        own.push(refused);
        for number in 22..=40 {
            let reply = asks_as_person(&mut browser, name).await;
            assert_eq!(reply.status, 303, "{number}");
        }
        for _ in 0..2 {
            let reply = asks_as_person(&mut browser, name).await;
            assert_eq!(reply.status, 429);
            assert!(!reply.header("retry-after").is_empty());
            own.push(reply);
        }
        replies.push(own);
    }
    for (known, unknown) in replies[0].iter().zip(&replies[1]) {
        same(known, unknown, CAMILLE.0);
    }
    // Its neighbour is another network.
    let mut neighbour = house.browser();
    neighbour.address = IpAddr::from([203, 0, 113, 3]);
    assert_eq!(asks(&mut neighbour, CAMILLE.0).await.status, 303);
    house.clock.advance(Duration::from_secs(3601));
    let mut browser = house.browser();
    browser.address = IpAddr::from([203, 0, 113, 1]);
    assert_eq!(asks(&mut browser, CAMILLE.0).await.status, 303, "an hour later");
}

#[tokio::test]
async fn a_household_of_ipv6_is_one_network_and_a_listed_school_may_send_many_times_more() {
    // SEC-61
    let narrow = |settings: &mut RecoverySettings| {
        settings.network.an_hour = 2;
        settings.network.factor = 3;
        settings.network.schools = vec!["198.51.100.0/24".parse().unwrap()];
    };
    let house = with(narrow, "", 1000).await;
    let asked = async |from: &str| {
        let mut browser = house.browser();
        browser.address = from.parse().unwrap();
        asks(&mut browser, CAMILLE.0).await.status.as_u16()
    };
    for from in ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9"] {
        assert_eq!(asked(from).await, 303);
    }
    assert_eq!(asked("2001:db8:1:2:3::3").await, 400, "the same /64");
    assert_eq!(asked("2001:db8:1:3::1").await, 303, "another /64");
    for number in 1..=6 {
        assert_eq!(asked("198.51.100.7").await, 303, "{number}");
    }
    assert_eq!(asked("198.51.100.7").await, 400);
    assert_eq!(
        asked("198.51.100.8").await,
        303,
        "each address of the school by itself"
    );
    assert_eq!(asked("198.51.101.7").await, 303);
    assert_eq!(asked("::ffff:198.51.101.7").await, 303);
    assert_eq!(
        asked("198.51.101.7").await,
        400,
        "one address however it is written"
    );
}

#[tokio::test]
async fn the_network_of_a_form_is_what_a_listed_proxy_says_and_never_what_a_client_says() {
    // SEC-63, SEC-61
    let house = with(|settings| settings.network.an_hour = 2, "", 1000).await;
    let asked = async |peer: [u8; 4], headers: &[(&'static str, &str)]| {
        let mut browser = house.browser();
        browser.address = IpAddr::from(peer);
        let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned()));
        browser.headers.extend(headers);
        asks(&mut browser, CAMILLE.0).await.status.as_u16()
    };
    // Nobody is listed: whatever chain is forged, it is the peer's own form.
    let forged: [&[(&str, &str)]; 6] = [
        &[("x-forwarded-for", "198.51.100.1")],
        &[("x-forwarded-for", "198.51.100.2, 10.0.0.5")],
        &[("forwarded", "for=198.51.100.3")],
        &[("x-real-ip", "198.51.100.4")],
        &[
            ("x-forwarded-for", "198.51.100.5"),
            ("x-forwarded-for", "198.51.100.6"),
        ],
        &[("x-forwarded-for", "unknown, ::1")],
    ];
    for (number, headers) in forged.into_iter().enumerate() {
        let taken = asked([203, 0, 113, 1], headers).await;
        // Two, and two more that have no answer to the CAPTCHA; then none is taken.
        let wanted = [303, 303, 400, 400, 429, 429][number];
        assert_eq!(taken, wanted, "{headers:?}");
    }
    // Behind a listed proxy the last address that it did not make itself counts.
    *house.proxies.lock().unwrap() = vec!["10.0.0.0/8"];
    let through = async |chain: &str| asked([10, 0, 0, 5], &[("x-forwarded-for", chain)]).await;
    assert_eq!(through("6.6.6.1, 192.0.2.7").await, 303);
    assert_eq!(through("6.6.6.2, 192.0.2.7, 10.0.0.9").await, 303);
    assert_eq!(
        through("6.6.6.3, 192.0.2.7").await,
        400,
        "the forged part changes nothing"
    );
    assert_eq!(through("192.0.2.7, 192.0.2.8").await, 303, "somebody else");
    // What cannot be read is the proxy's own form, never nobody's.
    for wanted in [303, 303, 400] {
        assert_eq!(through("6.6.6.4, unknown").await, wanted);
    }
    // Who is not listed is not believed, whoever else is.
    assert_eq!(
        asked([203, 0, 113, 1], &[("x-forwarded-for", "192.0.2.99")]).await,
        429
    );
}

#[tokio::test]
async fn a_realm_is_worked_for_so_often_an_hour_and_the_others_wait_without_a_trace() {
    // SEC-61
    let people = [
        entry(1, "p1", "p1@campus.example", ""),
        entry(2, "p2", "p2@campus.example", ""),
    ];
    let house = with(
        |settings| settings.requests_an_hour = 3,
        &format!("\n{}", people.join("\n")),
        1000,
    )
    .await;
    let line = Line::default();
    let work = async || {
        let catalogue = house.app.catalogue();
        while let Some(_worked) = take_one(&house.app.ports, &catalogue, "test", &line)
            .await
            .unwrap()
        {}
        house.letters.take().len()
    };
    let mut pages = Vec::new();
    for (name, letters) in [(CAMILLE.0, 1), (UNKNOWN, 0), ("p1", 1), ("p2", 0), (UNKNOWN, 0)] {
        let reply = asks(&mut house.browser(), name).await;
        assert_eq!(reply.status, 303);
        pages.push(reply);
        house.clock.advance(SECOND);
        assert_eq!(work().await, letters, "{name}");
    }
    same(&pages[3], &pages[1], "p2");
    same(&pages[3], &pages[4], "p2");
    assert_eq!(house.store.depth(Lane::Recovery).await.unwrap(), 2, "they wait");
    assert_eq!(events(&house, Event::RecoveryCrowded), 1);
    // Most of the hour later they still wait; then they are worked on.
    let mut late = 0;
    for _ in 0..62 {
        house.clock.advance(Duration::from_secs(60));
        late += work().await;
    }
    assert_eq!(late, 1);
    assert_eq!(house.store.depth(Lane::Recovery).await.unwrap(), 0);
}

#[tokio::test]
async fn when_as_many_letters_wait_as_may_requests_wait_and_at_half_of_them_there_is_an_alarm() {
    // SEC-61
    let house = with(|_| {}, "", 1000).await;
    let line = Line::new(JobSettings {
        letters: 4,
        ..JobSettings::default()
    });
    let push = async |letter: &[u8]| {
        let pushed = house.store.push(Lane::Letters, letter, Duration::ZERO).await;
        pushed.unwrap();
    };
    let one = async || {
        let catalogue = house.app.catalogue();
        let worked = take_one(&house.app.ports, &catalogue, "test", &line).await;
        worked.unwrap().is_some()
    };
    for (letters, is_worked, alarms) in [(1, true, 0), (2, true, 1), (3, true, 0), (4, false, 0)] {
        push(&[letters]).await;
        let reply = asks(&mut house.browser(), UNKNOWN).await;
        assert_eq!(reply.status, 303, "accepted all the same");
        house.audit.take();
        assert_eq!(one().await, is_worked, "{letters}");
        assert_eq!(events(&house, Event::LettersCrowded), alarms, "{letters}");
    }
    let sent = house
        .store
        .take(Lane::Letters, "carrier", SECOND)
        .await
        .unwrap()
        .unwrap();
    house.store.done(&sent.id).await.unwrap();
    assert!(one().await, "delayed, not lost");
}

/// An entry that text messages alone reach.
fn on_the_phone(number: u32) -> String {
    format!(
        "dn: uid=t{number},ou=people,dc=campus,dc=example\nobjectClass: inetOrgPerson\n\
         entryUUID: 5a1e7000-0000-4000-8000-0000000008{number:02}\nuid: t{number}\ncn: t\nsn: t\n\
         mobile: +336123456{number:02}\nuserPassword: {{SSHA}}V25G7iLrorVILZ+Jzmtj+rACsqEkGhxjGnq5Gg==\n"
    )
}

fn by_phone(settings: &mut RecoverySettings) {
    settings.addresses = vec![
        mailbox("mailLocalAddress", Trust::Validated),
        RecoveryAddress {
            attribute: "mobile".to_owned(),
            trust: Trust::Validated,
            kind: Kind::Sms,
        },
    ];
}

#[tokio::test]
async fn an_account_gets_two_text_messages_an_hour_and_four_a_day() {
    // SEC-61
    let house = with(by_phone, &format!("\n{}", on_the_phone(1)), 1000).await;
    let mut sent = Vec::new();
    for hour in 0..4 {
        for _ in 0..3 {
            sent.push(letters_for(&house, "t1").await.len());
            house.clock.advance(Duration::from_secs(130));
        }
        house.clock.advance(Duration::from_secs(3600));
        let total: usize = sent.iter().sum();
        assert_eq!(total, [2, 4, 4, 4][hour], "{sent:?}");
    }
    house.clock.advance(Duration::from_secs(86_400));
    assert_eq!(letters_for(&house, "t1").await.len(), 1, "the next day");
}

#[tokio::test]
async fn the_text_messages_of_a_month_have_an_alarm_and_an_end_and_nobody_sees_either() {
    // SEC-61
    let people: Vec<String> = (1..=7).map(on_the_phone).collect();
    let house = with(by_phone, &format!("\n{}", people.join("\n")), 5).await;
    for (number, letters, alarms) in [(1, 1, 0), (2, 1, 0), (3, 1, 0), (4, 1, 1), (5, 1, 1), (6, 0, 1)] {
        house.audit.take();
        assert_eq!(
            letters_for(&house, &format!("t{number}")).await.len(),
            letters,
            "{number}"
        );
        assert_eq!(events(&house, Event::TextMessagesSpent), alarms, "{number}");
    }
    let known = asks(&mut house.browser(), "t7").await;
    same(&known, &asks(&mut house.browser(), UNKNOWN).await, "t7");
    house.clock.advance(Duration::from_secs(31 * 86_400));
    assert_eq!(letters_for(&house, "t7").await.len(), 1, "the next month");
}

#[tokio::test]
async fn an_account_gets_three_letters_an_hour_and_six_a_day_whatever_they_bring() {
    // SEC-61, SEC-59, T-76
    let more = entry(
        1,
        "federated",
        "federated@campus.example",
        "employeeType: federated",
    );
    let house = with(|_| {}, &format!("\n{more}"), 1000).await;
    for name in [CAMILLE.0, "federated"] {
        let mut total = 0;
        for hour in 0..3 {
            assert_eq!(
                letters_for(&house, name).await.len(),
                usize::from(hour < 2),
                "{name}"
            );
            total += usize::from(hour < 2);
            // Not within two minutes.
            house.clock.advance(Duration::from_secs(60));
            assert!(letters_for(&house, name).await.is_empty(), "{name}");
            for _ in 0..4 {
                house.clock.advance(Duration::from_secs(130));
                total += letters_for(&house, name).await.len();
            }
            assert_eq!(total, [3, 6, 6][hour], "{name}");
            house.clock.advance(Duration::from_secs(3601));
        }
        house.clock.advance(Duration::from_secs(86_400));
    }
}

#[tokio::test]
async fn a_forgotten_identifier_is_told_within_the_accounts_letters_too() {
    // SEC-61
    let house = with(|_| {}, "", 1000).await;
    let mut told = 0;
    for _ in 0..6 {
        let mut browser = house.browser();
        let form = browser.get("/cas/recover/username").await.form();
        let reply = browser
            .submit(&form.with("email", "amine.benali@campus.example"))
            .await;
        assert_eq!(reply.status, 303);
        house.work().await;
        told += house.letters.take().len();
        house.clock.advance(Duration::from_secs(130));
    }
    assert_eq!(told, 3);
}

#[tokio::test]
async fn what_was_counted_for_a_request_is_sent_when_it_is_delivered_again() {
    // SEC-61, SEC-19
    let house = with(|settings| settings.requests_an_hour = 1, "", 1000).await;
    asks(&mut house.browser(), CAMILLE.0).await;
    house.campus.down.store(true, Ordering::SeqCst);
    house.work().await;
    house.campus.down.store(false, Ordering::SeqCst);
    house.clock.advance(Duration::from_secs(10));
    house.work().await;
    assert_eq!(
        house.letters.take().len(),
        1,
        "its own count does not stand in its way"
    );
}
