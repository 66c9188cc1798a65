//! The bulkhead of a pool: so many operations at once, so many waiting, so long (reliability §5.2,
//! F-13). A crowded directory turns away instead of piling up, and at once where waiting would be in
//! vain: it waits for nobody else's places.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

use super::fault::Fault;
use crate::directory::{PoolReport, Room};

pub struct Gate {
    room: Arc<Semaphore>,
    at_once: usize,
    waiting: AtomicUsize,
    crowded: AtomicU64,
    longest_queue: usize,
    longest_wait: Duration,
    pace: Arc<Pace>,
}

/// How fast places are given back.
struct Pace {
    made: Instant,
    /// When a place was last taken without waiting or given back, in microseconds since `made`.
    moved: AtomicU64,
    /// For how long a place is held, smoothed, in microseconds; 0: nobody knows yet.
    held: AtomicU64,
}

/// A place in the room; dropped, it is the next one's.
pub struct Place {
    taken: Instant,
    pace: Arc<Pace>,
    _permit: OwnedSemaphorePermit,
}

impl Gate {
    pub fn new(at_once: usize, longest_queue: usize, longest_wait: Duration) -> Gate {
        Gate {
            room: Arc::new(Semaphore::new(at_once)),
            at_once,
            waiting: AtomicUsize::new(0),
            crowded: AtomicU64::new(0),
            longest_queue,
            longest_wait,
            pace: Arc::new(Pace {
                made: Instant::now(),
                moved: AtomicU64::new(0),
                held: AtomicU64::new(0),
            }),
        }
    }

    /// A place, at once or after waiting in turn.
    pub async fn enter(&self) -> Result<Place, Fault> {
        if let Ok(permit) = self.room.clone().try_acquire_owned() {
            self.pace.moved();
            return Ok(self.place(permit));
        }
        let _waiting = self.queue_up()?;
        match timeout(self.longest_wait, self.room.clone().acquire_owned()).await {
            Ok(Ok(permit)) => Ok(self.place(permit)),
            _ => Err(self.turn_away()),
        }
    }

    /// What somebody meets who comes now, after so many who are under way to this gate, wait at it or are
    /// through. Half of the queue is for those who come at one moment.
    pub fn room(&self, under_way: usize) -> Room {
        let full = self.room.available_permits() == 0;
        let waiting = self.waiting.load(Ordering::Acquire);
        let before = under_way.saturating_sub(self.at_once).max(waiting);
        if before == 0 && !full {
            return Room::Ample;
        }
        // An estimate is often short: who is let in by it may have to wait for longer, and is not turned away then.
        let patience = self.longest_wait * 2 / 3;
        let (no_room, little) = (self.takes(before) > patience, self.takes(2 * before) > patience);
        if before >= self.longest_queue || no_room || (full && self.is_stuck()) {
            Room::None
        } else if before >= self.longest_queue.div_ceil(2) || little {
            Room::Scarce
        } else {
            Room::Ample
        }
    }

    pub fn report(&self, kind: &'static str) -> PoolReport {
        PoolReport {
            kind,
            size: self.at_once,
            busy: self.at_once.saturating_sub(self.room.available_permits()),
            waiting: self.waiting.load(Ordering::Acquire),
            crowded: self.crowded.load(Ordering::Relaxed),
        }
    }

    fn place(&self, permit: OwnedSemaphorePermit) -> Place {
        Place {
            taken: Instant::now(),
            pace: self.pace.clone(),
            _permit: permit,
        }
    }

    fn turn_away(&self) -> Fault {
        self.crowded.fetch_add(1, Ordering::Relaxed);
        Fault::Crowded
    }

    fn queue_up(&self) -> Result<Waiting<'_>, Fault> {
        let place = Waiting(&self.waiting);
        let before = self.waiting.fetch_add(1, Ordering::AcqRel);
        if before < self.longest_queue && self.takes(before) <= self.longest_wait && !self.is_stuck() {
            Ok(place)
        } else {
            Err(self.turn_away())
        }
    }

    /// How long somebody waits who has so many before him, at the pace of late.
    fn takes(&self, before: usize) -> Duration {
        let turn = (before as u64 + 1).saturating_mul(self.pace.held.load(Ordering::Relaxed));
        let at_once = u32::try_from(self.at_once.max(1)).unwrap_or(u32::MAX);
        Duration::from_micros(turn) / at_once
    }

    /// Whether no place moved for as long as anybody waits.
    fn is_stuck(&self) -> bool {
        self.pace.since_moved() > self.longest_wait
    }
}

impl Pace {
    fn moved(&self) {
        self.moved.store(self.now(), Ordering::Relaxed);
    }

    fn since_moved(&self) -> Duration {
        let moved = self.moved.load(Ordering::Relaxed);
        Duration::from_micros(self.now().saturating_sub(moved))
    }

    /// Two that give back at the same moment may count as one: it is a pace, not an account.
    fn given_back(&self, taken: Instant) {
        let held = micros_since(taken).max(1);
        let before = self.held.load(Ordering::Relaxed);
        let smoothed = if before == 0 {
            held
        } else {
            (before.saturating_mul(7).saturating_add(held)) / 8
        };
        self.held.store(smoothed, Ordering::Relaxed);
        self.moved();
    }

    fn now(&self) -> u64 {
        micros_since(self.made)
    }
}

fn micros_since(moment: Instant) -> u64 {
    u64::try_from(moment.elapsed().as_micros()).unwrap_or(u64::MAX)
}

impl Drop for Place {
    fn drop(&mut self) {
        self.pace.given_back(self.taken);
    }
}

/// Leaves the queue when dropped, however the wait ended.
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_full_queue_turns_away_at_once_and_who_waits_gets_in_turn() {
        // F-13
        let gate = Arc::new(Gate::new(1, 1, Duration::from_secs(60)));
        let inside = gate.enter().await.unwrap();
        let waiting = tokio::spawn({
            let gate = gate.clone();
            async move { gate.enter().await.map(drop) }
        });
        while gate.waiting.load(Ordering::Acquire) == 0 {
            tokio::task::yield_now().await;
        }
        assert!(matches!(gate.enter().await, Err(Fault::Crowded)));
        let told = gate.report("bind");
        assert_eq!((told.size, told.busy, told.waiting, told.crowded), (1, 1, 1, 1));
        assert!(!waiting.is_finished());
        drop(inside);
        assert!(waiting.await.unwrap().is_ok());
    }

    #[tokio::test]
    async fn a_wait_has_an_end_and_leaves_the_queue() {
        // F-13
        let gate = Gate::new(1, 1, Duration::from_millis(1));
        let _inside = gate.enter().await.unwrap();
        assert!(matches!(gate.enter().await, Err(Fault::Crowded)));
        assert_eq!(gate.waiting.load(Ordering::Acquire), 0);
    }

    #[tokio::test]
    async fn who_would_wait_in_vain_is_told_so_at_once() {
        // F-13
        let mut gate = Gate::new(1, 256, Duration::from_secs(600));
        let long_ago = Instant::now().checked_sub(Duration::from_secs(601)).unwrap();
        gate.pace = Arc::new(Pace {
            made: long_ago,
            moved: AtomicU64::new(0),
            held: AtomicU64::new(250_000_000),
        });
        let inside = gate.enter().await.unwrap();
        let mut waiting: Vec<_> = (0..2).map(|_| Box::pin(gate.enter())).collect();
        for (one, before) in waiting.iter_mut().zip([Room::Ample, Room::None]) {
            assert_eq!(gate.room(0), before, "500 s are less than 600, and too near");
            assert!(futures_util::poll!(one).is_pending());
        }
        assert_eq!(gate.room(0), Room::None);
        assert!(
            matches!(gate.enter().await, Err(Fault::Crowded)),
            "750 s are more than 600"
        );
        waiting.clear();
        assert_eq!(gate.room(0), Room::Ample);
        gate.pace.moved.store(0, Ordering::Relaxed);
        assert_eq!(gate.room(0), Room::None, "no place was given back for 601 s");
        assert!(matches!(gate.enter().await, Err(Fault::Crowded)));
        assert_eq!(gate.report("bind").crowded, 2);
        drop(inside);
        assert!(gate.room(0) == Room::Ample && gate.enter().await.is_ok());
    }

    #[tokio::test]
    async fn who_is_on_his_way_to_the_gate_counts_before_he_is_there() {
        // F-13
        let gate = Gate::new(2, 4, Duration::from_secs(60));
        let met: Vec<Room> = (0..8).map(|under_way| gate.room(under_way)).collect();
        let (ample, scarce, none) = (Room::Ample, Room::Scarce, Room::None);
        assert_eq!(met, [ample, ample, ample, ample, scarce, scarce, none, none]);
    }
}
