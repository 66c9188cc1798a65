//! A small HTTP/1.1 client on hyper, with or without TLS. It keeps no cookies and follows nothing.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use anyhow::Context;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, COOKIE, HOST, LOCATION, SET_COOKIE};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::Resumption;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// The name servers are asked under.
const NAME: &str = "localhost";

/// Where a server is and how it is spoken to.
#[derive(Clone)]
pub struct Address {
    at: SocketAddr,
    name: String,
    tls: Option<TlsConnector>,
}

/// An answer read whole.
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// An open connection.
pub struct Connection {
    sender: SendRequest<Full<Bytes>>,
    host: String,
    from: Option<IpAddr>,
}

impl Address {
    pub fn plain(port: u16) -> Address {
        Address {
            at: SocketAddr::from(([127, 0, 0, 1], port)),
            name: NAME.to_owned(),
            tls: None,
        }
    }

    /// A server anywhere, under its name.
    pub fn named(name: &str, at: SocketAddr, tls: Option<Arc<ClientConfig>>) -> Address {
        Address {
            at,
            name: name.to_owned(),
            tls: tls.map(TlsConnector::from),
        }
    }

    /// TLS with full handshakes only, as between strangers, trusting one authority.
    pub fn tls(port: u16, authority: &str) -> anyhow::Result<Address> {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(authority.as_bytes()) {
            roots.add(certificate?)?;
        }
        let mut config = ClientConfig::builder_with_provider(mereau::tls::provider())
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.resumption = Resumption::disabled();
        Ok(Address {
            tls: Some(TlsConnector::from(Arc::new(config))),
            ..Address::plain(port)
        })
    }

    pub async fn open(&self) -> anyhow::Result<Connection> {
        let stream = TcpStream::connect(self.at).await?;
        stream.set_nodelay(true)?;
        let sender = match &self.tls {
            Some(connector) => {
                let name = ServerName::try_from(self.name.clone())?;
                spoken(connector.connect(name, stream).await?).await?
            }
            None => spoken(stream).await?,
        };
        Ok(Connection {
            sender,
            host: format!("{}:{}", self.name, self.at.port()),
            from: None,
        })
    }
}

impl Address {
    /// A connection with TLS on which this protocol is spoken next.
    pub async fn stream(&self, protocol: &[u8]) -> anyhow::Result<TlsStream<TcpStream>> {
        let connector = self.tls.as_ref().context("it has no TLS")?;
        let mut config = connector.config().as_ref().clone();
        config.alpn_protocols = vec![protocol.to_vec()];
        let stream = TcpStream::connect(self.at).await?;
        let connector = TlsConnector::from(Arc::new(config));
        Ok(connector.connect(ServerName::try_from(NAME)?, stream).await?)
    }
}

async fn spoken<S>(stream: S) -> anyhow::Result<SendRequest<Full<Bytes>>>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender)
}

impl Connection {
    /// Whether the server has closed it.
    pub fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }

    /// What a proxy in front would say of the requests from now on: who sent them.
    pub fn comes_from(&mut self, from: Option<IpAddr>) {
        self.from = from;
    }

    pub async fn get(&mut self, target: &str, cookies: &str) -> anyhow::Result<Reply> {
        self.send(Method::GET, target, cookies, Bytes::new()).await
    }

    pub async fn post(&mut self, target: &str, cookies: &str, form: String) -> anyhow::Result<Reply> {
        self.send(Method::POST, target, cookies, form.into()).await
    }

    async fn send(
        &mut self,
        method: Method,
        target: &str,
        cookies: &str,
        body: Bytes,
    ) -> anyhow::Result<Reply> {
        let mut request = Request::builder()
            .method(method)
            .uri(target)
            .header(HOST, &self.host);
        if let Some(from) = self.from {
            request = request.header("x-forwarded-for", from.to_string());
        }
        if !cookies.is_empty() {
            request = request.header(COOKIE, cookies);
        }
        if !body.is_empty() {
            request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        let request = request.body(Full::new(body))?;
        self.sender.ready().await?;
        let (parts, body) = self.sender.send_request(request).await?.into_parts();
        Ok(Reply {
            status: parts.status,
            headers: parts.headers,
            body: body.collect().await?.to_bytes(),
        })
    }
}

impl Reply {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap_or_default()
    }

    pub fn location(&self) -> anyhow::Result<&str> {
        let location = self
            .headers
            .get(LOCATION)
            .with_context(|| format!("no redirect: {} {}", self.status, self.text()))?;
        Ok(location.to_str()?)
    }

    /// `name=value` of each cookie that is set.
    pub fn cookies(&self) -> impl Iterator<Item = &str> {
        let lines = self.headers.get_all(SET_COOKIE).iter();
        lines
            .filter_map(|line| line.to_str().ok())
            .filter_map(|line| line.split(';').next())
    }
}
