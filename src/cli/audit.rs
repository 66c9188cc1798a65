//! `mereau audit verify`: whether the audit's files are as they were written.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use anyhow::{Context, bail};

use super::arguments::VerifyArguments;
use super::print::Screen;
use super::{Outcome, check};
use crate::audit::verify::{Finding, Walk};
use crate::config::Loaded;

/// Findings shown for one file; the rest are counted.
const MOST_SHOWN: usize = 100;

/// Walks the files in the order given, the oldest first.
pub fn verify(arguments: &VerifyArguments, screen: &mut Screen) -> anyhow::Result<Outcome> {
    let Some(Loaded { settings, .. }) = check::load(&arguments.from.config, screen) else {
        return Ok(Outcome::Bad);
    };
    let Some(keys) = settings.keys else {
        bail!("[keys] has no files: without the key nobody can tell what was written");
    };
    let mut files = arguments.files.clone();
    if files.is_empty() {
        let file = settings.audit.context("name a file: [audit] has none")?;
        files.push(file);
    }
    let mut walk = Walk::new(&keys);
    for mac in &arguments.head {
        if !walk.remember(mac) {
            bail!("“{mac}” is no MAC: 64 of 0-9 and a-f");
        }
    }
    let mut broken = 0;
    for file in &files {
        let findings = walk_file(&mut walk, file, screen)?;
        broken += tell(file, &findings, screen);
    }
    for mac in walk.missing() {
        broken += 1;
        screen.print(&format!(
            "the remembered line {mac} is not among the good lines: cut off, changed, or of another chain"
        ));
    }
    conclude(&walk, broken, screen);
    Ok(if broken == 0 { Outcome::Good } else { Outcome::Bad })
}

fn walk_file(walk: &mut Walk<'_>, file: &Path, screen: &mut Screen) -> anyhow::Result<Vec<Finding>> {
    let unreadable = || format!("the file {} cannot be read", file.display());
    let lines = BufReader::new(File::open(file).with_context(unreadable)?);
    let findings = walk.file(lines, |read| screen.progress(&format!("{read} lines")));
    screen.progress("");
    findings.with_context(unreadable)
}

/// Prints findings; how many of them break the chain.
fn tell(file: &Path, findings: &[Finding], screen: &mut Screen) -> usize {
    for finding in findings.iter().take(MOST_SHOWN) {
        let kind = if finding.broken { "BROKEN" } else { "note" };
        screen.print(&format!(
            "{}:{}: {kind}: {}",
            file.display(),
            finding.line,
            finding.what
        ));
    }
    if findings.len() > MOST_SHOWN {
        screen.print(&format!(
            "{}: and {} more",
            file.display(),
            findings.len() - MOST_SHOWN
        ));
    }
    findings.iter().filter(|finding| finding.broken).count()
}

fn conclude(walk: &Walk<'_>, broken: usize, screen: &mut Screen) {
    let lines = check::count(usize::try_from(walk.lines()).unwrap_or(usize::MAX), "line");
    if broken > 0 {
        let places = check::count(broken, "place");
        screen.print(&format!("bad: {lines}, the chain is broken in {places}"));
        return;
    }
    screen.print(&format!(
        "good: {lines}, none changed, taken out, put in or moved"
    ));
    if let Some((number, mac)) = walk.head() {
        screen.print(&format!(
            "The chain ends with line {number}, {mac}. Lines cut off behind a place leave no trace in the \
             file: keep this end elsewhere and give it to a later check with --head."
        ));
    }
}
