//! A client's connection to a server, kept or new each time, and what becomes of a request on it: a form is
//! sent once, a page that was not answered is asked for once more, as browsers do.

use std::fmt;
use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

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

pub struct Line<'a> {
    repeats: &'a Repeats,
    port: u16,
    keeps: bool,
    open: Option<BufReader<TcpStream>>,
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

impl<'a> Line<'a> {
    pub fn to(port: u16, keeps: bool, repeats: &'a Repeats) -> Line<'a> {
        Line {
            repeats,
            port,
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

    fn exchange(&mut self, kept: Option<BufReader<TcpStream>>, request: &Request) -> Result<Reply, Lost> {
        let mut stream = match kept {
            Some(stream) => stream,
            None => connect(self.port).map_err(|error| Lost::Broken(format!("connect: {error}")))?,
        };
        let connection = if self.keeps { "keep-alive" } else { "close" };
        let bytes = request.bytes(self.port, connection);
        let sent = stream.get_mut().write_all(bytes.as_bytes());
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

fn connect(port: u16) -> std::io::Result<BufReader<TcpStream>> {
    let stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(wait::PATIENCE))?;
    Ok(BufReader::new(stream))
}

/// Whether the server has not closed it yet, as far as is known here: browsers look before they use one again.
fn is_open(line: &BufReader<TcpStream>) -> bool {
    let stream = line.get_ref();
    stream.set_nonblocking(true).expect("an option");
    let peeked = stream.peek(&mut [0]);
    stream.set_nonblocking(false).expect("an option");
    matches!(peeked, Err(error) if error.kind() == ErrorKind::WouldBlock)
}

fn read(line: &mut BufReader<TcpStream>) -> Result<Reply, Lost> {
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
