//! The ports: the post that carries one letter away, and the outbox that keeps letters until it has.

use async_trait::async_trait;

use std::sync::Arc;

use super::letter::{Composed, Letter};

/// Carries a letter away, whole or not at all: SMTP, a folder, a gateway for text messages.
#[async_trait]
pub trait Post: Send + Sync {
    /// Hands the letter over and waits for the answer, at most until the post's own deadline.
    async fn send(&self, composed: &Composed) -> Result<Sent, PostError>;
}

/// The letter is in other hands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// What the other side calls it, when it says: for who looks for it in its logs.
    pub receipt: Option<String>,
}

/// Why a letter is not away. Texts hold status codes, no address and nothing of the letter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PostError {
    /// Refused, and it would be again.
    #[error("refused for good ({0})")]
    Refused(String),
    /// Refused for now.
    #[error("refused for now ({0})")]
    Later(String),
    #[error("the post cannot be reached ({0})")]
    Unreachable(String),
    /// No answer in time: the letter may be away all the same.
    #[error("no answer from the post in time")]
    TimedOut,
}

impl PostError {
    /// Whether sending the same letter again may help.
    pub fn may_pass(&self) -> bool {
        !matches!(self, PostError::Refused(_))
    }
}

/// Takes letters on and sees them off later: what flows write to. Durable where the ticket store is.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Keeps the letter. An error never undoes what the letter tells of (SEC-60).
    async fn take(&self, letter: &Letter<'_>) -> Result<(), OutboxError>;
}

/// The letter was not kept.
#[derive(Debug, thiserror::Error)]
pub enum OutboxError {
    #[error("the outbox is full")]
    Full,
    #[error("the outbox cannot be reached")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Letters that stayed here, to be read: of a demonstration.
pub trait KeptLetters: Send + Sync {
    /// The latest first.
    fn letters(&self) -> Vec<Arc<Composed>>;
}
