//! Hostile bytes after a whole handshake of TLS, where HTTP/1.1 or HTTP/2 was agreed on: each costs its own
//! connection, and all of them together little memory.

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, copy, sink, split};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;

use crate::edge_attacks::{Noise, secured};
use crate::floods_of::{
    CONTINUATION, DATA, END_HEADERS, END_STREAM, HEADERS, WINDOW_UPDATE, frame, head_to, opening,
};
use crate::process_limits::{peak, peak_from_now};
use crate::support::browser::Browser;
use crate::support::certificates::Authority;
use crate::support::served::{Options, Served};
use crate::support::slapd::{self, Slapd};
use crate::support::wait;

const PROTOCOLS: [&str; 2] = ["http/1.1", "h2"];

/// What all of them may cost; 1.4 MiB were seen.
const ROOM: u64 = 8 << 20;

/// Bytes, and what follows them again and again.
struct Endless {
    name: &'static str,
    first: Vec<u8>,
    more: Vec<u8>,
}

fn endless(name: &'static str, first: &[u8], more: &[u8]) -> Endless {
    let more = more.repeat((16_000 / more.len()).max(1));
    let first = first.to_vec();
    Endless { name, first, more }
}

fn without_end() -> Vec<Endless> {
    let begun = b"GET /cas/login HTTP/1.1\r\nHost: localhost\r\n";
    let chunks = b"POST /cas/login HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
    let continued = frame(CONTINUATION, 0, 1, &[b'x'; 4000]);
    // A text that is said to be of 268 million bytes.
    let long = [0x7f, 0x80, 0xff, 0xff, 0x7f];
    let field = [&[0x00, 1, b'x'][..], &long].concat();
    let path = [&[0x82, 0x87, 0x04][..], &long].concat();
    let in_frames = |block: &[u8]| [opening(), frame(HEADERS, END_STREAM, 1, block)].concat();
    vec![
        endless("a request line", b"GET /cas/login?", b"x"),
        endless("a method", b"GET", b"T"),
        endless("a header line", &[&begun[..], b"X: "].concat(), b"x"),
        endless("the name of a header", begun, b"x"),
        endless("header lines", begun, b"X: y\r\n"),
        endless("blank lines", b"", b"\r\n"),
        endless("a chunk's extension", &[&chunks[..], b"1;"].concat(), b"x"),
        endless("a chunk's length", chunks, b"0"),
        endless("trailers", &[&chunks[..], b"0\r\n"].concat(), b"X: y\r\n"),
        endless("a field of HTTP/2", &in_frames(&field), &continued),
        endless("a path of HTTP/2", &in_frames(&path), &continued),
        endless("zeros", b"", b"\0"),
    ]
}

/// Noise, some of it behind the beginning of something good, and frames with anything in them.
fn noise() -> Vec<Vec<u8>> {
    let mut noise = Noise(20_261_128);
    let rounds = 0..60;
    let bytes = rounds.map(|round| {
        let begin = match round % 4 {
            0 => opening(),
            1 => b"POST /cas/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 40\r\n\r\n".to_vec(),
            2 => return [opening(), frames(&mut noise)].concat(),
            _ => Vec::new(),
        };
        [begin, noise.bytes()].concat()
    });
    bytes.collect()
}

/// Most of a kind that there is, and most on few streams: others are read over.
fn frames(noise: &mut Noise) -> Vec<u8> {
    let mut all = Vec::new();
    for _ in 0..50 {
        let [kind, flags, stream, length, ..] = noise.next().to_be_bytes();
        let payload: Vec<u8> = noise.bytes().into_iter().take(usize::from(length)).collect();
        all.extend(frame(kind % 11, flags, usize::from(stream % 8), &payload));
    }
    all
}

/// Sends the bytes, then `more` until the server has had enough; whether it ever had.
async fn thrown(stream: TlsStream<TcpStream>, bytes: &[u8], more: &[u8]) -> bool {
    let (mut reading, mut writing) = split(stream);
    // What the server says is taken: it has no reason to wait for us.
    let heard = tokio::spawn(async move { copy(&mut reading, &mut sink()).await });
    let all = async {
        let mut open = writing.write_all(bytes).await.is_ok();
        while open && !more.is_empty() {
            open = writing.write_all(more).await.is_ok() && !heard.is_finished();
        }
        let _ = writing.shutdown().await;
        let _ = heard.await;
    };
    timeout(wait::PATIENCE, all).await.is_ok()
}

/// Connections of somebody else, one for each protocol.
struct Others {
    first: TlsStream<TcpStream>,
    second: TlsStream<TcpStream>,
    stream: usize,
}

impl Others {
    async fn to(served: &Served) -> Others {
        let (first, mut second) = (secured(served, "http/1.1").await, secured(served, "h2").await);
        second.write_all(&opening()).await.unwrap();
        let stream = 1;
        Others {
            first,
            second,
            stream,
        }
    }

    async fn are_answered(&mut self) {
        let request = b"GET /cas/login HTTP/1.1\r\nHost: localhost\r\n\r\n";
        self.first.write_all(request).await.unwrap();
        page(&mut self.first).await;
        let head = head_to(0x82, "/cas/login");
        let asked = frame(HEADERS, END_STREAM | END_HEADERS, self.stream, &head);
        self.second.write_all(&asked).await.unwrap();
        page_in_frames(&mut self.second, self.stream).await;
        self.stream += 2;
    }
}

async fn page(stream: &mut (impl AsyncRead + Unpin)) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.expect("an answer"));
    }
    let head = String::from_utf8(head).unwrap().to_lowercase();
    assert!(head.starts_with("http/1.1 200"), "{head}");
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.expect("a length").parse().unwrap()];
    stream.read_exact(&mut body).await.unwrap();
}

async fn page_in_frames(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), wanted: usize) {
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await.expect("a frame");
        let [a, b, c, kind, flags, at @ ..] = head;
        let length = u32::from_be_bytes([0, a, b, c]);
        let mut payload = vec![0; length as usize];
        stream.read_exact(&mut payload).await.unwrap();
        let its = u32::from_be_bytes(at) as usize == wanted;
        if kind == HEADERS && its {
            assert_eq!(payload[0], 0x88, "not 200");
        }
        if kind == DATA && length > 0 {
            let room = frame(WINDOW_UPDATE, 0, 0, &length.to_be_bytes());
            stream.write_all(&room).await.unwrap();
        }
        if kind <= HEADERS && its && flags & END_STREAM != 0 {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_bytes_under_tls_cost_their_own_connection_and_little_memory() {
    // T-01, T-08, T-10
    let slapd = Slapd::start(&slapd::Options::default());
    let authority = Authority::new();
    let served = Served::start(&Options {
        authority: Some(&authority),
        ..Options::on(&slapd, "memory:")
    });
    let (process, login) = (served.id(), served.address("/login", &[]));
    let mut others = Others::to(&served).await;
    others.are_answered().await;
    let before = peak_from_now(process);
    for Endless { name, first, more } in without_end() {
        for protocol in PROTOCOLS {
            let cut = thrown(secured(&served, protocol).await, &first, &more).await;
            assert!(cut, "{name} without end goes on in {protocol}");
        }
        others.are_answered().await;
    }
    for (number, bytes) in noise().iter().enumerate() {
        for protocol in PROTOCOLS {
            let closed = thrown(secured(&served, protocol).await, bytes, &[]).await;
            assert!(closed, "never closed after noise {number} in {protocol}");
        }
        if number % 5 == 0 {
            others.are_answered().await;
            let page = Browser::new(Some(&authority)).get(&login).await;
            assert_eq!(page.reply.status, 200);
        }
    }
    let more = peak(process).saturating_sub(before);
    assert!(more < ROOM, "{more} bytes more");
    assert!(!served.output().contains("panicked"), "{}", served.output());
}
