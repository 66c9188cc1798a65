//! A number that goes up and down, known once somebody has looked.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use super::family::Family;
use super::text::Exposition;

/// A gauge without labels.
pub struct Gauge {
    family: &'static Family,
    bits: OnceLock<AtomicU64>,
}

impl Gauge {
    pub fn new(family: &'static Family) -> Gauge {
        Gauge {
            family,
            bits: OnceLock::new(),
        }
    }

    /// One that is known from the start.
    pub fn at(family: &'static Family, value: f64) -> Gauge {
        let gauge = Gauge::new(family);
        gauge.set(value);
        gauge
    }

    pub fn set(&self, value: f64) {
        let known = self.bits.get_or_init(|| AtomicU64::new(value.to_bits()));
        known.store(value.to_bits(), Ordering::Relaxed);
    }

    /// `None` until it was set.
    pub fn value(&self) -> Option<f64> {
        let bits = self.bits.get()?;
        Some(f64::from_bits(bits.load(Ordering::Relaxed)))
    }

    /// What nobody has looked at stands on no page.
    pub(super) fn write(&self, page: &mut Exposition) {
        if let Some(value) = self.value() {
            page.gauge(self.family, &[], value);
        }
    }
}
