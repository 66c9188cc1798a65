//! The sessions of many people: of a whole realm, which end at one stroke whatever their number, or of people
//! who are looked up one by one, so that the applications hear of it.

use futures_util::{StreamExt, stream};

use super::{ByAgent, Listed};
use crate::audit::{Event, Record};
use crate::base::names::RealmId;
use crate::flows::logout::end_all;
use crate::flows::{Catalogue, FlowError, Ports};

/// Accounts that are worked on at once.
const AT_ONCE: usize = 8;

/// What was ended, account by account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Swept {
    /// Who had a session.
    pub people: u64,
    pub sessions: u64,
    /// Logout messages that are on their way.
    pub told: usize,
    /// Those that only a browser could have brought.
    pub untold: usize,
}

/// Ends every session of the realm, and forgets every device of its people, in one step for each part of the
/// store: exactly those of before, no matter how many, and none of after. No application is told of it: who
/// wants that ends them account by account before ([`end_each`]).
pub async fn end_realm(ports: &Ports, realm: &RealmId, by: &ByAgent<'_>) -> Result<(), FlowError> {
    ports.must_record().await?;
    let mut name = [0; 8];
    ports.entropy.fill(&mut name);
    ports.store.end_realm(realm, &name).await?;
    ports.audit.record(Record {
        realm: Some(realm.clone()),
        ..by.signs(ports.event(Event::SessionsEnded))
    });
    tracing::warn!(event = "realm_ended_by_agent", %realm, "all sessions of a realm were ended by {}", by.name);
    Ok(())
}

/// Whose sessions end, and how far it has come.
pub struct Ending<'a> {
    pub ports: &'a Ports,
    pub catalogue: &'a Catalogue,
    pub by: &'a ByAgent<'a>,
}

/// Ends the sessions of each of them, with their logout messages; after an `Err` it may be asked again. The
/// audit has those who had a session.
pub async fn end_each(
    ending: &Ending<'_>,
    people: &[Listed],
    mut progress: impl FnMut(usize),
) -> Result<Swept, FlowError> {
    let mut swept = Swept::default();
    let mut all = stream::iter(people)
        .map(|one| async move {
            let Ending { ports, catalogue, by } = ending;
            let record = by.signs(ports.event(Event::SessionsEnded).about(&one.account));
            end_all(ports, catalogue, &one.account, |any| any.then_some(record)).await
        })
        .buffer_unordered(AT_ONCE);
    let mut done = 0;
    while let Some(out) = all.next().await {
        let out = out?;
        swept.people += u64::from(out.sessions > 0);
        swept.sessions += out.sessions;
        swept.told += out.told;
        swept.untold += out.by_browser.len();
        done += 1;
        progress(done);
    }
    Ok(swept)
}
