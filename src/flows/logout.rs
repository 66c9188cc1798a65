//! Signing out: ends sessions and tells every service that was visited (CAS-184 to CAS-202).

use super::validation::{Whom, user_for};
use super::{Catalogue, FlowError, LogoutNotice, Ports};
use crate::audit::{Actor, Event, Record};
use crate::base::names::AccountId;
use crate::protocol::single_logout::LogoutMessage;
use crate::protocol::ticket_id::{TicketId, TicketKind};
use crate::tickets::limits::SESSIONS_INDEXED;
use crate::tickets::{Ended, Session, SessionRef, Visit};

/// What ended, for the page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SignedOut {
    /// A session was there.
    pub ended: bool,
    /// Sessions that were.
    pub sessions: u64,
    /// Services that are being told.
    pub told: usize,
    /// Sessions that another server's word had opened: that server may want to hear of it.
    pub delegated: Vec<Session>,
}

/// Ends the session behind `tgt`, if any, because `by` says so, and sends its logout messages on their way.
pub async fn end_session(
    ports: &Ports,
    catalogue: &Catalogue,
    tgt: &TicketId,
    by: Actor,
) -> Result<SignedOut, FlowError> {
    let Some(ended) = ports.store.end(tgt).await? else {
        return Ok(SignedOut::default());
    };
    tracing::info!(realm = %ended.session.account.realm, session = tgt.log_name(), visits = ended.visits.len(), "signed out");
    Ok(concluded(ports, catalogue, &ended, Some(tgt.log_name()), by))
}

/// Ends one of an account's sessions by its name in the store, from another one of theirs.
pub async fn end_named_session(
    ports: &Ports,
    catalogue: &Catalogue,
    account: &AccountId,
    of: &SessionRef,
) -> Result<SignedOut, FlowError> {
    let Some(ended) = ports.store.end_one(account, of).await? else {
        return Ok(SignedOut::default());
    };
    tracing::info!(realm = %account.realm, visits = ended.visits.len(), "signed out from elsewhere");
    Ok(concluded(ports, catalogue, &ended, None, Actor::Person))
}

fn concluded(
    ports: &Ports,
    catalogue: &Catalogue,
    ended: &Ended,
    ticket: Option<String>,
    by: Actor,
) -> SignedOut {
    ports.audit.record(Record {
        institution: Some(ended.session.institution.clone()),
        ticket,
        ..ports
            .event(Event::SessionEnded)
            .about(&ended.session.account)
            .by(by)
    });
    SignedOut {
        ended: true,
        sessions: 1,
        told: tell(ports, catalogue, ended),
        delegated: delegated(std::slice::from_ref(ended)),
    }
}

/// Ends every session of an account (CAS-200): revocation by an administrator, a closed account.
pub async fn end_all_sessions(
    ports: &Ports,
    catalogue: &Catalogue,
    account: &AccountId,
    by: Actor,
) -> Result<SignedOut, FlowError> {
    let all = ports.store.end_all(account).await?;
    if !all.is_empty() {
        ports
            .audit
            .record(ports.event(Event::SessionsEnded).about(account).by(by));
    }
    let told = all.iter().map(|ended| tell(ports, catalogue, ended)).sum();
    Ok(SignedOut {
        ended: !all.is_empty(),
        sessions: u64::try_from(all.len()).unwrap_or(u64::MAX),
        told,
        delegated: delegated(&all),
    })
}

/// Ends the long sessions of an account but `own`: its password has changed (CAS-207).
pub async fn end_long_sessions(
    ports: &Ports,
    catalogue: &Catalogue,
    account: &AccountId,
    own: &SessionRef,
) -> Result<SignedOut, FlowError> {
    let held = ports.store.connections(account).await?;
    if held.len() >= SESSIONS_INDEXED {
        // There may be others that nobody can list.
        return end_all_sessions(ports, catalogue, account, Actor::Person).await;
    }
    let long = held
        .iter()
        .filter(|held| held.view.session.remembered && held.of != *own);
    let mut all = SignedOut::default();
    for held in long {
        let out = end_named_session(ports, catalogue, account, &held.of).await?;
        all.ended |= out.ended;
        all.sessions += out.sessions;
        all.told += out.told;
        all.delegated.extend(out.delegated);
    }
    Ok(all)
}

fn delegated(ended: &[Ended]) -> Vec<Session> {
    let sessions = ended.iter().map(|ended| &ended.session);
    sessions
        .filter(|session| session.came_from().is_some())
        .cloned()
        .collect()
}

/// One message per ticket, not per service: a second tab has a session of its own (CAS-197).
fn tell(ports: &Ports, catalogue: &Catalogue, ended: &Ended) -> usize {
    let notices: Vec<LogoutNotice> = ended
        .visits
        .iter()
        .flat_map(|visit| notices(ports, catalogue, ended, visit).unwrap_or_default())
        .collect();
    let told = notices.len();
    if told > 0 {
        ports.notices.post(notices);
    }
    told
}

/// The messages for one visit, to each address that wants one; none when its registration is gone, silent, or would let an https
/// application be told over http (CAS-202).
fn notices(ports: &Ports, catalogue: &Catalogue, ended: &Ended, visit: &Visit) -> Option<Vec<LogoutNotice>> {
    let service = catalogue.services.by_id(&visit.service)?;
    let urls = service.logout_targets(&visit.url);
    if urls.is_empty() {
        return None;
    }
    let session = &ended.session;
    let record = ended.record.clone();
    let record = record.map(|record| record.beside(session.came_from()));
    let whom = Whom {
        session,
        record: record.as_ref(),
        visited: &visit.url,
    };
    let name = user_for(ports, catalogue, service, whom).ok()?;
    let ticket = [TicketKind::Service, TicketKind::Proxy]
        .into_iter()
        .find_map(|kind| TicketId::parse(kind, &visit.ticket))?;
    let message = LogoutMessage::new(ticket, name.as_str(), ports.clock.now(), ports.entropy.as_ref());
    let body = message.form_body();
    let notices = urls.into_iter().map(|url| LogoutNotice {
        service: service.id.clone(),
        url,
        body: body.clone(),
    });
    Some(notices.collect())
}
