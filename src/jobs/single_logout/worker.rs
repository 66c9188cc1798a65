//! The worker of the ledger: takes messages that are due, posts them, and settles what comes of it. A
//! host that is slow or silent holds up its own messages only: those that find no place there go back
//! to the queue.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

use super::message::{Failure, Message, Reason};
use super::{CONTEXT, SingleLogout};
use crate::jobs::doubled;
use crate::outgoing::OutgoingError;
use crate::tickets::{Lane, Queued, StoreError, Told};

/// A message is given up when so many workers that took it were not heard of again.
const LAPSES: u32 = 8;

/// How long a message waits that found no place at its host; doubled each time.
const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Between two looks at what only time changes.
const ROUNDS: Duration = Duration::from_secs(60);

/// From so many waiting messages on the operator is told.
const CROWDED: usize = 10_000;

impl SingleLogout {
    /// Delivers until `stopping`, and then what is due at that moment. What is put off stays in the
    /// store, for another node or the next start.
    pub async fn run(self: Arc<Self>, stopping: CancellationToken) {
        let tasks = TaskTracker::new();
        let mut round = Instant::now();
        loop {
            let Ok(place) = Arc::clone(&self.places).acquire_owned().await else {
                break;
            };
            match self.next().await {
                Ok(Some(entry)) => {
                    let ledger = Arc::clone(&self);
                    tasks.spawn(async move {
                        let _place = place;
                        ledger.see_off(entry).await;
                    });
                    continue;
                }
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(event = "logouts_down", %error, "the queue of logout messages does not answer");
                }
            }
            drop(place);
            if stopping.is_cancelled() {
                break;
            }
            if round.elapsed() >= ROUNDS {
                round = Instant::now();
                self.make_rounds().await;
            }
            let _ = tokio::time::timeout(self.settings.idle, async {
                tokio::select! {
                    () = stopping.cancelled() => {}
                    () = self.news.notified() => {}
                }
            })
            .await;
        }
        tasks.close();
        tasks.wait().await;
    }

    async fn next(&self) -> Result<Option<Queued>, StoreError> {
        let queue = &self.ports.queue;
        queue.take(Lane::Logouts, "logouts", self.settings.lease).await
    }

    /// Takes one message that is due and does with it what there is to do; `false` when none is. For
    /// tests, which have no time to wait.
    pub async fn step(&self) -> Result<bool, StoreError> {
        let Some(entry) = self.next().await? else {
            return Ok(false);
        };
        self.see_off(entry).await;
        Ok(true)
    }

    /// What only time changes: dead letters that have lain long enough go, a crowd is told of.
    pub async fn make_rounds(&self) {
        if let Err(error) = self.forget_old().await {
            tracing::debug!(%error, "dead logout messages are not forgotten yet");
        }
        if let Ok(waiting) = self.ports.queue.depth(Lane::Logouts).await
            && waiting >= CROWDED
        {
            tracing::warn!(event = "logouts_crowded", waiting, "many logout messages wait");
        }
    }

    async fn see_off(&self, entry: Queued) {
        let settled = match self.opened(CONTEXT, &entry.sealed) {
            Some(message) => self.deliver(message, &entry).await,
            None => {
                self.ports.metrics.slo_lost.add(&[]);
                tracing::error!(
                    event = "logout_lost",
                    "a logout message was sealed by a key that is gone"
                );
                self.ports.queue.done(&entry.id).await
            }
        };
        if let Err(error) = settled {
            // Its lease ends, and it is sent again.
            tracing::warn!(event = "logouts_down", %error, "a logout message cannot be settled");
        }
    }

    async fn deliver(&self, mut message: Message, entry: &Queued) -> Result<(), StoreError> {
        let now = self.ports.clock.now();
        let hopeless = if entry.lapsed >= LAPSES {
            Some(Reason::Lapsed)
        } else if now.since(message.written) > self.settings.keep {
            Some(Reason::TooOld)
        } else {
            None
        };
        if let Some(reason) = hopeless {
            let failure = Failure::from(reason);
            message.failure = Some(failure);
            return self.give_up(message, failure, entry).await;
        }
        let outcome = match Url::parse(&message.url) {
            Ok(url) => self.ports.outgoing.post_form(&url, message.form.clone()).await,
            Err(_) => Err(OutgoingError::NotCallable),
        };
        let failure = match outcome {
            Err(OutgoingError::Busy { .. }) => {
                let pause = doubled(FIRST_WAIT, entry.taken, LONGEST_WAIT);
                return self.ports.queue.later(&entry.id, pause).await;
            }
            Err(error) => Some(Failure::of(&error)),
            Ok(status) => Failure::by(status),
        };
        message.tried(self.ports.clock.now(), failure);
        match failure {
            None => self.taken(&message, entry).await,
            Some(failure) => self.failed(message, failure, entry).await,
        }
    }

    async fn taken(&self, message: &Message, entry: &Queued) -> Result<(), StoreError> {
        let (service, host, tries) = (&message.service, message.host(), message.tries);
        tracing::info!(event = "logout_delivered", %service, host, tries, "logout delivered");
        self.ports.metrics.slo_delivered.add(&[service.as_str()]);
        self.ports.queue.done(&entry.id).await?;
        self.note(message, Told::Yes).await;
        Ok(())
    }

    /// The count of tries is in the entry, so the entry that follows is written before this one goes: a
    /// crash between the two sends the message twice, and never not at all.
    async fn failed(&self, message: Message, failure: Failure, entry: &Queued) -> Result<(), StoreError> {
        let number = usize::try_from(message.tries).unwrap_or(usize::MAX);
        let pause = self.settings.pauses.get(number.saturating_sub(1));
        let Some(pause) = pause.filter(|_| failure.may_pass()) else {
            return self.give_up(message, failure, entry).await;
        };
        let (service, host, reason) = (&message.service, message.host(), failure.reason.code());
        tracing::warn!(event = "logout_delayed", %service, host, reason, status = failure.status, tries = message.tries, ?pause, "logout not delivered yet");
        self.ports.metrics.slo_retried.add(&[service.as_str()]);
        match self.push(&message, *pause).await {
            Ok(()) => self.ports.queue.done(&entry.id).await,
            // No room for the next entry: this one waits, and its try is not counted.
            Err(StoreError::Crowded | StoreError::Full) => self.ports.queue.later(&entry.id, *pause).await,
            Err(error) => Err(error),
        }
    }

    async fn give_up(&self, message: Message, failure: Failure, entry: &Queued) -> Result<(), StoreError> {
        let (service, host, reason) = (&message.service, message.host(), failure.reason.code());
        tracing::error!(event = "logout_given_up", %service, host, reason, status = failure.status, tries = message.tries, "logout not delivered: given up");
        self.ports.metrics.slo_given_up.add(&[service.as_str(), reason]);
        self.bury(&message).await?;
        self.ports.queue.done(&entry.id).await?;
        self.note(&message, Told::No).await;
        Ok(())
    }
}
