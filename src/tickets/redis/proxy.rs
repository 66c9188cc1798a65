//! Proxy-granting tickets on Redis: each method is one call of one script.

use std::time::Duration;

use async_trait::async_trait;

use super::answers::{self, strange};
use super::records::{self, span};
use super::scripts::{self, Call};
use super::store::{RedisStore, unwritable};
use crate::protocol::ticket_id::TicketId;
use crate::tickets::digest::Digest;
use crate::tickets::limits::PGTS_KEPT;
use crate::tickets::{NewTicket, ProxyGrant, ProxySession, ProxyTickets, SessionRef, StoreError};

impl RedisStore {
    /// 1 for done, 0 for a session or PGT that is not there.
    async fn done(&self, call: Call) -> Result<bool, StoreError> {
        let operation = call.name;
        match answers::number(operation, &self.write(call).await?)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(strange(operation)),
        }
    }
}

#[async_trait]
impl ProxyTickets for RedisStore {
    async fn keep_pgt(
        &self,
        pgt: &TicketId,
        of: &SessionRef,
        grant: &ProxyGrant,
        longest: Option<Duration>,
    ) -> Result<bool, StoreError> {
        let tagged = self.of_ticket(pgt);
        let id = Digest::of_ticket(pgt);
        let keys = [tagged.session(of.0), tagged.pgt(id), tagged.pgts(of.0)];
        let call = self
            .call(&scripts::KEEP_PGT, &tagged, &keys)
            .arg(records::pgt(of, grant).ok_or_else(unwritable)?)
            .arg(id.text().as_slice())
            .arg(PGTS_KEPT)
            .arg(longest.map_or(0, span));
        self.done(call).await
    }

    async fn pgt(&self, pgt: &TicketId) -> Result<Option<ProxySession>, StoreError> {
        let tagged = self.of_ticket(pgt);
        let keys = [tagged.pgt(Digest::of_ticket(pgt))];
        answers::pgt(self.read(self.call(&scripts::PGT, &tagged, &keys)).await?)
    }

    async fn grant_proxy(
        &self,
        pgt: &TicketId,
        ticket: NewTicket<'_>,
        told: bool,
    ) -> Result<bool, StoreError> {
        let tagged = self.of_ticket(pgt);
        let keys = [
            tagged.pgt(Digest::of_ticket(pgt)),
            tagged.ticket(Digest::of_ticket(ticket.id)),
        ];
        let call = self
            .call(&scripts::GRANT_PROXY, &tagged, &keys)
            .arg(records::ticket_body(ticket.ticket).ok_or_else(unwritable)?)
            .arg(span(ticket.ttl))
            .arg(u8::from(told));
        self.done(call).await
    }
}
