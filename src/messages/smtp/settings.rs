//! How a relay is reached.

use std::time::Duration;

use crate::base::secret::Secret;
use crate::tls::Roots;

/// A mail relay and how patient we are with it.
#[derive(Clone)]
pub struct SmtpSettings {
    pub host: String,
    pub port: u16,
    pub security: Security,
    pub user: Option<(String, Secret)>,
    /// What we call ourselves: a host name, or an address in brackets.
    pub hello: String,
    pub roots: Roots,
    /// From the look-up of the name to the last answer, for one mail.
    pub deadline: Duration,
    /// Connections kept open between mails.
    pub kept: usize,
    /// A connection unused this long is not used again.
    pub idle: Duration,
}

/// How the way to the relay is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS begun by `STARTTLS`; a relay without it gets no mail.
    StartTls,
    /// TLS from the first byte.
    Implicit,
    /// None: for a relay on this very machine.
    Plain,
}
