//! An application protected by CAS, whole: it sends visitors to sign in, has their ticket checked,
//! shows who they are, and ends its own session when CAS says that theirs is over. Not a library:
//! copy what you need. `cargo run --example client -- http://localhost:8081 http://localhost:8080/cas`
//! (`SSL_CERT_FILE` names the authority of a CAS server with a certificate of its own).

use std::collections::HashMap;
use std::convert::Infallible;
use std::error::Error;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use data_encoding::HEXLOWER;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Empty, Full, Limited};
use hyper::body::{Body, Incoming};
use hyper_util::rt::{TokioIo, TokioTimer};
use quick_xml::XmlVersion;
use quick_xml::escape::escape;
use quick_xml::events::Event;
use ring::rand::{SecureRandom, SystemRandom};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::ring::default_provider};
use url::Url;

const COOKIE: &str = "sample-application";
const SESSION: Duration = Duration::from_secs(8 * 3600);
const PATIENCE: Duration = Duration::from_secs(10);
const LARGEST: usize = 1 << 20;

type Fallible<T> = Result<T, Box<dyn Error + Send + Sync>>;
const STYLE: &str = include_str!("client.css");

type Page = Response<Full<Bytes>>;

/// Where the application and its CAS server are, as browsers see them; without a slash at the end.
pub struct Settings {
    pub own_url: String,
    pub cas_url: String,
}

/// Serves the application until `shutdown`.
pub async fn serve(listener: TcpListener, settings: Settings, shutdown: impl Future<Output = ()>) {
    let application = Arc::new(Application {
        settings,
        sessions: Mutex::default(),
    });
    tokio::pin!(shutdown);
    loop {
        let connection = tokio::select! {
            () = &mut shutdown => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = connection else {
            // No more file descriptors, most likely: others have to close theirs first.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let application = application.clone();
        tokio::spawn(async move {
            let service = hyper::service::service_fn(|request| application.clone().answer(request));
            let mut server = hyper::server::conn::http1::Builder::new();
            server.timer(TokioTimer::new()).header_read_timeout(PATIENCE);
            let _ = server.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

#[tokio::main]
#[allow(
    dead_code,
    clippy::print_stdout,
    reason = "the example alone; the demo includes this file"
)]
async fn main() -> Fallible<()> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |default: &str| arguments.next().unwrap_or_else(|| default.to_owned());
    let settings = Settings {
        own_url: next("http://localhost:8081"),
        cas_url: next("http://localhost:8080/cas"),
    };
    let own = Url::parse(&settings.own_url)?;
    let port = own.port_or_known_default().unwrap_or(8081);
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("{} signs in at {}", settings.own_url, settings.cas_url);
    serve(listener, settings, async { _ = tokio::signal::ctrl_c().await }).await;
    Ok(())
}

/// What CAS said about a ticket's owner.
#[derive(Clone, Default)]
struct Person {
    user: String,
    attributes: Vec<(String, String)>,
}

struct Session {
    /// The service ticket: CAS names the session by it when it asks to end it.
    ticket: String,
    person: Person,
    began: Instant,
}

struct Application {
    settings: Settings,
    sessions: Mutex<HashMap<String, Session>>,
}

impl Application {
    async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Result<Page, Infallible> {
        let words = Words::of(&request);
        let answer = match (request.method(), request.uri().path()) {
            (&Method::GET, "/") => Ok(self.welcome(&request, words)),
            (&Method::GET, "/private") => self.private(&request, words).await,
            (&Method::POST, "/private") => self.single_logout(request).await,
            (&Method::POST, "/logout") => Ok(self.logout(&request)),
            (&Method::GET, "/style.css") => Ok(page(StatusCode::OK, "text/css", STYLE.to_owned())),
            _ => Ok(words.page(StatusCode::NOT_FOUND, words.nothing, "")),
        };
        Ok(answer.unwrap_or_else(|error| {
            let detail = format!("<p><code>{}</code></p>", escape(error.to_string()));
            let again = format!("<p><a class=\"button\" href=\"/\">{}</a></p>", words.again);
            words.page(StatusCode::BAD_GATEWAY, words.refused, &(detail + &again))
        }))
    }

    /// Open to all: says what is behind the door.
    fn welcome(&self, request: &Request<Incoming>, words: &Words) -> Page {
        let known = self.person(request).is_some();
        let door = if known { words.back } else { words.enter };
        let body = format!(
            "<p>{}</p><p><a class=\"button\" href=\"/private\">{door}</a></p>",
            words.introduction
        );
        words.page(StatusCode::OK, words.title, &body)
    }

    /// For people CAS knows: without a session, to CAS; back with a ticket, have it checked.
    async fn private(&self, request: &Request<Incoming>, words: &Words) -> Fallible<Page> {
        if let Some(person) = self.person(request) {
            return Ok(words.page(
                StatusCode::OK,
                &format!("{} {}", words.hello, escape(person.name())),
                &words.card(&person),
            ));
        }
        let query = request.uri().query().unwrap_or_default();
        let ticket = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "ticket");
        let Some((_, ticket)) = ticket else {
            return Ok(redirect(&self.cas("/login", &[("service", &self.service())])?));
        };
        let person = self.validate(&ticket).await?;
        let id = self.begin(ticket.into_owned(), person)?;
        let mut answer = redirect(&self.service());
        let cookie = format!("{COOKIE}={id}; Path=/; HttpOnly; SameSite=Lax");
        answer.headers_mut().insert(header::SET_COOKIE, cookie.parse()?);
        Ok(answer)
    }

    /// CAS posts here, server to server, when the person signed out anywhere.
    async fn single_logout(&self, request: Request<Incoming>) -> Fallible<Page> {
        let form = text(request.into_body()).await?;
        let mut fields = url::form_urlencoded::parse(form.as_bytes());
        let Some((_, xml)) = fields.find(|(name, _)| name == "logoutRequest") else {
            return Ok(page(
                StatusCode::BAD_REQUEST,
                "text/plain",
                "no logoutRequest".to_owned(),
            ));
        };
        let over = leaves(&xml)?
            .into_iter()
            .find(|(path, _)| path.ends_with("/SessionIndex"));
        let over = over.map(|(_, ticket)| ticket).unwrap_or_default();
        self.sessions().retain(|_, session| session.ticket != over);
        Ok(page(StatusCode::OK, "text/plain", String::new()))
    }

    /// Ends the session here, then everywhere.
    fn logout(&self, request: &Request<Incoming>) -> Page {
        if let Some(id) = cookie(request) {
            self.sessions().remove(&id);
        }
        let home = format!("{}/", self.settings.own_url);
        let everywhere = self.cas("/logout", &[("service", &home)]);
        let mut answer = redirect(&everywhere.unwrap_or(home));
        *answer.status_mut() = StatusCode::SEE_OTHER;
        answer
    }

    async fn validate(&self, ticket: &str) -> Fallible<Person> {
        let url = self.cas(
            "/p3/serviceValidate",
            &[("service", &self.service()), ("ticket", ticket)],
        )?;
        let xml = tokio::time::timeout(PATIENCE, get(&Url::parse(&url)?)).await??;
        let mut person = Person::default();
        for (path, value) in leaves(&xml)? {
            if path == "/serviceResponse/authenticationSuccess/user" {
                person.user = value;
            } else if let Some(name) = path.strip_prefix("/serviceResponse/authenticationSuccess/attributes/")
            {
                person.attributes.push((name.to_owned(), value));
            } else if path == "/serviceResponse/authenticationFailure/@code" {
                return Err(value.into());
            }
        }
        if person.user.is_empty() {
            Err("CAS names nobody".into())
        } else {
            Ok(person)
        }
    }

    fn begin(&self, ticket: String, person: Person) -> Fallible<String> {
        let mut random = [0; 16];
        SystemRandom::new()
            .fill(&mut random)
            .map_err(|_| "no randomness")?;
        let id = HEXLOWER.encode(&random);
        let mut sessions = self.sessions();
        sessions.retain(|_, session| session.began.elapsed() < SESSION);
        sessions.insert(
            id.clone(),
            Session {
                ticket,
                person,
                began: Instant::now(),
            },
        );
        Ok(id)
    }

    fn person(&self, request: &Request<Incoming>) -> Option<Person> {
        let sessions = self.sessions();
        let session = sessions.get(&cookie(request)?)?;
        (session.began.elapsed() < SESSION).then(|| session.person.clone())
    }

    fn sessions(&self) -> MutexGuard<'_, HashMap<String, Session>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The URL that tickets are bound to: the same when asked for and when checked.
    fn service(&self) -> String {
        format!("{}/private", self.settings.own_url)
    }

    fn cas(&self, path: &str, parameters: &[(&str, &str)]) -> Fallible<String> {
        let url = format!("{}{path}", self.settings.cas_url);
        Ok(Url::parse_with_params(&url, parameters)?.into())
    }
}

impl Person {
    fn name(&self) -> &str {
        let named = self.attributes.iter().find(|(name, _)| name == "displayName");
        named.map_or(&self.user, |(_, value)| value)
    }
}

/// Each text and attribute of an XML document, by the local names that lead to it:
/// `("/a/b", "text of b")`, `("/a/@code", "value")`.
fn leaves(xml: &str) -> Fallible<Vec<(String, String)>> {
    let mut reader = quick_xml::Reader::from_str(xml);
    let (mut path, mut text, mut found) = (String::new(), String::new(), Vec::new());
    loop {
        match reader.read_event()? {
            Event::Start(tag) => {
                text.clear();
                let _ = write!(path, "/{}", tag.local_name().as_ref());
                for attribute in tag.attributes() {
                    let attribute = attribute?;
                    let name = format!("{path}/@{}", attribute.key.local_name().as_ref());
                    found.push((
                        name,
                        attribute.normalized_value(XmlVersion::Implicit1_0)?.into_owned(),
                    ));
                }
            }
            Event::Text(part) => text.push_str(&part.xml10_content()),
            Event::CData(part) => text.push_str(&part),
            Event::GeneralRef(name) => text.push_str(&quick_xml::escape::unescape(&format!("&{};", &*name))?),
            Event::End(_) => {
                if !text.trim().is_empty() {
                    found.push((path.clone(), std::mem::take(&mut text)));
                }
                path.truncate(path.rfind('/').unwrap_or_default());
            }
            Event::Eof => return Ok(found),
            _ => {}
        }
    }
}

/// One GET over http or https.
async fn get(url: &Url) -> Fallible<String> {
    let host = url.host_str().ok_or("a CAS URL without a host")?;
    let port = url.port_or_known_default().ok_or("a CAS URL without a port")?;
    let stream = TcpStream::connect((host, port)).await?;
    if url.scheme() != "https" {
        return exchange(stream, url).await;
    }
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = host.to_owned().try_into()?;
    exchange(
        TlsConnector::from(Arc::new(config)).connect(name, stream).await?,
        url,
    )
    .await
}

async fn exchange<S>(stream: S, url: &Url) -> Fallible<String>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let request = Request::get(&url[url::Position::BeforePath..])
        .header(
            header::HOST,
            &url[url::Position::BeforeHost..url::Position::AfterPort],
        )
        .body(Empty::<Bytes>::new())?;
    let answer = sender.send_request(request).await?;
    if answer.status() != StatusCode::OK {
        return Err(format!("CAS answers {}", answer.status()).into());
    }
    text(answer.into_body()).await
}

async fn text(body: impl Body<Data = Bytes, Error = hyper::Error> + Send) -> Fallible<String> {
    let bytes = Limited::new(body, LARGEST).collect().await?.to_bytes();
    Ok(String::from_utf8(bytes.into())?)
}

fn cookie(request: &Request<Incoming>) -> Option<String> {
    let cookies = request.headers().get(header::COOKIE)?.to_str().ok()?;
    let mut pairs = cookies.split(';').filter_map(|pair| pair.trim().split_once('='));
    pairs
        .find(|(name, _)| *name == COOKIE)
        .map(|(_, id)| id.to_owned())
}

fn redirect(url: &str) -> Page {
    let mut answer = page(StatusCode::FOUND, "text/plain", String::new());
    if let Ok(url) = url.parse() {
        answer.headers_mut().insert(header::LOCATION, url);
    }
    answer
}

fn page(status: StatusCode, kind: &str, body: String) -> Page {
    let mut answer = Response::new(Full::from(body));
    *answer.status_mut() = status;
    let headers = [
        (header::CONTENT_TYPE, format!("{kind}; charset=utf-8")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'self'".to_owned(),
        ),
    ];
    for (name, value) in headers {
        if let Ok(value) = value.parse() {
            answer.headers_mut().insert(name, value);
        }
    }
    answer
}

/// The texts of one language.
struct Words {
    tag: &'static str,
    title: &'static str,
    introduction: &'static str,
    enter: &'static str,
    back: &'static str,
    hello: &'static str,
    user: &'static str,
    explanation: &'static str,
    leave: &'static str,
    refused: &'static str,
    again: &'static str,
    nothing: &'static str,
}

const FRENCH: Words = Words {
    tag: "fr",
    title: "Application d’exemple",
    introduction: "Cette application ne connaît aucun mot de passe. Elle confie la connexion au service \
                   de votre établissement, qui lui dit ensuite qui vous êtes.",
    enter: "Se connecter",
    back: "Voir mon profil",
    hello: "Bonjour",
    user: "Identifiant",
    explanation: "Voici tout ce que le service de connexion a transmis à cette application.",
    leave: "Se déconnecter",
    refused: "La connexion n’a pas abouti",
    again: "Recommencer",
    nothing: "Cette page n’existe pas",
};

const ENGLISH: Words = Words {
    tag: "en",
    title: "Sample application",
    introduction: "This application knows no password. It leaves signing in to the service of your \
                   university or school, which then tells it who you are.",
    enter: "Sign in",
    back: "Show my profile",
    hello: "Hello",
    user: "Username",
    explanation: "This is all that the sign-in service told this application.",
    leave: "Sign out",
    refused: "Signing in did not succeed",
    again: "Try again",
    nothing: "There is no such page",
};

impl Words {
    /// French, unless the browser asks for English first.
    fn of(request: &Request<Incoming>) -> &'static Words {
        let wanted = request.headers().get(header::ACCEPT_LANGUAGE);
        let wanted = wanted.and_then(|value| value.to_str().ok()).unwrap_or_default();
        let mut tags = wanted.split(',').map(str::trim);
        let first = tags.find(|tag| tag.starts_with("fr") || tag.starts_with("en"));
        if first.is_some_and(|tag| tag.starts_with("en")) {
            &ENGLISH
        } else {
            &FRENCH
        }
    }

    fn card(&self, person: &Person) -> String {
        let mut rows = format!("<dt>{}</dt><dd>{}</dd>", self.user, escape(&person.user));
        for (name, value) in &person.attributes {
            let _ = write!(rows, "<dt>{}</dt><dd>{}</dd>", escape(name), escape(value));
        }
        format!(
            "<p>{}</p><dl>{rows}</dl><form method=\"post\" action=\"/logout\"><button class=\"button\">{}</button></form>",
            self.explanation, self.leave
        )
    }

    /// `title` and `body` are HTML.
    fn page(&self, status: StatusCode, title: &str, body: &str) -> Page {
        let html = format!(
            "<!DOCTYPE html><html lang=\"{}\"><meta charset=\"utf-8\"><title>{title}</title>\
             <meta name=\"viewport\" content=\"width=device-width\"><link rel=\"stylesheet\" href=\"/style.css\">\
             <header>{}</header><main><h1>{title}</h1>{body}</main></html>",
            self.tag, self.title
        );
        page(status, "text/html", html)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_of_cas_is_read_whatever_its_prefixes_and_entities() {
        let xml = "<c:serviceResponse xmlns:c='x'><c:authenticationSuccess>\n <c:user>a&amp;b</c:user>\
                   <c:attributes><c:sn>É&#233;</c:sn><c:sn/></c:attributes></c:authenticationSuccess>\
                   <c:authenticationFailure code='INVALID_TICKET'>no</c:authenticationFailure></c:serviceResponse>";
        let found = leaves(xml).unwrap();
        let success = "/serviceResponse/authenticationSuccess";
        let failure = "/serviceResponse/authenticationFailure";
        let expected = [
            ("/serviceResponse/@c".to_owned(), "x"),
            (format!("{success}/user"), "a&b"),
            (format!("{success}/attributes/sn"), "Éé"),
            (format!("{failure}/@code"), "INVALID_TICKET"),
            (failure.to_owned(), "no"),
        ];
        assert_eq!(found, expected.map(|(path, value)| (path, value.to_owned())));
    }
}
