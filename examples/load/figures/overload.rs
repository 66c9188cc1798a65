//! Five times as many come as can be served: how many are served nonetheless, how soon the rest is told,
//! and whether memory grows.

use std::sync::Arc;
use std::time::Duration;

use super::Found;
use super::costs::sign_ins;
use super::report::{Figure, Target};
use super::sample::{Sample, Sampling};
use super::stand::{self, Stand, site};
use crate::engine::profile::Profile;
use crate::engine::record::Verdict;
use crate::engine::run::Run;
use crate::engine::{plot, report};

const TIMES: f64 = 5.0;

/// What is the narrow place.
struct Narrow {
    names: [&'static str; 4],
    what: &'static str,
    plot: &'static str,
}

const DIRECTORY: Narrow = Narrow {
    names: [
        "sign-ins served at five times what the directory can do",
        "  the rest told to come back, p99",
        "  neither served nor told",
        "  most memory from the second quarter on, beside the first",
    ],
    what: "argon2 at Debian’s cost on a core of its own, everything else on the other",
    plot: "overload-directory.svg",
};

const NODE: Narrow = Narrow {
    names: [
        "sign-ins served at five times what the node can do",
        "  the rest told to come back, p99",
        "  neither served nor told",
        "  most memory from the second quarter on, beside the first",
    ],
    what: "{SSHA}; the node, slapd and Redis share one core, the crowd has the other",
    plot: "overload-node.svg",
};

pub async fn measure(quick: bool) -> anyhow::Result<Found> {
    let (accounts, turns, seconds) = if quick { (20, 60, 3) } else { (200, 800, 30) };
    let slow = Stand::with(stand::slow_directory, accounts, 1);
    slow.give_the_directory_a_core()?;
    let mut found = crowd(&slow, &DIRECTORY, turns, seconds).await?;
    drop(slow);
    let quick_one = Stand::start(accounts, 1);
    quick_one.give_the_crowd_a_core()?;
    found.join(crowd(&quick_one, &NODE, turns * 5, seconds).await?);
    Ok(found)
}

/// Finds out what can be served, and lets five times as many come.
async fn crowd(stand: &Stand, narrow: &Narrow, turns: usize, seconds: u32) -> anyhow::Result<Found> {
    let capacity = sign_ins(stand, turns).await?.0.rate;
    let rate = capacity * TIMES;
    let accounts = stand.people.len();
    let profile = Profile::parse(&format!(
        "seed = 2026\nlasts = \"{seconds} s\"\nat_once = 5000\npatience = \"30 s\"\n\
         [[realms]]\nid = \"campus\"\npeople = {accounts}\n[[crowds]]\nname = \"crowd\"\nrealm = \"campus\"\n\
         arrivals = {{ shape = \"poisson\", rate = {rate:.1} }}\nmix = {{ sign-in = 1 }}\n"
    ))?;
    let run = Run::new(&profile, Arc::new(stand.state()));
    let sampling = Sampling::begin(stand.id(), Duration::from_millis(250));
    let seen = run.go(&profile, site(&stand.nodes).await?).await?;
    let elapsed = run.record.began.elapsed().as_secs_f64();
    let samples = sampling.end();
    println!("{}", report::table(&seen));
    let done = seen.of("sign-in", Verdict::Done).count() as f64;
    let mut busy = seen.of("sign-in: form", Verdict::Busy);
    busy.merge(&seen.of("sign-in: page", Verdict::Busy));
    // The first of the crowd fill what is there to be filled.
    let (first, others) = samples.split_at(samples.len() / 4);
    let [first, others] = [first, others].map(most);
    let failed = seen.of("sign-in", Verdict::Failed).count() as f64 + seen.unsent as f64;
    let [served, told, neither, memory] = narrow.names;
    Ok(Found {
        figures: vec![
            Figure::new(served, "/s", done / elapsed)
                .beside(capacity)
                .reaching(Target::OfCeiling(80.0)),
            Figure::new(told, "ms", busy.quantile(0.99)).reaching(Target::AtMost(100.0)),
            Figure::new(neither, "", failed).reaching(Target::AtMost(0.0)),
            Figure::new(memory, "MiB", others)
                .beside(first)
                .reaching(Target::OfCeiling(90.0)),
        ],
        notes: vec![format!(
            "capacity: {capacity:.0} sign-ins/s of 8 at a time, {}; {rate:.0}/s came for {seconds} s, all was over \
             after {elapsed:.1} s; {} told to come back",
            narrow.what,
            busy.count()
        )],
        plots: vec![(
            narrow.plot.to_owned(),
            plot::timeline(&seen, run.record.window, &[]),
        )],
    })
}

fn most(samples: &[Sample]) -> f64 {
    samples
        .iter()
        .map(|sample| sample.resident_mib)
        .fold(0.0, f64::max)
}
