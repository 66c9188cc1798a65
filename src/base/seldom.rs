//! Lines of the log that strangers could make come as often as they like: the first is written at once, those
//! that follow too soon are counted, and the next one that is written tells how many. It writes nothing itself.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// One kind of line.
pub struct Seldom {
    pause: Duration,
    state: Mutex<State>,
}

struct State {
    written: Option<Instant>,
    held_back: u64,
}

impl Seldom {
    /// At most one line per `pause`.
    pub const fn new(pause: Duration) -> Seldom {
        let state = State {
            written: None,
            held_back: 0,
        };
        Seldom {
            pause,
            state: Mutex::new(state),
        }
    }

    /// How many lines were held back since the last one, when one is due now.
    pub fn due(&self, now: Instant) -> Option<u64> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let lately = |written| now.saturating_duration_since(written) < self.pause;
        if state.written.is_some_and(lately) {
            state.held_back += 1;
            return None;
        }
        state.written = Some(now);
        Some(std::mem::take(&mut state.held_back))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_is_written_and_the_next_one_tells_how_many_were_not() {
        let seldom = Seldom::new(Duration::from_secs(10));
        let start = Instant::now();
        let at = |seconds| seldom.due(start + Duration::from_secs(seconds));
        assert_eq!(at(0), Some(0));
        assert_eq!([at(0), at(5), at(9)], [None; 3]);
        assert_eq!(at(10), Some(3));
        assert_eq!(at(11), None);
        assert_eq!(at(100), Some(1));
        assert_eq!(at(200), Some(0));
    }
}
