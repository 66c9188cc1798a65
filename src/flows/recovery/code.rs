//! A code instead of a link: typed beside the identifier, it is the same right (SX-02). Unknown people,
//! wrong codes and dead ones are one refusal.

use std::net::IpAddr;

use zeroize::Zeroizing;

use super::accounts;
use super::open::{allowed, holding, invalid};
use super::state::{Flow, Via};
use crate::audit::Event;
use crate::base::names::AccountId;
use crate::flows::{Catalogue, FlowError, Ports};
use crate::passwords::hashes::{self, Verdict};
use crate::realms::Institution;
use crate::tickets::{CodeChance, Looked, ResetCode, ResetToken};

/// What a form brings.
pub struct CodeTyped<'a> {
    pub institution: &'a Institution,
    pub identifier: &'a str,
    pub code: &'a str,
    pub address: IpAddr,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeRefusal {
    Empty,
    Wrong,
    /// This network typed too many that were none.
    TooMany,
}

/// A hash that no code fits: unknown people cost what known ones do.
const DECOY: &str =
    "{ARGON2}$argon2id$v=19$m=19456,t=2,p=1$bWVyZWF1LWRlY295LTE2$veuboir4+nPln+fE08SK4RZWF912xyB3PN9svDOpHdc";

/// Decides a typed code.
pub async fn enter_code(
    ports: &Ports,
    catalogue: &Catalogue,
    typed: &CodeTyped<'_>,
) -> Result<Result<Flow, CodeRefusal>, FlowError> {
    if typed.identifier.trim().is_empty() || typed.code.trim().is_empty() {
        return Ok(Err(CodeRefusal::Empty));
    }
    if !allowed(ports, typed.address).await? {
        return Ok(Err(CodeRefusal::TooMany));
    }
    let realm = &typed.institution.realm;
    let Some(settings) = catalogue.recovery_of(realm) else {
        return Ok(Err(CodeRefusal::Wrong));
    };
    let people = match ResetCode::parse(typed.code) {
        None => Vec::new(),
        Some(_) => {
            let raw = typed.identifier.trim_matches([' ', '\t']);
            let directory = catalogue.directory(realm)?.as_ref();
            let found = accounts::by_one_field(directory, settings, raw).await;
            found.map_err(|source| FlowError::Directory {
                realm: realm.clone(),
                source,
            })?
        }
    };
    let mut right = None;
    for person in &people {
        let account = AccountId {
            realm: realm.clone(),
            person: person.key.clone(),
        };
        right = right.or(fitting(ports, &account, typed.code).await?);
    }
    if people.is_empty() {
        verify(DECOY.to_owned(), typed.code).await;
    }
    if let Some(token) = right
        && let Looked::Live(ticket) = ports.recovery.tickets.look(&token).await?
    {
        return Ok(Ok(holding(ports, &token, &ticket, Via::Code)));
    }
    invalid(ports, typed.address).await?;
    Ok(Err(CodeRefusal::Wrong))
}

/// The right whose code this is, among those of the account; counts the try at each (SEC-62).
pub(in crate::flows) async fn fitting(
    ports: &Ports,
    account: &AccountId,
    typed: &str,
) -> Result<Option<ResetToken>, FlowError> {
    let attempt = ports.attempts.next();
    let chances = ports.recovery.tickets.try_code(account, &attempt).await?;
    let tried = !chances.is_empty();
    let mut found = None;
    for CodeChance { token, hash, .. } in chances {
        if verify(hash, typed).await && found.is_none() {
            found = Some(token);
        }
    }
    if !tried {
        verify(DECOY.to_owned(), typed).await;
    }
    let event = ports.event(Event::CodeTried).about(account);
    let event = crate::audit::Record {
        ticket: found.as_ref().map(ResetToken::log_name),
        ..event
    };
    ports.audit.record(match &found {
        Some(_) => event,
        None => event.refused("CODE_WRONG"),
    });
    Ok(found)
}

/// argon2id takes tens of milliseconds: not on the async threads.
async fn verify(hash: String, typed: &str) -> bool {
    let Some(code) = ResetCode::parse(typed) else {
        return false;
    };
    let code = Zeroizing::new(code.expose().to_owned());
    let verified = tokio::task::spawn_blocking(move || {
        hashes::verify(hash.as_bytes(), code.as_bytes()) == Verdict::Right
    });
    verified.await.unwrap_or(false)
}
