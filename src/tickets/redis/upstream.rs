//! Tickets of other servers, and sign-ins there, on Redis: one key each, outside the accounts' slots, since its asker does
//! not know the account.

use std::time::Duration;

use async_trait::async_trait;
use redis::Value;

use super::records::{VERSION, span};
use super::scripts::Call;
use super::store::RedisStore;
use crate::tickets::{FlowKey, StoreError, UpstreamSessions, UpstreamTicket};

#[async_trait]
impl UpstreamSessions for RedisStore {
    async fn keep_upstream(
        &self,
        ticket: &UpstreamTicket,
        sealed: &[u8],
        ttl: Duration,
    ) -> Result<(), StoreError> {
        let mut value = vec![VERSION];
        value.extend_from_slice(sealed);
        let mut command = redis::cmd("SET");
        command.arg(self.head().upstream(&ticket.0.0)).arg(value);
        command.arg("PX").arg(span(ttl));
        self.write(Call::plain("keep_upstream", command)).await.map(drop)
    }

    async fn take_upstream(&self, ticket: &UpstreamTicket) -> Result<Option<Vec<u8>>, StoreError> {
        let mut command = redis::cmd("GETDEL");
        command.arg(self.head().upstream(&ticket.0.0));
        let answer = self.write(Call::plain("take_upstream", command).once()).await?;
        Ok(match answer {
            Value::BulkString(value) => value.strip_prefix(&[VERSION]).map(<[u8]>::to_vec),
            _ => None,
        })
    }

    async fn keep_state(&self, flow: &FlowKey, sealed: &[u8], ttl: Duration) -> Result<(), StoreError> {
        let mut value = vec![VERSION];
        value.extend_from_slice(sealed);
        let mut command = redis::cmd("SET");
        command.arg(self.head().flow(&flow.0.0)).arg(value);
        command.arg("PX").arg(span(ttl));
        self.write(Call::plain("keep_state", command)).await.map(drop)
    }

    async fn state(&self, flow: &FlowKey) -> Result<Option<Vec<u8>>, StoreError> {
        let mut command = redis::cmd("GET");
        command.arg(self.head().flow(&flow.0.0));
        Ok(match self.read(Call::plain("state", command)).await? {
            Value::BulkString(value) => value.strip_prefix(&[VERSION]).map(<[u8]>::to_vec),
            _ => None,
        })
    }
}
