//! An event with the facts that every event has.

use serde::Serialize;

use super::{Event, Origin, Trace};
use crate::base::clock::Timestamp;
use crate::base::names::{AccountId, InstitutionId, PersonKey, RealmId};

/// Who did it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Actor {
    /// Somebody who has proved nothing.
    #[default]
    Anonymous,
    /// The person of the account.
    Person,
    /// Somebody of the institution, by name.
    Agent(String),
    /// The server by itself.
    Server,
}

/// How it went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Outcome {
    #[default]
    Done,
    /// By a rule; a short code says by which.
    Refused(&'static str),
    /// Something broke, or it is not known how it went.
    Unknown(&'static str),
}

/// One event. What does not apply stays empty.
#[derive(Debug, Clone)]
pub struct Record {
    pub event: Event,
    pub time: Timestamp,
    pub realm: Option<RealmId>,
    pub institution: Option<InstitutionId>,
    pub actor: Actor,
    /// Whose account: the entry's key (entryUUID), never a login.
    pub account: Option<PersonKey>,
    /// Which step of which flow: of the closed list of [`Event::step`] and the constants beside it.
    pub step: Option<&'static str>,
    pub flow: Option<String>,
    pub outcome: Outcome,
    /// By what: mail, sms, link, code, password, forced, delegation, rest, command, admin.
    pub method: Option<&'static str>,
    /// The beginning of the ticket's hash, as the log names it: never the ticket.
    pub ticket: Option<String>,
    pub origin: Option<Origin>,
    /// Where there is no origin: of the request that is worked on in the background.
    pub asked: Option<Trace>,
    /// What an agent wrote about it; over REST, the program that asked.
    pub note: Option<String>,
}

impl Record {
    /// An event of the request that is answered here, if any.
    pub fn of(event: Event, time: Timestamp) -> Record {
        Record {
            event,
            time,
            realm: None,
            institution: None,
            actor: Actor::default(),
            account: None,
            step: Some(event.step()),
            flow: None,
            outcome: Outcome::default(),
            method: event.method(),
            ticket: None,
            origin: Origin::current(),
            asked: None,
            note: None,
        }
    }

    /// About an account of a realm.
    pub fn about(self, account: &AccountId) -> Record {
        Record {
            realm: Some(account.realm.clone()),
            account: Some(account.person.clone()),
            ..self
        }
    }

    pub fn by(self, actor: Actor) -> Record {
        Record { actor, ..self }
    }

    pub fn refused(self, reason: &'static str) -> Record {
        Record {
            outcome: Outcome::Refused(reason),
            ..self
        }
    }

    /// Of the request that brought it about, whether it is answered yet or not.
    pub fn trace(&self) -> Option<Trace> {
        let own = self.origin.as_ref().map(Origin::trace);
        own.or_else(|| self.asked.clone())
    }

    pub(super) fn facts(&self) -> Facts<'_> {
        let (result, reason) = match self.outcome {
            Outcome::Done => ("done", None),
            Outcome::Refused(reason) => ("refused", Some(reason)),
            Outcome::Unknown(reason) => ("unknown", Some(reason)),
        };
        let (actor, agent_name) = match &self.actor {
            Actor::Anonymous => ("anonymous", None),
            Actor::Person => ("self", None),
            Actor::Agent(name) => ("agent", Some(name.as_str())),
            Actor::Server => ("server", None),
        };
        let (network, browser, request) = match self.trace() {
            Some(trace) => (Some(trace.network), trace.browser, Some(trace.request)),
            None => (None, None, None),
        };
        Facts {
            event: self.event.name(),
            time: time(self.time),
            realm: self.realm.as_ref().map(RealmId::as_str),
            institution: self.institution.as_ref().map(InstitutionId::as_str),
            actor,
            agent_name,
            account: self.account.as_ref().map(|key| key.0.as_str()),
            step: self.step,
            flow: self.flow.as_deref(),
            result,
            reason,
            method: self.method,
            network,
            browser,
            ticket: self.ticket.as_deref(),
            request,
            note: self.note.as_deref(),
        }
    }
}

/// A record as it is written, in this order.
#[derive(Serialize)]
pub(super) struct Facts<'a> {
    pub event: &'static str,
    pub time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub realm: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub institution: Option<&'a str>,
    pub actor: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flow: Option<&'a str>,
    pub result: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub browser: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<&'a str>,
}

/// RFC 3339 in UTC with milliseconds.
pub(super) fn time(at: Timestamp) -> String {
    let millis = i64::try_from(at.0).unwrap_or(i64::MAX);
    let instant = jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::MAX);
    format!("{instant:.3}")
}
