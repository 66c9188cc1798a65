//! Signing in by a proxy's word (CAS-30): the person is found, the rules of their account decide as after
//! a password, and the session knows that no password opened it. Whether the proxy is believed is decided
//! before.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use super::arrive::admitted_if_named;
use super::closed::{ClosedAccount, closed_by};
use super::{BrowserSession, KnownService, Opening, Remember, SignedIn, UnknownService, open_session};
use crate::audit::{Event, Record};
use crate::base::names::{AccountId, PersonKey, Username};
use crate::directory::{Found, Person};
use crate::flows::recovery::is_disowned;
use crate::flows::{Catalogue, FlowError, Ports};
use crate::guard::{Asked, Permit, Visitor};
use crate::protocol::service_url::ServiceUrl;
use crate::realms::Institution;
use crate::tickets::{Opened, Settlement};

/// A proxy's word.
pub struct Vouched<'a> {
    pub institution: &'a Institution,
    pub service: Option<&'a ServiceUrl>,
    /// Whom the proxy names.
    pub name: &'a str,
    pub warn: bool,
    /// The session that this browser holds in the same realm.
    pub session: Option<&'a BrowserSession>,
}

/// What it comes to.
pub enum Trusted<'a> {
    SignedIn(Box<SignedIn<'a>>),
    /// The realm has no such person, or several.
    Nobody,
    Throttled(Duration),
    Closed {
        closed: ClosedAccount,
        login: String,
    },
    Unknown(UnknownService),
}

/// Opens a session for whom a believed proxy names.
pub async fn vouch<'a>(
    ports: &Ports,
    catalogue: &'a Catalogue,
    vouched: &Vouched<'_>,
) -> Result<Trusted<'a>, FlowError> {
    let realm = &vouched.institution.realm;
    let service = match admitted_if_named(ports, catalogue, vouched.service, realm) {
        Ok(service) => service,
        Err(unknown) => return Ok(Trusted::Unknown(unknown)),
    };
    let Ok(name) = Username::typed(vouched.name) else {
        audited(ports, vouched, None, "HEADER_UNREADABLE");
        return Ok(Trusted::Nobody);
    };
    let permit = match ports.guard.ask(&visitor(vouched, &name)).await? {
        Asked::Go(permit) => permit,
        Asked::Wait(wait) => return Ok(Trusted::Throttled(wait)),
    };
    match find(ports, catalogue, vouched, (&name, permit)).await? {
        None => Ok(Trusted::Nobody),
        Some(person) => admit(ports, catalogue, vouched, (&person, service)).await,
    }
}

/// Counted apart from passwords, under a device and a network that nobody else has: who guesses
/// passwords keeps nobody from coming in this way, and a proxy that names strangers slows no form down.
fn visitor<'a>(vouched: &'a Vouched<'_>, name: &'a Username) -> Visitor<'a> {
    Visitor {
        realm: &vouched.institution.realm,
        name,
        address: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        device: Some(b"trusted header"),
        directory_lock: None,
    }
}

async fn find(
    ports: &Ports,
    catalogue: &Catalogue,
    vouched: &Vouched<'_>,
    (name, permit): (&Username, Permit),
) -> Result<Option<Person>, FlowError> {
    let realm = &vouched.institution.realm;
    let found = catalogue.directory(realm)?.find(name).await;
    let (settlement, reason) = match &found {
        Ok(Found::Nobody) => (Settlement::Failed, "LOGIN_UNKNOWN"),
        Ok(Found::Ambiguous(_)) => (Settlement::Failed, "LOGIN_AMBIGUOUS"),
        // Right words count for nothing: they say nothing about a password.
        Ok(Found::One(_)) | Err(_) => (Settlement::Void, ""),
    };
    ports.guard.settle(permit, settlement).await?;
    match found {
        Ok(Found::One(person)) => Ok(Some(*person)),
        Ok(_) => {
            tracing::info!(%realm, reason, "sign-in by a proxy’s word refused");
            audited(ports, vouched, None, reason);
            Ok(None)
        }
        Err(source) => Err(FlowError::Directory {
            realm: realm.clone(),
            source,
        }),
    }
}

async fn admit<'a>(
    ports: &Ports,
    catalogue: &'a Catalogue,
    vouched: &Vouched<'_>,
    (person, service): (&Person, Option<KnownService<'a>>),
) -> Result<Trusted<'a>, FlowError> {
    let account = AccountId {
        realm: vouched.institution.realm.clone(),
        person: person.key.clone(),
    };
    let (closed, reason) = match is_disowned(ports, &account).await? {
        true => (Some(ClosedAccount::disowned()), "DISOWNED"),
        false => (closed_by(&person.state, None), "STATE_CLOSED"),
    };
    if let Some(closed) = closed {
        tracing::info!(realm = %account.realm, reason, standing = ?closed.standing, rule = person.state.rule, "sign-in by a proxy’s word refused");
        audited(ports, vouched, Some(&person.key), reason);
        let login = person.login.clone();
        return Ok(Trusted::Closed { closed, login });
    }
    let opening = Opening {
        institution: vouched.institution,
        session: vouched.session,
        warn: vouched.warn,
        opened: Opened::ByHeader,
        remember: Remember::No,
        // The proxy has asked the browser for this very request.
        presented: true,
    };
    let signed_in = open_session(ports, catalogue, &opening, person, service).await?;
    Ok(Trusted::SignedIn(Box::new(signed_in)))
}

/// Writes down that nobody was let in.
fn audited(ports: &Ports, vouched: &Vouched<'_>, account: Option<&PersonKey>, reason: &'static str) {
    ports.audit.record(Record {
        realm: Some(vouched.institution.realm.clone()),
        institution: Some(vouched.institution.id.clone()),
        account: account.cloned(),
        method: Some("header"),
        ..ports.event(Event::SignInRefused).refused(reason)
    });
}
