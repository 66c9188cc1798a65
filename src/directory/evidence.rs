//! An entry as an operator may see it who wants to know why its person cannot sign in: what directories
//! note about passwords and locks, never a password nor its hash.

use super::person::{AttributeValue, Attributes, EntryName};
use super::state::{CHANGED, changed_at, moment_of};
use crate::base::clock::Timestamp;
use crate::passwords::hashes;

/// An entry, and what is known of its passwords.
#[derive(Debug, Clone)]
pub struct Evidence {
    pub name: EntryName,
    /// Without any that holds a password.
    pub attributes: Attributes,
    pub passwords: StoredPasswords,
}

/// What the stored passwords of an entry are, as far as the reader may see them; never they themselves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoredPasswords {
    /// How the last of them was made: `SSHA`, `ARGON2 argon2id v=19 …`, `in clear`; `None`: none is seen.
    pub made_by: Option<String>,
    /// Another system is asked (`{SASL}`).
    pub pass_through: bool,
    /// One has no scheme, or one that leaves it as it is: it is kept in clear.
    pub clear: bool,
    /// One is marked by staff so that nothing matches it: `!`, `*LK*`, `{SSHA}!…`.
    pub marked: bool,
    /// Earlier passwords that are kept so that none of them is taken again.
    pub history: usize,
}

impl StoredPasswords {
    pub fn note(&mut self, stored: &[u8]) {
        self.pass_through |= hashes::is_pass_through(stored);
        let scheme = hashes::scheme(stored);
        self.clear |= scheme.is_none_or(|scheme| matches!(scheme.as_str(), "CLEAR" | "CLEARTEXT"));
        self.marked |= hashes::is_locked(stored);
        self.made_by = Some(hashes::made_by(stored));
    }
}

/// What is read of an entry beside what the realm reads anyway: notes of password policies, of locks and of
/// replication. Constructed and operational attributes come only by name.
pub const TELLING: [&str; 48] = [
    // OpenLDAP's ppolicy.
    "pwdChangedTime",
    "pwdAccountLockedTime",
    "pwdFailureTime",
    "pwdReset",
    "pwdGraceUseTime",
    "pwdPolicySubentry",
    "pwdStartTime",
    "pwdEndTime",
    "pwdLastSuccess",
    "pwdHistory",
    // Active Directory.
    "userAccountControl",
    "msDS-User-Account-Control-Computed",
    "msDS-UserPasswordExpiryTimeComputed",
    "msDS-ResultantPSO",
    "lockoutTime",
    "badPwdCount",
    "badPasswordTime",
    "pwdLastSet",
    "accountExpires",
    "uSNChanged",
    "whenChanged",
    // 389 Directory Server and FreeIPA.
    "nsAccountLock",
    "accountUnlockTime",
    "passwordRetryCount",
    "retryCountResetTime",
    "passwordExpirationTime",
    "passwordExpWarned",
    "pwdUpdateTime",
    "passwordHistory",
    "passwordGraceUserTime",
    "krbLoginFailedCount",
    "krbLastFailedAuth",
    "krbPasswordExpiration",
    "krbPrincipalExpiration",
    "pwdTPRExpireAt",
    // shadow(5).
    "shadowLastChange",
    "shadowMax",
    "shadowExpire",
    "shadowWarning",
    "shadowInactive",
    // Replication.
    "entryCSN",
    "modifyTimestamp",
    "entryusn",
    "entryUUID",
    // Where a password is.
    "userPassword",
    "loginShell",
    "mail",
    "objectClass",
];

/// What a password policy says, wherever it stands: an entry of OpenLDAP's, a password settings object or
/// the domain of AD.
pub const POLICY: [&str; 16] = [
    "pwdMaxFailure",
    "pwdLockout",
    "pwdLockoutDuration",
    "pwdFailureCountInterval",
    "pwdMaxAge",
    "pwdInHistory",
    "lockoutThreshold",
    "lockoutDuration",
    "lockOutObservationWindow",
    "maxPwdAge",
    "pwdHistoryLength",
    "msDS-LockoutThreshold",
    "msDS-LockoutDuration",
    "msDS-MaximumPasswordAge",
    "msDS-PasswordHistoryLength",
    "objectClass",
];

impl Evidence {
    pub fn text(&self, attribute: &str) -> Option<&str> {
        self.attributes.first_text(attribute)
    }

    pub fn number(&self, attribute: &str) -> Option<i64> {
        self.text(attribute)?.trim().parse().ok()
    }

    pub fn is_true(&self, attribute: &str) -> bool {
        self.text(attribute)
            .is_some_and(|text| text.eq_ignore_ascii_case("TRUE"))
    }

    /// The point in time that an attribute holds, in the way that it is known to be written.
    pub fn moment(&self, attribute: &str) -> Option<Timestamp> {
        moment_of(&self.attributes, attribute)
    }

    /// When the password changed last, and where that is noted.
    pub fn changed(&self) -> Option<(&'static str, Timestamp)> {
        let noted = CHANGED
            .iter()
            .filter_map(|name| Some((*name, changed_at(&self.attributes, name)?)));
        noted.max_by_key(|(_, at)| *at)
    }

    /// `name=value` of these attributes, as far as there are any, for the eye: short, on one line, binary
    /// values left out.
    pub fn quote<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> String {
        let mut told = Vec::new();
        for name in names {
            let values = self.attributes.values(name);
            told.extend(
                values
                    .iter()
                    .take(3)
                    .filter_map(AttributeValue::text)
                    .map(|text| {
                        let short: String = text.chars().filter(|c| !c.is_control()).take(120).collect();
                        format!("{name}={short}")
                    }),
            );
        }
        told.join(", ")
    }
}
