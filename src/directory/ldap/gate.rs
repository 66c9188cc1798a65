//! The bulkhead of a pool: so many operations at once, so many waiting, so long (reliability §5.2,
//! F-13). A crowded directory turns away instead of piling up.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::fault::Fault;
use crate::directory::PoolReport;

pub struct Gate {
    room: Arc<Semaphore>,
    at_once: usize,
    waiting: AtomicUsize,
    crowded: AtomicU64,
    longest_queue: usize,
    longest_wait: Duration,
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
        }
    }

    /// A place, at once or after waiting in turn.
    pub async fn enter(&self) -> Result<OwnedSemaphorePermit, Fault> {
        if let Ok(permit) = self.room.clone().try_acquire_owned() {
            return Ok(permit);
        }
        let _place = self.queue_up()?;
        match timeout(self.longest_wait, self.room.clone().acquire_owned()).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(self.turn_away()),
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

    fn turn_away(&self) -> Fault {
        self.crowded.fetch_add(1, Ordering::Relaxed);
        Fault::Crowded
    }

    fn queue_up(&self) -> Result<Place<'_>, Fault> {
        let place = Place(&self.waiting);
        if self.waiting.fetch_add(1, Ordering::AcqRel) < self.longest_queue {
            Ok(place)
        } else {
            Err(self.turn_away())
        }
    }
}

/// Leaves the queue when dropped, however the wait ended.
struct Place<'a>(&'a AtomicUsize);

impl Drop for Place<'_> {
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
}
