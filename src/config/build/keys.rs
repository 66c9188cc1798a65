//! The key ring from its files.

use crate::base::key_file;
use crate::base::keys::{KeyRing, RootKey};
use crate::config::problem::Problems;
use crate::config::secrets::{self, Readers};
use crate::config::sections::{AuditSection, KeysSection, ServerFile};
use crate::config::settings::TicketsSettings;

/// The active key and the two before it.
const MOST_KEYS: usize = 3;

/// `Some(None)` when no file is named.
pub fn ring(section: &KeysSection, problems: &mut Problems) -> Option<Option<KeyRing>> {
    let files = &section.files;
    if files.len() > MOST_KEYS {
        problems.add(
            &files.place,
            "there are more keys than are ever needed",
            "the newest three, the newest first",
        );
        return None;
    }
    let read: Vec<Option<RootKey>> = files
        .iter()
        .map(|path| {
            let text = secrets::private_file(&path.0, &files.place, Readers::Owner, problems)?;
            let key = key_file::parse(&text);
            if key.is_none() {
                problems.add(
                    &files.place,
                    format!("{} does not hold a key", path.0.display()),
                    "the path of a file made by: mereau keys new FILE",
                );
            }
            key
        })
        .collect();
    let mut keys = read.into_iter().collect::<Option<Vec<RootKey>>>()?.into_iter();
    let Some(active) = keys.next() else {
        return Some(None);
    };
    let older: Vec<RootKey> = keys.collect();
    let ids = std::iter::once(&active).chain(&older).map(|key| key.id);
    let distinct: std::collections::BTreeSet<u8> = ids.collect();
    if distinct.len() <= older.len() {
        problems.add(
            &files.place,
            "two of these keys are the same, or look the same to the server",
            "each key once; where they differ, another one made by: mereau keys new FILE",
        );
        return None;
    }
    Some(Some(KeyRing::new(active, older)))
}

/// Nobody could ever verify a chain whose key is forgotten.
pub fn check_audit(section: &AuditSection, problems: &mut Problems) {
    if section.file.value.is_some() {
        problems.add(
            &section.file.place,
            "this file's chain needs a key that outlives the server: [keys] has no files",
            "[keys] files = [\"keys/1.key\"], made by: mereau keys new FILE; or no [audit] file",
        );
    }
}

/// A store that outlives the process, or is shared with other nodes, needs keys that do, too.
pub fn check_needed(file: &ServerFile, tickets: &TicketsSettings, problems: &mut Problems) {
    if matches!(tickets, TicketsSettings::Memory) {
        problems.warn(
            &file.tickets.url.place,
            "sessions and keys are forgotten when the server stops",
            "\"embedded:/folder\" or \"redis://…\", and [keys]",
        );
        return;
    }
    problems.add(
        &file.tickets.url.place,
        "this store outlives the server, or is shared between several, but no key does: [keys] has no files",
        "[keys] files = [\"keys/1.key\"], made by: mereau keys new FILE, the same on every node",
    );
}
