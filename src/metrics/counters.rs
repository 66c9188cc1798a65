//! A number that only grows, for each value of its labels. It is raised without waiting for anybody.

use std::sync::atomic::{AtomicU64, Ordering};

use super::family::Family;
use super::labelled::Labelled;
use super::text::Exposition;

/// A counter with its labels.
pub struct Counters {
    family: &'static Family,
    counts: Labelled<AtomicU64>,
}

impl Counters {
    pub fn new(family: &'static Family) -> Counters {
        let counters = Counters {
            family,
            counts: Labelled::new(),
        };
        if family.labels.is_empty() {
            // A counter that nobody has raised is there and zero: an alert needs it.
            counters.begin(&[&[]]);
        }
        counters
    }

    /// The same with these label values at zero: a rate of what was never there is none.
    pub fn with(self, values: &[&[&str]]) -> Counters {
        self.begin(values);
        self
    }

    fn begin(&self, values: &[&[&str]]) {
        for values in values {
            self.counts.of(values, AtomicU64::default, |_| ());
        }
    }

    /// Raises the counter of these label values, one for each label, by one.
    pub fn add(&self, values: &[&str]) {
        self.counts.of(values, AtomicU64::default, |count| {
            count.fetch_add(1, Ordering::Relaxed);
        });
    }

    /// How often it was raised with these label values.
    pub fn count(&self, values: &[&str]) -> u64 {
        let count = self.counts.look(values, |count| count.load(Ordering::Relaxed));
        count.unwrap_or_default()
    }

    pub(super) fn write(&self, page: &mut Exposition) {
        page.family(self.family);
        self.counts.each(|labels, count| {
            page.number(labels, count.load(Ordering::Relaxed));
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::MOST_LABELS;
    use super::super::family::SLO_GIVEN_UP;
    use super::*;

    #[test]
    fn a_counter_keeps_a_bounded_number_of_first_labels() {
        // F-31
        let counters = Counters::new(&SLO_GIVEN_UP);
        for n in 0..MOST_LABELS + 50 {
            counters.add(&[&format!("service-{n}"), "LATE"]);
            counters.add(&["service-0", "RESTING"]);
        }
        assert_eq!(counters.count(&["service-0", "RESTING"]), MOST_LABELS as u64 + 50);
        assert_eq!(counters.count(&["other", "LATE"]), 50);
        let mut page = Exposition::default();
        counters.write(&mut page);
        assert_eq!(page.text().lines().count(), 2 + MOST_LABELS + 2);
    }
}
