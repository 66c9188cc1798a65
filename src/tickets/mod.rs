//! The port to the ticket store: sessions, tickets, login tickets, throttle counters, reset tickets and
//! the queues of recovery. It holds only what expires. Each method is one atomic step on keys of one account bucket (one script on
//! Redis); what a step decides, it decides inside the store.

mod budgets;
mod challenges;
mod digest;
pub mod embedded;
mod error;
mod farewells;
pub mod formats;
pub mod limits;
mod marks;
mod nodes;
mod opened;
mod proxy;
mod records;
pub mod redis;
mod requests;
mod reset;
mod reset_token;
mod spent_lately;
mod throttle;
mod upstream;

pub use budgets::{BudgetKey, BudgetOf, BudgetRule, Budgets, MOST_RULES};
pub use challenges::{ChallengeKey, Challenges, KeptAnswers};
pub use error::StoreError;
pub use farewells::{FAREWELL_LIFE, FarewellId, FarewellLine, Farewells, Told};
pub use marks::{
    AccountMarks, CLOSED_LIFE, DEVICES_LIFE, DeviceEpoch, EVENTS_KEPT, EVENTS_LIFE, LONGEST_EVENT,
    LONGEST_PENDING, Marks, PendingKind, PendingToken,
};
pub use nodes::{
    Announced, FIRST_SESSION_FORM, LONGEST_NODE, LONGEST_NODE_NAME, MOST_NODES, NODE_LIFE, Nodes,
    SESSION_FORM,
};
pub use opened::{Opened, RestOpened};
pub use proxy::{ProxyGrant, ProxySession, ProxyTickets, SessionRef};
pub use records::{
    AccountRecord, Connection, Connections, Ended, Granted, NewTicket, ServiceTicket, Session, SessionView,
    Taken, TakenTicket, TicketIdentity, Visit,
};
pub use requests::{ENTRY_LIFE, LONGEST_ENTRY, Lane, Listed, QUEUE_DEPTH, Queued, QueuedId, Requests};
pub use reset::{
    AskedFrom, CLAIM_LEASE, CODE_TRIES, Channel, Claimed, CodeChance, Death, DeathKind, LONGEST_LIFE, Looked,
    Mint, MintBudget, Minted, REFUSALS, RESET_TOMBSTONE, Released, ResetTicket, ResetTickets, SHORTEST_LIFE,
    Spent,
};
pub use reset_token::{CODE_LENGTH, ResetCode, ResetToken, TOKEN_LENGTH};
pub use spent_lately::SpentLately;
pub use throttle::{CounterKey, NetworkCount, Reservation, Reserved, Settlement, Throttle, ThrottleRule};

pub use upstream::{CameFrom, FlowKey, LONGEST_KEPT, LONGEST_STATE, UpstreamSessions, UpstreamTicket};

use std::time::Duration;

use async_trait::async_trait;

use crate::base::names::{AccountId, RealmId};
use crate::protocol::ticket_id::TicketId;

/// Sessions and tickets. One contract suite runs on every implementation.
///
/// Ids are kept as digests: what the store holds opens nothing (CAS-114). Every key expires. Times
/// are the store's own (Redis TIME; the given clock in the embedded store).
#[async_trait]
pub trait TicketStore: Send + Sync {
    /// Opens a session under `tgt` with the account's record and, when given, its first ticket,
    /// all or nothing. The account's session index and epoch are read or created in the same step.
    /// A person who gave the password here ([`Session::by_password`]) has no use for reset tickets: those of
    /// the account end in the same step (SEC-21). Answers what a device carries that is known from now on,
    /// see [`Marks::of`]; the first session of an account makes it.
    async fn open(
        &self,
        tgt: &TicketId,
        session: Session,
        record: &AccountRecord,
        first: Option<NewTicket<'_>>,
    ) -> Result<DeviceEpoch, StoreError>;

    /// The session behind a cookie, without sliding its idle time. `None` when unknown, expired,
    /// ended, or not of the account's epoch.
    async fn session(&self, tgt: &TicketId) -> Result<Option<SessionView>, StoreError>;

    /// Writes a ticket for a live session and slides its idle time (CAS-64: each call its own
    /// ticket). Refuses when [`limits::LOOP_BOUND`] went to the same service, by its identity,
    /// within [`limits::LOOP_WINDOW`] (F-06).
    async fn grant(&self, tgt: &TicketId, ticket: NewTicket<'_>) -> Result<Granted, StoreError>;

    /// Takes a ticket: at most one caller ever gets it (CAS-105, CAS-106). `attempt` names this try
    /// so that a call whose answer was lost (any `Err`) may be repeated with the same result, for
    /// [`limits::TOMBSTONE`]. `identity` is the service the validator names; when it is the
    /// ticket's, the visit is written into the session for single logout; the ticket is spent
    /// either way (CAS-152).
    async fn take(
        &self,
        ticket: &TicketId,
        identity: &TicketIdentity,
        attempt: &[u8; 16],
    ) -> Result<Taken, StoreError>;

    /// Sets or clears the "warn me" preference of a live session (CAS-71).
    async fn set_warn(&self, tgt: &TicketId, warn: bool) -> Result<(), StoreError>;

    /// Ends one session and everything under it; `None` when there was none (CAS-113).
    async fn end(&self, tgt: &TicketId) -> Result<Option<Ended>, StoreError>;

    /// Ends every session of an account by forgetting its epoch, a random name that each of its sessions
    /// carries and that no clock has a part in (SEC-26), and tells what each had visited; the account's
    /// record goes too, and no device is known any more. The next session makes another epoch.
    async fn end_all(&self, account: &AccountId) -> Result<Vec<Ended>, StoreError>;

    /// Ends every session of a realm, and forgets every device that its people are known by: nothing that was
    /// written before under the realm's former name is good any more. `name` is drawn by chance. It costs the
    /// same whatever number of sessions there is, visits none of them, and so tells nobody what they had
    /// visited. An `Err` may leave some ended and some not: asking again ends all.
    async fn end_realm(&self, realm: &RealmId, name: &[u8; 8]) -> Result<(), StoreError>;

    /// The sessions of an account that are alive (an index that names more
    /// than [`limits::SESSIONS_BEFORE_A_CUT`] is cut to the [`limits::SESSIONS_INDEXED`] that would end last).
    async fn sessions_of(&self, account: &AccountId) -> Result<Vec<SessionView>, StoreError>;

    /// The same sessions, each with what it visited and the name by which it can be ended, and whether these
    /// are all.
    async fn connections(&self, account: &AccountId) -> Result<Connections, StoreError>;

    /// Ends the session of that name, which [`TicketStore::connections`] gave for this account.
    async fn end_one(&self, account: &AccountId, of: &SessionRef) -> Result<Option<Ended>, StoreError>;

    /// Replaces the attributes that validations of this account read. They are kept as long as its
    /// longest session; for an account without any, nothing is kept.
    async fn write_account(&self, account: &AccountId, record: &AccountRecord) -> Result<(), StoreError>;

    async fn account(&self, account: &AccountId) -> Result<Option<AccountRecord>, StoreError>;

    /// Spends a one-time mark: `true` for the first caller within `ttl`, `false` afterwards. Login
    /// tickets are spent this way (CAS-69).
    async fn spend_mark(&self, mark: &[u8; 16], ttl: Duration) -> Result<bool, StoreError>;

    /// Adds visits of an ended session to the live one that replaces it, so that a later logout
    /// still reaches those services (CAS-76). Nothing happens when `tgt` has no live session.
    async fn inherit(&self, tgt: &TicketId, visits: &[Visit]) -> Result<(), StoreError>;

    /// A cheap round trip for readiness and `doctor`.
    async fn ping(&self) -> Result<(), StoreError>;
}
