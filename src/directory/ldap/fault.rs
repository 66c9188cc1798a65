//! Why one try on one server gave no answer, and what follows from it: another server, or an error
//! to the caller.

use ldap3::LdapError;

use super::barrier::Barrier;
use super::ber::Violation;
use crate::directory::DirectoryError;

/// One try's failure.
#[derive(Debug)]
pub enum Fault {
    /// No usable connection: refused, unreachable, TLS, or the service account was turned away.
    Connect(Barrier),
    /// The connection broke before the answer; the operation may or may not have been done.
    Lost(String),
    /// The server broke the protocol.
    Violation(Violation),
    /// Too many wait for this server.
    Crowded,
    /// No answer within the operation's deadline.
    TimedOut,
    /// A result code that another server may not give: busy, unavailable, a limit (F-17).
    Passing { code: u32, text: String },
    /// A result code that every server would give, or an entry that cannot be read.
    Final(DirectoryError),
}

impl Fault {
    /// Whether the server itself is to blame, so that failures of this kind eject it. Of the result
    /// codes only busy (51) and unavailable (52) speak of the server; others may hang on the one
    /// account that was asked for.
    pub fn counts_against_server(&self) -> bool {
        match self {
            Fault::Crowded | Fault::Final(_) => false,
            Fault::Passing { code, .. } => matches!(code, 51 | 52),
            _ => true,
        }
    }

    /// Whether another server may do better within the same operation.
    pub fn may_pass_elsewhere(&self) -> bool {
        !matches!(self, Fault::Final(_) | Fault::TimedOut)
    }

    pub fn into_error(self, operation: &'static str, milliseconds: u64, server: &str) -> DirectoryError {
        match self {
            Fault::Connect(barrier) => DirectoryError::Unreachable(format!("{server}: {barrier}")),
            Fault::Lost(text) => DirectoryError::Unreachable(format!("{server}: {text}")),
            Fault::Violation(violation) => DirectoryError::Unreadable(format!("{server}: {violation}")),
            Fault::Crowded => DirectoryError::Crowded,
            Fault::TimedOut => DirectoryError::TimedOut {
                operation,
                milliseconds,
            },
            Fault::Passing { code, text } => DirectoryError::Answered {
                operation,
                code,
                text,
            },
            Fault::Final(error) => error,
        }
    }
}

impl From<LdapError> for Fault {
    fn from(error: LdapError) -> Fault {
        match error {
            LdapError::FilterParsing => {
                Fault::Final(DirectoryError::Unreadable("a filter cannot be sent".to_owned()))
            }
            // The message of OpSend holds the whole request; the kind says enough.
            LdapError::OpSend { .. } => Fault::Lost("the connection is closed".to_owned()),
            other => Fault::Lost(other.to_string()),
        }
    }
}
