//! One registered application: what configuration says of it, checked. Who gets in and what goes
//! out is in `access` and `release`.

use std::collections::BTreeMap;
use std::time::Duration;

use super::access::{AttributeRule, ProfileRule, Window};
use super::pattern::Pattern;
use super::styles::{Codes, Several};
use super::url_pattern::UrlPattern;
use super::url_rule::UrlRule;
use crate::base::clock::Timestamp;
use crate::base::names::{RealmId, ServiceId, ThemeName};
use crate::base::secret::Secret;
use crate::base::texts::Texts;
use crate::base::uai::Uai;
use crate::protocol::login_request::ResponseMethod;
use crate::protocol::response::Shape;
use crate::protocol::service_url::{Matching, Scheme, ServiceUrl};
use crate::protocol::validation_request::Version;

/// Bytes that the URL of a proxy's callback may have: it is kept with every ticket that the proxy
/// gets.
pub const CALLBACK_BYTES: usize = 2048;

/// A registered application. Made by [`super::ServiceSettings::check`], which holds its parts
/// together.
#[derive(Clone)]
pub struct Service {
    pub id: ServiceId,
    pub name: Texts,
    /// With the patterns at least one, unless it has a name.
    pub rules: Vec<UrlRule>,
    /// More URLs of its own, as Apereo CAS writes them.
    pub patterns: Vec<UrlPattern>,
    /// Among the services that a URL matches, the smallest wins; 0 when nothing is said.
    pub order: i32,
    /// Whose people may use it, at least one realm.
    pub realms: Vec<RealmId>,
    pub enabled: bool,
    /// Whether a session is enough; otherwise credentials are asked each time (CAS-53).
    pub sso_enabled: bool,
    /// A session opened longer ago is not enough either.
    pub sso_max_age: Option<Duration>,
    /// Nor is one that was last used longer ago.
    pub sso_max_idle: Option<Duration>,
    pub window: Window,
    pub required_attributes: Vec<AttributeRule>,
    /// One of them is enough; otherwise all must be met.
    pub required_any: bool,
    /// None may be met.
    pub rejected_attributes: Vec<AttributeRule>,
    /// `None`: for everybody.
    pub profiles: Option<ProfileRule>,
    /// In the order they are sent.
    pub released: Vec<ReleasedName>,
    pub user: UserRule,
    /// What [`UserRule::Anonymous`] mixes in; there whenever the rule is.
    pub user_salt: Option<Secret>,
    pub user_case: UserCase,
    /// Attributes also on `/serviceValidate` (CAS-137).
    pub attributes_in_v2: bool,
    /// Where its answers have the attributes.
    pub shape: Shape,
    /// How many values of an attribute it can read.
    pub several: Several,
    /// Names, as sent, whose values are the items of one element.
    pub nested: Vec<String>,
    /// Its words for some values, by the name they are sent under.
    pub value_codes: BTreeMap<String, Codes>,
    /// Instead of the realm's.
    pub ticket_lifetime: Option<Duration>,
    /// Of proxy tickets for it, instead of `ticket_lifetime`.
    pub proxy_ticket_lifetime: Option<Duration>,
    /// How long it may ask in a person's name, when not as long as their session.
    pub granting_ticket_lifetime: Option<Duration>,
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
    pub proxy_callback_patterns: Vec<UrlPattern>,
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
    /// Only values that match go out.
    pub only: Option<Pattern>,
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
    /// The name that Shibboleth and Apereo make of the service's URL, a salt and the login or the one
    /// value of this attribute.
    Anonymous(Option<String>),
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
    /// To each of these, at least one.
    To(Vec<String>),
}

/// Who brings the message (CAS-192).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogoutBy {
    #[default]
    Server,
    /// The browser that signs out, on the signed-out page.
    Browser,
}

impl Service {
    pub fn open_to(&self, realm: &RealmId) -> bool {
        self.realms.contains(realm)
    }

    /// Whether `url` is one of the service's own.
    pub fn owns(&self, url: &ServiceUrl) -> bool {
        self.rules.iter().any(|rule| rule.matches(url))
            || self.patterns.iter().any(|pattern| pattern.matches(url))
    }

    /// Whether a proxy-granting ticket may be delivered to `url` (CAS-162, CAS-163), which may have
    /// `CALLBACK_BYTES`.
    pub fn takes_callback(&self, url: &ServiceUrl) -> bool {
        let by_rule = || self.proxy_callbacks.iter().any(|rule| rule.matches(url));
        let by_pattern = || {
            let mut patterns = self.proxy_callback_patterns.iter();
            url.scheme() == Scheme::Https && patterns.any(|pattern| pattern.matches(url))
        };
        url.as_str().len() <= CALLBACK_BYTES && (by_rule() || by_pattern())
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

    /// How long proxy tickets for it wait, when not as long as the realm says.
    pub fn proxy_lifetime(&self) -> Option<Duration> {
        self.proxy_ticket_lifetime.or(self.ticket_lifetime)
    }

    /// Whether a session is enough whose credentials were presented at `signed_in_at` and that was
    /// last used at `last_used`; otherwise they are asked for again (CAS-53).
    pub fn takes_session(&self, signed_in_at: Timestamp, last_used: Timestamp, now: Timestamp) -> bool {
        let within =
            |bound: Option<Duration>, since: Timestamp| bound.is_none_or(|bound| now.since(since) <= bound);
        self.sso_enabled && within(self.sso_max_age, signed_in_at) && within(self.sso_max_idle, last_used)
    }

    /// Where to tell that a session that visited `visited` is over. A URL that no rule admits any
    /// more, by another scheme for one, is told nothing (CAS-202).
    pub fn logout_targets(&self, visited: &str) -> Vec<String> {
        match (&self.single_logout, ServiceUrl::parse(visited)) {
            (SingleLogout::To(urls), _) => urls.clone(),
            (SingleLogout::ToService, Ok(url)) if self.owns(&url) => vec![url.without_ticket()],
            _ => Vec::new(),
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
        assert_eq!(to_service.logout_targets(visited), [visited]);
        for stranger in ["http://app.univ-x.fr/a", "https://evil.com/", "javascript:x", ""] {
            assert!(to_service.logout_targets(stranger).is_empty(), "{stranger}");
        }
        let elsewhere = service(|settings| settings.logout = Some("https://app.univ-x.fr/slo".into()));
        assert_eq!(elsewhere.logout_targets(visited), ["https://app.univ-x.fr/slo"]);
        let both = ["https://a.univ-x.fr/slo", "https://b.univ-x.fr/slo?a,b"];
        let several = service(|settings| {
            settings.logout = Some(both.map(str::to_owned).to_vec().into());
        });
        assert_eq!(several.logout_targets(visited), both);
        let off = service(|settings| settings.logout = Some("off".into()));
        assert!(off.logout_targets(visited).is_empty());
    }

    #[test]
    fn a_session_is_enough_while_it_is_young_and_in_use() {
        // CAS-53
        let minutes = |count: u64| Duration::from_secs(60 * count);
        let signed_in = Timestamp(1_795_000_000_000);
        let takes = |service: &Service, used: u64, now: u64| {
            let at = |count| signed_in.plus(minutes(count));
            service.takes_session(signed_in, at(used), at(now))
        };
        assert!(takes(&service(|_| {}), 0, 100_000));
        assert!(!takes(&service(|settings| settings.sso_enabled = false), 0, 0));
        let young = service(|settings| settings.sso_max_age = Some(minutes(60)));
        assert!(takes(&young, 0, 60));
        assert!(!takes(&young, 60, 61), "however much it is used");
        let used = service(|settings| settings.sso_max_idle = Some(minutes(10)));
        assert!(takes(&used, 90, 100));
        assert!(!takes(&used, 90, 101));
    }

    #[test]
    fn attributes_go_out_by_version_three_and_where_asked_by_two() {
        // CAS-137
        let sends =
            |service: &Service| [Version::V1, Version::V2, Version::V3].map(|v| service.sends_attributes(v));
        assert_eq!(sends(&service(|_| {})), [false, false, true]);
        assert_eq!(
            sends(&service(|settings| settings.attributes_in_v2 = Some(true))),
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
