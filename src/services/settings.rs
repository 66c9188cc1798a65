//! A service as an administrator describes it, and the check that turns it into one: every problem
//! at once, each with the field and what to write. Files and lines are the configuration's affair.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use super::service::{
    InstitutionSource, ReleasedName, RequiredAttribute, Service, SingleLogout, UserCase, UserRule,
};
use super::url_rule::UrlRule;
use crate::base::names::{RealmId, ServiceId, ThemeName};
use crate::base::texts::Texts;
use crate::protocol::login_request::ResponseMethod;
use crate::protocol::response::{is_reserved, xml_name};
use crate::protocol::service_url::{Matching, Scheme, ServiceUrl};

/// A service ticket waits at most this long: CAS 3.0.3 §3.1.1 recommends five minutes.
const LONGEST_TICKET_LIFETIME: Duration = Duration::from_secs(300);

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

    fn rules(&mut self, settings: &ServiceSettings) -> Vec<UrlRule> {
        if settings.urls.is_empty() && settings.proxied_names.is_empty() {
            self.problem("urls", "write at least one, such as \"https://app.univ-x.fr/**\"");
        }
        let mut rules = Vec::new();
        for text in &settings.urls {
            let read = UrlRule::parse(text).map_err(|flaw| format!("“{text}”: {flaw}"));
            let Some(rule) = self.some("urls", read) else {
                continue;
            };
            if rule.is_catch_all() && !settings.catch_all {
                let advice =
                    "name the hosts, or add catch_all = true if every application there may have tickets";
                self.problem(
                    "urls",
                    format!("“{text}” lets in hosts you do not know: {advice}"),
                );
            }
            rules.push(rule);
        }
        rules
    }

    fn realms(&mut self, settings: &ServiceSettings, known: &[KnownRealm]) -> Vec<KnownRealm> {
        if settings.realms.is_empty() {
            return known.to_vec();
        }
        let mut realms: Vec<KnownRealm> = Vec::new();
        for name in &settings.realms {
            match known.iter().find(|realm| realm.id.as_str() == name) {
                Some(realm) if !realms.contains(realm) => realms.push(realm.clone()),
                Some(_) => {}
                None => {
                    let names: Vec<&str> = known.iter().map(|realm| realm.id.as_str()).collect();
                    self.problem(
                        "realms",
                        format!("there is no realm “{name}”; there are: {}", names.join(", ")),
                    );
                }
            }
        }
        realms
    }

    fn required(&mut self, settings: &ServiceSettings) -> Vec<RequiredAttribute> {
        if settings
            .required_attributes
            .keys()
            .any(|name| name.trim().is_empty())
        {
            self.problem("required_attributes", "an attribute has no name");
        }
        let required = settings
            .required_attributes
            .iter()
            .map(|(name, values)| RequiredAttribute {
                name: name.clone(),
                values: values.clone(),
            });
        required.collect()
    }

    /// Names the protocol keeps for itself (CAS-241) and names that meet in XML (CAS-240) are
    /// refused: a client would read somebody's attribute as the answer itself.
    fn released(&mut self, settings: &ServiceSettings) -> Vec<ReleasedName> {
        let own = settings.attributes.iter().map(|name| (name, name));
        let mut released = Vec::new();
        let mut taken: HashMap<String, &str> = HashMap::new();
        for (attribute, sent_as) in own.chain(&settings.renamed_attributes) {
            let field = if attribute == sent_as {
                "attributes"
            } else {
                "renamed_attributes"
            };
            if attribute.trim().is_empty() || sent_as.trim().is_empty() {
                self.problem(field, "an attribute has no name");
            } else if is_reserved(sent_as) {
                let mend = format!("write it under renamed_attributes: {attribute} = \"another name\"");
                self.problem(field, format!("“{sent_as}” is a word of the protocol; {mend}"));
            } else if let Some(other) = taken.insert(xml_name(sent_as).to_ascii_lowercase(), sent_as) {
                let message =
                    format!("“{other}” and “{sent_as}” are the same name in XML; rename one of them");
                self.problem(field, message);
            }
            released.push(ReleasedName {
                attribute: attribute.clone(),
                sent_as: sent_as.clone(),
            });
        }
        released
    }

    fn user(&mut self, settings: &ServiceSettings, realms: &[KnownRealm]) -> UserRule {
        let default = if realms.len() > 1 { "scoped" } else { "plain" };
        let rule = match settings.user.as_deref().unwrap_or(default) {
            "plain" => UserRule::PlainLogin,
            "scoped" => UserRule::Scoped,
            "opaque" => UserRule::Opaque,
            other => match other.strip_prefix("attribute:").map(str::trim) {
                Some(name) if !name.is_empty() => UserRule::Attribute(name.to_owned()),
                _ => {
                    self.problem(
                        "user",
                        format!("“{other}” is none of plain, scoped, opaque, attribute:<name>"),
                    );
                    UserRule::Opaque
                }
            },
        };
        if rule == UserRule::PlainLogin && realms.len() > 1 {
            let names: Vec<&str> = realms.iter().map(|realm| realm.id.as_str()).collect();
            let message =
                "one login may be two people there; write user = \"scoped\" or \"opaque\", or name one realm";
            self.problem(
                "user",
                format!("plain, and open to the realms {}: {message}", names.join(", ")),
            );
        }
        let without_scope = realms
            .iter()
            .find(|realm| rule == UserRule::Scoped && !realm.has_scope);
        if let Some(realm) = without_scope {
            let message = "has no scope to add to the login; give it one, or write another rule";
            self.problem("user", format!("scoped, but the realm {} {message}", realm.id));
        }
        rule
    }

    fn institution_from(&mut self, settings: &ServiceSettings) -> Vec<InstitutionSource> {
        let mut sources = Vec::new();
        for text in &settings.institution_from {
            let parameter = text.strip_prefix("parameter:").map(str::trim);
            match (text.as_str(), parameter) {
                ("host", _) => sources.push(InstitutionSource::Host),
                (_, Some(name)) if !name.is_empty() => {
                    sources.push(InstitutionSource::Parameter(name.to_owned()));
                }
                _ => self.problem(
                    "institution_from",
                    format!("“{text}” is neither host nor parameter:<name>"),
                ),
            }
        }
        sources
    }

    fn user_case(&mut self, settings: &ServiceSettings) -> UserCase {
        match settings.user_case.as_deref() {
            None => UserCase::AsIs,
            Some("lower") => UserCase::Lower,
            Some("upper") => UserCase::Upper,
            Some(other) => {
                self.problem("user_case", format!("“{other}” is neither lower nor upper"));
                UserCase::AsIs
            }
        }
    }

    fn lifetime(&mut self, settings: &ServiceSettings) -> Option<Duration> {
        let bounds = Duration::from_secs(1)..=LONGEST_TICKET_LIFETIME;
        if settings
            .ticket_lifetime
            .is_some_and(|lifetime| !bounds.contains(&lifetime))
        {
            self.problem(
                "ticket_lifetime",
                "write 1 to 300 seconds; clients validate within one",
            );
        }
        settings.ticket_lifetime
    }

    fn logout(&mut self, settings: &ServiceSettings, rules: &[UrlRule]) -> SingleLogout {
        let url = match settings.logout.as_deref() {
            None | Some("service") => return SingleLogout::ToService,
            Some("off") => return SingleLogout::Off,
            Some(url) => url,
        };
        let only_https = !rules.is_empty() && rules.iter().all(|rule| rule.scheme == Some(Scheme::Https));
        match ServiceUrl::parse(url) {
            Ok(url) if only_https && url.scheme() == Scheme::Http => {
                self.problem(
                    "logout",
                    "the service is https, its logout URL must be too (CAS-202)",
                );
                SingleLogout::Off
            }
            Ok(url) => SingleLogout::To(url.without_ticket()),
            Err(flaw) => {
                self.problem(
                    "logout",
                    format!("“{url}” is neither off, nor service, nor a URL: {flaw}"),
                );
                SingleLogout::Off
            }
        }
    }

    fn url(&mut self, field: &'static str, text: &Option<String>) -> Option<ServiceUrl> {
        let text = text.as_deref()?;
        let read =
            ServiceUrl::parse(text).map_err(|flaw| format!("“{text}” is no URL to send people to: {flaw}"));
        self.some(field, read)
    }

    /// Names stand for themselves, byte by byte, so each must be one that no URL is taken for
    /// (CAS-99).
    fn names(&mut self, settings: &ServiceSettings) -> Vec<String> {
        for name in &settings.proxied_names {
            let scheme = name.split(':').next().unwrap_or_default();
            if ["http", "https"]
                .iter()
                .any(|web| scheme.eq_ignore_ascii_case(web))
            {
                self.problem(
                    "proxied_names",
                    format!("“{name}” is a web address: write it under urls"),
                );
            } else if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_graphic()) {
                let mend = "write ASCII without blanks, such as \"imap://mail.univ-x.fr\"";
                self.problem("proxied_names", format!("“{}”: {mend}", name.escape_debug()));
            }
        }
        settings.proxied_names.clone()
    }

    /// A proxy-granting ticket acts for people everywhere: it goes over https and to known hosts only
    /// (CAS-162, CAS-163).
    fn callbacks(&mut self, settings: &ServiceSettings) -> Vec<UrlRule> {
        let field = "proxy_callbacks";
        let mut rules = Vec::new();
        for text in &settings.proxy_callbacks {
            let read = UrlRule::parse(text).map_err(|flaw| format!("“{text}”: {flaw}"));
            match self.some(field, read) {
                Some(rule) if rule.scheme != Some(Scheme::Https) => {
                    self.problem(
                        field,
                        format!("“{text}” is not https://, which callbacks must be"),
                    );
                }
                Some(rule) if rule.is_catch_all() => {
                    self.problem(
                        field,
                        format!("“{text}” lets in hosts you do not know: name the hosts"),
                    );
                }
                rule => rules.extend(rule),
            }
        }
        rules
    }

    fn response(&mut self, settings: &ServiceSettings) -> ResponseMethod {
        match settings.response.as_deref() {
            None | Some("redirect") => ResponseMethod::Redirect,
            Some("post") => ResponseMethod::Post,
            Some("header") => ResponseMethod::Header,
            Some(other) => {
                self.problem(
                    "response",
                    format!("“{other}” is none of redirect, post and header"),
                );
                ResponseMethod::Redirect
            }
        }
    }

    fn matching(&mut self, settings: &ServiceSettings) -> Matching {
        match settings.matching.as_deref() {
            None | Some("strict") => Matching::Strict,
            Some("apereo") => Matching::Apereo,
            Some(other) => {
                self.problem("matching", format!("“{other}” is neither strict nor apereo"));
                Matching::Strict
            }
        }
    }
}

#[cfg(test)]
pub(super) mod tests;
