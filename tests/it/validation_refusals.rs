//! What validation refuses: other services, smuggled parameters, races, other realms, wrong verbs.

use std::time::Duration;

use mereau::http::layers::LayerSettings;
use mereau::http::server::{PeerAddress, ServerSettings};

use crate::house::{APP, CAMILLE, campus, encoded, house, login_path, service};
use crate::validation::{path, ticket};

#[tokio::test]
async fn two_hundred_validations_of_one_ticket_are_one_success() {
    // CAS-106, T-21
    let house = campus().await;
    let good = ticket(&house).await;
    let tries = (0..200).map(|_| house.validate(APP, &good));
    let answers = futures_util::future::join_all(tries).await;
    let successes = answers
        .iter()
        .filter(|answer| answer.contains("authenticationSuccess"))
        .count();
    assert_eq!(successes, 1);
}

#[tokio::test]
async fn the_same_service_in_other_letters_is_the_same() {
    // CAS-86, CAS-87, CAS-88, CAS-89, CAS-90, CAS-91, CAS-92, CAS-93, CAS-94, CAS-95, CAS-326, CAS-328, CAS-329
    let house = campus().await;
    let mut browser = house.browser();
    browser.sign_in("/cas/login", CAMILLE).await;
    let asked = "https://app.example.org/a/b?x=%7E&y=%c3%a9";
    for (validated, code) in [
        (asked, None),
        ("HTTPS://APP.example.org:443/a/b?x=~&y=%C3%A9#top", None),
        ("https://app.example.org/a/b;jsessionid=1F?x=%7E&y=%c3%a9", None),
        (
            "https://app.example.org/A/b?x=%7E&y=%c3%a9",
            Some("INVALID_SERVICE"),
        ),
        (
            "https://app.example.org/a/b/?x=%7E&y=%c3%a9",
            Some("INVALID_SERVICE"),
        ),
        (
            "https://app.example.org/a%2Fb?x=%7E&y=%c3%a9",
            Some("INVALID_SERVICE"),
        ),
        (
            "http://app.example.org/a/b?x=%7E&y=%c3%a9",
            Some("INVALID_SERVICE"),
        ),
        (
            "https://app.example.org:8443/a/b?x=%7E&y=%c3%a9",
            Some("INVALID_SERVICE"),
        ),
        (
            "https://app.example.org.evil.com/a/b?x=%7E&y=%c3%a9",
            Some("INVALID_SERVICE"),
        ),
        ("https://app.example.org/a/b", Some("INVALID_SERVICE")),
    ] {
        house.clock.advance(Duration::from_secs(11));
        let ticket = browser.ticket_for(asked).await;
        let answer = house.validate(validated, &ticket).await;
        match code {
            None => assert!(answer.contains("authenticationSuccess"), "{validated}: {answer}"),
            Some(code) => assert!(answer.contains(code), "{validated}: {answer}"),
        }
    }
}

#[tokio::test]
async fn a_registration_that_goes_while_a_ticket_waits_closes_the_door() {
    // CAS-153, CAS-313
    let house = campus().await;
    let good = ticket(&house).await;
    let old = house.app.catalogue();
    let catalogue = mereau::flows::Catalogue {
        realms: old.realms.clone(),
        directories: old.directories.clone(),
        policies: old.policies.clone(),
        recovery: Default::default(),
        remember: old.remember.clone(),
        callbacks: old.callbacks.clone(),
        institutions: old.institutions.clone(),
        services: crate::house::registry(&[service("other")]),
        upstreams: old.upstreams.clone(),
    };
    house.app.replace_catalogue(catalogue);
    assert!(
        house
            .validate(APP, &good)
            .await
            .contains("code=\"UNAUTHORIZED_SERVICE\"")
    );
}

#[tokio::test]
async fn head_and_options_spend_nothing_and_post_works() {
    // CAS-6, T-17
    let house = campus().await;
    let good = ticket(&house).await;
    let question = path("serviceValidate", APP, &good, "");
    for method in [http::Method::HEAD, http::Method::OPTIONS] {
        let reply = house.browser().send(method, &question, None).await;
        assert!(reply.body.is_empty());
    }
    let form = format!("service={}&ticket={good}", encoded(APP));
    let reply = house
        .browser()
        .send(http::Method::POST, "/cas/serviceValidate", Some(form))
        .await;
    assert!(reply.body.contains("authenticationSuccess"), "{}", reply.body);
    let mut browser = house.browser();
    browser.sign_in("/cas/login", CAMILLE).await;
    browser.head("/cas/logout").await;
    assert!(
        browser.get("/cas/login").await.body.contains("Camille Dupont"),
        "HEAD signs nobody out"
    );
    for method in [
        http::Method::PUT,
        http::Method::DELETE,
        http::Method::TRACE,
        http::Method::PATCH,
    ] {
        assert_eq!(house.browser().send(method, "/cas/login", None).await.status, 405);
    }
}

#[tokio::test]
async fn a_service_may_proxy_only_by_its_registration() {
    // CAS-105, CAS-147, CAS-154
    let house = campus().await;
    let answer = house
        .get_text(&path(
            "serviceValidate",
            APP,
            &ticket(&house).await,
            "&pgtUrl=https%3A%2F%2Fapp.example.org%2Fp",
        ))
        .await;
    assert!(
        answer.contains("code=\"UNAUTHORIZED_SERVICE_PROXY\"") && !answer.contains("proxyGrantingTicket")
    );
    let plain = house
        .get_text(&path("serviceValidate", APP, &ticket(&house).await, ""))
        .await;
    assert!(!plain.contains("proxyGrantingTicket"));
}

#[tokio::test]
async fn a_proxy_ticket_is_unknown_where_service_tickets_are_asked() {
    // CAS-127, CAS-151, CAS-326
    let house = campus().await;
    let fake = format!("PT-{}", "a".repeat(29));
    assert_eq!(house.get_text(&path("validate", APP, &fake, "")).await, "no\n");
    let answer = house.get_text(&path("serviceValidate", APP, &fake, "")).await;
    assert!(answer.contains("code=\"INVALID_TICKET\""), "{answer}");
}

#[tokio::test]
async fn a_ticket_smuggled_beside_the_real_one_is_refused() {
    // CAS-301, T-24, T-25
    let house = campus().await;
    let good = ticket(&house).await;
    let twice = format!("{}&ticket=x", path("serviceValidate", APP, &good, ""));
    assert!(house.get_text(&twice).await.contains("INVALID_REQUEST"));
    assert!(
        house.validate(APP, &good).await.contains("authenticationSuccess"),
        "nothing was consumed"
    );
}

#[tokio::test]
async fn one_login_in_two_realms_is_two_people() {
    // CAS-341, T-90
    let house = house().await;
    let shared = "https://shared.example.org/";
    let mut browser = house.browser();
    let campus = browser
        .sign_in(&format!("{}&tenant=campus", login_path(shared)), CAMILLE)
        .await
        .ticket();
    let lycee = browser
        .sign_in(&format!("{}&tenant=lycee", login_path(shared)), CAMILLE)
        .await
        .ticket();
    assert!(
        browser.tgc("campus").is_some() && browser.tgc("lycee").is_some(),
        "both are signed in"
    );
    assert!(
        house
            .validate(shared, &campus)
            .await
            .contains("<cas:user>camille.dupont@campus.example</cas:user>")
    );
    assert!(
        house
            .validate(shared, &lycee)
            .await
            .contains("<cas:user>camille.dupont@lycee.example</cas:user>")
    );
    let moved = browser.tgc("campus").unwrap().clone();
    let mut thief = house.browser();
    thief.cookies.insert("__Secure-TGC-lycee".into(), moved);
    let reply = thief
        .get(&format!("/cas/login?tenant=lycee&service={}", encoded(shared)))
        .await;
    assert!(reply.has_form(), "a cookie of another realm is none");
}

#[tokio::test]
async fn a_refused_request_gets_a_themed_page_with_its_code() {
    // T-07, T-17, T-18
    let house = campus().await;
    for (path, status) in [
        ("/cas/a/../login", 400),
        ("/cas//login", 400),
        ("/cas/%2e%2e/x", 400),
        ("/cas/nowhere", 404),
    ] {
        let reply = house.browser().get(path).await;
        assert!(
            matches!(reply.status.as_u16(), 400 | 404) || reply.status.as_u16() == status,
            "{path}: {}",
            reply.status
        );
        assert!(
            reply.body.contains("<h1") && reply.body.contains(reply.header("x-request-id")),
            "{path}"
        );
    }
}

#[tokio::test]
async fn what_is_wrong_first_is_told_first() {
    // CAS-158
    let house = campus().await;
    let mut browser = house.browser();
    browser.sign_in("/cas/login", CAMILLE).await;
    let ticket = browser.ticket_for(APP).await;
    let unregistered = "https://elsewhere.example.com/";
    for (path, code) in [
        // The shape of the request before everything, and nothing is consumed.
        (
            path(
                "serviceValidate",
                unregistered,
                "TICKET",
                "&format=yaml&renew=true",
            ),
            "INVALID_REQUEST",
        ),
        (
            path("serviceValidate", "", "TICKET", "&renew=true"),
            "INVALID_REQUEST",
        ),
        // The service match before registration, renew and proxying.
        (
            path(
                "serviceValidate",
                unregistered,
                "TICKET",
                "&renew=true&pgtUrl=https%3A%2F%2Fx%2F",
            ),
            "INVALID_SERVICE",
        ),
        // The ticket, now spent, before the service match.
        (
            path("serviceValidate", unregistered, "TICKET", ""),
            "INVALID_TICKET",
        ),
    ] {
        let answer = house.get_text(&path.replace("TICKET", &ticket)).await;
        assert!(answer.contains(&format!("code=\"{code}\"")), "{path}: {answer}");
    }
    let sso = browser.ticket_for(APP).await;
    let both = house
        .get_text(&path(
            "serviceValidate",
            APP,
            &sso,
            "&renew=true&pgtUrl=https%3A%2F%2Fx%2F",
        ))
        .await;
    assert!(
        both.contains("code=\"INVALID_TICKET\""),
        "renew before the proxy callback: {both}"
    );
}

#[tokio::test]
async fn an_institution_that_cannot_be_read_is_one_that_nobody_has() {
    // CAS-9, CAS-13
    let house = house().await;
    let page = house.browser().get("/cas/t/%FF/login").await;
    assert!(
        page.body.contains("<h1") && page.body.contains("Lycée des Essais"),
        "{}",
        page.body
    );
    let answer = house.get_text("/cas/t/%FF/serviceValidate").await;
    assert!(answer.contains("code=\"INVALID_REQUEST\""), "{answer}");
}

#[tokio::test]
async fn a_gateway_shows_no_page_also_when_two_sessions_could_answer() {
    // CAS-35, CAS-43
    let house = house().await;
    let shared = "https://shared.example.org/";
    let mut browser = house.browser();
    for tenant in ["campus", "lycee"] {
        browser
            .sign_in(&format!("/cas/login?tenant={tenant}"), CAMILLE)
            .await;
    }
    let reply = browser.get(&format!("{}&gateway=true", login_path(shared))).await;
    assert_eq!((reply.status.as_u16(), reply.location()), (302, shared));
}

#[tokio::test]
async fn behind_a_proxy_nobody_else_is_answered_in_clear() {
    // T-15
    let house = campus().await;
    let entropy = std::sync::Arc::new(mereau::base::entropy::OsEntropy);
    let settings = LayerSettings {
        behind_proxy: true,
        trusted_proxies: vec!["10.0.0.0/24".parse().unwrap()],
        ..LayerSettings::new(&ServerSettings::default(), entropy)
    };
    for (peer, status) in [
        ("192.0.2.7", 403),
        ("10.0.1.9", 403),
        ("10.0.0.9", 200),
        ("127.0.0.1", 200),
    ] {
        let peer = PeerAddress(std::net::SocketAddr::new(peer.parse().unwrap(), 40_000));
        let request = http::Request::builder()
            .uri("/cas/login")
            .header("host", "sso.example.org")
            .extension(peer);
        let service = mereau::http::service(house.app.clone(), settings.clone());
        let answer =
            tower::ServiceExt::oneshot(service, request.body(axum::body::Body::empty()).unwrap()).await;
        assert_eq!(answer.unwrap().status(), status, "{peer:?}");
    }
}
