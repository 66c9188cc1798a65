//! Clients that are silent or slow. Each test sets the one deadline under test to 200 ms and all
//! others to an hour: that the connection ends at all proves which one ended it.

use mereau::http::server::ServerSettings;
use tokio::io::AsyncWriteExt;

use super::client::Client;
use super::server::{PATIENCE, SOON, TestServer, layers, patient, start, start_with};

const REQUEST: &str = "GET /get HTTP/1.1\r\nHost: h\r\n\r\n";

/// Sends one byte at a time until the server closes.
async fn drip(client: &mut Client, byte: &[u8]) {
    let mut pause = tokio::time::interval(SOON / 20);
    let dripping = async {
        while client.stream.write_all(byte).await.is_ok() {
            pause.tick().await;
        }
    };
    tokio::time::timeout(PATIENCE, dripping)
        .await
        .expect("it listens on and on");
}

/// So many clients on kept connections, the longest idle first.
async fn answered(server: &TestServer, count: usize) -> Vec<Client> {
    let mut held = Vec::new();
    for _ in 0..count {
        let mut client = Client::connect(server.address).await;
        client.send(REQUEST).await;
        assert_eq!(client.answer().await.status, 200);
        held.push(client);
    }
    held
}

#[tokio::test]
async fn a_client_that_never_says_anything_is_closed() {
    // T-01, F-28
    let server = start(ServerSettings {
        first_byte: SOON,
        ..patient()
    })
    .await;
    assert!(Client::connect(server.address).await.closed().await.is_empty());
}

#[tokio::test]
async fn a_head_that_drips_is_closed_however_often_a_byte_comes() {
    // T-02, F-28
    let server = start(ServerSettings {
        head: SOON,
        ..patient()
    })
    .await;
    let mut client = Client::connect(server.address).await;
    client.send("GET /get HTTP/1.1\r\nHost: h\r\nX-Drip: ").await;
    drip(&mut client, b"x").await;
}

#[tokio::test]
async fn a_second_head_that_drips_on_a_kept_connection_is_closed_too() {
    // T-02, F-28
    let server = start(ServerSettings {
        head: SOON,
        ..patient()
    })
    .await;
    let mut client = Client::connect(server.address).await;
    client.send(REQUEST).await;
    assert_eq!(client.answer().await.status, 200);
    client.send("GET /get HTT").await;
    assert!(client.closed().await.is_empty());
}

#[tokio::test]
async fn a_body_that_stops_or_drips_is_answered_408() {
    // T-03, F-28
    let mut slow = layers();
    slow.body.grace = SOON;
    let server = start_with(patient(), slow, None).await;
    let mut client = Client::connect(server.address).await;
    client
        .send("POST /form HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\na=")
        .await;
    let answer = client.answer().await;
    assert_eq!(answer.status, 408);
    assert!(client.closed().await.is_empty());

    let mut whole = layers();
    whole.body.whole = SOON;
    let server = start_with(patient(), whole, None).await;
    let mut client = Client::connect(server.address).await;
    client
        .send("POST /form HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
        .await;
    for _ in 0..5 {
        client.send("1\r\nx\r\n").await;
    }
    assert_eq!(client.answer().await.status, 408);
}

#[tokio::test]
async fn a_connection_kept_for_nothing_is_closed() {
    // T-04, F-28
    let server = start(ServerSettings {
        idle: SOON,
        ..patient()
    })
    .await;
    let mut client = Client::connect(server.address).await;
    client.send(REQUEST).await;
    assert_eq!(client.answer().await.status, 200);
    assert!(client.closed().await.is_empty());
}

#[tokio::test]
async fn a_handler_may_take_longer_than_any_deadline_of_clients() {
    // F-28
    let mut server = start(ServerSettings {
        first_byte: SOON,
        head: SOON,
        idle: SOON,
        delivery: SOON,
        ..patient()
    })
    .await;
    let mut client = Client::connect(server.address).await;
    client.send("GET /held HTTP/1.1\r\nHost: h\r\n\r\n").await;
    assert_eq!(server.event().await, "held");
    // Another connection idles out meanwhile: that much time has passed for this one too.
    let mut other = Client::connect(server.address).await;
    other.send(REQUEST).await;
    assert_eq!(other.answer().await.status, 200);
    assert!(other.closed().await.is_empty());
    server.release.add_permits(1);
    assert_eq!(client.answer().await.body, "done");
}

#[tokio::test]
async fn a_client_that_does_not_take_its_answer_is_cut() {
    // T-05, F-28
    let mut server = start(ServerSettings {
        delivery: SOON,
        ..patient()
    })
    .await;
    let mut client = Client::connect(server.address).await;
    client.send("GET /endless HTTP/1.1\r\nHost: h\r\n\r\n").await;
    assert_eq!(server.event().await, "dropped");
}

#[tokio::test]
async fn one_network_may_have_so_many_and_its_own_longest_idle_makes_room() {
    // F-27
    let server = start(ServerSettings {
        connections_per_network: 2,
        ..patient()
    })
    .await;
    let mut held = answered(&server, 2).await;
    assert_eq!(Client::ask(server.address, REQUEST).await.status, 200);
    assert!(held[0].closed().await.is_empty());
    held[1].send(REQUEST).await;
    assert_eq!(held[1].answer().await.status, 200);
}

#[tokio::test]
async fn the_longest_idle_connections_make_room_for_a_new_one() {
    // T-06, F-27
    let server = start(ServerSettings {
        most_connections: 3,
        ..patient()
    })
    .await;
    let mut idle = answered(&server, 3).await;
    assert_eq!(Client::ask(server.address, REQUEST).await.status, 200);
    assert!(idle[0].closed().await.is_empty());
    idle[2].send(REQUEST).await;
    assert_eq!(idle[2].answer().await.status, 200);
}
