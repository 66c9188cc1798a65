//! What one server runs with: ports, pages, settings, and the catalogue that a reload swaps. No
//! logic.

use std::sync::{Arc, PoisonError, RwLock};

use crate::flows::{Catalogue, Ports};
use crate::guard::{Pace, PaceSettings};
use crate::pages::Pages;

/// Settings of the whole server that endpoints need.
#[derive(Debug, Clone)]
pub struct AppSettings {
    /// Where browsers find us: `https://cas.univ-x.fr/cas`, without a slash at its end.
    pub public_url: url::Url,
    /// The context path without a slash at its end: `/cas`, or empty.
    pub base: String,
    /// The public URL is https.
    pub secure: bool,
    /// IANA name of the zone times are shown in.
    pub time_zone: String,
    /// Status of a throttled sign-in: 429, or 423 for scripts that expect Apereo's.
    pub status_throttled: u16,
    /// Invented people: pages say so.
    pub demo: bool,
}

/// One running server.
pub struct App {
    pub ports: Ports,
    pub pages: Pages,
    pub settings: AppSettings,
    /// What each network may ask of the search for institutions.
    pub pace: Pace,
    catalogue: RwLock<Arc<Catalogue>>,
}

impl App {
    pub fn new(ports: Ports, pages: Pages, settings: AppSettings, catalogue: Catalogue) -> App {
        App {
            ports,
            pages,
            settings,
            pace: Pace::new(PaceSettings::default()),
            catalogue: RwLock::new(Arc::new(catalogue)),
        }
    }

    /// The catalogue of this moment; a request keeps the one it began with.
    pub fn catalogue(&self) -> Arc<Catalogue> {
        Arc::clone(&self.catalogue.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts a new catalogue in place of the old one; requests under way finish with theirs.
    pub fn replace_catalogue(&self, catalogue: Catalogue) {
        *self.catalogue.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(catalogue);
    }
}
