//! The Debian package: clean, hardened, small, and in a bare Debian from its installation to its purge.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::{made_one, repository, said, unpack_package};
use crate::figure;
use crate::support::run::{run, succeed};

/// What the operator was promised.
const LARGEST: u64 = 10_000_000;

fn text(path: &Path) -> String {
    path.display().to_string()
}

#[test]
fn lintian_finds_nothing_and_every_override_has_its_reason() {
    let package = text(&made_one(".deb"));
    let mut lintian = Command::new("lintian");
    lintian.args(["--allow-root", "--fail-on", "error,warning", &package]);
    let output = run(&mut lintian, "");
    let found = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{found}");
    let wrong = |line: &&str| line.starts_with("E:") || line.starts_with("W:");
    assert_eq!(found.lines().find(wrong), None, "{found}");
    let overrides = fs::read_to_string(repository().join("packaging/debian/lintian-overrides")).unwrap();
    let mut reason = false;
    for line in overrides.lines() {
        assert!(line.starts_with('#') || reason, "{line} has no reason");
        reason = line.starts_with('#');
    }
}

#[test]
fn the_program_of_the_package_is_hardened_and_tells_nothing_of_who_built_it() {
    let folder = TempDir::new().unwrap();
    let program = unpack_package(folder.path()).join("usr/bin/mereau");
    let path = text(&program);
    let headers = said(
        "readelf",
        &["--wide", "--file-header", "--program-headers", "--dynamic", &path],
    );
    let has = |words: &[&str]| {
        headers
            .lines()
            .any(|line| words.iter().all(|word| line.contains(word)))
    };
    assert!(
        has(&["Type:", "DYN"]) && has(&["FLAGS_1", "PIE"]),
        "placed by chance: {headers}"
    );
    assert!(
        has(&["GNU_RELRO"]) && has(&["FLAGS", "NOW"]),
        "nothing is bound later: {headers}"
    );
    assert!(has(&["GNU_STACK", " RW "]), "the stack is not run: {headers}");
    assert!(
        !has(&["LOAD", "RWE"]) && !has(&["TEXTREL"]),
        "nothing is written and run: {headers}"
    );
    let bytes = fs::read(&program).unwrap();
    let holds = |words: &str| {
        bytes
            .windows(words.len())
            .any(|window| window == words.as_bytes())
    };
    assert!(
        holds("/cargo/registry/src/"),
        "paths are looked for where they would be"
    );
    for own in [text(repository()), std::env::var("HOME").unwrap() + "/.cargo"] {
        assert!(!holds(&own), "the program names {own}");
    }
}

#[test]
fn the_package_is_small() {
    let package = made_one(".deb");
    let size = fs::metadata(&package).unwrap().len();
    let folder = TempDir::new().unwrap();
    let program = unpack_package(folder.path()).join("usr/bin/mereau");
    let program = fs::metadata(program).unwrap().len();
    figure::tell(
        "package",
        &format!("Debian package: {size} bytes, at most {LARGEST}; the program in it: {program} bytes"),
    );
    assert!(size <= LARGEST, "{size} bytes");
}

#[test]
fn the_fence_of_apparmor_can_be_loaded() {
    let folder = TempDir::new().unwrap();
    let root = unpack_package(folder.path());
    let profile = text(&root.join("etc/apparmor.d/mereau"));
    // Compiled for a kernel that has AppArmor, whatever this one has.
    let features = "/etc/apparmor.d/abi/3.0";
    let parse = [
        "--skip-kernel-load",
        "--skip-cache",
        "--skip-read-cache",
        "--kernel-features",
        features,
        &profile,
    ];
    said("apparmor_parser", &parse);
    let service = fs::read_to_string(root.join("usr/lib/systemd/system/mereau.service.d/apparmor.conf"));
    assert!(service.unwrap().contains("AppArmorProfile=-mereau"));
}

/// The root of a bare Debian, and the archive that it was unpacked from; tests/run makes them.
fn bare_debian() -> (PathBuf, PathBuf) {
    let folder = repository().join("target/tests/debian");
    let (root, archive) = (folder.join("root"), folder.join("root.tar.gz"));
    assert!(
        root.join("etc/debian_version").exists(),
        "tests/run makes {}",
        text(&root)
    );
    (root, archive)
}

/// The package as an earlier version, with other words in two of its configuration files.
fn older(package: &Path, folder: &Path) -> PathBuf {
    let tree = folder.join("older");
    said("dpkg-deb", &["--raw-extract", &text(package), &text(&tree)]);
    let change = |name: &str, change: &dyn Fn(String) -> String| {
        let path = tree.join(name);
        let before = fs::read_to_string(&path).unwrap();
        let after = change(before.clone());
        assert_ne!(before, after, "{name}");
        fs::write(path, after).unwrap();
    };
    let version = |control: String| {
        let line = control
            .lines()
            .find(|line| line.starts_with("Version: "))
            .unwrap();
        control.replace(line, "Version: 0.0.9-1")
    };
    change("DEBIAN/control", &version);
    for name in [
        "etc/mereau/realms/example.toml",
        "etc/mereau/services/example.toml",
    ] {
        change(name, &|file| file + "# of the older version\n");
    }
    let built = folder.join("older.deb");
    let build = [
        "--root-owner-group",
        "-Znone",
        "--build",
        &text(&tree),
        &text(&built),
    ];
    said("dpkg-deb", &build);
    built
}

#[test]
fn it_is_installed_upgraded_removed_and_purged_in_a_bare_debian() {
    let (root, _) = bare_debian();
    let folder = TempDir::new().unwrap();
    let package = made_one(".deb");
    let older = older(&package, folder.path());
    let work = folder.path().join("work");
    fs::create_dir(&work).unwrap();
    let mut lifetime = Command::new(repository().join("tests/live/package/lifetime"));
    lifetime.args([&root, &older, &package]);
    lifetime.arg(repository().join("packaging/debian/tests/installed"));
    lifetime.arg(&work);
    let told = succeed(&mut lifetime, "");
    let step = |words: &str| assert!(told.contains(words), "{words}: {told}");
    step("== installed: 0.0.9-1");
    step("== upgraded: 0.1.0");
    step("== nothing is left");
    assert_eq!(told.matches("\ninstalled and working\n").count(), 2, "{told}");
}

#[test]
fn piuparts_finds_nothing_left_behind() {
    let (_, archive) = bare_debian();
    let release = fs::read_to_string("/etc/os-release").unwrap();
    let codename = release
        .lines()
        .find_map(|line| line.strip_prefix("VERSION_CODENAME="));
    let mut piuparts = Command::new("piuparts");
    piuparts.args([
        "--no-upgrade-test",
        "--no-eatmydata",
        "--distribution",
        codename.unwrap(),
    ]);
    piuparts
        .arg(format!("--basetgz={}", archive.display()))
        .arg(made_one(".deb"));
    let told = succeed(&mut piuparts, "");
    assert!(told.contains("PASS: Installation and purging test."), "{told}");
}
