//! The port for proxying beside the ticket store: proxy-granting tickets (PGT) and the proxy tickets
//! they are traded for. Both belong to a session and end with it.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::digest::Digest;
use super::{AccountRecord, NewTicket, Session, StoreError};
use crate::base::names::ServiceId;
use crate::protocol::ticket_id::TicketId;

/// Names a session inside the store without its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRef(pub(super) Digest);

impl SessionRef {
    /// Of the session that a browser shows.
    pub fn of(tgt: &TicketId) -> SessionRef {
        SessionRef(Digest::of_ticket(tgt))
    }

    /// For a form: it opens nothing.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.text()).into_owned()
    }

    /// The name that [`SessionRef::text`] wrote.
    pub fn read(text: &str) -> Option<SessionRef> {
        Digest::read(text.as_bytes()).map(SessionRef)
    }
}

/// Who may ask for proxy tickets, and what their validators are told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProxyGrant {
    /// The registration that got the PGT.
    pub service: ServiceId,
    /// The callback URLs of the proxies passed through, most recent first (CAS-146, CAS-173).
    pub chain: Vec<String>,
}

/// A live PGT with the session and attributes behind it, read in one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxySession {
    pub grant: ProxyGrant,
    pub session: Session,
    /// `None` when the record expired or was lost.
    pub record: Option<AccountRecord>,
}

/// Proxy-granting tickets. Implemented by every ticket store, on the same keys: the end of a session,
/// by logout, expiry or revocation, is the end of its PGTs (CAS-110, CAS-113).
#[async_trait]
pub trait ProxyTickets: Send + Sync {
    /// Keeps a PGT for as long as its session may last, or for `longest` when that is less; `false` when the session is gone. The oldest
    /// of a session's PGTs ends when there are more than [`super::limits::PGTS_KEPT`].
    async fn keep_pgt(
        &self,
        pgt: &TicketId,
        of: &SessionRef,
        grant: &ProxyGrant,
        longest: Option<Duration>,
    ) -> Result<bool, StoreError>;

    /// What stands behind a PGT, however often it is asked (CAS-110). `None` when it is unknown or
    /// its session is gone.
    async fn pgt(&self, pgt: &TicketId) -> Result<Option<ProxySession>, StoreError>;

    /// Writes a proxy ticket that carries the chain of the PGT; [`super::TicketStore::take`] spends
    /// it like a service ticket. The session's idle time does not slide: only browsers keep a session
    /// alive (CAS-183). `told` says whether a logout has anything to tell the service: otherwise
    /// the ticket leaves no visit. `false` when the PGT is unknown or its session is gone.
    async fn grant_proxy(
        &self,
        pgt: &TicketId,
        ticket: NewTicket<'_>,
        told: bool,
    ) -> Result<bool, StoreError>;
}
