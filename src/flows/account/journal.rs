//! The latest security events of an account, in a form that its person may read: what, when, whether it
//! went through, from what kind of browser and network. The audit, not this list, is the record.

use serde::{Deserialize, Serialize};

use crate::audit::{Actor, Event, Outcome, Record};
use crate::base::clock::Timestamp;
use crate::base::entropy::Entropy;
use crate::base::keys::KeyRing;
use crate::base::names::AccountId;
use crate::flows::{FlowError, Ports};
use crate::messages::Browser;
use crate::tickets::{LONGEST_EVENT, Marks, StoreError};

/// An event as it is remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happened {
    pub event: Event,
    pub at: Timestamp,
    pub refused: bool,
    pub browser: Option<Browser>,
    /// A /24 or /48.
    pub network: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Line {
    event: String,
    at: Timestamp,
    refused: bool,
    browser: Option<Browser>,
    network: Option<String>,
}

/// What a record is for its person's list, sealed for it; `None` for what is about nobody, or is only a
/// step of something else.
pub fn line_of(keys: &KeyRing, entropy: &dyn Entropy, record: &Record) -> Option<(AccountId, Vec<u8>)> {
    let account = AccountId {
        realm: record.realm.clone()?,
        person: record.account.clone()?,
    };
    if !is_told(record) {
        return None;
    }
    let agent = record.origin.as_ref().and_then(|origin| origin.agent.as_ref());
    let line = Line {
        event: record.event.name().to_owned(),
        at: record.time,
        refused: record.outcome != Outcome::Done,
        browser: agent
            .and_then(|agent| agent.to_str().ok())
            .map(Browser::of_user_agent),
        network: record.trace().map(|trace| trace.network),
    };
    let plain = serde_json::to_vec(&line).ok()?;
    let sealed = keys.seal(entropy, context(&account).as_bytes(), &plain);
    (sealed.len() <= LONGEST_EVENT).then_some((account, sealed))
}

fn is_told(record: &Record) -> bool {
    match record.event {
        Event::RecoveryRequested
        | Event::LinkOpened
        | Event::TicketClaimed
        | Event::TicketSpent
        | Event::NoticeQueued => false,
        // What the server does by itself is no event of a person's.
        Event::SessionEnded => record.actor == Actor::Person,
        _ => true,
    }
}

fn context(account: &AccountId) -> String {
    format!("security event {} {}", account.realm, account.person.0)
}

/// The latest events, the newest first.
pub async fn happened(ports: &Ports, account: &AccountId) -> Result<Vec<Happened>, FlowError> {
    Ok(remembered(ports.recovery.marks.as_ref(), &ports.keys, account).await?)
}

/// The same, for those who have the store and the keys alone.
pub async fn remembered(
    marks: &dyn Marks,
    keys: &KeyRing,
    account: &AccountId,
) -> Result<Vec<Happened>, StoreError> {
    let sealed = marks.events(account).await?;
    let read = |sealed: &Vec<u8>| -> Option<Happened> {
        let plain = keys.open(context(account).as_bytes(), sealed)?;
        let line: Line = serde_json::from_slice(&plain).ok()?;
        Some(Happened {
            event: Event::named(&line.event)?,
            at: line.at,
            refused: line.refused,
            browser: line.browser,
            network: line.network,
        })
    };
    let mut all: Vec<Happened> = sealed.iter().filter_map(read).collect();
    // Written down by tasks that may overtake each other.
    all.sort_by_key(|happened| std::cmp::Reverse(happened.at));
    Ok(all)
}
