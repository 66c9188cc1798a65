//! Looking for entries of a file, for `mereau doctor person`.

use super::LdifDirectory;
use crate::directory::Filter;
use crate::directory::evidence::{Evidence, StoredPasswords};

impl LdifDirectory {
    /// The entries that a filter finds, at most `most`.
    pub async fn look(&self, filter: &Filter, most: usize) -> Vec<Evidence> {
        let people = self.refresh().await;
        let found = people.matching(filter).take(most).map(|entry| {
            let mut passwords = StoredPasswords {
                history: entry.remembered,
                ..StoredPasswords::default()
            };
            entry.passwords.iter().for_each(|stored| passwords.note(stored));
            Evidence {
                name: entry.name.clone(),
                attributes: entry.attributes.clone(),
                passwords,
            }
        });
        found.collect()
    }
}
