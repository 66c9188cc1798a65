//! One connection to a relay up to where SMTP proper begins: TCP, TLS by our one provider, and the few
//! words before it that `STARTTLS` needs. What follows is lettre's, which reads a line to its end however
//! long it is: so the line here ends an answer that does not.

use std::io::{Error, ErrorKind};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;

use super::settings::{Security, SmtpSettings};
use crate::confine;

/// After STARTTLS the server does not greet again, and lettre waits for a greeting.
const GREETING: &[u8] = b"220 ready\r\n";

/// Bytes of an answer before TLS that anybody reads.
const LONGEST_ANSWER: usize = 8 * 1024;

/// Bytes that a relay may say before it is spoken to again. Answers have some hundred.
const MOST_SAID: usize = 16 * 1024;

/// A stream to the relay, protected as its settings say.
pub struct Line {
    stream: Stream,
    peer: SocketAddr,
    /// What is read before anything of the stream.
    first: &'static [u8],
    /// Bytes that were read since the relay was spoken to last.
    said: usize,
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// Why there is no line.
#[derive(Debug)]
pub enum NoLine {
    Io(Error),
    Tls(Error),
    NoStartTls,
    /// The relay is there and does not want us now: its status code.
    Refused(u16),
}

impl From<Error> for NoLine {
    fn from(error: Error) -> NoLine {
        NoLine::Io(error)
    }
}

/// Opens a line. The caller sets the deadline.
pub async fn open(settings: &SmtpSettings, tls: &Arc<ClientConfig>) -> Result<Line, NoLine> {
    let connected = TcpStream::connect((settings.host.as_str(), settings.port)).await;
    let mut stream = connected.inspect_err(confine::note)?;
    stream.set_nodelay(true)?;
    let peer = stream.peer_addr()?;
    let mut first: &'static [u8] = &[];
    let stream = match settings.security {
        Security::Plain => Stream::Plain(stream),
        Security::Implicit => secure(settings, tls, stream).await?,
        Security::StartTls => {
            ask_for_tls(&mut stream, &settings.hello).await?;
            first = GREETING;
            secure(settings, tls, stream).await?
        }
    };
    Ok(Line {
        stream,
        peer,
        first,
        said: 0,
    })
}

async fn secure(
    settings: &SmtpSettings,
    tls: &Arc<ClientConfig>,
    stream: TcpStream,
) -> Result<Stream, NoLine> {
    let name = ServerName::try_from(settings.host.clone())
        .map_err(|_| NoLine::Tls(Error::new(ErrorKind::InvalidInput, "not the name of a host")))?;
    let stream = TlsConnector::from(Arc::clone(tls)).connect(name, stream).await;
    stream
        .map(|stream| Stream::Tls(Box::new(stream)))
        .map_err(NoLine::Tls)
}

async fn ask_for_tls(stream: &mut TcpStream, hello: &str) -> Result<(), NoLine> {
    expect(stream, 220).await?;
    stream.write_all(format!("EHLO {hello}\r\n").as_bytes()).await?;
    let offers = expect(stream, 250).await?;
    let offered = offers.lines().any(|line| {
        let word = line.get(4..).unwrap_or_default().trim();
        word.eq_ignore_ascii_case("STARTTLS")
    });
    if !offered {
        return Err(NoLine::NoStartTls);
    }
    stream.write_all(b"STARTTLS\r\n").await?;
    expect(stream, 220).await?;
    Ok(())
}

/// Reads one answer, whole and nothing beyond it: bytes after it would count as said inside TLS.
async fn expect(stream: &mut TcpStream, wanted: u16) -> Result<String, NoLine> {
    let mut answer = Vec::new();
    let mut chunk = [0; 1024];
    loop {
        let read = stream.read(&mut chunk).await?;
        if read == 0 {
            return Err(NoLine::Io(ErrorKind::UnexpectedEof.into()));
        }
        answer.extend(chunk.iter().take(read));
        let text = String::from_utf8_lossy(&answer);
        let mut lines = text.split_inclusive("\r\n");
        let last = lines.find(|line| line.ends_with("\r\n") && line.get(3..4) != Some("-"));
        if let Some(last) = last {
            let code = last.get(..3).and_then(|code| code.parse().ok());
            return match code {
                Some(code) if code == wanted && lines.next().is_none() => Ok(text.into_owned()),
                Some(code) if code != wanted => Err(NoLine::Refused(code)),
                _ => Err(NoLine::Io(Error::new(
                    ErrorKind::InvalidData,
                    "not an answer of SMTP",
                ))),
            };
        }
        if answer.len() > LONGEST_ANSWER {
            return Err(NoLine::Io(endless()));
        }
    }
}

fn endless() -> Error {
    Error::new(ErrorKind::InvalidData, "an endless answer")
}

impl AsyncTokioStream for Line {
    fn peer_addr(&self) -> std::io::Result<SocketAddr> {
        Ok(self.peer)
    }
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Line")
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        to: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        if !self.first.is_empty() {
            let (now, later) = self.first.split_at(self.first.len().min(to.remaining()));
            to.put_slice(now);
            self.first = later;
            return Poll::Ready(Ok(()));
        }
        if self.said > MOST_SAID {
            return Poll::Ready(Err(endless()));
        }
        let before = to.filled().len();
        let read = match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_read(cx, to),
            Stream::Tls(stream) => Pin::new(stream).poll_read(cx, to),
        };
        self.said += to.filled().len().saturating_sub(before);
        read
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        from: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        self.said = 0;
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_write(cx, from),
            Stream::Tls(stream) => Pin::new(stream).poll_write(cx, from),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Stream::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        let closed = match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Stream::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        };
        // Whoever hangs up first is right.
        let _ = ready!(closed);
        Poll::Ready(Ok(()))
    }
}
