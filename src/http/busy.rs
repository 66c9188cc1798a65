//! The answer to a request that there was no room for: what its protocol says then, or a page that is drawn
//! once for each language, since a refusal must cost next to nothing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use bytes::Bytes;
use http::header::ACCEPT_LANGUAGE;
use http::request::Parts;
use http::{Request, StatusCode};

use super::answer::{Answer, rendered, text};
use super::cookies::{CookieScope, Cookies};
use super::endpoints::{proxy, rest, saml_validate, validate};
use super::kinds::{self, Wire};
use super::later;
use super::layers::{RequestId, TurnAway};
use super::visit::Visit;
use crate::app::App;
use crate::base::names::Locale;
use crate::flows::Catalogue;
use crate::pages::views::trouble::{Trouble, TroubleKind};
use crate::pages::{Wishes, choose_locale};

/// Stands for the support code in a page that is kept.
const CODE: &str = "0000-CODE-0000";

/// Turns away in the form that the address asks for.
pub fn turn_away(app: Arc<App>) -> TurnAway {
    let drawn = Drawn::default();
    Arc::new(move |parts, body| answer(&app, &drawn, parts, body))
}

fn answer(app: &Arc<App>, drawn: &Drawn, parts: Parts, form: &Bytes) -> Answer {
    let wire = kinds::wire(&app.settings.base, parts.uri.path());
    let status = StatusCode::SERVICE_UNAVAILABLE;
    let visit = |parts| Visit::begin(Arc::clone(app), parts, None, form);
    let mut answer = match wire {
        // Always 200, with a document of the protocol (CAS-13).
        Wire::Validation(endpoint) => return validate::busy(&visit(parts), endpoint),
        Wire::Saml => return saml_validate::busy(&visit(parts)),
        Wire::Proxy => return proxy::busy(&visit(parts)),
        Wire::Rest => rest::busy(&visit(parts)),
        Wire::Room => text(status, "text/plain;charset=UTF-8", String::new()),
        Wire::Page => text(status, "text/html;charset=UTF-8", drawn.page(app, &parts)),
    };
    later::retry_after(&mut answer, later::soon(app.ports.entropy.as_ref()));
    answer
}

/// What was drawn of one catalogue.
#[derive(Default)]
struct Drawn(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    of: Weak<Catalogue>,
    languages: Vec<Locale>,
    /// Before and after the support code.
    pages: HashMap<Locale, [String; 2]>,
}

impl Drawn {
    fn page(&self, app: &Arc<App>, parts: &Parts) -> String {
        let catalogue = app.catalogue();
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !std::ptr::eq(kept.of.as_ptr(), Arc::as_ptr(&catalogue)) {
            *kept = Kept {
                of: Arc::downgrade(&catalogue),
                languages: nobody(app, "").languages(),
                pages: HashMap::new(),
            };
        }
        let language = language(app, parts, &kept.languages);
        let page = kept.pages.entry(language);
        let [before, after] = page.or_insert_with_key(|language| draw(&nobody(app, language.as_str())));
        let code = parts.extensions.get::<RequestId>().copied().unwrap_or_default();
        [before.as_str(), code.as_str(), after.as_str()].concat()
    }
}

/// One of those that there are pages in, so few are kept. Nothing else of the request is read: a page in the
/// theme of its application would cost as much as the one it came for.
fn language(app: &App, parts: &Parts, offered: &[Locale]) -> Locale {
    let cookies = Cookies::read(&parts.headers, CookieScope::of(app));
    let query = parts.uri.query().unwrap_or_default();
    let accept = parts.headers.get(ACCEPT_LANGUAGE);
    let wishes = Wishes {
        query: query.split('&').find_map(|pair| pair.strip_prefix("lang=")),
        cookie: cookies.language(),
        accept: accept.and_then(|languages| languages.to_str().ok()),
    };
    let default = offered.first().cloned().unwrap_or_else(Locale::french);
    choose_locale(&wishes, offered, &default)
}

/// A request that says nothing but its language.
fn nobody(app: &Arc<App>, language: &str) -> Visit {
    let (mut parts, ()) = Request::new(()).into_parts();
    parts.uri = format!("/?lang={language}").parse().unwrap_or_default();
    Visit::begin(Arc::clone(app), parts, None, &[])
}

/// It offers no other language, whose address would be nobody's.
fn draw(visit: &Visit) -> [String; 2] {
    let mut frame = visit.frame(None);
    frame.languages.clear();
    frame.support_code = CODE.to_owned();
    let content = Trouble {
        kind: TroubleKind::Busy,
        // The address that was asked.
        retry: Some(String::new()),
    };
    let html = rendered(visit, &content, &frame).unwrap_or_else(|| crate::pages::last_resort(CODE));
    match html.split_once(CODE) {
        Some((before, after)) => [before.to_owned(), after.to_owned()],
        None => [html, String::new()],
    }
}
