//! deny.toml holds for every crate of this build: licences, sources, forbidden crates and versions.
//! The same file serves cargo-deny; this test needs nothing but cargo, and no network.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde::Deserialize;

const OFFICIAL: &str = "registry+https://github.com/rust-lang/crates.io-index";

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    license_file: Option<String>,
    manifest_path: String,
    source: Option<String>,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<Kind>,
}

#[derive(Deserialize)]
struct Kind {
    kind: Option<String>,
}

#[derive(Deserialize)]
struct Deny {
    licenses: Licenses,
    bans: Bans,
}

#[derive(Deserialize)]
struct Licenses {
    allow: BTreeSet<String>,
    exceptions: Vec<Exception>,
}

#[derive(Deserialize)]
struct Exception {
    #[serde(rename = "crate")]
    name: String,
    allow: BTreeSet<String>,
}

#[derive(Deserialize)]
struct Bans {
    deny: Vec<Ban>,
}

#[derive(Deserialize)]
struct Ban {
    #[serde(rename = "crate")]
    spec: String,
    reason: String,
}

#[test]
fn every_crate_has_a_licence_we_may_use() {
    let deny = deny();
    let refused: Vec<String> = metadata()
        .packages
        .iter()
        .filter(|package| !permitted(package, &deny.licenses))
        .map(|package| format!("{} {}: {:?}", package.name, package.version, package.license))
        .collect();
    assert!(refused.is_empty(), "{refused:#?}");
}

#[test]
fn the_exceptions_are_test_tools_alone() {
    let (deny, metadata) = (deny(), metadata());
    let shipped = shipped(&metadata);
    for exception in &deny.licenses.exceptions {
        assert!(
            !shipped.contains(exception.name.as_str()),
            "{} is in the program",
            exception.name
        );
    }
    assert!(
        shipped.contains("hyper"),
        "the walk over dependencies finds nothing"
    );
}

#[test]
fn every_crate_comes_from_the_official_registry() {
    for package in metadata().packages {
        let own = package.source.is_none() && package.name == "mereau";
        assert!(
            own || package.source.as_deref() == Some(OFFICIAL),
            "{}: {:?}",
            package.name,
            package.source
        );
    }
}

#[test]
fn no_forbidden_crate_nor_version_came_in() {
    let metadata = metadata();
    for ban in deny().bans.deny {
        for package in &metadata.packages {
            assert!(
                !hits(&ban.spec, package),
                "{} {}: {}",
                package.name,
                package.version,
                ban.reason
            );
        }
    }
}

#[test]
fn what_is_packaged_checks_its_sums_and_has_no_unsafe_code_of_ours() {
    // T-99
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let manifest: toml::Table = std::fs::read_to_string(manifest).unwrap().parse().unwrap();
    let profiles = manifest["profile"].as_table().unwrap();
    assert_eq!(profiles["release"]["overflow-checks"].as_bool(), Some(true));
    let dist = profiles["dist"].as_table().unwrap();
    assert_eq!(dist["inherits"].as_str(), Some("release"));
    assert!(!dist.contains_key("overflow-checks") && !dist.contains_key("panic"));
    assert_eq!(manifest["lints"]["rust"]["unsafe_code"].as_str(), Some("forbid"));
    let door = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/lib.rs")).unwrap();
    assert!(door.contains("#![forbid(unsafe_code)]"));
}

#[test]
fn a_licence_file_is_read_to_its_end() {
    assert!(is_mit(&format!("MIT License\n\nCopyright (c) 2017\n\n{MIT}")));
    assert!(!is_mit(&format!("{MIT} Except on Sundays.")));
    assert!(!is_mit("GNU General Public License"));
}

#[test]
fn an_expression_of_licences_is_read_as_spdx_means_it() {
    let allowed = BTreeSet::from(["MIT".to_owned(), "ISC".to_owned()]);
    for (expression, expected) in [
        ("MIT", true),
        ("GPL-3.0-only", false),
        ("GPL-3.0-only OR MIT", true),
        ("GPL-3.0-only AND MIT", false),
        ("GPL-3.0-only AND MIT OR ISC", true),
        ("MIT AND (ISC OR GPL-3.0-only)", true),
        ("(MIT OR ISC) AND GPL-3.0-only", false),
        ("MIT/Apache-2.0", true),
        ("MIT WITH some-exception", false),
        ("", false),
    ] {
        assert_eq!(satisfied(expression, &allowed), expected, "{expression}");
    }
}

#[test]
fn a_ban_may_name_versions_from_below() {
    let package = |version: &str| Package {
        id: String::new(),
        name: "h2".into(),
        version: version.into(),
        license: None,
        license_file: None,
        manifest_path: String::new(),
        source: None,
    };
    assert!(hits("h2@<0.4.18", &package("0.4.9")));
    assert!(!hits("h2@<0.4.18", &package("0.4.18")));
    assert!(!hits("h2@<0.4.18", &package("1.0.0")));
    assert!(hits("h2", &package("9.9.9")));
}

/// Only what this platform builds: the others' crates may not be on the machine.
fn metadata() -> Metadata {
    let version = Command::new("rustc").arg("-vV").output().unwrap();
    let version = String::from_utf8(version.stdout).unwrap();
    let host = version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap();
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--offline",
            "--locked",
            "--filter-platform",
            host,
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

fn deny() -> Deny {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/deny.toml");
    toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The names of the crates that the program itself is made of: what can be reached without a
/// development dependency.
fn shipped(metadata: &Metadata) -> BTreeSet<&str> {
    let packages: BTreeMap<&str, &Package> = metadata
        .packages
        .iter()
        .map(|package| (package.id.as_str(), package))
        .collect();
    let nodes: BTreeMap<&str, &Node> = metadata
        .resolve
        .nodes
        .iter()
        .map(|node| (node.id.as_str(), node))
        .collect();
    let root = metadata
        .packages
        .iter()
        .find(|package| package.source.is_none())
        .unwrap();
    let mut seen = BTreeSet::from([root.id.as_str()]);
    let mut open = vec![root.id.as_str()];
    while let Some(id) = open.pop() {
        for dependency in &nodes[id].deps {
            let ships = dependency
                .dep_kinds
                .iter()
                .any(|kind| kind.kind.as_deref() != Some("dev"));
            if ships && seen.insert(&dependency.pkg) {
                open.push(&dependency.pkg);
            }
        }
    }
    seen.into_iter().map(|id| packages[id].name.as_str()).collect()
}

fn permitted(package: &Package, licenses: &Licenses) -> bool {
    let mut allowed = licenses.allow.clone();
    let own = licenses
        .exceptions
        .iter()
        .filter(|exception| exception.name == package.name);
    allowed.extend(own.flat_map(|exception| exception.allow.iter().cloned()));
    match &package.license {
        Some(expression) => satisfied(expression, &allowed),
        None => allowed.contains("MIT") && file_says_mit(package),
    }
}

/// Whether the only word a crate gives on its licence is a file with the MIT licence, word for word
/// from its grant on.
fn file_says_mit(package: &Package) -> bool {
    let folder = std::path::Path::new(&package.manifest_path).parent().unwrap();
    let Some(name) = &package.license_file else {
        return false;
    };
    is_mit(&std::fs::read_to_string(folder.join(name)).unwrap_or_default())
}

fn is_mit(text: &str) -> bool {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = words(text);
    let grant = text.find("Permission is hereby granted").map(|at| &text[at..]);
    grant == Some(words(MIT).as_str())
}

const MIT: &str = "Permission is hereby granted, free of charge, to any person obtaining a copy of this \
    software and associated documentation files (the \"Software\"), to deal in the Software without \
    restriction, including without limitation the rights to use, copy, modify, merge, publish, \
    distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the \
    Software is furnished to do so, subject to the following conditions: The above copyright notice \
    and this permission notice shall be included in all copies or substantial portions of the \
    Software. THE SOFTWARE IS PROVIDED \"AS IS\", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, \
    INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE \
    AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, \
    DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, \
    OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.";

/// Whether an SPDX expression can be met with the allowed licences. AND binds tighter than OR; a
/// slash is the old spelling of OR.
fn satisfied(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let mut words = spaced.split_whitespace().peekable();
    let met = alternatives(&mut words, allowed);
    met && words.next().is_none()
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn alternatives(words: &mut Words, allowed: &BTreeSet<String>) -> bool {
    let mut met = conjunction(words, allowed);
    while words.next_if_eq(&"OR").is_some() {
        met |= conjunction(words, allowed);
    }
    met
}

fn conjunction(words: &mut Words, allowed: &BTreeSet<String>) -> bool {
    let mut met = licence(words, allowed);
    while words.next_if_eq(&"AND").is_some() {
        met &= licence(words, allowed);
    }
    met
}

fn licence(words: &mut Words, allowed: &BTreeSet<String>) -> bool {
    match words.next() {
        Some("(") => {
            let met = alternatives(words, allowed);
            words.next() == Some(")") && met
        }
        Some(name) if words.next_if_eq(&"WITH").is_some() => {
            allowed.contains(&format!("{name} WITH {}", words.next().unwrap_or_default()))
        }
        Some(name) => allowed.contains(name),
        None => false,
    }
}

/// Whether `name` or `name@<version` speaks of the package.
fn hits(spec: &str, package: &Package) -> bool {
    match spec.split_once("@<") {
        Some((name, below)) => name == package.name && numbers(&package.version) < numbers(below),
        None => {
            assert!(
                !spec.contains('@'),
                "this test reads `name` and `name@<version`, not {spec}"
            );
            spec == package.name
        }
    }
}

fn numbers(version: &str) -> Vec<u64> {
    version
        .split(['.', '-', '+'])
        .map_while(|number| number.parse().ok())
        .collect()
}
