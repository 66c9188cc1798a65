//! Proxy tickets where they are not welcome, and requests for them that are refused.

use std::sync::atomic::Ordering;
use std::time::Duration;

use mereau::directory::AttributeValue;
use mereau::flows::Catalogue;
use mereau::services::ServiceSettings;

use crate::house::{CAMILLE, Callbacks, House, Plan, build, encoded, login_path, registry};
use crate::proxy::{
    MAIL, PORTAL, SECOND, asked, granted, is_unknown, plan, portal_pgt, proxied, proxying, services,
    validation,
};

#[tokio::test]
async fn a_proxy_ticket_is_refused_and_spent_where_service_tickets_are_asked() {
    // CAS-105, CAS-127, CAS-151, CAS-158, CAS-182
    let (house, callbacks) = proxying().await;
    let mut browser = house.browser();
    let pgt = portal_pgt(&mut browser, &house, &callbacks).await;
    for (endpoint, service) in [
        ("serviceValidate", MAIL),
        ("p3/serviceValidate", MAIL),
        ("serviceValidate", SECOND),
        ("validate", MAIL),
    ] {
        let ticket = proxied(&house, &pgt, MAIL).await;
        let answer = house.get_text(&validation(endpoint, service, &ticket, "")).await;
        if endpoint == "validate" {
            assert_eq!(answer, "no\n");
        } else {
            let told = "<cas:authenticationFailure code=\"INVALID_TICKET\">A proxy ticket was passed";
            assert!(answer.contains(told), "{endpoint}: {answer}");
        }
        let again = house
            .get_text(&validation("proxyValidate", MAIL, &ticket, ""))
            .await;
        assert!(again.contains("code=\"INVALID_TICKET\""), "{endpoint}: {again}");
    }
    let ticket = proxied(&house, &pgt, MAIL).await;
    let mut stranger = house.browser();
    for name in ["ticket", "lt", "pgt"] {
        let path = format!("{}&{name}={ticket}", login_path(MAIL));
        assert!(stranger.get(&path).await.has_form(), "no credential: {name}");
    }
}

#[tokio::test]
async fn a_proxy_ticket_never_comes_from_credentials() {
    // CAS-150, CAS-181
    let (house, callbacks) = proxying().await;
    let pgt = portal_pgt(&mut house.browser(), &house, &callbacks).await;
    let ticket = proxied(&house, &pgt, MAIL).await;
    let answer = house
        .get_text(&validation("proxyValidate", MAIL, &ticket, "&renew=true"))
        .await;
    assert!(answer.contains("code=\"INVALID_TICKET\""), "{answer}");
}

#[tokio::test]
async fn a_request_for_a_proxy_ticket_is_refused_by_the_protocol_s_own_document() {
    // CAS-13, CAS-156, CAS-175, CAS-177, CAS-178, CAS-179
    let (house, callbacks) = proxying().await;
    let pgt = portal_pgt(&mut house.browser(), &house, &callbacks).await;
    let target = |url: &str| format!("pgt={pgt}&targetService={}", encoded(url));
    let unknown = format!("pgt=PGT-{}&targetService={}", "a".repeat(60), encoded(MAIL));
    for (query, code) in [
        (String::new(), "INVALID_REQUEST"),
        (format!("pgt={pgt}"), "INVALID_REQUEST"),
        (format!("targetService={}", encoded(MAIL)), "INVALID_REQUEST"),
        (format!("{}&pgt={pgt}", target(MAIL)), "INVALID_REQUEST"),
        (unknown, "INVALID_TICKET"),
        (
            format!("pgt=ST-1&targetService={}", encoded(MAIL)),
            "INVALID_TICKET",
        ),
        (target("https://elsewhere.example.com/"), "UNAUTHORIZED_SERVICE"),
        (
            target("https://mail.example.org@evil.com/"),
            "UNAUTHORIZED_SERVICE",
        ),
        (target("imap://mail.example.org/"), "UNAUTHORIZED_SERVICE"),
        (target("imap://other.example.org"), "UNAUTHORIZED_SERVICE"),
        (target("https://closed.example.org/"), "UNAUTHORIZED_SERVICE"),
        (target("https://staff.example.org/"), "UNAUTHORIZED_SERVICE"),
        (target("https://lycee.example.org/"), "UNAUTHORIZED_SERVICE"),
        (target("https://strict.example.org/"), "UNAUTHORIZED_SERVICE"),
    ] {
        let reply = house.browser().get(&format!("/cas/proxy?{query}")).await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.header("content-type"), "application/xml;charset=UTF-8");
        let told = format!("<cas:proxyFailure code=\"{code}\">");
        assert!(reply.body.contains(&told), "{query}: {}", reply.body);
        assert!(reply.body.contains(reply.header("x-request-id")) && !reply.body.contains("evil"));
        assert!(!reply.body.contains("authenticationFailure"));
    }
    house.store.down.store(true, Ordering::SeqCst);
    let answer = asked(&house, &pgt, MAIL).await;
    assert!(
        answer.contains("<cas:proxyFailure code=\"INTERNAL_ERROR\">"),
        "{answer}"
    );
    assert!(!answer.contains("told so"));
}

#[tokio::test]
async fn nothing_is_granted_by_looking() {
    // CAS-6
    let (house, callbacks) = proxying().await;
    let pgt = portal_pgt(&mut house.browser(), &house, &callbacks).await;
    let path = format!("/cas/proxy?pgt={pgt}&targetService={}", encoded(MAIL));
    let looked = house.browser().head(&path).await;
    assert!(looked.body.is_empty());
    let posted = house.browser().send(http::Method::POST, &path, None).await;
    assert_eq!(posted.status, 405);
}

#[tokio::test]
async fn a_pgt_of_one_institution_is_unknown_to_another() {
    // CAS-341, T-90
    let house = build(Plan {
        one_institution: false,
        ..plan()
    })
    .await;
    let callbacks = Callbacks::start(house.authority.issue(&["localhost"])).await;
    let login = format!("{}&tenant=campus", login_path(PORTAL));
    let ticket = house.browser().sign_in(&login, CAMILLE).await.ticket();
    let pgt = granted(&house, &callbacks, PORTAL, &ticket).await;
    let path = |tenant: &str| {
        let target = encoded(MAIL);
        format!("/cas/t/{tenant}/proxy?pgt={pgt}&targetService={target}")
    };
    assert!(is_unknown(&house.get_text(&path("lycee")).await));
    let nobody = house.get_text(&path("nowhere")).await;
    assert!(nobody.contains("code=\"INVALID_REQUEST\""), "{nobody}");
    assert!(
        house
            .get_text(&path("campus"))
            .await
            .contains("<cas:proxyTicket>PT-")
    );
}

#[tokio::test]
async fn a_reload_that_withdraws_the_right_to_proxy_reaches_tickets_that_are_out() {
    // CAS-154, CAS-179
    let mut known = services();
    known[0].proxy_callbacks = vec!["https://localhost:*/pgt".to_owned()];
    known[1].proxy_callbacks = vec!["https://localhost:*/pgt/second".to_owned()];
    let house = build(Plan {
        services: known.clone(),
        ..plan()
    })
    .await;
    let callbacks = Callbacks::start(house.authority.issue(&["localhost"])).await;
    let first = portal_pgt(&mut house.browser(), &house, &callbacks).await;
    let ticket = proxied(&house, &first, SECOND).await;
    let wish = callbacks.wish("/second");
    house
        .get_text(&validation("proxyValidate", SECOND, &ticket, &wish))
        .await;
    let (second, _) = callbacks.delivered();
    for pgt in [&first, &second] {
        proxied(&house, pgt, MAIL).await;
    }
    let withdrawals: [fn(&mut ServiceSettings); 2] = [
        |service| service.proxy_callbacks.clear(),
        |service| service.enabled = false,
    ];
    for (proxy, refused) in [(0, [&first, &second].as_slice()), (1, &[&second])] {
        for withdraw in withdrawals {
            let mut changed = known.clone();
            withdraw(&mut changed[proxy]);
            reload(&house, &changed);
            for pgt in refused {
                let answer = asked(&house, pgt, MAIL).await;
                assert!(
                    answer.contains("<cas:proxyFailure code=\"UNAUTHORIZED_SERVICE\">"),
                    "{answer}"
                );
            }
        }
    }
    proxied(&house, &first, MAIL).await;
    reload(&house, &known);
    proxied(&house, &second, MAIL).await;
}

fn reload(house: &House, services: &[ServiceSettings]) {
    let old = house.app.catalogue();
    house.app.replace_catalogue(Catalogue {
        realms: old.realms.clone(),
        directories: old.directories.clone(),
        policies: old.policies.clone(),
        recovery: Default::default(),
        remember: old.remember.clone(),
        callbacks: old.callbacks.clone(),
        institutions: old.institutions.clone(),
        services: registry(services),
        upstreams: old.upstreams.clone(),
    });
}

#[tokio::test]
async fn a_pgt_of_an_account_that_was_closed_dies_once_the_record_is_old() {
    // CAS-61, CAS-110, CAS-178, CAS-200
    let (house, callbacks) = proxying().await;
    let mut browser = house.browser();
    let pgt = portal_pgt(&mut browser, &house, &callbacks).await;
    *house.campus.change.lock().unwrap() = Some(|mut person| {
        person.state.may_sign_in = false;
        Some(person)
    });
    proxied(&house, &pgt, MAIL).await;
    house.clock.advance(Duration::from_secs(301));
    house.campus.down.store(true, Ordering::SeqCst);
    let unused = proxied(&house, &pgt, MAIL).await;
    house.campus.down.store(false, Ordering::SeqCst);
    assert!(is_unknown(&asked(&house, &pgt, MAIL).await));
    let told = house.notices.take();
    assert!(
        told.len() == 1 && told[0].0 == "portal",
        "the service that was visited is told"
    );
    *house.campus.change.lock().unwrap() = None;
    assert!(is_unknown(&asked(&house, &pgt, MAIL).await), "it stays dead");
    let answer = house
        .get_text(&validation("proxyValidate", MAIL, &unused, ""))
        .await;
    assert!(answer.contains("code=\"INVALID_TICKET\""), "{answer}");
    assert!(browser.get("/cas/login").await.has_form(), "so is the session");
}

#[tokio::test]
async fn a_proxy_is_judged_by_what_the_directory_says_now() {
    // CAS-55, CAS-179
    let (house, callbacks) = proxying().await;
    let pgt = portal_pgt(&mut house.browser(), &house, &callbacks).await;
    let staff = "https://staff.example.org/";
    let refused = asked(&house, &pgt, staff).await;
    assert!(refused.contains("code=\"UNAUTHORIZED_SERVICE\""), "{refused}");
    *house.campus.change.lock().unwrap() = Some(|mut person| {
        let staff = AttributeValue::Text("staff".to_owned());
        person.attributes.add("eduPersonAffiliation", [staff]);
        Some(person)
    });
    house.clock.advance(Duration::from_secs(301));
    proxied(&house, &pgt, staff).await;
}
