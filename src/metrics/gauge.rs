//! A number that goes up and down, known once somebody has looked.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use super::text::Exposition;

/// A gauge without labels.
pub struct Gauge {
    name: &'static str,
    help: &'static str,
    value: OnceLock<AtomicU64>,
}

impl Gauge {
    pub fn new(name: &'static str, help: &'static str) -> Gauge {
        Gauge {
            name,
            help,
            value: OnceLock::new(),
        }
    }

    pub fn set(&self, value: u64) {
        let known = self.value.get_or_init(|| AtomicU64::new(value));
        known.store(value, Ordering::Relaxed);
    }

    /// `None` until it was set.
    pub fn value(&self) -> Option<u64> {
        self.value.get().map(|value| value.load(Ordering::Relaxed))
    }

    /// What nobody has looked at stands on no page.
    pub(super) fn write(&self, page: &mut Exposition) {
        if let Some(value) = self.value() {
            page.gauge(self.name, self.help, &[], &value.to_string());
        }
    }
}
