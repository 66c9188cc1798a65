//! The audit's file: JSON lines in a chain, appended by a thread of its own, so that no request waits
//! for a disk. What the disk does not take waits in memory.

mod book;

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use tokio::sync::oneshot;

pub use self::book::AuditFileError;
use self::book::Book;
use super::{Audit, Record};
use crate::base::clock::Clock;
use crate::base::entropy::Entropy;
use crate::base::keys::KeyRing;

/// Events that wait for the disk beyond this many are lost, the oldest first, and counted.
const MOST_WAITING: usize = 16 * 1024;

/// Lines written in one go.
const BATCH: usize = 1024;

/// What a power failure can lose: what the program wrote survives its own death.
const UNSYNCED: Duration = Duration::from_secs(1);

/// Between two tries on a disk that takes nothing, unless somebody waits for the answer.
const RETRY: Duration = Duration::from_secs(1);

/// How long an answer of the disk is waited for.
const PATIENCE: Duration = Duration::from_secs(2);

enum Message {
    Record(Box<Record>),
    Reopen,
    /// Whether everything is written and more could be.
    Keeps(oneshot::Sender<bool>),
    Finish(SyncSender<bool>),
}

/// Appends events to a file that only its owner may read and write.
pub struct FileAudit {
    path: PathBuf,
    queue: SyncSender<Message>,
    lost: Arc<Lost>,
    strict: bool,
}

/// Events that could not be written.
#[derive(Default)]
struct Lost {
    /// That the file does not tell of yet.
    untold: AtomicU64,
    ever: AtomicU64,
    /// That wait for the disk after it has failed.
    waiting: AtomicU64,
}

impl Lost {
    fn add(&self, more: usize) {
        let more = u64::try_from(more).unwrap_or(u64::MAX);
        self.untold.fetch_add(more, Ordering::Relaxed);
        self.ever.fetch_add(more, Ordering::Relaxed);
    }
}

impl FileAudit {
    /// Opens the file, made when it is not there, and begins or resumes its chain. The thread ends
    /// with the last handle.
    pub fn open(
        path: &Path,
        keys: KeyRing,
        clock: Arc<dyn Clock>,
        entropy: &dyn Entropy,
    ) -> Result<FileAudit, AuditFileError> {
        let book = Book::open(path, keys, clock, entropy)?;
        let (queue, messages) = sync_channel(MOST_WAITING);
        let lost: Arc<Lost> = Arc::default();
        let counted = Arc::clone(&lost);
        std::thread::Builder::new()
            .name("audit".to_owned())
            .stack_size(256 * 1024)
            .spawn(move || run(book, &messages, &counted))?;
        Ok(FileAudit {
            path: path.to_owned(),
            queue,
            lost,
            strict: false,
        })
    }

    /// Lets nobody sign in whose event could not be written.
    pub fn strict(self, strict: bool) -> FileAudit {
        FileAudit { strict, ..self }
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// For SIGHUP: goes on in a new file where the old one was moved away, else does nothing. Waits
    /// for nothing.
    pub fn reopen(&self) {
        if self.queue.try_send(Message::Reopen).is_err() {
            tracing::error!("the audit is too far behind to look for its file again; send SIGHUP again");
        }
    }

    /// Waits until all events so far are on the disk, or `patience` is over; blocks the thread.
    pub fn finish(&self, patience: Duration) -> bool {
        let (done, wait) = sync_channel(1);
        let asked = self.queue.try_send(Message::Finish(done)).is_ok();
        asked && wait.recv_timeout(patience) == Ok(true)
    }
}

#[async_trait]
impl Audit for FileAudit {
    fn record(&self, record: Record) {
        if self.queue.try_send(Message::Record(Box::new(record))).is_err() {
            self.lost.add(1);
        }
    }

    async fn keeps(&self) -> bool {
        let (told, answer) = oneshot::channel();
        let asked = self.queue.try_send(Message::Keeps(told)).is_ok();
        asked && matches!(tokio::time::timeout(PATIENCE, answer).await, Ok(Ok(true)))
    }

    async fn lets_sign_in(&self) -> bool {
        !self.strict || self.keeps().await
    }

    fn waiting(&self) -> Option<u64> {
        Some(self.lost.waiting.load(Ordering::Relaxed))
    }

    fn lost(&self) -> Option<u64> {
        Some(self.lost.ever.load(Ordering::Relaxed))
    }
}

fn run(book: Book, messages: &Receiver<Message>, lost: &Lost) {
    let mut desk = Desk {
        book,
        lost,
        waiting: VecDeque::new(),
        tried: None,
    };
    let mut unsynced = false;
    loop {
        let first = match unsynced || !desk.waiting.is_empty() {
            false => messages.recv().map_err(|_| RecvTimeoutError::Disconnected),
            true => messages.recv_timeout(UNSYNCED),
        };
        let mut batch = Vec::new();
        let mut other = None;
        let mut over = false;
        match first {
            Ok(Message::Record(record)) => batch.push(record),
            Ok(message) => other = Some(message),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => over = true,
        }
        while other.is_none() && !batch.is_empty() && batch.len() < BATCH {
            match messages.try_recv() {
                Ok(Message::Record(record)) => batch.push(record),
                Ok(message) => other = Some(message),
                Err(_) => break,
            }
        }
        let wrote = desk.write(batch, other.is_some() || over);
        // At most a second goes by without a sync, however many events come.
        unsynced = wrote && !desk.book.sync_if_due(UNSYNCED);
        if over || (!wrote && other.is_none()) {
            desk.book.sync();
        }
        match other {
            Some(Message::Reopen) => desk.book.reopen(),
            Some(Message::Keeps(told)) => {
                let _ = told.send(desk.waiting.is_empty() && desk.book.has_room());
            }
            Some(Message::Finish(done)) => {
                desk.book.sync();
                unsynced = false;
                let _ = done.try_send(desk.waiting.is_empty());
            }
            Some(Message::Record(_)) | None => {}
        }
        if over {
            return;
        }
    }
}

/// The book, and what it could not take yet.
struct Desk<'a> {
    book: Book,
    lost: &'a Lost,
    waiting: VecDeque<Box<Record>>,
    /// The last try that failed.
    tried: Option<Instant>,
}

impl Desk<'_> {
    /// Writes what waits and then the batch; what cannot be written waits. Whether anything was written. A disk
    /// that has just failed is tried again only `at_once`.
    fn write(&mut self, batch: impl IntoIterator<Item = Box<Record>>, at_once: bool) -> bool {
        self.waiting.extend(batch);
        let soon = self.tried.is_some_and(|tried| tried.elapsed() < RETRY);
        let mut wrote = false;
        while !self.waiting.is_empty() && (at_once || !soon) {
            let count = self.waiting.len().min(BATCH);
            let next = self.waiting.make_contiguous().get(..count).unwrap_or_default();
            if !self.book.write(next, &self.lost.untold) {
                self.tried = Some(Instant::now());
                break;
            }
            self.tried = None;
            self.waiting.drain(..count);
            wrote = true;
        }
        let excess = self.waiting.len().saturating_sub(MOST_WAITING);
        self.waiting.drain(..excess);
        self.lost.add(excess);
        let left = u64::try_from(self.waiting.len()).unwrap_or(u64::MAX);
        self.lost.waiting.store(left, Ordering::Relaxed);
        wrote
    }
}

#[cfg(test)]
mod tests;
