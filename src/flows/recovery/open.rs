//! Opening a link, and looking again at what a flow holds. Changes nothing, however often it is done
//! (SEC-29).

use std::net::IpAddr;
use std::time::Duration;

use super::accounts::{Eligibility, still_reached};
use super::disown::is_disowned;
use super::state::{Back, Flow, Holding, Stage, Via};
use crate::audit::Event;
use crate::base::addresses::network_key;
use crate::base::clock::Timestamp;
use crate::base::names::RealmId;
use crate::directory::Person;
use crate::flows::{Catalogue, FlowError, Ports};
use crate::tickets::{BudgetKey, BudgetOf, BudgetRule, Death, Looked, ResetTicket, ResetToken};

/// Invalid links and codes of one network (SEC-37).
const INVALID: [BudgetRule; 1] = [BudgetRule {
    limit: 30,
    window: Duration::from_secs(3600),
}];

/// Why a link opens nothing; told to who shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dead {
    /// No link of ours, or not of this host (SEC-17).
    Unknown,
    Died(Death),
    /// Somebody is choosing a password with it right now.
    Busy,
    /// The password was changed since, by whatever way.
    Changed,
    /// Too many refused tries.
    WornOut,
    /// The account is gone, or may not choose a password here any more (SEC-48).
    Closed,
}

/// What opening a link comes to.
pub enum Opened {
    Flow(Box<Flow>),
    /// The way back of a found identifier: what the page that wants it begins with (S3-08).
    Back(Box<Flow>, Back),
    Dead(Dead),
    /// This network opened too many that were none.
    TooMany,
}

/// What the store has of a token; told where it has forgotten what was done with it (F-04). The directory's
/// fence is what holds then.
async fn looked(ports: &Ports, token: &ResetToken) -> Result<Looked, FlowError> {
    let looked = ports.recovery.tickets.look(token).await?;
    let lost = match looked {
        Looked::Live(_) | Looked::Claimed => "returned",
        Looked::Unknown => "forgotten",
        Looked::Dead(_) => return Ok(looked),
    };
    if ports.spent.knows_reset(token, ports.clock.now()) {
        ports.metrics.rollbacks.add(&[lost]);
        tracing::error!(
            event = "store_rollback",
            ticket = token.log_name(),
            lost,
            "the ticket store has lost what it acknowledged: a link that was used is not known as such"
        );
    }
    Ok(looked)
}

/// Opens the link whose last part is `text`, on a host of `here` (SEC-17; `None`: of no realm).
pub async fn open(
    ports: &Ports,
    text: &str,
    here: Option<&RealmId>,
    from: IpAddr,
) -> Result<Opened, FlowError> {
    if !allowed(ports, from).await? {
        return Ok(Opened::TooMany);
    }
    let Some(token) = ResetToken::parse(text) else {
        return super::way::open(ports, text, here, from).await;
    };
    let looked = looked(ports, &token).await?;
    let dead = match looked {
        Looked::Live(ticket) if here.is_none_or(|realm| ticket.account.realm == *realm) => {
            ports.audit.record(crate::audit::Record {
                ticket: Some(token.log_name()),
                institution: Some(ticket.institution.clone()),
                flow: Some(data_encoding::HEXLOWER.encode(&ticket.request)),
                ..ports.event(Event::LinkOpened).about(&ticket.account)
            });
            return Ok(Opened::Flow(Box::new(holding(ports, &token, &ticket, Via::Link))));
        }
        Looked::Live(_) | Looked::Unknown => invalid(ports, from).await?,
        Looked::Claimed => Dead::Busy,
        Looked::Dead(death) => Dead::Died(death),
    };
    Ok(Opened::Dead(dead))
}

/// The flow of who has shown a right.
pub(super) fn holding(ports: &Ports, token: &ResetToken, ticket: &ResetTicket, via: Via) -> Flow {
    Flow {
        realm: ticket.account.realm.clone(),
        institution: ticket.institution.clone(),
        service: ticket.service.clone(),
        since: ports.clock.now(),
        stage: Stage::Holding(Holding::of(ports, token, via)),
    }
}

fn budget(ports: &Ports, from: IpAddr) -> BudgetKey {
    let network = network_key(from);
    BudgetKey::of(&ports.keys, BudgetOf::Network, "invalid link", &[&network])
}

/// Whether this network may still show links and codes.
pub(super) async fn allowed(ports: &Ports, from: IpAddr) -> Result<bool, FlowError> {
    let key = budget(ports, from);
    Ok(ports.recovery.budgets.would_allow(&key, &INVALID).await?)
}

/// Counts one that was none.
pub(super) async fn invalid(ports: &Ports, from: IpAddr) -> Result<Dead, FlowError> {
    let key = budget(ports, from);
    ports.recovery.budgets.spend(&key, &INVALID).await?;
    Ok(Dead::Unknown)
}

/// A right that is alive, and whose it is.
pub struct Seen {
    pub ticket: Box<ResetTicket>,
    pub person: Person,
    pub until: Timestamp,
}

/// What the flow's right is worth now.
pub async fn see(
    ports: &Ports,
    catalogue: &Catalogue,
    holding: &Holding,
) -> Result<Result<Seen, Dead>, FlowError> {
    let Some(token) = holding.token() else {
        return Ok(Err(Dead::Unknown));
    };
    let ticket = match looked(ports, &token).await? {
        Looked::Live(ticket) => ticket,
        Looked::Claimed => return Ok(Err(Dead::Busy)),
        Looked::Dead(death) => return Ok(Err(Dead::Died(death))),
        Looked::Unknown => return Ok(Err(Dead::Unknown)),
    };
    let realm = &ticket.account.realm;
    let Some(settings) = catalogue.recovery_of(realm) else {
        return Ok(Err(Dead::Closed));
    };
    if is_disowned(ports, &ticket.account).await? {
        return Ok(Err(Dead::Closed));
    }
    let read = catalogue.directory(realm)?.read(&ticket.account.person).await;
    let person = read.map_err(|source| FlowError::Directory {
        realm: realm.clone(),
        source,
    })?;
    match person {
        Some(person) if !still_reached(&person, settings, &ticket) => {
            let at = ports.clock.now();
            Ok(Err(Dead::Died(Death::Revoked { at })))
        }
        Some(person) if Eligibility::of(&person, settings) == Eligibility::Yes => Ok(Ok(Seen {
            until: ticket.expires_at,
            ticket,
            person,
        })),
        _ => Ok(Err(Dead::Closed)),
    }
}
