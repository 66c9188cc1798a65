//! The counters behind the throttle (design §9): failures per typed name and per account with a
//! growing delay, and a picture of each network. The policy that uses them is `guard`'s.

use std::time::Duration;

use async_trait::async_trait;

use super::StoreError;

/// A counter's name: an HMAC, so that the store learns neither logins nor addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CounterKey(pub [u8; 16]);

/// How failures slow a key down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThrottleRule {
    /// Failures that cost nothing.
    pub free: u32,
    /// Delay after the first failure beyond the free ones; doubles with each further one.
    pub first_delay: Duration,
    pub longest_delay: Duration,
    /// Failures are forgotten after this long without one.
    pub memory: Duration,
    /// From this many failures on the key waits until they are forgotten: the directory behind it
    /// would lock the account soon after (T-61).
    pub stop_at: u32,
    /// Bound on tries under way plus failures so far: a burst of parallel guesses cannot outrun the
    /// counter, and no more than this many reach the directory before the first answer (T-61). One
    /// try at a time is always allowed once its delay is over.
    pub in_flight: u32,
    /// A try that was reserved and never settled (a crash) counts as under way this long.
    pub lease: Duration,
}

impl ThrottleRule {
    /// How long after its latest failure a key with this many failures must wait.
    pub fn delay_after(&self, failures: u32) -> Duration {
        if failures >= self.stop_at {
            return self.memory;
        }
        match failures.checked_sub(self.free) {
            None | Some(0) => Duration::ZERO,
            Some(beyond) => {
                let doublings = 1u32.checked_shl(beyond - 1).unwrap_or(u32::MAX);
                self.first_delay.saturating_mul(doublings).min(self.longest_delay)
            }
        }
    }
}

/// Names one reserved try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reservation(pub [u8; 8]);

/// What asking for a try comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reserved {
    /// Go ahead and settle it; `failures` so far.
    Go { failures: u32 },
    /// Other tries of this key are under way: ask again in a moment.
    Busy,
    /// Not before this long.
    Wait(Duration),
}

/// How a reserved try ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settlement {
    /// The password was wrong: counts.
    Failed,
    /// The password was right: the key's failures are forgotten.
    Succeeded,
    /// Nobody could tell, or it was no try of a password: does not count.
    Void,
}

/// What a network did within its window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NetworkCount {
    pub successes: u64,
    pub failures: u64,
    /// Distinct names that failed, approximately (2 %).
    pub distinct_failing: u64,
}

#[async_trait]
pub trait Throttle: Send + Sync {
    /// Asks to try under `key`. Atomic with every other call on the key; asking again with the same
    /// reservation reserves nothing more.
    async fn reserve(
        &self,
        key: &CounterKey,
        rule: &ThrottleRule,
        reservation: Reservation,
    ) -> Result<Reserved, StoreError>;

    /// Ends a reserved try; answers the failures that now stand. A failure counts even when its
    /// lease is over.
    async fn settle(
        &self,
        key: &CounterKey,
        rule: &ThrottleRule,
        reservation: Reservation,
        settlement: Settlement,
    ) -> Result<u32, StoreError>;

    /// Counts one finished try of `name` from `network` in a window of `window`, and answers the
    /// counts with it.
    async fn count_network(
        &self,
        network: &CounterKey,
        name: &CounterKey,
        failed: bool,
        window: Duration,
    ) -> Result<NetworkCount, StoreError>;

    /// The counts of a network without adding to them.
    async fn network(&self, network: &CounterKey) -> Result<NetworkCount, StoreError>;
}
