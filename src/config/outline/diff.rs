//! What differs between two configurations, or between one and the defaults, key by key.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::kinds::{normal, parsed};
use super::written::{self, Written, shown};
use super::{FileKind, Known, known, sheets};
use crate::config::problem::Problem;

/// One key that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The file's name beside server.toml.
    pub file: String,
    /// With the names of the sections it is in.
    pub key: String,
    /// Without secrets; `None`: it is not written, and there is no default.
    pub before: Option<String>,
    pub after: Option<String>,
}

type Keys = BTreeMap<(String, String), (Value, String)>;

/// From the defaults to `server`, or from `server` to `other`. Files that cannot be read as TOML are
/// problems.
pub fn differences(server: &Path, other: Option<&Path>) -> Result<Vec<Difference>, Vec<Problem>> {
    let known = known();
    let defaults = Defaults::of(&known);
    let ours = keys(server, &known)?;
    let (before, after) = match other {
        None => (Keys::new(), ours),
        Some(other) => (ours, keys(other, &known)?),
    };
    let mut names: Vec<&(String, String)> = before.keys().chain(after.keys()).collect();
    names.sort();
    names.dedup();
    let mut differences = Vec::new();
    for name in names {
        let (one, two) = (defaults.or(&before, name), defaults.or(&after, name));
        if one.as_ref().map(|(value, _)| value) == two.as_ref().map(|(value, _)| value) {
            continue;
        }
        let hidden = one.as_ref().map(|(_, text)| text) == two.as_ref().map(|(_, text)| text);
        let told = |side: Option<(Value, String)>| side.map(|(_, text)| text);
        let (one, two) = (told(one), told(two));
        differences.push(Difference {
            file: name.0.clone(),
            key: name.1.clone(),
            before: one,
            // What differs is what is not shown.
            after: if hidden {
                two.map(|text| format!("{text} (another one)"))
            } else {
                two
            },
        });
    }
    differences.extend(sheets::differences(server, other)?);
    Ok(differences)
}

fn keys(server: &Path, known: &[Known]) -> Result<Keys, Vec<Problem>> {
    let (written, problems) = written::read(server, known);
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut keys = Keys::new();
    for Written {
        name,
        label,
        value,
        shown,
        ..
    } in written
    {
        keys.insert((name, label), (value, shown));
    }
    Ok(keys)
}

/// What keys mean that are not written.
struct Defaults(BTreeMap<(FileKind, String), (Value, String)>);

impl Defaults {
    fn of(known: &[Known]) -> Defaults {
        let with_default = known.iter().filter_map(|known| {
            let value = parsed(known.default?)?;
            let told = format!("{} (default)", shown(&known.path, &value));
            let kind = known.kind.as_deref()?;
            Some((
                (known.file, known.path.clone()),
                (normal(Some(kind), value), told),
            ))
        });
        Defaults(with_default.collect())
    }

    /// A key of `keys`, or its default.
    fn or(&self, keys: &Keys, name: &(String, String)) -> Option<(Value, String)> {
        if let Some(found) = keys.get(name) {
            return Some(found.clone());
        }
        let file = kind_of(&name.0)?;
        self.0.get(&(file, without_names(&name.1))).cloned()
    }
}

fn kind_of(file: &str) -> Option<FileKind> {
    match file {
        "server.toml" => Some(FileKind::Server),
        "institutions.toml" => Some(FileKind::Institutions),
        file if file.starts_with("realms/") => Some(FileKind::Realm),
        file if file.starts_with("services/") => Some(FileKind::Service),
        _ => None,
    }
}

/// `delegation[academie].url` is `delegation.url`.
fn without_names(label: &str) -> String {
    let mut out = String::new();
    let mut depth = 0_usize;
    for symbol in label.chars() {
        match symbol {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            other if depth == 0 => out.push(other),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_means_something_else_differs() {
        let conf = concat!(env!("CARGO_MANIFEST_DIR"), "/conf/demo/server.toml");
        let same = differences(Path::new(conf), Some(Path::new(conf)));
        assert_eq!(same.ok(), Some(Vec::new()));
        let told = differences(Path::new(conf), None).ok().unwrap_or_default();
        let url = told.iter().find(|one| one.key == "server.public_url");
        assert!(url.is_some_and(|one| one.before.is_none() && one.after.is_some()));
        assert!(
            told.iter()
                .any(|one| one.file == "realms/valmore.toml" && one.key == "directory.file")
        );
        assert_eq!(without_names("rule[a[b]].when"), "rule.when");
    }
}
