//! When a password gets too old: by the realm's own rule, or because the directory said so at the sign-in
//! (S5-09). It is told ahead, at most once a day, and never keeps anybody from choosing another.

use std::time::Duration;

use super::{KnownService, change};
use crate::base::clock::Timestamp;
use crate::base::names::{AccountId, RealmId};
use crate::directory::state::last_changed;
use crate::directory::{PasswordNotice, Person};
use crate::flows::recovery::Ending;
use crate::flows::{Catalogue, FlowError, Ports, login_ticket};

/// How often a person is told at most.
const DAILY: Duration = Duration::from_secs(86_400);

/// How old a password is, as far as anybody is to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Age {
    Fine,
    /// It has to be another one from then on, and that is soon.
    Ends(Timestamp),
    /// It has to be another one now.
    Over,
}

/// By the rule of the realm. Where nobody could choose another password here, or the entry does not say
/// when the last one was chosen, none is too old.
pub fn age(
    catalogue: &Catalogue,
    realm: &RealmId,
    person: &Person,
    now: Timestamp,
) -> Result<Age, FlowError> {
    let policy = &catalogue.policy(realm)?.settings;
    let writable = catalogue.directory(realm)?.writable();
    let Some(days) = policy.max_age_days.filter(|_| writable) else {
        return Ok(Age::Fine);
    };
    let own = policy.changed_attribute.as_deref();
    let Some(changed) = last_changed(&person.attributes, own) else {
        return Ok(Age::Fine);
    };
    let ends = changed.plus(DAILY.saturating_mul(days));
    let told = now.plus(DAILY.saturating_mul(policy.warn_days));
    Ok(match ends {
        ends if ends <= now => Age::Over,
        ends if ends <= told => Age::Ends(ends),
        _ => Age::Fine,
    })
}

/// The earlier of what the realm's rule and the directory say.
pub(super) fn ends(age: Age, said: Option<&PasswordNotice>, now: Timestamp) -> Option<Timestamp> {
    let by_rule = match age {
        Age::Ends(at) => Some(at),
        Age::Fine | Age::Over => None,
    };
    let by_directory = match said {
        Some(PasswordNotice::ExpiresInSeconds(left)) => Some(now.plus(Duration::from_secs((*left).into()))),
        // It is over by the directory's count; this sign-in is one of the last that are granted.
        Some(PasswordNotice::GraceLoginsLeft(_)) => Some(now),
        Some(PasswordNotice::MustChange) | None => None,
    };
    by_rule.into_iter().chain(by_directory).min()
}

/// What a person whose password ends at `ends` is told before going on; `None` when they were told within
/// the day, or when what they want cannot wait for them to read: a sign-in that must be this very one.
pub(super) async fn to_tell(
    ports: &Ports,
    catalogue: &Catalogue,
    account: &AccountId,
    (ends, renew): (Timestamp, bool),
    service: Option<&KnownService<'_>>,
) -> Result<Option<Ending>, FlowError> {
    if renew || service.is_some_and(|known| !known.service.sso_enabled) {
        return Ok(None);
    }
    let parts: [&[u8]; 3] = [
        b"password ends",
        account.realm.as_str().as_bytes(),
        account.person.0.as_bytes(),
    ];
    let mark = login_ticket::mark_of(&ports.keys, &parts);
    if !ports.store.spend_mark(&mark, DAILY).await? {
        return Ok(None);
    }
    // A primary that does not answer now holds up nobody: they are told all the same.
    let changing = change::begin(ports, catalogue, account, false)
        .await
        .ok()
        .flatten();
    Ok(Some(Ending {
        at: ends,
        changing: changing.map(|changing| crate::flows::recovery::Changing {
            ending: true,
            ..changing
        }),
    }))
}
