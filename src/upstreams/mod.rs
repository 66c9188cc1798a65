//! The port to another server that signs our people in: where to send a browser, who came back from
//! there, where to sign out. CAS is the first kind (`cas`); kinds that need to remember more between
//! going and coming (a nonce, a verifier) keep it in [`Begun::keep`].

pub mod cas;

use async_trait::async_trait;
use url::Url;

use crate::outgoing::OutgoingError;
use crate::protocol::client::Unreadable;
use crate::protocol::params::Params;

/// Another server. Its adapter is made for one realm's trust in it.
#[async_trait]
pub trait Upstream: Send + Sync {
    /// Where to send the browser; nothing is asked of the other server yet.
    async fn begin(&self, wish: &Wish<'_>) -> Result<Begun, UpstreamError>;

    /// Who came back, asked of the server itself and never of the browser. `Err` means that it could
    /// not tell.
    async fn finish(&self, back: &Back<'_>) -> Result<Came, UpstreamError>;

    /// Where a browser ends its session there, to return to `back`.
    fn sign_out(&self, back: &Url) -> Option<Url>;

    /// The session that a message from the server says is over, named as [`Stranger::session`] was;
    /// `None` when this is no such message.
    fn ended(&self, message: &Params) -> Option<String>;

    /// The same of a message that a browser brings by GET on its way through the server's sign-out.
    fn ended_by_browser(&self, message: &Params) -> Option<String>;
}

/// What a sign-in elsewhere shall be like.
pub struct Wish<'a> {
    /// Where the browser comes back to, byte for byte what [`Back::url`] will be.
    pub back: &'a Url,
    /// Credentials must be presented there, whatever session there is.
    pub renew: bool,
    /// No page is to be shown there.
    pub gateway: bool,
}

/// The way there.
pub struct Begun {
    pub url: Url,
    /// For [`Back::kept`]; the browser carries it sealed.
    pub keep: Vec<u8>,
}

/// A browser that came back.
pub struct Back<'a> {
    pub url: &'a Url,
    pub params: &'a Params,
    pub kept: &'a [u8],
    /// As it was wished: the server must confirm it.
    pub renew: bool,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Came {
    Person(Box<Stranger>),
    /// The browser came back without anybody: given up, or asked for without a page.
    Nobody,
    /// The server does not stand by what the browser brought; its code, for the log.
    Refused(String),
}

/// A person in the other server's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stranger {
    /// What the server calls the person.
    pub subject: String,
    pub attributes: Vec<(String, Vec<String>)>,
    /// Credentials were presented there just now.
    pub presented: bool,
    /// What the server calls its session when it says that it is over.
    pub session: Option<String>,
}

/// The other server could not tell.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamError {
    #[error("it was not reached")]
    Call(#[from] OutgoingError),
    #[error("it answered with status {0}")]
    Status(u16),
    #[error("its answer cannot be read: {0}")]
    Unreadable(#[from] Unreadable),
}
