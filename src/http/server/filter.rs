//! The stream between the socket and hyper's HTTP/1: it hands on whole, admitted request heads and
//! counted bodies, nothing else. It answers nothing itself: a refused head becomes a request of its
//! own making, so that the refusal waits its turn behind earlier answers and goes through the same
//! pages and logs as any other.

use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes, BytesMut};
use http::StatusCode;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::ServerSettings;
use super::chunks::Chunks;
use super::head::{self, Framing, Search};
use super::watch::Watch;

/// The method of the request that stands for a refused one. Whoever sends it himself gets the
/// refusal he names.
pub(super) const REFUSED: &str = "REFUSED";

/// Bytes read and thrown away after our last answer, so that closing does not reset the
/// connection before the client has read it.
const MOST_LINGERING: usize = 256 * 1024;

pub(super) struct Filter<S> {
    stream: S,
    limits: Arc<ServerSettings>,
    watch: Arc<Watch>,
    /// Read and not yet judged.
    raw: BytesMut,
    /// Judged and not yet taken by hyper.
    ready: Bytes,
    stage: Stage,
    lingered: Option<usize>,
}

enum Stage {
    Head(Search),
    Body(u64),
    Chunked(Chunks),
    Refused,
}

impl<S> Filter<S> {
    pub(super) fn new(stream: S, limits: Arc<ServerSettings>, watch: Arc<Watch>) -> Filter<S> {
        Filter {
            stream,
            limits,
            watch,
            raw: BytesMut::new(),
            ready: Bytes::new(),
            stage: Stage::Head(Search::default()),
            lingered: None,
        }
    }

    /// Moves what can be judged from `raw` to `ready`, which is empty before.
    fn sift(&mut self) -> io::Result<()> {
        match &mut self.stage {
            Stage::Refused => self.raw.clear(),
            Stage::Body(left) => {
                let here = usize::try_from(*left).unwrap_or(usize::MAX).min(self.raw.len());
                *left -= here as u64;
                self.ready = take(&mut self.raw, here);
                if *left == 0 {
                    self.stage = Stage::Head(Search::default());
                }
            }
            Stage::Chunked(chunks) => {
                let taken = chunks.take(&self.raw).map_err(|_| broken_body())?;
                self.ready = take(&mut self.raw, taken);
                if *chunks == Chunks::Done {
                    self.stage = Stage::Head(Search::default());
                }
            }
            Stage::Head(search) => {
                // Empty lines before a request line are to be ignored (RFC 9112 §2.2).
                while search.is_fresh() && self.raw.starts_with(b"\r\n") {
                    self.raw.advance(2);
                }
                let found = search.end(&self.raw, &self.limits);
                self.judge_head(found);
            }
        }
        Ok(())
    }

    fn judge_head(&mut self, found: Result<Option<usize>, StatusCode>) {
        let judged = match found {
            Ok(None) => {
                if !self.raw.is_empty() {
                    self.watch.head_started();
                }
                return;
            }
            Ok(Some(length)) => head::admit(take(&mut self.raw, length), &self.limits),
            Err(status) => Err(status),
        };
        self.watch.head_ended();
        match judged {
            Ok(admitted) => {
                self.ready = admitted.head;
                self.stage = match admitted.framing {
                    Framing::Length(0) => Stage::Head(Search::default()),
                    Framing::Length(length) => Stage::Body(length),
                    Framing::Chunked => Stage::Chunked(Chunks::start()),
                };
            }
            Err(status) => {
                let code = status.as_u16();
                let stand_in =
                    format!("{REFUSED} /{code} HTTP/1.1\r\nhost: refused\r\nconnection: close\r\n\r\n");
                self.ready = Bytes::from(stand_in);
                self.stage = Stage::Refused;
            }
        }
    }

    fn owes_reading(&self) -> bool {
        !matches!(self.stage, Stage::Head(_)) || !self.raw.is_empty()
    }
}

/// The first `length` bytes of `raw`. When that is all, no bookkeeping of a shared buffer is needed.
fn take(raw: &mut BytesMut, length: usize) -> Bytes {
    if length == raw.len() {
        std::mem::take(raw).freeze()
    } else {
        raw.split_to(length).freeze()
    }
}

fn broken_body() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the chunks of the body are malformed")
}

impl<S: AsyncRead + Unpin> Filter<S> {
    /// Reads once from the socket into `raw`; zero at its end.
    fn poll_more(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let mut scratch = [MaybeUninit::uninit(); 8192];
        let mut buffer = ReadBuf::uninit(&mut scratch);
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer))?;
        self.raw.extend_from_slice(buffer.filled());
        Poll::Ready(Ok(buffer.filled().len()))
    }

    fn poll_linger(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while self.lingered.unwrap_or(0) < MOST_LINGERING {
            self.raw.clear();
            match ready!(self.poll_more(cx)) {
                Ok(read) if read > 0 => self.lingered = Some(self.lingered.unwrap_or(0) + read),
                _ => break,
            }
        }
        Poll::Ready(())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Filter<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        loop {
            if !this.ready.is_empty() {
                let here = this.ready.len().min(buffer.remaining());
                buffer.put_slice(&this.ready.split_to(here));
                return Poll::Ready(Ok(()));
            }
            if matches!(this.stage, Stage::Refused) {
                // Nothing that follows is looked at; the answer on its way ends the connection.
                return Poll::Pending;
            }
            if !this.raw.is_empty() {
                this.sift()?;
                if !this.ready.is_empty() {
                    continue;
                }
            }
            if this.raw.is_empty() {
                // An idle connection keeps no buffer.
                this.raw = BytesMut::new();
            }
            if ready!(this.poll_more(cx))? == 0 {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Filter<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.lingered.is_none() {
            this.watch.closing();
            ready!(Pin::new(&mut this.stream).poll_shutdown(cx))?;
            if !this.owes_reading() {
                return Poll::Ready(Ok(()));
            }
            this.lingered = Some(0);
        }
        this.poll_linger(cx).map(Ok)
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
    use tokio::io::AsyncReadExt;

    use super::*;

    /// What hyper would get when the client sends `sent` in slices of `slice` bytes and closes.
    async fn sifted(sent: &[u8], slice: usize) -> io::Result<Vec<u8>> {
        let mut script = tokio_test_stream(sent, slice);
        let limits = Arc::new(ServerSettings::default());
        let watch = Watch::new(Arc::clone(&limits));
        let mut filter = Filter::new(&mut script, limits, watch);
        let mut got = Vec::new();
        filter.read_to_end(&mut got).await?;
        Ok(got)
    }

    /// A stream that gives `slice` bytes at a time.
    fn tokio_test_stream(sent: &[u8], slice: usize) -> Sliced {
        Sliced {
            left: sent.to_vec(),
            slice,
        }
    }

    struct Sliced {
        left: Vec<u8>,
        slice: usize,
    }

    impl AsyncRead for Sliced {
        fn poll_read(
            mut self: Pin<&mut Self>,
            _cx: &mut Context<'_>,
            buffer: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            let here = self.slice.min(self.left.len()).min(buffer.remaining());
            let given: Vec<u8> = self.left.drain(..here).collect();
            buffer.put_slice(&given);
            Poll::Ready(Ok(()))
        }
    }

    #[tokio::test]
    async fn pipelined_requests_with_all_kinds_of_bodies_pass_unchanged() {
        let sent = b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n\
            POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\na=\xe9\r\n\r\n&c\
            POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n\r\n\xe9\r\n0\r\n\r\n\
            GET /d HTTP/1.0\r\n\r\n";
        for slice in [1, 2, 3, 7, 50, 1000] {
            assert_eq!(sifted(sent, slice).await.unwrap(), sent, "{slice}");
        }
    }

    #[tokio::test]
    async fn empty_lines_before_a_request_are_dropped() {
        let sent = b"\r\n\r\nGET /a HTTP/1.1\r\nHost: h\r\n\r\n";
        assert_eq!(sifted(sent, 1000).await.unwrap(), sent[4..]);
    }

    #[tokio::test]
    async fn malformed_chunks_are_an_error_of_the_body() {
        // T-08
        let sent = b"POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\nabc\r\n0\r\n\r\n";
        let error = sifted(sent, 1000).await.err().unwrap();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }

    #[tokio::test]
    async fn a_refused_head_becomes_a_refusal_behind_the_requests_before_it() {
        // T-08
        let first = b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
        let sent = [first.as_slice(), b"GET /b HTTP/1.1\nHost: h\n\n"].concat();
        let mut script = tokio_test_stream(&sent, 1000);
        let limits = Arc::new(ServerSettings::default());
        let watch = Watch::new(Arc::clone(&limits));
        let mut filter = Filter::new(&mut script, limits, watch);
        let mut got = vec![0; 1000];
        let mut length = filter.read(&mut got).await.unwrap();
        assert_eq!(&got[..length], first);
        length = filter.read(&mut got).await.unwrap();
        assert!(got[..length].starts_with(b"REFUSED /400 HTTP/1.1\r\n"));
    }
}
