//! Kinds of values with a meaning of their own: spans, sizes, addresses, URLs, names, texts.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use jiff::civil::{Date, DateTime};
use toml::de::DeValue;
use url::Url;

use super::problem::Problems;
use super::read::{Node, Shape, Value};
use super::{credentials, units};
use crate::base::names::{InstitutionId, Locale, RealmId, ThemeName, UpstreamId};
use crate::base::uai::Uai;
use crate::realms::{Texts, checks};
use crate::services::OneOrMore;

/// A number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size(pub u64);

/// A path, made absolute or relative to the working folder from the file that names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilePath(pub PathBuf);

/// Implements `Value` for a kind written as a text: what it is called, how it is read, and what to
/// write when it cannot be.
macro_rules! from_text {
    ($kind:ty, $name:literal, $read:expr, $wrong:literal, $mend:literal) => {
        impl Value for $kind {
            fn shape() -> Shape {
                Shape::Plain($name.to_owned())
            }

            fn read(node: &Node<'_>, problems: &mut Problems) -> Option<Self> {
                let text = node.text($mend, problems)?;
                let read: fn(&str) -> Option<$kind> = $read;
                let value = read(text);
                if value.is_none() {
                    problems.add(&node.place, $wrong, $mend);
                }
                value
            }
        }
    };
}

from_text!(
    Duration,
    "span of time",
    units::duration,
    "this is not a span of time",
    "a whole number and ms, s, min, h or d, as \"30 s\""
);
from_text!(
    Size,
    "size",
    |text| units::size(text).map(Size),
    "this is not a size",
    "a whole number and B, kB, KiB, MB, MiB, GB or GiB, as \"64 KiB\""
);
from_text!(
    SocketAddr,
    "address and port",
    |text| text.parse().ok(),
    "this is not an IP address with a port",
    "an IP address and a port, as \"127.0.0.1:8080\" or \"[::]:8443\""
);
from_text!(
    IpNet,
    "network",
    |text| text
        .parse()
        .ok()
        .or_else(|| text.parse::<std::net::IpAddr>().ok().map(IpNet::from)),
    "this is not a network",
    "an address or a network, as \"10.0.0.7\" or \"10.0.0.0/24\""
);
from_text!(
    Url,
    "URL",
    |text| Url::parse(text).ok(),
    "this is not a URL",
    "a whole URL, as \"https://cas.example.org/cas\""
);
from_text!(
    RealmId,
    "realm",
    RealmId::new,
    "this is not the name of a realm",
    "the name of a file in realms/ without .toml: 1 to 40 of a-z, 0-9 and -"
);
from_text!(
    UpstreamId,
    "short name",
    UpstreamId::new,
    "this is not a short name",
    "1 to 40 of a-z, 0-9 and -, as \"academie\""
);
from_text!(
    InstitutionId,
    "short name",
    InstitutionId::new,
    "this is not a short name",
    "1 to 40 of a-z, 0-9 and -, as \"college-rosa-parks\""
);
from_text!(
    DateTime,
    "day and time",
    checks::moment,
    "this is not a day with a time",
    "year, month, day, hour and minute, as \"2027-03-12 18:30\""
);
from_text!(
    Date,
    "day",
    |text| text.parse().ok(),
    "this is not a day",
    "year, month and day, as \"2026-09-01\""
);
from_text!(
    ThemeName,
    "theme",
    ThemeName::new,
    "this is not the name of a theme",
    "the name of a folder of pages.themes: 1 to 40 of a-z, 0-9 and -"
);
from_text!(
    Uai,
    "UAI code",
    Uai::new,
    "this is not a UAI code",
    "seven digits and a letter, as \"0751717J\""
);
from_text!(
    Locale,
    "language",
    |text| Locale::new(text).filter(|locale| locale.as_str() == text),
    "this is not a language tag",
    "two or three small letters, as \"fr\""
);

/// An angle on the globe.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Degrees(pub f64);

impl Value for Degrees {
    fn shape() -> Shape {
        Shape::Plain("degrees".to_owned())
    }

    fn read(node: &Node<'_>, problems: &mut Problems) -> Option<Self> {
        let mend = "degrees with a point, without quotes, as 48.1173";
        let degrees = match node.value {
            DeValue::Float(number) => number.as_str().parse().ok(),
            DeValue::Integer(number) => number.as_str().parse().ok(),
            _ => return node.refuse("a number", mend, problems),
        };
        if degrees.is_none() {
            problems.add(&node.place, "this is not an angle", mend);
        }
        degrees.map(Degrees)
    }
}

impl Value for FilePath {
    fn shape() -> Shape {
        Shape::Plain("path".to_owned())
    }

    fn read(node: &Node<'_>, problems: &mut Problems) -> Option<Self> {
        let mend = "a path; a relative one starts at the folder of this file";
        let text = node.text(mend, problems)?;
        if text.is_empty() || text.contains('\0') {
            problems.add(&node.place, "this is not a path", mend);
            return None;
        }
        let path = credentials::handed_over(node.place.source.resolve(text.as_ref()));
        problems.named.push(path.clone());
        Some(FilePath(path))
    }
}

/// Texts by language tag; one text alone is French, which stands in for every language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextsByLanguage(pub BTreeMap<String, String>);

impl Value for TextsByLanguage {
    fn shape() -> Shape {
        Shape::Plain("text, or { language = text }".to_owned())
    }

    fn read(node: &Node<'_>, problems: &mut Problems) -> Option<Self> {
        let mend = "\"text\", or { fr = \"texte\", en = \"text\" }";
        if let Some(text) = node.value.as_str() {
            return Some(TextsByLanguage(BTreeMap::from([(
                "fr".to_owned(),
                text.to_owned(),
            )])));
        }
        if !node.value.is_table() {
            return node.refuse("a text, or texts by language,", mend, problems);
        }
        let texts = BTreeMap::<String, String>::read(node, problems)?;
        let is_tag = |tag: &str| Locale::new(tag).is_some_and(|locale| locale.as_str() == tag);
        if let Some(tag) = texts.keys().find(|tag| !is_tag(tag)) {
            problems.add(&node.key_place(tag), "this key is not a language tag", mend);
            return None;
        }
        Some(TextsByLanguage(texts))
    }
}

impl Value for OneOrMore {
    fn shape() -> Shape {
        Shape::Plain("text, or list of text".to_owned())
    }

    fn read(node: &Node<'_>, problems: &mut Problems) -> Option<Self> {
        if let Some(text) = node.value.as_str() {
            return Some(text.into());
        }
        if !node.value.is_array() {
            return node.refuse(
                "a text, or a list of texts,",
                "\"text\", or [\"text\", \"text\"]",
                problems,
            );
        }
        Vec::<String>::read(node, problems).map(OneOrMore)
    }
}

impl Value for Texts {
    fn shape() -> Shape {
        TextsByLanguage::shape()
    }

    fn read(node: &Node<'_>, problems: &mut Problems) -> Option<Self> {
        TextsByLanguage::read(node, problems).map(|texts| Texts::new(texts.0))
    }
}
