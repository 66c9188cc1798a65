//! What checking a password costs a server, measured with the service account's own, which is right: nothing
//! is counted against anybody.

use std::time::{Duration, Instant};

use super::super::fault::Fault;
use super::super::settings::ServiceAccount;
use super::codes;
use super::eyes::Eyes;
use super::root::Root;
use crate::base::findings::Finding;

/// Binds at most, and for how long at most.
const BINDS: usize = 5;
const BUDGET: Duration = Duration::from_millis(800);

pub async fn look(eyes: &Eyes, account: &ServiceAccount) -> Result<Finding, Fault> {
    let begun = Instant::now();
    let (mut binds, mut searches) = (Vec::new(), Vec::new());
    while binds.len() < BINDS && begun.elapsed() < BUDGET {
        let asked = Instant::now();
        eyes.bind(account).await?;
        binds.push(asked.elapsed());
        let asked = Instant::now();
        Root::read(eyes).await?;
        searches.push(asked.elapsed());
    }
    let (bind, search) = (least(&binds), least(&searches));
    let cost = bind
        .saturating_sub(search)
        .max(Duration::from_micros(50))
        .as_secs_f64();
    let fact = format!(
        "a password is checked in {:.1} ms, a search takes {:.1} ms (measured with bind_dn's): one processor of the server checks about {} a second",
        bind.as_secs_f64() * 1000.0,
        search.as_secs_f64() * 1000.0,
        (1.0 / cost).floor(),
    );
    Ok(Finding::of(&codes::DIR_BIND_COST, &eyes.url, fact, ""))
}

/// What else runs on the machine only adds.
fn least(times: &[Duration]) -> Duration {
    times.iter().min().copied().unwrap_or_default()
}
