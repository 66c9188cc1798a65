//! Answers: a rendered page with its status, a redirect, an incident. Headers that every answer has
//! are the layers' work.

use std::time::{Duration, Instant};

use axum::body::Body;
use http::header::{CONTENT_TYPE, HeaderValue, LOCATION};
use http::{Response, StatusCode};

use super::later;
use super::layers::SignInPage;
use super::visit::Visit;
use crate::base::names::ThemeName;
use crate::base::seldom::Seldom;
use crate::flows::{FlowError, with_causes as chain};
use crate::pages::views::trouble::{Trouble, TroubleKind};
use crate::pages::{Frame, Page, PageError, Pages};

pub type Answer = Response<Body>;

/// A page with `status`, of the theme that the frame names. A theme that fails gives way to the one
/// it extends.
pub fn page<P: Page>(visit: &Visit, status: StatusCode, page: &P, frame: &Frame) -> Answer {
    html(visit, status, rendered(visit, page, frame))
}

fn html(visit: &Visit, status: StatusCode, rendered: Option<String>) -> Answer {
    let (status, html) = match rendered {
        Some(html) => (status, html),
        None => {
            let html = crate::pages::last_resort(visit.request_id.as_str());
            (StatusCode::INTERNAL_SERVER_ERROR, html)
        }
    };
    text(status, "text/html;charset=UTF-8", html)
}

/// The same as HTML; `None`: no theme under it can say it.
pub fn rendered<P: Page>(visit: &Visit, page: &P, frame: &Frame) -> Option<String> {
    first_to_say::<P>(visit, frame.theme.as_ref(), |pages| pages.render(page, frame))
}

fn first_to_say<P: Page>(
    visit: &Visit,
    theme: Option<&ThemeName>,
    mut say: impl FnMut(&Pages) -> Result<String, PageError>,
) -> Option<String> {
    let mut pages = Some(visit.themes.of(theme));
    while let Some(themed) = pages {
        match say(themed) {
            Ok(html) => return Some(html),
            Err(error) => {
                let theme = theme.map(ToString::to_string);
                tracing::error!(page = P::NAME, theme, error = %chain(&error), "a page of the theme cannot be rendered");
            }
        }
        pages = themed.under();
    }
    None
}

/// The login page is marked, so that its policy leaves `form-action` out (CAS-28, T-36).
pub fn login_page<P: Page>(visit: &Visit, status: StatusCode, content: &P, frame: &Frame) -> Answer {
    marked(page(visit, status, content, frame))
}

/// The same of a page that many are shown, which is remembered.
pub fn known_login_page<P: Page>(
    visit: &Visit,
    status: StatusCode,
    mut content: P,
    mut frame: Frame,
) -> Answer {
    let theme = frame.theme.clone();
    let say = |pages: &Pages| pages.render_known(&mut content, &mut frame);
    marked(html(visit, status, first_to_say::<P>(visit, theme.as_ref(), say)))
}

fn marked(mut answer: Answer) -> Answer {
    answer.extensions_mut().insert(SignInPage);
    answer
}

pub fn text(status: StatusCode, content_type: &'static str, body: String) -> Answer {
    let mut answer = Response::new(Body::from(body));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.reserve(MOST_HEADERS);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    answer
}

/// Those the layers add, `Content-Type` and a cookie or two. A map that grows under them on its way
/// was a fiftieth of the CPU of a validation.
const MOST_HEADERS: usize = 16;

/// Sends the browser on by GET: 303 after a POST, 302 after a GET. `to` comes from a
/// [`crate::protocol::service_url::ServiceUrl`] or from our own routes.
pub fn redirect(after_post: bool, to: &str) -> Option<Answer> {
    let location = HeaderValue::from_str(to).ok()?;
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = if after_post {
        StatusCode::SEE_OTHER
    } else {
        StatusCode::FOUND
    };
    let headers = answer.headers_mut();
    headers.reserve(MOST_HEADERS);
    headers.insert(LOCATION, location);
    Some(answer)
}

/// A page that says what went wrong.
pub fn trouble(visit: &Visit, status: StatusCode, kind: TroubleKind, retry: Option<String>) -> Answer {
    page(visit, status, &Trouble { kind, retry }, &visit.frame(None))
}

/// The store or the directory could not tell: 503, and when to come back.
pub fn incident(visit: &Visit, error: &FlowError, retry: Option<String>) -> Answer {
    log_incident(error);
    let seconds = later::after(visit.app.ports.entropy.as_ref(), error);
    turned_away(visit, retry, seconds)
}

/// The 503 of who does not answer, the same for everybody (SEC-08).
pub fn unavailable(visit: &Visit, retry: Option<String>) -> Answer {
    turned_away(visit, retry, later::later(visit.app.ports.entropy.as_ref()))
}

fn turned_away(visit: &Visit, retry: Option<String>, seconds: u64) -> Answer {
    let mut answer = trouble(
        visit,
        StatusCode::SERVICE_UNAVAILABLE,
        TroubleKind::Unavailable,
        retry,
    );
    later::retry_after(&mut answer, seconds);
    answer
}

/// Requests that there was no room for.
static CROWDS: Seldom = Seldom::new(Duration::from_secs(10));

/// Logs what stopped a flow, once, with its causes. A crowd would write a line for each of its many: one tells
/// of those since the last.
pub fn log_incident(error: &FlowError) {
    if !error.is_crowd() {
        tracing::error!(error = %chain(error), "a request could not be served");
    } else if let Some(held_back) = CROWDS.due(Instant::now()) {
        let error = chain(error);
        tracing::warn!(%error, held_back, "no room for a request: shed_total counts them");
    }
}
