//! What was measured, as a table for people and as JSON for programs.

use std::fs;
use std::path::Path;

use anyhow::Context;
use serde::Serialize;
use serde_json::json;

/// One line of the table.
#[derive(Serialize)]
pub struct Figure {
    pub name: &'static str,
    pub unit: &'static str,
    pub measured: f64,
    /// What the same machine does in the same run when only the unavoidable is done.
    pub ceiling: Option<f64>,
    pub target: Option<Target>,
}

/// What the figure is to reach.
#[derive(Serialize, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    AtMost(f64),
    /// Percent of the ceiling.
    OfCeiling(f64),
}

impl Figure {
    pub fn new(name: &'static str, unit: &'static str, measured: f64) -> Figure {
        Figure {
            name,
            unit,
            measured,
            ceiling: None,
            target: None,
        }
    }

    pub fn beside(self, ceiling: f64) -> Figure {
        Figure {
            ceiling: Some(ceiling),
            ..self
        }
    }

    pub fn reaching(self, target: Target) -> Figure {
        Figure {
            target: Some(target),
            ..self
        }
    }

    /// Percent of the ceiling that is reached: of a rate more is better, of a cost less.
    pub fn of_ceiling(&self) -> Option<f64> {
        let ceiling = self.ceiling?;
        let share = if self.unit == "/s" {
            self.measured / ceiling
        } else {
            ceiling / self.measured
        };
        Some(share * 100.0)
    }

    /// Whether the target is reached, where there is one.
    pub fn met(&self) -> Option<bool> {
        Some(match self.target? {
            Target::AtMost(most) => self.measured <= most,
            Target::OfCeiling(least) => self.of_ceiling()? >= least,
        })
    }

    fn told(&self) -> serde_json::Value {
        let mut told = json!(self);
        told["reached_percent"] = json!(self.of_ceiling());
        told["met"] = json!(self.met());
        told
    }

    fn row(&self) -> [String; 5] {
        let unit = self.unit;
        let target = match self.target {
            Some(Target::AtMost(most)) => format!("≤ {} {unit}", number(most)),
            Some(Target::OfCeiling(least)) => format!("≥ {} % of ceiling", number(least)),
            None => String::new(),
        };
        let met = match self.met() {
            Some(true) => ", reached",
            Some(false) => ", MISSED",
            None => "",
        };
        let ceiling = self.ceiling.map(|ceiling| format!("{} {unit}", number(ceiling)));
        let share = self.of_ceiling().map(|share| format!("{share:.0} %"));
        [
            self.name.to_owned(),
            format!("{} {unit}", number(self.measured)),
            ceiling.unwrap_or_default(),
            share.unwrap_or_default(),
            format!("{target}{met}"),
        ]
    }
}

/// Three significant digits are more than this kind of figure is good for.
pub fn number(value: f64) -> String {
    match value.abs() {
        large if large >= 100.0 => format!("{value:.0}"),
        middle if middle >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

pub fn table(figures: &[Figure]) -> String {
    let titles = ["", "measured", "ceiling", "reached", "target"].map(str::to_owned);
    let rows: Vec<[String; 5]> = std::iter::once(titles)
        .chain(figures.iter().map(Figure::row))
        .collect();
    let width = |column: usize| {
        rows.iter()
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: [usize; 5] = std::array::from_fn(width);
    let mut text = String::new();
    for row in &rows {
        for (column, cell) in row.iter().enumerate() {
            let pad = " ".repeat(widths[column] - cell.chars().count());
            match column {
                0 | 4 => text.push_str(&format!("{cell}{pad}  ")),
                _ => text.push_str(&format!("{pad}{cell}  ")),
            }
        }
        text = text.trim_end().to_owned();
        text.push('\n');
    }
    text
}

/// Writes the figures with what is needed to compare them with those of another day.
pub fn write(path: &Path, command: &str, notes: &[String], figures: &[Figure]) -> anyhow::Result<()> {
    let read = |path| fs::read_to_string(path).unwrap_or_default();
    let processor = read("/proc/cpuinfo");
    let processor = processor.lines().find_map(|line| line.strip_prefix("model name"));
    let all = json!({
        "command": command,
        "version": env!("CARGO_PKG_VERSION"),
        "processor": processor.unwrap_or_default().trim_start_matches(['\t', ' ', ':']),
        "cores": std::thread::available_parallelism().map_or(1, usize::from),
        "load_average": read("/proc/loadavg").trim(),
        "notes": notes,
        "figures": figures.iter().map(Figure::told).collect::<Vec<_>>(),
    });
    let parent = path.parent().context("a file in a folder")?;
    fs::create_dir_all(parent)?;
    Ok(fs::write(path, serde_json::to_vec_pretty(&all)?)?)
}
