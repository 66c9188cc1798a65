//! The port to what is kept of an account beside its sessions: that its password was just written, that it
//! is closed here, what its known devices carry, its recent security events, and mailed links that do one
//! thing once. What is kept is sealed by its caller; the directory is where anything lasts.

use std::time::Duration;

use async_trait::async_trait;
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::StoreError;
use super::digest::Digest;
use crate::base::entropy::Entropy;
use crate::base::names::AccountId;

/// Security events that an account remembers; the oldest give way.
pub const EVENTS_KEPT: usize = 20;
/// Bytes of one event, at most.
pub const LONGEST_EVENT: usize = 512;
/// How long the events of an account are remembered after the latest one: a school year and the summer.
/// The audit, not this list, is the record.
pub const EVENTS_LIFE: Duration = Duration::from_secs(400 * 86_400);
/// How long an account stays closed that nobody opens again. The directory, not this mark, is where an
/// account is closed for good.
pub const CLOSED_LIFE: Duration = Duration::from_secs(400 * 86_400);
/// Bytes of one pending change, at most.
pub const LONGEST_PENDING: usize = 2048;

/// What a link about an account's own data does. The token of one kind is unknown to the other
/// (SEC-15).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PendingKind {
    /// Confirms a recovery address.
    Confirmation,
    /// Confirms a recovery number: digits of a text message, which nobody need wait for (T-86).
    Digits,
    /// Takes a change of them back.
    Undo,
    /// Ends the links of a letter: “I did not ask for this”.
    Revocation,
    /// Leads to a page of recovery, with what is wanted there.
    Way,
    /// Closes an account: “it was not I who chose this password”.
    Disowning,
    /// No link at all: addresses that an account had until lately, under a name that nobody is sent.
    Former,
}

impl PendingKind {
    pub fn life(self) -> Duration {
        match self {
            PendingKind::Confirmation => Duration::from_secs(24 * 3600),
            PendingKind::Digits => Duration::from_secs(600),
            PendingKind::Undo => Duration::from_secs(72 * 3600),
            PendingKind::Revocation | PendingKind::Way => super::LONGEST_LIFE,
            PendingKind::Disowning | PendingKind::Former => Duration::from_secs(7 * 86_400),
        }
    }
}

/// The secret of such a link: 256 bits, 43 symbols. No `Debug`.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct PendingToken {
    text: String,
}

impl PendingToken {
    pub fn draw(entropy: &dyn Entropy) -> PendingToken {
        let mut drawn = Zeroizing::new([0; 32]);
        entropy.fill(&mut *drawn);
        PendingToken {
            text: BASE64URL_NOPAD.encode(&*drawn),
        }
    }

    /// `None` unless it is 43 symbols of base64url.
    pub fn parse(text: &str) -> Option<PendingToken> {
        let bytes = Zeroizing::new(BASE64URL_NOPAD.decode(text.as_bytes()).ok()?);
        (bytes.len() == 32).then(|| PendingToken {
            text: text.to_owned(),
        })
    }

    /// The token in clear, for the link.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// Eight hexadecimal digits of its SHA-256.
    pub fn log_name(&self) -> String {
        HEXLOWER.encode(self.digest().0.get(..4).unwrap_or_default())
    }

    pub(super) fn digest(&self) -> Digest {
        Digest::of_text(&self.text)
    }
}

/// A name of the time since everything of an account last ended. Devices on which its person signed in
/// carry it: with another one, or none in the store, a device is not known any more (SEC-54).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DeviceEpoch(pub [u8; 8]);

/// How long the store knows the devices of an account after the latest sign-in with its password.
pub const DEVICES_LIFE: Duration = Duration::from_secs(365 * 86_400);

/// What a sign-in has to know of an account beside its entry.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AccountMarks {
    /// Its password was written just now, see [`Marks::pin`].
    pub pinned: bool,
    /// What its known devices carry.
    pub devices: Option<DeviceEpoch>,
}

/// Marks of accounts. Implemented by every ticket store.
#[async_trait]
pub trait Marks: Send + Sync {
    /// Remembers that the account's password was written just now: for `span`, every node asks the
    /// server that writes (F-18).
    async fn pin(&self, account: &AccountId, span: Duration) -> Result<(), StoreError>;

    async fn of(&self, account: &AccountId) -> Result<AccountMarks, StoreError>;

    /// Closes the account here, whatever its directory says, for [`CLOSED_LIFE`] or until it is opened.
    async fn close(&self, account: &AccountId) -> Result<(), StoreError>;

    async fn is_closed(&self, account: &AccountId) -> Result<bool, StoreError>;

    /// Opens it again; `false` when it was not closed.
    async fn reopen(&self, account: &AccountId) -> Result<bool, StoreError>;

    /// Adds a security event, at most [`LONGEST_EVENT`] bytes.
    async fn add_event(&self, account: &AccountId, sealed: &[u8]) -> Result<(), StoreError>;

    /// At most [`EVENTS_KEPT`], the newest first.
    async fn events(&self, account: &AccountId) -> Result<Vec<Vec<u8>>, StoreError>;

    /// Keeps what a link will do, at most [`LONGEST_PENDING`] bytes, for the life of its kind.
    async fn keep_pending(
        &self,
        kind: PendingKind,
        token: &PendingToken,
        sealed: &[u8],
    ) -> Result<(), StoreError>;

    /// What the link would do. Changes nothing.
    async fn pending(&self, kind: PendingKind, token: &PendingToken) -> Result<Option<Vec<u8>>, StoreError>;

    /// Takes it: at most one attempt ever gets it; the same one may ask again for
    /// [`super::limits::TOMBSTONE`].
    async fn take_pending(
        &self,
        kind: PendingKind,
        token: &PendingToken,
        attempt: &[u8; 16],
    ) -> Result<Option<Vec<u8>>, StoreError>;
}
