//! What the store keeps about sessions, tickets and accounts. No secret is among it: ids are
//! digests, there is no password, and the attributes are those some service may get.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{CameFrom, Opened, SessionRef};
use crate::base::clock::Timestamp;
use crate::base::names::{AccountId, InstitutionId, ServiceId};
use crate::protocol::ticket_id::{TicketId, TicketKind};

/// A single sign-on session, from the person's side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    pub account: AccountId,
    /// The institution under which the person signed in.
    pub institution: InstitutionId,
    /// The canonical login at sign-in.
    pub login: String,
    /// What to call the person on a page.
    pub display_name: String,
    /// When the credentials were presented: CAS `authenticationDate`.
    pub signed_in_at: Timestamp,
    /// Idle time after which the session dies; slid by [`super::TicketStore::grant`].
    pub idle: Duration,
    /// The session dies then whatever happens. What is handed to [`super::TicketStore::open`] says only how
    /// long after `signed_in_at`: the store counts that by its own clock (SEC-26).
    pub hard_expiry: Timestamp,
    /// A remember-me session (CAS-59, CAS-204): its cookie lives as long as it.
    pub remembered: bool,
    /// Ask before every further service (CAS-71).
    pub warn: bool,
    /// What opened it. Comes last and is left out for a password in a browser, so that servers of two
    /// versions read each other's sessions (F-32).
    #[serde(
        default,
        skip_serializing_if = "Opened::is_usual",
        deserialize_with = "super::opened::or_usual"
    )]
    pub opened: Opened,
}

impl Session {
    /// By which other server's word it was opened, when it was.
    pub fn came_from(&self) -> Option<&CameFrom> {
        match &self.opened {
            Opened::ByUpstream(came_from) => Some(came_from),
            Opened::ByPassword | Opened::ByRest(_) | Opened::ByHeader => None,
        }
    }
}

/// A session as read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionView {
    pub session: Session,
    /// Last sign-in or grant.
    pub last_used: Timestamp,
    /// When the account's attributes were last read from the directory; `None` when the store has
    /// no record of them.
    pub record_read_at: Option<Timestamp>,
}

/// What validations read instead of asking the directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountRecord {
    pub login: String,
    pub display_name: String,
    /// Attribute names and values that some registered service may get, binary ones in base64.
    pub attributes: Vec<(String, Vec<String>)>,
    pub read_at: Timestamp,
}

impl AccountRecord {
    /// With what another server said of the person, where the directory says nothing: its word on its
    /// own people stands.
    pub fn beside(mut self, came_from: Option<&CameFrom>) -> AccountRecord {
        for (name, values) in came_from
            .map(|from| from.attributes.as_slice())
            .unwrap_or_default()
        {
            if !self
                .attributes
                .iter()
                .any(|(known, _)| known.eq_ignore_ascii_case(name))
            {
                self.attributes.push((name.clone(), values.clone()));
            }
        }
        self
    }
}

/// The normal form of a service URL, digested: equal digests mean the same service (CAS-86…94).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TicketIdentity(pub [u8; 16]);

impl TicketIdentity {
    /// The digest of a service URL's normal form.
    pub fn of(normal_form: &str) -> TicketIdentity {
        let whole = ring::digest::digest(&ring::digest::SHA256, normal_form.as_bytes());
        let mut short = [0; 16];
        short
            .iter_mut()
            .zip(whole.as_ref())
            .for_each(|(to, from)| *to = *from);
        TicketIdentity(short)
    }
}

/// A service or proxy ticket before it is spent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceTicket {
    pub identity: TicketIdentity,
    /// The registration that allowed it.
    pub service: ServiceId,
    /// The URL as the application sent it: it goes to the session's visits and, on a mismatch, to
    /// the log.
    pub url: String,
    pub issued_at: Timestamp,
    /// Credentials were presented for this very ticket (CAS-77, CAS-150, CAS-159).
    pub from_new_login: bool,
}

/// A ticket to be written.
#[derive(Clone, Copy)]
pub struct NewTicket<'a> {
    pub id: &'a TicketId,
    pub ticket: &'a ServiceTicket,
    /// How long it may wait for its validation (CAS-107).
    pub ttl: Duration,
}

/// What [`super::TicketStore::grant`] comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Granted {
    Ticket,
    NoSession,
    /// The application sends the browser back again and again.
    Looping,
}

/// What [`super::TicketStore::take`] comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// Spent now, by this attempt, for the service it was issued for; the session is alive.
    Whole(Box<TakenTicket>),
    /// Spent now, but issued for another service.
    OtherService(Box<ServiceTicket>),
    /// Spent before, by another attempt.
    Replayed,
    /// Unknown, expired, or its session is gone.
    Unknown,
}

/// A ticket with the session and attributes behind it, read in the same step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenTicket {
    pub ticket: ServiceTicket,
    /// The callback URLs of the proxies behind a proxy ticket, most recent first; empty for a
    /// service ticket (CAS-146).
    pub proxies: Vec<String>,
    /// The session, for a proxy-granting ticket to belong to.
    pub of: SessionRef,
    pub session: Session,
    /// `None` when the record expired or was lost: the flow reads the directory again.
    pub record: Option<AccountRecord>,
}

/// A validated ticket, kept by its session for single logout. Only here does a ticket id stand in
/// clear: it is spent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// The spent ST or PT: the SessionIndex of the logout message (CAS-194).
    pub ticket: String,
    pub service: ServiceId,
    pub url: String,
}

impl Visit {
    /// Whether a proxy ticket made it.
    pub(super) fn is_proxied(&self) -> bool {
        self.ticket.starts_with(TicketKind::Proxy.prefix())
    }
}

/// A session as its person sees it among all of theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    pub of: SessionRef,
    pub view: SessionView,
    /// As in [`Ended`].
    pub visits: Vec<Visit>,
}

/// The sessions of one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connections {
    pub listed: Vec<Connection>,
    /// There may be more: the store names only so many of one account. They end with the others.
    pub perhaps_more: bool,
}

impl Connection {
    /// The applications that were visited, each once, by name.
    pub fn visited(&self) -> Vec<&str> {
        let mut services: Vec<&str> = self.visits.iter().map(|visit| visit.service.as_str()).collect();
        services.sort_unstable();
        services.dedup();
        services
    }
}

/// A session that has just been ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    pub session: Session,
    /// At most [`super::limits::VISITS_KEPT`] by service tickets, then at most
    /// [`super::limits::PROXIED_VISITS_KEPT`] by proxy tickets.
    pub visits: Vec<Visit>,
    /// For logout messages (CAS-196); `None` when the store had no record.
    pub record: Option<AccountRecord>,
}
