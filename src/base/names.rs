//! Names that people, institutions and directories go by, each checked once, at the door.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

pub use super::addresses::{AddressFlaw, EmailAddress, NetworkPrefix, PhoneFlaw, PhoneNumber};

/// Bytes of a login, as typed and as made comparable (SEC-45).
pub const LONGEST_USERNAME: usize = 256;

/// A login as typed, made comparable: trimmed, NFKC, no control characters, 1 to 128 characters in at most
/// [`LONGEST_USERNAME`] bytes.
///
/// Applied once, before the throttle, the directory and the session see it (CAS-73, CAS-334): full
/// width letters, decomposed accents and stray blanks around the login cannot give two identities.
/// Case stays: the directory decides whether it matters, and the canonical login comes from the
/// entry.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Username(String);

/// Why a typed login cannot be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UsernameFlaw {
    Empty,
    TooLong,
    HoldsControl,
}

impl Username {
    pub fn typed(text: &str) -> Result<Username, UsernameFlaw> {
        let name: String = text.nfkc().filter(|c| !is_invisible(*c)).collect();
        let name = name.trim();
        if name.is_empty() {
            return Err(UsernameFlaw::Empty);
        }
        if name.chars().any(char::is_control) {
            return Err(UsernameFlaw::HoldsControl);
        }
        if text.len() > LONGEST_USERNAME || name.len() > LONGEST_USERNAME || name.chars().count() > 128 {
            return Err(UsernameFlaw::TooLong);
        }
        Ok(Username(name.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form that counters are kept under: lower case and without inner blanks, as LDAP's
    /// caseIgnoreMatch would see it, so that `DUPONT` and `dupont` share their failures.
    pub fn folded(&self) -> String {
        self.0
            .to_lowercase()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// Characters that print nothing and that keyboards and copy-and-paste slip in.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
}

/// A short name used in files, URLs and cookies: `[a-z0-9-]`, 1 to 40 characters, starting and
/// ending with a letter or digit.
fn is_slug(text: &str) -> bool {
    let clean = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let fits = (1..=40).contains(&text.len()) && text.chars().all(clean);
    let framed = !text.starts_with('-') && !text.ends_with('-');
    fits && framed
}

macro_rules! slug_name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// `None` unless `text` is 1 to 40 of `[a-z0-9-]`, framed by letters or digits.
            pub fn new(text: &str) -> Option<$name> {
                is_slug(text).then(|| $name(text.into()))
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = String;

            fn try_from(text: String) -> Result<$name, String> {
                $name::new(&text).ok_or_else(|| {
                    format!("“{text}” is not a short name: write 1 to 40 of a-z, 0-9 and -")
                })
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0.as_ref().to_owned()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

slug_name! {
    /// Another server that a realm lets its people sign in with.
    UpstreamId
}
slug_name! {
    /// A realm: one population of people with its directories, rules and theme.
    RealmId
}
slug_name! {
    /// An institution: what a person picks; it belongs to one realm.
    InstitutionId
}
slug_name! {
    /// A theme: the name of its folder.
    ThemeName
}
slug_name! {
    /// A program that signs people in over REST, by the name that its client section gives it.
    ProgramName
}
slug_name! {
    /// A registered service, by the name its file gives it.
    ServiceId
}

/// The unchanging key of a person's entry inside a realm: entryUUID, objectGUID or nsUniqueId.
/// Never the login nor the DN: both may change.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PersonKey(pub String);

/// Who a session belongs to: a person of a realm.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AccountId {
    pub realm: RealmId,
    pub person: PersonKey,
}

/// A language of pages and messages, by its two or three letter BCP 47 primary subtag (`fr`).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Locale(String);

impl Locale {
    pub fn new(tag: &str) -> Option<Locale> {
        let primary = tag
            .split(['-', '_'])
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        let fits = (2..=3).contains(&primary.len()) && primary.chars().all(|c| c.is_ascii_alphabetic());
        fits.then_some(Locale(primary))
    }

    pub fn french() -> Locale {
        Locale("fr".to_owned())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> String {
        match Username::typed(text) {
            Ok(name) => name.as_str().to_owned(),
            Err(flaw) => format!("{flaw:?}"),
        }
    }

    #[test]
    fn one_person_typed_in_many_ways_is_one_name() {
        // CAS-73, CAS-334
        assert_eq!(typed(" camille.dupont\t"), "camille.dupont");
        assert_eq!(typed("ｃａｍｉｌｌｅ"), "camille");
        assert_eq!(typed("e\u{301}lise"), "élise");
        assert_eq!(typed("camille\u{200b}"), "camille");
        assert_eq!(
            Username::typed("DUPONT  Anne").map(|name| name.folded()),
            Ok("dupont anne".into())
        );
    }

    #[test]
    fn a_name_holds_no_line_feed_and_has_an_end() {
        // CAS-130
        assert_eq!(typed("anne\nroot"), "HoldsControl");
        assert_eq!(typed("  "), "Empty");
        assert_eq!(typed(&"x".repeat(129)), "TooLong");
        // SEC-45: 86 characters of three bytes; one that NFKC makes long.
        assert_eq!(typed(&"ア".repeat(86)), "TooLong");
        assert_eq!(typed(&"\u{fdfa}".repeat(20)), "TooLong");
        assert_eq!(typed(&"é".repeat(128)), "é".repeat(128));
    }

    #[test]
    fn slugs_are_short_and_plain() {
        assert!(RealmId::new("univ-x2").is_some());
        for bad in ["", "-a", "a-", "A", "a b", "é", &"a".repeat(41)] {
            assert!(RealmId::new(bad).is_none(), "{bad}");
        }
    }
}
