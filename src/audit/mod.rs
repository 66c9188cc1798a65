//! What happened to whose account, for those who must be able to prove it: one closed list of events,
//! each with the same facts, written where nothing can be taken out unseen. No event holds a password,
//! a code or a ticket (SEC-11, SEC-89).

mod chain;
mod event;
pub mod file;
mod log;
mod origin;
pub mod reasons;
mod record;
pub mod verify;

use async_trait::async_trait;
pub use event::{CHOOSE, CONFIRM, Event, PROVE};
pub use log::LogAudit;
pub use origin::{Origin, Trace};
pub use record::{Actor, Outcome, Record};

/// Where events go.
#[async_trait]
pub trait Audit: Send + Sync {
    /// Takes an event. Never waits: what cannot be kept is counted, and the count is told where the
    /// events are.
    fn record(&self, record: Record);

    /// Waits until what was recorded so far is where it is kept, for some seconds at most. `false`: it is not,
    /// or another event would not be, and what must not happen unrecorded must not happen now (F-26).
    async fn keeps(&self) -> bool {
        true
    }

    /// The same for a sign-in, which goes on without its event unless the operator wants otherwise.
    async fn lets_sign_in(&self) -> bool {
        true
    }

    /// Events that wait since they cannot be written; `None` where nothing can fail.
    fn waiting(&self) -> Option<u64> {
        None
    }

    /// Events that could not be kept, since the start; `None` where nothing can be lost.
    fn lost(&self) -> Option<u64> {
        None
    }
}
