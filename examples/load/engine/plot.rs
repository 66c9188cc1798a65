//! Pictures of a run, written as SVG: how long steps took, what was done when.

use std::time::Duration;

use super::chart::{Axis, Chart, Line};
use super::record::{Seen, Verdict};

const COLOURS: [&str; 8] = [
    "#2a5db0", "#c77700", "#2e7d32", "#8e24aa", "#00838f", "#ad1457", "#5d4037", "#546e7a",
];

/// The latency that each share of the steps stays below; every nine of the share is as wide.
pub fn latency_curve(seen: &Seen) -> String {
    let done = seen
        .steps
        .iter()
        .filter(|((_, verdict), _)| *verdict == Verdict::Done);
    let lines = done
        .zip(COLOURS.iter().cycle())
        .map(|(((step, _), latencies), colour)| {
            let places = (0..=40).map(|place| f64::from(place) / 10.0);
            let points = places.map(|nines| (nines, latencies.quantile(1.0 - 10_f64.powf(-nines)).max(0.01)));
            Line {
                name: step.clone(),
                colour,
                points: points.collect(),
            }
        });
    let nines = |nines: f64| match nines {
        0.0 => "0 %".to_owned(),
        nines => format!("{} %", trimmed(100.0 - 10_f64.powf(2.0 - nines))),
    };
    Chart {
        title: "Latency from when a step was due, by share of the steps",
        x: Axis::linear("share", Box::new(nines)),
        y: Axis::logarithmic("ms", Box::new(trimmed)),
        lines: lines.collect(),
        bands: Vec::new(),
    }
    .svg()
}

/// Steps done, told to come back and failed in each second of the run; what was broken meanwhile is grey.
pub fn timeline(seen: &Seen, window: Duration, broken: &[(f64, f64)]) -> String {
    let width = window.as_secs_f64();
    let line = |name: &str, colour, wanted: &[Verdict]| {
        let points = seen.windows.iter().enumerate().map(|(place, window)| {
            let counts = wanted.iter().filter_map(|verdict| window.verdicts.get(verdict));
            ((place as f64 + 0.5) * width, counts.sum::<u64>() as f64 / width)
        });
        Line {
            name: name.to_owned(),
            colour,
            points: points.collect(),
        }
    };
    Chart {
        title: "Steps in a second, by when they were due",
        x: Axis::linear("s", Box::new(trimmed)),
        y: Axis::linear("/s", Box::new(trimmed)),
        lines: vec![
            line("done", COLOURS[0], &[Verdict::Done, Verdict::Refused]),
            line(
                "told to come back",
                COLOURS[1],
                &[Verdict::Busy, Verdict::Challenged],
            ),
            line("failed", "#c62828", &[Verdict::Failed]),
        ],
        bands: broken.to_vec(),
    }
    .svg()
}

/// As few digits as it takes.
pub fn trimmed(value: f64) -> String {
    let text = match value.abs() {
        large if large >= 100.0 => format!("{value:.0}"),
        middle if middle >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    };
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}
