//! A fair share of cheap answers for each network, on this node alone: a bucket of tokens that fills
//! again with time. It keeps one network from taking the whole server; it guards no secret.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::base::clock::Timestamp;

/// How much of what a network may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaceSettings {
    /// Answers at once.
    pub burst: u32,
    /// Answers per second after that.
    pub per_second: u32,
    /// Networks remembered at once; when there are more, those at rest are forgotten first.
    pub networks: usize,
}

impl Default for PaceSettings {
    /// A school of two thousand behind one address types ten letters each within some minutes.
    fn default() -> PaceSettings {
        PaceSettings {
            burst: 3000,
            per_second: 200,
            networks: 10_000,
        }
    }
}

impl PaceSettings {
    /// For answers that keep some kilobytes for some minutes: at most 40 MB of one network's.
    pub fn for_writing() -> PaceSettings {
        PaceSettings {
            burst: 400,
            per_second: 2,
            ..PaceSettings::default()
        }
    }

    /// For tickets that are none, shown at validation and at `/proxy`. An application meets such ones, old
    /// bookmarks and its own repetitions; nobody meets thousands.
    pub fn for_unknown_tickets() -> PaceSettings {
        PaceSettings {
            burst: 2000,
            per_second: 20,
            ..PaceSettings::default()
        }
    }
}

pub struct Pace {
    settings: PaceSettings,
    /// Network → when its bucket will be full again, in milliseconds since 1970.
    full_at: Mutex<HashMap<[u8; 9], u64>>,
}

impl Pace {
    pub fn new(settings: PaceSettings) -> Pace {
        Pace {
            settings,
            full_at: Mutex::default(),
        }
    }

    /// Takes one answer for the network of `address`, or says how long to wait for the next.
    pub fn take(&self, address: IpAddr, now: Timestamp) -> Result<(), Duration> {
        let rate = u64::from(self.settings.per_second.max(1));
        let whole = u64::from(self.settings.burst.max(1)) * 1000 / rate;
        let one = (1000 / rate).max(1);
        let now = now.0;
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if full_at.len() >= self.settings.networks {
            full_at.retain(|_, full| *full > now);
        }
        if full_at.len() >= self.settings.networks {
            full_at.clear();
        }
        let full = full_at.entry(network(address)).or_insert(now);
        let after = (*full).max(now) + one;
        if after > now + whole {
            return Err(Duration::from_millis(after - now - whole));
        }
        *full = after;
        Ok(())
    }
}

/// An IPv4 address, or the /64 that one IPv6 household has.
fn network(address: IpAddr) -> [u8; 9] {
    let mut key = [0; 9];
    match address.to_canonical() {
        IpAddr::V4(four) => fill(&mut key, 4, &four.octets()),
        IpAddr::V6(six) => fill(&mut key, 6, &six.octets()),
    }
    key
}

fn fill(key: &mut [u8; 9], family: u8, octets: &[u8]) {
    let bytes = std::iter::once(&family).chain(octets);
    key.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_000_000_000);

    fn pace(burst: u32, per_second: u32, networks: usize) -> Pace {
        Pace::new(PaceSettings {
            burst,
            per_second,
            networks,
        })
    }

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn a_network_has_its_burst_and_then_what_time_gives_back() {
        let pace = pace(10, 2, 100);
        let one = address("192.0.2.1");
        let granted = (0..20).filter(|_| pace.take(one, NOW).is_ok()).count();
        assert_eq!(granted, 10);
        let wait = pace.take(one, NOW).expect_err("spent");
        assert!(wait <= Duration::from_millis(500), "{wait:?}");
        assert!(pace.take(one, NOW.plus(wait)).is_ok());
        assert!(pace.take(one, NOW.plus(wait)).is_err());
        assert!(pace.take(address("192.0.2.2"), NOW).is_ok(), "another network");
    }

    #[test]
    fn addresses_of_one_household_share() {
        let pace = pace(1, 1, 100);
        assert!(pace.take(address("2001:db8:0:1::1"), NOW).is_ok());
        assert!(pace.take(address("2001:db8:0:1::2"), NOW).is_err());
        assert!(pace.take(address("2001:db8:0:2::1"), NOW).is_ok());
    }

    #[test]
    fn memory_is_bounded_whoever_comes() {
        let pace = pace(10, 1, 50);
        for number in 0..1000u32 {
            let _ = pace.take(IpAddr::from(number.to_be_bytes()), NOW);
            assert!(pace.full_at.lock().expect("no panic").len() <= 50);
        }
    }
}
