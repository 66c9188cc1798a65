//! Tickets that this node has seen spent. The store is the one that knows; this only notices when it has
//! forgotten (F-04), and is no place to look for a ticket.

use std::hash::{BuildHasher, RandomState};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::limits::TOMBSTONE;
use super::reset::LONGEST_LIFE;
use super::reset_token::ResetToken;
use crate::base::clock::{Timestamp, millis};
use crate::protocol::ticket_id::TicketId;

/// Service and proxy tickets that are remembered at most; half a megabyte.
const TICKETS: usize = 1 << 16;

const RESETS: usize = 1 << 12;

/// What is younger than this is known by the store, too: a little less than it promises, since no two
/// clocks are the same.
const TICKETS_KNOWN: Duration = TOMBSTONE.saturating_sub(Duration::from_secs(5));

/// Tickets and reset tickets, a bounded number of each; later ones take the places of earlier ones.
pub struct SpentLately {
    hasher: RandomState,
    tickets: Places,
    resets: Places,
}

impl Default for SpentLately {
    fn default() -> SpentLately {
        SpentLately {
            hasher: RandomState::new(),
            tickets: Places::new(TICKETS, 1, TICKETS_KNOWN),
            resets: Places::new(RESETS, 4, LONGEST_LIFE),
        }
    }
}

impl SpentLately {
    /// Remembers a ticket as spent; false when it was already.
    pub fn first(&self, ticket: &TicketId, now: Timestamp) -> bool {
        self.tickets.set(self.hasher.hash_one(ticket.expose()), now)
    }

    /// Whether a ticket is remembered as spent.
    pub fn knows(&self, ticket: &TicketId, now: Timestamp) -> bool {
        self.tickets.has(self.hasher.hash_one(ticket.expose()), now)
    }

    /// Remembers that a password was changed with a reset ticket.
    pub fn reset(&self, token: &ResetToken, now: Timestamp) {
        self.resets.set(self.hasher.hash_one(token.digest().0), now);
    }

    /// Whether this node has changed a password with a reset ticket.
    pub fn knows_reset(&self, token: &ResetToken, now: Timestamp) -> bool {
        self.resets.has(self.hasher.hash_one(token.digest().0), now)
    }
}

/// The moment fills the lower bits of a place, the rest is the name's hash.
const MOMENT: u64 = 0xffff;

/// Places of a shelf: a page of memory, which is taken when the first of them is needed.
const SHELF: usize = 512;

type Shelf = Box<[AtomicU64]>;

/// A table without locks, but for the moment in which a shelf is made: each place has a moment and 48 bits of
/// a name's hash, or is zero.
struct Places {
    shelves: Box<[OnceLock<Shelf>]>,
    /// Of a moment, in seconds.
    unit: u64,
    /// How long something is remembered, in moments.
    life: u64,
}

impl Places {
    fn new(places: usize, unit: u64, life: Duration) -> Places {
        Places {
            shelves: (0..places.div_ceil(SHELF)).map(|_| OnceLock::new()).collect(),
            unit,
            life: life.as_secs() / unit,
        }
    }

    /// False when it was there.
    fn set(&self, hash: u64, now: Timestamp) -> bool {
        let empty = || (0..SHELF).map(|_| AtomicU64::new(0)).collect();
        let (shelf, place) = self.place(hash);
        let place = shelf.and_then(|shelf| shelf.get_or_init(empty).get(place));
        let value = self.value(hash, now);
        place.is_none_or(|place| !self.is(place.swap(value, Ordering::Relaxed), value))
    }

    fn has(&self, hash: u64, now: Timestamp) -> bool {
        let value = self.value(hash, now);
        let (shelf, place) = self.place(hash);
        let place = shelf.and_then(OnceLock::get).and_then(|shelf| shelf.get(place));
        place.is_some_and(|place| self.is(place.load(Ordering::Relaxed), value))
    }

    /// The bits that choose the place are not among those that are kept there.
    fn place(&self, hash: u64) -> (Option<&OnceLock<Shelf>>, usize) {
        let place = usize::try_from(hash & MOMENT).unwrap_or_default();
        let shelf = (place / SHELF) % self.shelves.len().max(1);
        (self.shelves.get(shelf), place % SHELF)
    }

    fn value(&self, hash: u64, now: Timestamp) -> u64 {
        (hash & !MOMENT) | self.moment(now)
    }

    /// Moments come again after 18 hours and more; life is far shorter or the name another by then.
    fn moment(&self, now: Timestamp) -> u64 {
        (now.0 / millis(Duration::from_secs(self.unit)).max(1)) & MOMENT
    }

    fn is(&self, kept: u64, asked: u64) -> bool {
        let age = (asked & MOMENT).wrapping_sub(kept & MOMENT) & MOMENT;
        kept != 0 && kept & !MOMENT == asked & !MOMENT && age < self.life
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_spent_is_known_for_a_while_and_nothing_else_is() {
        // F-04
        let places = Places::new(SHELF, 1, Duration::from_secs(55));
        let at = |second: u64| Timestamp(1_800_000_000_000 + second * 1000);
        let (one, other) = (0x0123_4567_89ab_cdef, 0x0123_4567_89aa_cdef);
        assert!(places.set(one, at(0)));
        assert!(places.has(one, at(54)) && !places.has(one, at(55)));
        assert!(!places.has(other, at(0)));
        assert!(!places.has(one ^ 1, at(0)), "another place");
        assert!(!places.set(one, at(10)), "a second time");
        assert!(places.set(other, at(10)), "the same place");
        assert!(!places.has(one, at(10)));
    }

    #[test]
    fn moments_that_begin_again_are_counted_on() {
        // F-04
        let places = Places::new(SHELF, 1, Duration::from_secs(55));
        let before = Timestamp(65_530_000);
        assert!(places.set(7 << 20, before));
        assert!(places.has(7 << 20, before.plus(Duration::from_secs(20))));
        assert!(!places.has(7 << 20, before.plus(Duration::from_secs(80))));
    }
}
