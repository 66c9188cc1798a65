//! Tickets of other servers in the embedded store: the port and its transitions.

use std::time::Duration;

use async_trait::async_trait;

use super::shelf::{Key, Kind, Step};
use super::store::EmbeddedStore;
use crate::tickets::digest::Digest;
use crate::tickets::{FlowKey, StoreError, UpstreamSessions, UpstreamTicket};

impl Step<'_> {
    fn keep_upstream(&mut self, ticket: Digest, sealed: &[u8], ttl: Duration) -> Result<(), StoreError> {
        let until = self.now.plus(ttl);
        self.write(Key::new(Kind::Upstream, ticket), &sealed, until)
    }

    fn take_upstream(&mut self, ticket: Digest) -> Result<Option<Vec<u8>>, StoreError> {
        let key = Key::new(Kind::Upstream, ticket);
        let kept = self.read(&key)?;
        if kept.is_some() {
            self.delete(key);
        }
        Ok(kept)
    }

    fn keep_state(&mut self, flow: Digest, sealed: &[u8], ttl: Duration) -> Result<(), StoreError> {
        let until = self.now.plus(ttl);
        self.write(Key::new(Kind::Flow, flow), &sealed, until)
    }
}

#[async_trait]
impl UpstreamSessions for EmbeddedStore {
    async fn keep_upstream(
        &self,
        ticket: &UpstreamTicket,
        sealed: &[u8],
        ttl: Duration,
    ) -> Result<(), StoreError> {
        let (ticket, sealed) = (ticket.0, sealed.to_vec());
        self.change(move |step| step.keep_upstream(ticket, &sealed, ttl))
            .await
    }

    async fn take_upstream(&self, ticket: &UpstreamTicket) -> Result<Option<Vec<u8>>, StoreError> {
        let ticket = ticket.0;
        self.change(move |step| step.take_upstream(ticket)).await
    }

    async fn keep_state(&self, flow: &FlowKey, sealed: &[u8], ttl: Duration) -> Result<(), StoreError> {
        let (flow, sealed) = (flow.0, sealed.to_vec());
        self.change(move |step| step.keep_state(flow, &sealed, ttl)).await
    }

    async fn state(&self, flow: &FlowKey) -> Result<Option<Vec<u8>>, StoreError> {
        let key = Key::new(Kind::Flow, flow.0);
        self.look(|step| step.read(&key))
    }
}
