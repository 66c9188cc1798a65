//! The benchmark of recovery: `cargo bench --bench recovery`, shorter with `-- --quick`.
//!
//! A real slapd, a real Redis, a mail server of the tests' and the built server on this machine. First
//! whether the time of an answer tells who exists, on both forms (SEC-03) and of a refused sign-in (T-53), then
//! the first morning of a school year (S4-18). `--only timing`, `--only sign-ins` or `--only morning` for one of them,
//! `--requests 500` and `--runs 1` for another amount of the first, `--parallel 50` to measure it under load,
//! `--captcha` with challenges that are answered; `--patience 300` for who cannot wait until the queues are
//! empty: so many seconds after the last request.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a measurement that cannot go on ends; what it finds is printed"
)]

#[path = "../sign_in/client.rs"]
#[allow(dead_code, reason = "the benchmark of a sign-in needs all of it")]
mod client;
#[path = "../sign_in/form.rs"]
mod form;
mod hanging;
#[path = "../../tests/contract/mail_sink.rs"]
mod mail_sink;
mod morning;
mod people;
mod plot;
#[path = "../sign_in/report.rs"]
#[allow(dead_code, reason = "the benchmark of a sign-in needs all of it")]
mod report;
mod sign_ins;
mod stand;
mod statistics;
#[path = "../../tests/live/support/mod.rs"]
mod support;
mod timing;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::ensure;
use serde_json::json;

use self::morning::{Plan, Seen};
use self::report::{Figure, Target};
use self::stand::{Lost, Stand};
use self::statistics::quantile;
use self::support::certificates;

fn main() -> anyhow::Result<()> {
    if !given("--bench") {
        println!("this is a benchmark: cargo bench --bench recovery [-- --quick]");
        return Ok(());
    }
    statistics::check();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let only = following("--only");
        let wanted = |name| only.as_deref().is_none_or(|only| only == name);
        if wanted("timing") {
            measure_timing().await?;
        }
        if wanted("sign-ins") {
            measure_sign_ins().await?;
        }
        if wanted("morning") {
            measure_morning().await?;
        }
        Ok(())
    })
}

async fn measure_timing() -> anyhow::Result<()> {
    let quick = given("--quick");
    let each = number("--requests").unwrap_or(if quick { 300 } else { 2000 });
    let runs = number("--runs").unwrap_or(if quick { 1 } else { 3 });
    let parallel = number("--parallel").unwrap_or(0);
    let stand = Stand::start(&people::of_every_kind(each + 10), given("--captcha")).await?;
    let reader = match given("--captcha") {
        true => stand.reader()?,
        false => None,
    };
    let (mut all, mut differs) = (Vec::new(), false);
    for run in 0..runs {
        // Every run begins with empty queues and budgets.
        let mut store = stand.store().await?;
        redis::cmd("FLUSHALL").query_async::<()>(&mut store).await?;
        for (lost, form) in [(Lost::Password, "password"), (Lost::Username, "identifier")] {
            let rows = timing::run(&stand.address(), (&reader, lost), each, parallel).await?;
            println!(
                "\n{}\nforgotten {form}, run {} of {runs}, {parallel} other clients\n\n{}",
                command(),
                run + 1,
                timing::table(&rows)
            );
            differs |= rows.iter().any(|row| !row.passed);
            all.push(json!({ "forgotten": form, "rows": rows }));
        }
    }
    let told = json!({ "command": command(), "parallel": parallel, "runs": all });
    std::fs::write(
        results()?.join("recovery-timing.json"),
        serde_json::to_vec_pretty(&told)?,
    )?;
    ensure!(!differs, "the time of an answer tells who exists");
    Ok(())
}

async fn measure_sign_ins() -> anyhow::Result<()> {
    let each = number("--requests").unwrap_or(if given("--quick") { 300 } else { 2000 });
    let stand = Stand::start(&people::of_every_kind(each + 10), false).await?;
    let rows = sign_ins::run(&stand.address(), each).await?;
    println!("\n{}\n\n{}", command(), sign_ins::table(&rows));
    let told = json!({ "command": command(), "rows": rows });
    std::fs::write(
        results()?.join("sign-in-timing.json"),
        serde_json::to_vec_pretty(&told)?,
    )?;
    let same = rows.iter().all(|row| row.passed);
    ensure!(same, "the time of a refusal tells who exists");
    Ok(())
}

async fn measure_morning() -> anyhow::Result<()> {
    let (requests, seconds) = if given("--quick") {
        (1500, 18)
    } else {
        (25_000, 300)
    };
    let plan = Plan {
        requests,
        within: Duration::from_secs(seconds),
        patience: Duration::from_secs(number("--patience").unwrap_or(45 * 60) as u64),
    };
    let mut stand = Stand::start(&people::many(requests), false).await?;
    let seen = morning::run(&mut stand, plan).await?;
    let figures = figures(&seen);
    let notes = [format!(
        "{requests} requests in {seconds} s, the directory hanging every other 10 s, letters at 20 a second"
    )];
    println!("\n{}\n\n{}\n{}", command(), report::table(&figures), notes[0]);
    let folder = results()?;
    report::write(&folder.join("recovery.json"), &command(), &notes, &figures)?;
    std::fs::write(
        folder.join("recovery-looks.json"),
        serde_json::to_vec(&seen.looks)?,
    )?;
    std::fs::write(folder.join("recovery.svg"), plot::svg(&seen))?;
    println!("also in {}/recovery.json and recovery.svg", folder.display());
    Ok(())
}

fn figures(seen: &Seen) -> Vec<Figure> {
    let count = |name, number: usize| Figure::new(name, "", number as f64).reaching(Target::AtMost(0.0));
    let time = |name, times: &[f64], share| Figure::new(name, "ms", quantile(times, share));
    let deepest = |of: fn(&morning::Look) -> usize| seen.looks.iter().map(of).max().unwrap_or(0) as f64;
    vec![
        time("form answered, median", &seen.forms, 0.5),
        time("form answered, p95", &seen.forms, 0.95).reaching(Target::AtMost(200.0)),
        time("form answered, p99", &seen.forms, 0.99),
        time("its page, median", &seen.pages, 0.5),
        time("its page, p95", &seen.pages, 0.95).reaching(Target::AtMost(200.0)),
        time("its page, p99", &seen.pages, 0.99),
        count("requests refused or failed", seen.failed),
        count("people without their letter", seen.missing),
        count("letters to nobody who asked", seen.strangers),
        count("letters that came twice", seen.twice),
        count("of them with another Message-ID", seen.different),
        Figure::new("most requests waiting", "", deepest(|look| look.requests)),
        Figure::new("most letters waiting", "", deepest(|look| look.letters)),
        Figure::new("all queues empty after", "s", seen.drained.unwrap_or(f64::NAN)),
    ]
}

fn command() -> String {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|one| one != "--bench").collect();
    match arguments.is_empty() {
        true => "cargo bench --bench recovery".to_owned(),
        false => format!("cargo bench --bench recovery -- {}", arguments.join(" ")),
    }
}

fn given(name: &str) -> bool {
    std::env::args().any(|argument| argument == name)
}

/// What follows `name` on the command line.
fn following(name: &str) -> Option<String> {
    std::env::args().skip_while(|argument| argument != name).nth(1)
}

fn number(name: &str) -> Option<usize> {
    following(name)?.parse().ok()
}

/// `target/bench`, wherever the target folder is.
fn results() -> anyhow::Result<PathBuf> {
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let folder = scratch.parent().unwrap_or(scratch).join("bench");
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}
