//! A small world for the models: the real flows of two nodes over one store that may forget and one
//! directory that may not be heard, with a clock moved by hand.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use mereau::audit::{Audit, Record};
use mereau::base::clock::{Clock, HandClock, Timestamp};
use mereau::base::entropy::{Entropy, SeededEntropy, Serials};
use mereau::base::keys::KeyRing;
use mereau::base::names::Username;
use mereau::base::names::{AccountId, Locale, RealmId};
use mereau::directory::ldif::LdifDirectory;
use mereau::directory::{Directory, Found, Person};
use mereau::flows::recovery::{
    Asked, Asking, Back, Choice, Chosen, Holding, RecoveryPorts, RecoverySettings, Via, Wants, ask, choose,
};
use mereau::flows::{Catalogue, FlowError, LogoutNotice, LogoutNotices, Ports};
use mereau::guard::{Captcha, Pace, PaceSettings, Rooms, SignInGuard, ThrottleSettings};
use mereau::jobs::recovery::{Line, take_one};
use mereau::messages::{Letter, Outbox, OutboxError};
use mereau::metrics::Metrics;
use mereau::outgoing::{Outgoing, OutgoingSettings};
use mereau::passwords::heavy::HeavyWork;
use mereau::passwords::policy::PolicySettings;
use mereau::realms::{Institution, Institutions};
use mereau::tickets::embedded::EmbeddedStore;
use mereau::tickets::{FarewellId, ResetToken};

use super::course;
use super::directory::{Kind, ModelDirectory};
use super::store::LossyStore;
use crate::house::recovery::{Humans, Letters, policies, usual_recovery};
use crate::house::{self, AMINE, CAMILLE, START};

/// Logins and passwords of the two people of this world.
pub const PEOPLE: [(&str, &str); 2] = [CAMILLE, AMINE];

/// Two nodes: each forgets with its process, and has drawn its own chance.
pub const NODES: usize = 2;

pub struct World {
    pub clock: Arc<HandClock>,
    pub store: Arc<LossyStore>,
    pub directory: Arc<ModelDirectory>,
    pub letters: Arc<Letters>,
    pub people: Vec<Person>,
    pub catalogue: Catalogue,
    pub nodes: Vec<Ports>,
    line: Line,
}

/// Nobody listens.
struct Silence;

impl Audit for Silence {
    fn record(&self, _: Record) {}
}

#[async_trait]
impl LogoutNotices for Silence {
    async fn post(&self, _: Vec<LogoutNotice>) -> FarewellId {
        FarewellId([0; 16])
    }
}

/// Keeps letters; a process may die when it hands one over.
struct Post(Arc<Letters>);

#[async_trait]
impl Outbox for Post {
    async fn take(&self, letter: &Letter<'_>) -> Result<(), OutboxError> {
        let fault = course::before("letter").await;
        let taken = Outbox::take(&*self.0, letter).await;
        course::after(fault).await;
        taken
    }
}

fn realm() -> RealmId {
    RealmId::new("campus").unwrap()
}

/// The people of the tests as an adapter reads them; read once.
async fn people() -> Vec<Person> {
    static PERSONS: OnceLock<Vec<Person>> = OnceLock::new();
    if let Some(known) = PERSONS.get() {
        return known.clone();
    }
    let clock = Arc::new(HandClock::at(START));
    let directory: LdifDirectory = house::people_of(&house::people_file(), clock, Vec::new()).await;
    let mut found = Vec::new();
    for (login, _) in PEOPLE {
        match directory.find(&Username::typed(login).unwrap()).await.unwrap() {
            Found::One(person) => found.push(*person),
            other => panic!("{login}: {other:?}"),
        }
    }
    PERSONS.get_or_init(|| found).clone()
}

fn outgoing() -> Outgoing {
    static ONE: OnceLock<Outgoing> = OnceLock::new();
    ONE.get_or_init(|| Outgoing::new(OutgoingSettings::default()).unwrap())
        .apart(1)
}

/// As many rights as anybody asks for: budgets are proven elsewhere.
fn recovery() -> RecoverySettings {
    let mut settings = usual_recovery();
    settings.budget.apart = Duration::ZERO;
    (settings.budget.hour, settings.budget.day) = (100, 100);
    settings.requests_an_hour = 10_000;
    settings
}

/// Nobody waits by the machine's clock.
fn throttle() -> ThrottleSettings {
    ThrottleSettings {
        floor: Duration::ZERO,
        patience: Duration::ZERO,
        ..ThrottleSettings::default()
    }
}

impl World {
    pub async fn new(kind: Kind, lock_after: Option<u32>) -> Arc<World> {
        let clock = Arc::new(HandClock::at(START));
        let store = Arc::new(LossyStore::new(clock.clone()));
        let people = people().await;
        let known: Vec<(Person, &str)> = people.iter().cloned().zip(PEOPLE.map(|(_, word)| word)).collect();
        let directory = Arc::new(ModelDirectory::new(
            &known,
            kind,
            lock_after,
            (store.clone(), clock.clone()),
        ));
        let letters = Arc::new(Letters::default());
        let keys = KeyRing::ephemeral(&SeededEntropy::new(2026));
        let nodes = (0..NODES).map(|node| {
            let entropy = Arc::new(SeededEntropy::new(7 + u64::try_from(node).unwrap()));
            ports(&clock, &store, &letters, (&keys, entropy))
        });
        Arc::new(World {
            nodes: nodes.collect(),
            catalogue: catalogue(directory.clone()),
            line: Line::default(),
            clock,
            store,
            directory,
            letters,
            people,
        })
    }

    pub fn clock_now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn institution(&self) -> &Institution {
        self.catalogue.institutions.named("campus").unwrap()
    }

    pub fn account(&self, who: usize) -> AccountId {
        AccountId {
            realm: realm(),
            person: self.people[who].key.clone(),
        }
    }

    /// Asks for a link, as from the form, and works on what is due.
    pub async fn request(&self, who: usize) -> Result<(), FlowError> {
        let locale = Locale::french();
        let asking = Asking {
            institution: self.institution(),
            wants: Wants::Password,
            identifier: PEOPLE[who].0,
            email: "",
            who: None,
            back: &Back::Recover,
            by_sms: false,
            locale: &locale,
            service: None,
            address: here(),
            browser: None,
            presession: "presession",
            human: None,
        };
        let asked = ask(&self.nodes[0], &self.catalogue, &asking).await?;
        assert!(matches!(asked, Asked::Queued), "{asked:?}");
        while take_one(&self.nodes[0], &self.catalogue, "model", &self.line)
            .await?
            .is_some()
        {}
        Ok(())
    }

    /// The rights that letters brought since the last look, with whose they are.
    pub fn letters(&self) -> Vec<(usize, ResetToken)> {
        let letters = self.letters.take();
        let links = letters.iter().flat_map(|letter| letter.links());
        links
            .map(|(login, link, _)| {
                let who = PEOPLE.iter().position(|(known, _)| *known == login).unwrap();
                let text = link.rsplit('/').next().unwrap().to_owned();
                (who, ResetToken::parse(&text).unwrap())
            })
            .collect()
    }

    /// The form of a right, sent with a new password.
    pub async fn choose(&self, right: &ResetToken, new: &str) -> Result<Chosen, FlowError> {
        let choice = Choice {
            holding: &Holding::of(&self.nodes[0], right, Via::Link),
            new,
            again: None,
            browser: None,
            address: here(),
        };
        choose(&self.nodes[0], &self.catalogue, &choice).await
    }
}

pub fn here() -> IpAddr {
    IpAddr::from([192, 0, 2, 7])
}

fn ports(
    clock: &Arc<HandClock>,
    store: &Arc<LossyStore>,
    letters: &Arc<Letters>,
    (keys, entropy): (&KeyRing, Arc<SeededEntropy>),
) -> Ports {
    // What no model here is about.
    let aside = Arc::new(EmbeddedStore::in_memory(clock.clone()));
    let drawn: Arc<dyn Entropy> = entropy.clone();
    Ports {
        store: store.clone(),
        proxies: aside.clone(),
        upstream_sessions: aside.clone(),
        spent: Default::default(),
        long_states: Pace::new(PaceSettings::for_writing()),
        guard: SignInGuard::new(store.clone(), keys.clone(), drawn.clone(), throttle()),
        heavy: HeavyWork::default(),
        rooms: Rooms::new(64),
        captcha: Captcha::new(
            aside.clone(),
            aside.clone(),
            keys.clone(),
            clock.clone(),
            drawn.clone(),
        ),
        notices: Arc::new(Silence),
        farewells: aside,
        metrics: Arc::new(Metrics::default()),
        audit: Arc::new(Silence),
        recovery: RecoveryPorts {
            tickets: store.clone(),
            requests: store.clone(),
            budgets: store.clone(),
            marks: store.clone(),
            outbox: Arc::new(Post(letters.clone())),
            kept: None,
            humans: Arc::new(Humans::default()),
            sms: None,
            public_url: url::Url::parse("https://sso.example.org/cas").unwrap(),
            time_zone: "Europe/Paris".to_owned(),
        },
        callbacks: outgoing(),
        clock: clock.clone(),
        attempts: Serials::new(entropy.as_ref()),
        entropy: drawn,
        keys: keys.clone(),
    }
}

fn catalogue(directory: Arc<ModelDirectory>) -> Catalogue {
    Catalogue {
        realms: HashMap::from([(realm(), house::realm("campus", |_| {}))]),
        directories: HashMap::from([(realm(), directory as Arc<dyn Directory>)]),
        policies: policies(&["campus"], &PolicySettings::default()),
        recovery: HashMap::from([(realm(), recovery())]),
        remember: HashMap::new(),
        callbacks: HashMap::new(),
        institutions: one_institution(),
        services: house::registry(&house::usual_services()),
        upstreams: HashMap::new(),
    }
}

fn one_institution() -> Institutions {
    house::institutions(None, true)
}
