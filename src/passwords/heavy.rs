//! Work that takes a core for tens of milliseconds, argon2id and the estimate of a password: done off
//! the async threads, so many at a time. It knows nothing of what it works on.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use zeroize::Zeroizing;

use super::hashes::{self, Verdict};
use crate::base::entropy::Entropy;

/// People whose work may wait for a place; the next one is told to come back.
const MOST_WAITING: usize = 64;

/// How long a person's work waits for a place.
const PATIENCE: Duration = Duration::from_secs(5);

/// It was not done: too much of it waits already, or it did not come to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords and codes wait to be looked at")]
pub struct Crowded;

/// Places for heavy work, shared by everything in the process that does some.
#[derive(Clone)]
pub struct HeavyWork {
    shared: Arc<Shared>,
}

struct Shared {
    places: Arc<Semaphore>,
    waiting: Semaphore,
    patience: Duration,
    verified: AtomicU64,
    crowded: AtomicU64,
}

impl Default for HeavyWork {
    /// As many places as there are cores.
    fn default() -> HeavyWork {
        let cores = std::thread::available_parallelism();
        HeavyWork::new(cores.map_or(2, std::num::NonZero::get))
    }
}

impl HeavyWork {
    pub fn new(places: usize) -> HeavyWork {
        HeavyWork::with_patience(places, PATIENCE)
    }

    /// The same with another patience than five seconds.
    pub fn with_patience(places: usize, patience: Duration) -> HeavyWork {
        HeavyWork {
            shared: Arc::new(Shared {
                places: Arc::new(Semaphore::new(places.max(1))),
                waiting: Semaphore::new(MOST_WAITING),
                patience,
                verified: AtomicU64::new(0),
                crowded: AtomicU64::new(0),
            }),
        }
    }

    /// Does a person's work; they wait for a place, but not long and not in any number.
    pub async fn run<T, F>(&self, work: F) -> Result<T, Crowded>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let place = self.place().await.inspect_err(|_| {
            self.shared.crowded.fetch_add(1, Ordering::Relaxed);
        })?;
        at(place, work).await
    }

    async fn place(&self) -> Result<OwnedSemaphorePermit, Crowded> {
        let shared = &self.shared;
        Ok(match Arc::clone(&shared.places).try_acquire_owned() {
            Ok(place) => place,
            Err(_) => {
                let _line = shared.waiting.try_acquire().map_err(|_| Crowded)?;
                let place = Arc::clone(&shared.places).acquire_owned();
                let place = tokio::time::timeout(shared.patience, place).await;
                place.map_err(|_| Crowded)?.map_err(|_| Crowded)?
            }
        })
    }

    /// People's work that was turned away so far.
    pub fn crowded(&self) -> u64 {
        self.shared.crowded.load(Ordering::Relaxed)
    }

    /// Whether `secret` is what `hash` was made of. One verification, right or wrong.
    pub async fn verify(&self, hash: String, secret: Zeroizing<String>) -> Result<bool, Crowded> {
        let verified = self.run(move || hashes::verify(hash.as_bytes(), secret.as_bytes()) == Verdict::Right);
        let verified = verified.await?;
        self.shared.verified.fetch_add(1, Ordering::Relaxed);
        Ok(verified)
    }

    /// Verifications so far.
    pub fn verified(&self) -> u64 {
        self.shared.verified.load(Ordering::Relaxed)
    }

    /// An argon2id hash of `secret`, by work that nobody waits for: it waits as long as it takes.
    pub async fn hash(
        &self,
        secret: Zeroizing<String>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<String, Crowded> {
        let place = Arc::clone(&self.shared.places).acquire_owned().await;
        let place = place.map_err(|_| Crowded)?;
        let hashed = at(place, move || {
            hashes::argon2id(secret.as_bytes(), entropy.as_ref())
        });
        hashed.await?.map_err(|_| Crowded)
    }
}

/// The place is held as long as the work goes on, also when nobody waits for its end any more.
async fn at<T, F>(place: OwnedSemaphorePermit, work: F) -> Result<T, Crowded>
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    let done = tokio::task::spawn_blocking(move || {
        let done = work();
        drop(place);
        done
    });
    done.await.map_err(|_| Crowded)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// Work that goes on until it is told to end.
    fn held(heavy: &HeavyWork) -> (tokio::task::JoinHandle<Result<(), Crowded>>, mpsc::Sender<()>) {
        let (end, told) = mpsc::channel::<()>();
        let heavy = heavy.clone();
        let work = async move {
            heavy
                .run(move || {
                    let _ = told.recv();
                })
                .await
        };
        (tokio::spawn(work), end)
    }

    async fn until(holds: impl Fn() -> bool) {
        while !holds() {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn so_many_work_at_once_so_many_wait_and_the_next_is_turned_away() {
        // SEC-61
        let heavy = HeavyWork::with_patience(1, Duration::from_secs(600));
        let (first, end) = held(&heavy);
        until(|| heavy.shared.places.available_permits() == 0).await;
        let waiting: Vec<_> = (0..MOST_WAITING).map(|_| held(&heavy)).collect();
        until(|| heavy.shared.waiting.available_permits() == 0).await;
        assert_eq!(heavy.run(|| 1).await, Err(Crowded));
        assert!(waiting.iter().all(|(work, _)| !work.is_finished()));
        drop(end);
        assert_eq!(first.await.unwrap(), Ok(()));
        for (work, end) in waiting {
            drop(end);
            assert_eq!(work.await.unwrap(), Ok(()));
        }
        assert_eq!(heavy.run(|| 1).await, Ok(1));
    }

    #[tokio::test]
    async fn patience_ends_and_work_that_nobody_waits_for_keeps_its_place() {
        let heavy = HeavyWork::with_patience(1, Duration::from_millis(20));
        let (first, end) = held(&heavy);
        until(|| heavy.shared.places.available_permits() == 0).await;
        first.abort();
        assert!(first.await.unwrap_err().is_cancelled());
        assert_eq!(heavy.run(|| 1).await, Err(Crowded), "it works on all the same");
        drop(end);
        until(|| heavy.shared.places.available_permits() == 1).await;
        assert_eq!(heavy.run(|| 1).await, Ok(1));
    }
}
