//! CAS 2 and 3 in XML. Pure ASCII on one line, with the literal prefix `cas:`, without declaration,
//! comment or CDATA: what the oldest clients can read (CAS-132 to CAS-141).

use std::borrow::Cow;
use std::fmt::Write as _;

use quick_xml::Writer;
use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};
use quick_xml::name::QName;

use super::{Outcome, ReleasedAttribute, Technical, ValidationSuccess, failure_text, is_reserved, xml_name};

/// An element to write. Its name must be an XML name; attribute values and texts may be anything.
pub struct Element {
    name: String,
    attributes: Vec<(&'static str, String)>,
    content: Content,
}

enum Content {
    Text(String),
    Children(Vec<Element>),
}

impl Element {
    pub fn new(name: &str) -> Element {
        Element {
            name: name.to_owned(),
            attributes: Vec::new(),
            content: Content::Children(Vec::new()),
        }
    }

    pub fn attribute(mut self, name: &'static str, value: &str) -> Element {
        self.attributes.push((name, escaped(value)));
        self
    }

    /// Makes this a leaf.
    pub fn text(mut self, text: &str) -> Element {
        self.content = Content::Text(escaped(text));
        self
    }

    /// Adds a child; a leaf stays one.
    pub fn child(mut self, child: Element) -> Element {
        if let Content::Children(children) = &mut self.content {
            children.push(child);
        }
        self
    }

    fn children(self, children: impl IntoIterator<Item = Element>) -> Element {
        children.into_iter().fold(self, Element::child)
    }
}

/// The document of `root`: one line, ASCII, and nothing but elements, attributes and text.
pub fn ascii_xml(root: Element) -> String {
    let mut writer = Writer::new(Vec::new());
    // Writing to memory does not fail; if it did, the answer would be cut short and unreadable.
    let written = write_element(&mut writer, &root);
    debug_assert!(written.is_ok());
    String::from_utf8(writer.into_inner()).unwrap_or_default()
}

pub fn write(outcome: &Outcome) -> String {
    let child = match outcome {
        Outcome::Success(success) => success_element(success),
        Outcome::Failure { failure, reference } => Element::new("cas:authenticationFailure")
            .attribute("code", failure.code())
            .text(&failure_text(*failure, reference)),
    };
    ascii_xml(
        Element::new("cas:serviceResponse")
            .attribute("xmlns:cas", "http://www.yale.edu/tp/cas")
            .child(child),
    )
}

/// Whether XML 1.0 §2.2 allows the character at all.
pub fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// The user comes before all else, because clients take the first element of that name (CAS-134).
fn success_element(success: &ValidationSuccess) -> Element {
    let mut root =
        Element::new("cas:authenticationSuccess").child(Element::new("cas:user").text(success.user.as_str()));
    let mut attributes: Vec<Element> = success.technical.iter().flat_map(technical_leaves).collect();
    attributes.extend(success.attributes.iter().flat_map(attribute_leaves));
    if !attributes.is_empty() {
        root = root.child(Element::new("cas:attributes").children(attributes));
    }
    if let Some(ticket) = &success.proxy_granting_ticket {
        root = root.child(Element::new("cas:proxyGrantingTicket").text(ticket.expose()));
    }
    if !success.proxies.is_empty() {
        let proxies = success
            .proxies
            .iter()
            .map(|proxy| Element::new("cas:proxy").text(proxy));
        root = root.child(Element::new("cas:proxies").children(proxies));
    }
    root
}

fn technical_leaves(technical: &Technical) -> [Element; 3] {
    [
        ("authenticationDate", technical.authenticated_at.to_rfc3339()),
        (
            "longTermAuthenticationRequestTokenUsed",
            technical.remembered.to_string(),
        ),
        ("isFromNewLogin", technical.from_new_login.to_string()),
    ]
    .map(|(name, value)| Element::new(&format!("cas:{name}")).text(&value))
}

/// One element per value, in order (CAS-236). Configuration refuses reserved names; an answer that
/// holds one all the same leaves it out.
fn attribute_leaves(attribute: &ReleasedAttribute) -> Vec<Element> {
    if is_reserved(&attribute.name) {
        return Vec::new();
    }
    let name = format!("cas:{}", xml_name(&attribute.name));
    let values = attribute.sent_values();
    values.map(|value| Element::new(&name).text(value)).collect()
}

fn write_element(writer: &mut Writer<Vec<u8>>, element: &Element) -> std::io::Result<()> {
    let mut start = BytesStart::new(element.name.as_str());
    for (name, value) in &element.attributes {
        start.push_attribute(Attribute {
            key: QName(name),
            value: Cow::Borrowed(value),
        });
    }
    writer.write_event(Event::Start(start))?;
    match &element.content {
        Content::Text(text) => writer.write_event(Event::Text(BytesText::from_escaped(text.as_str())))?,
        Content::Children(children) => {
            for child in children {
                write_element(writer, child)?;
            }
        }
    }
    writer.write_event(Event::End(BytesEnd::new(element.name.as_str())))
}

/// Text in ASCII: markup, blanks other than the space and everything beyond ASCII as numeric
/// references, characters XML forbids dropped (CAS-139, CAS-140).
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().filter(|c| is_xml_char(*c)) {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            ' '..='~' => out.push(c),
            other => {
                let _ = write!(out, "&#{};", u32::from(other));
            }
        }
    }
    out
}
