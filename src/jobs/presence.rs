//! Tells the other nodes that this one is there and what it serves, and hears of them. When they differ, the
//! store writes what all of them read; the rest is for who runs them.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use crate::base::clock::{Clock, Timestamp};
use crate::base::edition::Edition;
use crate::base::keys::{KeyRing, Purpose};
use crate::tickets::{Nodes, SESSION_FORM, StoreError};

/// Between two words: two may be lost.
const EVERY: Duration = Duration::from_secs(10);

/// How long a stop waits for the store to forget this node.
const FAREWELL: Duration = Duration::from_millis(500);

/// What a node says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    pub name: String,
    /// Of the program.
    pub version: String,
    #[serde(flatten)]
    pub edition: Edition,
    /// Equal where two nodes have the same key ring; it tells nothing of the keys.
    pub keys: String,
    /// The latest form of sessions it reads; 0 of a version that does not say.
    #[serde(default)]
    pub session_form: u8,
    /// When the process began.
    pub started: String,
    /// Since when this is served.
    pub since: String,
    /// The last reading of the files while serving.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last_reload: Option<Reloaded>,
}

/// How a reading of the files ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reloaded {
    pub at: String,
    /// `done`, or `failed`: then what was read before is served.
    pub result: String,
}

/// What is served now.
pub trait Serving: Send + Sync + 'static {
    fn serving(&self) -> (Edition, Timestamp, Option<Reloaded>);
}

/// This node among the others.
pub struct Presence {
    nodes: Arc<dyn Nodes>,
    serving: Arc<dyn Serving>,
    name: String,
    keys: String,
    started: Timestamp,
}

impl Presence {
    /// `name` is another one on each node.
    pub fn new(
        name: String,
        nodes: Arc<dyn Nodes>,
        serving: Arc<dyn Serving>,
        keys: &KeyRing,
        clock: &dyn Clock,
    ) -> Presence {
        let mark = keys.pseudonym(Purpose::Counter, &[b"presence", &[keys.active()]]);
        let keys = mark.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Presence {
            nodes,
            serving,
            name,
            keys,
            started: clock.now(),
        }
    }

    /// What this node says.
    pub fn own(&self) -> Node {
        let (edition, since, last_reload) = self.serving.serving();
        Node {
            name: self.name.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            edition,
            keys: self.keys.clone(),
            session_form: SESSION_FORM,
            started: self.started.to_rfc3339(),
            since: since.to_rfc3339(),
            last_reload,
        }
    }

    /// Says it.
    pub async fn announce(&self) -> Result<(), StoreError> {
        let said = serde_json::to_vec(&self.own()).unwrap_or_default();
        self.nodes.announce(&self.name, &said).await
    }

    /// The live nodes, this one as it is now among them. What a node of another version says is read as far
    /// as it is understood.
    pub async fn all(&self) -> Result<Vec<Node>, StoreError> {
        let mut nodes = vec![self.own()];
        for announced in self.nodes.nodes().await? {
            if announced.name != self.name {
                let told: Option<Node> = serde_json::from_slice(&announced.said).ok();
                nodes.push(Node {
                    name: announced.name,
                    ..told.unwrap_or_default()
                });
            }
        }
        nodes.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        Ok(nodes)
    }

    /// Has the store write what every live node reads, an older one beside this one, too (F-32).
    pub async fn agree(&self) -> Result<(), StoreError> {
        let forms = self.all().await?.into_iter().map(|node| node.session_form);
        self.nodes.all_read(forms.min().unwrap_or_default());
        Ok(())
    }

    async fn meet(&self) -> Result<(), StoreError> {
        self.announce().await?;
        self.agree().await
    }

    /// Says it again and again until `stopping`, and then that this node is gone.
    pub async fn run(self: Arc<Presence>, stopping: CancellationToken) {
        let mut silent = false;
        loop {
            match self.meet().await {
                Ok(()) => silent = false,
                Err(error) if !std::mem::replace(&mut silent, true) => {
                    tracing::warn!(%error, "this node and the others do not hear of each other");
                }
                Err(_) => {}
            }
            tokio::select! {
                () = stopping.cancelled() => break,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
        let _ = tokio::time::timeout(FAREWELL, self.nodes.leave(&self.name)).await;
    }
}

/// In what live nodes can differ, and whether they do.
pub fn differences(nodes: &[Node]) -> [(&'static str, bool); 6] {
    let differ = |of: fn(&Node) -> &str| nodes.iter().map(of).collect::<BTreeSet<_>>().len() > 1;
    [
        ("version", differ(|node| &node.version)),
        ("config", differ(|node| &node.edition.config)),
        ("registry", differ(|node| &node.edition.registry)),
        ("institutions", differ(|node| &node.edition.institutions)),
        ("themes", differ(|node| &node.edition.themes)),
        ("keys", differ(|node| &node.keys)),
    ]
}
