//! One registered application: what configuration says of it, checked. Who gets in and what goes
//! out is in `access` and `release`.

use std::time::Duration;

use super::url_rule::UrlRule;
use crate::base::names::{RealmId, ServiceId, ThemeName};
use crate::base::texts::Texts;
use crate::base::uai::Uai;
use crate::protocol::login_request::ResponseMethod;
use crate::protocol::service_url::{Matching, ServiceUrl};
use crate::protocol::validation_request::Version;

/// Bytes that the URL of a proxy's callback may have: it is kept with every ticket that the proxy
/// gets.
pub const CALLBACK_BYTES: usize = 2048;

/// A registered application. Made by [`super::ServiceSettings::check`], which holds its parts
/// together.
#[derive(Debug, Clone)]
pub struct Service {
    pub id: ServiceId,
    pub name: Texts,
    /// At least one, unless it has a name.
    pub rules: Vec<UrlRule>,
    /// Whose people may use it, at least one realm.
    pub realms: Vec<RealmId>,
    pub enabled: bool,
    /// Whether a session is enough; otherwise credentials are asked each time (CAS-53).
    pub sso_enabled: bool,
    /// All must be met.
    pub required_attributes: Vec<RequiredAttribute>,
    /// In the order they are sent.
    pub released: Vec<ReleasedName>,
    pub user: UserRule,
    pub user_case: UserCase,
    /// Attributes also on `/serviceValidate` (CAS-137).
    pub attributes_in_v2: bool,
    /// A single value as a JSON scalar (CAS-245).
    pub json_scalars: bool,
    /// Instead of the realm's.
    pub ticket_lifetime: Option<Duration>,
    pub single_logout: SingleLogout,
    pub logout_by: LogoutBy,
    /// Where people go who lack a required attribute, instead of our page (CAS-55).
    pub unauthorized_redirect_url: Option<String>,
    /// Where the ticket goes instead of the URL it is bound to (CAS-83).
    pub redirect_url: Option<ServiceUrl>,
    pub matching: Matching,
    /// How tickets travel when the request does not say (CAS-25).
    pub response: ResponseMethod,
    /// Worn by the pages that people meet on their way to it, instead of their institution's.
    pub theme: Option<ThemeName>,
    /// Names that are no web addresses, under which portals get proxy tickets for it (CAS-99).
    pub proxied_names: Vec<String>,
    /// Where its URLs name the institution of who comes from there.
    pub institution_from: Vec<InstitutionSource>,
    /// Where it may have proxy-granting tickets delivered, https only; empty: it may not proxy
    /// (CAS-163).
    pub proxy_callbacks: Vec<UrlRule>,
}

/// An attribute a person must have to use the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequiredAttribute {
    pub name: String,
    /// One of these, compared byte for byte; empty: any value.
    pub values: Vec<String>,
}

/// A part of a service's URLs that names an institution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InstitutionSource {
    /// A UAI code in the host name: `0911028y.notes.example`.
    Host,
    /// The value of a parameter: `?UAI=0911028Y`.
    Parameter(String),
}

/// An attribute that goes out, and the name the service knows it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleasedName {
    pub attribute: String,
    pub sent_as: String,
}

/// What a service knows people by (experience §4.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserRule {
    /// The canonical login; only where all people are of one realm.
    PlainLogin,
    /// `login@scope`, with the scope of the person's realm.
    Scoped,
    /// The one value of this attribute.
    Attribute(String),
    /// A name that only this service knows and that tells nothing.
    Opaque,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UserCase {
    #[default]
    AsIs,
    Lower,
    Upper,
}

/// Where the end of a session is told (CAS-191).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SingleLogout {
    Off,
    /// To the URL the ticket was for.
    ToService,
    To(String),
}

/// Who brings the message (CAS-192).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogoutBy {
    #[default]
    Server,
    /// The browser that signs out, on the signed-out page.
    Browser,
}

/// Where one visit's end is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogoutTarget {
    Post(String),
    Browser(String),
    Silent,
}

impl Service {
    pub fn open_to(&self, realm: &RealmId) -> bool {
        self.realms.contains(realm)
    }

    /// Whether `url` is one of the service's own.
    pub fn owns(&self, url: &ServiceUrl) -> bool {
        self.rules.iter().any(|rule| rule.matches(url))
    }

    /// Whether a proxy-granting ticket may be delivered to `url` (CAS-162, CAS-163), which may have
    /// `CALLBACK_BYTES`.
    pub fn takes_callback(&self, url: &ServiceUrl) -> bool {
        url.as_str().len() <= CALLBACK_BYTES && self.proxy_callbacks.iter().any(|rule| rule.matches(url))
    }

    /// What `url` says of its institution, where the registration tells to look: an id, an alias or
    /// a UAI code, or whatever else stands there.
    pub fn institution_named_by(&self, url: &ServiceUrl) -> Option<String> {
        self.institution_from.iter().find_map(|source| match source {
            InstitutionSource::Host => Uai::within(url.host()).map(|code| code.to_string()),
            InstitutionSource::Parameter(name) => {
                let query = url::form_urlencoded::parse(url.query()?.as_bytes());
                let mut values = query.filter(|(known, _)| known == name);
                values.next().map(|(_, value)| value.into_owned())
            }
        })
    }

    /// Whether attributes go out by this version of the protocol: never by the first, always by
    /// the third (CAS-137).
    pub fn sends_attributes(&self, version: Version) -> bool {
        match version {
            Version::V1 => false,
            Version::V2 => self.attributes_in_v2,
            Version::V3 => true,
        }
    }

    /// Where to tell that a session that visited `visited` is over. A URL that no rule admits any
    /// more, by another scheme for one, is told nothing (CAS-202).
    pub fn logout_target(&self, visited: &str) -> LogoutTarget {
        let url = match (&self.single_logout, ServiceUrl::parse(visited)) {
            (SingleLogout::To(url), _) => url.clone(),
            (SingleLogout::ToService, Ok(url)) if self.owns(&url) => url.without_ticket(),
            _ => return LogoutTarget::Silent,
        };
        match self.logout_by {
            LogoutBy::Server => LogoutTarget::Post(url),
            LogoutBy::Browser => LogoutTarget::Browser(url),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::settings::tests::{one_realm, service};
    use super::*;

    #[test]
    fn the_end_of_a_session_is_told_to_the_service_or_where_it_says() {
        // CAS-191, CAS-202
        let to_service = service(|_| {});
        let visited = "https://app.univ-x.fr/a?b=1";
        assert_eq!(
            to_service.logout_target(visited),
            LogoutTarget::Post(visited.into())
        );
        for stranger in ["http://app.univ-x.fr/a", "https://evil.com/", "javascript:x", ""] {
            assert_eq!(
                to_service.logout_target(stranger),
                LogoutTarget::Silent,
                "{stranger}"
            );
        }
        let elsewhere = service(|settings| settings.logout = Some("https://app.univ-x.fr/slo".into()));
        assert_eq!(
            elsewhere.logout_target(visited),
            LogoutTarget::Post("https://app.univ-x.fr/slo".into())
        );
        let by_browser = service(|settings| settings.logout_by = Some("browser".into()));
        assert_eq!(
            by_browser.logout_target(visited),
            LogoutTarget::Browser(visited.into())
        );
        let off = service(|settings| settings.logout = Some("off".into()));
        assert_eq!(off.logout_target(visited), LogoutTarget::Silent);
    }

    #[test]
    fn attributes_go_out_by_version_three_and_where_asked_by_two() {
        // CAS-137
        let sends =
            |service: &Service| [Version::V1, Version::V2, Version::V3].map(|v| service.sends_attributes(v));
        assert_eq!(sends(&service(|_| {})), [false, false, true]);
        assert_eq!(
            sends(&service(|settings| settings.attributes_in_v2 = true)),
            [false, true, true]
        );
    }

    #[test]
    fn only_registered_callbacks_are_taken() {
        // CAS-155, CAS-163
        let portal = service(|settings| {
            settings.proxy_callbacks = vec!["https://portail.univ-x.fr/pgt/**".into()];
        });
        let takes =
            |service: &Service, url: &str| service.takes_callback(&ServiceUrl::parse(url).expect("a URL"));
        assert!(takes(&portal, "https://portail.univ-x.fr/pgt/in?a=b"));
        for stranger in [
            "http://portail.univ-x.fr/pgt",
            "https://portail.univ-x.fr/pgtx",
            "https://portail.univ-x.fr:8443/pgt",
            "https://portail.univ-x.fr.evil.com/pgt",
            "https://app.univ-x.fr/",
        ] {
            assert!(!takes(&portal, stranger), "{stranger}");
        }
        assert!(
            !takes(&service(|_| {}), "https://app.univ-x.fr/"),
            "none by default"
        );
        let start = "https://portail.univ-x.fr/pgt/";
        let padded = |length: usize| format!("{start}{}", "a".repeat(length - start.len()));
        assert!(takes(&portal, &padded(CALLBACK_BYTES)));
        assert!(!takes(&portal, &padded(CALLBACK_BYTES + 1)));
    }

    #[test]
    fn a_url_names_its_institution_where_the_registration_says() {
        let named = |sources: &[&str], url: &str| {
            let service = service(|settings| {
                settings.institution_from = sources.iter().map(ToString::to_string).collect();
            });
            service.institution_named_by(&ServiceUrl::parse(url).expect("a URL"))
        };
        let url = "https://0911028y.notes.example/login?a=b&UAI=0751717J&uai=x";
        assert_eq!(named(&[], url), None);
        assert_eq!(named(&["host"], url), Some("0911028Y".into()));
        assert_eq!(named(&["parameter:UAI", "host"], url), Some("0751717J".into()));
        assert_eq!(named(&["parameter:etab", "host"], url), Some("0911028Y".into()));
        assert_eq!(
            named(&["parameter:etab"], "https://x.example/?etab=rosa%2Dparks"),
            Some("rosa-parks".into())
        );
    }

    #[test]
    fn a_service_is_open_to_its_realms() {
        let service = service(|_| {});
        assert!(one_realm().iter().all(|realm| service.open_to(&realm.id)));
        assert!(!service.open_to(&RealmId::new("other").expect("a slug")));
    }
}
