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

use self::invent::schools::France;
use self::invent::{ministry, queries};

/// Invents schools in the ministry's columns, and what people type to find them.
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
}

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
    Ok(())
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
