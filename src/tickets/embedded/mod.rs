//! The ticket store of a single node: the transitions of sessions, tickets, queues and
//! counters over a shelf in memory or on disk. Several nodes need Redis.

mod budgets;
mod challenges;
mod counters;
#[cfg(feature = "embedded-store")]
mod disk;
mod epochs;
mod farewells;
#[cfg(feature = "embedded-store")]
mod file;
mod marks;
mod memory;
mod nodes;
mod proxy;
mod requests;
mod reset;
mod sessions;
mod shelf;
mod store;
mod upstream;

pub use shelf::FORM;
pub use store::EmbeddedStore;
