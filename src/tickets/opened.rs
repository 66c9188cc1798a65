//! What a session was opened by: a password in a browser, another server's word, or a program over REST.

use serde::{Deserialize, Deserializer, Serialize};

use super::{CameFrom, Session};
use crate::base::names::ProgramName;

/// The numbers of the variants stand in the store (F-32): what the first version kept as an option is
/// the second of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Opened {
    /// By a password, in a browser.
    #[default]
    ByPassword,
    ByUpstream(CameFrom),
    /// By a password that a program showed over REST.
    ByRest(RestOpened),
    /// By the word of a proxy in front of us, without a password (CAS-30).
    ByHeader,
}

/// The program, and what its sessions are good for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestOpened {
    pub program: ProgramName,
    /// The ticket may be put into a browser's cookie (CAS-235).
    pub for_browsers: bool,
}

impl Opened {
    pub(super) fn is_usual(&self) -> bool {
        *self == Opened::ByPassword
    }
}

impl Session {
    /// Whether a browser may show its ticket in a cookie.
    pub fn is_for_browsers(&self) -> bool {
        match &self.opened {
            Opened::ByPassword | Opened::ByUpstream(_) | Opened::ByHeader => true,
            Opened::ByRest(rest) => rest.for_browsers,
        }
    }

    /// Whether the person showed a password of the realm's directory.
    pub fn by_password(&self) -> bool {
        matches!(self.opened, Opened::ByPassword | Opened::ByRest(_))
    }

    /// The program that opened it over REST: no other one may use it there.
    pub fn program(&self) -> Option<&ProgramName> {
        match &self.opened {
            Opened::ByRest(rest) => Some(&rest.program),
            Opened::ByPassword | Opened::ByUpstream(_) | Opened::ByHeader => None,
        }
    }
}

/// A session of the first layout ends where this field begins.
pub(super) fn or_usual<'de, D: Deserializer<'de>>(input: D) -> Result<Opened, D::Error> {
    Ok(Opened::deserialize(input).unwrap_or_default())
}
