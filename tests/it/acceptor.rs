//! `/login` as acceptor of credentials: the form, its login ticket, what is tried and what is refused.

use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::house::{APP, CAMILLE, campus, encoded, house, login_path};

#[tokio::test]
async fn the_form_holds_what_the_next_request_needs() {
    // CAS-17, CAS-18, CAS-19, CAS-69
    let house = house().await;
    let hostile = "https://app.example.org/?a=%22%3E%3Cb%3E&c='d'";
    let path = format!(
        "/cas/login?tenant=campus&renew=true&method=POST&service={}",
        encoded(hostile)
    );
    let page = house.browser().get(&path).await;
    let form = page.form();
    assert!(form.action.starts_with("/cas/login"));
    for name in ["username", "password", "lt"] {
        assert!(form.value(name).is_some(), "{name}");
    }
    assert!(form.value("lt").unwrap().starts_with("LT-"));
    assert_eq!(form.value("service"), Some(hostile));
    assert_eq!(form.value("renew"), Some("true"));
    assert_eq!(form.value("method"), Some("POST"));
    assert_eq!(form.value("tenant"), Some("campus"));
    assert!(!page.body.contains("rememberMe"), "not enabled");
}

#[tokio::test]
async fn a_refusal_keeps_the_service_and_what_was_typed_but_not_the_password() {
    // CAS-67, CAS-18
    let house = campus().await;
    let mut browser = house.browser();
    let reply = browser
        .sign_in(&login_path(APP), ("camille.dupont", "wrong-one"))
        .await;
    assert_eq!(reply.status, 401);
    let form = reply.form();
    assert_eq!(form.value("service"), Some(APP));
    assert_eq!(form.value("username"), Some("camille.dupont"));
    assert!(!reply.body.contains("wrong-one"));
    assert_eq!(browser.tgc("campus"), None);
    let again = browser.submit(&form.with("password", CAMILLE.1)).await;
    assert!(again.location().starts_with("https://app.example.org/?ticket="));
}

#[tokio::test]
async fn the_service_of_the_form_is_checked_like_that_of_the_link() {
    // CAS-68, CAS-42, CAS-312
    let house = campus().await;
    for service in [
        "https://elsewhere.example.com/",
        "javascript:alert(1)",
        "https://closed.example.org/",
    ] {
        let mut browser = house.browser();
        let form = browser.get("/cas/login").await.form();
        let form = form
            .with("username", CAMILLE.0)
            .with("password", CAMILLE.1)
            .with("service", service);
        let reply = browser.submit(&form).await;
        assert_eq!(reply.status, 403, "{service}");
        assert_eq!(browser.tgc("campus"), None);
    }
    let mut browser = house.browser();
    let form = browser.get(&login_path(APP)).await.form();
    let form = form.with("username", CAMILLE.0).with("password", CAMILLE.1);
    let reply = browser
        .submit(&form.with("service", "https://other.example.org/"))
        .await;
    assert_eq!(
        reply.status, 400,
        "query and form name different services (CAS-7)"
    );
    assert_eq!(house.campus.binds.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_login_ticket_serves_one_post_of_its_own_browser() {
    // CAS-69, CAS-331, T-31
    let house = campus().await;
    let mut browser = house.browser();
    let form = browser
        .get(&login_path(APP))
        .await
        .form()
        .with("username", CAMILLE.0);
    let wrong = browser.submit(&form.clone().with("password", "wrong")).await;
    assert_eq!(wrong.status, 401);
    let right = form.with("password", CAMILLE.1);
    let reused = browser.submit(&right).await;
    assert_eq!(reused.status, 400, "used whatever the outcome");
    assert_ne!(
        reused.form().value("lt"),
        right.value("lt"),
        "a fresh one is there"
    );
    assert_eq!(reused.form().value("username"), Some(CAMILLE.0));
    let mut stranger = house.browser();
    stranger.get("/cas/login").await;
    for lt in ["", "LT-1", reused.form().value("lt").unwrap()] {
        assert_eq!(
            stranger.submit(&right.clone().with("lt", lt)).await.status,
            400,
            "{lt}"
        );
    }
    assert_eq!(stranger.submit(&right.clone().without("lt")).await.status, 400);
    assert_eq!(
        house.campus.binds.load(Ordering::SeqCst),
        1,
        "credentials were tried once only"
    );
    let late = reused.form().with("password", CAMILLE.1);
    house.clock.advance(Duration::from_secs(4 * 3600 + 1));
    assert_eq!(browser.submit(&late).await.status, 400);
}

#[tokio::test]
async fn a_form_from_another_site_or_without_the_cookie_opens_nothing() {
    // CAS-331, T-31
    let house = campus().await;
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
    ] {
        let mut browser = house.browser();
        let form = browser.get("/cas/login").await.form();
        browser.headers.push((name, value.to_owned()));
        let reply = browser
            .submit(&form.with("username", CAMILLE.0).with("password", CAMILLE.1))
            .await;
        assert_eq!(reply.status, 400, "{name}: {value}");
        assert_eq!(browser.tgc("campus"), None);
    }
    let mut browser = house.browser();
    let form = browser.get("/cas/login").await.form();
    browser.cookies.clear();
    let reply = browser
        .submit(&form.with("username", CAMILLE.0).with("password", CAMILLE.1))
        .await;
    assert_eq!(reply.status, 400);
    assert!(reply.body.to_lowercase().contains("cookies"));
    for origin in ["https://sso.example.org", "null"] {
        let mut browser = house.browser();
        let form = browser.get("/cas/login").await.form();
        browser.headers = vec![
            ("origin", origin.to_owned()),
            ("sec-fetch-site", "same-origin".to_owned()),
        ];
        let reply = browser
            .submit(&form.with("username", CAMILLE.0).with("password", CAMILLE.1))
            .await;
        assert_eq!(reply.status, 303, "{origin}");
    }
}

#[tokio::test]
async fn scripts_made_for_apereo_s_form_get_through() {
    // CAS-70
    let house = campus().await;
    let mut browser = house.browser();
    let form = browser.get(&login_path(APP)).await.form();
    let form = form
        .with("execution", "e1s1")
        .with("_eventId", "submit")
        .with("geolocation", "");
    let reply = browser
        .submit(&form.with("username", CAMILLE.0).with("password", CAMILLE.1))
        .await;
    assert_eq!(reply.status, 303);
}

#[tokio::test]
async fn strangers_see_one_answer_whoever_they_ask_about() {
    // CAS-72, CAS-336, T-53
    let house = campus().await;
    let mut shapes = Vec::new();
    for login in [
        "camille.dupont",
        "nobody.at.all",
        "louis.roux",
        "theo.simon",
        "adurand",
        "*",
        "marie.fournier",
    ] {
        let mut browser = house.browser();
        browser.address = std::net::IpAddr::from([198, 51, 100, 9]);
        let reply = browser.sign_in("/cas/login", (login, "not-the-password")).await;
        let varying = [
            login.to_owned(),
            reply.form().value("lt").unwrap().to_owned(),
            reply.header("x-request-id").to_owned(),
        ];
        let body = varying
            .iter()
            .fold(reply.body.clone(), |body, part| body.replace(part, "…"));
        let headers: Vec<String> = reply.headers.keys().map(|name| name.to_string()).collect();
        shapes.push((reply.status, body, headers, login));
    }
    for shape in &shapes {
        assert_eq!(shape.0, 401);
        assert_eq!(shape.1, shapes[0].1, "{}", shape.3);
        assert_eq!(shape.2, shapes[0].2, "{}", shape.3);
    }
    assert!(
        house.campus.decoys.load(Ordering::SeqCst) >= 2,
        "unknown logins cost a bind too"
    );
}

#[tokio::test]
async fn one_person_typed_in_many_ways_is_one_user_and_one_counter() {
    // CAS-73, CAS-334
    let house = campus().await;
    for typed in [
        "camille.dupont",
        " CAMILLE.Dupont ",
        "ｃａｍｉｌｌｅ.dupont",
        "cdupont",
        "camille.dupont@campus.example",
        "camille.dupont\u{200b}",
    ] {
        let reply = house
            .browser()
            .sign_in(&login_path(APP), (typed, CAMILLE.1))
            .await;
        assert_eq!(reply.status, 303, "{typed}");
        let answer = house.validate(APP, &reply.ticket()).await;
        assert!(
            answer.contains("<cas:user>camille.dupont</cas:user>"),
            "{typed}: {answer}"
        );
    }
}

#[tokio::test]
async fn filters_and_empty_passwords_reach_no_directory() {
    // CAS-74, CAS-130, T-50, T-51, SEC-75, CAS-323
    let house = campus().await;
    for login in [
        "*",
        "camille*",
        "camille.dupont)(uid=*",
        "\\2a",
        "(|(uid=*))",
        "camille.dupont)(|(uid=*",
    ] {
        let reply = house.browser().sign_in("/cas/login", (login, CAMILLE.1)).await;
        assert_eq!(reply.status, 401, "{login}");
    }
    let before = house.campus.binds.load(Ordering::SeqCst);
    for password in ["", " ", "\0", "a\0b", &"x".repeat(513)] {
        let reply = house.browser().sign_in("/cas/login", (CAMILLE.0, password)).await;
        assert!(
            matches!(reply.status.as_u16(), 400 | 401),
            "{password:?}: {}",
            reply.status
        );
    }
    for login in ["", " ", "camille\ndupont", "a\0b", &"x".repeat(200)] {
        let reply = house.browser().sign_in("/cas/login", (login, CAMILLE.1)).await;
        assert!(
            matches!(reply.status.as_u16(), 400 | 401),
            "{login:?}: {}",
            reply.status
        );
    }
    assert_eq!(house.campus.binds.load(Ordering::SeqCst), before);
}

#[tokio::test]
async fn what_is_missing_is_said() {
    // CAS-67
    let house = campus().await;
    let mut browser = house.browser();
    let form = browser.get("/cas/login").await.form();
    let reply = browser.submit(&form).await;
    assert_eq!(reply.status, 401);
    let alert = reply.text_of("[role=alert]");
    assert!(
        alert.contains("identifiant") && alert.contains("mot de passe"),
        "{alert}"
    );
    let reply = browser.submit(&reply.form().with("username", CAMILLE.0)).await;
    let alert = reply.text_of("[role=alert]");
    assert!(
        !alert.contains("Saisissez votre identifiant") && alert.contains("mot de passe"),
        "{alert}"
    );
    assert_eq!(house.campus.searches.load(Ordering::SeqCst), 0);
}
