//! Signing out: ends sessions and tells every service that was visited (CAS-184 to CAS-202).
//!
//! The messages are in the ledger before the session ends: a node that dies in between has told the
//! applications of an end that the person will ask for again, which is the lesser evil; the other way round
//! they would never hear of it. A visit that comes between that look and the end is in the answer of the
//! end, and its message is kept then, before the person gets an answer.

use std::collections::HashSet;

use super::validation::{Whom, user_for};
use super::{Catalogue, FlowError, LogoutNotice, Ports};
use crate::audit::{Actor, Event, Record};
use crate::base::names::{AccountId, ServiceId};
use crate::protocol::single_logout::LogoutMessage;
use crate::protocol::ticket_id::{TicketId, TicketKind};
use crate::services::LogoutBy;
use crate::tickets::{Connection, Ended, FarewellId, Session, SessionRef, Visit};

/// What ended, for the page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SignedOut {
    /// A session was there.
    pub ended: bool,
    /// Sessions that were.
    pub sessions: u64,
    /// There may have been others, which the store could not name.
    pub perhaps_more: bool,
    /// Messages to services.
    pub told: usize,
    /// Under which names it is remembered what becomes of them.
    pub farewells: Vec<FarewellId>,
    /// What this browser itself is to tell (CAS-192).
    pub by_browser: Vec<BrowserNotice>,
    /// Sessions that another server's word had opened: that server may want to hear of it.
    pub delegated: Vec<Session>,
}

/// A message that the browser brings (CAS-201). The URL holds a spent ticket: it goes nowhere but to this
/// browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrowserNotice {
    pub service: ServiceId,
    pub url: String,
}

/// Ends the session behind `tgt`, if any, because `by` says so; its logout messages are on their way then.
pub async fn end_session(
    ports: &Ports,
    catalogue: &Catalogue,
    tgt: &TicketId,
    by: Actor,
) -> Result<SignedOut, FlowError> {
    let mut teller = Teller::new(ports, catalogue);
    if let Ok(Some(view)) = ports.store.session(tgt).await {
        teller
            .ahead(&view.session.account, Some(&SessionRef::of(tgt)))
            .await;
    }
    let Some(ended) = ports.store.end(tgt).await? else {
        return Ok(SignedOut::default());
    };
    tracing::info!(realm = %ended.session.account.realm, session = tgt.log_name(), visits = ended.visits.len(), "signed out");
    Ok(teller.conclude(&ended, Some(tgt.log_name()), by).await)
}

/// Ends one of an account's sessions by its name in the store, from another one of theirs.
pub async fn end_named_session(
    ports: &Ports,
    catalogue: &Catalogue,
    account: &AccountId,
    of: &SessionRef,
) -> Result<SignedOut, FlowError> {
    let mut teller = Teller::new(ports, catalogue);
    teller.ahead(account, Some(of)).await;
    let Some(ended) = ports.store.end_one(account, of).await? else {
        return Ok(SignedOut::default());
    };
    tracing::info!(realm = %account.realm, visits = ended.visits.len(), "signed out from elsewhere");
    Ok(teller.conclude(&ended, None, Actor::Person).await)
}

/// Ends every session of an account (CAS-200): revocation by an administrator, a closed account.
pub async fn end_all_sessions(
    ports: &Ports,
    catalogue: &Catalogue,
    account: &AccountId,
    by: Actor,
) -> Result<SignedOut, FlowError> {
    let record = ports.event(Event::SessionsEnded).about(account).by(by);
    end_all(ports, catalogue, account, |any| any.then_some(record)).await
}

/// The same, with what the audit hears of it; it is told whether there may have been any.
pub(super) async fn end_all(
    ports: &Ports,
    catalogue: &Catalogue,
    account: &AccountId,
    record: impl FnOnce(bool) -> Option<Record>,
) -> Result<SignedOut, FlowError> {
    let mut teller = Teller::new(ports, catalogue);
    teller.ahead(account, None).await;
    let all = ports.store.end_all(account).await?;
    if let Some(record) = record(!all.is_empty() || teller.told.perhaps_more) {
        ports.audit.record(record);
    }
    for ended in &all {
        teller.tell(ended).await;
    }
    Ok(SignedOut {
        ended: !all.is_empty(),
        sessions: u64::try_from(all.len()).unwrap_or(u64::MAX),
        delegated: delegated(&all),
        ..teller.told
    })
}

/// Ends the long sessions of an account but `own`: its password has changed (CAS-207).
pub async fn end_long_sessions(
    ports: &Ports,
    catalogue: &Catalogue,
    account: &AccountId,
    own: &SessionRef,
) -> Result<(), FlowError> {
    let held = ports.store.connections(account).await?;
    if held.perhaps_more {
        let all = end_all_sessions(ports, catalogue, account, Actor::Person).await;
        return all.map(drop);
    }
    let long = held
        .listed
        .iter()
        .filter(|held| held.view.session.remembered && held.of != *own);
    for held in long {
        end_named_session(ports, catalogue, account, &held.of).await?;
    }
    Ok(())
}

fn delegated(ended: &[Ended]) -> Vec<Session> {
    let sessions = ended.iter().map(|ended| &ended.session);
    sessions
        .filter(|session| session.came_from().is_some())
        .cloned()
        .collect()
}

/// Hands the messages of one sign-out to the ledger, each once.
struct Teller<'a> {
    ports: &'a Ports,
    catalogue: &'a Catalogue,
    /// Tickets whose services have their message.
    done: HashSet<String>,
    told: SignedOut,
}

impl<'a> Teller<'a> {
    fn new(ports: &'a Ports, catalogue: &'a Catalogue) -> Teller<'a> {
        Teller {
            ports,
            catalogue,
            done: HashSet::new(),
            told: SignedOut::default(),
        }
    }

    /// Tells what is known of the sessions that are about to end: all of the account, or one. A store that
    /// cannot tell is asked again by the end itself.
    async fn ahead(&mut self, account: &AccountId, only: Option<&SessionRef>) {
        let Ok(held) = self.ports.store.connections(account).await else {
            self.told.perhaps_more = true;
            return;
        };
        self.told.perhaps_more = held.perhaps_more;
        let mut all = held.listed;
        all.retain(|one| !one.visits.is_empty() && only.is_none_or(|only| one.of == *only));
        if all.is_empty() {
            return;
        }
        let Ok(record) = self.ports.store.account(account).await else {
            return;
        };
        for Connection { view, visits, .. } in all {
            let ended = Ended {
                session: view.session,
                visits,
                record: record.clone(),
            };
            self.tell(&ended).await;
        }
    }

    async fn conclude(mut self, ended: &Ended, ticket: Option<String>, by: Actor) -> SignedOut {
        let ports = self.ports;
        ports.audit.record(Record {
            institution: Some(ended.session.institution.clone()),
            ticket,
            ..ports
                .event(Event::SessionEnded)
                .about(&ended.session.account)
                .by(by)
        });
        self.tell(ended).await;
        SignedOut {
            ended: true,
            sessions: 1,
            delegated: delegated(std::slice::from_ref(ended)),
            ..self.told
        }
    }

    /// One message per ticket, not per service: a second tab has a session of its own (CAS-197).
    async fn tell(&mut self, ended: &Ended) {
        let mut notices = Vec::new();
        for visit in &ended.visits {
            if !self.done.insert(visit.ticket.clone()) {
                continue;
            }
            match messages(self.ports, self.catalogue, ended, visit) {
                Some(Messages::Server(more)) => notices.extend(more),
                Some(Messages::Browser(more)) => self.told.by_browser.extend(more),
                None => {}
            }
        }
        if notices.is_empty() {
            return;
        }
        self.told.told += notices.len();
        self.told.farewells.push(self.ports.notices.post(notices).await);
    }
}

/// Messages by who brings them.
enum Messages {
    Server(Vec<LogoutNotice>),
    Browser(Vec<BrowserNotice>),
}

/// The messages for one visit, to each address that wants one; none when its registration is gone, silent,
/// or would let an https application be told over http (CAS-202).
fn messages(ports: &Ports, catalogue: &Catalogue, ended: &Ended, visit: &Visit) -> Option<Messages> {
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
    let (id, urls) = (&service.id, urls.into_iter());
    Some(match service.logout_by {
        LogoutBy::Server => {
            let body = message.form_body();
            let notices = urls.map(|url| LogoutNotice {
                service: id.clone(),
                url,
                body: body.clone(),
            });
            Messages::Server(notices.collect())
        }
        LogoutBy::Browser => {
            let notices = urls.filter_map(|url| {
                let url = message.within(&url)?;
                Some(BrowserNotice {
                    service: id.clone(),
                    url,
                })
            });
            Messages::Browser(notices.collect())
        }
    })
}
