//! The open file with the end of its chain. Several processes of one node may write to it in turn: a
//! server, and a command that sends a link; each looks where the other left off.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use data_encoding::HEXLOWER;
use serde::Serialize;
use tokio::time::Instant;

use crate::audit::chain::{self, Line, Mac, Place};
use crate::audit::record::{Record, time};
use crate::base::clock::Clock;
use crate::base::entropy::Entropy;
use crate::base::keys::KeyRing;
use crate::confine;

/// Longer than any line.
const TAIL: u64 = 64 * 1024;

/// Bytes that are room enough.
const ROOM: usize = 4096;

/// Why a file cannot be the audit's.
#[derive(Debug, thiserror::Error)]
pub enum AuditFileError {
    #[error("it cannot be opened or written")]
    Io(#[from] io::Error),
    #[error("its last lines are no audit: it is another file, or was damaged; move it away")]
    NotOurs,
    #[error("others may read it (its mode is {0:04o}); chmod 600")]
    TooOpen(u32),
    #[error("the key ring has no key to write with")]
    NoKey,
}

pub struct Book {
    path: PathBuf,
    keys: KeyRing,
    clock: Arc<dyn Clock>,
    /// None after a failure, until the next try.
    file: Option<File>,
    end: End,
    synced: Instant,
    /// Told once until it works again.
    failing: bool,
}

/// Where the chain stands.
#[derive(Clone)]
struct End {
    chain: String,
    next: u64,
    head: Mac,
    /// Bytes of the file when it stood there.
    length: u64,
}

/// Facts of a line that is about the chain.
#[derive(Serialize)]
struct Told {
    event: &'static str,
    time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    torn: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lost: Option<u64>,
    program: &'static str,
}

impl Book {
    pub fn open(
        path: &Path,
        keys: KeyRing,
        clock: Arc<dyn Clock>,
        entropy: &dyn Entropy,
    ) -> Result<Book, AuditFileError> {
        let mut name = [0; 8];
        entropy.fill(&mut name);
        let mut book = Book {
            path: path.to_owned(),
            keys,
            clock,
            file: None,
            end: End {
                chain: HEXLOWER.encode(&name),
                next: 0,
                head: chain::NOTHING,
                length: 0,
            },
            synced: Instant::now(),
            failing: false,
        };
        book.begin()?;
        Ok(book)
    }

    /// Opens the file and writes how the chain goes on there.
    fn begin(&mut self) -> Result<(), AuditFileError> {
        let file = private(&self.path)?;
        self.begin_in(file)
    }

    fn begin_in(&mut self, file: File) -> Result<(), AuditFileError> {
        file.lock()?;
        self.file = Some(file);
        let stood = self.end.clone();
        let begun = self.first_line();
        self.unlock();
        if begun.is_err() {
            self.file = None;
            // A line that is not there is not what the next one follows.
            self.end = stood;
        }
        begun
    }

    fn first_line(&mut self) -> Result<(), AuditFileError> {
        let (tail, length) = self.tail()?;
        let told = if length == 0 {
            self.end.length = 0;
            // A chain that this process wrote elsewhere goes on here.
            match self.end.next {
                0 => self.told(chain::STARTED),
                _ => Told {
                    after: Some(chain::encoded(&self.end.head)),
                    ..self.told(chain::CONTINUED)
                },
            }
        } else {
            let torn = self.take_up(&tail, length)?;
            Told {
                torn: (torn > 0).then_some(torn),
                ..self.told(chain::RESUMED)
            }
        };
        let mut text = String::new();
        if told.torn.is_some() {
            // What is there stays there; it only gets an end.
            text.push('\n');
        }
        self.add(&mut text, &told)?;
        self.put(&text)?;
        tracing::info!(
            file = %self.path.display(),
            line = self.end.next.saturating_sub(1),
            head = chain::encoded(&self.end.head),
            "{} in the audit's file",
            told.event
        );
        Ok(())
    }

    fn told(&self, event: &'static str) -> Told {
        Told {
            event,
            time: time(self.clock.now()),
            after: None,
            torn: None,
            lost: None,
            program: env!("CARGO_PKG_VERSION"),
        }
    }

    /// Stands at the end of what another process, or an earlier one, has written: the bytes behind the
    /// last whole line.
    fn take_up(&mut self, tail: &[u8], length: u64) -> Result<u64, AuditFileError> {
        let whole = tail
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |end| end + 1);
        let (lines, torn) = tail.split_at_checked(whole).unwrap_or_default();
        let mut lines = lines.split(|byte| *byte == b'\n').rev();
        // Torn lines of earlier times stand before a line of ours: the last is enough.
        let last = lines.find_map(Line::read).ok_or(AuditFileError::NotOurs)?;
        self.end = End {
            chain: last.place.chain,
            next: last.place.n + 1,
            head: last.mac,
            length,
        };
        Ok(u64::try_from(torn.len()).unwrap_or(u64::MAX))
    }

    fn tail(&mut self) -> io::Result<(Vec<u8>, u64)> {
        let file = self.file()?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
        let mut tail = Vec::new();
        file.take(TAIL).read_to_end(&mut tail)?;
        Ok((tail, length))
    }

    /// Writes a batch, with what was lost before it; whether it did, whole. Nothing of it is there otherwise,
    /// unless the file may only grow.
    pub fn write(&mut self, batch: &[Box<Record>], lost: &AtomicU64) -> bool {
        if batch.is_empty() {
            return true;
        }
        let gone = lost.swap(0, Ordering::Relaxed);
        match self.try_write(batch, gone) {
            Ok(()) => {
                if std::mem::take(&mut self.failing) {
                    tracing::info!("the audit's file is written again");
                }
                true
            }
            Err(error) => {
                self.file = None;
                lost.fetch_add(gone, Ordering::Relaxed);
                if !std::mem::replace(&mut self.failing, true) {
                    tracing::error!(error = &error as &dyn std::error::Error, file = %self.path.display(), "the audit's file cannot be written: events wait in memory");
                }
                false
            }
        }
    }

    fn try_write(&mut self, batch: &[Box<Record>], gone: u64) -> Result<(), AuditFileError> {
        if self.file.is_none() {
            self.begin()?;
        }
        self.file()?.lock()?;
        let stood = self.end.clone();
        let written = self.append(batch, gone);
        self.unlock();
        if written.is_err() {
            // Lines that are not there are not what the next one follows.
            self.end = stood;
        }
        written
    }

    fn append(&mut self, batch: &[Box<Record>], gone: u64) -> Result<(), AuditFileError> {
        let (mut text, length) = (String::new(), self.file()?.metadata()?.len());
        if length != self.end.length {
            let (tail, length) = self.tail()?;
            let torn = self.take_up(&tail, length)?;
            if torn > 0 {
                text.push('\n');
                let told = Told {
                    torn: Some(torn),
                    ..self.told(chain::RESUMED)
                };
                self.add(&mut text, &told)?;
            }
        }
        if gone > 0 {
            let told = Told {
                lost: Some(gone),
                ..self.told(chain::LOST)
            };
            self.add(&mut text, &told)?;
        }
        for record in batch {
            self.add(&mut text, &record.facts())?;
        }
        self.put(&text)
    }

    /// Appends a line to `text`; the chain then ends there.
    fn add(&mut self, text: &mut String, facts: &impl Serialize) -> Result<(), AuditFileError> {
        let place = Place {
            n: self.end.next,
            chain: self.end.chain.clone(),
            key: self.keys.active(),
        };
        let whole = |error: serde_json::Error| AuditFileError::Io(error.into());
        let place_text = serde_json::to_string(&place).map_err(whole)?;
        let facts = serde_json::to_string(facts).map_err(whole)?;
        let object = [
            place_text.trim_end_matches('}'),
            ",",
            facts
                .trim_start_matches('{')
                .strip_suffix('}')
                .unwrap_or_default(),
        ]
        .concat();
        let (line, mac) =
            chain::linked(&self.keys, place.key, &self.end.head, &object).ok_or(AuditFileError::NoKey)?;
        text.push_str(&line);
        self.end.next += 1;
        self.end.head = mac;
        Ok(())
    }

    fn put(&mut self, text: &str) -> Result<(), AuditFileError> {
        let before = self.end.length;
        let file = self.file()?;
        if let Err(error) = file.write_all(text.as_bytes()) {
            // What of it got there would be told twice later. Where a file may only grow, it is.
            let _ = file.set_len(before);
            return Err(error.into());
        }
        self.end.length = self.file()?.metadata()?.len();
        Ok(())
    }

    /// Whether another event could be written: as much as some lines is written beside the file and removed
    /// again.
    pub fn has_room(&mut self) -> bool {
        if self.file.is_none() && self.begin().is_err() {
            return false;
        }
        let beside = self.beside();
        let mut file = match made_anew(&beside) {
            Ok(file) => file,
            // A folder that is not ours: there the file itself must show it.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return true,
            Err(_) => return false,
        };
        let written = file.write_all(&[b'\n'; ROOM]);
        drop(file);
        let _ = std::fs::remove_file(&beside);
        written.is_ok()
    }

    /// A name that no other file has: the audit's own, and which process tries it.
    fn beside(&self) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(format!(".room-{}", std::process::id()));
        name.into()
    }

    /// Goes on in a new file when the path leads to another than the open one.
    pub fn reopen(&mut self) {
        let open = self.file.as_ref().and_then(|file| file.metadata().ok());
        let there = std::fs::metadata(&self.path).ok();
        if let (Some(open), Some(there)) = (&open, &there)
            && same(open, there)
        {
            return;
        }
        self.sync();
        if let Err(error) = self.begin() {
            self.failing = true;
            tracing::error!(error = &error as &dyn std::error::Error, file = %self.path.display(), "the audit's file cannot be opened again");
        }
    }

    pub fn sync(&mut self) {
        self.synced = Instant::now();
        if let Some(file) = &self.file
            && let Err(error) = file.sync_data()
        {
            tracing::error!(%error, "the audit's file may not be on the disk");
        }
    }

    /// Syncs when the last time is `after` ago; whether it did.
    pub fn sync_if_due(&mut self, after: Duration) -> bool {
        let due = self.synced.elapsed() >= after;
        if due {
            self.sync();
        }
        due
    }

    fn file(&mut self) -> io::Result<&mut File> {
        self.file
            .as_mut()
            .ok_or_else(|| io::ErrorKind::NotConnected.into())
    }

    fn unlock(&mut self) {
        if let Some(file) = &self.file {
            let _ = file.unlock();
        }
    }
}

/// Opens the file for appending; one that is made is its owner's alone.
fn private(path: &Path) -> Result<File, AuditFileError> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).inspect_err(confine::note)?;
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&file.metadata()?.permissions()) & 0o7777;
        // A group that may read is the operator's choice: auditors are not the server's user.
        if mode & 0o027 != 0 {
            return Err(AuditFileError::TooOpen(mode));
        }
    }
    Ok(file)
}

/// A file that was not there before, its owner's alone. What a process of this name left behind when it was
/// killed is taken away first.
fn made_anew(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            std::fs::remove_file(path)?;
            options.open(path)
        }
        made => made,
    }
}

#[cfg(unix)]
fn same(one: &std::fs::Metadata, other: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

#[cfg(not(unix))]
fn same(_one: &std::fs::Metadata, _other: &std::fs::Metadata) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;
    use zeroize::Zeroizing;

    use super::*;
    use crate::audit::Event;
    use crate::audit::verify::Walk;
    use crate::base::clock::{HandClock, Timestamp};
    use crate::base::entropy::SeededEntropy;
    use crate::base::keys::RootKey;

    fn keys() -> KeyRing {
        let bytes = Zeroizing::new([1; 32]);
        KeyRing::new(RootKey { id: 1, bytes }, vec![])
    }

    fn opened(folder: &TempDir, name: &str) -> Book {
        let clock = Arc::new(HandClock::at(Timestamp(1_795_000_000_123)));
        match Book::open(&folder.path().join(name), keys(), clock, &SeededEntropy::new(7)) {
            Ok(book) => book,
            Err(error) => panic!("{error}"),
        }
    }

    fn wrote(book: &mut Book) -> bool {
        let record = Record::of(Event::SignedIn, Timestamp(1_795_000_000_123));
        book.write(&[Box::new(record)], &AtomicU64::new(0))
    }

    #[test]
    fn a_first_line_that_the_disk_does_not_take_is_not_what_the_chain_goes_on_from() {
        // SEC-89, F-26
        let folder = tempfile::tempdir().unwrap();
        let mut book = opened(&folder, "audit.jsonl");
        assert!(wrote(&mut book));
        let (now, moved) = (folder.path().join("audit.jsonl"), folder.path().join("audit.1"));
        fs::rename(&now, &moved).unwrap();
        for _ in 0..3 {
            // A file that takes nothing, as on a full disk.
            let full = private(&now).and_then(|_| Ok(File::open(&now)?)).unwrap();
            assert!(book.begin_in(full).is_err());
        }
        assert!(wrote(&mut book));
        let keys = keys();
        let mut walk = Walk::new(&keys);
        for file in [moved, now] {
            let found = walk.file(&*fs::read(file).unwrap(), |_| {}).unwrap();
            assert!(found.iter().all(|finding| !finding.broken), "{found:?}");
        }
        assert_eq!(walk.head().map(|(number, _)| number), Some(3));
    }

    #[test]
    fn looking_for_room_touches_no_other_file_and_leaves_none() {
        // F-26
        let folder = tempfile::tempdir().unwrap();
        let mut book = opened(&folder, "audit.probe");
        assert!(wrote(&mut book));
        let before = fs::read(folder.path().join("audit.probe")).unwrap();
        let precious = folder.path().join("precious");
        fs::write(&precious, "x").unwrap();
        // What lies there is taken away and not followed.
        std::os::unix::fs::symlink(&precious, book.beside()).unwrap();
        assert!(book.has_room());
        assert_eq!(fs::read(folder.path().join("audit.probe")).unwrap(), before);
        assert_eq!(fs::read(&precious).unwrap(), b"x");
        assert!(!book.beside().exists() && fs::read_dir(folder.path()).unwrap().count() == 2);
        let made = made_anew(&book.beside()).unwrap().metadata().unwrap();
        let mode = std::os::unix::fs::PermissionsExt::mode(&made.permissions());
        assert_eq!(mode & 0o777, 0o600);
    }
}
