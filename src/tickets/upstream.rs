//! The port that finds the session which another server's ticket began, for when that server says
//! that it is over; and that keeps what a browser on its way there and back is not able to carry. What
//! it keeps under a digest is sealed by its caller: the store cannot open it.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::StoreError;
use super::digest::Digest;
use crate::base::names::{RealmId, UpstreamId};

/// Bytes of what is kept under one ticket, at most.
pub const LONGEST_KEPT: usize = 512;

/// A ticket of another server, as a digest bound to that server and to the realm that trusts it: the
/// same text from elsewhere is another ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UpstreamTicket(pub(super) Digest);

impl UpstreamTicket {
    pub fn of(realm: &RealmId, upstream: &UpstreamId, ticket: &str) -> UpstreamTicket {
        UpstreamTicket(Digest::of_upstream(realm, upstream, ticket))
    }
}

/// Bytes of the state of one sign-in elsewhere, at most.
pub const LONGEST_STATE: usize = 24 * 1024;

/// A sign-in elsewhere that is under way, as a digest of its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FlowKey(pub(super) Digest);

impl FlowKey {
    pub fn of(id: &str) -> FlowKey {
        FlowKey(Digest::of_flow(id))
    }
}

/// Which of our sessions another server's tickets began. Implemented by every ticket store.
#[async_trait]
pub trait UpstreamSessions: Send + Sync {
    /// Keeps `sealed`, at most [`LONGEST_KEPT`] bytes, for `ttl`.
    async fn keep_upstream(
        &self,
        ticket: &UpstreamTicket,
        sealed: &[u8],
        ttl: Duration,
    ) -> Result<(), StoreError>;

    /// Takes what was kept: at most one caller gets it.
    async fn take_upstream(&self, ticket: &UpstreamTicket) -> Result<Option<Vec<u8>>, StoreError>;

    /// Keeps the state of a sign-in elsewhere, at most [`LONGEST_STATE`] bytes, for `ttl`.
    async fn keep_state(&self, flow: &FlowKey, sealed: &[u8], ttl: Duration) -> Result<(), StoreError>;

    /// The state, which stays: that it is used once is for [`super::TicketStore::spend_mark`] to see
    /// to.
    async fn state(&self, flow: &FlowKey) -> Result<Option<Vec<u8>>, StoreError>;
}

/// By whose word a session was opened, when not by a password of the realm's directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CameFrom {
    pub upstream: UpstreamId,
    /// What that server said of the person and the realm takes from it, beside what the directory
    /// says.
    pub attributes: Vec<(String, Vec<String>)>,
}
