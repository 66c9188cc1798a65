//! Walks the chain of one or more files and says where it breaks. What it cannot see: lines cut off
//! the end of the last file, unless one of their MACs is remembered; and anything done by somebody who
//! holds the key.

use std::collections::HashSet;
use std::io::{self, BufRead};

use super::chain::{self, CONTINUED, LOST, Line, Mac, RESUMED, STARTED};
use crate::base::keys::KeyRing;

/// Something that is not as it was written, or that one should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// From 1, in its file.
    pub line: u64,
    pub what: String,
    /// The chain is broken here; else it is only told.
    pub broken: bool,
}

/// How far the walk is; files are walked one after another, the oldest first.
pub struct Walk<'a> {
    keys: &'a KeyRing,
    /// MACs that must come.
    remembered: HashSet<Mac>,
    chain: Option<String>,
    next: u64,
    /// Of the last line that was good.
    head: Option<Mac>,
    /// Of the line before, whatever it was.
    before: Option<Mac>,
    lines: u64,
    findings: Vec<Finding>,
    /// The length of the line before, when it could not be read.
    unread: Option<u64>,
}

impl<'a> Walk<'a> {
    pub fn new(keys: &'a KeyRing) -> Walk<'a> {
        Walk {
            keys,
            remembered: HashSet::new(),
            chain: None,
            next: 0,
            head: None,
            before: None,
            lines: 0,
            findings: Vec::new(),
            unread: None,
        }
    }

    /// A line with this MAC, in hexadecimal, was there once. False when it is no MAC.
    pub fn remember(&mut self, mac: &str) -> bool {
        let mac = chain::decoded(mac);
        self.remembered.extend(mac);
        mac.is_some()
    }

    /// Lines read so far, in all files.
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// The end of the chain, to be remembered elsewhere: number and MAC of the last good line.
    pub fn head(&self) -> Option<(u64, String)> {
        let head = self.head.as_ref()?;
        Some((self.next.saturating_sub(1), chain::encoded(head)))
    }

    /// MACs that should have come and did not.
    pub fn missing(&self) -> Vec<String> {
        self.remembered.iter().map(chain::encoded).collect()
    }

    /// Walks a file; `progress` is called now and then with the lines read.
    pub fn file(
        &mut self,
        mut lines: impl BufRead,
        mut progress: impl FnMut(u64),
    ) -> io::Result<Vec<Finding>> {
        let mut bytes = Vec::new();
        let mut number = 0;
        while lines.read_until(b'\n', &mut bytes)? > 0 {
            number += 1;
            self.lines += 1;
            self.line(number, &bytes);
            bytes.clear();
            if self.lines.is_multiple_of(100_000) {
                progress(self.lines);
            }
        }
        if number == 0 {
            self.tell(1, true, "the file is empty".to_owned());
        }
        Ok(std::mem::take(&mut self.findings))
    }

    fn line(&mut self, number: u64, bytes: &[u8]) {
        let Some(line) = Line::read(bytes) else {
            let what = "this is no line of an audit: changed, or not written to its end";
            self.unread = u64::try_from(bytes.strip_suffix(b"\n").unwrap_or(bytes).len()).ok();
            return self.tell(number, true, what.to_owned());
        };
        let unread = self.unread.take();
        if number == 1 && !self.enter(&line) {
            return;
        }
        let wanted = [self.before, self.head].into_iter().flatten();
        let follows = wanted.into_iter().any(|before| line.follows(self.keys, &before));
        if follows {
            self.tell_mark(number, &line, unread);
            self.remembered.remove(&line.mac);
            self.stand_at(&line);
        } else {
            self.tell_break(number, &line);
        }
        self.before = Some(line.mac);
    }

    /// The first line of a file says how it hangs on what was before; false when that is told already.
    fn enter(&mut self, line: &Line<'_>) -> bool {
        let event = line.mark.event.as_str();
        let claimed = line.mark.after.as_deref().and_then(chain::decoded);
        match (event, self.head, claimed) {
            (STARTED, before, _) => {
                if before.is_some() {
                    self.tell(1, false, "another chain begins here".to_owned());
                }
                (self.head, self.before, self.next) = (Some(chain::NOTHING), None, 0);
            }
            // A last line that was changed is told at its place; its MAC is what the next file names.
            (CONTINUED, Some(head), Some(after)) if head != after && self.before != Some(after) => {
                let what = "this file does not follow the end of the one before: lines are cut off there, or a file is missing";
                self.tell(1, true, what.to_owned());
                (self.head, self.before, self.next) = (Some(after), None, line.place.n);
            }
            (CONTINUED, None, Some(after)) => {
                (self.head, self.next) = (Some(after), line.place.n);
            }
            (CONTINUED, Some(_), Some(_)) => {}
            _ => {
                let what = "the beginning of this file is missing";
                self.tell(1, true, what.to_owned());
                self.stand_at(line);
                self.before = Some(line.mac);
                return false;
            }
        }
        true
    }

    fn tell_break(&mut self, number: u64, line: &Line<'_>) {
        let (n, next) = (line.place.n, self.next);
        if self.keys.chain_mac(line.place.key, &[]).is_none() {
            let what = format!(
                "the key {} of this line is not in the ring: add its file to [keys]",
                line.place.key
            );
            self.tell(number, true, what);
            return self.stand_at(line);
        }
        if n > next {
            let lost = match n - next {
                1 => format!("line {next} of the chain is missing before this one"),
                _ => format!(
                    "lines {next} to {} of the chain are missing before this one",
                    n - 1
                ),
            };
            self.tell(number, true, format!("{lost}: taken out or moved"));
            self.stand_at(line);
        } else if n < next {
            let what = format!("line {n} of the chain does not belong here: put in, repeated or moved");
            self.tell(number, true, what);
        } else {
            let what = format!("line {n} of the chain was changed or put in, or the one before it was");
            self.tell(number, true, what);
            self.next = n + 1;
        }
    }

    fn tell_mark(&mut self, number: u64, line: &Line<'_>, unread: Option<u64>) {
        match line.mark.event.as_str() {
            RESUMED if line.mark.torn.is_some() && line.mark.torn == unread => {
                // The chain itself says that so many bytes were left there.
                if let Some(torn) = self.findings.last_mut() {
                    torn.broken = false;
                    torn.what =
                        "this line was not written to its end: its process died, or the disk was full"
                            .to_owned();
                }
            }
            RESUMED => self.tell(number, false, "another process goes on here".to_owned()),
            LOST => self.tell(
                number,
                false,
                "events before this line were lost: it says how many".to_owned(),
            ),
            _ => {}
        }
        if self
            .chain
            .as_ref()
            .is_some_and(|chain| *chain != line.place.chain)
            && line.mark.event != STARTED
        {
            self.tell(number, true, "this line is of another chain".to_owned());
        }
    }

    fn stand_at(&mut self, line: &Line<'_>) {
        self.chain = Some(line.place.chain.clone());
        self.next = line.place.n + 1;
        self.head = Some(line.mac);
    }

    fn tell(&mut self, line: u64, broken: bool, what: String) {
        self.findings.push(Finding { line, what, broken });
    }
}
