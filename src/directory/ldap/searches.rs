//! Searches on one server: a few connections as the service account, each shared by a bounded
//! number of searches (dependencies §0 fact 3). Which server is asked is decided elsewhere.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ldap3::{DerefAliases, Ldap, SearchOptions};
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore};

use super::answers::fault_of;
use super::barrier::{Barrier, BarrierKind};
use super::connection::Connection;
use super::entry::{ReadEntry, read_entry};
use super::fault::Fault;
use super::gate::Gate;
use super::settings::{LdapLimits, Scope, ServiceAccount};
use crate::directory::{DirectoryError, PoolReport, Room};

/// A search for a few entries.
#[derive(Debug, Clone)]
pub struct Request {
    pub base: String,
    pub scope: Scope,
    pub filter: String,
    pub attributes: Arc<[String]>,
    /// Entries wanted at most: the last one only proves that there are more than anybody wants.
    pub wanted: i32,
}

/// Nobody, someone, or more than one.
pub const ONE_AND_ANOTHER: i32 = 2;

/// The search connections of one server.
pub struct SearchPool {
    gate: Gate,
    slots: Vec<Slot>,
    max_age: Duration,
}

struct Slot {
    connection: Mutex<Option<Arc<Connection>>>,
    room: Arc<Semaphore>,
    capacity: usize,
    /// Searches started, to see whether it has been idle.
    started: AtomicU64,
}

impl SearchPool {
    pub fn new(limits: &LdapLimits) -> SearchPool {
        let each = limits.searches_per_connection.max(1);
        let connections = limits.search_connections.max(1);
        let slot = |_| Slot {
            connection: Mutex::new(None),
            room: Arc::new(Semaphore::new(each)),
            capacity: each,
            started: AtomicU64::new(0),
        };
        SearchPool {
            gate: Gate::new(each * connections, limits.queue_length, limits.queue),
            slots: (0..connections).map(slot).collect(),
            max_age: limits.max_age,
        }
    }

    /// Runs a search on a connection of the pool, opening one with `open` when needed. A
    /// connection that turns out to have been closed in the meantime is replaced once.
    pub async fn search<F>(&self, request: &Request, open: impl Fn() -> F) -> Result<Vec<ReadEntry>, Fault>
    where
        F: Future<Output = Result<Connection, Fault>>,
    {
        let _place = self.gate.enter().await?;
        let (slot, _room) = self.pick().await?;
        slot.started.fetch_add(1, Ordering::Relaxed);
        let (connection, fresh) = slot.connection(self.max_age, &open).await?;
        match search_on(&connection, request).await {
            Err(Fault::Lost(_)) if !fresh => {
                let (connection, _) = slot.connection(self.max_age, &open).await?;
                search_on(&connection, request).await
            }
            outcome => outcome,
        }
    }

    /// Reads the root entry on every open connection that no search used since the last call, so
    /// that a dead one is found before somebody needs it.
    pub async fn refresh_idle(&self) {
        for slot in &self.slots {
            let Some(connection) = slot.connection.lock().await.clone() else {
                continue;
            };
            let used = slot.started.swap(0, Ordering::Relaxed) > 0;
            if !connection.is_usable(self.max_age) {
                *slot.connection.lock().await = None;
            } else if !used {
                // Its failure retires the connection, which is all that is wanted.
                let _ = search_on(&connection, &root_request()).await;
            }
        }
    }

    pub fn room(&self) -> Room {
        self.gate.room(0)
    }

    pub fn report(&self) -> PoolReport {
        self.gate.report("search")
    }

    /// The first connection with few searches under way, so that quiet times need only one; when
    /// all have many, the one with the most room.
    async fn pick(&self) -> Result<(&Slot, OwnedSemaphorePermit), Fault> {
        let few = |slot: &&Slot| slot.capacity - slot.room.available_permits() < slot.capacity.min(8);
        let widest = self.slots.iter().max_by_key(|slot| slot.room.available_permits());
        let slot = self.slots.iter().find(few).or(widest).ok_or(Fault::Crowded)?;
        let room = slot
            .room
            .clone()
            .acquire_owned()
            .await
            .map_err(|_| Fault::Crowded)?;
        Ok((slot, room))
    }
}

impl Slot {
    /// The slot's connection and whether it has just been opened. Opening is done once, however
    /// many wait for it.
    async fn connection<F>(
        &self,
        max_age: Duration,
        open: impl Fn() -> F,
    ) -> Result<(Arc<Connection>, bool), Fault>
    where
        F: Future<Output = Result<Connection, Fault>>,
    {
        let mut held = self.connection.lock().await;
        if let Some(connection) = held.as_ref().filter(|held| held.is_usable(max_age)) {
            return Ok((connection.clone(), false));
        }
        *held = None;
        let connection = Arc::new(open().await?);
        *held = Some(connection.clone());
        Ok((connection, true))
    }
}

/// Retires a connection unless told that all went well: also when the operation is given up.
struct Doubt<'a>(Option<&'a Connection>);

impl Drop for Doubt<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.0 {
            connection.retire();
        }
    }
}

/// One search on one connection.
pub async fn search_on(connection: &Connection, request: &Request) -> Result<Vec<ReadEntry>, Fault> {
    let mut doubt = Doubt(Some(connection));
    let fault = match run(connection.ldap(), request).await {
        Ok(Outcome::Whole(entries)) => {
            doubt.0 = None;
            return Ok(entries);
        }
        Ok(Outcome::Endless(entries)) => return Ok(entries),
        Err(fault) => fault,
    };
    if matches!(
        fault,
        Fault::Passing { .. } | Fault::Final(DirectoryError::Answered { .. })
    ) {
        // The server answered in good order: the connection is as good as before.
        doubt.0 = None;
    }
    Err(connection.explain(fault))
}

enum Outcome {
    Whole(Vec<ReadEntry>),
    /// The server sends more than it was asked for; the rest is not waited for.
    Endless(Vec<ReadEntry>),
}

/// The root entry (RFC 4512 §5.1), asked for nothing but itself.
pub fn root_request() -> Request {
    Request {
        base: String::new(),
        scope: Scope::Base,
        filter: "(objectClass=*)".to_owned(),
        attributes: Arc::from(
            [
                "vendorName",
                "vendorVersion",
                "objectClass",
                "rootDomainNamingContext",
            ]
            .map(str::to_owned),
        ),
        wanted: ONE_AND_ANOTHER,
    }
}

/// Binds as the service account, if there is one.
pub async fn identify(connection: &Connection, account: Option<&ServiceAccount>) -> Result<(), Fault> {
    let Some(account) = account else { return Ok(()) };
    let bound = connection
        .ldap()
        .simple_bind(&account.dn, account.password.expose())
        .await;
    match bound {
        Ok(answer) if answer.rc == 0 => Ok(()),
        Ok(answer) => Err(Fault::Connect(Barrier::new(
            BarrierKind::Account,
            format!(
                "the service account {} is refused with {} ({})",
                account.dn, answer.rc, answer.text
            ),
        ))),
        Err(error) => Err(connection.explain(Fault::from(error))),
    }
}

async fn run(mut ldap: Ldap, request: &Request) -> Result<Outcome, Fault> {
    let options = SearchOptions::new()
        .sizelimit(request.wanted)
        .deref(DerefAliases::Never);
    let mut stream = ldap
        .with_search_options(options)
        .streaming_search(
            &request.base,
            request.scope.of_ldap3(),
            &request.filter,
            request.attributes.to_vec(),
        )
        .await?;
    let wanted = usize::try_from(request.wanted).unwrap_or_default();
    let mut entries = Vec::new();
    while let Some(item) = stream.next().await? {
        // References to other servers and intermediate answers are not ours to follow.
        if item.is_ref() || item.is_intermediate() {
            continue;
        }
        let unreadable = || Fault::Lost("an entry cannot be read".to_owned());
        entries.push(read_entry(item.0).ok_or_else(unreadable)?);
        if entries.len() > wanted {
            return Ok(Outcome::Endless(entries));
        }
    }
    let result = stream.finish().await;
    match result.rc {
        0 => Ok(Outcome::Whole(entries)),
        // sizeLimitExceeded: those that came are all we want to know.
        4 if entries.len() == wanted => Ok(Outcome::Whole(entries)),
        _ => Err(fault_of("search", &result)),
    }
}
