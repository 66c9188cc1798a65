//! Getting back in after losing a password or an identifier. Two halves that meet in the mailbox only:
//!
//! ```text
//! asking     form ──[request]──▶ queue ──[worker]──▶ letter          (nothing is looked up before the answer)
//! choosing   link ──[open]────▶ Holding ──[password]──▶ Saved        (a GET changes nothing)
//!            code ──[code]────▶ Holding ──[revoke]────▶ every ticket of the account dead
//! ```
//!
//! What a browser holds between pages is a state (`state.rs`) sealed for one flow: a step opens only the stage it
//! belongs to, so that none can be skipped, repeated or brought from another flow (SEC-52).

mod accounts;
mod after;
mod agent;
mod code;
mod disown;
mod former;
mod given_up;
mod human;
mod identifiers;
mod kept_code;
mod letters;
mod limits;
mod mailed;
mod open;
mod password;
mod request;
mod revoke;
mod settings;
mod state;
mod way;
mod who;
mod worker;

pub use accounts::Eligibility;
pub(in crate::flows) use accounts::every_mailbox;
pub use after::Ended;
pub(in crate::flows) use after::{Origin, end_links, password_changed, password_moved, tell};
pub use agent::{Given as GivenByAgent, To, Wish, send as send_by_agent};
pub use code::{CodeRefusal, CodeTyped, enter_code};
pub(in crate::flows) use code::{as_password, decoy};
pub use disown::{Reopened, Reopening, disown, is_disowned, reopen, see_disowning};
pub(in crate::flows) use former::remember as remember_former;
pub use given_up::{give_up, realm_of};
pub use human::{ByCaptcha, HumanCheck, Stranger};
pub use letters::writes;
pub(in crate::flows) use letters::{Desk, spoken_to};
pub use limits::only_people;
pub(in crate::flows) use limits::text_message;
pub use mailed::Found;
pub(in crate::flows) use mailed::behind;
pub use open::{Dead, Opened, Seen, open, see};
pub use password::{Choice, Chosen, Refusal, choose};
pub(in crate::flows) use password::{NewTyped, judged, name_of};
pub use request::{Asked, Asking, Wants, ask};
pub use revoke::{revoke, revoke_among, revoke_by_letter, see_letter};
pub use settings::{
    AskFor, Eligible, Elsewhere, Kind, Known, KnownBy, NetworkBudget, RecoveryAddress, RecoverySettings,
    SMS_LIFETIME, SenderSettings, SharedMailbox, Trust, WhoSettings,
};
pub use state::{
    Among, Back, Changing, Done, Ending, Flow, Holding, LONGEST, Sent, Stage, Start, Via, new_id,
};
pub use way::{Whose, see_among, whose};
pub use who::{Who, WhoMissing, WhoTyped};
pub use worker::{Worked, work};

use std::sync::Arc;

use url::Url;

use super::Ports;
use crate::messages::{KeptLetters, Outbox};
use crate::tickets::{Budgets, Channel, Marks, Mint, Minted, Requests, ResetTickets, StoreError};

/// What recovery stands on, beside what every flow has.
pub struct RecoveryPorts {
    pub tickets: Arc<dyn ResetTickets>,
    pub requests: Arc<dyn Requests>,
    pub budgets: Arc<dyn Budgets>,
    pub marks: Arc<dyn Marks>,
    pub outbox: Arc<dyn Outbox>,
    /// Letters of a demonstration, to be read on a page.
    pub kept: Option<Arc<dyn KeptLetters>>,
    pub humans: Arc<dyn HumanCheck>,
    /// Text messages that may leave within a month; `None`: they have no gateway.
    pub sms: Option<u32>,
    /// Where browsers find us, by the configuration: every link that is mailed starts there (SEC-38).
    pub public_url: Url,
    /// IANA name of the zone that letters tell moments in.
    pub time_zone: String,
}

/// Writes a ticket, and counts those that are new.
async fn minted(ports: &Ports, mint: &Mint<'_>) -> Result<Minted, StoreError> {
    let minted = ports.recovery.tickets.mint(mint).await?;
    if matches!(minted, Minted::New { .. }) {
        ports.metrics.reset_issued.add(&[match mint.ticket.channel {
            Channel::Mail => "mail",
            Channel::Sms => "sms",
            Channel::Agent => "agent",
        }]);
    }
    Ok(minted)
}
