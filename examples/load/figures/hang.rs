//! A directory hangs: what those notice who have nothing to do with it, and its own people's pages.

use std::sync::Arc;

use anyhow::ensure;

use super::Found;
use super::people::Person;
use super::report::{Figure, Target};
use super::stand::{Stand, directory, nodes_of, options, people, services, site};
use crate::engine::plot;
use crate::engine::profile::Profile;
use crate::engine::record::{Seen, Verdict};
use crate::engine::run::Run;
use crate::engine::state::{Population, State};
use crate::support::served::Options;

/// Two realms: the directory of the second one will hang.
const PROFILE: &str = r#"
seed = 2026
lasts = "@LASTS@"
patience = "30 s"

[[realms]]
id = "campus"
people = 500

[[realms]]
id = "lycee"
people = 500
tenant = "lycee"

[[crowds]]
name = "others"
realm = "campus"
arrivals = { shape = "poisson", rate = 20 }
mix = { sign-in = 1, re-entry = 3 }

[[crowds]]
name = "concerned"
realm = "lycee"
arrivals = { shape = "poisson", rate = 10 }
mix = { sign-in = 1, re-entry = 3 }
"#;

const INSTITUTION: &str = "[[institution]]\nid = \"lycee\"\nrealm = \"lycee\"\nname = \"Lycée\"\n";

const SERVICE: &str = "https://courses.campus.example/";

const STEPS: [&str; 3] = ["sign-in: page", ": validation", "others sign-in: form"];

pub async fn measure(quick: bool) -> anyhow::Result<Found> {
    let text = PROFILE.replace("@LASTS@", if quick { "3 s" } else { "40 s" });
    let profile = Profile::parse(&text)?;
    let accounts = people(500);
    let stand = Stand::start(500, 0);
    let lycee = directory(&accounts);
    let (tickets, services) = (stand.redis.url(), services());
    let nodes = nodes_of(
        &Options {
            second: Some(&lycee),
            institutions: INSTITUTION,
            ..options(&stand.slapd, &tickets, &services)
        },
        1,
    );
    let state = state(&accounts);
    let healthy = Run::new(&profile, Arc::clone(&state))
        .go(&profile, site(&nodes).await?)
        .await?;
    println!("healthy");
    println!("{}", crate::engine::report::table(&healthy));
    lycee.stop();
    let run = Run::new(&profile, state);
    let hanging = run.go(&profile, site(&nodes).await?).await?;
    lycee.cont();
    println!("hanging");
    println!("{}", crate::engine::report::table(&hanging));
    found(&profile, &healthy, &hanging)
}

/// The same people in both realms.
fn state(accounts: &[Person]) -> Arc<State> {
    let of = |tenant: &str| {
        let services = vec![SERVICE.to_owned()];
        Population::of(accounts.to_vec(), services, Some(tenant.to_owned()))
    };
    Arc::new(State::of(
        ["campus", "lycee"].map(|realm| (realm.to_owned(), of(realm))),
    ))
}

fn found(profile: &Profile, healthy: &Seen, hanging: &Seen) -> anyhow::Result<Found> {
    for seen in [healthy, hanging] {
        for step in STEPS {
            ensure!(seen.of(step, Verdict::Done).count() > 0, "nobody did {step}");
        }
    }
    let names = [
        "p99 of pages while a directory hangs",
        "p99 of validations",
        "p99 of other realms’ sign-ins (form)",
    ];
    let figures = names.into_iter().zip(STEPS).map(|(name, step)| {
        Figure::new(name, "ms", p99(hanging, step))
            .beside(p99(healthy, step))
            .reaching(Target::AtMost(50.0))
    });
    let hindered = Figure::new(
        "others who did not get what they came for",
        "",
        hindered(hanging) as f64,
    );
    Ok(Found {
        figures: figures.chain([hindered.reaching(Target::AtMost(0.0))]).collect(),
        notes: vec![format!(
            "ceiling: the same load on the same servers before the directory hung; {} sign-ins of the realm \
             concerned got an answer that says so, {} got none within {} s",
            hanging.of("concerned sign-in: form", Verdict::Busy).count(),
            hanging.of("concerned sign-in: form", Verdict::Failed).count(),
            profile.patience.0.as_secs()
        )],
        plots: vec![("hang.svg".to_owned(), plot::latency_curve(hanging))],
    })
}

/// Of the realm whose directory answers: journeys that ended otherwise than they should.
fn hindered(seen: &Seen) -> u64 {
    let journeys = ["others sign-in", "others re-entry"];
    let of = |journey| {
        [
            Verdict::Refused,
            Verdict::Challenged,
            Verdict::Busy,
            Verdict::Failed,
        ]
        .map(|verdict| seen.of(journey, verdict).count())
    };
    journeys.into_iter().flat_map(of).sum::<u64>() + seen.unsent
}

fn p99(seen: &Seen, ending: &str) -> f64 {
    seen.of(ending, Verdict::Done).quantile(0.99)
}
