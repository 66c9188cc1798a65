//! What a directory tells who watches it: each server, whether it is asked, and how its pools stand.

use crate::base::clock::Timestamp;

/// One server as it stands now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerReport {
    /// Its URL, without credentials.
    pub server: String,
    /// Whether it is asked; not while it is left alone after failures.
    pub up: bool,
    /// When the certificate of its newest connection ends.
    pub certificate_until: Option<Timestamp>,
    pub pools: Vec<PoolReport>,
}

/// What somebody meets who comes now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Room {
    /// He is turned away at once.
    None,
    /// He is let in sooner or later; not all who come at this moment would be.
    Scarce,
    Ample,
}

/// The operations of one kind on one server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolReport {
    /// `search`, `bind` or `write`.
    pub kind: &'static str,
    /// At once, at most.
    pub size: usize,
    pub busy: usize,
    pub waiting: usize,
    /// Turned away since the directory was built.
    pub crowded: u64,
}
