//! A school behind one address, and somebody who tries one password on everybody from there or elsewhere:
//! who is told to come back, who is challenged, and after how many tries (reliability T-57, T-58).

use std::sync::Arc;

use super::Found;
use super::report::{Figure, Target};
use super::stand::{Stand, site};
use crate::engine::profile::Profile;
use crate::engine::record::{Seen, Verdict};
use crate::engine::run::Run;
use crate::engine::{plot, report};

/// The school around its bell: its twenty minutes in a sixth of the time, or in seconds where it is `quick`.
pub async fn school(quick: bool) -> anyhow::Result<Found> {
    let (pupils, seconds) = if quick { (60, 5) } else { (3_000, 200) };
    let stand = Stand::start(pupils, 1);
    let rate = pupils as f64 / seconds as f64;
    let profile = Profile::parse(&format!(
        "seed = 2026\nlasts = \"{seconds} s\"\n[[realms]]\nid = \"campus\"\npeople = {pupils}\n\
         [[crowds]]\nname = \"school\"\nrealm = \"campus\"\nfrom = \"203.0.113.7\"\nwrong_password = 0.099\n\
         arrivals = {{ shape = \"bell\", rate = {rate} }}\nmix = {{ sign-in = 1 }}\n"
    ))?;
    let (run, seen) = run(&stand, &profile).await?;
    let count = |step: &str, verdict| seen.of(step, verdict).count() as f64;
    let hindered = seen
        .steps
        .iter()
        .filter(|((_, verdict), _)| matches!(verdict, Verdict::Busy | Verdict::Challenged | Verdict::Failed));
    let hindered: u64 = hindered.map(|(_, latencies)| latencies.count()).sum();
    let (right, wrong) = (
        count("sign-in: form", Verdict::Done),
        count("wrong password", Verdict::Refused),
    );
    Ok(Found {
        figures: vec![
            Figure::new("pupils of one address hindered", "", hindered as f64).reaching(Target::AtMost(0.0)),
            Figure::new("  signed in", "", right),
            Figure::new("  wrong passwords", "%", wrong * 100.0 / (right + wrong)),
        ],
        notes: vec![format!(
            "{} pupils around the bell of {seconds} s (a school takes 20 minutes), one X-Forwarded-For",
            seen.begun
        )],
        plots: vec![(
            "school.svg".to_owned(),
            plot::timeline(&seen, run.record.window, &[]),
        )],
    })
}

pub async fn spray(quick: bool) -> anyhow::Result<Found> {
    let (accounts, seconds) = if quick { (200, 8) } else { (10_000, 60) };
    let stand = Stand::start(accounts, 1);
    let profile = Profile::parse(&format!(
        "seed = 2026\nlasts = \"{seconds} s\"\n[[realms]]\nid = \"campus\"\npeople = {accounts}\n\
         [[crowds]]\nname = \"attacker\"\nrealm = \"campus\"\nfrom = \"203.0.113.66\"\n\
         arrivals = {{ shape = \"even\", rate = 20 }}\nmix = {{ spray = 1 }}\n\
         [[crowds]]\nname = \"people\"\nrealm = \"campus\"\n\
         arrivals = {{ shape = \"poisson\", rate = 5 }}\nmix = {{ sign-in = 1 }}\n"
    ))?;
    let (run, seen) = run(&stand, &profile).await?;
    let tried = seen
        .of("attacker spray: wrong password", Verdict::Refused)
        .count() as f64;
    let innocent = seen.steps.iter().filter(|((step, verdict), _)| {
        step.starts_with("people") && !matches!(verdict, Verdict::Done | Verdict::Refused)
    });
    let innocent: u64 = innocent.map(|(_, latencies)| latencies.count()).sum();
    let held = [Verdict::Busy, Verdict::Challenged].map(|verdict| seen.of("spray", verdict).count());
    Ok(Found {
        figures: vec![
            Figure::new("tries of a spraying network that were answered", "", tried)
                .reaching(Target::AtMost(100.0)),
            Figure::new("  people elsewhere hindered", "", innocent as f64).reaching(Target::AtMost(0.0)),
        ],
        notes: vec![format!(
            "{} tries of one password on as many accounts; {} told to come back, {} challenged",
            seen.of("attacker spray: page", Verdict::Done).count(),
            held[0],
            held[1]
        )],
        plots: vec![(
            "spray.svg".to_owned(),
            plot::timeline(&seen, run.record.window, &[]),
        )],
    })
}

async fn run(stand: &Stand, profile: &Profile) -> anyhow::Result<(Run, Seen)> {
    let run = Run::new(profile, Arc::new(stand.state()));
    let seen = run.go(profile, site(&stand.nodes).await?).await?;
    println!("{}", report::table(&seen));
    Ok((run, seen))
}
