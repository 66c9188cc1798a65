//! A number that only grows, for each value of its labels. It is raised without waiting for anybody.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

use super::MOST_LABELS;
use super::text::Exposition;

/// Between the values of several labels; in none of them.
const APART: char = '\u{1f}';

/// A counter with its labels.
pub struct Counters {
    name: &'static str,
    help: &'static str,
    labels: &'static [&'static str],
    counts: RwLock<BTreeMap<String, AtomicU64>>,
}

impl Counters {
    pub fn new(name: &'static str, help: &'static str, labels: &'static [&'static str]) -> Counters {
        let mut counts = BTreeMap::new();
        if labels.is_empty() {
            // A counter that nobody has raised is there and zero: an alert needs it.
            counts.insert(String::new(), AtomicU64::new(0));
        }
        Counters {
            name,
            help,
            labels,
            counts: RwLock::new(counts),
        }
    }

    /// Raises the counter of these label values, one for each label, by one.
    pub fn add(&self, values: &[&str]) {
        match values {
            [] => self.raise(""),
            [value] => self.raise(value),
            several => self.raise(&several.join(&APART.to_string())),
        }
    }

    fn raise(&self, key: &str) {
        let counts = self.counts.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get(key) {
            count.fetch_add(1, Ordering::Relaxed);
            return;
        }
        drop(counts);
        let mut counts = self.counts.write().unwrap_or_else(PoisonError::into_inner);
        let (first, rest) = key.split_once(APART).unwrap_or((key, ""));
        let crowded = {
            let firsts: BTreeSet<&str> = counts.keys().filter_map(|key| key.split(APART).next()).collect();
            firsts.len() >= MOST_LABELS && !firsts.contains(first)
        };
        let key = match crowded {
            false => key.to_owned(),
            true if rest.is_empty() => "other".to_owned(),
            true => format!("other{APART}{rest}"),
        };
        counts.entry(key).or_default().fetch_add(1, Ordering::Relaxed);
    }

    /// How often it was raised with these label values.
    pub fn count(&self, values: &[&str]) -> u64 {
        let counts = self.counts.read().unwrap_or_else(PoisonError::into_inner);
        let count = counts.get(&values.join(&APART.to_string()));
        count.map_or(0, |count| count.load(Ordering::Relaxed))
    }

    pub(super) fn write(&self, page: &mut Exposition) {
        page.family(self.name, self.help, "counter");
        let counts = self.counts.read().unwrap_or_else(PoisonError::into_inner);
        for (key, count) in counts.iter() {
            let labels: Vec<(&str, &str)> = self.labels.iter().copied().zip(key.split(APART)).collect();
            page.sample(self.name, &labels, &count.load(Ordering::Relaxed).to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_keeps_a_bounded_number_of_first_labels() {
        // F-31
        let counters = Counters::new("x_total", "X.", &["service", "reason"]);
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
