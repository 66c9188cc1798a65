//! The files that hold secrets, and the folders they lie in: who may read them, who may put others in their
//! place; and the keys among them. Contents are not looked at.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::base::clock::{Timestamp, millis};
use crate::base::keys::KeyRing;
use crate::cli::findings::{Finding, codes};
use crate::config::{PrivateFile, Settings, TicketsSettings};

/// A key is replaced after this long (reliability §5.2).
const KEY_LIFE: Duration = Duration::from_secs(90 * DAY);
const DAY: u64 = 24 * 3600;

/// The mode bits of a folder whose files its group, or others, may replace; and of one where only the owner of
/// a file may.
const WRITABLE: u32 = 0o022;
const STICKY: u32 = 0o1000;

/// Secret files, the server's own file, and folders of state.
pub fn look(config: &Path, private: &[PrivateFile], settings: &Settings) -> Vec<Finding> {
    let mut findings = Vec::new();
    let secrets: Vec<&Path> = private.iter().map(|file| file.path.as_path()).collect();
    if !secrets.is_empty() {
        let fact = format!(
            "{} files with secrets, none of which others may read",
            secrets.len()
        );
        findings.push(Finding::of(&codes::FILES, "files", fact, ""));
    }
    let mut folders = BTreeSet::new();
    for file in secrets
        .iter()
        .copied()
        .chain([config])
        .chain(settings.audit.as_deref())
    {
        folders.extend(file.parent().map(Path::to_owned));
    }
    findings.extend(folders.iter().filter_map(|folder| replaceable(folder)));
    findings.extend(open_to_write(config));
    if let TicketsSettings::Embedded(folder) = &settings.tickets {
        findings.extend(readable(folder, "sessions are in it"));
    }
    findings
}

/// The ring: which keys, how old, the same on every node.
pub fn keys(ring: Option<&KeyRing>, private: &[PrivateFile], now: Timestamp) -> Vec<Finding> {
    let Some(ring) = ring else {
        let fact = "no key is configured: the server makes one at its start and forgets it at its end";
        let mend = "mereau keys new FILE, and [keys] files = [\"FILE\"], the same on every node";
        return vec![Finding::of(&codes::KEYS_NONE, "keys", fact, mend)];
    };
    let ids: Vec<String> = ring.ids().map(|id| format!("{id:02x}")).collect();
    let mut ages = private
        .iter()
        .filter(|file| file.key.starts_with("keys."))
        .map(|file| age(&file.path, now));
    let newest = ages.next().flatten();
    let aged = newest.map_or(String::new(), |age| {
        format!(", the active one made {} days ago", age.as_secs() / DAY)
    });
    let fact = format!(
        "{} in the ring: {} (the active one first){aged}; every node must have the same",
        super::super::check::count(ids.len(), "key"),
        ids.join(", ")
    );
    let mut findings = vec![Finding::of(&codes::KEYS, "keys", fact, "")];
    if let Some(age) = newest.filter(|age| *age > KEY_LIFE) {
        let fact = format!(
            "the active key {} is {} days old",
            ids.first().map_or("", String::as_str),
            age.as_secs() / DAY
        );
        let mend = "mereau keys rotate, and the new file on every node; it takes the place of the oldest after 90 days";
        findings.push(Finding::of(&codes::KEYS_OLD, "keys", fact, mend));
    }
    findings
}

/// How long a file has been as it is.
fn age(path: &Path, now: Timestamp) -> Option<Duration> {
    let changed = std::fs::metadata(path).ok()?.modified().ok()?;
    let since_epoch = changed.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    Some(now.since(Timestamp(millis(since_epoch))))
}

fn replaceable(folder: &Path) -> Option<Finding> {
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let mode = mode(folder)?;
    (mode & WRITABLE != 0 && mode & STICKY == 0).then(|| {
        let fact = format!(
            "others may put files of theirs into {} (its mode is {mode:04o}), where secrets are",
            folder.display()
        );
        Finding::of(
            &codes::FILES_REPLACEABLE,
            "files",
            fact,
            format!("chmod go-w {}", folder.display()),
        )
    })
}

fn open_to_write(file: &Path) -> Option<Finding> {
    let mode = mode(file)?;
    (mode & WRITABLE != 0).then(|| {
        let fact = format!("others may write {} (its mode is {mode:04o})", file.display());
        Finding::of(
            &codes::FILES_REPLACEABLE,
            "files",
            fact,
            format!("chmod go-w {}", file.display()),
        )
    })
}

fn readable(folder: &Path, why: &str) -> Option<Finding> {
    let mode = mode(folder)?;
    (mode & 0o077 != 0).then(|| {
        let fact = format!(
            "others may look into {} (its mode is {mode:04o}), and {why}",
            folder.display()
        );
        Finding::of(
            &codes::FILES_READABLE,
            "files",
            fact,
            format!("chmod 700 {}", folder.display()),
        )
    })
}

#[cfg(unix)]
fn mode(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    Some(std::fs::metadata(path).ok()?.permissions().mode() & 0o7777)
}

#[cfg(not(unix))]
fn mode(_path: &Path) -> Option<u32> {
    None
}
