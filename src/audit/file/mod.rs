//! The audit's file: JSON lines in a chain, appended by a thread of its own, so that no request waits
//! for a disk.

mod book;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

pub use self::book::AuditFileError;
use self::book::Book;
use super::{Audit, Record};
use crate::base::clock::Clock;
use crate::base::entropy::Entropy;
use crate::base::keys::KeyRing;

/// Events that wait for the disk beyond this many are lost, and counted.
const MOST_WAITING: usize = 16 * 1024;

/// Lines written in one go.
const BATCH: usize = 1024;

/// What a power failure can lose: what the program wrote survives its own death.
const UNSYNCED: Duration = Duration::from_secs(1);

enum Message {
    Record(Box<Record>),
    Reopen,
    Finish(SyncSender<()>),
}

/// Appends events to a file that only its owner may read and write.
pub struct FileAudit {
    path: PathBuf,
    queue: SyncSender<Message>,
    lost: Arc<Lost>,
}

/// Events that could not be written.
#[derive(Default)]
struct Lost {
    /// That the file does not tell of yet.
    untold: AtomicU64,
    ever: AtomicU64,
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
        })
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
        asked && wait.recv_timeout(patience).is_ok()
    }
}

impl Audit for FileAudit {
    fn record(&self, record: Record) {
        if self.queue.try_send(Message::Record(Box::new(record))).is_err() {
            self.lost.untold.fetch_add(1, Ordering::Relaxed);
            self.lost.ever.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn lost(&self) -> Option<u64> {
        Some(self.lost.ever.load(Ordering::Relaxed))
    }
}

fn run(mut book: Book, messages: &Receiver<Message>, lost: &Lost) {
    let mut unsynced = false;
    loop {
        let first = match unsynced {
            false => messages.recv().map_err(|_| RecvTimeoutError::Disconnected),
            true => messages.recv_timeout(UNSYNCED),
        };
        let mut batch = Vec::new();
        let mut other = None;
        match first {
            Ok(Message::Record(record)) => batch.push(record),
            Ok(message) => other = Some(message),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return book.sync(),
        }
        while other.is_none() && !batch.is_empty() && batch.len() < BATCH {
            match messages.try_recv() {
                Ok(Message::Record(record)) => batch.push(record),
                Ok(message) => other = Some(message),
                Err(_) => break,
            }
        }
        let wrote = !batch.is_empty();
        if !book.write(&batch, &lost.untold) {
            let gone = u64::try_from(batch.len()).unwrap_or(u64::MAX);
            lost.ever.fetch_add(gone, Ordering::Relaxed);
        }
        // At most a second goes by without a sync, however many events come.
        unsynced = wrote && !book.sync_if_due(UNSYNCED);
        if !wrote && other.is_none() {
            book.sync();
        }
        match other {
            Some(Message::Reopen) => book.reopen(),
            Some(Message::Finish(done)) => {
                book.sync();
                unsynced = false;
                let _ = done.try_send(());
            }
            Some(Message::Record(_)) | None => {}
        }
    }
}

#[cfg(test)]
mod tests;
