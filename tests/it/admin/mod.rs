//! The second address of a server, and that the public one has nothing of it.

use axum::body::Body;
use http::header::{AUTHORIZATION, HOST};
use http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use mereau::base::secret::Secret;
use mereau::http::admin::{self, AdminAccess, Told};

use crate::house::{APP, CAMILLE, House, campus, login_path};

const TOKEN: &str = "0123456789abcdef-by-chance";

async fn ask(
    house: &House,
    access: AdminAccess,
    (method, path): (Method, &str),
    shown: Option<&str>,
) -> (StatusCode, String) {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(HOST, "127.0.0.1:9464");
    if let Some(shown) = shown {
        request = request.header(AUTHORIZATION, shown);
    }
    let service = admin::service(Told::of(house.app.clone()), access);
    let request = request.body(Body::empty()).unwrap();
    let answer = tower::ServiceExt::oneshot(service, request).await.unwrap();
    let status = answer.status();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

fn token() -> AdminAccess {
    AdminAccess::Token(Secret::new(TOKEN.to_owned()))
}

#[tokio::test]
async fn metrics_are_for_who_shows_the_token() {
    // CAS-306
    let house = campus().await;
    let get = || (Method::GET, "/metrics");
    for shown in [
        None,
        Some(TOKEN),
        Some("Bearer "),
        Some("Bearer 0123456789abcdef-by-chancf"),
        Some("Basic 0123456789abcdef-by-chance"),
    ] {
        let (status, body) = ask(&house, token(), get(), shown).await;
        assert_eq!((status.as_u16(), body.as_str()), (401, "401\n"), "{shown:?}");
    }
    let bearer = format!("Bearer {TOKEN}");
    let (status, body) = ask(&house, token(), get(), Some(&bearer)).await;
    assert_eq!(status, 200);
    assert!(body.contains("# TYPE login_total counter"));
    let other = ask(&house, token(), (Method::GET, "/"), Some(&bearer)).await;
    assert_eq!(other.0, 404);
    let post = ask(&house, token(), (Method::POST, "/metrics"), Some(&bearer)).await;
    assert_eq!(post.0, 405);
    assert_eq!(ask(&house, AdminAccess::Open, get(), None).await.0, 200);
}

#[tokio::test]
async fn the_public_address_has_nothing_of_the_admin_one() {
    // CAS-306
    let house = campus().await;
    for path in [
        "/metrics",
        "/cas/metrics",
        "/cas/t/campus/metrics",
        "/cas/actuator",
        "/cas/status",
    ] {
        let mut browser = house.browser();
        browser.headers.push(("authorization", format!("Bearer {TOKEN}")));
        let reply = browser.get(path).await;
        assert_eq!(reply.status, 404, "{path}");
        assert!(!reply.body.contains("login_total"));
    }
}

#[tokio::test]
async fn sign_ins_validations_and_what_waits_are_counted() {
    // CAS-306, F-31
    let house = campus().await;
    let mut browser = house.browser();
    browser.sign_in("/cas/login", (CAMILLE.0, "wrong")).await;
    let ticket = browser.sign_in(&login_path(APP), CAMILLE).await.ticket();
    house.validate(APP, &ticket).await;
    house.validate(APP, &ticket).await;
    browser.get("/cas/logout").await;
    let read = || ask(&house, AdminAccess::Open, (Method::GET, "/metrics"), None);
    let (_, page) = read().await;
    for line in [
        "login_total{tenant=\"campus\",result=\"signed_in\"} 1",
        "login_total{tenant=\"campus\",result=\"PWD_WRONG\"} 1",
        "validation_total{result=\"success\"} 1",
        "validation_total{result=\"INVALID_TICKET\"} 1",
        "st_replay_total 1",
        "slo_lost_total 0",
        "slo_waiting 1",
        "slo_lag 0",
        "slo_dead 0",
        "store_up 1",
    ] {
        assert!(
            page.lines().any(|known| known == line),
            "{line} is not in\n{page}"
        );
    }
    house.clock.advance(std::time::Duration::from_secs(400));
    assert!(read().await.1.lines().any(|line| line == "slo_lag 400"));
    house.store.down.store(true, std::sync::atomic::Ordering::SeqCst);
    let (status, page) = read().await;
    assert_eq!(status, 200);
    assert!(page.contains("store_up 0") && !page.contains("slo_waiting"));
}
