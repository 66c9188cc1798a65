//! The edge over HTTP/2: the same rules, other frames.

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use mereau::http::server::ServerSettings;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use super::client::Client;
use super::floods_of::{ACK, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, PING, frame, head_to, opening};
use super::server::{PATIENCE, SOON, patient};
use super::tls::{Secured, start_secured};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];

/// A client whose windows let at most `window` bytes of a body through before it reads.
async fn session(secured: &Secured, window: u32) -> SendRequest<Full<Bytes>> {
    let stream = TokioIo::new(secured.connect("h2").await.unwrap());
    let (sender, connection) = http2::Builder::new(TokioExecutor::new())
        .initial_stream_window_size(window)
        .handshake(stream)
        .await
        .unwrap();
    tokio::spawn(connection);
    sender
}

fn request(target: &str) -> Request<Full<Bytes>> {
    let uri = format!("https://localhost{target}");
    Request::builder().uri(uri).body(Full::default()).unwrap()
}

#[tokio::test]
async fn a_request_over_http2_is_seen_as_one_over_http1() {
    // CAS-8
    let secured = start_secured(patient()).await;
    let mut sender = session(&secured, 65_535).await;
    let answer = sender
        .send_request(request("/echo?u=\u{e9}&s=%zz"))
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(answer.headers().contains_key("x-request-id"));
    let text = answer.into_body().collect().await.unwrap().to_bytes();
    let text = std::str::from_utf8(&text).unwrap();
    assert!(text.starts_with("GET /echo?u=%C3%A9&s=%zz\n"), "{text}");
    assert!(text.contains("host=Some(\"localhost\")"), "{text}");
}

#[tokio::test]
async fn the_limits_hold_over_http2() {
    // T-07, T-17, T-18, CAS-11
    let secured = start_secured(patient()).await;
    let mut sender = session(&secured, 65_535).await;
    let service = format!("/get?service={}", "%C3".repeat(8 * 1024));
    for (target, status) in [
        (service.as_str(), 200),
        ("//get", 404),
        ("/%67et", 404),
        ("/get", 200),
    ] {
        let answer = sender.send_request(request(target)).await.unwrap();
        assert_eq!(answer.status(), status, "{target}");
    }
    let long = format!("/get?{}", "x".repeat(33 * 1024));
    assert_eq!(sender.send_request(request(&long)).await.unwrap().status(), 414);
    let mut wide = request("/get");
    wide.headers_mut()
        .insert("x-wide", "x".repeat(17 * 1024).parse().unwrap());
    assert_eq!(sender.send_request(wide).await.unwrap().status(), 431);
    let mut put = request("/get");
    *put.method_mut() = http::Method::PUT;
    assert_eq!(sender.send_request(put).await.unwrap().status(), 405);
    let mut large = request("/form");
    *large.method_mut() = http::Method::POST;
    *large.body_mut() = Full::from(vec![b'x'; 70_000]);
    assert_eq!(sender.send_request(large).await.unwrap().status(), 413);
}

#[tokio::test]
async fn a_preface_without_a_request_is_closed_and_a_head_that_never_ends_too() {
    // T-01, T-02, F-28
    let secured = start_secured(ServerSettings {
        head: SOON,
        ..patient()
    })
    .await;
    // HEADERS on stream 1 without END_HEADERS, one byte of block.
    let endless = [PREFACE, SETTINGS, &[0, 0, 1, 1, 1, 0, 0, 0, 1, 0x82]].concat();
    for sent in [&PREFACE[..10], PREFACE, &[PREFACE, SETTINGS].concat(), &endless] {
        let mut client = Client::on(secured.connect("h2").await.unwrap());
        client.send(sent).await;
        client.closed().await;
    }
}

#[tokio::test]
async fn an_idle_session_is_closed() {
    // T-04, F-28
    let secured = start_secured(ServerSettings {
        idle: SOON,
        ..patient()
    })
    .await;
    let mut sender = session(&secured, 65_535).await;
    let answer = sender.send_request(request("/get")).await.unwrap();
    answer.into_body().collect().await.unwrap();
    let closed = async {
        while sender.ready().await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, closed)
        .await
        .expect("it stays open");
}

#[tokio::test]
async fn a_client_that_opens_no_window_for_its_answer_is_cut() {
    // T-05, F-28
    let mut secured = start_secured(ServerSettings {
        delivery: SOON,
        ..patient()
    })
    .await;
    let mut sender = session(&secured, 1000).await;
    let answer = sender.send_request(request("/endless")).await.unwrap();
    assert_eq!(secured.server.event().await, "dropped");
    drop(answer);
}

#[tokio::test]
async fn a_stop_finishes_the_streams_in_flight() {
    // F-23
    let mut secured = start_secured(patient()).await;
    let mut sender = session(&secured, 65_535).await;
    let held = tokio::spawn(sender.send_request(request("/held")));
    assert_eq!(secured.server.event().await, "held");
    secured.server.stop.cancel();
    secured.server.release.add_permits(1);
    let answer = held.await.unwrap().unwrap();
    assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), "done");
    assert_eq!(secured.server.task.await.unwrap().cut, 0);
}

#[tokio::test]
async fn a_stop_says_goaway_without_an_error_and_takes_no_stream_after_it() {
    // F-23
    let mut secured = start_secured(patient()).await;
    let mut frames = Frames(secured.connect("h2").await.unwrap());
    let held = head_to(0x82, "/held");
    let ask = |stream| frame(HEADERS, END_HEADERS | END_STREAM, stream, &held);
    frames.send(&[opening(), ask(1)].concat()).await;
    assert_eq!(secured.server.event().await, "held");

    secured.server.stop.cancel();
    let said = frames.until(|said| said.kind == GOAWAY).await;
    assert_eq!(goaway(&said), (0x7fff_ffff, 0), "it goes, without an error");
    // What was under way to the server before we had heard that is taken: it asks whether we have.
    frames.send(&ask(3)).await;
    assert_eq!(secured.server.event().await, "held");
    let asked = frames.until(|said| said.kind == PING && said.flags != ACK).await;
    frames.send(&frame(PING, ACK, 0, &asked.payload)).await;
    let said = frames.until(|said| said.kind == GOAWAY).await;
    assert_eq!(goaway(&said), (3, 0), "nothing behind the two");

    // Its answer shows that the server has read what came before it.
    frames
        .send(&[ask(5), frame(PING, 0, 0, b"farewell")].concat())
        .await;
    frames
        .until(|said| said.flags == ACK && said.payload == b"farewell")
        .await;
    assert!(secured.server.events.try_recv().is_err(), "a third was taken");

    secured.server.release.add_permits(3);
    let mut answered = Vec::new();
    while let Some(said) = frames.next().await {
        assert_ne!(said.stream, 5, "{said:?}");
        assert!(said.kind != GOAWAY || goaway(&said).1 == 0, "{said:?}");
        if said.kind == DATA && !said.payload.is_empty() {
            assert_eq!(said.payload, b"done");
            answered.push(said.stream);
        }
    }
    answered.sort_unstable();
    assert_eq!(answered, [1, 3]);
    assert!(secured.server.events.try_recv().is_err(), "a third was taken");
    assert_eq!(secured.server.task.await.unwrap().cut, 0);
}

#[tokio::test]
async fn a_client_that_asks_and_cancels_without_end_is_told_to_calm_down() {
    // T-09
    let secured = start_secured(patient()).await;
    let mut client = Client::on(secured.connect("h2").await.unwrap());
    let mut flood = [PREFACE, SETTINGS].concat();
    for stream in (1_u32..4000).step_by(2) {
        let number = stream.to_be_bytes();
        // GET https://h/ in HPACK, then CANCEL.
        flood.extend([0, 0, 6, 1, 5]);
        flood.extend(number);
        flood.extend([0x82, 0x87, 0x84, 0x41, 1, b'h']);
        flood.extend([0, 0, 4, 3, 0]);
        flood.extend(number);
        flood.extend([0, 0, 0, 8]);
    }
    // The server may close before it has read everything.
    let _ = client.stream.write_all(&flood).await;
    let said = client.closed().await;
    assert_eq!(last_goaway(&said), Some(11), "ENHANCE_YOUR_CALM");
}

#[tokio::test]
async fn the_server_says_how_many_requests_at_once_and_how_long_a_head_it_takes() {
    // T-10
    let secured = start_secured(patient()).await;
    let mut client = Client::on(secured.connect("h2").await.unwrap());
    client.send([PREFACE, SETTINGS].concat()).await;
    let mut head = [0; 9];
    client.stream.read_exact(&mut head).await.unwrap();
    assert_eq!(head[3], 4, "SETTINGS");
    let mut said = vec![0; usize::from(head[2])];
    client.stream.read_exact(&mut said).await.unwrap();
    let value = |id: u16| {
        let mut all = said.chunks_exact(6);
        let one = all.find(|one| one[..2] == id.to_be_bytes())?;
        Some(u32::from_be_bytes(one[2..].try_into().unwrap()))
    };
    assert_eq!(value(3), Some(64), "MAX_CONCURRENT_STREAMS");
    // 16 kB of fields and the target, which HTTP/2 counts among them; the fields alone have their own limit.
    let limits = ServerSettings::default();
    assert_eq!(limits.largest_header_block, 16 * 1024);
    let most = limits.longest_target + limits.largest_header_block;
    assert_eq!(value(6), u32::try_from(most).ok(), "MAX_HEADER_LIST_SIZE");
}

/// What the server says, one frame after the other.
struct Frames(TlsStream<TcpStream>);

#[derive(Debug)]
struct Said {
    kind: u8,
    flags: u8,
    stream: u32,
    payload: Vec<u8>,
}

impl Frames {
    async fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.unwrap();
        self.0.flush().await.unwrap();
    }

    /// `None` at the end of the connection.
    async fn next(&mut self) -> Option<Said> {
        let mut head = [0; 9];
        let reading = tokio::time::timeout(PATIENCE, self.0.read_exact(&mut head));
        reading.await.expect("neither a frame nor the end").ok()?;
        let mut payload = vec![0; usize::from(head[1]) << 8 | usize::from(head[2])];
        self.0.read_exact(&mut payload).await.unwrap();
        Some(Said {
            kind: head[3],
            flags: head[4],
            stream: u32::from_be_bytes(head[5..].try_into().unwrap()),
            payload,
        })
    }

    async fn until(&mut self, is_it: impl Fn(&Said) -> bool) -> Said {
        loop {
            let said = self.next().await.expect("closed before it was said");
            if is_it(&said) {
                return said;
            }
        }
    }
}

/// The last stream that a GOAWAY names, and its error code.
fn goaway(said: &Said) -> (u32, u32) {
    let number = |at: usize| u32::from_be_bytes(said.payload[at..at + 4].try_into().unwrap());
    (number(0), number(4))
}

/// The error code of the last GOAWAY among `frames`.
fn last_goaway(mut frames: &[u8]) -> Option<u32> {
    let mut code = None;
    while let Some((head, rest)) = frames.split_at_checked(9) {
        let length = usize::from(head[1]) << 8 | usize::from(head[2]);
        let (payload, next) = rest.split_at_checked(length)?;
        if head[3] == 7 {
            code = Some(u32::from_be_bytes(payload[4..8].try_into().unwrap()));
        }
        frames = next;
    }
    code
}
