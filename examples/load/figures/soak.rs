//! Hours under a steady load: memory, open files and latencies over time. It stops by itself.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::report::{self, Figure, Target};
use super::sample::{Sample, Sampling};
use super::stand::{Stand, site};
use crate::engine::chart::{Axis, Chart, Line};
use crate::engine::plot::{self, trimmed};
use crate::engine::profile::Profile;
use crate::engine::record::{Seen, Verdict};
use crate::engine::run::Run;
use crate::engine::span::Span;

/// Sign-ins, entries and mistyped passwords of people who go on for a minute, five or two hours.
fn profile(lasts: Duration, rate: f64) -> anyhow::Result<Profile> {
    Profile::parse(&format!(
        "seed = 2026\nlasts = \"{}\"\n[[realms]]\nid = \"campus\"\npeople = 5000\n[[crowds]]\nname = \"day\"\n\
         realm = \"campus\"\narrivals = {{ shape = \"poisson\", rate = {rate} }}\n\
         mix = {{ sign-in = 1, re-entry = 3 }}\nwrong_password = 0.01\n",
        String::from(Span(lasts))
    ))
}

/// With `strict`, a target that is missed is an error.
pub async fn run(lasts: Duration, rate: f64, strict: bool, into: &Path) -> anyhow::Result<()> {
    super::build()?;
    let profile = profile(lasts, rate)?;
    let stand = Stand::start(5_000, 1);
    let run = Run::new(&profile, Arc::new(stand.state()));
    let every = (lasts / 500).max(Duration::from_secs(1));
    let sampling = Sampling::begin(stand.id(), every);
    let seen = run.go(&profile, site(&stand.nodes).await?).await?;
    let samples = sampling.end();
    let command = super::command();
    let figures = figures(&seen, &samples);
    println!("{}", crate::engine::report::table(&seen));
    println!("{command}\n\n{}", report::table(&figures));
    fs::create_dir_all(into)?;
    let told = json!({
        "run": crate::engine::report::json(&seen, run.record.window, &command),
        "samples": samples,
    });
    fs::write(into.join("soak-run.json"), serde_json::to_vec_pretty(&told)?)?;
    report::write(&into.join("soak.json"), &command, &[], &figures)?;
    fs::write(into.join("soak-process.svg"), process(&samples))?;
    fs::write(
        into.join("soak-latencies.svg"),
        latencies(&seen, run.record.window),
    )?;
    fs::write(
        into.join("soak-timeline.svg"),
        plot::timeline(&seen, run.record.window, &[]),
    )?;
    println!(
        "also in {}/soak.json, soak-run.json and three plots",
        into.display()
    );
    super::judge(&figures, strict)
}

/// The mean of a tenth of the samples, the first beginning so far into the run.
fn around(samples: &[Sample], begin: f64, of: fn(&Sample) -> f64) -> f64 {
    let from = (samples.len() as f64 * begin) as usize;
    let part = &samples[from..(from + samples.len().div_ceil(10)).min(samples.len())];
    part.iter().map(of).sum::<f64>() / part.len().max(1) as f64
}

fn figures(seen: &Seen, samples: &[Sample]) -> Vec<Figure> {
    // The first tenth is spent filling caches and pools.
    let memory = |begin| around(samples, begin, |sample| sample.resident_mib);
    let files = |begin| around(samples, begin, |sample| sample.files as f64);
    let failed = seen
        .steps
        .iter()
        .filter(|((_, how), _)| matches!(how, Verdict::Failed | Verdict::Busy));
    let failed: u64 = failed.map(|(_, latencies)| latencies.count()).sum();
    let p99 = |part: &[crate::engine::record::Window]| {
        let mut all = crate::engine::latencies::Latencies::default();
        part.iter().for_each(|window| all.merge(&window.latencies));
        all.quantile(0.99)
    };
    let tenth = seen.windows.len().div_ceil(10);
    let (early, late) = (
        p99(&seen.windows[..tenth]),
        p99(&seen.windows[seen.windows.len() - tenth..]),
    );
    vec![
        Figure::new(
            "resident in the last tenth, beside the second",
            "MiB",
            memory(0.9),
        )
        .beside(memory(0.1))
        .reaching(Target::OfCeiling(95.0)),
        // Idle connections come and go.
        Figure::new("open files in the last tenth, beside the second", "", files(0.9))
            .beside(files(0.1))
            .reaching(Target::OfCeiling(90.0)),
        Figure::new("p99 of steps in the last tenth, beside the first", "ms", late).beside(early),
        Figure::new("steps failed or told to come back", "", failed as f64).reaching(Target::AtMost(0.0)),
        Figure::new("journeys", "", seen.begun as f64),
    ]
}

fn process(samples: &[Sample]) -> String {
    let line = |name: &str, colour, of: fn(&Sample) -> f64| Line {
        name: name.to_owned(),
        colour,
        points: samples.iter().map(|sample| (sample.at, of(sample))).collect(),
    };
    Chart {
        title: "The server during the soak",
        x: Axis::linear("s", Box::new(trimmed)),
        y: Axis::linear("", Box::new(trimmed)),
        lines: vec![
            line("resident, MiB", "#2a5db0", |sample| sample.resident_mib),
            line("open files", "#c77700", |sample| sample.files as f64),
            line("threads", "#2e7d32", |sample| sample.threads as f64),
        ],
        bands: Vec::new(),
    }
    .svg()
}

fn latencies(seen: &Seen, window: Duration) -> String {
    let line = |name: &str, colour, share: f64| {
        let points = seen.windows.iter().enumerate().map(|(place, seen)| {
            let at = (place as f64 + 0.5) * window.as_secs_f64();
            (at, seen.latencies.quantile(share))
        });
        Line {
            name: name.to_owned(),
            colour,
            points: points.filter(|(_, latency)| *latency > 0.0).collect(),
        }
    };
    Chart {
        title: "Latencies of steps during the soak",
        x: Axis::linear("s", Box::new(trimmed)),
        y: Axis::logarithmic("ms", Box::new(trimmed)),
        lines: vec![
            line("p50", "#2a5db0", 0.5),
            line("p99", "#c77700", 0.99),
            line("longest", "#c62828", 1.0),
        ],
        bands: Vec::new(),
    }
    .svg()
}
