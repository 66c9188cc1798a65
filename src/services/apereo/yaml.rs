//! YAML definitions, with lines, as Jackson writes them: Java's classes stand in tags. Anchors are
//! refused, so that a file is never larger than it looks.

use std::borrow::Cow;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, StrInput, Tag};

use super::relaxed::is_number;
use super::tree::{DEEPEST, Entry, MOST_NODES, Node, Unreadable, Value};

pub fn read(text: &str) -> Result<Node, Unreadable> {
    let mut reader = Reader {
        parser: Parser::new_from_str(text.strip_prefix('\u{feff}').unwrap_or(text)),
        nodes: 0,
    };
    let mut root = None;
    loop {
        match reader.next()? {
            (Event::StreamEnd, _) => break,
            (Event::StreamStart | Event::DocumentEnd | Event::Nothing, _) => {}
            (Event::DocumentStart(_), span) => {
                if root.is_some() {
                    let message = "a second definition; write one in a file";
                    return Err(Unreadable::at(span.start.line(), message));
                }
                let first = reader.next()?;
                root = Some(reader.node(first, 0)?);
            }
            (_, span) => return Err(Unreadable::at(span.start.line(), "this is no definition")),
        }
    }
    root.ok_or_else(|| Unreadable::at(1, "the file is empty"))
}

struct Reader<'a> {
    parser: Parser<'a, StrInput<'a>>,
    nodes: usize,
}

type Found<'a> = (Event<'a>, Span);

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<Found<'a>, Unreadable> {
        match self.parser.next_event() {
            Some(Ok(found)) => Ok(found),
            Some(Err(error)) => Err(Unreadable::at(error.marker().line(), error.info())),
            None => Err(Unreadable::at(1, "the file ends too early")),
        }
    }

    fn node(&mut self, (event, span): Found<'a>, depth: usize) -> Result<Node, Unreadable> {
        let line = span.start.line();
        self.nodes += 1;
        if depth > DEEPEST {
            return Err(Unreadable::at(line, format!("nested more than {DEEPEST} deep")));
        }
        if self.nodes > MOST_NODES {
            return Err(Unreadable::at(line, format!("more than {MOST_NODES} values")));
        }
        let (value, tag) = match event {
            Event::Scalar(text, style, 0, tag) => (scalar(&text, style), tag),
            Event::SequenceStart(0, tag) => (Value::List(self.items(depth)?), tag),
            Event::MappingStart(0, tag) => (Value::Map(self.members(depth)?), tag),
            Event::Alias(_) | Event::Scalar(..) | Event::SequenceStart(..) | Event::MappingStart(..) => {
                let message = "anchors and references (& and *) are not read; write the value itself";
                return Err(Unreadable::at(line, message));
            }
            _ => return Err(Unreadable::at(line, "a value is missing")),
        };
        let node = Node::new(line, value).typed();
        Ok(match tag {
            Some(tag) => tagged(node, &tag),
            None => node,
        })
    }

    fn items(&mut self, depth: usize) -> Result<Vec<Node>, Unreadable> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(items),
                found => items.push(self.node(found, depth + 1)?),
            }
        }
    }

    fn members(&mut self, depth: usize) -> Result<Vec<Entry>, Unreadable> {
        let mut entries = Vec::new();
        loop {
            let (key, line) = match self.next()? {
                (Event::MappingEnd, _) => return Ok(entries),
                (Event::Scalar(text, ..), span) => (text.into_owned(), span.start.line()),
                (_, span) => return Err(Unreadable::at(span.start.line(), "a key must be a text")),
            };
            let found = self.next()?;
            let node = self.node(found, depth + 1)?;
            entries.push(Entry { key, line, node });
        }
    }
}

/// `!<org.apereo.cas…>`; YAML's own `!!str` says nothing new.
fn tagged(mut node: Node, tag: &Cow<'_, Tag>) -> Node {
    if tag.is_yaml_core_schema() {
        if tag.suffix == "str"
            && let Some(text) = node.text()
        {
            node.value = Value::Text(text);
        }
        return node;
    }
    let class = tag.suffix.trim_start_matches('!');
    if class.contains('.') {
        node.class = Some(class.to_owned());
    }
    node
}

fn scalar(text: &str, style: ScalarStyle) -> Value {
    if style != ScalarStyle::Plain {
        return Value::Text(text.to_owned());
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ if is_number(text) => Value::Number(text.to_owned()),
        _ => Value::Text(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(node: &Node, key: &str) -> Node {
        let mut entries = node.entries().iter();
        entries
            .find(|entry| entry.key == key)
            .expect("the key")
            .node
            .clone()
    }

    #[test]
    fn classes_stand_in_tags_and_every_key_has_its_line() {
        // CAS-249
        let text = "--- !<org.apereo.cas.services.CasRegisteredService>\nserviceId: \"^https://a\\\\.fr/.*\"\nid: 7\n\
                    attributeReleasePolicy: !<org.apereo.cas.services.ReturnAllowedAttributeReleasePolicy>\n  \
                    allowedAttributes: [uid, 'mail']\nevaluationOrder: ~\n";
        let root = read(text).expect("a definition");
        assert_eq!(root.class_name(), Some("CasRegisteredService"));
        assert_eq!(
            get(&root, "serviceId").text().as_deref(),
            Some(r"^https://a\.fr/.*")
        );
        assert_eq!(get(&root, "id").number(), Some(7));
        let policy = get(&root, "attributeReleasePolicy");
        assert_eq!(policy.class_name(), Some("ReturnAllowedAttributeReleasePolicy"));
        let allowed = get(&policy, "allowedAttributes");
        assert_eq!((allowed.line, allowed.items().len()), (5, 2));
        assert!(get(&root, "evaluationOrder").is_null());
    }

    #[test]
    fn files_that_mean_harm_are_refused_with_their_line() {
        // CAS-249
        for (text, line) in [
            ("a: &x [1]\nb: *x\n", 1),
            ("a: 1\n---\nb: 2\n", 2),
            ("a: [1\nb: 2\n", 2),
            ("a: 1\n b: 2\n", 2),
            ("? [a]\n: 1\n", 1),
            ("", 1),
        ] {
            let error = read(text).expect_err(text);
            assert!(
                error.line >= line.min(1) && error.line <= line + 2,
                "{text:?}: {error}"
            );
        }
        for open in ["[", "{a: ", "- "] {
            assert!(read(&open.repeat(5000)).is_err());
        }
    }
}
