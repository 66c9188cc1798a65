//! What the edge refuses, with which status, and that what follows on the connection is never
//! taken for another request.

use tokio::io::AsyncReadExt;

use super::client::Client;
use super::server::{PATIENCE, TestServer, patient, start};

async fn status(server: &TestServer, request: impl AsRef<[u8]>) -> u16 {
    Client::ask(server.address, request).await.status
}

#[tokio::test]
async fn requests_that_two_parsers_could_read_differently_are_refused_and_end_the_connection() {
    // T-08
    let server = start(patient()).await;
    let follower = "GET /get HTTP/1.1\r\nHost: smuggled\r\n\r\n";
    for head in [
        "POST /form HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /form HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        "POST /form HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde",
        "POST /form HTTP/1.1\r\nHost: h\r\nContent-Length: +5\r\n\r\nabcde",
        "POST /form HTTP/1.1\r\nHost: h\r\nContent-Length: 5, 5\r\n\r\nabcde",
        "POST /form HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n",
        "POST /form HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, identity\r\n\r\n",
        "POST /form HTTP/1.1\r\nHost: h\r\nTransfer-Encoding : chunked\r\n\r\n",
        "POST /form HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET /get HTTP/1.1\r\nHost: h\r\nX-A: b\r\n folded\r\n\r\n",
        "GET /get HTTP/1.1\r\nHost: h\r\nX-A: b\0c\r\n\r\n",
        "GET /get HTTP/1.1\nHost: h\n\n",
        "GET /get HTTP/1.1\r\nHost: h\nX: y\r\n\r\n",
        "GET /get HTTP/1.1\rHost: h\r\n\r\n",
        "GET /get\r\n\r\n",
        "GET /get HTTP/2.0\r\nHost: h\r\n\r\n",
        "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n",
        "not http at all\r\n\r\n",
    ] {
        let mut client = Client::connect(server.address).await;
        client.send(format!("{head}{follower}")).await;
        assert_eq!(client.answer().await.status, 400, "{head:?}");
        assert!(client.closed().await.is_empty(), "{head:?}");
    }
}

#[tokio::test]
async fn a_request_names_one_host() {
    // T-08, T-78
    let server = start(patient()).await;
    for request in [
        "GET /get HTTP/1.1\r\n\r\n",
        "GET /get HTTP/1.1\r\nHost: a.fr\r\nHost: a.fr\r\n\r\n",
        "GET /get HTTP/1.1\r\nHost: a.fr\r\nHost: b.fr\r\n\r\n",
        "GET /get HTTP/1.1\r\nHost: a.fr, b.fr\r\n\r\n",
        "GET /get HTTP/1.1\r\nHost:\r\n\r\n",
        "GET http://evil.fr/get HTTP/1.1\r\nHost: a.fr\r\n\r\n",
        "GET https://evil.fr/get HTTP/1.1\r\nHost: a.fr\r\n\r\n",
    ] {
        assert_eq!(status(&server, request).await, 400, "{request:?}");
    }
    for request in [
        "GET /get HTTP/1.1\r\nHost: a.fr:8443\r\n\r\n",
        "GET /get HTTP/1.0\r\n\r\n",
        "GET http://a.fr/get HTTP/1.1\r\nHost: a.fr\r\n\r\n",
    ] {
        assert_eq!(status(&server, request).await, 200, "{request:?}");
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_is_400_and_never_an_empty_form() {
    // T-08
    let server = start(patient()).await;
    let mut client = Client::connect(server.address).await;
    client
        .send("POST /form HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na=1\r\nzz\r\n")
        .await;
    assert_eq!(client.answer().await.status, 400);
    assert!(client.closed().await.is_empty());

    let mut client = Client::connect(server.address).await;
    client
        .send("POST /form HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\na=1")
        .await;
    tokio::io::AsyncWriteExt::shutdown(&mut client.stream)
        .await
        .unwrap();
    assert_eq!(client.answer().await.status, 400);
}

#[tokio::test]
async fn too_much_of_anything_has_its_own_status() {
    // T-07
    let server = start(patient()).await;
    let block = format!(
        "GET /get HTTP/1.1\r\nHost: h\r\nX: {}\r\n\r\n",
        "x".repeat(17 * 1024)
    );
    assert_eq!(status(&server, block).await, 431);
    let fields: String = (0..101).map(|number| format!("X-{number}: y\r\n")).collect();
    assert_eq!(
        status(&server, format!("GET /get HTTP/1.1\r\nHost: h\r\n{fields}\r\n")).await,
        431
    );
    let target = format!("GET /get?{} HTTP/1.1\r\nHost: h\r\n\r\n", "x".repeat(40 * 1024));
    assert_eq!(status(&server, target).await, 414);
    let announced = "POST /form HTTP/1.1\r\nHost: h\r\nContent-Length: 70000\r\nExpect: 100-continue\r\n\r\n";
    assert_eq!(status(&server, announced).await, 413);
    let sent = format!("{announced}{}", "x".repeat(70_000)).replace("Expect: 100-continue\r\n", "");
    assert_eq!(status(&server, sent).await, 413);
    let chunk = format!("10000\r\n{}\r\n1\r\nx\r\n0\r\n\r\n", "x".repeat(0x10000));
    let chunked = format!("POST /form HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}");
    assert_eq!(status(&server, chunked).await, 413);
}

#[tokio::test]
async fn a_client_reads_its_refusal_however_much_it_goes_on_sending() {
    // T-07
    let server = start(patient()).await;
    let mut client = Client::connect(server.address).await;
    client.send(format!("GET /get?{}", "x".repeat(200 * 1024))).await;
    assert_eq!(client.answer().await.status, 414);
    let end = tokio::time::timeout(PATIENCE, client.stream.read(&mut [0; 16])).await;
    assert!(matches!(end.unwrap(), Ok(0)));
    // An end, not a reset: on a reset many systems throw away what was not read yet.
    assert!(client.stream.take_error().unwrap().is_none());
}

#[tokio::test]
async fn other_methods_get_405_and_hear_which_are_allowed() {
    // T-17
    let server = start(patient()).await;
    for method in ["TRACE", "PUT", "DELETE", "PATCH", "PROPFIND", "get", "REFUSEDX"] {
        let answer = Client::ask(
            server.address,
            format!("{method} /echo HTTP/1.1\r\nHost: h\r\n\r\n"),
        )
        .await;
        assert_eq!(answer.status, 405, "{method}");
        assert_eq!(answer.headers["allow"], "GET, HEAD, POST, OPTIONS");
    }
    let connect = "CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n";
    assert_eq!(status(&server, connect).await, 405);
}

#[tokio::test]
async fn a_path_spelled_any_other_way_is_not_found() {
    // T-18
    let server = start(patient()).await;
    assert_eq!(status(&server, "GET /get HTTP/1.1\r\nHost: h\r\n\r\n").await, 200);
    for path in [
        "//get",
        "/./get",
        "/x/../get",
        "/%67et",
        "/%2e/get",
        "/x/%2e%2e/get",
        "/x%2f..%2fget",
        "/get%2f",
        "/get;x",
        "/get/",
        "/GET",
        "/x/..;/get",
        "/get%00",
        "/\\get",
        "/x%5c..%5cget",
    ] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: h\r\n\r\n");
        assert_eq!(status(&server, request).await, 404, "{path}");
    }
}

#[tokio::test]
async fn whoever_sends_our_stand_in_for_a_refused_request_is_refused() {
    let server = start(patient()).await;
    assert_eq!(
        status(&server, "REFUSED /431 HTTP/1.1\r\nHost: h\r\n\r\n").await,
        431
    );
    assert_eq!(
        status(&server, "REFUSED /200 HTTP/1.1\r\nHost: h\r\n\r\n").await,
        400
    );
    assert_eq!(
        status(&server, "REFUSED /get HTTP/1.1\r\nHost: h\r\n\r\n").await,
        400
    );
}
