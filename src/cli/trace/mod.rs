//! `mereau trace`: every step of one request, from the logs of all nodes and the audit, by the code that
//! its page showed.

mod code;
pub mod lines;
mod step;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use self::code::{Likeness, Spoken};
use self::lines::Lines;
use self::step::{Step, codes};
use super::arguments::TraceArguments;
use super::print::Screen;
use super::{Outcome, check};

/// Steps kept; a request has some ten.
const MOST_STEPS: usize = 10_000;

/// Codes told that are like the one that was not found.
const MOST_NEAR: usize = 5;

/// Bytes between two words of progress.
const PACE: u64 = 16 << 20;

/// What the logs have of a request.
#[derive(Default)]
struct Trail {
    steps: Vec<Step>,
    /// Codes with one symbol other, and how many lines each has.
    near: BTreeMap<String, usize>,
    lines: u64,
    cut: bool,
}

pub fn trace(arguments: &TraceArguments, screen: &mut Screen) -> anyhow::Result<Outcome> {
    let Some(wanted) = Spoken::heard(&arguments.code) else {
        bail!(
            "this is no support code: eight letters and digits as K7QD-2M9X, which pages show at their end"
        );
    };
    let files = match arguments.files.is_empty() {
        true => match configured(arguments, screen)? {
            Some(files) => files,
            None => return Ok(Outcome::Bad),
        },
        false => arguments.files.clone(),
    };
    let mut trail = Trail::default();
    for file in &files {
        let read = read(file, &wanted, &mut trail, screen);
        screen.progress("");
        read.with_context(|| format!("{} cannot be read", file.display()))?;
    }
    if trail.steps.is_empty() {
        tell_nothing(&wanted, &trail, &files, screen);
        return Ok(Outcome::Bad);
    }
    tell(trail, screen);
    if arguments.files.is_empty() {
        screen.complain(LOGS);
    }
    Ok(Outcome::Good)
}

const LOGS: &str = "These are the events of the audit alone. The log is on the server's standard error: \
    journalctl -u mereau -o cat | mereau trace CODE -";

/// The audit's file: the log has none that the configuration knows of.
fn configured(arguments: &TraceArguments, screen: &mut Screen) -> anyhow::Result<Option<Vec<PathBuf>>> {
    let Some(loaded) = check::load(&arguments.from.config, screen) else {
        return Ok(None);
    };
    match loaded.settings.audit {
        Some(file) => Ok(Some(vec![file])),
        None => bail!(
            "name the files of the log, or - for the standard input: journalctl -u mereau -o cat | mereau trace \
             CODE -; [audit] has no file, either"
        ),
    }
}

fn read(path: &Path, wanted: &Spoken, trail: &mut Trail, screen: &mut Screen) -> std::io::Result<()> {
    let mut lines = Lines::open(path)?;
    let name = match path.file_name() {
        Some(name) if path != Path::new("-") => name.to_string_lossy().into_owned(),
        _ => "stdin".to_owned(),
    };
    let mut told = 0;
    while let Some(line) = lines.next()? {
        trail.take(line, &name, wanted);
        if lines.read / PACE != told {
            told = lines.read / PACE;
            screen.progress(&format!("{name}: {} MiB", lines.read >> 20));
        }
    }
    Ok(())
}

impl Trail {
    fn take(&mut self, line: &[u8], file: &str, wanted: &Spoken) {
        self.lines += 1;
        let mut same = false;
        for code in codes(line) {
            match wanted.compare(code) {
                Likeness::Same => same = true,
                Likeness::Near if self.near.len() < 1000 || self.near.contains_key(code) => {
                    *self.near.entry(code.to_owned()).or_default() += 1;
                }
                Likeness::Near | Likeness::Other => {}
            }
        }
        if !same {
            return;
        }
        let Some(step) = Step::of(line, file, |code| wanted.compare(code) == Likeness::Same) else {
            return;
        };
        match self.steps.len() < MOST_STEPS {
            true => self.steps.push(step),
            false => self.cut = true,
        }
    }
}

fn tell(mut trail: Trail, screen: &mut Screen) {
    // A step without a time stands where it was found, after those that have one.
    trail.steps.sort_by_key(|step| (step.at.is_none(), step.at));
    trail.steps.dedup();
    let codes: BTreeSet<&str> = trail.steps.iter().map(|step| step.request.as_str()).collect();
    let nodes: BTreeSet<&str> = trail.steps.iter().map(|step| step.node.as_str()).collect();
    let wide = nodes
        .iter()
        .map(|node| node.chars().count())
        .max()
        .unwrap_or_default();
    for code in &codes {
        let steps: Vec<&Step> = trail.steps.iter().filter(|step| step.request == *code).collect();
        screen.print(&format!("{code}: {}", check::count(steps.len(), "step")));
        for step in steps {
            screen.print(&step.told(wide));
        }
    }
    if trail.cut {
        screen.complain(&format!("only the first {MOST_STEPS} steps are shown"));
    }
    if codes.len() > 1 {
        screen.complain("The code was not heard clearly, and these requests may be meant: ask for the time.");
    }
}

/// Nothing was found: what to look at.
fn tell_nothing(wanted: &Spoken, trail: &Trail, files: &[PathBuf], screen: &mut Screen) {
    let names: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    screen.complain(&format!(
        "{wanted} occurs nowhere in {} of {}.",
        check::count(usize::try_from(trail.lines).unwrap_or(usize::MAX), "line"),
        names.join(", ")
    ));
    let mut near: Vec<(&String, &usize)> = trail.near.iter().collect();
    near.sort_by_key(|(_, lines)| std::cmp::Reverse(**lines));
    for (code, lines) in near.into_iter().take(MOST_NEAR) {
        screen.complain(&format!(
            "  {code} has one symbol other: {}",
            check::count(*lines, "line")
        ));
    }
    screen.complain(
        "Check: are these the logs of that day, and of every node (each writes its own)? Were they rotated away \
         (name the .gz files, too)? Is the level info or lower, so that requests have lines? Was the code read \
         from a page of this server?",
    );
}
