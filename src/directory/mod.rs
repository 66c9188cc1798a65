//! The port to the people of a realm: find an entry by its login, read it again, try a password.
//! What a state means and which attribute is the login is decided here and by configuration; how
//! bytes travel is the adapters' work (`ldap`, `ldif`).

mod error;
pub mod evidence;
pub mod filter;
pub mod hook;
pub mod ldap;
pub mod ldif;
mod mapping;
mod person;
mod report;
mod rewriting;
pub mod state;
mod write;

pub use error::DirectoryError;
pub use filter::Filter;
pub use hook::HookSettings;
pub use ldap::guard::violations as guard_drops;
pub use mapping::{EntryMapping, SettingProblem, USUAL_ATTRIBUTES};
pub use person::{AttributeValue, Attributes, EntryName, Person};
pub use report::{PoolReport, Room, ServerReport};
pub use state::{AccountState, Standing};
pub use write::{
    Demand, Demanded, FenceKind, GENERATION, Guard, Manner, PasswordRefusal, PasswordWrite, Rewrite,
    SECOND_FACTOR, Settled, Writable, Written, Wrote, locked_by_staff,
};

use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::mpsc;

use crate::base::names::{PersonKey, Username};
use crate::base::secret::Password;

/// A realm's directory. One contract suite runs on every implementation.
///
/// A refusal is a value; `Err` means "could not tell" and never that a password is wrong
/// (invariant I7).
#[async_trait]
pub trait Directory: Send + Sync {
    /// The person whose login attributes match `login`, tried in their configured order, stopping
    /// at the first attribute that finds someone.
    async fn find(&self, login: &Username) -> Result<Found, DirectoryError>;

    /// The people whose `attribute` has `value`, for a person whom another server has named: at most
    /// [`MOST_JOINED`] and one more, which says that there are too many to choose from.
    async fn find_by(&self, attribute: &str, value: &str) -> Result<Vec<Person>, DirectoryError>;

    /// Everybody of the realm within `wish`, in no order, one after another into `into`, as fast as they are
    /// taken from there. An `Err` after some were given: there may be more. Entries that are no people, by the
    /// realm's mapping, are left out. A receiver that is gone ends it.
    async fn list(&self, wish: &Listing, into: mpsc::Sender<Person>) -> Result<(), DirectoryError>;

    /// The person's entry as it is now; `None` when it is gone or no longer within the realm.
    async fn read(&self, key: &PersonKey) -> Result<Option<Person>, DirectoryError>;

    /// Tries `password` on the person's entry. The bytes sent are those of `password`: the caller
    /// has prepared them.
    async fn bind(&self, person: &Person, password: &Password) -> Result<Bound, DirectoryError>;

    /// Spends the time a [`Directory::bind`] would on an entry that does not exist, so that an
    /// unknown login cannot be told from a wrong password by the clock (T-53).
    async fn decoy(&self, password: &Password);

    /// What somebody would meet who came now to sign in, after so many who were let in before and are under
    /// way, wherever they are. It asks nobody.
    fn room(&self, _under_way: usize) -> Room {
        Room::Ample
    }

    /// The directory's own lock after failed binds, when it is known to have one: tries before it
    /// locks. Our throttle stays two below it (T-61).
    fn lock_after(&self) -> Option<u32> {
        None
    }

    /// The person's entry as the write primary has it now, with what a later write is held to;
    /// `None` when it is gone or no longer within the realm.
    async fn read_for_write(&self, _key: &PersonKey) -> Result<Option<Writable>, DirectoryError> {
        Err(DirectoryError::NotWritable)
    }

    /// Gives the entry a new password if it still has the guard. Sent at most once.
    ///
    /// `Err` means that the outcome is unknown: the caller asks [`Directory::settle`] when the
    /// directory answers again. [`DirectoryError::NotWritable`] alone says that nothing was sent.
    async fn write_password(&self, _write: &PasswordWrite<'_>) -> Result<Wrote, DirectoryError> {
        Err(DirectoryError::NotWritable)
    }

    /// What a write whose outcome is unknown has come to (F-20): the guard as before means that
    /// nothing was done; otherwise the new password is tried once, on the write primary where there
    /// is one. `Err`: still unknown.
    async fn settle(&self, write: &PasswordWrite<'_>) -> Result<Settled, DirectoryError> {
        settle_by_trying(self, write).await
    }

    /// Changes attributes of one entry: all of them or none.
    async fn write_attributes(
        &self,
        _key: &PersonKey,
        _changes: &[(String, Rewrite)],
    ) -> Result<Written, DirectoryError> {
        Err(DirectoryError::NotWritable)
    }

    /// Lifts the lock that failed binds have set; never an administrator's (SEC-48, SEC-49). Whether
    /// there was a mark of one.
    async fn lift_failure_lock(&self, _key: &PersonKey) -> Result<bool, DirectoryError> {
        Err(DirectoryError::NotWritable)
    }

    /// By what people are made to choose another password; `None` where nothing is written, or nobody would
    /// see it.
    fn demand(&self) -> Option<Demand> {
        None
    }

    /// Makes the person choose another password at the next sign-in; the one in force stays good for that.
    async fn demand_change(&self, _key: &PersonKey) -> Result<Demanded, DirectoryError> {
        Err(DirectoryError::NotWritable)
    }

    /// Takes that back, to the values of `before`. [`Written::Moved`]: nothing is demanded any more.
    async fn lift_demand(&self, _key: &PersonKey, _before: &[String]) -> Result<Written, DirectoryError> {
        Err(DirectoryError::NotWritable)
    }

    /// The person was written lately, here or by another node: for a while only the write primary
    /// is asked about them, since replicas may not know yet (F-18). Writes of this directory do so
    /// by themselves.
    fn pin(&self, _key: &PersonKey) {}

    /// How long a person stays pinned; nothing where there are no replicas.
    fn pinned_for(&self) -> Duration {
        Duration::ZERO
    }

    /// What the health probes have found. Asks nothing now, and knows of nobody: pages decide by it what
    /// they offer to everybody (SEC-08, F-19).
    fn outage(&self) -> Outage {
        Outage::default()
    }

    /// Every server behind it, for who watches them; none where there are none. A server that is read and
    /// written is there once for each.
    fn servers(&self) -> Vec<ServerReport> {
        Vec::new()
    }

    /// What keeps two writers apart. [`FenceKind::None`] too when this directory is never written.
    fn fence(&self) -> FenceKind {
        FenceKind::None
    }

    /// Whether anything may be written here.
    fn writable(&self) -> bool {
        false
    }
}

/// For how long a directory has not answered its probes; `None`: it does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outage {
    /// No server that people are looked up on.
    pub reading: Option<Duration>,
    /// No write primary.
    pub writing: Option<Duration>,
}

/// [`Directory::settle`] by a look and one bind, two where a lock hides whether the password is right.
async fn settle_by_trying<D: Directory + ?Sized>(
    directory: &D,
    write: &PasswordWrite<'_>,
) -> Result<Settled, DirectoryError> {
    // A replica that does not have the write yet would tell a wrong password, and the right be lost.
    directory.pin(write.key);
    let Some(now) = directory.read_for_write(write.key).await? else {
        return Ok(Settled::Gone);
    };
    if write.guard.is_some() && now.guard.as_ref() == write.guard {
        return Ok(Settled::Untouched);
    }
    let mut bound = directory.bind(&now.person, write.new).await?;
    // Some servers call a locked account's password wrong (slapd without ppolicy_use_lockout). The write was
    // to lift the lock anyway.
    let may_be_locked = matches!(bound, Bound::WrongPassword | Bound::Refused(BindRefusal::Locked));
    if may_be_locked && directory.lift_failure_lock(write.key).await? {
        bound = directory.bind(&now.person, write.new).await?;
    }
    Ok(match bound {
        Bound::Accepted(_) | Bound::Refused(BindRefusal::Expired | BindRefusal::MustChange) => {
            Settled::Written
        }
        _ if write.guard.is_none() => Settled::Untouched,
        _ => Settled::Spent,
    })
}

/// Accounts that one person may choose from.
pub const MOST_JOINED: usize = 8;

/// Whom [`Directory::list`] lists.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    /// Everybody without it.
    pub filter: Option<Filter>,
    /// Attributes to read beside those that are read of people anyway.
    pub more: Vec<String>,
}

/// What a login finds.
#[derive(Debug, Clone)]
pub enum Found {
    Nobody,
    One(Box<Person>),
    /// More than one entry matches: refused, and the entries go to the log.
    Ambiguous(Vec<EntryName>),
}

/// What a password try comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bound {
    /// The password is right; `notice` is what the directory adds about it.
    Accepted(Option<PasswordNotice>),
    /// The password is not right (or the entry has none).
    WrongPassword,
    /// The directory refuses the account, whatever the password or with the right one.
    Refused(BindRefusal),
}

/// What a directory says beside a successful bind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PasswordNotice {
    MustChange,
    ExpiresInSeconds(u32),
    GraceLoginsLeft(u32),
}

/// Why a directory refuses an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BindRefusal {
    /// Locked after failures or by staff. `known_right` of the flow stays unknown.
    Locked,
    /// The password is right but too old.
    Expired,
    /// The password is right but must be replaced first.
    MustChange,
    /// The account is disabled or outside its dates or hours.
    Disabled,
}
