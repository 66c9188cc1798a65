//! Takes recovery requests from the durable queue and has the flow work on them, until the server stops.
//! What a request comes to is the flow's business; here it is only tried again until it comes to
//! something.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{Full, Jobs};
use crate::flows::recovery::{Worked, work};
use crate::flows::{Catalogue, Ports};
use crate::tickets::{Lane, Queued};

/// How the queue is worked on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoverySettings {
    /// Requests at a time, on this node.
    pub workers: usize,
    /// A request whose worker is not heard of goes to another after this long: longer than a directory
    /// and a store take to answer.
    pub lease: Duration,
    /// How long an empty queue is left alone.
    pub pause: Duration,
    /// Before a request is tried again, the first time; doubled each time.
    pub first_delay: Duration,
    pub longest_delay: Duration,
    /// A request that came to nothing for so long is given up.
    pub patience: Duration,
}

impl Default for RecoverySettings {
    fn default() -> RecoverySettings {
        RecoverySettings {
            workers: 4,
            lease: Duration::from_secs(60),
            pause: Duration::from_millis(500),
            first_delay: Duration::from_secs(5),
            longest_delay: Duration::from_secs(300),
            patience: Duration::from_secs(6 * 3600),
        }
    }
}

impl RecoverySettings {
    fn delay(&self, taken: u32) -> Duration {
        let doubled = 1u32.checked_shl(taken.saturating_sub(1)).unwrap_or(u32::MAX);
        self.first_delay.saturating_mul(doubled).min(self.longest_delay)
    }
}

/// What a worker needs: the server's ports, and the catalogue of the moment.
pub trait Workplace: Send + Sync + 'static {
    fn ports(&self) -> &Ports;
    fn catalogue(&self) -> Arc<Catalogue>;
}

/// Starts the workers of this node.
pub fn start<W: Workplace>(jobs: &Jobs, place: &Arc<W>, settings: &RecoverySettings) -> Result<(), Full> {
    for number in 0..settings.workers {
        let worker = Worker {
            place: Arc::clone(place),
            settings: settings.clone(),
            name: format!("recovery-{number}"),
            stopping: jobs.stopping(),
        };
        jobs.submit(async move { worker.run().await })?;
    }
    Ok(())
}

struct Worker<W> {
    place: Arc<W>,
    settings: RecoverySettings,
    name: String,
    stopping: CancellationToken,
}

impl<W: Workplace> Worker<W> {
    async fn run(&self) {
        while !self.stopping.is_cancelled() {
            if !self.one().await {
                tokio::select! {
                    () = self.stopping.cancelled() => {}
                    () = tokio::time::sleep(self.settings.pause) => {}
                }
            }
        }
    }

    /// Works on one request; `false` when there was none.
    async fn one(&self) -> bool {
        let ports = self.place.ports();
        match take_one(ports, &self.place.catalogue(), &self.name, &self.settings).await {
            Ok(worked) => worked.is_some(),
            Err(error) => {
                tracing::warn!(%error, "the queue of recovery requests does not answer");
                false
            }
        }
    }
}

/// Takes one request and works on it; `None` when none is due.
pub async fn take_one(
    ports: &Ports,
    catalogue: &Catalogue,
    worker: &str,
    settings: &RecoverySettings,
) -> Result<Option<Worked>, crate::tickets::StoreError> {
    let requests = &ports.recovery.requests;
    let Some(queued) = requests.take(Lane::Recovery, worker, settings.lease).await? else {
        return Ok(None);
    };
    match work(ports, catalogue, &queued).await {
        Ok(worked) => {
            requests.done(&queued.id).await?;
            Ok(Some(worked))
        }
        Err(error) => {
            let chain = crate::flows::with_causes(&error);
            if is_over(ports, &queued, settings) {
                tracing::error!(
                    error = chain,
                    taken = queued.taken,
                    "a recovery request is given up"
                );
                requests.done(&queued.id).await?;
                return Ok(Some(Worked::Dropped));
            }
            let delay = settings.delay(queued.taken);
            tracing::warn!(
                error = chain,
                taken = queued.taken,
                ?delay,
                "a recovery request is tried again later"
            );
            requests.later(&queued.id, delay).await?;
            Ok(Some(Worked::Later))
        }
    }
}

fn is_over(ports: &Ports, queued: &Queued, settings: &RecoverySettings) -> bool {
    ports.clock.now().since(queued.pushed_at) > settings.patience
}
