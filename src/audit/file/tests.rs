//! The file and its walk: what is written is good, and whatever is done to it shows.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use zeroize::Zeroizing;

use super::FileAudit;
use crate::audit::verify::{Finding, Walk};
use crate::audit::{Actor, Audit, Event, Record};
use crate::base::clock::{HandClock, Timestamp};
use crate::base::entropy::SeededEntropy;
use crate::base::keys::{KeyRing, RootKey};
use crate::base::names::{AccountId, PersonKey, RealmId};

const NONE: [u64; 0] = [];

/// What somebody does to the lines of a file.
type Change<'a> = &'a dyn Fn(&mut Vec<String>);

struct Desk {
    folder: TempDir,
    keys: KeyRing,
}

fn root(id: u8) -> RootKey {
    RootKey {
        id,
        bytes: Zeroizing::new([id; 32]),
    }
}

impl Desk {
    fn new() -> Desk {
        Desk {
            folder: tempfile::tempdir().unwrap(),
            keys: KeyRing::new(root(1), vec![]),
        }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("audit.jsonl")
    }

    fn open(&self) -> FileAudit {
        open(&self.file(), &self.keys)
    }

    /// A file of a chain's start and `events` events.
    fn with(events: usize) -> Desk {
        let desk = Desk::new();
        let audit = desk.open();
        write(&audit, events);
        desk
    }

    fn lines(&self) -> Vec<String> {
        let text = fs::read_to_string(self.file()).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    fn put(&self, lines: &[String]) {
        fs::write(self.file(), lines.join("\n") + "\n").unwrap();
    }

    /// Line numbers where the chain is broken.
    fn broken(&self) -> Vec<u64> {
        let mut walk = Walk::new(&self.keys);
        broken(&walk_file(&mut walk, &self.file()))
    }
}

fn open(path: &Path, keys: &KeyRing) -> FileAudit {
    let clock = Arc::new(HandClock::at(Timestamp(1_795_000_000_123)));
    match FileAudit::open(path, keys.clone(), clock, &SeededEntropy::new(7)) {
        Ok(audit) => audit,
        Err(error) => panic!("{error}"),
    }
}

fn record() -> Record {
    let account = AccountId {
        realm: RealmId::new("campus").unwrap(),
        person: PersonKey("2f1c".to_owned()),
    };
    Record::of(Event::SignedIn, Timestamp(1_795_000_000_123))
        .about(&account)
        .by(Actor::Person)
}

fn write(audit: &FileAudit, events: usize) {
    (0..events).for_each(|_| audit.record(record()));
    assert!(audit.finish(Duration::from_secs(60)));
}

fn walk_file(walk: &mut Walk<'_>, path: &Path) -> Vec<Finding> {
    walk.file(&*fs::read(path).unwrap(), |_| {}).unwrap()
}

fn broken(findings: &[Finding]) -> Vec<u64> {
    let broken = findings.iter().filter(|finding| finding.broken);
    broken.map(|finding| finding.line).collect()
}

#[test]
fn an_event_is_one_line_with_its_facts_and_its_place_in_the_chain() {
    // SEC-89
    let desk = Desk::with(1);
    let lines = desk.lines();
    let line: serde_json::Value = serde_json::from_str(&lines[1]).unwrap();
    let mut line = line.as_object().unwrap().clone();
    assert_eq!(line.remove("mac").unwrap().as_str().unwrap().len(), 64);
    assert_eq!(line.remove("chain").unwrap().as_str().unwrap().len(), 16);
    assert_eq!(
        serde_json::Value::from(line),
        serde_json::json!({
            "n": 1, "key": 1, "event": "signed-in", "time": "2026-11-18T11:06:40.123Z",
            "realm": "campus", "actor": "self", "account": "2f1c", "step": "sign-in", "result": "done",
        })
    );
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(desk.file()).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn an_untouched_file_is_good_through_restarts_and_two_writers_and_a_new_key() {
    // SEC-89
    let mut desk = Desk::with(3);
    let (one, other) = (desk.open(), desk.open());
    for _ in 0..3 {
        write(&one, 2);
        write(&other, 2);
    }
    drop((one, other));
    desk.keys = KeyRing::new(root(2), vec![root(1)]);
    write(&desk.open(), 2);
    assert_eq!(desk.lines().len(), 1 + 3 + 2 + 12 + 1 + 2);
    assert_eq!(desk.broken(), NONE);
    // Whoever has no key of the old lines says so.
    desk.keys = KeyRing::new(root(2), vec![]);
    assert!(!desk.broken().is_empty());
}

#[test]
fn a_changed_line_shows() {
    // SEC-89, T-93
    for from in ["2f1c", "self", "11:06:40"] {
        let desk = Desk::with(6);
        let mut lines = desk.lines();
        lines[3] = lines[3].replacen(from, "0000", 1);
        desk.put(&lines);
        assert_eq!(desk.broken(), [4], "{from}");
    }
}

#[test]
fn a_line_taken_out_put_in_repeated_or_moved_shows() {
    // SEC-89, T-93
    let good = Desk::with(6);
    let lines = good.lines();
    let changes: [(&str, Change); 6] = [
        ("taken out", &|lines| drop(lines.remove(3))),
        ("the first taken out", &|lines| drop(lines.remove(0))),
        ("repeated", &|lines| lines.insert(4, lines[3].clone())),
        ("moved", &|lines| lines.swap(3, 4)),
        ("put in", &|lines| {
            let own = lines[3].replacen("2f1c", "beef", 1);
            lines.insert(3, own);
        }),
        ("torn", &|lines| lines[3].truncate(40)),
    ];
    for (what, change) in changes {
        let mut changed = lines.clone();
        change(&mut changed);
        good.put(&changed);
        assert!(!good.broken().is_empty(), "{what}");
    }
    good.put(&lines);
    assert_eq!(good.broken(), NONE);
}

#[test]
fn a_cut_tail_shows_only_to_who_remembers_the_end() {
    // SEC-89
    let desk = Desk::with(6);
    let mut walk = Walk::new(&desk.keys);
    walk_file(&mut walk, &desk.file());
    let (number, head) = walk.head().unwrap();
    assert_eq!(number, 6);
    let mut lines = desk.lines();
    lines.truncate(4);
    desk.put(&lines);
    assert_eq!(desk.broken(), NONE, "no chain can show this");
    let mut walk = Walk::new(&desk.keys);
    assert!(walk.remember(&head) && !walk.remember("not a MAC"));
    walk_file(&mut walk, &desk.file());
    assert_eq!(walk.missing(), [head]);
}

#[test]
fn a_rotated_file_goes_on_in_the_next_and_a_missing_one_shows() {
    // SEC-89
    let desk = Desk::new();
    let audit = desk.open();
    let mut moved = Vec::new();
    for number in 0..3 {
        write(&audit, 2);
        let to = desk.folder.path().join(format!("audit.{number}"));
        fs::rename(desk.file(), &to).unwrap();
        moved.push(to);
        audit.reopen();
    }
    write(&audit, 2);
    audit.reopen();
    write(&audit, 1);
    moved.push(desk.file());
    let walk = |files: &[PathBuf]| {
        let mut walk = Walk::new(&desk.keys);
        let found = files.iter().map(|file| broken(&walk_file(&mut walk, file)));
        found.collect::<Vec<_>>()
    };
    assert_eq!(walk(&moved), [[]; 4] as [[u64; 0]; 4]);
    assert_eq!(
        walk(&moved[2..]),
        [[]; 2] as [[u64; 0]; 2],
        "the later ones alone"
    );
    moved.remove(1);
    assert_eq!(walk(&moved), [vec![], vec![1], vec![]]);
}

#[test]
fn a_process_that_died_while_writing_leaves_a_chain_that_goes_on() {
    // SEC-89
    let desk = Desk::with(3);
    let mut text = fs::read(desk.file()).unwrap();
    text.extend_from_slice(b"{\"n\":4,\"chain\":\"");
    fs::write(desk.file(), &text).unwrap();
    write(&desk.open(), 2);
    assert_eq!(desk.broken(), NONE);
    let told = walk_file(&mut Walk::new(&desk.keys), &desk.file());
    assert!(told.iter().any(|finding| finding.line == 5), "{told:?}");
    // The same rest of a line without the word of the process that found it.
    let mut lines = desk.lines();
    lines[4] = lines[4].replacen("chain", "chains", 1);
    desk.put(&lines);
    assert_eq!(desk.broken(), [5]);
    assert_eq!(desk.lines().len(), 4 + 1 + 1 + 2);
}

#[test]
fn another_file_is_not_taken_for_an_audit() {
    let desk = Desk::new();
    fs::write(desk.file(), "something else\n").unwrap();
    let mode: fs::Permissions = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    fs::set_permissions(desk.file(), mode).unwrap();
    let clock = Arc::new(HandClock::at(Timestamp(0)));
    let opened = FileAudit::open(&desk.file(), desk.keys.clone(), clock, &SeededEntropy::new(7));
    assert!(opened.is_err());
    assert_eq!(fs::read(desk.file()).unwrap(), b"something else\n");
}

#[test]
fn events_have_names_and_texts_of_their_own() {
    let names: std::collections::BTreeSet<&str> = Event::ALL.iter().map(|event| event.name()).collect();
    assert_eq!(names.len(), Event::ALL.len());
    for event in Event::ALL {
        assert_eq!(Event::named(event.name()), Some(*event));
        assert!(Event::KEYS.contains(&event.key()));
    }
}
