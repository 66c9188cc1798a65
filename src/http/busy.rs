//! The answer to a request that there was no room for: what its protocol says then, or a page that is drawn
//! once for each language, since a refusal must cost next to nothing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use bytes::Bytes;
use http::StatusCode;
use http::request::Parts;

use super::answer::{Answer, rendered, text};
use super::endpoints::{proxy, rest, saml_validate, validate};
use super::kinds::{self, Wire};
use super::later;
use super::layers::TurnAway;
use super::visit::Visit;
use crate::app::App;
use crate::base::names::Locale;
use crate::flows::Catalogue;
use crate::pages::views::trouble::{Trouble, TroubleKind};

/// Stands for the support code in a page that is kept.
const CODE: &str = "0000-CODE-0000";

/// Turns away in the form that the address asks for.
pub fn turn_away(app: Arc<App>) -> TurnAway {
    let drawn = Drawn::default();
    Arc::new(move |parts, body| answer(&app, &drawn, parts, body))
}

fn answer(app: &Arc<App>, drawn: &Drawn, parts: Parts, form: &Bytes) -> Answer {
    let wire = kinds::wire(&app.settings.base, parts.uri.path());
    let visit = Visit::begin(Arc::clone(app), parts, None, form);
    let status = StatusCode::SERVICE_UNAVAILABLE;
    let mut answer = match wire {
        // Always 200, with a document of the protocol (CAS-13).
        Wire::Validation(endpoint) => return validate::busy(&visit, endpoint),
        Wire::Saml => return saml_validate::busy(&visit),
        Wire::Proxy => return proxy::busy(&visit),
        Wire::Rest => rest::busy(&visit),
        Wire::Room => text(status, "text/plain;charset=UTF-8", String::new()),
        Wire::Page => text(status, "text/html;charset=UTF-8", drawn.page(&visit)),
    };
    later::retry_after(&mut answer, later::soon(app.ports.entropy.as_ref()));
    answer
}

/// Pages by language, before and after the support code, as the catalogue had them.
#[derive(Default)]
struct Drawn(Mutex<(Weak<Catalogue>, Pages)>);

type Pages = HashMap<Locale, [String; 2]>;

impl Drawn {
    fn page(&self, visit: &Visit) -> String {
        // One of those that there are pages in, so few are kept.
        let language = visit.locale(None);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (of, pages) = &mut *kept;
        if !std::ptr::eq(of.as_ptr(), Arc::as_ptr(&visit.catalogue)) {
            *of = Arc::downgrade(&visit.catalogue);
            pages.clear();
        }
        let [before, after] = pages.entry(language).or_insert_with(|| draw(visit));
        [before.as_str(), visit.request_id.as_str(), after.as_str()].concat()
    }
}

/// A page about nobody's request: it offers no other language, whose address would be this one's.
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
