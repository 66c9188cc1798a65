//! Links of letters that are no right to the password of one account: the one link for who share a mailbox,
//! whose page asks for the username (S2-16), and the way back of a found identifier to the page that wants
//! it (S3-08). What they lead to is kept sealed; opening one changes nothing.

use std::net::IpAddr;

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::accounts;
use super::open::{Dead, Opened, allowed, invalid};
use super::request::Entry;
use super::state::{Among, Back, Flow, Holding, Stage, Start, Via};
use crate::base::clock::Timestamp;
use crate::base::keys::Purpose;
use crate::base::names::{InstitutionId, PersonKey, RealmId};
use crate::flows::{Catalogue, FlowError, Ports};
use crate::tickets::{LONGEST_PENDING, Looked, PendingKind, PendingToken, StoreError};

const CONTEXT: &[u8] = b"recovery way";

/// What a link leads to.
#[derive(Serialize, Deserialize)]
pub(super) struct Kept {
    realm: RealmId,
    institution: InstitutionId,
    service: Option<String>,
    to: To,
}

#[derive(Serialize, Deserialize)]
enum To {
    Among(Vec<(PersonKey, String)>),
    Back { identifier: String, to: Back },
}

impl Kept {
    pub fn among(entry: &Entry, realm: &RealmId, rights: Vec<(PersonKey, String)>) -> Kept {
        Kept::of(entry, realm, To::Among(rights))
    }

    pub fn back(entry: &Entry, realm: &RealmId, identifier: &str) -> Kept {
        let to = To::Back {
            identifier: identifier.to_owned(),
            to: entry.back.clone(),
        };
        Kept::of(entry, realm, to)
    }

    fn of(entry: &Entry, realm: &RealmId, to: To) -> Kept {
        Kept {
            realm: realm.clone(),
            institution: entry.institution.clone(),
            service: entry.service.clone(),
            to,
        }
    }
}

/// The secret of a request's link for `whom`: the same each time the request is delivered.
pub(super) fn token_of(ports: &Ports, nonce: &[u8; 32], whom: &str) -> PendingToken {
    let parts: [&[u8]; 3] = [b"way", nonce, whom.as_bytes()];
    let drawn = Zeroizing::new(ports.keys.pseudonym(Purpose::Mint, &parts));
    // 32 bytes are what a token is made of.
    PendingToken::parse(&BASE64URL_NOPAD.encode(&*drawn))
        .unwrap_or_else(|| PendingToken::draw(ports.entropy.as_ref()))
}

/// Keeps what a link leads to; without the service when that is too long to be kept, and `false` when the
/// rest is as well.
pub(super) async fn keep(ports: &Ports, token: &PendingToken, mut kept: Kept) -> Result<bool, StoreError> {
    let sealed = |kept: &Kept| {
        let plain = serde_json::to_vec(kept).unwrap_or_default();
        ports.keys.seal(ports.entropy.as_ref(), CONTEXT, &plain)
    };
    let mut whole = sealed(&kept);
    if whole.len() > LONGEST_PENDING {
        kept.service = None;
        whole = sealed(&kept);
    }
    if whole.len() > LONGEST_PENDING {
        return Ok(false);
    }
    let marks = &ports.recovery.marks;
    marks.keep_pending(PendingKind::Way, token, &whole).await?;
    Ok(true)
}

/// Opens the link whose last part is `text`, on a host of `here` (SEC-17).
pub(super) async fn open(
    ports: &Ports,
    text: &str,
    here: Option<&RealmId>,
    from: IpAddr,
) -> Result<Opened, FlowError> {
    let kept = kept(ports, text).await?;
    let Some(kept) = kept.filter(|kept| here.is_none_or(|realm| kept.realm == *realm)) else {
        return invalid(ports, from).await.map(Opened::Dead);
    };
    let flow = |stage| {
        Box::new(Flow {
            realm: kept.realm,
            institution: kept.institution,
            service: kept.service,
            since: ports.clock.now(),
            stage,
        })
    };
    Ok(match kept.to {
        To::Back { identifier, to } => Opened::Back(flow(Stage::Start(Start { identifier })), to),
        To::Among(rights) => {
            let among = Among {
                rights,
                username: String::new(),
            };
            match see_among(ports, &among).await? {
                Ok(_) => Opened::Flow(flow(Stage::Among(among))),
                Err(dead) => Opened::Dead(dead),
            }
        }
    })
}

async fn kept(ports: &Ports, text: &str) -> Result<Option<Kept>, FlowError> {
    // Punctuation that mail software takes for a part of the link (SEC-36).
    let text = text.trim_end_matches(['.', ',', ';', ')', '>', ' ']);
    let Some(token) = PendingToken::parse(text) else {
        return Ok(None);
    };
    let sealed = ports.recovery.marks.pending(PendingKind::Way, &token).await?;
    let plain = sealed.and_then(|sealed| ports.keys.open(CONTEXT, &sealed));
    Ok(plain.and_then(|plain| serde_json::from_slice(&plain).ok()))
}

/// Until when at least one of the rights is good, or why none is.
pub async fn see_among(ports: &Ports, among: &Among) -> Result<Result<Timestamp, Dead>, FlowError> {
    let mut until: Option<Timestamp> = None;
    let mut dead = Dead::Unknown;
    for (_, name) in &among.rights {
        let Some(token) = Holding::named(name.clone(), Via::Link).token() else {
            continue;
        };
        match ports.recovery.tickets.look(&token).await? {
            Looked::Live(ticket) => until = until.max(Some(ticket.expires_at)),
            Looked::Claimed => dead = Dead::Busy,
            Looked::Dead(death) => dead = Dead::Died(death),
            Looked::Unknown => {}
        }
    }
    Ok(until.ok_or(dead))
}

/// Whose password a typed username means.
pub enum Whose {
    Empty,
    /// None of those who share the mailbox; or more than one.
    Nobody,
    /// This network typed too many that were none.
    TooMany,
    One(Holding),
}

/// Finds the right that goes with a username, among those that the link holds and nowhere else (SEC-18).
pub async fn whose(
    ports: &Ports,
    catalogue: &Catalogue,
    (realm, among): (&RealmId, &Among),
    typed: &str,
    from: IpAddr,
) -> Result<Whose, FlowError> {
    if typed.trim().is_empty() {
        return Ok(Whose::Empty);
    }
    if !allowed(ports, from).await? {
        return Ok(Whose::TooMany);
    }
    let Some(settings) = catalogue.recovery_of(realm) else {
        return Ok(Whose::Nobody);
    };
    let directory = catalogue.directory(realm)?.as_ref();
    let found = accounts::meant_among(directory, settings, typed, &among.rights).await;
    let found = found.map_err(|source| FlowError::Directory {
        realm: realm.clone(),
        source,
    })?;
    match found {
        Some((person, name)) => {
            let holding = Holding::named(name.clone(), Via::Link);
            ports.audit.record(crate::audit::Record {
                realm: Some(realm.clone()),
                account: Some(person.clone()),
                ticket: holding.token().map(|token| token.log_name()),
                ..ports.event(crate::audit::Event::LinkOpened)
            });
            Ok(Whose::One(holding))
        }
        None => {
            invalid(ports, from).await?;
            Ok(Whose::Nobody)
        }
    }
}
