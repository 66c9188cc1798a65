//! `/login` as credential acceptor: the form, the password, the session and its first ticket (CAS-65 to
//! CAS-77).

use std::net::IpAddr;
use std::time::Duration;

use super::arrive::admitted_if_named;
use super::authenticate::{By, Known, Presented, Proof, Unproved, try_password};
use super::closed::ClosedAccount;
use super::door::comes_in_time;
use super::ending;
use super::open::{Opening, open_session};
use super::remember::Remember;
use super::{Arrived, BrowserSession, KnownService, UnknownService};
use crate::base::names::AccountId;
use crate::flows::login_ticket::LoginTicket;
use crate::flows::recovery::{Changing, Holding};
use crate::flows::{Catalogue, FlowError, Ports};
use crate::guard::{KnownDevice, TriesLeft};
use crate::protocol::service_url::ServiceUrl;
use crate::protocol::ticket_id::TicketId;
use crate::realms::Institution;
use crate::tickets::{DeviceEpoch, Opened, Session};

/// What a sign-in form brings.
pub struct Credentials<'a> {
    pub institution: &'a Institution,
    pub service: Option<&'a ServiceUrl>,
    pub login_ticket: LoginTicket,
    pub username: &'a str,
    pub password: &'a str,
    pub warn: bool,
    /// The box “keep me signed in” is ticked.
    pub remember: bool,
    /// This very sign-in is what the service asked for.
    pub renew: bool,
    pub address: IpAddr,
    /// The browser's device, when somebody of this realm signed in with it before.
    pub device: Option<KnownDevice<'a>>,
    /// The session that this browser holds in the same realm.
    pub session: Option<&'a BrowserSession>,
    /// `None` where nobody can be shown a challenge.
    pub proof: Option<Proof<'a>>,
}

/// What the form comes to.
pub enum Submitted<'a> {
    SignedIn(Box<SignedIn<'a>>),
    Refused(Refusal),
    Unknown(UnknownService),
}

/// A new session.
pub struct SignedIn<'a> {
    pub tgt: TicketId,
    pub session: Session,
    /// What the browser's device carries if it is to be known.
    pub devices: DeviceEpoch,
    /// The service with a ticket, the page of an open session, or why the service is closed.
    pub goes: Arrived<'a>,
}

/// Why nobody is signed in. Unknown login, wrong password, ambiguous login and locked account are
/// one and the same to a stranger (CAS-72, SEC-01).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    NoUsername,
    NoPassword,
    /// The form was used before; it is shown again and nothing was tried (CAS-69).
    FormUsed,
    Wrong {
        tries_left: Option<TriesLeft>,
    },
    Throttled(Duration),
    /// The network sprays: whoever signs in from it proves to be a person first. Nothing was tried (T-58).
    NotHuman(Unproved),
    /// The password was right, so the account's state may be told.
    Closed(ClosedAccount),
    /// The password was right and has to be another one before anything is opened (S5-10).
    MustChange(Box<Changing>),
    /// What was typed as the password is a code of the account's: it opens the choice of a password
    /// and nothing else (S4-06).
    Provisional(Box<Holding>),
}

/// Decides a POST of `/login`.
pub async fn submit<'a>(
    ports: &Ports,
    catalogue: &'a Catalogue,
    credentials: &Credentials<'_>,
) -> Result<Submitted<'a>, FlowError> {
    let realm = &credentials.institution.realm;
    let service = match admitted_if_named(ports, catalogue, credentials.service, realm) {
        Ok(service) => service,
        Err(unknown) => return Ok(Submitted::Unknown(unknown)),
    };
    // Who is turned away here may send the same form again.
    comes_in_time(ports, catalogue, realm)?;
    let fresh = ports.store.spend_mark(
        &credentials.login_ticket.mark,
        crate::flows::login_ticket::LIFETIME,
    );
    if !fresh.await? {
        return Ok(Submitted::Refused(Refusal::FormUsed));
    }
    match try_password(ports, catalogue, &presented(credentials)).await? {
        Ok(known) => enter(ports, catalogue, credentials, &known, service).await,
        Err(refusal) => Ok(Submitted::Refused(refusal)),
    }
}

/// Opens the session; what ends soon is told before the service is opened.
async fn enter<'a>(
    ports: &Ports,
    catalogue: &'a Catalogue,
    credentials: &Credentials<'_>,
    known: &Known,
    service: Option<KnownService<'a>>,
) -> Result<Submitted<'a>, FlowError> {
    let opening = opening(ports, credentials, known);
    let account = AccountId {
        realm: credentials.institution.realm.clone(),
        person: known.person.key.clone(),
    };
    let told = match known.ends {
        Some(ends) => {
            let when = (ends, credentials.renew);
            ending::to_tell(ports, catalogue, &account, when, service.as_ref()).await?
        }
        None => None,
    };
    let service = service.filter(|_| told.is_none());
    let mut opened = open_session(ports, catalogue, &opening, &known.person, service).await?;
    if let Some(told) = told {
        opened.goes = Arrived::Ending(Box::new(told));
    }
    Ok(Submitted::SignedIn(Box::new(opened)))
}

fn presented<'a>(credentials: &Credentials<'a>) -> Presented<'a> {
    Presented {
        institution: credentials.institution,
        username: credentials.username,
        password: credentials.password,
        address: credentials.address,
        device: credentials.device,
        by: By::Browser,
        proof: credentials.proof,
    }
}

fn opening<'a>(ports: &Ports, credentials: &Credentials<'a>, known: &Known) -> Opening<'a> {
    // A password that is over by the directory's count still opens this once (CAS-206).
    let is_over = known.ends.is_some_and(|ends| ends <= ports.clock.now());
    Opening {
        institution: credentials.institution,
        session: credentials.session,
        warn: credentials.warn,
        opened: Opened::ByPassword,
        remember: match credentials.remember {
            _ if is_over => Remember::No,
            true => Remember::Asked,
            false => Remember::AsBefore,
        },
        presented: true,
    }
}
