//! `/login` as credential requestor: the decision matrix, row by row.

use std::time::Duration;

use mereau::tickets::limits::LOOP_BOUND;

use crate::house::{APP, Browser, CAMILLE, House, Reply, campus, encoded, house};

const UNREGISTERED: &str = "https://elsewhere.example.com/";

/// What a row of the matrix says.
pub fn outcome(reply: &Reply, service: &str) -> &'static str {
    let location = reply.headers.get("location").map(|value| value.to_str().unwrap());
    match (reply.status.as_u16(), location) {
        (302, Some(to)) if to == service => "R-",
        (302, Some(to)) if to.starts_with(service) && to.contains("ticket=ST-") => "R+",
        (200, None) if reply.has_form() => "F",
        (200, None) if reply.body.contains("/cas/login/proceed") => "W",
        (200, None) => "OK",
        (403, None) if reply.body.contains("unknown-service") || !reply.has_form() => "X",
        _ => panic!("{} {:?} {}", reply.status, location, reply.body),
    }
}

pub fn path(service: Option<&str>, renew: bool, gateway: bool) -> String {
    let service = service.map(|service| format!("service={}", encoded(service)));
    let renew = renew.then(|| "renew=true".to_owned());
    let gateway = gateway.then(|| "gateway=true".to_owned());
    let query: Vec<String> = [service, renew, gateway].into_iter().flatten().collect();
    format!("/cas/login?{}", query.join("&"))
}

pub async fn signed_in(house: &House) -> Browser<'_> {
    let mut browser = house.browser();
    let reply = browser.sign_in("/cas/login", CAMILLE).await;
    assert_eq!(reply.status, 303, "{}", reply.body);
    browser
}

#[tokio::test]
async fn without_a_session_the_rows_of_the_matrix_hold() {
    // CAS-15, CAS-21, CAS-22, CAS-23, CAS-31, CAS-32, CAS-33, CAS-34, CAS-35, CAS-36, CAS-37, CAS-38, CAS-39
    let house = campus().await;
    let rows = [
        (None, false, false, "F"),
        (Some(APP), false, false, "F"),
        (Some(UNREGISTERED), false, false, "X"),
        (None, false, true, "F"),
        (Some(APP), false, true, "R-"),
        (Some(UNREGISTERED), false, true, "X"),
        (None, true, false, "F"),
        (Some(APP), true, false, "F"),
        (Some(APP), true, true, "F"),
        (Some(UNREGISTERED), true, true, "X"),
    ];
    for (service, renew, gateway, expected) in rows {
        let reply = house.browser().get(&path(service, renew, gateway)).await;
        assert_eq!(
            outcome(&reply, service.unwrap_or("-")),
            expected,
            "{service:?} {renew} {gateway}"
        );
    }
}

#[tokio::test]
async fn with_a_session_the_rows_of_the_matrix_hold() {
    // CAS-16, CAS-20, CAS-24, CAS-40, CAS-41, CAS-42, CAS-43, CAS-44, CAS-45, CAS-46, CAS-47, CAS-48
    let house = campus().await;
    let mut browser = signed_in(&house).await;
    let rows = [
        (None, false, false, "OK"),
        (Some(APP), false, false, "R+"),
        (Some(UNREGISTERED), false, false, "X"),
        (Some(APP), false, true, "R+"),
        (Some(UNREGISTERED), false, true, "X"),
        (None, false, true, "OK"),
        (Some(APP), true, false, "F"),
        (None, true, false, "F"),
        (Some(APP), true, true, "F"),
    ];
    for (service, renew, gateway, expected) in rows {
        let reply = browser.get(&path(service, renew, gateway)).await;
        assert_eq!(
            outcome(&reply, service.unwrap_or("-")),
            expected,
            "{service:?} {renew} {gateway}"
        );
    }
}

#[tokio::test]
async fn who_asked_to_be_warned_is_warned_until_they_go_on() {
    // CAS-49, CAS-50, CAS-51, CAS-71
    let house = campus().await;
    let mut browser = house.browser();
    let form = browser
        .get("/cas/login")
        .await
        .form()
        .with("username", CAMILLE.0)
        .with("password", CAMILLE.1);
    browser.submit(&form.with("warn", "true")).await;
    for gateway in [false, true] {
        let reply = browser.get(&path(Some(APP), false, gateway)).await;
        assert_eq!(outcome(&reply, APP), "W", "gateway {gateway}");
        assert!(reply.body.contains("app.example.org"));
    }
    let warning = browser.get(&path(Some(APP), false, false)).await.form();
    let reply = browser.submit(&warning).await;
    assert_eq!(reply.status, 303);
    let answer = house.validate(APP, &reply.ticket()).await;
    assert!(
        answer.contains("<cas:isFromNewLogin>false</cas:isFromNewLogin>"),
        "{answer}"
    );
    let again = browser.get(&path(Some(APP), false, false)).await;
    assert_eq!(outcome(&again, APP), "W", "the preference stays");
    browser.submit(&again.form().with("stop_warning", "true")).await;
    assert_eq!(
        outcome(&browser.get(&path(Some(APP), false, false)).await, APP),
        "R+",
        "it can be unset"
    );
}

#[tokio::test]
async fn the_warning_is_not_passed_without_its_own_form() {
    // CAS-50, CAS-331
    let house = campus().await;
    let mut browser = house.browser();
    let form = browser
        .get("/cas/login")
        .await
        .form()
        .with("username", CAMILLE.0)
        .with("password", CAMILLE.1);
    browser.submit(&form.with("warn", "true")).await;
    let warning = browser.get(&path(Some(APP), false, false)).await.form();
    let reply = browser.submit(&warning.without("lt")).await;
    assert_eq!(reply.status, 200);
    assert!(reply.body.contains("/cas/login/proceed"), "warned again");
}

#[tokio::test]
async fn a_dead_or_forged_cookie_counts_as_none_and_is_cleared() {
    // CAS-52, CAS-122, T-30
    let house = campus().await;
    let mut browser = signed_in(&house).await;
    let good = browser.tgc("campus").unwrap().clone();
    let unknown: String = good[..40].to_owned() + &"a".repeat(24);
    for forged in [
        "",
        "x",
        "TGT-1",
        &good[..63],
        &unknown,
        &format!("{good}a"),
        "%00",
        "\"TGT\"",
    ] {
        browser
            .cookies
            .insert("__Secure-TGC-campus".into(), forged.to_owned());
        let reply = browser.get(&path(Some(APP), false, false)).await;
        assert_eq!(outcome(&reply, APP), "F", "{forged}");
        assert_eq!(browser.tgc("campus"), None, "{forged} is cleared");
    }
    browser.cookies.insert("__Secure-TGC-campus".into(), good);
    house.clock.advance(Duration::from_secs(2 * 3600 + 1));
    let reply = browser.get(&path(Some(APP), false, true)).await;
    assert_eq!(outcome(&reply, APP), "R-", "expired: as if there were none");
    assert_eq!(browser.tgc("campus"), None);
}

#[tokio::test]
async fn every_flipped_bit_of_the_cookie_is_nobody() {
    // T-30, CAS-122
    let house = campus().await;
    let mut browser = signed_in(&house).await;
    let good = browser.tgc("campus").unwrap().clone();
    for at in 0..good.len() {
        let mut bytes = good.clone().into_bytes();
        bytes[at] ^= 1;
        let Ok(flipped) = String::from_utf8(bytes) else {
            continue;
        };
        if flipped.contains([';', '\u{7f}']) || flipped.chars().any(char::is_control) {
            continue;
        }
        browser.cookies.insert("__Secure-TGC-campus".into(), flipped);
        assert_eq!(
            outcome(&browser.get(&path(Some(APP), false, false)).await, APP),
            "F",
            "symbol {at}"
        );
    }
}

#[tokio::test]
async fn a_service_outside_single_sign_on_asks_each_time() {
    // CAS-53, CAS-54
    let house = campus().await;
    let mut browser = signed_in(&house).await;
    let strict = "https://strict.example.org/";
    assert_eq!(
        outcome(&browser.get(&path(Some(strict), false, false)).await, strict),
        "F"
    );
    assert_eq!(
        outcome(&browser.get(&path(Some(strict), false, true)).await, strict),
        "R-"
    );
}

#[tokio::test]
async fn a_person_without_the_required_attribute_is_told_or_sent_elsewhere() {
    // CAS-55, CAS-56
    let house = campus().await;
    let mut browser = signed_in(&house).await;
    let staff = "https://staff.example.org/";
    let reply = browser.get(&path(Some(staff), false, false)).await;
    assert_eq!(reply.status, 403);
    assert!(
        reply
            .addresses()
            .iter()
            .all(|address| !address.contains("staff.example.org/"))
    );
    assert_eq!(
        outcome(&browser.get(&path(Some(staff), false, true)).await, staff),
        "R-"
    );
    let polite = browser
        .get(&path(Some("https://polite.example.org/"), false, false))
        .await;
    assert_eq!(polite.location(), "https://www.example.org/sorry");
}

#[tokio::test]
async fn a_disabled_registration_and_one_of_another_realm_are_unknown() {
    // CAS-60
    let house = house().await;
    let mut browser = house.browser();
    browser.sign_in("/cas/login?tenant=campus", CAMILLE).await;
    let closed = browser
        .get(&path(Some("https://closed.example.org/"), false, false))
        .await;
    assert_eq!(closed.status, 403);
    let path = format!(
        "/cas/login?tenant=campus&service={}",
        encoded("https://lycee.example.org/")
    );
    let other = browser.get(&path).await;
    assert_eq!(other.status, 403);
    for reply in [closed, other] {
        assert!(
            reply
                .addresses()
                .iter()
                .all(|address| !address.contains(".example.org/"))
        );
    }
}

#[tokio::test]
async fn a_session_whose_account_was_closed_ends_at_the_next_entry() {
    // CAS-61, CAS-200
    let house = campus().await;
    let mut browser = signed_in(&house).await;
    let ticket = browser.ticket_for(APP).await;
    assert!(house.validate(APP, &ticket).await.contains("camille.dupont"));
    *house.campus.change.lock().unwrap() = Some(|mut person| {
        person.state.may_sign_in = false;
        Some(person)
    });
    assert_eq!(
        outcome(&browser.get(&path(Some(APP), false, false)).await, APP),
        "R+",
        "read lately"
    );
    house.clock.advance(Duration::from_secs(301));
    let reply = browser.get(&path(Some(APP), false, false)).await;
    assert_eq!(outcome(&reply, APP), "F");
    assert!(!reply.text_of("[role=alert]").is_empty(), "the page says why");
    assert_eq!(browser.tgc("campus"), None);
    let told = house.notices.take();
    assert_eq!(told.len(), 1);
    assert!(
        told[0].2.contains(&ticket),
        "the service that was visited is told"
    );
}

#[tokio::test]
async fn a_directory_that_is_down_does_not_end_a_session() {
    // CAS-61
    let house = campus().await;
    let mut browser = signed_in(&house).await;
    house.clock.advance(Duration::from_secs(600));
    house.campus.down.store(true, std::sync::atomic::Ordering::SeqCst);
    let ticket = browser.ticket_for(APP).await;
    assert!(
        house.validate(APP, &ticket).await.contains("camille.dupont"),
        "the kept attributes serve"
    );
}

#[tokio::test]
async fn the_page_of_a_refused_service_leads_nowhere() {
    // CAS-33, CAS-62, CAS-142, T-20
    let house = campus().await;
    for service in [
        UNREGISTERED,
        "javascript:alert(1)",
        "https://elsewhere.example.com/\"><script>alert(1)</script>",
        "https://app.example.org@elsewhere.example.com/",
        "//elsewhere.example.com/",
        "https://app.example.org.elsewhere.example.com/",
    ] {
        for gateway in [false, true] {
            let reply = house.browser().get(&path(Some(service), false, gateway)).await;
            assert_eq!(reply.status, 403, "{service}");
            assert!(reply.headers.get("location").is_none() && reply.headers.get("refresh").is_none());
            let led = reply.addresses();
            assert!(
                led.iter().all(|address| !address.contains("elsewhere")
                    || address.starts_with('?')
                    || address.starts_with("/cas/")),
                "{led:?}"
            );
            assert!(!reply.body.contains("<script>alert") && !reply.body.contains("http-equiv"));
        }
    }
}

#[tokio::test]
async fn two_tabs_get_two_tickets_and_no_cache_keeps_one() {
    // CAS-12, CAS-63, CAS-64
    let house = campus().await;
    let mut browser = signed_in(&house).await;
    let first = browser.get(&path(Some(APP), false, false)).await;
    let second = browser.get(&path(Some(APP), false, false)).await;
    assert_ne!(first.ticket(), second.ticket());
    for reply in [&first, &second] {
        assert_eq!(reply.header("cache-control"), "no-store");
        assert_eq!(reply.header("pragma"), "no-cache");
        assert!(!reply.header("expires").is_empty());
        assert_eq!(reply.header("referrer-policy"), "no-referrer");
    }
    assert!(
        house
            .validate(APP, &first.ticket())
            .await
            .contains("authenticationSuccess")
    );
    assert!(
        house
            .validate(APP, &second.ticket())
            .await
            .contains("authenticationSuccess")
    );
}

#[tokio::test]
async fn an_application_that_loops_gets_a_page_after_five_tickets() {
    // F-06
    let house = campus().await;
    let mut browser = signed_in(&house).await;
    for number in 1..=8 {
        let reply = browser.get(&path(Some(APP), false, false)).await;
        if number <= LOOP_BOUND {
            assert_eq!(reply.status, 302, "{number}");
            continue;
        }
        assert_eq!(reply.status, 429, "{number}");
        assert!(reply.body.contains("Service app"));
    }
}

#[tokio::test]
async fn the_sign_in_page_cannot_be_framed_cached_or_fed_by_strangers() {
    // CAS-28, CAS-29, CAS-332, T-35
    let house = campus().await;
    let reply = house.browser().get(&path(Some(APP), false, false)).await;
    let policy = reply.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
    assert!(
        !policy.contains("form-action"),
        "it would bind the redirect after the POST"
    );
    assert!(!policy.contains("unsafe-inline"));
    assert_eq!(reply.header("x-frame-options"), "DENY");
    let own = reply
        .addresses()
        .into_iter()
        .filter(|address| address.contains("://"));
    assert_eq!(
        own.collect::<Vec<_>>(),
        Vec::<String>::new(),
        "no third party is named"
    );
}

#[tokio::test]
async fn odd_parameters_do_no_harm() {
    // CAS-3, CAS-4, CAS-5, CAS-7, CAS-9
    let house = campus().await;
    for query in [
        "Service=x",
        "locale=fr&execution=e1s1&_eventId=submit&geolocation=&utm_source=mail",
        "service=&gateway=&renew=&ticket=",
        "tenant=%ff",
        "x=%zz&%=&&&=",
    ] {
        let reply = house.browser().get(&format!("/cas/login?{query}")).await;
        assert_eq!(outcome(&reply, "-"), "F", "{query}");
    }
    for query in [
        "service=%zz",
        "service=%ff%fe",
        "service=%00",
        "service=https://app.example.org/&service=https://other.example.org/",
    ] {
        let reply = house.browser().get(&format!("/cas/login?{query}")).await;
        assert!(
            matches!(reply.status.as_u16(), 400 | 403),
            "{query}: {}",
            reply.status
        );
        assert!(reply.header("x-request-id").len() == 9 && reply.body.contains(reply.header("x-request-id")));
    }
}

#[tokio::test]
async fn the_context_path_leads_to_the_login_page_with_its_query() {
    // CAS-2
    let house = campus().await;
    for path in ["/cas", "/cas/"] {
        let reply = house
            .browser()
            .get(&format!("{path}?service=x%2Fy&a=%C3%A9"))
            .await;
        assert_eq!(
            (reply.status.as_u16(), reply.location()),
            (302, "/cas/login?service=x%2Fy&a=%C3%A9")
        );
    }
    assert_eq!(house.browser().get("/cas/nowhere").await.status, 404);
}

#[tokio::test]
async fn the_endpoints_of_the_protocol_exist() {
    // CAS-1
    let house = campus().await;
    for path in [
        "login",
        "logout",
        "validate",
        "serviceValidate",
        "proxyValidate",
        "proxy",
        "p3/serviceValidate",
        "p3/proxyValidate",
    ] {
        assert_eq!(
            house.browser().get(&format!("/cas/{path}")).await.status,
            200,
            "{path}"
        );
        assert_eq!(
            house.browser().get(&format!("/cas/t/campus/{path}")).await.status,
            200,
            "t/campus/{path}"
        );
    }
    let proxy = house.get_text("/cas/proxy?pgt=PGT-1&targetService=x").await;
    assert!(
        proxy.contains("<cas:proxyFailure code=\"INVALID_TICKET\">"),
        "{proxy}"
    );
}

#[tokio::test]
async fn a_long_service_works_by_redirect() {
    // CAS-11, CAS-85, CAS-328
    let house = campus().await;
    let mut browser = signed_in(&house).await;
    let service = format!("{APP}?x={}", "a".repeat(8192));
    let reply = browser.get(&path(Some(&service), false, false)).await;
    assert!(reply.location().starts_with(&service));
    assert!(
        house
            .validate(&service, &reply.ticket())
            .await
            .contains("authenticationSuccess")
    );
}
