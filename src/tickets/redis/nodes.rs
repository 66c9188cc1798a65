//! Who is there, on Redis: a key for each node that ends by itself, and one with their names. Both lie in one
//! slot. Nodes under another epoch of the store are not seen.

use std::sync::atomic::Ordering;

use async_trait::async_trait;

use super::answers::Parts;
use super::records::span;
use super::scripts;
use super::store::RedisStore;
use crate::tickets::error::fits;
use crate::tickets::{
    Announced, FIRST_SESSION_FORM, LONGEST_NODE, LONGEST_NODE_NAME, MOST_NODES, NODE_LIFE, Nodes,
    SESSION_FORM, StoreError,
};

#[async_trait]
impl Nodes for RedisStore {
    async fn announce(&self, name: &str, said: &[u8]) -> Result<(), StoreError> {
        fits("announce", name.as_bytes(), LONGEST_NODE_NAME)?;
        fits("announce", said, LONGEST_NODE)?;
        let head = self.head();
        let call = scripts::ANNOUNCE
            .on(&[head.nodes(), head.node(name)])
            .arg(name)
            .arg(said)
            .arg(span(NODE_LIFE));
        self.write(call).await.map(drop)
    }

    async fn leave(&self, name: &str) -> Result<(), StoreError> {
        let head = self.head();
        let keys = [head.nodes(), head.node(name)];
        self.write(scripts::LEAVE.on(&keys).arg(name)).await.map(drop)
    }

    async fn nodes(&self) -> Result<Vec<Announced>, StoreError> {
        let head = self.head();
        let call = scripts::NODES
            .on(&[head.nodes()])
            .arg(head.node(""))
            .arg(MOST_NODES);
        let mut parts = Parts::of("nodes", self.read(call).await?)?;
        let mut nodes = Vec::new();
        while let Some(name) = parts.bytes()? {
            nodes.push(Announced {
                name: String::from_utf8_lossy(&name).into_owned(),
                said: parts.bytes()?.unwrap_or_default(),
            });
        }
        nodes.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        Ok(nodes)
    }

    fn all_read(&self, session_form: u8) {
        let form = session_form.clamp(FIRST_SESSION_FORM, SESSION_FORM);
        self.form.store(form, Ordering::Relaxed);
    }
}
