//! People whose entry was written lately: they stay on the write primary for a while, since
//! replicas may not know yet (F-18). Kept on this node; who learns of a write elsewhere pins too.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::base::names::PersonKey;

/// Above this many, those that have run out are looked for at every new one.
const MANY: usize = 1024;

#[derive(Default)]
pub struct Pins(Mutex<HashMap<PersonKey, Instant>>);

impl Pins {
    pub fn set(&self, key: &PersonKey, now: Instant, span: Duration) {
        let mut pins = self.pins();
        if pins.len() >= MANY {
            pins.retain(|_, until| *until > now);
        }
        pins.insert(key.clone(), now + span);
    }

    pub fn holds(&self, key: &PersonKey, now: Instant) -> bool {
        let mut pins = self.pins();
        match pins.get(key) {
            Some(until) if *until > now => true,
            Some(_) => {
                pins.remove(key);
                false
            }
            None => false,
        }
    }

    fn pins(&self) -> MutexGuard<'_, HashMap<PersonKey, Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_holds_for_its_span_and_for_nobody_else() {
        // F-18
        let (pins, now) = (Pins::default(), Instant::now());
        let key = |text: &str| PersonKey(text.to_owned());
        pins.set(&key("a"), now, Duration::from_secs(60));
        assert!(pins.holds(&key("a"), now + Duration::from_secs(59)));
        assert!(!pins.holds(&key("b"), now));
        assert!(!pins.holds(&key("a"), now + Duration::from_secs(60)));
    }
}
