//! The port to reset tickets: one-shot rights to choose a new password (recovery §3.1). It decides who
//! may go on; that a password moves only once is the directory's part, since a store that fails over
//! may bring a spent ticket back.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{ResetToken, StoreError};
use crate::base::clock::Timestamp;
use crate::base::names::{AccountId, InstitutionId, NetworkPrefix};

/// Shortest life of a ticket (SEC-14).
pub const SHORTEST_LIFE: Duration = Duration::from_secs(300);
/// Longest life of a ticket, and the usual one (SEC-13).
pub const LONGEST_LIFE: Duration = Duration::from_secs(86_400);
/// How long a claim holds when nothing is heard of the one who made it.
pub const CLAIM_LEASE: Duration = Duration::from_secs(30);
/// Refusals by the directory that a ticket outlives; with the last one it is of no more use.
pub const REFUSALS: u32 = 10;
/// Tries at the code of one ticket, right or wrong (SEC-62). The link outlives them.
pub const CODE_TRIES: u32 = 5;
/// How long a dead ticket is remembered, so that its holder can be told how it died.
pub const RESET_TOMBSTONE: Duration = Duration::from_secs(7 * 86_400);

/// How the right reached its holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Channel {
    Mail,
    Sms,
    /// By an agent of the institution.
    Agent,
}

/// What a ticket says of its right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResetTicket {
    pub account: AccountId,
    /// The institution under which it was asked for.
    pub institution: InstitutionId,
    /// The state of the account's password when this was issued, or after the latest refusal; `None`
    /// for a realm without a fence.
    pub guard: Option<Vec<u8>>,
    pub channel: Channel,
    /// Where it was sent, as far as a page may show: `z•••@univ-exemple.fr`.
    pub destination_mask: String,
    /// Where the person wanted to go (SX-01).
    pub service: Option<String>,
    /// The language of the request.
    pub locale: String,
    /// By the store's clock: what a caller of [`ResetTickets::mint`] writes here is not looked at
    /// (SEC-26).
    pub issued_at: Timestamp,
    /// The same.
    pub expires_at: Timestamp,
    /// The number of the request, for the audit.
    pub request: [u8; 16],
    /// From where it was asked for. Beside the rest in every store, so that servers of two versions read
    /// each other's tickets (F-32).
    #[serde(skip)]
    pub asked: Option<AskedFrom>,
}

/// From where and when a right was asked for: told beside from where it was used, and never compared
/// (SEC-28).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedFrom {
    pub network: NetworkPrefix,
    pub at: Timestamp,
}

/// How many rights an account may be sent (SEC-61, design §9). What it refuses changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MintBudget {
    /// Tickets alive at a time; with a further one the oldest is replaced, unless somebody is just
    /// using it. One: a new link replaces the old one (SEC-19).
    pub live: u32,
    /// From one to the next, by whichever channel (SEC-20).
    pub apart: Duration,
    /// By the channel of the ticket, within any hour.
    pub hour: u32,
    /// By the channel of the ticket, within any day.
    pub day: u32,
}

impl MintBudget {
    pub const MAIL: MintBudget = MintBudget {
        live: 3,
        apart: Duration::from_secs(120),
        hour: 3,
        day: 6,
    };
    pub const SMS: MintBudget = MintBudget {
        hour: 2,
        day: 4,
        ..MintBudget::MAIL
    };
    /// Agents answer for what they send; the live ones stay bounded.
    pub const AGENT: MintBudget = MintBudget {
        apart: Duration::ZERO,
        hour: 100,
        day: 100,
        ..MintBudget::MAIL
    };
}

/// A ticket to be written. The token names its request: a second mint with it is a redelivery.
#[derive(Clone, Copy)]
pub struct Mint<'a> {
    pub token: &'a ResetToken,
    /// What proves the code beside the link, if there is one: its argon2id hash behind its tag (SEC-10).
    pub code_hash: Option<&'a str>,
    pub ticket: &'a ResetTicket,
    /// Held between [`SHORTEST_LIFE`] and [`LONGEST_LIFE`] (SEC-14).
    pub ttl: Duration,
    pub budget: &'a MintBudget,
}

impl Mint<'_> {
    pub(super) fn life(&self) -> Duration {
        self.ttl.clamp(SHORTEST_LIFE, LONGEST_LIFE)
    }
}

/// What [`ResetTickets::mint`] comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Minted {
    New {
        expires_at: Timestamp,
    },
    /// This very request minted it before: the same link, whose time runs from the first mint.
    Again {
        expires_at: Timestamp,
    },
    /// This very request minted it before, and it is over: there is nothing to send.
    Dead(Death),
    /// Nothing was changed; nothing is to be sent.
    OverBudget,
}

/// How a ticket died. Told only to who shows its token (SEC-37).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DeathKind {
    /// A password was chosen with it, or with another ticket of the account.
    Spent,
    Expired,
    /// By a newer one.
    Replaced,
    /// The password was changed otherwise or used to sign in, an address changed, or somebody said “I did
    /// not ask for this” (SEC-21).
    Revoked,
}

/// How and when a ticket died.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Death {
    Spent { at: Timestamp },
    Expired { at: Timestamp },
    Replaced { at: Timestamp },
    Revoked { at: Timestamp },
}

impl Death {
    pub fn new(kind: DeathKind, at: Timestamp) -> Death {
        match kind {
            DeathKind::Spent => Death::Spent { at },
            DeathKind::Expired => Death::Expired { at },
            DeathKind::Replaced => Death::Replaced { at },
            DeathKind::Revoked => Death::Revoked { at },
        }
    }

    pub fn at(self) -> Timestamp {
        match self {
            Death::Spent { at } | Death::Expired { at } | Death::Replaced { at } | Death::Revoked { at } => {
                at
            }
        }
    }
}

/// What [`ResetTickets::look`] sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Looked {
    Live(Box<ResetTicket>),
    /// Somebody is choosing a password with it right now.
    Claimed,
    Dead(Death),
    /// Never issued here, forgotten, or lost.
    Unknown,
}

/// What [`ResetTickets::claim`] comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// Held by this attempt for [`CLAIM_LEASE`].
    Yes(Box<ResetTicket>),
    /// Held by another attempt.
    Busy,
    Dead(Death),
    /// The directory refused [`REFUSALS`] times.
    TooManyTries,
    Unknown,
}

/// What [`ResetTickets::release`] comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Released {
    /// The link works again, for this many more refusals.
    Open { left: u32 },
    /// The ticket is not this attempt's any more; nothing was changed.
    Lost,
}

/// What [`ResetTickets::spend`] comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spent {
    /// This ticket and every other one of the account is dead.
    Yes,
    /// Another attempt has taken it over, or it is gone; nothing was changed. A caller who knows that
    /// its password was written revokes the account's tickets.
    Lost,
}

/// A code that may still be right: its hash, and the ticket it stands beside.
pub struct CodeChance {
    /// The right, to go on with if the code is found right.
    pub token: ResetToken,
    /// What was kept of it, see [`Mint::code_hash`].
    pub hash: String,
    /// Further tries, after this one if it was counted.
    pub left: u32,
}

/// Reset tickets. Implemented by every ticket store; one contract suite runs on each. All tickets of
/// an account share a slot, each transition is one step, and the store's clock alone decides (SEC-26).
///
/// A call with an attempt id whose answer was lost may be repeated with the same id and comes to the
/// same (principle 7).
#[async_trait]
pub trait ResetTickets: Send + Sync {
    /// Writes a ticket, if the budget allows it.
    async fn mint(&self, mint: &Mint<'_>) -> Result<Minted, StoreError>;

    /// What stands behind a token. Changes nothing (SEC-29).
    async fn look(&self, token: &ResetToken) -> Result<Looked, StoreError>;

    /// The codes of the account that may still be tried, the newest first. Changes nothing.
    async fn codes(&self, account: &AccountId) -> Result<Vec<CodeChance>, StoreError>;

    /// Counts one try at each live code of the account, before anybody knows whether it is right
    /// (SEC-62), and hands out those that had tries left, the newest first. Of an account without any it
    /// writes as much down: the disk takes as long.
    async fn try_code(&self, account: &AccountId, attempt: &[u8; 16]) -> Result<Vec<CodeChance>, StoreError>;

    /// Takes the ticket for one attempt. Its life is not prolonged by this or by anything (SEC-13).
    async fn claim(&self, token: &ResetToken, attempt: &[u8; 16]) -> Result<Claimed, StoreError>;

    /// Gives it back after the directory refused, which counts. `new_guard`: the state of the
    /// account after a refusal that moved it (design §9, fence); `None` leaves the guard.
    async fn release(
        &self,
        token: &ResetToken,
        attempt: &[u8; 16],
        new_guard: Option<&[u8]>,
    ) -> Result<Released, StoreError>;

    /// Gives it back after nothing was tried, or nobody could tell and nothing has moved: does not
    /// count (F-19).
    async fn put_back(&self, token: &ResetToken, attempt: &[u8; 16]) -> Result<Released, StoreError>;

    /// Ends the ticket of this attempt, its lease over or not, and every other one of the account
    /// (T-75). Lost when another attempt has taken it over.
    async fn spend(&self, token: &ResetToken, attempt: &[u8; 16]) -> Result<Spent, StoreError>;

    /// Ends every ticket of the account; answers how many were alive (SEC-21).
    async fn revoke(&self, account: &AccountId, why: DeathKind) -> Result<usize, StoreError>;
}
