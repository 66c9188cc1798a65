//! Markup as it is written: one line of ASCII holding elements, attributes and text and nothing
//! else. Every tag is closed by whoever opened it, every name is ours or mapped, every value is
//! escaped here. Which elements make an answer is not known here.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::xml_name;
use crate::protocol::byte_set::ByteSet;

/// The characters that stand for themselves in text: printable ASCII but for `&<>"'`.
const STANDING: ByteSet = ByteSet::of(
    b" !#$%()*+,-./0123456789:;=?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~",
);

/// Room for most answers, in bytes, so that writing one does not move it; longer ones grow.
const USUAL_LENGTH: usize = 1024;

/// The content of the element that is open.
pub struct Markup {
    out: String,
}

/// The name of an element: nothing that came from outside becomes one unmapped.
pub struct Tag<'a> {
    prefix: &'static str,
    local: Cow<'a, str>,
}

/// An attribute of an element: a name of ours and any value.
pub type Property<'a> = (&'static str, &'a str);

impl Tag<'static> {
    /// A name written in this program, with its prefix. It must be an XML name.
    pub fn known(name: &'static str) -> Tag<'static> {
        Tag {
            prefix: "",
            local: Cow::Borrowed(name),
        }
    }
}

impl Tag<'_> {
    /// The element of a released attribute, whatever its name (CAS-240).
    pub fn of_attribute(name: &str) -> Tag<'_> {
        Tag {
            prefix: "cas:",
            local: xml_name(name),
        }
    }
}

/// The document whose root is `name`, without declaration, comment or CDATA.
pub fn document(
    name: &'static str,
    properties: &[Property<'_>],
    content: impl FnOnce(&mut Markup),
) -> String {
    let mut markup = Markup {
        out: String::with_capacity(USUAL_LENGTH),
    };
    markup.element(&Tag::known(name), properties, content);
    markup.out
}

/// Whether XML 1.0 §2.2 allows the character at all.
pub fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

impl Markup {
    pub fn element(&mut self, tag: &Tag<'_>, properties: &[Property<'_>], content: impl FnOnce(&mut Markup)) {
        self.out.push('<');
        self.name(tag);
        for (name, value) in properties {
            self.out.push(' ');
            self.out.push_str(name);
            self.out.push_str("=\"");
            self.text(value);
            self.out.push('"');
        }
        self.out.push('>');
        content(self);
        self.out.push_str("</");
        self.name(tag);
        self.out.push('>');
    }

    /// An element that holds text alone.
    pub fn leaf(&mut self, tag: &Tag<'_>, text: &str) {
        self.element(tag, &[], |leaf| leaf.text(text));
    }

    /// Text in ASCII: markup, blanks other than the space and everything beyond ASCII as
    /// references, characters XML forbids dropped (CAS-139, CAS-140).
    pub fn text(&mut self, text: &str) {
        let mut rest = text;
        while let Some(at) = rest.bytes().position(|byte| !STANDING.has(byte)) {
            // What does not stand is ASCII or begins a character, so the text can be cut there.
            let (run, after) = rest.split_at_checked(at).unwrap_or(("", rest));
            self.out.push_str(run);
            let mut others = after.chars();
            if let Some(c) = others.next() {
                self.reference(c);
            }
            rest = others.as_str();
        }
        self.out.push_str(rest);
    }

    fn name(&mut self, tag: &Tag<'_>) {
        self.out.push_str(tag.prefix);
        self.out.push_str(&tag.local);
    }

    fn reference(&mut self, c: char) {
        match c {
            '&' => self.out.push_str("&amp;"),
            '<' => self.out.push_str("&lt;"),
            '>' => self.out.push_str("&gt;"),
            '"' => self.out.push_str("&quot;"),
            '\'' => self.out.push_str("&apos;"),
            other if is_xml_char(other) => {
                let _ = write!(self.out, "&#{};", u32::from(other));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::protocol::response::reading::read;

    /// What [`Markup::text`] promises, character by character.
    fn one_by_one(text: &str) -> String {
        let written = |c: char| match c {
            '&' => "&amp;".to_owned(),
            '<' => "&lt;".to_owned(),
            '>' => "&gt;".to_owned(),
            '"' => "&quot;".to_owned(),
            '\'' => "&apos;".to_owned(),
            ' '..='~' => c.to_string(),
            _ if is_xml_char(c) => format!("&#{};", u32::from(c)),
            _ => String::new(),
        };
        text.chars().map(written).collect()
    }

    proptest! {
        #[test]
        fn runs_are_written_as_their_characters_are(
            text in prop_oneof!["[a-z \0\u{7f}-\u{a0}<>&'\"\t\r\n%é\u{1f600}\u{fffe}]{0,30}", any::<String>()]
        ) {
            // CAS-139, CAS-140
            let written = document("x", &[], |x| x.text(&text));
            prop_assert_eq!(written, format!("<x>{}</x>", one_by_one(&text)));
        }

        #[test]
        fn a_reader_gets_every_name_and_value_back(
            name in any::<String>(), value in any::<String>(), property in any::<String>()
        ) {
            // CAS-140, CAS-240, CAS-304, T-26
            let kept = |text: &str| text.chars().filter(|c| is_xml_char(*c)).collect::<String>();
            let namespace = ("xmlns:cas", "urn:x");
            let written = document("cas:root", &[namespace, ("code", &property)], |root| {
                root.element(&Tag::known("cas:inner"), &[], |inner| {
                    inner.leaf(&Tag::of_attribute(&name), &value);
                });
            });
            let root = read(&written);
            prop_assert_eq!(&root.attributes[1], &("code".to_owned(), kept(&property)));
            let leaf = &root.children[0].children[0];
            prop_assert_eq!(&leaf.name, &format!("cas:{}", xml_name(&name)));
            prop_assert_eq!(&leaf.text, &kept(&value));
        }
    }
}
