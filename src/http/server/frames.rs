//! Counts the frames of an HTTP/2 connection that ask for nothing: pings, settings, empty or tiny pieces of
//! bodies, heads that never become a request (T-10). It reads the heads of frames as they pass and changes
//! nothing; a connection that has used up its allowance ends.
//!
//! The library answers each such frame, and some floods it ends itself; how many of the rest it would answer
//! for ever depends on its version. Here it is a number.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use super::watch::Watch;

/// Frames at once, before anything is asked: a browser begins with fewer than ten.
const ALLOWANCE: u64 = 1000;

/// More for every second …
const EACH_SECOND: u64 = 50;

/// … and for every request that reached a handler: its own frames, and those that make room for its answer.
const EACH_REQUEST: u64 = 20;

/// A frame costs one, and one more for each of these many bytes of what is no body.
const WEIGHT: u64 = 1024;

/// Pieces of a body this long cost nothing: bodies have a limit of their own.
const WHOLESOME: u32 = 256;

const PREFACE: u32 = 24;
const DATA: u8 = 0;

pub(super) struct Frames<S> {
    stream: S,
    watch: Arc<Watch>,
    reading: Reading,
    left: u64,
    asked: u64,
    since: Instant,
}

/// Where in the frames the bytes have come to.
enum Reading {
    /// Bytes to pass over.
    Payload(u32),
    Head {
        bytes: [u8; 4],
        known: usize,
    },
}

/// The first four bytes of a frame's head say how long it is and what; the rest is passed over with it.
const REST_OF_HEAD: u32 = 5;

impl<S> Frames<S> {
    pub(super) fn new(stream: S, watch: Arc<Watch>) -> Frames<S> {
        Frames {
            stream,
            watch,
            reading: Reading::Payload(PREFACE),
            left: ALLOWANCE,
            asked: 0,
            since: Instant::now(),
        }
    }

    /// What the frames that begin in `bytes` cost.
    fn cost(&mut self, mut bytes: &[u8]) -> u64 {
        let mut cost = 0;
        while !bytes.is_empty() {
            match &mut self.reading {
                Reading::Payload(left) => {
                    let here = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                    *left = left.saturating_sub(u32::try_from(here).unwrap_or(u32::MAX));
                    bytes = bytes.get(here..).unwrap_or_default();
                    if *left == 0 {
                        self.reading = Reading::Head {
                            bytes: [0; 4],
                            known: 0,
                        };
                    }
                }
                Reading::Head { bytes: head, known } => {
                    if let (Some(place), Some(byte)) = (head.get_mut(*known), bytes.first()) {
                        *place = *byte;
                    }
                    *known += 1;
                    bytes = bytes.get(1..).unwrap_or_default();
                    if *known == head.len() {
                        let [a, b, c, kind] = *head;
                        let length = u32::from_be_bytes([0, a, b, c]);
                        cost += price(kind, length);
                        self.reading = Reading::Payload(REST_OF_HEAD + length);
                    }
                }
            }
        }
        cost
    }

    /// Takes `cost` from what is left, after adding what time and requests have earned; whether it was there.
    fn pay(&mut self, cost: u64, now: Instant) -> bool {
        let requests = self.watch.requests();
        let seconds = now.saturating_duration_since(self.since).as_secs();
        let earned = (requests - self.asked) * EACH_REQUEST + seconds * EACH_SECOND;
        self.asked = requests;
        if seconds > 0 {
            self.since = now;
        }
        self.left = (self.left + earned).min(ALLOWANCE);
        match self.left.checked_sub(cost) {
            Some(left) => {
                self.left = left;
                true
            }
            None => false,
        }
    }
}

fn price(kind: u8, length: u32) -> u64 {
    match kind {
        DATA if length >= WHOLESOME => 0,
        DATA => 1,
        _ => 1 + u64::from(length) / WEIGHT,
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Frames<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let outcome = Pin::new(&mut self.stream).poll_read(cx, buffer);
        let cost = self.cost(buffer.filled().get(before..).unwrap_or_default());
        if cost > 0 && !self.pay(cost, Instant::now()) {
            tracing::warn!("an HTTP/2 connection sent more frames that ask for nothing than anybody needs");
            return Poll::Ready(Err(io::Error::other("too many frames that ask for nothing")));
        }
        outcome
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Frames<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::http::server::ServerSettings;

    const PRI: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

    fn frames() -> Frames<tokio::io::Empty> {
        let watch = Watch::new(Arc::new(ServerSettings::default()));
        Frames::new(tokio::io::empty(), watch)
    }

    fn frame(kind: u8, payload: usize) -> Vec<u8> {
        let [_, a, b, c] = u32::try_from(payload).unwrap().to_be_bytes();
        [&[a, b, c, kind, 0, 0, 0, 0, 1][..], &vec![7; payload]].concat()
    }

    #[test]
    fn frames_are_found_however_the_bytes_are_sliced() {
        // T-10
        let sent = [
            PRI,
            &frame(4, 0),
            &frame(6, 8),
            &frame(1, 5000),
            &frame(0, 9),
            &frame(0, 4000),
        ]
        .concat();
        for slice in [1, 2, 3, 9, 100, sent.len()] {
            let mut frames = frames();
            let cost: u64 = sent.chunks(slice).map(|bytes| frames.cost(bytes)).sum();
            assert_eq!(cost, 1 + 1 + 5 + 1, "{slice}");
        }
    }

    #[test]
    fn the_allowance_ends_and_requests_and_time_give_more() {
        // T-10
        let mut frames = frames();
        let began = frames.since;
        assert!(frames.pay(ALLOWANCE, began));
        assert!(!frames.pay(1, began));
        drop(frames.watch.request());
        assert!(frames.pay(EACH_REQUEST, began) && !frames.pay(1, began));
        let later = began + Duration::from_secs(2);
        assert!(frames.pay(2 * EACH_SECOND, later) && !frames.pay(1, later));
        let much_later = began + Duration::from_secs(3600);
        assert!(frames.pay(ALLOWANCE, much_later), "it is there again");
        assert!(!frames.pay(1, much_later), "and not saved up");
    }
}
