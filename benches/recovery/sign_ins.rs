//! T-53: whether the time of a refused sign-in says who exists, is closed or is locked. Clients with a connection
//! each try a wrong password of people of every kind, in random order; a name comes once, so that no pause is due.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::ensure;
use serde::Serialize;

use super::client::Address;
use super::form::filled;
use super::people::{Kind, person};
use super::statistics::{quantile, welch};
use super::timing::shuffled;

const KINDS: [(Kind, &str); 5] = [
    (Kind::Unknown, "unknown"),
    (Kind::Exists, "exists"),
    (Kind::Disabled, "disabled"),
    (Kind::AdminLocked, "locked by staff"),
    (Kind::FailureLocked, "locked by failures"),
];

/// Answers that wait for their floor cost nothing meanwhile.
const CLIENTS: usize = 16;
/// Tries before those that count, of each client.
const DISCARDED: usize = 10;

/// What one kind comes to beside the unknown.
#[derive(Serialize)]
pub struct Row {
    pub kind: &'static str,
    pub tries: usize,
    pub median_ms: f64,
    pub p95_ms: f64,
    /// Of the medians, in milliseconds; less than 2 passes.
    pub off_ms: f64,
    /// Of Welch's test; less than 4.5 passes.
    pub t: f64,
    pub passed: bool,
}

/// Tries `each` people of every kind.
pub async fn run(address: &Address, each: usize) -> anyhow::Result<Vec<Row>> {
    let all = (0..each * KINDS.len()).map(|turn| (turn % KINDS.len(), turn / KINDS.len()));
    let order = Arc::new(shuffled(all.collect()));
    let next = Arc::new(AtomicUsize::new(0));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| tokio::spawn(tries(address.clone(), order.clone(), next.clone())))
        .collect();
    let mut times = vec![Vec::new(); KINDS.len()];
    for client in clients {
        for (place, time) in client.await?? {
            times[place].push(time);
        }
    }
    Ok(judged(&times))
}

async fn tries(
    address: Address,
    order: Arc<Vec<(usize, usize)>>,
    next: Arc<AtomicUsize>,
) -> anyhow::Result<Vec<(usize, f64)>> {
    let mut connection = address.open().await?;
    let mut times = Vec::new();
    let mut turn = 0;
    while let Some((place, number)) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
        let page = connection.get("/cas/login", "").await?;
        let cookies = page.cookies().collect::<Vec<_>>().join("; ");
        let who = person(KINDS[*place].0, *number);
        let typed = [("username", who.login.as_str()), ("password", "not the password")];
        let (action, body) = filled(page.text(), &typed)?;
        let began = Instant::now();
        let reply = connection.post(&action, &cookies, body).await?;
        let took = began.elapsed().as_secs_f64() * 1000.0;
        ensure!(
            reply.status == 401,
            "{}: {} {}",
            who.login,
            reply.status,
            reply.text()
        );
        if turn >= DISCARDED {
            times.push((*place, took));
        }
        turn += 1;
    }
    Ok(times)
}

fn judged(times: &[Vec<f64>]) -> Vec<Row> {
    let middle = quantile(&times[0], 0.5);
    let rows = times.iter().enumerate().map(|(place, own)| {
        let off_ms = quantile(own, 0.5) - middle;
        let t = if place == 0 { 0.0 } else { welch(own, &times[0]) };
        Row {
            kind: KINDS[place].1,
            tries: own.len(),
            median_ms: quantile(own, 0.5),
            p95_ms: quantile(own, 0.95),
            off_ms,
            t,
            passed: t.abs() < 4.5 && off_ms.abs() < 2.0,
        }
    });
    rows.collect()
}

pub fn table(rows: &[Row]) -> String {
    let mut text = String::from(
        "| wrong password of | tries | median | p95 | Δ median | Welch t | |\n|---|---|---|---|---|---|---|\n",
    );
    for row in rows {
        let verdict = if row.passed { "same" } else { "DIFFERS" };
        text.push_str(&format!(
            "| {} | {} | {:.2} ms | {:.2} ms | {:+.3} ms | {:+.2} | {verdict} |\n",
            row.kind, row.tries, row.median_ms, row.p95_ms, row.off_ms, row.t
        ));
    }
    text
}
