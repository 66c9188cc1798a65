//! XML from a stranger as a small tree: no document type, so no entity of its own and nothing fetched
//! from elsewhere; few levels and few elements. What the elements mean is not known here.

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

use crate::protocol::response::is_xml_char;

/// Elements inside each other.
const DEEPEST: usize = 16;
/// Elements in all.
const MOST: usize = 4000;
/// Attributes of one element: comparing each with each must stay cheap.
const MOST_ATTRIBUTES: usize = 64;

/// Why a text is not XML that we read. It quotes nothing of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("not UTF-8")]
    Encoding,
    #[error("not well-formed XML")]
    Malformed,
    #[error("a document type, which nothing may declare here")]
    DocumentType,
    #[error("an entity that XML itself does not define")]
    Entity,
    #[error("too deep or too large")]
    TooLarge,
    #[error("not the document that the protocol describes")]
    Unexpected,
}

/// An element: local name, namespace, text of its own with references resolved, children.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Element {
    pub name: String,
    pub namespace: String,
    pub attributes: Vec<(String, String)>,
    pub text: String,
    pub children: Vec<Element>,
}

impl Element {
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The child of that name when there is exactly one.
    pub fn only(&self, name: &str) -> Option<&Element> {
        let mut named = self.children.iter().filter(|child| child.name == name);
        named.next().filter(|_| named.next().is_none())
    }

    pub fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Reads the document whole.
pub(super) fn read(bytes: &[u8]) -> Result<Element, Unreadable> {
    let text = std::str::from_utf8(bytes).map_err(|_| Unreadable::Encoding)?;
    if !text.chars().all(is_xml_char) {
        return Err(Unreadable::Malformed);
    }
    let mut reader = NsReader::from_str(text);
    let mut growing = Growing {
        open: vec![Element::default()],
        count: 0,
    };
    loop {
        let (namespace, event) = reader.read_resolved_event().map_err(|_| Unreadable::Malformed)?;
        match event {
            Event::Start(start) => growing.enter(&start, &namespace)?,
            Event::Empty(start) => {
                growing.enter(&start, &namespace)?;
                growing.leave()?;
            }
            Event::End(_) => growing.leave()?,
            Event::Text(text) => growing.text()?.push_str(&text),
            Event::CData(text) => growing.text()?.push_str(&text),
            Event::GeneralRef(reference) => growing.text()?.push(resolved(&reference)?),
            Event::DocType(_) => return Err(Unreadable::DocumentType),
            // A value goes on behind a comment: who stopped there would read another name.
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof => return growing.whole(),
        }
    }
}

struct Growing {
    /// The document, then every element that is open.
    open: Vec<Element>,
    count: usize,
}

impl Growing {
    fn enter(&mut self, start: &BytesStart<'_>, namespace: &ResolveResult<'_>) -> Result<(), Unreadable> {
        self.count += 1;
        if self.count > MOST || self.open.len() > DEEPEST {
            return Err(Unreadable::TooLarge);
        }
        let namespace = match namespace {
            ResolveResult::Bound(namespace) => namespace.0.to_owned(),
            ResolveResult::Unbound => String::new(),
            ResolveResult::Unknown(_) => return Err(Unreadable::Malformed),
        };
        let mut attributes = Vec::new();
        for attribute in start.attributes() {
            if attributes.len() == MOST_ATTRIBUTES {
                return Err(Unreadable::TooLarge);
            }
            let attribute = attribute.map_err(|_| Unreadable::Malformed)?;
            let value = quick_xml::escape::unescape(&attribute.value).map_err(|_| Unreadable::Entity)?;
            attributes.push((attribute.key.0.to_owned(), value.into_owned()));
        }
        self.open.push(Element {
            name: start.local_name().as_ref().to_owned(),
            namespace,
            attributes,
            ..Element::default()
        });
        Ok(())
    }

    fn leave(&mut self) -> Result<(), Unreadable> {
        let closed = self.open.pop().ok_or(Unreadable::Malformed)?;
        let parent = self.open.last_mut().ok_or(Unreadable::Malformed)?;
        parent.children.push(closed);
        Ok(())
    }

    fn text(&mut self) -> Result<&mut String, Unreadable> {
        self.open
            .last_mut()
            .map(|element| &mut element.text)
            .ok_or(Unreadable::Malformed)
    }

    fn whole(mut self) -> Result<Element, Unreadable> {
        let document = self.open.pop().ok_or(Unreadable::Malformed)?;
        if !self.open.is_empty() || !document.text.trim().is_empty() {
            return Err(Unreadable::Malformed);
        }
        let mut roots = document.children.into_iter();
        match (roots.next(), roots.next()) {
            (Some(root), None) => Ok(root),
            _ => Err(Unreadable::Malformed),
        }
    }
}

fn resolved(reference: &BytesRef<'_>) -> Result<char, Unreadable> {
    match reference.resolve_char_ref() {
        Ok(Some(c)) if is_xml_char(c) => Ok(c),
        Ok(None) => match &**reference {
            "amp" => Ok('&'),
            "lt" => Ok('<'),
            "gt" => Ok('>'),
            "quot" => Ok('"'),
            "apos" => Ok('\''),
            _ => Err(Unreadable::Entity),
        },
        _ => Err(Unreadable::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_document_declares_is_expanded_or_fetched() {
        // T-27, CAS-213, CAS-338
        let laughs = "<!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;\">]><l>&b;</l>";
        let file = "<!DOCTYPE l [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><l>&x;</l>";
        assert_eq!(read(laughs.as_bytes()), Err(Unreadable::DocumentType));
        assert_eq!(read(file.as_bytes()), Err(Unreadable::DocumentType));
        assert_eq!(read(b"<l>&x;</l>"), Err(Unreadable::Entity));
        assert_eq!(read(b"<l a=\"&x;\"/>"), Err(Unreadable::Entity));
    }

    #[test]
    fn a_document_that_is_deep_wide_or_broken_is_given_up() {
        // T-27, CAS-213
        let deep = "<a>".repeat(1000) + &"</a>".repeat(1000);
        assert_eq!(read(deep.as_bytes()), Err(Unreadable::TooLarge));
        let wide = format!("<a>{}</a>", "<b/>".repeat(5000));
        assert_eq!(read(wide.as_bytes()), Err(Unreadable::TooLarge));
        let many: Vec<String> = (0..80_000).map(|n| format!("a{n}=\"\"")).collect();
        assert_eq!(
            read(format!("<a {}/>", many.join(" ")).as_bytes()),
            Err(Unreadable::TooLarge)
        );
        for broken in [
            "",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "text",
            "<a/>text",
            "<x:a/>",
            "<a>&#1;</a>",
            "<a>\u{1}</a>",
        ] {
            assert!(read(broken.as_bytes()).is_err(), "{broken}");
        }
        assert_eq!(read(b"<a>\xff</a>"), Err(Unreadable::Encoding));
    }

    #[test]
    fn a_value_is_read_whole_whatever_splits_it() {
        let element =
            read(b"<?xml version=\"1.0\"?><u>adm<!-- x -->in<![CDATA[.e]]>&amp;&#233;</u>").unwrap();
        assert_eq!(element.text, "admin.e&é");
    }
}
