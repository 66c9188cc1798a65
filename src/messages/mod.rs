//! What people are told by mail and text message: notices, the letters that carry them, and the ways
//! they leave. Words are the pages' business (they answer [`Typesetter`]); whether somebody is told is
//! the flows'.

mod browser;
pub mod carrier;
pub mod folder;
pub mod gateway;
mod letter;
mod link;
pub mod mime;
mod notice;
pub mod outbox;
mod pace;
mod post;
pub mod smtp;
pub mod tray;

pub use self::browser::{Browser, Family, System};
pub use self::letter::{Composed, Content, Destination, Letter, MessageId, Sender, Support};
pub use self::link::{Door, Link, LinkBase};
pub use self::notice::{AccountBlock, Aside, Asked, How, LoginLine, Notice, Way};
pub use self::post::{KeptLetters, Outbox, OutboxError, Post, PostError, Sent};

/// Puts a notice into words: the text and the HTML of a mail, or a text message. Answered by the
/// pages, whose themes own the words.
pub trait Typesetter: Send + Sync {
    fn compose(&self, letter: &Letter<'_>) -> Result<Composed, TypesetError>;
}

/// A letter that cannot be put into words: a fault of a theme, or a notice that fits no text message.
/// Its texts hold no secret.
#[derive(Debug, thiserror::Error)]
pub enum TypesetError {
    #[error("the letter “{letter}” cannot be rendered")]
    Theme {
        letter: &'static str,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    #[error("“{0}” is not for text messages")]
    NotForSms(&'static str),
    #[error("the text of “{letter}” does not fit: {why}")]
    Unfit { letter: &'static str, why: &'static str },
}
