//! CAS 2 and 3 in XML. Pure ASCII on one line, with the literal prefix `cas:`, without declaration,
//! comment or CDATA: what the oldest clients can read (CAS-132 to CAS-141).

use super::markup::{Markup, Tag, document};
use super::{Outcome, Place, ReleasedAttribute, Technical, ValidationSuccess, failure_text};

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
        write_released(root, success);
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

/// The protocol's own attributes and then the service's, where it looks for them.
fn write_released(root: &mut Markup, success: &ValidationSuccess) {
    let both = |place: &mut Markup| {
        write_technical(place, success.technical.as_ref());
        write_attributes(place, success);
    };
    match success.shape.place {
        Place::Flat => both(root),
        Place::Attributes => root.element(&Tag::known("cas:attributes"), &[], both),
        Place::UserAttributes => root.element(&Tag::known("cas:attributes"), &[], |attributes| {
            write_technical(attributes, success.technical.as_ref());
            if success.sent_attributes().next().is_some() {
                let tag = Tag::known("cas:userAttributes");
                attributes.element(&tag, &[], |place| write_attributes(place, success));
            }
        }),
    }
}

fn write_attributes(place: &mut Markup, success: &ValidationSuccess) {
    for attribute in success.sent_attributes() {
        let tag = Tag::of_attribute(&attribute.name);
        match attribute.item() {
            None => write_values(place, &tag, attribute),
            Some(item) => place.element(&tag, &[], |list| {
                write_values(list, &Tag::of_attribute(item), attribute);
            }),
        }
    }
}

/// One element per value, in order (CAS-236).
fn write_values(place: &mut Markup, tag: &Tag<'_>, attribute: &ReleasedAttribute) {
    for value in attribute.sent_values() {
        place.leaf(tag, value);
    }
}

fn write_technical(attributes: &mut Markup, technical: Option<&Technical>) {
    let Some(technical) = technical else {
        return;
    };
    let word = |on| if on { "true" } else { "false" };
    let remembered = Tag::known("cas:longTermAuthenticationRequestTokenUsed");
    let date = technical.authenticated_at.to_rfc3339();
    attributes.leaf(&Tag::known("cas:authenticationDate"), &date);
    attributes.leaf(&remembered, word(technical.remembered));
    attributes.leaf(&Tag::known("cas:isFromNewLogin"), word(technical.from_new_login));
}
