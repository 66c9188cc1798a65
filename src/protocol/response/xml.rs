//! CAS 2 and 3 in XML. Pure ASCII on one line, with the literal prefix `cas:`, without declaration,
//! comment or CDATA: what the oldest clients can read (CAS-132 to CAS-141).

use super::markup::{Markup, Tag, document};
use super::{Outcome, Technical, ValidationSuccess, failure_text};

pub fn write(outcome: &Outcome) -> String {
    response(|response| match outcome {
        Outcome::Success(success) => {
            let tag = Tag::known("cas:authenticationSuccess");
            response.element(&tag, &[], |root| write_success(root, success));
        }
        Outcome::Failure { failure, reference } => {
            let tag = Tag::known("cas:authenticationFailure");
            let text = failure_text(*failure, reference);
            response.element(&tag, &[("code", failure.code())], |root| root.text(&text));
        }
    })
}

/// The document that every answer in XML is.
pub fn response(content: impl FnOnce(&mut Markup)) -> String {
    let namespace = ("xmlns:cas", "http://www.yale.edu/tp/cas");
    document("cas:serviceResponse", &[namespace], content)
}

/// The user comes before all else, because clients take the first element of that name (CAS-134).
fn write_success(root: &mut Markup, success: &ValidationSuccess) {
    root.leaf(&Tag::known("cas:user"), success.user.as_str());
    if success.technical.is_some() || success.sent_attributes().next().is_some() {
        root.element(&Tag::known("cas:attributes"), &[], |attributes| {
            write_attributes(attributes, success);
        });
    }
    if let Some(ticket) = &success.proxy_granting_ticket {
        root.leaf(&Tag::known("cas:proxyGrantingTicket"), ticket.expose());
    }
    if !success.proxies.is_empty() {
        root.element(&Tag::known("cas:proxies"), &[], |proxies| {
            for proxy in &success.proxies {
                proxies.leaf(&Tag::known("cas:proxy"), proxy);
            }
        });
    }
}

/// One element per value, in order (CAS-236), after the protocol's own.
fn write_attributes(attributes: &mut Markup, success: &ValidationSuccess) {
    if let Some(technical) = &success.technical {
        write_technical(attributes, technical);
    }
    for attribute in success.sent_attributes() {
        let tag = Tag::of_attribute(&attribute.name);
        for value in attribute.sent_values() {
            attributes.leaf(&tag, value);
        }
    }
}

fn write_technical(attributes: &mut Markup, technical: &Technical) {
    let word = |on| if on { "true" } else { "false" };
    let remembered = Tag::known("cas:longTermAuthenticationRequestTokenUsed");
    let date = technical.authenticated_at.to_rfc3339();
    attributes.leaf(&Tag::known("cas:authenticationDate"), &date);
    attributes.leaf(&remembered, word(technical.remembered));
    attributes.leaf(&Tag::known("cas:isFromNewLogin"), word(technical.from_new_login));
}
