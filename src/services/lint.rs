//! Registrations that work and deserve a second look. Nothing here refuses anything.

use super::registry::Registry;
use super::service::{Service, UserRule};
use super::url_pattern::UrlPattern;
use super::url_rule::{HostRule, UrlRule};
use crate::base::names::ServiceId;
use crate::protocol::service_url::{Matching, Scheme};

/// Something an administrator should know about a service.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("service {service}: {message}")]
pub struct Warning {
    pub service: ServiceId,
    pub message: String,
    /// Whether it is about a pattern, of which an import has told already.
    pub is_about_pattern: bool,
}

/// Every warning, in the order of registration.
pub fn warnings(registry: &Registry) -> Vec<Warning> {
    let all = registry.all().iter().flat_map(|service| {
        let rules = service.rules.iter().flat_map(about_rule);
        let patterns = service.patterns.iter().flat_map(about_pattern);
        let warning = |is_about_pattern| {
            move |message| Warning {
                service: service.id.clone(),
                message,
                is_about_pattern,
            }
        };
        let others = about_service(service).into_iter();
        rules
            .map(warning(false))
            .chain(patterns.map(warning(true)))
            .chain(others.map(warning(false)))
    });
    all.collect()
}

/// Hosts under one wildcard can present each other's tickets: a client that builds its service URL
/// from the Host header believes a ticket made for its neighbour (CAS-302).
fn about_rule(rule: &UrlRule) -> Vec<String> {
    let mut messages = Vec::new();
    match &rule.host {
        HostRule::Exactly(_) => {}
        HostRule::Any => messages.push(format!("{rule} gives tickets to every application that asks")),
        HostRule::OneLabelBefore(_) | HostRule::LabelsBefore(_) => messages.push(format!(
            "{rule} covers several hosts; a ticket for one can be played to another that trusts its Host header"
        )),
    }
    let loopback = matches!(&rule.host, HostRule::Exactly(host) if is_loopback(host));
    if rule.scheme != Some(Scheme::Https) && !loopback {
        messages.push(format!("{rule} lets tickets travel unencrypted"));
    }
    messages
}

fn about_pattern(pattern: &UrlPattern) -> Vec<String> {
    let told = pattern.doubts().iter().map(|doubt| doubt.told());
    let clear = pattern
        .lets_http_in()
        .then_some("it lets tickets travel unencrypted");
    let mut branches = pattern.branches().iter();
    let wide = branches.any(|branch| !matches!(branch.host, HostRule::Exactly(_) | HostRule::Any));
    let shared = (wide && !pattern.is_catch_all()).then_some(
        "it covers several hosts; a ticket for one can be played to another that trusts its Host header",
    );
    let messages = told.chain(clear).chain(shared);
    messages
        .map(|message| format!("the pattern “{pattern}”: {message}"))
        .collect()
}

fn about_service(service: &Service) -> Vec<String> {
    let mut messages = Vec::new();
    if service.matching == Matching::Apereo {
        messages.push("matching = apereo takes URLs for equal that are not; for migrations only".to_owned());
    }
    for rule in &service.proxy_callbacks {
        if !matches!(rule.host, HostRule::Exactly(_)) {
            messages.push(format!(
                "{rule} lets every host there receive tickets that act for people at all services"
            ));
        }
    }
    if matches!(service.user, UserRule::Anonymous(_)) {
        messages.push(
            "anonymous names come from a weak digest and change with the URL; for what knew people by them"
                .to_owned(),
        );
    }
    if let UserRule::Attribute(name) = &service.user
        && service.realms.len() > 1
    {
        messages.push(format!(
            "{name} names the user and must not repeat between its realms"
        ));
    }
    messages
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host == "[::1]" || host.starts_with("127.")
}

#[cfg(test)]
mod tests {
    use super::super::settings::tests::service;
    use super::*;

    #[test]
    fn shared_wildcards_clear_text_and_wide_matching_are_told() {
        // CAS-302
        let told = |urls: &[&str], matching: Option<&str>| {
            let service = service(|settings| {
                settings.urls = urls.iter().map(|url| (*url).to_owned()).collect();
                settings.matching = matching.map(str::to_owned);
                settings.catch_all = true;
            });
            warnings(&Registry::new(vec![service]).ok().unwrap_or_default()).len()
        };
        assert_eq!(
            told(
                &[
                    "https://app.fr/**",
                    "http://localhost:9090/**",
                    "http://127.0.0.1:*/**"
                ],
                None
            ),
            0
        );
        assert_eq!(told(&["https://*.app.fr/**"], None), 1);
        assert_eq!(told(&["https://**/**"], None), 1);
        assert_eq!(told(&["http://app.fr/**"], None), 1);
        assert_eq!(told(&["https://app.fr/**"], Some("apereo")), 1);
        let portal = service(|settings| {
            settings.proxy_callbacks = vec!["https://app.fr/**".into(), "https://*.app.fr/**".into()];
        });
        let found = warnings(&Registry::new(vec![portal]).ok().unwrap_or_default());
        assert!(
            matches!(&found[..], [one] if one.message.contains("act for people") && !one.is_about_pattern),
            "{found:?}"
        );
    }

    #[test]
    fn patterns_that_are_loose_are_told() {
        // CAS-252, CAS-253
        let told = |pattern: &str| {
            let service = service(|settings| {
                settings.urls = Vec::new();
                settings.patterns = vec![pattern.to_owned()];
                settings.catch_all = true;
            });
            let found = warnings(&Registry::new(vec![service]).ok().unwrap_or_default());
            assert!(found.iter().all(|one| one.is_about_pattern));
            found.len()
        };
        assert_eq!(told(r"^https://app\.univ-x\.fr/a.*"), 0);
        assert_eq!(told("^https://app.univ-x.fr/a.*"), 1);
        assert_eq!(told(r"^http://app\.univ-x\.fr/a.*"), 1);
        assert_eq!(told(r"^https://.*/cas"), 1);
        // CAS-302
        assert_eq!(told(r"^https://(.*\.)?univ-x\.fr/.*"), 1);
    }
}
