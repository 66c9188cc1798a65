//! Load that stops by itself: so many turns, or so much time, whichever comes first.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

/// After this many failed turns a measurement says nothing any more.
const MOST_FAILURES: usize = 20;

/// Does one thing again and again, on connections of its own.
pub trait Worker {
    fn turn(&mut self, turn: usize) -> impl Future<Output = anyhow::Result<()>> + Send;
}

/// How much is asked for.
#[derive(Clone, Copy)]
pub struct Amount {
    pub turns: usize,
    pub longest: Duration,
    /// Turns that begin in a second, whether or not the ones before have ended; none: each worker
    /// begins as soon as it has ended. A turn's time counts from when it was to begin, so that a
    /// server that stalls is not spared the turns that were due meanwhile.
    pub pace: Option<f64>,
}

/// What came of it.
#[derive(Debug, Clone, Copy)]
pub struct Tally {
    pub done: usize,
    pub failed: usize,
    pub elapsed: Duration,
    pub median: Duration,
    /// The time that one turn in a hundred takes longer than.
    pub slow: Duration,
}

impl Tally {
    pub fn rate(&self) -> f64 {
        self.done as f64 / self.elapsed.as_secs_f64()
    }
}

/// Lets all workers work at once, each on a task of its own.
pub async fn run<W: Worker + Send + 'static>(
    workers: Vec<W>,
    amount: Amount,
) -> anyhow::Result<(Tally, Vec<W>)> {
    let shared = Arc::new(Shared {
        amount,
        began: Instant::now(),
        next: AtomicUsize::new(0),
        failed: AtomicUsize::new(0),
    });
    let mut tasks = JoinSet::new();
    for worker in workers {
        tasks.spawn(work(worker, Arc::clone(&shared)));
    }
    let (mut times, mut workers) = (Vec::new(), Vec::new());
    while let Some(ended) = tasks.join_next().await {
        let (worker, mut own) = ended??;
        times.append(&mut own);
        workers.push(worker);
    }
    let elapsed = shared.began.elapsed();
    times.sort_unstable();
    anyhow::ensure!(!times.is_empty(), "nothing was done");
    let tally = Tally {
        done: times.len(),
        failed: shared.failed.load(Ordering::Relaxed),
        elapsed,
        median: times[times.len() / 2],
        slow: times[times.len() * 99 / 100],
    };
    Ok((tally, workers))
}

struct Shared {
    amount: Amount,
    began: Instant,
    next: AtomicUsize,
    failed: AtomicUsize,
}

impl Shared {
    /// Waits for the moment at which a turn is to begin, and answers it.
    async fn due(&self, turn: usize, rate: f64) -> Instant {
        let due = self.began + Duration::from_secs_f64(turn as f64 / rate);
        tokio::time::sleep_until(due.into()).await;
        due
    }
}

async fn work<W: Worker>(mut worker: W, shared: Arc<Shared>) -> anyhow::Result<(W, Vec<Duration>)> {
    let mut times = Vec::new();
    while shared.began.elapsed() < shared.amount.longest {
        let turn = shared.next.fetch_add(1, Ordering::Relaxed);
        if turn >= shared.amount.turns {
            break;
        }
        let began = match shared.amount.pace {
            Some(rate) => shared.due(turn, rate).await,
            None => Instant::now(),
        };
        match worker.turn(turn).await {
            Ok(()) => times.push(began.elapsed()),
            Err(error) => {
                let failed = shared.failed.fetch_add(1, Ordering::Relaxed);
                if failed >= MOST_FAILURES {
                    return Err(error.context("too many failures"));
                }
                println!("    failed: {error:#}");
            }
        }
    }
    Ok((worker, times))
}
