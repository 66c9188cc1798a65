//! The addresses and numbers of a person as the realm's `[recovery] addresses` map them, and which of
//! them people may change here: those of the first verified and the first unverified attribute of a kind.

use data_encoding::HEXLOWER;

use crate::base::keys::Purpose;
use crate::base::names::{AccountId, EmailAddress, PhoneNumber};
use crate::directory::Person;
use crate::flows::recovery::{Kind, RecoveryAddress, RecoverySettings, Trust};
use crate::flows::{Catalogue, Ports};
use crate::messages::Destination;

/// Addresses of one kind that a person may have here, verified or not.
pub const MOST: usize = 5;

/// How far an address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Links go there.
    Verified,
    /// Given by the institution.
    Institution,
    /// Nothing goes there but the message that verifies it (S3-05).
    Unverified,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Names it in a form: an HMAC, so that no address stands in a link.
    pub id: String,
    pub kind: Kind,
    /// As the directory has it.
    pub value: String,
    pub state: State,
    pub removable: bool,
}

/// Where a kind is written to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair<'a> {
    pub verified: &'a str,
    pub pending: &'a str,
}

pub(super) fn pair(settings: &RecoverySettings, kind: Kind) -> Option<Pair<'_>> {
    let of = |trust| {
        let mut all = settings
            .addresses
            .iter()
            .filter(move |one| one.kind == kind && one.trust == trust);
        // Ours before those that other programs write.
        let ours = |one: &&RecoveryAddress| one.attribute.to_ascii_lowercase().starts_with("mereau");
        let first = all.clone().find(ours).or_else(|| all.next());
        first.map(|one| one.attribute.as_str())
    };
    Some(Pair {
        verified: of(Trust::Validated)?,
        pending: of(Trust::Unvalidated)?,
    })
}

/// Whether people of the realm may have addresses of this kind here: the attributes are there, they can
/// be written, and a message can go there.
pub fn may_add(ports: &Ports, catalogue: &Catalogue, account: &AccountId, kind: Kind) -> bool {
    let settings = catalogue.recovery_of(&account.realm);
    let reached = kind == Kind::Mail || ports.recovery.sms.is_some();
    reached && settings.is_some_and(|settings| pair(settings, kind).is_some())
}

/// Every address of the person, the verified ones first.
pub fn kept(ports: &Ports, account: &AccountId, settings: &RecoverySettings, person: &Person) -> Vec<Kept> {
    let mut all: Vec<Kept> = Vec::new();
    for trust in [Trust::Validated, Trust::Institution, Trust::Unvalidated] {
        for one in settings.addresses.iter().filter(|one| one.trust == trust) {
            let own = pair(settings, one.kind);
            for value in person.attributes.texts(&one.attribute) {
                if all
                    .iter()
                    .any(|known| known.kind == one.kind && known.value == value)
                {
                    continue;
                }
                let attribute = one.attribute.as_str();
                all.push(Kept {
                    id: id_of(ports, account, one.kind, value),
                    kind: one.kind,
                    value: value.to_owned(),
                    state: match trust {
                        Trust::Validated => State::Verified,
                        Trust::Institution => State::Institution,
                        Trust::Unvalidated => State::Unverified,
                    },
                    removable: own.is_some_and(|own| own.verified == attribute || own.pending == attribute),
                });
            }
        }
    }
    let verified = |kept: &&Kept| kept.kind == Kind::Mail && kept.state == State::Verified;
    if all.iter().filter(verified).count() <= 1 {
        // The last one by which its person can come back in.
        let last = all.iter_mut().filter(|kept| verified(&&**kept));
        last.for_each(|kept| kept.removable = false);
    }
    all
}

fn id_of(ports: &Ports, account: &AccountId, kind: Kind, value: &str) -> String {
    let kind: &[u8] = match kind {
        Kind::Mail => b"mail",
        Kind::Sms => b"sms",
    };
    let (realm, person) = (account.realm.as_str().as_bytes(), account.person.0.as_bytes());
    let parts: [&[u8]; 5] = [b"account address", realm, person, kind, value.as_bytes()];
    let name = ports.keys.pseudonym(Purpose::Form, &parts);
    HEXLOWER.encode(name.get(..12).unwrap_or_default())
}

/// Where a message to a stored value goes; `None` for what none can go to.
pub(super) fn destination(settings: &RecoverySettings, kind: Kind, value: &str) -> Option<Destination> {
    match kind {
        Kind::Mail => EmailAddress::stored(value).ok().map(Destination::Mail),
        Kind::Sms => PhoneNumber::stored(value, &settings.country)
            .ok()
            .map(Destination::Sms),
    }
}

/// By what an address or a number is reached, for the audit.
pub(super) fn method(kind: Kind) -> &'static str {
    match kind {
        Kind::Mail => "mail",
        Kind::Sms => "sms",
    }
}

pub(super) fn mask(to: &Destination) -> String {
    match to {
        Destination::Mail(address) => address.masked(),
        Destination::Sms(number) => number.masked(),
    }
}
