//! Challenges in the embedded store: the port and its transitions.

use std::time::Duration;

use async_trait::async_trait;

use super::shelf::{Key, Kind, Step};
use super::store::EmbeddedStore;
use crate::tickets::digest::Digest;
use crate::tickets::{ChallengeKey, Challenges, KeptAnswers, StoreError};

impl Step<'_> {
    fn keep_challenge(
        &mut self,
        challenge: Digest,
        answers: &KeptAnswers,
        ttl: Duration,
    ) -> Result<(), StoreError> {
        let until = self.now.plus(ttl);
        self.write(Key::new(Kind::Challenge, challenge), answers, until)
    }

    fn take_challenge(&mut self, challenge: Digest) -> Result<Option<KeptAnswers>, StoreError> {
        let key = Key::new(Kind::Challenge, challenge);
        let kept = self.read(&key)?;
        if kept.is_some() {
            self.delete(key);
        }
        Ok(kept)
    }
}

#[async_trait]
impl Challenges for EmbeddedStore {
    async fn keep_challenge(
        &self,
        challenge: &ChallengeKey,
        answers: &KeptAnswers,
        ttl: Duration,
    ) -> Result<(), StoreError> {
        let (challenge, answers) = (challenge.0, *answers);
        self.change(move |step| step.keep_challenge(challenge, &answers, ttl))
            .await
    }

    async fn take_challenge(&self, challenge: &ChallengeKey) -> Result<Option<KeptAnswers>, StoreError> {
        let challenge = challenge.0;
        self.change(move |step| step.take_challenge(challenge)).await
    }
}
