//! One directory server: its address, its pools, its health.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use tokio::time::{Instant as Deadline, timeout, timeout_at};
use tokio_rustls::rustls::ClientConfig;

use super::binds::{BindPool, Ticket};
use super::connection::Connection;
use super::entry::ReadEntry;
use super::fault::Fault;
use super::health::{Fitness, Health};
use super::searches::{Request, SearchPool, identify, root_request};
use super::server_url::ServerUrl;
use super::settings::{LdapLimits, ServiceAccount};
use super::whereabouts::{System, Whereabouts};
use crate::base::clock::Timestamp;
use crate::directory::{Room, ServerReport};
use crate::metrics::{Histogram, Histograms};
use crate::tls;

pub struct Server {
    pub url: ServerUrl,
    pub health: Health,
    whereabouts: Arc<Whereabouts>,
    tls: Option<Arc<ClientConfig>>,
    account: Option<ServiceAccount>,
    connect: Duration,
    searches: SearchPool,
    binds: Arc<BindPool>,
    /// Connections as the account, for one writer at a time each.
    writers: Arc<BindPool>,
    /// Milliseconds since 1970; 0 while no certificate was seen.
    certificate_until: AtomicU64,
    bind_seconds: OnceLock<Arc<Histogram>>,
}

impl Server {
    pub fn new(
        url: ServerUrl,
        tls: Option<Arc<ClientConfig>>,
        account: Option<ServiceAccount>,
        limits: &LdapLimits,
    ) -> Server {
        Server {
            whereabouts: Whereabouts::new(&url.host, url.port, Arc::new(System)),
            url,
            health: Health::new(limits),
            tls,
            account,
            connect: limits.connect,
            searches: SearchPool::new(limits),
            binds: Arc::new(BindPool::new(limits)),
            writers: Arc::new(BindPool::new(limits)),
            certificate_until: AtomicU64::new(0),
            bind_seconds: OnceLock::new(),
        }
    }

    /// The same, somewhere else.
    #[cfg(test)]
    pub fn at(mut self, whereabouts: Arc<Whereabouts>) -> Server {
        self.whereabouts = whereabouts;
        self
    }

    /// Counts its binds there from now on.
    pub fn count_binds(&self, binds: &Histograms) {
        self.bind_seconds
            .get_or_init(|| binds.of(&[&self.url.to_string()]));
    }

    pub fn bind_took(&self, took: Duration) {
        if let Some(seconds) = self.bind_seconds.get() {
            seconds.observe(took);
        }
    }

    /// As a server that people are looked up on, or as one that is written.
    pub fn report(&self, writes: bool) -> ServerReport {
        let mut pools = vec![self.searches.report(), self.binds.report("bind")];
        pools.extend(writes.then(|| self.writers.report("write")));
        let until = self.certificate_until.load(Ordering::Relaxed);
        ServerReport {
            server: self.url.to_string(),
            up: matches!(
                self.health.fitness(Instant::now()),
                Fitness::Healthy | Fitness::Silent
            ),
            certificate_until: (until > 0).then_some(Timestamp(until)),
            pools,
        }
    }

    /// The entries of the first requests that find any; once all that are
    /// wanted have come, no more is asked.
    pub async fn search(&self, requests: &[Request]) -> Result<Vec<ReadEntry>, Fault> {
        let mut found = Vec::new();
        for request in requests {
            found.extend(self.searches.search(request, || self.open_for_searches()).await?);
            if found.len() >= usize::try_from(request.wanted).unwrap_or(1) {
                break;
            }
        }
        Ok(found)
    }

    /// For a search and a bind.
    pub fn room(&self, under_way: usize) -> Room {
        self.searches.room().min(self.binds.room(under_way))
    }

    /// A connection for one bind.
    pub async fn check_out(&self) -> Result<Ticket, Fault> {
        self.binds.check_out(|| self.open()).await
    }

    /// A connection as the account, for one writer.
    pub async fn check_out_writer(&self) -> Result<Ticket, Fault> {
        self.writers.check_out(|| self.open_for_searches()).await
    }

    /// Reads the root entry within `limit` and notes the outcome.
    pub async fn probe(&self, limit: Duration) {
        let asked = Instant::now();
        let request = root_request();
        let search = self.searches.search(&request, || self.open_for_searches());
        let outcome = timeout(limit, search).await.unwrap_or(Err(Fault::TimedOut));
        self.note(&outcome, asked);
    }

    /// Looks for its addresses, where those that are known are of before.
    pub async fn refresh_addresses(&self) {
        self.whereabouts.refresh().await;
    }

    /// Closes idle connections that are too old or give no sign of life within `limit`.
    pub async fn refresh_idle(&self, limit: Duration) {
        // Given up, an exchange closes the connection it was on.
        let _ = timeout(limit, self.searches.refresh_idle()).await;
        let _ = timeout(limit, self.binds.refresh_idle()).await;
        let _ = timeout(limit, self.writers.refresh_idle()).await;
    }

    /// What a try says about this server's health.
    pub fn note<T>(&self, outcome: &Result<T, Fault>, asked: Instant) {
        match outcome {
            Err(fault) if fault.counts_against_server() => self.health.failed(Instant::now()),
            Err(Fault::Crowded) => {}
            _ => self.health.answered(asked.elapsed()),
        }
    }

    pub async fn open(&self) -> Result<Connection, Fault> {
        let addresses = self.whereabouts.addresses().await?;
        let opened = Connection::open(&self.url, addresses, self.tls.as_ref(), self.connect).await;
        if let Err(Fault::Connect(_)) = &opened {
            self.whereabouts.doubt();
        }
        let connection = opened?;
        let facts = connection.tls.as_ref();
        if let Some(until) = facts.and_then(|facts| tls::expires(&facts.certificate)) {
            self.certificate_until.store(until.0, Ordering::Relaxed);
        }
        Ok(connection)
    }

    /// A connection as the service account.
    pub async fn open_for_searches(&self) -> Result<Connection, Fault> {
        let connection = self.open().await?;
        identify(&connection, self.account.as_ref()).await?;
        Ok(connection)
    }
}

/// Runs one try in a task of its own until the deadline. A panic inside ends the try, nothing else;
/// a try that is given up is aborted, which closes what was in doubt.
pub async fn contained<T, F>(attempt: F, deadline: Deadline) -> Result<T, Fault>
where
    T: Send + 'static,
    F: Future<Output = Result<T, Fault>> + Send + 'static,
{
    let task = tokio::spawn(attempt);
    let stop = StopOnDrop(task.abort_handle());
    let outcome = timeout_at(deadline, task).await;
    drop(stop);
    match outcome {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) => Err(Fault::Lost("its answer could not be handled".to_owned())),
        Err(_) => Err(Fault::TimedOut),
    }
}

struct StopOnDrop(tokio::task::AbortHandle);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}
