//! Institutions in spreadsheets, compared row by row: there may be tens of thousands of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::de::DeValue;

use super::diff::Difference;
use crate::config::files::{bytes, open, toml};
use crate::config::problem::{Problem, Problems};
use crate::realms::sheet::Sheet;

/// What a cell is shown of at most.
const LONGEST: usize = 200;

/// Rows by their ids, each cell by its heading.
type Rows = BTreeMap<String, BTreeMap<String, String>>;

/// Of `server` alone there is only how many rows it has.
pub fn differences(server: &Path, other: Option<&Path>) -> Result<Vec<Difference>, Vec<Problem>> {
    let ours = rows(server)?;
    let Some(other) = other else {
        let count = ours.map(|(name, rows)| difference(&name, "rows", None, Some(rows.len().to_string())));
        return Ok(count.into_iter().collect());
    };
    let (name, before, after) = match (ours, rows(other)?) {
        (None, None) => return Ok(Vec::new()),
        (Some((name, rows)), None) => (name, rows, Rows::new()),
        (None, Some((name, rows))) => (name, Rows::new(), rows),
        (Some((_, before)), Some((name, after))) => (name, before, after),
    };
    let mut ids: Vec<&String> = before.keys().chain(after.keys()).collect();
    ids.sort();
    ids.dedup();
    let mut differences = Vec::new();
    for id in ids {
        let (one, two) = (before.get(id), after.get(id));
        match (one, two) {
            (Some(one), Some(two)) => cells(&name, id, one, two, &mut differences),
            _ => {
                let told = |row: Option<&BTreeMap<String, String>>| row.map(summary);
                differences.push(difference(&name, &label(id, None), told(one), told(two)));
            }
        }
    }
    Ok(differences)
}

fn cells(
    name: &str,
    id: &str,
    one: &BTreeMap<String, String>,
    two: &BTreeMap<String, String>,
    differences: &mut Vec<Difference>,
) {
    let mut headings: Vec<&String> = one.keys().chain(two.keys()).collect();
    headings.sort();
    headings.dedup();
    for heading in headings {
        let (before, after) = (one.get(heading), two.get(heading));
        if before != after {
            let told = |cell: Option<&String>| cell.map(|text| quoted(text));
            differences.push(difference(
                name,
                &label(id, Some(heading)),
                told(before),
                told(after),
            ));
        }
    }
}

fn difference(file: &str, key: &str, before: Option<String>, after: Option<String>) -> Difference {
    Difference {
        file: file.to_owned(),
        key: key.to_owned(),
        before,
        after,
    }
}

fn label(id: &str, heading: Option<&str>) -> String {
    let id = id.escape_debug();
    match heading {
        Some(heading) => format!("institution[{id}].{}", heading.escape_debug()),
        None => format!("institution[{id}]"),
    }
}

fn quoted(text: &str) -> String {
    let text: String = text.chars().take(LONGEST).collect();
    format!("{text:?}")
}

/// What people call it and where it is.
fn summary(row: &BTreeMap<String, String>) -> String {
    let cells = ["name", "town"].iter().filter_map(|heading| row.get(*heading));
    let cells: Vec<&str> = cells.map(String::as_str).collect();
    quoted(&cells.join(", "))
}

/// The spreadsheet of a configuration, when it has one.
fn rows(server: &Path) -> Result<Option<(String, Rows)>, Vec<Problem>> {
    let mut problems = Problems::default();
    let sheet = path_of(server, &mut problems).and_then(|path| {
        let sheet = Sheet::read(bytes(&path, &mut problems)?);
        let sheet = sheet.map_err(|flaw| problems.add_file(&path, flaw.to_string(), "a line of headings"));
        Some((path, sheet.ok()?))
    });
    if !problems.found.is_empty() {
        return Err(problems.found);
    }
    Ok(sheet.map(|(path, sheet)| {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        (name, read(&sheet))
    }))
}

fn read(sheet: &Sheet) -> Rows {
    let mut rows = Rows::new();
    for row in sheet.rows().flatten() {
        let cells = sheet.headings().iter().zip(row.cells());
        let cells = cells.filter(|(_, cell)| !cell.trim().is_empty());
        let cells: BTreeMap<String, String> = cells
            .map(|(heading, cell)| (heading.clone(), cell.trim().to_owned()))
            .collect();
        let id = cells
            .get("id")
            .cloned()
            .unwrap_or_else(|| format!("line {}", row.line));
        rows.insert(id, cells);
    }
    rows
}

/// As [`crate::config::load`] looks for it.
fn path_of(server: &Path, problems: &mut Problems) -> Option<PathBuf> {
    let source = open(server, problems)?;
    let table = toml(&source, problems)?;
    let section = table.get("institutions").map(|value| value.get_ref());
    let written = section
        .and_then(DeValue::as_table)
        .and_then(|table| table.get("file"));
    if let Some(file) = written.and_then(|value| value.get_ref().as_str()) {
        return Some(source.resolve(Path::new(file)));
    }
    let usual = server.parent().unwrap_or(Path::new("")).join("institutions.csv");
    usual.exists().then_some(usual)
}
