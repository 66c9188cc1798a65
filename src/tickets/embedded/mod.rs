//! The ticket store of a single node: the transitions of sessions, tickets and counters over a
//! shelf in memory or on disk. Several nodes need Redis.

mod counters;
mod memory;
mod sessions;
mod shelf;
mod store;

pub use store::EmbeddedStore;
