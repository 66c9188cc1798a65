//! Directories that did not answer lately, and until when they are let be: one request that finds a
//! directory silent speaks for all that wait for it. It asks no directory itself.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::base::clock::Timestamp;
use crate::base::names::RealmId;

struct Rest {
    until: Timestamp,
    span: Duration,
    /// Requests that were put off by it.
    put_off: u64,
}

/// The rests of this node.
pub struct Rests {
    first: Duration,
    longest: Duration,
    /// Every realm that anything was heard of, and its rest.
    known: Mutex<HashMap<RealmId, Option<Rest>>>,
}

impl Rests {
    /// A rest lasts `first`, then twice as long, up to `longest`, until the directory answers again.
    pub fn new(first: Duration, longest: Duration) -> Rests {
        Rests {
            first,
            longest,
            known: Mutex::default(),
        }
    }

    /// The directory of `realm` did not answer. What was under way when a rest began does not lengthen it.
    pub fn begin(&self, realm: &RealmId, now: Timestamp) {
        let mut known = self.known();
        let span = match known.get(realm).and_then(Option::as_ref) {
            Some(rest) if rest.until > now => return,
            Some(rest) => rest.span.saturating_mul(2).min(self.longest),
            None => self.first,
        };
        let until = now.plus(span);
        let rest = Rest {
            until,
            span,
            put_off: 0,
        };
        known.insert(realm.clone(), Some(rest));
    }

    /// The realm has to wait for `span`, whether its directory answers or not.
    pub fn wait(&self, realm: &RealmId, now: Timestamp, span: Duration) {
        let rest = Rest {
            until: now.plus(span),
            span: self.first,
            put_off: 0,
        };
        self.known().insert(realm.clone(), Some(rest));
    }

    /// It answered.
    pub fn end(&self, realm: &RealmId) {
        self.known().insert(realm.clone(), None);
    }

    /// Whether the directory of every realm that was heard of is to be let be.
    pub fn all_hold(&self, now: Timestamp) -> bool {
        let known = self.known();
        let mut rests = known.values().map(Option::as_ref);
        !known.is_empty() && rests.all(|rest| rest.is_some_and(|rest| rest.until > now))
    }

    /// For how long a request of `realm` is put off: whoever comes first is due first again.
    pub fn put_off(&self, realm: &RealmId, now: Timestamp) -> Option<Duration> {
        let mut known = self.known();
        let rest = known.get_mut(realm)?.as_mut().filter(|rest| rest.until > now)?;
        rest.put_off += 1;
        Some(rest.until.since(now) + Duration::from_millis(rest.put_off))
    }

    fn known(&self) -> MutexGuard<'_, HashMap<RealmId, Option<Rest>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn realms() -> (RealmId, RealmId) {
        (RealmId::new("campus").unwrap(), RealmId::new("lycee").unwrap())
    }

    #[test]
    fn a_rest_doubles_with_each_failure_after_it_and_ends_with_an_answer() {
        // S4-18
        let rests = Rests::new(SECOND, 3 * SECOND);
        let (campus, school) = realms();
        let start = Timestamp(1_000_000);
        rests.begin(&campus, start);
        rests.begin(&campus, start.plus(SECOND / 2));
        assert!(rests.all_hold(start));
        let mut now = start.plus(SECOND);
        assert!(!rests.all_hold(now));
        for span in [2, 3, 3] {
            rests.begin(&campus, now);
            let until = now.plus(span * SECOND);
            assert!(rests.all_hold(Timestamp(until.0 - 1)) && !rests.all_hold(until));
            now = until;
        }
        rests.end(&campus);
        rests.begin(&campus, now);
        assert!(rests.all_hold(now) && !rests.all_hold(now.plus(SECOND)));
        rests.end(&school);
        assert!(!rests.all_hold(now), "the other one can be asked");
    }

    #[test]
    fn who_is_put_off_keeps_his_place() {
        // S4-18
        let rests = Rests::new(SECOND, SECOND);
        let (campus, school) = realms();
        let start = Timestamp(1_000_000);
        rests.begin(&campus, start);
        let due = |at: u64| {
            let now = Timestamp(start.0 + at);
            rests.put_off(&campus, now).map(|delay| now.plus(delay))
        };
        let order = [due(0), due(300), due(300), due(999)];
        assert!(order.is_sorted_by(|one, next| one < next), "{order:?}");
        assert_eq!(due(1000), None);
        assert_eq!(rests.put_off(&school, start), None);
    }
}
