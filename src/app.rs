//! What one server runs with: ports, settings, and the catalogue and themes that a reload swaps; and what
//! that is called. No logic.

use std::sync::{Arc, PoisonError, RwLock};

use crate::base::clock::Timestamp;
use crate::base::edition::Edition;
use crate::base::names::RealmId;
use crate::flows::rest::Program;
use crate::flows::{Catalogue, Ports};
use crate::guard::{Pace, PaceSettings};
use crate::jobs::presence::{Reloaded, Serving};
use crate::jobs::recovery::Workplace;
use crate::messages::{Composed, Letter, TypesetError, Typesetter};
use crate::pages::Themes;

/// Settings of the whole server that endpoints need.
#[derive(Debug, Clone)]
pub struct AppSettings {
    /// Where browsers find us: `https://cas.univ-x.fr/cas`, without a slash at its end.
    pub public_url: url::Url,
    /// The context path without a slash at its end: `/cas`, or empty.
    pub base: String,
    /// The public URL is https.
    pub secure: bool,
    /// IANA name of the zone times are shown in, where a realm has none of its own.
    pub time_zone: String,
    /// The realm that answers for pages of no institution.
    pub host_realm: Option<RealmId>,
    /// Status of a throttled sign-in: 429, or 423 for scripts that expect Apereo's.
    pub status_throttled: u16,
    /// Parameters that name an institution in links, beside `tenant`.
    pub institution_parameters: Vec<String>,
    /// Programs that may sign people in over REST; without any it is not there.
    pub rest: Vec<Program>,
    /// Invented people: pages say so.
    pub demo: bool,
}

/// One running server.
pub struct App {
    pub ports: Ports,
    pub settings: AppSettings,
    /// What each network may ask of the search for institutions.
    pub pace: Pace,
    /// Tickets that are none which a network may show before such ones are answered late (CAS-335).
    pub unknown_tickets: Pace,
    current: RwLock<Current>,
    served: RwLock<Served>,
}

/// What is served, by name.
#[derive(Debug, Clone)]
struct Served {
    edition: Edition,
    since: Timestamp,
    last_reload: Option<Reloaded>,
}

/// What a reload replaces, both parts at once.
#[derive(Clone)]
pub struct Current {
    pub catalogue: Arc<Catalogue>,
    pub themes: Arc<Themes>,
}

impl App {
    pub fn new(ports: Ports, themes: Themes, settings: AppSettings, catalogue: Catalogue) -> App {
        App {
            served: RwLock::new(Served {
                edition: Edition::default(),
                since: ports.clock.now(),
                last_reload: None,
            }),
            ports,
            settings,
            pace: Pace::new(PaceSettings::default()),
            unknown_tickets: Pace::new(PaceSettings::for_unknown_tickets()),
            current: RwLock::new(Current {
                catalogue: Arc::new(catalogue),
                themes: Arc::new(themes),
            }),
        }
    }

    /// The catalogue and the themes of this moment; a request keeps those it began with.
    pub fn current(&self) -> Current {
        self.current
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub fn catalogue(&self) -> Arc<Catalogue> {
        self.current().catalogue
    }

    pub fn themes(&self) -> Arc<Themes> {
        self.current().themes
    }

    /// Puts a new catalogue in place of the old one; requests under way finish with theirs.
    pub fn replace_catalogue(&self, catalogue: Catalogue) {
        self.current
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .catalogue = Arc::new(catalogue);
    }

    /// Puts a new catalogue and new themes in place of the old ones, together.
    pub fn replace(&self, catalogue: Catalogue, themes: Themes) {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        let themes = themes.replacing(&current.themes);
        *current = Current {
            catalogue: Arc::new(catalogue),
            themes: Arc::new(themes),
        };
    }
}

impl App {
    /// From now on what is served has these names.
    pub fn serves(&self, edition: Edition) {
        let mut served = self.served.write().unwrap_or_else(PoisonError::into_inner);
        (served.edition, served.since) = (edition, self.ports.clock.now());
    }

    /// The files were read again; whether what they say is served now.
    pub fn was_reloaded(&self, done: bool) {
        let metrics = &self.ports.metrics;
        let result = if done { "done" } else { "failed" };
        metrics.reloads.add(&[result]);
        metrics.reload_failed.set(if done { 0.0 } else { 1.0 });
        let mut served = self.served.write().unwrap_or_else(PoisonError::into_inner);
        served.last_reload = Some(Reloaded {
            at: self.ports.clock.now().to_rfc3339(),
            result: result.to_owned(),
        });
    }
}

impl Serving for App {
    fn serving(&self) -> (Edition, Timestamp, Option<Reloaded>) {
        let served = self.served.read().unwrap_or_else(PoisonError::into_inner);
        (served.edition.clone(), served.since, served.last_reload.clone())
    }
}

impl Workplace for App {
    fn ports(&self) -> &Ports {
        &self.ports
    }

    fn catalogue(&self) -> Arc<Catalogue> {
        App::catalogue(self)
    }
}

/// Letters are put into words in the themes of the moment.
impl Typesetter for App {
    fn compose(&self, letter: &Letter<'_>) -> Result<Composed, TypesetError> {
        self.themes().compose(letter)
    }
}
