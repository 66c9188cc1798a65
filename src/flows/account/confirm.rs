//! An address is proved: by its code from within the session, or by its link with a button and either the
//! session or the code (SEC-35). A GET changes nothing, and a program that presses buttons has neither.

use std::net::IpAddr;
use std::time::Duration;

use subtle::ConstantTimeEq;

use super::Owner;
use super::add::{Wait, own_token, pending_kind};
use super::addresses::{Kept, State, destination, kept, mask, method, pair};
use super::notices::{Change, tell_change};
use crate::audit::{Actor, CONFIRM, Event, Record};
use crate::base::names::{AccountId, InstitutionId};
use crate::directory::{DirectoryError, Rewrite, Written};
use crate::flows::login::BrowserSession;
use crate::flows::recovery::{self, Found, Kind};
use crate::flows::{Catalogue, FlowError, Ports, tell_silent};
use crate::tickets::{BudgetKey, BudgetOf, BudgetRule, PendingKind, PendingToken};

/// Codes that may be typed for one message, right or wrong (SEC-62).
const TRIES: [BudgetRule; 1] = [BudgetRule {
    limit: 5,
    window: Duration::from_secs(86_400),
}];

/// What a confirmation comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmed {
    Yes,
    Empty,
    Wrong,
    /// Another message has to be asked for.
    TooMany,
    /// Nothing waits for it: confirmed already, changed meanwhile, too old, replaced by a later message.
    Dead,
    /// The directory refuses it.
    NotAllowed,
    /// The directory did not answer.
    Silent,
}

/// What a link is about, for its page.
pub struct Waiting {
    pub institution: InstitutionId,
    pub account: AccountId,
    pub kind: Kind,
    /// Masked: the page opens for whoever holds the link.
    pub mask: String,
}

/// By what an address is proved beside its link.
pub enum Asked<'a> {
    Session(&'a BrowserSession),
    Code(&'a str),
}

/// From the account's own pages: the code that the message shows.
pub async fn confirm_here(
    ports: &Ports,
    catalogue: &Catalogue,
    owner: &Owner<'_>,
    id: &str,
    typed: &str,
) -> Result<Confirmed, FlowError> {
    let account = owner.account();
    let Some(settings) = catalogue.recovery_of(&account.realm) else {
        return Ok(Confirmed::Dead);
    };
    let Some(now) = owner.writable(catalogue).await? else {
        return Ok(Confirmed::Dead);
    };
    let all = kept(ports, account, settings, &now.person);
    let is_it = |kept: &&Kept| kept.id == id && kept.state == State::Unverified;
    let Some(found) = all.iter().find(is_it) else {
        return Ok(Confirmed::Dead);
    };
    let own = own_token(ports, account, found.kind, &found.value);
    let Some(wait) = look(ports, pending_kind(found.kind), &own).await? else {
        return Ok(Confirmed::Dead);
    };
    match fits(ports, &wait, typed).await? {
        Confirmed::Yes => proved(ports, catalogue, &wait).await,
        refused => Ok(refused),
    }
}

/// What waits behind a link, for who shows it from `from`. Changes nothing.
pub async fn waiting(
    ports: &Ports,
    catalogue: &Catalogue,
    token: &str,
    from: IpAddr,
) -> Result<Found<Waiting>, FlowError> {
    match recovery::behind(ports, PendingKind::Confirmation, token, from).await? {
        Found::TooMany => return Ok(Found::TooMany),
        Found::Dead => return Ok(Found::Dead),
        Found::Yes(_) => {}
    }
    let Some(wait) = behind(ports, token).await? else {
        return Ok(Found::Dead);
    };
    let settings = catalogue.recovery_of(&wait.account.realm);
    let to = settings.and_then(|settings| destination(settings, wait.kind(), &wait.value));
    Ok(to.map_or(Found::Dead, |to| {
        Found::Yes(Waiting {
            mask: mask(&to),
            kind: wait.kind(),
            institution: wait.institution,
            account: wait.account,
        })
    }))
}

/// By a link, with the session of the very account or the code.
pub async fn confirm_by_link(
    ports: &Ports,
    catalogue: &Catalogue,
    token: &str,
    asked: &Asked<'_>,
) -> Result<Confirmed, FlowError> {
    let Some(wait) = behind(ports, token).await? else {
        return Ok(Confirmed::Dead);
    };
    let verdict = match asked {
        Asked::Session(session) if session.view.session.account == wait.account => Confirmed::Yes,
        Asked::Session(_) => Confirmed::Empty,
        Asked::Code(typed) => fits(ports, &wait, typed).await?,
    };
    match verdict {
        Confirmed::Yes => proved(ports, catalogue, &wait).await,
        refused => Ok(refused),
    }
}

async fn look(ports: &Ports, kind: PendingKind, token: &PendingToken) -> Result<Option<Wait>, FlowError> {
    let marks = &ports.recovery.marks;
    let sealed = marks.pending(kind, token).await?;
    Ok(sealed.and_then(|sealed| Wait::open(ports, &sealed)))
}

/// The record with the code, when the link is of the latest message to this very address.
async fn behind(ports: &Ports, token: &str) -> Result<Option<Wait>, FlowError> {
    let Some(token) = PendingToken::parse(token) else {
        return Ok(None);
    };
    let Some(of_link) = look(ports, PendingKind::Confirmation, &token).await? else {
        return Ok(None);
    };
    let own = own_token(ports, &of_link.account, of_link.kind(), &of_link.value);
    let own = look(ports, pending_kind(of_link.kind()), &own).await?;
    Ok(own.filter(|wait| wait.nonce == of_link.nonce))
}

/// Counted before anybody knows whether it is right (SEC-62).
async fn fits(ports: &Ports, wait: &Wait, typed: &str) -> Result<Confirmed, FlowError> {
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    if digits.is_empty() {
        return Ok(Confirmed::Empty);
    }
    let parts: [&[u8]; 1] = [wait.nonce.as_bytes()];
    let key = BudgetKey::of(&ports.keys, BudgetOf::Account, "confirmation code", &parts);
    if !ports.recovery.budgets.spend(&key, &TRIES).await? {
        return Ok(Confirmed::TooMany);
    }
    let right = wait.code.as_deref().unwrap_or_default();
    let same = !right.is_empty() && bool::from(right.as_bytes().ct_eq(digits.as_bytes()));
    let event = Record {
        step: Some(CONFIRM),
        institution: Some(wait.institution.clone()),
        ..ports.event(Event::CodeTried).about(&wait.account)
    };
    ports.audit.record(match same {
        true => event,
        false => event.refused("CODE_WRONG"),
    });
    Ok(if same { Confirmed::Yes } else { Confirmed::Wrong })
}

/// From one attribute to the other in one step: what is not there any more cannot be confirmed.
async fn proved(ports: &Ports, catalogue: &Catalogue, wait: &Wait) -> Result<Confirmed, FlowError> {
    ports.must_record().await?;
    let account = &wait.account;
    let settings = catalogue.recovery_of(&account.realm);
    let own = settings.and_then(|settings| pair(settings, wait.kind()));
    let Some(own) = own else {
        return Ok(Confirmed::NotAllowed);
    };
    let directory = catalogue.directory(&account.realm)?;
    let before = match directory.read_for_write(&account.person).await {
        Ok(Some(before)) => before.person,
        Ok(None) => return Ok(Confirmed::Dead),
        Err(error) => {
            tell_silent(&account.realm, &error);
            return Ok(Confirmed::Silent);
        }
    };
    let value = || vec![wait.value.clone()];
    let changes = [
        (own.pending.to_owned(), Rewrite::Remove(value())),
        (own.verified.to_owned(), Rewrite::Add(value())),
    ];
    match directory.write_attributes(&account.person, &changes).await {
        Ok(Written::Done) => {}
        Ok(Written::Moved | Written::Gone) => return Ok(Confirmed::Dead),
        Ok(Written::NotAllowed | Written::Invalid) | Err(DirectoryError::NotWritable) => {
            return Ok(Confirmed::NotAllowed);
        }
        Err(error) => {
            tell_silent(&account.realm, &error);
            return Ok(Confirmed::Silent);
        }
    }
    ports.audit.record(Record {
        institution: Some(wait.institution.clone()),
        method: Some(method(wait.kind())),
        ..ports
            .event(Event::AddressConfirmed)
            .about(account)
            .by(Actor::Person)
    });
    let change = Change {
        account,
        institution: &wait.institution,
        kind: wait.kind(),
        value: &wait.value,
        added: true,
        locale: wait.locale.as_ref(),
    };
    tell_change(ports, catalogue, &before, &change).await;
    Ok(Confirmed::Yes)
}
