//! The sessions of one person, for somebody else: listed, and ended all at once with a sign-out for every
//! application that was visited.

use super::ByAgent;
use crate::audit::Event;
use crate::base::names::AccountId;
use crate::flows::logout::end_all;
use crate::flows::{Catalogue, FlowError, Ports};
use crate::tickets::Connections;

/// What was ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedOf {
    /// Those that the store could name.
    pub sessions: u64,
    /// Logout messages to applications that are on their way.
    pub told: usize,
    /// Those that only the person's own browser could have brought: they are not sent.
    pub untold: usize,
    /// As in [`Connections`]: the applications of such a session are not told.
    pub perhaps_more: bool,
}

/// The latest used first. Changes nothing, and is not in the audit.
pub async fn sessions_of(ports: &Ports, account: &AccountId) -> Result<Connections, FlowError> {
    let mut held = ports.store.connections(account).await?;
    held.listed
        .sort_by_key(|held| std::cmp::Reverse(held.view.last_used));
    Ok(held)
}

/// Ends every session of the account, with its tickets, the tickets of its portals and what its known
/// devices are known by: the next sign-in is one of a stranger's device. It is in the audit even where
/// there was nothing to end. The account is not closed: its password opens a new session.
pub async fn end_sessions(
    ports: &Ports,
    catalogue: &Catalogue,
    account: &AccountId,
    by: &ByAgent<'_>,
) -> Result<EndedOf, FlowError> {
    ports.must_record().await?;
    let record = by.signs(ports.event(Event::SessionsEnded).about(account));
    let out = end_all(ports, catalogue, account, |_| Some(record)).await?;
    tracing::warn!(
        event = "sessions_ended_by_agent",
        realm = %account.realm,
        sessions = out.sessions,
        "all sessions of an account were ended by {}",
        by.name
    );
    Ok(EndedOf {
        perhaps_more: out.perhaps_more,
        sessions: out.sessions,
        told: out.told,
        untold: out.by_browser.len(),
    })
}
