//! What a signed-in person sees and changes of their own account: password, addresses for recovery,
//! sessions. A change wants the password once more when the last proof is older than five minutes, and
//! the addresses of before hear of it.
//!
//! ```text
//! typed ──[add]──▶ “to be verified” ──[confirm: code and session, or link and either]──▶ verified
//! verified ──[remove]──▶ gone          any change of what is verified ──[undo, from the old ones]──▶ as before
//! ```

mod add;
mod addresses;
mod confirm;
mod journal;
mod notices;
mod password;
mod proof;
mod remove;
mod undo;

pub use add::{Adding, add, send_again};
pub use addresses::{Kept, MOST, State, kept, may_add};
pub use confirm::{Asked, Confirmed, Waiting, confirm_by_link, confirm_here, waiting};
pub use journal::{Happened, happened, line_of, remembered};
pub use password::{Change, Changed, WhyNot, change};
pub use proof::{FRESH, Proof, Proved, is_fresh, prove};
pub use remove::{Removed, remove};
pub use undo::{Undone, see_undo, undo};

use std::net::IpAddr;

use super::login::BrowserSession;
use super::{Catalogue, FlowError};
use crate::audit::{Actor, Event, Record};
use crate::base::names::{AccountId, Locale};
use crate::directory::{DirectoryError, Person, Writable};
use crate::flows::Ports;
use crate::guard::KnownDevice;
use crate::messages::Browser;
use crate::realms::Institution;

/// Whose account it is: the person of a session, at a browser.
pub struct Owner<'a> {
    pub session: &'a BrowserSession,
    pub institution: &'a Institution,
    pub address: IpAddr,
    /// The device, when they signed in on it before.
    pub device: Option<KnownDevice<'a>>,
    pub browser: Option<Browser>,
    pub locale: &'a Locale,
}

impl Owner<'_> {
    pub fn account(&self) -> &AccountId {
        &self.session.view.session.account
    }

    /// Something that they do on their pages.
    fn event(&self, ports: &Ports, event: Event) -> Record {
        Record {
            institution: Some(self.institution.id.clone()),
            ..ports.event(event).about(self.account()).by(Actor::Person)
        }
    }

    async fn writable(&self, catalogue: &Catalogue) -> Result<Option<Writable>, FlowError> {
        let account = self.account();
        let directory = catalogue.directory(&account.realm)?;
        let read = directory.read_for_write(&account.person).await;
        read.map_err(|source| silent(account, source))
    }
}

/// The entry of the person; `None` when it is gone.
pub async fn entry(catalogue: &Catalogue, account: &AccountId) -> Result<Option<Person>, FlowError> {
    let read = catalogue.directory(&account.realm)?.read(&account.person).await;
    read.map_err(|source| silent(account, source))
}

fn silent(account: &AccountId, source: DirectoryError) -> FlowError {
    FlowError::Directory {
        realm: account.realm.clone(),
        source,
    }
}
