//! Reads our XML back in tests as a client would, and fails on everything an answer must not hold:
//! a declaration, a document type, a comment, CDATA, an instruction, a character XML forbids.

use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

use super::markup::is_xml_char;

/// An element with its resolved namespace and its text, references resolved.
#[derive(Debug, Default)]
pub struct Node {
    pub name: String,
    pub namespace: String,
    pub attributes: Vec<(String, String)>,
    pub text: String,
    pub children: Vec<Node>,
}

impl Node {
    pub fn child(&self, name: &str) -> Option<&Node> {
        self.children.iter().find(|child| child.name == name)
    }

    pub fn names(&self) -> Vec<&str> {
        self.children.iter().map(|child| child.name.as_str()).collect()
    }

    /// How many elements here and below have this local name, whatever their prefix.
    pub fn count(&self, local_name: &str) -> usize {
        let here = usize::from(self.name.rsplit(':').next() == Some(local_name));
        here + self
            .children
            .iter()
            .map(|child| child.count(local_name))
            .sum::<usize>()
    }
}

pub fn read(xml: &str) -> Node {
    assert!(
        xml.is_ascii() && !xml.contains(['\n', '\r', '\t']),
        "one line of ASCII"
    );
    let mut reader = NsReader::from_str(xml);
    let mut open: Vec<Node> = vec![Node::default()];
    loop {
        let (namespace, event) = reader.read_resolved_event().expect("well-formed");
        let top = open.last_mut().expect("an open element");
        match event {
            Event::Start(start) => {
                let namespace = match namespace {
                    ResolveResult::Bound(namespace) => namespace.0.to_owned(),
                    other => panic!("{other:?} for {start:?}"),
                };
                open.push(opened(&start, namespace));
            }
            Event::End(_) => {
                let closed = open.pop().expect("an open element");
                assert!(
                    closed.text.is_empty() || closed.children.is_empty(),
                    "mixed content"
                );
                open.last_mut().expect("its parent").children.push(closed);
            }
            Event::Text(text) => top.text.push_str(&text),
            Event::GeneralRef(reference) => top.text.push(resolved(&reference)),
            Event::Eof => break,
            other => panic!("an answer holds {other:?}"),
        }
    }
    let root = open.pop().expect("the document");
    assert!(open.is_empty() && root.text.is_empty() && root.children.len() == 1);
    root.children.into_iter().next().expect("the root")
}

fn opened(start: &BytesStart<'_>, namespace: String) -> Node {
    let attributes = start.attributes().map(|attribute| {
        let attribute = attribute.expect("sound and not twice");
        let value = quick_xml::escape::unescape(&attribute.value).expect("known references");
        (attribute.key.0.to_owned(), value.into_owned())
    });
    Node {
        name: start.name().0.to_owned(),
        namespace,
        attributes: attributes.collect(),
        ..Node::default()
    }
}

fn resolved(reference: &quick_xml::events::BytesRef<'_>) -> char {
    let c = match reference.resolve_char_ref().expect("a number") {
        Some(c) => c,
        None => match &**reference {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            other => panic!("unknown entity {other}"),
        },
    };
    assert!(is_xml_char(c), "forbidden character {c:?}");
    c
}
