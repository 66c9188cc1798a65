//! What we know about each host that we call: how many calls are under way and whether it has
//! failed so often that it should be left alone (F-31).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::destination::Destination;

/// Above this number of hosts, those about which nothing is known are forgotten.
const MANY: usize = 1024;

pub(super) struct Hosts {
    at_once: usize,
    failures: u32,
    rest: Duration,
    known: Mutex<HashMap<String, Arc<Host>>>,
}

pub(super) struct Host {
    places: Arc<Semaphore>,
    at_once: usize,
    failures: u32,
    rest: Duration,
    record: Mutex<Record>,
}

#[derive(Default)]
struct Record {
    failed: u32,
    resting_until: Option<Instant>,
}

impl Hosts {
    pub(super) fn new(at_once: usize, failures: u32, rest: Duration) -> Hosts {
        Hosts {
            at_once: at_once.max(1),
            failures: failures.max(1),
            rest,
            known: Mutex::default(),
        }
    }

    pub(super) fn of(&self, destination: &Destination) -> Arc<Host> {
        let mut known = self.known.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if known.len() >= MANY {
            known.retain(|_, host| !host.is_forgettable());
        }
        let host = known.entry(destination.to_string()).or_insert_with(|| {
            Arc::new(Host {
                places: Arc::new(Semaphore::new(self.at_once)),
                at_once: self.at_once,
                failures: self.failures,
                rest: self.rest,
                record: Mutex::default(),
            })
        });
        Arc::clone(host)
    }
}

impl Host {
    /// Waits until fewer than the allowed number of calls are under way. The semaphore is never
    /// closed, so there is always a place in the end.
    pub(super) async fn place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.places).acquire_owned().await.ok()
    }

    /// Whether to call at all. Of all callers after a rest the first one tries, the others wait for
    /// what comes of it.
    pub(super) fn may_try(&self) -> bool {
        let mut record = self.lock();
        match record.resting_until {
            None => true,
            Some(until) if Instant::now() < until => false,
            Some(_) => {
                record.resting_until = Some(Instant::now() + self.rest);
                true
            }
        }
    }

    /// Any answer is a success: an application that answers 500 is there.
    pub(super) fn note(&self, answered: bool) {
        let mut record = self.lock();
        if answered {
            *record = Record::default();
            return;
        }
        record.failed = record.failed.saturating_add(1);
        if record.failed >= self.failures {
            record.resting_until = Some(Instant::now() + self.rest);
        }
    }

    fn is_forgettable(&self) -> bool {
        let record = self.lock();
        record.failed == 0 && self.places.available_permits() == self.at_once
    }

    fn lock(&self) -> MutexGuard<'_, Record> {
        self.record
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use url::Url;

    use super::*;

    fn host(hosts: &Hosts) -> Arc<Host> {
        let url = Url::parse("https://app.univ.fr/").unwrap();
        hosts.of(&Destination::of(&url).unwrap())
    }

    #[test]
    fn a_host_that_keeps_failing_rests_and_is_tried_once_afterwards() {
        // F-31
        let hosts = Hosts::new(4, 2, Duration::from_secs(30));
        let record = host(&hosts);
        record.note(false);
        assert!(record.may_try());
        record.note(false);
        assert!(!host(&hosts).may_try());
        record.lock().resting_until = Some(Instant::now());
        assert!(record.may_try());
        assert!(!record.may_try());
        record.note(true);
        assert!(record.may_try() && record.may_try());
    }

    #[tokio::test]
    async fn no_more_than_the_allowed_number_of_calls_run_at_once() {
        // F-31
        let hosts = Hosts::new(2, 5, Duration::from_secs(30));
        let record = host(&hosts);
        let places = (record.place().await, record.place().await);
        assert!(record.place().now_or_never().is_none());
        drop(places);
        assert!(record.place().now_or_never().flatten().is_some());
    }
}
