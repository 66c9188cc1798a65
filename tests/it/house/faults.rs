//! Ports that fail when told to, and count what reaches them.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use mereau::base::names::{AccountId, PersonKey, RealmId, Username};
use mereau::base::secret::Password;
use mereau::directory::ldif::LdifDirectory;
use mereau::directory::{
    Bound, Demand, Demanded, Directory, DirectoryError, FenceKind, Found, Listing, Outage, PasswordNotice,
    PasswordWrite, Person, Rewrite, Room, Writable, Written, Wrote,
};
use mereau::protocol::ticket_id::TicketId;
use mereau::tickets::embedded::EmbeddedStore;
use mereau::tickets::{
    AccountRecord, ChallengeKey, Challenges, Connections, CounterKey, DeviceEpoch, Ended, FlowKey, Granted,
    KeptAnswers, NetworkCount, NewTicket, ProxyGrant, ProxySession, ProxyTickets, Reservation, Reserved,
    Session, SessionRef, SessionView, Settlement, StoreError, Taken, Throttle, ThrottleRule, TicketIdentity,
    TicketStore, UpstreamSessions, UpstreamTicket, Visit,
};
use tokio::sync::mpsc;

use super::fate::{Change, Fate};
use super::recovery::{Call, Halt, When};

/// The store in memory, down when told so.
pub struct FlakyStore {
    pub inner: EmbeddedStore,
    pub down: AtomicBool,
    /// Answers of reset tickets are given and not kept: a fail-over that loses the last writes.
    pub forgets: AtomicBool,
    /// No session can be ended, while all else works.
    pub ends_fail: AtomicBool,
    /// No queue takes anything more.
    pub crowded: AtomicBool,
    pub halt: Arc<Halt>,
    calls: AtomicUsize,
    /// So often the links of an account can still be ended.
    pub revocations: AtomicUsize,
}

impl FlakyStore {
    pub fn new(inner: EmbeddedStore) -> FlakyStore {
        FlakyStore {
            inner,
            down: AtomicBool::new(false),
            forgets: AtomicBool::new(false),
            ends_fail: AtomicBool::new(false),
            crowded: AtomicBool::new(false),
            halt: Arc::default(),
            calls: AtomicUsize::new(0),
            revocations: AtomicUsize::new(usize::MAX),
        }
    }

    /// What was asked of it so far; events of accounts apart, which arrive whenever they do.
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    pub fn up(&self) -> Result<&EmbeddedStore, StoreError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        self.uncounted()
    }

    pub fn uncounted(&self) -> Result<&EmbeddedStore, StoreError> {
        if self.down.load(Ordering::SeqCst) {
            return Err(StoreError::Unreachable("told so".to_owned()));
        }
        Ok(&self.inner)
    }
}

#[async_trait]
impl TicketStore for FlakyStore {
    async fn open(
        &self,
        tgt: &TicketId,
        session: Session,
        record: &AccountRecord,
        first: Option<NewTicket<'_>>,
    ) -> Result<DeviceEpoch, StoreError> {
        self.up()?.open(tgt, session, record, first).await
    }

    async fn session(&self, tgt: &TicketId) -> Result<Option<SessionView>, StoreError> {
        self.up()?.session(tgt).await
    }

    async fn grant(&self, tgt: &TicketId, ticket: NewTicket<'_>) -> Result<Granted, StoreError> {
        self.up()?.grant(tgt, ticket).await
    }

    async fn take(
        &self,
        ticket: &TicketId,
        identity: &TicketIdentity,
        attempt: &[u8; 16],
    ) -> Result<Taken, StoreError> {
        self.up()?.take(ticket, identity, attempt).await
    }

    async fn set_warn(&self, tgt: &TicketId, warn: bool) -> Result<(), StoreError> {
        self.up()?.set_warn(tgt, warn).await
    }

    async fn end(&self, tgt: &TicketId) -> Result<Option<Ended>, StoreError> {
        if self.ends_fail.load(Ordering::SeqCst) {
            return Err(StoreError::Unreachable("told so".to_owned()));
        }
        self.up()?.end(tgt).await
    }

    async fn end_all(&self, account: &AccountId) -> Result<Vec<Ended>, StoreError> {
        self.halt.pass(Call::EndAll, When::Before).await;
        self.up()?.end_all(account).await
    }

    async fn end_realm(&self, realm: &RealmId, name: &[u8; 8]) -> Result<(), StoreError> {
        self.up()?.end_realm(realm, name).await
    }

    async fn sessions_of(&self, account: &AccountId) -> Result<Vec<SessionView>, StoreError> {
        self.up()?.sessions_of(account).await
    }

    async fn connections(&self, account: &AccountId) -> Result<Connections, StoreError> {
        self.up()?.connections(account).await
    }

    async fn end_one(&self, account: &AccountId, of: &SessionRef) -> Result<Option<Ended>, StoreError> {
        self.up()?.end_one(account, of).await
    }

    async fn write_account(&self, account: &AccountId, record: &AccountRecord) -> Result<(), StoreError> {
        self.up()?.write_account(account, record).await
    }

    async fn account(&self, account: &AccountId) -> Result<Option<AccountRecord>, StoreError> {
        self.up()?.account(account).await
    }

    async fn spend_mark(&self, mark: &[u8; 16], ttl: Duration) -> Result<bool, StoreError> {
        self.up()?.spend_mark(mark, ttl).await
    }

    async fn inherit(&self, tgt: &TicketId, visits: &[Visit]) -> Result<(), StoreError> {
        self.up()?.inherit(tgt, visits).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.up()?.ping().await
    }
}

#[async_trait]
impl ProxyTickets for FlakyStore {
    async fn keep_pgt(
        &self,
        pgt: &TicketId,
        of: &SessionRef,
        grant: &ProxyGrant,
        longest: Option<Duration>,
    ) -> Result<bool, StoreError> {
        self.up()?.keep_pgt(pgt, of, grant, longest).await
    }

    async fn pgt(&self, pgt: &TicketId) -> Result<Option<ProxySession>, StoreError> {
        self.up()?.pgt(pgt).await
    }

    async fn grant_proxy(
        &self,
        pgt: &TicketId,
        ticket: NewTicket<'_>,
        told: bool,
    ) -> Result<bool, StoreError> {
        self.up()?.grant_proxy(pgt, ticket, told).await
    }
}

#[async_trait]
impl UpstreamSessions for FlakyStore {
    async fn keep_upstream(
        &self,
        ticket: &UpstreamTicket,
        sealed: &[u8],
        ttl: Duration,
    ) -> Result<(), StoreError> {
        self.up()?.keep_upstream(ticket, sealed, ttl).await
    }

    async fn take_upstream(&self, ticket: &UpstreamTicket) -> Result<Option<Vec<u8>>, StoreError> {
        self.up()?.take_upstream(ticket).await
    }

    async fn keep_state(&self, flow: &FlowKey, sealed: &[u8], ttl: Duration) -> Result<(), StoreError> {
        self.up()?.keep_state(flow, sealed, ttl).await
    }

    async fn state(&self, flow: &FlowKey) -> Result<Option<Vec<u8>>, StoreError> {
        self.up()?.state(flow).await
    }
}

#[async_trait]
impl Challenges for FlakyStore {
    async fn keep_challenge(
        &self,
        challenge: &ChallengeKey,
        answers: &KeptAnswers,
        ttl: Duration,
    ) -> Result<(), StoreError> {
        self.up()?.keep_challenge(challenge, answers, ttl).await
    }

    async fn take_challenge(&self, challenge: &ChallengeKey) -> Result<Option<KeptAnswers>, StoreError> {
        self.up()?.take_challenge(challenge).await
    }
}

#[async_trait]
impl Throttle for FlakyStore {
    async fn reserve(
        &self,
        key: &CounterKey,
        rule: &ThrottleRule,
        reservation: Reservation,
    ) -> Result<Reserved, StoreError> {
        self.up()?.reserve(key, rule, reservation).await
    }

    async fn settle(
        &self,
        key: &CounterKey,
        rule: &ThrottleRule,
        reservation: Reservation,
        settlement: Settlement,
    ) -> Result<u32, StoreError> {
        self.up()?.settle(key, rule, reservation, settlement).await
    }

    async fn count_network(
        &self,
        network: &CounterKey,
        name: &CounterKey,
        failed: bool,
        window: Duration,
    ) -> Result<NetworkCount, StoreError> {
        self.up()?.count_network(network, name, failed, window).await
    }

    async fn network(&self, network: &CounterKey) -> Result<NetworkCount, StoreError> {
        self.up()?.network(network).await
    }
}

/// A directory that is down when told so, whose people change when told so, and that counts binds.
pub struct FlakyDirectory {
    /// What it adds to every right password.
    pub says: Mutex<Option<PasswordNotice>>,
    inner: LdifDirectory,
    pub down: AtomicBool,
    /// With less than ample room it turns everybody away.
    pub room: Mutex<Room>,
    /// The server that writes does not answer, and replicas do.
    pub primary_down: AtomicBool,
    pub searches: AtomicUsize,
    pub binds: AtomicUsize,
    /// Binds that were answered.
    pub ended: AtomicUsize,
    pub decoys: AtomicUsize,
    /// Questions while it was down.
    pub asked_in_vain: AtomicUsize,
    /// What the directory makes of a person as it reads them.
    pub change: Mutex<Option<Change>>,
    /// Nothing tells whether a password moved: `guard = "none"`.
    pub unguarded: AtomicBool,
    /// The directory's own lock.
    pub lock_after: Mutex<Option<u32>>,
    /// What becomes of the next writes of a password.
    pub fate: Mutex<Fate>,
    /// Writes of passwords that were asked for.
    pub writes: AtomicUsize,
    /// Cannot be asked after the next write: nobody learns what became of it.
    pub mute: AtomicBool,
    /// Held at its next search until told to go on.
    pub held: AtomicBool,
    pub go_on: tokio::sync::Notify,
    pub halt: Mutex<Arc<Halt>>,
    /// What its health probes would have found.
    pub outage: Mutex<Outage>,
    /// How long people are pinned after a write.
    pub pinned: Mutex<Duration>,
}

impl FlakyDirectory {
    pub fn new(inner: LdifDirectory) -> FlakyDirectory {
        FlakyDirectory {
            inner,
            down: AtomicBool::new(false),
            room: Mutex::new(Room::Ample),
            searches: AtomicUsize::new(0),
            binds: AtomicUsize::new(0),
            ended: AtomicUsize::new(0),
            decoys: AtomicUsize::new(0),
            says: Mutex::new(None),
            asked_in_vain: AtomicUsize::new(0),
            change: Mutex::new(None),
            unguarded: AtomicBool::new(false),
            lock_after: Mutex::new(None),
            fate: Mutex::default(),
            writes: AtomicUsize::new(0),
            mute: AtomicBool::new(false),
            held: AtomicBool::new(false),
            go_on: tokio::sync::Notify::new(),
            halt: Mutex::default(),
            outage: Mutex::default(),
            pinned: Mutex::default(),
            primary_down: AtomicBool::new(false),
        }
    }

    fn up(&self) -> Result<(), DirectoryError> {
        if self.down.load(Ordering::SeqCst) {
            self.asked_in_vain.fetch_add(1, Ordering::SeqCst);
            return Err(DirectoryError::Unreachable("told so".to_owned()));
        }
        let room = self.room(0) == Room::Ample;
        room.then_some(()).ok_or(DirectoryError::Crowded)
    }

    fn changed(&self, person: Person) -> Option<Person> {
        let change = *self.change.lock().unwrap();
        change.map_or(Some(person.clone()), |change| change(person))
    }
}

#[async_trait]
impl Directory for FlakyDirectory {
    async fn find(&self, login: &Username) -> Result<Found, DirectoryError> {
        self.up()?;
        self.searches.fetch_add(1, Ordering::SeqCst);
        if self.held.swap(false, Ordering::SeqCst) {
            self.go_on.notified().await;
        }
        Ok(match self.inner.find(login).await? {
            Found::One(person) => match self.changed(*person) {
                Some(person) => Found::One(Box::new(person)),
                None => Found::Nobody,
            },
            other => other,
        })
    }

    async fn list(&self, wish: &Listing, into: mpsc::Sender<Person>) -> Result<(), DirectoryError> {
        self.up()?;
        self.inner.list(wish, into).await
    }

    async fn find_by(&self, attribute: &str, value: &str) -> Result<Vec<Person>, DirectoryError> {
        self.up()?;
        let found = self.inner.find_by(attribute, value).await?;
        Ok(found
            .into_iter()
            .filter_map(|person| self.changed(person))
            .collect())
    }

    async fn read(&self, key: &PersonKey) -> Result<Option<Person>, DirectoryError> {
        self.up()?;
        Ok(self
            .inner
            .read(key)
            .await?
            .and_then(|person| self.changed(person)))
    }

    async fn bind(&self, person: &Person, password: &Password) -> Result<Bound, DirectoryError> {
        self.up()?;
        self.binds.fetch_add(1, Ordering::SeqCst);
        let bound = self.inner.bind(person, password).await;
        self.ended.fetch_add(1, Ordering::SeqCst);
        let said = self.says.lock().unwrap().clone();
        bound.map(|bound| match bound {
            Bound::Accepted(None) => Bound::Accepted(said),
            other => other,
        })
    }

    async fn decoy(&self, password: &Password) {
        self.decoys.fetch_add(1, Ordering::SeqCst);
        self.inner.decoy(password).await;
    }

    fn room(&self, _under_way: usize) -> Room {
        *self.room.lock().unwrap()
    }

    fn lock_after(&self) -> Option<u32> {
        *self.lock_after.lock().unwrap()
    }

    async fn read_for_write(&self, key: &PersonKey) -> Result<Option<Writable>, DirectoryError> {
        self.up()?;
        if self.primary_down.load(Ordering::SeqCst) {
            return Err(DirectoryError::Unreachable("the primary, told so".to_owned()));
        }
        let halt = self.halt.lock().unwrap().clone();
        halt.pass(Call::Read, When::Before).await;
        let read = self.inner.read_for_write(key).await?;
        Ok(read.and_then(|writable| {
            let person = self.changed(writable.person)?;
            let unguarded = self.unguarded.load(Ordering::SeqCst);
            let guard = writable.guard.filter(|_| !unguarded);
            Some(Writable { person, guard })
        }))
    }

    async fn write_password(&self, write: &PasswordWrite<'_>) -> Result<Wrote, DirectoryError> {
        self.up()?;
        self.writes.fetch_add(1, Ordering::SeqCst);
        let halt = self.halt.lock().unwrap().clone();
        halt.pass(Call::Write, When::Before).await;
        let fate = *self.fate.lock().unwrap();
        let lost = || DirectoryError::Unreachable("the answer is lost".to_owned());
        let wrote = match fate {
            Fate::Applied => self.inner.write_password(write).await,
            Fate::Refused(why) => Ok(Wrote::Refused(why, None)),
            Fate::AppliedSilently => {
                self.inner.write_password(write).await?;
                Err(lost())
            }
            Fate::Lost => Err(lost()),
        };
        halt.pass(Call::Write, When::After).await;
        if self.mute.load(Ordering::SeqCst) {
            self.down.store(true, Ordering::SeqCst);
        }
        wrote
    }

    async fn write_attributes(
        &self,
        key: &PersonKey,
        changes: &[(String, Rewrite)],
    ) -> Result<Written, DirectoryError> {
        self.up()?;
        self.inner.write_attributes(key, changes).await
    }

    fn demand(&self) -> Option<Demand> {
        self.inner.demand()
    }

    async fn demand_change(&self, key: &PersonKey) -> Result<Demanded, DirectoryError> {
        self.up()?;
        self.inner.demand_change(key).await
    }

    async fn lift_demand(&self, key: &PersonKey, before: &[String]) -> Result<Written, DirectoryError> {
        self.up()?;
        self.inner.lift_demand(key, before).await
    }

    async fn lift_failure_lock(&self, key: &PersonKey) -> Result<bool, DirectoryError> {
        self.up()?;
        self.inner.lift_failure_lock(key).await
    }

    fn fence(&self) -> FenceKind {
        self.inner.fence()
    }

    fn writable(&self) -> bool {
        self.inner.writable()
    }

    fn pinned_for(&self) -> Duration {
        *self.pinned.lock().unwrap()
    }

    fn outage(&self) -> Outage {
        *self.outage.lock().unwrap()
    }
}
