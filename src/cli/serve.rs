//! `mereau serve`: from a configuration to a server that runs until it is told to stop.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::Outcome;
use super::assemble::{Assembled, assemble};
use super::findings::Level;
use super::print::Screen;
use super::reload::Reload;
use super::{check, logs, operated, signals};
use crate::config::{Loaded, Settings};
use crate::http::server::ServerSettings;
use crate::jobs::audit_watch::AuditWatch;
use crate::{jobs, tls};

/// Serves the configuration at `path` until SIGTERM or SIGINT.
pub fn serve(path: &Path, screen: &mut Screen) -> anyhow::Result<Outcome> {
    let Some(Loaded { settings, warnings }) = check::load(path, screen) else {
        return Ok(Outcome::Bad);
    };
    logs::start(&settings.log)?;
    for warning in warnings {
        tracing::warn!("{}", warning.on_one_line());
    }
    runtime()?.block_on(async {
        let listener = listen(settings.listen).await?;
        let admin = match &settings.admin {
            Some(admin) => Some(listen_for_admin(admin.listen).await?),
            None => None,
        };
        let stop = signals::stop(signals::Hangup::Reloads, || {})?;
        run(
            settings,
            path,
            Stage {
                listener,
                admin,
                stop,
                demo: false,
            },
        )
        .await
    })
}

/// How long the end waits for the audit's disk.
const LAST_EVENTS: Duration = Duration::from_secs(5);

/// Where and until when a server runs.
pub struct Stage {
    pub listener: TcpListener,
    /// For those who run it, when the settings say so.
    pub admin: Option<TcpListener>,
    pub stop: CancellationToken,
    pub demo: bool,
}

pub fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tls::install_default();
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the runtime cannot be started")
}

pub async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let bound = TcpListener::bind(address).await;
    bound.with_context(|| {
        format!("cannot listen on {address}: change [server] listen, or stop what listens there")
    })
}

async fn listen_for_admin(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let bound = TcpListener::bind(address).await;
    bound.with_context(|| {
        format!("cannot listen on {address}: change [admin] listen, or stop what listens there")
    })
}

/// Serves until `stage.stop`, then lets what is under way finish.
pub async fn run(mut settings: Settings, path: &Path, stage: Stage) -> anyhow::Result<Outcome> {
    let admin = stage.admin.zip(settings.admin.take());
    let limits = settings.limits.clone();
    let public_url = settings.public_url.clone();
    let node = settings.node.take();
    let server = assemble(settings, stage.demo).await?;
    if !fit_for_tickets(&server).await {
        return Ok(Outcome::Bad);
    }
    let tls = match &server.certificates {
        Some(certificates) => Some(tls::server_config(certificates.clone())?),
        None => None,
    };
    let reload = Reload::new(
        PathBuf::from(path),
        server.app.clone(),
        server.certificates.clone(),
    )
    .with_audit(server.audit.clone());
    // The demonstration has no files to read again, and stops when its terminal is closed.
    let reloading = match stage.demo {
        true => None,
        false => Some(signals::on_hangup(reload)?),
    };
    let address = stage.listener.local_addr()?;
    tracing::info!(%address, %public_url, tls = tls.is_some(), "serving");
    start_jobs(&server)?;
    let place = operated::Place {
        address,
        node,
        admin,
        limits: limits.clone(),
    };
    let operated = operated::begin(&server, place)?;
    let closing = operated.closing(stage.stop);
    let Assembled {
        service, jobs, audit, ..
    } = server;
    let drained = crate::http::server::serve(stage.listener, tls, limits.clone(), service, closing).await;
    if let Some(reloading) = reloading {
        reloading.abort();
    }
    finish(&jobs, &limits, drained).await;
    operated.end().await;
    if let Some(audit) = audit {
        let on_disk = tokio::task::spawn_blocking(move || audit.finish(LAST_EVENTS)).await;
        if !matches!(on_disk, Ok(true)) {
            tracing::error!("the last events may not be in the audit's file");
        }
    }
    Ok(Outcome::Good)
}

/// The work that goes on beside the requests, until the server stops.
fn start_jobs(server: &Assembled) -> anyhow::Result<()> {
    let jobs = &server.jobs;
    jobs::recovery::start(
        jobs,
        &server.app,
        &jobs::recovery::RecoverySettings {
            letters: server.carrier.waiting(),
            ..Default::default()
        },
    )
    .context("the workers of recovery cannot be started")?;
    let letters = server.carrier.clone().run(jobs.stopping());
    jobs.submit(letters).context("letters cannot be seen off")?;
    let logouts = server.logouts.clone().run(jobs.stopping());
    jobs.submit(logouts)
        .context("logout messages cannot be delivered")?;
    if let Some(audit) = &server.audit {
        let ports = &server.app.ports;
        let watch = AuditWatch::new(audit.path().to_owned(), ports.keys.clone(), ports.metrics.clone());
        jobs.submit(watch.run(jobs.stopping()))
            .context("the audit's file cannot be watched")?;
    }
    if let Some(watch) = server.watch() {
        let watching = watch.run(jobs.stopping());
        jobs.submit(watching)
            .context("the ticket store cannot be watched")?;
    }
    Ok(())
}

/// Background work may take what is left of the time for stopping, and a moment at least.
async fn finish(jobs: &crate::jobs::Jobs, limits: &ServerSettings, drained: crate::http::server::Drained) {
    let work = jobs.drain(limits.drain.max(Duration::from_secs(1))).await;
    tracing::info!(
        connections_finished = drained.finished,
        connections_cut = drained.cut,
        jobs_finished = work.finished,
        jobs_abandoned = work.abandoned,
        "stopped"
    );
}

/// Whether the ticket store is set so that sessions are safe there. One that does not answer yet is
/// no reason not to start: it may come later, and until then pages say so.
async fn fit_for_tickets(server: &Assembled) -> bool {
    let findings = match server.look_at_store().await {
        Ok(findings) => findings,
        Err(error) => {
            tracing::warn!(
                error,
                "the ticket store does not answer; until it does nobody signs in"
            );
            return true;
        }
    };
    for finding in &findings {
        match finding.level {
            Level::Fail => tracing::error!("not started: {}; {}", finding.fact, finding.advice),
            _ => tracing::warn!("{}; {}", finding.fact, finding.advice),
        }
    }
    findings.iter().all(|finding| finding.level != Level::Fail)
}
