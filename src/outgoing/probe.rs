//! One question to a server that the operator named: is somebody there? It judges no address, since no
//! stranger chose it: not for a URL that came over the network.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, StatusCode};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;
use url::Url;

use super::destination::Destination;
use super::exchange::{self, Answer};
use super::{Call, OutgoingError};
use crate::tls::{Roots, RootsError, client_config, client_config_for};

/// Bytes of an answer that are read: enough for a reason.
const LONGEST_ANSWER: usize = 64 * 1024;

/// "LOCAL": who connects speaks for itself (proxy-protocol.txt of HAProxy, §2.2).
const OWN: &[u8] = b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0";

/// What is asked.
pub struct Probe<'a> {
    pub url: &'a Url,
    /// Where on this machine the host of the URL is, whatever it is elsewhere: asked from the loopback. Without
    /// it its name is looked up.
    pub address: Option<SocketAddr>,
    /// Whether every connection there must begin with whose it is (PROXY protocol, version 2). It is our own.
    pub announced: bool,
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The one certificate that may be shown, the first of a PEM file; without it, one that an
    /// authority of this machine signed.
    pub certificate: Option<PathBuf>,
    /// From the look-up of the name to the last byte.
    pub patience: Duration,
}

/// Why there was no answer.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    #[error(transparent)]
    Roots(#[from] RootsError),
    #[error(transparent)]
    Call(#[from] OutgoingError),
}

/// Status and body of the answer, the body empty when it is longer than 64 KiB.
pub async fn probe(probe: Probe<'_>) -> Result<(StatusCode, Vec<u8>), ProbeError> {
    let destination = Destination::of(probe.url)?;
    let patience = probe.patience;
    let read = async {
        let answer = ask(&destination, probe).await?;
        Ok((
            answer.status,
            answer.whole(LONGEST_ANSWER).await.unwrap_or_default(),
        ))
    };
    let asked = tokio::time::timeout(patience, read).await;
    asked.unwrap_or_else(|_| Err(destination.late().into()))
}

async fn ask(destination: &Destination, probe: Probe<'_>) -> Result<Answer, ProbeError> {
    let call = Call {
        method: Method::GET,
        headers: probe.headers,
        body: Bytes::new(),
    };
    let request = exchange::special(probe.url, call)?;
    let unreachable = |cause| OutgoingError::Unreachable {
        host: destination.name.clone(),
        cause,
    };
    let mut stream = match probe.address {
        Some(address) => from_loopback(address).await.map_err(unreachable)?,
        None => {
            let addresses = destination.resolve().await?;
            exchange::connect(&destination.name, &addresses, probe.patience).await?
        }
    };
    if probe.announced {
        stream.write_all(OWN).await.map_err(unreachable)?;
    }
    if !destination.tls {
        return Ok(exchange::exchange(&destination.name, stream, request).await?);
    }
    let config = match &probe.certificate {
        Some(own) => client_config_for(own)?,
        None => client_config(&Roots::System)?,
    };
    let connector = TlsConnector::from(config);
    let stream = exchange::secure(destination, &connector, stream).await?;
    Ok(exchange::exchange(&destination.name, stream, request).await?)
}

/// Whoever asks an address of the network from this machine has that address itself, as everybody has whom a
/// forwarder of a container brings; the loopback is nobody else's.
async fn from_loopback(address: SocketAddr) -> io::Result<TcpStream> {
    let (socket, own) = match address {
        SocketAddr::V4(_) => (TcpSocket::new_v4()?, IpAddr::V4(Ipv4Addr::LOCALHOST)),
        SocketAddr::V6(_) => (TcpSocket::new_v6()?, IpAddr::V6(Ipv6Addr::LOCALHOST)),
    };
    socket.bind(SocketAddr::new(own, 0))?;
    socket.connect(address).await
}
