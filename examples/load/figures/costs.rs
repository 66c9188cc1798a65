//! What one request costs: CPU time of the server, Redis and slapd together, on plain connections that
//! are kept, beside what the same directory takes when it is only searched and bound to.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use super::Found;
use super::client::Address;
use super::form::encoded;
use super::journeys::{APPLICATION, Door, Entries, OpenSession, SignIns, Ticket, Validations};
use super::load::{self, Amount, Worker};
use super::process::Meter;
use super::raw_ldap::RawLdap;
use super::report::{Figure, Target};
use super::stand::Stand;

/// Journeys at once.
const WORKERS: usize = 8;

/// Microseconds of one turn: of the process measured, of slapd, of Redis.
#[derive(Clone, Copy)]
pub struct Cost {
    pub rate: f64,
    pub own: f64,
    pub slapd: f64,
    pub redis: f64,
}

impl Cost {
    /// Milliseconds over all parts.
    pub fn all(&self) -> f64 {
        (self.own + self.slapd + self.redis) / 1e3
    }
}

/// Turns of each kind.
struct Plan {
    accounts: usize,
    sign_ins: usize,
    others: usize,
}

pub async fn measure(quick: bool) -> anyhow::Result<Found> {
    let plan = match quick {
        true => Plan {
            accounts: 100,
            sign_ins: 200,
            others: 600,
        },
        false => Plan {
            accounts: 2_000,
            sign_ins: 6_000,
            others: 30_000,
        },
    };
    let stand = Stand::start(plan.accounts, 1);
    let raw = raw_ldap(&stand, plan.sign_ins).await?;
    let (sign_in, sessions) = sign_ins(&stand, plan.sign_ins).await?;
    let (pair, tickets) = pairs(&stand, sessions.into(), plan.others).await?;
    let used = turns(
        "used tickets refused",
        &stand,
        stand.id(),
        refusals(&stand, tickets),
        plan.others,
    )
    .await?
    .0;
    let forged = turns(
        "forged tickets refused",
        &stand,
        stand.id(),
        forgeries(&stand),
        plan.others,
    )
    .await?
    .0;
    let page = turns("login pages", &stand, stand.id(), pages(&stand), plan.others)
        .await?
        .0;
    Ok(Found {
        figures: vec![
            cost("sign-in + validation, CPU of all parts", sign_in, 1.0).beside(raw.all()),
            part("  server", sign_in.own),
            part("  slapd {SSHA}", sign_in.slapd).beside(raw.slapd / 1e3),
            part("  Redis", sign_in.redis),
            cost("entry by a session + validation, all parts", pair, 0.3),
            part("  server", pair.own),
            part("  Redis", pair.redis),
            cost("used ticket refused, all parts", used, 0.1),
            cost("forged ticket refused, all parts", forged, 0.1),
            cost("login page, all parts", page, 0.05),
        ],
        ..Found::default()
    })
}

fn cost(name: &'static str, cost: Cost, most: f64) -> Figure {
    Figure::new(name, "ms", cost.all()).reaching(Target::AtMost(most))
}

fn part(name: &'static str, micros: f64) -> Figure {
    Figure::new(name, "ms", micros / 1e3)
}

/// Runs a bounded load and says what a turn cost `process`, slapd and Redis.
pub async fn turns<W: Worker + Send + 'static>(
    what: &str,
    stand: &Stand,
    process: u32,
    workers: Vec<W>,
    turns: usize,
) -> anyhow::Result<(Cost, Vec<W>)> {
    let amount = Amount {
        turns,
        longest: Duration::from_secs(120),
        pace: None,
    };
    let meter = Meter::start([process, stand.slapd.id(), stand.redis.id()]);
    let (tally, workers) = load::run(workers, amount).await?;
    anyhow::ensure!(tally.failed == 0, "{what}: {} failed", tally.failed);
    let [own, slapd, redis] = meter.per_turn(tally.done);
    println!(
        "{what}: {} in {:.1} s, {:.0}/s; CPU of each {own:.0} µs, slapd {slapd:.0} µs, Redis {redis:.0} µs",
        tally.done,
        tally.elapsed.as_secs_f64(),
        tally.rate()
    );
    let rate = tally.rate();
    Ok((
        Cost {
            rate,
            own,
            slapd,
            redis,
        },
        workers,
    ))
}

fn each<W>(worker: impl FnMut(usize) -> W) -> Vec<W> {
    (0..WORKERS).map(worker).collect()
}

/// The ceiling: the search and the bind that no server can do without.
pub async fn raw_ldap(stand: &Stand, amount: usize) -> anyhow::Result<Cost> {
    let mut workers = Vec::new();
    for _ in 0..WORKERS {
        workers.push(RawLdap::connect(&stand.slapd.url(), Arc::clone(&stand.people)).await?);
    }
    let what = "raw LDAP search and bind";
    Ok(turns(what, stand, std::process::id(), workers, amount).await?.0)
}

pub async fn sign_ins(stand: &Stand, amount: usize) -> anyhow::Result<(Cost, Vec<OpenSession>)> {
    let workers = each(|_| SignIns {
        door: Door::new(stand.address(), true),
        people: Arc::clone(&stand.people),
        sessions: Vec::new(),
    });
    let (cost, workers) = turns("sign-ins + validations", stand, stand.id(), workers, amount).await?;
    let sessions = workers.into_iter().flat_map(|worker| worker.sessions);
    Ok((cost, sessions.collect()))
}

/// Entries by open sessions, each validated; then as many tickets that have been validated.
async fn pairs(
    stand: &Stand,
    sessions: Arc<[OpenSession]>,
    amount: usize,
) -> anyhow::Result<(Cost, Arc<[Ticket]>)> {
    let entries = |validates, mark: &'static str| {
        each(|worker| Entries {
            door: Door::new(stand.address(), true),
            sessions: Arc::clone(&sessions),
            validates,
            tickets: Vec::new(),
            mark: format!("{mark}/{worker}"),
        })
    };
    let (cost, _) = turns(
        "entries + validations",
        stand,
        stand.id(),
        entries(true, "pairs"),
        amount,
    )
    .await?;
    let (_, workers) = turns("entries", stand, stand.id(), entries(false, "later"), amount).await?;
    let tickets: Arc<[Ticket]> = workers.into_iter().flat_map(|worker| worker.tickets).collect();
    let validations = each(|_| Validations {
        door: Door::new(stand.address(), true),
        tickets: Arc::clone(&tickets),
    });
    turns("validations", stand, stand.id(), validations, tickets.len()).await?;
    Ok((cost, tickets))
}

/// Asks for the same address again and again, and knows what must stand in the answer.
struct Asking {
    address: Address,
    connection: Option<super::client::Connection>,
    targets: Arc<[String]>,
    told: &'static str,
}

impl Worker for Asking {
    async fn turn(&mut self, turn: usize) -> anyhow::Result<()> {
        if self.connection.is_none() {
            self.connection = Some(self.address.open().await?);
        }
        let connection = self.connection.as_mut().expect("just opened");
        // Applications have addresses of their own; who brings many bad tickets from one has to wait.
        let from = Ipv4Addr::new(198, 18, (turn >> 8) as u8, turn as u8);
        connection.comes_from(Some(from.into()));
        let reply = connection
            .get(&self.targets[turn % self.targets.len()], "")
            .await?;
        anyhow::ensure!(
            reply.text().contains(self.told),
            "{} {}",
            reply.status,
            reply.text()
        );
        Ok(())
    }
}

fn asking(stand: &Stand, targets: Vec<String>, told: &'static str) -> Vec<Asking> {
    let targets: Arc<[String]> = targets.into();
    each(|_| Asking {
        address: stand.address(),
        connection: None,
        targets: Arc::clone(&targets),
        told,
    })
}

fn validation(ticket: &str, service: &str) -> String {
    format!(
        "/cas/p3/serviceValidate?service={}&ticket={ticket}",
        encoded(service)
    )
}

fn refusals(stand: &Stand, tickets: Arc<[Ticket]>) -> Vec<Asking> {
    let targets = tickets
        .iter()
        .map(|ticket| validation(&ticket.id, &ticket.service));
    asking(stand, targets.collect(), "INVALID_TICKET")
}

/// Well-formed tickets that nobody issued.
fn forgeries(stand: &Stand) -> Vec<Asking> {
    let targets = (0..1_000).map(|number| validation(&format!("ST-{number:032}-forged"), APPLICATION));
    asking(stand, targets.collect(), "INVALID_TICKET")
}

fn pages(stand: &Stand) -> Vec<Asking> {
    let target = format!("/cas/login?service={}", encoded(APPLICATION));
    asking(stand, vec![target], "<form id=\"sign-in\"")
}
