//! What a ticket store counts of itself; the stores are given it when they are built.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use super::counters::Counters;
use super::family as of;
use super::operations::Operations;
use super::text::Exposition;

/// The numbers of one store.
pub struct StoreMetrics {
    pub seconds: Operations,
    /// Of a store that has replicas to wait for.
    pub followed: OnceLock<Followed>,
    crowded: AtomicU64,
}

/// Writes that a replica should have before they are believed.
pub struct Followed {
    pub waits: Counters,
    pub short: Counters,
}

impl Default for Followed {
    fn default() -> Followed {
        Followed {
            waits: Counters::new(&of::STORE_WAITS),
            short: Counters::new(&of::STORE_WAIT_SHORT),
        }
    }
}

impl StoreMetrics {
    /// Too much was under way: an operation was turned away.
    pub fn turned_away(&self) {
        self.crowded.fetch_add(1, Ordering::Relaxed);
    }

    /// Operations that were turned away.
    pub fn crowded(&self) -> u64 {
        self.crowded.load(Ordering::Relaxed)
    }

    pub(super) fn write(&self, page: &mut Exposition) {
        self.seconds.write(page);
        if let Some(followed) = self.followed.get() {
            followed.waits.write(page);
            followed.short.write(page);
        }
    }
}

impl Default for StoreMetrics {
    fn default() -> StoreMetrics {
        StoreMetrics {
            seconds: Operations::new(
                &of::STORE_SECONDS,
                &[1_000, 5_000, 25_000, 100_000, 500_000, 1_000_000],
            ),
            followed: OnceLock::new(),
            crowded: AtomicU64::new(0),
        }
    }
}
