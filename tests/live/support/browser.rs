//! A browser without scripts that speaks real HTTP: cookies, redirects, forms.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, COOKIE, HOST, LOCATION, SET_COOKIE};
use http::{HeaderMap, Method, Request};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::WantsClientCert;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use tokio_rustls::rustls::{ClientConfig, ConfigBuilder, RootCertStore};
use url::{Position, Url};

use super::certificates::Authority;
use super::reply::{Form, Reply};

/// More redirects than any honest round takes.
const LONGEST_ROUND: usize = 20;

#[derive(Clone)]
pub struct Browser {
    /// By host and name: browsers do not tell ports apart.
    cookies: BTreeMap<(String, String), Cookie>,
    tls: Option<TlsConnector>,
    language: String,
    /// Where on this machine it comes from, when not from the usual address.
    pub from: Option<Ipv4Addr>,
    /// Header fields that no honest browser sends.
    pub forged: Vec<(&'static str, &'static str)>,
}

#[derive(Clone)]
struct Cookie {
    value: String,
    path: String,
    secure: bool,
}

/// A page and where it came from.
pub struct Page {
    pub url: Url,
    pub reply: Reply,
}

impl Browser {
    pub fn new(authority: Option<&Authority>) -> Browser {
        Browser {
            cookies: BTreeMap::new(),
            tls: authority.map(connector),
            language: "fr".to_owned(),
            from: None,
            forged: Vec::new(),
        }
    }

    /// One that shows a certificate of its own, in PEM.
    pub fn holding(authority: &Authority, certificate: &str, key: &str) -> Browser {
        let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).expect("PEM");
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).expect("PEM");
        let config = trusting(authority).with_client_auth_cert(vec![certificate], key);
        Browser {
            tls: Some(TlsConnector::from(Arc::new(config.expect("a certificate")))),
            ..Browser::new(None)
        }
    }

    /// Over plain HTTP, with another language than French.
    pub fn speaking(language: &str) -> Browser {
        Browser {
            language: language.to_owned(),
            ..Browser::new(None)
        }
    }

    /// One request, no redirect followed.
    pub async fn get(&mut self, url: &str) -> Page {
        self.send(Method::GET, Url::parse(url).expect("a URL"), None)
            .await
    }

    /// The page that `url` leads to.
    pub async fn open(&mut self, url: &str) -> Page {
        let page = self.get(url).await;
        self.follow(page).await
    }

    /// Posts a form of `page`, no redirect followed.
    pub async fn submit(&mut self, page: &Page, form: &Form) -> Page {
        let action = page.url.join(&form.action).expect("an action");
        self.send(Method::POST, action, Some(form.encoded())).await
    }

    /// Fills in the sign-in page and follows where it leads.
    pub async fn sign_in(&mut self, page: &Page, login: &str, password: &str) -> Page {
        let form = page
            .reply
            .form()
            .with("username", login)
            .with("password", password);
        let answer = self.submit(page, &form).await;
        self.follow(answer).await
    }

    pub async fn follow(&mut self, mut page: Page) -> Page {
        for _ in 0..LONGEST_ROUND {
            if !page.reply.headers.contains_key(LOCATION) {
                return page;
            }
            let next = page.url.join(&place(&page.reply)).expect("a place to go");
            page = self.send(Method::GET, next, None).await;
        }
        panic!("sent round in circles, last to {}", page.url);
    }

    /// The values of all cookies.
    pub fn secrets(&self) -> Vec<String> {
        self.cookies.values().map(|cookie| cookie.value.clone()).collect()
    }

    pub async fn send(&mut self, method: Method, url: Url, form: Option<String>) -> Page {
        let mut request = Request::builder()
            .method(method)
            .uri(&url[Position::BeforePath..Position::AfterQuery])
            .header(HOST, &url[Position::BeforeHost..Position::AfterPort])
            .header("Accept-Language", &self.language);
        for (name, value) in &self.forged {
            request = request.header(*name, *value);
        }
        let cookies = self.cookies_for(&url);
        if !cookies.is_empty() {
            request = request.header(COOKIE, cookies);
        }
        if form.is_some() {
            request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        let request = request
            .body(Full::from(form.unwrap_or_default()))
            .expect("a request");
        let host = url.host_str().expect("a host").to_owned();
        let port = url.port_or_known_default().expect("a port");
        let stream = match self.from {
            Some(from) => connect_from(from, port).await,
            None => TcpStream::connect((host.as_str(), port))
                .await
                .expect("the server"),
        };
        let reply = if url.scheme() == "https" {
            let tls = self.tls.as_ref().expect("a browser that knows the authority");
            let name = host.clone().try_into().expect("a server name");
            exchange(tls.connect(name, stream).await.expect("TLS"), request).await
        } else {
            exchange(stream, request).await
        };
        self.keep_cookies(&host, &reply.headers);
        Page { url, reply }
    }

    fn cookies_for(&self, url: &Url) -> String {
        let host = url.host_str().unwrap_or_default();
        let fitting = self.cookies.iter().filter(|((of, _), cookie)| {
            of == host && url.path().starts_with(&cookie.path) && (!cookie.secure || url.scheme() == "https")
        });
        let pairs = fitting.map(|((_, name), cookie)| format!("{name}={}", cookie.value));
        pairs.collect::<Vec<_>>().join("; ")
    }

    fn keep_cookies(&mut self, host: &str, headers: &HeaderMap) {
        for line in headers.get_all(SET_COOKIE) {
            let mut parts = line
                .to_str()
                .expect("a cookie in ASCII")
                .split(';')
                .map(str::trim);
            let (name, value) = parts
                .next()
                .and_then(|pair| pair.split_once('='))
                .expect("a cookie");
            let attributes: Vec<&str> = parts.collect();
            let path = attributes
                .iter()
                .find_map(|part| part.strip_prefix("Path=").or(part.strip_prefix("path=")));
            let secure = attributes.iter().any(|part| part.eq_ignore_ascii_case("secure"));
            let key = (host.to_owned(), name.to_owned());
            if attributes
                .iter()
                .any(|part| part.eq_ignore_ascii_case("max-age=0"))
            {
                self.cookies.remove(&key);
            } else {
                let path = path.unwrap_or("/").to_owned();
                self.cookies.insert(
                    key,
                    Cookie {
                        value: value.to_owned(),
                        path,
                        secure,
                    },
                );
            }
        }
    }
}

/// Where a redirect leads. Bytes above ASCII are escaped one by one, as browsers do.
fn place(reply: &Reply) -> String {
    const ABOVE_ASCII: &percent_encoding::AsciiSet = percent_encoding::CONTROLS;
    let place = reply.headers.get(LOCATION).expect("a redirect").as_bytes();
    percent_encoding::percent_encode(place, ABOVE_ASCII).to_string()
}

fn connector(authority: &Authority) -> TlsConnector {
    TlsConnector::from(Arc::new(trusting(authority).with_no_client_auth()))
}

fn trusting(authority: &Authority) -> ConfigBuilder<ClientConfig, WantsClientCert> {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(authority.pem().as_bytes()).expect("PEM"))
        .expect("a root");
    ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
}

/// A connection within this machine, from any of its loopback addresses.
async fn connect_from(from: Ipv4Addr, port: u16) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind((from, 0).into()).expect("a loopback address");
    let server = (Ipv4Addr::LOCALHOST, port).into();
    socket.connect(server).await.expect("the server")
}

async fn exchange<S>(stream: S, request: Request<Full<Bytes>>) -> Reply
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .expect("HTTP");
    let connection = tokio::spawn(connection);
    let (parts, body) = sender
        .send_request(request)
        .await
        .expect("an answer")
        .into_parts();
    let body = body.collect().await.expect("a whole answer").to_bytes();
    connection.abort();
    // Nobody reads what stands beside a redirect; others write what they like there.
    let body = match parts.status.is_redirection() {
        true => String::from_utf8_lossy(&body).into_owned(),
        false => String::from_utf8(body.into()).expect("text"),
    };
    Reply {
        status: parts.status,
        headers: parts.headers,
        body,
    }
}
