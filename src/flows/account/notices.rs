//! What follows a change of verified addresses: links on their way die (SEC-21), and everybody whom the
//! account reached before hears of it, with a link that takes it back (S4-05, SEC-59).

use serde::{Deserialize, Serialize};

use super::addresses::{destination, mask};
use crate::audit::{Actor, Event, Record};
use crate::base::names::{AccountId, InstitutionId, Locale};
use crate::directory::Person;
use crate::flows::recovery::{Desk, Kind, end_links, every_mailbox, spoken_to};
use crate::flows::{Catalogue, FlowError, Ports};
use crate::messages::{Destination, Door, Link, Notice};
use crate::tickets::{DeathKind, PendingKind, PendingToken};

pub(super) struct Change<'a> {
    pub account: &'a AccountId,
    pub institution: &'a InstitutionId,
    pub kind: Kind,
    pub value: &'a str,
    /// Or it was removed.
    pub added: bool,
    /// Of the page that it was done on.
    pub locale: Option<&'a Locale>,
}

/// What a link takes back, as the store keeps it.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Undoing {
    pub account: AccountId,
    pub institution: InstitutionId,
    pub sms: bool,
    pub value: String,
    pub added: bool,
}

impl Undoing {
    pub fn kind(&self) -> Kind {
        if self.sms { Kind::Sms } else { Kind::Mail }
    }

    pub fn open(ports: &Ports, sealed: &[u8]) -> Option<Undoing> {
        serde_json::from_slice(&ports.keys.open(CONTEXT, sealed)?).ok()
    }
}

const CONTEXT: &[u8] = b"account undo";

/// `before` is the entry as it was.
pub(super) async fn tell_change(ports: &Ports, catalogue: &Catalogue, before: &Person, change: &Change<'_>) {
    end_links(ports, change.account, DeathKind::Revoked).await;
    let institution = catalogue.institutions.named(change.institution.as_str());
    let of_person = || {
        let institution = institution?;
        let realm = catalogue.realms.get(&institution.realm)?;
        Some(spoken_to(before, institution, realm))
    };
    let locale = change.locale.cloned().or_else(of_person);
    let locale = locale.unwrap_or_else(Locale::french);
    let Some(desk) = institution.and_then(|place| Desk::of(ports, catalogue, place, &locale)) else {
        return;
    };
    let undo = match keep_undo(ports, change).await {
        Ok(token) => desk.links.link(Door::Undo, token.expose()),
        Err(error) => {
            tracing::error!(%error, "a change of addresses cannot be taken back by its letter");
            None
        }
    };
    let Some(to) = destination(desk.settings, change.kind, change.value) else {
        return;
    };
    send_all(ports, &desk, before, change, (mask(&to), undo)).await;
}

async fn send_all(
    ports: &Ports,
    desk: &Desk<'_>,
    before: &Person,
    change: &Change<'_>,
    (mask, undo): (String, Option<Link>),
) {
    let (login, when) = (before.login.clone(), ports.clock.now());
    let notice = match change.added {
        true => Notice::AddressAdded {
            login,
            mask,
            when,
            undo,
        },
        false => Notice::AddressRemoved {
            login,
            mask,
            when,
            undo,
        },
    };
    let moment = when.0.to_be_bytes();
    let mut told = false;
    for address in every_mailbox(before, desk.settings) {
        let parts: [&[u8]; 2] = [change.account.person.0.as_bytes(), &moment];
        match desk
            .send(ports, &Destination::Mail(address), &notice, &parts)
            .await
        {
            Ok(()) => told = true,
            Err(error) => tracing::error!(%error, "a letter about an address could not be kept"),
        }
    }
    if told {
        ports.audit.record(Record {
            institution: Some(change.institution.clone()),
            ..ports
                .event(Event::NoticeQueued)
                .about(change.account)
                .by(Actor::Server)
        });
    }
}

async fn keep_undo(ports: &Ports, change: &Change<'_>) -> Result<PendingToken, FlowError> {
    let undoing = Undoing {
        account: change.account.clone(),
        institution: change.institution.clone(),
        sms: change.kind == Kind::Sms,
        value: change.value.to_owned(),
        added: change.added,
    };
    let plain = serde_json::to_vec(&undoing).unwrap_or_default();
    let sealed = ports.keys.seal(ports.entropy.as_ref(), CONTEXT, &plain);
    let token = PendingToken::draw(ports.entropy.as_ref());
    let marks = &ports.recovery.marks;
    marks.keep_pending(PendingKind::Undo, &token, &sealed).await?;
    Ok(token)
}
