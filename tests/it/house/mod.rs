//! A whole server in process: the real router and layers on the store in memory and people in LDIF
//! files, with a clock moved by hand; and wrappers that make a port fail.

mod browser;
mod callbacks;
mod fate;
mod faults;
pub mod recovery;
mod services;
mod told;

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
pub use browser::{Browser, Reply, login_path};
pub use callbacks::{Callbacks, ENDLESS, FLOOD, tickets_of};
pub use fate::Fate;
pub use faults::{FlakyDirectory, FlakyStore};
use http::{Request, Response};
use mereau::app::{App, AppSettings};
use mereau::base::clock::{HandClock, Timestamp};
use mereau::base::entropy::{OsEntropy, SeededEntropy, Serials};
use mereau::base::keys::KeyRing;
use mereau::base::names::{InstitutionId, Locale, RealmId, ServiceId};
use mereau::base::texts::Texts;
use mereau::directory::ldif::LdifDirectory;
use mereau::directory::state::{CHANGED, Preset, StateRules};
use mereau::directory::{Directory, EntryMapping};
use mereau::flows::login::RememberMe;
use mereau::flows::recovery::{ByCaptcha, RecoveryPorts, RecoverySettings};
use mereau::flows::rest::Program;
use mereau::flows::{Catalogue, Ports};
use mereau::guard::{Captcha, Pace, PaceSettings, Rooms, SignInGuard, ThrottleSettings};
use mereau::http::layers::{LayerSettings, Shedder};
use mereau::http::server::{PeerAddress, ServerSettings};
use mereau::jobs::journal::Journal;
use mereau::jobs::single_logout::{LedgerPorts, SingleLogout, SingleLogoutSettings};
use mereau::jobs::{Jobs, JobsSettings};
use mereau::metrics::Metrics;
use mereau::outgoing::{Outgoing, OutgoingSettings};
use mereau::pages::Themes;
use mereau::passwords::heavy::HeavyWork;
use mereau::passwords::policy::PolicySettings;
use mereau::realms::{Audience, Guide, Institution, Institutions, Realm};
use mereau::services::ServiceSettings;
use mereau::tickets::embedded::EmbeddedStore;
use mereau::tls::Roots;

use self::recovery::{Humans, Letters};
use self::services::registry_of;
pub use self::services::{registry, service, usual_services};
pub use self::told::{Ledger, Outbox};
use crate::certificates::Authority;

/// The first moment of every test: 18 November 2026.
pub const START: Timestamp = Timestamp(1_795_000_000_000);

pub struct House {
    pub app: Arc<App>,
    pub clock: Arc<HandClock>,
    pub store: Arc<FlakyStore>,
    /// The directory of the realm `campus`.
    pub campus: Arc<FlakyDirectory>,
    pub notices: Arc<Outbox>,
    /// Delivers them, a step at a time.
    pub ledger: Arc<SingleLogout>,
    /// What was written down.
    pub audit: Arc<Ledger>,
    /// Signs the certificates of the applications it calls.
    pub authority: Authority,
    /// Letters about passwords.
    pub letters: Arc<Letters>,
    pub humans: Arc<Humans>,
    entropy: Arc<SeededEntropy>,
    /// Where the files of writable people are.
    pub folder: tempfile::TempDir,
    pub proxies: Mutex<Vec<&'static str>>,
    /// The room of the node; without, nothing is turned away.
    pub shedder: Mutex<Option<Arc<Shedder>>>,
}

/// What differs from the usual house.
pub struct Plan {
    pub services: Vec<ServiceSettings>,
    pub throttle: ThrottleSettings,
    /// Tries of passwords that a realm may have under way.
    pub realm_places: usize,
    pub one_institution: bool,
    /// Instead of the usual two.
    pub institutions: Option<Vec<Institution>>,
    /// Beside the usual two, with the same people.
    pub more_realms: Vec<String>,
    /// What a realm has otherwise.
    pub adjust: fn(&mut Realm),
    /// Whom it may call; it trusts [`House::authority`] alone.
    pub outgoing: OutgoingSettings,
    /// How people of the campus and the lycée get back in; their directories can then be written.
    pub recovery: Option<RecoverySettings>,
    /// For how long people of every realm may be kept signed in.
    pub remember: Option<RememberMe>,
    /// Services whose callbacks are checked against an authority of their own, and its certificate.
    pub own_roots: Vec<(&'static str, String)>,
    /// Programs that may sign people in.
    pub rest: Vec<Program>,
    /// Entries in LDIF, after those of people.ldif.
    pub more_people: String,
    /// People prove to be some by the server's own CAPTCHA, not to [`House::humans`].
    pub own_captcha: bool,
    /// What passwords of every realm must be.
    pub passwords: PolicySettings,
    pub texts_a_month: u32,
    /// The store goes by this one instead of [`House::clock`].
    pub store_clock: Option<Arc<HandClock>>,
    /// Another node of a house: on the store of that one, with its keys and with chance of its own.
    pub beside: Option<Arc<FlakyStore>>,
}

impl Default for Plan {
    fn default() -> Plan {
        Plan {
            services: usual_services(),
            throttle: quick(),
            realm_places: 2048,
            one_institution: false,
            institutions: None,
            more_realms: Vec::new(),
            adjust: |_| {},
            outgoing: OutgoingSettings {
                allowed: vec!["127.0.0.0/8".parse().unwrap()],
                ..OutgoingSettings::default()
            },
            recovery: None,
            remember: None,
            own_roots: Vec::new(),
            rest: Vec::new(),
            more_people: String::new(),
            own_captcha: false,
            passwords: PolicySettings::default(),
            texts_a_month: 1000,
            store_clock: None,
            beside: None,
        }
    }
}

/// The usual throttle, without the floor that would only make tests wait.
pub fn quick() -> ThrottleSettings {
    ThrottleSettings {
        floor: Duration::ZERO,
        ..ThrottleSettings::default()
    }
}

pub async fn house() -> House {
    build(Plan::default()).await
}

/// A house whose only institution is the campus: no list, no `tenant`.
pub async fn campus() -> House {
    build(Plan {
        one_institution: true,
        ..Plan::default()
    })
    .await
}

/// The same with these services instead of the usual ones.
pub async fn house_of(services: Vec<ServiceSettings>) -> House {
    build(Plan {
        services,
        one_institution: true,
        ..Plan::default()
    })
    .await
}

#[allow(clippy::too_many_lines, reason = "the list of what a house is made of")]
pub async fn build(plan: Plan) -> House {
    let clock = Arc::new(HandClock::at(START));
    let entropy = Arc::new(SeededEntropy::new(2026));
    let timed = plan.store_clock.clone().unwrap_or_else(|| clock.clone());
    let keys = KeyRing::ephemeral(entropy.as_ref());
    let own_store = || Arc::new(FlakyStore::new(EmbeddedStore::in_memory(timed)));
    let (store, entropy) = match &plan.beside {
        Some(store) => (store.clone(), Arc::new(SeededEntropy::new(7102))),
        None => (own_store(), entropy),
    };
    let (notices, audit) = <(Arc<Outbox>, Arc<Ledger>)>::default();
    let folder = tempfile::tempdir().unwrap();
    let mut own = Vec::new();
    for name in ["campus", "lycee"] {
        let mut known = people(clock.clone()).await;
        if let Some(settings) = &plan.recovery {
            let file = folder.path().join(format!("{name}.ldif"));
            let text = std::fs::read_to_string(people_file()).unwrap() + "\n" + &plan.more_people;
            std::fs::write(&file, text).unwrap();
            let judged = mereau::flows::told_by().chain(CHANGED).map(str::to_owned);
            let read = settings.attributes().into_iter().chain(judged).collect();
            known = people_of(&file, clock.clone(), read).await;
            known = known.with_writing(entropy.clone());
        }
        own.push(Arc::new(FlakyDirectory::new(known)));
    }
    let [campus, lycee] = [own[0].clone(), own[1].clone()];
    *campus.halt.lock().unwrap() = store.halt.clone();
    let letters = Arc::new(Letters::default());
    let humans = Arc::new(Humans::default());
    let guard = SignInGuard::new(store.clone(), keys.clone(), entropy.clone(), plan.throttle);
    let authority = Authority::new();
    let metrics = Arc::new(Metrics::default());
    let journal = Journal {
        audit: audit.clone(),
        marks: store.clone(),
        jobs: Jobs::new(JobsSettings::default()),
        keys: keys.clone(),
        entropy: entropy.clone(),
        metrics: metrics.clone(),
    };
    let ledger = Arc::new(SingleLogout::new(
        LedgerPorts {
            queue: store.clone(),
            farewells: store.clone(),
            outgoing: outgoing(plan.outgoing.clone(), authority.pem()),
            keys: keys.clone(),
            entropy: entropy.clone(),
            clock: clock.clone(),
            metrics: metrics.clone(),
        },
        SingleLogoutSettings::default(),
    ));
    let _ = notices.ledger.set(ledger.clone());
    let ports = Ports {
        audit: Arc::new(journal),
        store: store.clone(),
        proxies: store.clone(),
        upstream_sessions: store.clone(),
        recovery: RecoveryPorts {
            tickets: store.clone(),
            requests: store.clone(),
            budgets: store.clone(),
            marks: store.clone(),
            outbox: letters.clone(),
            kept: None,
            humans: match plan.own_captcha {
                true => Arc::new(ByCaptcha),
                false => humans.clone(),
            },
            sms: Some(plan.texts_a_month),
            public_url: app_settings().public_url,
            time_zone: app_settings().time_zone,
        },
        spent: Default::default(),
        long_states: Pace::new(PaceSettings::for_writing()),
        rooms: Rooms::new(plan.realm_places),
        captcha: Captcha::new(
            store.clone(),
            store.clone(),
            keys.clone(),
            clock.clone(),
            Arc::new(OsEntropy),
        ),
        callbacks: outgoing(plan.outgoing, authority.pem()),
        guard,
        heavy: HeavyWork::default(),
        notices: notices.clone(),
        farewells: store.clone(),
        metrics,
        clock: clock.clone(),
        attempts: Serials::new(entropy.as_ref()),
        entropy: entropy.clone(),
        keys,
    };
    let mut directories: Vec<(&str, Arc<dyn Directory>)> = vec![("campus", campus.clone()), ("lycee", lycee)];
    for id in &plan.more_realms {
        directories.push((id, Arc::new(people(clock.clone()).await)));
    }
    let ids: Vec<&str> = directories.iter().map(|(id, _)| *id).collect();
    let catalogue = Catalogue {
        realms: ids
            .iter()
            .map(|id| realm(id, plan.adjust))
            .map(|realm| (realm.id.clone(), realm))
            .collect(),
        services: registry_of(&plan.services, &ids),
        directories: directories
            .into_iter()
            .map(|(id, directory)| (RealmId::new(id).unwrap(), directory))
            .collect(),
        policies: recovery::policies(&ids, &plan.passwords),
        recovery: plan
            .recovery
            .iter()
            .flat_map(|settings| ["campus", "lycee"].map(|id| (RealmId::new(id).unwrap(), settings.clone())))
            .collect(),
        remember: ids
            .iter()
            .filter_map(|id| Some((RealmId::new(id)?, plan.remember.clone()?)))
            .collect(),
        callbacks: own_callbacks(&ports.callbacks, &plan.own_roots),
        institutions: institutions(plan.institutions, plan.one_institution),
        upstreams: Default::default(),
    };
    let app = Arc::new(App::new(
        ports,
        Themes::built_in().unwrap(),
        AppSettings {
            rest: plan.rest,
            ..app_settings()
        },
        catalogue,
    ));
    House {
        app,
        clock,
        store,
        campus,
        notices,
        ledger,
        audit,
        authority,
        letters,
        humans,
        entropy,
        proxies: Mutex::default(),
        shedder: Mutex::default(),
        folder,
    }
}

fn app_settings() -> AppSettings {
    AppSettings {
        public_url: url::Url::parse("https://sso.example.org/cas").unwrap(),
        base: "/cas".to_owned(),
        secure: true,
        time_zone: "Europe/Paris".to_owned(),
        host_realm: None,
        status_throttled: 429,
        institution_parameters: ["selection", "uai"].map(str::to_owned).into(),
        rest: Vec::new(),
        demo: false,
    }
}

fn outgoing(settings: OutgoingSettings, authority: &str) -> Outgoing {
    with_roots(authority, |roots| {
        Outgoing::new(OutgoingSettings { roots, ..settings }).unwrap()
    })
}

fn with_roots<T>(pem: &str, make: impl FnOnce(Roots) -> T) -> T {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, pem).unwrap();
    make(Roots::File(file))
}

/// The clients for services with roots of their own.
pub fn own_callbacks(like: &Outgoing, roots: &[(&str, String)]) -> HashMap<ServiceId, Arc<Outgoing>> {
    let one = |(id, pem): &(&str, String)| {
        let client = with_roots(pem, |roots| like.trusting(roots).unwrap());
        (ServiceId::new(id).unwrap(), Arc::new(client))
    };
    roots.iter().map(one).collect()
}

impl House {
    pub fn browser(&self) -> Browser<'_> {
        Browser::new(self)
    }

    /// Sends one request through layers and router.
    pub async fn send(&self, request: Request<Body>, from: IpAddr) -> Response<Body> {
        House::ask(self.served(), request, from).await
    }

    /// Layers and router, as they are now.
    pub fn served(&self) -> mereau::http::Service {
        let mut settings = LayerSettings::new(&ServerSettings::default(), self.entropy.clone());
        let listed = self.proxies.lock().unwrap().clone().into_iter();
        settings.trusted_proxies = listed.map(|net| net.parse().unwrap()).collect();
        settings.shedder.clone_from(&self.shedder.lock().unwrap());
        settings.traffic = self.app.ports.metrics.traffic.clone();
        mereau::http::service(self.app.clone(), settings)
    }

    pub async fn ask(
        service: mereau::http::Service,
        mut request: Request<Body>,
        from: IpAddr,
    ) -> Response<Body> {
        request
            .extensions_mut()
            .insert(PeerAddress(SocketAddr::new(from, 40_000)));
        tower::ServiceExt::oneshot(service, request).await.unwrap()
    }

    /// The attributes-bearing validation that applications use.
    pub async fn validate(&self, service: &str, ticket: &str) -> String {
        self.get_text(&format!(
            "/cas/p3/serviceValidate?service={}&ticket={ticket}",
            encoded(service)
        ))
        .await
    }

    /// The body of a GET without cookies that answers 200.
    pub async fn get_text(&self, path: &str) -> String {
        let reply = self.browser().get(path).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.body
    }
}

pub fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

pub fn people_file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/people.ldif")
}

async fn people(clock: Arc<HandClock>) -> LdifDirectory {
    people_of(&people_file(), clock, Vec::new()).await
}

pub async fn people_of(file: &std::path::Path, clock: Arc<HandClock>, more: Vec<String>) -> LdifDirectory {
    let presets = [Preset::Supann, Preset::OpenldapPpolicy, Preset::Shadow];
    let mut mapping = EntryMapping {
        login_attributes: vec!["uid".into(), "supannAliasLogin".into(), "mail".into()],
        state_rules: StateRules::default().with_presets(&presets),
        ..EntryMapping::default()
    };
    mapping.attributes.push("jpegPhoto".to_owned());
    mapping.own.extend(more);
    LdifDirectory::open(file, mapping, clock).await.unwrap()
}

pub fn realm(id: &str, adjust: fn(&mut Realm)) -> Realm {
    let mut realm = Realm {
        id: RealmId::new(id).unwrap(),
        name: Texts::same(id),
        scope: Some(format!("{id}.example")),
        languages: ["fr", "en"].map(|tag| Locale::new(tag).unwrap()).into(),
        lifetimes: Default::default(),
        contact: Default::default(),
        legal: Default::default(),
        captcha: Default::default(),
        username_hint: Texts::default(),
        theme: None,
        banner: None,
        time_zone: None,
        guides: guides(),
        delegations: vec![],
        trusted_header: None,
    };
    adjust(&mut realm);
    realm
}

/// One for everybody, one for parents, one for teachers.
fn guides() -> Vec<Guide> {
    let guide = |audience, name: &str| Guide {
        audience,
        name: Texts::same(name),
        url: format!("https://aide.example.org/{}", name.to_lowercase()),
    };
    vec![
        guide(Audience::Teachers, "Cours"),
        guide(Audience::Everybody, "Connexion"),
        guide(Audience::Parents, "Parents"),
    ]
}

pub fn institutions(planned: Option<Vec<Institution>>, only_one: bool) -> Institutions {
    if let Some(all) = planned {
        return Institutions::new(all).unwrap();
    }
    let one = |id: &str, realm: &str, name: &str| {
        let realm = RealmId::new(realm).unwrap();
        Institution::new(InstitutionId::new(id).unwrap(), realm, Texts::same(name))
    };
    let mut all = vec![one("campus", "campus", "Université des Tests")];
    if !only_one {
        all.push(one("lycee", "lycee", "Lycée des Essais"));
    }
    Institutions::new(all).unwrap()
}

pub const APP: &str = "https://app.example.org/";
/// An active person of people.ldif: login and password.
pub const CAMILLE: (&str, &str) = ("camille.dupont", "camille-corbeau-7");
pub const AMINE: (&str, &str) = ("amine.benali", "amine-tulipe-8");
