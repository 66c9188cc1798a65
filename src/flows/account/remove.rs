//! An address goes: never the last verified one.

use super::Owner;
use super::addresses::{State, kept, method, pair};
use super::notices::{Change, tell_change};
use crate::audit::{Event, Record};
use crate::directory::{DirectoryError, Rewrite, Written};
use crate::flows::recovery::{Kind, remember_former};
use crate::flows::{Catalogue, FlowError, Ports, tell_silent};

/// What removing comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removed {
    Yes,
    /// It is not there.
    Gone,
    /// It is the last verified one, or not one that people change here.
    Kept,
    /// The directory refuses it.
    NotAllowed,
    /// The directory did not answer.
    Silent,
}

/// Removes the address that `id` names. Whether the password was given lately is for the caller to see.
pub async fn remove(
    ports: &Ports,
    catalogue: &Catalogue,
    owner: &Owner<'_>,
    id: &str,
) -> Result<Removed, FlowError> {
    ports.must_record().await?;
    let account = owner.account();
    let Some(settings) = catalogue.recovery_of(&account.realm) else {
        return Ok(Removed::NotAllowed);
    };
    let Some(now) = owner.writable(catalogue).await? else {
        return Ok(Removed::Gone);
    };
    let all = kept(ports, account, settings, &now.person);
    let Some(found) = all.into_iter().find(|kept| kept.id == id) else {
        return Ok(Removed::Gone);
    };
    let Some(own) = pair(settings, found.kind).filter(|_| found.removable) else {
        return Ok(Removed::Kept);
    };
    let attribute = match found.state {
        State::Unverified => own.pending,
        State::Verified | State::Institution => own.verified,
    };
    let changes = [(attribute.to_owned(), Rewrite::Remove(vec![found.value.clone()]))];
    let directory = catalogue.directory(&account.realm)?;
    match directory.write_attributes(&account.person, &changes).await {
        Ok(Written::Done) => {}
        Ok(Written::Moved | Written::Gone) => return Ok(Removed::Gone),
        Ok(Written::NotAllowed | Written::Invalid) | Err(DirectoryError::NotWritable) => {
            return Ok(Removed::NotAllowed);
        }
        Err(error) => {
            tell_silent(&account.realm, &error);
            return Ok(Removed::Silent);
        }
    }
    ports.audit.record(Record {
        method: Some(method(found.kind)),
        ..owner.event(ports, Event::AddressRemoved)
    });
    if found.kind == Kind::Mail
        && found.state != State::Unverified
        && let Err(error) = remember_former(ports, account, &found.value).await
    {
        tracing::error!(%error, "an address that was removed will not be told of a new password");
    }
    if found.state == State::Verified {
        let change = Change {
            account,
            institution: &owner.institution.id,
            kind: found.kind,
            value: &found.value,
            added: false,
            locale: Some(owner.locale),
        };
        tell_change(ports, catalogue, &now.person, &change).await;
    }
    Ok(Removed::Yes)
}
