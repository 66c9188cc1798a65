//! Reading the files again while serving: all or nothing, and the old stays in service on any
//! problem (F-24). Realms, institutions, services, themes, certificates and keys change; the rest
//! needs a restart.

use std::path::PathBuf;
use std::sync::Arc;

use super::assemble::{AuditFile, Population, catalogue};
use super::confined;
use super::systemd::Notifier;
use crate::app::App;
use crate::config::{self, Loaded};
use crate::confine::Plan;
use crate::pages::Themes;
use crate::tls::ServerCertificates;

/// What a reload changes.
pub struct Reload {
    path: PathBuf,
    app: Arc<App>,
    certificates: Option<Arc<ServerCertificates>>,
    audit: Option<AuditFile>,
    notifier: Notifier,
    plan: Option<Plan>,
}

impl Reload {
    pub fn new(path: PathBuf, app: Arc<App>, certificates: Option<Arc<ServerCertificates>>) -> Reload {
        Reload {
            path,
            app,
            certificates,
            audit: None,
            notifier: Notifier::default(),
            plan: None,
        }
    }

    /// Refuses what the process cannot do any more.
    pub fn within(self, plan: Option<Plan>) -> Reload {
        Reload { plan, ..self }
    }

    /// Looks for the audit's file again, too: it may have been moved away.
    pub fn with_audit(self, audit: Option<AuditFile>) -> Reload {
        Reload { audit, ..self }
    }

    /// Says to systemd when it begins and how it ended.
    pub fn telling(self, notifier: Notifier) -> Reload {
        Reload { notifier, ..self }
    }

    /// Reads the files and swaps what they describe; logs either way.
    pub async fn run(&self) {
        // Whatever becomes of the rest: the old file may be gone.
        if let Some(audit) = &self.audit {
            audit.reopen();
        }
        self.notifier.reloading();
        match self.attempt().await {
            Ok(()) => {
                self.app.was_reloaded(true);
                tracing::info!(
                    event = "config_reloaded",
                    "realms, institutions, services, themes, certificates and keys are read again; the rest at the next start"
                );
                self.notifier.ready("Serving what was read again");
            }
            Err(error) => {
                self.app.was_reloaded(false);
                tracing::error!(event = "config_reload_failed", "nothing was changed: {error:#}");
                self.notifier.ready(&format!(
                    "Reload refused, serving what was read before: {error:#}"
                ));
            }
        }
    }

    async fn attempt(&self) -> anyhow::Result<()> {
        let path = self.path.clone();
        // Tens of thousands of institutions take their time, in which requests go on.
        let load = tokio::task::spawn_blocking(move || {
            let loaded = config::load(&path, &super::environment)?;
            loaded.settings.institutions.make_searchable();
            Ok(loaded)
        });
        let loaded = load.await?.map_err(|problems: Vec<config::Problem>| {
            let lines: Vec<String> = problems.iter().map(config::Problem::on_one_line).collect();
            anyhow::anyhow!("{}", lines.join("; "))
        })?;
        self.refuse_beyond_plan(&loaded)?;
        let settings = loaded.settings;
        let population = Population {
            realms: settings.realms,
            institutions: settings.institutions,
            services: settings.services,
            callback_roots: settings.callback_roots,
        };
        let themes = population.themes(&settings.pages)?;
        self.refuse_newly_broken(&themes)?;
        let catalogue = catalogue(population, &self.app.ports).await?;
        let keys = &self.app.ports.keys;
        let ring = settings.keys;
        if ring.as_ref().is_some_and(|ring| !keys.names_as(ring)) {
            anyhow::bail!(
                "[keys] has another key of names: that takes a stop of all nodes, signs everybody out and gives \
                 people new opaque names"
            );
        }
        // Last, because from here on nothing can fail.
        if let Some(certificates) = &self.certificates {
            certificates.reload(self.app.ports.clock.as_ref())?;
        }
        if let Some(ring) = &ring {
            keys.replace(ring);
        }
        self.app.replace(catalogue, themes);
        self.app.serves(settings.edition);
        Ok(())
    }

    /// What the kernel would refuse later, where nobody looks.
    fn refuse_beyond_plan(&self, loaded: &Loaded) -> anyhow::Result<()> {
        let Some(held) = &self.plan else {
            return Ok(());
        };
        let lacking = held.lacks(&confined::plan(loaded, &self.path));
        if lacking.is_empty() {
            return Ok(());
        }
        anyhow::bail!(
            "this takes a restart, since the running process is held to what it needed at its start ([server] \
             confine): {}",
            lacking.join("; ")
        )
    }

    /// A theme that works is not given up for one that does not; one that was broken before holds up
    /// nothing.
    fn refuse_newly_broken(&self, themes: &Themes) -> anyhow::Result<()> {
        let before = self.app.themes();
        let was_broken = |theme| before.broken().iter().any(|broken| broken.theme == theme);
        for broken in themes.broken() {
            if !was_broken(broken.theme.clone()) {
                anyhow::bail!("theme {} cannot be used: {}", broken.theme, broken.problem);
            }
        }
        Ok(())
    }
}
