//! The file of the embedded store: opened with care, since what stands in the operator's way there
//! deserves words of its own, and read and written as a shelf.

use std::fs::OpenOptions;
use std::ops::Bound;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use bytes::Bytes;
use redb::backends::FileBackend;
use redb::{Builder, Database, ReadableDatabase, ReadableTable, Table, TableDefinition};

use super::shelf::{Changes, Entry, KEY_LENGTH, Key, Look, Shelf};
use crate::base::clock::Timestamp;
use crate::tickets::StoreError;

const TABLE: TableDefinition<&[u8; KEY_LENGTH], &[u8]> = TableDefinition::new("tickets");

/// Bytes of the file that may be held in memory: a small server is the point.
const CACHE: usize = 16 * 1024 * 1024;

/// A file that is longer than this, and mostly empty, is compacted when it is opened.
pub(super) const COMPACTED_FROM: u64 = 64 * 1024 * 1024;

/// Opens or creates the file and makes sure that it can be written.
pub(super) fn open(path: &Path, compacted_from: u64) -> Result<Database, StoreError> {
    let failed = |text: String| disk(format!("the ticket file {} {text}", path.display()));
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options
        .open(path)
        .map_err(|error| failed(format!("cannot be opened: {error}")))?;
    let length = file.metadata().map_or(0, |about| about.len());
    let opened = catch_unwind(AssertUnwindSafe(|| {
        let backend = FileBackend::new(file)?;
        let mut database = Builder::new()
            .set_cache_size(CACHE)
            .create_with_backend(backend)?;
        prepare(&mut database, length > compacted_from, length)?;
        Ok(database)
    }));
    match opened {
        Ok(Ok(database)) => Ok(database),
        Ok(Err(redb::Error::DatabaseAlreadyOpen)) => Err(failed(
            "is in use: another server runs on it; stop that one, or let several servers share a Redis"
                .to_owned(),
        )),
        Ok(Err(redb::Error::Io(error))) if error.kind() != std::io::ErrorKind::InvalidData => {
            Err(told(error))
        }
        Ok(Err(error)) => Err(failed(format!(
            "is no ticket file or is damaged ({error}); move it away and everybody signs in again"
        ))),
        Err(_) => Err(failed(
            "is damaged; move it away and everybody signs in again".to_owned(),
        )),
    }
}

fn prepare(database: &mut Database, compacts: bool, length: u64) -> Result<(), redb::Error> {
    let writing = database.begin_write()?;
    writing.open_table(TABLE)?;
    // Counting walks over the whole file.
    let used = match compacts {
        true => {
            let stats = writing.stats()?;
            stats.stored_bytes() + stats.metadata_bytes()
        }
        false => length,
    };
    writing.commit()?;
    if used < length / 2 {
        tracing::info!(used, length, "the ticket file is mostly empty: compacting it");
        database.compact()?;
    }
    Ok(())
}

/// Reads the file as it was after the last commit.
pub(super) fn look<T>(
    database: &Database,
    read: impl FnOnce(&dyn Look) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let reading = database.begin_read().map_err(told)?;
    let table = reading.open_table(TABLE).map_err(told)?;
    read(&Reading(table))
}

/// Lets `write` change the file; what it changed is on disk when this returns well, and undone
/// otherwise.
pub(super) fn change<T>(
    database: &Database,
    write: impl FnOnce(&mut dyn Shelf) -> T,
) -> Result<T, StoreError> {
    let writing = database.begin_write().map_err(told)?;
    let table = writing.open_table(TABLE).map_err(told)?;
    let mut shelf = Writing { table, torn: None };
    let outcome = write(&mut shelf);
    let torn = shelf.torn.take();
    drop(shelf);
    if let Some(error) = torn {
        return Err(error);
    }
    writing.commit().map_err(told)?;
    Ok(outcome)
}

struct Reading(redb::ReadOnlyTable<&'static [u8; KEY_LENGTH], &'static [u8]>);

impl Look for Reading {
    fn get(&self, key: &Key) -> Result<Option<Entry>, StoreError> {
        get(&self.0, key)
    }

    fn keys_after(&self, after: Option<&Key>, limit: usize) -> Result<Vec<(Key, Timestamp)>, StoreError> {
        keys_after(&self.0, after, limit)
    }
}

struct Writing<'a> {
    table: Table<'a, &'static [u8; KEY_LENGTH], &'static [u8]>,
    /// A transition was applied in part: nothing of this transaction may stay.
    torn: Option<StoreError>,
}

impl Look for Writing<'_> {
    fn get(&self, key: &Key) -> Result<Option<Entry>, StoreError> {
        get(&self.table, key)
    }

    fn keys_after(&self, after: Option<&Key>, limit: usize) -> Result<Vec<(Key, Timestamp)>, StoreError> {
        keys_after(&self.table, after, limit)
    }
}

impl Shelf for Writing<'_> {
    fn apply(&mut self, changes: Changes) -> Result<(), StoreError> {
        for (Key(key), entry) in changes {
            let done = match entry {
                Some(entry) => {
                    let mut value = Vec::with_capacity(8 + entry.value.len());
                    value.extend_from_slice(&entry.expires.0.to_be_bytes());
                    value.extend_from_slice(&entry.value);
                    self.table.insert(&key, value.as_slice()).map(drop)
                }
                None => self.table.remove(&key).map(drop),
            };
            if let Err(error) = done {
                let error = told(error);
                let first = again(&error);
                self.torn = Some(first);
                return Err(error);
            }
        }
        Ok(())
    }
}

/// Both kinds of table.
trait Rows: ReadableTable<&'static [u8; KEY_LENGTH], &'static [u8]> {}

impl<T: ReadableTable<&'static [u8; KEY_LENGTH], &'static [u8]>> Rows for T {}

fn get(table: &impl Rows, key: &Key) -> Result<Option<Entry>, StoreError> {
    let found = table.get(&key.0).map_err(told)?;
    Ok(found.and_then(|found| entry(found.value())))
}

fn keys_after(
    table: &impl Rows,
    after: Option<&Key>,
    limit: usize,
) -> Result<Vec<(Key, Timestamp)>, StoreError> {
    let from = after.map_or(Bound::Unbounded, |key| Bound::Excluded(&key.0));
    let bounds = (from, Bound::Unbounded);
    let mut keys = Vec::with_capacity(limit);
    for row in table
        .range::<&[u8; KEY_LENGTH]>(bounds)
        .map_err(told)?
        .take(limit)
    {
        let (key, value) = row.map_err(told)?;
        let expires = expiry(value.value()).map_or(Timestamp(0), |(expires, _)| expires);
        keys.push((Key(*key.value()), expires));
    }
    Ok(keys)
}

/// A value is the time it expires, then what a step wrote.
fn expiry(value: &[u8]) -> Option<(Timestamp, &[u8])> {
    let (expires, value) = value.split_first_chunk::<8>()?;
    Some((Timestamp(u64::from_be_bytes(*expires)), value))
}

fn entry(value: &[u8]) -> Option<Entry> {
    let (expires, value) = expiry(value)?;
    let value = Bytes::copy_from_slice(value);
    Some(Entry { expires, value })
}

/// A full disk is told apart: what is on it can still be read.
fn told(error: impl Into<redb::Error>) -> StoreError {
    match error.into() {
        redb::Error::Io(error) if is_full(&error) => StoreError::Full,
        error => StoreError::Disk {
            context: "the ticket file cannot be read or written".to_owned(),
            source: Box::new(error),
        },
    }
}

/// The same error for one more of those who waited.
pub(super) fn again(error: &StoreError) -> StoreError {
    match error {
        StoreError::Full => StoreError::Full,
        error => StoreError::Disk {
            context: error.to_string(),
            source: std::error::Error::source(error)
                .map_or_else(|| error.to_string(), ToString::to_string)
                .into(),
        },
    }
}

fn is_full(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}

fn disk(context: String) -> StoreError {
    StoreError::Disk {
        source: context.clone().into(),
        context,
    }
}

#[cfg(test)]
mod tests {
    use super::super::shelf::Kind;
    use super::*;
    use crate::tickets::digest::Digest;

    #[test]
    fn a_large_file_that_is_mostly_empty_shrinks_when_it_is_opened() {
        let name = format!("mereau-compacts-{}.redb", std::process::id());
        let path = std::env::temp_dir().join(name);
        let keys: Vec<Key> = (0..2000u128)
            .map(|n| Key::new(Kind::Session, Digest(n.to_be_bytes())))
            .collect();
        let entry = Entry {
            expires: Timestamp(1),
            value: Bytes::from(vec![7; 2000]),
        };
        let database = open(&path, u64::MAX).expect("a new file");
        let filled = keys.iter().map(|key| (*key, Some(entry.clone()))).collect();
        change(&database, |shelf| shelf.apply(filled))
            .expect("written")
            .expect("filled");
        let emptied = keys[1..].iter().map(|key| (*key, None)).collect();
        change(&database, |shelf| shelf.apply(emptied))
            .expect("written")
            .expect("emptied");
        drop(database);
        let before = std::fs::metadata(&path).expect("the file").len();
        let database = open(&path, 1 << 20).expect("the same file");
        let kept = look(&database, |shelf| shelf.get(&keys[0])).expect("readable");
        assert_eq!(kept, Some(entry));
        drop(database);
        let after = std::fs::metadata(&path).expect("the file").len();
        let _ = std::fs::remove_file(&path);
        assert!(after < before / 2, "{before} bytes became {after}");
    }
}
