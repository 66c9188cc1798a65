//! A shelf in memory: for tests and for a server whose sessions may end with it.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::shelf::{Changes, Entry, Key, Look, Shelf};
use crate::base::clock::Timestamp;
use crate::tickets::StoreError;

/// Ordered, so that a sweep can go on where the last one stopped.
#[derive(Clone, Default)]
pub(super) struct MemoryShelf {
    entries: BTreeMap<Key, Entry>,
}

impl MemoryShelf {
    /// Entries held, the dead ones that no sweep has met yet included.
    pub fn len(&self) -> usize {
        self.entries.len()
    }
}

impl Look for MemoryShelf {
    fn get(&self, key: &Key) -> Result<Option<Entry>, StoreError> {
        Ok(self.entries.get(key).cloned())
    }

    fn keys_after(&self, after: Option<&Key>, limit: usize) -> Result<Vec<(Key, Timestamp)>, StoreError> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let keys = self.entries.range((from, Bound::Unbounded)).take(limit);
        Ok(keys.map(|(key, entry)| (*key, entry.expires)).collect())
    }
}

impl Shelf for MemoryShelf {
    fn apply(&mut self, changes: Changes) -> Result<(), StoreError> {
        for (key, entry) in changes {
            match entry {
                Some(entry) => self.entries.insert(key, entry),
                None => self.entries.remove(&key),
            };
        }
        Ok(())
    }
}
