//! Work that nobody waits for: a bounded crowd of tasks that a stop lets finish. What a job does is
//! its own module's business.

pub mod audit_watch;
pub mod journal;
pub mod presence;
pub mod readiness;
pub mod recovery;
mod rests;
pub mod single_logout;

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long a try waits whose work was taken so often: `first`, doubled each time, and never above
/// `longest`.
fn doubled(first: Duration, taken: u32, longest: Duration) -> Duration {
    let times = 1u32.checked_shl(taken.saturating_sub(1)).unwrap_or(u32::MAX);
    first.saturating_mul(times).min(longest)
}

/// How much background work there may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobsSettings {
    /// Jobs that run at once.
    pub at_once: usize,
    /// Jobs that wait for their turn beside those.
    pub waiting: usize,
}

impl Default for JobsSettings {
    fn default() -> JobsSettings {
        JobsSettings {
            at_once: 256,
            waiting: 4096,
        }
    }
}

/// There are too many jobs already, or the server is stopping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no room for another background job")]
pub struct Full;

/// How background work ended at a stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drained {
    pub finished: usize,
    pub abandoned: usize,
}

/// The background work of one server.
#[derive(Clone)]
pub struct Jobs {
    settings: JobsSettings,
    turns: Arc<Semaphore>,
    tasks: TaskTracker,
    stopping: CancellationToken,
    abandoned: CancellationToken,
}

impl Jobs {
    pub fn new(settings: JobsSettings) -> Jobs {
        Jobs {
            turns: Arc::new(Semaphore::new(settings.at_once.max(1))),
            settings,
            tasks: TaskTracker::new(),
            stopping: CancellationToken::new(),
            abandoned: CancellationToken::new(),
        }
    }

    /// Takes `job` on and returns at once. A panic in it ends it alone.
    pub fn submit<F>(&self, job: F) -> Result<(), Full>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let most = self.settings.at_once.saturating_add(self.settings.waiting);
        if self.stopping.is_cancelled() || self.tasks.len() >= most {
            return Err(Full);
        }
        let turns = Arc::clone(&self.turns);
        let abandoned = self.abandoned.clone();
        self.tasks.spawn(async move {
            let work = async {
                let _turn = turns.acquire_owned().await;
                job.await;
            };
            tokio::select! {
                () = abandoned.cancelled() => {}
                outcome = AssertUnwindSafe(work).catch_unwind() => {
                    if outcome.is_err() {
                        tracing::error!("a background job panicked");
                    }
                }
            }
        });
        Ok(())
    }

    /// Cancelled when the server stops: a job that goes on until then should come to its end.
    pub fn stopping(&self) -> CancellationToken {
        self.stopping.clone()
    }

    /// Takes no more jobs, lets those there are finish within `within` and abandons the rest.
    pub async fn drain(&self, within: Duration) -> Drained {
        self.stopping.cancel();
        self.tasks.close();
        let open = self.tasks.len();
        if tokio::time::timeout(within, self.tasks.wait()).await.is_ok() {
            return Drained {
                finished: open,
                abandoned: 0,
            };
        }
        let abandoned = self.tasks.len();
        tracing::warn!(abandoned, "background work was not done in time");
        self.abandoned.cancel();
        self.tasks.wait().await;
        Drained {
            finished: open.saturating_sub(abandoned),
            abandoned,
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::{Notify, oneshot};

    use super::*;

    fn jobs(at_once: usize, waiting: usize) -> Jobs {
        Jobs::new(JobsSettings { at_once, waiting })
    }

    #[tokio::test]
    async fn a_job_too_many_is_refused_and_those_taken_on_run_in_turn() {
        // CAS-190
        let jobs = jobs(1, 1);
        let gate = Arc::new(Notify::new());
        let (told, mut second) = oneshot::channel();
        let held = Arc::clone(&gate);
        assert_eq!(jobs.submit(async move { held.notified().await }), Ok(()));
        let next = async move {
            let _ = told.send(());
        };
        assert_eq!(jobs.submit(next), Ok(()));
        assert_eq!(jobs.submit(async {}), Err(Full));
        tokio::task::yield_now().await;
        assert!(second.try_recv().is_err());
        gate.notify_one();
        second.await.unwrap();
    }

    #[tokio::test]
    async fn a_stop_waits_for_jobs_takes_no_new_ones_and_abandons_the_endless() {
        // F-23
        let jobs = jobs(4, 0);
        let gate = Arc::new(Notify::new());
        let held = Arc::clone(&gate);
        jobs.submit(async move { held.notified().await }).unwrap();
        jobs.submit(std::future::pending()).unwrap();
        jobs.submit(async { panic!("on purpose") }).unwrap();
        gate.notify_one();
        let drained = jobs.drain(Duration::from_millis(100)).await;
        assert_eq!(drained.abandoned, 1);
        assert_eq!(jobs.submit(async {}), Err(Full));
    }
}
