//! `mereau serve`: from a configuration to a server that runs until it is told to stop.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use futures_util::future::join_all;
use tokio::net::TcpListener;
use tokio::signal::unix::Signal;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::Outcome;
use super::assemble::{Assembled, AuditFile, assemble};
use super::doors::Doors;
use super::findings::Level;
use super::print::Screen;
use super::reload::Reload;
use super::systemd::{self, Notifier};
use super::{check, confined, logs, operated, signals};
use crate::config::{Loaded, Settings};
use crate::confine::Plan;
use crate::http::server::{Drained, ServerSettings};
use crate::jobs::audit_watch::AuditWatch;
use crate::{jobs, metrics, tls};

/// Serves the configuration at `path` until SIGTERM or SIGINT.
pub fn serve(path: &Path, screen: &mut Screen) -> anyhow::Result<Outcome> {
    let hangup = signals::hear_hangup()?;
    let inherited = systemd::inherited()?;
    let Some(loaded) = check::load(path, screen) else {
        return Ok(Outcome::Bad);
    };
    // Before there is another thread, even that of the log: it would not be held.
    let confined = confined::begin(&loaded, path)?;
    let Loaded {
        settings, warnings, ..
    } = loaded;
    logs::start(&settings.log)?;
    confined::tell(confined.as_ref());
    for warning in warnings {
        tracing::warn!("{}", warning.on_one_line());
    }
    runtime()?.block_on(async {
        let stage = Stage {
            stop: signals::stop(signals::Hangup::Reloads, || {})?,
            doors: Doors::open(&settings, inherited).await?,
            hangup: Some(hangup),
            notifier: Notifier::of_process(),
            plan: confined.map(|(plan, _)| plan),
            demo: false,
        };
        run(settings, path, stage).await
    })
}

/// How long the end waits for the audit's disk.
const LAST_EVENTS: Duration = Duration::from_secs(5);

/// Where and until when a server runs.
pub struct Stage {
    pub doors: Doors,
    pub stop: CancellationToken,
    /// What makes it read its files again. The demonstration has none to read again, and stops when its
    /// terminal is closed.
    pub hangup: Option<Signal>,
    /// Who is told how the server is.
    pub notifier: Notifier,
    /// What the process is held to.
    pub plan: Option<Plan>,
    pub demo: bool,
}

pub fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tls::install_default();
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the runtime cannot be started")
}

/// Serves until `stage.stop`, then lets what is under way finish.
pub async fn run(mut settings: Settings, path: &Path, stage: Stage) -> anyhow::Result<Outcome> {
    metrics::count_panics(metrics::tell_panic);
    let admin = settings.admin.take();
    let limits = settings.limits.clone();
    let public_url = settings.public_url.clone();
    let node = settings.node.take();
    let listen = settings.listen;
    let server = assemble(settings, stage.demo).await?;
    if !fit_for_tickets(&server).await {
        return Ok(Outcome::Bad);
    }
    let reload = Reload::new(
        PathBuf::from(path),
        server.app.clone(),
        server.certificates.clone(),
    )
    .with_audit(server.audit.clone())
    .within(stage.plan)
    .telling(stage.notifier.clone());
    let reloading = stage.hangup.map(|hangup| signals::on_hangup(hangup, reload));
    let Doors {
        public,
        plain,
        admin: administered,
    } = stage.doors;
    tell_doors((&public, server.certificates.is_some()), &plain, &public_url)?;
    let address = match public.first() {
        Some(door) => door.local_addr()?,
        None => listen,
    };
    start_jobs(&server)?;
    make_searchable(&server);
    let place = operated::Place {
        address,
        node,
        admin: admin.map(|settings| (administered, settings)),
        limits: limits.clone(),
    };
    let operated = operated::begin(&server, place)?;
    let stop = tell(stage.notifier, stage.stop, public_url.as_str());
    let closing = operated.closing(stop.leaving);
    let drained = answer(&server, (public, plain), &limits, &closing).await?;
    let Assembled { jobs, audit, .. } = server;
    if let Some(reloading) = reloading {
        reloading.abort();
    }
    finish(&jobs, &limits, drained).await;
    operated.end().await;
    if let Some(audit) = audit {
        write_last_events(audit).await;
    }
    stop.over.cancel();
    Ok(Outcome::Good)
}

fn tell_doors(
    (public, with_tls): (&[TcpListener], bool),
    plain: &[TcpListener],
    public_url: &Url,
) -> anyhow::Result<()> {
    let listened = public.iter().map(|door| (door, with_tls));
    for (door, tls) in listened.chain(plain.iter().map(|door| (door, false))) {
        let address = door.local_addr()?;
        tracing::info!(%address, %public_url, tls, "serving");
    }
    Ok(())
}

async fn write_last_events(audit: AuditFile) {
    let on_disk = tokio::task::spawn_blocking(move || audit.finish(LAST_EVENTS)).await;
    if !matches!(on_disk, Ok(true)) {
        tracing::error!("the last events may not be in the audit's file");
    }
}

/// Takes connections from the public doors and the plain ones, until `stop` and what was in flight then
/// has ended.
async fn answer(
    server: &Assembled,
    (public, plain): (Vec<TcpListener>, Vec<TcpListener>),
    limits: &ServerSettings,
    stop: &CancellationToken,
) -> anyhow::Result<Drained> {
    let tls = match &server.certificates {
        Some(certificates) => Some(tls::server_config(certificates.clone())?),
        None => None,
    };
    let in_clear = server.service.behind_proxy();
    let with_tls = public
        .into_iter()
        .map(|door| (door, tls.clone(), server.service.clone()));
    let without = plain.into_iter().map(|door| (door, None, in_clear.clone()));
    let served = with_tls.chain(without).map(|(door, tls, service)| {
        crate::http::server::serve(door, tls, limits.clone(), service, stop.clone())
    });
    let drained = join_all(served).await.into_iter();
    Ok(drained.fold(Drained { finished: 0, cut: 0 }, |sum, one| Drained {
        finished: sum.finished + one.finished,
        cut: sum.cut + one.cut,
    }))
}

/// What comes of telling systemd.
struct Told {
    /// Cancelled when the server is to stop.
    leaving: CancellationToken,
    /// To be cancelled at the very end: until then the watchdog hears that the server lives.
    over: CancellationToken,
}

/// Tells systemd that the server is ready and lives, and when it stops.
fn tell(notifier: Notifier, stop: CancellationToken, public_url: &str) -> Told {
    notifier.ready(&format!("Serving {public_url}"));
    let over = CancellationToken::new();
    tokio::spawn(notifier.clone().keep_alive(over.clone()));
    let leaving = stop.clone();
    tokio::spawn(async move {
        stop.cancelled().await;
        notifier.stopping();
    });
    Told { leaving, over }
}

/// Beside the first requests; a search that comes before it is done waits for it.
fn make_searchable(server: &Assembled) {
    let catalogue = server.app.catalogue();
    tokio::task::spawn_blocking(move || catalogue.institutions.make_searchable());
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
