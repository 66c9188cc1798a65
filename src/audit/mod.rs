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

pub use event::{CHOOSE, CONFIRM, Event, PROVE};
pub use log::LogAudit;
pub use origin::{Origin, Trace};
pub use record::{Actor, Outcome, Record};

/// Where events go.
pub trait Audit: Send + Sync {
    /// Takes an event. Never waits: what cannot be kept is counted, and the count is told where the
    /// events are.
    fn record(&self, record: Record);

    /// Events that could not be kept, since the start; `None` where nothing can be lost.
    fn lost(&self) -> Option<u64> {
        None
    }
}
