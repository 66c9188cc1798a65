//! The benchmark of a sign-in: `cargo bench --bench sign_in`, shorter with `-- --quick`; with `--discard` it
//! is but a load, and earlier results stay.
//!
//! A real slapd, a real Redis and the built server on this machine; a bounded load from this very
//! process; each figure beside what the machine does in the same run when only the unavoidable is
//! done. Costs are CPU time as the kernel counts it, which hardly depends on what else is running.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a measurement that cannot go on ends; what it finds is printed"
)]

mod bare;
#[allow(dead_code, reason = "the load kit asks other machines, too")]
mod client;
mod form;
mod identities;
mod idle;
mod journeys;
mod load;
mod people;
mod phases;
mod plot;
mod process;
mod raw_ldap;
mod report;
mod rounds;
mod stand;
#[path = "../../tests/live/support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use self::phases::Plan;

/// The program's own, so that the bare server has it too.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A run that takes longer than this has lost its way.
const LONGEST: Duration = Duration::from_secs(6 * 60);

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    if let [first, part] = arguments.as_slice()
        && first == bare::ARGUMENT
    {
        return runtime.block_on(bare::serve(PathBuf::from(part)));
    }
    if !arguments.iter().any(|argument| argument == "--bench") {
        println!("this is a benchmark: cargo bench --bench sign_in [-- --quick]");
        return Ok(());
    }
    if arguments.iter().any(|argument| argument == identities::ARGUMENT) {
        println!("{}", runtime.block_on(identities::run(&arguments))?);
        return Ok(());
    }
    let quick = arguments.iter().any(|argument| argument == "--quick");
    let plan = if quick { Plan::quick() } else { Plan::full() };
    let command = support::built::typed(if quick {
        "cargo bench --bench sign_in -- --quick"
    } else {
        "cargo bench --bench sign_in"
    });
    let began = Instant::now();
    let measured = runtime.block_on(async { tokio::time::timeout(LONGEST, phases::all(plan)).await });
    let phases::Measured { figures, notes } = measured??;
    println!("\n{command}\n\n{}", report::table(&figures));
    for note in &notes {
        println!("{note}");
    }
    if arguments.iter().any(|argument| argument == "--discard") {
        return Ok(());
    }
    let folder = results();
    report::write(&folder.join("sign_in.json"), &command, &notes, &figures)?;
    std::fs::write(folder.join("sign_in.svg"), plot::svg(&figures))?;
    println!(
        "{:.0} s; also in {}/sign_in.json and sign_in.svg",
        began.elapsed().as_secs_f64(),
        folder.display()
    );
    Ok(())
}

/// `target/bench`, wherever the target folder is.
fn results() -> PathBuf {
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
    scratch.parent().unwrap_or(scratch).join("bench")
}
