//! The JSON Schema of the files, judged by Python's jsonschema: every example is good by it, and mistakes are
//! found.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// What is wrong with each file by the schema of its sort.
fn judged(sort: &str, files: &[PathBuf]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let schema = Command::new(env!("CARGO_BIN_EXE_mereau"))
        .args(["config", "schema", sort])
        .output()
        .unwrap();
    assert!(schema.status.success());
    let path = folder.path().join("schema.json");
    fs::write(&path, schema.stdout).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/live/python/schema.py");
    // Debian's own, which has the package.
    let output = Command::new("/usr/bin/python3")
        .arg(script)
        .arg(path)
        .args(files)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The sort of a file by its place, for those that are configuration.
fn sort(path: &Path) -> Option<&'static str> {
    let folder = path.parent()?.file_name()?.to_str()?;
    match (folder, path.file_name()?.to_str()?) {
        ("realms", _) => Some("realm"),
        ("services", _) => Some("service"),
        (_, "server.toml") => Some("server"),
        (_, "institutions.toml") => Some("institutions"),
        _ => None,
    }
}

fn all_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all_below(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "toml") && sort(&path).is_some() {
            found.push(path);
        }
    }
}

/// The reference, each of its files for itself; further kinds of a section are comments in it.
fn reference(folder: &Path) -> Vec<(&'static str, PathBuf)> {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/conf/reference.toml")).unwrap();
    let parts = text.split("\n# ========================").skip(1);
    let sorts = ["server", "realm", "institutions", "service"];
    let written = sorts.into_iter().zip(parts).map(|(sort, part)| {
        let path = folder.join(format!("{sort}.toml"));
        // What a section of a kind must say of itself.
        let part = part.replace("# kind = \"ldap\"", "kind = \"ldap\"");
        fs::write(&path, format!("# {part}")).unwrap();
        (sort, path)
    });
    written.collect()
}

#[test]
fn every_example_of_the_repository_is_good_by_the_schema() {
    let mut files = Vec::new();
    all_below(
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/conf")),
        &mut files,
    );
    assert!(files.len() >= 8, "{files:?}");
    for of in ["server", "realm", "institutions", "service"] {
        let those: Vec<PathBuf> = files
            .iter()
            .filter(|file| sort(file) == Some(of))
            .cloned()
            .collect();
        let told = judged(of, &those);
        let told = told.as_object().unwrap();
        assert_eq!(told.len(), those.len());
        assert!(
            told.values().all(|flaws| flaws == &Value::Array(Vec::new())),
            "{of}: {told:?}"
        );
    }
    let folder = tempfile::tempdir().unwrap();
    for (of, path) in reference(folder.path()) {
        let told = judged(of, &[path]);
        assert!(
            told.as_object()
                .unwrap()
                .values()
                .all(|flaws| flaws == &Value::Array(Vec::new())),
            "{of}: {told}"
        );
    }
}

#[test]
fn mistakes_are_found_by_the_schema_where_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let flaws = |sort: &str, text: &str| -> Vec<String> {
        let path = folder.path().join("file.toml");
        fs::write(&path, text).unwrap();
        let told = judged(sort, &[path]);
        serde_json::from_value(told.as_object().unwrap().values().next().unwrap().clone()).unwrap()
    };
    let good = "[tickets]\nurl = \"memory:\"\n[server]\npublic_url = \"https://cas.example.org/cas\"\n";
    assert_eq!(flaws("server", good), Vec::<String>::new());
    for (sort, text, place) in [
        ("server", format!("{good}lisen = \"x\"\n"), "server"),
        (
            "server",
            format!("{good}[throttle]\nwindow = 10\n"),
            "throttle/window",
        ),
        (
            "server",
            format!("{good}[throttle]\nwindow = \"10 minutes\"\n"),
            "throttle/window",
        ),
        ("server", format!("{good}[log]\nformat = \"xml\"\n"), "log/format"),
        ("server", format!("{good}[mail]\nwaiting = 7\n"), "mail/waiting"),
        ("server", "[server]\n".to_owned(), "server"),
        (
            "realm",
            "name = \"A\"\n[directory]\nkind = \"ldap\"\nfile = \"x\"\n".to_owned(),
            "directory",
        ),
        (
            "realm",
            "name = \"A\"\n[directory]\nurls = []\n".to_owned(),
            "directory",
        ),
        (
            "service",
            "name = \"A\"\nurls = \"https://a.example/\"\n".to_owned(),
            "urls",
        ),
    ] {
        let found = flaws(sort, &text);
        assert!(
            found.iter().any(|flaw| flaw.starts_with(&format!("{place}: "))),
            "{text}: {found:?}"
        );
    }
}
