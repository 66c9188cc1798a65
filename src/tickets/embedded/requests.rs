//! The queues in the embedded store: the port and its transitions. An entry lies under its digest; its
//! place in the lane is a key that begins with the time it is due, so that the first key is the next
//! entry.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::shelf::{Key, Kind, Step};
use super::store::EmbeddedStore;
use crate::base::clock::Timestamp;
use crate::tickets::digest::Digest;
use crate::tickets::error::fits;
use crate::tickets::{
    ENTRY_LIFE, LONGEST_ENTRY, Lane, Listed, QUEUE_DEPTH, Queued, QueuedId, Requests, StoreError,
};

/// Places looked at in one go.
const LOOKED_AT: usize = 16;

#[derive(Serialize, Deserialize)]
struct Waiting {
    sealed: Vec<u8>,
    pushed_at: Timestamp,
    taken: u32,
    lapsed: u32,
    held: bool,
    /// Where its place in the lane is.
    due: Timestamp,
}

impl Step<'_> {
    fn push(&mut self, lane: Lane, sealed: Vec<u8>, delay: Duration) -> Result<(), StoreError> {
        let digest = Digest::of_bytes(&sealed);
        if self.entry(&entry_key(lane, digest))?.is_some() {
            return Ok(());
        }
        let depth = self.depth(lane)?;
        if depth >= QUEUE_DEPTH {
            return Err(StoreError::Crowded);
        }
        let due = self.now.plus(delay);
        let waiting = Waiting {
            sealed,
            pushed_at: self.now,
            taken: 0,
            lapsed: 0,
            held: false,
            due,
        };
        self.put(lane, digest, &waiting)?;
        self.write_depth(lane, depth + 1)
    }

    fn take_next(&mut self, lane: Lane, lease: Duration) -> Result<Option<Queued>, StoreError> {
        let mut after = place_key(lane, Timestamp(0), Digest([0; 16]));
        loop {
            let ours = self.places(lane, &after)?;
            let Some(last) = ours.last() else {
                // Nothing waits or is held: what the count says beyond this has expired.
                if self.depth(lane)? > 0 && after == place_key(lane, Timestamp(0), Digest([0; 16])) {
                    self.write_depth(lane, 0)?;
                }
                return Ok(None);
            };
            for place in &ours {
                if due_in(lane, place).is_none_or(|due| due > self.now) {
                    return Ok(None);
                }
                if let Some(digest) = self.read(place)? {
                    self.delete(*place);
                    if let Some(queued) = self.hold(lane, digest, lease)? {
                        return Ok(Some(queued));
                    }
                }
            }
            after = *last;
        }
    }

    fn hold(&mut self, lane: Lane, digest: Digest, lease: Duration) -> Result<Option<Queued>, StoreError> {
        let Some(mut waiting): Option<Waiting> = self.read(&entry_key(lane, digest))? else {
            return Ok(None);
        };
        waiting.taken = waiting.taken.saturating_add(1);
        waiting.lapsed = waiting.lapsed.saturating_add(u32::from(waiting.held));
        waiting.held = true;
        waiting.due = self.now.plus(lease);
        self.put(lane, digest, &waiting)?;
        let id = QueuedId {
            lane,
            digest,
            taken: waiting.taken,
        };
        Ok(Some(Queued {
            id,
            sealed: waiting.sealed,
            taken: waiting.taken,
            lapsed: waiting.lapsed,
            pushed_at: waiting.pushed_at,
        }))
    }

    fn done(&mut self, id: QueuedId) -> Result<(), StoreError> {
        let key = entry_key(id.lane, id.digest);
        if let Some(Waiting { due, .. }) = self.read(&key)? {
            self.delete(key);
            self.delete(place_key(id.lane, due, id.digest));
            let depth = self.depth(id.lane)?;
            self.write_depth(id.lane, depth.saturating_sub(1))?;
        }
        Ok(())
    }

    fn later(&mut self, id: QueuedId, delay: Duration) -> Result<(), StoreError> {
        let Some(mut waiting): Option<Waiting> = self.read(&entry_key(id.lane, id.digest))? else {
            return Ok(());
        };
        if waiting.taken == id.taken {
            self.delete(place_key(id.lane, waiting.due, id.digest));
            waiting.due = self.now.plus(delay);
            waiting.held = false;
            self.put(id.lane, id.digest, &waiting)?;
        }
        Ok(())
    }

    fn list(&self, lane: Lane, most: usize) -> Result<Vec<Listed>, StoreError> {
        let mut all = Vec::new();
        let mut after = place_key(lane, Timestamp(0), Digest([0; 16]));
        loop {
            let ours = self.places(lane, &after)?;
            let Some(last) = ours.last() else {
                return Ok(all);
            };
            for place in &ours {
                if all.len() >= most {
                    return Ok(all);
                }
                let digest: Option<Digest> = self.read(place)?;
                let Some(digest) = digest else { continue };
                let waiting: Option<Waiting> = self.read(&entry_key(lane, digest))?;
                all.extend(waiting.map(|waiting| Listed {
                    id: QueuedId {
                        lane,
                        digest,
                        taken: 0,
                    },
                    sealed: waiting.sealed,
                    pushed_at: waiting.pushed_at,
                }));
            }
            after = *last;
        }
    }

    /// The next places of this lane, the earliest due first.
    fn places(&self, lane: Lane, after: &Key) -> Result<Vec<Key>, StoreError> {
        let keys = self.keys_after(after, LOOKED_AT)?.into_iter();
        let ours = keys.map(|(key, _)| key);
        Ok(ours.take_while(|key| due_in(lane, key).is_some()).collect())
    }

    fn lag(&self, lane: Lane) -> Result<Duration, StoreError> {
        let first = self.keys_after(&place_key(lane, Timestamp(0), Digest([0; 16])), 1)?;
        let due = first.first().and_then(|(key, _)| due_in(lane, key));
        Ok(due.map_or(Duration::ZERO, |due| self.now.since(due)))
    }

    fn put(&mut self, lane: Lane, digest: Digest, waiting: &Waiting) -> Result<(), StoreError> {
        let gone = waiting.due.plus(ENTRY_LIFE);
        self.write(place_key(lane, waiting.due, digest), &digest, gone)?;
        self.write(entry_key(lane, digest), waiting, gone)
    }

    fn depth(&self, lane: Lane) -> Result<usize, StoreError> {
        let depth: Option<u64> = self.read(&depth_key(lane))?;
        Ok(depth
            .and_then(|depth| usize::try_from(depth).ok())
            .unwrap_or_default())
    }

    fn write_depth(&mut self, lane: Lane, depth: usize) -> Result<(), StoreError> {
        let gone = self.now.plus(2 * ENTRY_LIFE);
        self.write(depth_key(lane), &(depth as u64), gone)
    }
}

fn order(lane: Lane) -> Kind {
    match lane {
        Lane::Recovery => Kind::QueueRecovery,
        Lane::Letters => Kind::QueueLetters,
        Lane::Logouts => Kind::QueueLogouts,
        Lane::DeadLogouts => Kind::QueueDeadLogouts,
    }
}

fn entry_key(lane: Lane, digest: Digest) -> Key {
    let [first, rest @ ..] = digest.0;
    let mut named = [first ^ order(lane) as u8; 16];
    named
        .iter_mut()
        .skip(1)
        .zip(rest)
        .for_each(|(to, from)| *to = from);
    Key::new(Kind::QueueEntry, Digest(named))
}

fn place_key(lane: Lane, due: Timestamp, digest: Digest) -> Key {
    let mut place = [0; 16];
    let bytes = due.0.to_be_bytes().into_iter().chain(digest.0);
    place.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
    Key::new(order(lane), Digest(place))
}

/// When the entry at a place is due; `None` for a key that is no place of this lane.
fn due_in(lane: Lane, key: &Key) -> Option<Timestamp> {
    let (kind, place) = key.0.split_first()?;
    let due = place.get(..8)?.try_into().ok()?;
    (*kind == order(lane) as u8).then_some(Timestamp(u64::from_be_bytes(due)))
}

fn depth_key(lane: Lane) -> Key {
    Key::new(Kind::QueueDepth, Digest([order(lane) as u8; 16]))
}

#[async_trait]
impl Requests for EmbeddedStore {
    async fn push(&self, lane: Lane, sealed: &[u8], delay: Duration) -> Result<(), StoreError> {
        fits("push", sealed, LONGEST_ENTRY)?;
        let sealed = sealed.to_vec();
        self.change(move |step| step.push(lane, sealed, delay)).await
    }

    async fn take(&self, lane: Lane, _worker: &str, lease: Duration) -> Result<Option<Queued>, StoreError> {
        self.change(move |step| step.take_next(lane, lease)).await
    }

    async fn done(&self, id: &QueuedId) -> Result<(), StoreError> {
        let id = *id;
        self.change(move |step| step.done(id)).await
    }

    async fn later(&self, id: &QueuedId, delay: Duration) -> Result<(), StoreError> {
        let id = *id;
        self.change(move |step| step.later(id, delay)).await
    }

    async fn depth(&self, lane: Lane) -> Result<usize, StoreError> {
        self.look(|step| step.depth(lane))
    }

    async fn list(&self, lane: Lane, most: usize) -> Result<Vec<Listed>, StoreError> {
        self.look(|step| step.list(lane, most))
    }

    async fn lag(&self, lane: Lane) -> Result<Duration, StoreError> {
        self.look(|step| step.lag(lane))
    }
}
