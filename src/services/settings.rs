//! A service as an administrator describes it, and the check that turns it into one: every problem
//! at once, each with the field and what to write. Files and lines are the configuration's affair.

mod access;
mod logout;
mod release;
mod tickets;
mod urls;

use std::collections::BTreeMap;
use std::time::Duration;

use super::service::Service;
use crate::base::names::{RealmId, ServiceId, ThemeName};
use crate::base::texts::Texts;

/// What configuration says of one service. Field names are the keys of its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceSettings {
    pub id: String,
    /// By language tag.
    pub name: BTreeMap<String, String>,
    /// Rules in the syntax of [`UrlRule`].
    pub urls: Vec<String>,
    /// The administrator means a rule that lets any host in.
    pub catch_all: bool,
    /// Empty: every realm.
    pub realms: Vec<String>,
    pub enabled: bool,
    pub sso_enabled: bool,
    /// Attribute → accepted values; an empty list accepts any.
    pub required_attributes: BTreeMap<String, Vec<String>>,
    /// Sent under their own names, in this order.
    pub attributes: Vec<String>,
    /// Attribute → the name it is sent under; sent after `attributes`.
    pub renamed_attributes: BTreeMap<String, String>,
    /// `plain`, `scoped`, `opaque` or `attribute:<name>`. Without: plain for one realm, scoped for
    /// several.
    pub user: Option<String>,
    /// `lower` or `upper`.
    pub user_case: Option<String>,
    pub attributes_in_v2: bool,
    pub json_scalars: bool,
    pub ticket_lifetime: Option<Duration>,
    /// `off`, `service` (also without), or a URL.
    pub logout: Option<String>,
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
    /// Rules in the syntax of [`UrlRule`], https only; empty: it may not proxy.
    pub proxy_callbacks: Vec<String>,
    /// `host` or `parameter:<name>`, in the order of their weight.
    pub institution_from: Vec<String>,
}

/// A realm of the deployment, as far as services care.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownRealm {
    pub id: RealmId,
    /// Whether it has a scope for scoped user names.
    pub has_scope: bool,
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
            catch_all: false,
            realms: Vec::new(),
            enabled: true,
            sso_enabled: true,
            required_attributes: BTreeMap::new(),
            attributes: Vec::new(),
            renamed_attributes: BTreeMap::new(),
            user: None,
            user_case: None,
            attributes_in_v2: false,
            json_scalars: false,
            ticket_lifetime: None,
            logout: None,
            logout_by: None,
            unauthorized_redirect_url: None,
            redirect_url: None,
            matching: None,
            response: None,
            theme: None,
            proxied_names: Vec::new(),
            proxy_callbacks: Vec::new(),
            institution_from: Vec::new(),
        }
    }
}

impl ServiceSettings {
    /// The service, or everything that is wrong with it.
    pub fn check(&self, known: &[KnownRealm]) -> Result<Service, Vec<SettingProblem>> {
        let mut check = Check::default();
        let id = check.some("id", ServiceId::try_from(self.id.clone()));
        let rules = check.rules(self);
        let realms = check.realms(self, known);
        let service = id.map(|id| Service {
            id,
            name: Texts::new(self.name.clone()),
            enabled: self.enabled,
            sso_enabled: self.sso_enabled,
            required_attributes: check.required(self),
            released: check.released(self),
            user: check.user(self, &realms),
            user_case: check.user_case(self),
            attributes_in_v2: self.attributes_in_v2,
            json_scalars: self.json_scalars,
            ticket_lifetime: check.lifetime(self),
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
