//! Everything that is written in a configuration, to be shown to somebody outside. What a key is decides
//! whether its value is told: a kind of value that cannot hold a secret is; a text is without what may be
//! one; free texts that operators put secrets into, and keys that are not known here, are not.

use std::path::Path;

use super::known;
use super::written::{self, Written};
use crate::config::problem::Problem;

/// Texts that are sent to others as they are, with whatever an operator wrote into them.
const FREE: [&str; 3] = ["sms.url", "sms.headers", "sms.body"];

/// One key as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The file's name beside server.toml.
    pub file: String,
    pub line: usize,
    /// With the names of the sections it is in.
    pub label: String,
    pub shown: String,
}

/// All keys of all files; problems are files that cannot be read as TOML.
pub fn listing(server: &Path) -> (Vec<Listed>, Vec<Problem>) {
    let known = known();
    let (written, problems) = written::read(server, &known);
    let kind = |one: &Written| {
        let mut known = known.iter();
        let found = known.find(|known| known.file == one.file && known.path == one.path);
        found.and_then(|known| known.kind.clone())
    };
    let listed = written.into_iter().map(|one| Listed {
        shown: match kind(&one) {
            None => "… (a key that is not known)".to_owned(),
            Some(_) if FREE.contains(&one.path.as_str()) => "…".to_owned(),
            Some(kind) => by_kind(&kind, &one),
        },
        file: one.name,
        line: one.line,
        label: one.label,
    });
    (listed.collect(), problems)
}

fn by_kind(kind: &str, one: &Written) -> String {
    let address = kind == "URL" || one.path.ends_with("url") || one.path.ends_with("urls");
    match &one.value {
        serde_json::Value::String(text) if address => place(text),
        serde_json::Value::Array(items) if address => {
            let items = items.iter().map(|item| place(item.as_str().unwrap_or_default()));
            format!("[{}]", items.collect::<Vec<_>>().join(", "))
        }
        _ => one.shown.clone(),
    }
}

/// Scheme, host, port and path of a URL; of several hosts, and of what is no URL, what stands behind the
/// last `@` and before a `?`.
fn place(text: &str) -> String {
    let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let rest = rest.rsplit('@').next().unwrap_or_default();
    let tame: String = rest.chars().filter(|c| !c.is_control()).take(300).collect();
    match scheme {
        "" => format!("\"{tame}\""),
        scheme => format!("\"{scheme}://{tame}\""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_shown_by_what_it_is() {
        // SEC-11
        let folder = tempfile::tempdir().expect("a folder");
        let server = folder.path().join("server.toml");
        let text = "[server]\nlisten = \"127.0.0.1:8080\"\npasword = \"canari-1\"\n\
                    [tickets]\nurl = \"rediss://mereau:canari-2@redis.example:6379/0\"\nepoch = 3\n\
                    # canari-3\n\
                    [sms]\nurl = \"https://sms.example/canari-4\"\nbody = \"key=canari-5\"\n\
                    headers = { X-Key = \"canari-6\" }\n\
                    [canari-7]\nx = \"canari-8\"\n";
        std::fs::write(&server, text).expect("a file");
        let (listed, problems) = listing(&server);
        assert!(problems.is_empty());
        let shown: Vec<String> = listed.iter().map(|one| one.shown.clone()).collect();
        assert!(!shown.iter().any(|shown| shown.contains("canari")), "{shown:?}");
        for told in ["127.0.0.1:8080", "\"rediss://redis.example:6379/0\"", "3"] {
            assert!(shown.iter().any(|shown| shown.contains(told)), "{told} {shown:?}");
        }
    }
}
