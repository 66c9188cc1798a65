//! What goes wrong: a page that names the step, no session, and never another redirect.

use std::sync::atomic::Ordering;
use std::time::Duration;

use mereau::realms::{Delegation, Position};

use super::{APP, Trip, World, for_app, join, no, sso, through, with, world, yes};
use crate::house::{ENDLESS, FLOOD, Reply, encoded};

fn assert_failed(reply: &Reply, status: u16, code: &str) {
    assert_eq!(reply.status.as_u16(), status, "{code}: {}", reply.body);
    assert!(reply.headers.get("location").is_none());
    assert!(reply.body.contains(code), "{code}: {}", reply.body);
    assert!(
        reply.header("cross-origin-opener-policy").is_empty(),
        "also in a pop-up"
    );
    assert!(!reply.body.contains("http-equiv"), "nothing goes on by itself");
}

#[tokio::test]
async fn each_thing_the_server_may_say_wrong_is_named_and_opens_nothing() {
    // S2-03, T-27, CAS-213
    let world = world(vec![Delegation {
        joins: vec![join("numero", "employeeNumber"), join("user", "uid")],
        ..sso()
    }])
    .await;
    let laughs = "<!DOCTYPE a [<!ENTITY a \"camille.dupont\">]>";
    let fine = yes("camille.dupont", "");
    let status = |line: &str| format!("HTTP/1.1 {line}\r\nContent-Length: {}\r\n\r\n{fine}", fine.len());
    let body = |xml: &str| format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{xml}", xml.len());
    for (answer, code) in [
        (body(&no("INVALID_TICKET")), "DELEGATION_REFUSED"),
        (body(&no("INVALID_SERVICE")), "DELEGATION_REFUSED"),
        (
            body(&format!("{laughs}{}", yes("&a;", ""))),
            "DELEGATION_BAD_ANSWER",
        ),
        (
            body(&fine.replace(
                "<cas:attributes>",
                "<cas:user>amine.benali</cas:user><cas:attributes>",
            )),
            "DELEGATION_BAD_ANSWER",
        ),
        (body("yes\ncamille.dupont\n"), "DELEGATION_BAD_ANSWER"),
        (body("<html>maintenance</html>"), "DELEGATION_BAD_ANSWER"),
        (body(""), "DELEGATION_BAD_ANSWER"),
        (status("500 Oops"), "DELEGATION_NO_ANSWER"),
        (
            status("302 Found\r\nLocation: https://localhost/"),
            "DELEGATION_NO_ANSWER",
        ),
        ("nonsense".to_owned(), "DELEGATION_NO_ANSWER"),
        (FLOOD.to_owned(), "DELEGATION_NO_ANSWER"),
        (body(&yes("nobody", "")), "DELEGATION_NO_ACCOUNT"),
        (body(&yes("*", "")), "DELEGATION_NO_ACCOUNT"),
    ] {
        world.say_whole(&answer);
        let mut browser = world.house.browser();
        let reply = through(&mut browser, &for_app()).await;
        let expected = match code {
            "DELEGATION_REFUSED" | "DELEGATION_NO_ACCOUNT" => 403,
            _ => 502,
        };
        assert_failed(&reply, expected, code);
        assert!(browser.tgc("campus").is_none() && browser.cookies.keys().all(|name| !name.contains("flow")));
        let again = reply
            .addresses()
            .into_iter()
            .find(|url| url.contains("/login/with/sso"))
            .unwrap();
        assert!(
            again.contains(&encoded(APP)),
            "the service is kept for another try: {again}"
        );
        assert!(!reply.body.contains("ST-1-abc"), "no ticket on a page");
    }
}

#[tokio::test]
async fn a_server_that_is_slow_or_gone_is_not_waited_for() {
    // S2-03, F-31
    let world = world(vec![sso()]).await;
    world.trust(vec![sso()], Duration::from_millis(200));
    world.upstream.hold().await;
    let reply = through(&mut world.house.browser(), &for_app()).await;
    assert_failed(&reply, 502, "DELEGATION_NO_ANSWER");
    world.upstream.release();
    world.say_whole(ENDLESS);
    let reply = through(&mut world.house.browser(), &for_app()).await;
    assert_failed(&reply, 502, "DELEGATION_NO_ANSWER");
}

#[tokio::test]
async fn people_whom_the_realm_cannot_tell_or_does_not_let_in_stay_out() {
    // S2-03
    let world = world(vec![Delegation {
        joins: vec![join("classe", "objectClass"), join("numero", "uid")],
        ..sso()
    }])
    .await;
    for (attributes, status, text) in [
        ("", 403, "DELEGATION_NO_KEY"),
        ("<cas:numero> </cas:numero>", 403, "DELEGATION_NO_KEY"),
        (
            "<cas:classe>inetOrgPerson</cas:classe>",
            403,
            "DELEGATION_AMBIGUOUS",
        ),
        ("<cas:numero>ines.petit</cas:numero>", 403, "ines.petit"),
    ] {
        world.say(&yes("camille.dupont", attributes));
        let mut browser = world.house.browser();
        let reply = through(&mut browser, &for_app()).await;
        assert_failed(&reply, status, text);
        assert!(browser.tgc("campus").is_none(), "{attributes}");
    }
}

#[tokio::test]
async fn who_gives_up_there_is_told_so_here() {
    // S2-03
    let world = world(vec![sso()]).await;
    for more in ["", "&ticket="] {
        let mut browser = world.house.browser();
        let trip = Trip::of(&browser.get(&for_app()).await);
        assert_failed(&browser.get(&trip.path(more)).await, 403, "DELEGATION_CANCELLED");
        assert!(world.upstream.seen().is_empty());
    }
    for more in ["&ticket=PT-1", "&ticket=ST-1&ticket=ST-2", "&ticket=%ff"] {
        let mut browser = world.house.browser();
        let trip = Trip::of(&browser.get(&for_app()).await);
        assert_failed(&browser.get(&trip.path(more)).await, 403, "DELEGATION_REFUSED");
        assert!(
            world.upstream.seen().is_empty(),
            "such a ticket is carried nowhere"
        );
    }
}

#[tokio::test]
async fn a_callback_counts_once_in_time_and_in_the_browser_that_began() {
    // S2-03, CAS-331, T-30, F-25
    let world = world(vec![sso()]).await;
    world.say(&yes("camille.dupont", ""));
    let mut browser = world.house.browser();
    let trip = Trip::of(&browser.get(&for_app()).await);
    let other = Trip::of(&browser.get(&for_app()).await);
    let held = browser.cookies.clone();
    let back = trip.path("&ticket=ST-1-abc");
    let mut victim = world.house.browser();
    assert_failed(&victim.get(&back).await, 400, "DELEGATION_STATE");
    // The victim has a flow of its own: its cookie does not fit the attacker's address.
    Trip::of(&victim.get(&for_app()).await);
    assert_failed(&victim.get(&back).await, 400, "DELEGATION_STATE");
    // Nor does the attacker's value under another name.
    let [mine, others] = [&trip, &other].map(|trip| format!("__Host-flow-{}", trip.flow()));
    victim.cookies.insert(mine.clone(), held[&others].clone());
    assert_failed(&victim.get(&back).await, 400, "DELEGATION_STATE");
    victim.cookies.insert(mine, format!("{}A", held[&others]));
    assert_failed(&victim.get(&back).await, 400, "DELEGATION_STATE");
    let wrong_place = back.replace("/campus/sso", "/lycee/sso");
    assert_eq!(victim.get(&wrong_place).await.status, 404);
    assert!(world.upstream.seen().is_empty(), "nobody was asked");
    browser.get(&back).await.ticket();
    assert_eq!(world.upstream.seen().len(), 1);
    browser.cookies.clone_from(&held);
    assert_failed(&browser.get(&back).await, 400, "DELEGATION_REPLAY");
    browser.cookies = held;
    // Ten minutes, and the minute by which the clocks of two nodes may differ.
    world.house.clock.advance(Duration::from_secs(661));
    assert_failed(
        &browser.get(&other.path("&ticket=ST-2")).await,
        400,
        "DELEGATION_LATE",
    );
    assert!(world.upstream.seen().is_empty());
}

#[tokio::test]
async fn what_was_taken_back_meanwhile_is_not_entered() {
    // CAS-62, S2-03
    let world = world(vec![sso()]).await;
    world.say(&yes("camille.dupont", ""));
    let evil = with(&format!("&service={}", encoded("https://evil.example/")));
    let mut browser = world.house.browser();
    let reply = browser.get(&evil).await;
    assert_eq!(reply.status, 403);
    assert!(reply.headers.get("location").is_none());
    let foreign = with(&format!("&service={}", encoded("https://lycee.example.org/")));
    assert_eq!(
        browser.get(&foreign).await.status,
        403,
        "a service of another realm"
    );
    let trip = Trip::of(&browser.get(&for_app()).await);
    let elsewhere = Delegation {
        institutions: vec![mereau::base::names::InstitutionId::new("x").unwrap()],
        ..sso()
    };
    world.trust(vec![elsewhere], Duration::from_secs(60));
    assert_failed(
        &browser.get(&trip.path("&ticket=ST-1")).await,
        403,
        "DELEGATION_WITHDRAWN",
    );
    world.trust(vec![], Duration::from_secs(60));
    assert_eq!(browser.get(&trip.path("&ticket=ST-1")).await.status, 404);
}

#[tokio::test]
async fn a_directory_or_store_that_cannot_tell_is_an_incident() {
    // F-26, S2-03
    let world = world(vec![sso()]).await;
    world.say(&yes("camille.dupont", ""));
    let mut browser = world.house.browser();
    world.house.campus.down.store(true, Ordering::SeqCst);
    assert_eq!(through(&mut browser, &for_app()).await.status, 503);
    world.house.campus.down.store(false, Ordering::SeqCst);
    let trip = Trip::of(&browser.get(&for_app()).await);
    world.house.store.down.store(true, Ordering::SeqCst);
    let reply = browser.get(&trip.path("&ticket=ST-1")).await;
    assert!(reply.status == 503 && reply.comes_back_in(2..=5));
}

#[tokio::test]
async fn a_service_as_long_as_they_get_comes_back_byte_for_byte() {
    // CAS-11, CAS-18
    let world = world(vec![sso()]).await;
    world.say(&yes("camille.dupont", ""));
    let long = format!("https://app.example.org/?x={}%2F", "é%20".repeat(1500));
    assert!(long.len() > 7500);
    let mut browser = world.house.browser();
    for _ in 0..4 {
        Trip::of(&browser.get(&for_app()).await);
    }
    let flows = |cookies: &std::collections::BTreeMap<String, String>| {
        cookies.keys().filter(|name| name.contains("flow-")).count()
    };
    assert!(flows(&browser.cookies) <= 3, "old flows are forgotten");
    let path = with(&format!("&service={}", encoded(&long)));
    let trip = Trip::of(&browser.get(&path).await);
    let carried: usize = browser.cookies.values().map(String::len).sum();
    assert!(
        carried < 4_000,
        "proxies carry no more than some kilobytes: {carried}"
    );
    let reply = browser.get(&trip.path("&ticket=ST-1-abc")).await;
    let expected = url::Url::parse(&long).unwrap().to_string();
    assert!(
        reply.location().starts_with(&long) || reply.location().starts_with(&expected),
        "{}",
        reply.location()
    );
    assert!(
        !browser
            .cookies
            .contains_key(&format!("__Host-flow-{}", trip.flow()))
    );
    let longest = format!("https://app.example.org/{}", "a".repeat(16_000));
    let path = with(&format!("&service={}", encoded(&longest)));
    let reply = through(&mut browser, &path).await;
    assert!(reply.location().starts_with(&longest));
}

#[tokio::test]
async fn a_long_service_waits_in_the_store_for_its_own_browser_once() {
    // CAS-11, CAS-331, F-26
    let world = world(vec![sso()]).await;
    world.say(&yes("camille.dupont", ""));
    let long = format!("https://app.example.org/{}", "a".repeat(7_500));
    let path = with(&format!("&service={}", encoded(&long)));
    let mut browser = world.house.browser();
    let trip = Trip::of(&browser.get(&path).await);
    let back = trip.path("&ticket=ST-1-abc");
    let held = browser.cookies.clone();
    let mut stranger = world.house.browser();
    assert_failed(&stranger.get(&back).await, 400, "DELEGATION_STATE");
    let (name, value) = held.iter().find(|(name, _)| name.contains("flow-")).unwrap();
    stranger
        .cookies
        .insert(name.replace(&trip.flow(), &"x".repeat(20)), value.clone());
    let wrong = back.replace(&trip.flow(), &"x".repeat(20));
    assert_failed(&stranger.get(&wrong).await, 400, "DELEGATION_STATE");
    browser.get(&back).await.ticket();
    browser.cookies = held;
    assert_failed(&browser.get(&back).await, 400, "DELEGATION_REPLAY");
    world.house.store.down.store(true, Ordering::SeqCst);
    let reply = world.house.browser().get(&path).await;
    assert_eq!(reply.status, 503, "there is no room elsewhere");
    assert_eq!(
        world.house.browser().get(&for_app()).await.status,
        302,
        "a short one needs none"
    );
}

#[tokio::test]
async fn one_network_does_not_fill_the_store_with_long_services() {
    // S2-03
    let world = world(vec![sso()]).await;
    let long = format!("https://app.example.org/{}", "a".repeat(7_500));
    let path = with(&format!("&service={}", encoded(&long)));
    let mut kept = 0;
    let refused = loop {
        let reply = world.house.browser().get(&path).await;
        if reply.status != 302 {
            break reply;
        }
        kept += 1;
    };
    assert_eq!(
        (kept, refused.status.as_u16(), refused.header("retry-after")),
        (400, 429, "1")
    );
    let mut elsewhere = world.house.browser();
    elsewhere.address = std::net::IpAddr::from([198, 51, 100, 1]);
    Trip::of(&elsewhere.get(&path).await);
    Trip::of(&world.house.browser().get(&for_app()).await);
}

#[tokio::test]
async fn a_failure_on_the_only_way_in_is_shown_and_not_run_from() {
    // S2-03
    let only = Delegation {
        position: Position::Only,
        ..sso()
    };
    let world: World = world(vec![only]).await;
    world.say(&no("INVALID_TICKET"));
    let path = format!("/cas/login?tenant=campus&service={}", encoded(APP));
    let mut browser = world.house.browser();
    let reply = through(&mut browser, &path).await;
    assert_failed(&reply, 403, "DELEGATION_REFUSED");
    assert!(
        !reply.body.contains("Se connecter autrement"),
        "there is no form to offer"
    );
    for _ in 0..3 {
        let page = browser.get(&path).await;
        assert_eq!(
            page.status, 200,
            "the application sends the browser again: it waits for a click"
        );
        assert!(page.body.contains("Connexion avec SSO CAS") && !page.has_form());
    }
}
