//! What we know about each host that we call: how many calls are under way and whether it has
//! failed so often that it should be left alone (F-31).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::destination::Destination;

/// Hosts that we know; before one more, some are forgotten.
const MANY: usize = 1024;

/// Forgotten at a time, so that not every new host has all of them looked at.
const AT_ONCE_FORGOTTEN: usize = MANY / 8;

/// For each call to a host that is under way, how many may wait in a request that somebody waits for.
const IN_LINE: usize = 4;

pub(super) struct Hosts {
    at_once: usize,
    failures: u32,
    rest: Duration,
    known: Mutex<HashMap<String, Arc<Host>>>,
}

pub(super) struct Host {
    places: Arc<Semaphore>,
    /// Those who wait for a place while somebody waits for them.
    line: Semaphore,
    failures: u32,
    rest: Duration,
    record: Mutex<Record>,
}

struct Record {
    failed: u32,
    resting_until: Option<Instant>,
    called_at: Instant,
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

    /// What is known about the host; it stays known for as long as that is held.
    pub(super) fn of(&self, destination: &Destination) -> Arc<Host> {
        let name = destination.to_string();
        let called_at = Instant::now();
        let mut known = self.known.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(host) = known.get(&name) {
            host.lock().called_at = called_at;
            return Arc::clone(host);
        }
        if known.len() >= MANY {
            forget(&mut known);
        }
        let host = Arc::new(Host {
            places: Arc::new(Semaphore::new(self.at_once)),
            line: Semaphore::new(self.at_once.saturating_mul(IN_LINE).min(Semaphore::MAX_PERMITS)),
            failures: self.failures,
            rest: self.rest,
            record: Mutex::new(Record {
                failed: 0,
                resting_until: None,
                called_at,
            }),
        });
        known.insert(name, Arc::clone(&host));
        host
    }
}

/// Makes room. Hosts with a call under way stay; of the others those that rest go last, and the one
/// that was not called for longest goes first.
fn forget(known: &mut HashMap<String, Arc<Host>>) {
    let now = Instant::now();
    let idle = known.iter().filter(|(_, host)| Arc::strong_count(host) == 1);
    let mut idle: Vec<_> = idle
        .map(|(name, host)| {
            let record = host.lock();
            let rests = record.resting_until.is_some_and(|until| now < until);
            (rests, record.called_at, name.clone())
        })
        .collect();
    idle.sort_unstable();
    for (_, _, name) in idle.into_iter().take(AT_ONCE_FORGOTTEN) {
        known.remove(&name);
    }
}

impl Host {
    /// Waits until fewer than the allowed number of calls are under way. The semaphore is never
    /// closed, so there is always a place in the end.
    pub(super) async fn place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.places).acquire_owned().await.ok()
    }

    /// A place now, or in turn; `None`: too many wait already.
    pub(super) async fn place_in_line(&self) -> Option<OwnedSemaphorePermit> {
        if let Some(place) = self.place_now() {
            return Some(place);
        }
        let _waiting = self.line.try_acquire().ok()?;
        self.place().await
    }

    /// A place that is free now.
    pub(super) fn place_now(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.places).try_acquire_owned().ok()
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
            record.failed = 0;
            record.resting_until = None;
            return;
        }
        record.failed = record.failed.saturating_add(1);
        if record.failed >= self.failures {
            record.resting_until = Some(Instant::now() + self.rest);
        }
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

    fn named(hosts: &Hosts, name: &str) -> Arc<Host> {
        let url = Url::parse(&format!("https://{name}/")).unwrap();
        hosts.of(&Destination::of(&url).unwrap())
    }

    fn host(hosts: &Hosts) -> Arc<Host> {
        named(hosts, "app.univ.fr")
    }

    #[test]
    fn hosts_that_fail_are_forgotten_before_those_that_rest_or_are_being_called() {
        // F-31
        let hosts = Hosts::new(4, 2, Duration::from_secs(3600));
        named(&hosts, "once.univ.fr").note(false);
        for _ in 0..2 {
            host(&hosts).note(false);
        }
        let called = named(&hosts, "called.univ.fr");
        let count = || hosts.known.lock().unwrap().len();
        for at in 0..3 * MANY {
            named(&hosts, &format!("x{at}.univ.fr")).note(false);
            assert!(count() <= MANY);
        }
        assert!(!host(&hosts).may_try(), "it still rests");
        assert!(Arc::ptr_eq(&called, &named(&hosts, "called.univ.fr")));
        let known = |name: &str| hosts.known.lock().unwrap().contains_key(&format!("{name}:443"));
        assert!(!known("once.univ.fr") && known(&format!("x{}.univ.fr", 3 * MANY - 1)));
        for at in 0..2 * MANY {
            for _ in 0..2 {
                named(&hosts, &format!("y{at}.univ.fr")).note(false);
            }
            assert!(count() <= MANY, "even when all of them rest");
        }
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

    #[tokio::test]
    async fn so_many_wait_for_a_place_and_the_next_is_told_that_there_is_none() {
        // F-31
        let hosts = Hosts::new(1, 5, Duration::from_secs(30));
        let record = host(&hosts);
        let inside = record.place_in_line().await.unwrap();
        let mut waiting: Vec<_> = (0..IN_LINE).map(|_| Box::pin(record.place_in_line())).collect();
        for one in &mut waiting {
            assert!(one.as_mut().now_or_never().is_none());
        }
        assert!(matches!(record.place_in_line().now_or_never(), Some(None)));
        drop(inside);
        assert!(waiting.remove(0).await.is_some(), "in turn");
        waiting.clear();
        assert!(record.place_in_line().await.is_some());
    }
}
