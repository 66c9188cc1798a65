//! All registered services, and the one that a URL belongs to. Look-up costs the same for five
//! services and five thousand, and there is no service but those registered (CAS-313, CAS-321).

use std::collections::{BTreeSet, HashMap};

use super::near::{Near, NearMiss};
use super::service::Service;
use super::url_rule::{HostRule, PathRule, UrlRule};
use crate::base::names::ServiceId;
use crate::protocol::service_url::ServiceUrl;

/// The registered services.
///
/// When several match, the most specific wins, in this order: exact host, then `*.` and `**.` of
/// the longest suffix, then any host; within a host an exact path, then the longest prefix; within
/// a path more query parameters, a given port, a single scheme; last the order of registration. A
/// disabled service keeps its place: it hides no wider one.
#[derive(Default)]
pub struct Registry {
    services: Vec<Service>,
    by_id: HashMap<ServiceId, usize>,
    by_name: HashMap<String, usize>,
    exactly: HashMap<String, Places>,
    one_label_before: HashMap<String, Places>,
    labels_before: HashMap<String, Places>,
    any: Places,
    wanted: BTreeSet<String>,
    near: Near,
}

/// Two services that cannot both be registered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegistryProblem {
    #[error("two services have the id {0}: give one of them another")]
    SameId(ServiceId),
    #[error("the services {one} and {other} both have the URL rule {rule}: leave it to one of them")]
    SameRule {
        one: ServiceId,
        other: ServiceId,
        rule: String,
    },
}

/// The rules of one host by path.
#[derive(Default)]
struct Places {
    exactly: HashMap<String, Vec<Candidate>>,
    below: HashMap<String, Vec<Candidate>>,
    /// Most segments of a key of `below`: how far down a look-up goes.
    deepest: usize,
}

struct Candidate {
    service: usize,
    rule: UrlRule,
}

impl Registry {
    pub fn new(services: Vec<Service>) -> Result<Registry, Vec<RegistryProblem>> {
        let mut problems = Vec::new();
        let mut owners: HashMap<UrlRule, usize> = HashMap::new();
        let mut registry = Registry::default();
        for (at, service) in services.iter().enumerate() {
            if registry.by_id.insert(service.id.clone(), at).is_some() {
                problems.push(RegistryProblem::SameId(service.id.clone()));
            }
            for rule in &service.rules {
                let owner = *owners.entry(rule.clone()).or_insert(at);
                if owner == at {
                    registry.insert(at, rule.clone());
                } else if let Some(one) = services.get(owner) {
                    problems.push(RegistryProblem::SameRule {
                        one: one.id.clone(),
                        other: service.id.clone(),
                        rule: rule.to_string(),
                    });
                }
            }
            for name in &service.proxied_names {
                let owner = *registry.by_name.entry(name.clone()).or_insert(at);
                if let Some(one) = services.get(owner).filter(|_| owner != at) {
                    problems.push(RegistryProblem::SameRule {
                        one: one.id.clone(),
                        other: service.id.clone(),
                        rule: name.clone(),
                    });
                }
            }
            let wanted = service.wanted_attributes().map(str::to_ascii_lowercase);
            registry.wanted.extend(wanted);
        }
        registry.near = Near::new(&services);
        registry.services = services;
        if problems.is_empty() {
            Ok(registry)
        } else {
            Err(problems)
        }
    }

    /// The service that `url` belongs to, enabled or not.
    pub fn find(&self, url: &ServiceUrl) -> Option<&Service> {
        let exactly = self.exactly.get(url.host());
        let mut places = exactly
            .into_iter()
            .chain(self.by_suffix(url.host()))
            .chain([&self.any]);
        let found = places.find_map(|places| places.find(url))?;
        self.services.get(found)
    }

    /// The service that has this very name, which is no web address (CAS-99).
    pub fn by_name(&self, name: &str) -> Option<&Service> {
        self.services.get(*self.by_name.get(name)?)
    }

    /// The rule that `url` misses by least, when it is nobody's; not every one is looked at.
    pub fn nearest(&self, url: &ServiceUrl) -> Option<NearMiss> {
        self.near.nearest(url)
    }

    pub fn by_id(&self, id: &ServiceId) -> Option<&Service> {
        self.services.get(*self.by_id.get(id)?)
    }

    pub fn all(&self) -> &[Service] {
        &self.services
    }

    /// Names, in lower case, of every attribute that some service may get or is decided by. Nothing
    /// else needs to leave the directory.
    pub fn wanted_attributes(&self) -> &BTreeSet<String> {
        &self.wanted
    }

    /// Wildcards that end like `host`, the longest suffix first.
    fn by_suffix<'a>(&'a self, host: &'a str) -> impl Iterator<Item = &'a Places> {
        let suffixes = host.match_indices('.').filter_map(|(at, _)| host.get(at + 1..));
        suffixes.enumerate().flat_map(|(labels, suffix)| {
            let one = self.one_label_before.get(suffix).filter(|_| labels == 0);
            one.into_iter().chain(self.labels_before.get(suffix))
        })
    }

    fn insert(&mut self, service: usize, rule: UrlRule) {
        let places = match &rule.host {
            HostRule::Exactly(host) => self.exactly.entry(host.clone()).or_default(),
            HostRule::OneLabelBefore(suffix) => self.one_label_before.entry(suffix.clone()).or_default(),
            HostRule::LabelsBefore(suffix) => self.labels_before.entry(suffix.clone()).or_default(),
            HostRule::Any => &mut self.any,
        };
        let candidates = match &rule.path {
            PathRule::Exactly(path) => places.exactly.entry(path.clone()).or_default(),
            PathRule::Below(base) => {
                places.deepest = places.deepest.max(base.matches('/').count());
                places.below.entry(base.clone()).or_default()
            }
        };
        candidates.push(Candidate { service, rule });
        // Stable: registration order among equals.
        candidates.sort_by_key(|candidate| candidate.rule.breadth());
    }
}

impl Places {
    fn find(&self, url: &ServiceUrl) -> Option<usize> {
        let path = url.path();
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        let ends: Vec<usize> = ends.take(self.deepest + 1).collect();
        let bases = ends.iter().rev().filter_map(|end| path.get(..*end));
        let below = bases.filter_map(|base| self.below.get(base));
        let mut candidates = self.exactly.get(path).into_iter().chain(below).flatten();
        candidates
            .find(|candidate| candidate.rule.matches_beside_place(url))
            .map(|candidate| candidate.service)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::settings::tests::service;
    use super::*;

    fn with_urls(id: &str, urls: &[&str]) -> Service {
        service(|settings| {
            settings.id = id.into();
            settings.urls = urls.iter().map(|url| (*url).to_owned()).collect();
            settings.catch_all = true;
        })
    }

    fn registry(services: &[(&str, &[&str])]) -> Registry {
        let services = services.iter().map(|(id, urls)| with_urls(id, urls)).collect();
        Registry::new(services).unwrap_or_else(|problems| panic!("{problems:?}"))
    }

    fn found<'a>(registry: &'a Registry, url: &str) -> Option<&'a str> {
        let url = ServiceUrl::parse(url).expect("a URL");
        registry.find(&url).map(|service| service.id.as_str())
    }

    #[test]
    fn the_most_specific_rule_wins_whatever_the_order_of_registration() {
        let rules: [(&str, &[&str]); 11] = [
            ("any", &["https://**/**"]),
            ("deep", &["https://**.x.fr/**"]),
            ("one", &["https://*.x.fr/**"]),
            ("deeper", &["https://**.b.x.fr/**"]),
            ("host", &["https://a.x.fr/**"]),
            ("prefix", &["https://a.x.fr/p/**"]),
            ("longer", &["https://a.x.fr/p/q/**"]),
            ("page", &["https://a.x.fr/p/q"]),
            ("asked", &["https://a.x.fr/p/q?m=1"]),
            ("port", &["https://a.x.fr:*/p/**"]),
            ("both", &["http(s)://a.x.fr/p/**"]),
        ];
        let mut reversed = rules;
        reversed.reverse();
        for registry in [registry(&rules), registry(&reversed)] {
            for (url, id) in [
                ("https://a.x.fr/", "host"),
                ("https://a.x.fr/pp", "host"),
                ("https://a.x.fr/p", "prefix"),
                ("https://a.x.fr/p/z/", "prefix"),
                ("https://a.x.fr/p/q/r/s/t", "longer"),
                ("https://a.x.fr/p/q", "page"),
                ("https://a.x.fr/p/q?m=1", "asked"),
                ("https://a.x.fr:8443/p/q", "port"),
                ("http://a.x.fr/p/", "both"),
                ("https://c.x.fr/", "one"),
                ("https://d.c.x.fr/", "deep"),
                ("https://d.b.x.fr/", "deeper"),
                ("https://x.fr/", "any"),
                ("https://evil.com/a.x.fr/", "any"),
            ] {
                assert_eq!(found(&registry, url), Some(id), "{url}");
            }
        }
    }

    #[test]
    fn nothing_is_registered_but_what_was() {
        // CAS-313
        assert_eq!(found(&Registry::default(), "https://app.example.org/"), None);
        let one = registry(&[("app", &["https://app.example.org/**"])]);
        for url in [
            "https://app.example.org.evil.com/",
            "https://sub.app.example.org/",
            "http://app.example.org/",
            "https://localhost/cas/login",
            "http://localhost:8080/cas/",
        ] {
            assert_eq!(found(&one, url), None, "{url}");
        }
    }

    #[test]
    fn the_corpus_of_hostile_urls_finds_no_service_but_its_own() {
        // CAS-95, CAS-97, CAS-98, CAS-312, T-20
        let registry = registry(&[("app", &["http(s)://app.example.org/**"])]);
        let corpus = include_str!("../../tests/fixtures/hostile_service_urls.txt");
        let mut own = 0;
        for line in corpus
            .lines()
            .filter(|line| !line.starts_with('#') && !line.contains("\\u{"))
        {
            let (verdict, text) = line.split_once(' ').expect("a verdict");
            let service = ServiceUrl::parse(text).ok().and_then(|url| registry.find(&url));
            assert_eq!(service.is_some(), verdict == "own", "{text}");
            own += usize::from(service.is_some());
        }
        assert!(own >= 30);
    }

    #[test]
    fn one_id_or_one_rule_for_two_services_is_a_problem() {
        let same_id = Registry::new(vec![
            with_urls("a", &["https://a.fr/**"]),
            with_urls("a", &["https://b.fr/**"]),
        ]);
        let id = ServiceId::new("a").expect("a slug");
        assert_eq!(same_id.err(), Some(vec![RegistryProblem::SameId(id)]));
        let same_rule = Registry::new(vec![
            with_urls("a", &["https://a.fr/**", "https://A.fr/**"]),
            with_urls("b", &["https://a.FR/**"]),
        ]);
        let problems = same_rule.err().unwrap_or_default();
        assert!(
            matches!(&problems[..], [RegistryProblem::SameRule { rule, .. }] if rule == "https://a.fr/**")
        );
        let mail = |id: &str| {
            service(|settings| {
                settings.id = id.into();
                settings.urls = vec![format!("https://{id}.fr/**")];
                settings.proxied_names = vec!["imap://m".into()];
            })
        };
        let problems = Registry::new(vec![mail("a"), mail("b")])
            .err()
            .unwrap_or_default();
        assert!(matches!(&problems[..], [RegistryProblem::SameRule { rule, .. }] if rule == "imap://m"));
        let one = Registry::new(vec![mail("a")]).expect("no problem");
        assert!(one.by_name("imap://m").is_some() && one.by_name("imap://M").is_none());
    }

    #[test]
    fn the_attributes_anyone_needs_are_known() {
        let mail = service(|settings| {
            settings.attributes = vec!["Mail".into()];
            settings
                .renamed_attributes
                .insert("supannEtuId".into(), "number".into());
            settings
                .required_attributes
                .insert("eduPersonAffiliation".into(), Vec::new());
            settings.user = Some("attribute:uid".into());
        });
        let registry = Registry::new(vec![mail]).ok().unwrap_or_default();
        let wanted: Vec<&str> = registry.wanted_attributes().iter().map(String::as_str).collect();
        assert_eq!(wanted, ["edupersonaffiliation", "mail", "supannetuid", "uid"]);
    }

    #[test]
    fn five_thousand_services_are_each_found() {
        // CAS-321
        let services = (0..5000).map(|n| {
            let id = format!("s{n}");
            match n % 3 {
                0 => with_urls(&id, &[&format!("https://h{n}.ent.fr/**")]),
                1 => with_urls(&id, &[&format!("https://shared.ent.fr/app{n}/**")]),
                _ => with_urls(&id, &[&format!("https://**.d{n}.fr/**")]),
            }
        });
        let registry = Registry::new(services.collect()).expect("no problem");
        for n in 0..5000 {
            let url = match n % 3 {
                0 => format!("https://h{n}.ent.fr/x"),
                1 => format!("https://shared.ent.fr/app{n}/x/y"),
                _ => format!("https://a.b.d{n}.fr/"),
            };
            assert_eq!(found(&registry, &url), Some(format!("s{n}").as_str()));
        }
        assert_eq!(found(&registry, "https://shared.ent.fr/app1x"), None);
        // The work of a look-up depends on the rules' depth, not on the URL's.
        let endless = format!("https://shared.ent.fr/app1{}", "/a".repeat(4000));
        assert_eq!(found(&registry, &endless), Some("s1"));
        assert!(registry.exactly.values().all(|places| places.deepest <= 1));
    }

    proptest! {
        #[test]
        fn the_index_finds_a_service_exactly_when_a_rule_matches(
            rules in prop::collection::vec("https://(\\*\\.|\\*\\*\\.|a\\.|b\\.a\\.)?x\\.fr(:\\*|:81)?/(p|p/q|\\*\\*|p/\\*\\*|p/q/\\*\\*)(\\?m=1)?", 1..6),
            url in "https://([abc]\\.){0,3}x\\.fr(:81)?/(p|q|p/q|p/q/r|px)(\\?m=[12])?",
        ) {
            let mut unique: Vec<&str> = rules.iter().map(String::as_str).collect();
            unique.sort_unstable();
            unique.dedup();
            let services: Vec<(String, &str)> = unique.iter().enumerate().map(|(n, rule)| (format!("s{n}"), *rule)).collect();
            let services = services.iter().map(|(id, rule)| with_urls(id, &[rule])).collect();
            let registry = Registry::new(services).expect("no problem");
            let url = ServiceUrl::parse(&url).expect("a URL");
            let by_rules = registry.all().iter().filter(|service| service.owns(&url)).count();
            match registry.find(&url) {
                Some(service) => prop_assert!(service.owns(&url)),
                None => prop_assert_eq!(by_rules, 0),
            }
        }
    }
}
