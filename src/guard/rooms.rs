//! How many tries of passwords each realm may have under way on this node, so that the crowd of one
//! institution, or its directory that hangs, takes nobody else's place. A directory's own pools are bounded
//! by themselves; this stands before everything that a try needs.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::vain::Vain;
use crate::base::names::RealmId;

/// A room for each realm, all of one size.
pub struct Rooms {
    most: usize,
    under_way: Mutex<HashMap<RealmId, Tries>>,
    turned_away: AtomicU64,
    made: Instant,
    /// Until when somewhere many came in vain: microseconds since `made`.
    in_vain_until: AtomicU64,
}

/// Those of a realm: all, and of them those that ask its directory; and who came in vain.
#[derive(Default)]
struct Tries {
    all: usize,
    asking: usize,
    vain: Vain,
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
            made: Instant::now(),
            in_vain_until: AtomicU64::new(0),
        }
    }

    /// `None`: the realm's places are all taken.
    pub fn enter<'a>(&'a self, realm: &'a RealmId) -> Option<Inside<'a>> {
        let has_place = self.tries_of(realm, |tries| {
            let has_place = tries.all < self.most;
            tries.all += usize::from(has_place);
            has_place
        });
        has_place.then(|| Inside {
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
    pub fn turn_away(&self, realm: &RealmId) {
        self.turned_away.fetch_add(1, Ordering::Relaxed);
        self.came_in_vain(realm);
    }

    /// Somebody came who was turned away by the directory itself, or before anything was made for him.
    pub fn came_in_vain(&self, realm: &RealmId) {
        let now = self.now();
        if let Some(until) = self.tries_of(realm, |tries| tries.vain.note(now)) {
            self.in_vain_until.fetch_max(until, Ordering::Relaxed);
        }
    }

    /// Whether so many of the realm came in vain within a second that what is made for them takes time from others.
    pub fn many_come_in_vain(&self, realm: &RealmId) -> bool {
        let now = self.now();
        let mut under_way = self.under_way();
        under_way
            .get_mut(realm)
            .is_some_and(|tries| tries.vain.is_often(now))
    }

    /// Whether it is so in any realm; costs next to nothing.
    pub fn many_come_in_vain_somewhere(&self) -> bool {
        self.now() < self.in_vain_until.load(Ordering::Relaxed)
    }

    fn tries_of<T>(&self, realm: &RealmId, what: impl FnOnce(&mut Tries) -> T) -> T {
        let mut under_way = self.under_way();
        match under_way.get_mut(realm) {
            Some(tries) => what(tries),
            None => what(under_way.entry(realm.clone()).or_default()),
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.made.elapsed().as_micros()).unwrap_or(u64::MAX)
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

    #[test]
    fn many_who_come_to_one_realm_in_vain_are_none_of_another() {
        // F-13
        let rooms = Rooms::new(2);
        let [crowded, other] = ["campus", "lycee"].map(|id| RealmId::new(id).unwrap());
        rooms.turn_away(&other);
        assert!(!rooms.many_come_in_vain_somewhere());
        // Two seconds may share them.
        for _ in 0..500 {
            rooms.turn_away(&crowded);
            rooms.came_in_vain(&crowded);
        }
        assert!(rooms.many_come_in_vain_somewhere());
        assert!(rooms.many_come_in_vain(&crowded) && !rooms.many_come_in_vain(&other));
        assert_eq!(rooms.turned_away(), 501, "who was told before tried nothing");
    }
}
