//! `config migrate` and `upgrade-check`.

use tempfile::TempDir;

use super::process::{change, copy, mereau, repository, text};

#[test]
fn a_configuration_of_this_schema_needs_no_migration_and_one_of_a_later_is_refused() {
    let folder = TempDir::new().unwrap();
    copy(&repository().join("conf"), folder.path());
    let server = folder.path().join("server.toml");
    let config = server.display().to_string();
    let told = mereau(&["config", "migrate", "--config", &config], "");
    assert!(told.status.success(), "{}", text(&told.stderr));
    assert_eq!(text(&told.stdout), "nothing to change: this is schema 1\n");

    change(&server, "[server]", "schema = 9\n[server]");
    for command in [&["check"][..], &["config", "migrate", "--write"]] {
        let told = mereau(&[command, &["--config", &config]].concat(), "");
        assert_eq!(told.status.code(), Some(1), "{command:?}");
        let error = text(&told.stderr);
        assert!(
            error.contains("later version") && error.contains("server.toml:"),
            "{error}"
        );
    }
    assert!(std::fs::read_to_string(&server).unwrap().contains("schema = 9"));
}

#[test]
fn the_same_version_rolls_and_one_that_stores_otherwise_does_not() {
    // F-32
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("formats.json");
    let name = file.display().to_string();
    assert!(mereau(&["upgrade-check", "--write", &name], "").status.success());
    let told = mereau(&["upgrade-check", "--from", &name], "");
    assert_eq!(told.status.code(), Some(0), "{}", text(&told.stdout));
    assert!(
        text(&told.stdout).contains("one by one"),
        "{}",
        text(&told.stdout)
    );

    let written = std::fs::read_to_string(&file).unwrap();
    let mut formats: serde_json::Value = serde_json::from_str(&written).unwrap();
    formats["stored"][0]["writes"] = serde_json::json!([0]);
    std::fs::write(&file, formats.to_string()).unwrap();
    let told = mereau(&["upgrade-check", "--from", &name], "");
    assert_eq!(told.status.code(), Some(3), "{}", text(&told.stdout));
    assert!(
        text(&told.stdout).contains("stop every server"),
        "{}",
        text(&told.stdout)
    );

    std::fs::write(&file, "{}").unwrap();
    let told = mereau(&["upgrade-check", "--from", &name], "");
    assert_eq!(told.status.code(), Some(1));
    assert!(
        text(&told.stderr).contains("upgrade-check --write"),
        "{}",
        text(&told.stderr)
    );
}
