//! The port that keeps the answers of CAPTCHAs until the first try, right or wrong, takes them away.
//! It never sees an answer, only its HMAC under a key the store does not have.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::StoreError;
use super::digest::Digest;
use crate::base::names::RealmId;

/// A challenge as a digest bound to the realm and the flow that it was made for: the same text shown
/// elsewhere is another challenge, and takes nothing away (SEC-65).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChallengeKey(pub(super) Digest);

impl ChallengeKey {
    pub fn of(realm: &RealmId, flow: &[u8], challenge: &[u8]) -> ChallengeKey {
        ChallengeKey(Digest::of_challenge(realm, flow, challenge))
    }
}

/// HMACs of the two answers, either of which passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptAnswers {
    pub symbols: [u8; 32],
    pub digits: [u8; 32],
}

/// Challenges that nobody has answered yet. Implemented by every ticket store.
#[async_trait]
pub trait Challenges: Send + Sync {
    async fn keep_challenge(
        &self,
        challenge: &ChallengeKey,
        answers: &KeptAnswers,
        ttl: Duration,
    ) -> Result<(), StoreError>;

    /// Takes the answers away: at most one caller gets them. After an `Err` they may be gone, and a
    /// second call says so; never does a second caller get them.
    async fn take_challenge(&self, challenge: &ChallengeKey) -> Result<Option<KeptAnswers>, StoreError>;
}
