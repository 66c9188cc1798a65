//! A definition as it was written, with the line of every key: what the readers of JSON, HJSON and
//! YAML have in common. What the keys mean is not known here.

/// Definitions are nested far less.
pub const DEEPEST: usize = 40;

/// Keys and values that one definition may have.
pub const MOST_NODES: usize = 50_000;

/// A value, where it begins, and the Java class it was said to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// From 1.
    pub line: usize,
    pub class: Option<String>,
    pub value: Value,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Null,
    Bool(bool),
    /// As written.
    Number(String),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub key: String,
    pub line: usize,
    pub node: Node,
}

/// Why a file is no definition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct Unreadable {
    pub line: usize,
    pub message: String,
}

impl Unreadable {
    pub fn at(line: usize, message: impl Into<String>) -> Unreadable {
        let message = message.into();
        Unreadable { line, message }
    }
}

impl Node {
    pub fn new(line: usize, value: Value) -> Node {
        Node {
            line,
            class: None,
            value,
        }
    }

    /// With the notes that Jackson adds about Java's types taken for what they are: `@class` in a
    /// map, and a list of a class name and the value.
    pub fn typed(mut self) -> Node {
        match &mut self.value {
            Value::Map(entries) => {
                if let Some(at) = entries.iter().rposition(|entry| entry.key == "@class") {
                    let entry = entries.remove(at);
                    if let Value::Text(class) = entry.node.value {
                        self.class = Some(class);
                    }
                }
                self
            }
            Value::List(items) => match &mut items[..] {
                [
                    Node {
                        value: Value::Text(class),
                        ..
                    },
                    _,
                ] if is_class(class) => {
                    let class = std::mem::take(class);
                    let inner = items.pop();
                    let value = inner.map_or(Value::Null, |inner| inner.value);
                    Node {
                        class: Some(class),
                        value,
                        ..self
                    }
                }
                _ => self,
            },
            _ => self,
        }
    }

    pub fn is_null(&self) -> bool {
        self.value == Value::Null
    }

    /// A text, or a number or truth as it would be written.
    pub fn text(&self) -> Option<String> {
        match &self.value {
            Value::Text(text) | Value::Number(text) => Some(text.clone()),
            Value::Bool(truth) => Some(truth.to_string()),
            _ => None,
        }
    }

    pub fn truth(&self) -> Option<bool> {
        match &self.value {
            Value::Bool(truth) => Some(*truth),
            Value::Text(text) => text.trim().to_ascii_lowercase().parse().ok(),
            _ => None,
        }
    }

    pub fn number(&self) -> Option<i64> {
        match &self.value {
            Value::Number(text) | Value::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// The items of a list; anything else that is there is a list of itself, as Jackson has it.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            Value::Null => &[],
            _ => std::slice::from_ref(self),
        }
    }

    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The class without its package.
    pub fn class_name(&self) -> Option<&str> {
        let class = self.class.as_deref()?;
        class.rsplit(['.', '$']).next()
    }
}

/// `java.util.ArrayList`: parts in small letters, then one with a capital.
fn is_class(text: &str) -> bool {
    let mut parts = text.split('.');
    let is_word = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$'))
    };
    let capital = |part: &str| part.starts_with(|first: char| first.is_ascii_uppercase());
    let name = parts.next_back().filter(|name| is_word(name) && capital(name));
    let mut packages = parts.peekable();
    name.is_some() && packages.peek().is_some() && packages.all(|part| is_word(part) && !capital(part))
}

/// A map whose keys are asked for, and those that nobody asked for.
pub struct Fields<'a> {
    entries: &'a [Entry],
    asked: Vec<bool>,
}

impl<'a> Fields<'a> {
    pub fn of(node: &'a Node) -> Fields<'a> {
        let entries = node.entries();
        Fields {
            entries,
            asked: vec![false; entries.len()],
        }
    }

    /// The last of this name that is not null: later ones win, as in Jackson.
    pub fn get(&mut self, name: &str) -> Option<&'a Node> {
        let mut found = None;
        for (entry, asked) in self.entries.iter().zip(&mut self.asked) {
            if entry.key == name {
                *asked = true;
                found = Some(&entry.node);
            }
        }
        found.filter(|node| !node.is_null())
    }

    pub fn text(&mut self, name: &str) -> Option<String> {
        self.get(name)?.text().filter(|text| !text.trim().is_empty())
    }

    pub fn truth(&mut self, name: &str, default: bool) -> bool {
        self.get(name).and_then(Node::truth).unwrap_or(default)
    }

    /// Knows this field and has no use for it.
    pub fn pass(&mut self, names: &[&str]) {
        for name in names {
            let _ = self.get(name);
        }
    }

    /// Those that nobody asked for and that say something.
    pub fn rest(&self) -> impl Iterator<Item = &'a Entry> {
        let all = self.entries.iter().zip(&self.asked);
        all.filter(|(entry, asked)| !**asked && !entry.node.is_null())
            .map(|(entry, _)| entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_jackson_says_of_types_is_told_from_lists() {
        // CAS-249
        for (text, yes) in [
            ("java.util.ArrayList", true),
            ("org.apereo.cas.services.DefaultRegisteredServiceContact", true),
            ("java.util.Map$Entry", true),
            ("mail", false),
            ("ArrayList", false),
            ("java.util.", false),
            ("univ-x.fr", false),
            ("www.Univ.fr", false),
        ] {
            assert_eq!(is_class(text), yes, "{text}");
        }
    }
}
