//! `[recovery]` of a realm: by what people are known, what a shared mailbox is sent, who one is.

use mereau::config::DirectorySettings;
use mereau::flows::recovery::{Known, SharedMailbox};

use super::files::Folder;

fn with(lines: &str) -> Folder {
    let folder = Folder::good();
    folder.change(
        "realms/univ.toml",
        "[contact]",
        &format!(
            "[recovery]\naddresses = [{{ attribute = \"mail\", trust = \"validated\", kind = \"mail\" }}]\n{lines}\n\
             [recovery.sender]\naddress = \"ne-pas-repondre@univ-valmore.example\"\n\n[contact]"
        ),
    );
    folder
}

#[test]
fn a_realm_says_by_what_people_are_known_and_those_attributes_are_read() {
    // S1-02, S2-16, S3-09
    let folder = with(
        "known_by = [{ attribute = \"mobile\", kind = \"phone\" }, { attribute = \"mailLocalAddress\", kind = \"mail\" }, { attribute = \"employeeNumber\" }]\n\
         shared_mailbox = \"ask-username\"\n\
         [recovery.who]\nbirths = [\"schacDateOfBirth\"]\nnumbers = [\"supannCodeINE\", \"supannEtuId\"]",
    );
    let loaded = folder.loaded();
    let realm = &loaded.settings.realms[0];
    let recovery = realm.recovery.as_ref().unwrap();
    let kinds: Vec<Known> = recovery.known_by.iter().map(|known| known.kind).collect();
    assert_eq!(kinds, [Known::Phone, Known::Mail, Known::Text]);
    assert_eq!(recovery.shared, SharedMailbox::AskUsername);
    assert_eq!(recovery.who.as_ref().unwrap().names, ["sn"]);
    let DirectorySettings::Ldap(directory) = &realm.directory else {
        panic!("another directory")
    };
    for name in [
        "mobile",
        "mailLocalAddress",
        "employeeNumber",
        "schacDateOfBirth",
        "supannEtuId",
    ] {
        assert!(directory.mapping.wanted().contains(&name.to_owned()), "{name}");
        assert!(
            !directory.mapping.attributes.contains(&name.to_owned()),
            "{name} is for us alone"
        );
    }
}

#[test]
fn by_default_there_is_nothing_of_it() {
    // S2-18, S3-09
    let loaded = with("").loaded();
    let recovery = loaded.settings.realms[0].recovery.as_ref().unwrap();
    assert!(recovery.known_by.is_empty() && recovery.who.is_none());
    assert_eq!(recovery.shared, SharedMailbox::List);
}

#[test]
fn who_one_is_takes_a_name_a_day_and_a_number() {
    // S3-09
    for (lines, key) in [
        (
            "births = [\"schacDateOfBirth\"]\nnumbers = []",
            "recovery.who.numbers",
        ),
        ("births = []\nnumbers = [\"supannEtuId\"]", "recovery.who.births"),
        ("births = [\"schacDateOfBirth\"]", "numbers"),
    ] {
        let problems = with(&format!("[recovery.who]\n{lines}")).problems();
        assert!(problems.contains(key), "{lines}: {problems}");
    }
}
