//! A person's entry as the flows see it: identity, canonical login, state and attributes.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::state::AccountState;
use crate::base::names::PersonKey;

/// How a directory names an entry (its DN). A handle for the next call and the log, never an
/// identity.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct EntryName(pub String);

impl fmt::Display for EntryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One person of a realm's directory.
#[derive(Debug, Clone)]
pub struct Person {
    /// entryUUID, objectGUID or nsUniqueId in its text form.
    pub key: PersonKey,
    pub entry: EntryName,
    /// The canonical login: the first value of the realm's first login attribute, as the entry
    /// spells it; never what was typed.
    pub login: String,
    pub state: AccountState,
    pub attributes: Attributes,
}

impl Person {
    /// What to call this person on a page.
    pub fn display_name(&self) -> &str {
        self.attributes
            .first_text("displayName")
            .or_else(|| self.attributes.first_text("cn"))
            .unwrap_or(&self.login)
    }
}

/// A value of an attribute: text where it is UTF-8, bytes otherwise (CAS-243: base64 on the wire,
/// never lossy).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum AttributeValue {
    Text(String),
    Bytes(Vec<u8>),
}

impl AttributeValue {
    pub fn from_bytes(bytes: Vec<u8>) -> AttributeValue {
        match String::from_utf8(bytes) {
            Ok(text) => AttributeValue::Text(text),
            Err(error) => AttributeValue::Bytes(error.into_bytes()),
        }
    }

    pub fn text(&self) -> Option<&str> {
        match self {
            AttributeValue::Text(text) => Some(text),
            AttributeValue::Bytes(_) => None,
        }
    }
}

/// Attributes by the name the configuration uses for them. Names are compared without case, as
/// LDAP does; the spelling first inserted is kept. Options (`;lang-fr`, `;binary`) are folded away
/// by the adapters. Values keep the directory's order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attributes(BTreeMap<String, (String, Vec<AttributeValue>)>);

impl Attributes {
    /// Adds values under `name`, after those already there.
    pub fn add(&mut self, name: &str, values: impl IntoIterator<Item = AttributeValue>) {
        let slot = self
            .0
            .entry(name.to_ascii_lowercase())
            .or_insert_with(|| (name.to_owned(), Vec::new()));
        slot.1.extend(values);
    }

    pub fn values(&self, name: &str) -> &[AttributeValue] {
        self.0
            .get(&name.to_ascii_lowercase())
            .map_or(&[], |(_, values)| values.as_slice())
    }

    /// The texts of `name`, leaving out binary values.
    pub fn texts(&self, name: &str) -> impl Iterator<Item = &str> {
        self.values(name).iter().filter_map(AttributeValue::text)
    }

    pub fn first_text(&self, name: &str) -> Option<&str> {
        self.texts(name).next()
    }

    /// Every attribute with its values, ordered by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[AttributeValue])> {
        self.0
            .values()
            .map(|(name, values)| (name.as_str(), values.as_slice()))
    }

    /// The attributes whose name passes `keep`.
    pub fn only(&self, keep: impl Fn(&str) -> bool) -> Attributes {
        let kept = self.0.iter().filter(|(name, _)| keep(name));
        Attributes(kept.map(|(name, slot)| (name.clone(), slot.clone())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fold_case_and_values_keep_their_order() {
        let mut attributes = Attributes::default();
        attributes.add("Mail", [AttributeValue::Text("b@x".into())]);
        attributes.add("mail", [AttributeValue::from_bytes(b"a@x".to_vec())]);
        assert_eq!(attributes.texts("MAIL").collect::<Vec<_>>(), ["b@x", "a@x"]);
        assert_eq!(
            attributes.iter().map(|(name, _)| name).collect::<Vec<_>>(),
            ["Mail"]
        );
    }

    #[test]
    fn bytes_that_are_not_text_stay_bytes() {
        // CAS-243
        assert_eq!(AttributeValue::from_bytes(vec![0xff, 0xfe]).text(), None);
    }
}
