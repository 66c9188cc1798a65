//! The wall clock as a port, so that tests move time instead of waiting for it. Deadlines of
//! operations use tokio's monotonic clock, not this one.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// A point in time: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Timestamp(pub u64);

/// By how much the clocks of two nodes may differ without anybody being the worse for it (F-25).
pub const TOLERANCE: Duration = Duration::from_secs(60);

impl Timestamp {
    pub fn plus(self, span: Duration) -> Timestamp {
        Timestamp(self.0.saturating_add(millis(span)))
    }

    /// Not before 1970.
    pub fn minus(self, span: Duration) -> Timestamp {
        Timestamp(self.0.saturating_sub(millis(span)))
    }

    /// The time elapsed since `earlier`; zero when `earlier` lies in the future.
    pub fn since(self, earlier: Timestamp) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    /// Whether what lives for `life` and began at `began` is over, by whichever node's clock it began.
    pub fn is_past(self, began: Timestamp, life: Duration) -> bool {
        self.since(began) > life + TOLERANCE
    }

    /// Seconds since 1970, as Prometheus has times.
    pub fn seconds(self) -> f64 {
        Duration::from_millis(self.0).as_secs_f64()
    }

    /// `2026-11-22T09:15:00Z`: xs:dateTime in UTC with whole seconds, as CAS attributes carry it
    /// (CAS-237).
    pub fn to_rfc3339(self) -> String {
        let seconds = i64::try_from(self.0 / 1000).unwrap_or(i64::MAX);
        match jiff::Timestamp::from_second(seconds) {
            Ok(instant) => instant.to_string(),
            Err(_) => jiff::Timestamp::MAX.to_string(),
        }
    }
}

/// A span in whole milliseconds, saturating.
pub fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[allow(clippy::disallowed_methods)] // the one place that reads the wall clock
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(millis(since_epoch))
    }
}

/// A clock that moves only when told to; for tests and for the samples of pages.
pub struct HandClock(AtomicU64);

impl HandClock {
    pub fn at(start: Timestamp) -> HandClock {
        HandClock(AtomicU64::new(start.0))
    }

    pub fn advance(&self, span: Duration) {
        self.0.fetch_add(millis(span), Ordering::SeqCst);
    }

    pub fn set_back(&self, span: Duration) {
        self.0.fetch_sub(millis(span), Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_printed_as_utc_with_a_z() {
        // CAS-237
        assert_eq!(Timestamp(1_795_000_000_999).to_rfc3339(), "2026-11-18T11:06:40Z");
    }

    #[test]
    fn a_clock_that_is_a_minute_ahead_ends_nothing_early() {
        // F-25
        let (began, life) = (Timestamp(1_795_000_000_000), Duration::from_secs(900));
        let ends = began.plus(life);
        assert!(!ends.plus(TOLERANCE).is_past(began, life));
        assert!(
            ends.plus(TOLERANCE + Duration::from_millis(1))
                .is_past(began, life)
        );
        assert!(!began.minus(Duration::from_secs(3600)).is_past(began, life));
    }

    #[test]
    fn a_hand_clock_moves_only_when_told() {
        let clock = HandClock::at(Timestamp(5));
        clock.advance(Duration::from_secs(1));
        assert_eq!(clock.now(), Timestamp(1005));
    }
}
