//! The project's figures: each starts its own servers on this machine, measures, and stops. What each
//! means is told in docs/load.md.

mod costs;
mod crowded;
mod directory;
mod each;
mod failover;
mod filling;
mod hang;
#[path = "../../../benches/sign_in/journeys.rs"]
#[allow(dead_code, reason = "the benchmark of a sign-in does more")]
mod journeys;
#[path = "../../../benches/sign_in/load.rs"]
#[allow(dead_code, reason = "the benchmark of a sign-in does more")]
mod load;
mod memory;
mod nodes;
mod overload;
#[path = "../../../benches/sign_in/process.rs"]
#[allow(dead_code, reason = "the benchmark of a sign-in does more")]
mod process;
mod race;
#[path = "../../../benches/sign_in/raw_ldap.rs"]
mod raw_ldap;
#[path = "../../../benches/sign_in/report.rs"]
#[allow(dead_code, reason = "the benchmark of a sign-in does more")]
mod report;
mod sample;
mod scenarios;
pub mod soak;
mod stand;

use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::ensure;
use clap::builder::PossibleValuesParser;

use self::report::Figure;
use crate::engine::{client, form, people};
use crate::support::built;

/// How much is done.
#[derive(Clone, Copy)]
pub struct Size {
    /// Small numbers: whether it works.
    pub quick: bool,
    /// Sessions in Redis, of the figure about them.
    pub sessions: Option<usize>,
}

/// What a figure brought.
#[derive(Default)]
pub struct Found {
    pub figures: Vec<Figure>,
    pub notes: Vec<String>,
    /// Pictures: the name of the file and what stands in it.
    pub plots: Vec<(String, String)>,
}

impl Found {
    fn join(&mut self, other: Found) {
        self.figures.extend(other.figures);
        self.notes.extend(other.notes);
        self.plots.extend(other.plots);
    }
}

/// Names for the command line.
pub fn names() -> PossibleValuesParser {
    PossibleValuesParser::new(each::NAMES)
}

/// Makes the figures of these names, all of them where there are none, and writes them into a folder. With `strict`,
/// a target that is missed is an error.
pub async fn run(names: &[String], size: Size, strict: bool, into: &Path) -> anyhow::Result<()> {
    build()?;
    let began = Instant::now();
    let all = each::NAMES.map(str::to_owned);
    let wanted = if names.is_empty() { &all[..] } else { names };
    let mut found = Found::default();
    let mut broken = Vec::new();
    for (place, name) in wanted.iter().enumerate() {
        let passed = began.elapsed().as_secs();
        println!("== {name}, {} of {}, after {passed} s", place + 1, wanted.len());
        match each::figure(name, size).await {
            Ok(one) => {
                println!("{}", report::table(&one.figures));
                for note in &one.notes {
                    println!("{note}");
                }
                found.join(one);
            }
            // The others are measured nonetheless.
            Err(error) => {
                println!("{name} broke off: {error:#}");
                broken.push(name.as_str());
            }
        }
        // Whoever gave the directory a core of its own left this process on the other one.
        process::pin(&[std::process::id()], &format!("0-{}", process::cores() - 1))?;
    }
    let command = command();
    fs::create_dir_all(into)?;
    report::write(&into.join("figures.json"), &command, &found.notes, &found.figures)?;
    for (name, svg) in &found.plots {
        fs::write(into.join(name), svg)?;
    }
    println!("\n{command}\n\n{}", report::table(&found.figures));
    println!(
        "{:.0} s; also in {}/figures.json, with {} plots",
        began.elapsed().as_secs_f64(),
        into.display(),
        found.plots.len()
    );
    ensure!(broken.is_empty(), "broke off: {}", broken.join(", "));
    judge(&found.figures, strict)
}

fn judge(figures: &[Figure], strict: bool) -> anyhow::Result<()> {
    let missed = missed(figures);
    ensure!(
        !strict || missed.is_empty(),
        "targets missed: {}",
        missed.join("; ")
    );
    Ok(())
}

fn missed(figures: &[Figure]) -> Vec<&str> {
    let missed = figures.iter().filter(|figure| figure.met() == Some(false));
    missed.map(|figure| figure.name.trim_start()).collect()
}

/// What was typed to get here.
fn command() -> String {
    let words = std::env::args().skip(1).collect::<Vec<_>>().join(" ");
    built::typed(&format!(
        "cargo run --profile {} --example load -- {words}",
        profile()
    ))
}

/// Cargo's name for how this program was built: that of the folder it lies in, `target/PROFILE/examples`.
fn profile() -> String {
    let own = std::env::current_exe().unwrap_or_default();
    let folder = own.parent().and_then(Path::parent).and_then(Path::file_name);
    match folder.unwrap_or_default().to_string_lossy().as_ref() {
        "debug" => "dev".to_owned(),
        other => other.to_owned(),
    }
}

/// Builds the program that is measured as this one was built, unless another is named.
fn build() -> anyhow::Result<()> {
    if let Some(program) = built::named() {
        println!("the program is {program}");
        return Ok(());
    }
    if cfg!(debug_assertions) {
        println!(
            "a debug build: these figures say whether it works, not how fast it is; use cargo run --profile dist"
        );
    }
    let Some(cargo) = std::env::var_os("CARGO") else {
        ensure!(
            Path::new(built::binary()).exists(),
            "{} is not built: start this with cargo run --profile dist --example load",
            built::binary()
        );
        return Ok(());
    };
    let mut build = std::process::Command::new(cargo);
    build.args(["build", "--quiet", "--locked", "--bin", "mereau", "--profile"]);
    build.arg(profile());
    ensure!(build.status()?.success(), "mereau does not build");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::report::Target;
    use super::*;

    #[test]
    fn who_asks_for_it_hears_of_each_target_that_is_missed() {
        let of = |name, measured| Figure::new(name, "ms", measured);
        let figures = [
            of("met", 1.0).reaching(Target::AtMost(1.0)),
            of("  missed", 1.1).reaching(Target::AtMost(1.0)),
            of("without one", 9.0),
            Figure::new("a share", "/s", 79.0)
                .beside(100.0)
                .reaching(Target::OfCeiling(80.0)),
        ];
        assert_eq!(missed(&figures), ["missed", "a share"]);
        assert!(missed(&figures[..1]).is_empty());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_soak_ends_by_itself_and_leaves_what_it_saw() {
        let folder = tempfile::tempdir().unwrap();
        let lasts = std::time::Duration::from_secs(5);
        soak::run(lasts, 10.0, false, folder.path()).await.unwrap();
        let told = fs::read(folder.path().join("soak.json")).unwrap();
        let told: serde_json::Value = serde_json::from_slice(&told).unwrap();
        let figures = told["figures"].as_array().unwrap();
        let of = |name: &str| {
            let found = figures.iter().find(|figure| figure["name"] == name);
            found.unwrap_or_else(|| panic!("{name}: {told}"))["measured"].as_f64()
        };
        assert!(of("journeys") > Some(20.0), "{told}");
        assert_eq!(of("steps failed or told to come back"), Some(0.0), "{told}");
        for picture in ["soak-process.svg", "soak-latencies.svg"] {
            let svg = fs::read_to_string(folder.path().join(picture)).unwrap();
            assert!(svg.contains("<polyline"), "{picture}");
        }
    }

    /// What is counted is so on any machine; what is timed says nothing in small numbers.
    #[tokio::test(flavor = "multi_thread")]
    async fn every_figure_can_be_made_and_nobody_is_lost_in_it() {
        build().unwrap();
        let size = Size {
            quick: true,
            sessions: None,
        };
        for name in each::NAMES {
            let found = each::figure(name, size).await;
            let found = found.unwrap_or_else(|error| panic!("{name}: {error:#}"));
            assert!(!found.figures.is_empty(), "{name}");
            for figure in found.figures {
                assert!(figure.measured.is_finite(), "{name}: {}", figure.name);
                let nobody = matches!(figure.target, Some(Target::AtMost(0.0)));
                assert!(
                    !nobody || figure.measured == 0.0,
                    "{name}: {}: {}",
                    figure.name,
                    figure.measured
                );
            }
        }
    }
}
