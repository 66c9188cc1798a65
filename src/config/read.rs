//! How a value of a file becomes a value of the program: one trait, implemented here for the plain
//! kinds and in `values` for those with a meaning of their own. Nothing stops at the first problem.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::Problems;
use super::source::{At, Place};

/// A value in a file and its place.
#[derive(Clone)]
pub struct Node<'a> {
    pub value: &'a DeValue<'a>,
    pub place: Place,
}

impl<'a> Node<'a> {
    /// Says that the value is of another kind than expected.
    pub fn refuse<T>(&self, wanted: &str, mend: &str, problems: &mut Problems) -> Option<T> {
        let found = match self.value {
            DeValue::String(_) => "a text",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(_) => "a number with a point",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a section",
        };
        problems.add(
            &self.place,
            format!("this is {found}, and {wanted} is needed"),
            mend,
        );
        None
    }

    pub fn text(&self, mend: &str, problems: &mut Problems) -> Option<&'a str> {
        match self.value {
            DeValue::String(text) => Some(text),
            _ => self.refuse("a text in quotes", mend, problems),
        }
    }

    pub fn table(&self, problems: &mut Problems) -> Option<&'a DeTable<'a>> {
        match self.value {
            DeValue::Table(table) => Some(table),
            _ => self.refuse(
                "a section",
                "[section] with its keys, or { key = value }",
                problems,
            ),
        }
    }

    /// The value under `key`, when this is a section that has it.
    pub fn child(&self, key: &str) -> Option<Node<'a>> {
        let (name, value) = self.value.as_table()?.get_key_value(key)?;
        Some(self.entry(name.get_ref(), value))
    }

    /// Where `key` itself is written.
    pub fn key_place(&self, key: &str) -> Place {
        let found = self.value.as_table().and_then(|table| table.get_key_value(key));
        let span = found.map_or(self.place.span.clone(), |(name, _)| name.span());
        self.place.under(key, span)
    }

    pub fn entry(&self, key: &str, value: &'a Spanned<DeValue<'a>>) -> Node<'a> {
        Node {
            place: self.place.under(key, value.span()),
            value: value.get_ref(),
        }
    }

    pub fn items(&self, problems: &mut Problems) -> Option<Vec<Node<'a>>> {
        match self.value {
            DeValue::Array(items) => Some(
                items
                    .iter()
                    .map(|item| Node {
                        value: item.get_ref(),
                        place: Place {
                            span: item.span(),
                            ..self.place.clone()
                        },
                    })
                    .collect(),
            ),
            _ => self.refuse("a list", "a list: [value, value]", problems),
        }
    }
}

/// Makes the keys of a section.
pub type Entries = fn() -> Vec<Entry>;

/// One kind of a section that has several: what it is, and its keys.
pub type Kind = (&'static [&'static str], Entries);

/// What a kind of value looks like, for the reference.
pub enum Shape {
    /// A plain value: "duration", "list of texts"…
    Plain(String),
    /// A section with its own keys.
    Section(Entries),
    /// Sections written as `[[name]]`.
    Sections(Entries),
    /// A section of one kind or another, with what each is.
    Either(&'static [Kind]),
}

/// One key of a section, for the reference.
pub struct Entry {
    pub key: &'static str,
    pub doc: &'static [&'static str],
    pub shape: Shape,
    /// The TOML text that stands for a missing key; `None` when the key may or must be written.
    pub default: Option<&'static str>,
    pub required: bool,
    /// Whether its absence means something other than a default.
    pub optional: bool,
    /// A value as it could be written.
    pub example: Option<&'static str>,
    /// The least and the largest whole number that fits.
    pub bounds: Option<(i128, i128)>,
}

/// Something that can be read from a file.
pub trait Value: Sized {
    fn shape() -> Shape;

    /// `None` after adding at least one problem.
    fn read(node: &Node<'_>, problems: &mut Problems) -> Option<Self>;

    /// What a missing key means; `None`: it must be written.
    fn absent() -> Option<Self> {
        None
    }

    /// Of a whole number, what fits.
    fn bounds() -> Option<(i128, i128)> {
        None
    }
}

impl<T: Value> Value for Option<T> {
    fn shape() -> Shape {
        T::shape()
    }

    fn read(node: &Node<'_>, problems: &mut Problems) -> Option<Self> {
        T::read(node, problems).map(Some)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }

    fn bounds() -> Option<(i128, i128)> {
        T::bounds()
    }
}

impl<T: Value> Value for At<T> {
    fn shape() -> Shape {
        T::shape()
    }

    fn read(node: &Node<'_>, problems: &mut Problems) -> Option<Self> {
        T::read(node, problems).map(|value| At {
            value,
            place: node.place.clone(),
        })
    }
}

impl<T: Value> Value for Vec<T> {
    fn shape() -> Shape {
        match T::shape() {
            Shape::Plain(kind) => Shape::Plain(format!("list of {kind}")),
            Shape::Section(entries) | Shape::Sections(entries) => Shape::Sections(entries),
            either => either,
        }
    }

    fn read(node: &Node<'_>, problems: &mut Problems) -> Option<Self> {
        let items = node.items(problems)?;
        // Read to the end before giving up, so that every item has its say.
        let read: Vec<Option<T>> = items.iter().map(|item| T::read(item, problems)).collect();
        read.into_iter().collect()
    }
}

impl<T: Value> Value for BTreeMap<String, T> {
    fn shape() -> Shape {
        match T::shape() {
            Shape::Plain(kind) => Shape::Plain(format!("{{ name = {kind} }}")),
            section => section,
        }
    }

    fn read(node: &Node<'_>, problems: &mut Problems) -> Option<Self> {
        let table = node.table(problems)?;
        let read: Vec<Option<(String, T)>> = table
            .iter()
            .map(|(key, value)| {
                let read = T::read(&node.entry(key.get_ref(), value), problems)?;
                Some((key.get_ref().to_string(), read))
            })
            .collect();
        read.into_iter().collect()
    }
}

impl Value for String {
    fn shape() -> Shape {
        Shape::Plain("text".to_owned())
    }

    fn read(node: &Node<'_>, problems: &mut Problems) -> Option<Self> {
        node.text("a text in quotes: \"…\"", problems).map(str::to_owned)
    }
}

impl Value for bool {
    fn shape() -> Shape {
        Shape::Plain("true or false".to_owned())
    }

    fn read(node: &Node<'_>, problems: &mut Problems) -> Option<Self> {
        match node.value {
            DeValue::Boolean(value) => Some(*value),
            _ => node.refuse("true or false", "true or false, without quotes", problems),
        }
    }
}

macro_rules! whole_number {
    ($($kind:ty),*) => {$(
        impl Value for $kind {
            fn shape() -> Shape {
                Shape::Plain("whole number".to_owned())
            }

            fn bounds() -> Option<(i128, i128)> {
                Some((<$kind>::MIN.into(), <$kind>::MAX.into()))
            }

            fn read(node: &Node<'_>, problems: &mut Problems) -> Option<Self> {
                let mend = format!("a whole number from {} to {}, without quotes", <$kind>::MIN, <$kind>::MAX);
                let DeValue::Integer(number) = node.value else {
                    return node.refuse("a whole number", &mend, problems);
                };
                let read = <$kind>::from_str_radix(number.as_str(), number.radix()).ok();
                if read.is_none() {
                    problems.add(&node.place, "this number is out of bounds", mend);
                }
                read
            }
        }
    )*};
}
whole_number!(u8, u16, u32, u64, i32);
