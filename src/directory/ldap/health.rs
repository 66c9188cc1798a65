//! Whether a server deserves to be asked: ejected after failures in a row, tried again after
//! growing pauses, put last while it is silent (F-12). It opens no connection.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::settings::LdapLimits;

/// How a server stands when candidates are ordered, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fitness {
    Healthy,
    /// It left its last caller waiting.
    Silent,
    /// Ejected, and due for a probe.
    Due,
    /// Ejected.
    Out,
}

pub struct Health {
    state: Mutex<State>,
    failures: u32,
    first: Duration,
    longest: Duration,
}

#[derive(Default)]
struct State {
    failures: u32,
    silent: bool,
    /// Until when the server is left alone, and for how long it was this time.
    ejected: Option<(Instant, Duration)>,
    /// When it was ejected first.
    out_since: Option<Instant>,
    /// Smoothed time of an answer.
    round_trip: Option<Duration>,
}

impl Health {
    pub fn new(limits: &LdapLimits) -> Health {
        Health {
            state: Mutex::default(),
            failures: limits.failures.max(1),
            first: limits.first_ejection,
            longest: limits.longest_ejection,
        }
    }

    pub fn fitness(&self, now: Instant) -> Fitness {
        let state = self.state();
        match state.ejected {
            Some((until, _)) if until > now => Fitness::Out,
            Some(_) => Fitness::Due,
            None if state.silent => Fitness::Silent,
            None => Fitness::Healthy,
        }
    }

    /// For how long it has been out; `None` while it is not ejected. A try of the probe that is under way
    /// changes nothing until it is answered.
    pub fn outage(&self, now: Instant) -> Option<Duration> {
        let since = self.state().out_since?;
        Some(now.saturating_duration_since(since))
    }

    /// It failed lately and is not ejected: worth a look before people find out.
    pub fn is_doubtful(&self) -> bool {
        let state = self.state();
        state.failures > 0 && state.ejected.is_none()
    }

    pub fn round_trip(&self) -> Option<Duration> {
        self.state().round_trip
    }

    /// It answered, whatever it said.
    pub fn answered(&self, took: Duration) {
        let mut state = self.state();
        let smoothed = state.round_trip.map_or(took, |before| (before * 7 + took) / 8);
        *state = State {
            round_trip: Some(smoothed),
            ..State::default()
        };
    }

    /// It has not answered for so long that the next server is being asked.
    pub fn is_silent(&self) {
        self.state().silent = true;
    }

    /// It failed. Enough times in a row, or once while on probation, eject it.
    pub fn failed(&self, now: Instant) {
        let mut state = self.state();
        state.failures += 1;
        let pause = match state.ejected {
            Some((until, _)) if until > now => return,
            Some((_, before)) => (before * 2).min(self.longest),
            None if state.failures >= self.failures => self.first,
            None => return,
        };
        state.ejected = Some((now + pause, pause));
        state.out_since = state.out_since.or(Some(now));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_ejected_after_three_failures_and_probed_after_growing_pauses() {
        // F-12
        let health = Health::new(&LdapLimits::default());
        let mut now = Instant::now();
        health.failed(now);
        health.failed(now);
        assert_eq!(health.fitness(now), Fitness::Healthy);
        health.failed(now);
        for seconds in [1, 2, 4, 8, 16, 30, 30] {
            assert_eq!(health.fitness(now), Fitness::Out, "{seconds}");
            now += Duration::from_secs(seconds) - Duration::from_millis(1);
            assert_eq!(health.fitness(now), Fitness::Out, "{seconds}");
            now += Duration::from_millis(1);
            assert_eq!(health.fitness(now), Fitness::Due, "{seconds}");
            health.failed(now);
        }
        now += Duration::from_secs(30);
        health.answered(Duration::from_millis(4));
        assert_eq!(health.fitness(now), Fitness::Healthy);
        health.failed(now);
        health.failed(now);
        assert_eq!(health.fitness(now), Fitness::Healthy, "counting starts again");
    }

    #[test]
    fn an_outage_counts_from_the_first_ejection_until_an_answer() {
        // F-19, SEC-08
        let health = Health::new(&LdapLimits::default());
        let start = Instant::now();
        health.failed(start);
        health.failed(start);
        assert!(health.is_doubtful());
        assert_eq!(health.outage(start), None, "two failures are none");
        health.failed(start);
        assert!(!health.is_doubtful());
        let later = start + Duration::from_secs(90);
        health.failed(later);
        assert_eq!(health.outage(later), Some(Duration::from_secs(90)));
        health.answered(Duration::from_millis(4));
        assert_eq!(health.outage(later), None);
    }

    #[test]
    fn failures_that_were_under_way_do_not_lengthen_an_ejection() {
        // F-12
        let health = Health::new(&LdapLimits::default());
        let now = Instant::now();
        (0..40).for_each(|_| health.failed(now));
        assert_eq!(health.fitness(now + Duration::from_secs(1)), Fitness::Due);
    }

    #[test]
    fn a_silent_server_comes_after_the_others_until_it_answers() {
        // F-13
        let health = Health::new(&LdapLimits::default());
        health.is_silent();
        assert_eq!(health.fitness(Instant::now()), Fitness::Silent);
        health.answered(Duration::from_millis(300));
        assert_eq!(health.fitness(Instant::now()), Fitness::Healthy);
        assert_eq!(health.round_trip(), Some(Duration::from_millis(300)));
    }
}
