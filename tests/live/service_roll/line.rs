//! A client's connection to a server, kept or new each time, and what becomes of a request on it: a form is
//! sent once, a page that was not answered is asked for once more, as browsers do.

use std::fmt;
use std::io::{self, BufRead as _, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use mereau::tls::{Roots, client_config};
use tokio_rustls::rustls::client::Resumption;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, ClientConnection, StreamOwned};

use crate::support::reply::{Form, Reply};
use crate::support::wait;

/// Pages that were asked for once more, since a kept connection closed before anything was answered (RFC 9112
/// §9.3.1).
#[derive(Default)]
pub struct Repeats {
    asked: AtomicUsize,
    answered: AtomicUsize,
}

impl Repeats {
    /// How many, all of which were answered.
    pub fn all_answered(&self) -> usize {
        let asked = self.asked.load(Ordering::Relaxed);
        assert_eq!(self.answered.load(Ordering::Relaxed), asked);
        asked
    }
}

/// Where a server of this machine listens, and whom to trust where it speaks TLS.
#[derive(Clone)]
pub struct Way {
    port: u16,
    tls: Option<Arc<ClientConfig>>,
}

/// What a request goes over.
trait Wire: Read + Write + Send {
    fn socket(&self) -> &TcpStream;
}

type Secured = StreamOwned<ClientConnection, TcpStream>;

type Stream = BufReader<Box<dyn Wire>>;

pub struct Line<'a> {
    repeats: &'a Repeats,
    way: Way,
    keeps: bool,
    open: Option<Stream>,
}

pub struct Request<'a> {
    pub path: &'a str,
    pub cookies: &'a str,
    /// To be posted.
    pub form: Option<&'a Form>,
}

enum Lost {
    /// The connection closed before anything was answered.
    Unanswered(String),
    Broken(String),
}

impl fmt::Display for Lost {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Lost::Unanswered(why) => write!(out, "no answer: {why}"),
            Lost::Broken(why) => out.write_str(why),
        }
    }
}

impl From<u16> for Way {
    fn from(port: u16) -> Way {
        Way { port, tls: None }
    }
}

impl Way {
    /// Over TLS, to whoever has a certificate of this authority.
    pub fn secured(port: u16, authority: &Path) -> Way {
        let roots = Roots::File(authority.to_owned());
        let tls = Some(client_config(&roots).expect("whom to trust"));
        Way { port, tls }
    }

    /// The certificate that is shown to somebody new.
    pub fn certificate(&self) -> Vec<u8> {
        let mut config = ClientConfig::clone(self.tls.as_ref().expect("TLS"));
        // Who takes up a session of before is shown none.
        config.resumption = Resumption::disabled();
        let secured = self.secure(Arc::new(config)).expect("a connection");
        secured.conn.peer_certificates().expect("a certificate")[0].to_vec()
    }

    fn connect(&self) -> io::Result<Stream> {
        let wire: Box<dyn Wire> = match &self.tls {
            Some(config) => Box::new(self.secure(config.clone())?),
            None => Box::new(self.reach()?),
        };
        Ok(BufReader::new(wire))
    }

    fn secure(&self, config: Arc<ClientConfig>) -> io::Result<Secured> {
        let name = ServerName::try_from("localhost").expect("a name");
        let mut socket = self.reach()?;
        let mut tls = ClientConnection::new(config, name).map_err(io::Error::other)?;
        while tls.is_handshaking() {
            tls.complete_io(&mut socket)?;
        }
        Ok(StreamOwned::new(tls, socket))
    }

    fn reach(&self) -> io::Result<TcpStream> {
        let stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(wait::PATIENCE))?;
        Ok(stream)
    }
}

impl Wire for TcpStream {
    fn socket(&self) -> &TcpStream {
        self
    }
}

impl Wire for Secured {
    fn socket(&self) -> &TcpStream {
        &self.sock
    }
}

impl<'a> Line<'a> {
    pub fn to(way: impl Into<Way>, keeps: bool, repeats: &'a Repeats) -> Line<'a> {
        Line {
            repeats,
            way: way.into(),
            keeps,
            open: None,
        }
    }

    /// The answer; what else becomes of it is a failure.
    pub fn ask(&mut self, request: &Request) -> Result<Reply, String> {
        let told = |lost: Lost| format!("{} {}: {lost}", request.method(), request.path);
        let kept = self.open.take().filter(is_open);
        let was_kept = kept.is_some();
        match self.exchange(kept, request) {
            // Only what changes nothing may be sent again (RFC 9110 §9.2.2).
            Err(Lost::Unanswered(_)) if was_kept && request.form.is_none() => {
                self.repeats.asked.fetch_add(1, Ordering::Relaxed);
                let reply = self.exchange(None, request).map_err(told)?;
                self.repeats.answered.fetch_add(1, Ordering::Relaxed);
                Ok(reply)
            }
            exchanged => exchanged.map_err(told),
        }
    }

    fn exchange(&mut self, kept: Option<Stream>, request: &Request) -> Result<Reply, Lost> {
        let mut stream = match kept {
            Some(stream) => stream,
            None => {
                let made = self.way.connect();
                made.map_err(|error| Lost::Broken(format!("connect: {error}")))?
            }
        };
        let connection = if self.keeps { "keep-alive" } else { "close" };
        let bytes = request.bytes(self.way.port, connection);
        let wire = stream.get_mut();
        let sent = wire.write_all(bytes.as_bytes()).and_then(|()| wire.flush());
        sent.map_err(|error| Lost::Unanswered(error.to_string()))?;
        let reply = read(&mut stream)?;
        if self.keeps && reply.header("connection") != "close" {
            self.open = Some(stream);
        }
        Ok(reply)
    }
}

impl Request<'_> {
    fn method(&self) -> &'static str {
        if self.form.is_some() { "POST" } else { "GET" }
    }

    fn bytes(&self, port: u16, connection: &str) -> String {
        let mut head = format!(
            "{} {} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: {connection}\r\n",
            self.method(),
            self.path
        );
        if !self.cookies.is_empty() {
            head += &format!("Cookie: {}\r\n", self.cookies);
        }
        let Some(form) = self.form else {
            return head + "\r\n";
        };
        let body = form.encoded();
        head += "Content-Type: application/x-www-form-urlencoded\r\n";
        head += &format!("Content-Length: {}\r\n\r\n", body.len());
        head + &body
    }
}

/// Whether the server has not closed it yet, as far as is known here: browsers look before they use one again.
fn is_open(line: &Stream) -> bool {
    let stream = line.get_ref().socket();
    stream.set_nonblocking(true).expect("an option");
    let peeked = stream.peek(&mut [0]);
    stream.set_nonblocking(false).expect("an option");
    matches!(peeked, Err(error) if error.kind() == ErrorKind::WouldBlock)
}

fn read(line: &mut Stream) -> Result<Reply, Lost> {
    let mut head = String::new();
    match line.read_line(&mut head) {
        Ok(0) => return Err(Lost::Unanswered("closed".to_owned())),
        Err(error) if head.is_empty() && error.kind() != ErrorKind::WouldBlock => {
            return Err(Lost::Unanswered(error.to_string()));
        }
        first => _ = first.map_err(|error| Lost::Broken(error.to_string()))?,
    }
    while !head.ends_with("\r\n\r\n") {
        match line.read_line(&mut head) {
            Ok(read) if read > 0 => {}
            ended => return Err(Lost::Broken(format!("half an answer, {ended:?}: {head}"))),
        }
    }
    let (status, headers) = parsed(&head).ok_or_else(|| Lost::Broken(format!("no answer: {head}")))?;
    let length = headers
        .get("content-length")
        .and_then(|length| length.to_str().ok());
    let length = length.and_then(|length| length.parse().ok());
    let mut body = vec![0; length.ok_or_else(|| Lost::Broken(format!("no length: {head}")))?];
    let whole = line.read_exact(&mut body);
    whole.map_err(|error| Lost::Broken(format!("half a body: {error}")))?;
    Ok(Reply {
        status,
        headers,
        body: String::from_utf8(body).map_err(|error| Lost::Broken(error.to_string()))?,
    })
}

fn parsed(head: &str) -> Option<(StatusCode, HeaderMap)> {
    let mut lines = head.trim_end().lines();
    let status = lines.next()?.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()?;
    let fields = lines.map(|line| {
        let (name, value) = line.split_once(':')?;
        let name = HeaderName::try_from(name).ok()?;
        Some((name, HeaderValue::from_str(value.trim()).ok()?))
    });
    Some((status, fields.collect::<Option<HeaderMap>>()?))
}
