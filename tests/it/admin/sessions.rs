//! `/sessions`: a person's sessions, listed and ended by who runs the server.

use std::sync::atomic::Ordering;

use axum::body::Body;
use http::header::{AUTHORIZATION, HeaderValue};
use http::{Method, Request};
use mereau::audit::{Actor, Event};
use mereau::http::admin::{self, AdminAccess, Told};
use serde_json::{Value, json};
use tower::Service as _;

use super::{asked, bearer, token};
use crate::house::{APP, CAMILLE, House, campus, house};

async fn send(house: &House, method: Method, path: &str, form: &str) -> (u16, Value) {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(AUTHORIZATION, bearer())
        .body(Body::from(form.to_owned()))
        .unwrap();
    let (status, body) = asked(Told::of(house.app.clone()), token(), request).await;
    (
        status.as_u16(),
        serde_json::from_str(&body).unwrap_or(Value::String(body)),
    )
}

async fn list(house: &House, query: &str) -> (u16, Value) {
    send(house, Method::GET, &format!("/sessions?{query}"), "").await
}

async fn end(house: &House, form: &str) -> (u16, Value) {
    send(house, Method::POST, "/sessions", form).await
}

#[tokio::test]
async fn a_persons_sessions_are_listed_and_ended_with_a_reason_in_the_audit() {
    // CAS-200, SEC-89
    let house = campus().await;
    let mut browser = house.browser();
    let ticket = browser
        .sign_in(&crate::house::login_path(APP), CAMILLE)
        .await
        .ticket();
    house.validate(APP, &ticket).await;
    let (status, told) = list(&house, "person=camille.dupont&realm=campus").await;
    assert_eq!(status, 200);
    assert_eq!(told["realm"], "campus");
    assert_eq!(told["sessions"].as_array().unwrap().len(), 1);
    assert_eq!(told["sessions"][0]["visited"].as_array().unwrap().len(), 1);
    let text = told.to_string();
    let tgc = browser.tgc("campus").unwrap();
    assert!(
        !text.contains(tgc.as_str()) && !text.contains(&ticket),
        "nothing that opens anything"
    );
    house.audit.take();
    house.notices.take();

    let form = "person=camille.dupont&realm=campus&reason=poste+vol%C3%A9&agent=astreinte-2";
    let (status, ended) = end(&house, form).await;
    assert_eq!(
        (status, &ended["ended"], &ended["applications_told"]),
        (200, &json!(1), &json!(1))
    );
    assert_eq!(house.notices.take().len(), 1);
    assert!(browser.get("/cas/login").await.has_form());
    let records = house.audit.take();
    let [record] = records.as_slice() else {
        panic!("{records:?}")
    };
    assert_eq!(record.event, Event::SessionsEnded);
    assert_eq!(record.actor, Actor::Agent("astreinte-2".to_owned()));
    assert_eq!(record.note.as_deref(), Some("poste volé"));
    assert_eq!(record.method, Some("admin"));
    let (_, told) = list(&house, "person=camille.dupont&realm=campus").await;
    assert_eq!(told["sessions"], json!([]));
}

#[tokio::test]
async fn nothing_is_ended_without_a_token_a_reason_and_one_person() {
    // CAS-306, SEC-89, T-91
    let house = house().await;
    let mut browser = house.browser();
    browser.sign_in("/cas/login?tenant=campus", CAMILLE).await;
    house.audit.take();
    let long = format!("person=camille.dupont&realm=campus&reason={}", "x".repeat(301));
    for (form, status) in [
        ("", 400),
        ("person=camille.dupont&realm=campus", 400),
        ("person=camille.dupont&realm=campus&reason=+", 400),
        ("person=camille.dupont&realm=campus&reason=a%0Ab", 400),
        ("person=camille.dupont&realm=campus&reason=a&agent=%1b", 400),
        ("person=camille.dupont&person=amine&realm=campus&reason=a", 400),
        ("person=camille.dupont&realm=campus&reason=a&all=1", 400),
        (&long, 400),
        ("person=%00&reason=a", 400),
        ("person=camille.dupont&realm=nowhere&reason=a", 404),
        ("person=camille.dupont&realm=..%2F&reason=a", 404),
        ("person=nobody.here&reason=a", 404),
        ("person=camille.dupont&reason=a", 409),
    ] {
        let (answered, told) = end(&house, form).await;
        assert_eq!(answered, status, "{form}: {told}");
        assert!(told["problem"].is_string(), "{form}");
    }
    let (status, told) = list(&house, "person=camille.dupont&reason=a").await;
    assert_eq!(status, 400, "{told}");
    for (access, shown, status) in [
        (token(), None, 401),
        (token(), Some("Bearer 0123456789abcdef-by-chancf"), 401),
        (AdminAccess::Open, None, 403),
    ] {
        let mut request = Request::post("/sessions");
        if let Some(shown) = shown {
            request = request.header(AUTHORIZATION, shown);
        }
        let form = Body::from("person=camille.dupont&realm=campus&reason=a");
        let told = Told::of(house.app.clone());
        let (answered, _) = asked(told, access, request.body(form).unwrap()).await;
        assert_eq!(answered, status);
    }
    assert_eq!(send(&house, Method::OPTIONS, "/sessions", "").await.0, 405);
    assert!(house.audit.take().is_empty());
    assert!(
        !browser.get("/cas/login?tenant=campus").await.has_form(),
        "the session lives"
    );
}

#[tokio::test]
async fn nobody_is_signed_in_at_the_admin_address_so_that_each_act_shows_the_token_again() {
    // T-91
    let house = campus().await;
    let mut browser = house.browser();
    browser.sign_in("/cas/login", CAMILLE).await;
    let form = "person=camille.dupont&realm=campus&reason=a";
    let request = |headers: &[(&'static str, String)], query: &str, more: &str| {
        let mut request = Request::post(format!("/sessions{query}"));
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        request.body(Body::from(format!("{form}{more}"))).unwrap()
    };
    // One service all through, as for one connection: what it let in before is nothing to it.
    let mut service = admin::service(Told::of(house.app.clone()), token());
    let mut send = async |request: Request<Body>| {
        let (mut head, body) = request.into_parts();
        head.headers
            .insert("host", HeaderValue::from_static("127.0.0.1:9464"));
        let answer = service.call(Request::from_parts(head, body)).await.unwrap();
        assert!(!answer.headers().contains_key("set-cookie"));
        answer.status().as_u16()
    };
    let shown = [("authorization", bearer())];
    assert_eq!(send(request(&shown, "", "")).await, 200);
    browser.sign_in("/cas/login", CAMILLE).await;
    house.audit.take();
    let session = format!("__Secure-TGC-campus={}", browser.tgc("campus").unwrap());
    for (headers, query, more) in [
        (vec![], "", ""),
        (vec![], "?access_token=0123456789abcdef-by-chance", ""),
        (vec![], "", "&access_token=0123456789abcdef-by-chance"),
        (vec![("cookie", session)], "", ""),
        (vec![("cookie", format!("token={}", bearer()))], "", ""),
        (vec![("x-authorization", bearer())], "", ""),
    ] {
        let status = send(request(&headers, query, more)).await;
        assert_eq!(status, 401, "{headers:?} {query} {more}");
    }
    // Nor is there anything to sign in to.
    for path in [
        "/", "/login", "/logout", "/console", "/admin", "/ui", "/session", "/token",
    ] {
        for method in [Method::GET, Method::POST] {
            let mut request = Request::builder().method(method).uri(path);
            request = request.header(AUTHORIZATION, bearer());
            assert_eq!(send(request.body(Body::empty()).unwrap()).await, 404, "{path}");
        }
    }
    assert!(house.audit.take().is_empty());
    assert!(!browser.get("/cas/login").await.has_form(), "the session lives");
}

#[tokio::test]
async fn a_store_or_a_directory_that_cannot_tell_ends_nothing_and_says_so() {
    // F-10, F-26
    let house = campus().await;
    house.browser().sign_in("/cas/login", CAMILLE).await;
    let form = "person=camille.dupont&realm=campus&reason=a";
    house.store.down.store(true, Ordering::SeqCst);
    let refused = async |part: &str| {
        let (status, told) = end(&house, form).await;
        assert_eq!(status, 503);
        let problem = told["problem"].as_str().unwrap();
        assert!(problem.contains(part), "{problem}");
    };
    refused("the ticket store does not answer").await;
    house.store.down.store(false, Ordering::SeqCst);
    house.campus.down.store(true, Ordering::SeqCst);
    refused("the directory does not answer").await;
    assert_eq!(list(&house, "person=camille.dupont&realm=campus").await.0, 503);
    house.campus.down.store(false, Ordering::SeqCst);
    house.audit.full.store(true, Ordering::SeqCst);
    refused("the audit cannot be written").await;
    house.audit.full.store(false, Ordering::SeqCst);
    assert_eq!(
        list(&house, "person=camille.dupont&realm=campus").await.1["sessions"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}
