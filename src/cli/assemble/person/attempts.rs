//! Line 10: the last sign-ins of the account. The ticket store remembers them for all nodes, with the kind of
//! browser; the audit of this node knows the reasons.

use std::fs::File;
use std::io::{BufRead, BufReader, Seek, SeekFrom};
use std::path::Path;

use serde::Deserialize;

use super::report::{Line, Topic};
use crate::audit::{Event, reasons};
use crate::base::clock::Timestamp;
use crate::base::names::AccountId;
use crate::flows::account::Happened;
use crate::messages::{Browser, Family, System};

/// Attempts that are told.
const TOLD: usize = 10;

/// How much of the end of the audit's file is read.
const TAIL: u64 = 64 << 20;

/// A line of the audit, as far as it matters here.
#[derive(Debug, Clone, Deserialize)]
pub struct Noted {
    event: String,
    time: String,
    realm: Option<String>,
    account: Option<String>,
    reason: Option<String>,
    network: Option<String>,
    method: Option<String>,
    request: Option<String>,
}

/// Sign-ins of an account in the audit's file, the newest first. An error says why it cannot be read.
pub fn noted(file: &Path, account: &AccountId) -> std::io::Result<Vec<Noted>> {
    let mut opened = File::open(file)?;
    let length = opened.metadata()?.len();
    opened.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
    let key = account.person.0.as_bytes();
    let mut lines = BufReader::new(opened);
    let (mut line, mut found) = (Vec::new(), Vec::new());
    while read_line(&mut lines, &mut line)? {
        if !line.windows(key.len().max(1)).any(|part| part == key) {
            continue;
        }
        let Ok(noted) = serde_json::from_slice::<Noted>(&line) else {
            continue;
        };
        let ours = noted.realm.as_deref() == Some(account.realm.as_str());
        if ours && noted.account.as_deref() == Some(account.person.0.as_str()) && is_sign_in(&noted.event) {
            found.push(noted);
        }
    }
    found.reverse();
    found.truncate(TOLD);
    Ok(found)
}

/// A whole line, cut where none of ours would go on.
fn read_line(lines: &mut impl BufRead, line: &mut Vec<u8>) -> std::io::Result<bool> {
    line.clear();
    let read = std::io::Read::take(&mut *lines, 64 * 1024).read_until(b'\n', line)?;
    Ok(read > 0)
}

fn is_sign_in(event: &str) -> bool {
    let events = [Event::SignedIn, Event::SignInRefused, Event::SignInThrottled];
    events.iter().any(|one| one.name() == event)
}

/// `notes`: `None` where there is no audit's file to read.
pub fn lines(about: &str, happened: &[Happened], notes: Option<&[Noted]>, node: &str) -> Vec<Line> {
    let mut told: Vec<(Timestamp, String)> = Vec::new();
    let all = notes.unwrap_or_default();
    for note in all {
        let Some(at) = moment(&note.time) else { continue };
        let remembered = happened
            .iter()
            .find(|one| one.at.0 / 1000 == at.0 / 1000 && one.event.name() == note.event);
        told.push((at, of_note(note, remembered, node)));
    }
    for one in happened.iter().filter(|one| is_sign_in(one.event.name())) {
        let noted = |note: &&Noted| {
            note.event == one.event.name()
                && moment(&note.time).is_some_and(|at| at.0 / 1000 == one.at.0 / 1000)
        };
        if all.iter().find(noted).is_none() {
            told.push((one.at, of_memory(one, notes.is_some())));
        }
    }
    told.sort_by(|one, other| other.cmp(one));
    told.truncate(TOLD);
    if told.is_empty() {
        return vec![Topic::Attempts.ok(about, "none is remembered")];
    }
    told.into_iter()
        .map(|(_, text)| Topic::Attempts.ok(about, text))
        .collect()
}

fn of_note(note: &Noted, remembered: Option<&Happened>, node: &str) -> String {
    let reason = note.reason.as_deref().map(|code| match reasons::reason(code) {
        Some(known) => format!(", {code} ({})", known.means),
        None => format!(", {}", code.escape_debug()),
    });
    let from = note
        .network
        .as_deref()
        .map(|network| format!(", from {}", network.escape_debug()));
    let by = note
        .method
        .as_deref()
        .map(|method| format!(", by {}", method.escape_debug()));
    let code = note
        .request
        .as_deref()
        .map(|code| format!(", mereau trace {}", code.escape_debug()));
    let parts = [
        reason,
        from,
        client(remembered),
        by,
        Some(format!(", on {node}")),
        code,
    ];
    let parts: String = parts.into_iter().flatten().collect();
    format!(
        "{} {}{parts}",
        note.time.escape_debug(),
        note.event.escape_debug()
    )
}

fn of_memory(one: &Happened, audited: bool) -> String {
    let from = one
        .network
        .as_deref()
        .map(|network| format!(", from {network}"))
        .unwrap_or_default();
    let client = client(Some(one)).unwrap_or_default();
    let place = if audited { ", on another node" } else { "" };
    format!(
        "{} {}{from}{client}{place}",
        one.at.to_rfc3339(),
        one.event.name()
    )
}

fn client(one: Option<&Happened>) -> Option<String> {
    let Browser { family, system } = one?.browser?;
    let family = match family {
        Family::Other => "an unknown program".to_owned(),
        family => format!("{family:?}"),
    };
    Some(match system {
        System::Other => format!(", {family}"),
        system => format!(", {family} on {system:?}"),
    })
}

fn moment(text: &str) -> Option<Timestamp> {
    let at: jiff::Timestamp = text.parse().ok()?;
    u64::try_from(at.as_millisecond()).ok().map(Timestamp)
}
