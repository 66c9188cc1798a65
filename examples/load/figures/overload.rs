//! Five times as many come as can be served: how many are served nonetheless, how soon the rest is told,
//! and whether memory grows.

use std::sync::Arc;
use std::time::Duration;

use super::Found;
use super::costs::sign_ins;
use super::report::{Figure, Target};
use super::sample::Sampling;
use super::stand::{self, Stand, site};
use crate::engine::profile::Profile;
use crate::engine::record::Verdict;
use crate::engine::run::Run;
use crate::engine::{plot, report};

const TIMES: f64 = 5.0;

pub async fn measure(quick: bool) -> anyhow::Result<Found> {
    let (accounts, turns, seconds) = if quick { (20, 60, 3) } else { (200, 800, 30) };
    let stand = Stand::with(stand::slow_directory, accounts, 1);
    stand.give_the_directory_a_core()?;
    let capacity = sign_ins(&stand, turns).await?.0.rate;
    let rate = capacity * TIMES;
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
    let busy = seen.of("sign-in: form", Verdict::Busy);
    // Whoever comes first fills what is there to be filled.
    let filled = samples
        .get(samples.len() / 4)
        .map_or(0.0, |sample| sample.resident_mib);
    let most = samples
        .iter()
        .map(|sample| sample.resident_mib)
        .fold(0.0, f64::max);
    let failed = seen.of("sign-in", Verdict::Failed).count() as f64;
    Ok(Found {
        figures: vec![
            Figure::new("sign-ins served at five times the capacity", "/s", done / elapsed)
                .beside(capacity)
                .reaching(Target::OfCeiling(80.0)),
            Figure::new("  the rest told to come back, p99", "ms", busy.quantile(0.99))
                .reaching(Target::AtMost(100.0)),
            Figure::new("  neither served nor told", "", failed).reaching(Target::AtMost(0.0)),
            Figure::new("  most memory, beside a quarter into it", "MiB", most)
                .beside(filled)
                .reaching(Target::OfCeiling(90.0)),
        ],
        notes: vec![format!(
            "capacity: {capacity:.0} sign-ins/s of 8 at a time, argon2 at Debian’s cost on a core of its own; \
             {rate:.0}/s came for {seconds} s, all was over after {elapsed:.1} s; {} told to come back",
            busy.count()
        )],
        plots: vec![(
            "overload.svg".to_owned(),
            plot::timeline(&seen, run.record.window, &[]),
        )],
    })
}
