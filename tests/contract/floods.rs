//! Frames of HTTP/2 as bytes, and floods of them: what a client sends that asks for nothing and makes a server
//! work.
#![allow(dead_code, reason = "one of the suites sends single frames, too")]

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, copy, sink, split};

/// One kind of flood.
pub struct Flood {
    pub name: &'static str,
    /// The next bytes after so many frames, and how many frames they are.
    pub next: fn(usize) -> (Vec<u8>, usize),
}

/// Frames in one piece.
const PIECE: usize = 500;

pub const DATA: u8 = 0;
pub const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
pub const PING: u8 = 6;
pub const GOAWAY: u8 = 7;
pub const WINDOW_UPDATE: u8 = 8;
pub const CONTINUATION: u8 = 9;
const PRIORITY: u8 = 2;

pub const ACK: u8 = 1;
pub const END_STREAM: u8 = 1;
pub const END_HEADERS: u8 = 4;

/// Preface and settings.
pub fn opening() -> Vec<u8> {
    [
        &b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..],
        &frame(SETTINGS, 0, 0, &[]),
    ]
    .concat()
}

pub fn frame(kind: u8, flags: u8, stream: usize, payload: &[u8]) -> Vec<u8> {
    let [_, a, b, c] = u32::try_from(payload.len()).expect("a length").to_be_bytes();
    let stream = u32::try_from(stream).expect("a stream").to_be_bytes();
    [&[a, b, c, kind, flags][..], &stream, payload].concat()
}

fn repeated(kind: u8, stream: usize, payload: &[u8]) -> (Vec<u8>, usize) {
    (frame(kind, 0, stream, payload).repeat(PIECE), PIECE)
}

/// A literal field without indexing.
pub fn field(name: &str, value: &str) -> Vec<u8> {
    let text = |text: &str| {
        let length = u8::try_from(text.len()).expect("short");
        assert!(length < 127);
        [&[length], text.as_bytes()].concat()
    };
    [vec![0], text(name), text(value)].concat()
}

/// GET https://localhost/get, or POST /form, in HPACK.
pub fn head(post: bool) -> Vec<u8> {
    let (method, path) = if post { (0x83, "/form") } else { (0x82, "/get") };
    head_to(method, path)
}

/// A request of a short path; `method` by its number in HPACK's table.
pub fn head_to(method: u8, path: &str) -> Vec<u8> {
    let short = |index: u8, text: &str| [&[index, text.len() as u8], text.as_bytes()].concat();
    [vec![method, 0x87], short(0x04, path), short(0x01, "localhost")].concat()
}

/// The stream of the next request, by what has been sent.
fn stream(number: usize) -> usize {
    number * 2 + 1
}

/// Floods one connection until the server has had enough; how many frames that took, nothing after `most`.
pub async fn flooded<S>(stream: S, flood: &Flood, most: usize, patience: Duration) -> Option<usize>
where
    S: AsyncRead + AsyncWrite + Send + 'static,
{
    let (mut reading, mut writing) = split(stream);
    // What the server says is taken: it has no reason to wait for us.
    let heard = tokio::spawn(async move { copy(&mut reading, &mut sink()).await });
    let mut sent = 0;
    let mut open = writing.write_all(&opening()).await.is_ok();
    while open && sent < most {
        let (bytes, frames) = (flood.next)(sent);
        sent += frames;
        open = writing.write_all(&bytes).await.is_ok() && !heard.is_finished();
    }
    let over = !open || tokio::time::timeout(patience, heard).await.is_ok();
    over.then_some(sent)
}

pub const FLOODS: &[Flood] = &[
    Flood {
        name: "rapid reset",
        next: |sent| {
            let requests = (sent / 2)..(sent / 2 + PIECE);
            let pair = |number| {
                let cancel = frame(RST_STREAM, 0, stream(number), &[0, 0, 0, 8]);
                [
                    frame(HEADERS, END_STREAM | END_HEADERS, stream(number), &head(false)),
                    cancel,
                ]
                .concat()
            };
            (requests.flat_map(pair).collect(), PIECE * 2)
        },
    },
    Flood {
        name: "CONTINUATION without end",
        next: |sent| match sent {
            0 => (frame(HEADERS, END_STREAM, 1, &head(false)), 1),
            _ => repeated(CONTINUATION, 1, &field("x", "y")),
        },
    },
    Flood {
        name: "empty CONTINUATION",
        next: |sent| match sent {
            0 => (frame(HEADERS, END_STREAM, 1, &head(false)), 1),
            _ => repeated(CONTINUATION, 1, &[]),
        },
    },
    Flood {
        name: "SETTINGS",
        next: |_| repeated(SETTINGS, 0, &[0, 4, 0, 1, 0, 0]),
    },
    Flood {
        name: "PING",
        next: |_| repeated(PING, 0, &[7; 8]),
    },
    Flood {
        name: "PRIORITY",
        next: |_| repeated(PRIORITY, 1, &[0, 0, 0, 0, 16]),
    },
    Flood {
        name: "WINDOW_UPDATE",
        next: |_| repeated(WINDOW_UPDATE, 0, &[0, 0, 0, 1]),
    },
    Flood {
        name: "empty DATA",
        next: |sent| match sent {
            0 => (frame(HEADERS, END_HEADERS, 1, &head(true)), 1),
            _ => repeated(DATA, 1, &[]),
        },
    },
    Flood {
        name: "DATA of one byte",
        next: |sent| match sent {
            0 => (frame(HEADERS, END_HEADERS, 1, &head(true)), 1),
            _ => repeated(DATA, 1, b"x"),
        },
    },
    Flood {
        name: "HPACK bomb",
        next: |sent| {
            // A field of 4,000 bytes into the table, then named 15,000 times in each head.
            let mut first = vec![0x40, 1, b'x', 0x7f, 0xa1, 0x1e];
            first.extend([b'y'; 4000]);
            let mut block = head(false);
            if sent == 0 {
                block.extend(first);
            } else {
                block.extend([0xbe; 15_000]);
            }
            (frame(HEADERS, END_STREAM | END_HEADERS, stream(sent), &block), 1)
        },
    },
];
