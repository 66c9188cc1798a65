//! Logout messages that were given up: kept for a week for the operator, who may have them tried again.

use std::collections::HashSet;
use std::time::Duration;

use super::message::{Failure, Message};
use super::{CONTEXT, SingleLogout};
use crate::base::clock::Timestamp;
use crate::base::names::ServiceId;
use crate::tickets::{Lane, StoreError};

/// How long a dead letter is kept.
pub const DEAD_LIFE: Duration = Duration::from_secs(7 * 86_400);

/// Dead letters that are kept; further ones are counted and logged only.
const DEAD_KEPT: usize = 10_000;

const DEAD_CONTEXT: &[u8] = b"dead logout message v1";

/// A message that was given up, without what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// Names it, for [`SingleLogout::retry`].
    pub name: String,
    pub service: ServiceId,
    pub host: String,
    pub failure: Option<Failure>,
    pub tries: u32,
    pub first_try: Option<Timestamp>,
    pub last_try: Option<Timestamp>,
}

impl SingleLogout {
    pub(super) async fn bury(&self, message: &Message) -> Result<(), StoreError> {
        let queue = &self.ports.queue;
        if queue.depth(Lane::DeadLogouts).await? >= DEAD_KEPT {
            self.lost(message, &StoreError::Crowded);
            return Ok(());
        }
        let sealed = self.sealed(DEAD_CONTEXT, message);
        queue.push(Lane::DeadLogouts, &sealed, DEAD_LIFE).await
    }

    /// Those that are kept, the latest first; those whose key is gone are passed over.
    pub async fn dead(&self) -> Result<Vec<DeadLetter>, StoreError> {
        let listed = self.ports.queue.list(Lane::DeadLogouts, DEAD_KEPT).await?;
        let mut dead: Vec<DeadLetter> = listed
            .into_iter()
            .filter_map(|listed| {
                let message = self.opened(DEAD_CONTEXT, &listed.sealed)?;
                Some(DeadLetter {
                    name: listed.id.name(),
                    host: message.host(),
                    service: message.service,
                    failure: message.failure,
                    tries: message.tries,
                    first_try: message.first_try,
                    last_try: message.last_try,
                })
            })
            .collect();
        dead.sort_by_key(|letter| std::cmp::Reverse(letter.last_try));
        Ok(dead)
    }

    /// Has dead letters tried again from the beginning; answers how many were still there.
    pub async fn retry(&self, letters: &[DeadLetter]) -> Result<usize, StoreError> {
        let meant: HashSet<&str> = letters.iter().map(|letter| letter.name.as_str()).collect();
        let listed = self.ports.queue.list(Lane::DeadLogouts, DEAD_KEPT).await?;
        let mut again = 0;
        for one in listed {
            if !meant.contains(one.id.name().as_str()) {
                continue;
            }
            let Some(message) = self.opened(DEAD_CONTEXT, &one.sealed) else {
                continue;
            };
            let sealed = self.sealed(CONTEXT, &message.anew(self.ports.clock.now()));
            self.ports
                .queue
                .push(Lane::Logouts, &sealed, Duration::ZERO)
                .await?;
            self.ports.queue.done(&one.id).await?;
            again += 1;
        }
        self.news.notify_one();
        Ok(again)
    }

    /// A dead letter is due on the day it is to be forgotten.
    pub(super) async fn forget_old(&self) -> Result<(), StoreError> {
        let queue = &self.ports.queue;
        while let Some(old) = queue
            .take(Lane::DeadLogouts, "logouts", self.settings.lease)
            .await?
        {
            queue.done(&old.id).await?;
        }
        Ok(())
    }
}
