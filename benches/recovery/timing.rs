//! SEC-03: whether the time of the answer says whom it was about. One client on one connection asks for
//! people of every kind, in random order; each kind's times are held against those of names that nobody
//! has.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use mereau::base::entropy::{Entropy, OsEntropy};
use serde::Serialize;

use super::client::Address;
use super::people::{KINDS, Kind, mail, person};
use super::stand::{Lost, Page, Reader, page};
use super::statistics::{holm, kolmogorov_smirnov, mann_whitney, quantile};

/// One request of each other client: fifty of them ask 2,500 times a second, which leaves room in the
/// queue (100,000 entries) until the last request that counts.
const BETWEEN: Duration = Duration::from_millis(20);

/// Requests before those that count.
const DISCARDED: usize = 100;

/// How often one page is sent: its login ticket lasts long, its challenge is answered once.
fn sends(reader: &Reader) -> usize {
    if reader.is_some() { 1 } else { 500 }
}

/// What one kind of people comes to beside the unknown.
#[derive(Serialize)]
pub struct Row {
    pub kind: &'static str,
    pub requests: usize,
    pub median_ms: f64,
    pub p95_ms: f64,
    /// Of the medians, in milliseconds.
    pub off_ms: f64,
    /// What it may be.
    pub may_be_off_ms: f64,
    pub p_holm: f64,
    pub d: f64,
    pub may_be_d: f64,
    pub passed: bool,
}

/// Asks `each` times for every kind; `parallel` other clients ask for the unknown meanwhile.
pub async fn run(
    address: &Address,
    (reader, lost): (&Reader, Lost),
    each: usize,
    parallel: usize,
) -> anyhow::Result<Vec<Row>> {
    let done = Arc::new(AtomicBool::new(false));
    let others: Vec<_> = (0..parallel)
        .map(|_| {
            let reader = reader.clone();
            tokio::spawn(disturb(address.clone(), (reader, lost), Arc::clone(&done)))
        })
        .collect();
    let times = times(address, (reader, lost), each).await;
    done.store(true, Ordering::Relaxed);
    for other in others {
        other.await??;
    }
    Ok(judged(&times?))
}

async fn times(
    address: &Address,
    (reader, lost): (&Reader, Lost),
    each: usize,
) -> anyhow::Result<Vec<Vec<f64>>> {
    let mut connection = address.open().await?;
    let mut times = vec![Vec::new(); KINDS.len()];
    let mut form: Option<Page> = None;
    for (turn, (place, number)) in order(each).into_iter().enumerate() {
        if turn % sends(reader) == 0 {
            form = Some(page(&mut connection, reader, lost).await?);
        }
        let Some(form) = &form else { continue };
        let who = typed(lost, KINDS[place].0, number);
        let began = Instant::now();
        form.send(&mut connection, &who).await?;
        if turn >= DISCARDED {
            times[place].push(began.elapsed().as_secs_f64() * 1000.0);
        }
    }
    Ok(times)
}

/// What of a person stands in the form.
fn typed(lost: Lost, kind: Kind, number: usize) -> String {
    match lost {
        Lost::Password => person(kind, number).login,
        Lost::Username => mail(kind, number),
    }
}

/// Every kind `each` times and those to be discarded, shuffled.
fn order(each: usize) -> Vec<(usize, usize)> {
    let count = each * KINDS.len() + DISCARDED;
    let all = (0..count).map(|turn| (turn % KINDS.len(), turn / KINDS.len()));
    shuffled(all.collect())
}

pub fn shuffled<T>(mut all: Vec<T>) -> Vec<T> {
    for last in (1..all.len()).rev() {
        let drawn = u64::from_be_bytes(OsEntropy.bytes());
        let at = (u128::from(drawn) * (last as u128 + 1)) >> 64;
        all.swap(last, at as usize);
    }
    all
}

async fn disturb(
    address: Address,
    (reader, lost): (Reader, Lost),
    done: Arc<AtomicBool>,
) -> anyhow::Result<()> {
    let mut connection = address.open().await?;
    let mut turns = tokio::time::interval(BETWEEN);
    while !done.load(Ordering::Relaxed) {
        let form = page(&mut connection, &reader, lost).await?;
        for number in 0..sends(&reader) {
            if done.load(Ordering::Relaxed) {
                break;
            }
            turns.tick().await;
            let who = typed(lost, Kind::Unknown, number);
            form.send(&mut connection, &who).await?;
        }
    }
    Ok(())
}

fn judged(times: &[Vec<f64>]) -> Vec<Row> {
    let unknown = &times[0];
    let ps: Vec<f64> = times[1..].iter().map(|own| mann_whitney(own, unknown)).collect();
    let held = holm(&ps);
    let middle = quantile(unknown, 0.5);
    let may_be_off_ms = (middle * 0.02).max(0.5);
    let rows = times.iter().enumerate().map(|(place, own)| {
        let p_holm = place.checked_sub(1).map_or(1.0, |at| held[at]);
        let off_ms = quantile(own, 0.5) - middle;
        let d = kolmogorov_smirnov(own, unknown);
        // 0.06 is for 2,000 requests of a kind: what chance makes of D shrinks with the root of them.
        let may_be_d = 0.06 * (2000.0 / own.len() as f64).sqrt().max(1.0);
        Row {
            kind: KINDS[place].1,
            requests: own.len(),
            median_ms: quantile(own, 0.5),
            p95_ms: quantile(own, 0.95),
            off_ms,
            may_be_off_ms,
            p_holm,
            d,
            may_be_d,
            passed: p_holm > 0.01 && off_ms.abs() < may_be_off_ms && d < may_be_d,
        }
    });
    rows.collect()
}

pub fn table(rows: &[Row]) -> String {
    let mut text = String::from(
        "| asked for | requests | median | p95 | Δ median | p (Holm) | D | |\n|---|---|---|---|---|---|---|---|\n",
    );
    for row in rows {
        let verdict = if row.passed { "same" } else { "DIFFERS" };
        text.push_str(&format!(
            "| {} | {} | {:.2} ms | {:.2} ms | {:+.3} ms | {:.3} | {:.3} | {verdict} |\n",
            row.kind, row.requests, row.median_ms, row.p95_ms, row.off_ms, row.p_holm, row.d
        ));
    }
    text
}
