//! PROXY protocol, version 2: demanded of every connection where it is set, and nowhere else; and that nothing
//! a client says of itself counts.

use ipnet::IpNet;
use mereau::http::server::ServerSettings;

use super::client::Client;
use super::server::{TestServer, layers, patient, start, start_with};

const ECHO: &str =
    "GET /echo HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 6.6.6.6\r\nForwarded: for=8.8.8.8\r\n\r\n";

/// From 203.0.113.7:8080 to 10.0.0.1:443.
const ANNOUNCED: &[u8] = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xcb\0\x71\x07\x0a\0\0\x01\x1f\x90\x01\xbb";

/// The proxy for itself.
const LOCAL: &[u8] = b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0";

async fn demanding(proxies: &str) -> TestServer {
    let proxies: Vec<IpNet> = vec![proxies.parse().unwrap()];
    let settings = ServerSettings {
        announced_by: Some(proxies.clone()),
        ..patient()
    };
    let mut layers = layers();
    layers.trusted_proxies = proxies;
    start_with(settings, layers, None).await
}

/// Who the client is that begins with these bytes and then asks.
async fn asked(server: &TestServer, announced: &[u8]) -> String {
    let answer = Client::ask(server.address, [announced, ECHO.as_bytes()].concat()).await;
    answer.told("client").to_owned()
}

#[tokio::test]
async fn whom_a_listed_proxy_announces_is_the_client_and_forwarded_fields_count_no_more() {
    // T-16
    let server = demanding("127.0.0.0/8").await;
    assert_eq!(asked(&server, ANNOUNCED).await, "203.0.113.7");
    // The proxy for itself is a proxy: whom it forwards counts.
    assert_eq!(asked(&server, LOCAL).await, "6.6.6.6");
}

#[tokio::test]
async fn who_looks_after_this_machine_speaks_for_itself_alone() {
    // T-16
    let server = demanding("10.0.0.0/8").await;
    assert_eq!(asked(&server, LOCAL).await, "127.0.0.1");
}

#[tokio::test]
async fn a_connection_that_is_not_announced_or_by_a_stranger_is_closed_without_a_word() {
    // T-16
    let server = demanding("127.0.0.0/8").await;
    let stranger = demanding("10.0.0.0/8").await;
    let first = b"PROXY TCP4 203.0.113.7 10.0.0.1 8080 443\r\n";
    for (address, begin) in [
        (server.address, &b""[..]),
        (server.address, &first[..]),
        (server.address, &ANNOUNCED[..8]),
        (stranger.address, ANNOUNCED),
    ] {
        let mut client = Client::connect(address).await;
        client.send([begin, ECHO.as_bytes()].concat()).await;
        assert!(client.closed().await.is_empty());
    }
    assert_eq!(asked(&server, ANNOUNCED).await, "203.0.113.7");
}

#[tokio::test]
async fn where_nobody_announces_the_bytes_of_it_are_no_request() {
    // T-16
    let server = start(patient()).await;
    let mut client = Client::connect(server.address).await;
    client.send([ANNOUNCED, ECHO.as_bytes()].concat()).await;
    assert_eq!(client.answer().await.status, 400);
    client.closed().await;
    let mut again = Client::connect(server.address).await;
    again.send(b"PROXY TCP4 203.0.113.7 10.0.0.1 8080 443\r\n").await;
    again.send(ECHO).await;
    assert_eq!(again.answer().await.status, 400);
}
