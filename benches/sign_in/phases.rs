//! The phases of a run, one after the other, and the figures that come of them.

use std::sync::Arc;
use std::time::Duration;

use super::idle;
use super::journeys::{Door, OpenSession, SignIns};
use super::load::{self, Amount, Tally, Worker};
use super::process::{Meter, Place, apart, memory};
use super::raw_ldap::RawLdap;
use super::report::{Figure, Target};
use super::rounds;
use super::stand::{Served, Stand};

/// How much is done.
pub struct Plan {
    accounts: usize,
    starts: usize,
    sign_ins: Amount,
    kept_sign_ins: Amount,
    raw_ldap: Amount,
    /// Entries, pairs and validations of one round each.
    pub round: Amount,
    pub rounds: usize,
    /// Connections that are kept for nothing.
    pub idle: usize,
    /// Pairs at half the rate that the rounds reached.
    pub half_load: Amount,
}

/// Journeys at once.
const WORKERS: usize = 8;

impl Plan {
    pub fn full() -> Plan {
        Plan {
            accounts: 2_000,
            starts: 5,
            sign_ins: amount(10_000, 120),
            kept_sign_ins: amount(4_000, 40),
            raw_ldap: amount(6_000, 20),
            round: amount(10_000, 12),
            rounds: 9,
            idle: 2_000,
            half_load: amount(30_000, 20),
        }
    }

    pub fn quick() -> Plan {
        Plan {
            accounts: 200,
            starts: 3,
            sign_ins: amount(1_500, 20),
            kept_sign_ins: amount(1_000, 10),
            raw_ldap: amount(1_500, 10),
            round: amount(3_000, 6),
            rounds: 1,
            idle: 500,
            half_load: amount(5_000, 6),
        }
    }
}

fn amount(turns: usize, seconds: u64) -> Amount {
    Amount {
        turns,
        longest: Duration::from_secs(seconds),
        pace: None,
    }
}

/// What a run brings.
pub struct Measured {
    pub figures: Vec<Figure>,
    pub notes: Vec<String>,
}

/// What one turn cost, in microseconds: of the process measured, of slapd, of Redis.
#[derive(Clone, Copy)]
pub struct Cost {
    pub rate: f64,
    pub own: f64,
    pub slapd: f64,
    pub redis: f64,
}

pub async fn all(plan: Plan) -> anyhow::Result<Measured> {
    println!("slapd with {} accounts, Redis, the server", plan.accounts);
    let stand = Stand::start(plan.accounts)?;
    let mut figures = Vec::new();
    let mut notes = Vec::new();
    let (first_page, served) = starts(&stand, plan.starts).await?;

    let raw = raw_ldap(&stand, plan.raw_ldap).await?;
    let (tls, sessions, tally) = sign_ins(&stand, &served, false, plan.sign_ins).await?;
    let (resident, most) = memory(served.server.id());
    drop(served);
    notes.push(format!(
        "sign-ins with TLS: {} done, {} failed, median {:.1} ms, one in a hundred above {:.1} ms",
        tally.done,
        tally.failed,
        tally.median.as_secs_f64() * 1e3,
        tally.slow.as_secs_f64() * 1e3
    ));
    notes.push(format!(
        "resident memory after {} sign-ins {} KiB, at most {most} KiB",
        tally.done, resident
    ));

    let served = stand.serve(false, Place::Anywhere).await?;
    let (kept, _, _) = sign_ins(&stand, &served, true, plan.kept_sign_ins).await?;
    figures.extend(sign_in_figures(tls, kept, raw));
    drop(served);

    figures.extend(idle::all(&stand, &plan).await?);
    apart(&[std::process::id(), stand.redis.id()])?;
    figures.extend(rounds::all(&stand, sessions.into(), &plan, &mut notes).await?);
    figures.push(
        Figure::new(
            "resident memory after the sign-ins",
            "MiB",
            resident as f64 / 1024.0,
        )
        .reaching(Target::AtMost(30.0)),
    );
    figures.push(
        Figure::new("first page after start", "ms", first_page.as_secs_f64() * 1e3)
            .reaching(Target::AtMost(100.0)),
    );
    Ok(Measured { figures, notes })
}

/// Starts the server several times; answers the median time to its first page, and the last one.
async fn starts(stand: &Stand, starts: usize) -> anyhow::Result<(Duration, Served)> {
    let mut served = stand.serve(true, Place::Anywhere).await?;
    let mut times = vec![served.first_page];
    for _ in 1..starts {
        served = stand.serve(true, Place::Anywhere).await?;
        times.push(served.first_page);
    }
    times.sort_unstable();
    println!("first page after start: {times:.1?}");
    Ok((times[times.len() / 2], served))
}

/// Runs a load and says what a turn cost `process`, slapd and Redis.
pub async fn measured<W: Worker + Send + 'static>(
    what: &str,
    stand: &Stand,
    process: u32,
    workers: Vec<W>,
    amount: Amount,
) -> anyhow::Result<(Cost, Tally, Vec<W>)> {
    let meter = Meter::start([process, stand.slapd.id(), stand.redis.id()]);
    let (tally, workers) = load::run(workers, amount).await?;
    let [own, slapd, redis] = meter.per_turn(tally.done);
    let cost = Cost {
        rate: tally.rate(),
        own,
        slapd,
        redis,
    };
    println!(
        "{what}: {} in {:.1} s, {:.0}/s; CPU of each {own:.0} µs, slapd {slapd:.0} µs, Redis {redis:.0} µs",
        tally.done,
        tally.elapsed.as_secs_f64(),
        cost.rate
    );
    Ok((cost, tally, workers))
}

async fn raw_ldap(stand: &Stand, amount: Amount) -> anyhow::Result<Cost> {
    let mut workers = Vec::new();
    for _ in 0..WORKERS {
        workers.push(RawLdap::connect(&stand.slapd.url(), Arc::clone(&stand.people)).await?);
    }
    let own = std::process::id();
    let (cost, _, _) = measured("raw LDAP search and bind", stand, own, workers, amount).await?;
    Ok(cost)
}

async fn sign_ins(
    stand: &Stand,
    served: &Served,
    keep: bool,
    amount: Amount,
) -> anyhow::Result<(Cost, Vec<OpenSession>, Tally)> {
    let workers = each(WORKERS, |_| SignIns {
        door: Door::new(served.address.clone(), keep),
        people: Arc::clone(&stand.people),
        sessions: Vec::new(),
    });
    let what = if keep {
        "sign-ins on kept plain connections"
    } else {
        "sign-ins with TLS on new connections"
    };
    let (cost, tally, workers) = measured(what, stand, served.server.id(), workers, amount).await?;
    let sessions = workers.into_iter().flat_map(|worker| worker.sessions).collect();
    Ok((cost, sessions, tally))
}

pub fn each<W>(workers: usize, worker: impl FnMut(usize) -> W) -> Vec<W> {
    (0..workers).map(worker).collect()
}

fn sign_in_figures(tls: Cost, kept: Cost, raw: Cost) -> Vec<Figure> {
    let (ms, rate) = (1e-3, "/s");
    vec![
        Figure::new("sign-ins, TLS, new connections", rate, tls.rate).beside(raw.rate),
        Figure::new("  server CPU per sign-in", "ms", tls.own * ms)
            .beside(raw.own * ms)
            .reaching(Target::AtMost(2.5)),
        Figure::new("  slapd CPU per sign-in", "ms", tls.slapd * ms).beside(raw.slapd * ms),
        Figure::new("  Redis CPU per sign-in", "ms", tls.redis * ms),
        Figure::new("sign-ins, plain HTTP, kept connections", rate, kept.rate).beside(raw.rate),
        Figure::new("  server CPU per sign-in", "ms", kept.own * ms).beside(raw.own * ms),
        Figure::new("  slapd CPU per sign-in", "ms", kept.slapd * ms).beside(raw.slapd * ms),
        Figure::new("  Redis CPU per sign-in", "ms", kept.redis * ms),
    ]
}
