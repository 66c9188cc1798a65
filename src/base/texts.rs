//! Texts that administrators write in several languages.

use std::collections::BTreeMap;

use super::names::Locale;

/// A text in several languages; the first of `fr` and then any stands in for a missing one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts(BTreeMap<String, String>);

impl Texts {
    pub fn new(texts: BTreeMap<String, String>) -> Texts {
        Texts(texts)
    }

    /// The same text in every language.
    pub fn same(text: &str) -> Texts {
        Texts(BTreeMap::from([("fr".to_owned(), text.to_owned())]))
    }

    pub fn get(&self, locale: &Locale) -> Option<&str> {
        let exact = self.0.get(locale.as_str());
        exact
            .or_else(|| self.0.get("fr"))
            .or_else(|| self.0.values().next())
            .map(String::as_str)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every spelling, for checks and indexes.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        self.0.values().map(String::as_str)
    }
}
