//! The list of crates and their licences: exactly what is in the program, each with its text, and current.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;

use super::{made, repository, said, unpack_package};

type Crate = (String, String);

/// The components of a CycloneDX list, and their licences.
fn listed(path: &Path) -> BTreeMap<Crate, Value> {
    let bill: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(
        (&bill["bomFormat"], &bill["specVersion"]),
        (&"CycloneDX".into(), &"1.5".into())
    );
    let own = &bill["metadata"]["component"];
    assert_eq!(own["version"], env!("CARGO_PKG_VERSION"));
    let components = bill["components"].as_array().unwrap();
    let text = |component: &Value, key: &str| component[key].as_str().unwrap().to_owned();
    let all = components.iter().map(|component| {
        let (name, version) = (text(component, "name"), text(component, "version"));
        assert_eq!(text(component, "purl"), format!("pkg:cargo/{name}@{version}"));
        ((name, version), component.clone())
    });
    let listed: BTreeMap<Crate, Value> = all.collect();
    assert_eq!(listed.len(), components.len(), "no crate stands there twice");
    let known: BTreeSet<String> = components
        .iter()
        .chain([own])
        .map(|of| text(of, "bom-ref"))
        .collect();
    for edge in bill["dependencies"].as_array().unwrap() {
        let ends = edge["dependsOn"].as_array().unwrap().iter().chain([&edge["ref"]]);
        for end in ends {
            assert!(known.contains(end.as_str().unwrap()), "{end}");
        }
    }
    listed
}

fn names(listed: &BTreeMap<Crate, Value>) -> BTreeSet<Crate> {
    listed.keys().cloned().collect()
}

/// What cargo resolves for the program itself, without what builds, derives or tests.
fn resolved(edges: &str) -> BTreeSet<Crate> {
    let version = said("rustc", &["-vV"]);
    let target = version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap();
    let manifest = repository().join("Cargo.toml").display().to_string();
    let tree = said(
        env!("CARGO"),
        &[
            "tree",
            "--locked",
            "--offline",
            "--manifest-path",
            &manifest,
            "--edges",
            edges,
            "--target",
            target,
            "--prefix",
            "none",
            "--format",
            "{p}",
        ],
    );
    let crates = tree.lines().filter(|line| !line.is_empty()).map(|line| {
        let mut words = line.split(' ');
        let (name, version) = (words.next().unwrap(), words.next().unwrap());
        (name.to_owned(), version.trim_start_matches('v').to_owned())
    });
    crates.filter(|(name, _)| name != "mereau").collect()
}

#[derive(Deserialize)]
struct Carried {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    #[serde(default)]
    kind: Option<String>,
}

/// The list that the linker put into the program.
fn carried(program: &Path, folder: &Path) -> BTreeSet<Crate> {
    let section = folder.join("crates");
    let dump = format!(".dep-v0={}", section.display());
    said(
        "objcopy",
        &[
            "--dump-section",
            &dump,
            &program.display().to_string(),
            "/dev/null",
        ],
    );
    let mut text = String::new();
    let mut inflated = flate2::read::ZlibDecoder::new(fs::File::open(section).unwrap());
    inflated.read_to_string(&mut text).unwrap();
    let carried: Carried = serde_json::from_str(&text).unwrap();
    let runs = carried
        .packages
        .into_iter()
        .filter(|package| package.kind.as_deref() != Some("build"));
    let crates = runs.map(|package| (package.name, package.version));
    crates.filter(|(name, _)| name != "mereau").collect()
}

/// What cargo compiled for the program, with what builds and derives.
fn compiled() -> BTreeSet<Crate> {
    #[derive(Deserialize)]
    struct Told {
        reason: String,
        package_id: Option<String>,
    }
    let units = fs::read_to_string(made("units.json")).unwrap();
    let told = units
        .lines()
        .map(|line| serde_json::from_str::<Told>(line).unwrap());
    let ids = told
        .filter(|told| told.reason == "compiler-artifact")
        .map(|told| told.package_id.unwrap());
    // registry+https://…#name@version
    let crates = ids.filter_map(|id| {
        let (name, version) = id.rsplit_once('#')?.1.rsplit_once('@')?;
        Some((name.to_owned(), version.to_owned()))
    });
    crates.filter(|(name, _)| name != "mereau").collect()
}

#[test]
fn the_list_of_crates_is_what_cargo_resolves_and_what_the_program_carries() {
    let folder = TempDir::new().unwrap();
    let root = unpack_package(folder.path());
    let listed = names(&listed(&root.join("usr/share/doc/mereau/mereau.cdx.json")));
    assert_eq!(listed, resolved("normal,no-proc-macro"));
    let compiled = compiled();
    let missing: BTreeSet<Crate> = &listed - &compiled;
    assert!(missing.is_empty(), "listed, and never compiled: {missing:?}");
    let carried = carried(&root.join("usr/bin/mereau"), folder.path());
    let missing: BTreeSet<Crate> = &listed - &carried;
    assert!(missing.is_empty(), "listed, and not in the program: {missing:?}");
    // The program's own list counts what derives among what runs, and what only features of test tools
    // would turn on: that was not compiled.
    let derives: BTreeSet<Crate> = &resolved("normal") - &resolved("normal,no-proc-macro");
    let more: BTreeSet<Crate> = &(&carried - &listed) - &derives;
    let more: BTreeSet<Crate> = more.intersection(&compiled).cloned().collect();
    assert!(more.is_empty(), "in the program, and not listed: {more:?}");
}

#[test]
fn every_crate_of_the_list_is_the_one_of_the_lock() {
    #[derive(Deserialize)]
    struct Lock {
        package: Vec<Locked>,
    }
    #[derive(Deserialize)]
    struct Locked {
        name: String,
        version: String,
        checksum: Option<String>,
    }
    let lock = fs::read_to_string(repository().join("Cargo.lock")).unwrap();
    let lock: Lock = toml::from_str(&lock).unwrap();
    let sums: BTreeMap<Crate, Option<String>> = lock
        .package
        .into_iter()
        .map(|locked| ((locked.name, locked.version), locked.checksum))
        .collect();
    for (name, component) in listed(&made("mereau.cdx.json")) {
        let sum = component["hashes"][0]["content"].as_str();
        assert_eq!(Some(sum), sums.get(&name).map(Option::as_deref), "{name:?}");
        assert!(sum.is_some(), "{name:?}");
    }
}

#[test]
fn every_crate_has_its_licence_text_and_what_is_shipped_is_current() {
    let folder = TempDir::new().unwrap();
    let fresh = folder.path().join("fresh");
    let script = repository().join("packaging/inventory").display().to_string();
    said("python3", &[&script, "--into", &fresh.display().to_string()]);
    let root = unpack_package(folder.path()).join("usr/share/doc/mereau");
    let read = |path: &Path| fs::read_to_string(path).unwrap();
    let notices = read(&fresh.join("THIRD-PARTY-NOTICES.txt"));
    let shipped = root.join("THIRD-PARTY-NOTICES.txt.gz").display().to_string();
    assert!(
        said("gzip", &["-dc", &shipped]) == notices,
        "the package's notices are not current"
    );
    let bill = fresh.join("mereau.cdx.json");
    assert!(
        read(&root.join("mereau.cdx.json")) == read(&bill),
        "the package's list is not current"
    );
    // Those who share a text, a line, the text.
    let texts: Vec<(&str, &str)> = notices
        .split(&format!("{}\n", "=".repeat(100)))
        .skip(1)
        .map(|part| part.split_once(&format!("\n{}\n", "-".repeat(100))).unwrap())
        .collect();
    for (name, version) in names(&listed(&bill)) {
        let head = format!("{name} {version} (");
        let own: Vec<_> = texts
            .iter()
            .filter(|(users, _)| users.lines().any(|line| line.starts_with(&head)))
            .collect();
        assert!(!own.is_empty(), "{name} {version} has no text");
        assert!(
            own.iter().any(|(_, text)| text.len() > 300),
            "{name} {version}: {own:?}"
        );
    }
    assert!(
        texts
            .iter()
            .any(|(users, _)| users.contains("standard library of Rust"))
    );
}
