//! One connection to one server: TCP, TLS and StartTLS are ours, ldap3 gets a local stream with the
//! guard between. A connection in doubt is closed, never used again.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ldap3::{Ldap, LdapConnAsync, LdapConnSettings, StdStream};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream, UnixStream};
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::ClientConfig;

use super::barrier::{Barrier, BarrierKind};
use super::ber;
use super::fault::Fault;
use super::guard::{self, Watch};
use super::server_url::{Protection, ServerUrl};
use crate::confine;

/// An open connection. Dropping it closes the socket at once.
pub struct Connection {
    ldap: Ldap,
    pub opened: Instant,
    /// What TLS agreed on; `None` in clear.
    pub tls: Option<TlsFacts>,
    watch: Arc<Watch>,
    retired: AtomicBool,
    tasks: [AbortHandle; 2],
}

/// What a handshake told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFacts {
    pub version: String,
    /// The server's own certificate, DER.
    pub certificate: Vec<u8>,
}

impl Connection {
    /// Connects to the first of `addresses` that answers, protects and hands over. `connect` bounds TCP (for
    /// each address) and TLS, each.
    pub async fn open(
        url: &ServerUrl,
        addresses: Vec<SocketAddr>,
        tls: Option<&Arc<ClientConfig>>,
        connect: Duration,
    ) -> Result<Connection, Fault> {
        let stream = reach(addresses, connect).await?;
        let Some(config) = tls.filter(|_| url.protection != Protection::Clear) else {
            return Connection::hand_over(stream, None).await;
        };
        let secured = timeout(connect, secure(url, stream, config.clone()));
        let stream = secured.await.map_err(|_| {
            barred(
                BarrierKind::Tls,
                format!("TLS took longer than {} ms", connect.as_millis()),
            )
        })??;
        let facts = facts_of(&stream);
        Connection::hand_over(stream, Some(facts)).await
    }

    /// A handle for one operation.
    pub fn ldap(&self) -> Ldap {
        self.ldap.clone()
    }

    /// No further operation may start on it.
    pub fn retire(&self) {
        self.retired.store(true, Ordering::Release);
    }

    /// Whether an operation may start on it now.
    pub fn is_usable(&self, max_age: Duration) -> bool {
        let closed = self.ldap.clone().is_closed();
        !closed && !self.retired.load(Ordering::Acquire) && self.opened.elapsed() < max_age
    }

    /// The fault as the guard saw it, when it was the guard who ended the connection.
    pub fn explain(&self, fault: Fault) -> Fault {
        match (self.watch.violation(), fault) {
            (Some(violation), Fault::Lost(_)) => Fault::Violation(violation),
            (_, fault) => fault,
        }
    }

    async fn hand_over<S>(stream: S, tls: Option<TlsFacts>) -> Result<Connection, Fault>
    where
        S: AsyncRead + AsyncWrite + Send + 'static,
    {
        let failed = |error: std::io::Error| barred(BarrierKind::Here, error.to_string());
        let (ours, theirs) = UnixStream::pair().map_err(failed)?;
        let theirs = theirs.into_std().map_err(failed)?;
        let settings = LdapConnSettings::new().set_std_stream(StdStream::Unix(theirs));
        let (driver, ldap) = LdapConnAsync::with_settings(settings, "ldapi:///").await?;
        let watch = Arc::new(Watch::default());
        let watching = watch.clone();
        let guard = tokio::spawn(async move { guard::stand(stream, ours, &watching).await });
        let driver = tokio::spawn(async move {
            if let Err(error) = driver.drive().await {
                tracing::debug!(%error, "an LDAP connection ended");
            }
        });
        Ok(Connection {
            ldap,
            opened: Instant::now(),
            tls,
            watch,
            retired: AtomicBool::new(false),
            tasks: [guard.abort_handle(), driver.abort_handle()],
        })
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.tasks.iter().for_each(AbortHandle::abort);
    }
}

fn barred(kind: BarrierKind, text: impl Into<String>) -> Fault {
    Fault::Connect(Barrier::new(kind, text))
}

async fn reach(addresses: Vec<SocketAddr>, connect: Duration) -> Result<TcpStream, Fault> {
    let mut last = Barrier::new(BarrierKind::Name, "its name has no address");
    for address in addresses {
        match timeout(connect, dial(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => last = Barrier::of_dialling(&error),
            Err(_) => {
                let text = format!("no connection within {} ms", connect.as_millis());
                last = Barrier::new(BarrierKind::Silent, text);
            }
        }
    }
    Err(Fault::Connect(last))
}

async fn dial(address: SocketAddr) -> std::io::Result<TcpStream> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    socket.set_nodelay(true)?;
    socket.set_keepalive(true)?;
    socket.connect(address).await.inspect_err(confine::note)
}

async fn secure(
    url: &ServerUrl,
    mut stream: TcpStream,
    config: Arc<ClientConfig>,
) -> Result<TlsStream<TcpStream>, Fault> {
    if url.protection == Protection::StartTls {
        ask_for_tls(&mut stream).await?;
    }
    TlsConnector::from(config)
        .connect(url.name.clone(), stream)
        .await
        .map_err(|error| Fault::Connect(Barrier::of_handshake(&error)))
}

/// ExtendedRequest 1.3.6.1.4.1.1466.20037 as message 1 (RFC 4511 §4.14).
const START_TLS: &[u8] = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037";

/// Longest answer to StartTLS that is read.
const LONGEST_ANSWER: usize = 4096;

/// Nothing but success lets the connection go on (T-52), and nothing may follow the answer: it
/// would be read as if it had come under TLS.
async fn ask_for_tls(stream: &mut TcpStream) -> Result<(), Fault> {
    let lost = |error: std::io::Error| barred(BarrierKind::StartTls, format!("StartTLS: {error}"));
    stream.write_all(START_TLS).await.map_err(lost)?;
    let mut answer = Vec::new();
    loop {
        let whole = ber::message_length(&answer).map_err(Fault::Violation)?;
        match whole {
            Some(length) if length > LONGEST_ANSWER => {
                return Err(Fault::Violation(ber::Violation::Malformed));
            }
            Some(length) if answer.len() > length => {
                let text = "StartTLS: bytes in clear follow the answer";
                return Err(barred(BarrierKind::StartTls, text));
            }
            Some(length) if answer.len() == length => break,
            _ => {}
        }
        if stream.read_buf(&mut answer).await.map_err(lost)? == 0 {
            let text = "StartTLS: the server closed the connection";
            return Err(barred(BarrierKind::StartTls, text));
        }
    }
    match start_tls_code(&answer).map_err(Fault::Violation)? {
        Some(0) => Ok(()),
        code => {
            let code = code.map_or("an unreadable code".to_owned(), |code| code.to_string());
            Err(barred(
                BarrierKind::StartTls,
                format!("StartTLS is refused with {code}"),
            ))
        }
    }
}

fn start_tls_code(answer: &[u8]) -> Result<Option<u32>, ber::Violation> {
    ber::check_message(answer)?;
    let (contents, _) = ber::expect(answer, ber::SEQUENCE)?;
    let (_, rest) = ber::expect(contents, ber::INTEGER)?;
    let (body, _) = ber::expect(rest, 0x78)?;
    let (code, _) = ber::expect(body, ber::ENUMERATED)?;
    Ok(ber::number(code))
}

fn facts_of(stream: &TlsStream<TcpStream>) -> TlsFacts {
    let (_, session) = stream.get_ref();
    let certificate = session.peer_certificates().and_then(|chain| chain.first());
    TlsFacts {
        version: session
            .protocol_version()
            .map_or(String::new(), |version| format!("{version:?}")),
        certificate: certificate.map(|der| der.as_ref().to_vec()).unwrap_or_default(),
    }
}
