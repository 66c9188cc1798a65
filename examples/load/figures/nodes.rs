//! One, two and three nodes on one Redis and one slapd, each on a core as far as there are cores: what a
//! sign-in costs must not grow with the number of nodes.

use std::sync::Arc;
use std::time::Duration;

use super::Found;
use super::client::Address;
use super::journeys::{Door, SignIns};
use super::load::{self, Amount};
use super::process::{cores, cpu, pin};
use super::report::{Figure, Target};
use super::stand::{Stand, nodes_of, options, services};
use crate::engine::chart::{Axis, Chart, Line};
use crate::engine::plot::trimmed;
use crate::support::served::Served;

const MOST: usize = 3;

/// Journeys at once at each node.
const WORKERS: usize = 4;

/// Of a number of nodes: sign-ins in a second, and in a second of the nodes' CPU.
#[derive(Clone, Copy)]
struct Look {
    rate: f64,
    per_cpu: f64,
}

pub async fn measure(quick: bool) -> anyhow::Result<Found> {
    let (accounts, turns, rounds) = if quick { (60, 120, 1) } else { (2_000, 4_000, 5) };
    let stand = Stand::start(accounts, 0);
    let (tickets, services) = (stand.redis.url(), services());
    let nodes = nodes_of(&options(&stand.slapd, &tickets, &services), MOST);
    let cores = cores();
    for (place, node) in nodes.iter().enumerate() {
        pin(&[node.id()], &(place % cores).to_string())?;
    }
    let mut looks = [const { Vec::new() }; MOST];
    for _ in 0..rounds {
        for (place, looks) in looks.iter_mut().enumerate() {
            looks.push(look(&stand, &nodes[..=place], turns).await?);
        }
    }
    let looks = looks.map(middle);
    let figure = |name, look: Look| {
        Figure::new(name, "/s", look.per_cpu)
            .beside(looks[0].per_cpu)
            .reaching(Target::OfCeiling(90.0))
    };
    let mut figures = vec![Figure::new(
        "sign-ins per CPU-second, one node",
        "/s",
        looks[0].per_cpu,
    )];
    figures.push(figure("sign-ins per CPU-second, two nodes", looks[1]));
    figures.push(figure("sign-ins per CPU-second, three nodes", looks[2]));
    let rates = looks.map(|look| format!("{:.0}", look.rate)).join(", ");
    let note = format!(
        "one, two, three nodes: {rates} sign-ins/s. {cores} cores here: slapd, Redis and the clients share them \
         with the nodes{}, so that only what a sign-in costs is comparable, not how many there are in a second",
        if cores < MOST {
            ", and nodes with each other"
        } else {
            ""
        }
    );
    Ok(Found {
        figures,
        notes: vec![note],
        plots: vec![("nodes.svg".to_owned(), plot(&looks))],
    })
}

async fn look(stand: &Stand, nodes: &[Served], turns: usize) -> anyhow::Result<Look> {
    let spent = || nodes.iter().map(|node| cpu(node.id())).sum::<Duration>();
    let workers = (0..WORKERS * nodes.len()).map(|worker| SignIns {
        door: Door::new(Address::plain(nodes[worker % nodes.len()].port()), true),
        people: Arc::clone(&stand.people),
        sessions: Vec::new(),
    });
    let amount = Amount {
        turns,
        longest: Duration::from_secs(60),
        pace: None,
    };
    let before = spent();
    let (tally, _) = load::run(workers.collect(), amount).await?;
    anyhow::ensure!(tally.failed == 0, "{} sign-ins failed", tally.failed);
    let look = Look {
        rate: tally.rate(),
        per_cpu: tally.done as f64 / (spent() - before).as_secs_f64(),
    };
    println!(
        "{} nodes: {:.0} sign-ins/s, {:.0} per CPU-second, {} failed",
        nodes.len(),
        look.rate,
        look.per_cpu,
        tally.failed
    );
    Ok(look)
}

fn middle(mut looks: Vec<Look>) -> Look {
    looks.sort_by(|one, other| one.per_cpu.total_cmp(&other.per_cpu));
    looks[looks.len() / 2]
}

fn plot(looks: &[Look; MOST]) -> String {
    let line = |name: &str, colour, of: fn(&Look) -> f64| Line {
        name: name.to_owned(),
        colour,
        points: looks
            .iter()
            .enumerate()
            .map(|(place, look)| (place as f64 + 1.0, of(look)))
            .collect(),
    };
    Chart {
        title: "Sign-ins against nodes, all on one Redis and one directory of this machine",
        x: Axis::linear("nodes", Box::new(trimmed)).in_parts(MOST as u32),
        y: Axis::linear("sign-ins", Box::new(trimmed)),
        lines: vec![
            line("in a second of the nodes’ CPU", "#2a5db0", |look| look.per_cpu),
            line("in a second", "#c77700", |look| look.rate),
        ],
        bands: Vec::new(),
    }
    .svg()
}
