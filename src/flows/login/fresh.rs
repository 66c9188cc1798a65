//! Keeping a session's picture of its person fresh: the directory is asked again at a single
//! sign-on entry when the record is older than the realm allows (design §4), and a person who may no
//! longer sign in loses the session (CAS-61).

use crate::flows::logout::end_session;
use crate::flows::{Catalogue, FlowError, Ports, released};
use crate::protocol::ticket_id::TicketId;
use crate::tickets::{AccountRecord, SessionView};

/// What looking again comes to.
pub enum Fresh {
    /// The record to decide by; `None` when the store lost it and the directory is down.
    Record(Option<AccountRecord>),
    /// The person is gone or may no longer sign in: the session has been ended.
    Ended,
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
    let now = ports.clock.now();
    let bound = catalogue.realm(&account.realm)?.lifetimes.record;
    let stale = view
        .record_read_at
        .is_none_or(|read_at| now.since(read_at) > bound);
    if !stale {
        let kept = if needs_record {
            ports.store.account(account).await?
        } else {
            None
        };
        return Ok(Fresh::Record(kept));
    }
    match catalogue.directory(&account.realm)?.read(&account.person).await {
        Ok(Some(person)) if person.state.may_sign_in => {
            let record = released::record(&catalogue.services, &person, now);
            ports.store.write_account(account, &record).await?;
            Ok(Fresh::Record(Some(record)))
        }
        Ok(_) => {
            tracing::info!(realm = %account.realm, reason = "STATE_CLOSED", "a session ends: its account may no longer sign in");
            end_session(ports, catalogue, tgt).await?;
            Ok(Fresh::Ended)
        }
        Err(error) => {
            tracing::warn!(realm = %account.realm, %error, "the directory cannot tell; the kept attributes serve");
            Ok(Fresh::Record(ports.store.account(account).await?))
        }
    }
}
