//! « Ce n’est pas moi »: who gets the notice of a new password and did not choose it closes the account, by
//! a button and a box (SEC-58). The mark lies in the ticket store and every way in honours it; the
//! directory is not asked to lock anything. An operator opens the account again.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::after::end_links;
use super::letters::Desk;
use super::mailed::{Found, behind};
use crate::audit::{Actor, Event, Record};
use crate::base::clock::Timestamp;
use crate::base::names::{AccountId, EmailAddress, InstitutionId, Locale, Username};
use crate::directory;
use crate::flows::logout::end_all_sessions;
use crate::flows::{Catalogue, FlowError, Ports};
use crate::messages::{Destination, Door, Link, Notice};
use crate::realms::Institution;
use crate::tickets::{DeathKind, PendingKind, PendingToken, StoreError};

/// What a notice tells of, as the store keeps it behind the notice's link.
#[derive(Serialize, Deserialize)]
struct Told {
    account: AccountId,
    institution: InstitutionId,
    login: String,
    when: Timestamp,
}

const CONTEXT: &[u8] = b"account disowning";

/// The link for a notice of now; `None` when none can be kept: the notice goes all the same.
pub(super) async fn link_for(
    ports: &Ports,
    desk: &Desk<'_>,
    account: &AccountId,
    login: &str,
    when: Timestamp,
) -> Option<Link> {
    let told = Told {
        account: account.clone(),
        institution: desk.institution.id.clone(),
        login: login.to_owned(),
        when,
    };
    let plain = serde_json::to_vec(&told).ok()?;
    let sealed = ports.keys.seal(ports.entropy.as_ref(), CONTEXT, &plain);
    let token = PendingToken::draw(ports.entropy.as_ref());
    let marks = &ports.recovery.marks;
    if let Err(error) = marks.keep_pending(PendingKind::Disowning, &token, &sealed).await {
        tracing::error!(%error, "a notice goes without the link that closes its account");
        return None;
    }
    desk.links.link(Door::NotMe, token.expose())
}

fn opened(ports: &Ports, sealed: &[u8]) -> Option<Told> {
    serde_json::from_slice(&ports.keys.open(CONTEXT, sealed)?).ok()
}

/// The institution of the account that a link would close, for its page. Changes nothing.
pub async fn see_disowning(
    ports: &Ports,
    token: &str,
    from: IpAddr,
) -> Result<Found<InstitutionId>, FlowError> {
    let found = behind(ports, PendingKind::Disowning, token, from).await?;
    Ok(found.map(|(_, sealed)| opened(ports, &sealed).map(|told| told.institution)))
}

/// Closes the account, ends what is open in its name, and tells the support. The link is spent last.
pub async fn disown(
    ports: &Ports,
    catalogue: &Catalogue,
    token: &str,
    from: IpAddr,
) -> Result<Found<InstitutionId>, FlowError> {
    let (token, sealed) = match behind(ports, PendingKind::Disowning, token, from).await? {
        Found::Yes(found) => found,
        Found::Dead => return Ok(Found::Dead),
        Found::TooMany => return Ok(Found::TooMany),
    };
    let Some(told) = opened(ports, &sealed) else {
        return Ok(Found::Dead);
    };
    let (marks, account) = (&ports.recovery.marks, &told.account);
    marks.close(account).await?;
    end_links(ports, account, DeathKind::Revoked).await;
    end_all_sessions(ports, catalogue, account, Actor::Person).await?;
    ports.audit.record(Record {
        institution: Some(told.institution.clone()),
        ticket: Some(token.log_name()),
        ..ports
            .event(Event::AccountDisowned)
            .about(account)
            .by(Actor::Person)
    });
    tracing::warn!(event = "account_disowned", realm = %account.realm, "an account is closed: its person says that somebody else chose its password");
    alert(ports, catalogue, &told).await;
    let attempt = ports.attempts.next();
    marks
        .take_pending(PendingKind::Disowning, &token, &attempt)
        .await?;
    Ok(Found::Yes(told.institution))
}

/// A letter to the support of the institution; where it has no address, log and audit tell.
async fn alert(ports: &Ports, catalogue: &Catalogue, told: &Told) {
    let institution = catalogue.institutions.named(told.institution.as_str());
    let realm = catalogue.realms.get(&told.account.realm);
    let Some((institution, realm)) = institution.zip(realm) else {
        return;
    };
    let locale = institution.languages(realm).first().cloned();
    let locale = locale.unwrap_or_else(Locale::french);
    let mail = institution.contact(realm).mail.as_deref();
    let to = mail.and_then(|text| EmailAddress::stored(text).ok());
    let Some((to, desk)) = to.zip(Desk::of(ports, catalogue, institution, &locale)) else {
        tracing::error!(event = "support_not_told", institution = %told.institution, "the support has no address: nobody is told that an account was closed");
        return;
    };
    let notice = Notice::Disowned {
        login: told.login.clone(),
        when: told.when,
    };
    let moment = told.when.0.to_be_bytes();
    let parts: [&[u8]; 2] = [told.account.person.0.as_bytes(), &moment];
    if let Err(error) = desk.send(ports, &Destination::Mail(to), &notice, &parts).await {
        tracing::error!(%error, "the letter that tells the support of a closed account could not be kept");
    }
}

/// Whether the account is closed by its person's word.
pub async fn is_disowned(ports: &Ports, account: &AccountId) -> Result<bool, StoreError> {
    ports.recovery.marks.is_closed(account).await
}

/// Who opens whose account again, and why.
pub struct Reopening<'a> {
    pub institution: &'a Institution,
    pub login: &'a Username,
    pub agent: &'a str,
    pub reason: &'a str,
}

/// What it came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reopened {
    Yes,
    /// It was not closed here.
    WasOpen,
    /// No entry, or more than one, has this login.
    Nobody,
}

/// An operator opens an account again that its person closed.
pub async fn reopen(
    ports: &Ports,
    catalogue: &Catalogue,
    wish: &Reopening<'_>,
) -> Result<Reopened, FlowError> {
    let realm = &wish.institution.realm;
    let found = catalogue.directory(realm)?.find(wish.login).await;
    let found = found.map_err(|source| FlowError::Directory {
        realm: realm.clone(),
        source,
    })?;
    let directory::Found::One(person) = found else {
        return Ok(Reopened::Nobody);
    };
    let account = AccountId {
        realm: realm.clone(),
        person: person.key.clone(),
    };
    if !ports.recovery.marks.reopen(&account).await? {
        return Ok(Reopened::WasOpen);
    }
    ports.audit.record(Record {
        institution: Some(wish.institution.id.clone()),
        note: Some(wish.reason.to_owned()),
        method: Some("command"),
        ..ports
            .event(Event::AccountReopened)
            .about(&account)
            .by(Actor::Agent(wish.agent.to_owned()))
    });
    Ok(Reopened::Yes)
}
