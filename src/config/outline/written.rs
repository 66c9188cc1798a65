//! What an operator wrote, key by key, read without judging it: for explanations and comparisons. No secret
//! is among it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;
use toml::de::{DeTable, DeValue};

use super::kinds::{normal, plain};
use super::{FileKind, Known, joined};
use crate::config::files::{all, open, toml};
use crate::config::problem::{Problem, Problems, masked};
use crate::config::source::Source;

/// Longest value that is shown.
const LONGEST: usize = 300;

/// One key as it is written.
#[derive(Debug, Clone)]
pub struct Written {
    pub file: FileKind,
    /// The file's name beside server.toml.
    pub name: String,
    /// As the list of all keys has it.
    pub path: String,
    /// With the name of each section that may be there several times.
    pub label: String,
    /// From 1.
    pub line: usize,
    /// To be shown: on one line, without a secret.
    pub shown: String,
    /// To be compared; never shown.
    pub value: Value,
}

/// Everything of a configuration; problems are files that cannot be read as TOML.
pub fn read(server: &Path, known: &[Known]) -> (Vec<Written>, Vec<Problem>) {
    let mut problems = Problems::default();
    let mut all = Vec::new();
    let mut kinds: BTreeMap<(FileKind, &str), &Known> = BTreeMap::new();
    for one in known {
        kinds.insert((one.file, one.path.as_str()), one);
    }
    for (file, name, path) in files(server, &mut problems) {
        let Some(source) = open(&path, &mut problems) else {
            continue;
        };
        if let Some(table) = toml(&source, &mut problems) {
            let mut walk = Walk {
                file,
                name: &name,
                kinds: &kinds,
                lines: Lines::of(&source),
                all: &mut all,
            };
            walk.table(&table, "", "");
        }
    }
    problems.sort();
    (all, problems.found)
}

/// The files of a configuration, by the names that they have beside server.toml.
fn files(server: &Path, problems: &mut Problems) -> Vec<(FileKind, String, PathBuf)> {
    let named = all(server, problems).into_iter().map(|(kind, path)| {
        let own = path.file_name().unwrap_or_default().to_string_lossy();
        let name = match kind {
            FileKind::Server | FileKind::Institutions => kind.name().to_owned(),
            FileKind::Realm => format!("realms/{}", own.escape_debug()),
            FileKind::Service => format!("services/{}", own.escape_debug()),
        };
        (kind, name, path)
    });
    named.collect()
}

/// Where lines begin, so that a place is found fast in a large file.
struct Lines(Vec<usize>);

impl Lines {
    fn of(source: &Arc<Source>) -> Lines {
        let ends = source.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Lines(ends.map(|(at, _)| at).collect())
    }

    fn number(&self, byte: usize) -> usize {
        self.0.partition_point(|end| *end < byte) + 1
    }
}

struct Walk<'a> {
    file: FileKind,
    name: &'a str,
    kinds: &'a BTreeMap<(FileKind, &'a str), &'a Known>,
    lines: Lines,
    all: &'a mut Vec<Written>,
}

impl Walk<'_> {
    fn table(&mut self, table: &DeTable<'_>, path: &str, label: &str) {
        for (key, value) in table {
            let name = quoted(key.get_ref());
            let (path, label) = (joined(path, &name), joined(label, &name));
            let known = self.kinds.get(&(self.file, path.as_str()));
            let is_section = known.is_none_or(|known| known.kind.is_none());
            match value.get_ref() {
                DeValue::Table(inner) if is_section => self.table(inner, &path, &label),
                DeValue::Array(items) if is_section && items.iter().all(|item| item.get_ref().is_table()) => {
                    for (position, item) in items.iter().enumerate() {
                        if let DeValue::Table(inner) = item.get_ref() {
                            let label = format!("{label}[{}]", named(inner, position));
                            self.table(inner, &path, &label);
                        }
                    }
                }
                value => {
                    let kind = known.and_then(|known| known.kind.as_deref());
                    let plain = plain(value);
                    self.all.push(Written {
                        file: self.file,
                        name: self.name.to_owned(),
                        line: self.lines.number(key.span().start),
                        shown: shown(&path, &plain),
                        value: normal(kind, plain),
                        path,
                        label,
                    });
                }
            }
        }
    }
}

/// How one of several sections of a name is told from the others.
fn named(table: &DeTable<'_>, position: usize) -> String {
    let words = ["id", "name", "attribute", "when"];
    let name = words.iter().find_map(|word| table.get(*word)?.get_ref().as_str());
    match name {
        Some(name) => cut(&name.escape_debug().to_string(), 80)
            .replace('[', "(")
            .replace(']', ")"),
        None => (position + 1).to_string(),
    }
}

/// A key that a stranger may have written.
fn quoted(key: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    match !key.is_empty() && key.chars().all(plain) {
        true => key.to_owned(),
        false => format!("\"{}\"", cut(&key.escape_debug().to_string(), 80)),
    }
}

/// A value of `path` on one line; what may be a secret is `…`.
pub fn shown(path: &str, value: &Value) -> String {
    let key = path.rsplit('.').next().unwrap_or(path);
    let told = match (key, value) {
        // What a header is may be told, what it says may not.
        ("headers", Value::Object(headers)) => {
            let names: Vec<String> = headers.keys().map(|name| format!("{name} = …")).collect();
            format!("{{ {} }}", names.join(", "))
        }
        _ => written(value),
    };
    let line = format!("{key} = {told}");
    let masked = masked(&line);
    let told = masked.split_once("= ").map_or(masked.as_str(), |(_, told)| told);
    let queries = without_queries(told);
    let tame: String = queries
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    cut(&tame, LONGEST)
}

/// As TOML would have it.
fn written(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(written).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(members) => {
            let members: Vec<String> = members
                .iter()
                .map(|(key, value)| format!("{} = {}", quoted(key), written(value)))
                .collect();
            format!("{{ {} }}", members.join(", "))
        }
        other => other.to_string(),
    }
}

/// A URL may have a key in its query, as gateways want it.
fn without_queries(text: &str) -> String {
    let mut out = String::new();
    let mut words = text.split('"');
    if let Some(first) = words.next() {
        out.push_str(first);
    }
    for word in words {
        out.push('"');
        match word.split_once('?') {
            Some((before, _)) if before.contains("://") => {
                out.push_str(before);
                out.push_str("?…");
            }
            _ => out.push_str(word),
        }
    }
    out
}

fn cut(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_may_be_a_secret_is_not_shown() {
        // SEC-11
        for (path, value) in [
            ("tickets.url", json!("rediss://mereau:hunter2@redis.example:6379")),
            (
                "tickets.urls",
                json!(["rediss://a:hunter2@b", "rediss://a:hunter2@c"]),
            ),
            ("sms.url", json!("https://sms.example/send?key=hunter2&to={to}")),
            ("sms.headers", json!({"Authorization": "Bearer hunter2"})),
            ("x.api_password", json!("hunter2")),
            ("x.token", json!("hunter2")),
        ] {
            let told = shown(path, &value);
            assert!(!told.contains("hunter2") && told.contains('…'), "{path}: {told}");
        }
        assert_eq!(
            shown("directory.bind_password_file", &json!("a.txt")),
            "\"a.txt\""
        );
        assert_eq!(shown("a.b", &json!(["x", 1, true])), "[\"x\", 1, true]");
        assert!(!shown("a.b", &json!("x\u{1b}[2J\n")).contains('\u{1b}'));
    }
}
