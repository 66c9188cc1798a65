//! The table of contents: which address answers what. Every route exists twice, on its own and under
//! `/t/<institution>/`.

mod account;
mod recovery;
mod rest;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{RawPathParams, Request, State};
use axum::response::IntoResponse;
use axum::routing::{MethodFilter, MethodRouter, on};
use bytes::Bytes;
use http::header::{ALLOW, HeaderValue};
use http::{Response, StatusCode};
use http_body_util::BodyExt;
use zeroize::Zeroize;

use super::answer::{Answer, redirect, text, trouble};
use super::endpoints::{
    accessibility, assets, captcha, change, delegation, discover, ending, login, logos, logout, proxy, room,
    saml_validate, validate, welcome,
};
use super::layers::RequestId;
use super::visit::Visit;
use crate::app::App;
use crate::audit::Origin;
use crate::flows::delegation::Link;
use crate::guard::captcha::Medium;
use crate::pages::views::trouble::TroubleKind;
use crate::protocol::validation_request::Endpoint;

/// Every address of one server, below its context path.
pub fn router(app: Arc<App>) -> Router {
    let base = app.settings.base.clone();
    let routes = Router::new()
        .route(
            &format!("{base}/assets/{{hash}}/{{name}}"),
            get_only(assets::show),
        )
        .route(&format!("{base}/logos/{{name}}"), get_only(logos::show));
    let offers_rest = !app.settings.rest.is_empty();
    [base.clone(), format!("{base}/t/{{tenant}}")]
        .into_iter()
        .fold(routes, |routes, place| {
            let routes = match offers_rest {
                true => rest::routes(routes, &|name: &str| format!("{place}{name}")),
                false => routes,
            };
            endpoints(routes, place)
        })
        .fallback(not_found)
        .method_not_allowed_fallback(wrong_method)
        .with_state(app)
}

type Routes = Router<Arc<App>>;

/// The routes below `place`, each under its whole path: a router inside a router would take the path
/// of every request apart and make a new one.
fn endpoints(routes: Routes, place: String) -> Routes {
    let at = |name: &str| format!("{place}{name}");
    let routes = match place.as_str() {
        "" => routes,
        place => routes.route(place, get_only(to_login)),
    };
    let routes = routes
        .route(&at("/login"), get_and_post(show_login, submit_login))
        .route(&at("/login/room"), get_only(show_room))
        .route(&at("/login/proceed"), get_and_post(to_login, proceed))
        .route(&at("/login/with/{upstream}"), get_only(depart))
        .route(
            &at("/login/from/{realm}/{upstream}"),
            get_and_post(come_back, hear_of_end),
        )
        .route(
            &at("/login/from/{realm}/{upstream}/account"),
            get_and_post(to_login, take_account),
        )
        .route(&at("/login/change"), get_and_post(show_change, submit_change))
        .route(&at("/login/ending"), get_only(show_ending))
        .route(&at("/logout"), get_and_post(logout_by_get, logout_by_post))
        .route(&at("/logout/told"), get_only(show_told))
        .route(&at("/captcha/{challenge}/picture"), captcha(Medium::Picture))
        .route(&at("/captcha/{challenge}/sound"), captcha(Medium::Sound))
        .route(&at("/accessibility"), get_only(show_accessibility))
        .route(&at("/discover"), get_only(show_picker))
        .route(&at("/discover/departments"), get_only(browse))
        .route(&at("/discover/choose"), get_and_post(to_picker, choose))
        .route(&at("/discover/forget"), get_and_post(to_picker, forget))
        .route(&at("/tenants"), get_only(suggest))
        .route(&at("/welcome"), get_only(show_welcome))
        .route(&at("/proxy"), get_only(give_proxy_ticket))
        .route(&at("/samlValidate"), on(MethodFilter::POST, saml_validation))
        .route(&at("/"), get_only(to_login));
    let routes = recovery::routes(routes, &at);
    let routes = account::routes(routes, &at);
    [
        ("/validate", Endpoint::Validate),
        ("/serviceValidate", Endpoint::ServiceValidate),
        ("/proxyValidate", Endpoint::ProxyValidate),
        ("/p3/serviceValidate", Endpoint::P3ServiceValidate),
        ("/p3/proxyValidate", Endpoint::P3ProxyValidate),
    ]
    .into_iter()
    .fold(routes, |routes, (path, endpoint)| {
        routes.route(&at(path), validation(endpoint))
    })
}

/// HEAD and OPTIONS never run a handler that mints, spends or ends anything (CAS-6).
fn quiet() -> MethodRouter<Arc<App>> {
    on(MethodFilter::HEAD, || async { StatusCode::OK }).on(MethodFilter::OPTIONS, || async {
        let mut answer = Response::new(Body::empty());
        *answer.status_mut() = StatusCode::NO_CONTENT;
        answer
            .headers_mut()
            .insert(ALLOW, HeaderValue::from_static("GET, HEAD, POST, OPTIONS"));
        answer
    })
}

fn get_only<H, T>(handler: H) -> MethodRouter<Arc<App>>
where
    H: axum::handler::Handler<T, Arc<App>>,
    T: 'static,
{
    quiet().on(MethodFilter::GET, handler)
}

fn get_and_post<G, P, T, U>(get: G, post: P) -> MethodRouter<Arc<App>>
where
    G: axum::handler::Handler<T, Arc<App>>,
    P: axum::handler::Handler<U, Arc<App>>,
    T: 'static,
    U: 'static,
{
    quiet().on(MethodFilter::GET, get).on(MethodFilter::POST, post)
}

type Tenant = Result<RawPathParams, RawPathParamsRejection>;

/// A name that cannot be read is one that nobody has.
fn tenant(path: Tenant) -> Option<String> {
    match path {
        Ok(names) => named(&names, "tenant"),
        Err(_) => Some(char::REPLACEMENT_CHARACTER.to_string()),
    }
}

fn named(names: &RawPathParams, wanted: &str) -> Option<String> {
    names
        .iter()
        .find_map(|(name, value)| (name == wanted).then(|| value.to_owned()))
}

/// The other server that a path names.
fn link_of(path: &Tenant) -> Option<Link> {
    let names = path.as_ref().ok()?;
    let [realm, upstream] = ["realm", "upstream"].map(|wanted| named(names, wanted));
    delegation::link(realm.as_deref(), upstream.as_deref())
}

/// The visit of a request without a form.
fn plain(app: Arc<App>, path: Tenant, request: Request) -> Visit {
    let (parts, _) = request.into_parts();
    Visit::begin(app, parts, tenant(path), b"")
}

/// The visit of a request with a form; the layers have read the body whole (T-08).
async fn with_form(app: Arc<App>, path: Tenant, request: Request) -> Result<Visit, Answer> {
    let (parts, body) = request.into_parts();
    match body.collect().await {
        Ok(form) => {
            let form = form.to_bytes();
            let visit = Visit::begin(app, parts, tenant(path), &form);
            wipe(form);
            Ok(visit)
        }
        Err(_) => {
            let visit = Visit::begin(app, parts, tenant(path), b"");
            Err(trouble(
                &visit,
                StatusCode::BAD_REQUEST,
                TroubleKind::BadRequest,
                None,
            ))
        }
    }
}

/// A form holds passwords and codes (SEC-90). What the connection's own buffer still holds is not ours.
fn wipe(form: Bytes) {
    if let Ok(mut form) = form.try_into_mut() {
        form.as_mut().zeroize();
    }
}

/// Runs what must not stop half-way when the client hangs up: a password that reached the directory
/// is counted (T-61), a session that ended is told to its services.
async fn to_its_end<F>(work: F) -> Answer
where
    F: Future<Output = Answer> + Send + 'static,
{
    // What goes around it would copy all of it, which is large, each time.
    let work = Box::pin(work);
    match tokio::spawn(RequestId::carried_along(Origin::carried_along(work))).await {
        Ok(answer) => answer,
        // The layers turn a panic into a page.
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        },
    }
}

async fn show_login(State(app): State<Arc<App>>, path: Tenant, request: Request) -> Answer {
    Box::pin(login::show(plain(app, path, request))).await
}

async fn submit_login(State(app): State<Arc<App>>, path: Tenant, request: Request) -> Answer {
    match with_form(app, path, request).await {
        Ok(visit) => to_its_end(login::submit(visit)).await,
        Err(answer) => answer,
    }
}

async fn show_room(State(app): State<Arc<App>>, path: Tenant, request: Request) -> Answer {
    room::show(plain(app, path, request)).await
}

async fn proceed(State(app): State<Arc<App>>, path: Tenant, request: Request) -> Answer {
    match with_form(app, path, request).await {
        Ok(visit) => to_its_end(login::proceed(visit)).await,
        Err(answer) => answer,
    }
}

async fn depart(State(app): State<Arc<App>>, path: Tenant, request: Request) -> Answer {
    let upstream = path.as_ref().ok().and_then(|names| named(names, "upstream"));
    Box::pin(delegation::depart(plain(app, path, request), upstream)).await
}

async fn come_back(State(app): State<Arc<App>>, path: Tenant, request: Request) -> Answer {
    let link = link_of(&path);
    to_its_end(delegation::arrive(plain(app, path, request), link)).await
}

async fn hear_of_end(State(app): State<Arc<App>>, path: Tenant, request: Request) -> Answer {
    let link = link_of(&path);
    match with_form(app, path, request).await {
        Ok(visit) => to_its_end(delegation::hear(visit, link)).await,
        Err(answer) => answer,
    }
}

async fn take_account(State(app): State<Arc<App>>, path: Tenant, request: Request) -> Answer {
    let link = link_of(&path);
    match with_form(app, path, request).await {
        Ok(visit) => to_its_end(delegation::take(visit, link)).await,
        Err(answer) => answer,
    }
}

async fn show_change(State(app): State<Arc<App>>, path: Tenant, request: Request) -> Answer {
    Box::pin(change::show(plain(app, path, request))).await
}

async fn show_ending(State(app): State<Arc<App>>, path: Tenant, request: Request) -> Answer {
    Box::pin(ending::show(plain(app, path, request))).await
}

async fn submit_change(State(app): State<Arc<App>>, path: Tenant, request: Request) -> Answer {
    match with_form(app, path, request).await {
        Ok(visit) => to_its_end(change::submit(visit)).await,
        Err(answer) => answer,
    }
}

async fn logout_by_get(State(app): State<Arc<App>>, path: Tenant, request: Request) -> Answer {
    to_its_end(logout::end(plain(app, path, request), false)).await
}

async fn logout_by_post(State(app): State<Arc<App>>, path: Tenant, request: Request) -> Answer {
    match with_form(app, path, request).await {
        Ok(visit) => to_its_end(logout::end(visit, true)).await,
        Err(answer) => answer,
    }
}

async fn show_told(State(app): State<Arc<App>>, path: Tenant, request: Request) -> Answer {
    Box::pin(logout::told(plain(app, path, request))).await
}

fn captcha(medium: Medium) -> MethodRouter<Arc<App>> {
    get_only(
        move |State(app): State<Arc<App>>, path: Tenant, request: Request| async move {
            let challenge = path.as_ref().ok().and_then(|names| named(names, "challenge"));
            captcha::show(plain(app, path, request), challenge, medium).await
        },
    )
}

async fn show_accessibility(State(app): State<Arc<App>>, path: Tenant, request: Request) -> Answer {
    accessibility::show(plain(app, path, request)).await
}

async fn show_picker(State(app): State<Arc<App>>, path: Tenant, request: Request) -> Answer {
    discover::show(plain(app, path, request)).await
}

async fn browse(State(app): State<Arc<App>>, path: Tenant, request: Request) -> Answer {
    discover::browse(plain(app, path, request)).await
}

async fn suggest(State(app): State<Arc<App>>, path: Tenant, request: Request) -> Answer {
    discover::suggest(plain(app, path, request)).await
}

async fn show_welcome(State(app): State<Arc<App>>, path: Tenant, request: Request) -> Answer {
    welcome::show(plain(app, path, request)).await
}

async fn choose(State(app): State<Arc<App>>, path: Tenant, request: Request) -> Answer {
    match with_form(app, path, request).await {
        Ok(visit) => discover::choose(visit).await,
        Err(answer) => answer,
    }
}

async fn forget(State(app): State<Arc<App>>, path: Tenant, request: Request) -> Answer {
    match with_form(app, path, request).await {
        Ok(visit) => discover::forget(visit).await,
        Err(answer) => answer,
    }
}

/// A reload of what a form answered.
async fn to_picker(State(app): State<Arc<App>>, path: Tenant, request: Request) -> Answer {
    let visit = plain(app, path, request);
    discover::again(&visit)
}

/// The handlers that everybody comes through are boxed where they are made: axum moves a handler's
/// future four times, all its kilobytes with it.
fn validation(endpoint: Endpoint) -> MethodRouter<Arc<App>> {
    let by_get = move |State(app): State<Arc<App>>, path: Tenant, request: Request| async move {
        Box::pin(validate::answer(plain(app, path, request), endpoint)).await
    };
    let by_post = move |State(app): State<Arc<App>>, path: Tenant, request: Request| async move {
        match with_form(app, path, request).await {
            Ok(visit) => Box::pin(validate::answer(visit, endpoint)).await,
            Err(answer) => answer,
        }
    };
    get_and_post(by_get, by_post)
}

/// By POST alone (CAS-209).
async fn saml_validation(State(app): State<Arc<App>>, path: Tenant, request: Request) -> Answer {
    let (parts, body) = request.into_parts();
    let visit = Visit::begin(app, parts, tenant(path), b"");
    match body.collect().await {
        Ok(body) => saml_validate::answer(visit, &body.to_bytes()).await,
        Err(_) => trouble(&visit, StatusCode::BAD_REQUEST, TroubleKind::BadRequest, None),
    }
}

async fn give_proxy_ticket(State(app): State<Arc<App>>, path: Tenant, request: Request) -> Answer {
    proxy::answer(plain(app, path, request)).await
}

/// `GET /cas` and `GET /cas/` (CAS-2).
async fn to_login(State(app): State<Arc<App>>, path: Tenant, request: Request) -> Answer {
    let visit = plain(app, path, request);
    let to = visit.login_with_same_query();
    redirect(false, &to).unwrap_or_else(|| {
        text(
            StatusCode::BAD_REQUEST,
            "text/plain;charset=UTF-8",
            "400\n".into(),
        )
    })
}

async fn not_found(State(app): State<Arc<App>>, path: Tenant, request: Request) -> Answer {
    let visit = plain(app, path, request);
    trouble(&visit, StatusCode::NOT_FOUND, TroubleKind::NotFound, None)
}

async fn wrong_method(State(app): State<Arc<App>>, path: Tenant, request: Request) -> Answer {
    let visit = plain(app, path, request);
    trouble(
        &visit,
        StatusCode::METHOD_NOT_ALLOWED,
        TroubleKind::NotAllowed,
        None,
    )
}
