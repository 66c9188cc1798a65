//! The key ring from its files.

use std::path::Path;

use crate::base::key_file;
use crate::base::keys::{KeyRing, RootKey};
use crate::config::problem::Problems;
use crate::config::secrets::{self, Readers};
use crate::config::sections::{AuditSection, KeysSection, ServerFile};
use crate::config::settings::{KeyFiles, TicketsSettings};
use crate::config::source::Place;

/// The active key, the one before, and the next.
const MOST_KEYS: usize = 3;

/// `Some(None)` when no file is named.
pub fn ring(section: &KeysSection, problems: &mut Problems) -> Option<Option<KeyRing>> {
    let files = &section.files;
    if files.len() > MOST_KEYS {
        problems.add(
            &files.place,
            "there are more keys than are ever needed",
            "three at most: the one that seals, the one before, and the next one",
        );
        return None;
    }
    let read: Vec<Option<RootKey>> = files
        .iter()
        .map(|path| key(&path.0, &files.place, problems))
        .collect();
    let names = match &section.names.value {
        None => None,
        Some(path) => Some(key(&path.0, &section.names.place, problems)?),
    };
    let mut keys = read.into_iter().collect::<Option<Vec<RootKey>>>()?.into_iter();
    let Some(active) = keys.next() else {
        if names.is_some() {
            problems.add(
                &section.names.place,
                "a key of names is of no use without one that seals",
                "[keys] files = [\"keys/1.key\"], too",
            );
            return None;
        }
        return Some(None);
    };
    let others: Vec<RootKey> = keys.collect();
    let ids = std::iter::once(&active).chain(&others).map(|key| key.id);
    let distinct: std::collections::BTreeSet<u8> = ids.collect();
    if distinct.len() <= others.len() {
        problems.add(
            &files.place,
            "two of these keys are the same, or look the same to the server",
            "each key once; where they differ, another one made by: mereau keys new FILE",
        );
        return None;
    }
    Some(Some(match names {
        Some(names) => KeyRing::with_names(active, others, &names),
        None => KeyRing::new(active, others),
    }))
}

fn key(path: &Path, place: &Place, problems: &mut Problems) -> Option<RootKey> {
    let text = secrets::private_file(path, place, Readers::Owner, problems)?;
    let key = key_file::parse(&text);
    if key.is_none() {
        problems.add(
            place,
            format!("{} does not hold a key", path.display()),
            "the path of a file made by: mereau keys new FILE",
        );
    }
    key
}

/// The files, for those who look at them: in the order of the ring, then the one of names.
pub fn files(section: &KeysSection) -> KeyFiles {
    KeyFiles {
        ring: section.files.iter().map(|path| path.0.clone()).collect(),
        names: section.names.value.as_ref().map(|path| path.0.clone()),
    }
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
