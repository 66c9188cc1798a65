//! Entries by open sessions and validations, in rounds: the server's and the bare server's in turn, then
//! the server's at half its load.

use std::sync::Arc;

use super::bare::{self, Bare, Part};
use super::client::Address;
use super::journeys::{APPLICATION, Door, Entries, OpenSession, Ticket, Validations, enter, validate};
use super::load::Amount;
use super::phases::{Cost, Plan, each, measured};
use super::process::Place;
use super::report::{Figure, Target};
use super::stand::{MANY_SERVICES, Served, Stand};

/// Connections that ask at once, where a server is to have always something to do.
const CONNECTIONS: usize = 64;

/// Runs the rounds on a server with few services and one with many.
pub async fn all(
    stand: &Stand,
    sessions: Arc<[OpenSession]>,
    plan: &Plan,
    notes: &mut Vec<String>,
) -> anyhow::Result<Vec<Figure>> {
    let served = stand.serve(false, Place::FirstCore).await?;
    stand.register(MANY_SERVICES)?;
    let crowded = stand.serve(false, Place::FirstCore).await?;
    let rounds = turns(stand, [&served, &crowded], Arc::clone(&sessions), plan).await?;
    let mut figures = figures(&rounds);
    let rate = median(&rounds.pairs).rate / 2.0;
    let amount = Amount {
        pace: Some(rate),
        ..plan.half_load
    };
    let workers = visits(&served, &sessions, true, "half");
    let (_, tally, _) = measured("pairs at half load", stand, served.server.id(), workers, amount).await?;
    notes.push(format!(
        "pairs at half load ({rate:.0}/s): {} done, {} failed, median {:.2} ms",
        tally.done,
        tally.failed,
        tally.median.as_secs_f64() * 1e3
    ));
    let slow = tally.slow.as_secs_f64() * 1e3;
    let slow = Figure::new("pair at half load, one in a hundred above", "ms", slow);
    figures.push(slow.reaching(Target::AtMost(10.0)));
    Ok(figures)
}

/// Workers that enter by the sessions, at addresses that no other `mark` has.
fn visits(served: &Served, sessions: &Arc<[OpenSession]>, validates: bool, mark: &str) -> Vec<Entries> {
    each(CONNECTIONS, |worker| Entries {
        door: Door::new(served.address.clone(), true),
        sessions: Arc::clone(sessions),
        validates,
        tickets: Vec::new(),
        mark: format!("{mark}/{worker}/{validates}"),
    })
}

/// Entries, validations and pairs of both, each time the server's and the bare server's in turn, on a
/// core of their own.
#[derive(Default)]
struct Rounds {
    entries: Vec<Cost>,
    bare_entries: Vec<Cost>,
    validations: Vec<Cost>,
    bare_validations: Vec<Cost>,
    pairs: Vec<Cost>,
    bare_pairs: Vec<Cost>,
    /// Pairs of the server that has many services.
    crowded_pairs: Vec<Cost>,
}

async fn turns(
    stand: &Stand,
    [served, crowded]: [&Served; 2],
    sessions: Arc<[OpenSession]>,
    plan: &Plan,
) -> anyhow::Result<Rounds> {
    let part = learn(stand, &served.address, &sessions[0]).await?;
    let (bare, bare_address) = part.play()?;
    let mut rounds = Rounds::default();
    for round in 0..plan.rounds {
        let entries = |validates| visits(served, &sessions, validates, &format!("{round}"));
        let act = |enters, validates| {
            each(CONNECTIONS, |_| Bare {
                door: Door::new(bare_address.clone(), true),
                round: round * 2 + usize::from(enters && validates),
                enters,
                validates,
            })
        };
        let (real, amount) = (served.server.id(), plan.round);
        let (cost, _, workers) = measured("entries", stand, real, entries(false), amount).await?;
        rounds.entries.push(cost);
        let tickets: Arc<[Ticket]> = workers.into_iter().flat_map(|worker| worker.tickets).collect();
        let amount = Amount {
            turns: tickets.len(),
            ..amount
        };
        let (cost, tally, _) = measured("  bare hyper", stand, bare.id(), act(true, false), amount).await?;
        rounds.bare_entries.push(cost);
        let workers = each(CONNECTIONS, |_| Validations {
            door: Door::new(served.address.clone(), true),
            tickets: Arc::clone(&tickets),
        });
        let (cost, _, _) = measured("validations", stand, real, workers, amount).await?;
        rounds.validations.push(cost);
        let amount = Amount {
            turns: tally.done,
            ..amount
        };
        let (cost, _, _) = measured("  bare hyper", stand, bare.id(), act(false, true), amount).await?;
        rounds.bare_validations.push(cost);
        let (cost, _, _) = measured("pairs", stand, real, entries(true), plan.round).await?;
        rounds.pairs.push(cost);
        let (cost, _, _) = measured("  bare hyper", stand, bare.id(), act(true, true), plan.round).await?;
        rounds.bare_pairs.push(cost);
        let workers = visits(crowded, &sessions, true, &format!("{round}/crowded"));
        let what = "pairs among 5,000 services";
        let (cost, _, _) = measured(what, stand, crowded.server.id(), workers, plan.round).await?;
        rounds.crowded_pairs.push(cost);
    }
    Ok(rounds)
}

/// One entry and one validation, to be played again by the bare server.
async fn learn(stand: &Stand, address: &Address, session: &OpenSession) -> anyhow::Result<Part> {
    let mut connection = address.open().await?;
    let service = format!("{APPLICATION}0/0/false/0");
    let (ticket, entry) = enter(&mut connection, session, &service).await?;
    let waiting = bare::waiting_ticket(&stand.redis.url()).await?;
    let validation = validate(&mut connection, &ticket).await?;
    Part::learn(&stand.redis.url(), &entry, &validation, waiting).await
}

/// The median of rounds, figure by figure.
fn median(rounds: &[Cost]) -> Cost {
    let middle = |of: fn(&Cost) -> f64| {
        let mut values: Vec<f64> = rounds.iter().map(of).collect();
        values.sort_unstable_by(f64::total_cmp);
        values[values.len() / 2]
    };
    Cost {
        rate: middle(|cost| cost.rate),
        own: middle(|cost| cost.own),
        slapd: middle(|cost| cost.slapd),
        redis: middle(|cost| cost.redis),
    }
}

/// CPU of the server and of Redis for one of them, in µs: the median of rounds.
fn both_parts(rounds: &[Cost]) -> f64 {
    let whole = |cost: &Cost| Cost {
        own: cost.own + cost.redis,
        ..*cost
    };
    median(&rounds.iter().map(whole).collect::<Vec<Cost>>()).own
}

fn figures(rounds: &Rounds) -> Vec<Figure> {
    let pairs = [median(&rounds.pairs), median(&rounds.bare_pairs)];
    let crowded = median(&rounds.crowded_pairs);
    let entries = [median(&rounds.entries), median(&rounds.bare_entries)];
    let validations = [median(&rounds.validations), median(&rounds.bare_validations)];
    vec![
        Figure::new("entries by an open session + validation", "/s", pairs[0].rate).beside(pairs[1].rate),
        Figure::new("  server CPU per pair", "µs", pairs[0].own)
            .beside(pairs[1].own)
            .reaching(Target::OfCeiling(80.0)),
        Figure::new("  Redis CPU per pair", "µs", pairs[0].redis).beside(pairs[1].redis),
        Figure::new(
            "  server and Redis, CPU per pair",
            "µs",
            both_parts(&rounds.pairs),
        )
        .beside(both_parts(&rounds.bare_pairs)),
        Figure::new("  the same among 5,000 services, beside 10", "µs", crowded.own)
            .beside(pairs[0].own)
            .reaching(Target::OfCeiling(95.0)),
        Figure::new("entries alone", "/s", entries[0].rate).beside(entries[1].rate),
        Figure::new("  server CPU per entry", "µs", entries[0].own).beside(entries[1].own),
        Figure::new("validations alone", "/s", validations[0].rate).beside(validations[1].rate),
        Figure::new("  server CPU per validation", "µs", validations[0].own)
            .beside(validations[1].own)
            .reaching(Target::OfCeiling(80.0)),
        Figure::new("  Redis CPU per validation", "µs", validations[0].redis).beside(validations[1].redis),
        Figure::new(
            "  server and Redis, CPU per validation",
            "µs",
            both_parts(&rounds.validations),
        )
        .beside(both_parts(&rounds.bare_validations))
        .reaching(Target::OfCeiling(80.0)),
    ]
}
