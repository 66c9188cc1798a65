//! The benchmark of the picker: `cargo bench --bench picker`.
//!
//! 60,000 invented institutions, 5,000 questions as a type-ahead field asks them; the server's index,
//! and in the same run on the same data a scan of all entries and, through Node, Fuse.js and
//! MiniSearch. Before them, how long the same institutions take from their file to a ready index.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a measurement that cannot go on ends; what it finds is printed"
)]

#[path = "../../examples/generate/invent/mod.rs"]
#[allow(dead_code, reason = "the benchmark invents no people")]
mod invent;
mod load;
mod node;
mod report;
mod scan;
mod start;

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Instant;

use mereau::base::names::RealmId;
use mereau::realms::{Institution, Institutions};

use self::invent::queries::{Question, Typing, questions, recorded};
use self::invent::schools::France;
use self::report::{Engine, Times};

/// The program's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SEED: u64 = 2026;
const INSTITUTIONS: usize = 60_000;
const QUESTIONS: usize = 5_000;
const SHOWN: usize = 10;

/// Of so many rounds the fastest counts, question by question: what other programs do on the
/// machine meanwhile is not the search's.
const ROUNDS: usize = 5;

fn main() -> anyhow::Result<()> {
    if !std::env::args().any(|argument| argument == "--bench") {
        println!("this is a benchmark: cargo bench --bench picker");
        return Ok(());
    }
    let france = France::invent(SEED, INSTITUTIONS);
    let whole = questions(SEED, &france, 3_000);
    let typed: Vec<String> = recorded(&whole, QUESTIONS)
        .into_iter()
        .map(|(text, _)| text)
        .collect();
    let folder = results();
    let loading = load::measure(&france, &folder)?;
    println!("{}", loading.told());
    let starts = start::measure(&folder.join("load/institutions.csv"), &folder)?;
    println!("{}", starts.told());
    let mut engines = vec![index(&france, &typed, &whole)];
    engines.push(scan::measure(&france, &typed));
    let (others, mut notes) = node::measure(&france, &typed, &folder)?;
    engines.extend(others);
    notes.push(format!(
        "{INSTITUTIONS} institutions, {} questions: beginnings of what people type, one in ten with a slip, one \
         in two without accents; first {SHOWN} answers; index and scan: fastest of several rounds of each",
        typed.len()
    ));
    println!("\n{}", report::table(&engines));
    for note in &notes {
        println!("{note}");
    }
    report::write(&folder, &notes, &loading, &engines)?;
    println!("also in {}/picker.json and picker.svg", folder.display());
    Ok(())
}

/// What the server does for each keystroke, but for HTTP.
fn index(france: &France, typed: &[String], whole: &[Question]) -> Engine {
    let realm = RealmId::new("ent").expect("a slug");
    let schools = france.schools.iter();
    let all: Vec<Institution> = schools.map(|school| france.institution(school, &realm)).collect();
    let began = Instant::now();
    let institutions = Institutions::new(all).expect("no name twice");
    institutions.make_searchable();
    let ready = began.elapsed();
    let times = Times::fastest(typed, ROUNDS, |text| {
        black_box(institutions.search(text, (0, SHOWN), &[], |_| true).total);
    });
    let clean = whole.iter().filter(|question| question.typing != Typing::Slip);
    let (mut asked, mut shown) = (0, 0);
    for question in clean {
        let wanted = france.schools[question.school].uai;
        let found = institutions.search(&question.text, (0, SHOWN), &[], |_| true);
        asked += 1;
        shown += usize::from(found.items.iter().any(|found| found.uai.contains(&wanted)));
    }
    println!("the right one is among the first {SHOWN} for {shown} of {asked} whole questions");
    Engine {
        name: "Méreau's index".into(),
        times,
        ready_ms: ready.as_secs_f64() * 1e3,
        megabytes: Some(institutions.index_bytes() as f64 / 1e6),
    }
}

/// `target/bench`, wherever the target folder is.
fn results() -> PathBuf {
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
    scratch.parent().unwrap_or(scratch).join("bench")
}
