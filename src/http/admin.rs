//! The second address of a server, for those who run it: `/metrics`, and nothing that people use. It is
//! never a part of the public one (CAS-306).

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use http::header::{ALLOW, AUTHORIZATION, CACHE_CONTROL, HeaderValue, WWW_AUTHENTICATE};
use http::{HeaderMap, Method, Response, StatusCode};
use subtle::ConstantTimeEq;

use super::answer::text;
use super::server::Unreadable;
use crate::app::App;
use crate::base::secret::Secret;
use crate::metrics::{CONTENT_TYPE as METRICS, Exposition};
use crate::tickets::{Lane, StoreError};

/// How long a page of metrics waits for the store.
const PATIENCE: Duration = Duration::from_secs(2);

/// Who is let in.
#[derive(Clone)]
pub enum AdminAccess {
    /// Who shows `Authorization: Bearer` with this token.
    Token(Secret),
    /// Whoever is on this machine: only for a loopback address.
    Open,
}

struct Admin {
    app: Arc<App>,
    access: AdminAccess,
}

/// What [`service`] makes.
pub type Service = Router;

/// The admin address as a service for [`super::server::serve`].
pub fn service(app: Arc<App>, access: AdminAccess) -> Service {
    Router::new()
        .fallback(answer)
        .with_state(Arc::new(Admin { app, access }))
}

async fn answer(State(admin): State<Arc<Admin>>, request: Request) -> Response<Body> {
    if let Some(Unreadable(status)) = request.extensions().get() {
        return plain(*status);
    }
    if !admin.lets_in(request.headers()) {
        let mut answer = plain(StatusCode::UNAUTHORIZED);
        let realm = HeaderValue::from_static("Bearer realm=\"mereau\"");
        answer.headers_mut().insert(WWW_AUTHENTICATE, realm);
        return answer;
    }
    match (request.uri().path(), request.method()) {
        ("/metrics", &Method::GET) => metrics(&admin.app).await,
        ("/metrics", _) => {
            let mut answer = plain(StatusCode::METHOD_NOT_ALLOWED);
            answer
                .headers_mut()
                .insert(ALLOW, HeaderValue::from_static("GET"));
            answer
        }
        _ => plain(StatusCode::NOT_FOUND),
    }
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

async fn metrics(app: &App) -> Response<Body> {
    let mut page = app.ports.metrics.exposition();
    let version = [("version", env!("CARGO_PKG_VERSION"))];
    page.gauge("build_info", "The version that runs.", &version, "1");
    let asked = tokio::time::timeout(PATIENCE, stored(app, &mut page)).await;
    let up = matches!(asked, Ok(Ok(())));
    page.gauge(
        "store_up",
        "Whether the ticket store answered just now.",
        &[],
        if up { "1" } else { "0" },
    );
    let mut answer = text(StatusCode::OK, METRICS, page.text());
    let kept = HeaderValue::from_static("no-store");
    answer.headers_mut().insert(CACHE_CONTROL, kept);
    answer
}

/// What lies in the store, the same on every node that shares it.
async fn stored(app: &App, page: &mut Exposition) -> Result<(), StoreError> {
    let queue = &app.ports.recovery.requests;
    let waiting = queue.depth(Lane::Logouts).await?;
    page.gauge(
        "slo_waiting",
        "Logout messages that wait or are under way.",
        &[],
        &waiting.to_string(),
    );
    let lag = queue.lag(Lane::Logouts).await?;
    page.gauge(
        "slo_lag",
        "Seconds by which the most overdue logout message is late.",
        &[],
        &lag.as_secs_f64().to_string(),
    );
    let dead = queue.depth(Lane::DeadLogouts).await?;
    page.gauge(
        "slo_dead",
        "Logout messages that were given up within the last week.",
        &[],
        &dead.to_string(),
    );
    Ok(())
}

fn plain(status: StatusCode) -> Response<Body> {
    let body = format!("{}\n", status.as_u16());
    text(status, "text/plain; charset=utf-8", body)
}
