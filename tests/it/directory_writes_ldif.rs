//! The file of people is written: the contract of writing, and what is particular to a file.

use std::sync::Arc;

use mereau::base::clock::{HandClock, Timestamp};
use mereau::base::entropy::SeededEntropy;
use mereau::base::names::PersonKey;
use mereau::directory::ldif::LdifDirectory;
use mereau::directory::state::{Preset, StateRules};
use mereau::directory::{
    Directory, DirectoryError, EntryMapping, FenceKind, Manner, PasswordRefusal, PasswordWrite, Wrote,
};
use mereau::passwords::hashes;

use crate::directory::{password, person};
use crate::directory_writes::{FIRST, LOCKED, PEOPLE, WriteWorld};
use crate::directory_writes_contract;

const NOW: Timestamp = Timestamp(1_795_000_000_000);

fn people() -> String {
    let hash = hashes::argon2id_costing(FIRST.as_bytes(), &SeededEntropy::new(7), 64, 1).unwrap();
    let entry = |login: &&str| {
        let lock = if **login == *LOCKED {
            "pwdAccountLockedTime: 000001010000Z\n"
        } else {
            ""
        };
        format!("dn: uid={login},dc=x\nuid: {login}\nentryUUID: key-{login}\nuserPassword: {hash}\n{lock}\n")
    };
    PEOPLE.iter().map(entry).collect()
}

fn mapping() -> EntryMapping {
    let mut mapping = EntryMapping {
        state_rules: StateRules::default().with_presets(&[Preset::OpenldapPpolicy]),
        ..EntryMapping::default()
    };
    let more = ["mereauRecoveryMail", "mereauRecoveryMobile"];
    mapping.attributes.extend(more.map(str::to_owned));
    mapping
}

async fn open(text: &str) -> (tempfile::TempDir, LdifDirectory) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("people.ldif");
    std::fs::write(&path, text).unwrap();
    let clock = Arc::new(HandClock::at(NOW));
    let directory = LdifDirectory::open(&path, mapping(), clock).await.unwrap();
    (folder, directory)
}

async fn world() -> WriteWorld {
    let (folder, directory) = open(&people()).await;
    WriteWorld {
        directory: Arc::new(directory.with_writing(Arc::new(SeededEntropy::new(1)))),
        has_policy: false,
        has_history: false,
        several: "mereauRecoveryMail",
        single: "mereauRecoveryMobile",
        alive: Box::new(folder),
    }
}

directory_writes_contract!(world());

#[tokio::test]
async fn a_file_that_is_not_to_be_written_never_is() {
    let (folder, directory) = open(&people()).await;
    let before = std::fs::read(folder.path().join("people.ldif")).unwrap();
    let key = PersonKey("key-w.once".into());
    let write = PasswordWrite {
        key: &key,
        new: &password("x-Sesame-1"),
        guard: None,
        manner: Manner::Reset,
    };
    let refused = directory.write_password(&write).await;
    assert!(matches!(refused, Err(DirectoryError::NotWritable)));
    assert!(matches!(
        directory.write_attributes(&key, &[]).await,
        Err(DirectoryError::NotWritable)
    ));
    assert!(!directory.writable() && directory.fence() == FenceKind::None);
    assert_eq!(std::fs::read(folder.path().join("people.ldif")).unwrap(), before);
}

#[tokio::test]
async fn a_password_that_another_system_holds_is_never_overwritten() {
    // SEC-84
    let text = "dn: uid=a,dc=x\nuid: a\nentryUUID: k\nuserPassword: {SASL}a@EXAMPLE.ORG\n";
    let (folder, directory) = open(text).await;
    let directory = directory.with_writing(Arc::new(SeededEntropy::new(1)));
    let anne = person(&directory, "a").await;
    let write = PasswordWrite {
        key: &anne.key,
        new: &password("x-Sesame-1"),
        guard: None,
        manner: Manner::Reset,
    };
    let wrote = directory.write_password(&write).await.unwrap();
    assert_eq!(wrote, Wrote::Refused(PasswordRefusal::PassThrough, None));
    assert_eq!(
        std::fs::read_to_string(folder.path().join("people.ldif")).unwrap(),
        text
    );
}

#[tokio::test]
async fn a_hash_put_there_by_hand_makes_every_guard_from_before_worthless() {
    // I2
    let (folder, directory) = open(&people()).await;
    let directory = directory.with_writing(Arc::new(SeededEntropy::new(1)));
    let key = PersonKey("key-w.once".into());
    let read = directory.read_for_write(&key).await.unwrap().unwrap();
    let path = folder.path().join("people.ldif");
    let other = hashes::argon2id_costing(b"by hand", &SeededEntropy::new(9), 64, 1).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let first = hashes::argon2id_costing(FIRST.as_bytes(), &SeededEntropy::new(7), 64, 1).unwrap();
    std::fs::write(&path, text.replacen(&first, &other, 1)).unwrap();
    let write = PasswordWrite {
        key: &key,
        new: &password("x-Sesame-1"),
        guard: read.guard.as_ref(),
        manner: Manner::Reset,
    };
    assert_eq!(directory.write_password(&write).await.unwrap(), Wrote::Moved);
}
