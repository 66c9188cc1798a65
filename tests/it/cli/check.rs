//! `check`, `keys` and `config`.

use tempfile::TempDir;

use super::process::{change, copy, demo_folder, mereau, mode, repository, text};

#[test]
fn the_shipped_configuration_is_good_as_it_is() {
    let shipped = repository().join("conf/server.toml");
    let checked = mereau(&["check", "--config", &shipped.display().to_string()], "");
    assert!(checked.status.success(), "{}", text(&checked.stderr));
    assert_eq!(text(&checked.stdout), "good: 1 realm, 1 institution, 1 service\n");
}

#[test]
fn the_demonstrations_configuration_is_good_once_it_has_a_key() {
    let folder = demo_folder();
    let config = folder.path().join("server.toml").display().to_string();
    let checked = mereau(&["check", "--config", &config], "");
    assert!(checked.status.success(), "{}", text(&checked.stderr));
    assert_eq!(
        text(&checked.stdout),
        "good: 3 realms, 5 institutions, 1 service\n"
    );
}

#[test]
fn a_wrong_configuration_is_told_with_file_line_and_mend_and_starts_nothing() {
    let folder = TempDir::new().unwrap();
    copy(&repository().join("conf"), folder.path());
    change(
        &folder.path().join("server.toml"),
        "listen = \"127",
        "lisen = \"127",
    );
    let config = folder.path().join("server.toml").display().to_string();
    for command in ["check", "serve", "doctor"] {
        let told = mereau(&[command, "--config", &config], "");
        assert_eq!(told.status.code(), Some(1), "{command}");
        let error = text(&told.stderr);
        for part in [
            ":5:1: server.lisen",
            "did you mean “listen”?",
            "mend: one of: listen",
            "1 problem",
        ] {
            assert!(error.contains(part), "{command}: {part} is not in {error}");
        }
        assert!(told.stdout.is_empty());
    }
}

#[test]
fn a_flaw_in_a_file_of_people_or_a_certificate_is_found_without_starting() {
    let folder = demo_folder();
    let people = folder.path().join("people/valmore.ldif");
    change(&people, "entryUUID: 0e1f0c00-0000-4000-8000-000000000003\n", "");
    let config = folder.path().join("server.toml").display().to_string();
    let told = mereau(&["check", "--config", &config], "");
    assert_eq!(told.status.code(), Some(1));
    let error = text(&told.stderr);
    assert!(
        error.contains("valmore.ldif") && error.contains("elise.lefevre-noel") && error.contains("line "),
        "{error}"
    );
}

#[test]
fn a_new_key_is_private_and_never_replaces_another() {
    // T-96
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("1.key");
    let name = path.display().to_string();
    let made = mereau(&["keys", "new", &name], "");
    assert!(made.status.success() && mode(&path) == 0o600);
    let key = std::fs::read_to_string(&path).unwrap();
    assert!(!text(&made.stdout).contains(key.trim()));
    let again = mereau(&["keys", "new", &name], "");
    assert_eq!(again.status.code(), Some(1));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), key);
}

#[test]
fn the_reference_is_printed_as_it_is_shipped() {
    let printed = mereau(&["config", "reference"], "");
    let shipped = std::fs::read_to_string(repository().join("conf/reference.toml")).unwrap();
    assert_eq!(text(&printed.stdout).trim_end(), shipped.trim_end());
}

#[test]
fn arguments_that_make_no_sense_are_explained() {
    let told = mereau(&["sevre"], "");
    assert_eq!(told.status.code(), Some(2));
    assert!(text(&told.stderr).contains("serve"), "{}", text(&told.stderr));
}
