//! The names of what was read, by which nodes are compared: comments and the order of keys in `server.toml`
//! and `institutions.toml` do not count, nor what each node has of its own in the former.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use crate::base::edition::name_of;
use crate::base::version::version_of;

/// What differs between good nodes of one service.
const OWN: [&str; 7] = [
    "server.listen",
    "server.node",
    "server.tls",
    "server.limits",
    "admin",
    "log",
    "audit",
];

/// A file is read up to this size, a folder up to so many files.
const LARGEST: u64 = 16 << 20;
const MOST_FILES: usize = 50_000;

/// The name of a TOML text by what it says.
pub fn of_toml(text: &str) -> String {
    let (table, _) = DeTable::parse_recoverable(text);
    let mut said = String::new();
    write_table(table.get_ref(), "", &mut said);
    version_of(said.as_bytes())
}

fn write_table(table: &DeTable<'_>, under: &str, said: &mut String) {
    for (key, value) in table {
        let path = match under {
            "" => key.get_ref().to_string(),
            under => format!("{under}.{}", key.get_ref()),
        };
        if OWN.contains(&path.as_str()) {
            continue;
        }
        match value.get_ref() {
            DeValue::Table(inner) => write_table(inner, &path, said),
            value => {
                let _ = write!(said, "{path}=");
                write_value(value, said);
                said.push('\n');
            }
        }
    }
}

fn write_value(value: &DeValue<'_>, said: &mut String) {
    match value {
        DeValue::Array(items) => {
            said.push('[');
            for item in items.iter() {
                write_value(item.get_ref(), said);
                said.push(',');
            }
            said.push(']');
        }
        DeValue::Table(table) => {
            said.push('{');
            write_table(table, "-", said);
            said.push('}');
        }
        DeValue::String(text) => {
            let _ = write!(said, "{text:?}");
        }
        DeValue::Integer(number) => {
            let _ = write!(said, "{number}");
        }
        DeValue::Float(number) => {
            let _ = write!(said, "{number}");
        }
        DeValue::Boolean(value) => {
            let _ = write!(said, "{value}");
        }
        DeValue::Datetime(moment) => {
            let _ = write!(said, "{moment}");
        }
    }
}

/// The name of a folder by its files, in folders within it too; empty without one. What cannot be read is
/// told of elsewhere.
pub fn of_folder(folder: Option<&Path>) -> String {
    let Some(folder) = folder else {
        return String::new();
    };
    let mut files = Vec::new();
    collect(folder, &mut files);
    files.sort();
    let parts: Vec<(String, String)> = files
        .iter()
        .map(|file| {
            let bytes = fs::read(file).unwrap_or_default();
            let name = file.strip_prefix(folder).unwrap_or(file);
            (name.to_string_lossy().into_owned(), version_of(&bytes))
        })
        .collect();
    name_of(
        parts
            .iter()
            .map(|(name, version)| (name.as_str(), version.clone())),
    )
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        // A link is not followed into a folder: it may lead back.
        let Ok(kind) = entry.file_type() else { continue };
        let small =
            || fs::metadata(entry.path()).is_ok_and(|about| about.is_file() && about.len() <= LARGEST);
        if kind.is_dir() {
            collect(&entry.path(), files);
        } else if files.len() < MOST_FILES && small() {
            files.push(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_node_has_of_its_own_and_comments_do_not_count_and_all_else_does() {
        // F-32
        let here = "[server]\nlisten = \"10.0.0.1:443\"\npublic_url = \"https://a\"\n[admin]\nopen = true\n";
        let there = "# second\n[admin]\n[server]\npublic_url = \"https://a\"\nnode = \"b\"\n\
            listen = \"10.0.0.2:443\"\n[server.tls]\nkey = \"k\"\n";
        assert_eq!(of_toml(here), of_toml(there));
        for other in [
            here.replace("https://a", "https://b"),
            here.replace("[admin]", "[throttle]\nfree = 3\n[admin]"),
            format!("{here}[[rest]]\nname = \"x\"\n"),
        ] {
            assert_ne!(of_toml(here), of_toml(&other), "{other}");
        }
        assert_ne!(of_toml("a = [1, 2]"), of_toml("a = [12]"));
        assert_ne!(of_toml("a = \"1\""), of_toml("a = 1"));
    }

    #[test]
    fn a_folder_has_the_name_of_all_that_lies_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let name = || of_folder(Some(folder.path()));
        let empty = name();
        fs::create_dir(folder.path().join("pages")).unwrap();
        fs::write(folder.path().join("pages/a.html"), "a").unwrap();
        let one = name();
        fs::rename(
            folder.path().join("pages/a.html"),
            folder.path().join("pages/b.html"),
        )
        .unwrap();
        let moved = name();
        fs::write(folder.path().join("pages/b.html"), "b").unwrap();
        let names = [empty, one, moved, name()];
        let different: std::collections::BTreeSet<_> = names.iter().collect();
        assert_eq!(different.len(), 4);
        assert_eq!(of_folder(None), "");
    }
}
