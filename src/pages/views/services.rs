//! Applications that cannot be opened: not registered (E1, CAS-62), or not for this person (E2).

use serde::Serialize;

use super::Page;
use crate::base::clock::Timestamp;

/// The application is not registered. Nothing here may become a link.
#[derive(Debug, Clone, Serialize)]
pub struct UnknownService {
    /// Host of the refused address, when it has one.
    pub host: Option<String>,
    /// For the administrator: the refused address as received.
    pub service: String,
    pub realm: String,
    /// Which rules were tried or what was wrong with the address, in a few words.
    pub tried: Option<String>,
}

/// Registered, but not open to this person.
#[derive(Debug, Clone, Serialize)]
pub struct AccessDenied {
    pub service_name: String,
    pub username: Option<String>,
    pub reason: DeniedReason,
    /// The institution's own words, in the page's language; shown as well.
    pub message: Option<String>,
    /// The form in which somebody else signs in, on the way to the application.
    pub switch: Option<String>,
    /// The list of one's applications.
    pub back: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum DeniedReason {
    /// The account lacks what the application asks for.
    NotYours,
    /// Switched off by the administrators.
    Disabled,
    /// Not opened by single sign-on.
    NoSingleSignOn,
    OpensAt {
        opens: Timestamp,
    },
}

impl Page for UnknownService {
    const NAME: &'static str = "unknown_service";

    fn samples() -> Vec<(&'static str, UnknownService)> {
        let known_host = UnknownService {
            host: Some("pirate.example".to_owned()),
            service: "https://pirate.example/cas?next=\"><a href=//pirate.example>".to_owned(),
            realm: "valmont".to_owned(),
            tried: Some("12 services, none with this host".to_owned()),
        };
        let no_host = UnknownService {
            host: None,
            service: "javascript:alert(1)".to_owned(),
            tried: None,
            ..known_host.clone()
        };
        vec![("host", known_host), ("no-host", no_host)]
    }
}

impl Page for AccessDenied {
    const NAME: &'static str = "access_denied";

    fn samples() -> Vec<(&'static str, AccessDenied)> {
        let because = |reason| AccessDenied {
            service_name: "Carnet de notes".to_owned(),
            username: Some("camille.dupont".to_owned()),
            reason,
            message: None,
            switch: Some("/cas/login?switch=true".to_owned()),
            back: Some("/cas/login".to_owned()),
        };
        let with_message = AccessDenied {
            message: Some("Le carnet de notes est réservé aux élèves de terminale.".to_owned()),
            username: None,
            switch: None,
            back: None,
            ..because(DeniedReason::NotYours)
        };
        let opens = DeniedReason::OpensAt {
            opens: super::SAMPLE_MOMENT,
        };
        vec![
            ("not-yours", because(DeniedReason::NotYours)),
            ("message", with_message),
            ("disabled", because(DeniedReason::Disabled)),
            ("no-sso", because(DeniedReason::NoSingleSignOn)),
            ("opens", because(opens)),
        ]
    }
}
