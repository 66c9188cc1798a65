//! What those who run a server see of it while it runs: whether it is ready, its word to the other nodes, and
//! the admin address, which stays open longer than the public one.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::assemble::Assembled;
use crate::config::AdminSettings;
use crate::http::admin::{self, Told};
use crate::http::server::{self, ServerSettings};
use crate::jobs;
use crate::jobs::presence::Presence;
use crate::jobs::readiness::Readiness;

/// Connections to the admin address: a few collectors, and no crowd.
const MOST_COLLECTORS: usize = 32;

/// Where a server is, and who asks about it there.
pub struct Place {
    /// Of the public address.
    pub address: SocketAddr,
    /// The name of this node, where one is set.
    pub node: Option<String>,
    pub admin: Option<(Vec<TcpListener>, AdminSettings)>,
    pub limits: ServerSettings,
}

/// A server that is watched.
pub struct Operated {
    readiness: Arc<Readiness>,
    /// How long the public address stays open once nobody is to be sent there.
    leave_after: Duration,
    ended: CancellationToken,
    addresses: Vec<JoinHandle<()>>,
}

/// Begins to look at the server, to tell others of it, and to answer at the admin address.
pub fn begin(server: &Assembled, place: Place) -> anyhow::Result<Operated> {
    let readiness = Arc::<Readiness>::default();
    let looking = jobs::readiness::watch(server.app.clone(), readiness.clone(), server.jobs.stopping());
    server
        .jobs
        .submit(looking)
        .context("readiness cannot be watched")?;
    let ports = &server.app.ports;
    let presence = Arc::new(Presence::new(
        place.node.unwrap_or_else(|| usual_name(place.address)),
        server.nodes.clone(),
        server.app.clone(),
        &ports.keys,
        ports.clock.as_ref(),
    ));
    let telling = presence.clone().run(server.jobs.stopping());
    server
        .jobs
        .submit(telling)
        .context("other nodes cannot be told")?;
    let ended = CancellationToken::new();
    let mut operated = Operated {
        readiness,
        leave_after: Duration::ZERO,
        ended,
        addresses: Vec::new(),
    };
    if let Some((listeners, settings)) = place.admin {
        operated.leave_after = settings.leave_after;
        let told = Told {
            readiness: operated.readiness.clone(),
            presence: Some(presence),
            certificates: server.certificates.clone(),
            ..Told::of(server.app.clone())
        };
        let service = admin::service(told, settings.access);
        let serve = |listener| {
            let (limits, ended) = (place.limits.clone(), operated.ended.clone());
            administer(listener, service.clone(), limits, ended)
        };
        operated.addresses = listeners.into_iter().map(serve).collect();
    }
    Ok(operated)
}

impl Operated {
    /// When the public address is to close: at `stop` this node says that it is not ready, and gives those
    /// who ask the time to hear it (F-23).
    pub fn closing(&self, stop: CancellationToken) -> CancellationToken {
        let (readiness, leave_after) = (self.readiness.clone(), self.leave_after);
        let closing = CancellationToken::new();
        let close = closing.clone();
        tokio::spawn(async move {
            stop.cancelled().await;
            readiness.stop();
            tokio::time::sleep(leave_after).await;
            close.cancel();
        });
        closing
    }

    /// Closes the admin address: nothing is left to tell.
    pub async fn end(self) {
        self.ended.cancel();
        for address in self.addresses {
            let _ = address.await;
        }
    }
}

/// Serves the admin address beside the public one.
fn administer(
    listener: TcpListener,
    service: admin::Service,
    limits: ServerSettings,
    ended: CancellationToken,
) -> JoinHandle<()> {
    if let Ok(address) = listener.local_addr() {
        tracing::info!(%address, "metrics are served");
    }
    let limits = ServerSettings {
        most_connections: MOST_COLLECTORS,
        connections_per_network: 0,
        drain: Duration::from_secs(1),
        // Those who run the server come without a proxy.
        announced_by: None,
        ..limits
    };
    tokio::spawn(async move {
        server::serve(listener, None, limits, service, ended).await;
    })
}

/// The name of the machine and the port: what tells nodes apart that nobody has named.
fn usual_name(address: SocketAddr) -> String {
    let host = host_name();
    format!("{}:{}", host.as_deref().unwrap_or("node"), address.port())
}

/// This machine, by what the system says: at most 64 letters, none of them a control character.
pub fn host_name() -> Option<String> {
    let read = |file| std::fs::read_to_string(file).ok();
    let said = read("/proc/sys/kernel/hostname").or_else(|| read("/etc/hostname"))?;
    let name: String = said.trim().chars().filter(|c| !c.is_control()).take(64).collect();
    (!name.is_empty()).then_some(name)
}
