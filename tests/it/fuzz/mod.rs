//! The kept corpora of the fuzz targets, replayed, and the same seeds with bytes changed by chance that
//! is the same every time.

mod bodies;

use std::path::{Path, PathBuf};

use mereau::base::entropy::{Entropy, SeededEntropy};
use mereau::tickets::redis::readable_as;

/// Changed copies of each file.
const COPIES: usize = 60;

fn corpus(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target);
    let files = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    files
        .into_iter()
        .map(|file| {
            let data = std::fs::read(&file).unwrap();
            (file, data)
        })
        .collect()
}

#[test]
#[allow(clippy::print_stdout, reason = "names the input of a failure")]
fn every_kept_input_keeps_every_promise() {
    // CAS-9, CAS-142, CAS-303, CAS-304
    for (target, body) in bodies::ALL {
        let kept = corpus(target);
        assert!(kept.len() >= 10, "{target} has {} files", kept.len());
        for (file, data) in kept {
            println!("{}", file.display());
            body(&data);
        }
    }
}

#[test]
#[allow(clippy::print_stdout, reason = "names the input of a failure")]
fn kept_inputs_with_changed_bytes_keep_every_promise() {
    // CAS-9, CAS-142, CAS-303, CAS-304
    let entropy = SeededEntropy::new(26);
    for (target, body) in bodies::ALL {
        let kept = corpus(target);
        for (at, (_, data)) in kept.iter().enumerate() {
            for _ in 0..COPIES {
                let other = &kept[(at + 1) % kept.len()].1;
                let changed = changed(data, other, &entropy);
                println!("{target}: {}", String::from_utf8_lossy(&changed).escape_debug());
                body(&changed);
            }
        }
    }
}

#[test]
fn the_layouts_that_are_kept_are_those_that_are_read() {
    // F-32
    let kept = corpus("ticket_layouts");
    for (file, name) in [
        ("session", "session"),
        ("session-roomy", "session"),
        ("session-visits", "visits within a session"),
        ("session-upstream", "session"),
        ("session-program", "session"),
        ("ticket", "ticket"),
        ("ticket-chained", "ticket"),
        ("pgt", "proxy-granting ticket"),
        ("record", "record"),
        ("reset", "reset ticket"),
        ("reset-asked", "reset ticket"),
        ("visit", "visit"),
        ("visit-within", "visit"),
    ] {
        let found = kept.iter().find(|(path, _)| path.ends_with(file));
        let (_, value) = found.unwrap_or_else(|| panic!("{file} is not kept"));
        assert!(readable_as(value).contains(&name), "{file} is no {name}");
    }
    let spoilt = kept.iter().find(|(path, _)| path.ends_with("session-of-another"));
    assert!(!readable_as(&spoilt.expect("kept").1).contains(&"session"));
}

/// `data` with a few bytes set, taken out or doubled, or its end from `other`.
fn changed(data: &[u8], other: &[u8], entropy: &SeededEntropy) -> Vec<u8> {
    let mut chance = [0; 16];
    entropy.fill(&mut chance);
    let mut changed = data.to_vec();
    for step in chance.chunks_exact(4) {
        let length = changed.len().max(1);
        let at = usize::from(u16::from_be_bytes([step[0], step[1]])) % length;
        match step[2] % 5 {
            0 if at < changed.len() => changed[at] = step[3],
            1 if at < changed.len() => drop(changed.remove(at)),
            2 => changed.insert(at.min(changed.len()), step[3]),
            3 => {
                changed.truncate(at);
                changed.extend(other.iter().skip(at));
            }
            _ => changed.insert(at.min(changed.len()), b"<>&\"'%\n;:/"[usize::from(step[3]) % 10]),
        }
    }
    changed
}
