//! Telling an application who came: the ticket is taken first, everything else is decided after
//! (CAS-158). The directory is asked only when the store has lost the account record: that answers.

use super::fresh::{Again, read_again};
use super::{Catalogue, FlowError, Ports, Target, proxy};
use crate::audit::Event;
use crate::base::names::RealmId;
use crate::protocol::response::ReleasedUser;
use crate::protocol::service_url::ServiceUrl;
use crate::protocol::ticket_id::{TicketId, TicketKind};
use crate::protocol::validation_request::ValidationFailure;
use crate::services::{Access, NoUserName, Release, Service};
use crate::tickets::{AccountRecord, Session, Taken, TakenTicket};

/// What an application asks.
pub struct Question<'a> {
    pub ticket: &'a TicketId,
    /// A text that is no service URL spends the ticket that is shown with it like any other
    /// (CAS-152).
    pub service: Target<'a>,
    pub renew: bool,
    /// Where the application wants a proxy-granting ticket delivered, as it was sent.
    pub callback: Option<&'a str>,
    /// Proxy tickets are accepted here.
    pub proxies_welcome: bool,
    /// Only people of this realm (a validation under `/t/<institution>/`).
    pub realm: Option<&'a RealmId>,
}

/// Who came.
pub struct Known<'a> {
    pub user: ReleasedUser,
    pub session: Session,
    pub from_new_login: bool,
    /// Attributes released to this service, in the order of its registration.
    pub attributes: Vec<(String, Vec<String>)>,
    pub service: &'a Service,
    /// The proxies behind a proxy ticket, most recent first (CAS-146).
    pub proxies: Vec<String>,
    /// The PGTIOU of a proxy-granting ticket that has been delivered (CAS-147).
    pub granting: Option<TicketId>,
}

/// Takes the ticket and decides; an answer with a PGTIOU comes after the callback (CAS-169). A
/// failure is an answer of the protocol, not an error.
pub async fn validate<'a>(
    ports: &Ports,
    catalogue: &'a Catalogue,
    question: &Question<'_>,
) -> Result<Result<Known<'a>, ValidationFailure>, FlowError> {
    let attempt = ports.attempts.next();
    let registered = question.service.service(&catalogue.services);
    let identity = question.service.identity(registered);
    let taken = ports.store.take(question.ticket, &identity, &attempt).await?;
    let taken = match taken {
        // Nobody is let in by a ticket that this node has seen spent, whatever the store says (I3).
        _ if came_back(ports, question.ticket, &taken) => return Ok(Err(ValidationFailure::InvalidTicket)),
        Taken::Whole(taken) => *taken,
        Taken::OtherService(_) if is_unwelcome(question) => {
            return Ok(Err(ValidationFailure::ProxyTicketPresented));
        }
        Taken::OtherService(ticket) => {
            let url = ServiceUrl::parse(&ticket.url);
            let issued_for = url.as_ref().map_or(Target::Name(&ticket.url), Target::Url);
            let differ = issued_for.difference(question.service, registered);
            let [issued_for, validated_for] =
                [issued_for, question.service].map(|target| target.for_log(&catalogue.services));
            tracing::warn!(
                reason = "TICKET_OTHER_SERVICE",
                ticket = question.ticket.log_name(),
                issued_for,
                validated_for,
                differ,
                "validation refused"
            );
            return Ok(Err(ValidationFailure::InvalidService));
        }
        Taken::Replayed => {
            ports.metrics.replays.add(&[]);
            ports
                .audit
                .record(ports.event(Event::TicketReplayed).refused("TICKET_REUSED"));
            tracing::warn!(
                reason = "TICKET_REUSED",
                ticket = question.ticket.log_name(),
                "validation refused"
            );
            return Ok(Err(ValidationFailure::InvalidTicket));
        }
        Taken::Unknown => return Ok(Err(ValidationFailure::InvalidTicket)),
    };
    if let Some(failure) = refusal_by_kind(question, &taken) {
        return Ok(Err(failure));
    }
    answer(ports, catalogue, question, registered, taken).await
}

/// Whether the store gives out what this node knows to be spent: what it had acknowledged is lost (F-03,
/// F-04).
fn came_back(ports: &Ports, ticket: &TicketId, taken: &Taken) -> bool {
    let now = ports.clock.now();
    let lost = match taken {
        Taken::Whole(_) | Taken::OtherService(_) => (!ports.spent.first(ticket, now)).then_some("returned"),
        Taken::Unknown => ports.spent.knows(ticket, now).then_some("forgotten"),
        Taken::Replayed => None,
    };
    if let Some(lost) = lost {
        ports.metrics.rollbacks.add(&[lost]);
        tracing::error!(
            event = "store_rollback",
            ticket = ticket.log_name(),
            lost,
            "the ticket store has lost what it acknowledged: a ticket that was spent is not known as such"
        );
    }
    lost.is_some()
}

/// A proxy ticket where only service tickets are accepted (CAS-151, CAS-182).
fn is_unwelcome(question: &Question<'_>) -> bool {
    question.ticket.kind() == TicketKind::Proxy && !question.proxies_welcome
}

fn refusal_by_kind(question: &Question<'_>, taken: &TakenTicket) -> Option<ValidationFailure> {
    if is_unwelcome(question) {
        return Some(ValidationFailure::ProxyTicketPresented);
    }
    let realm = &taken.session.account.realm;
    question
        .realm
        .is_some_and(|wanted| wanted != realm)
        .then_some(ValidationFailure::InvalidTicket)
}

async fn answer<'a>(
    ports: &Ports,
    catalogue: &'a Catalogue,
    question: &Question<'_>,
    registered: Option<&'a Service>,
    mut taken: TakenTicket,
) -> Result<Result<Known<'a>, ValidationFailure>, FlowError> {
    let realm = &taken.session.account.realm;
    let Some(service) = registered.filter(|service| service.is_open(ports.clock.now())) else {
        tracing::warn!(reason = "SVC_UNKNOWN", "validation refused");
        return Ok(Err(ValidationFailure::UnauthorizedService));
    };
    let record = match taken.record.take() {
        Some(record) => record,
        // The store lost it: it lives as long as its sessions, so only a fault does that.
        None => match Box::pin(read_again(ports, catalogue, &taken.session.account)).await? {
            Again::Record(record) => record,
            Again::Closed => return Ok(Err(ValidationFailure::InvalidTicket)),
            Again::Silent(source) => {
                let realm = realm.clone();
                return Err(FlowError::Directory { realm, source });
            }
        },
    };
    let record = record.beside(taken.session.came_from());
    let access = service.access(realm, &record.attributes, ports.clock.now());
    if access != Access::Granted {
        tracing::warn!(service = %service.id, reason = "SVC_ACCESS", ?access, "validation refused");
        return Ok(Err(ValidationFailure::UnauthorizedService));
    }
    if question.renew && !taken.ticket.from_new_login {
        return Ok(Err(ValidationFailure::NotFromCredentials));
    }
    let whom = Whom {
        session: &taken.session,
        record: Some(&record),
        visited: &taken.ticket.url,
    };
    let (user, attributes) = match told(ports, catalogue, service, whom) {
        Ok(told) => told,
        Err(cause) => {
            tracing::warn!(service = %service.id, reason = "USER_NAME", %cause, "validation refused");
            return Ok(Err(ValidationFailure::UnauthorizedService));
        }
    };
    let granting = match question.callback {
        None => None,
        Some(callback) => {
            match Box::pin(proxy::deliver(ports, catalogue, service, &taken, callback)).await? {
                Ok(iou) => Some(iou),
                Err(failure) => return Ok(Err(failure)),
            }
        }
    };
    tracing::debug!(service = %service.id, %realm, from_new_login = taken.ticket.from_new_login, "ticket validated");
    Ok(Ok(Known {
        user,
        from_new_login: taken.ticket.from_new_login,
        session: taken.session,
        attributes,
        service,
        proxies: taken.proxies,
        granting,
    }))
}

/// Whose name is wanted, and for which visit.
#[derive(Clone, Copy)]
pub(crate) struct Whom<'a> {
    pub session: &'a Session,
    pub record: Option<&'a AccountRecord>,
    /// What the ticket is or was for.
    pub visited: &'a str,
}

/// The user name this service knows the person by.
pub(super) fn user_for(
    ports: &Ports,
    catalogue: &Catalogue,
    service: &Service,
    whom: Whom<'_>,
) -> Result<ReleasedUser, NoUserName> {
    service.user_for(&release(ports, catalogue, service, whom))
}

/// The user name, and the attributes in the order of the service's registration.
pub(super) type Told = (ReleasedUser, Vec<(String, Vec<String>)>);

/// What this service learns of the person.
pub(super) fn told(
    ports: &Ports,
    catalogue: &Catalogue,
    service: &Service,
    whom: Whom<'_>,
) -> Result<Told, NoUserName> {
    let release = release(ports, catalogue, service, whom);
    Ok((service.user_for(&release)?, service.release(&release)))
}

/// What is known of the person behind a session.
pub(crate) fn release<'a>(
    ports: &'a Ports,
    catalogue: &'a Catalogue,
    service: &Service,
    whom: Whom<'a>,
) -> Release<'a> {
    let Whom {
        session,
        record,
        visited,
    } = whom;
    let named = || catalogue.institutions.named(session.institution.as_str());
    let institution = service.tells_establishment().then(named).flatten();
    Release {
        account: &session.account,
        login: record.map_or(session.login.as_str(), |record| record.login.as_str()),
        scope: catalogue
            .realms
            .get(&session.account.realm)
            .and_then(|realm| realm.scope.as_deref()),
        attributes: record.map_or(&[], |record| record.attributes.as_slice()),
        keys: &ports.keys,
        membership: Some(session.institution.as_str()),
        uai: institution.and_then(|institution| institution.uai.first().copied()),
        visited,
    }
}
