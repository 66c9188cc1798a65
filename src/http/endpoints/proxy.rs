//! `/proxy`: no service may proxy yet, so no proxy-granting ticket is ever issued and every one that
//! is shown is unknown; the answer is the protocol's own (CAS-1, CAS-175, CAS-177).

use http::StatusCode;

use crate::http::answer::{Answer, text};
use crate::http::visit::Visit;
use crate::protocol::response::{Element, ascii_xml};

pub fn answer(visit: &Visit) -> Answer {
    let given = |name| matches!(visit.params.only(name), Ok(Some(_)));
    let (code, text_of_it) = if given("pgt") && given("targetService") {
        ("INVALID_TICKET", "The proxy-granting ticket is not known.")
    } else {
        ("INVALID_REQUEST", "The request lacks pgt or targetService.")
    };
    let failure = Element::new("cas:proxyFailure")
        .attribute("code", code)
        .text(&format!("{text_of_it} (reference {})", visit.request_id));
    let root = Element::new("cas:serviceResponse")
        .attribute("xmlns:cas", "http://www.yale.edu/tp/cas")
        .child(failure);
    text(StatusCode::OK, "application/xml;charset=UTF-8", ascii_xml(root))
}
