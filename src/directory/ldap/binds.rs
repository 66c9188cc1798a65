//! Binds on one server: each has a connection to itself, which is used again only when the bind was
//! answered (dependencies §0 fact 2, F-16).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::answers::{bound, password_policy_request};
use super::connection::Connection;
use super::fault::Fault;
use super::gate::{Gate, Place};
use super::searches::{root_request, search_on};
use super::settings::LdapLimits;
use crate::base::secret::Password;
use crate::directory::{Bound, PoolReport, Room};

/// The bind connections of one server.
pub struct BindPool {
    gate: Gate,
    idle: Mutex<Vec<Idle>>,
    max_age: Duration,
    longest_idle: Duration,
}

struct Idle {
    connection: Connection,
    since: Instant,
}

/// A connection checked out for one bind. Dropped unused, it goes back to the pool; dropped while a
/// bind is under way, it closes.
pub struct Ticket {
    pool: Arc<BindPool>,
    connection: Option<Connection>,
    /// Whether it was opened for this bind: a failure then is the server's, not a stale socket's.
    pub fresh: bool,
    _place: Place,
}

impl BindPool {
    pub fn new(limits: &LdapLimits) -> BindPool {
        BindPool {
            gate: Gate::new(limits.bind_connections.max(1), limits.queue_length, limits.queue),
            idle: Mutex::default(),
            max_age: limits.max_age,
            longest_idle: limits.idle,
        }
    }

    /// An idle connection, or one made by `open`.
    pub async fn check_out<F>(self: &Arc<Self>, open: impl FnOnce() -> F) -> Result<Ticket, Fault>
    where
        F: Future<Output = Result<Connection, Fault>>,
    {
        let place = self.gate.enter().await?;
        let reused = self.take_idle();
        let fresh = reused.is_none();
        let connection = match reused {
            Some(connection) => connection,
            None => open().await?,
        };
        Ok(Ticket {
            pool: self.clone(),
            connection: Some(connection),
            fresh,
            _place: place,
        })
    }

    /// Closes what has been idle for too long and asks the others for a sign of life.
    pub async fn refresh_idle(&self) {
        let kept: Vec<Idle> = self.idle().drain(..).collect();
        for idle in kept {
            let in_time = idle.since.elapsed() < self.longest_idle;
            if in_time && idle.connection.is_usable(self.max_age) {
                let alive = search_on(&idle.connection, &root_request()).await;
                if !alive.is_err_and(|fault| fault.counts_against_server()) {
                    self.idle().push(idle);
                }
            }
        }
    }

    pub fn room(&self, under_way: usize) -> Room {
        self.gate.room(under_way)
    }

    pub fn report(&self, kind: &'static str) -> PoolReport {
        self.gate.report(kind)
    }

    /// The most recently used one, so that the others can grow old.
    fn take_idle(&self) -> Option<Connection> {
        loop {
            let idle = self.idle().pop()?;
            if idle.since.elapsed() < self.longest_idle && idle.connection.is_usable(self.max_age) {
                return Some(idle.connection);
            }
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ticket {
    /// Tries a password. The connection is given back only after an answer.
    pub async fn bind(mut self, dn: &str, password: &Password) -> Result<Bound, Fault> {
        // Taken out, it closes unless it is put back below.
        let Some(connection) = self.connection.take() else {
            return Err(Fault::Lost("no connection".to_owned()));
        };
        let answer = connection
            .ldap()
            .with_controls(vec![password_policy_request()])
            .simple_bind(dn, password.as_typed())
            .await;
        match answer {
            Ok(answer) => {
                self.connection = Some(connection);
                bound(&answer)
            }
            Err(error) => Err(connection.explain(Fault::from(error))),
        }
    }
}

impl Ticket {
    /// The connection, for operations one after the other. It closes unless it is given back.
    pub fn take(&mut self) -> Option<Connection> {
        self.connection.take()
    }

    /// Every operation on it was answered.
    pub fn give_back(&mut self, connection: Connection) {
        self.connection = Some(connection);
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            let since = Instant::now();
            self.pool.idle().push(Idle { connection, since });
        }
    }
}
