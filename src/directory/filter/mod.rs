//! LDAP search filters as trees (RFC 4515): built from typed values, escaped when written, so that
//! what a person types can never become part of a filter's structure (T-51). Sending them is the
//! work of `ldap`; `evaluate` answers them from attributes already read.

pub(in crate::directory) mod evaluate;
mod parse;

use std::collections::BTreeSet;
use std::fmt;

pub use parse::FilterFlaw;

/// A filter. Attribute names are as given, values are raw bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    And(Vec<Filter>),
    Or(Vec<Filter>),
    Not(Box<Filter>),
    Present(String),
    Equal(String, Vec<u8>),
    AtLeast(String, Vec<u8>),
    AtMost(String, Vec<u8>),
    Approx(String, Vec<u8>),
    Substrings(String, Pieces),
    /// `(attribute:rule:=value)`; of the rules, the two of AD for bits are evaluated here.
    Extensible {
        attribute: String,
        rule: String,
        value: Vec<u8>,
    },
}

/// The fixed parts of a substring filter `initial*middle*…*end`; empty ones are absent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pieces {
    pub initial: Vec<u8>,
    pub middle: Vec<Vec<u8>>,
    pub end: Vec<u8>,
}

impl Filter {
    pub fn equal(attribute: &str, value: &str) -> Filter {
        Filter::Equal(attribute.to_owned(), value.as_bytes().to_vec())
    }

    /// Reads the text form of RFC 4515; blanks between the parts of a list are let in.
    pub fn parse(text: &str) -> Result<Filter, FilterFlaw> {
        parse::parse(text)
    }

    /// Both this and `other`, without needless nesting.
    pub fn and(self, other: Option<&Filter>) -> Filter {
        match other {
            None => self,
            Some(other) => Filter::And(vec![other.clone(), self]),
        }
    }

    /// The attributes a filter asks about, in lower case.
    pub fn attributes(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        self.collect_attributes(&mut names);
        names
    }

    fn collect_attributes(&self, names: &mut BTreeSet<String>) {
        match self {
            Filter::And(parts) | Filter::Or(parts) => {
                parts.iter().for_each(|part| part.collect_attributes(names));
            }
            Filter::Not(part) => part.collect_attributes(names),
            Filter::Present(attribute)
            | Filter::Equal(attribute, _)
            | Filter::AtLeast(attribute, _)
            | Filter::AtMost(attribute, _)
            | Filter::Approx(attribute, _)
            | Filter::Substrings(attribute, _)
            | Filter::Extensible { attribute, .. } => {
                names.insert(attribute.to_ascii_lowercase());
            }
        }
    }
}

/// Whether `name` can be an attribute description: a letter then letters, digits, `-`, `;`, or an
/// OID of digits and dots (RFC 4512 §2.5).
pub fn is_attribute_name(name: &str) -> bool {
    let described = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | ';'));
    let numbered = name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_digit() || c == '.');
    described || numbered
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Filter::And(parts) => list(f, '&', parts),
            Filter::Or(parts) => list(f, '|', parts),
            Filter::Not(part) => write!(f, "(!{part})"),
            Filter::Present(attribute) => write!(f, "({attribute}=*)"),
            Filter::Equal(attribute, value) => write!(f, "({attribute}={})", Escaped(value)),
            Filter::AtLeast(attribute, value) => write!(f, "({attribute}>={})", Escaped(value)),
            Filter::AtMost(attribute, value) => write!(f, "({attribute}<={})", Escaped(value)),
            Filter::Approx(attribute, value) => write!(f, "({attribute}~={})", Escaped(value)),
            Filter::Substrings(attribute, pieces) => {
                write!(f, "({attribute}={}*", Escaped(&pieces.initial))?;
                for piece in &pieces.middle {
                    write!(f, "{}*", Escaped(piece))?;
                }
                write!(f, "{})", Escaped(&pieces.end))
            }
            Filter::Extensible {
                attribute,
                rule,
                value,
            } => write!(f, "({attribute}:{rule}:={})", Escaped(value)),
        }
    }
}

fn list(f: &mut fmt::Formatter<'_>, sign: char, parts: &[Filter]) -> fmt::Result {
    write!(f, "({sign}")?;
    parts.iter().try_for_each(|part| write!(f, "{part}"))?;
    write!(f, ")")
}

/// A value as RFC 4515 §3 writes it: `\xx` for what has a meaning in filters, for controls, for
/// blanks at the ends and for bytes that are not UTF-8.
struct Escaped<'a>(&'a [u8]);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = self.0.len().saturating_sub(1);
        let mut offset = 0;
        for chunk in self.0.utf8_chunks() {
            for c in chunk.valid().chars() {
                let at_end = offset == 0 || offset == last;
                offset += c.len_utf8();
                if matches!(c, '*' | '(' | ')' | '\\') || c.is_ascii_control() || (c == ' ' && at_end) {
                    write!(f, "\\{:02x}", u32::from(c))?;
                } else {
                    write!(f, "{c}")?;
                }
            }
            for byte in chunk.invalid() {
                offset += 1;
                write!(f, "\\{byte:02x}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What people type to break out of a filter: each alone and in company.
    fn payloads() -> Vec<String> {
        let seeds = [
            "*",
            "*)(uid=*",
            "*)(|(uid=*",
            "admin)(&)",
            "admin)(!(&(1=0)",
            ")(cn=*))(|(cn=*",
            "\\",
            "\\2a",
            "\0",
            "a\0b",
            "(",
            ")",
            "*)(objectClass=*))(&(objectClass=void",
            "x*y",
            " leading",
            "trailing ",
            "é*è",
            "🙂)(🙂",
            "a\nb",
            "a\u{7f}",
        ];
        let dressings = ["", "a", "*", "(", ")", "\\", "&", "|", "!", "="];
        seeds
            .iter()
            .flat_map(|seed| dressings.iter().map(move |d| format!("{d}{seed}{d}")))
            .collect()
    }

    #[test]
    fn whatever_is_typed_stays_one_value() {
        // T-51, CAS-74
        let payloads = payloads();
        assert!(payloads.len() >= 200);
        for payload in payloads {
            let filter = Filter::equal("uid", &payload);
            let written = filter.to_string();
            assert_eq!(Filter::parse(&written), Ok(filter), "{written}");
            let inner = written.trim_start_matches("(uid=").trim_end_matches(')');
            assert!(!inner.contains(['*', '(', ')', '\0']), "{written}");
        }
    }

    fn name() -> impl Strategy<Value = String> {
        "[a-zA-Z][a-zA-Z0-9-]{0,8}"
    }

    fn value() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            "[ -~éè*()\\\\]{1,12}".prop_map(String::into_bytes),
            proptest::collection::vec(any::<u8>(), 1..12),
        ]
    }

    fn filter() -> impl Strategy<Value = Filter> {
        let leaf = prop_oneof![
            name().prop_map(Filter::Present),
            (name(), value()).prop_map(|(name, value)| Filter::Equal(name, value)),
            (name(), value()).prop_map(|(name, value)| Filter::AtLeast(name, value)),
            (name(), value()).prop_map(|(name, value)| Filter::AtMost(name, value)),
            (name(), value()).prop_map(|(name, value)| Filter::Approx(name, value)),
            (name(), value(), proptest::collection::vec(value(), 0..3), value()).prop_map(
                |(name, initial, middle, end)| Filter::Substrings(name, Pieces { initial, middle, end })
            ),
            (name(), value()).prop_map(|(attribute, value)| Filter::Extensible {
                attribute,
                rule: "1.2.840.113556.1.4.803".into(),
                value
            }),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 1..4).prop_map(Filter::And),
                proptest::collection::vec(inner.clone(), 1..4).prop_map(Filter::Or),
                inner.prop_map(|part| Filter::Not(Box::new(part))),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_filter_reads_back_as_it_was_written(filter in filter()) {
            // T-51
            prop_assert_eq!(Filter::parse(&filter.to_string()), Ok(filter));
        }

        #[test]
        fn no_text_makes_the_parser_fall(text in "\\PC{0,60}") {
            // T-51
            let _ = Filter::parse(&text);
        }
    }

    #[test]
    fn the_attributes_of_a_filter_are_known() {
        let filter = Filter::parse("(&(uid=a)(!(Mail=*))(|(x>=1)(uid~=b)))").unwrap();
        assert_eq!(Vec::from_iter(filter.attributes()), ["mail", "uid", "x"]);
    }
}
