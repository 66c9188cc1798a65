//! From settings to a running application. The only place that names the adapters.

mod callbacks;
pub mod epoch;
pub mod formats;
pub mod inspect;
pub mod office;
pub mod person;
pub mod recovery;
pub mod rehearsal;
mod store;
pub mod themes;
pub mod watch;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;

use crate::app::{App, AppSettings};
use crate::audit::file::FileAudit;
use crate::audit::{Audit, LogAudit, Record};
use crate::base::clock::{Clock, SystemClock};
use crate::base::entropy::{Entropy, OsEntropy, Serials};
use crate::base::keys::KeyRing;
use crate::base::names::{RealmId, ServiceId};
use crate::cli::findings::Finding;
use crate::config::{
    DirectorySettings, PagesSettings, PasswordSettings, RealmSettings, Settings, TicketsSettings,
};
use crate::directory::Directory;
use crate::directory::ldap::{LdapDirectory, LdapSettings};
use crate::directory::ldif::LdifDirectory;
use crate::flows::recovery::{ByCaptcha, RecoveryPorts};
use crate::flows::{Catalogue, Ports};
use crate::guard::{Captcha, Pace, PaceSettings, Rooms, SignInGuard};
use crate::http::Service;
use crate::http::layers::{LayerSettings, Shedder};
use crate::jobs::journal::Journal;
use crate::jobs::single_logout::{LedgerPorts, SingleLogout};
use crate::jobs::{Jobs, JobsSettings};
use crate::messages::KeptLetters;
use crate::messages::carrier::Carrier;
use crate::messages::outbox::QueuedOutbox;
use crate::messages::tray::Tray;
use crate::metrics::Metrics;
use crate::outgoing::Outgoing;
use crate::pages::Themes;
use crate::passwords::heavy::HeavyWork;
use crate::passwords::policy::{Breached, Policy};
use crate::realms::{Institutions, Realm};
use crate::services::Registry;
use crate::tickets::redis::RedisStore;
use crate::tickets::{Challenges, Nodes, Throttle};
use crate::tls::{ServerCertificates, TlsSettings};
use crate::upstreams::Upstream;
use crate::upstreams::cas::CasUpstream;

/// How long one event may take to the disk.
const LAST_EVENT: std::time::Duration = std::time::Duration::from_secs(5);

/// The file of what happens to accounts, to be looked for again and finished.
pub type AuditFile = Arc<FileAudit>;

/// An application and what runs beside it.
pub struct Assembled {
    pub app: Arc<App>,
    /// What a server is given to serve.
    pub service: Service,
    /// Sees letters off, once it is started.
    pub carrier: Arc<Carrier>,
    /// Delivers logout messages, once it is started.
    pub logouts: Arc<SingleLogout>,
    /// Background work: to be drained after the last request.
    pub jobs: Jobs,
    /// When this server does TLS itself.
    pub certificates: Option<Arc<ServerCertificates>>,
    /// When what happens to accounts is written to a file.
    pub audit: Option<AuditFile>,
    /// Who shares the store.
    pub nodes: Arc<dyn Nodes>,
    redis: Option<Arc<RedisStore>>,
}

impl Assembled {
    /// Keeps looking at the ticket store's settings, where there are any.
    pub fn watch(&self) -> Option<watch::StoreWatch> {
        let redis = self.redis.clone()?;
        Some(watch::StoreWatch::new(self.app.clone(), redis))
    }

    /// Has the ticket store be at the epoch that all servers are at: a command must not work in an earlier one.
    pub async fn follow(&self) -> anyhow::Result<()> {
        if let Some(redis) = &self.redis {
            redis.follow_epoch().await.context("the ticket store")?;
        }
        Ok(())
    }

    /// What of the ticket store's settings endangers sessions; an error says that it cannot be asked
    /// now.
    pub async fn look_at_store(&self) -> Result<Vec<Finding>, String> {
        match &self.redis {
            Some(redis) => {
                redis.follow_epoch().await.map_err(|error| error.to_string())?;
                let (_, dangers) = inspect::redis(redis, self.app.ports.clock.as_ref()).await?;
                Ok(dangers)
            }
            None => Ok(Vec::new()),
        }
    }
}

/// What a reload replaces.
pub struct Population {
    pub realms: Vec<RealmSettings>,
    pub institutions: Institutions,
    pub services: Registry,
    /// Authorities of their own that portals name for their callbacks.
    pub callback_roots: HashMap<ServiceId, PathBuf>,
}

impl Population {
    pub fn themes(&self, pages: &PagesSettings) -> anyhow::Result<Themes> {
        themes::read(pages, &self.realms, &self.institutions, &self.services)
    }
}

/// Builds the application. Must be called within the async runtime. Connects to nothing: directories
/// and Redis may come later.
#[allow(
    clippy::too_many_lines,
    reason = "the list of what a server is made of, in the order in which it is made"
)]
pub async fn assemble(settings: Settings, demo: bool) -> anyhow::Result<Assembled> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let entropy: Arc<dyn Entropy> = Arc::new(OsEntropy);
    let app_settings = app_settings(&settings, demo);
    let keys = match settings.keys {
        Some(keys) => keys,
        None => KeyRing::ephemeral(entropy.as_ref()),
    };
    let certificates = settings
        .tls
        .map(|files| certificates(files, &clock))
        .transpose()?;
    let metrics = Arc::new(Metrics::default());
    let store = store::store(settings.tickets, &keys, &clock, &metrics.store)?;
    let jobs = Jobs::new(JobsSettings::default());
    let outgoing = Outgoing::new(settings.outgoing).context("[outgoing] ca_file cannot be used")?;
    let callbacks = outgoing.apart(settings.callbacks_per_host);
    let tray = Arc::new(Tray::default());
    let posts = match demo {
        true => office::tray(&tray),
        false => office::posts(&settings.letters, &outgoing)?,
    };
    let outbox = Arc::new(QueuedOutbox::new(
        store.requests.clone(),
        keys.clone(),
        entropy.clone(),
    ));
    let ledger = LedgerPorts {
        queue: store.requests.clone(),
        farewells: store.farewells.clone(),
        outgoing,
        keys: keys.clone(),
        entropy: entropy.clone(),
        clock: clock.clone(),
        metrics: metrics.clone(),
    };
    let logouts = Arc::new(SingleLogout::new(ledger, settings.logout));
    let guard = SignInGuard::new(
        store.throttle.clone(),
        keys.clone(),
        entropy.clone(),
        settings.throttle,
    );
    let population = Population {
        realms: settings.realms,
        institutions: settings.institutions,
        services: settings.services,
        callback_roots: settings.callback_roots,
    };
    let strict = !settings.unrecorded_sign_ins;
    let (audit_file, audit) = audit((settings.audit, strict), &keys, &clock, entropy.as_ref())?;
    let audit = Arc::new(Journal {
        audit,
        marks: store.marks.clone(),
        jobs: jobs.clone(),
        keys: keys.clone(),
        entropy: entropy.clone(),
        metrics: metrics.clone(),
    });
    let ports = Ports {
        audit,
        store: store.tickets,
        proxies: store.proxies,
        upstream_sessions: store.upstream_sessions,
        recovery: RecoveryPorts {
            tickets: store.resets,
            requests: store.requests,
            budgets: store.budgets,
            marks: store.marks,
            outbox: outbox.clone(),
            kept: demo.then(|| tray.clone() as Arc<dyn KeptLetters>),
            humans: Arc::new(ByCaptcha),
            sms: posts.sms.is_some().then_some(settings.letters.texts_a_month),
            public_url: app_settings.public_url.clone(),
            time_zone: app_settings.time_zone.clone(),
        },
        spent: Default::default(),
        long_states: Pace::new(PaceSettings::for_writing()),
        guard,
        // So that all others together have as many as one.
        rooms: Rooms::new(settings.limits.most_requests / 2),
        heavy: HeavyWork::default(),
        captcha: captcha((store.challenges, store.throttle), &keys, &clock, &entropy),
        notices: logouts.clone(),
        farewells: store.farewells,
        metrics,
        callbacks,
        clock: clock.clone(),
        attempts: Serials::new(entropy.as_ref()),
        entropy: entropy.clone(),
        keys,
    };
    let layers = LayerSettings {
        trusted_proxies: settings.trusted_proxies,
        https: app_settings.secure,
        behind_proxy: app_settings.secure && certificates.is_none(),
        body: settings.body,
        shedder: Some(Arc::new(Shedder::new(&settings.limits))),
        traffic: ports.metrics.traffic.clone(),
        ..LayerSettings::new(&settings.limits, entropy)
    };
    let themes = population.themes(&settings.pages)?;
    tell_broken(&themes);
    let catalogue = catalogue(population, &ports).await?;
    let app = Arc::new(App::new(ports, themes, app_settings, catalogue));
    app.serves(settings.edition);
    let carrier = Carrier::new(outbox, posts, app.clone(), clock, settings.letters.carrier);
    let carrier = carrier.in_step(app.ports.recovery.budgets.clone(), &app.ports.keys);
    Ok(Assembled {
        service: crate::http::service(app.clone(), layers),
        app,
        carrier: Arc::new(carrier),
        logouts,
        jobs,
        certificates,
        audit: audit_file,
        nodes: store.nodes,
        redis: store.redis,
    })
}

/// The audit's file when one is set, and where events go. `strict`: nobody signs in without it.
fn audit(
    (path, strict): (Option<PathBuf>, bool),
    keys: &KeyRing,
    clock: &Arc<dyn Clock>,
    entropy: &dyn Entropy,
) -> anyhow::Result<(Option<AuditFile>, Arc<dyn Audit>)> {
    let Some(path) = path else {
        return Ok((None, Arc::new(LogAudit)));
    };
    let opened = FileAudit::open(&path, keys.clone(), clock.clone(), entropy);
    let file = opened.with_context(|| format!("[audit] file {} cannot be used", path.display()))?;
    let file = Arc::new(file.strict(strict));
    Ok((Some(file.clone()), file))
}

/// Writes one event to the audit, where no ticket store has a part in it. `false`: it may not be there.
pub fn note(path: Option<PathBuf>, keys: &KeyRing, record: Record) -> anyhow::Result<bool> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let (file, audit) = audit((path, false), keys, &clock, &OsEntropy)?;
    audit.record(record);
    Ok(file.is_none_or(|file| file.finish(LAST_EVENT)))
}

/// The rules with the list that they name.
async fn policy(settings: PasswordSettings) -> anyhow::Result<Policy> {
    let breached = match settings.breached_file {
        None => None,
        Some(file) => {
            let shown = file.display().to_string();
            let read = tokio::task::spawn_blocking(move || Breached::read(&file)).await?;
            let list = read.with_context(|| format!("[password] breached_file {shown} cannot be used"))?;
            tracing::info!(file = shown, passwords = list.len(), "leaked passwords are known");
            Some(list)
        }
    };
    Ok(Policy {
        settings: settings.policy,
        breached,
    })
}

fn captcha(
    (challenges, throttle): (Arc<dyn Challenges>, Arc<dyn Throttle>),
    keys: &KeyRing,
    clock: &Arc<dyn Clock>,
    entropy: &Arc<dyn Entropy>,
) -> Captcha {
    let captcha = Captcha::new(challenges, throttle, keys.clone(), clock.clone(), entropy.clone());
    captcha.draw_ahead();
    captcha
}

fn app_settings(settings: &Settings, demo: bool) -> AppSettings {
    AppSettings {
        base: settings.public_url.path().trim_end_matches('/').to_owned(),
        secure: settings.public_url.scheme() == "https",
        public_url: settings.public_url.clone(),
        time_zone: settings.pages.time_zone.clone(),
        host_realm: settings.pages.host_realm.clone(),
        status_throttled: settings.status_throttled,
        institution_parameters: settings.institution_parameters.clone(),
        rest: settings.rest.clone(),
        demo,
    }
}

fn certificates(files: TlsSettings, clock: &Arc<dyn Clock>) -> anyhow::Result<Arc<ServerCertificates>> {
    let certificates = ServerCertificates::load(files, clock.as_ref());
    certificates
        .map(Arc::new)
        .context("the certificate of this server cannot be used")
}

fn tell_broken(themes: &Themes) {
    for broken in themes.broken() {
        tracing::error!(
            event = "theme_broken",
            theme = %broken.theme,
            shown = broken.shown,
            "a theme cannot be used: {}",
            broken.problem
        );
    }
}

/// Reads every file that the settings name, as [`assemble`] would, and throws the result away: what is
/// left are flaws of themes that can be shown nevertheless. The ticket store and the audit are left alone:
/// a server may be using them.
pub async fn dry(mut settings: Settings) -> anyhow::Result<Vec<String>> {
    if matches!(settings.tickets, TicketsSettings::Embedded(_)) {
        settings.tickets = TicketsSettings::Memory;
    }
    settings.audit = None;
    let assembled = assemble(settings, false).await?;
    let themes = assembled.app.themes();
    let broken = themes.broken().iter();
    let broken: Vec<String> = broken
        .map(|broken| format!("theme {} cannot be used: {}", broken.theme, broken.problem))
        .collect();
    if !broken.is_empty() {
        anyhow::bail!("{}", broken.join("\n"));
    }
    let mut flaws = themes::unspoken(&assembled.app);
    for (_, problems) in themes.check() {
        flaws.extend(problems.iter().map(ToString::to_string));
    }
    flaws.dedup();
    Ok(flaws)
}

/// Realms with their directories, institutions and services, for a server with these ports.
pub async fn catalogue(population: Population, ports: &Ports) -> anyhow::Result<Catalogue> {
    let like = &ports.callbacks;
    let mut realms: HashMap<RealmId, Realm> = HashMap::new();
    let mut directories = HashMap::new();
    let mut upstreams = HashMap::new();
    let mut policies = HashMap::new();
    let mut recovery = HashMap::new();
    let mut remember = HashMap::new();
    for RealmSettings {
        realm,
        directory,
        profile_attributes: _,
        upstreams: others,
        password,
        recovery: wanted,
        remember: kept,
    } in population.realms
    {
        let built = counted_directory(directory, ports)
            .await
            .with_context(|| format!("the directory of realm {} cannot be used", realm.id))?;
        directories.insert(realm.id.clone(), built);
        for other in others {
            let upstream: Arc<dyn Upstream> =
                Arc::new(CasUpstream::new(other.cas, like).with_context(|| {
                    format!("delegation {} of realm {} cannot be used", other.id, realm.id)
                })?);
            upstreams.insert((realm.id.clone(), other.id), upstream);
        }
        let policy = policy(password)
            .await
            .with_context(|| format!("the passwords of realm {} cannot be judged", realm.id))?;
        policies.insert(realm.id.clone(), Arc::new(policy));
        recovery.extend(wanted.map(|wanted| (realm.id.clone(), wanted)));
        remember.extend(kept.map(|kept| (realm.id.clone(), kept)));
        realms.insert(realm.id.clone(), realm);
    }
    Ok(Catalogue {
        realms,
        directories,
        policies,
        recovery,
        remember,
        callbacks: callbacks::own(population.callback_roots, like)?,
        institutions: population.institutions,
        services: population.services,
        upstreams,
    })
}

/// A directory whose binds are counted.
async fn counted_directory(settings: DirectorySettings, ports: &Ports) -> anyhow::Result<Arc<dyn Directory>> {
    match settings {
        DirectorySettings::Ldap(settings) => {
            let directory = ldap(*settings, &ports.clock)?;
            directory.count_binds(&ports.metrics.binds);
            Ok(Arc::new(directory))
        }
        file => directory(file, &ports.clock, ports.heavy.clone()).await,
    }
}

async fn directory(
    settings: DirectorySettings,
    clock: &Arc<dyn Clock>,
    heavy: HeavyWork,
) -> anyhow::Result<Arc<dyn Directory>> {
    Ok(match settings {
        DirectorySettings::Ldap(settings) => Arc::new(ldap(*settings, clock)?),
        DirectorySettings::Ldif {
            file,
            mapping,
            writable,
        } => {
            let people = LdifDirectory::open(&file, *mapping, clock.clone()).await?;
            let people = people.with_heavy(heavy);
            match writable {
                true => Arc::new(people.with_writing(Arc::new(OsEntropy))),
                false => Arc::new(people),
            }
        }
    })
}

fn ldap(settings: LdapSettings, clock: &Arc<dyn Clock>) -> anyhow::Result<LdapDirectory> {
    LdapDirectory::new(settings, clock.clone()).map_err(|problems| {
        let texts: Vec<String> = problems
            .iter()
            .map(|problem| format!("{}: {}", problem.key, problem.problem))
            .collect();
        anyhow::anyhow!("{}", texts.join("; "))
    })
}
