//! Requests of the queue that are not worked on any more, and whose directory they belong to.

use data_encoding::HEXLOWER;

use super::request::Entry;
use crate::audit::{Actor, Event, Record};
use crate::base::names::RealmId;
use crate::flows::{Catalogue, Ports};
use crate::tickets::Queued;

/// Whose directory an entry will be worked on with; `None` when nothing will come of it.
pub fn realm_of<'a>(ports: &Ports, catalogue: &'a Catalogue, queued: &Queued) -> Option<&'a RealmId> {
    let entry = Entry::open(ports, &queued.sealed)?;
    let institution = catalogue.institutions.named(entry.institution.as_str())?;
    Some(&institution.realm)
}

/// Notes for good that an entry is not tried any more, and why.
pub fn give_up(ports: &Ports, catalogue: &Catalogue, queued: &Queued, why: &'static str) {
    let entry = Entry::open(ports, &queued.sealed);
    let flow = entry.as_ref().map(|entry| HEXLOWER.encode(&entry.number()));
    tracing::error!(
        event = "recovery_given_up",
        why,
        flow,
        taken = queued.taken,
        lapsed = queued.lapsed,
        "a recovery request is given up"
    );
    let record = Record {
        realm: realm_of(ports, catalogue, queued).cloned(),
        method: entry.as_ref().map(Entry::method),
        asked: entry.as_ref().and_then(|entry| entry.trace.clone()),
        institution: entry.map(|entry| entry.institution),
        flow,
        actor: Actor::Server,
        ..ports.event(Event::RecoveryGivenUp)
    };
    ports.audit.record(record.refused(why));
}
