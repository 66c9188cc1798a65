//! Invents institutions, people and questions for tests, benchmarks and trials:
//! `cargo run --release --example generate -- --into DIR`. Deterministic: one seed, one result.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for developers ends at what it cannot do"
)]

#[allow(dead_code, reason = "tests and benchmarks use more of it")]
mod invent;

use std::fs::{self, File};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Parser;

use self::invent::people::People;
use self::invent::schools::France;
use self::invent::{expected, ldif, ministry, queries};

/// Invents schools in the ministry's columns, what people type to find them, and people.
#[derive(Parser)]
struct Arguments {
    /// The folder to write into; made if absent
    #[arg(long)]
    into: PathBuf,
    /// The same seed gives the same files
    #[arg(long, default_value_t = 2026)]
    seed: u64,
    /// How many institutions
    #[arg(long, default_value_t = 60_000)]
    institutions: usize,
    /// How many questions to the picker
    #[arg(long, default_value_t = 5_000)]
    questions: usize,
    /// How many people in people.ldif; a tenth as many in the second realm, people-ad.ldif
    #[arg(long, default_value_t = 50_000)]
    people: usize,
}

/// Sign-ins of the morning, at most.
const MOST_ARRIVALS: usize = 50_000;

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    fs::create_dir_all(&arguments.into)?;
    let into = |name: &str| arguments.into.join(name);
    let france = France::invent(arguments.seed, arguments.institutions);
    write(&into("institutions.csv"), |out| {
        let mut progress = Progress::of("institutions", arguments.institutions);
        ministry::write(&france, out, |done| progress.reached(done))
    })?;
    let questions = queries::questions(arguments.seed, &france, arguments.questions);
    write(&into("questions.csv"), |out| {
        queries::write(&france, &questions, out)
    })?;
    people(&arguments, &france)
}

/// One after the other, so that millions fit.
fn people(arguments: &Arguments, france: &France) -> anyhow::Result<()> {
    let into = |name: &str| arguments.into.join(name);
    let schools = france.schools.len();
    let mut logins = Vec::new();
    let mut told = BufWriter::new(File::create(into("expected.csv"))?);
    writeln!(told, "{}", expected::COLUMNS)?;
    write(&into("people.ldif"), |out| {
        let mut progress = Progress::of("people", arguments.people);
        let all = People::new(arguments.seed, "generated.example", schools, Vec::new());
        for person in all.take(arguments.people) {
            ldif::entry(&person, france, out)?;
            expected::line(&person, &mut told)?;
            progress.reached(person.number);
            if logins.len() < MOST_ARRIVALS {
                logins.push(person.login);
            }
        }
        told.flush()
    })?;
    println!("{}", into("expected.csv").display());
    let shared = logins.iter().step_by(20).cloned().collect();
    write(&into("people-ad.ldif"), |out| {
        let others = People::new(arguments.seed, "ad.generated.example", schools, shared);
        for person in others.take(arguments.people / 10) {
            ldif::ad_entry(&person, out)?;
        }
        Ok(())
    })?;
    write(&into("morning.csv"), |out| {
        expected::morning(arguments.seed, &logins, out)
    })
}

fn write(path: &Path, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> anyhow::Result<()> {
    let told = || format!("writing {}", path.display());
    let mut out = BufWriter::new(File::create(path).with_context(told)?);
    content(&mut out).and_then(|()| out.flush()).with_context(told)?;
    println!("{}", path.display());
    Ok(())
}

/// How far long work has come, on a terminal only.
struct Progress {
    what: &'static str,
    whole: usize,
    shown: usize,
}

impl Progress {
    fn of(what: &'static str, whole: usize) -> Progress {
        Progress {
            what,
            whole,
            shown: 0,
        }
    }

    fn reached(&mut self, done: usize) {
        let percent = done * 100 / self.whole.max(1);
        if percent > self.shown && io::stderr().is_terminal() {
            self.shown = percent;
            eprint!(
                "\r{} {percent} %{}",
                self.what,
                if percent == 100 { "\n" } else { "" }
            );
        }
    }
}
