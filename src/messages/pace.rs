//! How fast letters leave: so many a second over all, so many at once to one domain (SEC-61,
//! experience §3.14). It waits for nothing itself.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::base::keys::KeyRing;
use crate::tickets::{BudgetKey, BudgetOf, BudgetRule, Budgets, StoreError};

/// A bucket of tokens that fills at a steady rate and holds those of one second.
pub struct Bucket {
    per_second: f64,
    state: Mutex<(f64, Instant)>,
}

impl Bucket {
    /// Full at `now`; at least one token a second.
    pub fn new(per_second: u32, now: Instant) -> Bucket {
        let per_second = f64::from(per_second.max(1));
        Bucket {
            per_second,
            state: Mutex::new((per_second, now)),
        }
    }

    /// Takes a token, or says how long it is until there is one.
    pub fn take(&self, now: Instant) -> Result<(), Duration> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (tokens, since) = *state;
        let gained = now.saturating_duration_since(since).as_secs_f64() * self.per_second;
        let tokens = (tokens + gained).min(self.per_second);
        if tokens >= 1.0 {
            *state = (tokens - 1.0, now);
            return Ok(());
        }
        *state = (tokens, now);
        Err(Duration::from_secs_f64((1.0 - tokens) / self.per_second))
    }
}

/// The same for all servers on one store together (SEC-61): one after the other at even distances, since
/// a burst would find few places towards one domain.
pub struct SharedPace {
    budgets: Arc<dyn Budgets>,
    key: BudgetKey,
    rule: BudgetRule,
}

impl SharedPace {
    /// Before it is asked again.
    pub const PAUSE: Duration = Duration::from_millis(5);

    pub fn new(budgets: Arc<dyn Budgets>, keys: &KeyRing, per_second: u32) -> SharedPace {
        SharedPace {
            budgets,
            key: BudgetKey::of(keys, BudgetOf::Global, "letter", &[]),
            rule: BudgetRule {
                limit: (per_second / 1000).max(1),
                window: Duration::from_millis(u64::from(1000_u32.div_ceil(per_second.clamp(1, 1000)))),
            },
        }
    }

    /// Takes one; `false`: it is too soon.
    pub async fn take(&self) -> Result<bool, StoreError> {
        self.budgets.spend(&self.key, &[self.rule]).await
    }
}

/// How many letters are on their way to each domain.
#[derive(Clone)]
pub struct Domains {
    most: usize,
    busy: Arc<Mutex<HashMap<String, usize>>>,
}

/// A letter on its way; gone with it.
pub struct Place {
    domain: String,
    busy: Arc<Mutex<HashMap<String, usize>>>,
}

impl Domains {
    pub fn new(most: usize) -> Domains {
        Domains {
            most: most.max(1),
            busy: Arc::default(),
        }
    }

    /// A place towards `domain`; `None` while all are taken.
    pub fn enter(&self, domain: &str) -> Option<Place> {
        let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        let count = busy.get(domain).copied().unwrap_or(0);
        if count >= self.most {
            return None;
        }
        busy.insert(domain.to_owned(), count + 1);
        Some(Place {
            domain: domain.to_owned(),
            busy: Arc::clone(&self.busy),
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        match busy.get_mut(&self.domain) {
            Some(count) if *count > 1 => *count -= 1,
            _ => _ = busy.remove(&self.domain),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_letters_leave_at_once_and_then_twenty_a_second() {
        // SEC-61
        let start = Instant::now();
        let bucket = Bucket::new(20, start);
        assert!((0..20).all(|_| bucket.take(start).is_ok()));
        let wait = bucket.take(start).unwrap_err();
        assert!(
            wait > Duration::from_millis(49) && wait < Duration::from_millis(51),
            "{wait:?}"
        );
        let soon = start + wait + Duration::from_micros(10);
        assert!(bucket.take(soon).is_ok());
        assert!(bucket.take(soon).is_err());
        let later = start + Duration::from_secs(3600);
        assert_eq!((0..40).filter(|_| bucket.take(later).is_ok()).count(), 20);
    }

    #[test]
    fn a_domain_takes_two_letters_at_once() {
        // SEC-61
        let domains = Domains::new(2);
        let first = domains.enter("orange.example");
        let second = domains.enter("orange.example");
        assert!(first.is_some() && second.is_some());
        assert!(domains.enter("orange.example").is_none());
        assert!(domains.enter("free.example").is_some());
        drop(first);
        assert!(domains.enter("orange.example").is_some());
        drop(second);
        assert!(domains.busy.lock().unwrap().is_empty());
    }
}
