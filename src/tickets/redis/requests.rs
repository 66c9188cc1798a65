//! The queues on Redis: each lane lies in a few parts, so that a Cluster spreads it over its nodes.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;

use super::answers::{Parts, number, strange};
use super::records::span;
use super::scripts;
use super::store::RedisStore;
use crate::base::clock::{Timestamp, millis};
use crate::tickets::digest::Digest;
use crate::tickets::error::fits;
use crate::tickets::{
    ENTRY_LIFE, LONGEST_ENTRY, Lane, Listed, QUEUE_DEPTH, Queued, QueuedId, Requests, StoreError,
};

/// Parts of a lane. All servers on one store must agree, so it is no setting.
const SHARDS: usize = 4;

impl RedisStore {
    fn queue(&self, lane: Lane, shard: usize) -> [String; 2] {
        let name = match lane {
            Lane::Recovery => "recovery",
            Lane::Letters => "letters",
            Lane::Logouts => "logouts",
            Lane::DeadLogouts => "dead-logouts",
        };
        self.head().queue(name, shard)
    }

    async fn take_from(
        &self,
        lane: Lane,
        shard: usize,
        lease: Duration,
    ) -> Result<Option<Queued>, StoreError> {
        let call = scripts::TAKE_NEXT
            .on(&self.queue(lane, shard))
            .arg(span(lease))
            .arg(span(ENTRY_LIFE))
            .once();
        let mut parts = Parts::of("take_next", self.write(call).await?)?;
        let Some(id) = parts.bytes()? else {
            return Ok(None);
        };
        let digest = Digest::read(&id).ok_or_else(|| strange("take_next"))?;
        let taken = u32::try_from(parts.number()?).unwrap_or(u32::MAX);
        let lapsed = u32::try_from(parts.number()?).unwrap_or(u32::MAX);
        let pushed_at = Timestamp(parts.number()?);
        Ok(Some(Queued {
            id: QueuedId { lane, digest, taken },
            sealed: parts.bytes()?.unwrap_or_default(),
            taken,
            lapsed,
            pushed_at,
        }))
    }
}

fn shard_of(digest: Digest) -> usize {
    digest.0.first().map_or(0, |byte| usize::from(*byte) % SHARDS)
}

#[async_trait]
impl Requests for RedisStore {
    async fn push(&self, lane: Lane, sealed: &[u8], delay: Duration) -> Result<(), StoreError> {
        fits("push", sealed, LONGEST_ENTRY)?;
        let digest = Digest::of_bytes(sealed);
        // Whoever signs out of a full store is signed out of the applications too (F-08).
        let taken_anyway = matches!(lane, Lane::Logouts | Lane::DeadLogouts);
        let call = scripts::PUSH
            .on(&self.queue(lane, shard_of(digest)))
            .arg(digest.text().as_slice())
            .arg(sealed)
            .arg(millis(delay))
            .arg(QUEUE_DEPTH / SHARDS)
            .arg(span(ENTRY_LIFE))
            .arg(u8::from(taken_anyway));
        match number("push", &self.write(call).await?)? {
            0 => Err(StoreError::Crowded),
            _ => Ok(()),
        }
    }

    async fn take(&self, lane: Lane, worker: &str, lease: Duration) -> Result<Option<Queued>, StoreError> {
        static TURN: AtomicUsize = AtomicUsize::new(0);
        let first = TURN.fetch_add(1, Ordering::Relaxed);
        for step in 0..SHARDS {
            let shard = first.wrapping_add(step) % SHARDS;
            if let Some(queued) = self.take_from(lane, shard, lease).await? {
                tracing::debug!(
                    worker,
                    ?lane,
                    taken = queued.taken,
                    "an entry of a queue was taken"
                );
                return Ok(Some(queued));
            }
        }
        Ok(None)
    }

    async fn done(&self, id: &QueuedId) -> Result<(), StoreError> {
        let keys = self.queue(id.lane, shard_of(id.digest));
        let call = scripts::DONE.on(&keys).arg(id.digest.text().as_slice());
        self.write(call).await.map(drop)
    }

    async fn later(&self, id: &QueuedId, delay: Duration) -> Result<(), StoreError> {
        let keys = self.queue(id.lane, shard_of(id.digest));
        let call = scripts::LATER
            .on(&keys)
            .arg(id.digest.text().as_slice())
            .arg(id.taken)
            .arg(millis(delay))
            .arg(span(ENTRY_LIFE));
        self.write(call).await.map(drop)
    }

    async fn depth(&self, lane: Lane) -> Result<usize, StoreError> {
        let mut depth = 0;
        for shard in 0..SHARDS {
            let [_, entries] = self.queue(lane, shard);
            let mut command = redis::cmd("HLEN");
            command.arg(entries);
            let answer = self.read(scripts::Call::plain("depth", command)).await?;
            depth += usize::try_from(number("depth", &answer)?).unwrap_or(usize::MAX);
        }
        Ok(depth)
    }

    async fn list(&self, lane: Lane, most: usize) -> Result<Vec<Listed>, StoreError> {
        let mut all = Vec::new();
        for shard in 0..SHARDS {
            let call = scripts::LIST
                .on(&self.queue(lane, shard))
                .arg(most.div_ceil(SHARDS).max(1));
            let mut parts = Parts::of("list", self.read(call).await?)?;
            while let Some(id) = parts.bytes()? {
                let digest = Digest::read(&id).ok_or_else(|| strange("list"))?;
                let pushed_at = Timestamp(parts.number()?);
                all.push(Listed {
                    id: QueuedId {
                        lane,
                        digest,
                        taken: 0,
                    },
                    sealed: parts.bytes()?.unwrap_or_default(),
                    pushed_at,
                });
            }
        }
        Ok(all)
    }

    async fn lag(&self, lane: Lane) -> Result<Duration, StoreError> {
        let mut worst = 0;
        for shard in 0..SHARDS {
            let call = scripts::LAG.on(&self.queue(lane, shard));
            worst = worst.max(number("lag", &self.read(call).await?)?);
        }
        Ok(Duration::from_millis(worst))
    }
}
