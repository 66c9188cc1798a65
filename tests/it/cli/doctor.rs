//! `doctor` on files of people; on LDAP and Redis it is tried live.

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
