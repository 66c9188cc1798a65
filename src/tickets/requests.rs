//! The port to the durable queues: recovery requests that wait for a worker, letters that wait for the
//! mail server, logout messages that wait for their application. What lies there is sealed by its caller;
//! the store cannot read it.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::StoreError;
use super::digest::Digest;
use crate::base::clock::Timestamp;

/// Entries of one lane, at most; a further one is refused as [`StoreError::Crowded`]. Four times the
/// first morning of a large region.
pub const QUEUE_DEPTH: usize = 100_000;

/// Bytes of one entry, at most.
pub const LONGEST_ENTRY: usize = 64 * 1024;

/// An entry that nobody took for this long after it was due is gone. Letters are given up after 24 h by
/// their worker, which sees their age.
pub const ENTRY_LIFE: Duration = Duration::from_secs(2 * 86_400);

/// What a queue is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Lane {
    /// Requests that nobody has looked at yet (SEC-02).
    Recovery,
    /// Letters to be sent (SEC-60).
    Letters,
    /// Logout messages to be delivered (F-31).
    Logouts,
    /// Those that were given up, for the operator. Each is due on the day it is to be forgotten.
    DeadLogouts,
}

impl Lane {
    pub const ALL: [Lane; 4] = [Lane::Recovery, Lane::Letters, Lane::Logouts, Lane::DeadLogouts];
}

/// Names an entry as it was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct QueuedId {
    pub(super) lane: Lane,
    pub(super) digest: Digest,
    pub(super) taken: u32,
}

impl QueuedId {
    /// The name of the entry in its lane, for people.
    pub fn name(&self) -> String {
        String::from_utf8_lossy(&self.digest.text()).into_owned()
    }
}

/// An entry that a worker holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queued {
    pub id: QueuedId,
    pub sealed: Vec<u8>,
    /// How often it was taken, this time included.
    pub taken: u32,
    /// How often somebody took it and was not heard of until his lease was over: a process that died of
    /// it, perhaps.
    pub lapsed: u32,
    pub pushed_at: Timestamp,
}

/// An entry that is only looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// For [`Requests::done`].
    pub id: QueuedId,
    pub sealed: Vec<u8>,
    pub pushed_at: Timestamp,
}

/// Durable queues, delivered at least once: an entry whose worker is not heard of until its lease is
/// over goes to another one.
#[async_trait]
pub trait Requests: Send + Sync {
    /// Puts an entry into a lane; it may be taken from `delay` on. The same bytes twice are one entry,
    /// so a push whose answer was lost may be repeated: bytes sealed with a fresh nonce are unique.
    async fn push(&self, lane: Lane, sealed: &[u8], delay: Duration) -> Result<(), StoreError>;

    /// The entry that has waited longest among those that are due, held for `lease`. `worker` names
    /// the taker in the store, for people who look there.
    async fn take(&self, lane: Lane, worker: &str, lease: Duration) -> Result<Option<Queued>, StoreError>;

    /// Removes an entry for good, whoever holds it now: its work is done.
    async fn done(&self, id: &QueuedId) -> Result<(), StoreError>;

    /// Gives an entry back, to be taken from `delay` on. Nothing happens when another worker has taken
    /// it over.
    async fn later(&self, id: &QueuedId, delay: Duration) -> Result<(), StoreError>;

    /// Entries of a lane, held ones included.
    async fn depth(&self, lane: Lane) -> Result<usize, StoreError>;

    /// Entries of a lane, held and put-off ones too, at most about `most`; those that are due first come
    /// first in each part of the lane.
    async fn list(&self, lane: Lane, most: usize) -> Result<Vec<Listed>, StoreError>;

    /// How long the entry that is most overdue has been due; zero when none is.
    async fn lag(&self, lane: Lane) -> Result<Duration, StoreError>;
}
