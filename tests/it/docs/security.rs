//! The table of OWASP ASVS 5.0 in the chapter about security: its ids are those that were chosen for
//! this product, each once, and the tests it names exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::book;

/// `6.2.1–6.2.3, 6.2.5` as single ids.
fn ids(cell: &str) -> Vec<String> {
    let mut all = Vec::new();
    for part in cell.split(", ").map(str::trim) {
        let numbers = |id: &str| -> Vec<u32> { id.split('.').map(|n| n.parse().unwrap()).collect() };
        match part.split_once('–') {
            None => {
                assert_eq!(numbers(part).len(), 3, "{part}");
                all.push(part.to_owned());
            }
            Some((first, last)) => {
                let (first, last) = (numbers(first), numbers(last));
                assert_eq!(first[..2], last[..2], "{part}");
                all.extend((first[2]..=last[2]).map(|n| format!("{}.{}.{n}", first[0], first[1])));
            }
        }
    }
    all
}

struct Row {
    ids: Vec<String>,
    how: String,
    tests: Vec<String>,
}

fn rows() -> Vec<Row> {
    let chapter = book::chapter("security.md");
    let prose = chapter.prose();
    prose
        .iter()
        .filter(|(_, line)| line.starts_with("| ") && line.as_bytes().get(2).is_some_and(u8::is_ascii_digit))
        .map(|(_, line)| {
            let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
            assert_eq!(cells.len(), 3, "{line}");
            Row {
                ids: ids(cells[0]),
                how: cells[1].to_owned(),
                tests: cells[2]
                    .split('`')
                    .skip(1)
                    .step_by(2)
                    .map(str::to_owned)
                    .collect(),
            }
        })
        .collect()
}

/// Names of all functions with a test's attribute, of src and tests.
fn tests() -> BTreeSet<String> {
    fn read(folder: &Path, all: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                read(&path, all);
            } else if path.extension().is_some_and(|end| end == "rs") {
                names(&fs::read_to_string(&path).unwrap(), all);
            }
        }
    }
    fn names(text: &str, all: &mut BTreeSet<String>) {
        let mut is_test = false;
        for line in text.lines().map(str::trim) {
            if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
                is_test = true;
            } else if let Some(rest) = line
                .strip_prefix("async fn ")
                .or_else(|| line.strip_prefix("fn "))
            {
                let name = rest.split(['(', '<']).next().unwrap_or_default();
                if std::mem::take(&mut is_test) {
                    all.insert(name.to_owned());
                }
            }
        }
    }
    let mut all = BTreeSet::new();
    for folder in ["src", "tests"] {
        read(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut all);
    }
    all
}

#[test]
fn the_table_has_every_chosen_item_once_and_each_says_how_it_stands() {
    let chosen: BTreeSet<String> = include_str!("asvs.list")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(ids)
        .collect();
    let mut told = BTreeSet::new();
    for row in rows() {
        for id in row.ids {
            assert!(chosen.contains(&id), "{id} is not an item that was chosen");
            assert!(told.insert(id.clone()), "{id} stands twice");
        }
        let open = row.how.contains("**not met**")
            || row.how.contains("**not shown**")
            || row.how.contains("**in part**");
        assert!(open || !row.tests.is_empty(), "{} names no test", row.how);
    }
    let missing: Vec<&String> = chosen.difference(&told).collect();
    assert!(missing.is_empty(), "not in the table: {missing:?}");
}

#[test]
fn every_test_that_the_table_names_exists() {
    let all = tests();
    assert!(all.len() > 500, "{}", all.len());
    let mut missing = Vec::new();
    for row in rows() {
        missing.extend(row.tests.into_iter().filter(|name| !all.contains(name)));
    }
    assert!(missing.is_empty(), "no such tests: {missing:#?}");
}
