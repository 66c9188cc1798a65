//! How many tries of passwords each realm may have under way on this node, so that the crowd of one
//! institution, or its directory that hangs, takes nobody else's place. A directory's own pools are bounded
//! by themselves; this stands before everything that a try needs.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::base::names::RealmId;

/// A room for each realm, all of one size.
pub struct Rooms {
    most: usize,
    under_way: Mutex<HashMap<RealmId, usize>>,
    turned_away: AtomicU64,
}

/// A try that is under way; dropped, it is over.
pub struct Inside<'a> {
    rooms: &'a Rooms,
    realm: &'a RealmId,
}

impl Rooms {
    /// Of `most` places each, at least one.
    pub fn new(most: usize) -> Rooms {
        Rooms {
            most: most.max(1),
            under_way: Mutex::default(),
            turned_away: AtomicU64::new(0),
        }
    }

    /// `None`: the realm's places are all taken.
    pub fn enter<'a>(&'a self, realm: &'a RealmId) -> Option<Inside<'a>> {
        let mut under_way = self.under_way();
        let inside = match under_way.get_mut(realm) {
            Some(inside) => inside,
            None => under_way.entry(realm.clone()).or_default(),
        };
        if *inside >= self.most {
            return None;
        }
        *inside += 1;
        Some(Inside { rooms: self, realm })
    }

    /// Whether there are places for those who come at one moment, too: half of them are theirs.
    pub fn has_room(&self, realm: &RealmId) -> bool {
        let inside = self.under_way().get(realm).copied();
        inside.unwrap_or_default() < self.most.div_ceil(2)
    }

    /// A try was turned away, since these places or those of the realm's directory were all taken.
    pub fn turn_away(&self) {
        self.turned_away.fetch_add(1, Ordering::Relaxed);
    }

    /// Tries that were turned away so far.
    pub fn turned_away(&self) -> u64 {
        self.turned_away.load(Ordering::Relaxed)
    }

    fn under_way(&self) -> MutexGuard<'_, HashMap<RealmId, usize>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        let mut under_way = self.rooms.under_way();
        if let Some(inside) = under_way.get_mut(self.realm) {
            *inside = inside.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_room_turns_away_and_leaves_the_others_theirs() {
        // F-13
        let rooms = Rooms::new(2);
        let [crowded, other] = ["campus", "lycee"].map(|id| RealmId::new(id).unwrap());
        let first = rooms.enter(&crowded).unwrap();
        assert!(!rooms.has_room(&crowded) && rooms.has_room(&other));
        let second = rooms.enter(&crowded).unwrap();
        assert!(rooms.enter(&crowded).is_none());
        assert!(rooms.enter(&other).is_some());
        drop(first);
        assert!(rooms.enter(&crowded).is_some());
        drop(second);
        assert!(rooms.has_room(&crowded));
    }
}
