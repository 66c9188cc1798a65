//! The throttle of sign-ins (design §9): counters per typed name and per account with a delay that
//! doubles from 1 s to 900 s, never a lock; from a network that sprays people prove to be some, and
//! programs are slowed.
//!
//! A school of thousands behind one address is never judged by how many failures it makes, only by
//! failures on many distinct names with hardly any success among them (T-57).

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::base::addresses::network_key;
use crate::base::entropy::Entropy;
use crate::base::keys::{KeyRing, Purpose};
use crate::base::names::{AccountId, RealmId, Username};
use crate::tickets::{
    AccountMarks, CounterKey, DeviceEpoch, Reservation, Reserved, Settlement, StoreError, Throttle,
    ThrottleRule,
};

/// Bounds of the throttle; the defaults are the ruling of design §9.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThrottleSettings {
    /// Failures of one name or account that cost nothing.
    pub free: u32,
    /// Delay after the next failure; it doubles with each further one.
    pub first_delay: Duration,
    pub longest_delay: Duration,
    /// Failures are forgotten after this long without one. Where a directory locks by itself this
    /// should not be shorter than the time over which it counts.
    pub memory: Duration,
    /// Tries of one name or account under way at once.
    pub in_flight: u32,
    /// How long a try waits for others of the same account before it is told to come back.
    pub patience: Duration,
    /// A network sprays when at least this many distinct names failed in [`Self::window`] …
    pub spray_names: u64,
    /// … and fewer than this share of its tries, in percent, succeeded.
    pub spray_success_percent: u64,
    pub window: Duration,
    /// A refused password is answered no sooner than this, so that the time tells nothing about the
    /// account (T-53).
    pub floor: Duration,
}

impl Default for ThrottleSettings {
    fn default() -> ThrottleSettings {
        ThrottleSettings {
            free: 5,
            first_delay: Duration::from_secs(1),
            longest_delay: Duration::from_secs(900),
            memory: Duration::from_secs(3600),
            in_flight: 20,
            patience: Duration::from_secs(3),
            spray_names: 50,
            spray_success_percent: 30,
            window: Duration::from_secs(600),
            floor: Duration::from_millis(250),
        }
    }
}

/// Who is at the door, as far as the throttle looks.
#[derive(Clone, Copy)]
pub struct Visitor<'a> {
    pub realm: &'a RealmId,
    pub name: &'a Username,
    pub address: IpAddr,
    /// The secret of a device on which somebody of this realm signed in before (T-60): such a
    /// device has its own counter, so that strangers cannot slow it down.
    pub device: Option<&'a [u8]>,
    /// Failures after which the realm's directory locks an account itself.
    pub directory_lock: Option<u32>,
}

/// A device on which somebody of this name signed in before, by its own word: whether the account still
/// knows it is in the store (SEC-54).
#[derive(Clone, Copy)]
pub struct KnownDevice<'a> {
    pub secret: &'a [u8],
    pub epoch: DeviceEpoch,
}

impl<'a> KnownDevice<'a> {
    /// The secret to count by, when the account knows the device.
    pub fn secret_for(self, marks: AccountMarks) -> Option<&'a [u8]> {
        (marks.devices == Some(self.epoch)).then_some(self.secret)
    }
}

/// What asking comes to.
pub enum Asked {
    Go(Permit),
    /// Not before this long.
    Wait(Duration),
}

/// A try under way; tell how it ended by [`SignInGuard::settle`]. One that is dropped counts as
/// under way until its lease ends.
pub struct Permit {
    held: Vec<(CounterKey, ThrottleRule, Reservation)>,
    network: CounterKey,
    name: CounterKey,
    /// The failures that stood before this try, the highest of its counters.
    failures: u32,
    /// The failure that a pause follows, the lowest of its counters.
    pause_at: u32,
    /// How long that pause is.
    pause: Duration,
}

/// What is left to somebody who has failed a few times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TriesLeft {
    /// At least one.
    pub left: u32,
    /// How long the pause is that follows them.
    pub pause: Duration,
}

/// What a counter is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    Name,
    Account,
}

/// How a counter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub of: Counted,
    /// Failures that are remembered; `None` while it waits or others try.
    pub failures: Option<u32>,
    /// How long the next try has to wait.
    pub wait: Option<Duration>,
}

impl Permit {
    /// Notes the pause that this rule would bring, when it is the nearest.
    fn expect(&mut self, rule: &ThrottleRule) {
        let at = rule.free.saturating_add(1).min(rule.stop_at);
        if at < self.pause_at {
            (self.pause_at, self.pause) = (at, rule.delay_after(at));
        }
    }
}

pub struct SignInGuard {
    throttle: Arc<dyn Throttle>,
    keys: KeyRing,
    entropy: Arc<dyn Entropy>,
    settings: ThrottleSettings,
    spraying: Mutex<HashMap<CounterKey, Instant>>,
}

/// Networks that are remembered as spraying at most.
const MOST_SPRAYING: usize = 10_000;

impl SignInGuard {
    pub fn new(
        throttle: Arc<dyn Throttle>,
        keys: KeyRing,
        entropy: Arc<dyn Entropy>,
        settings: ThrottleSettings,
    ) -> SignInGuard {
        SignInGuard {
            throttle,
            keys,
            entropy,
            settings,
            spraying: Mutex::default(),
        }
    }

    /// How a name, and the account that it means, stand now; nothing is counted.
    pub async fn standing(
        &self,
        visitor: &Visitor<'_>,
        account: Option<&AccountId>,
    ) -> Result<Vec<Standing>, StoreError> {
        let (realm, folded) = (visitor.realm.as_str().as_bytes(), visitor.name.folded());
        let name = self.key(&[b"name", realm, folded.as_bytes()]);
        let account = account.map(|account| (Counted::Account, self.account_key(account, visitor)));
        let rule = self.rule(visitor);
        let mut all = Vec::new();
        for (of, key) in [(Counted::Name, name)].into_iter().chain(account) {
            let reservation = self.draw();
            let (failures, wait) = match self.throttle.reserve(&key, &rule, reservation).await? {
                Reserved::Go { failures } => {
                    self.throttle
                        .settle(&key, &rule, reservation, Settlement::Void)
                        .await?;
                    (Some(failures), None)
                }
                Reserved::Busy => (None, None),
                Reserved::Wait(wait) => (None, Some(wait)),
            };
            all.push(Standing { of, failures, wait });
        }
        Ok(all)
    }

    /// Whether the network of `address` tries many names in vain: people are asked to prove that they are some.
    pub async fn sprays_from(&self, address: IpAddr) -> Result<bool, StoreError> {
        self.sprays(&self.network(address)).await
    }

    /// Whether this node found it so within the last window; asks nobody.
    pub fn seen_spraying(&self, address: IpAddr) -> bool {
        let network = self.network(address);
        let spraying = self.spraying.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = spraying.get(&network);
        seen.is_some_and(|seen| seen.elapsed() < self.settings.window)
    }

    fn network(&self, address: IpAddr) -> CounterKey {
        self.key(&[b"network", &network_key(address)])
    }

    /// Networks that were found spraying within the last window, by this node.
    pub fn spraying(&self) -> usize {
        let mut spraying = self.spraying.lock().unwrap_or_else(PoisonError::into_inner);
        spraying.retain(|_, seen| seen.elapsed() < self.settings.window);
        spraying.len()
    }

    /// Asks before the directory is searched: counters of the network and of the typed name.
    pub async fn ask(&self, visitor: &Visitor<'_>) -> Result<Asked, StoreError> {
        self.ask_for(visitor, false).await
    }

    /// The same for who has proved to be a person: they do not wait for the others of their network.
    pub async fn ask_for_person(&self, visitor: &Visitor<'_>) -> Result<Asked, StoreError> {
        self.ask_for(visitor, true).await
    }

    async fn ask_for(&self, visitor: &Visitor<'_>, is_person: bool) -> Result<Asked, StoreError> {
        let name = visitor.name.folded();
        let mut permit = Permit {
            held: Vec::new(),
            network: self.network(visitor.address),
            name: self.key(&[b"name", visitor.realm.as_str().as_bytes(), name.as_bytes()]),
            failures: 0,
            pause_at: u32::MAX,
            pause: Duration::ZERO,
        };
        let first = match visitor.device {
            Some(device) => self.key(&[b"device", device, name.as_bytes()]),
            None => permit.name,
        };
        if !is_person && visitor.device.is_none() && self.sprays(&permit.network).await? {
            let network = self.key(&[b"spray", &network_key(visitor.address)]);
            if let Some(wait) = self.hold(&mut permit, network, self.spraying_rule()).await? {
                return Ok(Asked::Wait(wait));
            }
        }
        if let Some(wait) = self.hold(&mut permit, first, self.rule(visitor)).await? {
            self.settle(permit, Settlement::Void).await?;
            return Ok(Asked::Wait(wait));
        }
        Ok(Asked::Go(permit))
    }

    /// Asks again before each bind, by the account that the name found: many spellings of one login
    /// share this counter.
    ///
    /// Where the directory locks accounts itself, all devices share it too: failures stop two below
    /// the lock, and a known device has the one try between (T-60, T-61).
    pub async fn ask_account(
        &self,
        mut permit: Permit,
        account: &AccountId,
        visitor: &Visitor<'_>,
    ) -> Result<Asked, StoreError> {
        match self.hold_account(&mut permit, account, visitor).await? {
            None => Ok(Asked::Go(permit)),
            Some(wait) => {
                self.settle(permit, Settlement::Void).await?;
                Ok(Asked::Wait(wait))
            }
        }
    }

    /// Whether the account bears one more bind within the same try; it is counted like the first.
    pub async fn one_more(
        &self,
        permit: &mut Permit,
        account: &AccountId,
        visitor: &Visitor<'_>,
    ) -> Result<bool, StoreError> {
        // Without a lock of the directory two binds of one typed password are one try (SEC-74).
        if visitor.directory_lock.is_none() {
            return Ok(true);
        }
        let (key, rule) = (self.account_key(account, visitor), self.account_rule(visitor));
        let reservation = self.draw();
        // Asked once: the try under way would be waited for in vain.
        let reserved = self.throttle.reserve(&key, &rule, reservation).await?;
        let granted = matches!(reserved, Reserved::Go { .. });
        if granted {
            permit.held.push((key, rule, reservation));
        }
        Ok(granted)
    }

    async fn hold_account(
        &self,
        permit: &mut Permit,
        account: &AccountId,
        visitor: &Visitor<'_>,
    ) -> Result<Option<Duration>, StoreError> {
        let key = self.account_key(account, visitor);
        self.hold(permit, key, self.account_rule(visitor)).await
    }

    /// A known device does not wait for what strangers did to the counter that it shares with them (I8): its
    /// own failures are paced by its own counter, and the stop below the directory's lock holds for it too.
    fn account_rule(&self, visitor: &Visitor<'_>) -> ThrottleRule {
        let rule = self.rule(visitor);
        let shares = visitor.device.is_some() && visitor.directory_lock.is_some();
        ThrottleRule {
            free: if shares {
                rule.stop_at.saturating_sub(1)
            } else {
                rule.free
            },
            ..rule
        }
    }

    fn account_key(&self, account: &AccountId, visitor: &Visitor<'_>) -> CounterKey {
        let (realm, person) = (account.realm.as_str().as_bytes(), account.person.0.as_bytes());
        match visitor.device {
            Some(device) if visitor.directory_lock.is_none() => {
                self.key(&[b"device account", device, realm, person])
            }
            _ => self.key(&[b"account", realm, person]),
        }
    }

    fn draw(&self) -> Reservation {
        let mut drawn = [0; 8];
        self.entropy.fill(&mut drawn);
        Reservation(drawn)
    }

    /// Ends a try; answers how many are left before a pause, from the third failure on.
    pub async fn settle(
        &self,
        permit: Permit,
        settlement: Settlement,
    ) -> Result<Option<TriesLeft>, StoreError> {
        let mut failures = permit.failures;
        for (key, rule, reservation) in &permit.held {
            failures = failures.max(self.throttle.settle(key, rule, *reservation, settlement).await?);
        }
        if settlement != Settlement::Void {
            let failed = settlement == Settlement::Failed;
            self.throttle
                .count_network(&permit.network, &permit.name, failed, self.settings.window)
                .await?;
        }
        let left = permit.pause_at.saturating_sub(failures);
        let few = left > 0 && (failures >= 3 || left == 1);
        Ok(few.then_some(TriesLeft {
            left,
            pause: permit.pause,
        }))
    }

    /// Forgets the failures of an account, and of its login as it was typed: whoever chose a new password through
    /// recovery is not kept waiting for those who guessed at the old one.
    pub async fn forgive(&self, account: &AccountId, login: &Username) -> Result<(), StoreError> {
        let (realm, person) = (account.realm.as_str().as_bytes(), account.person.0.as_bytes());
        let rule = self.rule_for(None, None);
        let folded = login.folded();
        for parts in [
            [b"account".as_slice(), realm, person],
            [b"name", realm, folded.as_bytes()],
        ] {
            let key = self.key(&parts);
            self.throttle
                .settle(&key, &rule, self.draw(), Settlement::Succeeded)
                .await?;
        }
        Ok(())
    }

    /// Reserves a try under `key`, waiting a little while others of the same key are under way.
    async fn hold(
        &self,
        permit: &mut Permit,
        key: CounterKey,
        rule: ThrottleRule,
    ) -> Result<Option<Duration>, StoreError> {
        let reservation = self.draw();
        let give_up = Instant::now() + self.settings.patience;
        loop {
            match self.throttle.reserve(&key, &rule, reservation).await? {
                Reserved::Go { failures } => {
                    permit.failures = permit.failures.max(failures);
                    permit.expect(&rule);
                    permit.held.push((key, rule, reservation));
                    return Ok(None);
                }
                Reserved::Wait(wait) => return Ok(Some(wait)),
                Reserved::Busy if Instant::now() >= give_up => {
                    return Ok(Some(Duration::from_secs(1)));
                }
                Reserved::Busy => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    }

    fn rule(&self, visitor: &Visitor<'_>) -> ThrottleRule {
        self.rule_for(visitor.device, visitor.directory_lock)
    }

    fn rule_for(&self, device: Option<&[u8]>, directory_lock: Option<u32>) -> ThrottleRule {
        let below = if device.is_some() { 1 } else { 2 };
        let stop_at = directory_lock.map_or(u32::MAX, |lock| lock.saturating_sub(below).max(1));
        ThrottleRule {
            free: self.settings.free.min(stop_at.saturating_sub(1)),
            first_delay: self.settings.first_delay,
            longest_delay: self.settings.longest_delay,
            memory: self.settings.memory,
            stop_at,
            in_flight: self.settings.in_flight.min(stop_at),
            lease: Duration::from_secs(10),
        }
    }

    pub fn floor(&self) -> Duration {
        self.settings.floor
    }

    /// One failure of the whole network at a time, a second apart: pupils get through, a list of
    /// ten thousand names does not.
    fn spraying_rule(&self) -> ThrottleRule {
        ThrottleRule {
            free: 0,
            first_delay: Duration::from_secs(1),
            longest_delay: Duration::from_secs(1),
            memory: self.settings.window,
            stop_at: u32::MAX,
            in_flight: 4,
            lease: Duration::from_secs(10),
        }
    }

    async fn sprays(&self, network: &CounterKey) -> Result<bool, StoreError> {
        let count = self.throttle.network(network).await?;
        let tries = count.successes + count.failures;
        let succeeded = count.successes * 100 / tries.max(1);
        let sprays = count.distinct_failing >= self.settings.spray_names
            && succeeded < self.settings.spray_success_percent;
        if sprays {
            let mut spraying = self.spraying.lock().unwrap_or_else(PoisonError::into_inner);
            if spraying.len() < MOST_SPRAYING || spraying.contains_key(network) {
                spraying.insert(*network, Instant::now());
            }
        }
        Ok(sprays)
    }

    fn key(&self, parts: &[&[u8]]) -> CounterKey {
        let name = self.keys.pseudonym(Purpose::Counter, parts);
        let mut short = [0; 16];
        short.iter_mut().zip(name).for_each(|(to, from)| *to = from);
        CounterKey(short)
    }
}
