//! How the edge ends: what is in flight is finished, nothing new begins, what does not end is cut.

use mereau::http::server::{Drained, ServerSettings};
use tokio::net::TcpStream;

use super::client::Client;
use super::server::{NEVER, SOON, patient, start};

#[tokio::test]
async fn a_stop_finishes_what_is_in_flight_and_takes_nothing_new() {
    // F-23
    let mut server = start(patient()).await;
    let mut busy = Client::connect(server.address).await;
    busy.send("GET /held HTTP/1.1\r\nHost: h\r\n\r\n").await;
    assert_eq!(server.event().await, "held");
    let mut idle = Client::connect(server.address).await;
    idle.send("GET /get HTTP/1.1\r\nHost: h\r\n\r\n").await;
    assert_eq!(idle.answer().await.status, 200);
    let mut silent = Client::connect(server.address).await;

    server.stop.cancel();
    assert!(idle.closed().await.is_empty());
    assert!(silent.closed().await.is_empty());
    assert!(TcpStream::connect(server.address).await.is_err());

    server.release.add_permits(1);
    let answer = busy.answer().await;
    assert_eq!(
        (answer.body.as_str(), answer.headers["connection"].as_str()),
        ("done", "close")
    );
    assert!(busy.closed().await.is_empty());
    assert_eq!(server.task.await.unwrap().cut, 0);
}

#[tokio::test]
async fn what_is_on_its_way_to_an_idle_connection_at_a_stop_is_answered() {
    // F-23
    let server = start(ServerSettings {
        linger: NEVER,
        ..patient()
    })
    .await;
    // Taken before the next one, which is answered: the stop finds both open.
    let mut fresh = Client::connect(server.address).await;
    let mut kept = Client::connect(server.address).await;
    kept.send("GET /get HTTP/1.1\r\nHost: h\r\n\r\n").await;
    assert_eq!(kept.answer().await.headers.get("connection"), None);

    server.stop.cancel();
    while TcpStream::connect(server.address).await.is_ok() {}
    for client in [&mut kept, &mut fresh] {
        let form = "POST /form HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\na=b\n";
        client.send(form).await;
        let answer = client.answer().await;
        assert_eq!(
            (answer.body.as_str(), answer.headers["connection"].as_str()),
            ("a=b\n", "close")
        );
        assert!(client.closed().await.is_empty());
    }
    assert_eq!(server.task.await.unwrap().cut, 0);
}

#[tokio::test]
async fn what_does_not_end_in_time_is_cut() {
    // F-23
    let mut server = start(ServerSettings {
        drain: SOON,
        ..patient()
    })
    .await;
    let mut busy = Client::connect(server.address).await;
    busy.send("GET /held HTTP/1.1\r\nHost: h\r\n\r\n").await;
    assert_eq!(server.event().await, "held");
    server.stop.cancel();
    assert!(busy.closed().await.is_empty());
    assert_eq!(server.task.await.unwrap(), Drained { finished: 0, cut: 1 });
}
