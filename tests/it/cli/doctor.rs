//! `doctor` on files of people; on LDAP and Redis it is tried live.

use serde_json::Value;

use super::demo::PASSWORD;
use super::process::{change, demo_folder, mereau, text};

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
fn a_person_is_explained_from_the_login_to_the_rule_that_fired() {
    let folder = demo_folder();
    let config = folder.path().join("server.toml").display().to_string();
    let ask = |arguments: &[&str]| {
        let mut all = vec!["doctor", "--config", config.as_str(), "person"];
        all.extend(arguments);
        mereau(&all, "")
    };
    let locked = ask(&["hugo.martin", "--tenant", "0999901A"]);
    let lines = text(&locked.stdout);
    assert_eq!(locked.status.code(), Some(1));
    assert!(
        lines.contains("entry uid=hugo.martin,ou=people,dc=valmore,dc=example"),
        "{lines}"
    );
    assert!(
        lines.contains("STATE_SUSPENDED: by rule 1: (supannRessourceEtat={COMPTE}S*)"),
        "{lines}"
    );
    let alias = ask(&["CDurand", "--realm", "valmore"]);
    assert!(alias.status.success());
    assert!(text(&alias.stdout).contains("canonical login camille.durand"));
    let nobody = ask(&["nobody", "--json"]);
    let told: Value = serde_json::from_slice(&nobody.stdout).unwrap();
    let told = told.as_array().unwrap();
    assert_eq!(told.len(), 3, "one line per realm");
    assert!(
        told.iter().all(
            |line| line["level"] == "FAIL" && line["fact"].as_str().unwrap().starts_with("LOGIN_UNKNOWN")
        )
    );
    let nowhere = ask(&["camille.durand", "--realm", "valmor"]);
    assert!(text(&nowhere.stderr).contains("there are: haut-marais, rosa-bonheur, valmore"));
}

#[test]
fn a_password_can_be_tried_and_is_never_printed() {
    // SEC-11
    let folder = demo_folder();
    let config = folder.path().join("server.toml").display().to_string();
    let arguments = [
        "doctor",
        "person",
        "camille.durand",
        "--realm",
        "valmore",
        "--try-password",
        "--config",
        &config,
    ];
    for (password, code, said) in [
        (PASSWORD, 0, "the password is right"),
        ("canary-7Hq2", 1, "PWD_WRONG"),
        ("", 1, "cannot be a password"),
    ] {
        let tried = mereau(&arguments, &format!("{password}\n"));
        let told = text(&tried.stdout) + &text(&tried.stderr);
        assert_eq!(tried.status.code(), Some(code), "{told}");
        assert!(told.contains(said), "{told}");
        assert!(password.is_empty() || !told.contains(password), "{told}");
    }
}
