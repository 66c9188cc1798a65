//! The configuration's own version. This program reads its schema and the one before: keys that were renamed
//! since are taken under their new names, each with a warning, and [`migration`] writes the new names into
//! the files. What a key holds never changes its meaning under an old name: that takes a new key.

use std::ops::{Range, RangeInclusive};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::files::{self, open};
use super::outline::FileKind;
use super::problem::{Problem, Problems};
use super::source::{At, Place, Source};

/// What this program writes.
pub const SCHEMA: u32 = 1;

/// What it reads.
pub fn read_schemas() -> RangeInclusive<u32> {
    SCHEMA.saturating_sub(1).max(1)..=SCHEMA
}

/// A key of the schema before.
#[derive(Debug, Clone, Copy)]
pub(super) struct Renamed {
    pub file: FileKind,
    /// Dotted, with the sections it is in.
    pub from: &'static str,
    /// Its last word now.
    pub to: &'static str,
}

/// From the schema before to this one. The first schema has none before.
pub(super) const RENAMED: &[Renamed] = &[];

/// Where an old key stands, and its new name.
struct Found {
    span: Range<usize>,
    renamed: Renamed,
}

/// Gives old keys of a file their new names, and tells of each.
pub(super) fn carry(
    table: &mut DeTable<'_>,
    (file, source): (FileKind, &Arc<Source>),
    renamed: &[Renamed],
    problems: &mut Problems,
) {
    let start = Place::start_of(source);
    for Found { span, renamed } in rename(table, file, renamed) {
        let place = start.under(renamed.from, span);
        let wrong = format!("this key is called {} since schema {SCHEMA}", renamed.to);
        problems.warn(&place, wrong, "mereau config migrate --write");
    }
}

fn rename(table: &mut DeTable<'_>, file: FileKind, renamed: &[Renamed]) -> Vec<Found> {
    let mut found = Vec::new();
    for one in renamed.iter().filter(|one| one.file == file) {
        let words: Vec<&str> = one.from.split('.').collect();
        let mut spans = Vec::new();
        descend(table, &words, one.to, &mut spans);
        found.extend(spans.into_iter().map(|span| Found { span, renamed: *one }));
    }
    found
}

fn descend(table: &mut DeTable<'_>, words: &[&str], to: &'static str, spans: &mut Vec<Range<usize>>) {
    match words {
        [] => {}
        // Both names at once: the old one stays and is told as unknown.
        [key] if table.contains_key(to) || !table.contains_key(*key) => {}
        [key] => {
            if let Some((old, value)) = table.remove_entry(*key) {
                spans.push(old.span());
                table.insert(Spanned::new(old.span(), to.into()), value);
            }
        }
        [section, rest @ ..] => match table.get_mut(*section).map(Spanned::get_mut) {
            Some(DeValue::Table(inner)) => descend(inner, rest, to, spans),
            Some(DeValue::Array(items)) => {
                for item in items.iter_mut() {
                    if let DeValue::Table(inner) = item.get_mut() {
                        descend(inner, rest, to, spans);
                    }
                }
            }
            _ => {}
        },
    }
}

const LATER: &str = "this configuration was written for a later version than this program is";

/// Whether this program reads that schema at all.
pub(super) fn check(written: &At<u32>, problems: &mut Problems) {
    let readable = read_schemas();
    if readable.contains(&written.value) {
        return;
    }
    let wrong = match written.value > SCHEMA {
        true => LATER,
        false => "this configuration was written for a version long before this program",
    };
    let mend = match written.value > SCHEMA {
        true => "the program of that version".to_owned(),
        false => {
            format!("schema = {SCHEMA}, reached by mereau config migrate --write of each version on the way")
        }
    };
    problems.add(&written.place, wrong, mend);
}

/// One file that the current schema writes otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    pub path: PathBuf,
    /// What changes, one line each.
    pub changes: Vec<String>,
    /// The file's new text: nothing else of it is touched.
    pub text: String,
}

/// What brings a configuration to this schema.
pub fn migration(server: &Path) -> Result<Vec<Migration>, Vec<Problem>> {
    migrated(server, (SCHEMA, RENAMED))
}

fn migrated(server: &Path, (schema, renamed): (u32, &[Renamed])) -> Result<Vec<Migration>, Vec<Problem>> {
    let mut problems = Problems::default();
    let mut migrations = Vec::new();
    for (file, path) in files::all(server, &mut problems) {
        let Some(source) = open(&path, &mut problems) else {
            continue;
        };
        let Some(mut table) = files::toml(&source, &mut problems) else {
            continue;
        };
        let mut edits: Vec<(Range<usize>, String)> = rename(&mut table, file, renamed)
            .into_iter()
            .map(|found| (found.span, found.renamed.to.to_owned()))
            .collect();
        if file == FileKind::Server {
            match number(&table, schema) {
                Number::Stays => {}
                Number::Becomes(span) if span.is_empty() => {
                    edits.push((span, format!("schema = {schema}\n")))
                }
                Number::Becomes(span) => edits.push((span, schema.to_string())),
                Number::Later(span) => {
                    let place = Place::start_of(&source).under("schema", span);
                    problems.add(&place, LATER, "the program of that version");
                }
            }
        }
        if !edits.is_empty() {
            migrations.push(edited(path, &source, edits));
        }
    }
    match problems.found.is_empty() {
        true => Ok(migrations),
        false => Err(problems.found),
    }
}

/// What becomes of the number of the schema.
enum Number {
    Stays,
    /// An empty span: it is not written yet.
    Becomes(Range<usize>),
    Later(Range<usize>),
}

/// A file without it is of the first schema.
fn number(table: &DeTable<'_>, schema: u32) -> Number {
    let Some(value) = table.get("schema") else {
        return match schema {
            1 => Number::Stays,
            _ => Number::Becomes(0..0),
        };
    };
    let written = value.get_ref().as_integer();
    let written = written.and_then(|number| u32::from_str_radix(number.as_str(), number.radix()).ok());
    match written {
        Some(written) if written == schema => Number::Stays,
        Some(written) if written < schema => Number::Becomes(value.span()),
        _ => Number::Later(value.span()),
    }
}

fn edited(path: PathBuf, source: &Source, mut edits: Vec<(Range<usize>, String)>) -> Migration {
    edits.sort_by_key(|(span, _)| span.start);
    let mut changes = Vec::new();
    let mut text = source.text.clone();
    for (span, new) in edits.iter().rev() {
        let old = source.text.get(span.clone()).unwrap_or_default();
        let (line, _) = source.position(span.start);
        changes.push(match old {
            "" => format!("{}:{line}: {}", path.display(), new.trim_end()),
            old => format!("{}:{line}: {old} → {new}", path.display()),
        });
        text.replace_range(span.clone(), new);
    }
    changes.reverse();
    Migration { path, changes, text }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &[Renamed] = &[
        Renamed {
            file: FileKind::Server,
            from: "server.address",
            to: "listen",
        },
        Renamed {
            file: FileKind::Server,
            from: "rest.clients.limit",
            to: "requests_a_minute",
        },
    ];

    const TEXT: &str = "# ours\n[server]\naddress = \"127.0.0.1:1\" # here\n\
                        [[rest.clients]]\nlimit = 1\n[[rest.clients]]\nlimit = 2\n";

    fn source() -> Arc<Source> {
        Arc::new(Source {
            path: "server.toml".into(),
            text: TEXT.to_owned(),
        })
    }

    #[test]
    fn old_keys_are_read_under_their_new_names_and_each_is_told() {
        let source = source();
        let mut problems = Problems::default();
        let mut table = files::toml(&source, &mut problems).expect("TOML");
        carry(&mut table, (FileKind::Server, &source), OLD, &mut problems);
        assert!(problems.found.is_empty());
        let told: Vec<(usize, &str)> = problems
            .warnings
            .iter()
            .map(|warning| (warning.line, warning.key.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                (3, "server.address"),
                (5, "rest.clients.limit"),
                (7, "rest.clients.limit")
            ]
        );
        let server = table.get("server").and_then(|server| server.get_ref().as_table());
        assert!(
            server.is_some_and(|server| server.contains_key("listen") && !server.contains_key("address"))
        );
    }

    #[test]
    fn a_migration_changes_names_and_the_number_and_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let server = folder.path().join("server.toml");
        std::fs::write(&server, TEXT).expect("a file");
        let migrations = migrated(&server, (2, OLD)).expect("a migration");
        assert_eq!(migrations.len(), 1);
        assert_eq!(migrations[0].changes.len(), 4, "{:?}", migrations[0].changes);
        let expected = format!(
            "schema = 2\n{}",
            TEXT.replace("address", "listen")
                .replace("limit", "requests_a_minute")
        );
        assert_eq!(migrations[0].text, expected);
        std::fs::write(&server, &migrations[0].text).expect("a file");
        assert_eq!(migrated(&server, (2, OLD)).expect("none"), []);
        assert!(migration(&server).is_err(), "there is no way back");
    }

    #[test]
    fn both_names_at_once_are_not_mended_silently() {
        let text = "[server]\naddress = \"a\"\nlisten = \"b\"\n";
        let source = Arc::new(Source {
            path: "server.toml".into(),
            text: text.to_owned(),
        });
        let mut problems = Problems::default();
        let mut table = files::toml(&source, &mut problems).expect("TOML");
        carry(&mut table, (FileKind::Server, &source), OLD, &mut problems);
        let server = table.get("server").and_then(|server| server.get_ref().as_table());
        assert!(server.is_some_and(|server| server.contains_key("address")));
    }
}
