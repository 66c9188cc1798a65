//! The tiny key-value shelf with expiry on which the embedded store's transitions run, and the step
//! that makes each of them all or nothing. What the keys mean is told in `sessions` and `counters`.

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::base::clock::Timestamp;
use crate::tickets::StoreError;
use crate::tickets::digest::Digest;

/// The version every value starts with. A value of another version counts as absent (F-32).
pub const FORM: u8 = 1;

/// What a key holds; its number never changes its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub(super) enum Kind {
    Session = 1,
    Visits = 2,
    Ticket = 3,
    Tombstone = 4,
    Account = 5,
    Index = 6,
    Epoch = 7,
    Loop = 8,
    Mark = 9,
    Counter = 10,
    Network = 11,
    ProxyGranting = 12,
    /// Visits of a session by proxy tickets.
    ProxiedVisits = 13,
    /// Which proxy-granting tickets a session has.
    ProxyGrantings = 14,
    /// The session behind a ticket of another server, sealed.
    Upstream = 15,
    /// The state of a sign-in elsewhere, sealed.
    Flow = 16,
    ResetTicket = 20,
    /// How a reset ticket died, or when it will.
    ResetTombstone = 21,
    /// The live reset tickets of an account.
    ResetIndex = 22,
    /// When an account was minted reset tickets.
    ResetLog = 23,
    QueueEntry = 24,
    /// Order of the recovery lane: time due and the start of the entry's digest.
    QueueRecovery = 25,
    QueueLetters = 26,
    QueueDepth = 27,
    Budget = 28,
    Pin = 29,
    Events = 30,
    Confirmation = 31,
    ConfirmationTaken = 32,
    Undo = 33,
    UndoTaken = 34,
    Revocation = 35,
    RevocationTaken = 36,
    /// The latest attempt at the codes of an account.
    CodeAttempt = 37,
    Way = 38,
    WayTaken = 39,
    /// What the known devices of an account carry.
    Devices = 40,
    Disowning = 41,
    DisowningTaken = 42,
    Former = 43,
    FormerTaken = 44,
    Closed = 45,
    /// The name of the time since all sessions of a realm were last ended.
    RealmEnd = 46,
    /// The nodes that are there.
    Nodes = 47,
    /// Orders of the lanes of logout messages, and what became of those of one sign-out.
    QueueLogouts = 60,
    QueueDeadLogouts = 61,
    Farewell = 62,
    /// HMACs of the answers of a CAPTCHA.
    Challenge = 17,
}

/// Bytes of a key: its kind and a digest.
pub(super) const KEY_LENGTH: usize = 17;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Key(pub [u8; KEY_LENGTH]);

impl Key {
    pub fn new(kind: Kind, digest: Digest) -> Key {
        let mut bytes = [kind as u8; KEY_LENGTH];
        for (to, from) in bytes.iter_mut().skip(1).zip(digest.0) {
            *to = from;
        }
        Key(bytes)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// The entry is gone from this moment on, swept or not.
    pub expires: Timestamp,
    pub value: Bytes,
}

/// What a step wants changed: `None` deletes.
pub(super) type Changes = Vec<(Key, Option<Entry>)>;

/// A map from keys to expiring entries, expired ones included until they are swept.
pub(super) trait Look {
    fn get(&self, key: &Key) -> Result<Option<Entry>, StoreError>;

    /// At most `limit` keys in order, after `after`, with their expiry.
    fn keys_after(&self, after: Option<&Key>, limit: usize) -> Result<Vec<(Key, Timestamp)>, StoreError>;
}

/// The same, to be changed.
pub(super) trait Shelf: Look {
    fn apply(&mut self, changes: Changes) -> Result<(), StoreError>;
}

/// One transition under way: it sees the shelf at one moment and its own changes, which reach the
/// shelf only when the whole transition succeeded.
pub(super) struct Step<'a> {
    shelf: &'a dyn Look,
    changes: Changes,
    pub now: Timestamp,
}

impl<'a> Step<'a> {
    pub fn new(shelf: &'a dyn Look, now: Timestamp) -> Step<'a> {
        Step {
            shelf,
            changes: Vec::new(),
            now,
        }
    }

    /// The live entry under `key`.
    pub fn entry(&self, key: &Key) -> Result<Option<Entry>, StoreError> {
        let changed = self.changes.iter().rev().find(|(changed, _)| changed == key);
        let entry = match changed {
            Some((_, entry)) => entry.clone(),
            None => self.shelf.get(key)?,
        };
        Ok(entry.filter(|entry| entry.expires > self.now))
    }

    /// The live value under `key` and when it expires; `None` too for a version we do not know or
    /// a value we cannot read.
    pub fn read_expiring<T: DeserializeOwned>(
        &self,
        key: &Key,
    ) -> Result<Option<(T, Timestamp)>, StoreError> {
        Ok(self.entry(key)?.and_then(|entry| {
            let value = decode(&entry.value)?;
            Some((value, entry.expires))
        }))
    }

    pub fn read<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<T>, StoreError> {
        Ok(self.read_expiring(key)?.map(|(value, _)| value))
    }

    pub fn write<T: Serialize>(&mut self, key: Key, value: &T, expires: Timestamp) -> Result<(), StoreError> {
        let value = encode(value)?;
        self.changes.push((key, Some(Entry { expires, value })));
        Ok(())
    }

    /// The first keys after one, with their expiry, dead ones included; this step's own changes are not
    /// seen.
    pub fn keys_after(&self, after: &Key, limit: usize) -> Result<Vec<(Key, Timestamp)>, StoreError> {
        self.shelf.keys_after(Some(after), limit)
    }

    /// Lets a live entry, if there is one, expire at another time.
    pub fn prolong(&mut self, key: Key, expires: Timestamp) -> Result<(), StoreError> {
        if let Some(entry) = self.entry(&key)? {
            self.changes.push((key, Some(Entry { expires, ..entry })));
        }
        Ok(())
    }

    pub fn delete(&mut self, key: Key) {
        self.changes.push((key, None));
    }
}

/// Runs a transition and keeps its changes when it succeeds.
pub(super) fn run<T>(
    shelf: &mut dyn Shelf,
    now: Timestamp,
    transition: impl FnOnce(&mut Step<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let mut step = Step::new(&*shelf, now);
    let outcome = transition(&mut step)?;
    let changes = step.changes;
    shelf.apply(changes)?;
    Ok(outcome)
}

/// Walks over all keys, a few at a time, and removes those that have expired. It moves on with every
/// write, so what is dead stays in proportion to what lives, and no step takes long.
#[derive(Clone, Default)]
pub(super) struct Sweep {
    after: Option<Key>,
}

impl Sweep {
    /// The expired ones among the next `limit` keys; the walk goes on behind them.
    pub fn next(&mut self, shelf: &dyn Look, limit: usize, now: Timestamp) -> Result<Changes, StoreError> {
        let keys = shelf.keys_after(self.after.as_ref(), limit)?;
        // Fewer than asked for: that was the end, and the walk starts again.
        self.after = (keys.len() == limit)
            .then(|| keys.last().map(|(key, _)| *key))
            .flatten();
        let dead = keys.into_iter().filter(|(_, expires)| *expires <= now);
        Ok(dead.map(|(key, _)| (key, None)).collect())
    }
}

fn encode<T: Serialize>(value: &T) -> Result<Bytes, StoreError> {
    match postcard::to_extend(value, vec![FORM]) {
        Ok(bytes) => Ok(bytes.into()),
        Err(error) => Err(StoreError::Disk {
            context: "a record cannot be written down".to_owned(),
            source: Box::new(error),
        }),
    }
}

fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let (version, body) = bytes.split_first()?;
    if *version != FORM {
        return None;
    }
    postcard::from_bytes(body).ok()
}
