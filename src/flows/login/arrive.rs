//! `/login` as credential requestor: the decision matrix of CAS-31 to CAS-61, in the order service,
//! renew, session, access, warning, ticket.

use super::{KnownService, UnknownService, known, open_to};
use crate::base::clock::Timestamp;
use crate::base::names::RealmId;
use crate::flows::fresh::{Fresh, refresh};
use crate::flows::recovery::Ending;
use crate::flows::{Catalogue, FlowError, Ports};
use crate::protocol::service_url::ServiceUrl;
use crate::protocol::ticket_id::{TicketId, TicketKind};
use crate::realms::Institution;
use crate::services::Access;
use crate::tickets::{AccountRecord, Granted, NewTicket, ServiceTicket, SessionView, TicketIdentity};

/// A live session of this browser with the cookie value that names it.
#[derive(Clone)]
pub struct BrowserSession {
    pub tgt: TicketId,
    pub view: SessionView,
}

impl BrowserSession {
    /// As it stands right after [`super::SignedIn`].
    pub fn just_opened(signed_in: &super::SignedIn<'_>) -> BrowserSession {
        BrowserSession {
            tgt: signed_in.tgt.clone(),
            view: SessionView {
                session: signed_in.session.clone(),
                last_used: signed_in.session.signed_in_at,
                record_read_at: Some(signed_in.session.signed_in_at),
            },
        }
    }
}

/// What a browser asks of `/login`, once its institution is known.
pub struct Arrival<'a> {
    pub institution: &'a Institution,
    pub service: Option<&'a ServiceUrl>,
    pub renew: bool,
    pub gateway: bool,
    /// The session of the institution's realm, when the browser holds a live one.
    pub session: Option<&'a BrowserSession>,
}

/// Why the form is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormReason {
    SignIn,
    /// The person is known and must confirm (CAS-46, CAS-53).
    Confirm {
        login: String,
    },
    /// The session was ended because the account may no longer sign in (CAS-61).
    AccountClosed,
}

/// What the browser gets.
pub enum Arrived<'a> {
    Form(FormReason),
    SignedIn,
    /// Signed in with a password that ends soon, which is told before anything else (S5-09).
    Ending(Box<Ending>),
    Warn(KnownService<'a>),
    /// To the service with a ticket, by the way that the request or the registration names.
    Ticket {
        service: KnownService<'a>,
        id: TicketId,
    },
    /// To the service without one: a gateway that found nobody.
    Redirect(String),
    Unknown(UnknownService),
    /// The person may not use this service (CAS-55).
    Denied {
        service: KnownService<'a>,
        elsewhere: Option<String>,
    },
    /// The application keeps sending the browser back (F-06).
    Looping(KnownService<'a>),
}

/// Decides a GET of `/login`.
pub async fn arrive<'a>(
    ports: &Ports,
    catalogue: &'a Catalogue,
    arrival: &Arrival<'_>,
) -> Result<Arrived<'a>, FlowError> {
    let Some(url) = arrival.service else {
        return Ok(without_service(arrival));
    };
    let now = ports.clock.now();
    let service = match admitted(catalogue, url, &arrival.institution.realm, now) {
        Ok(service) => service,
        Err(unknown) => return Ok(Arrived::Unknown(unknown)),
    };
    if arrival.renew {
        // CAS-38: renew wins over gateway, as the specification recommends.
        return Ok(Arrived::Form(confirm(arrival)));
    }
    let nobody = |reason| {
        if arrival.gateway {
            bare(&service)
        } else {
            Arrived::Form(reason)
        }
    };
    let Some(session) = arrival.session else {
        return Ok(nobody(FormReason::SignIn));
    };
    if !takes(&service, session, now) {
        return Ok(nobody(confirm(arrival)));
    }
    enter(
        ports,
        catalogue,
        session,
        service,
        Entry {
            gateway: arrival.gateway,
            warned: false,
            presented: false,
        },
    )
    .await
}

/// Lets a person through who read the warning page (CAS-51).
pub async fn confirm_warning<'a>(
    ports: &Ports,
    catalogue: &'a Catalogue,
    arrival: &Arrival<'_>,
) -> Result<Arrived<'a>, FlowError> {
    match (arrival.service, arrival.session) {
        (Some(url), Some(session)) if !arrival.renew => {
            let now = ports.clock.now();
            match admitted(catalogue, url, &arrival.institution.realm, now) {
                Ok(service) if takes(&service, session, now) => {
                    enter(
                        ports,
                        catalogue,
                        session,
                        service,
                        Entry {
                            gateway: false,
                            warned: true,
                            presented: false,
                        },
                    )
                    .await
                }
                Ok(_) => Ok(Arrived::Form(confirm(arrival))),
                Err(unknown) => Ok(Arrived::Unknown(unknown)),
            }
        }
        _ => arrive(ports, catalogue, arrival).await,
    }
}

/// A ticket for a session whose person has given the password once more just now: what the service thinks
/// of sessions does not matter, and the ticket is one of a new sign-in (CAS-77, CAS-229).
pub(crate) async fn enter_anew<'a>(
    ports: &Ports,
    catalogue: &'a Catalogue,
    session: &BrowserSession,
    service: KnownService<'a>,
) -> Result<Arrived<'a>, FlowError> {
    let entry = Entry {
        gateway: false,
        warned: true,
        presented: true,
    };
    enter(ports, catalogue, session, service, entry).await
}

struct Entry {
    gateway: bool,
    warned: bool,
    presented: bool,
}

/// The part of the matrix behind a live session: access, warning, ticket.
async fn enter<'a>(
    ports: &Ports,
    catalogue: &'a Catalogue,
    session: &BrowserSession,
    service: KnownService<'a>,
    entry: Entry,
) -> Result<Arrived<'a>, FlowError> {
    let decides_by_attributes = service.service.needs_attributes();
    let came_from = session.view.session.came_from();
    let record = match refresh(
        ports,
        catalogue,
        &session.tgt,
        &session.view,
        decides_by_attributes,
    )
    .await?
    {
        Fresh::Record(record) => record.map(|record| record.beside(came_from)),
        Fresh::Ended if entry.gateway => return Ok(bare(&service)),
        Fresh::Ended => return Ok(Arrived::Form(FormReason::AccountClosed)),
    };
    let realm = &session.view.session.account.realm;
    if access(&service, realm, record.as_ref(), ports.clock.now()) != Access::Granted {
        return Ok(if entry.gateway {
            bare(&service)
        } else {
            denied(service)
        });
    }
    if session.view.session.warn && !entry.warned {
        return Ok(Arrived::Warn(service));
    }
    grant(ports, catalogue, session, service, &entry).await
}

async fn grant<'a>(
    ports: &Ports,
    catalogue: &'a Catalogue,
    session: &BrowserSession,
    service: KnownService<'a>,
    entry: &Entry,
) -> Result<Arrived<'a>, FlowError> {
    let realm = &session.view.session.account.realm;
    let id = TicketId::mint(
        TicketKind::Service,
        session.tgt.bucket(&ports.keys),
        &ports.keys,
        ports.entropy.as_ref(),
    );
    let ticket = service_ticket(&service, ports.clock.now(), entry.presented);
    let ttl = service
        .service
        .ticket_lifetime
        .unwrap_or(catalogue.realm(realm)?.lifetimes.service_ticket);
    match ports
        .store
        .grant(
            &session.tgt,
            NewTicket {
                id: &id,
                ticket: &ticket,
                ttl,
            },
        )
        .await?
    {
        Granted::Ticket => Ok(Arrived::Ticket { service, id }),
        Granted::NoSession if entry.gateway => Ok(bare(&service)),
        Granted::NoSession => Ok(Arrived::Form(FormReason::SignIn)),
        Granted::Looping => Ok(Arrived::Looping(service)),
    }
}

fn without_service(arrival: &Arrival<'_>) -> Arrived<'static> {
    match arrival.session {
        Some(_) if !arrival.renew => Arrived::SignedIn,
        _ => Arrived::Form(confirm(arrival)),
    }
}

fn admitted<'a>(
    catalogue: &'a Catalogue,
    url: &ServiceUrl,
    realm: &RealmId,
    now: Timestamp,
) -> Result<KnownService<'a>, UnknownService> {
    let service = known(&catalogue.services, url, now)?;
    open_to(&service, realm)?;
    Ok(service)
}

/// The same for a service that may be named: whatever names it is in the attacker's hands, so it is
/// looked up each time (CAS-68).
pub(super) fn admitted_if_named<'a>(
    ports: &Ports,
    catalogue: &'a Catalogue,
    url: Option<&ServiceUrl>,
    realm: &RealmId,
) -> Result<Option<KnownService<'a>>, UnknownService> {
    url.map(|url| admitted(catalogue, url, realm, ports.clock.now()))
        .transpose()
}

/// Whether the session stands for credentials at this service, young and used enough (CAS-53).
fn takes(service: &KnownService<'_>, session: &BrowserSession, now: Timestamp) -> bool {
    let view = &session.view;
    service
        .service
        .takes_session(view.session.signed_in_at, view.last_used, now)
}

fn confirm(arrival: &Arrival<'_>) -> FormReason {
    match arrival.session {
        Some(session) => FormReason::Confirm {
            login: session.view.session.login.clone(),
        },
        None => FormReason::SignIn,
    }
}

fn bare<'a>(service: &KnownService<'_>) -> Arrived<'a> {
    Arrived::Redirect(service.destination().without_ticket())
}

pub(super) fn denied(service: KnownService<'_>) -> Arrived<'_> {
    let elsewhere = service.service.unauthorized_redirect_url.clone();
    Arrived::Denied { service, elsewhere }
}

/// Whether the person behind `record` may use the service.
pub(crate) fn access(
    service: &KnownService<'_>,
    realm: &RealmId,
    record: Option<&AccountRecord>,
    now: Timestamp,
) -> Access {
    let attributes = record.map_or(&[][..], |record| record.attributes.as_slice());
    service.service.access(realm, attributes, now)
}

pub(super) fn service_ticket(
    service: &KnownService<'_>,
    issued_at: Timestamp,
    from_new_login: bool,
) -> ServiceTicket {
    ServiceTicket {
        identity: TicketIdentity::of(&service.url.identity_under(service.service.matching)),
        service: service.service.id.clone(),
        url: service.url.as_str().to_owned(),
        issued_at,
        from_new_login,
    }
}
