//! The line to Redis: one shared connection that is made when first needed, replaced when it broke,
//! and never waited for beyond a call's deadline.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use redis::{ErrorKind, RedisError, ServerErrorKind, Value};
use tokio::sync::{Semaphore, SemaphorePermit, watch};
use tokio::time::{Instant, timeout, timeout_at};

use super::dial::Dialer;
use super::gather::Gathered;
use super::scripts::Call;
use crate::metrics::StoreMetrics;
use crate::tickets::StoreError;

/// After a failed connection, calls fail at once for this long instead of trying again.
pub(super) const REST: Duration = Duration::from_millis(100);

/// Calls in a row whose answers did not come, after which a connection is given up: what a server owes on
/// it may never come.
const MOST_SILENT: u32 = 3;

/// For each call that may be on its way, so many may wait: for its place, or for Redis to come back.
const WAITING: usize = 4;

/// Longest time for one connection to be made, Sentinels asked and TLS included.
const DIALLING: Duration = Duration::from_secs(3);

#[derive(Clone)]
pub(super) struct Line {
    shared: Arc<Shared>,
}

struct Shared {
    dialer: Dialer,
    state: Mutex<State>,
    in_flight: Semaphore,
    waiting: Semaphore,
    /// Calls in a row that got no answer in time on the present connection.
    silent: AtomicU32,
    metrics: Arc<StoreMetrics>,
}

/// Why a call has no answer.
pub(super) struct Failed {
    pub error: StoreError,
    /// Asking again does no harm: nothing was done, or doing it twice is the same as once.
    pub again: bool,
}

/// A connection that many calls share.
#[derive(Clone)]
pub(super) enum Connection {
    Server(Gathered),
    #[cfg(feature = "redis-cluster")]
    Cluster(redis::cluster_async::ClusterConnection<super::wire::Spoken>),
}

enum State {
    Down(Option<(Instant, String)>),
    Dialling(watch::Receiver<()>),
    Up {
        connection: Connection,
        since: Instant,
        /// Cleared by the connection itself when it breaks.
        alive: Arc<AtomicBool>,
    },
}

impl Line {
    pub fn new(dialer: Dialer, in_flight: usize, metrics: Arc<StoreMetrics>) -> Line {
        Line {
            shared: Arc::new(Shared {
                dialer,
                state: Mutex::new(State::Down(None)),
                in_flight: Semaphore::new(in_flight),
                waiting: Semaphore::new(in_flight.saturating_mul(WAITING)),
                silent: AtomicU32::new(0),
                metrics,
            }),
        }
    }

    /// Sends a call and waits for its answer, all within `deadline`.
    pub async fn ask(&self, call: &Call, deadline: Duration) -> Result<Value, StoreError> {
        let asked = self.try_ask(call, (Instant::now(), deadline), None).await;
        asked.map_err(|failed| failed.error)
    }

    /// The same for who may ask again, and may have a place to wait already.
    pub async fn try_ask(
        &self,
        call: &Call,
        (start, deadline): (Instant, Duration),
        place: Option<&SemaphorePermit<'_>>,
    ) -> Result<Value, Failed> {
        let entered = self.enter(start + deadline, place.is_some()).await;
        let _permit = entered.map_err(|error| Failed { error, again: false })?;
        let sent = Sent::default();
        // Pinned here: given by value, its kilobytes would be moved into the timeout.
        let attempt = pin!(self.attempt(call, &sent));
        let answer = timeout_at(start + deadline, attempt).await;
        self.shared.metrics.seconds.observe(call.name, start.elapsed());
        match answer {
            Ok(answer) => {
                self.shared.silent.store(0, Ordering::Relaxed);
                answer
            }
            Err(_) => {
                // A call that had waited for its turn until then says little of the connection.
                if let Some((since, at)) = sent.last()
                    && at.elapsed() * 2 >= deadline
                {
                    self.fell_silent(since);
                }
                Err(Failed {
                    error: StoreError::TimedOut {
                        operation: call.name,
                        milliseconds: u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX),
                    },
                    again: call.repeats || sent.last().is_none(),
                })
            }
        }
    }

    /// A place among the calls that are on their way. Who gets none was not sent: nothing is in doubt.
    async fn enter(&self, until: Instant, waits: bool) -> Result<SemaphorePermit<'_>, StoreError> {
        let places = &self.shared.in_flight;
        if let Ok(permit) = places.try_acquire() {
            return Ok(permit);
        }
        let place = self.place_to_wait().filter(|_| !waits);
        let waited = match waits || place.is_some() {
            true => timeout_at(until, places.acquire()).await.ok(),
            false => None,
        };
        waited.and_then(Result::ok).ok_or_else(|| {
            self.shared.metrics.turned_away();
            StoreError::Crowded
        })
    }

    /// `None` when too many wait already.
    pub fn place_to_wait(&self) -> Option<SemaphorePermit<'_>> {
        self.shared.waiting.try_acquire().ok()
    }

    /// An answer did not come on the connection that there is `since`. Where another server may have been
    /// named meanwhile, or nothing has come for long, another connection is made.
    fn fell_silent(&self, since: Instant) {
        let mut state = self.state();
        if !matches!(*state, State::Up { since: present, .. } if present == since) {
            return;
        }
        let row = self.shared.silent.fetch_add(1, Ordering::Relaxed) + 1;
        if row >= MOST_SILENT || self.shared.dialer.is_watched() {
            *state = State::Down(None);
        }
    }

    /// One try, and a second one when the connection turns out broken and repeating does no harm.
    async fn attempt(&self, call: &Call, sent: &Sent) -> Result<Value, Failed> {
        let (mut connection, since) = self.connection().await.map_err(unsent)?;
        sent.on(since);
        match connection.send(call).await {
            Err(error) if is_broken(&error) => {
                self.retire(since);
                if !call.repeats {
                    return Err(told(call, &error));
                }
            }
            outcome => return outcome.map_err(|error| told(call, &error)),
        }
        let (mut connection, since) = self.connection().await.map_err(unsent)?;
        sent.on(since);
        let outcome = connection.send(call).await;
        outcome.map_err(|error| told(call, &error))
    }

    /// The connection, when it is up or as soon as it is, and since when it is.
    pub async fn connection(&self) -> Result<(Connection, Instant), StoreError> {
        loop {
            let mut done = match self.present() {
                Ok(present) => return Ok(present),
                Err(Absent::Resting(error)) => return Err(StoreError::Unreachable(error)),
                Err(Absent::Dialling(done)) => done,
            };
            // An error means that the dialling ended as well.
            let _ = done.changed().await;
        }
    }

    fn present(&self) -> Result<(Connection, Instant), Absent> {
        let mut state = self.state();
        match &*state {
            State::Up {
                connection,
                since,
                alive,
            } if alive.load(Ordering::Acquire) => {
                return Ok((connection.clone(), *since));
            }
            State::Dialling(done) => return Err(Absent::Dialling(done.clone())),
            State::Down(Some((since, error))) if since.elapsed() < REST => {
                return Err(Absent::Resting(error.clone()));
            }
            _ => {}
        }
        let (finished, done) = watch::channel(());
        *state = State::Dialling(done.clone());
        drop(state);
        let line = self.clone();
        // In a task of its own: no caller's deadline cuts it, and all callers wait for the same.
        tokio::spawn(async move {
            line.dial().await;
            drop(finished);
        });
        Err(Absent::Dialling(done))
    }

    async fn dial(&self) {
        let alive = Arc::new(AtomicBool::new(true));
        let dialled = timeout(DIALLING, self.shared.dialer.dial(alive.clone())).await;
        let next = match dialled {
            Ok(Ok(connection)) => {
                self.shared.silent.store(0, Ordering::Relaxed);
                State::Up {
                    connection,
                    since: Instant::now(),
                    alive,
                }
            }
            Ok(Err(error)) => State::Down(Some((Instant::now(), error.to_string()))),
            Err(_) => State::Down(Some((Instant::now(), "no connection in time".to_owned()))),
        };
        *self.state() = next;
    }

    /// Gives the connection up that there was at `moment`, so that the next call makes another.
    fn retire(&self, moment: Instant) {
        let mut state = self.state();
        if matches!(*state, State::Up { since, .. } if since <= moment) {
            *state = State::Down(None);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        let state = &self.shared.state;
        state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// On which connection a call was sent last, by the moment it was made, and when.
#[derive(Default)]
struct Sent(Mutex<Option<(Instant, Instant)>>);

impl Sent {
    fn on(&self, since: Instant) {
        *self.place() = Some((since, Instant::now()));
    }

    fn last(&self) -> Option<(Instant, Instant)> {
        *self.place()
    }

    fn place(&self) -> MutexGuard<'_, Option<(Instant, Instant)>> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

enum Absent {
    Resting(String),
    Dialling(watch::Receiver<()>),
}

impl Connection {
    async fn send(&mut self, call: &Call) -> Result<Value, RedisError> {
        match self.command(&call.command, call.near.as_deref()).await {
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                match call.with_source() {
                    Some(command) => self.command(&command, None).await,
                    None => Err(error),
                }
            }
            outcome => outcome,
        }
    }

    async fn command(&mut self, command: &redis::Cmd, near: Option<&[u8]>) -> Result<Value, RedisError> {
        let answer = match (self, near) {
            (Connection::Server(connection), _) => connection.ask(command).await?,
            #[cfg(feature = "redis-cluster")]
            (Connection::Cluster(connection), Some(key)) => {
                use redis::cluster_routing::{Route, RoutingInfo, SingleNodeRoutingInfo, SlotAddr};
                let route = Route::with_key(key, SlotAddr::Master);
                let node = RoutingInfo::SingleNode(SingleNodeRoutingInfo::SpecificNode(route));
                connection.route_command(command.clone(), node).await?
            }
            #[cfg(feature = "redis-cluster")]
            (Connection::Cluster(connection), None) => {
                use redis::aio::ConnectionLike;
                connection.req_packed_command(command).await?
            }
        };
        answer.extract_error()
    }
}

/// The connection, or the server behind it, is no use any more.
fn is_broken(error: &RedisError) -> bool {
    let demoted = matches!(
        error.kind(),
        ErrorKind::Server(ServerErrorKind::ReadOnly | ServerErrorKind::MasterDown)
    );
    demoted
        || is_alone(error)
        || error.is_connection_dropped()
        || (error.is_io_error() && !error.is_timeout())
}

/// A primary that lost its replicas and so takes no writes: another one may have been named (F-03).
fn is_alone(error: &RedisError) -> bool {
    error.code() == Some("NOREPLICAS")
}

/// The server refuses for a while: it did nothing.
fn is_closed(error: &RedisError) -> bool {
    let closed = matches!(
        error.kind(),
        ErrorKind::Server(
            ServerErrorKind::BusyLoading
                | ServerErrorKind::ClusterDown
                | ServerErrorKind::MasterDown
                | ServerErrorKind::ReadOnly
                | ServerErrorKind::TryAgain
        ) | ErrorKind::ClusterConnectionNotFound
    );
    closed || is_alone(error)
}

/// There was no connection to send it on.
fn unsent(error: StoreError) -> Failed {
    Failed { error, again: true }
}

fn told(call: &Call, error: &RedisError) -> Failed {
    let text = error.to_string();
    // Inside a script the code is lost in older servers, the words are not.
    if text.contains("OOM command not allowed") || error.code() == Some("OOM") {
        return Failed {
            error: StoreError::Full,
            again: false,
        };
    }
    let closed = is_closed(error);
    let lost = error.is_io_error() || error.is_connection_dropped();
    let error = match (closed || lost) && !is_alone(error) {
        true => StoreError::Unreachable(text),
        false => StoreError::Answered {
            operation: call.name,
            text,
        },
    };
    Failed {
        error,
        again: closed || (lost && call.repeats),
    }
}
