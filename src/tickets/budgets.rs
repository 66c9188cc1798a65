//! The port to budgets: how often something may be asked for within a time (SEC-61). What is counted
//! and how much of it is allowed is `guard`'s and the flows' to say.

use std::time::Duration;

use async_trait::async_trait;

use super::StoreError;
use crate::base::keys::{KeyRing, Purpose};

/// Rules under one key, at most.
pub const MOST_RULES: usize = 8;

/// So many within a window that opens with the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BudgetRule {
    pub limit: u32,
    /// Counts to the millisecond.
    pub window: Duration,
}

/// Whose budget it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BudgetOf {
    Account,
    Mailbox,
    Network,
    Realm,
    Global,
}

impl BudgetOf {
    fn label(self) -> &'static [u8] {
        match self {
            BudgetOf::Account => b"budget account",
            BudgetOf::Mailbox => b"budget mailbox",
            BudgetOf::Network => b"budget network",
            BudgetOf::Realm => b"budget realm",
            BudgetOf::Global => b"budget global",
        }
    }
}

/// A budget's name: an HMAC, so that the store learns neither accounts nor addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BudgetKey(pub [u8; 16]);

impl BudgetKey {
    /// The budget for doing `what` (`mail`, `sms`, `invalid link`…) of whom `parts` name together.
    pub fn of(keys: &KeyRing, of: BudgetOf, what: &str, parts: &[&[u8]]) -> BudgetKey {
        let all: Vec<&[u8]> = [of.label(), what.as_bytes()]
            .into_iter()
            .chain(parts.iter().copied())
            .collect();
        let name = keys.pseudonym(Purpose::Counter, &all);
        let mut short = [0; 16];
        short.iter_mut().zip(name).for_each(|(to, from)| *to = from);
        BudgetKey(short)
    }
}

/// Counters with windows. Every key ends by itself with its longest window.
#[async_trait]
pub trait Budgets: Send + Sync {
    /// Takes one from every rule of the key, or from none: `false` when one of them has nothing left.
    /// It is taken before anybody knows how the attempt ends, so failures count as well (SEC-62).
    /// At most [`MOST_RULES`] rules; the same key is always asked with the same rules, told apart by
    /// their windows.
    async fn spend(&self, key: &BudgetKey, rules: &[BudgetRule]) -> Result<bool, StoreError>;

    /// Whether [`Budgets::spend`] would be granted now. Changes nothing.
    async fn would_allow(&self, key: &BudgetKey, rules: &[BudgetRule]) -> Result<bool, StoreError>;
}
