//! What every request passes before the router and every answer after it, in one order, written
//! out in [`Edge`]'s `handle`. It knows no endpoint: pages for refusals are given to it.

pub(super) mod access_log;
mod client_address;
#[cfg(test)]
mod crowd;
mod edge_guard;
mod pace;
mod request_id;
mod security_headers;
mod shed;
mod whole_body;

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr};
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
pub use client_address::{ClientAddress, resolve};
use futures_util::FutureExt;
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use ipnet::IpNet;
pub use request_id::{RequestId, RequestIds};
pub use security_headers::{Frames, MayLocate, Picture, SignInPage};
pub use shed::{Careful, Kind, Shedder};
use tokio::time::Instant;
use tower::Service;
pub use whole_body::BodyLimits;

use super::server::{AnnouncedBy, PeerAddress, ServerSettings};
use crate::audit::Origin;
use crate::base::entropy::Entropy;
use crate::metrics::Traffic;

/// A request that no handler could answer, for whoever draws the page that says so.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// 400, 403, 404, 405, 408, 413, 414 or 431 for what was sent, 500 for a panic of ours.
    pub status: StatusCode,
    /// What the page tells people to quote.
    pub request_id: RequestId,
    /// As sent; for choosing language, institution and theme, not for output.
    pub uri: Uri,
    pub host: Option<HeaderValue>,
    pub accept_language: Option<HeaderValue>,
}

/// Draws the page of a refusal. Its status is set afterwards, whatever it says.
pub type RefusalPage = Arc<dyn Fn(&Refusal) -> Response<Body> + Send + Sync>;

/// What kind a request is when there is too much to do.
pub type KindOf = Arc<dyn Fn(&Parts) -> Kind + Send + Sync>;

/// Whether a request begins what will be turned away, from its head and whether this node is late.
pub type InVain = Arc<dyn Fn(&Parts, bool) -> bool + Send + Sync>;

/// Answers a request that there was no room for, from its head and its form.
pub type TurnAway = Arc<dyn Fn(Parts, &Bytes) -> Response<Body> + Send + Sync>;

/// What the layers need to know.
#[derive(Clone)]
pub struct LayerSettings {
    /// Proxies whose `X-Forwarded-For` is believed (T-15). There is no way to believe everybody.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether the public URL is https.
    pub https: bool,
    /// Nothing here does TLS: only the listed proxies and this machine over its loopback may ask, since anybody
    /// else would send passwords in clear.
    pub behind_proxy: bool,
    pub body: BodyLimits,
    /// As in [`ServerSettings`], checked here again for HTTP/2 and for servers that are not ours.
    pub longest_target: usize,
    pub largest_header_block: usize,
    pub most_headers: usize,
    /// Chooses support codes.
    pub entropy: Arc<dyn Entropy>,
    pub refusal_page: RefusalPage,
    /// The room of this node; without, nothing is turned away.
    pub shedder: Option<Arc<Shedder>>,
    pub kind_of: KindOf,
    pub in_vain: InVain,
    pub turn_away: TurnAway,
    /// Whether each request is a line of the log.
    pub access_log: bool,
    /// Where requests are counted.
    pub traffic: Arc<Traffic>,
}

impl LayerSettings {
    /// The limits of `server`, no proxy, an https URL, refusals in plain text.
    pub fn new(server: &ServerSettings, entropy: Arc<dyn Entropy>) -> LayerSettings {
        LayerSettings {
            trusted_proxies: Vec::new(),
            https: true,
            behind_proxy: false,
            body: BodyLimits::default(),
            longest_target: server.longest_target,
            largest_header_block: server.largest_header_block,
            most_headers: server.most_headers,
            entropy,
            refusal_page: Arc::new(plain_refusal),
            shedder: None,
            kind_of: Arc::new(|_| Kind::Kept),
            in_vain: Arc::new(|_, _| false),
            turn_away: Arc::new(|_, _| plain_busy()),
            access_log: true,
            traffic: Arc::default(),
        }
    }

    #[cfg(test)]
    fn for_tests() -> LayerSettings {
        let entropy = Arc::new(crate::base::entropy::SeededEntropy::new(1));
        LayerSettings::new(&ServerSettings::default(), entropy)
    }
}

/// Puts the layers around `inner`, usually the router.
///
/// Handlers behind it find [`ClientAddress`], [`RequestId`] and [`PeerAddress`] in the extensions
/// of the request, its body whole in memory, its target in origin form and ASCII.
pub fn stack<S>(inner: S, settings: LayerSettings) -> Edge<S> {
    Edge {
        inner,
        ids: Arc::new(RequestIds::new(settings.entropy.as_ref())),
        settings: Arc::new(settings),
    }
}

/// A service with the layers around it.
#[derive(Clone)]
pub struct Edge<S> {
    inner: S,
    ids: Arc<RequestIds>,
    settings: Arc<LayerSettings>,
}

impl<S: Clone> Edge<S> {
    /// The same where nothing does TLS, beside a place where something does.
    #[must_use]
    pub fn behind_proxy(&self) -> Edge<S> {
        let settings = LayerSettings {
            behind_proxy: self.settings.https,
            ..self.settings.as_ref().clone()
        };
        Edge {
            settings: Arc::new(settings),
            ..self.clone()
        }
    }
}

impl<S, B> Service<Request<B>> for Edge<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send + 'static,
    B: hyper::body::Body<Data = Bytes> + Send + Unpin + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // The clone that was polled ready must be the one that is called.
        let next = self.inner.clone();
        let inner = std::mem::replace(&mut self.inner, next);
        let settings = Arc::clone(&self.settings);
        let id = self.ids.next();
        Box::pin(id.while_answering(handle(inner, request, settings, id).map(Ok)))
    }
}

/// One request from the outermost layer to the innermost and back.
async fn handle<S, B>(
    inner: S,
    request: Request<B>,
    settings: Arc<LayerSettings>,
    id: RequestId,
) -> Response<Body>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
    B: hyper::body::Body<Data = Bytes> + Unpin,
{
    let began = Instant::now();
    let underway = settings.traffic.begin();
    let (mut parts, body) = request.into_parts();
    let peer = parts.extensions.get::<PeerAddress>();
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
    let client = resolve(peer, &parts.headers, &settings.trusted_proxies, || {
        settings.traffic.forwarded_unreadable();
    });
    let announced = parts.extensions.get::<AnnouncedBy>();
    let sender = announced.map_or(peer, |proxy| proxy.0.ip());
    parts.extensions.insert(client);
    parts.extensions.insert(id);

    let guarded = match settings.behind_proxy && !may_speak_in_clear(sender, &settings) {
        true => Err(StatusCode::FORBIDDEN),
        false => edge_guard::check(&mut parts, &settings),
    };
    let method = parts.method.clone();
    let mut refusal = Refusal {
        status: StatusCode::INTERNAL_SERVER_ERROR,
        request_id: id,
        uri: parts.uri.clone(),
        host: parts.headers.get(header::HOST).cloned(),
        accept_language: parts.headers.get(header::ACCEPT_LANGUAGE).cloned(),
    };
    let body = match guarded {
        Ok(()) => whole_body::read(body, &parts.headers, &settings.body).await,
        Err(status) => Err(status),
    };
    let mut response = match body {
        Ok(body) => {
            let origin = Origin {
                address: client.0,
                agent: parts.headers.get(header::USER_AGENT).cloned(),
                request: id.as_str().to_owned(),
            };
            let answering = admitted(inner, (parts, body), &settings, &refusal);
            origin.while_answering(answering).await
        }
        Err(status) => {
            refusal.status = status;
            refused(&settings, &refusal)
        }
    };
    security_headers::apply(&mut response, settings.https);
    if let Some(code) = refusal.request_id.header() {
        let name = HeaderName::from_static("x-request-id");
        response.headers_mut().insert(name, code);
    }
    if method == Method::HEAD {
        response = without_body(response);
    }
    underway.answered(response.status().as_u16());
    if settings.access_log {
        let path = refusal.uri.path();
        access_log::write(&method, path, client, response.status(), began.elapsed());
    }
    response
}

fn may_speak_in_clear(peer: IpAddr, settings: &LayerSettings) -> bool {
    let peer = peer.to_canonical();
    peer.is_loopback() || settings.trusted_proxies.iter().any(|net| net.contains(&peer))
}

/// Calls the handler if there is room for one more.
async fn admitted<S>(
    inner: S,
    (mut parts, body): (Parts, Bytes),
    settings: &LayerSettings,
    refusal: &Refusal,
) -> Response<Body>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
{
    let mut place = None;
    if let Some(shedder) = &settings.shedder {
        let kind = (settings.kind_of)(&parts);
        place = shedder
            .admit(kind, |is_late| (settings.in_vain)(&parts, is_late))
            .await;
        if place.is_none() {
            settings.traffic.shed(kind as usize);
            return (settings.turn_away)(parts, &body);
        }
        if shedder.is_careful() {
            parts.extensions.insert(Careful);
        }
    }
    let response = run(
        inner,
        Request::from_parts(parts, Body::from(body)),
        settings,
        refusal,
    )
    .await;
    if let Some(place) = place {
        // Whoever is told to come back has finished nothing.
        if response.status() != StatusCode::SERVICE_UNAVAILABLE {
            place.finish();
        }
    }
    response
}

/// Calls the handler; a panic in it is an answer like any other and spares the connection (F-30).
async fn run<S>(
    mut inner: S,
    request: Request<Body>,
    settings: &LayerSettings,
    refusal: &Refusal,
) -> Response<Body>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
{
    let answer = async move { inner.call(request).await };
    match AssertUnwindSafe(answer).catch_unwind().await {
        Ok(Ok(response)) => response,
        Err(panic) => {
            tracing::error!(cause = panic_text(&*panic), "a handler panicked");
            refused(settings, refusal)
        }
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no text")
}

fn refused(settings: &LayerSettings, refusal: &Refusal) -> Response<Body> {
    let drawn = std::panic::catch_unwind(AssertUnwindSafe(|| (settings.refusal_page)(refusal)));
    let mut response = drawn.unwrap_or_else(|_| plain_refusal(refusal));
    *response.status_mut() = refusal.status;
    if refusal.status == StatusCode::METHOD_NOT_ALLOWED {
        let allowed = HeaderValue::from_static(edge_guard::ALLOWED);
        response.headers_mut().insert(header::ALLOW, allowed);
    }
    response
}

fn plain_refusal(refusal: &Refusal) -> Response<Body> {
    let reason = refusal.status.canonical_reason().unwrap_or("Refused");
    let mut response = Response::new(Body::from(format!("{reason}\n{}\n", refusal.request_id)));
    let text = HeaderValue::from_static("text/plain;charset=UTF-8");
    response.headers_mut().insert(header::CONTENT_TYPE, text);
    response
}

fn plain_busy() -> Response<Body> {
    let mut response = Response::new(Body::from("busy\n"));
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    response
}

/// The same head without a body (RFC 9110 §9.3.2), for handlers that made one all the same.
fn without_body(response: Response<Body>) -> Response<Body> {
    let (mut parts, body) = response.into_parts();
    let length = hyper::body::Body::size_hint(&body).exact();
    if let Some(length) = length.filter(|length| *length > 0) {
        parts
            .headers
            .insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    Response::from_parts(parts, Body::empty())
}
