//! What was measured, as a table for people, JSON for programs and a plot.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::Instant;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::load::Loading;

/// Promised of the server's index: milliseconds, and megabytes.
const PROMISED_P50: f64 = 0.1;
const PROMISED_P99: f64 = 2.0;
const PROMISED_SIZE: f64 = 20.0;

/// How one way of searching did.
#[derive(Serialize, Deserialize)]
pub struct Engine {
    pub name: String,
    pub times: Times,
    /// From entries in memory until the first question can be asked.
    pub ready_ms: f64,
    pub megabytes: Option<f64>,
}

/// Milliseconds for a question.
#[derive(Serialize, Deserialize)]
pub struct Times {
    pub count: usize,
    pub p50: f64,
    pub p99: f64,
    pub longest: f64,
}

impl Times {
    /// Of each question the fastest of `rounds`.
    pub fn fastest(questions: &[String], rounds: usize, mut ask: impl FnMut(&str)) -> Times {
        let mut times: Vec<f64> = vec![f64::INFINITY; questions.len()];
        for _ in 0..rounds {
            for (time, question) in times.iter_mut().zip(questions) {
                let began = Instant::now();
                ask(question);
                *time = time.min(began.elapsed().as_secs_f64() * 1e3);
            }
        }
        times.sort_by(f64::total_cmp);
        let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
        Times {
            count: times.len(),
            p50: at(0.5),
            p99: at(0.99),
            longest: at(1.0),
        }
    }
}

pub fn table(engines: &[Engine]) -> String {
    let mut text = format!(
        "{:<32} {:>9} {:>10} {:>10} {:>10} {:>10} {:>9}\n",
        "", "questions", "p50 ms", "p99 ms", "longest", "ready ms", "MB"
    );
    for engine in engines {
        let times = &engine.times;
        let megabytes = engine.megabytes.map(|size| format!("{size:.1}"));
        let _ = writeln!(
            text,
            "{:<32} {:>9} {:>10.3} {:>10.3} {:>10.3} {:>10.0} {:>9}",
            engine.name,
            times.count,
            times.p50,
            times.p99,
            times.longest,
            engine.ready_ms,
            megabytes.unwrap_or_default()
        );
    }
    if let Some(ours) = engines.first() {
        let size = ours.megabytes.unwrap_or_default();
        let told = |met: bool| if met { "reached" } else { "MISSED" };
        let _ = write!(
            text,
            "\np50 ≤ {PROMISED_P50} ms: {}; p99 ≤ {PROMISED_P99} ms: {}; index ≤ {PROMISED_SIZE} MB: {}\n",
            told(ours.times.p50 <= PROMISED_P50),
            told(ours.times.p99 <= PROMISED_P99),
            told(size <= PROMISED_SIZE)
        );
    }
    text
}

/// `picker.json` and `picker.svg` in `folder`.
pub fn write(folder: &Path, notes: &[String], loading: &Loading, engines: &[Engine]) -> anyhow::Result<()> {
    let read = |path| fs::read_to_string(path).unwrap_or_default();
    let processor = read("/proc/cpuinfo");
    let processor = processor.lines().find_map(|line| line.strip_prefix("model name"));
    let all = json!({
        "command": "cargo bench --bench picker",
        "version": env!("CARGO_PKG_VERSION"),
        "processor": processor.unwrap_or_default().trim_start_matches(['\t', ' ', ':']),
        "cores": std::thread::available_parallelism().map_or(1, usize::from),
        "load_average": read("/proc/loadavg").trim(),
        "notes": notes,
        "loading": loading,
        "engines": engines,
    });
    fs::create_dir_all(folder)?;
    fs::write(folder.join("picker.json"), serde_json::to_vec_pretty(&all)?)?;
    Ok(fs::write(folder.join("picker.svg"), svg(engines))?)
}

const LEFT: f64 = 260.0;
/// Pixels for each power of ten, from a microsecond on.
const DECADE: f64 = 70.0;

/// Milliseconds on a scale of powers of ten.
fn svg(engines: &[Engine]) -> String {
    let height = 70 + engines.len() * 44;
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"860\" height=\"{height}\" \
         font-family=\"sans-serif\" font-size=\"13\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"12\" y=\"24\" font-size=\"15\" font-weight=\"bold\">A keystroke in the picker: median (blue), \
         p99 (grey), promised (red); each line is ten times the one before</text>\n"
    );
    let x = |ms: f64| LEFT + (ms.max(0.001).log10() + 3.0) * DECADE;
    for power in -3..=4 {
        let at = x(10_f64.powi(power));
        let _ = writeln!(
            text,
            "<line x1=\"{at:.0}\" x2=\"{at:.0}\" y1=\"40\" y2=\"{}\" stroke=\"#dde1e6\"/>\n\
             <text x=\"{at:.0}\" y=\"{}\" text-anchor=\"middle\" font-size=\"11\">{} ms</text>",
            height - 24,
            height - 8,
            10_f64.powi(power)
        );
    }
    for (place, engine) in engines.iter().enumerate() {
        let top = 46 + place * 44;
        let _ = writeln!(
            text,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
            LEFT - 10.0,
            top + 20,
            engine.name
        );
        bar(
            &mut text,
            top,
            x(engine.times.p50) - LEFT,
            engine.times.p50,
            "#2a5db0",
        );
        bar(
            &mut text,
            top + 17,
            x(engine.times.p99) - LEFT,
            engine.times.p99,
            "#9aa3ad",
        );
    }
    for (row, promised) in [PROMISED_P50, PROMISED_P99].into_iter().enumerate() {
        let (at, top) = (x(promised), 44 + row * 17);
        let _ = writeln!(
            text,
            "<line x1=\"{at:.0}\" x2=\"{at:.0}\" y1=\"{top}\" y2=\"{}\" stroke=\"#c0392b\" stroke-width=\"2\"/>",
            top + 18
        );
    }
    text.push_str("</svg>\n");
    text
}

fn bar(text: &mut String, top: usize, length: f64, ms: f64, colour: &str) {
    let _ = writeln!(
        text,
        "<rect x=\"{LEFT}\" y=\"{top}\" width=\"{length:.1}\" height=\"14\" fill=\"{colour}\"/>\n\
         <text x=\"{:.1}\" y=\"{}\" font-size=\"12\">{ms:.3} ms</text>",
        LEFT + length + 6.0,
        top + 12
    );
}
