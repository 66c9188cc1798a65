//! The figures by name.

use super::{
    Found, Size, costs, crowded, directory, failover, hang, memory, nodes, overload, race, scenarios,
};

pub const NAMES: [&str; 11] = [
    "costs",
    "directory",
    "nodes",
    "race",
    "hang",
    "overload",
    "failover",
    "scenarios",
    "school",
    "spray",
    "memory",
];

pub async fn figure(name: &str, size: Size) -> anyhow::Result<Found> {
    let quick = size.quick;
    match name {
        "costs" => costs::measure(quick).await,
        "directory" => directory::measure(quick).await,
        "nodes" => nodes::measure(quick).await,
        "race" => race::measure(quick).await,
        "hang" => hang::measure(quick).await,
        "overload" => overload::measure(quick).await,
        "failover" => failover::measure(quick).await,
        "scenarios" => scenarios::measure(quick).await,
        "school" => crowded::school(quick).await,
        "spray" => crowded::spray(quick).await,
        "memory" => memory::measure(size).await,
        other => anyhow::bail!("no figure is called {other}"),
    }
}
