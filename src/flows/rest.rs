//! Signing in for programs (CAS-227 to CAS-235): a program that the operator listed shows a person's
//! password and gets a session, tickets of it, or a yes. Rules of services and the throttle are those of
//! `/login`; nobody is there to be warned, to choose a password or to use a code.

use std::net::IpAddr;
use std::time::Duration;

use ipnet::IpNet;

use super::login::{
    Arrival, Arrived, BrowserSession, By, KnownService, Opening, Presented, Refusal, Remember, access,
    arrive, enter_anew, known, open_session, open_to, try_password,
};
use super::logout::end_session;
use super::validation::{Whom, told};
use super::{Catalogue, FlowError, Ports, released};
use crate::audit::Actor;
use crate::base::clock::Timestamp;
use crate::base::key_digest::KeyDigest;
use crate::base::names::{AccountId, ProgramName, RealmId, ServiceId};
use crate::directory::Person;
use crate::protocol::service_url::ServiceUrl;
use crate::protocol::ticket_id::TicketId;
use crate::realms::Institution;
use crate::services::Access;
use crate::tickets::{AccountRecord, BudgetKey, BudgetOf, BudgetRule, Opened, RestOpened, Session};

/// A program that may sign people in, and what it may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    pub name: ProgramName,
    pub key: KeyDigest,
    /// Where it calls from.
    pub networks: Vec<IpNet>,
    /// Whose people it may sign in.
    pub realms: Vec<RealmId>,
    /// The services it may get tickets for; empty: all that are open to the person.
    pub services: Vec<ServiceId>,
    /// Passwords and tickets that it may ask for within a minute.
    pub a_minute: u32,
    /// Its tickets may be put into a browser's cookie.
    pub for_browsers: bool,
}

/// How long a budget's window is: what to wait at most when it is spent.
pub const WINDOW: Duration = Duration::from_secs(60);

/// The program of that name if `key` is its key and it calls from one of its networks. A stranger learns
/// nothing from the time: a key is digested and compared whether there is such a program or not.
pub fn recognised<'a>(
    programs: &'a [Program],
    (name, key): (&str, &str),
    address: IpAddr,
) -> Option<&'a Program> {
    let named = programs.iter().find(|program| program.name.as_str() == name);
    let nobody = KeyDigest::of("");
    let is_key = named.map_or(&nobody, |program| &program.key).is_of(key);
    let program = named.filter(|_| is_key && !key.is_empty())?;
    let address = address.to_canonical();
    let is_near = program.networks.iter().any(|net| net.contains(&address));
    is_near.then_some(program)
}

/// A person's password, shown by a program.
pub struct Errand<'a> {
    pub program: &'a Program,
    pub institution: &'a Institution,
    pub address: IpAddr,
    pub username: &'a str,
    pub password: &'a str,
    /// To be open to the person, if it is named.
    pub service: Option<&'a ServiceUrl>,
}

/// Why there is nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// The password was not taken, or opens nothing.
    Credentials(Refusal),
    /// More than the program may ask for.
    OverBudget,
    /// No session of this program's.
    NoSession,
    /// Not registered, not open to the realm or the person, or not one of the program's.
    Service,
    /// The service wants the password each time.
    CredentialsWanted,
    /// The same service, again and again (F-06).
    Looping,
}

/// Who was recognised by a password, as the service knows them.
pub struct Checked {
    pub user: String,
    pub attributes: Vec<(String, Vec<String>)>,
    pub at: Timestamp,
}

type Answered<T> = Result<Result<T, Refused>, FlowError>;

/// Opens a session for the person (CAS-227).
pub async fn open(ports: &Ports, catalogue: &Catalogue, errand: &Errand<'_>) -> Answered<TicketId> {
    let (person, record) = match prove(ports, catalogue, errand).await? {
        Ok(known) => known,
        Err(refused) => return Ok(Err(refused)),
    };
    if let Err(refused) = may_use(ports, catalogue, errand, &record) {
        return Ok(Err(refused));
    }
    let opening = Opening {
        institution: errand.institution,
        session: None,
        warn: false,
        opened: Opened::ByRest(RestOpened {
            program: errand.program.name.clone(),
            for_browsers: errand.program.for_browsers,
        }),
        remember: Remember::No,
        presented: true,
    };
    let opened = open_session(ports, catalogue, &opening, &person, None).await?;
    Ok(Ok(opened.tgt))
}

/// Says who the person is and opens nothing (CAS-232).
pub async fn check(ports: &Ports, catalogue: &Catalogue, errand: &Errand<'_>) -> Answered<Checked> {
    let (person, record) = match prove(ports, catalogue, errand).await? {
        Ok(known) => known,
        Err(refused) => return Ok(Err(refused)),
    };
    let at = ports.clock.now();
    let service = match may_use(ports, catalogue, errand, &record) {
        Ok(service) => service,
        Err(refused) => return Ok(Err(refused)),
    };
    let Some(service) = service else {
        return Ok(Ok(Checked {
            user: person.login,
            attributes: Vec::new(),
            at,
        }));
    };
    let session = unkept(errand, &person, at);
    let whom = Whom {
        session: &session,
        record: Some(&record),
        visited: service.url.as_str(),
    };
    Ok(match told(ports, catalogue, service.service, whom) {
        Ok((user, attributes)) => Ok(Checked {
            user: user.as_str().to_owned(),
            attributes,
            at,
        }),
        Err(cause) => {
            tracing::warn!(service = %service.service.id, reason = "USER_NAME", %cause, "a check was refused");
            Err(Refused::Service)
        }
    })
}

/// Gives a ticket for a service to a session of the program's (CAS-229). With a password it is one of a new
/// sign-in.
pub async fn grant(
    ports: &Ports,
    catalogue: &Catalogue,
    (program, tgt): (&Program, &TicketId),
    url: &ServiceUrl,
    again: Option<(&str, &str, IpAddr)>,
) -> Answered<TicketId> {
    let Some(session) = session(ports, program, tgt).await? else {
        return Ok(Err(Refused::NoSession));
    };
    let account = session.view.session.account.clone();
    let named = session.view.session.institution.as_str();
    let Some(institution) = catalogue.institutions.named(named) else {
        return Ok(Err(Refused::NoSession));
    };
    let service = match admitted(ports, catalogue, program, (url, &account.realm)) {
        Ok(service) => service,
        Err(refused) => return Ok(Err(refused)),
    };
    let arrived = match again {
        Some((username, password, address)) => {
            let errand = Errand {
                program,
                institution,
                address,
                username,
                password,
                service: Some(url),
            };
            match prove(ports, catalogue, &errand).await? {
                Ok((person, _)) if person.key == account.person => {}
                Ok(_) => return Ok(Err(Refused::Credentials(Refusal::Wrong { tries_left: None }))),
                Err(refused) => return Ok(Err(refused)),
            }
            enter_anew(ports, catalogue, &session, service).await?
        }
        None if !has_budget(ports, program).await? => return Ok(Err(Refused::OverBudget)),
        None => {
            let arrival = Arrival {
                institution,
                service: Some(url),
                renew: false,
                gateway: false,
                session: Some(&session),
            };
            arrive(ports, catalogue, &arrival).await?
        }
    };
    Ok(match arrived {
        Arrived::Ticket { id, .. } => Ok(id),
        Arrived::Form(super::login::FormReason::Confirm { .. }) => Err(Refused::CredentialsWanted),
        Arrived::Form(_) => Err(Refused::NoSession),
        Arrived::Looping(_) => Err(Refused::Looping),
        _ => Err(Refused::Service),
    })
}

/// Whether the program has a session of that name (CAS-231).
pub async fn is_alive(ports: &Ports, program: &Program, tgt: &TicketId) -> Result<bool, FlowError> {
    Ok(session(ports, program, tgt).await?.is_some())
}

/// Ends a session of the program's, and tells the services it was used for (CAS-231).
pub async fn end(
    ports: &Ports,
    catalogue: &Catalogue,
    program: &Program,
    tgt: &TicketId,
) -> Result<bool, FlowError> {
    if session(ports, program, tgt).await?.is_none() {
        return Ok(false);
    }
    Ok(end_session(ports, catalogue, tgt, Actor::Person).await?.ended)
}

/// A session that this very program opened: a browser's is none, nor is another program's (CAS-235).
async fn session(
    ports: &Ports,
    program: &Program,
    tgt: &TicketId,
) -> Result<Option<BrowserSession>, FlowError> {
    let found = ports.store.session(tgt).await?;
    let own = found.filter(|view| {
        let session = &view.session;
        session.program() == Some(&program.name) && program.realms.contains(&session.account.realm)
    });
    Ok(own.map(|view| BrowserSession {
        tgt: tgt.clone(),
        view,
    }))
}

/// Tries the password as `/login` would; a service that is nobody's is refused before.
async fn prove(
    ports: &Ports,
    catalogue: &Catalogue,
    errand: &Errand<'_>,
) -> Answered<(Person, AccountRecord)> {
    if let Some(url) = errand.service
        && let Err(refused) = admitted(ports, catalogue, errand.program, (url, &errand.institution.realm))
    {
        return Ok(Err(refused));
    }
    if !has_budget(ports, errand.program).await? {
        return Ok(Err(Refused::OverBudget));
    }
    let presented = Presented {
        institution: errand.institution,
        username: errand.username,
        password: errand.password,
        address: errand.address,
        device: None,
        by: By::Program,
        proof: None,
    };
    Ok(match try_password(ports, catalogue, &presented).await? {
        Ok(known) => {
            let record = released::record(&catalogue.services, &known.person, ports.clock.now());
            Ok((known.person, record))
        }
        Err(refusal) => Err(Refused::Credentials(refusal)),
    })
}

async fn has_budget(ports: &Ports, program: &Program) -> Result<bool, FlowError> {
    let name = program.name.as_str().as_bytes();
    let key = BudgetKey::of(&ports.keys, BudgetOf::Global, "rest", &[name]);
    let rule = BudgetRule {
        limit: program.a_minute,
        window: WINDOW,
    };
    let granted = ports.recovery.budgets.spend(&key, &[rule]).await?;
    if !granted {
        tracing::warn!(program = %program.name, reason = "REST_OVER_BUDGET", "a program asks for more than it may");
    }
    Ok(granted)
}

/// The service, if it is registered, open to the realm and one of the program's.
fn admitted<'a>(
    ports: &Ports,
    catalogue: &'a Catalogue,
    program: &Program,
    (url, realm): (&ServiceUrl, &RealmId),
) -> Result<KnownService<'a>, Refused> {
    let service = known(&catalogue.services, url, ports.clock.now()).map_err(|_| Refused::Service)?;
    open_to(&service, realm).map_err(|_| Refused::Service)?;
    let is_theirs = program.services.is_empty() || program.services.contains(&service.service.id);
    is_theirs.then_some(service).ok_or(Refused::Service)
}

/// The service that the errand names, if the person may use it.
fn may_use<'a>(
    ports: &Ports,
    catalogue: &'a Catalogue,
    errand: &Errand<'_>,
    record: &AccountRecord,
) -> Result<Option<KnownService<'a>>, Refused> {
    let Some(url) = errand.service else {
        return Ok(None);
    };
    let realm = &errand.institution.realm;
    let service = admitted(ports, catalogue, errand.program, (url, realm))?;
    match access(&service, realm, Some(record), ports.clock.now()) {
        Access::Granted => Ok(Some(service)),
        _ => Err(Refused::Service),
    }
}

/// A session that nobody keeps, for what is told of its person.
fn unkept(errand: &Errand<'_>, person: &Person, now: Timestamp) -> Session {
    Session {
        account: AccountId {
            realm: errand.institution.realm.clone(),
            person: person.key.clone(),
        },
        institution: errand.institution.id.clone(),
        login: person.login.clone(),
        display_name: person.display_name().to_owned(),
        signed_in_at: now,
        idle: Duration::ZERO,
        hard_expiry: now,
        remembered: false,
        warn: false,
        opened: Opened::ByRest(RestOpened {
            program: errand.program.name.clone(),
            for_browsers: false,
        }),
    }
}
