//! The figures by name.

use super::{Found, costs, directory, hang, memory, nodes, overload, race};

pub const NAMES: [&str; 7] = [
    "costs",
    "directory",
    "nodes",
    "race",
    "hang",
    "overload",
    "memory",
];

pub async fn figure(name: &str, quick: bool) -> anyhow::Result<Found> {
    match name {
        "costs" => costs::measure(quick).await,
        "directory" => directory::measure(quick).await,
        "nodes" => nodes::measure(quick).await,
        "race" => race::measure(quick).await,
        "hang" => hang::measure(quick).await,
        "overload" => overload::measure(quick).await,
        "memory" => memory::measure(quick).await,
        other => anyhow::bail!("no figure is called {other}"),
    }
}
