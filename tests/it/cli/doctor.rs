//! `doctor` on files of people; on LDAP and Redis it is tried live.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::Value;

use super::process::{change, demo_folder, mereau, text};
use crate::certificates::Authority;

#[test]
fn every_part_has_its_line_and_a_broken_one_says_what_to_do() {
    let folder = demo_folder();
    let config = folder.path().join("server.toml").display().to_string();
    let good = mereau(&["doctor", "--config", &config], "");
    let lines = text(&good.stdout);
    assert!(good.status.success(), "{lines}");
    assert!(lines.contains("OK    realm valmore: 9 people in"), "{lines}");
    assert!(lines.contains("OK    ticket store: on this machine"), "{lines}");
    change(
        &folder.path().join("people/valmore.ldif"),
        "dn: uid=hugo",
        "uid=hugo",
    );
    let broken = mereau(&["doctor", "--config", &config], "");
    let lines = text(&broken.stdout);
    assert_eq!(broken.status.code(), Some(1));
    assert!(
        lines.contains("FAIL  realm valmore: ") && lines.contains("→ mend the file"),
        "{lines}"
    );
    assert!(lines.contains("OK    realm rosa-bonheur"), "{lines}");
}

#[test]
fn each_line_has_a_code_for_scripts_and_all_codes_are_printed() {
    let folder = demo_folder();
    let config = folder.path().join("server.toml").display().to_string();
    let told = mereau(&["doctor", "--json", "--config", &config], "");
    let told: Value = serde_json::from_slice(&told.stdout).unwrap();
    let codes: Vec<&str> = told
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["code"].as_str().unwrap())
        .collect();
    for code in ["DIR_FILE", "STORE", "KEYS", "FILES", "TLS_OWN"] {
        assert!(codes.contains(&code), "{code}: {codes:?}");
    }
    let all = mereau(&["doctor", "codes"], "");
    let all = text(&all.stdout);
    for code in codes {
        assert!(all.contains(&format!("| `{code}` |")), "{code} is in no list");
    }
}

#[test]
fn folders_and_files_that_others_may_write_are_told_with_the_command_that_mends_them() {
    // T-96
    let folder = demo_folder();
    let config = folder.path().join("server.toml");
    let mode = |path: &Path, mode: u32| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let replaceable = || {
        let told = mereau(&["doctor", "--config", &config.display().to_string()], "");
        let told = text(&told.stdout);
        told.lines()
            .filter(|line| line.ends_with("[FILES_REPLACEABLE]"))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    mode(folder.path(), 0o755);
    assert_eq!(replaceable(), [""; 0]);
    mode(folder.path(), 0o777);
    mode(&config, 0o666);
    let told = replaceable();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told.iter().all(|line| line.contains(" → chmod go-w ")),
        "{told:?}"
    );
    // As /tmp is: only the owner of a file may replace it.
    mode(folder.path(), 0o1777);
    mode(&config, 0o644);
    assert_eq!(replaceable(), [""; 0]);
}

#[test]
fn the_own_certificate_is_looked_at_as_a_browser_will() {
    // F-24
    let folder = demo_folder();
    let config = folder.path().join("server.toml");
    let pair = |host: &str, change: fn(&mut rcgen::CertificateParams)| {
        let (chain, key) = Authority::new().issue_as(&[host], change);
        for (name, text) in [("chain.pem", chain), ("key.pem", key)] {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        }
    };
    change(
        &config,
        "[keys]",
        "[server.tls]\ncertificate = \"chain.pem\"\nkey = \"key.pem\"\n\n[keys]",
    );
    change(
        &config,
        "http://localhost:8080/cas",
        "https://cas.example.org/cas",
    );
    let told = || {
        let told = mereau(
            &["doctor", "--json", "--config", &config.display().to_string()],
            "",
        );
        let told: Value = serde_json::from_slice(&told.stdout).unwrap();
        let lines = told.as_array().unwrap().iter();
        let codes = lines
            .filter_map(|line| line["code"].as_str())
            .filter(|code| code.starts_with("TLS_OWN"));
        codes.map(str::to_owned).collect::<Vec<_>>()
    };
    pair("cas.example.org", |_| {});
    assert_eq!(
        told(),
        ["TLS_OWN", "TLS_OWN_CHAIN"],
        "its authority is the test's own"
    );
    pair("other.example.org", |_| {});
    assert_eq!(told(), ["TLS_OWN", "TLS_OWN_NAME", "TLS_OWN_CHAIN"]);
    pair("cas.example.org", |wanted| {
        wanted.not_after = rcgen::date_time_ymd(2025, 1, 1)
    });
    assert_eq!(told(), ["TLS_OWN_UNUSABLE"]);
    fs::write(
        folder.path().join("chain.pem"),
        "-----BEGIN CERTIFICATE-----\n\x1b[2J",
    )
    .unwrap();
    assert_eq!(told(), ["TLS_OWN_UNUSABLE"]);
}
