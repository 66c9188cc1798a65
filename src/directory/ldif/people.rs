//! The people of a file, indexed by login and key. A snapshot: it knows neither the file nor the
//! clock.

use std::collections::HashMap;

use super::parse::{Record, parse};
use crate::base::names::{PersonKey, Username};
use crate::directory::Filter;
use crate::directory::filter::evaluate::folded;
use crate::directory::mapping::{EntryMapping, is_secret, remembers_passwords, without_options};
use crate::directory::person::{AttributeValue, Attributes, EntryName};
use crate::passwords::hashes;

/// An entry with its passwords kept apart from what a [`crate::directory::Person`] may show.
pub struct Entry {
    pub name: EntryName,
    pub key: PersonKey,
    pub attributes: Attributes,
    pub passwords: Vec<Vec<u8>>,
    /// How many passwords of before it remembers.
    pub remembered: usize,
}

#[derive(Default)]
pub struct People {
    entries: Vec<Entry>,
    /// One map per login attribute, from the folded value to entries.
    by_login: Vec<HashMap<Vec<u8>, Vec<usize>>>,
    by_key: HashMap<PersonKey, usize>,
    /// A stored hash of the commonest scheme: what a try on nobody is compared with.
    decoy: Option<Vec<u8>>,
}

impl People {
    /// Reads a file's text; a flaw tells the line.
    pub fn read(text: &str, mapping: &EntryMapping) -> Result<People, String> {
        let mut people = People {
            by_login: mapping.login_attributes.iter().map(|_| HashMap::new()).collect(),
            ..People::default()
        };
        for record in parse(text).map_err(|flaw| flaw.to_string())? {
            if let Some(entry) = entry_of(&record, mapping)? {
                people.insert(entry, &record, mapping)?;
            }
        }
        people.decoy = commonest_hash(&people.entries);
        Ok(people)
    }

    /// The entries whose login is `login`, by the first login attribute that finds any.
    pub fn with_login(&self, login: &Username) -> Vec<&Entry> {
        let wanted = folded(login.as_str().as_bytes());
        let hits = self.by_login.iter().find_map(|logins| logins.get(&wanted));
        let hits = hits.map(Vec::as_slice).unwrap_or_default();
        hits.iter().filter_map(|at| self.entries.get(*at)).collect()
    }

    /// The entries that a filter finds, by looking at each.
    pub fn matching<'a>(&'a self, filter: &'a Filter) -> impl Iterator<Item = &'a Entry> {
        self.entries
            .iter()
            .filter(move |entry| filter.matches(&entry.attributes))
    }

    pub fn all(&self) -> &[Entry] {
        &self.entries
    }

    pub fn with_key(&self, key: &PersonKey) -> Option<&Entry> {
        self.entries.get(*self.by_key.get(key)?)
    }

    pub fn decoy(&self) -> Option<&[u8]> {
        self.decoy.as_deref()
    }

    pub fn count(&self) -> usize {
        self.entries.len()
    }

    fn insert(&mut self, entry: Entry, record: &Record, mapping: &EntryMapping) -> Result<(), String> {
        let at = self.entries.len();
        if self.by_key.insert(entry.key.clone(), at).is_some() {
            let subject = &mapping.subject_attribute;
            return Err(format!(
                "line {}: another entry has the same {subject}",
                record.line
            ));
        }
        for (logins, attribute) in self.by_login.iter_mut().zip(&mapping.login_attributes) {
            for login in entry.attributes.texts(attribute) {
                let holders = logins.entry(folded(login.as_bytes())).or_default();
                if holders.last() != Some(&at) {
                    holders.push(at);
                }
            }
        }
        self.entries.push(entry);
        Ok(())
    }
}

/// Every attribute of a record but passwords, options folded away.
pub fn attributes_of(record: &Record) -> Attributes {
    let mut attributes = Attributes::default();
    for value in record.values.iter().filter(|value| !is_secret(&value.attribute)) {
        let name = without_options(&value.attribute);
        attributes.add(name, [AttributeValue::from_bytes(value.bytes.clone())]);
    }
    attributes
}

/// The person in a record; `None` for a record that is no person of the realm (a branch, a group).
fn entry_of(record: &Record, mapping: &EntryMapping) -> Result<Option<Entry>, String> {
    let attributes = attributes_of(record);
    let has_login = mapping
        .login_attributes
        .iter()
        .any(|attribute| attributes.first_text(attribute).is_some());
    let within = mapping
        .user_filter
        .as_ref()
        .is_none_or(|filter| filter.matches(&attributes));
    if !has_login || !within {
        return Ok(None);
    }
    let Some(key) = mapping.key_of(&attributes) else {
        return Err(format!(
            "line {}: {} has no {}; give every person one that never changes",
            record.line, record.dn, mapping.subject_attribute
        ));
    };
    let passwords = record
        .values
        .iter()
        .filter(|value| without_options(&value.attribute).eq_ignore_ascii_case("userPassword"));
    Ok(Some(Entry {
        name: EntryName(record.dn.clone()),
        key,
        passwords: passwords.map(|value| value.bytes.clone()).collect(),
        remembered: record
            .values
            .iter()
            .filter(|value| remembers_passwords(&value.attribute))
            .count(),
        attributes,
    }))
}

fn commonest_hash(entries: &[Entry]) -> Option<Vec<u8>> {
    let mut counts: HashMap<String, (usize, &Vec<u8>)> = HashMap::new();
    for stored in entries.iter().flat_map(|entry| &entry.passwords) {
        if let Some(scheme) = hashes::scheme(stored) {
            counts.entry(scheme).or_insert((0, stored)).0 += 1;
        }
    }
    // The scheme's name breaks ties, so that two nodes choose the same.
    let commonest = counts
        .into_iter()
        .max_by_key(|(scheme, (count, _))| (*count, scheme.clone()));
    commonest.map(|(_, (_, stored))| stored.clone())
}
