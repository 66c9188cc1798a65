//! A letter's link takes a change of addresses back, by a button, for three days. Whoever presses it says
//! that somebody else was at the account: its sessions and links end too.

use std::net::IpAddr;

use super::addresses::{destination, mask, pair};
use super::notices::Undoing;
use crate::audit::{Actor, Event, Record};
use crate::base::names::InstitutionId;
use crate::directory::{DirectoryError, Rewrite, Written};
use crate::flows::logout::end_all_sessions;
use crate::flows::recovery::{Found, behind, end_links};
use crate::flows::{Catalogue, FlowError, Ports, tell_silent};
use crate::tickets::{DeathKind, PendingKind, PendingToken};

/// What a link would take back, for its page.
pub struct Undone {
    pub institution: InstitutionId,
    pub mask: String,
    /// An address was added, or one was removed.
    pub added: bool,
}

/// What is behind a link, for who shows it from `from`. Changes nothing.
pub async fn see_undo(
    ports: &Ports,
    catalogue: &Catalogue,
    token: &str,
    from: IpAddr,
) -> Result<Found<Undone>, FlowError> {
    let found = behind(ports, PendingKind::Undo, token, from).await?;
    Ok(found.map(|(_, sealed)| told(catalogue, Undoing::open(ports, &sealed)?)))
}

fn told(catalogue: &Catalogue, undoing: Undoing) -> Option<Undone> {
    let settings = catalogue.recovery_of(&undoing.account.realm)?;
    let to = destination(settings, undoing.kind(), &undoing.value)?;
    Some(Undone {
        mask: mask(&to),
        added: undoing.added,
        institution: undoing.institution,
    })
}

/// Takes it back; `None` when there is nothing to take back any more. The link is spent after the
/// directory has written, so that one which could not be used still can.
pub async fn undo(ports: &Ports, catalogue: &Catalogue, token: &str) -> Result<Option<Undone>, FlowError> {
    let Some(token) = PendingToken::parse(token) else {
        return Ok(None);
    };
    let marks = &ports.recovery.marks;
    let sealed = marks.pending(PendingKind::Undo, &token).await?;
    let Some(undoing) = sealed.and_then(|sealed| Undoing::open(ports, &sealed)) else {
        return Ok(None);
    };
    let account = undoing.account.clone();
    let settings = catalogue.recovery_of(&account.realm);
    let Some(own) = settings.and_then(|settings| pair(settings, undoing.kind())) else {
        return Ok(None);
    };
    let value = vec![undoing.value.clone()];
    let back = match undoing.added {
        true => Rewrite::Remove(value),
        false => Rewrite::Add(value),
    };
    let directory = catalogue.directory(&account.realm)?;
    let changes = [(own.verified.to_owned(), back)];
    match directory.write_attributes(&account.person, &changes).await {
        // As it was already: said to be done, since it is.
        Ok(Written::Done | Written::Moved) => {}
        Ok(Written::Gone | Written::NotAllowed | Written::Invalid) => return Ok(None),
        Err(source) => {
            if !matches!(source, DirectoryError::NotWritable) {
                tell_silent(&account.realm, &source);
            }
            return Err(super::silent(&account, source));
        }
    }
    marks
        .take_pending(PendingKind::Undo, &token, &ports.attempts.next())
        .await?;
    ports.audit.record(Record {
        institution: Some(undoing.institution.clone()),
        ticket: Some(token.log_name()),
        ..ports
            .event(Event::AddressRestored)
            .about(&account)
            .by(Actor::Person)
    });
    end_links(ports, &account, DeathKind::Revoked).await;
    end_all_sessions(ports, catalogue, &account, Actor::Person).await?;
    Ok(told(catalogue, undoing))
}
