//! The map in src/lib.rs is the dependency rule: who may use which module, and where an outside
//! crate lives. This test reads the table and the paths of every file, and fails when they disagree.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::rust_paths::{self, paths};

/// The things that answer the ports. Whoever else names one is tied to it.
const ADAPTERS: [&str; 6] = [
    "directory::ldap",
    "directory::ldif",
    "tickets::redis",
    "tickets::embedded",
    "upstreams::cas",
    "audit::file",
];
const ASSEMBLY: &str = "cli::assemble";

struct Rule {
    modules: BTreeSet<String>,
    crates: BTreeSet<String>,
}

struct Map {
    rules: BTreeMap<String, Rule>,
    free: BTreeSet<String>,
    free_in_tests: BTreeSet<String>,
}

#[test]
fn every_file_keeps_to_the_map() {
    let map = read_map(&read("src/lib.rs"));
    let outside = outside_crates();
    let mut breaches = Vec::new();
    for file in rust_files("src") {
        let own = module_of(&file);
        let Some(rule) = own.first().and_then(|top| map.rules.get(top)) else {
            continue; // lib.rs and main.rs are the door
        };
        for path in paths(&read(&file)) {
            let target = resolve(&own, &path);
            let breach = match target.first().map(String::as_str) {
                Some("crate") => target.get(1).is_some_and(|module| {
                    map.rules.contains_key(module)
                        && *module != own[0]
                        && !rule.modules.contains("*")
                        && !rule.modules.contains(module)
                }),
                Some(name) if outside.contains(name) => {
                    let in_tests = path.inline > 0 || own.last().is_some_and(|last| last == "tests");
                    !(map.free.contains(name)
                        || rule.crates.contains(name)
                        || in_tests && map.free_in_tests.contains(name))
                }
                _ => false,
            };
            if breach {
                breaches.push(format!("{file}:{}: {}", path.line, path.segments.join("::")));
            }
        }
    }
    assert!(
        breaches.is_empty(),
        "against the map in src/lib.rs:\n{}",
        breaches.join("\n")
    );
}

#[test]
fn only_the_assembly_knows_the_adapters_names() {
    let mut breaches = Vec::new();
    for file in rust_files("src") {
        let own = module_of(&file);
        let here = own.join("::");
        for path in paths(&read(&file)) {
            let target = resolve(&own, &path);
            let target = target
                .strip_prefix(&["crate".to_owned()])
                .unwrap_or(&target)
                .join("::");
            let Some(adapter) = ADAPTERS.into_iter().find(|adapter| within(&target, adapter)) else {
                continue;
            };
            let may = within(&here, adapter)
                || within(&here, ASSEMBLY)
                || within(&here, "config") && names_settings(adapter, &target);
            if !may {
                breaches.push(format!("{file}:{}: {}", path.line, path.segments.join("::")));
            }
        }
    }
    assert!(
        breaches.is_empty(),
        "adapters are named outside {ASSEMBLY}:\n{}",
        breaches.join("\n")
    );
}

#[test]
fn the_settings_of_an_adapter_are_told_from_the_adapter() {
    for adapter in ADAPTERS {
        assert!(
            !ports_answered_in(adapter).is_empty(),
            "{adapter} answers no port"
        );
    }
    assert!(names_settings("directory::ldap", "directory::ldap::LdapSettings"));
    assert!(!names_settings(
        "directory::ldap",
        "directory::ldap::LdapDirectory"
    ));
    assert!(!names_settings(
        "directory::ldap",
        "directory::ldap::LdapDirectory::new"
    ));
    assert!(!names_settings("directory::ldap", "directory::ldap"));
    assert!(!names_settings("directory::ldap", "directory::ldap::*"));
}

#[test]
fn the_map_and_the_folders_agree() {
    let map = read_map(&read("src/lib.rs"));
    let folders: BTreeSet<String> = rust_files("src")
        .iter()
        .filter_map(|file| module_of(file).first().cloned())
        .collect();
    let unmapped: Vec<_> = folders
        .iter()
        .filter(|folder| !map.rules.contains_key(*folder))
        .collect();
    assert!(unmapped.is_empty(), "not in the map: {unmapped:?}");
    let absent: Vec<_> = map
        .rules
        .keys()
        .filter(|module| !folders.contains(*module))
        .collect();
    assert!(absent.is_empty(), "in the map, but nowhere: {absent:?}");
}

#[test]
fn modules_of_the_map_use_each_other_one_way() {
    let map = read_map(&read("src/lib.rs"));
    for (module, rule) in &map.rules {
        for used in &rule.modules {
            let back = map
                .rules
                .get(used)
                .is_some_and(|other| other.modules.contains(module));
            assert!(!back, "{module} and {used} may use each other");
        }
    }
}

#[test]
fn every_file_says_what_it_is_and_stays_readable() {
    for file in ["src", "tests", "examples"].into_iter().flat_map(rust_files) {
        let text = read(&file);
        assert!(text.starts_with("//! "), "{file} does not open with what it is");
        let lines = text.lines().count();
        assert!(lines <= 500, "{file} has {lines} lines");
    }
}

#[test]
fn the_map_is_read_as_it_is_written() {
    let map = read_map(
        "//! | module | may use | outside crates at home here |\n//! |---|---|---|\n//! | base | – | ring |\n\
         //! | http | base, tls | axum, hyper |\n//!\n//! Free everywhere: std, serde,\n//! http (the types), url.\n//!\n//! Free in tests: tempfile.\n",
    );
    assert_eq!(map.rules.len(), 2);
    assert!(map.rules["base"].modules.is_empty());
    assert_eq!(
        map.rules["http"].crates,
        BTreeSet::from(["axum".to_owned(), "hyper".to_owned()])
    );
    assert_eq!(
        map.free,
        BTreeSet::from(["std", "serde", "http", "url"].map(str::to_owned))
    );
    assert_eq!(map.free_in_tests, BTreeSet::from(["tempfile".to_owned()]));
}

#[test]
fn a_path_is_resolved_from_where_it_stands() {
    let resolved = |own: &[&str], segments: &str, inline| {
        let own: Vec<String> = own.iter().map(|part| (*part).to_owned()).collect();
        let segments = segments.split("::").map(str::to_owned).collect();
        resolve(
            &own,
            &rust_paths::Path {
                segments,
                inline,
                line: 1,
            },
        )
        .join("::")
    };
    assert_eq!(
        resolved(&["http"], "super::flows::login", 0),
        "crate::flows::login"
    );
    assert_eq!(
        resolved(&["http", "login"], "super::csrf", 0),
        "crate::http::csrf"
    );
    assert_eq!(
        resolved(&["http", "login"], "super::csrf", 1),
        "crate::http::login::csrf"
    );
    assert_eq!(
        resolved(&["http"], "self::csrf::Token", 0),
        "crate::http::csrf::Token"
    );
    assert_eq!(resolved(&["http"], "axum::Router", 0), "axum::Router");
    assert_eq!(resolved(&["tickets"], "redis::Store", 0), "redis::Store");
}

fn read_map(text: &str) -> Map {
    let lines: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("//!"))
        .map(str::trim)
        .collect();
    let rules = lines
        .iter()
        .filter_map(|line| {
            let cells: Vec<&str> = line.strip_prefix('|')?.strip_suffix('|')?.split('|').collect();
            let [module, modules, crates] = cells[..] else {
                return None;
            };
            let rule = Rule {
                modules: names(modules),
                crates: names(crates),
            };
            Some((module.trim().to_owned(), rule))
        })
        .filter(|(module, _)| module != "module" && !module.starts_with('-'))
        .collect();
    let list = |title: &str| {
        let from = lines.iter().copied().skip_while(|line| !line.starts_with(title));
        let text = from
            .take_while(|line| !line.is_empty())
            .collect::<Vec<_>>()
            .join(" ");
        names(
            text.trim_start_matches(title)
                .split('.')
                .next()
                .unwrap_or_default(),
        )
    };
    Map {
        rules,
        free: list("Free everywhere:"),
        free_in_tests: list("Free in tests:"),
    }
}

/// `a, b (as here), c` without the remarks; `–` is nothing.
fn names(list: &str) -> BTreeSet<String> {
    list.split(',')
        .filter_map(|name| name.split_whitespace().next())
        .filter(|name| *name != "–")
        .map(str::to_owned)
        .collect()
}

/// The names of our dependencies as Rust writes them; those for development exist in tests alone.
fn outside_crates() -> BTreeSet<String> {
    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
    let dependencies = manifest["dependencies"].as_table().unwrap();
    dependencies.keys().map(|name| name.replace('-', "_")).collect()
}

/// What a path leads to, from the crate's root (`crate::…`) where it is one of ours.
fn resolve(own: &[String], path: &rust_paths::Path) -> Vec<String> {
    let mut rest = path.segments.as_slice();
    let mut from = own.to_vec();
    from.extend(std::iter::repeat_n("tests".to_owned(), path.inline));
    if !matches!(rest[0].as_str(), "self" | "super") {
        return rest.to_vec();
    }
    while let Some(first) = rest.first() {
        match first.as_str() {
            "self" => {}
            "super" => _ = from.pop(),
            _ => break,
        }
        rest = &rest[1..];
    }
    [&["crate".to_owned()], from.as_slice(), rest].concat()
}

/// Whether a path into an adapter names one thing there that is not the adapter itself.
fn names_settings(adapter: &str, target: &str) -> bool {
    let rest = target
        .strip_prefix(adapter)
        .and_then(|rest| rest.strip_prefix("::"));
    let named: Vec<&str> = rest.map(|rest| rest.split("::").collect()).unwrap_or_default();
    let answering = ports_answered_in(adapter);
    !named.is_empty()
        && named
            .iter()
            .all(|name| *name != "*" && !answering.contains(*name))
}

/// The types of an adapter that answer a port: what stands behind `impl Directory for`.
fn ports_answered_in(adapter: &str) -> BTreeSet<String> {
    let folder = format!("src/{}", adapter.replace("::", "/"));
    let texts: Vec<String> = rust_files(&folder).iter().map(|file| read(file)).collect();
    let lines = texts.iter().flat_map(|text| text.lines());
    lines
        .filter_map(|line| {
            let line = line.trim_start();
            let ports = [
                "impl Directory for ",
                "impl TicketStore for ",
                "impl Throttle for ",
                "impl Upstream for ",
                "impl Audit for ",
            ];
            let name = ports.iter().find_map(|port| line.strip_prefix(port))?;
            Some(name.trim_end_matches(['{', ' ']).to_owned())
        })
        .collect()
}

/// Whether a path is that of `module` or of something in it.
fn within(path: &str, module: &str) -> bool {
    path.strip_prefix(module)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// `src/http/login.rs` is `http::login`; lib.rs and main.rs are the root.
fn module_of(file: &str) -> Vec<String> {
    let inner = file.trim_start_matches("src/").trim_end_matches(".rs");
    let mut parts: Vec<String> = inner.split('/').map(str::to_owned).collect();
    if parts
        .last()
        .is_some_and(|last| matches!(last.as_str(), "mod" | "lib" | "main"))
    {
        parts.pop();
    }
    parts
}

fn rust_files(folder: &str) -> Vec<String> {
    let (mut open, mut found) = (vec![PathBuf::from(folder)], Vec::new());
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(root().join(&folder)).unwrap() {
            let path = folder.join(entry.unwrap().file_name());
            if root().join(&path).is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path.display().to_string());
            }
        }
    }
    found.sort();
    found
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
