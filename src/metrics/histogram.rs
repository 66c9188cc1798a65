//! Durations counted by their length, in a few steps. Counting one is two additions that wait for nobody.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::family::Family;
use super::labelled::Labelled;
use super::text::Exposition;

/// Upper ends of the steps in microseconds, ascending.
pub type Steps = &'static [u64];

/// Durations of one kind.
pub struct Histogram {
    steps: Steps,
    /// One for each step and one for what is longer.
    counts: Box<[AtomicU64]>,
    nanoseconds: AtomicU64,
}

impl Histogram {
    pub(super) fn new(steps: Steps) -> Histogram {
        Histogram {
            steps,
            counts: (0..=steps.len()).map(|_| AtomicU64::new(0)).collect(),
            nanoseconds: AtomicU64::new(0),
        }
    }

    pub fn observe(&self, took: Duration) {
        let nanoseconds = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        let fits = |step: &u64| nanoseconds <= step.saturating_mul(1000);
        let step = self.steps.iter().position(fits).unwrap_or(self.steps.len());
        if let Some(count) = self.counts.get(step) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        self.nanoseconds.fetch_add(nanoseconds, Ordering::Relaxed);
    }

    /// How many were counted.
    pub fn count(&self) -> u64 {
        self.counts
            .iter()
            .map(|count| count.load(Ordering::Relaxed))
            .sum()
    }

    /// Each step with all that fit into it, and the sum in seconds.
    pub(super) fn write(&self, labels: &[&str], page: &mut Exposition) {
        let mut seen = 0;
        for (place, count) in self.counts.iter().enumerate() {
            seen += count.load(Ordering::Relaxed);
            page.step(labels, self.steps.get(place).copied(), seen);
        }
        let nanoseconds = self.nanoseconds.load(Ordering::Relaxed);
        page.sum(labels, Duration::from_nanos(nanoseconds).as_secs_f64(), seen);
    }
}

/// Durations by one label or none.
pub struct Histograms {
    family: &'static Family,
    steps: Steps,
    kinds: Labelled<Arc<Histogram>>,
}

impl Histograms {
    pub(super) fn new(family: &'static Family, steps: Steps) -> Histograms {
        let histograms = Histograms {
            family,
            steps,
            kinds: Labelled::new(),
        };
        if family.labels.is_empty() {
            histograms.of(&[]);
        }
        histograms
    }

    /// The durations of these label values, to be kept at hand by who counts often.
    pub fn of(&self, labels: &[&str]) -> Arc<Histogram> {
        let new = || Arc::new(Histogram::new(self.steps));
        self.kinds.of(labels, new, Arc::clone)
    }

    pub fn observe(&self, labels: &[&str], took: Duration) {
        self.of(labels).observe(took);
    }

    pub(super) fn write(&self, page: &mut Exposition) {
        page.family(self.family);
        self.kinds.each(|labels, histogram| histogram.write(labels, page));
    }
}

#[cfg(test)]
mod tests {
    use super::super::family::{BIND_SECONDS, LOGIN_SECONDS};
    use super::*;

    #[test]
    fn steps_hold_all_that_is_not_longer_and_the_last_holds_everything() {
        let binds = Histograms::new(&BIND_SECONDS, &[1000, 250_000]);
        for milliseconds in [1, 2, 250, 251, 4000] {
            binds.observe(&["ldap://a"], Duration::from_millis(milliseconds));
        }
        let mut page = Exposition::default();
        binds.write(&mut page);
        let samples: Vec<String> = page.text().lines().skip(2).map(str::to_owned).collect();
        assert_eq!(
            samples,
            [
                "bind_seconds_bucket{server=\"ldap://a\",le=\"0.001\"} 1",
                "bind_seconds_bucket{server=\"ldap://a\",le=\"0.25\"} 3",
                "bind_seconds_bucket{server=\"ldap://a\",le=\"+Inf\"} 5",
                "bind_seconds_sum{server=\"ldap://a\"} 4.504",
                "bind_seconds_count{server=\"ldap://a\"} 5",
            ]
        );
        let mut page = Exposition::default();
        Histograms::new(&LOGIN_SECONDS, &[1000]).write(&mut page);
        assert!(
            page.text()
                .ends_with("login_seconds_sum 0\nlogin_seconds_count 0\n")
        );
    }
}
