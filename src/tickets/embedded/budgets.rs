//! Budgets in the embedded store: the port and its transition.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::shelf::{Key, Kind, Step};
use super::store::EmbeddedStore;
use crate::base::clock::Timestamp;
use crate::tickets::digest::Digest;
use crate::tickets::{BudgetKey, BudgetRule, Budgets, MOST_RULES, StoreError};

#[derive(Clone, Serialize, Deserialize)]
struct Window {
    length: Duration,
    spent: u32,
    until: Timestamp,
}

impl Step<'_> {
    /// The windows with one more taken from each, or `None` when one of them has nothing left.
    fn budget(&self, key: Key, rules: &[BudgetRule]) -> Result<Option<Vec<Window>>, StoreError> {
        let open: Vec<Window> = self.read(&key)?.unwrap_or_default();
        let mut windows = Vec::with_capacity(rules.len());
        for rule in rules.iter().take(MOST_RULES) {
            let current = open
                .iter()
                .find(|window| window.length == rule.window && window.until > self.now);
            let mut window = current.cloned().unwrap_or(Window {
                length: rule.window,
                spent: 0,
                until: self.now.plus(rule.window),
            });
            if window.spent >= rule.limit {
                return Ok(None);
            }
            window.spent += 1;
            windows.push(window);
        }
        Ok(Some(windows))
    }

    fn spend_budget(&mut self, key: Key, rules: &[BudgetRule]) -> Result<bool, StoreError> {
        let Some(windows) = self.budget(key, rules)? else {
            return Ok(false);
        };
        if let Some(last) = windows.iter().map(|window| window.until).max() {
            self.write(key, &windows, last)?;
        }
        Ok(true)
    }
}

#[async_trait]
impl Budgets for EmbeddedStore {
    async fn spend(&self, key: &BudgetKey, rules: &[BudgetRule]) -> Result<bool, StoreError> {
        let (key, rules) = (budget_key(key), rules.to_vec());
        self.change(move |step| step.spend_budget(key, &rules)).await
    }

    async fn would_allow(&self, key: &BudgetKey, rules: &[BudgetRule]) -> Result<bool, StoreError> {
        self.look(|step| Ok(step.budget(budget_key(key), rules)?.is_some()))
    }
}

fn budget_key(key: &BudgetKey) -> Key {
    Key::new(Kind::Budget, Digest(key.0))
}
