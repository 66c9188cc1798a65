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
    under_way: Mutex<HashMap<RealmId, Tries>>,
    turned_away: AtomicU64,
}

/// Those of a realm: all, and of them those that ask its directory.
#[derive(Default)]
struct Tries {
    all: usize,
    asking: usize,
}

/// A try that is under way; dropped, it is over.
pub struct Inside<'a> {
    rooms: &'a Rooms,
    realm: &'a RealmId,
    asks: bool,
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
        let tries = match under_way.get_mut(realm) {
            Some(tries) => tries,
            None => under_way.entry(realm.clone()).or_default(),
        };
        if tries.all >= self.most {
            return None;
        }
        tries.all += 1;
        Some(Inside {
            rooms: self,
            realm,
            asks: false,
        })
    }

    /// How many tries ask the realm's directory now, or are on their way to it.
    pub fn inside(&self, realm: &RealmId) -> usize {
        self.under_way().get(realm).map_or(0, |tries| tries.all)
    }

    /// Whether there are places for those who come at one moment, too: half of them are theirs.
    pub fn has_room(&self, realm: &RealmId) -> bool {
        let all = self.under_way().get(realm).map_or(0, |tries| tries.all);
        all < self.most.div_ceil(2)
    }

    /// A try was turned away, since these places or those of the realm's directory were all taken.
    pub fn turn_away(&self) {
        self.turned_away.fetch_add(1, Ordering::Relaxed);
    }

    /// Tries that were turned away so far.
    pub fn turned_away(&self) -> u64 {
        self.turned_away.load(Ordering::Relaxed)
    }

    fn under_way(&self) -> MutexGuard<'_, HashMap<RealmId, Tries>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inside<'_> {
    /// From now on it asks the realm's directory: how many do already.
    pub fn ask(&mut self) -> usize {
        let mut under_way = self.rooms.under_way();
        let Some(tries) = under_way.get_mut(self.realm) else {
            return 0;
        };
        let before = tries.asking;
        tries.asking += usize::from(!std::mem::replace(&mut self.asks, true));
        before
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        let mut under_way = self.rooms.under_way();
        if let Some(tries) = under_way.get_mut(self.realm) {
            tries.all = tries.all.saturating_sub(1);
            tries.asking = tries.asking.saturating_sub(usize::from(self.asks));
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
        let (mut first, mut second) = (first, second);
        assert_eq!((first.ask(), first.ask(), second.ask()), (0, 1, 1));
        assert_eq!(rooms.inside(&crowded), 2);
        drop(first);
        assert_eq!((rooms.inside(&crowded), second.ask()), (1, 1));
        assert!(rooms.enter(&crowded).is_some());
        drop(second);
        assert!(rooms.has_room(&crowded));
    }
}
