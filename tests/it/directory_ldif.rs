//! The file of people: the directory's contract, and what is particular to a file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use mereau::base::clock::{HandClock, Timestamp};
use mereau::directory::ldif::LdifDirectory;
use mereau::directory::{BindRefusal, Bound, Directory, DirectoryError, EntryMapping, Found, Standing};

use crate::directory::{World, login, mapping, password, person};
use crate::directory_contract;

/// 2026-11-18: between the dates of the fixture that lie behind and those that lie ahead.
const NOW: Timestamp = Timestamp(1_795_000_000_000);

async fn fixture() -> World {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/people.ldif");
    let clock = Arc::new(HandClock::at(NOW));
    World::on(LdifDirectory::open(&path, mapping(), clock).await.unwrap(), ())
}

directory_contract!(fixture());

struct File {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

fn file(text: &str) -> File {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("people.ldif");
    std::fs::write(&path, text).unwrap();
    File {
        _folder: folder,
        path,
    }
}

async fn open(file: &File) -> Result<LdifDirectory, DirectoryError> {
    let clock = Arc::new(HandClock::at(NOW));
    LdifDirectory::open(&file.path, EntryMapping::default(), clock).await
}

fn entry(uid: &str, password: &str) -> String {
    format!("dn: uid={uid},dc=x\nuid: {uid}\nentryUUID: key-{uid}\nuserPassword: {password}\n\n")
}

#[tokio::test]
async fn a_changed_file_is_noticed_and_a_broken_one_changes_nothing() {
    let file = file(&entry("anne", "{SSHA}x"));
    let directory = open(&file).await.unwrap();
    assert!(matches!(directory.find(&login("bert")).await, Ok(Found::Nobody)));
    std::fs::write(&file.path, entry("anne", "x") + &entry("bert", "x")).unwrap();
    assert_eq!(person(&directory, "bert").await.login, "bert");
    std::fs::write(&file.path, "dn: uid=zoe,dc=x\nno colon here\n").unwrap();
    assert_eq!(person(&directory, "bert").await.login, "bert");
    assert!(directory.reload().await.is_err());
    std::fs::remove_file(&file.path).unwrap();
    assert_eq!(person(&directory, "anne").await.login, "anne");
}

#[tokio::test]
async fn a_flaw_in_a_file_is_told_with_its_line() {
    for (text, expected) in [
        ("dn: uid=a,dc=x\nuid a\n", "line 2: a line is"),
        (
            "\n\ndn: uid=a,dc=x\nuid: a\n",
            "line 3: uid=a,dc=x has no entryUUID",
        ),
        (
            "dn: uid=a,dc=x\nuid: a\nentryUUID: k\n\ndn: uid=b,dc=x\nuid: b\nentryUUID: K\n",
            "line 5: another entry has the same entryUUID",
        ),
    ] {
        let error = open(&file(text)).await.err().unwrap().to_string();
        assert!(error.contains(expected), "{error}");
    }
    let missing = File {
        path: "/nonexistent/people.ldif".into(),
        ..file("")
    };
    assert!(matches!(open(&missing).await, Err(DirectoryError::Io { .. })));
}

#[tokio::test]
async fn branches_and_groups_are_no_people() {
    let file = file(&format!(
        "dn: dc=x\ndc: x\n\ndn: cn=all,dc=x\ncn: all\nmember: uid=a\n\n{}",
        entry("a", "x")
    ));
    assert_eq!(open(&file).await.unwrap().count(), 1);
}

#[tokio::test]
async fn a_password_that_cannot_be_compared_is_not_a_wrong_one() {
    // F-16
    let file = file(
        &[
            entry("md5", "{MD5}xyz"),
            entry("locked", "*LK*"),
            entry("none", ""),
        ]
        .concat(),
    );
    let directory = open(&file).await.unwrap();
    let bind = async |login| {
        directory
            .bind(&person(&directory, login).await, &password("x"))
            .await
    };
    let error = bind("md5").await.unwrap_err().to_string();
    assert!(error.contains("{MD5}") && !error.contains("xyz"), "{error}");
    assert_eq!(
        bind("locked").await.unwrap(),
        Bound::Refused(BindRefusal::Disabled)
    );
    assert!(
        bind("none").await.is_err(),
        "an empty value is clear text, never a match"
    );
}

#[tokio::test]
async fn what_is_written_is_read_and_the_rest_of_the_file_stays() {
    let text = format!("# kept\n{}", entry("anne", "{SSHA}x"));
    let file = file(&text);
    let mapping = EntryMapping {
        state_rules: mapping().state_rules,
        ..EntryMapping::default()
    };
    let clock = Arc::new(HandClock::at(NOW));
    let directory = LdifDirectory::open(&file.path, mapping, clock).await.unwrap();
    let anne = person(&directory, "anne").await;
    assert_eq!(anne.state.standing, Standing::Active);
    assert!(
        directory
            .write(&anne.key, "pwdReset", vec![b"TRUE".to_vec()])
            .await
            .unwrap()
    );
    assert_eq!(
        person(&directory, "anne").await.state.standing,
        Standing::MustChange
    );
    assert!(directory.write(&anne.key, "pwdReset", vec![]).await.unwrap());
    assert_eq!(std::fs::read_to_string(&file.path).unwrap(), text);
    let gone = mereau::base::names::PersonKey("nobody".into());
    assert!(!directory.write(&gone, "pwdReset", vec![]).await.unwrap());
}
