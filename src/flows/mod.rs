//! What the product does, in terms of ports: sign in, validate, sign out. No HTTP, no HTML, no LDAP,
//! no Redis here.

mod about;
pub mod account;
pub mod breach;
pub mod delegation;
mod fresh;
pub mod login;
pub mod login_ticket;
pub mod logout;
pub mod outage;
mod ports;
pub mod proxy;
pub mod recovery;
pub(crate) mod released;
pub mod rest;
mod target;
pub mod validation;

pub use about::{about, told_by};
pub use ports::{Catalogue, LogoutNotice, LogoutNotices, Ports};
pub use target::Target;

use crate::directory::DirectoryError;
use crate::tickets::StoreError;

/// "Could not tell": the flow stopped because a part it needs did not answer.
#[derive(Debug, thiserror::Error)]
pub enum FlowError {
    #[error("the directory of realm {realm} could not tell")]
    Directory {
        realm: crate::base::names::RealmId,
        #[source]
        source: DirectoryError,
    },
    #[error("the ticket store could not tell")]
    Store(#[from] StoreError),
    /// The configuration of the realm is gone (a reload removed it while a session lives).
    #[error("realm {0} is not configured")]
    NoRealm(crate::base::names::RealmId),
    /// Told to come back, whoever it is.
    #[error("no place for heavy work")]
    Crowded(#[from] crate::passwords::heavy::Crowded),
    #[error("a letter could not be kept for sending")]
    Outbox(#[source] crate::messages::OutboxError),
    /// What must not happen without its event in the audit (F-26).
    #[error("the audit cannot be written, and nothing is done that it would not tell of")]
    Unrecorded,
}

impl FlowError {
    /// Whether nothing is broken but too many came at once: there are as many of these as strangers like, and
    /// metrics count them.
    pub fn is_crowd(&self) -> bool {
        match self {
            FlowError::Directory { source, .. } => matches!(source, DirectoryError::Crowded),
            FlowError::Store(source) => matches!(source, StoreError::Crowded),
            FlowError::Crowded(_) => true,
            FlowError::NoRealm(_) | FlowError::Outbox(_) | FlowError::Unrecorded => false,
        }
    }
}

/// An error with its causes on one line.
pub(crate) fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// A directory did not answer, and the person is told so: the cause, for the operator.
pub(crate) fn tell_silent(realm: &crate::base::names::RealmId, error: &DirectoryError) {
    tracing::warn!(%realm, %error, "the directory cannot tell");
}
