//! Challenges on Redis: one key each, outside the accounts' slots, since nothing is known of an
//! account yet.

use std::time::Duration;

use async_trait::async_trait;
use redis::Value;

use super::records::{VERSION, span};
use super::scripts::Call;
use super::store::RedisStore;
use crate::tickets::{ChallengeKey, Challenges, KeptAnswers, StoreError};

#[async_trait]
impl Challenges for RedisStore {
    async fn keep_challenge(
        &self,
        challenge: &ChallengeKey,
        answers: &KeptAnswers,
        ttl: Duration,
    ) -> Result<(), StoreError> {
        let value = [&[VERSION], answers.symbols.as_slice(), &answers.digits].concat();
        let mut command = redis::cmd("SET");
        command.arg(self.head().challenge(&challenge.0.0)).arg(value);
        command.arg("PX").arg(span(ttl));
        self.write(Call::plain("keep_challenge", command)).await.map(drop)
    }

    async fn take_challenge(&self, challenge: &ChallengeKey) -> Result<Option<KeptAnswers>, StoreError> {
        let mut command = redis::cmd("GETDEL");
        command.arg(self.head().challenge(&challenge.0.0));
        let answer = self.write(Call::plain("take_challenge", command).once()).await?;
        Ok(match answer {
            Value::BulkString(value) => read(&value),
            _ => None,
        })
    }
}

/// `None` for a version we do not know.
fn read(value: &[u8]) -> Option<KeptAnswers> {
    let (symbols, digits) = value.strip_prefix(&[VERSION])?.split_at_checked(32)?;
    Some(KeptAnswers {
        symbols: symbols.try_into().ok()?,
        digits: digits.try_into().ok()?,
    })
}
