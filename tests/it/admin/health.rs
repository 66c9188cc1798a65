//! `/livez` and `/readyz`.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::body::Body;
use http::header::AUTHORIZATION;
use http::{Method, Request, StatusCode};
use mereau::directory::Outage;
use mereau::http::admin::Told;
use mereau::jobs::readiness::{Readiness, look};
use tokio::time::Instant;

use super::{ask, asked, bearer, token};
use crate::house::{House, campus};

#[tokio::test]
async fn a_node_is_alive_whatever_it_stands_on_and_says_so_to_anybody() {
    // CAS-306
    let house = campus().await;
    house.store.down.store(true, Ordering::SeqCst);
    house.campus.down.store(true, Ordering::SeqCst);
    let before = house.store.calls();
    for shown in [None, Some("Bearer wrong"), Some(bearer().as_str())] {
        let (status, body) = ask(&house, token(), (Method::GET, "/livez"), shown).await;
        assert_eq!((status, body.as_str()), (StatusCode::OK, "alive\n"));
    }
    assert_eq!(house.store.calls(), before, "nobody is asked");
    let (status, body) = ask(&house, token(), (Method::HEAD, "/livez"), None).await;
    assert_eq!((status, body.as_str()), (StatusCode::OK, ""));
    for path in ["/livez", "/readyz"] {
        let (status, _) = ask(&house, token(), (Method::POST, path), None).await;
        assert_eq!(status, 405);
    }
}

async fn ready(house: &House, readiness: &Arc<Readiness>, shown: Option<String>) -> (u16, String) {
    let told = Told {
        readiness: readiness.clone(),
        ..Told::of(house.app.clone())
    };
    let mut request = Request::get("/readyz");
    if let Some(shown) = shown {
        request = request.header(AUTHORIZATION, shown);
    }
    let (status, body) = asked(told, token(), request.body(Body::empty()).unwrap()).await;
    (status.as_u16(), body)
}

/// The node looks `times` times, a second apart by `now`.
async fn looks(house: &House, readiness: &Readiness, (now, times): (&mut Instant, usize)) {
    for _ in 0..times {
        *now += Duration::from_secs(1);
        let seen = look(house.app.as_ref(), readiness.state().ready).await;
        readiness.saw(seen, *now);
    }
}

#[tokio::test]
async fn readiness_follows_the_store_with_grace_and_ends_at_once_with_the_server() {
    // F-23
    let house = campus().await;
    let (readiness, mut now) = (Arc::<Readiness>::default(), Instant::now());
    let (yes, no) = ((200, "ready\n".to_owned()), (503, "not ready\n".to_owned()));
    assert_eq!(ready(&house, &readiness, None).await, no);
    looks(&house, &readiness, (&mut now, 1)).await;
    assert_eq!(ready(&house, &readiness, None).await, yes);

    house.store.down.store(true, Ordering::SeqCst);
    looks(&house, &readiness, (&mut now, 29)).await;
    assert_eq!(
        ready(&house, &readiness, None).await,
        yes,
        "a failover sends nobody away"
    );
    looks(&house, &readiness, (&mut now, 3)).await;
    assert_eq!(ready(&house, &readiness, None).await, no);
    let (status, told) = ready(&house, &readiness, Some(bearer())).await;
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!((status, told["store"].as_bool()), (503, Some(false)));
    assert_eq!(told["store_silent_seconds"], 32);
    assert_eq!(told["directories"]["up"], 2);
    let wrong = ready(&house, &readiness, Some("Bearer wrong".to_owned())).await;
    assert_eq!(
        wrong, no,
        "who shows another token is told no more than who shows none"
    );
    house.store.down.store(false, Ordering::SeqCst);
    looks(&house, &readiness, (&mut now, 2)).await;
    assert_eq!(ready(&house, &readiness, None).await, no, "not at the first word");
    looks(&house, &readiness, (&mut now, 1)).await;
    assert_eq!(ready(&house, &readiness, None).await, yes);

    readiness.stop();
    assert_eq!(ready(&house, &readiness, None).await, no);
    looks(&house, &readiness, (&mut now, 5)).await;
    assert_eq!(ready(&house, &readiness, None).await, no);
}

#[tokio::test]
async fn one_realm_that_answers_is_enough() {
    // F-23
    let house = campus().await;
    let (readiness, mut now) = (Readiness::default(), Instant::now());
    house.campus.down.store(true, Ordering::SeqCst);
    looks(&house, &readiness, (&mut now, 1)).await;
    assert!(readiness.state().ready, "another realm's directory answers");
    let out = Outage {
        reading: Some(Duration::from_secs(9)),
        writing: None,
    };
    *house.campus.outage.lock().unwrap() = out;
    looks(&house, &readiness, (&mut now, 5)).await;
    let state = readiness.state();
    assert_eq!(
        (state.ready, state.directories_up, state.directories),
        (true, 1, 2)
    );
}
