//! A mail server of the tests' own: it keeps what it is given, and refuses, stalls or hangs up at any
//! step when it is told to. With STARTTLS, with TLS from the first byte, or with none.
#![allow(dead_code, reason = "no suite needs all of it")]

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use base64_of::decoded;
use mereau::base::clock::SystemClock;
use mereau::tls::{ServerCertificates, TlsSettings, server_config};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;

use crate::certificates::Authority;

/// Where in a dialogue something happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Greeting,
    Hello,
    StartTls,
    Auth,
    From,
    Recipient,
    Data,
    /// The mail is whole.
    End,
}

/// How the server behaves; changed at any time.
#[derive(Clone, Default)]
pub struct Manners {
    /// What it answers at a step instead of agreeing: `550 5.1.1 no such user`.
    pub answers: Vec<(Step, &'static str)>,
    /// Where it says nothing any more.
    pub stalls: Option<Step>,
    /// Where it closes the connection.
    pub hangs_up: Option<Step>,
    /// Where it says the same without end, for as long as anybody listens.
    pub floods: Option<Step>,
    /// Name and password it asks for.
    pub login: Option<(&'static str, &'static str)>,
    /// It does not offer STARTTLS though it could.
    pub hides_tls: bool,
}

/// A mail as it came.
#[derive(Debug, Clone)]
pub struct Received {
    pub from: String,
    pub to: Vec<String>,
    /// Without the dots of the transfer.
    pub data: Vec<u8>,
    pub over_tls: bool,
    pub signed_in: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    None,
    StartTls,
    Implicit,
}

/// The server; it ends with this value.
pub struct Sink {
    pub port: u16,
    shared: Arc<Shared>,
    task: tokio::task::JoinHandle<()>,
}

struct Shared {
    manners: Mutex<Manners>,
    received: Mutex<Vec<Received>>,
    news: Notify,
    connections: AtomicUsize,
    protection: Protection,
    acceptor: Option<TlsAcceptor>,
}

impl Sink {
    /// On a free loopback port. With TLS its certificate is for `localhost` and its authority lies in
    /// `folder` as `ca.pem`.
    pub async fn start(protection: Protection, folder: &Path) -> Sink {
        Sink::start_on(0, protection, folder).await
    }

    /// The same on a port of the caller's choice.
    pub async fn start_on(port: u16, protection: Protection, folder: &Path) -> Sink {
        let acceptor = (protection != Protection::None).then(|| {
            let files = Authority::new().issue_into(folder, &["localhost"]);
            let settings = TlsSettings {
                certificate: files.certificate,
                key: files.key,
            };
            let certificates = ServerCertificates::load(settings, &SystemClock).expect("a certificate");
            TlsAcceptor::from(server_config(Arc::new(certificates)).expect("a configuration"))
        });
        let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let shared = Arc::new(Shared {
            manners: Mutex::default(),
            received: Mutex::default(),
            news: Notify::new(),
            connections: AtomicUsize::new(0),
            protection,
            acceptor,
        });
        let task = answer(&shared, listener);
        Sink { port, shared, task }
    }

    /// Ends the server at once, in the middle of whatever it says; what it has received stays.
    pub async fn kill(&mut self) {
        self.task.abort();
        // Over when this is: its port is closed.
        let _ = (&mut self.task).await;
    }

    /// The same server again, on its port.
    pub async fn come_back(&mut self) {
        let listener = TcpListener::bind(("127.0.0.1", self.port)).await;
        self.task = answer(&self.shared, listener.expect("its port"));
    }

    pub fn behave(&self, change: impl FnOnce(&mut Manners)) {
        change(&mut self.shared.manners.lock().unwrap());
    }

    pub fn received(&self) -> Vec<Received> {
        self.shared.received.lock().unwrap().clone()
    }

    /// What came since this was asked for last; the sink keeps it no longer.
    pub fn take(&self) -> Vec<Received> {
        std::mem::take(&mut *self.shared.received.lock().unwrap())
    }

    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// Waits until `count` mails are there. The caller's test has a deadline of its own.
    pub async fn wait_for(&self, count: usize) -> Vec<Received> {
        loop {
            let news = self.shared.news.notified();
            let received = self.received();
            if received.len() >= count {
                return received;
            }
            news.await;
        }
    }
}

/// Talks to whoever comes.
fn answer(shared: &Arc<Shared>, listener: TcpListener) -> tokio::task::JoinHandle<()> {
    let own = Arc::clone(shared);
    tokio::spawn(async move {
        let mut talks = tokio::task::JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            let shared = Arc::clone(&own);
            talks.spawn(async move {
                shared.connections.fetch_add(1, Ordering::SeqCst);
                let _ = shared.serve(stream).await;
            });
        }
    })
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// How a dialogue goes on after a step.
enum Next {
    On,
    /// The step was answered otherwise.
    Refused,
}

struct Talk<S> {
    stream: BufReader<S>,
    over_tls: bool,
    greeted: bool,
}

impl Shared {
    async fn serve(&self, stream: TcpStream) -> std::io::Result<()> {
        if let (Protection::Implicit, Some(acceptor)) = (self.protection, &self.acceptor) {
            let stream = acceptor.accept(stream).await?;
            let talk = Talk {
                stream: BufReader::new(stream),
                over_tls: true,
                greeted: false,
            };
            return self.talk(talk).await.map(|_| ());
        }
        let talk = Talk {
            stream: BufReader::new(stream),
            over_tls: false,
            greeted: false,
        };
        let (Some(stream), Some(acceptor)) = (self.talk(talk).await?, &self.acceptor) else {
            return Ok(());
        };
        let stream = acceptor.accept(stream).await?;
        let talk = Talk {
            stream: BufReader::new(stream),
            over_tls: true,
            greeted: true,
        };
        self.talk(talk).await.map(|_| ())
    }

    /// `Some` when TLS begins now.
    #[allow(clippy::too_many_lines, reason = "one arm for each command")]
    async fn talk<S>(&self, mut talk: Talk<S>) -> std::io::Result<Option<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        if !talk.greeted {
            self.step(&mut talk, Step::Greeting, "220 sink ESMTP").await?;
        }
        let mut mail = Received {
            from: String::new(),
            to: Vec::new(),
            data: Vec::new(),
            over_tls: talk.over_tls,
            signed_in: false,
        };
        let mut line = String::new();
        loop {
            line.clear();
            if talk.stream.read_line(&mut line).await? == 0 {
                return Ok(None);
            }
            let command = line.trim_end().to_owned();
            let verb = command
                .split([' ', ':'])
                .next()
                .unwrap_or_default()
                .to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" => {
                    let offer = self.offer(talk.over_tls);
                    self.step(&mut talk, Step::Hello, &offer).await?;
                }
                "STARTTLS" => {
                    if matches!(self.step(&mut talk, Step::StartTls, "220 go").await?, Next::On) {
                        return Ok(Some(talk.stream.into_inner()));
                    }
                }
                "AUTH" => {
                    let right = self.is_login(command.rsplit(' ').next().unwrap_or_default());
                    let answer = if right {
                        "235 2.7.0 welcome"
                    } else {
                        "535 5.7.8 no"
                    };
                    mail.signed_in |= right;
                    self.step(&mut talk, Step::Auth, answer).await?;
                }
                "MAIL" => {
                    if matches!(self.step(&mut talk, Step::From, "250 2.1.0 ok").await?, Next::On) {
                        mail.from = address(&command);
                        mail.to.clear();
                    }
                }
                "RCPT" => {
                    if matches!(
                        self.step(&mut talk, Step::Recipient, "250 2.1.5 ok").await?,
                        Next::On
                    ) {
                        mail.to.push(address(&command));
                    }
                }
                "DATA" => {
                    if matches!(self.step(&mut talk, Step::Data, "354 go on").await?, Next::On) {
                        mail.data = body(&mut talk.stream).await?;
                        let answer = "250 2.0.0 Ok: queued as 4XYZ";
                        // Kept before it is answered: an answer that is lost loses no mail.
                        let refused = self.answer(Step::End).is_some();
                        if !refused {
                            self.received.lock().unwrap().push(mail.clone());
                            self.news.notify_waiters();
                        }
                        self.step(&mut talk, Step::End, answer).await?;
                    }
                }
                "QUIT" => {
                    talk.stream.write_all(b"221 bye\r\n").await?;
                    return Ok(None);
                }
                _ => talk.stream.write_all(b"250 ok\r\n").await?,
            }
        }
    }

    fn answer(&self, step: Step) -> Option<&'static str> {
        let manners = self.manners.lock().unwrap();
        let told = manners.answers.iter().find(|(at, _)| *at == step);
        told.map(|(_, answer)| *answer)
    }

    async fn step<S>(&self, talk: &mut Talk<S>, step: Step, agreed: &str) -> std::io::Result<Next>
    where
        S: AsyncWrite + AsyncRead + Unpin,
    {
        let (stalls, hangs_up, floods) = {
            let manners = self.manners.lock().unwrap();
            let at = |place: Option<Step>| place == Some(step);
            (at(manners.stalls), at(manners.hangs_up), at(manners.floods))
        };
        if floods {
            loop {
                talk.stream.write_all(&[b'2'; 16 * 1024]).await?;
            }
        }
        if stalls {
            std::future::pending::<()>().await;
        }
        if hangs_up {
            return Err(std::io::ErrorKind::ConnectionAborted.into());
        }
        let told = self.answer(step);
        let answer = format!("{}\r\n", told.unwrap_or(agreed));
        talk.stream.write_all(answer.as_bytes()).await?;
        talk.stream.flush().await?;
        Ok(if told.is_some() { Next::Refused } else { Next::On })
    }

    fn offer(&self, over_tls: bool) -> String {
        let manners = self.manners.lock().unwrap();
        let mut lines = vec!["250-sink".to_owned(), "250-8BITMIME".to_owned()];
        if self.protection == Protection::StartTls && !over_tls && !manners.hides_tls {
            lines.push("250-STARTTLS".to_owned());
        }
        if manners.login.is_some() {
            lines.push("250-AUTH PLAIN".to_owned());
        }
        lines.push("250 ENHANCEDSTATUSCODES".to_owned());
        lines.join("\r\n")
    }

    fn is_login(&self, said: &str) -> bool {
        let wanted = self.manners.lock().unwrap().login;
        wanted.is_none_or(|(name, password)| decoded(said) == format!("\0{name}\0{password}"))
    }
}

/// What stands between the angle brackets.
fn address(command: &str) -> String {
    let inner = command.split_once('<').map_or("", |(_, rest)| rest);
    inner.split_once('>').map_or("", |(inner, _)| inner).to_owned()
}

async fn body<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> std::io::Result<Vec<u8>> {
    let mut whole = Vec::new();
    loop {
        let mut line = Vec::new();
        if stream.read_until(b'\n', &mut line).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if line == b".\r\n" {
            return Ok(whole);
        }
        let dotted = line.first() == Some(&b'.');
        whole.extend(line.into_iter().skip(usize::from(dotted)));
    }
}

mod base64_of {
    /// The text that was sent in base64.
    pub fn decoded(text: &str) -> String {
        let bytes = data_encoding::BASE64.decode(text.as_bytes()).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}
