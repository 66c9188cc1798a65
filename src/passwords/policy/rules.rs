//! The rules as they are told before anything is typed (S1-13).

use super::{Class, PolicySettings};

/// One line of the list above the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// At least so many characters.
    Length(usize),
    /// Nothing of one's names, login, birth date, school.
    Personal,
    /// Not what everybody chooses.
    Common,
    /// One of this kind. Only where a realm insists.
    Holds(Class),
}

impl Rule {
    /// The key of its text; the length is its argument `n`.
    pub fn key(self) -> &'static str {
        match self {
            Rule::Length(_) => "newpw-rule-length",
            Rule::Personal => "newpw-rule-personal",
            Rule::Common => "newpw-rule-common",
            Rule::Holds(Class::Lower) => "newpw-rule-lower",
            Rule::Holds(Class::Upper) => "newpw-rule-upper",
            Rule::Holds(Class::Digit) => "newpw-rule-digit",
            Rule::Holds(Class::Symbol) => "newpw-rule-symbol",
        }
    }

    pub fn number(self) -> Option<usize> {
        match self {
            Rule::Length(least) => Some(least),
            _ => None,
        }
    }
}

pub(super) fn of(settings: &PolicySettings) -> Vec<Rule> {
    let classes = settings.classes.iter().map(|class| Rule::Holds(*class));
    let mut rules = vec![Rule::Length(settings.least)];
    rules.extend(classes);
    rules.extend([Rule::Personal, Rule::Common]);
    rules
}
