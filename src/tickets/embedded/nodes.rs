//! Who is there, in the embedded store: one process has it open, so there is one node at most, and those
//! that it was before.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::shelf::{Key, Kind, Step};
use super::store::EmbeddedStore;
use crate::base::clock::Timestamp;
use crate::tickets::digest::Digest;
use crate::tickets::error::fits;
use crate::tickets::{Announced, LONGEST_NODE, LONGEST_NODE_NAME, MOST_NODES, NODE_LIFE, Nodes, StoreError};

#[derive(Clone, Serialize, Deserialize)]
struct There {
    name: String,
    said: Vec<u8>,
    until: Timestamp,
}

fn key() -> Key {
    Key::new(Kind::Nodes, Digest([0; 16]))
}

impl Step<'_> {
    /// Those who are there, but the one of this name.
    fn others(&self, name: &str) -> Result<Vec<There>, StoreError> {
        let mut there: Vec<There> = self.read(&key())?.unwrap_or_default();
        there.retain(|node| node.until > self.now && node.name != name);
        Ok(there)
    }
}

#[async_trait]
impl Nodes for EmbeddedStore {
    async fn announce(&self, name: &str, said: &[u8]) -> Result<(), StoreError> {
        fits("announce", name.as_bytes(), LONGEST_NODE_NAME)?;
        fits("announce", said, LONGEST_NODE)?;
        let (name, said) = (name.to_owned(), said.to_vec());
        self.change(move |step| {
            let mut there = step.others(&name)?;
            there.truncate(MOST_NODES - 1);
            let until = step.now.plus(NODE_LIFE);
            there.push(There { name, said, until });
            step.write(key(), &there, until)
        })
        .await
    }

    async fn leave(&self, name: &str) -> Result<(), StoreError> {
        let name = name.to_owned();
        self.change(move |step| {
            let there = step.others(&name)?;
            let until = there.iter().map(|node| node.until).max();
            match until {
                Some(until) => step.write(key(), &there, until),
                None => {
                    step.delete(key());
                    Ok(())
                }
            }
        })
        .await
    }

    async fn nodes(&self) -> Result<Vec<Announced>, StoreError> {
        let there = self.look(|step| step.others(""))?;
        let mut nodes: Vec<Announced> = there
            .into_iter()
            .map(|There { name, said, .. }| Announced { name, said })
            .collect();
        nodes.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        Ok(nodes)
    }

    /// Its file has one reader.
    fn all_read(&self, _session_form: u8) {}
}
