//! The primary that Sentinels name. All of them are asked at once, and who speaks of the latest failover is
//! believed first: the others hear of it within seconds only. Whoever is named must call itself primary.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use futures_util::future::join_all;
use redis::{AsyncConnectionConfig, ErrorKind, RedisError};
use tokio::time::timeout;

use super::dial::Dialer;
use super::settings::Node;
use super::wire::{At, CONNECTING, Spoken};

/// Asks the Sentinels and connects to the primary they name `name`.
pub(super) async fn find(
    dialer: &Dialer,
    sentinels: &[Node],
    name: &str,
    alive: &Arc<AtomicBool>,
) -> Result<Spoken, RedisError> {
    let asked = sentinels.iter().map(|sentinel| {
        let told = ask(dialer, sentinel, name);
        async { timeout(CONNECTING, told).await.ok().and_then(Result::ok) }
    });
    let mut named: Vec<(u64, Node)> = join_all(asked).await.into_iter().flatten().flatten().collect();
    named.sort_by_key(|(failovers, _)| std::cmp::Reverse(*failovers));
    named.dedup_by(|one, other| one.1 == other.1);
    let mut last = (ErrorKind::Io, "no Sentinel names a primary").into();
    for (_, node) in &named {
        match primary_at(dialer, node, alive).await {
            Ok(spoken) => return Ok(spoken),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Where a Sentinel sees the primary, and how many failovers it knows of.
async fn ask(dialer: &Dialer, sentinel: &Node, name: &str) -> Result<Option<(u64, Node)>, RedisError> {
    let told = master(dialer, sentinel, name).await?;
    let number = |field: &str| told.get(field).and_then(|text| text.parse::<u64>().ok());
    let port = number("port").and_then(|port| u16::try_from(port).ok());
    Ok(told.get("ip").cloned().zip(port).map(|(host, port)| {
        let failovers = number("config-epoch").unwrap_or_default();
        (failovers, Node { host, port })
    }))
}

async fn master(dialer: &Dialer, sentinel: &Node, name: &str) -> Result<HashMap<String, String>, RedisError> {
    let config = AsyncConnectionConfig::new().set_response_timeout(None);
    let mut spoken = dialer.sentinel(sentinel, config).await?;
    let mut command = redis::cmd("SENTINEL");
    command.arg("MASTER").arg(name);
    command.query_async(&mut spoken.connection).await
}

async fn primary_at(dialer: &Dialer, node: &Node, alive: &Arc<AtomicBool>) -> Result<Spoken, RedisError> {
    let mut spoken = dialer.server(At::Node(node), alive).await?;
    let mut command = redis::cmd("INFO");
    command.arg("replication");
    let asked = timeout(CONNECTING, command.query_async::<String>(&mut spoken.connection)).await;
    let told = asked.unwrap_or_else(|_| Err((ErrorKind::Io, "no answer in time").into()))?;
    match told.lines().any(|line| line.trim() == "role:master") {
        true => Ok(spoken),
        false => Err((ErrorKind::Io, "the server that Sentinels name is no primary").into()),
    }
}
