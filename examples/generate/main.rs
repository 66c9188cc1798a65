//! Invents institutions, people and questions for tests, benchmarks and trials:
//! `cargo run --release --example generate -- --into DIR`. Deterministic: one seed, one result.
//!
//! | file | holds |
//! |---|---|
//! | institutions.csv | schools in the ministry's columns, for `mereau institutions import` |
//! | questions.csv, keystrokes.csv | what people type to find them, and which one they mean |
//! | people.ldif | everybody, with attributes of universities; `slapadd -q -f slapd.conf -l people.ldif` |
//! | people-ent.ldif | everybody of schools, and the schools, as directories of school networks have them |
//! | people-ad.ldif | another realm, as Active Directory has it; one in fifty has a login of the first |
//! | example.schema, slapd.conf | what slapd needs for the first two |
//! | aaf/ | pupils, parents, staff, schools and courses as academies deliver them |
//! | services/ | applications |
//! | expected.csv | who may sign in with which password, and why not |
//! | mailboxes.csv | what a mail server answers to letters of recovery |
//! | morning.csv | sign-ins around the bell |
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

use self::invent::people::{People, Person};
use self::invent::schools::France;
use self::invent::{aaf, ent, expected, ldif, ministry, queries, services};

/// Invents schools in the ministry's columns, what people type to find them, people in the forms in
/// which directories and academies keep them, applications, and what may be expected of all that.
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
    /// How many applications
    #[arg(long, default_value_t = 40)]
    services: usize,
    /// The entry that people.ldif is below, beginning with dc=
    #[arg(long, default_value = "dc=generated,dc=example")]
    base: String,
}

/// Sign-ins of the morning, at most.
const MOST_ARRIVALS: usize = 50_000;

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    for folder in ["aaf", "services"] {
        fs::create_dir_all(arguments.into.join(folder))?;
    }
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
    write(&into("keystrokes.csv"), |out| {
        let typed = queries::recorded(&questions, arguments.questions);
        queries::write_keystrokes(&france, &typed, out)
    })?;
    for (name, text) in services::files(arguments.services) {
        fs::write(into(&format!("services/{name}.toml")), text)?;
    }
    println!("{}", into("services").display());
    fs::write(into("example.schema"), ldif::SCHEMA)?;
    fs::write(into("slapd.conf"), ldif::slapd_conf(&arguments.base))?;
    let logins = people(&arguments, &france)?;
    let shared = logins.iter().step_by(20).cloned().collect();
    write(&into("people-ad.ldif"), |out| {
        let schools = france.schools.len();
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

/// Everything of one person before the next, so that millions fit; the first logins come back.
fn people(arguments: &Arguments, france: &France) -> anyhow::Result<Vec<String>> {
    let mut files = Files::begin(arguments, france)?;
    let mut progress = Progress::of("people", arguments.people);
    let mut logins = Vec::new();
    let mut before = None;
    let schools = france.schools.len();
    for person in People::new(arguments.seed, "generated.example", schools, Vec::new()).take(arguments.people)
    {
        files.add(&person, france, before.as_deref())?;
        progress.reached(person.number);
        if logins.len() < MOST_ARRIVALS {
            logins.push(person.login);
        }
        before = person.own_mail;
    }
    files.end()?;
    Ok(logins)
}

type Out = BufWriter<File>;

/// The files that grow with each person.
struct Files {
    base: String,
    supann: Out,
    ent: Out,
    aaf: aaf::People<Out>,
    expected: Out,
    mailboxes: Out,
}

impl Files {
    fn begin(arguments: &Arguments, france: &France) -> anyhow::Result<Files> {
        let base = arguments.base.clone();
        let open = |name: &str| {
            let path = arguments.into.join(name);
            println!("{}", path.display());
            File::create(path).map(BufWriter::new)
        };
        let in_aaf = |content: &str| open(&format!("aaf/{}", aaf::name(content)));
        fs::write(arguments.into.join("aaf/ficAlimMENESR.dtd"), aaf::DTD)?;
        aaf::schools(france, &mut in_aaf("EtabEducNat")?)?;
        aaf::courses(&mut in_aaf("MefEducNat")?)?;
        let mut supann = open("people.ldif")?;
        ldif::root(&base, &mut supann)?;
        ldif::branch("people", &base, &mut supann)?;
        let mut ent = open("people-ent.ldif")?;
        ent::structures(france, &ent::base(&base), &mut ent)?;
        let mut expected = open("expected.csv")?;
        writeln!(expected, "{}", expected::COLUMNS)?;
        let mut mailboxes = open("mailboxes.csv")?;
        writeln!(mailboxes, "{}", expected::MAILBOX_COLUMNS)?;
        Ok(Files {
            aaf: aaf::People::begin(in_aaf)?,
            base,
            supann,
            ent,
            expected,
            mailboxes,
        })
    }

    fn add(&mut self, person: &Person, france: &France, before: Option<&str>) -> io::Result<()> {
        ldif::entry(person, france, &self.base, &mut self.supann)?;
        ent::entry(person, france, &ent::base(&self.base), &mut self.ent)?;
        self.aaf.add(person, france)?;
        expected::line(person, &mut self.expected)?;
        expected::mailbox(person, before, &mut self.mailboxes)
    }

    fn end(mut self) -> io::Result<()> {
        for out in [
            &mut self.supann,
            &mut self.ent,
            &mut self.expected,
            &mut self.mailboxes,
        ] {
            out.flush()?;
        }
        self.aaf.end().map(|_| ())
    }
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
