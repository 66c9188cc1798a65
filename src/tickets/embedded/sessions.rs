//! The transitions of sessions and tickets, each one step on a shelf. The scripts of the Redis store
//! do the same; the contract suite holds both to it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::shelf::{Key, Kind, Step};
use crate::base::clock::Timestamp;
use crate::base::names::AccountId;
use crate::tickets::digest::Digest;
use crate::tickets::limits::{
    LOOP_BOUND, LOOP_WINDOW, PROXIED_VISITS_KEPT, SESSIONS_BEFORE_A_CUT, SESSIONS_INDEXED, TOMBSTONE,
    VISITS_KEPT,
};
use crate::tickets::{
    AccountRecord, Connection, Connections, DeathKind, DeviceEpoch, Ended, Granted, ServiceTicket, Session,
    SessionRef, SessionView, StoreError, Taken, TakenTicket, TicketIdentity, Visit,
};

/// Stands in an account's index for living sessions that a cut left out, until the last of them would end at the latest.
const CUT: Digest = Digest([0; 16]);

#[derive(Serialize, Deserialize)]
pub(super) struct StoredSession {
    epoch: u64,
    last_used: Timestamp,
    pub session: Session,
}

impl StoredSession {
    /// When it dies unless it is used again.
    fn expires(&self) -> Timestamp {
        self.last_used
            .plus(self.session.idle)
            .min(self.session.hard_expiry)
    }
}

#[derive(Serialize, Deserialize)]
struct StoredTicket {
    session: Digest,
    ticket: ServiceTicket,
    /// Of a proxy ticket.
    proxies: Vec<String>,
    /// Whether it leaves a visit when it is spent.
    told: bool,
}

#[derive(Serialize, Deserialize)]
struct Tombstone {
    attempt: [u8; 16],
    spent: StoredTicket,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
struct Indexed {
    session: Digest,
    hard_expiry: Timestamp,
}

/// A ticket to be written, owned.
pub(super) struct Issued {
    pub digest: Digest,
    pub ticket: ServiceTicket,
    pub ttl: Duration,
}

impl Step<'_> {
    pub fn open(
        &mut self,
        tgt: Digest,
        mut session: Session,
        record: &AccountRecord,
        first: Option<Issued>,
    ) -> Result<DeviceEpoch, StoreError> {
        let account = Digest::of_account(&session.account);
        // The store's own clock alone says when that is (SEC-26).
        let hard_expiry = self.now.plus(session.hard_expiry.since(session.signed_in_at));
        session.hard_expiry = hard_expiry;
        if session.by_password() {
            self.revoke_resets(account, DeathKind::Revoked)?;
        }
        let ended = self.realm_end(&session.account.realm)?;
        self.prolong_realm_end(&session.account.realm)?;
        if self.epoch_of((account, ended))?.is_none() {
            // Whom it names is dead.
            self.delete(Key::new(Kind::Index, account));
        }
        let epoch = self.extend_epoch((account, ended), tgt, hard_expiry)?;
        let stored = StoredSession {
            epoch,
            last_used: self.now,
            session,
        };
        self.write_session(tgt, &stored)?;
        self.index(account, tgt, hard_expiry)?;
        self.write_record(account, record)?;
        first.map_or(Ok(()), |issued| self.write_ticket(tgt, issued, Vec::new(), true))?;
        self.extend_devices((account, ended), tgt)
    }

    pub fn session(&self, tgt: Digest) -> Result<Option<SessionView>, StoreError> {
        match self.live(tgt)? {
            Some(stored) => {
                let record = self.record(Digest::of_account(&stored.session.account))?;
                Ok(Some(view(stored, record.as_ref())))
            }
            None => Ok(None),
        }
    }

    pub fn grant(&mut self, tgt: Digest, issued: Issued) -> Result<Granted, StoreError> {
        let Some(mut stored) = self.live(tgt)? else {
            return Ok(Granted::NoSession);
        };
        let counter = Key::new(Kind::Loop, Digest::of_loop(tgt, &issued.ticket.identity));
        let (granted, until): (u32, Timestamp) = self
            .read_expiring(&counter)?
            .unwrap_or((0, self.now.plus(LOOP_WINDOW)));
        if granted >= LOOP_BOUND {
            return Ok(Granted::Looping);
        }
        self.write(counter, &(granted + 1), until)?;
        stored.last_used = self.now;
        self.write_session(tgt, &stored)?;
        self.write_ticket(tgt, issued, Vec::new(), true)?;
        Ok(Granted::Ticket)
    }

    pub fn take(
        &mut self,
        ticket: Digest,
        shown: &str,
        identity: &TicketIdentity,
        attempt: &[u8; 16],
    ) -> Result<Taken, StoreError> {
        let tombstone = Key::new(Kind::Tombstone, ticket);
        let before: Option<Tombstone> = self.read(&tombstone)?;
        let again = before.is_some();
        let spent = match before {
            Some(before) if before.attempt != *attempt => return Ok(Taken::Replayed),
            Some(before) => before.spent,
            None => match self.read(&Key::new(Kind::Ticket, ticket))? {
                Some(found) => found,
                None => return Ok(Taken::Unknown),
            },
        };
        self.delete(Key::new(Kind::Ticket, ticket));
        let Some(stored) = self.live(spent.session)? else {
            return Ok(Taken::Unknown);
        };
        let attempt = *attempt;
        let mark = Tombstone { attempt, spent };
        if !again {
            self.write(tombstone, &mark, self.now.plus(TOMBSTONE))?;
        }
        let StoredTicket {
            session,
            ticket,
            proxies,
            told,
        } = mark.spent;
        if ticket.identity != *identity {
            return Ok(Taken::OtherService(Box::new(ticket)));
        }
        if told && !again {
            let visit = Visit {
                ticket: shown.to_owned(),
                service: ticket.service.clone(),
                url: ticket.url.clone(),
            };
            self.add_visits(session, &stored, vec![visit])?;
        }
        Ok(Taken::Whole(Box::new(TakenTicket {
            ticket,
            proxies,
            of: SessionRef(session),
            record: self.record(Digest::of_account(&stored.session.account))?,
            session: stored.session,
        })))
    }

    pub fn set_warn(&mut self, tgt: Digest, warn: bool) -> Result<(), StoreError> {
        let Some(mut stored) = self.live(tgt)? else {
            return Ok(());
        };
        stored.session.warn = warn;
        self.write_session(tgt, &stored)
    }

    pub fn inherit(&mut self, tgt: Digest, visits: Vec<Visit>) -> Result<(), StoreError> {
        match self.live(tgt)? {
            Some(stored) => self.add_visits(tgt, &stored, visits),
            None => Ok(()),
        }
    }

    pub fn end(&mut self, tgt: Digest) -> Result<Option<Ended>, StoreError> {
        let Some(stored) = self.live(tgt)? else {
            return Ok(None);
        };
        let account = Digest::of_account(&stored.session.account);
        let record = self.record(account)?;
        let mut index = self.index_of(account)?;
        index.retain(|indexed| indexed.session != tgt);
        if index.is_empty() {
            // Nobody reads the attributes any more.
            self.delete(Key::new(Kind::Account, account));
        }
        self.write_index(account, &index)?;
        self.remove(tgt, stored, record).map(Some)
    }

    pub fn end_all(&mut self, account: &AccountId) -> Result<Vec<Ended>, StoreError> {
        let account = Digest::of_account(account);
        let record = self.record(account)?;
        let mut ended = Vec::new();
        for indexed in self.index_of(account)? {
            if let Some(stored) = self.live(indexed.session)? {
                ended.push(self.remove(indexed.session, stored, record.clone())?);
            }
        }
        for kind in [Kind::Index, Kind::Epoch, Kind::Account, Kind::Devices] {
            self.delete(Key::new(kind, account));
        }
        Ok(ended)
    }

    pub fn sessions_of(&self, account: &AccountId) -> Result<Vec<SessionView>, StoreError> {
        let account = Digest::of_account(account);
        let record = self.record(account)?;
        let mut views = Vec::new();
        for indexed in self.index_of(account)? {
            let stored = self.live(indexed.session)?;
            views.extend(stored.map(|stored| view(stored, record.as_ref())));
        }
        Ok(views)
    }

    pub fn connections(&self, account: &AccountId) -> Result<Connections, StoreError> {
        let ended = self.realm_end(&account.realm)?;
        let account = Digest::of_account(account);
        let (record, epoch) = (self.record(account)?, self.epoch_of((account, ended))?);
        let (mut listed, mut perhaps_more) = (Vec::new(), false);
        for indexed in self.index_of(account)? {
            let Some(stored) = self.live(indexed.session)? else {
                perhaps_more |= indexed.session == CUT && epoch.is_some();
                continue;
            };
            listed.push(Connection {
                of: SessionRef(indexed.session),
                view: view(stored, record.as_ref()),
                visits: self.visits(indexed.session)?,
            });
        }
        Ok(Connections { listed, perhaps_more })
    }

    fn visits(&self, tgt: Digest) -> Result<Vec<Visit>, StoreError> {
        let mut visits = Vec::new();
        for kind in [Kind::Visits, Kind::ProxiedVisits] {
            let kept: Option<Vec<Visit>> = self.read(&Key::new(kind, tgt))?;
            visits.extend(kept.unwrap_or_default());
        }
        Ok(visits)
    }

    pub fn write_account(&mut self, account: &AccountId, record: &AccountRecord) -> Result<(), StoreError> {
        self.write_record(Digest::of_account(account), record)
    }

    pub fn account(&self, account: &AccountId) -> Result<Option<AccountRecord>, StoreError> {
        self.record(Digest::of_account(account))
    }

    pub fn spend_mark(&mut self, mark: Digest, ttl: Duration) -> Result<bool, StoreError> {
        let key = Key::new(Kind::Mark, mark);
        let first = self.entry(&key)?.is_none();
        if first {
            self.write(key, &(), self.now.plus(ttl))?;
        }
        Ok(first)
    }

    /// The session under `tgt` if it is of its account's present epoch, a random name that is the same
    /// or is not; without one, every session of the account is dead (SEC-26).
    pub(super) fn live(&self, tgt: Digest) -> Result<Option<StoredSession>, StoreError> {
        let stored: Option<StoredSession> = self.read(&Key::new(Kind::Session, tgt))?;
        let Some(stored) = stored else {
            return Ok(None);
        };
        let account = Digest::of_account(&stored.session.account);
        let ended = self.realm_end(&stored.session.account.realm)?;
        let epoch = self.epoch_of((account, ended))?;
        Ok((epoch == Some(stored.epoch)).then_some(stored))
    }

    pub(super) fn record(&self, account: Digest) -> Result<Option<AccountRecord>, StoreError> {
        self.read(&Key::new(Kind::Account, account))
    }

    fn index_of(&self, account: Digest) -> Result<Vec<Indexed>, StoreError> {
        let mut index: Vec<Indexed> = self.read(&Key::new(Kind::Index, account))?.unwrap_or_default();
        index.retain(|indexed| indexed.hard_expiry > self.now);
        Ok(index)
    }

    fn write_session(&mut self, tgt: Digest, stored: &StoredSession) -> Result<(), StoreError> {
        let expires = stored.expires();
        self.prolong(Key::new(Kind::Visits, tgt), expires)?;
        self.write(Key::new(Kind::Session, tgt), stored, expires)
    }

    pub(super) fn write_ticket(
        &mut self,
        session: Digest,
        issued: Issued,
        proxies: Vec<String>,
        told: bool,
    ) -> Result<(), StoreError> {
        let expires = self.now.plus(issued.ttl);
        let stored = StoredTicket {
            session,
            ticket: issued.ticket,
            proxies,
            told,
        };
        self.write(Key::new(Kind::Ticket, issued.digest), &stored, expires)
    }

    /// The record lives as long as the account's epoch: as its longest session, and a little.
    fn write_record(&mut self, account: Digest, record: &AccountRecord) -> Result<(), StoreError> {
        match self
            .entry(&Key::new(Kind::Epoch, account))?
            .map(|entry| entry.expires)
        {
            Some(expires) => self.write(Key::new(Kind::Account, account), record, expires),
            None => Ok(()),
        }
    }

    fn index(&mut self, account: Digest, session: Digest, hard_expiry: Timestamp) -> Result<(), StoreError> {
        let mut index = self.index_of(account)?;
        index.retain(|indexed| indexed.session != session);
        index.push(Indexed { session, hard_expiry });
        if index.len() > SESSIONS_BEFORE_A_CUT {
            index = self.cut(index)?;
        }
        self.write_index(account, &index)
    }

    fn cut(&self, index: Vec<Indexed>) -> Result<Vec<Indexed>, StoreError> {
        let (mut living, mut left_out) = (Vec::with_capacity(index.len()), Vec::new());
        for indexed in index {
            if indexed.session == CUT {
                left_out.push(indexed.hard_expiry);
            } else if self.live(indexed.session)?.is_some() {
                living.push(indexed);
            }
        }
        living.sort_by_key(|indexed| indexed.hard_expiry);
        let mut kept = living.split_off(living.len().saturating_sub(SESSIONS_INDEXED));
        left_out.extend(living.last().map(|latest| latest.hard_expiry));
        kept.extend(left_out.into_iter().max().map(|hard_expiry| Indexed {
            session: CUT,
            hard_expiry,
        }));
        Ok(kept)
    }

    fn write_index(&mut self, account: Digest, index: &[Indexed]) -> Result<(), StoreError> {
        let key = Key::new(Kind::Index, account);
        match index.iter().map(|indexed| indexed.hard_expiry).max() {
            Some(expires) => self.write(key, &index, expires)?,
            None => self.delete(key),
        }
        Ok(())
    }

    fn add_visits(
        &mut self,
        tgt: Digest,
        stored: &StoredSession,
        added: Vec<Visit>,
    ) -> Result<(), StoreError> {
        let (proxied, own): (Vec<Visit>, Vec<Visit>) = added.into_iter().partition(Visit::is_proxied);
        let hard_expiry = stored.session.hard_expiry;
        for (kind, added, kept, expires) in [
            (Kind::Visits, own, VISITS_KEPT, stored.expires()),
            (Kind::ProxiedVisits, proxied, PROXIED_VISITS_KEPT, hard_expiry),
        ] {
            if added.is_empty() {
                continue;
            }
            let key = Key::new(kind, tgt);
            let mut visits: Vec<Visit> = self.read(&key)?.unwrap_or_default();
            visits.extend(added);
            let surplus = visits.len().saturating_sub(kept);
            visits.drain(..surplus);
            self.write(key, &visits, expires)?;
        }
        Ok(())
    }

    fn remove(
        &mut self,
        tgt: Digest,
        stored: StoredSession,
        record: Option<AccountRecord>,
    ) -> Result<Ended, StoreError> {
        let visits = self.visits(tgt)?;
        for kind in [Kind::Visits, Kind::ProxiedVisits] {
            self.delete(Key::new(kind, tgt));
        }
        self.remove_pgts(tgt)?;
        self.delete(Key::new(Kind::Session, tgt));
        Ok(Ended {
            session: stored.session,
            visits,
            record,
        })
    }
}

fn view(stored: StoredSession, record: Option<&AccountRecord>) -> SessionView {
    SessionView {
        session: stored.session,
        last_used: stored.last_used,
        record_read_at: record.map(|record| record.read_at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::names::{InstitutionId, PersonKey, RealmId};
    use crate::tickets::Opened;
    use crate::tickets::embedded::memory::MemoryShelf;
    use crate::tickets::embedded::shelf::run;

    fn anne() -> AccountId {
        AccountId {
            realm: RealmId::new("univ").unwrap(),
            person: PersonKey("anne".to_owned()),
        }
    }

    fn open(shelf: &mut MemoryShelf, now: Timestamp, tgt: Digest) {
        let session = Session {
            account: anne(),
            institution: InstitutionId::new("univ").unwrap(),
            login: "anne".to_owned(),
            display_name: "Anne".to_owned(),
            signed_in_at: now,
            idle: Duration::from_secs(60),
            hard_expiry: now.plus(Duration::from_secs(600)),
            remembered: false,
            warn: false,
            opened: Opened::ByPassword,
        };
        let record = AccountRecord {
            login: "anne".to_owned(),
            display_name: "Anne".to_owned(),
            attributes: Vec::new(),
            read_at: now,
        };
        run(shelf, now, |step| step.open(tgt, session, &record, None)).unwrap();
    }

    #[test]
    fn a_session_whose_epoch_was_lost_is_dead_and_stays_so_in_the_next_even_at_the_same_moment() {
        // SEC-26, SEC-54
        let (now, mut shelf) = (Timestamp(1_795_000_000_000), MemoryShelf::default());
        let (first, second) = (Digest::of_text("first"), Digest::of_text("second"));
        let lives = |shelf: &mut MemoryShelf, tgt| run(shelf, now, |step| step.live(tgt)).unwrap().is_some();
        open(&mut shelf, now, first);
        assert!(lives(&mut shelf, first));
        let key = Key::new(Kind::Epoch, Digest::of_account(&anne()));
        run(&mut shelf, now, |step| {
            step.delete(key);
            Ok(())
        })
        .unwrap();
        assert!(!lives(&mut shelf, first));
        open(&mut shelf, now, second);
        assert!(lives(&mut shelf, second));
        assert!(!lives(&mut shelf, first));
    }
}
