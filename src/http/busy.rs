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

/// What was drawn of the catalogue of this moment.
#[derive(Default)]
struct Drawn(Mutex<Arc<Kept>>);

#[derive(Default)]
struct Kept {
    of: Weak<Catalogue>,
    languages: Vec<Locale>,
    /// What stands around the support code.
    pages: HashMap<Locale, Vec<String>>,
}

impl Drawn {
    fn page(&self, app: &Arc<App>, parts: &Parts) -> String {
        let kept = self.kept(app);
        let page = kept.pages.get(&language(app, parts, &kept.languages));
        let code = parts.extensions.get::<RequestId>().copied().unwrap_or_default();
        match page {
            Some(page) => page.join(code.as_str()),
            None => crate::pages::last_resort(code.as_str()),
        }
    }

    fn kept(&self, app: &Arc<App>) -> Arc<Kept> {
        let catalogue = app.catalogue();
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !std::ptr::eq(kept.of.as_ptr(), Arc::as_ptr(&catalogue)) {
            let languages = nobody(app, "").languages();
            let page = |language: &Locale| (language.clone(), draw(&nobody(app, language.as_str())));
            *kept = Arc::new(Kept {
                of: Arc::downgrade(&catalogue),
                pages: languages.iter().map(page).collect(),
                languages,
            });
        }
        Arc::clone(&kept)
    }
}

/// Nothing else of the request is read: a page in the theme of its application would cost as much as the one
/// it came for.
fn language(app: &App, parts: &Parts, offered: &[Locale]) -> Locale {
    let cookies = Cookies::read(&parts.headers, CookieScope::of(app));
    let query = parts.uri.query().unwrap_or_default();
    let mut wished = query.split('&').filter_map(|pair| pair.strip_prefix("lang="));
    let accept = parts.headers.get(ACCEPT_LANGUAGE);
    let wishes = Wishes {
        query: wished.find(|tag| !tag.is_empty()),
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

/// It offers no other language, whose address would be nobody's, and has no banner, which would stay for ever.
fn draw(visit: &Visit) -> Vec<String> {
    let mut frame = visit.frame(None);
    frame.languages.clear();
    frame.banner = None;
    frame.support_code = CODE.to_owned();
    let content = Trouble {
        kind: TroubleKind::Busy,
        // The address that was asked.
        retry: Some(String::new()),
    };
    let html = rendered(visit, &content, &frame).unwrap_or_else(|| crate::pages::last_resort(CODE));
    html.split(CODE).map(str::to_owned).collect()
}
