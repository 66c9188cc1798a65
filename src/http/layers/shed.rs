//! What is turned away when this node has more to do than it can (reliability §3.2): by how many requests of
//! a kind are under way, and by how long work that is ready waits for its turn. It knows no endpoint: what
//! kind a request is, and the answer to one without a place, are given to the layers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use super::super::server::ServerSettings;

/// What a request is when there is too much to do; the later ones are turned away before the earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Owed to somebody, or the way to less load: a ticket's validation, a sign-out, a file of a page.
    Kept,
    /// Goes on with what was begun: a form that is sent, a browser that is signed in.
    Begun,
    /// Begins something.
    New,
}

impl Kind {
    pub const ALL: [Kind; 3] = [Kind::Kept, Kind::Begun, Kind::New];
}

/// On a request: this node is turning some away, so that who is let in now may not be in a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Careful;

/// Turns wait too long only when that many in a row did …
const IN_A_ROW: u32 = 16;
/// … for this long, or one of them for [`FAR`] times the longest.
const SPELL: Duration = Duration::from_millis(50);
const FAR: u32 = 4;
/// Fewer under way are no crowd, whoever else keeps the machine busy.
const FEW: usize = 16;
/// One of so many late ones is let in all the same: refusals alone must not fill a node.
const SPARED: u32 = 16;
/// How long it is careful after a turn that waited too long.
const CAREFUL: Duration = Duration::from_secs(5);
/// While all is well, one request per this time measures its turn: measuring costs a turn.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// The room of one node.
pub struct Shedder {
    most: usize,
    longest_turn: Duration,
    under_way: [AtomicUsize; Kind::ALL.len()],
    late: AtomicU32,
    turns: Turns,
}

/// How turns were waited for. Moments are microseconds since `made`.
struct Turns {
    made: Instant,
    looked: AtomicU64,
    /// How many in a row waited too long, and since when.
    in_a_row: AtomicU32,
    since: AtomicU64,
    careful_until: AtomicU64,
}

/// A request that is under way; dropped, it is over.
pub struct Admitted {
    shedder: Arc<Shedder>,
    kind: Kind,
}

impl Shedder {
    pub fn new(settings: &ServerSettings) -> Shedder {
        Shedder {
            most: settings.most_requests,
            longest_turn: settings.longest_turn,
            under_way: Default::default(),
            late: AtomicU32::new(0),
            turns: Turns {
                made: Instant::now(),
                looked: AtomicU64::new(0),
                in_a_row: AtomicU32::new(0),
                since: AtomicU64::new(0),
                careful_until: AtomicU64::new(0),
            },
        }
    }

    /// `None`: there is no room for it.
    pub(super) async fn admit(self: &Arc<Shedder>, kind: Kind) -> Option<Admitted> {
        let admitted = self.place(kind)?;
        if kind == Kind::Kept || self.longest_turn.is_zero() || !self.turns.is_to_look() {
            return Some(admitted);
        }
        let ready = Instant::now();
        // Behind all that is ready now: what that takes, this node is late.
        tokio::task::yield_now().await;
        let waited = ready.elapsed();
        self.turns.note(waited, self.longest_turn);
        (!self.is_late(kind, waited) || self.is_spared()).then_some(admitted)
    }

    /// Whether turns waited too long lately.
    pub(super) fn is_careful(&self) -> bool {
        self.turns.is_careful()
    }

    fn place(self: &Arc<Shedder>, kind: Kind) -> Option<Admitted> {
        let admitted = Admitted {
            shedder: Arc::clone(self),
            kind,
        };
        (self.of(kind).fetch_add(1, Ordering::AcqRel) < self.most).then_some(admitted)
    }

    /// What was begun is let in up to twice the wait of what begins.
    fn is_late(&self, kind: Kind, waited: Duration) -> bool {
        let longest = match kind {
            Kind::Kept => return false,
            Kind::Begun => self.longest_turn * 2,
            Kind::New => self.longest_turn,
        };
        waited > longest && self.turns.is_careful()
    }

    fn is_spared(&self) -> bool {
        let [_, begun, new] = &self.under_way;
        begun.load(Ordering::Acquire) + new.load(Ordering::Acquire) <= FEW
            || self.late.fetch_add(1, Ordering::Relaxed).is_multiple_of(SPARED)
    }

    fn of(&self, kind: Kind) -> &AtomicUsize {
        let [kept, begun, new] = &self.under_way;
        match kind {
            Kind::Kept => kept,
            Kind::Begun => begun,
            Kind::New => new,
        }
    }
}

impl Turns {
    /// Whether this request is to measure its turn.
    fn is_to_look(&self) -> bool {
        let now = self.now();
        if self.in_a_row.load(Ordering::Relaxed) > 0 || now < self.careful_until.load(Ordering::Relaxed) {
            return true;
        }
        let looked = self.looked.load(Ordering::Relaxed);
        if now.saturating_sub(looked) < micros(LOOK_EVERY) {
            return false;
        }
        // One of those that come at the same moment.
        let taken = self
            .looked
            .compare_exchange(looked, now, Ordering::Relaxed, Ordering::Relaxed);
        taken.is_ok()
    }

    fn note(&self, waited: Duration, longest: Duration) {
        if waited <= longest {
            self.in_a_row.store(0, Ordering::Relaxed);
            return;
        }
        let now = self.now();
        let before = self.in_a_row.fetch_add(1, Ordering::Relaxed);
        if before == 0 {
            self.since.store(now, Ordering::Relaxed);
        }
        let lasted = now.saturating_sub(self.since.load(Ordering::Relaxed)) >= micros(SPELL);
        let spell = before >= IN_A_ROW && (lasted || waited > longest * FAR);
        if spell || now < self.careful_until.load(Ordering::Relaxed) {
            self.careful_until.store(now + micros(CAREFUL), Ordering::Relaxed);
        }
    }

    fn is_careful(&self) -> bool {
        self.now() < self.careful_until.load(Ordering::Relaxed)
    }

    fn now(&self) -> u64 {
        micros(self.made.elapsed())
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        self.shedder.of(self.kind).fetch_sub(1, Ordering::AcqRel);
    }
}

fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shedder(longest_turn: Duration) -> Arc<Shedder> {
        Arc::new(Shedder::new(&ServerSettings {
            longest_turn,
            ..ServerSettings::default()
        }))
    }

    const TURN: Duration = Duration::from_millis(20);

    #[test]
    fn a_spell_of_late_turns_sheds_what_begins_then_what_goes_on_and_never_what_is_owed() {
        let node = shedder(TURN);
        let late = TURN * (FAR + 1);
        for _ in 0..IN_A_ROW {
            node.turns.note(late, TURN);
        }
        assert!(!node.is_careful() && !node.is_late(Kind::New, late));
        node.turns.note(late, TURN);
        assert!(node.is_careful());
        let shed = |waited| Kind::ALL.map(|kind| node.is_late(kind, waited));
        assert_eq!(shed(TURN), [false, false, false]);
        assert_eq!(shed(TURN + Duration::from_millis(1)), [false, false, true]);
        assert_eq!(shed(TURN * 2 + Duration::from_millis(1)), [false, true, true]);
        node.turns.careful_until.store(0, Ordering::Relaxed);
        assert_eq!(shed(late), [false, false, false], "the spell is over");
    }

    #[test]
    fn a_turn_in_time_breaks_the_row() {
        let node = shedder(TURN);
        for _ in 0..10 {
            for _ in 0..IN_A_ROW {
                node.turns.note(TURN * 9, TURN);
            }
            node.turns.note(TURN, TURN);
        }
        assert!(!node.is_careful());
    }

    #[test]
    fn each_kind_has_a_room_of_its_own_and_who_leaves_makes_room() {
        let node = Arc::new(Shedder::new(&ServerSettings {
            most_requests: 1,
            ..ServerSettings::default()
        }));
        let inside = Kind::ALL.map(|kind| node.place(kind).unwrap());
        assert!(Kind::ALL.iter().all(|kind| node.place(*kind).is_none()));
        drop(inside);
        assert!(Kind::ALL.iter().all(|kind| node.place(*kind).is_some()));
    }

    #[test]
    fn a_few_are_no_crowd_and_of_a_crowd_some_are_spared() {
        let node = shedder(TURN);
        let few: Vec<_> = (0..FEW).map(|_| node.place(Kind::New).unwrap()).collect();
        assert!((0..100).all(|_| node.is_spared()));
        let one_more = node.place(Kind::Begun).unwrap();
        let spared = (0..10 * SPARED).filter(|_| node.is_spared()).count();
        assert_eq!(spared, 10);
        drop((few, one_more));
    }

    #[tokio::test]
    async fn work_that_fills_every_turn_is_noticed() {
        let node = shedder(Duration::from_micros(50));
        let crowd: Vec<_> = (0..FEW).map(|_| node.place(Kind::New).unwrap()).collect();
        let burning = async {
            for _ in 0..2000 {
                let until = Instant::now() + Duration::from_micros(400);
                while Instant::now() < until {}
                tokio::task::yield_now().await;
            }
        };
        let burning = tokio::spawn(burning);
        while node.admit(Kind::New).await.is_some() {
            assert!(!burning.is_finished(), "2,000 late turns were not noticed");
        }
        assert!(node.admit(Kind::Kept).await.is_some());
        burning.abort();
        drop(crowd);
    }
}
