//! The log: human on a terminal, JSON lines otherwise, on the standard error.
//!
//! Other people's crates are heard down to INFO only, whatever level is asked for: below that, some
//! print what they send and receive, and a directory is sent passwords (SEC-11).

use std::io::IsTerminal;

use anyhow::Context;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::{FilterExt, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

use super::json_lines::JsonLines;
use crate::config::{LogFormat, LogSettings};

/// Starts the log of this process; `RUST_LOG` wins over the configured level.
pub fn start(settings: &LogSettings) -> anyhow::Result<()> {
    let level = super::environment("RUST_LOG").filter(|text| !text.trim().is_empty());
    let level = level.as_deref().unwrap_or(&settings.level);
    let asked = EnvFilter::try_new(level).with_context(|| format!("“{level}” is not a filter of logs"))?;
    let ours = filter_fn(|about| is_ours(about.target()) || *about.level() <= LevelFilter::INFO);
    let human = match settings.format {
        LogFormat::Human => true,
        LogFormat::Json => false,
        LogFormat::Auto => std::io::stderr().is_terminal(),
    };
    let lines = fmt::layer().with_writer(std::io::stderr);
    let lines = if human {
        lines.with_ansi(std::io::stderr().is_terminal()).boxed()
    } else {
        lines.fmt_fields(JsonLines).event_format(JsonLines).boxed()
    };
    tracing_subscriber::registry()
        .with(lines.with_filter(asked.and(ours)))
        .try_init()
        .context("the log cannot be started")
}

fn is_ours(target: &str) -> bool {
    target == "mereau" || target.starts_with("mereau::")
}
