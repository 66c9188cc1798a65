//! The samples for proxies in conf/proxies, before the served binary: pages work through them, people
//! keep their addresses, and neither log holds what opens something.

use std::net::Ipv4Addr;

use mereau::tickets::ResetToken;

use super::{CAMILLE, Plan, Town, USUAL, token};
use crate::support::browser::{Browser, Page};
use crate::support::certificates::Authority;
use crate::support::front::{Front, Kind};
use crate::support::{ports, wait};

/// Where the person really is.
const HOME: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 77);

const FORGED: [(&str, &str); 5] = [
    ("X-Forwarded-For", "203.0.113.9"),
    ("X-Forwarded-For", "203.0.113.10, 127.0.0.1"),
    ("Forwarded", "for=203.0.113.11"),
    ("X-Real-IP", "203.0.113.12"),
    ("X-Forwarded-Host", "evil.example"),
];

/// The town behind a proxy, and a person's browser.
async fn behind(kind: Kind) -> (Town, Front, Browser) {
    let authority = Authority::new();
    for _ in 0..10 {
        let port = ports::free();
        let front = Some(port);
        let town = Town::with(Plan { front, ..USUAL }).await;
        if let Some(front) = Front::start(kind, port, town.served.port(), &authority) {
            let mut browser = Browser::new(Some(&authority));
            browser.from = Some(HOME);
            return (town, front, browser);
        }
    }
    panic!("{kind:?} finds no port")
}

/// Signs in; the application's address with the ticket, as the server gave it.
async fn ticket_for(town: &Town, browser: &mut Browser, service: &str) -> String {
    let login = town
        .served
        .address("/login", &[("service", service), ("tenant", "mirefleurs")]);
    let page = browser.open(&login).await;
    let form = page.reply.form();
    let form = form.with("username", CAMILLE.0).with("password", CAMILLE.1);
    let answer = browser.submit(&page, &form).await;
    assert_eq!(answer.reply.status, 303, "{}", answer.reply.body);
    answer.reply.location().to_owned()
}

async fn validated(town: &Town, browser: &mut Browser, service: &str, ticket: &str) -> Page {
    let url = town
        .served
        .address("/p3/serviceValidate", &[("service", service), ("ticket", ticket)]);
    browser.get(&url).await
}

/// The requests of the person, by the server's own log.
fn lines(town: &Town) -> Vec<String> {
    let log = town.served.output();
    let access = log.lines().filter(|line| line.contains("mereau::access"));
    access.map(str::to_owned).collect()
}

async fn serves(kind: Kind) {
    let (mut town, front, mut browser) = behind(kind).await;
    // A sign-in for an address that is long and not of ASCII comes through to the byte.
    let service = format!(
        "{}?nom=%E9t%E9&sans=a%2Fb+c&long={}",
        town.start(),
        "x".repeat(15_000)
    );
    let back = ticket_for(&town, &mut browser, &service).await;
    let (before, ticket) = back.rsplit_once("&ticket=").expect("a ticket");
    assert!(before == service, "{before}");
    browser.forged = FORGED.to_vec();
    let answer = validated(&town, &mut browser, &service, ticket).await;
    assert!(
        answer.reply.body.contains("<cas:user>camille.dupont</cas:user>"),
        "{}",
        answer.reply.body
    );

    // Mailed links, of the person who asks through the proxy.
    let page = town.asks(&mut browser, CAMILLE.0).await;
    assert_eq!(page.reply.status, 200);
    let mail = town.mails(1).await.remove(0);
    let link = mail.link();
    let off = mail.addresses("/x/").remove(0);
    assert!(link.starts_with(town.served.url()) && off.starts_with(town.served.url()));
    let page = browser.open(&link).await;
    assert!(page.reply.has_form_for_new(), "{}", page.reply.body);
    assert_eq!(browser.open(&off).await.reply.status, 200);
    let below = link.replace("/cas/r/", "/cas/t/mirefleurs/r/");
    let doors = ["n", "u", "c"].map(|door| link.replace("/cas/r/", &format!("/cas/{door}/")));
    let odd = ["/cas/%72/", "/cas/r//", "/cas/R/"].map(|door| link.replace("/cas/r/", door));
    for address in [below].iter().chain(&doors).chain(&odd) {
        browser.get(address).await;
    }

    let here = lines(&town);
    assert!(here.len() > 10, "{here:?}");
    for line in &here {
        assert!(line.contains("127.0.0.77"), "{line}");
        assert!(!line.contains("203.0.113"), "{line}");
    }
    for (door, link) in [("r", &link), ("x", &off)] {
        let named = format!("/cas/{door}/{}", ResetToken::log_name_of(token(link)));
        assert!(here.iter().any(|line| line.contains(&named)), "{named} {here:#?}");
    }

    // A node that is down makes a proxy talk most.
    town.served.kill();
    for address in [&link, &off] {
        assert!(browser.get(address).await.reply.status.is_server_error());
    }
    assert!(
        validated(&town, &mut browser, &service, ticket)
            .await
            .reply
            .status
            .is_server_error()
    );
    let wanted = [
        "\"GET /cas/r/- ",
        "\"GET /cas/x/- ",
        "\"GET /cas/t/mirefleurs/r/- ",
        "/cas/p3/serviceValidate ",
    ];
    let there = wait::until("the proxy's log", || {
        let log = front.logs();
        let down = log.lines().filter(|line| line.contains("\" 50")).count();
        (down == 3 && wanted.iter().all(|words| log.contains(words))).then_some(log)
    });
    assert!(
        there.contains("127.0.0.77") && !there.contains("203.0.113"),
        "{there}"
    );
    for (place, log) in [
        ("the proxy's log", &there),
        ("the own log", &town.served.output()),
    ] {
        for secret in [token(&link), token(&off), ticket, "sans=a"] {
            assert!(!log.contains(secret), "{place} holds {secret}: {log}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_the_sample_for_nginx_pages_work_and_no_log_holds_a_link_or_a_ticket() {
    // SEC-33, SEC-63, SEC-11
    serves(Kind::Nginx).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_the_sample_for_haproxy_pages_work_and_no_log_holds_a_link_or_a_ticket() {
    // SEC-33, SEC-63, SEC-11
    serves(Kind::Haproxy).await;
}
