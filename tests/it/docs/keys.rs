//! Configuration keys that the book names exist.

use std::collections::BTreeSet;

use crate::book;

/// Sections and keys of the reference: `tickets`, `tickets.url`, `url`.
struct Reference {
    sections: BTreeSet<String>,
    keys: BTreeSet<String>,
}

fn reference() -> Reference {
    let text = mereau::config::reference();
    let mut read = Reference {
        sections: BTreeSet::new(),
        keys: BTreeSet::new(),
    };
    let mut section = String::new();
    for line in text.lines() {
        let line = line.trim_start_matches("# ");
        if line.starts_with("=====") {
            section.clear();
        } else if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name.trim_matches(['[', ']']).to_owned();
            read.sections.insert(section.clone());
        } else if let Some((key, _)) = line.split_once(" = ")
            && key
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        {
            read.keys.insert(key.to_owned());
            read.keys.insert(format!("{section}.{key}"));
        }
    }
    read
}

fn is_key(word: &str) -> bool {
    !word.is_empty()
        && word
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

#[test]
fn every_section_and_key_that_the_book_names_exists() {
    let reference = reference();
    assert!(reference.keys.contains("tickets.url") && reference.sections.contains("recovery.sender"));
    let mut wrong = Vec::new();
    for chapter in book::chapters() {
        for (line, code) in chapter.codes() {
            let place = format!("docs/{}:{line}: {code}", chapter.name);
            // `[section]`, `[section] key`, `[section] key = …`
            let Some((section, rest)) = code.strip_prefix('[').and_then(|code| code.split_once(']')) else {
                continue;
            };
            let section = section.trim_start_matches('[');
            let name = section.trim_end_matches(']');
            if !name.chars().all(|c| c.is_ascii_lowercase() || "_.".contains(c)) {
                continue;
            }
            if !reference.sections.contains(name) {
                wrong.push(format!("{place}: no section {name}"));
                continue;
            }
            let key = rest.trim_start_matches(']').trim();
            let key = key.split([' ', '=', ',']).next().unwrap_or_default();
            let table = |key: &str| reference.sections.contains(&format!("{name}.{key}"));
            if is_key(key) && !reference.keys.contains(&format!("{name}.{key}")) && !table(key) {
                wrong.push(format!("{place}: no key {key} there"));
            }
        }
        // `key = value`
        for (line, code) in chapter.codes() {
            if let Some((key, _)) = code.split_once(" = ")
                && is_key(key)
                && !reference.keys.contains(key)
                && !FOREIGN.contains(&key)
            {
                wrong.push(format!("docs/{}:{line}: {code}: no such key", chapter.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Keys of other programs, and of a theme.
const FOREIGN: [&str; 4] = ["extends", "accent", "ground", "targetattr"];
