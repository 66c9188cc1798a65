//! Accounts that a right password does not open, and why.

use crate::base::clock::Timestamp;
use crate::directory::Standing;
use crate::directory::state::AccountState;

/// An account that a right password does not open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosedAccount {
    pub standing: Standing,
    /// What the realm's rule says, by language.
    pub message: std::collections::BTreeMap<String, String>,
    pub since: Option<Timestamp>,
}

impl ClosedAccount {
    /// Its person says that somebody else chose its password.
    pub(crate) fn disowned() -> ClosedAccount {
        ClosedAccount {
            standing: Standing::Suspended,
            message: Default::default(),
            since: None,
        }
    }
}

/// The state that keeps the account closed: what the entry says, else what the bind said.
pub(crate) fn closed_by(state: &AccountState, bind: Option<Standing>) -> Option<ClosedAccount> {
    if !state.may_sign_in {
        return Some(ClosedAccount {
            standing: state.standing,
            message: state.message.clone(),
            since: state.since,
        });
    }
    bind.map(|standing| ClosedAccount {
        standing,
        message: Default::default(),
        since: None,
    })
}
