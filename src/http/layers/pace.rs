//! How many may begin while a node has more to do than it can: about as many as are finished, so that what
//! was begun is not turned away later. It measures nothing and knows no request: it is told.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// It looks back at steps of this many seconds.
const STEP: f64 = 0.05;
/// Of late is within about a second …
const LATELY: f64 = 1.0;
/// … and what usually comes of those who begin shows within half a minute: people take their time to type.
const USUALLY: f64 = 30.0;
/// After a step in which most turns were late, by how much fewer may begin: quickly while they are more than
/// are finished, then slowly, since what is late now began a while ago.
const FEWER: f64 = 0.8;
const A_LITTLE_FEWER: f64 = 0.999;
/// After any other step, by how much more: quickly while what comes of them keeps up.
const MORE: f64 = 1.05;
const A_LITTLE_MORE: f64 = 1.001;
/// It keeps up when nearly the usual share of those who may begin is finished, and this share while that is not
/// known yet.
const NEARLY: f64 = 0.9;
const LEAST_SHARE: f64 = 0.5;
/// Nobody knows what would come of more than so many times those who begin now.
const MOST: f64 = 2.0;
/// So many may always begin in a second, and all of them in one moment of it.
const ALWAYS: f64 = 20.0;
/// Who did not come leaves his place to others for this many seconds.
const KEPT: f64 = 0.05;

/// Moments are microseconds since some beginning.
#[derive(Default)]
pub(super) struct Pace {
    begun: AtomicU32,
    finished: AtomicU32,
    past: Mutex<Past>,
}

/// In the last step, of late, and usually.
#[derive(Default)]
struct Flow {
    now: f64,
    lately: f64,
    usually: f64,
}

#[derive(Default)]
struct Past {
    /// When this step began; of the turns in it, those that were late beyond those that were in time.
    since: u64,
    late: i32,
    /// In a second: those who were let in to begin, and who finished.
    begun: Flow,
    finished: Flow,
    /// How many may begin in a second; all, where there is none.
    rate: Option<f64>,
    places: f64,
    filled: u64,
}

impl Pace {
    pub(super) fn finished(&self) {
        self.finished.fetch_add(1, Ordering::Relaxed);
    }

    /// A turn was measured now. Unless it `holds`, everybody may begin.
    pub(super) fn look(&self, now: u64, in_time: bool, holds: bool) {
        let mut past = self.past();
        past.late += if in_time { -1 } else { 1 };
        past.rate = past.rate.filter(|_| holds);
        let span = seconds(past.since, now);
        if span < STEP {
            return;
        }
        past.begun.came(self.begun.swap(0, Ordering::Relaxed), span);
        past.finished.came(self.finished.swap(0, Ordering::Relaxed), span);
        past.rate = holds.then(|| past.next_rate());
        past.since = now;
        past.late = 0;
    }

    /// Lets one more begin, if it may now.
    pub(super) fn begin(&self, now: u64) -> bool {
        let mut past = self.past();
        if let Some(rate) = past.rate {
            let new = seconds(past.filled, now) * rate;
            past.filled = now;
            past.places = (past.places + new).min((rate * KEPT).max(ALWAYS));
            if past.places < 1.0 {
                return false;
            }
            past.places -= 1.0;
        }
        drop(past);
        self.begun.fetch_add(1, Ordering::Relaxed);
        true
    }

    fn past(&self) -> MutexGuard<'_, Past> {
        self.past.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Past {
    fn next_rate(&self) -> f64 {
        let begun = self.begun.lately;
        let finished = self.finished.lately.max(self.finished.now);
        let Some(rate) = self.rate else {
            return begun.max(ALWAYS);
        };
        let share = (self.finished.usually / self.begun.usually.max(1.0)).min(1.0);
        let keeps_up = finished >= rate * LEAST_SHARE.max(share * NEARLY);
        let rate = match (self.late > 0, keeps_up) {
            (true, _) if rate > finished => rate * FEWER,
            (true, _) => rate * A_LITTLE_FEWER,
            (false, _) if rate > begun * MOST => rate,
            (false, true) => rate * MORE,
            (false, false) => rate * A_LITTLE_MORE,
        };
        rate.max(ALWAYS)
    }
}

impl Flow {
    /// So many came in so many seconds.
    fn came(&mut self, count: u32, span: f64) {
        self.now = f64::from(count) / span;
        for (value, within) in [(&mut self.lately, LATELY), (&mut self.usually, USUALLY)] {
            *value += (self.now - *value) * span / (span + within);
        }
    }
}

fn seconds(from: u64, to: u64) -> f64 {
    to.saturating_sub(from) as f64 / 1e6
}
