//! Every code of a refusal that the program writes is in the one list of them, and nothing else is.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use mereau::audit::reasons::{REASONS, reason};
use regex::Regex;

/// Written in capitals, and no reason of anything.
const OTHER: [&str; 1] = ["MUST_CHANGE"];

fn sources(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            // Unit tests stand at the end of a file.
            found.push(text.split("#[cfg(test)]").next().unwrap().to_owned());
        }
    }
}

#[test]
fn every_reason_in_log_and_audit_is_in_the_list_with_its_meaning() {
    // experience §5.4
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut texts = Vec::new();
    for folder in ["flows", "jobs", "realms", "http/endpoints", "cli/assemble/person"] {
        sources(&root.join(folder), &mut texts);
    }
    // What a program calls a reason, whatever its form; and what looks like one.
    let named = Regex::new(
        r#"(?:refused\(|reason = |reason: |because\(|Hostile\(|fail\(\s*|Some\()"([A-Z][A-Z0-9_]+)""#,
    )
    .unwrap();
    let shaped = Regex::new(r#""([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)""#).unwrap();
    let mut written = BTreeSet::new();
    for text in &texts {
        for found in named.captures_iter(text).chain(shaped.captures_iter(text)) {
            written.insert(found[1].to_owned());
        }
    }
    assert!(written.len() > 50, "{written:?}");
    let unknown: Vec<&String> = written
        .iter()
        .filter(|code| reason(code).is_none() && !OTHER.contains(&code.as_str()))
        .collect();
    assert!(unknown.is_empty(), "not in src/audit/reasons.rs: {unknown:?}");
    for known in REASONS.iter().flat_map(|subject| subject.reasons) {
        assert!(
            !known.means.is_empty() && !known.means.ends_with('.'),
            "{}",
            known.code
        );
        let whole = texts
            .iter()
            .any(|text| text.contains(&format!("\"{}\"", known.code)));
        // Codes of states are made of the state's name.
        assert!(
            whole || known.code.starts_with("STATE_"),
            "{} is written nowhere",
            known.code
        );
    }
}
