//! The epoch of the ticket store, for those who raise it.

use std::path::Path;
use std::sync::Arc;

use super::Assembled;
use crate::tickets::StoreError;
use crate::tickets::redis::RedisStore;

/// The epoch of a ticket store that several servers share.
pub struct StoreEpoch(Arc<RedisStore>);

impl Assembled {
    /// `None` where no other server has a part in the store.
    pub fn epoch(&self) -> Option<StoreEpoch> {
        self.redis.clone().map(StoreEpoch)
    }
}

impl StoreEpoch {
    pub fn now(&self) -> u32 {
        self.0.epoch()
    }

    /// Where this server keeps it.
    pub fn file(&self) -> Option<&Path> {
        self.0.epoch_file()
    }

    /// Has all servers that run go over to it.
    pub async fn raise(&self, to: u32) -> Result<(), StoreError> {
        self.0.raise_epoch(to).await.map(drop)
    }
}
