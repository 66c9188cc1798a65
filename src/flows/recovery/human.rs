//! The port to what tells people from machines: a challenge with every form, one try at it.

use async_trait::async_trait;

use crate::base::names::RealmId;
use crate::tickets::StoreError;

/// A challenge as a page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    pub id: String,
}

/// What a form brought.
#[derive(Debug, Clone, Copy, Default)]
pub struct Given<'a> {
    pub id: &'a str,
    pub typed: &'a str,
    /// A number that the browser found.
    pub work: &'a str,
}

/// For realms that ask nobody.
pub struct Unasked;

#[async_trait]
impl HumanCheck for Unasked {
    async fn fresh(&self, _realm: &RealmId, _browser: &str) -> Result<Option<Challenge>, StoreError> {
        Ok(None)
    }

    async fn passes(&self, _realm: &RealmId, _browser: &str, _given: Given<'_>) -> Result<bool, StoreError> {
        Ok(true)
    }
}

#[async_trait]
pub trait HumanCheck: Send + Sync {
    /// A new challenge for the browser whose pre-session is `browser`; `None` where the realm asks for
    /// none.
    async fn fresh(&self, realm: &RealmId, browser: &str) -> Result<Option<Challenge>, StoreError>;

    /// Whether the form may pass. The challenge is spent whatever it brought (SEC-65).
    async fn passes(&self, realm: &RealmId, browser: &str, given: Given<'_>) -> Result<bool, StoreError>;
}
