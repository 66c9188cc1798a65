//! What nobody should send to the admin address: the same bounds hold there as on the public one.

use std::time::Duration;

use axum::body::Body;
use http::Request;
use http::header::{AUTHORIZATION, HeaderValue};
use mereau::base::entropy::{Entropy, OsEntropy};
use mereau::http::admin::{self, Told};
use mereau::http::server::{ServerSettings, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use super::{TOKEN, asked, bearer, token};
use crate::house::{House, campus};

/// What the address says to these bytes, until it closes or has said enough.
async fn said(house: &House, bytes: &[u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = admin::service(Told::of(house.app.clone()), token());
    let stop = CancellationToken::new();
    let limits = ServerSettings {
        drain: Duration::ZERO,
        ..ServerSettings::default()
    };
    let serving = tokio::spawn(serve(listener, None, limits, service, stop.clone()));
    let mut stream = TcpStream::connect(address).await.unwrap();
    // It may have been closed before all is sent.
    let _ = stream.write_all(bytes).await;
    let _ = stream.shutdown().await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    stop.cancel();
    serving.await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or_default()
}

#[tokio::test]
async fn broken_and_oversized_requests_get_what_they_get_on_the_public_address() {
    // T-07, T-08, CAS-306
    let house = campus().await;
    let get = |rest: &str| format!("GET /livez HTTP/1.1\r\n{rest}\r\n");
    let long = "x".repeat(40_000);
    let many: String = (0..120).map(|n| format!("x{n}: 1\r\n")).collect();
    let post = |length: usize, body: &str| {
        let bearer = bearer();
        format!(
            "POST /sessions HTTP/1.1\r\nHost: a\r\nAuthorization: {bearer}\r\nContent-Length: {length}\r\n\r\n{body}"
        )
    };
    for (request, wanted) in [
        (get("Host: a\r\nConnection: close\r\n"), "200"),
        (get("Connection: close\r\n"), "400"),
        (get("Host: a\r\nHost: b\r\n"), "400"),
        (
            get("Host: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n"),
            "400",
        ),
        (get(&format!("Host: a\r\nX: {long}\r\n")), "431"),
        (get(&format!("Host: a\r\n{many}")), "431"),
        (format!("GET /{long} HTTP/1.1\r\nHost: a\r\n\r\n"), "414"),
        (post(10_000_000, "person=a"), "413"),
        (post(5, "%zz=\u{1}"), "400"),
        (
            "TRACE /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".to_owned(),
            "405",
        ),
        (
            "GET /%2e%2e/metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".to_owned(),
            "404",
        ),
        (
            "GET /metrics%00 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".to_owned(),
            "404",
        ),
    ] {
        let answer = said(&house, request.as_bytes()).await;
        let shown: String = request.chars().take(60).collect();
        assert_eq!(status(&answer), wanted, "{shown}: {answer}");
        assert!(!answer.contains("login_total"));
    }
}

#[tokio::test]
async fn no_bytes_stop_it_and_none_are_taken_for_http_2() {
    // T-08, CAS-306
    let house = campus().await;
    let preface = said(&house, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await;
    assert!(
        !preface.starts_with('\0') && status(&preface) != "200",
        "{preface:?}"
    );
    let mut noise = [0; 300];
    for _ in 0..40 {
        OsEntropy.fill(&mut noise);
        let answer = said(&house, &noise).await;
        assert_ne!(status(&answer), "200");
    }
    let hello = b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03";
    assert_ne!(status(&said(&house, hello).await), "200");
    let good = said(
        &house,
        b"GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    )
    .await;
    assert!(good.ends_with("alive\n"), "it goes on: {good}");
}

#[tokio::test]
async fn no_part_nor_neighbour_of_the_token_is_taken_for_it() {
    // CAS-306
    let house = campus().await;
    let mut shown: Vec<Vec<u8>> = Vec::new();
    for length in 0..TOKEN.len() {
        shown.push(format!("Bearer {}", &TOKEN[..length]).into_bytes());
        let mut changed = TOKEN.as_bytes().to_vec();
        changed[length] ^= 1;
        shown.push([b"Bearer ", &changed[..]].concat());
    }
    shown.extend([
        format!("Bearer {TOKEN}{TOKEN}").into_bytes(),
        format!("Bearer {TOKEN} x").into_bytes(),
        format!("Bearer\t{TOKEN}").into_bytes(),
        format!("Basic {TOKEN}").into_bytes(),
        b"Bearer \xff\xfe\x80".to_vec(),
        b"Bearer".to_vec(),
        vec![b' '; 200],
    ]);
    for shown in shown {
        let header = HeaderValue::from_bytes(&shown).unwrap();
        for path in [
            "/metrics",
            "/versions",
            "/sessions?person=camille.dupont",
            "/nowhere",
        ] {
            let request = Request::get(path).header(AUTHORIZATION, header.clone());
            let told = Told::of(house.app.clone());
            let (status, body) = asked(told, token(), request.body(Body::empty()).unwrap()).await;
            assert_eq!((status.as_u16(), body.as_str()), (401, "401\n"), "{shown:?}");
        }
    }
    let twice = Request::get("/metrics")
        .header(AUTHORIZATION, "Bearer wrong")
        .header(AUTHORIZATION, bearer());
    let told = Told::of(house.app.clone());
    let (status, _) = asked(told, token(), twice.body(Body::empty()).unwrap()).await;
    assert_eq!(status, 401, "of two the first counts");
}
