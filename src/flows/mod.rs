//! What the product does, in terms of ports: sign in, validate, sign out. No HTTP, no HTML, no LDAP,
//! no Redis here.

mod about;
pub mod delegation;
mod fresh;
pub mod login;
pub mod login_ticket;
pub mod logout;
mod ports;
pub mod proxy;
mod released;
mod target;
pub mod validation;

pub use about::about;
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
}
