//! The ticket store that the settings name.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;

use crate::base::clock::Clock;
use crate::base::keys::KeyRing;
use crate::config::TicketsSettings;
use crate::metrics::StoreMetrics;
use crate::tickets::embedded::EmbeddedStore;
use crate::tickets::redis::{RedisSettings, RedisStore};
use crate::tickets::{
    Budgets, Challenges, Farewells, Marks, Nodes, ProxyTickets, Requests, ResetTickets, Throttle,
    TicketStore, UpstreamSessions,
};

/// One store in all its roles.
pub(super) struct Store {
    pub tickets: Arc<dyn TicketStore>,
    pub proxies: Arc<dyn ProxyTickets>,
    pub upstream_sessions: Arc<dyn UpstreamSessions>,
    pub challenges: Arc<dyn Challenges>,
    pub throttle: Arc<dyn Throttle>,
    pub resets: Arc<dyn ResetTickets>,
    pub requests: Arc<dyn Requests>,
    pub farewells: Arc<dyn Farewells>,
    pub budgets: Arc<dyn Budgets>,
    pub marks: Arc<dyn Marks>,
    pub nodes: Arc<dyn Nodes>,
    pub redis: Option<Arc<RedisStore>>,
}

impl Store {
    fn of<S>(store: Arc<S>, redis: Option<Arc<RedisStore>>) -> Store
    where
        S: TicketStore + ProxyTickets + UpstreamSessions + Challenges + Throttle,
        S: ResetTickets + Requests + Farewells + Budgets + Marks + Nodes + 'static,
    {
        Store {
            tickets: store.clone(),
            proxies: store.clone(),
            upstream_sessions: store.clone(),
            challenges: store.clone(),
            resets: store.clone(),
            requests: store.clone(),
            farewells: store.clone(),
            budgets: store.clone(),
            marks: store.clone(),
            nodes: store.clone(),
            throttle: store,
            redis,
        }
    }
}

pub(super) fn store(
    settings: TicketsSettings,
    keys: &KeyRing,
    clock: &Arc<dyn Clock>,
    metrics: &Arc<StoreMetrics>,
) -> anyhow::Result<Store> {
    let counted = |store: EmbeddedStore| Store::of(Arc::new(store.counted(metrics.clone())), None);
    Ok(match settings {
        TicketsSettings::Memory => counted(EmbeddedStore::in_memory(clock.clone())),
        TicketsSettings::Embedded(folder) => counted(embedded(&folder, clock)?),
        TicketsSettings::Redis(settings) => {
            let store = RedisStore::counted(*settings, keys.clone(), metrics.clone());
            let store = Arc::new(store.context("the ticket store cannot be used")?);
            Store::of(store.clone(), Some(store))
        }
    })
}

pub(super) fn redis(settings: RedisSettings, keys: &KeyRing) -> anyhow::Result<RedisStore> {
    RedisStore::new(settings, keys.clone()).context("the ticket store cannot be used")
}

#[cfg(feature = "embedded-store")]
fn embedded(folder: &Path, clock: &Arc<dyn Clock>) -> anyhow::Result<EmbeddedStore> {
    let made = || {
        format!(
            "the folder {} of the ticket store cannot be made",
            folder.display()
        )
    };
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).with_context(made)?;
    EmbeddedStore::on_disk(&folder.join("tickets.redb"), clock.clone())
        .context("the ticket store cannot be opened; is another server using it?")
}

#[cfg(not(feature = "embedded-store"))]
fn embedded(_folder: &Path, _clock: &Arc<dyn Clock>) -> anyhow::Result<EmbeddedStore> {
    anyhow::bail!("this program was built without the embedded store")
}
