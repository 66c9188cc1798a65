//! The epoch of the store, which all keys begin with: servers on one Redis tell each other the highest they
//! know, and none stays behind. What a restored Redis says about it is old, so it only ever counts where it is
//! higher than what a server was configured with (F-07).

use std::path::Path;
use std::time::Duration;

use super::answers::{number, strange};
use super::keys::EPOCH;
use super::records::span;
use super::scripts;
use super::store::RedisStore;
use crate::tickets::StoreError;

/// How long the highest epoch is remembered after somebody raised it. Every server that is configured with it
/// writes it again.
const REMEMBERED: Duration = Duration::from_secs(400 * 86_400);

impl RedisStore {
    /// The epoch of this moment.
    pub fn epoch(&self) -> u32 {
        self.head().epoch
    }

    /// Whether the configuration names an earlier epoch than the servers have agreed on since.
    pub fn is_behind(&self) -> bool {
        self.settings.options.epoch < self.epoch()
    }

    /// Where the epoch of this server stands, when it is in a file.
    pub fn epoch_file(&self) -> Option<&Path> {
        self.settings.options.epoch_file.as_deref()
    }

    /// Tells the others of this server's epoch and goes over to theirs when it is higher. The epoch that it
    /// went over to, if it did.
    pub async fn follow_epoch(&self) -> Result<Option<u32>, StoreError> {
        self.tell_epoch(self.epoch()).await
    }

    /// Goes over to an epoch of nothing, and has the others follow. Nothing of before is good any more.
    pub async fn raise_epoch(&self, to: u32) -> Result<Option<u32>, StoreError> {
        self.tell_epoch(to).await
    }

    async fn tell_epoch(&self, own: u32) -> Result<Option<u32>, StoreError> {
        let call = scripts::EPOCH.on(&[EPOCH]).arg(own).arg(span(REMEMBERED));
        let highest = number("epoch", &self.surely(call).await?)?;
        let highest = u32::try_from(highest).map_err(|_| strange("epoch"))?;
        Ok(self.advance(highest).then_some(highest))
    }
}
