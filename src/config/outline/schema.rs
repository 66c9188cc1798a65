//! The files as JSON Schema (2020-12), for editors that complete and check TOML by it.

use serde_json::{Map, Value, json};

use super::kinds::{parsed, schema_of};
use super::{FileKind, bounds};
use crate::config::read::{Entries, Entry, Shape};

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// Of one sort of file, or of all with a definition for each.
pub fn schema(file: Option<FileKind>) -> Value {
    match file {
        Some(file) => {
            let mut whole = of_file(file);
            if let Value::Object(members) = &mut whole {
                members.insert("$schema".to_owned(), json!(DIALECT));
            }
            whole
        }
        None => {
            let each = FileKind::ALL.map(|file| (file.word().to_owned(), of_file(file)));
            json!({
                "$schema": DIALECT,
                "title": "Méreau",
                "description": "One definition for each sort of file; mereau config schema server|realm|institutions|service prints one alone.",
                "$defs": Map::from_iter(each),
            })
        }
    }
}

fn of_file(file: FileKind) -> Value {
    let mut whole = section(file, "", file.entries(), None);
    if let Value::Object(members) = &mut whole {
        members.insert("title".to_owned(), json!(file.name()));
    }
    whole
}

/// `about`: what a section is that is one kind of several; its `kind` must be written then.
fn section(file: FileKind, path: &str, entries: Entries, about: Option<&[&str]>) -> Value {
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for entry in entries() {
        let chosen = about.is_some() && entry.key == "kind";
        if entry.required || chosen {
            required.push(entry.key);
        }
        let value = match (chosen, entry.default) {
            (true, Some(word)) => json!({"const": parsed(word), "description": sentence(entry.doc)}),
            _ => key(file, &super::joined(path, entry.key), &entry),
        };
        properties.insert(entry.key.to_owned(), value);
    }
    let mut whole = json!({"type": "object", "properties": properties, "additionalProperties": false});
    if let Value::Object(members) = &mut whole {
        if !required.is_empty() {
            members.insert("required".to_owned(), json!(required));
        }
        if let Some(about) = about {
            members.insert("description".to_owned(), json!(sentence(about)));
        }
    }
    whole
}

fn key(file: FileKind, path: &str, entry: &Entry) -> Value {
    let mut value = match &entry.shape {
        Shape::Plain(kind) => schema_of(kind).unwrap_or(Value::Bool(true)),
        Shape::Section(entries) => section(file, path, *entries, None),
        Shape::Sections(entries) => json!({"type": "array", "items": section(file, path, *entries, None)}),
        Shape::Either(kinds) => {
            let each = kinds
                .iter()
                .map(|(about, entries)| section(file, path, *entries, Some(about)));
            json!({"oneOf": each.collect::<Vec<_>>()})
        }
    };
    let Value::Object(members) = &mut value else {
        return value;
    };
    members.insert("description".to_owned(), json!(sentence(entry.doc)));
    if let Some((least, most)) = bounds::of(file, path, entry.bounds) {
        // Beyond this an editor's numbers are not whole any more.
        let whole = |number: i128| i64::try_from(number).ok().filter(|number| number.abs() < 1 << 53);
        members.extend(whole(least).map(|least| ("minimum".to_owned(), json!(least))));
        members.extend(whole(most).map(|most| ("maximum".to_owned(), json!(most))));
    }
    if matches!(entry.shape, Shape::Plain(_)) {
        members.extend(
            entry
                .default
                .and_then(parsed)
                .map(|value| ("default".to_owned(), value)),
        );
    }
    members.extend(
        entry
            .example
            .and_then(parsed)
            .map(|value| ("examples".to_owned(), json!([value]))),
    );
    value
}

/// The lines of a documentation as one text.
pub fn sentence(lines: &[&str]) -> String {
    let trimmed: Vec<&str> = lines.iter().map(|line| line.trim()).collect();
    trimmed.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::outline::known;

    #[test]
    fn every_kind_of_every_key_has_a_schema_and_every_default_and_example_is_toml() {
        for known in known() {
            let path = format!("{} {}", known.file.name(), known.path);
            if let Some(kind) = &known.kind {
                assert!(schema_of(kind).is_some(), "{path}: {kind}");
            }
            for text in known.default.into_iter().chain(known.example) {
                assert!(parsed(text).is_some(), "{path}: {text}");
            }
        }
        let all = schema(None);
        assert_eq!(all["$defs"].as_object().map(Map::len), Some(4));
        let waiting = &schema(Some(FileKind::Server))["properties"]["mail"]["properties"]["waiting"];
        assert_eq!(
            (&waiting["minimum"], &waiting["maximum"]),
            (&json!(10), &json!(50_000))
        );
    }
}
