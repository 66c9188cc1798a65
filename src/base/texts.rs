//! Texts that administrators write in several languages.

use std::collections::BTreeMap;

use super::names::Locale;

/// A text in several languages; the first of `fr` and then any stands in for a missing one. Sorted
/// by language, and kept small: there are tens of thousands of names of institutions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts(Box<[(Box<str>, Box<str>)]>);

impl Texts {
    pub fn new(texts: BTreeMap<String, String>) -> Texts {
        let pairs = texts.into_iter();
        Texts(
            pairs
                .map(|(language, text)| (language.into(), text.into()))
                .collect(),
        )
    }

    /// The same text in every language.
    pub fn same(text: &str) -> Texts {
        Texts(Box::new([("fr".into(), text.into())]))
    }

    pub fn get(&self, locale: &Locale) -> Option<&str> {
        let exact = self.in_language(locale.as_str());
        exact
            .or_else(|| self.in_language("fr"))
            .or_else(|| self.all().next())
    }

    fn in_language(&self, tag: &str) -> Option<&str> {
        let found = self.0.iter().find(|(language, _)| **language == *tag);
        found.map(|(_, text)| &**text)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every spelling, for checks and indexes.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(_, text)| &**text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn french_stands_in_for_a_missing_language_and_any_other_for_french() {
        let get = |texts: &[(&str, &str)], tag| {
            let texts = texts
                .iter()
                .map(|(language, text)| (language.to_string(), text.to_string()));
            let texts = Texts::new(texts.collect());
            texts.get(&Locale::new(tag).unwrap()).map(str::to_owned)
        };
        let both = [("en", "School"), ("fr", "École")];
        assert_eq!(get(&both, "en"), Some("School".into()));
        assert_eq!(get(&both, "ar"), Some("École".into()));
        assert_eq!(get(&[("en", "School")], "ar"), Some("School".into()));
        assert_eq!(get(&[], "fr"), None);
    }
}
