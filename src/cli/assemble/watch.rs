//! Looks again and again at what of the ticket store's settings endangers sessions: somebody may change
//! them while the server runs (F-03). It only tells; a start is refused elsewhere.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::inspect;
use crate::app::App;
use crate::tickets::redis::RedisStore;

/// Between two looks at the epoch: a raised one is followed within this time (F-07).
pub const FOLLOWED: Duration = Duration::from_secs(2);

/// Looks at the epoch for one at the settings, which makes it once a minute (F-03).
const ROUNDS: u32 = 30;

/// The watch of one server.
pub struct StoreWatch {
    app: Arc<App>,
    redis: Arc<RedisStore>,
    /// What was told last: it is told again when it changes.
    told: Mutex<Vec<String>>,
    /// Whether the last try to learn the epoch failed.
    unheard: AtomicBool,
}

impl StoreWatch {
    pub(super) fn new(app: Arc<App>, redis: Arc<RedisStore>) -> StoreWatch {
        StoreWatch {
            app,
            redis,
            told: Mutex::default(),
            unheard: AtomicBool::new(false),
        }
    }

    /// Looks until `stopping`. The start has looked already.
    pub async fn run(self, stopping: CancellationToken) {
        let mut owed = false;
        for round in (0..ROUNDS).cycle() {
            self.follow().await;
            // A look that got no answer is made up for as soon as there may be one.
            if round == 0 || owed {
                owed = !self.look().await;
            }
            tokio::select! {
                () = stopping.cancelled() => return,
                () = tokio::time::sleep(FOLLOWED) => {}
            }
        }
    }

    /// Goes over to the highest epoch that a server knows. A store that does not answer changes nothing,
    /// and is told of once, until it answers again.
    pub async fn follow(&self) {
        let followed = self.redis.follow_epoch().await;
        let before = self.unheard.swap(followed.is_err(), Ordering::Relaxed);
        if let (Err(error), false) = (&followed, before) {
            tracing::error!(
                event = "store_epoch_unknown",
                error = error as &dyn std::error::Error,
                "the epoch of the ticket store cannot be learnt: this server does not follow one that is raised"
            );
        }
        if let Ok(Some(epoch)) = followed {
            tracing::warn!(
                event = "store_epoch",
                epoch,
                "the epoch of the ticket store was raised: all sessions and links of before are dead"
            );
        }
    }

    /// Counts what endangers sessions and tells what is new. A store that does not answer, `false`, changes
    /// nothing: that is told by who needs it.
    pub async fn look(&self) -> bool {
        let ports = &self.app.ports;
        let Ok((_, dangers)) = inspect::redis(&self.redis, ports.clock.as_ref()).await else {
            return false;
        };
        if let Ok(facts) = self.redis.facts(ports.clock.as_ref()).await {
            let skew = facts.iter().map(|server| server.clock_skew).max();
            let skew = Duration::from_millis(skew.unwrap_or_default());
            ports.metrics.clock_skew.set(skew.as_secs_f64());
        }
        ports.metrics.store_dangers.set(dangers.len() as f64);
        let facts: Vec<String> = dangers.iter().map(|danger| danger.fact.clone()).collect();
        let before = {
            let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *told, facts)
        };
        for danger in dangers {
            if !before.contains(&danger.fact) {
                tracing::warn!(event = "store_danger", "{}; {}", danger.fact, danger.advice);
            }
        }
        true
    }
}
