//! For commands that work in the ticket store of the servers that run: whether this process can find it, and
//! the store at the epoch that they are at.

use anyhow::{Context, bail};

use super::assemble::{Assembled, assemble};
use crate::config::{Settings, TicketsSettings};

/// Whether what this process writes is found by the servers, and what they wrote by this process. `memory` and
/// `keys` go on where the message has named the setting.
pub fn fit(settings: &Settings, memory: &str, keys: &str) -> anyhow::Result<()> {
    if matches!(settings.tickets, TicketsSettings::Memory) {
        bail!("[tickets] url = \"memory:\" is {memory}");
    }
    if settings.keys.is_none() {
        bail!("[keys] has no files: {keys}");
    }
    Ok(())
}

/// The servers' own ticket store. `alone` tells what to do where the store takes one process only.
pub async fn opened(settings: Settings, alone: &'static str) -> anyhow::Result<Assembled> {
    let server = assemble(settings, false).await.context(alone)?;
    server.follow().await?;
    Ok(server)
}
