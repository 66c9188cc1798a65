//! What letters go to where no way is configured.

use async_trait::async_trait;

use crate::messages::{Letter, Outbox, OutboxError};

/// Keeps nothing, and says so each time.
pub struct Nowhere;

#[async_trait]
impl Outbox for Nowhere {
    async fn take(&self, _letter: &Letter<'_>) -> Result<(), OutboxError> {
        let why = "no way for letters is configured";
        Err(OutboxError::Unreachable(why.into()))
    }
}
