//! The port to which servers share the store: each says for half a minute that it is there, and what it
//! serves. What that is, is the servers' own business.

use std::time::Duration;

use async_trait::async_trait;

use super::StoreError;

/// How long a node is believed to be there without another word (reliability §4.2).
pub const NODE_LIFE: Duration = Duration::from_secs(30);

/// Bytes of what a node says.
pub const LONGEST_NODE: usize = 4096;

/// Bytes of a node's name.
pub const LONGEST_NODE_NAME: usize = 255;

/// Nodes that are told of at most.
pub const MOST_NODES: usize = 256;

/// The form of sessions that every version reads.
pub const FIRST_SESSION_FORM: u8 = 1;

/// The latest form of sessions that this version reads: of a session with its visits within.
pub const SESSION_FORM: u8 = 2;

/// One node, by its own word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announced {
    pub name: String,
    pub said: Vec<u8>,
}

/// Who is there.
#[async_trait]
pub trait Nodes: Send + Sync {
    /// Says that a node is there for [`NODE_LIFE`], in place of what was said under its name before.
    async fn announce(&self, name: &str, said: &[u8]) -> Result<(), StoreError>;

    /// Forgets a node that stops.
    async fn leave(&self, name: &str) -> Result<(), StoreError>;

    /// Those who are there, by name.
    async fn nodes(&self) -> Result<Vec<Announced>, StoreError>;

    /// Says which form of sessions all of them read: the store opens none of a later one (F-32). Until it is
    /// told, it writes the first.
    fn all_read(&self, session_form: u8);
}
