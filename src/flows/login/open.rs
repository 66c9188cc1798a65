//! Opening a session once it is known who came, by a password or by another's word (a server's, a
//! proxy's): the session, its first ticket, and what becomes of the session this browser held before.

use super::arrive::{access, denied, service_ticket};
use super::remember::{Remember, terms};
use super::{Arrived, BrowserSession, KnownService, SignedIn};
use crate::audit::{Actor, Event, Record};
use crate::base::clock::Timestamp;
use crate::base::names::{AccountId, RealmId};
use crate::directory::Person;
use crate::flows::logout::end_session;
use crate::flows::{Catalogue, FlowError, Ports, released};
use crate::protocol::ticket_id::{Bucket, TicketId, TicketKind};
use crate::realms::Institution;
use crate::services::Access;
use crate::tickets::{AccountRecord, NewTicket, Opened, Session};

/// What a new session is opened with, beside its person.
pub(crate) struct Opening<'a> {
    pub institution: &'a Institution,
    /// The session that this browser holds in the same realm.
    pub session: Option<&'a BrowserSession>,
    pub warn: bool,
    /// What opens it.
    pub opened: Opened,
    pub remember: Remember,
    /// Credentials were presented just now, wherever (CAS-77).
    pub presented: bool,
}

impl Opening<'_> {
    fn program_note(&self) -> Option<String> {
        match &self.opened {
            Opened::ByRest(rest) => Some(format!("program {}", rest.program)),
            Opened::ByPassword | Opened::ByUpstream(_) | Opened::ByHeader => None,
        }
    }
}

/// Opens a session for a person who has just proved who they are, with a ticket for the service that
/// they may use.
pub(crate) async fn open_session<'a>(
    ports: &Ports,
    catalogue: &'a Catalogue,
    opening: &Opening<'_>,
    person: &Person,
    service: Option<KnownService<'a>>,
) -> Result<SignedIn<'a>, FlowError> {
    ports.may_let_in().await?;
    let realm = catalogue.realm(&opening.institution.realm)?;
    let now = ports.clock.now();
    let account = AccountId {
        realm: realm.id.clone(),
        person: person.key.clone(),
    };
    let record = released::record(&catalogue.services, person, now);
    let terms = terms(catalogue, opening, person, now)?;
    let session = Session {
        account: account.clone(),
        institution: opening.institution.id.clone(),
        login: person.login.clone(),
        display_name: record.display_name.clone(),
        signed_in_at: now,
        idle: terms.idle,
        hard_expiry: now.plus(terms.longest),
        remembered: terms.remembered,
        warn: opening.warn,
        opened: opening.opened.clone(),
    };
    let bucket = Bucket::of(&ports.keys, &account);
    let mint = |kind| TicketId::mint(kind, bucket, &ports.keys, ports.entropy.as_ref());
    let tgt = mint(TicketKind::TicketGranting);
    let first = mint(TicketKind::Service);
    let inherited = close_former(ports, catalogue, opening, &account).await?;
    let known_as = record.clone().beside(session.came_from());
    let goes = first_stop(service, &realm.id, &known_as, now);
    let devices = match &goes {
        FirstStop::Service(service) => {
            let ticket = service_ticket(service, now, opening.presented);
            let usual = realm.lifetimes.service_ticket;
            let new = NewTicket {
                id: &first,
                ticket: &ticket,
                ttl: service.service.ticket_lifetime.unwrap_or(usual),
            };
            ports
                .store
                .open(&tgt, session.clone(), &record, Some(new))
                .await?
        }
        _ => ports.store.open(&tgt, session.clone(), &record, None).await?,
    };
    if !inherited.is_empty() {
        ports.store.inherit(&tgt, &inherited).await?;
    }
    tracing::info!(realm = %realm.id, session = tgt.log_name(), remembered = session.remembered, "signed in");
    ports.audit.record(signed_in(ports, opening, &account, &tgt));
    Ok(SignedIn {
        tgt,
        session,
        devices,
        goes: goes.arrived(&first),
    })
}

fn signed_in(ports: &Ports, opening: &Opening<'_>, account: &AccountId, tgt: &TicketId) -> Record {
    let method = match &opening.opened {
        Opened::ByUpstream(_) => "delegation",
        Opened::ByRest(_) => "rest",
        Opened::ByHeader => "header",
        Opened::ByPassword => "password",
    };
    Record {
        institution: Some(opening.institution.id.clone()),
        method: Some(method),
        ticket: Some(tgt.log_name()),
        note: opening.program_note(),
        ..ports.event(Event::SignedIn).about(account).by(Actor::Person)
    }
}

enum FirstStop<'a> {
    Here,
    Service(KnownService<'a>),
    Denied(KnownService<'a>),
}

impl<'a> FirstStop<'a> {
    fn arrived(self, ticket: &TicketId) -> Arrived<'a> {
        match self {
            FirstStop::Here => Arrived::SignedIn,
            FirstStop::Service(service) => Arrived::Ticket {
                service,
                id: ticket.clone(),
            },
            FirstStop::Denied(service) => denied(service),
        }
    }
}

fn first_stop<'a>(
    service: Option<KnownService<'a>>,
    realm: &RealmId,
    record: &AccountRecord,
    now: Timestamp,
) -> FirstStop<'a> {
    match service {
        None => FirstStop::Here,
        Some(service) if access(&service, realm, Some(record), now) == Access::Granted => {
            FirstStop::Service(service)
        }
        Some(service) => FirstStop::Denied(service),
    }
}

/// Ends the session this browser held before. Of the same person: its visits go on under the new
/// name (CAS-76). Of somebody else: its services are told (CAS-75).
async fn close_former(
    ports: &Ports,
    catalogue: &Catalogue,
    opening: &Opening<'_>,
    account: &AccountId,
) -> Result<Vec<crate::tickets::Visit>, FlowError> {
    match opening.session {
        None => Ok(Vec::new()),
        Some(former) if former.view.session.account == *account => Ok(ports
            .store
            .end(&former.tgt)
            .await?
            .map(|ended| ended.visits)
            .unwrap_or_default()),
        Some(former) => {
            end_session(ports, catalogue, &former.tgt, Actor::Server).await?;
            Ok(Vec::new())
        }
    }
}
