//! What a new password must be: long enough, not what everybody chooses, not what is known about its
//! person, hard to guess. Pure: no directory, no page, no file is touched by a check; whether it is
//! the current one or one of the past is the flow's and the directory's to say.

mod about;
mod breached;
mod common;
mod estimate;
mod flaw;
mod french;
mod rules;
mod settings;
mod shape;

pub use about::AboutPerson;
pub use breached::{Breached, BreachedError};
pub use flaw::{Flaw, Part};
pub use rules::Rule;
pub use settings::{Class, LEAST_FLOOR, MOST_CEILING, PolicySettings};

use self::shape::Shape;
use crate::base::secret::Password;

/// Keys of the texts for rules, flaws and strengths, for the check of unused texts.
pub const TEXTS: [&str; 28] = [
    "newpw-rule-length",
    "newpw-rule-personal",
    "newpw-rule-common",
    "newpw-rule-lower",
    "newpw-rule-upper",
    "newpw-rule-digit",
    "newpw-rule-symbol",
    "newpw-flaw-short",
    "newpw-flaw-long",
    "newpw-flaw-control",
    "newpw-flaw-personal",
    "newpw-flaw-birth-date",
    "newpw-flaw-here",
    "newpw-flaw-common",
    "newpw-flaw-breached",
    "newpw-flaw-guessable",
    "newpw-flaw-guessable-part",
    "newpw-flaw-lower",
    "newpw-flaw-upper",
    "newpw-flaw-digit",
    "newpw-flaw-symbol",
    "newpw-flaw-differs",
    "newpw-flaw-same",
    "newpw-strength-very-weak",
    "newpw-strength-weak",
    "newpw-strength-fair",
    "newpw-strength-good",
    "newpw-strength-strong",
];

/// How hard a password is to guess, by orders of magnitude (zxcvbn's score of 0 to 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// Fewer than 10³ tries.
    VeryWeak,
    /// Fewer than 10⁶.
    Weak,
    /// Fewer than 10⁸.
    Fair,
    /// Fewer than 10¹⁰.
    Good,
    Strong,
}

impl Strength {
    /// The text that says so: in words, never by a colour alone.
    pub fn key(self) -> &'static str {
        match self {
            Strength::VeryWeak => "newpw-strength-very-weak",
            Strength::Weak => "newpw-strength-weak",
            Strength::Fair => "newpw-strength-fair",
            Strength::Good => "newpw-strength-good",
            Strength::Strong => "newpw-strength-strong",
        }
    }

    /// 0 to 4, as it is configured.
    pub fn of_score(score: u32) -> Option<Strength> {
        Some(match score {
            0 => Strength::VeryWeak,
            1 => Strength::Weak,
            2 => Strength::Fair,
            3 => Strength::Good,
            4 => Strength::Strong,
            _ => return None,
        })
    }
}

/// The rules of one realm with what they need to be applied.
#[derive(Default)]
pub struct Policy {
    pub settings: PolicySettings,
    /// Passwords that are known to have leaked, when the realm has a file of them.
    pub breached: Option<Breached>,
}

impl Policy {
    /// What to tell people before they type (S1-13), in the order in which it is checked.
    pub fn rules(&self) -> Vec<Rule> {
        rules::of(&self.settings)
    }

    /// Whether `new` may become the password of the person that `about` describes: its strength, or
    /// all that is wrong with it, the most useful first (SEC-72). Judged as it will be written,
    /// [`Password::prepared`] (SEC-74).
    ///
    /// Takes the processor for some milliseconds, for a hundred signs that stand for letters up to a
    /// tenth of a second, as does the first call of a process, which unpacks the lists: nothing for an
    /// async thread.
    pub fn check(&self, new: &Password, about: &AboutPerson) -> Result<Strength, Vec<Flaw>> {
        let prepared = new.prepared();
        let shape = Shape::of(prepared.as_typed());
        let settings = &self.settings;
        let mut flaws = Vec::new();
        flaws.extend(settings.length_flaw(prepared.as_typed()));
        flaws.extend(
            prepared
                .as_typed()
                .contains(char::is_control)
                .then_some(Flaw::HoldsControl),
        );
        flaws.extend(settings.class_flaws(prepared.as_typed()));
        flaws.extend(about.flaws(&shape));
        flaws.extend(about::word_in(&shape, settings.here()).map(Flaw::Here));
        flaws.extend(self.known_flaw(prepared.as_typed(), &shape));
        let hints = about.words().chain(about::words_of(settings.here()));
        let estimate = estimate::of(prepared.as_typed(), &hints.collect::<Vec<_>>());
        let told = flaws.iter().any(Flaw::is_about_guessing);
        if estimate.strength < settings.strength && !told {
            flaws.push(Flaw::Guessable(estimate.easiest));
        }
        if flaws.is_empty() {
            Ok(estimate.strength)
        } else {
            Err(flaws)
        }
    }

    fn known_flaw(&self, prepared: &str, shape: &Shape) -> Option<Flaw> {
        if self.breached.as_ref().is_some_and(|list| list.has(prepared)) {
            return Some(Flaw::Breached);
        }
        common::found(shape).map(|word| Flaw::Common(Part::of(word)))
    }
}

#[cfg(test)]
mod tests;
