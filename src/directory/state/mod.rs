//! What an entry says about its account. Sites encode this differently, so an ordered list of
//! rules decides; the first that fits wins (experience §5.3).

mod condition;
mod dates;
mod presets;
mod rules;

use serde::{Deserialize, Serialize};

use super::person::Attributes;
use crate::base::clock::Timestamp;
pub use condition::{Condition, ConditionFlaw};
pub use presets::Preset;
pub use rules::{Allow, StateRule, StateRules};

/// Where the directories that we know note when a password changed: OpenLDAP, AD, 389-ds, shadow(5).
pub const CHANGED: [&str; 4] = [
    "pwdChangedTime",
    "pwdLastSet",
    "pwdUpdateTime",
    "shadowLastChange",
];

/// When the password of an entry changed last, by `own` or by one of [`CHANGED`]; `None` when the entry
/// does not say.
pub fn last_changed(entry: &Attributes, own: Option<&str>) -> Option<Timestamp> {
    let names = own.into_iter().chain(CHANGED);
    names.filter_map(|name| changed_at(entry, name)).max()
}

/// When a password changed, by an attribute in which a directory notes it: AD's `pwdLastSet`, the days
/// of `shadowLastChange`, or a generalizedTime.
pub fn changed_at(entry: &Attributes, attribute: &str) -> Option<Timestamp> {
    moment_of(entry, attribute)
}

/// What AD notes in steps of 100 ns since 1601.
const FILE_TIMES: [&str; 5] = [
    "pwdLastSet",
    "lockoutTime",
    "badPasswordTime",
    "accountExpires",
    "msDS-UserPasswordExpiryTimeComputed",
];

/// What shadow(5) notes in days.
const DAYS: [&str; 2] = ["shadowLastChange", "shadowExpire"];

/// The first point in time that an attribute holds, in the way in which it is known to be written.
pub fn moment_of(entry: &Attributes, attribute: &str) -> Option<Timestamp> {
    stamp(times(entry, attribute).into_iter().next()?)
}

/// The latest of them.
pub fn latest_of(entry: &Attributes, attribute: &str) -> Option<Timestamp> {
    times(entry, attribute).into_iter().filter_map(stamp).max()
}

fn times(entry: &Attributes, attribute: &str) -> Vec<i64> {
    let among = |names: &[&str]| names.iter().any(|name| attribute.eq_ignore_ascii_case(name));
    let format = match () {
        () if among(&FILE_TIMES) => dates::Format::FileTime,
        () if among(&DAYS) => dates::Format::Days,
        () => dates::Format::Generalized,
    };
    format.times(entry, attribute)
}

fn stamp(seconds: i64) -> Option<Timestamp> {
    Some(Timestamp(u64::try_from(seconds).ok()?.saturating_mul(1000)))
}

/// The meaning of an account's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    Active,
    /// Known, opens later.
    Announced,
    /// Past its end, still let in for a while.
    Grace,
    Inactive,
    /// Suspended or locked by staff.
    Suspended,
    /// Locked by failed tries.
    Locked,
    MustChange,
    Expired,
    NotActivated,
}

impl Standing {
    /// Whether this standing lets a person in with the right password when no rule says otherwise.
    pub fn may_sign_in(self) -> bool {
        matches!(self, Standing::Active | Standing::Grace)
    }
}

/// The state of one account and how it was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountState {
    pub standing: Standing,
    /// The rule that fired, for the operator: `3: (supannRessourceEtat={COMPTE}I*)`; `None` when no
    /// rule did.
    pub rule: Option<String>,
    /// What the rule says to the person (after a right password only), by language tag.
    pub message: std::collections::BTreeMap<String, String>,
    /// When the state began or ends, in milliseconds since 1970, when the entry tells.
    pub since: Option<Timestamp>,
    pub may_sign_in: bool,
}

impl AccountState {
    /// The state of an entry that no rule speaks of.
    pub fn active() -> AccountState {
        AccountState {
            standing: Standing::Active,
            rule: None,
            message: std::collections::BTreeMap::new(),
            since: None,
            may_sign_in: true,
        }
    }
}
