//! Sections of a file: a struct whose doc comments are its documentation, whose unknown keys are
//! refused with the nearest known one, and whose defaults are TOML as an operator would write it.

use toml::de::DeValue;

use super::problem::Problems;
use super::read::{Node, Shape, Value};
use super::source::At;

/// Declares a section. Each key: doc comment, `name: type`, then `= "TOML"` for a default or
/// `=> "TOML"` for an example. A key without default must be written unless it is an `Option`.
macro_rules! section {
    (
        $(#[doc = $about:literal])+
        $name:ident {
            $(
                $(#[doc = $doc:literal])+
                $key:ident: $kind:ty $(= $default:literal)? $(=> $example:literal)?;
            )+
        }
    ) => {
        $(#[doc = $about])+
        pub struct $name {
            $(
                $(#[doc = $doc])+
                pub $key: $crate::config::source::At<$kind>,
            )+
        }

        impl $name {
            pub const KEYS: &'static [&'static str] = &[$(stringify!($key)),+];

            /// What the section is, line by line.
            #[allow(dead_code, reason = "for sections that are one kind of several")]
            pub const ABOUT: &'static [&'static str] = &[$($about),+];

            /// Where a key, or the section that lacks it, is written.
            #[allow(dead_code, reason = "for sections checked by the module they configure")]
            pub fn place_of(&self, key: &str) -> Option<&$crate::config::source::Place> {
                $(if key == stringify!($key) {
                    return Some(&self.$key.place);
                })+
                None
            }

            pub fn entries() -> Vec<$crate::config::read::Entry> {
                use $crate::config::read::{Entry, Value};
                vec![$(
                    Entry {
                        key: stringify!($key),
                        doc: &[$($doc),+],
                        shape: <$kind as Value>::shape(),
                        default: $crate::config::section::first(&[$($default)?]),
                        required: $crate::config::section::first(&[$($default)?]).is_none()
                            && <$kind as Value>::absent().is_none(),
                        optional: <$kind as Value>::absent().is_some(),
                        example: $crate::config::section::first(&[$($example)?]),
                        bounds: <$kind as Value>::bounds(),
                    }
                ),+]
            }
        }

        impl $crate::config::read::Value for $name {
            fn shape() -> $crate::config::read::Shape {
                $crate::config::read::Shape::Section($name::entries)
            }

            fn read(
                node: &$crate::config::read::Node<'_>,
                problems: &mut $crate::config::problem::Problems,
            ) -> Option<Self> {
                use $crate::config::section;
                // An unknown key stops the start, but not the search for further problems.
                section::refuse_unknown(node, Self::KEYS, problems)?;
                // Every key is read before the section is given up.
                $(let $key = section::key::<$kind>(
                    node,
                    stringify!($key),
                    section::first(&[$($default)?]),
                    section::first(&[$($example)?]),
                    problems,
                );)+
                Some($name {
                    $($key: $key?,)+
                })
            }
        }
    };
}
pub(super) use section;

/// Declares a closed list of words.
macro_rules! choice {
    (
        $(#[doc = $about:literal])+
        $name:ident { $($(#[doc = $doc:literal])+ $variant:ident = $word:literal,)+ }
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl $crate::config::read::Value for $name {
            fn shape() -> $crate::config::read::Shape {
                $crate::config::read::Shape::Plain([$(concat!("\"", $word, "\"")),+].join(" or "))
            }

            fn read(
                node: &$crate::config::read::Node<'_>,
                problems: &mut $crate::config::problem::Problems,
            ) -> Option<Self> {
                let word = $crate::config::section::word(node, &[$($word),+], problems)?;
                match word {
                    $($word => Some($name::$variant),)+
                    _ => None,
                }
            }
        }
    };
}
pub(super) use choice;

/// The only element, if any.
pub fn first(texts: &[&'static str]) -> Option<&'static str> {
    texts.first().copied()
}

/// One of `words`, or a problem that lists them.
pub fn word<'a>(node: &Node<'a>, words: &[&str], problems: &mut Problems) -> Option<&'a str> {
    let listed = words
        .iter()
        .map(|word| format!("\"{word}\""))
        .collect::<Vec<_>>()
        .join(" or ");
    let found = node.text(&listed, problems)?;
    if words.contains(&found) {
        return Some(found);
    }
    let wrong = match nearest(found, words) {
        Some(near) => format!("this word is not known here; did you mean \"{near}\"?"),
        None => "this word is not known here".to_owned(),
    };
    problems.add(&node.place, wrong, listed);
    None
}

/// Adds a problem for each key of the section that is not among `keys`; `None` when this is no section.
pub fn refuse_unknown(node: &Node<'_>, keys: &[&str], problems: &mut Problems) -> Option<()> {
    for name in node.table(problems)?.keys() {
        let written: &str = name.get_ref();
        if keys.contains(&written) {
            continue;
        }
        let place = node.place.under(&written.escape_debug().to_string(), name.span());
        let mend = format!("one of: {}", keys.join(", "));
        match nearest(written, keys) {
            Some(near) => problems.add(&place, format!("unknown key; did you mean “{near}”?"), mend),
            None => problems.add(&place, "unknown key", mend),
        }
    }
    Some(())
}

/// Reads a key, or its default, or what its absence means.
pub fn key<T: Value>(
    node: &Node<'_>,
    key: &'static str,
    default: Option<&'static str>,
    example: Option<&'static str>,
    problems: &mut Problems,
) -> Option<At<T>> {
    if let Some(child) = node.child(key) {
        return At::read(&child, problems);
    }
    let place = node.place.under(key, node.place.span.clone());
    if let Some(default) = default {
        let Ok(value) = DeValue::parse(default) else {
            problems.add(&place, format!("the default {default} cannot be read"), "a value");
            return None;
        };
        let value = value.into_inner();
        return At::read(&Node { value: &value, place }, problems);
    }
    if let Some(value) = T::absent() {
        return Some(At { value, place });
    }
    let (what, mend) = match T::shape() {
        Shape::Plain(_) => ("key", format!("{key} = {}", example.unwrap_or("…"))),
        _ => ("section", format!("[{}] with its keys", place.key)),
    };
    problems.add(&place, format!("the {what} “{key}” is missing"), mend);
    None
}

/// The word that `written` was probably meant to be.
pub fn nearest<'a>(written: &str, words: &[&'a str]) -> Option<&'a str> {
    let written: Vec<char> = written.to_lowercase().chars().take(64).collect();
    let ranked = words.iter().map(|word| (distance(&written, word), *word));
    let (distance, word) = ranked.min_by_key(|(distance, _)| *distance)?;
    (distance <= 1 + word.chars().count() / 4).then_some(word)
}

/// Levenshtein's distance.
fn distance(a: &[char], b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut next = vec![i + 1];
        for ((to, above), diagonal) in b.iter().zip(row.iter().skip(1)).zip(&row) {
            let left = next.last().copied().unwrap_or_default();
            next.push((above + 1).min(left + 1).min(diagonal + usize::from(from != to)));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_key_is_found_and_a_far_one_is_not() {
        let keys = ["listen", "public_url", "trusted_proxies"];
        assert_eq!(nearest("lisen", &keys), Some("listen"));
        assert_eq!(nearest("Public-URL", &keys), Some("public_url"));
        assert_eq!(nearest("trusted_proxys", &keys), Some("trusted_proxies"));
        assert_eq!(nearest("colour", &keys), None);
    }
}
