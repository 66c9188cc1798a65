//! Looks once an hour whether the audit's file is as it was written, and sets a number by it; `mereau audit
//! verify` says where it is not. Of a file that was moved away it knows nothing.

use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::audit::verify::Walk;
use crate::base::keys::KeyRing;
use crate::metrics::Metrics;

/// Between two looks. A year's file of a million lines takes seconds of one core.
const EVERY: Duration = Duration::from_secs(3600);

/// From the start to the first look.
const FIRST: Duration = Duration::from_secs(5);

/// The watch of one file.
pub struct AuditWatch {
    file: PathBuf,
    keys: KeyRing,
    metrics: Arc<Metrics>,
    /// The file that was seen last, and its length then: it only grows.
    seen: Mutex<Option<(u64, u64)>>,
}

impl AuditWatch {
    pub fn new(file: PathBuf, keys: KeyRing, metrics: Arc<Metrics>) -> AuditWatch {
        AuditWatch {
            file,
            keys,
            metrics,
            seen: Mutex::default(),
        }
    }

    /// Looks until `stopping`.
    pub async fn run(self, stopping: CancellationToken) {
        let watch = Arc::new(self);
        let mut pause = FIRST;
        loop {
            tokio::select! {
                () = stopping.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
            let looking = Arc::clone(&watch);
            // A walk of a long file takes a core for seconds.
            let _ = tokio::task::spawn_blocking(move || looking.look()).await;
            pause = EVERY;
        }
    }

    /// Walks the file; one that cannot be read tells nothing.
    pub fn look(&self) {
        let Ok(broken) = self.broken() else { return };
        let before = self.metrics.audit_broken.value();
        self.metrics.audit_broken.set(f64::from(u8::from(broken > 0)));
        if broken > 0 && before != Some(1.0) {
            tracing::error!(
                event = "audit_chain_broken",
                file = %self.file.display(),
                places = broken,
                "the audit is not as it was written: mereau audit verify"
            );
        }
    }

    /// In how many places the file is not what was written.
    fn broken(&self) -> io::Result<usize> {
        let file = File::open(&self.file)?;
        // Who writes holds it for himself: up to here are whole lines.
        file.lock_shared()?;
        let about = file.metadata()?;
        file.unlock()?;
        let now = (number_of(&about), about.len());
        let before = {
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.replace(now)
        };
        let cut = before.is_some_and(|(file, length)| file == now.0 && length > now.1);
        let mut walk = Walk::new(&self.keys);
        let findings = walk.file(BufReader::new(file.take(about.len())), |_| {})?;
        let broken = findings.iter().filter(|finding| finding.broken).count();
        Ok(broken + usize::from(cut))
    }
}

#[cfg(unix)]
fn number_of(about: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(about)
}

#[cfg(not(unix))]
fn number_of(_about: &fs::Metadata) -> u64 {
    0
}
