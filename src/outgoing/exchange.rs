//! One request and its answer on a connection of their own. It chooses no address: it gets those
//! that were judged.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_util::task::AbortOnDropHandle;
use url::{Host, Position, Url};

use super::destination::Destination;
use super::{Call, OutgoingError};
use crate::confine;

const AGENT: HeaderValue = HeaderValue::from_static(concat!("mereau/", env!("CARGO_PKG_VERSION")));
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

/// Connects to the first of `addresses` that lets us within `each`.
pub(super) async fn connect(
    host: &str,
    addresses: &[SocketAddr],
    each: Duration,
) -> Result<TcpStream, OutgoingError> {
    let mut cause = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in addresses {
        match tokio::time::timeout(each, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => match stream.set_nodelay(true) {
                Ok(()) => return Ok(stream),
                Err(error) => cause = error,
            },
            Ok(Err(error)) => {
                confine::note(&error);
                cause = error;
            }
            Err(_) => cause = io::Error::from(io::ErrorKind::TimedOut),
        }
    }
    Err(OutgoingError::Unreachable {
        host: host.to_owned(),
        cause,
    })
}

/// TLS with the name of the URL checked, not the one of the address.
pub(super) async fn secure(
    destination: &Destination,
    connector: &TlsConnector,
    stream: TcpStream,
) -> Result<TlsStream<TcpStream>, OutgoingError> {
    let name = match &destination.host {
        Host::Ipv4(address) => ServerName::from(std::net::IpAddr::from(*address)),
        Host::Ipv6(address) => ServerName::from(std::net::IpAddr::from(*address)),
        Host::Domain(name) => ServerName::try_from(name.clone()).map_err(|_| OutgoingError::NotCallable)?,
    };
    let secured = connector.connect(name, stream).await;
    secured.map_err(|cause| OutgoingError::Tls {
        host: destination.name.clone(),
        cause,
    })
}

/// A request with what a gateway asks for: its own method, headers and body.
pub(super) fn special(url: &Url, call: Call) -> Result<Request<Full<Bytes>>, OutgoingError> {
    let mut request = request(url, Method::GET, call.body)?;
    *request.method_mut() = call.method;
    for (name, value) in call.headers {
        if name != header::HOST && name != header::CONNECTION && name != header::CONTENT_LENGTH {
            request.headers_mut().insert(name, value);
        }
    }
    Ok(request)
}

/// The request in origin form, with a body only where the method has one.
pub(super) fn request(url: &Url, method: Method, body: Bytes) -> Result<Request<Full<Bytes>>, OutgoingError> {
    let host = &url[Position::BeforeHost..Position::AfterPort];
    let mut request = Request::builder()
        .uri(&url[Position::BeforePath..Position::AfterQuery])
        .header(header::HOST, host)
        .header(header::USER_AGENT, AGENT)
        .header(header::ACCEPT, "*/*")
        .header(header::CONNECTION, "close");
    if method == Method::POST {
        request = request.header(header::CONTENT_TYPE, FORM);
    }
    request
        .method(method)
        .body(Full::new(body))
        .map_err(|_| OutgoingError::NotCallable)
}

/// How long a body may take that nobody reads.
const PARTING: Duration = Duration::from_millis(500);

/// An answer whose body is still to come.
pub(super) struct Answer {
    pub status: StatusCode,
    body: Incoming,
    /// Ends the connection with this answer.
    _driver: AbortOnDropHandle<hyper::Result<()>>,
}

impl Answer {
    /// The body; `None` when it is longer than `most` bytes or breaks off.
    pub(super) async fn whole(mut self, most: usize) -> Option<Vec<u8>> {
        let mut whole = Vec::new();
        while let Some(frame) = self.body.frame().await {
            let frame = frame.ok()?;
            whole.extend_from_slice(frame.data_ref().map_or(&[], |data| data));
            if whole.len() > most {
                return None;
            }
        }
        Some(whole)
    }

    /// Takes at most `most` bytes of the body and throws them away, so that the other side can finish
    /// its work; then hangs up, wherever it is. What comes of it tells nothing.
    pub(super) async fn drain(mut self, most: usize) {
        let drained = async {
            let mut taken = 0;
            while let Some(Ok(frame)) = self.body.frame().await {
                taken += frame.data_ref().map_or(0, Bytes::len);
                if taken > most {
                    break;
                }
            }
        };
        let _ = tokio::time::timeout(PARTING, drained).await;
    }
}

/// Sends `request` and returns as soon as the head of the answer is there.
pub(super) async fn exchange<S>(
    host: &str,
    stream: S,
    request: Request<Full<Bytes>>,
) -> Result<Answer, OutgoingError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let failed = |cause| OutgoingError::Http {
        host: host.to_owned(),
        cause,
    };
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(failed)?;
    // Ends with this call, also when a deadline drops it.
    let driver = AbortOnDropHandle::new(tokio::spawn(connection));
    let response = sender.send_request(request).await.map_err(failed)?;
    Ok(Answer {
        status: response.status(),
        body: response.into_body(),
        _driver: driver,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_is_what_the_url_says_without_its_fragment() {
        let url = Url::parse("https://app.univ.fr:8443/a/b?c=d%20e#f").unwrap();
        let posted = request(&url, Method::POST, Bytes::from_static(b"logoutRequest=x")).unwrap();
        assert_eq!(posted.uri(), "/a/b?c=d%20e");
        assert_eq!(posted.headers()["host"], "app.univ.fr:8443");
        assert_eq!(
            posted.headers()["content-type"],
            "application/x-www-form-urlencoded"
        );
        let got = request(&url, Method::GET, Bytes::new()).unwrap();
        assert!(!got.headers().contains_key("content-type"));
    }
}
