//! Durations of operations whose names stand in the program: found without a lock, since some are counted
//! with every request.

use std::sync::OnceLock;
use std::time::Duration;

use super::family::Family;
use super::histogram::{Histogram, Steps};
use super::text::Exposition;

/// More than there are operations.
const PLACES: usize = 128;

/// Durations by name of an operation.
pub struct Operations {
    family: &'static Family,
    places: Box<[(OnceLock<&'static str>, Histogram)]>,
}

impl Operations {
    pub(super) fn new(family: &'static Family, steps: Steps) -> Operations {
        let place = |_| (OnceLock::new(), Histogram::new(steps));
        Operations {
            family,
            places: (0..PLACES).map(place).collect(),
        }
    }

    pub fn observe(&self, operation: &'static str, took: Duration) {
        let start = place_of(operation);
        let (before, after) = self.places.split_at_checked(start).unwrap_or_default();
        for (name, durations) in after.iter().chain(before) {
            if *name.get_or_init(|| operation) == operation {
                return durations.observe(took);
            }
        }
    }

    pub fn count(&self, operation: &str) -> u64 {
        let known = self
            .places
            .iter()
            .find(|(name, _)| name.get() == Some(&operation));
        known.map_or(0, |(_, durations)| durations.count())
    }

    pub(super) fn write(&self, page: &mut Exposition) {
        let mut known: Vec<(&str, &Histogram)> = Vec::new();
        for (name, durations) in &self.places {
            known.extend(name.get().map(|name| (*name, durations)));
        }
        known.sort_unstable_by_key(|(name, _)| *name);
        page.family(self.family);
        for (name, durations) in known {
            durations.write(&[name], page);
        }
    }
}

/// Names differ in length, begin or end.
fn place_of(name: &str) -> usize {
    let byte = |byte: Option<&u8>| byte.map_or(0, |byte| usize::from(*byte));
    let bytes = name.as_bytes();
    (bytes.len() * 31 + byte(bytes.first()) * 7 + byte(bytes.last()) * 3) % PLACES
}

#[cfg(test)]
mod tests {
    use super::super::family::STORE_SECONDS;
    use super::*;

    #[test]
    fn operations_that_fall_on_one_place_are_told_apart() {
        let operations = Operations::new(&STORE_SECONDS, &[1000]);
        assert_eq!(place_of("take"), place_of("tzke"));
        for (name, times) in [("take", 3), ("tzke", 2), ("grant", 1)] {
            (0..times).for_each(|_| operations.observe(name, Duration::from_micros(10)));
        }
        let counts = ["take", "tzke", "grant", "end"].map(|name| operations.count(name));
        assert_eq!(counts, [3, 2, 1, 0]);
    }
}
