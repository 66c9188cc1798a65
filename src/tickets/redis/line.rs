//! The line to Redis: one shared connection that is made when first needed, replaced when it broke,
//! and never waited for beyond a call's deadline.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use redis::{ErrorKind, RedisError, ServerErrorKind, Value};
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, timeout, timeout_at};

use super::dial::Dialer;
use super::gather::Gathered;
use super::scripts::Call;
use crate::metrics::StoreMetrics;
use crate::tickets::StoreError;

/// After a failed connection, calls fail at once for this long instead of trying again.
const REST: Duration = Duration::from_millis(100);

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
    metrics: Arc<StoreMetrics>,
}

/// A connection that many calls share.
#[derive(Clone)]
pub(super) enum Connection {
    Server(Gathered),
    #[cfg(feature = "redis-cluster")]
    Cluster(redis::cluster_async::ClusterConnection),
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
                metrics,
            }),
        }
    }

    /// Sends a call and waits for its answer, all within `deadline`.
    pub async fn ask(&self, call: &Call, deadline: Duration) -> Result<Value, StoreError> {
        let start = Instant::now();
        let places = &self.shared.in_flight;
        let permit = match places.try_acquire() {
            Ok(permit) => permit,
            Err(_) => match timeout_at(start + deadline, places.acquire()).await {
                Ok(Ok(permit)) => permit,
                // It was not sent: nothing is in doubt.
                _ => {
                    self.shared.metrics.turned_away();
                    return Err(StoreError::Crowded);
                }
            },
        };
        // Pinned here: given by value, its kilobytes would be moved into the timeout.
        let attempt = pin!(self.attempt(call));
        let answer = timeout_at(start + deadline, attempt).await;
        drop(permit);
        self.shared.metrics.seconds.observe(call.name, start.elapsed());
        answer.unwrap_or_else(|_| {
            self.shared.dialer.is_watched().then(|| self.retire(start));
            Err(StoreError::TimedOut {
                operation: call.name,
                milliseconds: u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX),
            })
        })
    }

    /// One try, and a second one when the connection turns out broken and repeating does no harm.
    async fn attempt(&self, call: &Call) -> Result<Value, StoreError> {
        let mut connection = self.connection().await?;
        let sent = Instant::now();
        match connection.send(call).await {
            Err(error) if is_broken(&error) => {
                self.retire(sent);
                if !call.repeats {
                    return Err(told(call, &error));
                }
            }
            outcome => return outcome.map_err(|error| told(call, &error)),
        }
        let mut connection = self.connection().await?;
        let outcome = connection.send(call).await;
        outcome.map_err(|error| told(call, &error))
    }

    /// The connection, when it is up or as soon as it is.
    pub async fn connection(&self) -> Result<Connection, StoreError> {
        loop {
            let mut done = match self.present() {
                Ok(connection) => return Ok(connection),
                Err(Absent::Resting(error)) => return Err(StoreError::Unreachable(error)),
                Err(Absent::Dialling(done)) => done,
            };
            // An error means that the dialling ended as well.
            let _ = done.changed().await;
        }
    }

    fn present(&self) -> Result<Connection, Absent> {
        let mut state = self.state();
        match &*state {
            State::Up {
                connection, alive, ..
            } if alive.load(Ordering::Acquire) => {
                return Ok(connection.clone());
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
            Ok(Ok(connection)) => State::Up {
                connection,
                since: Instant::now(),
                alive,
            },
            Ok(Err(error)) => State::Down(Some((Instant::now(), error.to_string()))),
            Err(_) => State::Down(Some((Instant::now(), "no connection in time".to_owned()))),
        };
        *self.state() = next;
    }

    /// Gives the connection that a call used at `moment` up, so that the next call makes another.
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
    demoted || error.is_connection_dropped() || (error.is_io_error() && !error.is_timeout())
}

fn told(call: &Call, error: &RedisError) -> StoreError {
    let text = error.to_string();
    // Inside a script the code is lost in older servers, the words are not.
    if text.contains("OOM command not allowed") || error.code() == Some("OOM") {
        return StoreError::Full;
    }
    let down = matches!(
        error.kind(),
        ErrorKind::Server(
            ServerErrorKind::BusyLoading
                | ServerErrorKind::ClusterDown
                | ServerErrorKind::MasterDown
                | ServerErrorKind::ReadOnly
                | ServerErrorKind::TryAgain
        ) | ErrorKind::ClusterConnectionNotFound
    );
    if down || error.is_io_error() || error.is_connection_dropped() {
        return StoreError::Unreachable(text);
    }
    StoreError::Answered {
        operation: call.name,
        text,
    }
}
