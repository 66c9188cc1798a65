//! The second address of a server, and that the public one has nothing of it.

mod audit;
mod health;
mod hostile;
mod sessions;
mod versions;

use axum::body::Body;
use http::header::{AUTHORIZATION, HOST, HeaderValue};
use http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use mereau::base::secret::Secret;
use mereau::http::admin::{self, AdminAccess, Told};

use crate::house::{APP, CAMILLE, House, campus, login_path};

const TOKEN: &str = "0123456789abcdef-by-chance";

/// Asks at the admin address of the house.
async fn ask(
    house: &House,
    access: AdminAccess,
    (method, path): (Method, &str),
    shown: Option<&str>,
) -> (StatusCode, String) {
    let told = Told::of(house.app.clone());
    let mut request = Request::builder().method(method).uri(path);
    if let Some(shown) = shown {
        request = request.header(AUTHORIZATION, shown);
    }
    asked(told, access, request.body(Body::empty()).unwrap()).await
}

/// Sends any request to an admin address that tells `told`.
async fn asked(told: Told, access: AdminAccess, mut request: Request<Body>) -> (StatusCode, String) {
    let host = HeaderValue::from_static("127.0.0.1:9464");
    request.headers_mut().insert(HOST, host);
    let service = admin::service(told, access);
    let answer = tower::ServiceExt::oneshot(service, request).await.unwrap();
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let status = answer.status();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

fn token() -> AdminAccess {
    AdminAccess::Token(Secret::new(TOKEN.to_owned()))
}

fn bearer() -> String {
    format!("Bearer {TOKEN}")
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
    let bearer = bearer();
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
    // CAS-306, T-91
    let house = campus().await;
    let names = [
        "metrics", "livez", "readyz", "versions", "sessions", "actuator", "status",
    ];
    for name in names {
        for before in ["", "/cas", "/cas/t/campus"] {
            let path = format!("{before}/{name}");
            let mut browser = house.browser();
            browser.headers.push(("authorization", bearer()));
            let reply = browser.get(&path).await;
            assert_eq!(reply.status, 404, "{path}");
            assert!(!reply.body.contains("login_total"));
            let form = "person=camille.dupont&reason=x".to_owned();
            let posted = browser.send(Method::POST, &path, Some(form)).await;
            assert!(
                [404, 405].contains(&posted.status.as_u16()),
                "{path}: {}",
                posted.status
            );
        }
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

#[tokio::test]
async fn what_a_page_of_metrics_says_is_true_of_a_house_that_has_seen_little() {
    // CAS-306, F-31
    let house = campus().await;
    let mut browser = house.browser();
    browser.sign_in("/cas/login", CAMILLE).await;
    house.campus.down.store(true, std::sync::atomic::Ordering::SeqCst);
    house.browser().sign_in("/cas/login", CAMILLE).await;
    let (_, page) = ask(&house, AdminAccess::Open, (Method::GET, "/metrics"), None).await;
    let line = |line: &str| {
        assert!(
            page.lines().any(|known| known == line),
            "{line} is not in\n{page}"
        )
    };
    line("login_total{tenant=\"campus\",result=\"unavailable\"} 1");
    line("login_seconds_count 2");
    line("directory_up{tenant=\"campus\"} 1");
    line("mail_outbox_age 0");
    line("config_reload_failed 0");
    line("shed_total{what=\"store\"} 0");
    line("store_rollback_total{what=\"returned\"} 0");
    line("ready 0");
    assert!(page.contains("process_open_fds "));
    for absent in [
        "store_wait",
        "store_dangers",
        "clock_skew",
        "audit_",
        "cert_expiry",
        "nodes",
    ] {
        let shown = page.lines().find(|line| line.starts_with(absent));
        assert_eq!(shown, None, "what has no meaning here is not told");
    }
    let families = page.lines().filter(|line| line.starts_with("# TYPE "));
    let names: Vec<&str> = families.map(|line| line.split(' ').nth(2).unwrap()).collect();
    let once: std::collections::BTreeSet<_> = names.iter().collect();
    assert_eq!(once.len(), names.len());
    for name in names {
        assert!(
            mereau::metrics::family::ALL
                .iter()
                .any(|family| family.name == name)
        );
    }
}
