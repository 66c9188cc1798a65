//! Proxying, end to end: a portal trades its proxy-granting ticket for tickets to other services, and
//! their validations tell who came and through whom.

use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::house::{
    AMINE, Browser, CAMILLE, Callbacks, House, Plan, build, encoded, login_path, registry, service,
};
use mereau::base::names::{AccountId, PersonKey, RealmId};
use mereau::flows::Catalogue;
use mereau::services::ServiceSettings;

pub const PORTAL: &str = "https://portal.example.org/";
const SECOND: &str = "https://second.example.org/";
const MAIL: &str = "https://mail.example.org/";

/// `portal` and `second` may proxy, the others not.
pub fn services() -> Vec<ServiceSettings> {
    let proxying = |id: &str| ServiceSettings {
        proxy_callbacks: vec!["https://localhost:*/pgt/**".to_owned()],
        ..service(id)
    };
    let staff = [("eduPersonAffiliation".to_owned(), vec!["staff".to_owned()])];
    vec![
        proxying("portal"),
        proxying("second"),
        ServiceSettings {
            proxied_names: vec!["imap://mail.example.org".to_owned()],
            ..service("mail")
        },
        ServiceSettings {
            enabled: false,
            ..service("closed")
        },
        ServiceSettings {
            sso_enabled: false,
            ..service("strict")
        },
        ServiceSettings {
            required_attributes: staff.into(),
            ..service("staff")
        },
        ServiceSettings {
            realms: vec!["lycee".to_owned()],
            ..service("lycee")
        },
    ]
}

pub fn plan() -> Plan {
    Plan {
        services: services(),
        one_institution: true,
        ..Plan::default()
    }
}

/// A house, and the callback of its portals.
pub async fn proxying() -> (House, Callbacks) {
    let house = build(plan()).await;
    let callbacks = Callbacks::start(house.authority.issue(&["localhost"])).await;
    (house, callbacks)
}

pub fn validation(endpoint: &str, service: &str, ticket: &str, more: &str) -> String {
    format!(
        "/cas/{endpoint}?service={}&ticket={ticket}{more}",
        encoded(service)
    )
}

/// Asks `/proxy` for a ticket; the whole answer.
pub async fn asked(house: &House, pgt: &str, target: &str) -> String {
    let target = encoded(target);
    house
        .get_text(&format!("/cas/proxy?pgt={pgt}&targetService={target}"))
        .await
}

/// A proxy ticket for `target`.
pub async fn proxied(house: &House, pgt: &str, target: &str) -> String {
    let answer = asked(house, pgt, target).await;
    let begin =
        "<cas:serviceResponse xmlns:cas=\"http://www.yale.edu/tp/cas\"><cas:proxySuccess><cas:proxyTicket>";
    let end = "</cas:proxyTicket></cas:proxySuccess></cas:serviceResponse>";
    let ticket = answer.strip_prefix(begin).and_then(|rest| rest.strip_suffix(end));
    ticket.unwrap_or_else(|| panic!("{answer}")).to_owned()
}

/// The PGT that `callbacks` gets for a validation of `ticket` by `service`.
async fn granted(house: &House, callbacks: &Callbacks, service: &str, ticket: &str) -> String {
    let answer = house
        .get_text(&validation(
            "p3/proxyValidate",
            service,
            ticket,
            &callbacks.wish(""),
        ))
        .await;
    let (pgt, iou) = callbacks.delivered();
    let told = format!("<cas:proxyGrantingTicket>{iou}</cas:proxyGrantingTicket>");
    assert!(answer.contains(&told), "{answer}");
    pgt
}

/// Signs Camille in at the portal, which gets its PGT.
async fn portal_pgt(browser: &mut Browser<'_>, house: &House, callbacks: &Callbacks) -> String {
    let ticket = browser.sign_in(&login_path(PORTAL), CAMILLE).await.ticket();
    granted(house, callbacks, PORTAL, &ticket).await
}

fn is_unknown(answer: &str) -> bool {
    answer.contains("<cas:proxyFailure code=\"INVALID_TICKET\">")
}

#[tokio::test]
async fn a_portal_asks_for_its_people_as_often_as_it_likes() {
    // CAS-100, CAS-102, CAS-110, CAS-145, CAS-146, CAS-172, CAS-176
    let (house, callbacks) = proxying().await;
    let mut browser = house.browser();
    let pgt = portal_pgt(&mut browser, &house, &callbacks).await;
    for _ in 0..12 {
        let ticket = proxied(&house, &pgt, MAIL).await;
        assert!(ticket.starts_with("PT-") && ticket.len() == 32, "{ticket}");
        let answer = house
            .get_text(&validation("p3/proxyValidate", MAIL, &ticket, ""))
            .await;
        for part in [
            "<cas:user>camille.dupont</cas:user>",
            "<cas:mail>camille.dupont@campus.example</cas:mail>",
            "<cas:isFromNewLogin>false</cas:isFromNewLogin>",
            &format!(
                "<cas:proxies><cas:proxy>{}</cas:proxy></cas:proxies>",
                callbacks.url("")
            ),
        ] {
            assert_eq!(answer.matches(part).count(), 1, "{part} in {answer}");
        }
        assert!(!answer.contains("proxyGrantingTicket"));
    }
    let ticket = browser.ticket_for(MAIL).await;
    let answer = house
        .get_text(&validation("proxyValidate", MAIL, &ticket, ""))
        .await;
    assert!(
        answer.contains("<cas:user>camille.dupont</cas:user>") && !answer.contains("cas:prox"),
        "a service ticket is welcome here and has no proxies: {answer}"
    );
}

#[tokio::test]
async fn a_pgt_dies_with_the_logout_and_takes_its_unused_tickets_along() {
    // CAS-110, CAS-113, CAS-178, CAS-181
    let (house, callbacks) = proxying().await;
    let mut browser = house.browser();
    let pgt = portal_pgt(&mut browser, &house, &callbacks).await;
    let unused = proxied(&house, &pgt, MAIL).await;
    let tgc = browser.cookies.clone();
    browser.get("/cas/logout").await;
    assert!(is_unknown(&asked(&house, &pgt, MAIL).await));
    let answer = house
        .get_text(&validation("proxyValidate", MAIL, &unused, ""))
        .await;
    assert!(answer.contains("code=\"INVALID_TICKET\""), "{answer}");
    browser.cookies = tgc;
    browser.sign_in(&login_path(PORTAL), CAMILLE).await;
    assert!(
        is_unknown(&asked(&house, &pgt, MAIL).await),
        "a new session revives nothing"
    );
}

#[tokio::test]
async fn a_pgt_dies_when_its_session_expires_and_does_not_keep_it_alive() {
    // CAS-110, CAS-183
    let (house, callbacks) = proxying().await;
    let mut browser = house.browser();
    let pgt = portal_pgt(&mut browser, &house, &callbacks).await;
    for _ in 0..3 {
        house.clock.advance(Duration::from_secs(39 * 60));
        proxied(&house, &pgt, MAIL).await;
    }
    house.clock.advance(Duration::from_secs(4 * 60));
    assert!(
        is_unknown(&asked(&house, &pgt, MAIL).await),
        "two hours without the browser are over"
    );
    assert!(browser.get("/cas/login").await.has_form());
}

#[tokio::test]
async fn a_pgt_dies_when_an_administrator_revokes_the_account() {
    // CAS-110, CAS-200
    let (house, callbacks) = proxying().await;
    let pgt = portal_pgt(&mut house.browser(), &house, &callbacks).await;
    let mut other = house.browser();
    let ticket = other.sign_in(&login_path(PORTAL), AMINE).await.ticket();
    let others = granted(&house, &callbacks, PORTAL, &ticket).await;
    let camille = AccountId {
        realm: RealmId::new("campus").unwrap(),
        person: PersonKey("5a1e7000-0000-4000-8000-000000000001".into()),
    };
    let out = mereau::flows::logout::end_all_sessions(&house.app.ports, &house.app.catalogue(), &camille)
        .await
        .unwrap();
    assert!(out.ended);
    assert!(is_unknown(&asked(&house, &pgt, MAIL).await));
    proxied(&house, &others, MAIL).await;
}

#[tokio::test]
async fn a_chain_of_two_proxies_names_the_last_first() {
    // CAS-146, CAS-173, CAS-174
    let (house, callbacks) = proxying().await;
    let portal = portal_pgt(&mut house.browser(), &house, &callbacks).await;
    let to_second = proxied(&house, &portal, SECOND).await;
    let answer = house
        .get_text(&validation(
            "proxyValidate",
            SECOND,
            &to_second,
            &callbacks.wish("/second?x=1"),
        ))
        .await;
    assert!(answer.contains("<cas:proxyGrantingTicket>PGTIOU-"), "{answer}");
    let (second, _) = callbacks.delivered();
    let to_mail = proxied(&house, &second, MAIL).await;
    let path = validation("p3/proxyValidate", MAIL, &to_mail, "&format=JSON");
    let answer: serde_json::Value = serde_json::from_str(&house.get_text(&path).await).unwrap();
    let success = &answer["serviceResponse"]["authenticationSuccess"];
    assert_eq!(success["user"], "camille.dupont");
    assert_eq!(
        success["proxies"],
        serde_json::json!([callbacks.url("/second?x=1"), callbacks.url("")])
    );
    assert_eq!(success["proxyGrantingTicket"], serde_json::Value::Null);
}

#[tokio::test]
async fn a_chain_is_not_endless() {
    // CAS-154
    let (house, callbacks) = proxying().await;
    let mut pgt = portal_pgt(&mut house.browser(), &house, &callbacks).await;
    for _ in 1..mereau::tickets::limits::PROXIES_CHAINED {
        let ticket = proxied(&house, &pgt, PORTAL).await;
        pgt = granted(&house, &callbacks, PORTAL, &ticket).await;
    }
    let ticket = proxied(&house, &pgt, PORTAL).await;
    let answer = house
        .get_text(&validation("proxyValidate", PORTAL, &ticket, &callbacks.wish("")))
        .await;
    assert!(answer.contains("code=\"UNAUTHORIZED_SERVICE_PROXY\""), "{answer}");
    assert!(callbacks.seen().is_empty());
}

#[tokio::test]
async fn a_proxy_ticket_is_for_its_target_and_one_validation() {
    // CAS-105, CAS-109, CAS-180
    let (house, callbacks) = proxying().await;
    let pgt = portal_pgt(&mut house.browser(), &house, &callbacks).await;
    let target = "https://mail.example.org/box?a=1#top";
    for (shown, code) in [
        ("HTTPS://MAIL.example.org:443/box;jsessionid=1?a=1", None),
        (SECOND, Some("INVALID_SERVICE")),
        ("https://mail.example.org/box?a=2", Some("INVALID_SERVICE")),
        (
            "https://mail.example.org.evil.com/box?a=1",
            Some("INVALID_SERVICE"),
        ),
    ] {
        let ticket = proxied(&house, &pgt, target).await;
        let answer = house
            .get_text(&validation("proxyValidate", shown, &ticket, ""))
            .await;
        match code {
            None => assert!(answer.contains("authenticationSuccess"), "{shown}: {answer}"),
            Some(code) => assert!(answer.contains(&format!("code=\"{code}\"")), "{shown}: {answer}"),
        }
        let again = house
            .get_text(&validation("proxyValidate", target, &ticket, ""))
            .await;
        assert!(again.contains("code=\"INVALID_TICKET\""), "{shown}: {again}");
    }
    let late = proxied(&house, &pgt, MAIL).await;
    house.clock.advance(Duration::from_secs(31));
    let answer = house
        .get_text(&validation("proxyValidate", MAIL, &late, ""))
        .await;
    assert!(answer.contains("code=\"INVALID_TICKET\""), "CAS-107: {answer}");
}

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
    let (house, callbacks) = proxying().await;
    let pgt = portal_pgt(&mut house.browser(), &house, &callbacks).await;
    let old = house.app.catalogue();
    let mut changed = services();
    changed[0].proxy_callbacks.clear();
    house.app.replace_catalogue(Catalogue {
        realms: old.realms.clone(),
        directories: old.directories.clone(),
        institutions: old.institutions.clone(),
        services: registry(&changed),
    });
    let answer = asked(&house, &pgt, MAIL).await;
    assert!(
        answer.contains("<cas:proxyFailure code=\"UNAUTHORIZED_SERVICE\">"),
        "{answer}"
    );
}

#[tokio::test]
async fn a_logout_is_told_to_the_services_that_were_reached_through_a_proxy() {
    // CAS-190, CAS-194
    let (house, callbacks) = proxying().await;
    let mut browser = house.browser();
    let pgt = portal_pgt(&mut browser, &house, &callbacks).await;
    let ticket = proxied(&house, &pgt, MAIL).await;
    let never_validated = proxied(&house, &pgt, SECOND).await;
    house
        .get_text(&validation("proxyValidate", MAIL, &ticket, ""))
        .await;
    browser.get("/cas/logout").await;
    let told = house.notices.take();
    let mut services: Vec<&str> = told.iter().map(|(service, _, _)| service.as_str()).collect();
    services.sort_unstable();
    assert_eq!(services, ["mail", "portal"]);
    let to_mail = told.iter().find(|(service, _, _)| service == "mail").unwrap();
    let index = format!("<samlp:SessionIndex>{ticket}</samlp:SessionIndex>");
    assert!(to_mail.1 == MAIL && to_mail.2.contains(&index), "{}", to_mail.2);
    assert!(
        told.iter()
            .all(|(_, _, message)| !message.contains(&never_validated))
    );
}

#[tokio::test]
async fn a_service_without_a_web_address_is_reached_by_its_name_and_by_proxies_alone() {
    // CAS-99, CAS-152, CAS-180
    let (house, callbacks) = proxying().await;
    let mut browser = house.browser();
    let pgt = portal_pgt(&mut browser, &house, &callbacks).await;
    let name = "imap://mail.example.org";
    let ticket = proxied(&house, &pgt, name).await;
    let answer = house
        .get_text(&validation("p3/proxyValidate", name, &ticket, ""))
        .await;
    assert!(
        answer.contains("<cas:mail>camille.dupont@campus.example</cas:mail>")
            && answer.contains("<cas:proxy>"),
        "{answer}"
    );
    for other in [
        "IMAP://mail.example.org",
        "imap://mail.example.org/",
        "mail",
        MAIL,
    ] {
        let ticket = proxied(&house, &pgt, name).await;
        let answer = house
            .get_text(&validation("proxyValidate", other, &ticket, ""))
            .await;
        assert!(answer.contains("code=\"INVALID_SERVICE\""), "{other}: {answer}");
    }
    let ticket = proxied(&house, &pgt, MAIL).await;
    let answer = house
        .get_text(&validation("proxyValidate", name, &ticket, ""))
        .await;
    assert!(answer.contains("code=\"INVALID_SERVICE\""), "{answer}");
    let page = browser.get(&login_path(name)).await;
    assert_eq!(page.status, 403, "no browser is sent there");
    browser.get("/cas/logout").await;
    let told = house.notices.take();
    assert!(
        told.iter().all(|(_, url, _)| url.starts_with("https://")),
        "nor a logout message"
    );
}
