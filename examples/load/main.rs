//! The load kit: `cargo run --profile dist --example load -- figures` reproduces the project's figures on this
//! machine; `run` sends a load of your own to your own server. See docs/load.md.
//!
//! A profile (TOML) and its seed give a state (people, applications), and both give a run.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for developers ends at what it cannot do"
)]

#[cfg(test)]
mod checks;
mod commands;
mod engine;
mod figures;
#[path = "../../tests/contract/mail_sink.rs"]
mod mail_sink;
mod outside;
#[path = "../../tests/live/support/mod.rs"]
mod support;

use clap::Parser;

use support::certificates;

fn main() -> anyhow::Result<()> {
    let arguments = commands::Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(commands::run(arguments))
}
