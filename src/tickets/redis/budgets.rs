//! Budgets on Redis: one key and one script.

use async_trait::async_trait;

use super::answers::number;
use super::records::span;
use super::scripts::{self, Call};
use super::store::RedisStore;
use crate::tickets::{BudgetKey, BudgetRule, Budgets, MOST_RULES, StoreError};

impl RedisStore {
    fn budget(&self, what: &'static str, key: &BudgetKey, rules: &[BudgetRule]) -> Call {
        let call = scripts::BUDGET.on(&[self.head().budget(&key.0)]).arg(what);
        rules
            .iter()
            .take(MOST_RULES)
            .fold(call, |call, rule| call.arg(rule.limit).arg(span(rule.window)))
    }
}

#[async_trait]
impl Budgets for RedisStore {
    async fn spend(&self, key: &BudgetKey, rules: &[BudgetRule]) -> Result<bool, StoreError> {
        let answer = self.write(self.budget("spend", key, rules).once()).await?;
        Ok(number("budget", &answer)? == 1)
    }

    async fn would_allow(&self, key: &BudgetKey, rules: &[BudgetRule]) -> Result<bool, StoreError> {
        let answer = self.read(self.budget("look", key, rules)).await?;
        Ok(number("budget", &answer)? == 1)
    }
}
