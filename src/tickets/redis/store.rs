//! The Redis store behind the port: each method is one call of one script.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::{StreamExt, TryStreamExt, stream};
use redis::Value;

use super::answers::{self, Parts, strange};
use super::dial::Dialer;
use super::durable::Durable;
use super::keys::{Head, Tagged};
use super::line::Line;
use super::patience::Tries;
use super::records::{self, span};
use super::scripts::{self, Call, Script};
use super::settings::RedisSettings;
use crate::base::keys::KeyRing;
use crate::base::names::{AccountId, RealmId};
use crate::metrics::StoreMetrics;
use crate::protocol::ticket_id::{BUCKETS, Bucket, PACKED, TicketId};
use crate::tickets::digest::Digest;
use crate::tickets::limits::{
    EPOCH_MARGIN, LOOP_BOUND, LOOP_WINDOW, PROXIED_VISITS_KEPT, REALM_END_LIFE, SESSIONS_BEFORE_A_CUT,
    SESSIONS_INDEXED, TOMBSTONE, VISITS_KEPT, VISITS_WITHIN,
};
use crate::tickets::{
    AccountRecord, Connections, DEVICES_LIFE, DeviceEpoch, Ended, FIRST_SESSION_FORM, Granted, NewTicket,
    RESET_TOMBSTONE, ServiceTicket, Session, SessionRef, SessionView, StoreError, Taken, TicketIdentity,
    TicketStore, Visit,
};

/// Buckets that are told at once that a realm's sessions are over.
const AT_ONCE: usize = 64;

/// The ticket store that several nodes share.
pub struct RedisStore {
    pub(super) line: Line,
    head: RwLock<Head>,
    /// Of sessions, that every server reads.
    pub(super) form: AtomicU8,
    pub(super) settings: RedisSettings,
    pub(super) keys: KeyRing,
    pub(super) durable: Durable,
}

impl RedisStore {
    /// Prepares the store without touching the network: Redis may come later. Fails when the
    /// authorities' certificates cannot be read.
    pub fn new(settings: RedisSettings, keys: KeyRing) -> Result<RedisStore, StoreError> {
        RedisStore::counted(settings, keys, Arc::default())
    }

    /// The same with its numbers given to `metrics`.
    pub fn counted(
        settings: RedisSettings,
        keys: KeyRing,
        metrics: Arc<StoreMetrics>,
    ) -> Result<RedisStore, StoreError> {
        let line = || {
            let dialer = Dialer::new(&settings);
            let line = dialer.map(|dialer| Line::new(dialer, settings.options.in_flight, metrics.clone()));
            line.map_err(|error| StoreError::Unreachable(error.to_string()))
        };
        metrics.followed.get_or_init(Default::default);
        Ok(RedisStore {
            line: line()?,
            durable: Durable::new(line()?, metrics.clone()),
            head: RwLock::new(Head::of(settings.options.epoch)),
            form: AtomicU8::new(FIRST_SESSION_FORM),
            settings,
            keys,
        })
    }

    /// What keys begin with at this moment.
    pub(super) fn head(&self) -> Head {
        self.head.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Goes over to a later epoch; never back.
    pub(super) fn advance(&self, epoch: u32) -> bool {
        let mut head = self.head.write().unwrap_or_else(PoisonError::into_inner);
        let later = epoch > head.epoch;
        if later {
            *head = Head::of(epoch);
        }
        later
    }

    pub(super) async fn write(&self, call: Call) -> Result<Value, StoreError> {
        let deadline = self.settings.options.write_deadline;
        self.patiently(&self.line, &call, deadline, Tries::Once).await
    }

    /// Sends a call that may be repeated, and repeats it when its answer is lost (F-10).
    pub(super) async fn surely(&self, call: Call) -> Result<Value, StoreError> {
        let deadline = self.settings.options.write_deadline;
        self.patiently(&self.line, &call, deadline, Tries::Twice).await
    }

    pub(super) async fn read(&self, call: Call) -> Result<Value, StoreError> {
        let deadline = self.settings.options.read_deadline;
        self.patiently(&self.line, &call, deadline, Tries::Once).await
    }

    /// The keys of the account that a ticket belongs to.
    pub(super) fn of_ticket(&self, ticket: &TicketId) -> Tagged {
        self.head().tagged(ticket.bucket(&self.keys))
    }

    pub(super) fn of_account(&self, account: &AccountId) -> Tagged {
        self.head().tagged(Bucket::of(&self.keys, account))
    }

    /// A call of a session script: head and tag are its first arguments.
    pub(super) fn call<K: AsRef<[u8]>>(&self, script: &'static Script, tagged: &Tagged, keys: &[K]) -> Call {
        script.on(keys).arg(tagged.head()).arg(tagged.tag())
    }
}

impl RedisStore {
    async fn end_named(&self, tagged: &Tagged, id: Digest) -> Result<Option<Ended>, StoreError> {
        let keys = [
            tagged.session(id),
            tagged.visits(id),
            tagged.proxied_visits(id),
            tagged.pgts(id),
        ];
        let call = self
            .call(&scripts::END, tagged, &keys)
            .arg(id.text().as_slice())
            .once();
        answers::ended(self.write(call).await?)
    }

    fn session_body(&self, session: &Session) -> Result<Vec<u8>, StoreError> {
        let body = match self.form.load(Ordering::Relaxed) {
            FIRST_SESSION_FORM => records::session(session),
            _ => records::roomy_session(session),
        };
        body.ok_or_else(unwritable)
    }
}

fn written(session: Digest, ticket: &ServiceTicket) -> Result<Vec<u8>, StoreError> {
    records::ticket(session, ticket).ok_or_else(unwritable)
}

pub(super) fn unwritable() -> StoreError {
    StoreError::Answered {
        operation: "write",
        text: "a record that cannot be written down".to_owned(),
    }
}

pub(super) fn view(value: &[u8], record: Option<&[u8]>) -> Option<SessionView> {
    let (session, last_used) = records::read_session(value)?;
    Some(SessionView {
        session,
        last_used,
        record_read_at: record.and_then(records::read_at),
    })
}

#[async_trait]
impl TicketStore for RedisStore {
    async fn open(
        &self,
        tgt: &TicketId,
        session: Session,
        record: &AccountRecord,
        first: Option<NewTicket<'_>>,
    ) -> Result<DeviceEpoch, StoreError> {
        let (id, account) = (Digest::of_ticket(tgt), Digest::of_account(&session.account));
        let tagged = self.of_ticket(tgt);
        debug_assert_eq!(tagged.tag(), self.of_account(&session.account).tag());
        let mut keys = vec![
            tagged.session(id),
            tagged.index(account),
            tagged.epoch(account),
            tagged.record(account),
        ];
        keys.extend(first.map(|first| tagged.ticket(Digest::of_ticket(first.id))));
        let links_end = session.by_password().then(|| span(RESET_TOMBSTONE).to_string());
        let mut call = self
            .call(&scripts::OPEN, &tagged, &keys)
            .arg(span(session.idle))
            // The store's own clock alone says when that is (SEC-26).
            .arg(records::life(session.hard_expiry.since(session.signed_in_at)))
            .arg(u8::from(session.warn))
            .arg(account.text().as_slice())
            .arg(self.session_body(&session)?)
            .arg(id.text().as_slice())
            .arg(records::record(record).ok_or_else(unwritable)?)
            .arg(SESSIONS_INDEXED)
            .arg(SESSIONS_BEFORE_A_CUT)
            .arg(span(EPOCH_MARGIN))
            .arg(links_end.unwrap_or_default())
            .arg(span(DEVICES_LIFE))
            .arg(span(REALM_END_LIFE));
        if let Some(first) = first {
            call = call.arg(written(id, first.ticket)?).arg(span(first.ttl));
        }
        match self.write(call).await? {
            Value::BulkString(epoch) => Ok(DeviceEpoch(epoch.try_into().map_err(|_| strange("open"))?)),
            // It was over before it began.
            Value::Int(0) => Ok(DeviceEpoch([0; 8])),
            _ => Err(strange("open")),
        }
    }

    async fn session(&self, tgt: &TicketId) -> Result<Option<SessionView>, StoreError> {
        let tagged = self.of_ticket(tgt);
        let key = tagged.session(Digest::of_ticket(tgt));
        let answer = self.read(self.call(&scripts::SESSION, &tagged, &[key])).await?;
        let mut parts = Parts::of("session", answer)?;
        let Some(value) = parts.bytes()? else {
            return Ok(None);
        };
        Ok(view(&value, parts.bytes()?.as_deref()))
    }

    async fn grant(&self, tgt: &TicketId, ticket: NewTicket<'_>) -> Result<Granted, StoreError> {
        let id = Digest::of_ticket(tgt);
        let tagged = self.of_ticket(tgt);
        let keys = [
            tagged.session(id),
            tagged.visits(id),
            tagged.rounds(Digest::of_loop(id, &ticket.ticket.identity)),
            tagged.ticket(Digest::of_ticket(ticket.id)),
        ];
        let call = self
            .call(&scripts::GRANT, &tagged, &keys)
            .arg(written(id, ticket.ticket)?)
            .arg(span(ticket.ttl))
            .arg(LOOP_BOUND)
            .arg(span(LOOP_WINDOW));
        match answers::number("grant", &self.write(call).await?)? {
            0 => Ok(Granted::Ticket),
            1 => Ok(Granted::NoSession),
            2 => Ok(Granted::Looping),
            _ => Err(strange("grant")),
        }
    }

    async fn take(
        &self,
        ticket: &TicketId,
        identity: &TicketIdentity,
        attempt: &[u8; 16],
    ) -> Result<Taken, StoreError> {
        let id = Digest::of_ticket(ticket);
        let tagged = self.of_ticket(ticket);
        let call = self
            .call(
                &scripts::TAKE,
                &tagged,
                &[tagged.ticket(id), tagged.tombstone(id)],
            )
            .arg(identity.0.as_slice())
            .arg(attempt.as_slice())
            .arg(ticket.expose())
            .arg(span(TOMBSTONE))
            .arg(VISITS_KEPT)
            .arg(PROXIED_VISITS_KEPT)
            .arg(ticket.packed().as_ref().map_or(&[][..], <[u8; PACKED]>::as_slice))
            .arg(VISITS_WITHIN);
        answers::taken(self.surely(call).await?)
    }

    async fn set_warn(&self, tgt: &TicketId, warn: bool) -> Result<(), StoreError> {
        let tagged = self.of_ticket(tgt);
        let key = tagged.session(Digest::of_ticket(tgt));
        let call = self
            .call(&scripts::SET_WARN, &tagged, &[key])
            .arg([u8::from(warn)].as_slice());
        self.write(call).await.map(drop)
    }

    async fn end(&self, tgt: &TicketId) -> Result<Option<Ended>, StoreError> {
        self.end_named(&self.of_ticket(tgt), Digest::of_ticket(tgt)).await
    }

    async fn end_all(&self, account: &AccountId) -> Result<Vec<Ended>, StoreError> {
        let tagged = self.of_account(account);
        let account = Digest::of_account(account);
        let keys = [
            tagged.index(account),
            tagged.epoch(account),
            tagged.record(account),
            tagged.devices(account),
        ];
        let call = self.call(&scripts::END_ALL, &tagged, &keys).once();
        answers::all_ended(self.write(call).await?)
    }

    async fn end_realm(&self, realm: &RealmId, name: &[u8; 8]) -> Result<(), StoreError> {
        let buckets = (0..BUCKETS).filter_map(Bucket::numbered);
        stream::iter(buckets.map(|bucket| async move {
            let mut command = redis::cmd("SET");
            command
                .arg(self.head().tagged(bucket).realm(realm))
                .arg(name.as_slice());
            command.arg("PX").arg(span(REALM_END_LIFE));
            self.surely(Call::plain("end_realm", command)).await.map(drop)
        }))
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await
    }

    async fn sessions_of(&self, account: &AccountId) -> Result<Vec<SessionView>, StoreError> {
        let tagged = self.of_account(account);
        let account = Digest::of_account(account);
        let keys = [tagged.index(account), tagged.record(account)];
        let answer = self
            .read(self.call(&scripts::SESSIONS_OF, &tagged, &keys))
            .await?;
        let mut parts = Parts::of("sessions_of", answer)?;
        let record = parts.bytes()?;
        let mut views = Vec::new();
        while let Some(value) = parts.bytes()? {
            views.extend(view(&value, record.as_deref()));
        }
        Ok(views)
    }

    async fn connections(&self, account: &AccountId) -> Result<Connections, StoreError> {
        let tagged = self.of_account(account);
        let named = Digest::of_account(account);
        let keys = [
            tagged.index(named),
            tagged.record(named),
            tagged.epoch(named),
            tagged.realm(&account.realm),
        ];
        let call = self.call(&scripts::CONNECTIONS, &tagged, &keys);
        answers::connections(self.read(call).await?)
    }

    async fn end_one(&self, account: &AccountId, of: &SessionRef) -> Result<Option<Ended>, StoreError> {
        self.end_named(&self.of_account(account), of.0).await
    }

    async fn write_account(&self, account: &AccountId, record: &AccountRecord) -> Result<(), StoreError> {
        let tagged = self.of_account(account);
        let account = Digest::of_account(account);
        let keys = [tagged.record(account), tagged.epoch(account)];
        let call = self
            .call(&scripts::WRITE_ACCOUNT, &tagged, &keys)
            .arg(records::record(record).ok_or_else(unwritable)?);
        self.write(call).await.map(drop)
    }

    async fn account(&self, account: &AccountId) -> Result<Option<AccountRecord>, StoreError> {
        let key = self.of_account(account).record(Digest::of_account(account));
        let mut command = redis::cmd("GET");
        command.arg(key);
        match self.read(Call::plain("account", command)).await? {
            Value::BulkString(value) => Ok(records::read_record(&value)),
            _ => Ok(None),
        }
    }

    async fn spend_mark(&self, mark: &[u8; 16], ttl: Duration) -> Result<bool, StoreError> {
        let mut command = redis::cmd("SET");
        command.arg(self.head().mark(mark)).arg(records::VERSION);
        command.arg("NX").arg("PX").arg(span(ttl));
        let answer = self.write(Call::plain("spend_mark", command).once()).await?;
        Ok(answer != Value::Nil)
    }

    async fn inherit(&self, tgt: &TicketId, visits: &[Visit]) -> Result<(), StoreError> {
        if visits.is_empty() {
            return Ok(());
        }
        let id = Digest::of_ticket(tgt);
        let tagged = self.of_ticket(tgt);
        let keys = [tagged.session(id), tagged.visits(id), tagged.proxied_visits(id)];
        let mut call = self
            .call(&scripts::INHERIT, &tagged, &keys)
            .arg(VISITS_KEPT)
            .arg(PROXIED_VISITS_KEPT);
        for visit in visits {
            call = call.arg(records::visit(visit).ok_or_else(unwritable)?);
        }
        self.write(call.once()).await.map(drop)
    }

    async fn ping(&self) -> Result<(), StoreError> {
        // Whoever asks wants to know how it is now.
        let call = Call::plain("ping", redis::cmd("PING"));
        self.line
            .ask(&call, self.settings.options.read_deadline)
            .await
            .map(drop)
    }
}
