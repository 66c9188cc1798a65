//! What a realm may set about its passwords, and the checks that need nothing but the password.

use super::{Flaw, Strength};

/// No realm may ask for less (SEC-72).
pub const LEAST_FLOOR: usize = 8;

/// No realm may allow more: four bytes each must fit what a directory is given (SEC-75).
pub const MOST_CEILING: usize = 128;

/// In front of every password of a school: « espace numérique de travail ».
const PORTAL: [&str; 1] = ["ent"];

/// A kind of character that old rules ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    Lower,
    Upper,
    Digit,
    Symbol,
}

impl Class {
    fn has(self, c: char) -> bool {
        match self {
            Class::Lower => c.is_lowercase(),
            Class::Upper => c.is_uppercase(),
            Class::Digit => c.is_numeric(),
            Class::Symbol => !c.is_alphanumeric(),
        }
    }
}

/// The rules of one realm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicySettings {
    /// In code points, [`LEAST_FLOOR`] at least: servers that count bytes let “éééééé” pass for twelve
    /// (SEC-73).
    pub least: usize,
    /// In code points, [`MOST_CEILING`] at most.
    pub most: usize,
    /// The weakest that is accepted.
    pub strength: Strength,
    /// Not recommended: people answer such rules with a capital in front and a digit behind.
    pub classes: Vec<Class>,
    /// The password is asked for twice.
    pub confirm: bool,
    /// Words of the place that everybody there thinks of: its names, its town, its portal.
    pub words: Vec<String>,
    /// Not recommended: days after which a password must be changed.
    pub max_age_days: Option<u32>,
    /// Days before that in which people are told.
    pub warn_days: u32,
    /// Where the directory notes when a password changed, when that is none of the usual attributes.
    pub changed_attribute: Option<String>,
}

impl Default for PolicySettings {
    fn default() -> PolicySettings {
        PolicySettings {
            least: 12,
            most: MOST_CEILING,
            strength: Strength::Good,
            classes: Vec::new(),
            confirm: false,
            words: Vec::new(),
            max_age_days: None,
            warn_days: 14,
            changed_attribute: None,
        }
    }
}

impl PolicySettings {
    /// The realm's words, and what everybody calls the portal.
    pub(super) fn here(&self) -> impl Iterator<Item = &str> {
        let own = self.words.iter().map(String::as_str);
        own.chain(PORTAL)
    }

    pub(super) fn length_flaw(&self, prepared: &str) -> Option<Flaw> {
        match prepared.chars().count() {
            length if length < self.least => Some(Flaw::TooShort { least: self.least }),
            length if length > self.most => Some(Flaw::TooLong { most: self.most }),
            _ => None,
        }
    }

    pub(super) fn class_flaws<'a>(&'a self, prepared: &'a str) -> impl Iterator<Item = Flaw> + 'a {
        let lacks = |class: &&Class| !prepared.chars().any(|c| class.has(c));
        self.classes.iter().filter(lacks).map(|class| Flaw::Lacks(*class))
    }
}
