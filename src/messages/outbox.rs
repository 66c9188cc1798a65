//! Letters that wait in the durable queue of the ticket store. They hold links and codes, so they lie
//! there sealed; what becomes of them is the carrier's business.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use zeroize::Zeroizing;

use super::letter::{Destination, Letter, MessageId, Sender};
use super::notice::Notice;
use super::post::{Outbox, OutboxError};
use crate::base::clock::Timestamp;
use crate::base::entropy::Entropy;
use crate::base::keys::KeyRing;
use crate::base::names::Locale;
use crate::tickets::{Lane, Requests, StoreError};

const CONTEXT: &[u8] = b"letter v1";

/// The outbox that lies in the ticket store.
pub struct QueuedOutbox {
    queue: Arc<dyn Requests>,
    keys: KeyRing,
    entropy: Arc<dyn Entropy>,
    /// Tells the carrier of this node that there is work.
    pub(super) news: Arc<Notify>,
}

/// A letter as it waits.
#[derive(Serialize, Deserialize)]
pub(super) struct Waiting {
    pub to: Destination,
    pub from: Sender,
    pub locale: Locale,
    pub notice: Notice,
    pub message_id: MessageId,
    pub written: Timestamp,
}

impl QueuedOutbox {
    pub fn new(queue: Arc<dyn Requests>, keys: KeyRing, entropy: Arc<dyn Entropy>) -> QueuedOutbox {
        QueuedOutbox {
            queue,
            keys,
            entropy,
            news: Arc::new(Notify::new()),
        }
    }

    /// The letter in a queued entry; `None` when no key of ours sealed it.
    pub(super) fn open(&self, sealed: &[u8]) -> Option<Waiting> {
        let plain = Zeroizing::new(self.keys.open(CONTEXT, sealed)?);
        serde_json::from_slice(&plain).ok()
    }

    /// Letters that wait, at most `most`: to whom and since when. For an operator's eye alone.
    pub async fn waiting(&self, most: usize) -> Result<Vec<(Destination, Timestamp)>, StoreError> {
        let listed = self.queue.list(Lane::Letters, most).await?;
        let letters = listed.iter().filter_map(|entry| self.open(&entry.sealed));
        Ok(letters.map(|letter| (letter.to, letter.written)).collect())
    }

    pub(super) fn queue(&self) -> &dyn Requests {
        self.queue.as_ref()
    }
}

#[async_trait]
impl Outbox for QueuedOutbox {
    async fn take(&self, letter: &Letter<'_>) -> Result<(), OutboxError> {
        let waiting = Waiting {
            to: letter.to.clone(),
            from: letter.from.clone(),
            locale: letter.locale.clone(),
            notice: letter.notice.clone(),
            message_id: letter.message_id.clone(),
            written: letter.written,
        };
        let plain =
            serde_json::to_vec(&waiting).map_err(|error| OutboxError::Unreachable(Box::new(error)))?;
        let plain = Zeroizing::new(plain);
        let sealed = self.keys.seal(self.entropy.as_ref(), CONTEXT, &plain);
        match self.queue.push(Lane::Letters, &sealed, Duration::ZERO).await {
            Ok(()) => {
                self.news.notify_one();
                Ok(())
            }
            Err(StoreError::Crowded | StoreError::Full) => Err(OutboxError::Full),
            Err(error) => Err(OutboxError::Unreachable(Box::new(error))),
        }
    }
}

impl Waiting {
    pub fn letter(&self) -> Letter<'_> {
        Letter {
            to: &self.to,
            from: &self.from,
            locale: &self.locale,
            notice: &self.notice,
            message_id: &self.message_id,
            written: self.written,
        }
    }

    /// Whose mail server it burdens.
    pub fn domain(&self) -> &str {
        match &self.to {
            Destination::Mail(address) => address.domain(),
            Destination::Sms(_) => "sms",
        }
    }
}
