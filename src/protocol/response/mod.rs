//! Answers to a validation: one outcome, three ways to write it. HTTP's status is always 200
//! (CAS-13); who gets which attribute is decided before.

mod json;
mod markup;
mod names;
mod plain;
#[cfg(test)]
pub mod reading;
mod shape;
mod xml;

pub use markup::{Markup, Tag, document, is_xml_char};
pub use names::{RESERVED_NAMES, is_reserved, xml_name};
pub use shape::{Place, Shape, item_name};
pub use xml::response;

use super::ticket_id::TicketId;
use super::validation_request::{Endpoint, Format, ValidationFailure, Version};
use crate::base::clock::Timestamp;

/// What came of a validation.
pub enum Outcome {
    Success(Box<ValidationSuccess>),
    /// `reference` finds the server's log line: the only variable part of the text (CAS-160).
    Failure {
        failure: ValidationFailure,
        reference: String,
    },
}

/// Everything a service learns. It has no `Debug`: it may hold a PGTIOU and people's data.
pub struct ValidationSuccess {
    pub user: ReleasedUser,
    /// In the order they are sent; names are the service's, mapped for XML here.
    pub attributes: Vec<ReleasedAttribute>,
    /// The three attributes the protocol itself requires, wherever attributes are sent (CAS-145).
    pub technical: Option<Technical>,
    /// Only when a proxy-granting ticket was really delivered (CAS-147).
    pub proxy_granting_ticket: Option<TicketId>,
    /// Proxies passed through, most recent first; empty for a service ticket (CAS-146).
    pub proxies: Vec<String>,
    pub shape: Shape,
}

/// The user name a service gets: something to print, without controls, framed by no blank. An
/// answer cannot be written with any other, since dropping a character would name somebody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleasedUser(String);

/// One attribute with its values in the directory's order; binary ones already in base64.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleasedAttribute {
    pub name: String,
    pub values: Vec<String>,
    /// In XML, its values are the items of one element, where [`item_name`] knows how to call them.
    pub nested: bool,
}

/// What the protocol tells about the sign-in itself (CAS 3.0.3 §2.5.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Technical {
    pub authenticated_at: Timestamp,
    pub remembered: bool,
    pub from_new_login: bool,
}

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    /// `/validate` of CAS 1.0.
    Plain,
    Xml,
    Json,
}

/// A body and its media type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub content_type: &'static str,
    pub body: String,
}

impl Wire {
    pub fn of(endpoint: Endpoint, format: Format) -> Wire {
        match (endpoint.version(), format) {
            (Version::V1, _) => Wire::Plain,
            (_, Format::Xml) => Wire::Xml,
            (_, Format::Json) => Wire::Json,
        }
    }
}

impl Outcome {
    /// The answer in the form the client asked for (CAS-14).
    pub fn write(&self, wire: Wire) -> Answer {
        let (content_type, body) = match wire {
            Wire::Plain => ("text/plain;charset=UTF-8", plain::write(self)),
            Wire::Xml => ("application/xml;charset=UTF-8", xml::write(self)),
            Wire::Json => ("application/json;charset=UTF-8", json::write(self)),
        };
        Answer { content_type, body }
    }
}

impl ValidationSuccess {
    /// The attributes worth sending. Configuration refuses reserved names; an answer that holds one
    /// all the same leaves it out (CAS-241).
    pub(in crate::protocol) fn sent_attributes(&self) -> impl Iterator<Item = &ReleasedAttribute> {
        let named = |attribute: &&ReleasedAttribute| !is_reserved(&attribute.name);
        let attributes = self.attributes.iter().filter(named);
        attributes.filter(|attribute| attribute.sent_values().next().is_some())
    }
}

impl ReleasedUser {
    /// `None` unless `name` can be written for every client as it is (CAS-130, CAS-135).
    pub fn new(name: &str) -> Option<ReleasedUser> {
        let framed = name.trim() == name && !name.is_empty();
        let breaks_line = |c: char| c.is_control() || (c.is_whitespace() && c != ' ');
        let sound = name.chars().all(|c| !breaks_line(c) && markup::is_xml_char(c));
        (framed && sound).then(|| ReleasedUser(name.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl ReleasedAttribute {
    /// The name of the element of each of its values, when they stand in one of the attribute's own
    /// name.
    pub(in crate::protocol) fn item(&self) -> Option<&str> {
        self.nested.then(|| item_name(&self.name)).flatten()
    }

    /// The values worth sending: none that is blank (CAS-242).
    pub(in crate::protocol) fn sent_values(&self) -> impl Iterator<Item = &str> {
        let values = self.values.iter().map(String::as_str);
        values.filter(|value| {
            value
                .chars()
                .any(|c| !c.is_whitespace() && markup::is_xml_char(c))
        })
    }
}

pub(in crate::protocol) fn failure_text(failure: ValidationFailure, reference: &str) -> String {
    format!("{} (reference {reference})", failure.text())
}

#[cfg(test)]
mod tests;
