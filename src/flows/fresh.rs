//! Keeping our picture of a person fresh: the directory is asked again at a single sign-on entry,
//! and when a proxy asks in the person's name, once the record is older than the realm allows
//! (design §4); a person who may no longer sign in loses the session (CAS-61).

use super::logout::{end_all_sessions, end_session};
use super::{Catalogue, FlowError, Ports, released};
use crate::audit::Actor;
use crate::base::clock::Timestamp;
use crate::base::names::AccountId;
use crate::directory::DirectoryError;
use crate::protocol::ticket_id::TicketId;
use crate::tickets::{AccountRecord, SessionView};

/// What looking again comes to.
pub enum Fresh {
    /// The record to decide by; `None` when the store lost it and the directory is down.
    Record(Option<AccountRecord>),
    /// The person is gone or may no longer sign in: the session has been ended.
    Ended,
}

/// What the directory says now.
pub enum Again {
    /// Kept in the store already.
    Record(AccountRecord),
    /// The person is gone or may no longer sign in.
    Closed,
    /// It cannot tell.
    Silent(DirectoryError),
}

/// Re-reads the person when the record is stale or missing; while the directory cannot tell, the
/// kept record serves.
pub async fn refresh(
    ports: &Ports,
    catalogue: &Catalogue,
    tgt: &TicketId,
    view: &SessionView,
    needs_record: bool,
) -> Result<Fresh, FlowError> {
    let account = &view.session.account;
    if !is_stale(ports, catalogue, account, view.record_read_at)? {
        let kept = if needs_record {
            ports.store.account(account).await?
        } else {
            None
        };
        return Ok(Fresh::Record(kept));
    }
    match read_again(ports, catalogue, account).await? {
        Again::Record(record) => Ok(Fresh::Record(Some(record))),
        Again::Closed => {
            end_session(ports, catalogue, tgt, Actor::Server).await?;
            Ok(Fresh::Ended)
        }
        Again::Silent(error) => {
            tell_silent(account, &error);
            Ok(Fresh::Record(ports.store.account(account).await?))
        }
    }
}

/// The same where no browser shows its session, with the record that was `kept`: all sessions of a
/// person who may no longer sign in end, since it is not told which of them asks. `None`: so they
/// did.
pub async fn refresh_account(
    ports: &Ports,
    catalogue: &Catalogue,
    account: &AccountId,
    kept: Option<AccountRecord>,
) -> Result<Option<AccountRecord>, FlowError> {
    let read_at = kept.as_ref().map(|record| record.read_at);
    if !is_stale(ports, catalogue, account, read_at)? {
        return Ok(kept);
    }
    match (read_again(ports, catalogue, account).await?, kept) {
        (Again::Record(record), _) => Ok(Some(record)),
        (Again::Closed, _) => {
            end_all_sessions(ports, catalogue, account, Actor::Server).await?;
            Ok(None)
        }
        (Again::Silent(error), Some(kept)) => {
            tell_silent(account, &error);
            Ok(Some(kept))
        }
        (Again::Silent(source), None) => Err(FlowError::Directory {
            realm: account.realm.clone(),
            source,
        }),
    }
}

/// Reads the person again, whatever the age of the record.
pub async fn read_again(
    ports: &Ports,
    catalogue: &Catalogue,
    account: &AccountId,
) -> Result<Again, FlowError> {
    let realm = &account.realm;
    match catalogue.directory(realm)?.read(&account.person).await {
        Ok(Some(person)) if person.state.may_sign_in => {
            let record = released::record(&catalogue.services, &person, ports.clock.now());
            ports.store.write_account(account, &record).await?;
            Ok(Again::Record(record))
        }
        Ok(_) => {
            tracing::info!(%realm, reason = "STATE_CLOSED", "the account of a session may no longer sign in");
            Ok(Again::Closed)
        }
        Err(error) => Ok(Again::Silent(error)),
    }
}

fn tell_silent(account: &AccountId, error: &DirectoryError) {
    tracing::warn!(realm = %account.realm, %error, "the directory cannot tell; the kept attributes serve");
}

fn is_stale(
    ports: &Ports,
    catalogue: &Catalogue,
    account: &AccountId,
    read_at: Option<Timestamp>,
) -> Result<bool, FlowError> {
    let bound = catalogue.realm(&account.realm)?.lifetimes.record;
    let now = ports.clock.now();
    Ok(read_at.is_none_or(|read_at| now.since(read_at) > bound))
}
