//! The one HTTP client of the server: for logout messages, proxy call-backs, gateways. It reaches
//! only where it may, waits only so long, follows no redirect and hands back a status; a body only to
//! who asks another server what it knows.

mod destination;
mod exchange;
mod hosts;
mod probe;

use std::time::Duration;

use bytes::Bytes;
pub use destination::{Allowed, InvalidAllowed};
use destination::{Destination, forbidden};
use exchange::Answer;
use hosts::{Host, Hosts};
use http::{HeaderName, HeaderValue, Method, Request, StatusCode};
use http_body_util::Full;
pub use probe::{Probe, ProbeError, probe};
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use url::Url;

use crate::tls::{Roots, RootsError, client_config};

/// How the client behaves, towards all hosts alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingSettings {
    /// From the look-up of the name to the status of the answer (CAS-167, CAS-198). A body counts
    /// for nothing.
    pub deadline: Duration,
    /// Bytes of an answer's body that are read before we hang up (T-40).
    pub longest_answer: usize,
    /// Exchanges at once with one host (F-31).
    pub per_host: usize,
    /// Failures in a row after which a host is left alone…
    pub failures: u32,
    /// …for this long; then one exchange tries again.
    pub rest: Duration,
    /// Destinations inside the network that may be reached all the same.
    pub allowed: Vec<Allowed>,
    pub roots: Roots,
}

impl Default for OutgoingSettings {
    fn default() -> OutgoingSettings {
        OutgoingSettings {
            deadline: Duration::from_secs(5),
            longest_answer: 64 * 1024,
            per_host: 4,
            failures: 5,
            rest: Duration::from_secs(30),
            allowed: Vec::new(),
            roots: Roots::System,
        }
    }
}

/// What a gateway is sent, beside its URL.
pub struct Call {
    pub method: Method,
    pub headers: Vec<(HeaderName, HeaderValue)>,
    pub body: Bytes,
}

/// Why no status came back. Texts name no path and no query: both may hold secrets.
#[derive(Debug, thiserror::Error)]
pub enum OutgoingError {
    #[error("not a URL that can be called: http or https, a host, no user")]
    NotCallable,
    #[error("{host} has no address that may be called")]
    Forbidden { host: String },
    #[error("{host} has no address")]
    Unresolvable { host: String },
    #[error("{host} cannot be reached")]
    Unreachable {
        host: String,
        #[source]
        cause: std::io::Error,
    },
    #[error("no TLS with {host}")]
    Tls {
        host: String,
        #[source]
        cause: std::io::Error,
    },
    #[error("{host} does not speak HTTP/1.1")]
    Http {
        host: String,
        #[source]
        cause: hyper::Error,
    },
    #[error("no answer from {host} in time")]
    Late { host: String },
    #[error("{host} answered more than anybody reads, or broke off")]
    Unreadable { host: String },
    /// As many calls as may be are under way there.
    #[error("no place at {host} now")]
    Busy { host: String },
    #[error("{host} failed too often and is left alone for a while")]
    Resting { host: String },
}

impl OutgoingError {
    /// Whether the same call may well succeed later.
    fn may_pass(&self) -> bool {
        !matches!(self, OutgoingError::NotCallable | OutgoingError::Forbidden { .. })
    }
}

/// The client. Share one.
pub struct Outgoing {
    settings: OutgoingSettings,
    connector: TlsConnector,
    hosts: Hosts,
}

impl Outgoing {
    pub fn new(settings: OutgoingSettings) -> Result<Outgoing, RootsError> {
        let connector = TlsConnector::from(client_config(&settings.roots)?);
        let hosts = Hosts::new(settings.per_host, settings.failures, settings.rest);
        Ok(Outgoing {
            settings,
            connector,
            hosts,
        })
    }

    /// The same client for another purpose, with `per_host` places of its own at each host and its own
    /// memory of failures: what fails there is not held against calls of this kind (F-31).
    pub fn apart(&self, per_host: usize) -> Outgoing {
        let settings = OutgoingSettings {
            per_host,
            ..self.settings.clone()
        };
        Outgoing {
            hosts: Hosts::new(per_host, settings.failures, settings.rest),
            connector: self.connector.clone(),
            settings,
        }
    }

    /// The same client, which checks certificates against `roots` instead, with places and a memory of
    /// failures of its own. It reaches nothing that this one would not.
    pub fn trusting(&self, roots: Roots) -> Result<Outgoing, RootsError> {
        Outgoing::new(OutgoingSettings {
            roots,
            ..self.settings.clone()
        })
    }

    /// The same client for one host that somebody trusted has named: it may be called wherever it
    /// stands, and is checked against `roots`.
    pub fn towards(&self, host: &str, roots: Roots, per_host: usize) -> Result<Outgoing, RootsError> {
        let mut settings = OutgoingSettings {
            per_host,
            roots,
            ..self.settings.clone()
        };
        let named = host.trim_start_matches('[').trim_end_matches(']');
        settings.allowed.extend(named.parse());
        Outgoing::new(settings)
    }

    /// Posts `form`, already `application/x-www-form-urlencoded`, and returns the status of the answer,
    /// whatever it is. Without a free place at the host the answer is [`OutgoingError::Busy`] at once,
    /// and nothing was sent: for work that can come back later.
    pub async fn post_form(&self, url: &Url, form: String) -> Result<StatusCode, OutgoingError> {
        let destination = Destination::of(url)?;
        let record = self.hosts.of(&destination);
        let Some(_place) = record.place_now() else {
            return Err(OutgoingError::Busy {
                host: destination.name,
            });
        };
        let request = exchange::request(url, Method::POST, Bytes::from(form))?;
        let until = Instant::now() + self.settings.deadline;
        self.call(&destination, &record, request, until).await
    }

    /// Sends what `call` says and returns the status of the answer, whatever it is. Waits as long as it
    /// takes for a free place at the host: for work in the background.
    pub async fn submit(&self, url: &Url, call: Call) -> Result<StatusCode, OutgoingError> {
        let destination = Destination::of(url)?;
        let record = self.hosts.of(&destination);
        let _place = record.place().await;
        let request = exchange::special(url, call)?;
        let until = Instant::now() + self.settings.deadline;
        self.call(&destination, &record, request, until).await
    }

    /// A place at the host within half of the deadline, or [`OutgoingError::Busy`] where too many wait.
    async fn place(
        &self,
        destination: &Destination,
        record: &Host,
        begin: Instant,
    ) -> Result<OwnedSemaphorePermit, OutgoingError> {
        let waiting = record.place_in_line();
        let place = tokio::time::timeout_at(begin + self.settings.deadline / 2, waiting).await;
        let busy = || OutgoingError::Busy {
            host: destination.name.clone(),
        };
        place.map_err(|_| destination.late())?.ok_or_else(busy)
    }

    /// Gets `url` and returns the status of the answer, whatever it is. The deadline includes the
    /// wait for a free place at the host, since somebody waits for the outcome; that wait may take
    /// half of it, so that a host is not judged by the time that we left it.
    pub async fn get(&self, url: &Url) -> Result<StatusCode, OutgoingError> {
        let destination = Destination::of(url)?;
        let record = self.hosts.of(&destination);
        let begin = Instant::now();
        let _place = self.place(&destination, &record, begin).await?;
        let request = exchange::request(url, Method::GET, Bytes::new())?;
        let until = begin + self.settings.deadline;
        self.call(&destination, &record, request, until).await
    }

    /// Gets `url` and returns the status and the whole body of the answer. The deadline holds to the
    /// last byte; a body longer than `longest_answer` is none.
    pub async fn fetch(&self, url: &Url) -> Result<(StatusCode, Vec<u8>), OutgoingError> {
        let destination = Destination::of(url)?;
        let record = self.hosts.of(&destination);
        let begin = Instant::now();
        let _place = self.place(&destination, &record, begin).await?;
        let request = exchange::request(url, Method::GET, Bytes::new())?;
        let read = async {
            let answer = self.exchange(&destination, request).await?;
            let status = answer.status;
            let body = answer.whole(self.settings.longest_answer).await;
            let host = destination.name.clone();
            body.map(|body| (status, body))
                .ok_or(OutgoingError::Unreadable { host })
        };
        self.judged(&destination, &record, read, begin + self.settings.deadline)
            .await
    }

    /// Connects to the server of `url`, with TLS where it is https, and says nothing: for `doctor`.
    pub async fn reach(&self, url: &Url) -> Result<(), OutgoingError> {
        let destination = Destination::of(url)?;
        let reached = async {
            let stream = self.connect(&destination).await?;
            if destination.tls {
                exchange::secure(&destination, &self.connector, stream).await?;
            }
            Ok(())
        };
        let reached = tokio::time::timeout(self.settings.deadline, reached).await;
        reached.unwrap_or_else(|_| Err(destination.late()))
    }

    async fn call(
        &self,
        destination: &Destination,
        record: &Host,
        request: Request<Full<Bytes>>,
        until: Instant,
    ) -> Result<StatusCode, OutgoingError> {
        let exchange = self.exchange(destination, request);
        let answer = self.judged(destination, record, exchange, until).await?;
        let status = answer.status;
        answer.drain(self.settings.longest_answer).await;
        Ok(status)
    }

    /// Does the work unless its host rests, and remembers how that went.
    async fn judged<T>(
        &self,
        destination: &Destination,
        record: &Host,
        work: impl Future<Output = Result<T, OutgoingError>>,
        until: Instant,
    ) -> Result<T, OutgoingError> {
        if !record.may_try() {
            return Err(OutgoingError::Resting {
                host: destination.name.clone(),
            });
        }
        let outcome = tokio::time::timeout_at(until, work)
            .await
            .unwrap_or_else(|_| Err(destination.late()));
        if outcome.as_ref().err().is_none_or(OutgoingError::may_pass) {
            record.note(outcome.is_ok());
        }
        outcome
    }

    async fn exchange(
        &self,
        destination: &Destination,
        request: Request<Full<Bytes>>,
    ) -> Result<Answer, OutgoingError> {
        let stream = self.connect(destination).await?;
        if !destination.tls {
            return exchange::exchange(&destination.name, stream, request).await;
        }
        let stream = exchange::secure(destination, &self.connector, stream).await?;
        exchange::exchange(&destination.name, stream, request).await
    }

    /// To an address that may be called.
    async fn connect(&self, destination: &Destination) -> Result<TcpStream, OutgoingError> {
        let addresses = destination.resolve().await?;
        let allowed: Vec<_> = addresses
            .into_iter()
            .filter(|address| !forbidden(&destination.name, address.ip(), &self.settings.allowed))
            .collect();
        if allowed.is_empty() {
            tracing::warn!(
                host = destination.name,
                "refused to call an address inside the network"
            );
            return Err(OutgoingError::Forbidden {
                host: destination.name.clone(),
            });
        }
        exchange::connect(&destination.name, &allowed, self.settings.deadline / 2).await
    }
}
