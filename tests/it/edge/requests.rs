//! What reaches a handler through the edge, and what the edge adds to its answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Body;
use axum::response::Response;

use super::client::Client;
use super::server::{layers, patient, start, start_with};

#[tokio::test]
async fn raw_utf8_and_latin1_in_the_query_arrive_percent_encoded() {
    // CAS-8, CAS-9, CAS-10
    let server = start(patient()).await;
    for (sent, seen) in [
        (b"/echo?u=\xc3\xa9t\xc3\xa9".as_slice(), "/echo?u=%C3%A9t%C3%A9"),
        (b"/echo?u=\xe9t\xe9", "/echo?u=%E9t%E9"),
        (b"/echo?u=[]{}|\\^`", "/echo?u=[]{}|\\^`"),
        (b"/echo?u=%zz%&v=%00&w=%ff%fe", "/echo?u=%zz%&v=%00&w=%ff%fe"),
        (b"/echo?u=a+b%2Bc%3a%2f", "/echo?u=a+b%2Bc%3a%2f"),
    ] {
        let request = [b"GET ".as_slice(), sent, b" HTTP/1.1\r\nHost: h\r\n\r\n"].concat();
        let answer = Client::ask(server.address, request).await;
        assert_eq!(
            (answer.status, answer.first_line()),
            (200, format!("GET {seen}").as_str())
        );
    }
}

#[tokio::test]
async fn of_every_byte_in_the_query_it_is_known_whether_it_arrives() {
    // CAS-8
    let server = start(patient()).await;
    for byte in 0..=0xff_u8 {
        let request = [
            b"GET /echo?u=".as_slice(),
            &[byte],
            b"x HTTP/1.1\r\nHost: h\r\n\r\n",
        ]
        .concat();
        let answer = Client::ask(server.address, request).await;
        let (status, seen) = match byte {
            // What no URL holds is refused, and the server goes on.
            0..=b' ' | b'"' | b'<' | b'>' | 0x7f => (400, None),
            // Where the fragment begins, which no browser sends.
            b'#' => (200, Some("GET /echo?u=".to_owned())),
            // Also [ ] { } | \ ^ and the backtick.
            byte if byte.is_ascii() => (200, Some(format!("GET /echo?u={}x", char::from(byte)))),
            byte => (200, Some(format!("GET /echo?u=%{byte:02X}x"))),
        };
        assert_eq!(answer.status, status, "{byte:#x}");
        if let Some(seen) = seen {
            assert_eq!(answer.first_line(), seen, "{byte:#x}");
        }
    }
}

#[tokio::test]
async fn eight_kilobytes_of_service_arrive_even_when_every_byte_is_encoded() {
    // CAS-11
    let server = start(patient()).await;
    let target = format!("/echo?service={}", "%C3".repeat(8 * 1024));
    let answer = Client::ask(
        server.address,
        format!("GET {target} HTTP/1.1\r\nHost: h\r\n\r\n"),
    )
    .await;
    assert_eq!(answer.first_line(), format!("GET {target}"));
}

#[tokio::test]
async fn requests_on_one_connection_stay_apart_whatever_their_bodies_hold() {
    // T-08
    let server = start(patient()).await;
    let mut client = Client::connect(server.address).await;
    let inner = "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n";
    client
        .send(format!(
            "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: {0}\r\n\r\n{inner}\
             POST /echo?chunked HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n{0:x}\r\n{inner}\r\n0\r\n\r\n\
             \r\nGET /echo?last HTTP/1.1\r\nHost: h\r\n\r\n",
            inner.len()
        ))
        .await;
    for (line, length) in [
        ("POST /echo", inner.len()),
        ("POST /echo?chunked", inner.len()),
        ("GET /echo?last", 0),
    ] {
        let answer = client.answer().await;
        assert_eq!(
            (answer.first_line(), answer.told("body")),
            (line, length.to_string().as_str())
        );
    }
}

#[tokio::test]
async fn head_says_what_get_would_and_sends_no_body() {
    // CAS-6
    let server = start(patient()).await;
    let mut client = Client::connect(server.address).await;
    client.send("HEAD /get HTTP/1.1\r\nHost: h\r\n\r\n").await;
    let answer = client.answer_to("HEAD").await;
    assert_eq!(
        (answer.status, answer.headers["content-length"].as_str()),
        (200, "3")
    );
    client
        .send("HEAD /nothing HTTP/1.1\r\nHost: h\r\n\r\nOPTIONS /echo HTTP/1.1\r\nHost: h\r\n\r\n")
        .await;
    assert_eq!(client.answer_to("HEAD").await.status, 404);
    assert_eq!(client.answer().await.first_line(), "OPTIONS /echo");
}

#[tokio::test]
async fn every_answer_carries_a_support_code_and_the_headers_refusals_too() {
    // CAS-12, T-35
    let server = start(patient()).await;
    let answer = Client::ask(server.address, "GET /echo HTTP/1.1\r\nHost: h\r\n\r\n").await;
    assert_eq!(answer.headers["x-request-id"], answer.told("id"));
    let refused = Client::ask(server.address, "PUT /echo HTTP/1.1\r\nHost: h\r\n\r\n").await;
    assert!(refused.body.contains(&refused.headers["x-request-id"]));
    for answer in [answer, refused] {
        assert_eq!(answer.headers["cache-control"], "no-store");
        assert_eq!(answer.headers["referrer-policy"], "no-referrer");
        assert!(answer.headers["content-security-policy"].starts_with("default-src 'none'"));
    }
}

#[tokio::test]
async fn forwarded_addresses_count_from_listed_proxies_only() {
    // T-15, T-16
    let forwarded = "GET /echo HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 6.6.6.6\r\nX-Real-IP: 7.7.7.7\r\n\
        Forwarded: for=8.8.8.8\r\nX-Forwarded-Host: evil.fr\r\nX-Forwarded-For: 198.51.100.1\r\n\r\n";
    let server = start(patient()).await;
    let answer = Client::ask(server.address, forwarded).await;
    assert_eq!(
        (answer.told("client"), answer.told("host")),
        ("127.0.0.1", "Some(\"h\")")
    );

    let mut behind = layers();
    behind.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    let server = start_with(patient(), behind, None).await;
    let answer = Client::ask(server.address, forwarded).await;
    assert_eq!(
        (answer.told("client"), answer.told("host")),
        ("198.51.100.1", "Some(\"h\")")
    );
    let garbage = "GET /echo HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 6.6.6.6, unknown\r\n\r\n";
    assert_eq!(
        Client::ask(server.address, garbage).await.told("client"),
        "127.0.0.1"
    );
}

#[tokio::test]
async fn a_panic_is_a_page_with_a_code_and_the_connection_goes_on() {
    // F-30
    // Told as ever, so that a test that fails says why.
    mereau::metrics::count_panics(std::panic::take_hook());
    let before = mereau::metrics::panics();
    let drawn = Arc::new(AtomicUsize::new(0));
    let mut themed = layers();
    let count = Arc::clone(&drawn);
    themed.refusal_page = Arc::new(move |refusal| {
        count.fetch_add(1, Ordering::SeqCst);
        let text = format!(
            "page {} {} {:?}",
            refusal.status, refusal.request_id, refusal.accept_language
        );
        Response::new(Body::from(text))
    });
    let server = start_with(patient(), themed, None).await;
    let mut client = Client::connect(server.address).await;
    client
        .send("GET /panic HTTP/1.1\r\nHost: h\r\nAccept-Language: fr\r\n\r\n")
        .await;
    let answer = client.answer().await;
    let page = format!(
        "page 500 Internal Server Error {} Some(\"fr\")",
        answer.headers["x-request-id"]
    );
    assert_eq!((answer.status, answer.body), (500, page));
    assert!(mereau::metrics::panics() > before, "it is counted");
    client.send("GET /get HTTP/1.1\r\nHost: h\r\n\r\n").await;
    assert_eq!(client.answer().await.status, 200);
    assert_eq!(drawn.load(Ordering::SeqCst), 1);
}
