//! A service as an administrator describes it, and the check that turns it into one: every problem
//! at once, each with the field and what to write. Files and lines are the configuration's affair.

mod access;
mod logout;
mod patterns;
mod release;
mod style;
mod tickets;
mod urls;

pub(super) use tickets::{LONGEST_TICKET_LIFETIME, SHORTEST_SPAN};

use std::collections::BTreeMap;
use std::time::Duration;

use super::service::Service;
use crate::base::names::{RealmId, ServiceId, ThemeName};
use crate::base::secret::Secret;
use crate::base::texts::Texts;

/// What configuration says of one service. Field names are the keys of its file.
#[derive(Clone)]
pub struct ServiceSettings {
    pub id: String,
    /// By language tag.
    pub name: BTreeMap<String, String>,
    /// Rules in the syntax of [`super::UrlRule`].
    pub urls: Vec<String>,
    /// URLs in the syntax of [`UrlPattern`](super::UrlPattern).
    pub patterns: Vec<String>,
    /// Among the services that match a URL the smallest wins; 0 without.
    pub order: Option<i32>,
    /// The administrator means a rule that lets any host in.
    pub catch_all: bool,
    /// Empty: every realm.
    pub realms: Vec<String>,
    pub enabled: bool,
    pub sso_enabled: bool,
    /// At least a minute.
    pub sso_max_age: Option<Duration>,
    /// At least a minute.
    pub sso_max_idle: Option<Duration>,
    /// A moment with its zone: RFC 3339, or a local time with the name of a zone in brackets.
    pub opens: Option<String>,
    pub closes: Option<String>,
    /// Attribute → accepted values; an empty list accepts any.
    pub required_attributes: BTreeMap<String, Vec<String>>,
    /// One of the required attributes is enough.
    pub required_any: bool,
    /// Attribute → values that are turned away; an empty list turns any away.
    pub rejected_attributes: BTreeMap<String, Vec<String>>,
    /// How values of both are compared: `exact` (also without), `ignore-case` or `pattern`.
    pub attribute_values: Option<String>,
    /// Empty: for everybody.
    pub profiles: Vec<String>,
    /// Sent under their own names, in this order.
    pub attributes: Vec<String>,
    /// Attribute → the names it is sent under; sent after `attributes`.
    pub renamed_attributes: BTreeMap<String, OneOrMore>,
    /// Everything that its realms read of their people, after the others, under its own name.
    pub all_attributes: bool,
    /// Attribute, or `*` for all others → pattern that values must match to go out.
    pub released_values: BTreeMap<String, String>,
    /// `plain`, `scoped`, `opaque`, `attribute:<name>`, `anonymous` or `anonymous:<attribute>`.
    /// Without: plain for one realm, scoped for several.
    pub user: Option<String>,
    /// For `anonymous` alone.
    pub user_salt: Option<Secret>,
    /// `lower` or `upper`.
    pub user_case: Option<String>,
    /// A name of [`PRESETS`](super::styles::PRESETS): its settings count where none of these, of the
    /// user and of the attributes is written.
    pub style: Option<String>,
    /// `attributes` (also without), `flat` or `user-attributes`.
    pub attributes_in: Option<String>,
    /// `repeated` (also without), `first`, `joined` or `joined:<separator>`.
    pub several_values: Option<String>,
    /// Names as they are sent, ending in `s`, whose values are the items of one element.
    pub nested_attributes: Vec<String>,
    /// Name as it is sent → value → what goes out for it.
    pub value_codes: BTreeMap<String, BTreeMap<String, String>>,
    pub attributes_in_v2: Option<bool>,
    pub json_scalars: Option<bool>,
    pub ticket_lifetime: Option<Duration>,
    /// 1 to 300 seconds.
    pub proxy_ticket_lifetime: Option<Duration>,
    /// At least a minute.
    pub granting_ticket_lifetime: Option<Duration>,
    /// `off`, `service` (also without), or URLs.
    pub logout: Option<OneOrMore>,
    /// `server` (also without) or `browser`.
    pub logout_by: Option<String>,
    pub unauthorized_redirect_url: Option<String>,
    /// Where the ticket is sent instead of the URL that asked for it; the ticket stays bound to the
    /// latter (CAS-83).
    pub redirect_url: Option<String>,
    /// `strict` (also without) or `apereo`.
    pub matching: Option<String>,
    /// `redirect` (also without), `post` or `header`.
    pub response: Option<String>,
    pub theme: Option<ThemeName>,
    /// Names that are no web addresses, for proxy tickets only.
    pub proxied_names: Vec<String>,
    /// Rules in the syntax of [`super::UrlRule`], https only; empty: it may not proxy.
    pub proxy_callbacks: Vec<String>,
    /// In the syntax of [`UrlPattern`](super::UrlPattern); https only, whatever they say.
    pub proxy_callback_patterns: Vec<String>,
    /// `host` or `parameter:<name>`, in the order of their weight.
    pub institution_from: Vec<String>,
}

/// A realm of the deployment, as far as services care.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownRealm {
    pub id: RealmId,
    /// Whether it has a scope for scoped user names.
    pub has_scope: bool,
    /// What is read of its people to be released.
    pub attributes: Vec<String>,
    /// Which of a person's attributes tell their profile.
    pub profile_attributes: Vec<String>,
}

/// One text, or several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneOrMore(pub Vec<String>);

impl From<&str> for OneOrMore {
    fn from(text: &str) -> OneOrMore {
        OneOrMore(vec![text.to_owned()])
    }
}

impl From<String> for OneOrMore {
    fn from(text: String) -> OneOrMore {
        OneOrMore(vec![text])
    }
}

impl From<Vec<String>> for OneOrMore {
    fn from(texts: Vec<String>) -> OneOrMore {
        OneOrMore(texts)
    }
}

/// What is wrong with one field, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {message}")]
pub struct SettingProblem {
    pub field: &'static str,
    pub message: String,
}

impl Default for ServiceSettings {
    fn default() -> ServiceSettings {
        ServiceSettings {
            id: String::new(),
            name: BTreeMap::new(),
            urls: Vec::new(),
            patterns: Vec::new(),
            order: None,
            catch_all: false,
            realms: Vec::new(),
            enabled: true,
            sso_enabled: true,
            sso_max_age: None,
            sso_max_idle: None,
            opens: None,
            closes: None,
            required_attributes: BTreeMap::new(),
            required_any: false,
            rejected_attributes: BTreeMap::new(),
            attribute_values: None,
            profiles: Vec::new(),
            attributes: Vec::new(),
            renamed_attributes: BTreeMap::new(),
            all_attributes: false,
            released_values: BTreeMap::new(),
            user: None,
            user_salt: None,
            user_case: None,
            style: None,
            attributes_in: None,
            several_values: None,
            nested_attributes: Vec::new(),
            value_codes: BTreeMap::new(),
            attributes_in_v2: None,
            json_scalars: None,
            ticket_lifetime: None,
            proxy_ticket_lifetime: None,
            granting_ticket_lifetime: None,
            logout: None,
            logout_by: None,
            unauthorized_redirect_url: None,
            redirect_url: None,
            matching: None,
            response: None,
            theme: None,
            proxied_names: Vec::new(),
            proxy_callbacks: Vec::new(),
            proxy_callback_patterns: Vec::new(),
            institution_from: Vec::new(),
        }
    }
}

impl ServiceSettings {
    /// The service, or everything that is wrong with it.
    pub fn check(&self, known: &[KnownRealm]) -> Result<Service, Vec<SettingProblem>> {
        let mut check = Check::default();
        let styled = self.styled(&mut check);
        styled.check_all(check, known)
    }

    fn check_all(&self, mut check: Check, known: &[KnownRealm]) -> Result<Service, Vec<SettingProblem>> {
        let id = check.some("id", ServiceId::try_from(self.id.clone()));
        let rules = check.rules(self);
        let realms = check.realms(self, known);
        let released = check.released(self, &realms);
        let service = id.map(|id| Service {
            id,
            name: Texts::new(self.name.clone()),
            enabled: self.enabled,
            sso_enabled: self.sso_enabled,
            sso_max_age: check.span("sso_max_age", self.sso_max_age),
            sso_max_idle: check.span("sso_max_idle", self.sso_max_idle),
            window: check.window(self),
            required_attributes: check.required(self),
            required_any: self.required_any,
            rejected_attributes: check.rejected(self),
            profiles: check.profiles(self, &realms),
            user: check.user(self, &realms),
            user_salt: check.salt(self),
            user_case: check.user_case(self),
            shape: check.shape(self),
            several: check.several(self),
            nested: check.nested(self, &released),
            value_codes: check.codes(self, &released),
            released,
            attributes_in_v2: self.attributes_in_v2.unwrap_or_default(),
            ticket_lifetime: check.ticket("ticket_lifetime", self.ticket_lifetime),
            proxy_ticket_lifetime: check.ticket("proxy_ticket_lifetime", self.proxy_ticket_lifetime),
            granting_ticket_lifetime: check.span("granting_ticket_lifetime", self.granting_ticket_lifetime),
            single_logout: check.logout(self, &rules),
            logout_by: check.logout_by(self),
            unauthorized_redirect_url: check
                .url("unauthorized_redirect_url", &self.unauthorized_redirect_url)
                .map(|url| url.without_ticket()),
            redirect_url: check.url("redirect_url", &self.redirect_url),
            matching: check.matching(self),
            response: check.response(self),
            theme: self.theme.clone(),
            proxied_names: check.names(self),
            proxy_callbacks: check.callbacks(self),
            proxy_callback_patterns: check.callback_patterns(self),
            patterns: check.patterns(self),
            order: self.order.unwrap_or_default(),
            institution_from: check.institution_from(self),
            realms: realms.into_iter().map(|realm| realm.id).collect(),
            rules,
        });
        match service {
            Some(service) if check.problems.is_empty() => Ok(service),
            _ => Err(check.problems),
        }
    }
}

/// Reads field after field and keeps what is wrong.
#[derive(Default)]
struct Check {
    problems: Vec<SettingProblem>,
}

impl Check {
    fn problem(&mut self, field: &'static str, message: impl Into<String>) {
        let message = message.into();
        self.problems.push(SettingProblem { field, message });
    }

    fn some<T>(&mut self, field: &'static str, read: Result<T, String>) -> Option<T> {
        read.map_err(|message| self.problem(field, message)).ok()
    }
}

#[cfg(test)]
pub(super) mod tests;
