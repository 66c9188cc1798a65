//! One node of the product at the level of its flows: ports on a real Redis, people of a real directory,
//! letters kept for the test. Several on one store are a cluster; each on its own, one that came apart.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use mereau::audit::{Audit, Record};
use mereau::base::clock::SystemClock;
use mereau::base::entropy::{OsEntropy, Serials};
use mereau::base::names::{EmailAddress, InstitutionId, Locale, RealmId};
use mereau::base::texts::Texts;
use mereau::directory::Directory;
use mereau::flows::login::{Credentials, Refusal as NoSignIn, Submitted, submit};
use mereau::flows::login_ticket::LoginTicket;
use mereau::flows::recovery::{
    Asked, Asking, ByCaptcha, Choice, Chosen, Holding, Kind, RecoveryAddress, RecoveryPorts,
    RecoverySettings, Refusal, SenderSettings, Trust, Via, Wants, ask, choose,
};
use mereau::flows::{Catalogue, LogoutNotice, LogoutNotices, Ports};
use mereau::guard::{Captcha, Pace, PaceSettings, Rooms, SignInGuard, ThrottleSettings};
use mereau::jobs::recovery::take_one;
use mereau::messages::{Letter, Notice, Outbox, OutboxError};
use mereau::outgoing::{Outgoing, OutgoingSettings};
use mereau::passwords::heavy::HeavyWork;
use mereau::realms::{Institution, Institutions, Letterhead, Realm};
use mereau::services::Registry;
use mereau::tickets::{FarewellId, Looked, ResetToken};

use crate::tickets_redis::OnRedis;

const CAMPUS: &str = "campus";

pub struct Node {
    pub ports: Ports,
    catalogue: Catalogue,
    letters: Arc<Letters>,
}

/// What a POST of a new password was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    Saved,
    /// « La connexion à l’annuaire… »: nothing was written, and the link is as good as before.
    Silent,
    /// Somebody else is at it.
    Busy,
    /// The link is dead, and how.
    Dead(String),
    /// Anything else.
    Other(&'static str),
}

impl Node {
    /// A node of the cluster whose keys and store `place` has.
    pub fn on(place: &OnRedis, directory: impl Directory + 'static) -> Node {
        let letters = Arc::new(Letters::default());
        Node {
            ports: ports(place, letters.clone()),
            catalogue: catalogue(Arc::new(directory)),
            letters,
        }
    }

    /// Asks for a link on the form, has the request worked on and opens the letter.
    pub async fn link(&self, login: &str) -> ResetToken {
        let asking = Asking {
            institution: self.campus(),
            wants: Wants::Password,
            identifier: login,
            email: "",
            who: None,
            back: &Default::default(),
            by_sms: false,
            locale: &Locale::french(),
            service: None,
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            browser: None,
            presession: "a browser",
            human: None,
        };
        let asked = ask(&self.ports, &self.catalogue, &asking).await.unwrap();
        assert_eq!(asked, Asked::Queued);
        let settings = Default::default();
        let worked = take_one(&self.ports, &self.catalogue, "test", &settings).await;
        assert!(worked.unwrap().is_some(), "no request was due");
        let links = std::mem::take(&mut *self.letters.0.lock().unwrap());
        assert_eq!(links.len(), 1, "{login} gets one letter with one link");
        let token = links[0].rsplit('/').next().and_then(ResetToken::parse);
        token.unwrap_or_else(|| panic!("no link: {}", links[0]))
    }

    /// POSTs a new password by the right of a link that was opened here.
    pub async fn choose(&self, token: &ResetToken, new: &str) -> Told {
        let choice = Choice {
            holding: &Holding::of(&self.ports, token, Via::Link),
            new,
            again: Some(new),
            browser: None,
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
        };
        told(choose(&self.ports, &self.catalogue, &choice).await.unwrap())
    }

    /// Whether this node's store takes the link for a live one; waits for a store that does not answer.
    pub async fn takes_for_live(&self, token: &ResetToken) -> bool {
        let tickets = &self.ports.recovery.tickets;
        let look = || async { tickets.look(token).await.ok() };
        let looked = crate::support::wait::until_async("the store", look).await;
        matches!(looked, Looked::Live(_))
    }

    /// Whether a password opens a session here.
    pub async fn signs_in(&self, login: &str, password: &str) -> bool {
        let mut mark = [0; 16];
        self.ports.entropy.fill(&mut mark);
        let credentials = Credentials {
            institution: self.campus(),
            service: None,
            login_ticket: LoginTicket { mark },
            username: login,
            password,
            warn: false,
            remember: false,
            renew: false,
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            device: None,
            session: None,
            proof: None,
        };
        match submit(&self.ports, &self.catalogue, &credentials).await.unwrap() {
            Submitted::SignedIn(_) => true,
            Submitted::Refused(NoSignIn::Wrong { .. }) => false,
            Submitted::Refused(other) => panic!("{other:?}"),
            Submitted::Unknown(_) => panic!("no service was asked for"),
        }
    }

    fn campus(&self) -> &Institution {
        self.catalogue.institutions.named(CAMPUS).unwrap()
    }
}

fn told(chosen: Chosen) -> Told {
    match chosen {
        Chosen::Saved { .. } => Told::Saved,
        Chosen::Dead(dead) => {
            let words = format!("{dead:?}");
            // Without the moment.
            Told::Dead(words.split(" {").next().unwrap_or_default().to_owned())
        }
        Chosen::Refused { why, .. } => match why {
            Refusal::Silent => Told::Silent,
            Refusal::Busy { .. } => Told::Busy,
            Refusal::Unknown => Told::Other("unknown"),
            Refusal::Empty | Refusal::Weak(_) => Told::Other("a rule of ours"),
            Refusal::Directory(_) => Told::Other("a rule of the directory"),
        },
    }
}

/// The attributes that recovery reads.
pub fn attributes() -> Vec<String> {
    recovery().attributes()
}

fn recovery() -> RecoverySettings {
    let mail = RecoveryAddress {
        attribute: "mail".to_owned(),
        trust: Trust::Validated,
        kind: Kind::Mail,
    };
    let sender = SenderSettings {
        address: EmailAddress::stored("ne-pas-repondre@campus.example").unwrap(),
        letterhead: Letterhead::default(),
    };
    RecoverySettings::new(vec![mail], sender)
}

fn catalogue(directory: Arc<dyn Directory>) -> Catalogue {
    let id = RealmId::new(CAMPUS).unwrap();
    let campus = Institution::new(
        InstitutionId::new(CAMPUS).unwrap(),
        id.clone(),
        Texts::same("Campus d’essai"),
    );
    Catalogue {
        realms: HashMap::from([(id.clone(), realm(&id))]),
        directories: HashMap::from([(id.clone(), directory)]),
        policies: HashMap::from([(id.clone(), Arc::default())]),
        recovery: HashMap::from([(id, recovery())]),
        remember: HashMap::new(),
        callbacks: HashMap::new(),
        institutions: Institutions::new(vec![campus]).unwrap(),
        services: Registry::new(Vec::new()).unwrap(),
        upstreams: HashMap::new(),
    }
}

fn realm(id: &RealmId) -> Realm {
    Realm {
        id: id.clone(),
        name: Texts::same(CAMPUS),
        scope: None,
        languages: vec![Locale::french()],
        lifetimes: Default::default(),
        contact: Default::default(),
        legal: Default::default(),
        captcha: Default::default(),
        username_hint: Texts::default(),
        theme: None,
        banner: None,
        time_zone: None,
        guides: vec![],
        delegations: vec![],
        trusted_header: None,
    }
}

fn ports(place: &OnRedis, outbox: Arc<Letters>) -> Ports {
    let (store, keys) = (place.store.clone(), place.keys.clone());
    let (clock, entropy) = (Arc::new(SystemClock), Arc::new(OsEntropy));
    // The floor would only make tests wait.
    let throttle = ThrottleSettings {
        floor: Duration::ZERO,
        ..ThrottleSettings::default()
    };
    Ports {
        store: store.clone(),
        proxies: store.clone(),
        upstream_sessions: store.clone(),
        spent: Default::default(),
        long_states: Pace::new(PaceSettings::for_writing()),
        rooms: Rooms::new(64),
        guard: SignInGuard::new(store.clone(), keys.clone(), entropy.clone(), throttle),
        heavy: HeavyWork::default(),
        captcha: Captcha::new(
            store.clone(),
            store.clone(),
            keys.clone(),
            clock.clone(),
            entropy.clone(),
        ),
        notices: Arc::new(Unheard),
        farewells: store.clone(),
        metrics: Default::default(),
        audit: Arc::new(Unheard),
        recovery: RecoveryPorts {
            tickets: store.clone(),
            requests: store.clone(),
            budgets: store.clone(),
            marks: store,
            outbox,
            kept: None,
            humans: Arc::new(ByCaptcha),
            sms: None,
            public_url: "https://sso.example.org/cas".parse().unwrap(),
            time_zone: "Europe/Paris".to_owned(),
        },
        callbacks: Outgoing::new(OutgoingSettings::default()).unwrap(),
        clock,
        attempts: Serials::new(entropy.as_ref()),
        entropy,
        keys,
    }
}

/// Links of letters that were taken on.
#[derive(Default)]
struct Letters(Mutex<Vec<String>>);

#[async_trait]
impl Outbox for Letters {
    async fn take(&self, letter: &Letter<'_>) -> Result<(), OutboxError> {
        if let Notice::ResetLinks { accounts, .. } = letter.notice {
            let links = accounts.iter().map(|block| block.link.expose().to_owned());
            self.0.lock().unwrap().extend(links);
        }
        Ok(())
    }
}

/// Hears of logouts and events, and does nothing.
struct Unheard;

#[async_trait]
impl LogoutNotices for Unheard {
    async fn post(&self, _notices: Vec<LogoutNotice>) -> FarewellId {
        FarewellId([0; 16])
    }
}

impl Audit for Unheard {
    fn record(&self, _record: Record) {}
}
