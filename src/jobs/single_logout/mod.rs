//! The ledger of logout messages: they wait, sealed, in a queue of the ticket store until their
//! application has them, whichever node ended the session and whatever became of it (F-31, CAS-190,
//! CAS-198). It does not decide whom to tell nor what.

mod dead;
mod message;
mod worker;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::join_all;
use tokio::sync::{Notify, Semaphore};
use zeroize::Zeroizing;

pub use dead::{DEAD_LIFE, DeadLetter};
use message::Message;
pub use message::{Failure, Reason};

use crate::base::clock::Clock;
use crate::base::entropy::Entropy;
use crate::base::keys::KeyRing;
use crate::flows::{LogoutNotice, LogoutNotices};
use crate::metrics::Metrics;
use crate::outgoing::Outgoing;
use crate::tickets::{FarewellId, FarewellLine, Farewells, Lane, Requests, StoreError, Told};

/// How messages are delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SingleLogoutSettings {
    /// The pause before each further try; as many tries follow the first (F-31).
    pub pauses: Vec<Duration>,
    /// Exchanges at once over all hosts, on this node.
    pub at_once: usize,
    /// A message whose worker is not heard of goes to another after this long: longer than an exchange
    /// and the store take.
    pub lease: Duration,
    /// How often an empty queue is looked at: other nodes write into it, too.
    pub idle: Duration,
    /// A message that nobody could deliver is given up at this age, whatever it has been through.
    pub keep: Duration,
}

impl Default for SingleLogoutSettings {
    fn default() -> SingleLogoutSettings {
        SingleLogoutSettings {
            pauses: [1, 5, 30, 120, 600].map(Duration::from_secs).to_vec(),
            at_once: 64,
            lease: Duration::from_secs(15),
            idle: Duration::from_secs(1),
            keep: Duration::from_secs(86_400),
        }
    }
}

const CONTEXT: &[u8] = b"logout message v1";

/// What the ledger stands on.
pub struct LedgerPorts {
    pub queue: Arc<dyn Requests>,
    pub farewells: Arc<dyn Farewells>,
    pub outgoing: Outgoing,
    pub keys: KeyRing,
    pub entropy: Arc<dyn Entropy>,
    pub clock: Arc<dyn Clock>,
    pub metrics: Arc<Metrics>,
}

/// The ledger of one node.
pub struct SingleLogout {
    ports: LedgerPorts,
    settings: SingleLogoutSettings,
    places: Arc<Semaphore>,
    /// Tells the worker of this node that there is work.
    news: Notify,
}

impl SingleLogout {
    pub fn new(ports: LedgerPorts, settings: SingleLogoutSettings) -> SingleLogout {
        SingleLogout {
            ports,
            places: Arc::new(Semaphore::new(settings.at_once.max(1))),
            settings,
            news: Notify::new(),
        }
    }

    fn sealed(&self, context: &[u8], message: &Message) -> Vec<u8> {
        // Nothing in a message can fail to be written; an empty one would open as forged.
        let plain = Zeroizing::new(serde_json::to_vec(message).unwrap_or_default());
        self.ports.keys.seal(self.ports.entropy.as_ref(), context, &plain)
    }

    fn opened(&self, context: &[u8], sealed: &[u8]) -> Option<Message> {
        let plain = Zeroizing::new(self.ports.keys.open(context, sealed)?);
        serde_json::from_slice(&plain).ok()
    }

    async fn push(&self, message: &Message, delay: Duration) -> Result<(), StoreError> {
        let sealed = self.sealed(CONTEXT, message);
        self.ports.queue.push(Lane::Logouts, &sealed, delay).await
    }

    /// Remembers, for the page, what has become of a message. Nobody is told less for want of that.
    async fn note(&self, message: &Message, told: Told) {
        let line = message.line(told);
        let noted = self.ports.farewells.note(&FarewellId(message.of), &[line]).await;
        if let Err(error) = noted {
            tracing::debug!(%error, "what became of a logout message is not remembered");
        }
    }

    /// A message that nobody will deliver: neither the queue nor the operator's list has it.
    fn lost(&self, message: &Message, error: &StoreError) {
        self.ports.metrics.slo_lost.add(&[]);
        let (service, host) = (&message.service, message.host());
        tracing::error!(event = "logout_lost", %service, host, %error, "a logout message cannot be kept: the application is not told");
    }
}

#[async_trait]
impl LogoutNotices for SingleLogout {
    /// Each message is an entry of its own, so that one dead application delays no other.
    async fn post(&self, notices: Vec<LogoutNotice>) -> FarewellId {
        let mut of = FarewellId([0; 16]);
        self.ports.entropy.fill(&mut of.0);
        let now = self.ports.clock.now();
        let messages: Vec<Message> = (0..)
            .zip(notices)
            .map(|(number, notice)| Message::of(notice, &of, number, now))
            .collect();
        let lines: Vec<FarewellLine> = messages
            .iter()
            .map(|message| message.line(Told::Underway))
            .collect();
        if let Err(error) = self.ports.farewells.note(&of, &lines).await {
            tracing::debug!(%error, "what becomes of logout messages is not remembered");
        }
        join_all(messages.iter().map(|message| async {
            if let Err(error) = self.push(message, Duration::ZERO).await {
                self.lost(message, &error);
                self.note(message, Told::No).await;
            }
        }))
        .await;
        self.news.notify_one();
        of
    }
}
