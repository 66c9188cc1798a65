//! What it means to write to a person's entry: a new password behind a fence, and attributes of
//! one entry at once. Values only; how the fence is built on each server is the adapters' work.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::person::{Attributes, Person};
use crate::base::names::PersonKey;
use crate::base::secret::Password;

/// What in the entry moves at every change of its password, as the write primary has it: opaque to
/// everybody but the adapter, comparable, never secret.
///
/// An entry whose password never changed has a guard too: a value that says so. Where the realm
/// chose `guard = "none"` there is none.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Guard(pub Vec<u8>);

/// A person as the write primary sees it, never a replica.
#[derive(Debug, Clone)]
pub struct Writable {
    pub person: Person,
    /// `None` with [`FenceKind::None`] only.
    pub guard: Option<Guard>,
}

/// In whose name the password is written.
pub enum Manner<'a> {
    /// By the right of a reset ticket: the write identity sets it; the person knows no old one.
    Reset,
    /// By the person, who gave the one in force. The directory checks it.
    Change { current: &'a Password },
}

/// One try to give an entry a new password.
pub struct PasswordWrite<'a> {
    pub key: &'a PersonKey,
    /// Its bytes are sent as they are: the caller has prepared them.
    pub new: &'a Password,
    /// The guard that [`super::Directory::read_for_write`] gave (or that was stored with the
    /// ticket): the write happens only while the entry still has it. `None`: whatever it is.
    pub guard: Option<&'a Guard>,
    pub manner: Manner<'a>,
}

/// What became of a password write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrote {
    /// The entry has the new password.
    Done,
    /// Somebody else wrote first: the entry no longer has the guard. Nothing was written.
    Moved,
    /// The directory refuses this password or this writer, and the old password stays. The guard
    /// is the new one where the fence had moved before the refusal (OpenLDAP): it belongs into the
    /// ticket, which would otherwise be dead.
    Refused(PasswordRefusal, Option<Guard>),
    /// No such entry, or no longer within the realm.
    Gone,
}

/// Why a directory refuses a new password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordRefusal {
    TooShort,
    /// The last change is too recent (SEC-78). `wait`: how long until the next one is let through,
    /// where the directory tells.
    TooYoung {
        wait: Option<Duration>,
    },
    /// It is one of the last ones.
    InHistory,
    /// Not good enough for the directory's checks, which do not say more.
    Quality,
    TooLong,
    /// The writer lacks the right, or the directory wants the old password (`pwdSafeModify`, SEC-80):
    /// the operator's concern, not the person's.
    NotAllowed,
    /// The password given as the current one is not the one in force.
    WrongCurrent,
    /// Another system holds the password (`{SASL}`, Kerberos, federation): a write here would be
    /// lost or would cut the link (SEC-84).
    PassThrough,
    /// Refused without a reason that can be told.
    Other,
}

/// A change of one attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rewrite {
    /// These values beside those already there.
    Add(Vec<String>),
    /// These values and no others; an empty list removes the attribute.
    Replace(Vec<String>),
    /// Not these values any more; an empty list removes the attribute.
    Remove(Vec<String>),
}

/// What became of a write of attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    Done,
    /// A value to remove is not there, or one to add is: somebody else wrote first. Nothing was
    /// written.
    Moved,
    /// No such entry, or no longer within the realm.
    Gone,
    /// The writer lacks the right.
    NotAllowed,
    /// The schema refuses it: unknown attribute, wrong syntax, class missing.
    Invalid,
}

/// By what a directory makes a person choose another password: the attribute, and the value that says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Demand {
    pub attribute: &'static str,
    pub value: &'static str,
}

/// What became of the wish that a person choose another password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Demanded {
    Done,
    /// They had to already.
    Already,
    /// No such entry, or no longer within the realm.
    Gone,
    /// The writer, or the manager, lacks the right.
    NotAllowed,
    /// The schema refuses it.
    Invalid,
}

/// How the directory is kept from taking two writes for one right (design ruling "fence in the
/// directory").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FenceKind {
    /// One Modify removes the old generation, adds the next one and sets the password.
    Compare,
    /// A change of the entry under an RFC 4528 assertion, then the password.
    Assertion,
    /// One Modify replaces the generation, then the password.
    Generation,
    /// The guard is compared after a read, outside the directory: two writers in the same instant
    /// may both pass. The realm has asked for it.
    ReadCompare,
    /// No guard at all. The realm has asked for it, or nothing is ever written.
    None,
}

/// What a password write whose outcome was unknown has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// The entry has the new password.
    Written,
    /// The entry has its guard as before: nothing has been done (yet).
    Untouched,
    /// The guard has moved and the new password is not the one in force: somebody else wrote, or
    /// only the fence was reached. The right to this write is gone.
    Spent,
    /// No such entry any more.
    Gone,
}

/// The attribute of our auxiliary class that moves at every write of ours (`conf/schema`).
pub const GENERATION: &str = "mereauGeneration";

/// The attribute of our auxiliary class that names second factors of an account: who has one is not reset
/// by the right of a mailbox alone (SEC-51).
pub const SECOND_FACTOR: &str = "mereauSecondFactor";

/// What staff lock accounts with, in the encodings that a password write would undo or that a
/// right password must not pass: read whatever the realm's state rules say (SEC-48).
pub(super) const STAFF_LOCKS: [&str; 3] = ["pwdAccountLockedTime", "nsAccountLock", "userAccountControl"];

/// Whether an administrator has locked or disabled the entry. Any password write on OpenLDAP clears
/// `pwdAccountLockedTime: 000001010000Z`, so that the write has to be refused before.
pub fn locked_by_staff(entry: &Attributes) -> bool {
    let disabled = |flags: &str| flags.parse::<u32>().is_ok_and(|flags| flags & 2 != 0);
    entry
        .texts("pwdAccountLockedTime")
        .any(|time| time.starts_with("00000101"))
        || entry
            .texts("nsAccountLock")
            .any(|locked| locked.eq_ignore_ascii_case("TRUE"))
        || entry.texts("userAccountControl").any(disabled)
}
