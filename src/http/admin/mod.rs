//! The second address of a server, for those who run it: whether it is alive and ready, its metrics, what the
//! nodes serve, the sessions of a person; nothing that people use. It is never a part of the public one (CAS-306).

mod health;
mod metrics;
mod sessions;
mod versions;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use http::header::{ALLOW, AUTHORIZATION, CACHE_CONTROL, HeaderValue, WWW_AUTHENTICATE};
use http::{HeaderMap, Method, Response, StatusCode};
use subtle::ConstantTimeEq;

use super::answer::text;
use super::layers::{self, Edge, LayerSettings};
use super::server::ServerSettings;
use crate::app::App;
use crate::base::clock::Timestamp;
use crate::base::secret::Secret;
use crate::jobs::presence::Presence;
use crate::jobs::readiness::Readiness;
use crate::tls::ServerCertificates;

/// How long an answer waits for the store.
const PATIENCE: Duration = Duration::from_secs(2);

/// Who is let in.
#[derive(Clone)]
pub enum AdminAccess {
    /// Who shows `Authorization: Bearer` with this token.
    Token(Secret),
    /// Whoever is on this machine: only for a loopback address.
    Open,
}

/// What the address tells about.
pub struct Told {
    pub app: Arc<App>,
    pub readiness: Arc<Readiness>,
    /// When the server does TLS itself.
    pub certificates: Option<Arc<ServerCertificates>>,
    /// This node among the others.
    pub presence: Option<Arc<Presence>>,
    /// When the process began.
    pub started: Timestamp,
}

impl Told {
    /// About an application that begins now and does no TLS.
    pub fn of(app: Arc<App>) -> Told {
        Told {
            readiness: Arc::default(),
            presence: None,
            certificates: None,
            started: app.ports.clock.now(),
            app,
        }
    }
}

struct Admin {
    told: Told,
    access: AdminAccess,
}

/// What [`service`] makes.
pub type Service = Edge<Router>;

/// The admin address as a service for [`super::server::serve`], with the same bounds around it as the
/// public one has.
pub fn service(told: Told, access: AdminAccess) -> Service {
    let entropy = told.app.ports.entropy.clone();
    let layers = LayerSettings {
        https: false,
        access_log: false,
        ..LayerSettings::new(&ServerSettings::default(), entropy)
    };
    let router = Router::new()
        .fallback(answer)
        .with_state(Arc::new(Admin { told, access }));
    layers::stack(router, layers)
}

async fn answer(State(admin): State<Arc<Admin>>, request: Request) -> Response<Body> {
    let known = admin.lets_in(request.headers());
    let mut answer = match request.uri().path() {
        // Who probes can seldom keep a secret: the answer is one word, and a reader of more shows his token.
        "/livez" => only(&[Method::GET], &request).unwrap_or_else(health::alive),
        "/readyz" => only(&[Method::GET], &request).unwrap_or_else(|| health::ready(&admin.told, known)),
        _ if !known => unauthorized(),
        "/metrics" => match only(&[Method::GET], &request) {
            Some(refused) => refused,
            None => metrics::page(&admin.told).await,
        },
        "/versions" => match only(&[Method::GET], &request) {
            Some(refused) => refused,
            None => versions::page(&admin.told).await,
        },
        "/sessions" => match only(&[Method::GET, Method::POST], &request) {
            Some(refused) => refused,
            // What people do is not for whoever is on this machine.
            None if matches!(admin.access, AdminAccess::Open) => plain(StatusCode::FORBIDDEN),
            None => sessions::answer(&admin.told.app, request).await,
        },
        _ => plain(StatusCode::NOT_FOUND),
    };
    let kept = HeaderValue::from_static("no-store");
    answer.headers_mut().insert(CACHE_CONTROL, kept);
    answer
}

/// The refusal of any other method; HEAD is GET without a body.
fn only(methods: &[Method], request: &Request) -> Option<Response<Body>> {
    let asked = match request.method() {
        &Method::HEAD => &Method::GET,
        method => method,
    };
    if methods.contains(asked) {
        return None;
    }
    let mut answer = plain(StatusCode::METHOD_NOT_ALLOWED);
    let allowed: Vec<&str> = methods.iter().map(Method::as_str).collect();
    if let Ok(allowed) = HeaderValue::from_str(&allowed.join(", ")) {
        answer.headers_mut().insert(ALLOW, allowed);
    }
    Some(answer)
}

fn unauthorized() -> Response<Body> {
    let mut answer = plain(StatusCode::UNAUTHORIZED);
    let realm = HeaderValue::from_static("Bearer realm=\"mereau\"");
    answer.headers_mut().insert(WWW_AUTHENTICATE, realm);
    answer
}

impl Admin {
    fn lets_in(&self, headers: &HeaderMap) -> bool {
        let token = match &self.access {
            AdminAccess::Open => return true,
            AdminAccess::Token(token) => token,
        };
        let shown = headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, shown)| shown.trim());
        shown.is_some_and(|shown| shown.as_bytes().ct_eq(token.expose().as_bytes()).into())
    }
}

fn plain(status: StatusCode) -> Response<Body> {
    let body = format!("{}\n", status.as_u16());
    text(status, "text/plain; charset=utf-8", body)
}
