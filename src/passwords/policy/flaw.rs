//! What is wrong with a new password, and the key of the text that says what to do about it.

use zeroize::{Zeroize, ZeroizeOnDrop};

use super::Class;

/// A piece of a password that was refused, to be shown to the person who typed it and to nobody else:
/// it has neither `Debug` nor `Display` (SEC-90).
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Part(String);

impl Part {
    pub(super) fn of(text: impl Into<String>) -> Part {
        Part(text.into())
    }

    /// For the page that answers the person, and nothing else.
    pub fn shown(&self) -> &str {
        &self.0
    }
}

/// Why a password cannot be the new one.
#[derive(Clone, PartialEq, Eq)]
pub enum Flaw {
    TooShort {
        least: usize,
    },
    TooLong {
        most: usize,
    },
    /// Directories disagree about control characters, keyboards cannot type them (RFC 8265 §4.2.2).
    HoldsControl,
    /// Holds a name, the login or an address of its person.
    Personal(Part),
    BirthDate,
    /// Holds a word that everybody thinks of there: the school, its town, the realm's words.
    Here(Part),
    /// One of those that everybody chooses, maybe with digits and signs around it.
    Common(Part),
    /// In the realm's file of leaked passwords.
    Breached,
    /// Too few tries would find it; the piece that is easiest to guess, when there is one.
    Guessable(Option<Part>),
    Lacks(Class),
    /// The second field says something else. The flow's to find.
    Differs,
    /// It is the one that is in force. The flow's to find.
    SameAsCurrent,
}

impl Flaw {
    /// The key of its text. Its arguments are [`Flaw::number`] as `n` and [`Flaw::part`] as `part`.
    pub fn key(&self) -> &'static str {
        match self {
            Flaw::TooShort { .. } => "newpw-flaw-short",
            Flaw::TooLong { .. } => "newpw-flaw-long",
            Flaw::HoldsControl => "newpw-flaw-control",
            Flaw::Personal(_) => "newpw-flaw-personal",
            Flaw::BirthDate => "newpw-flaw-birth-date",
            Flaw::Here(_) => "newpw-flaw-here",
            Flaw::Common(_) => "newpw-flaw-common",
            Flaw::Breached => "newpw-flaw-breached",
            Flaw::Guessable(None) => "newpw-flaw-guessable",
            Flaw::Guessable(Some(_)) => "newpw-flaw-guessable-part",
            Flaw::Lacks(Class::Lower) => "newpw-flaw-lower",
            Flaw::Lacks(Class::Upper) => "newpw-flaw-upper",
            Flaw::Lacks(Class::Digit) => "newpw-flaw-digit",
            Flaw::Lacks(Class::Symbol) => "newpw-flaw-symbol",
            Flaw::Differs => "newpw-flaw-differs",
            Flaw::SameAsCurrent => "newpw-flaw-same",
        }
    }

    pub fn number(&self) -> Option<usize> {
        match self {
            Flaw::TooShort { least } => Some(*least),
            Flaw::TooLong { most } => Some(*most),
            _ => None,
        }
    }

    pub fn part(&self) -> Option<&Part> {
        match self {
            Flaw::Personal(part) | Flaw::Here(part) | Flaw::Common(part) | Flaw::Guessable(Some(part)) => {
                Some(part)
            }
            _ => None,
        }
    }

    /// Says already that it would be guessed.
    pub(super) fn is_about_guessing(&self) -> bool {
        matches!(
            self,
            Flaw::Personal(_) | Flaw::BirthDate | Flaw::Here(_) | Flaw::Common(_) | Flaw::Breached
        )
    }
}
