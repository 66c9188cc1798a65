//! `/proxy`: no service may proxy yet, so no proxy-granting ticket is ever issued and every one that
//! is shown is unknown; the answer is the protocol's own (CAS-1, CAS-175, CAS-177).

use http::StatusCode;

use crate::http::answer::{Answer, text};
use crate::http::visit::Visit;
use crate::protocol::response::{Tag, response};

pub fn answer(visit: &Visit) -> Answer {
    let given = |name| matches!(visit.params.only(name), Ok(Some(_)));
    let (code, text_of_it) = if given("pgt") && given("targetService") {
        ("INVALID_TICKET", "The proxy-granting ticket is not known.")
    } else {
        ("INVALID_REQUEST", "The request lacks pgt or targetService.")
    };
    let told = format!("{text_of_it} (reference {})", visit.request_id);
    let body = response(|response| {
        let tag = Tag::known("cas:proxyFailure");
        response.element(&tag, &[("code", code)], |failure| failure.text(&told));
    });
    text(StatusCode::OK, "application/xml;charset=UTF-8", body)
}
