//! The embedded store on disk. One thread writes: it takes all transitions that wait, makes them one
//! transaction, and answers when it is on disk; so one flush serves many. Readers see the last
//! commit without waiting.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;

use redb::Database;
use tokio::sync::oneshot;

use super::file::{self, again};
use super::shelf::{Look, Shelf, Step, Sweep, run};
use super::store::SWEPT_PER_WRITE;
use crate::base::clock::{Clock, Timestamp};
use crate::tickets::StoreError;

/// Transitions that may wait for the writer.
const WAITING: usize = 1024;

/// Transitions of one transaction.
const BATCH: usize = 256;

/// How long a transition may take, the disk's flush included.
const DEADLINE: Duration = Duration::from_secs(5);

/// Without work for this long, the writer looks for expired entries by itself.
const IDLE: Duration = Duration::from_secs(1);

/// Keys it looks at then.
const SWEPT_WHEN_IDLE: usize = 1000;

pub(super) struct Disk {
    slot: Arc<Slot>,
    /// `None` only while the store is dropped.
    jobs: Option<SyncSender<Job>>,
    writer: Option<JoinHandle<()>>,
}

/// The open file; empty after it failed, until it could be opened again.
type Slot = RwLock<Option<Arc<Database>>>;

/// A transition that waits: first it runs, then it hears whether its transaction is on disk.
type Job = Box<dyn FnOnce(Result<&mut dyn Shelf, StoreError>) -> Committed + Send>;
type Committed = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

impl Disk {
    pub fn open(path: &Path, clock: Arc<dyn Clock>) -> Result<Disk, StoreError> {
        let database = file::open(path, file::COMPACTED_FROM)?;
        let slot = Arc::new(RwLock::new(Some(Arc::new(database))));
        let (jobs, queue) = sync_channel(WAITING);
        let writer = Writer {
            slot: slot.clone(),
            path: path.to_owned(),
            clock,
            sweep: Sweep::default(),
        };
        let writer = std::thread::Builder::new()
            .name("ticket file".to_owned())
            .spawn(move || writer.serve(&queue))
            .map_err(|error| StoreError::Disk {
                context: "no thread can be started for the ticket file".to_owned(),
                source: Box::new(error),
            })?;
        Ok(Disk {
            slot,
            jobs: Some(jobs),
            writer: Some(writer),
        })
    }

    pub async fn change<T, F>(&self, now: Timestamp, transition: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Step<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let (answer, outcome) = oneshot::channel();
        let job: Job = Box::new(move |shelf| {
            let result = shelf.and_then(|shelf| run(shelf, now, transition));
            Box::new(move |committed| {
                // Nobody listens any more when the deadline has passed.
                let _ = answer.send(committed.and(result));
            })
        });
        match self.jobs.as_ref().map(|jobs| jobs.try_send(job)) {
            Some(Ok(())) => {}
            Some(Err(TrySendError::Full(_))) => return Err(StoreError::Crowded),
            Some(Err(TrySendError::Disconnected(_))) | None => return Err(stopped()),
        }
        match tokio::time::timeout(DEADLINE, outcome).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(stopped()),
            Err(_) => Err(StoreError::TimedOut {
                operation: "write",
                milliseconds: u64::try_from(DEADLINE.as_millis()).unwrap_or(u64::MAX),
            }),
        }
    }

    pub fn look<T>(&self, read: impl FnOnce(&dyn Look) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let database = present(&self.slot).ok_or_else(closed)?;
        file::look(&database, read)
    }
}

impl Drop for Disk {
    /// Lets the writer finish what waits, so that the file is free when the store is gone.
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

struct Writer {
    slot: Arc<Slot>,
    path: PathBuf,
    clock: Arc<dyn Clock>,
    sweep: Sweep,
}

impl Writer {
    fn serve(mut self, queue: &Receiver<Job>) {
        loop {
            match queue.recv_timeout(IDLE) {
                Ok(first) => {
                    let waiting = queue.try_iter().take(BATCH - 1);
                    let jobs = std::iter::once(first).chain(waiting).collect();
                    // A damaged file may make the library panic; those who wait hear of it.
                    if catch_unwind(AssertUnwindSafe(|| self.write(jobs))).is_err() {
                        self.give_up(&stopped());
                    }
                }
                Err(RecvTimeoutError::Timeout) => self.sweep_when_idle(),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Runs the transitions in one transaction and tells each how it ended.
    fn write(&mut self, jobs: Vec<Job>) {
        let database = match self.database() {
            Ok(database) => database,
            Err(error) => return refuse(jobs, &error),
        };
        let limit = SWEPT_PER_WRITE * jobs.len();
        let now = self.clock.now();
        let mut waiting = Vec::with_capacity(jobs.len());
        let written = file::change(&database, |shelf| {
            waiting.extend(jobs.into_iter().map(|job| job(Ok(&mut *shelf))));
            let swept = self.sweep.next(&*shelf, limit, now);
            swept.and_then(|dead| shelf.apply(dead))
        });
        drop(database);
        match written {
            Ok(Ok(())) => waiting.into_iter().for_each(|told| told(Ok(()))),
            Ok(Err(error)) | Err(error) => {
                self.give_up(&error);
                waiting.into_iter().for_each(|told| told(Err(again(&error))));
            }
        }
    }

    fn sweep_when_idle(&mut self) {
        let Ok(database) = self.database() else {
            return;
        };
        let now = self.clock.now();
        let sweep = &mut self.sweep;
        let dead = file::look(&database, |shelf| sweep.next(shelf, SWEPT_WHEN_IDLE, now));
        let swept = match dead {
            Ok(dead) if dead.is_empty() => return,
            Ok(dead) => file::change(&database, |shelf| shelf.apply(dead)),
            Err(error) => Err(error),
        };
        drop(database);
        if let Ok(Err(error)) | Err(error) = swept {
            self.give_up(&error);
        }
    }

    /// The open file; opened again when it failed before.
    fn database(&self) -> Result<Arc<Database>, StoreError> {
        if let Some(database) = present(&self.slot) {
            return Ok(database);
        }
        let database = Arc::new(file::open(&self.path, u64::MAX)?);
        *self.slot.write().unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(database.clone());
        Ok(database)
    }

    /// After a failed write the file refuses everything: close it, and open it again as it was after
    /// its last commit; when that fails too, the next transition or pause tries again.
    fn give_up(&self, error: &StoreError) {
        tracing::error!(%error, "the ticket file failed and is opened again");
        *self.slot.write().unwrap_or_else(|poisoned| poisoned.into_inner()) = None;
        if let Err(error) = self.database() {
            tracing::error!(%error, "the ticket file cannot be opened again yet");
        }
    }
}

fn present(slot: &Slot) -> Option<Arc<Database>> {
    slot.read()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
        .clone()
}

fn refuse(jobs: Vec<Job>, error: &StoreError) {
    for job in jobs {
        job(Err(again(error)))(Ok(()));
    }
}

fn closed() -> StoreError {
    again(&StoreError::Unreachable("the ticket file failed".to_owned()))
}

fn stopped() -> StoreError {
    again(&StoreError::Unreachable(
        "the writer of the ticket file has stopped".to_owned(),
    ))
}
