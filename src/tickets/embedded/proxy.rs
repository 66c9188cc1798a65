//! Proxy-granting tickets in the embedded store: the port and its transitions.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::sessions::Issued;
use super::shelf::{Key, Kind, Step};
use super::store::{EmbeddedStore, issued};
use crate::protocol::ticket_id::TicketId;
use crate::tickets::digest::Digest;
use crate::tickets::limits::PGTS_KEPT;
use crate::tickets::{NewTicket, ProxyGrant, ProxySession, ProxyTickets, SessionRef, StoreError};

#[derive(Serialize, Deserialize)]
struct StoredPgt {
    session: Digest,
    grant: ProxyGrant,
}

impl Step<'_> {
    fn keep_pgt(
        &mut self,
        (pgt, session): (Digest, Digest),
        grant: ProxyGrant,
        longest: Option<Duration>,
    ) -> Result<bool, StoreError> {
        let Some(stored) = self.live(session)? else {
            return Ok(false);
        };
        let until = stored.session.hard_expiry;
        let key = Key::new(Kind::ProxyGranting, pgt);
        let own = longest.map_or(until, |longest| until.min(self.now.plus(longest)));
        self.write(key, &StoredPgt { session, grant }, own)?;
        let list = Key::new(Kind::ProxyGrantings, session);
        let mut pgts: Vec<Digest> = self.read(&list)?.unwrap_or_default();
        pgts.push(pgt);
        let surplus = pgts.len().saturating_sub(PGTS_KEPT);
        for oldest in pgts.drain(..surplus) {
            self.delete(Key::new(Kind::ProxyGranting, oldest));
        }
        self.write(list, &pgts, until)?;
        Ok(true)
    }

    /// Ends the PGTs of a session.
    pub(super) fn remove_pgts(&mut self, session: Digest) -> Result<(), StoreError> {
        let list = Key::new(Kind::ProxyGrantings, session);
        let pgts: Option<Vec<Digest>> = self.read(&list)?;
        for pgt in pgts.into_iter().flatten() {
            self.delete(Key::new(Kind::ProxyGranting, pgt));
        }
        self.delete(list);
        Ok(())
    }

    fn pgt(&self, pgt: Digest) -> Result<Option<ProxySession>, StoreError> {
        let Some(StoredPgt { session, grant }) = self.read(&Key::new(Kind::ProxyGranting, pgt))? else {
            return Ok(None);
        };
        let Some(stored) = self.live(session)? else {
            return Ok(None);
        };
        Ok(Some(ProxySession {
            grant,
            record: self.record(Digest::of_account(&stored.session.account))?,
            session: stored.session,
        }))
    }

    fn grant_proxy(&mut self, pgt: Digest, ticket: Issued, told: bool) -> Result<bool, StoreError> {
        let found: Option<StoredPgt> = self.read(&Key::new(Kind::ProxyGranting, pgt))?;
        let Some(StoredPgt { session, grant }) = found else {
            return Ok(false);
        };
        if self.live(session)?.is_none() {
            return Ok(false);
        }
        self.write_ticket(session, ticket, grant.chain, told)?;
        Ok(true)
    }
}

#[async_trait]
impl ProxyTickets for EmbeddedStore {
    async fn keep_pgt(
        &self,
        pgt: &TicketId,
        of: &SessionRef,
        grant: &ProxyGrant,
        longest: Option<Duration>,
    ) -> Result<bool, StoreError> {
        let (names, grant) = ((Digest::of_ticket(pgt), of.0), grant.clone());
        self.change(move |step| step.keep_pgt(names, grant, longest))
            .await
    }

    async fn pgt(&self, pgt: &TicketId) -> Result<Option<ProxySession>, StoreError> {
        self.look(|step| step.pgt(Digest::of_ticket(pgt)))
    }

    async fn grant_proxy(
        &self,
        pgt: &TicketId,
        ticket: NewTicket<'_>,
        told: bool,
    ) -> Result<bool, StoreError> {
        let (pgt, ticket) = (Digest::of_ticket(pgt), issued(ticket));
        self.change(move |step| step.grant_proxy(pgt, ticket, told)).await
    }
}
