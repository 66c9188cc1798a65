//! What follows a new password: links and sessions end everywhere, applications are told, a lock from failures is
//! lifted, the person hears of it at every address. None of it can undo the password: what fails is
//! logged (SEC-60).

use std::net::IpAddr;
use std::time::Duration;

use super::letters::Desk;
use super::{accounts, disown, former};
use crate::audit::{Actor, Event, Record};
use crate::base::names::{AccountId, InstitutionId, Locale, NetworkPrefix, Username};
use crate::directory::{Person, Standing};
use crate::flows::logout::end_all_sessions;
use crate::flows::{Catalogue, Ports};
use crate::messages::{Browser, Destination, How, Notice};
use crate::tickets::{AskedFrom, DeathKind};

/// What ended with the old password.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ended {
    pub sessions: u64,
    /// Letters are on their way.
    pub told: bool,
}

/// How the new password came about.
pub struct Origin<'a> {
    pub how: How,
    pub browser: Option<Browser>,
    pub address: IpAddr,
    pub institution: &'a InstitutionId,
    pub locale: &'a str,
    /// From where the right was asked for by which it was chosen.
    pub asked: Option<&'a AskedFrom>,
    /// That right, as the log names it.
    pub ticket: Option<String>,
}

/// What every new password brings, wherever it was chosen: links that were sent before open nothing any
/// more (SEC-21), and all nodes ask the server that writes.
pub async fn password_moved(ports: &Ports, catalogue: &Catalogue, account: &AccountId) {
    end_links(ports, account, DeathKind::Revoked).await;
    let directory = catalogue.directory(&account.realm);
    let span = directory.map_or(Duration::ZERO, |directory| directory.pinned_for());
    if span.is_zero() {
        return;
    }
    if let Err(error) = ports.recovery.marks.pin(account, span).await {
        tracing::warn!(%error, "a new password could not be marked as just written");
    }
}

/// Ends the links of an account. A failure is logged: the directory's guard holds against them.
pub async fn end_links(ports: &Ports, account: &AccountId, why: DeathKind) {
    if let Err(error) = ports.recovery.tickets.revoke(account, why).await {
        tracing::error!(%error, "the links of an account could not be ended; the directory's guard holds against them");
    }
}

/// Does all of it. `person` is as the entry was before the write.
pub async fn password_changed(
    ports: &Ports,
    catalogue: &Catalogue,
    account: &AccountId,
    person: &Person,
    origin: &Origin<'_>,
) -> Ended {
    password_moved(ports, catalogue, account).await;
    let sessions = match end_all_sessions(ports, catalogue, account, Actor::Person).await {
        Ok(ended) => ended.sessions,
        Err(error) => {
            tracing::error!(%error, "the sessions of an account could not be ended after its password changed");
            0
        }
    };
    let locked = person.state.standing == Standing::Locked;
    if let Ok(directory) = catalogue.directory(&account.realm)
        && let Err(error) = directory.lift_failure_lock(&account.person).await
    {
        tracing::warn!(%error, realm = %account.realm, "a lock from failures could not be lifted");
    }
    forgive(ports, account, person).await;
    let told = tell(ports, catalogue, account, person, origin, locked).await;
    Ended { sessions, told }
}

/// The pauses that wrong passwords have brought end with the password that they were tried for.
async fn forgive(ports: &Ports, account: &AccountId, person: &Person) {
    let Ok(login) = Username::typed(&person.login) else {
        return;
    };
    if let Err(error) = ports.guard.forgive(account, &login).await {
        tracing::warn!(%error, realm = %account.realm, "the pauses of an account could not be ended");
    }
}

/// To every address, without saying where else (SEC-58).
pub async fn tell(
    ports: &Ports,
    catalogue: &Catalogue,
    account: &AccountId,
    person: &Person,
    origin: &Origin<'_>,
    locked: bool,
) -> bool {
    let institution = catalogue.institutions.named(origin.institution.as_str());
    let locale = Locale::new(origin.locale).unwrap_or_else(Locale::french);
    let Some(desk) = institution.and_then(|place| Desk::of(ports, catalogue, place, &locale)) else {
        return false;
    };
    let when = ports.clock.now();
    let login = person.login.clone();
    let not_me = disown::link_for(ports, &desk, account, &login, when).await;
    let mut notices = vec![Notice::PasswordChanged {
        login: login.clone(),
        when,
        how: origin.how,
        browser: origin.browser,
        network_prefix: Some(NetworkPrefix::of(origin.address)),
        asked: origin.asked.cloned(),
        not_me,
    }];
    if locked {
        notices.push(Notice::Unlocked { login });
    }
    let mut told = false;
    let moment = when.0.to_be_bytes();
    let mut addresses = accounts::every_mailbox(person, desk.settings);
    match former::lately(ports, account).await {
        Ok(former) => addresses.extend(former),
        Err(error) => tracing::error!(%error, "addresses of before are not told of a new password"),
    }
    addresses.sort_by_key(|address| address.envelope().to_ascii_lowercase());
    addresses.dedup_by_key(|address| address.envelope().to_ascii_lowercase());
    for address in addresses {
        let to = Destination::Mail(address);
        for notice in &notices {
            let parts: [&[u8]; 2] = [account.person.0.as_bytes(), &moment];
            match desk.send(ports, &to, notice, &parts).await {
                Ok(()) => told = true,
                Err(error) => {
                    tracing::error!(%error, "a letter about a new password could not be kept");
                }
            }
        }
    }
    if told {
        ports.audit.record(Record {
            institution: Some(origin.institution.clone()),
            ticket: origin.ticket.clone(),
            ..ports.event(Event::NoticeQueued).about(account).by(Actor::Server)
        });
    }
    told
}
