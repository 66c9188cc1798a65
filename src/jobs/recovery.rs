//! Takes recovery requests from the durable queue and has the flow work on them, until the server stops.
//! What a request comes to is the flow's business; here it is only tried again until it comes to
//! something.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use tokio_util::sync::CancellationToken;

use super::rests::Rests;
use super::{Full, Jobs};
use crate::audit::{Actor, Event, Record};
use crate::directory::DirectoryError;
use crate::flows::recovery::{Worked, give_up, realm_of, work};
use crate::flows::{Catalogue, FlowError, Ports};
use crate::tickets::{Lane, Queued, StoreError};

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
    /// A directory that did not answer is let be for so long, by all requests at once; doubled each time.
    pub first_rest: Duration,
    pub longest_rest: Duration,
    /// How long the requests of a realm wait that was asked for too much within an hour.
    pub crowded: Duration,
    /// Letters that may wait to be sent; beyond it requests wait in their stead (SEC-61).
    pub letters: usize,
    /// A request is given up when so many that took it were not heard of again.
    pub lapses: u32,
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
            longest_delay: Duration::from_secs(60),
            first_rest: Duration::from_secs(1),
            longest_rest: Duration::from_secs(8),
            crowded: Duration::from_secs(60),
            letters: 5000,
            lapses: 3,
            patience: Duration::from_secs(6 * 3600),
        }
    }
}

impl RecoverySettings {
    fn delay(&self, taken: u32) -> Duration {
        super::doubled(self.first_delay, taken, self.longest_delay)
    }
}

/// What a worker needs: the server's ports, and the catalogue of the moment.
pub trait Workplace: Send + Sync + 'static {
    fn ports(&self) -> &Ports;
    fn catalogue(&self) -> Arc<Catalogue>;
}

/// What the workers of a node share: how they work, and which directories are let be.
pub struct Line {
    settings: RecoverySettings,
    rests: Rests,
    /// The operator was told that many letters wait.
    told: AtomicBool,
}

impl Line {
    pub fn new(settings: RecoverySettings) -> Line {
        Line {
            rests: Rests::new(settings.first_rest, settings.longest_rest),
            settings,
            told: AtomicBool::new(false),
        }
    }

    /// Whether as many letters wait as may. At half of them the operator is told, once each time.
    async fn letters_fill_up(&self, ports: &Ports) -> Result<bool, StoreError> {
        let most = self.settings.letters;
        let waiting = ports.recovery.requests.depth(Lane::Letters).await?;
        let many = waiting >= most.div_ceil(2);
        if many && !self.told.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                event = "letters_crowded",
                waiting,
                most,
                "half as many letters wait as may"
            );
            ports
                .audit
                .record(ports.event(Event::LettersCrowded).by(Actor::Server));
        }
        if !many {
            self.told.store(false, Ordering::Relaxed);
        }
        Ok(waiting >= most)
    }
}

impl Default for Line {
    fn default() -> Line {
        Line::new(RecoverySettings::default())
    }
}

/// Starts the workers of this node.
pub fn start<W: Workplace>(jobs: &Jobs, place: &Arc<W>, settings: &RecoverySettings) -> Result<(), Full> {
    let line = Arc::new(Line::new(settings.clone()));
    for number in 0..settings.workers {
        let worker = Worker {
            place: Arc::clone(place),
            line: Arc::clone(&line),
            name: format!("recovery-{number}"),
            stopping: jobs.stopping(),
        };
        jobs.submit(async move { worker.run().await })?;
    }
    Ok(())
}

struct Worker<W> {
    place: Arc<W>,
    line: Arc<Line>,
    name: String,
    stopping: CancellationToken,
}

impl<W: Workplace> Worker<W> {
    async fn run(&self) {
        while !self.stopping.is_cancelled() {
            if !self.one().await {
                tokio::select! {
                    () = self.stopping.cancelled() => {}
                    () = tokio::time::sleep(self.line.settings.pause) => {}
                }
            }
        }
    }

    /// Works on one request; `false` when there was none.
    async fn one(&self) -> bool {
        let ports = self.place.ports();
        match take_one(ports, &self.place.catalogue(), &self.name, &self.line).await {
            Ok(worked) => worked.is_some(),
            Err(error) => {
                tracing::warn!(%error, "the queue of recovery requests does not answer");
                false
            }
        }
    }
}

/// Takes one request and works on it; `None` when none is due, when letters fill up, or when every realm that was heard of has to wait.
///
/// A request whose work panics is left to its lease: that counts, and so does a process that died of it.
pub async fn take_one(
    ports: &Ports,
    catalogue: &Catalogue,
    worker: &str,
    line: &Line,
) -> Result<Option<Worked>, StoreError> {
    let (requests, settings) = (&ports.recovery.requests, &line.settings);
    if line.letters_fill_up(ports).await? {
        return Ok(None);
    }
    // Nothing is taken while every realm that was heard of has to wait: everybody keeps his place.
    if line.rests.all_hold(ports.clock.now()) {
        return Ok(None);
    }
    let Some(queued) = requests.take(Lane::Recovery, worker, settings.lease).await? else {
        return Ok(None);
    };
    if queued.lapsed >= settings.lapses {
        give_up(ports, catalogue, &queued, "LAPSED");
        requests.done(&queued.id).await?;
        return Ok(Some(Worked::Dropped));
    }
    let realm = realm_of(ports, catalogue, &queued);
    if let Some(rest) = realm.and_then(|realm| line.rests.put_off(realm, ports.clock.now())) {
        requests.later(&queued.id, rest).await?;
        return Ok(Some(Worked::Later));
    }
    let worked = AssertUnwindSafe(work(ports, catalogue, &queued)).catch_unwind();
    match worked.await {
        Ok(Ok(Worked::Crowded)) => wait(ports, catalogue, &queued, line).await.map(Some),
        Ok(Ok(worked)) => {
            realm.iter().for_each(|realm| line.rests.end(realm));
            requests.done(&queued.id).await?;
            Ok(Some(worked))
        }
        Ok(Err(error)) => not_now(ports, catalogue, &queued, line, &error).await.map(Some),
        Err(_) => {
            tracing::error!(
                taken = queued.taken,
                lapsed = queued.lapsed,
                "the work on a recovery request panicked"
            );
            Ok(Some(Worked::Later))
        }
    }
}

/// Lets the requests of a realm wait that was asked for more than it may be within an hour.
async fn wait(
    ports: &Ports,
    catalogue: &Catalogue,
    queued: &Queued,
    line: &Line,
) -> Result<Worked, StoreError> {
    let (requests, settings, now) = (&ports.recovery.requests, &line.settings, ports.clock.now());
    if now.since(queued.pushed_at) > settings.patience {
        give_up(ports, catalogue, queued, "TOO_LONG");
        requests.done(&queued.id).await?;
        return Ok(Worked::Dropped);
    }
    if let Some(realm) = realm_of(ports, catalogue, queued) {
        line.rests.wait(realm, now, settings.crowded);
        tracing::warn!(event = "recovery_crowded", %realm, "a realm is asked for too much: its requests wait");
        let record = Record {
            realm: Some(realm.clone()),
            actor: Actor::Server,
            ..ports.event(Event::RecoveryCrowded)
        };
        ports.audit.record(record);
    }
    requests.later(&queued.id, settings.crowded).await?;
    Ok(Worked::Crowded)
}

/// Puts a request off whose work could not be done, or gives it up.
async fn not_now(
    ports: &Ports,
    catalogue: &Catalogue,
    queued: &Queued,
    line: &Line,
    error: &FlowError,
) -> Result<Worked, StoreError> {
    let (requests, now) = (&ports.recovery.requests, ports.clock.now());
    if let FlowError::Directory { realm, source } = error
        && is_silent(source)
    {
        line.rests.begin(realm, now);
    }
    if now.since(queued.pushed_at) > line.settings.patience {
        give_up(ports, catalogue, queued, "TOO_LONG");
        requests.done(&queued.id).await?;
        return Ok(Worked::Dropped);
    }
    let delay = line.settings.delay(queued.taken);
    tracing::warn!(
        error = crate::flows::with_causes(error),
        taken = queued.taken,
        ?delay,
        "a recovery request is tried again later"
    );
    requests.later(&queued.id, delay).await?;
    Ok(Worked::Later)
}

/// Whether the next request would find the same: the fault is not this one's.
fn is_silent(error: &DirectoryError) -> bool {
    matches!(
        error,
        DirectoryError::Unreachable(_)
            | DirectoryError::TimedOut { .. }
            | DirectoryError::Crowded
            | DirectoryError::Io { .. }
    )
}
