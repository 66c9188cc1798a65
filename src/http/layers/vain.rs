//! How often of late somebody was turned away for whom a page had been made, or would have been: when it is
//! often, pages that lead there cost too much. It knows no request: it is told.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// So many within a second are often: by then they take a fiftieth of a core.
const MANY: u32 = 500;
const SECOND: u64 = 1_000_000;

/// Moments are microseconds since some beginning.
#[derive(Default)]
pub(super) struct Vain(Mutex<Seconds>);

/// How many there were in the second that runs, and in the one before it.
#[derive(Default)]
struct Seconds {
    number: u64,
    now: u32,
    before: u32,
}

impl Vain {
    /// One more.
    pub(super) fn note(&self, now: u64) {
        let mut seconds = self.at(now);
        seconds.now = seconds.now.saturating_add(1);
    }

    pub(super) fn is_often(&self, now: u64) -> bool {
        let seconds = self.at(now);
        seconds.now >= MANY || seconds.before >= MANY
    }

    fn at(&self, now: u64) -> MutexGuard<'_, Seconds> {
        let mut seconds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let number = now / SECOND;
        // Whoever looked at the clock before and comes later counts for the second that runs.
        if number > seconds.number {
            let follows = number == seconds.number + 1;
            seconds.before = if follows { seconds.now } else { 0 };
            (seconds.now, seconds.number) = (0, number);
        }
        seconds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_often_is_so_until_a_whole_second_had_less() {
        let vain = Vain::default();
        let most = |second: u64| (1..MANY).for_each(|_| vain.note(second * SECOND));
        most(7);
        assert!(!vain.is_often(7 * SECOND));
        vain.note(8 * SECOND - 1);
        assert!(vain.is_often(8 * SECOND - 1));
        most(8);
        assert!(vain.is_often(9 * SECOND - 1), "the second before had many");
        assert!(!vain.is_often(9 * SECOND));
        vain.note(9 * SECOND);
        assert!(!vain.is_often(11 * SECOND));
    }
}
