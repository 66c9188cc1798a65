//! The transitions of the throttle's counters, each one step on a shelf.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::shelf::{Key, Kind, Step};
use crate::base::clock::Timestamp;
use crate::tickets::digest::Digest;
use crate::tickets::{CounterKey, NetworkCount, Reservation, Reserved, Settlement, StoreError, ThrottleRule};

#[derive(Serialize, Deserialize)]
struct Counter {
    failures: u32,
    last_failure: Timestamp,
    /// Tries under way and until when each counts as such.
    leases: Vec<([u8; 8], Timestamp)>,
}

#[derive(Default, Serialize, Deserialize)]
struct Network {
    successes: u64,
    failures: u64,
    names: Names,
}

impl Step<'_> {
    pub fn reserve(
        &mut self,
        key: CounterKey,
        rule: &ThrottleRule,
        reservation: Reservation,
    ) -> Result<Reserved, StoreError> {
        let mut counter = self.counter(key, rule)?;
        let again = counter.leases.iter().any(|(held, _)| *held == reservation.0);
        if !again {
            let until = counter.last_failure.plus(rule.delay_after(counter.failures));
            if counter.failures > 0 && until > self.now {
                return Ok(Reserved::Wait(until.since(self.now)));
            }
            let under_way = u32::try_from(counter.leases.len()).unwrap_or(u32::MAX);
            if under_way > 0 && counter.failures.saturating_add(under_way) >= rule.in_flight {
                return Ok(Reserved::Busy);
            }
            counter.leases.push((reservation.0, self.now.plus(rule.lease)));
            self.write_counter(key, rule, &counter)?;
        }
        Ok(Reserved::Go {
            failures: counter.failures,
        })
    }

    pub fn settle(
        &mut self,
        key: CounterKey,
        rule: &ThrottleRule,
        reservation: Reservation,
        settlement: Settlement,
    ) -> Result<u32, StoreError> {
        let mut counter = self.counter(key, rule)?;
        counter.leases.retain(|(held, _)| *held != reservation.0);
        match settlement {
            Settlement::Failed => {
                counter.failures = counter.failures.saturating_add(1);
                counter.last_failure = self.now;
            }
            Settlement::Succeeded => counter.failures = 0,
            Settlement::Void => {}
        }
        self.write_counter(key, rule, &counter)?;
        Ok(counter.failures)
    }

    pub fn count_network(
        &mut self,
        network: CounterKey,
        name: CounterKey,
        failed: bool,
        window: Duration,
    ) -> Result<NetworkCount, StoreError> {
        let key = network_key(network);
        let found: Option<(Network, Timestamp)> = self.read_expiring(&key)?;
        let (mut seen, until) = found.unwrap_or_else(|| (Network::default(), self.now.plus(window)));
        if failed {
            seen.failures += 1;
            seen.names.add(name);
        } else {
            seen.successes += 1;
        }
        self.write(key, &seen, until)?;
        Ok(seen.count())
    }

    pub fn network(&self, network: CounterKey) -> Result<NetworkCount, StoreError> {
        let found: Option<Network> = self.read(&network_key(network))?;
        Ok(found.map(|seen| seen.count()).unwrap_or_default())
    }

    /// The counter as it stands now: old failures forgotten, lost tries given up.
    fn counter(&self, key: CounterKey, rule: &ThrottleRule) -> Result<Counter, StoreError> {
        let mut counter = self.read(&counter_key(key))?.unwrap_or(Counter {
            failures: 0,
            last_failure: Timestamp(0),
            leases: Vec::new(),
        });
        counter.leases.retain(|(_, until)| *until > self.now);
        if counter.last_failure.plus(rule.memory) <= self.now {
            counter.failures = 0;
        }
        Ok(counter)
    }

    fn write_counter(
        &mut self,
        key: CounterKey,
        rule: &ThrottleRule,
        counter: &Counter,
    ) -> Result<(), StoreError> {
        let forgotten = (counter.failures > 0).then(|| counter.last_failure.plus(rule.memory));
        let leases = counter.leases.iter().map(|(_, until)| *until);
        match leases.chain(forgotten).max() {
            Some(expires) => self.write(counter_key(key), counter, expires)?,
            None => self.delete(counter_key(key)),
        }
        Ok(())
    }
}

impl Network {
    fn count(&self) -> NetworkCount {
        NetworkCount {
            successes: self.successes,
            failures: self.failures,
            distinct_failing: self.names.count(),
        }
    }
}

/// Distinct names, counted exactly up to [`Names::KEPT`] and then estimated from how dense the
/// smallest of them lie: names are HMACs, so they are spread evenly, and the error is about
/// 1/√KEPT (Bar-Yossef et al., “Counting distinct elements in a data stream”, 2002).
#[derive(Default, Serialize, Deserialize)]
struct Names {
    smallest: BTreeSet<u64>,
}

impl Names {
    const KEPT: usize = 2500;

    fn add(&mut self, name: CounterKey) {
        let [a, b, c, d, e, f, g, h, ..] = name.0;
        self.smallest.insert(u64::from_be_bytes([a, b, c, d, e, f, g, h]));
        if self.smallest.len() > Names::KEPT {
            self.smallest.pop_last();
        }
    }

    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss
    )]
    fn count(&self) -> u64 {
        match self.smallest.last() {
            Some(largest) if self.smallest.len() == Names::KEPT => {
                let share = *largest as f64 / u64::MAX as f64;
                ((Names::KEPT - 1) as f64 / share) as u64
            }
            _ => self.smallest.len() as u64,
        }
    }
}

fn counter_key(key: CounterKey) -> Key {
    Key::new(Kind::Counter, Digest(key.0))
}

fn network_key(key: CounterKey) -> Key {
    Key::new(Kind::Network, Digest(key.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_distinct_names_are_counted_within_a_few_percent() {
        let mut names = Names::default();
        let name = |n: u64| {
            let digest = ring::digest::digest(&ring::digest::SHA256, &n.to_be_bytes());
            CounterKey(digest.as_ref()[..16].try_into().expect("16 bytes"))
        };
        for n in 0..2000 {
            names.add(name(n % 1000));
        }
        assert_eq!(names.count(), 1000);
        (0..50_000).for_each(|n| names.add(name(n)));
        let counted = names.count();
        assert!((47_000..53_000).contains(&counted), "{counted} of 50,000");
    }
}
