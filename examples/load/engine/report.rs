//! What a run brought, as a table for people and as JSON for programs.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Value, json};

use super::latencies::Latencies;
use super::record::{Seen, Verdict};

/// The shares that are told of every step.
pub const SHARES: [(&str, f64); 5] = [
    ("p50", 0.5),
    ("p90", 0.9),
    ("p99", 0.99),
    ("p99.9", 0.999),
    ("max", 1.0),
];

pub fn table(seen: &Seen) -> String {
    let mut text = format!(
        "{:<32}{:>12}{:>9}{:>9}{:>9}{:>9}{:>9}  ms, from when it was due\n",
        "step", "count", "p50", "p90", "p99", "p99.9", "max"
    );
    for ((step, verdict), latencies) in &seen.steps {
        let name = match verdict {
            Verdict::Done => step.clone(),
            other => format!("{step} [{}]", told(*other)),
        };
        let _ = write!(text, "{name:<32}{:>12}", latencies.count());
        for (_, share) in SHARES {
            let _ = write!(text, "{:>9.1}", latencies.quantile(share));
        }
        text.push('\n');
    }
    let _ = writeln!(text, "{} journeys begun, {} not sent", seen.begun, seen.unsent);
    for trouble in seen.troubles.iter().take(5) {
        let _ = writeln!(
            text,
            "  at {:.2} s, {}: {}",
            trouble.at, trouble.step, trouble.why
        );
    }
    text
}

fn told(verdict: Verdict) -> String {
    json!(verdict).as_str().unwrap_or_default().to_owned()
}

fn latencies(latencies: &Latencies) -> Value {
    let mut all = json!({ "count": latencies.count(), "mean_ms": latencies.mean() });
    for (name, share) in SHARES {
        all[format!("{name}_ms")] = json!(latencies.quantile(share));
    }
    all
}

/// Everything that was seen, and what is needed to compare it with another day's.
pub fn json(seen: &Seen, window: Duration, command: &str) -> Value {
    let mut steps: BTreeMap<&str, Value> = BTreeMap::new();
    for ((step, verdict), counted) in &seen.steps {
        let entry = steps.entry(step.as_str()).or_insert_with(|| json!({}));
        entry[told(*verdict)] = latencies(counted);
    }
    let windows = seen.windows.iter().enumerate().map(|(number, window_seen)| {
        let counts = window_seen.verdicts.iter();
        let counts: BTreeMap<String, u64> = counts.map(|(verdict, count)| (told(*verdict), *count)).collect();
        json!({
            "at_s": number as f64 * window.as_secs_f64(),
            "steps": counts,
            "p50_ms": window_seen.latencies.quantile(0.5),
            "p99_ms": window_seen.latencies.quantile(0.99),
        })
    });
    json!({
        "command": command,
        "version": env!("CARGO_PKG_VERSION"),
        "machine": machine(),
        "latencies": "from the moment at which a step was due, at most 1 % too long",
        "journeys": seen.begun,
        "not_sent": seen.unsent,
        "steps": steps,
        "window_s": window.as_secs_f64(),
        "windows": windows.collect::<Vec<_>>(),
        "troubles": seen.troubles.iter().take(100).collect::<Vec<_>>(),
    })
}

/// What the figures were made on.
pub fn machine() -> Value {
    let read = |path| std::fs::read_to_string(path).unwrap_or_default();
    let processor = read("/proc/cpuinfo");
    let processor = processor.lines().find_map(|line| line.strip_prefix("model name"));
    json!({
        "processor": processor.unwrap_or_default().trim_start_matches(['\t', ' ', ':']),
        "cores": std::thread::available_parallelism().map_or(1, usize::from),
        "load_average": read("/proc/loadavg").trim(),
    })
}
