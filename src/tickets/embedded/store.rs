//! The embedded store behind the ports: it hands each call to a transition, with the time of its
//! clock.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;

use super::memory::MemoryShelf;
use super::sessions::Issued;
use super::shelf::{KEY_LENGTH, Key, Shelf, Step, Sweep, run};
use crate::base::clock::Clock;
use crate::base::names::{AccountId, RealmId};
use crate::metrics::StoreMetrics;
use crate::protocol::ticket_id::TicketId;
use crate::tickets::digest::Digest;
use crate::tickets::{
    AccountRecord, Connections, CounterKey, DeviceEpoch, Ended, Granted, NetworkCount, NewTicket,
    Reservation, Reserved, Session, SessionRef, SessionView, Settlement, StoreError, Taken, Throttle,
    ThrottleRule, TicketIdentity, TicketStore, Visit,
};

/// Keys looked at for expiry with each write: more than a transition adds, so dead entries never
/// pile up.
pub(super) const SWEPT_PER_WRITE: usize = 16;

/// A ticket store inside this process.
pub struct EmbeddedStore {
    clock: Arc<dyn Clock>,
    place: Place,
    metrics: Arc<StoreMetrics>,
}

enum Place {
    Memory(Mutex<Memory>),
    #[cfg(feature = "embedded-store")]
    Disk(super::disk::Disk),
}

#[derive(Clone, Default)]
struct Memory {
    shelf: MemoryShelf,
    sweep: Sweep,
}

impl EmbeddedStore {
    /// A store that is forgotten with the process.
    pub fn in_memory(clock: Arc<dyn Clock>) -> EmbeddedStore {
        EmbeddedStore {
            clock,
            place: Place::Memory(Mutex::default()),
            metrics: Arc::default(),
        }
    }

    /// A store in a file, created when missing: nothing acknowledged is lost when the process ends
    /// in any way. One process at a time may have it open.
    #[cfg(feature = "embedded-store")]
    pub fn on_disk(file: &std::path::Path, clock: Arc<dyn Clock>) -> Result<EmbeddedStore, StoreError> {
        let disk = super::disk::Disk::open(file, clock.clone())?;
        Ok(EmbeddedStore {
            clock,
            place: Place::Disk(disk),
            metrics: Arc::default(),
        })
    }

    /// A store of its own with what this one holds in memory now, as a replica has it that hears nothing
    /// from here on; `None` on disk.
    pub fn copied(&self) -> Option<EmbeddedStore> {
        let place = match &self.place {
            Place::Memory(memory) => Place::Memory(Mutex::new(lock(memory).clone())),
            #[cfg(feature = "embedded-store")]
            Place::Disk(_) => return None,
        };
        Some(EmbeddedStore {
            clock: self.clock.clone(),
            place,
            metrics: Arc::default(),
        })
    }

    /// The same with its numbers given to `metrics`.
    pub fn counted(self, metrics: Arc<StoreMetrics>) -> EmbeddedStore {
        EmbeddedStore { metrics, ..self }
    }

    /// Entries held in memory, dead ones that no sweep has met yet included; `None` on disk.
    pub fn entries_in_memory(&self) -> Option<usize> {
        match &self.place {
            Place::Memory(memory) => Some(lock(memory).shelf.len()),
            #[cfg(feature = "embedded-store")]
            Place::Disk(_) => None,
        }
    }

    /// Runs a transition; its changes are kept, durably if the place is, when it succeeds.
    pub(super) async fn change<T, F>(&self, transition: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Step<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let (now, began) = (self.clock.now(), Instant::now());
        let changed = match &self.place {
            Place::Memory(memory) => {
                let Memory { shelf, sweep } = &mut *lock(memory);
                let outcome = run(shelf, now, transition)?;
                let dead = sweep.next(shelf, SWEPT_PER_WRITE, now)?;
                shelf.apply(dead)?;
                Ok(outcome)
            }
            #[cfg(feature = "embedded-store")]
            Place::Disk(disk) => disk.change(now, transition).await,
        };
        self.metrics.seconds.observe("change", began.elapsed());
        if matches!(changed, Err(StoreError::Crowded)) {
            self.metrics.turned_away();
        }
        changed
    }

    /// Runs a transition that changes nothing.
    pub(super) fn look<T>(
        &self,
        read: impl FnOnce(&Step<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let (now, began) = (self.clock.now(), Instant::now());
        let read = match &self.place {
            Place::Memory(memory) => read(&Step::new(&lock(memory).shelf, now)),
            #[cfg(feature = "embedded-store")]
            Place::Disk(disk) => disk.look(|shelf| read(&Step::new(shelf, now))),
        };
        self.metrics.seconds.observe("look", began.elapsed());
        read
    }
}

fn lock(memory: &Mutex<Memory>) -> std::sync::MutexGuard<'_, Memory> {
    memory.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

pub(super) fn issued(ticket: NewTicket<'_>) -> Issued {
    Issued {
        digest: Digest::of_ticket(ticket.id),
        ticket: ticket.ticket.clone(),
        ttl: ticket.ttl,
    }
}

#[async_trait]
impl TicketStore for EmbeddedStore {
    async fn open(
        &self,
        tgt: &TicketId,
        session: Session,
        record: &AccountRecord,
        first: Option<NewTicket<'_>>,
    ) -> Result<DeviceEpoch, StoreError> {
        let tgt = Digest::of_ticket(tgt);
        let record = record.clone();
        let first = first.map(issued);
        self.change(move |step| step.open(tgt, session, &record, first))
            .await
    }

    async fn session(&self, tgt: &TicketId) -> Result<Option<SessionView>, StoreError> {
        self.look(|step| step.session(Digest::of_ticket(tgt)))
    }

    async fn grant(&self, tgt: &TicketId, ticket: NewTicket<'_>) -> Result<Granted, StoreError> {
        let tgt = Digest::of_ticket(tgt);
        let ticket = issued(ticket);
        self.change(move |step| step.grant(tgt, ticket)).await
    }

    async fn take(
        &self,
        ticket: &TicketId,
        identity: &TicketIdentity,
        attempt: &[u8; 16],
    ) -> Result<Taken, StoreError> {
        let digest = Digest::of_ticket(ticket);
        let shown = ticket.expose().to_owned();
        let identity = *identity;
        let attempt = *attempt;
        self.change(move |step| step.take(digest, &shown, &identity, &attempt))
            .await
    }

    async fn set_warn(&self, tgt: &TicketId, warn: bool) -> Result<(), StoreError> {
        let tgt = Digest::of_ticket(tgt);
        self.change(move |step| step.set_warn(tgt, warn)).await
    }

    async fn end(&self, tgt: &TicketId) -> Result<Option<Ended>, StoreError> {
        let tgt = Digest::of_ticket(tgt);
        self.change(move |step| step.end(tgt)).await
    }

    async fn end_all(&self, account: &AccountId) -> Result<Vec<Ended>, StoreError> {
        let account = account.clone();
        self.change(move |step| step.end_all(&account)).await
    }

    async fn end_realm(&self, realm: &RealmId, name: &[u8; 8]) -> Result<(), StoreError> {
        let (realm, name) = (realm.clone(), *name);
        self.change(move |step| step.end_realm(&realm, name)).await
    }

    async fn sessions_of(&self, account: &AccountId) -> Result<Vec<SessionView>, StoreError> {
        self.look(|step| step.sessions_of(account))
    }

    async fn connections(&self, account: &AccountId) -> Result<Connections, StoreError> {
        self.look(|step| step.connections(account))
    }

    async fn end_one(&self, _account: &AccountId, of: &SessionRef) -> Result<Option<Ended>, StoreError> {
        let session = of.0;
        self.change(move |step| step.end(session)).await
    }

    async fn write_account(&self, account: &AccountId, record: &AccountRecord) -> Result<(), StoreError> {
        let account = account.clone();
        let record = record.clone();
        self.change(move |step| step.write_account(&account, &record))
            .await
    }

    async fn account(&self, account: &AccountId) -> Result<Option<AccountRecord>, StoreError> {
        self.look(|step| step.account(account))
    }

    async fn spend_mark(&self, mark: &[u8; 16], ttl: Duration) -> Result<bool, StoreError> {
        let mark = Digest(*mark);
        self.change(move |step| step.spend_mark(mark, ttl)).await
    }

    async fn inherit(&self, tgt: &TicketId, visits: &[Visit]) -> Result<(), StoreError> {
        let tgt = Digest::of_ticket(tgt);
        let visits = visits.to_vec();
        self.change(move |step| step.inherit(tgt, visits)).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.look(|step| step.entry(&Key([0; KEY_LENGTH])).map(drop))
    }
}

#[async_trait]
impl Throttle for EmbeddedStore {
    async fn reserve(
        &self,
        key: &CounterKey,
        rule: &ThrottleRule,
        reservation: Reservation,
    ) -> Result<Reserved, StoreError> {
        let (key, rule) = (*key, *rule);
        self.change(move |step| step.reserve(key, &rule, reservation))
            .await
    }

    async fn settle(
        &self,
        key: &CounterKey,
        rule: &ThrottleRule,
        reservation: Reservation,
        settlement: Settlement,
    ) -> Result<u32, StoreError> {
        let (key, rule) = (*key, *rule);
        self.change(move |step| step.settle(key, &rule, reservation, settlement))
            .await
    }

    async fn count_network(
        &self,
        network: &CounterKey,
        name: &CounterKey,
        failed: bool,
        window: Duration,
    ) -> Result<NetworkCount, StoreError> {
        let (network, name) = (*network, *name);
        self.change(move |step| step.count_network(network, name, failed, window))
            .await
    }

    async fn network(&self, network: &CounterKey) -> Result<NetworkCount, StoreError> {
        self.look(|step| step.network(*network))
    }
}
