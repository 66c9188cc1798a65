//! Every key that can be written, as a flat list: which file, its dotted path, what it is. Made from the
//! types, as the reference is; what an operator wrote is `written`'s.

mod bounds;
mod diff;
mod explain;
mod kinds;
mod listing;
mod schema;
mod sheets;
mod written;

pub use diff::{Difference, differences};
pub use explain::{Explained, Now, explain};
pub use listing::{Listed, listing};
pub use schema::schema;

use super::read::{Entries, Entry, Shape};
use super::sections::{InstitutionsFile, RealmFile, ServerFile, ServiceFile};

/// A sort of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileKind {
    Server,
    Realm,
    Institutions,
    Service,
}

impl FileKind {
    pub const ALL: [FileKind; 4] = [
        FileKind::Server,
        FileKind::Realm,
        FileKind::Institutions,
        FileKind::Service,
    ];

    /// As the reference names it.
    pub fn name(self) -> &'static str {
        match self {
            FileKind::Server => "server.toml",
            FileKind::Realm => "realms/NAME.toml",
            FileKind::Institutions => "institutions.toml",
            FileKind::Service => "services/NAME.toml",
        }
    }

    /// One word for it.
    pub fn word(self) -> &'static str {
        match self {
            FileKind::Server => "server",
            FileKind::Realm => "realm",
            FileKind::Institutions => "institutions",
            FileKind::Service => "service",
        }
    }

    pub(super) fn entries(self) -> Entries {
        match self {
            FileKind::Server => ServerFile::entries,
            FileKind::Realm => RealmFile::entries,
            FileKind::Institutions => InstitutionsFile::entries,
            FileKind::Service => ServiceFile::entries,
        }
    }
}

/// A key, or a section.
pub struct Known {
    pub file: FileKind,
    /// Dotted, the name of the key last.
    pub path: String,
    pub doc: &'static [&'static str],
    /// What is written there; `None` for a section.
    pub kind: Option<String>,
    /// A section that may be there several times.
    pub list: bool,
    pub default: Option<&'static str>,
    pub example: Option<&'static str>,
    pub required: bool,
    pub bounds: Option<(i128, i128)>,
}

/// All of them, in the order of the reference.
pub fn known() -> Vec<Known> {
    let mut all = Vec::new();
    for file in FileKind::ALL {
        collect(file, "", file.entries()(), &mut all);
    }
    all
}

fn collect(file: FileKind, above: &str, entries: Vec<Entry>, all: &mut Vec<Known>) {
    for entry in entries {
        let path = joined(above, entry.key);
        let (kind, within): (Option<String>, Vec<Entries>) = match &entry.shape {
            Shape::Plain(kind) => (Some(kind.clone()), Vec::new()),
            Shape::Section(entries) | Shape::Sections(entries) => (None, vec![*entries]),
            Shape::Either(kinds) => (None, kinds.iter().map(|(_, entries)| *entries).collect()),
        };
        // A key that several kinds of a section have is one key.
        if all.iter().any(|known| known.file == file && known.path == path) {
            continue;
        }
        all.push(Known {
            file,
            path: path.clone(),
            doc: entry.doc,
            kind,
            list: matches!(entry.shape, Shape::Sections(_)),
            default: entry.default,
            example: entry.example,
            required: entry.required,
            bounds: bounds::of(file, &path, entry.bounds),
        });
        for entries in within {
            collect(file, &path, entries(), all);
        }
    }
}

fn joined(above: &str, key: &str) -> String {
    match above {
        "" => key.to_owned(),
        above => format!("{above}.{key}"),
    }
}
