//! The guard of an entry on an LDAP server: its generation and when its password changed, how the
//! one moves on, and the filter that asserts both.

use std::hash::{BuildHasher, Hasher, RandomState};

use crate::directory::Guard;
use crate::directory::filter::Filter;
use crate::directory::ldap::write_settings::{WriteGuard, WriteSettings};
use crate::directory::person::Attributes;

/// What an entry says about its last write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marks {
    pub generation: Option<String>,
    pub changed: Option<String>,
}

impl Marks {
    pub fn of(entry: &Attributes, settings: &WriteSettings) -> Marks {
        let text = |name: &str| entry.first_text(name).map(str::to_owned);
        Marks {
            generation: settings.guard.generation().and_then(text),
            changed: text(&settings.changed_attribute),
        }
    }

    /// `None` where the realm wants no guard.
    pub fn guard(&self, settings: &WriteSettings) -> Option<Guard> {
        let part = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        let text = format!("{}|{}", part(&self.generation), part(&self.changed));
        (settings.guard != WriteGuard::None).then(|| Guard(text.into_bytes()))
    }

    /// The generation that comes after this one. The first is the same for everybody: of two
    /// writers that both find none only one can add it, even where an attribute holds several
    /// values. Later ones are not guessed again once the attribute has been removed or restored.
    pub fn next_generation(&self) -> String {
        let Some(now) = &self.generation else {
            return "1".to_owned();
        };
        let count = now.split('-').next().and_then(|count| count.parse::<u64>().ok());
        let any = RandomState::new().build_hasher().finish();
        format!("{}-{any:016x}", count.unwrap_or_default().saturating_add(1))
    }

    /// Holds for an entry that still has these marks and that no administrator has locked.
    pub fn assertion(&self, settings: &WriteSettings) -> Filter {
        let is = |attribute: &str, value: &Option<String>| match value {
            Some(value) => Filter::equal(attribute, value),
            None => Filter::Not(Box::new(Filter::Present(attribute.to_owned()))),
        };
        let mut all = vec![
            is(&settings.changed_attribute, &self.changed),
            unlocked_by_staff(),
        ];
        if let Some(attribute) = settings.guard.generation() {
            all.push(is(attribute, &self.generation));
        }
        Filter::And(all)
    }
}

pub fn unlocked_by_staff() -> Filter {
    let locked = Filter::equal("pwdAccountLockedTime", "000001010000Z");
    Filter::Not(Box::new(locked))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::secret::Secret;
    use crate::directory::ldap::ServiceAccount;
    use crate::directory::ldap::write_settings::WriteMethod;

    fn settings() -> WriteSettings {
        let account = ServiceAccount {
            dn: "cn=writer".into(),
            password: Secret::new("x".into()),
        };
        WriteSettings::new(&["ldap://127.0.0.1"], WriteMethod::Exop, account)
    }

    #[test]
    fn generations_count_and_never_come_back() {
        let first = Marks {
            generation: None,
            changed: None,
        };
        assert_eq!(first.next_generation(), "1");
        assert_eq!(first.guard(&settings()), Some(Guard(b"-|-".to_vec())));
        let second = Marks {
            generation: Some("1".into()),
            changed: None,
        };
        let (one, another) = (second.next_generation(), second.next_generation());
        assert!(one.starts_with("2-") && another.starts_with("2-"));
        assert_ne!(one, another);
    }

    #[test]
    fn the_assertion_holds_to_every_mark_and_to_the_absence_of_an_administrators_lock() {
        // SEC-48
        let marks = Marks {
            generation: None,
            changed: Some("20261127034500Z".into()),
        };
        assert_eq!(
            marks.assertion(&settings()).to_string(),
            "(&(pwdChangedTime=20261127034500Z)(!(pwdAccountLockedTime=000001010000Z))(!(mereauGeneration=*)))"
        );
    }
}
