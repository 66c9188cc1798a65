//! Which addresses and names are the service's: its rules, its callbacks, and the URLs people are
//! sent to. How a rule is read is [`UrlRule`]'s affair.

use super::{Check, ServiceSettings};
use crate::protocol::service_url::{Matching, Scheme, ServiceUrl};
use crate::services::service::InstitutionSource;
use crate::services::url_rule::UrlRule;

impl Check {
    pub(super) fn rules(&mut self, settings: &ServiceSettings) -> Vec<UrlRule> {
        if settings.urls.is_empty() && settings.patterns.is_empty() && settings.proxied_names.is_empty() {
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

    /// A proxy-granting ticket acts for people everywhere: it goes over https and to known hosts only
    /// (CAS-162, CAS-163).
    pub(super) fn callbacks(&mut self, settings: &ServiceSettings) -> Vec<UrlRule> {
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

    /// Names stand for themselves, byte by byte, so each must be one that no URL is taken for
    /// (CAS-99).
    pub(super) fn names(&mut self, settings: &ServiceSettings) -> Vec<String> {
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

    pub(super) fn url(&mut self, field: &'static str, text: &Option<String>) -> Option<ServiceUrl> {
        let text = text.as_deref()?;
        let read =
            ServiceUrl::parse(text).map_err(|flaw| format!("“{text}” is no URL to send people to: {flaw}"));
        self.some(field, read)
    }

    pub(super) fn institution_from(&mut self, settings: &ServiceSettings) -> Vec<InstitutionSource> {
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

    pub(super) fn matching(&mut self, settings: &ServiceSettings) -> Matching {
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
