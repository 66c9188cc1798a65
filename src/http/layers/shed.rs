//! What is turned away when this node has more to do than it can (reliability §3.2): by how many requests of
//! a kind are under way, by how long work that is ready waits for its turn, by how many may begin of
//! late, and by what would come of it. It knows no endpoint: what kind a request is, whether it begins
//! something in vain, and the answer to one without a place, are given to the layers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use super::super::server::ServerSettings;
use super::pace::Pace;

/// What a request is when there is too much to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Owed to somebody, or the way to less load: a ticket's validation, a sign-out, a file of a page.
    Kept,
    /// Goes on with what was begun: a form that is sent, a browser that is signed in.
    Begun,
    /// Asks whether there is room to go on; who hears no waits.
    Waiting,
    /// Begins something.
    New,
}

impl Kind {
    pub const ALL: [Kind; 4] = [Kind::Kept, Kind::Begun, Kind::Waiting, Kind::New];
}

/// On a request: this node is turning some away, so that who is let in now may not be in a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Careful;

/// Turns wait too long only when that many in a row did …
const IN_A_ROW: u32 = 8;
/// … for this long, or one of them for [`FAR`] times the longest.
const SPELL: Duration = Duration::from_millis(20);
const FAR: u32 = 4;
/// While turns wait more than so many times the longest, nobody is let in who asks whether to go on, …
const WAITING: u32 = 4;
/// … nobody who begins, however many may begin, …
const NEW: u32 = 10;
/// … and nobody who goes on: he has worked for it already.
const BEGUN: u32 = 50;
/// So many under way are no crowd yet, whoever else keeps the machine busy.
const FEW: usize = 16;
/// How long it is careful after a turn that waited too long, or somebody who might not begin.
const CAREFUL: Duration = Duration::from_secs(5);
/// One request per this time measures its turn: measuring costs a turn.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// The room of one node.
pub struct Shedder {
    most: usize,
    longest_turn: Duration,
    under_way: [AtomicUsize; Kind::ALL.len()],
    turns: Turns,
    pace: Pace,
}

/// How turns were waited for. Moments are microseconds since `made`.
struct Turns {
    made: Instant,
    looked: AtomicU64,
    /// The last one.
    waited: AtomicU64,
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
            turns: Turns {
                made: Instant::now(),
                looked: AtomicU64::new(0),
                waited: AtomicU64::new(0),
                in_a_row: AtomicU32::new(0),
                since: AtomicU64::new(0),
                careful_until: AtomicU64::new(0),
            },
            pace: Pace::default(),
        }
    }

    /// `None`: there is no room for it, or it begins what is `in_vain` now, which is told whether this node is late.
    pub(super) async fn admit(
        self: &Arc<Shedder>,
        kind: Kind,
        in_vain: impl FnOnce(bool) -> bool,
    ) -> Option<Admitted> {
        let admitted = self.place(kind)?;
        if kind == Kind::Kept || self.longest_turn.is_zero() {
            return Some(admitted);
        }
        if self.turns.is_to_look() {
            let ready = Instant::now();
            // Behind all that is ready now: what that takes, this node is late.
            tokio::task::yield_now().await;
            self.note(ready.elapsed(), self.turns.now());
        }
        let now = self.turns.now();
        let useless = kind == Kind::New && in_vain(self.turns.is_careful(now));
        (!useless && self.lets_in(kind, now)).then_some(admitted)
    }

    /// Whether turns waited too long lately, or somebody might not begin.
    pub(super) fn is_careful(&self) -> bool {
        self.is_careful_at(self.turns.now())
    }

    pub(super) fn is_careful_at(&self, now: u64) -> bool {
        self.turns.is_careful(now)
    }

    /// A turn was waited for that long.
    pub(super) fn note(&self, waited: Duration, now: u64) {
        // A few that are late wait for others on this machine.
        let waited = if self.is_crowded() { waited } else { Duration::ZERO };
        self.turns.note(waited, self.longest_turn, now);
        self.pace
            .look(now, waited <= self.longest_turn, self.turns.is_careful(now));
    }

    /// Whether there is time for it; of what begins, one more has begun then.
    pub(super) fn lets_in(&self, kind: Kind, now: u64) -> bool {
        if !self.turns.is_careful(now) {
            return kind != Kind::New || self.pace.begin(now);
        }
        let longest = match kind {
            Kind::Kept => return true,
            Kind::Begun => self.longest_turn * BEGUN,
            Kind::Waiting => self.longest_turn * WAITING,
            Kind::New => self.longest_turn * NEW,
        };
        let waited = self.turns.waited.load(Ordering::Relaxed);
        if waited > micros(longest) && self.is_crowded() {
            return false;
        }
        if kind == Kind::New && !self.pace.begin(now) {
            self.turns.be_careful(now);
            return false;
        }
        true
    }

    fn is_crowded(&self) -> bool {
        let [_, waited_for @ ..] = &self.under_way;
        let under_way = waited_for.iter().map(|count| count.load(Ordering::Acquire));
        under_way.sum::<usize>() > FEW
    }

    /// A place among those of its kind. One too many gives it back as it is dropped.
    pub(super) fn place(self: &Arc<Shedder>, kind: Kind) -> Option<Admitted> {
        let admitted = Admitted {
            shedder: Arc::clone(self),
            kind,
        };
        (self.of(kind).fetch_add(1, Ordering::AcqRel) < self.most).then_some(admitted)
    }

    fn of(&self, kind: Kind) -> &AtomicUsize {
        let [kept, begun, waiting, new] = &self.under_way;
        match kind {
            Kind::Kept => kept,
            Kind::Begun => begun,
            Kind::Waiting => waiting,
            Kind::New => new,
        }
    }
}

impl Turns {
    /// Whether this request is to measure its turn: one of those that come at the same moment.
    fn is_to_look(&self) -> bool {
        let now = self.now();
        let looked = self.looked.load(Ordering::Relaxed);
        now.saturating_sub(looked) >= micros(LOOK_EVERY)
            && self
                .looked
                .compare_exchange(looked, now, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }

    fn note(&self, waited: Duration, longest: Duration, now: u64) {
        self.waited.store(micros(waited), Ordering::Relaxed);
        if waited <= longest {
            self.in_a_row.store(0, Ordering::Relaxed);
            return;
        }
        let before = self.in_a_row.fetch_add(1, Ordering::Relaxed);
        if before == 0 {
            self.since.store(now, Ordering::Relaxed);
        }
        let lasted = now.saturating_sub(self.since.load(Ordering::Relaxed)) >= micros(SPELL);
        let spell = before >= IN_A_ROW && (lasted || waited > longest * FAR);
        if spell || self.is_careful(now) {
            self.be_careful(now);
        }
    }

    fn be_careful(&self, now: u64) {
        self.careful_until.store(now + micros(CAREFUL), Ordering::Relaxed);
    }

    fn is_careful(&self, now: u64) -> bool {
        now < self.careful_until.load(Ordering::Relaxed)
    }

    fn now(&self) -> u64 {
        micros(self.made.elapsed())
    }
}

impl Admitted {
    /// It is over, and got what it came for or a no.
    pub(super) fn finish(self) {
        if self.kind == Kind::Begun {
            self.shedder.pace.finished();
        }
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

    const TURN: Duration = Duration::from_millis(2);

    fn shedder(longest_turn: Duration) -> Arc<Shedder> {
        Arc::new(Shedder::new(&ServerSettings {
            longest_turn,
            ..ServerSettings::default()
        }))
    }

    /// In trouble at moment 0, with a crowd.
    fn crowded() -> (Arc<Shedder>, Vec<Admitted>) {
        let node = shedder(TURN);
        let crowd = (0..=FEW).map(|_| node.place(Kind::Waiting).unwrap()).collect();
        (0..=IN_A_ROW).for_each(|_| node.note(TURN * (NEW + 1), 0));
        (node, crowd)
    }

    #[test]
    fn a_spell_of_late_turns_sheds_what_begins_then_what_goes_on_and_never_what_is_owed() {
        let node = shedder(TURN);
        let _crowd: Vec<_> = (0..=FEW).map(|_| node.place(Kind::New).unwrap()).collect();
        let late = TURN * (FAR + 1);
        (0..IN_A_ROW).for_each(|_| node.note(late, 0));
        assert!(!node.turns.is_careful(0) && node.lets_in(Kind::New, 0));
        node.note(late, 0);
        assert!(node.turns.is_careful(0));
        let shed = |waited| {
            node.note(waited, 0);
            Kind::ALL.map(|kind| !node.lets_in(kind, 0))
        };
        let a_moment = Duration::from_millis(1);
        assert_eq!(shed(TURN), [false, false, false, false]);
        assert_eq!(shed(TURN * WAITING), [false, false, false, false]);
        assert_eq!(shed(TURN * WAITING + a_moment), [false, false, true, false]);
        assert_eq!(shed(TURN * NEW), [false, false, true, false]);
        assert_eq!(shed(TURN * NEW + a_moment), [false, false, true, true]);
        assert_eq!(shed(TURN * BEGUN), [false, false, true, true]);
        assert_eq!(shed(TURN * BEGUN + a_moment), [false, true, true, true]);
        let over = micros(CAREFUL);
        assert!(
            Kind::ALL.iter().all(|kind| node.lets_in(*kind, over)),
            "the spell is over"
        );
    }

    #[tokio::test]
    async fn what_is_begun_in_vain_is_not_begun_by_a_node_that_is_late() {
        let (node, _crowd) = crowded();
        node.note(TURN, 0);
        assert!(node.admit(Kind::New, |_| false).await.is_some());
        assert!(node.admit(Kind::New, |is_late| is_late).await.is_none());
        assert!(node.admit(Kind::Begun, |_| true).await.is_some());
        let other = shedder(TURN);
        assert!(other.admit(Kind::New, |is_late| is_late).await.is_some());
        assert!(other.admit(Kind::New, |_| true).await.is_none());
    }

    #[test]
    fn a_turn_in_time_breaks_the_row() {
        let node = shedder(TURN);
        let _crowd: Vec<_> = (0..=FEW).map(|_| node.place(Kind::New).unwrap()).collect();
        for _ in 0..10 {
            (0..IN_A_ROW).for_each(|_| node.note(TURN * 9, 0));
            node.note(TURN, 0);
        }
        assert!(!node.turns.is_careful(0));
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
    fn a_few_are_no_crowd() {
        let (node, mut crowd) = crowded();
        assert!(!node.lets_in(Kind::New, 0));
        crowd.pop();
        assert!(node.lets_in(Kind::New, 0));
        let quiet = shedder(TURN);
        (0..100).for_each(|_| quiet.note(TURN * 100, 0));
        assert!(!quiet.turns.is_careful(0));
    }

    #[tokio::test]
    async fn work_that_fills_every_turn_is_noticed() {
        let node = shedder(Duration::from_micros(50));
        let crowd: Vec<_> = (0..=FEW).map(|_| node.place(Kind::New).unwrap()).collect();
        let burning = async {
            for _ in 0..20_000 {
                let until = Instant::now() + Duration::from_micros(400);
                while Instant::now() < until {}
                tokio::task::yield_now().await;
            }
        };
        let burning = tokio::spawn(burning);
        while node.admit(Kind::New, |_| false).await.is_some() {
            assert!(!burning.is_finished(), "20,000 late turns were not noticed");
            tokio::task::yield_now().await;
        }
        assert!(node.admit(Kind::Kept, |_| true).await.is_some());
        burning.abort();
        drop(crowd);
    }
}
