//! The store as a log whose suffix may be lost at a failover, and whose acknowledgements may be: the
//! embedded store in memory, with what it was before each of its last calls.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use mereau::base::clock::HandClock;
use mereau::base::names::{AccountId, RealmId};
use mereau::protocol::ticket_id::TicketId;
use mereau::tickets::embedded::EmbeddedStore;
use mereau::tickets::{
    AccountMarks, AccountRecord, BudgetKey, BudgetRule, Budgets, Claimed, CodeChance, Connections,
    CounterKey, DeathKind, DeviceEpoch, Ended, Granted, Lane, Listed, Looked, Marks, Mint, Minted,
    NetworkCount, NewTicket, PendingKind, PendingToken, Queued, QueuedId, Released, Requests, Reservation,
    Reserved, ResetTickets, ResetToken, Session, SessionRef, SessionView, Settlement, Spent, StoreError,
    Taken, Throttle, ThrottleRule, TicketIdentity, TicketStore, Visit,
};

use super::course::{self, Fault};

/// A failover loses this many calls at most.
const REMEMBERED: usize = 64;

pub struct LossyStore {
    log: Mutex<Log>,
    /// The order of everything that happens, in the store and elsewhere.
    order: AtomicU64,
    /// When each right to a new password was last written, by its name in logs.
    minted: Mutex<BTreeMap<String, u64>>,
}

struct Log {
    now: Arc<EmbeddedStore>,
    /// What the store was before the call of that place.
    before: VecDeque<(u64, EmbeddedStore)>,
    lost: Vec<Range<u64>>,
}

impl LossyStore {
    pub fn new(clock: Arc<HandClock>) -> LossyStore {
        LossyStore {
            log: Mutex::new(Log {
                now: Arc::new(EmbeddedStore::in_memory(clock)),
                before: VecDeque::new(),
                lost: Vec::new(),
            }),
            order: AtomicU64::new(0),
            minted: Mutex::default(),
        }
    }

    /// The next place in the order of things.
    pub fn place(&self) -> u64 {
        self.order.fetch_add(1, Ordering::SeqCst)
    }

    /// The last `calls` of all are forgotten.
    pub fn fail_over(&self, calls: usize) {
        let mut log = self.log.lock().unwrap();
        let kept = log.before.len().saturating_sub(calls);
        let Some((from, then)) = log.before.drain(kept..).next() else {
            return;
        };
        log.now = Arc::new(then);
        let until = self.place();
        log.lost.push(from..until);
    }

    /// Whether what happened at this place is in the store's history.
    pub fn remembers(&self, place: u64) -> bool {
        let log = self.log.lock().unwrap();
        !log.lost.iter().any(|lost| lost.contains(&place))
    }

    /// When this right was last written.
    pub fn minted_at(&self, right: &str) -> Option<u64> {
        self.minted.lock().unwrap().get(right).copied()
    }

    /// The store as it is, past all faults.
    pub fn now(&self) -> Arc<EmbeddedStore> {
        self.log.lock().unwrap().now.clone()
    }

    fn reach(&self) -> (Arc<EmbeddedStore>, u64) {
        let mut log = self.log.lock().unwrap();
        let place = self.place();
        let before = log.now.copied().unwrap();
        log.before.push_back((place, before));
        if log.before.len() > REMEMBERED {
            log.before.pop_front();
        }
        (log.now.clone(), place)
    }
}

fn lost(operation: &'static str) -> StoreError {
    StoreError::TimedOut {
        operation,
        milliseconds: 500,
    }
}

/// One call: what goes wrong with it, and what it answers.
macro_rules! call {
    ($self:ident, $name:literal, $store:ident => $run:expr) => {{
        let fault = course::before($name).await;
        if matches!(fault, Some(Fault::Unsent | Fault::Late)) {
            return Err(lost($name));
        }
        let ($store, place) = $self.reach();
        let answer = $run.await;
        course::note(|did| did.calls.push(($name, place)));
        course::after(fault).await;
        match fault {
            Some(Fault::Unheard) => Err(lost($name)),
            _ => answer,
        }
    }};
}

#[async_trait]
impl TicketStore for LossyStore {
    async fn open(
        &self,
        tgt: &TicketId,
        session: Session,
        record: &AccountRecord,
        first: Option<NewTicket<'_>>,
    ) -> Result<DeviceEpoch, StoreError> {
        call!(self, "open", store => store.open(tgt, session, record, first))
    }

    async fn session(&self, tgt: &TicketId) -> Result<Option<SessionView>, StoreError> {
        call!(self, "session", store => store.session(tgt))
    }

    async fn grant(&self, tgt: &TicketId, ticket: NewTicket<'_>) -> Result<Granted, StoreError> {
        call!(self, "grant", store => store.grant(tgt, ticket))
    }

    async fn take(
        &self,
        ticket: &TicketId,
        identity: &TicketIdentity,
        attempt: &[u8; 16],
    ) -> Result<Taken, StoreError> {
        call!(self, "take", store => TicketStore::take(&*store, ticket, identity, attempt))
    }

    async fn set_warn(&self, tgt: &TicketId, warn: bool) -> Result<(), StoreError> {
        call!(self, "set warn", store => store.set_warn(tgt, warn))
    }

    async fn end(&self, tgt: &TicketId) -> Result<Option<Ended>, StoreError> {
        call!(self, "end", store => store.end(tgt))
    }

    async fn end_all(&self, account: &AccountId) -> Result<Vec<Ended>, StoreError> {
        call!(self, "end all", store => store.end_all(account))
    }

    async fn end_realm(&self, realm: &RealmId, name: &[u8; 8]) -> Result<(), StoreError> {
        call!(self, "end realm", store => store.end_realm(realm, name))
    }

    async fn sessions_of(&self, account: &AccountId) -> Result<Vec<SessionView>, StoreError> {
        call!(self, "sessions of", store => store.sessions_of(account))
    }

    async fn connections(&self, account: &AccountId) -> Result<Connections, StoreError> {
        call!(self, "connections", store => store.connections(account))
    }

    async fn end_one(&self, account: &AccountId, of: &SessionRef) -> Result<Option<Ended>, StoreError> {
        call!(self, "end one", store => store.end_one(account, of))
    }

    async fn write_account(&self, account: &AccountId, record: &AccountRecord) -> Result<(), StoreError> {
        call!(self, "write account", store => store.write_account(account, record))
    }

    async fn account(&self, account: &AccountId) -> Result<Option<AccountRecord>, StoreError> {
        call!(self, "account", store => store.account(account))
    }

    async fn spend_mark(&self, mark: &[u8; 16], ttl: Duration) -> Result<bool, StoreError> {
        call!(self, "spend mark", store => store.spend_mark(mark, ttl))
    }

    async fn inherit(&self, tgt: &TicketId, visits: &[Visit]) -> Result<(), StoreError> {
        call!(self, "inherit", store => store.inherit(tgt, visits))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        call!(self, "ping", store => store.ping())
    }
}

#[async_trait]
impl Throttle for LossyStore {
    async fn reserve(
        &self,
        key: &CounterKey,
        rule: &ThrottleRule,
        reservation: Reservation,
    ) -> Result<Reserved, StoreError> {
        call!(self, "reserve", store => store.reserve(key, rule, reservation))
    }

    async fn settle(
        &self,
        key: &CounterKey,
        rule: &ThrottleRule,
        reservation: Reservation,
        settlement: Settlement,
    ) -> Result<u32, StoreError> {
        call!(self, "settle", store => store.settle(key, rule, reservation, settlement))
    }

    async fn count_network(
        &self,
        network: &CounterKey,
        name: &CounterKey,
        failed: bool,
        window: Duration,
    ) -> Result<NetworkCount, StoreError> {
        call!(self, "count network", store => store.count_network(network, name, failed, window))
    }

    async fn network(&self, network: &CounterKey) -> Result<NetworkCount, StoreError> {
        call!(self, "network", store => store.network(network))
    }
}

#[async_trait]
impl ResetTickets for LossyStore {
    async fn mint(&self, mint: &Mint<'_>) -> Result<Minted, StoreError> {
        call!(self, "mint", store => async {
            let minted = store.mint(mint).await?;
            if matches!(minted, Minted::New { .. }) {
                let (right, at) = (mint.token.log_name(), self.place());
                self.minted.lock().unwrap().insert(right, at);
            }
            Ok(minted)
        })
    }

    async fn look(&self, token: &ResetToken) -> Result<Looked, StoreError> {
        call!(self, "look", store => ResetTickets::look(&*store, token))
    }

    async fn codes(&self, account: &AccountId) -> Result<Vec<CodeChance>, StoreError> {
        call!(self, "codes", store => store.codes(account))
    }

    async fn try_code(&self, account: &AccountId, attempt: &[u8; 16]) -> Result<Vec<CodeChance>, StoreError> {
        call!(self, "try code", store => store.try_code(account, attempt))
    }

    async fn claim(&self, token: &ResetToken, attempt: &[u8; 16]) -> Result<Claimed, StoreError> {
        call!(self, "claim", store => store.claim(token, attempt))
    }

    async fn release(
        &self,
        token: &ResetToken,
        attempt: &[u8; 16],
        new_guard: Option<&[u8]>,
    ) -> Result<Released, StoreError> {
        call!(self, "release", store => store.release(token, attempt, new_guard))
    }

    async fn put_back(&self, token: &ResetToken, attempt: &[u8; 16]) -> Result<Released, StoreError> {
        call!(self, "put back", store => store.put_back(token, attempt))
    }

    async fn spend(&self, token: &ResetToken, attempt: &[u8; 16]) -> Result<Spent, StoreError> {
        call!(self, "spend", store => ResetTickets::spend(&*store, token, attempt))
    }

    async fn revoke(&self, account: &AccountId, why: DeathKind) -> Result<usize, StoreError> {
        call!(self, "revoke", store => store.revoke(account, why))
    }
}

#[async_trait]
impl Requests for LossyStore {
    async fn push(&self, lane: Lane, sealed: &[u8], delay: Duration) -> Result<(), StoreError> {
        call!(self, "push", store => store.push(lane, sealed, delay))
    }

    async fn take(&self, lane: Lane, worker: &str, lease: Duration) -> Result<Option<Queued>, StoreError> {
        call!(self, "take request", store => Requests::take(&*store, lane, worker, lease))
    }

    async fn done(&self, id: &QueuedId) -> Result<(), StoreError> {
        call!(self, "done", store => store.done(id))
    }

    async fn later(&self, id: &QueuedId, delay: Duration) -> Result<(), StoreError> {
        call!(self, "later", store => store.later(id, delay))
    }

    async fn depth(&self, lane: Lane) -> Result<usize, StoreError> {
        call!(self, "depth", store => store.depth(lane))
    }

    async fn list(&self, lane: Lane, most: usize) -> Result<Vec<Listed>, StoreError> {
        call!(self, "list", store => store.list(lane, most))
    }

    async fn lag(&self, lane: Lane) -> Result<Duration, StoreError> {
        call!(self, "lag", store => store.lag(lane))
    }
}

#[async_trait]
impl Budgets for LossyStore {
    async fn spend(&self, key: &BudgetKey, rules: &[BudgetRule]) -> Result<bool, StoreError> {
        call!(self, "budget", store => Budgets::spend(&*store, key, rules))
    }

    async fn would_allow(&self, key: &BudgetKey, rules: &[BudgetRule]) -> Result<bool, StoreError> {
        call!(self, "would allow", store => store.would_allow(key, rules))
    }
}

#[async_trait]
impl Marks for LossyStore {
    async fn pin(&self, account: &AccountId, span: Duration) -> Result<(), StoreError> {
        call!(self, "pin", store => store.pin(account, span))
    }

    async fn of(&self, account: &AccountId) -> Result<AccountMarks, StoreError> {
        call!(self, "marks", store => store.of(account))
    }

    async fn close(&self, account: &AccountId) -> Result<(), StoreError> {
        call!(self, "close", store => store.close(account))
    }

    async fn is_closed(&self, account: &AccountId) -> Result<bool, StoreError> {
        call!(self, "is closed", store => store.is_closed(account))
    }

    async fn reopen(&self, account: &AccountId) -> Result<bool, StoreError> {
        call!(self, "reopen", store => store.reopen(account))
    }

    async fn add_event(&self, account: &AccountId, sealed: &[u8]) -> Result<(), StoreError> {
        call!(self, "add event", store => store.add_event(account, sealed))
    }

    async fn events(&self, account: &AccountId) -> Result<Vec<Vec<u8>>, StoreError> {
        call!(self, "events", store => store.events(account))
    }

    async fn keep_pending(
        &self,
        kind: PendingKind,
        token: &PendingToken,
        sealed: &[u8],
    ) -> Result<(), StoreError> {
        call!(self, "keep pending", store => store.keep_pending(kind, token, sealed))
    }

    async fn pending(&self, kind: PendingKind, token: &PendingToken) -> Result<Option<Vec<u8>>, StoreError> {
        call!(self, "pending", store => store.pending(kind, token))
    }

    async fn take_pending(
        &self,
        kind: PendingKind,
        token: &PendingToken,
        attempt: &[u8; 16],
    ) -> Result<Option<Vec<u8>>, StoreError> {
        call!(self, "take pending", store => store.take_pending(kind, token, attempt))
    }
}
