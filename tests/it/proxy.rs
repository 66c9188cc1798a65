//! Proxying, end to end: a portal trades its proxy-granting ticket for tickets to other services, and
//! their validations tell who came and through whom.

use std::time::Duration;

use crate::house::{AMINE, Browser, CAMILLE, Callbacks, House, Plan, build, encoded, login_path, service};
use mereau::audit::Actor;
use mereau::base::names::{AccountId, PersonKey, RealmId};
use mereau::services::ServiceSettings;
use mereau::tickets::TicketStore;

pub const PORTAL: &str = "https://portal.example.org/";
pub const SECOND: &str = "https://second.example.org/";
pub const MAIL: &str = "https://mail.example.org/";

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
pub async fn granted(house: &House, callbacks: &Callbacks, service: &str, ticket: &str) -> String {
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
pub async fn portal_pgt(browser: &mut Browser<'_>, house: &House, callbacks: &Callbacks) -> String {
    let ticket = browser.sign_in(&login_path(PORTAL), CAMILLE).await.ticket();
    granted(house, callbacks, PORTAL, &ticket).await
}

pub fn is_unknown(answer: &str) -> bool {
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

fn camille() -> AccountId {
    AccountId {
        realm: RealmId::new("campus").unwrap(),
        person: PersonKey("5a1e7000-0000-4000-8000-000000000001".into()),
    }
}

#[tokio::test]
async fn a_pgt_dies_when_an_administrator_revokes_the_account() {
    // CAS-110, CAS-200
    let (house, callbacks) = proxying().await;
    let pgt = portal_pgt(&mut house.browser(), &house, &callbacks).await;
    let mut other = house.browser();
    let ticket = other.sign_in(&login_path(PORTAL), AMINE).await.ticket();
    let others = granted(&house, &callbacks, PORTAL, &ticket).await;
    let out = mereau::flows::logout::end_all_sessions(
        &house.app.ports,
        &house.app.catalogue(),
        &camille(),
        Actor::Server,
    )
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

#[tokio::test]
async fn only_a_proxy_ticket_for_a_service_that_hears_of_logouts_leaves_a_visit() {
    // CAS-190, CAS-197
    let (house, callbacks) = proxying().await;
    let mut browser = house.browser();
    let pgt = portal_pgt(&mut browser, &house, &callbacks).await;
    let mut spent = Vec::new();
    for target in ["imap://mail.example.org", MAIL] {
        let ticket = proxied(&house, &pgt, target).await;
        let answer = house
            .get_text(&validation("proxyValidate", target, &ticket, ""))
            .await;
        assert!(answer.contains("<cas:user>"), "{answer}");
        spent.push(ticket);
    }
    let ended = house.store.end_all(&camille()).await.unwrap();
    let visits: Vec<&String> = ended[0].visits.iter().map(|visit| &visit.ticket).collect();
    assert!(visits.contains(&&spent[1]) && !visits.contains(&&spent[0]));
}
