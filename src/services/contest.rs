//! Every registration that a URL could belong to, and why one of them gets it: for whoever asks at the
//! console. It looks at all services one by one; servers ask [`Registry::find`].

use std::cmp::Reverse;

use super::registry::Registry;
use super::service::Service;
use super::url_pattern::rest_of;
use super::url_rule::{HostRule, PathRule};
use crate::protocol::service_url::ServiceUrl;

/// A rule or pattern that matches the URL.
#[derive(Clone)]
pub struct Contender<'a> {
    pub service: &'a Service,
    /// As it is written.
    pub rule: String,
    weight: Weight,
}

/// What decides, in the order in which it does; less wins.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Weight {
    order: i32,
    host: (u8, Reverse<usize>, bool),
    /// An exact path, a directory, a pattern.
    kind: u8,
    path: Reverse<usize>,
    breadth: Option<(Reverse<usize>, bool, bool)>,
    registered: usize,
}

impl Contender<'_> {
    /// Why this one loses against one that comes before it.
    pub fn loses_to(&self, before: &Contender<'_>) -> &'static str {
        let (own, other) = (&self.weight, &before.weight);
        if own.registered == other.registered {
            "of the same registration"
        } else if own.order != other.order {
            "its order is larger"
        } else if own.host != other.host {
            "its host is wider"
        } else if own.kind != other.kind && own.kind == PATTERN {
            "a pattern comes after rules for its host"
        } else if own.kind != other.kind || own.path != other.path {
            "its path is wider"
        } else if own.breadth != other.breadth {
            "it asks for less: fewer parameters, any port, or both schemes"
        } else {
            "it is registered after it"
        }
    }

    /// What the rule fixes, and what it leaves open.
    pub fn told(&self) -> String {
        let host = match self.weight.host {
            (0, ..) => "this very host",
            (1, _, false) => "a host of one label more",
            (1, ..) => "a host of any number of labels more",
            _ => "any host",
        };
        let path = match self.weight.kind {
            0 => "this very path",
            PATTERN => "by pattern",
            _ if self.weight.path.0 == 0 => "every path",
            _ => "this path and below",
        };
        format!("{host}, {path}")
    }
}

const PATTERN: u8 = 2;

impl Registry {
    /// The rules that match `url`, the one that gets it first.
    pub fn contest(&self, url: &ServiceUrl) -> Vec<Contender<'_>> {
        let rest = rest_of(url);
        let all = self.all().iter().enumerate().flat_map(|(registered, service)| {
            let rules = service.rules.iter().filter(|rule| rule.matches(url));
            let rules = rules.map(|rule| {
                let (kind, path) = match &rule.path {
                    PathRule::Exactly(path) => (0, path),
                    PathRule::Below(path) => (1, path),
                };
                let weight = Weight {
                    order: service.order,
                    host: host_weight(&rule.host),
                    kind,
                    path: Reverse(path.len()),
                    breadth: Some(rule.breadth()),
                    registered,
                };
                (rule.to_string(), weight)
            });
            let patterns = service.patterns.iter().filter_map(|pattern| {
                let branches = pattern.branches().iter();
                let matching = branches.filter(|branch| branch.matches(url, &rest));
                let weights = matching.map(|branch| Weight {
                    order: service.order,
                    host: host_weight(&branch.host),
                    kind: PATTERN,
                    path: Reverse(branch.start.len()),
                    breadth: None,
                    registered,
                });
                Some((pattern.as_str().to_owned(), weights.min()?))
            });
            let all: Vec<Contender<'_>> = rules
                .chain(patterns)
                .map(|(rule, weight)| Contender {
                    service,
                    rule,
                    weight,
                })
                .collect();
            all
        });
        let mut all: Vec<Contender<'_>> = all.collect();
        all.sort_by(|one, other| one.weight.cmp(&other.weight));
        all
    }
}

fn host_weight(host: &HostRule) -> (u8, Reverse<usize>, bool) {
    match host {
        HostRule::Exactly(host) => (0, Reverse(host.len()), false),
        HostRule::OneLabelBefore(suffix) => (1, Reverse(suffix.len()), false),
        HostRule::LabelsBefore(suffix) => (1, Reverse(suffix.len()), true),
        HostRule::Any => (2, Reverse(0), true),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::settings::tests::service;
    use super::*;

    fn registry(services: &[(&str, i32)]) -> Registry {
        let services = services.iter().enumerate().map(|(n, (rule, order))| {
            service(|settings| {
                settings.id = format!("s{n}");
                settings.catch_all = true;
                settings.order = Some(*order);
                settings.urls.clear();
                match rule.strip_prefix('^') {
                    Some(_) => settings.patterns = vec![(*rule).to_owned()],
                    None => settings.urls = vec![(*rule).to_owned()],
                }
            })
        });
        Registry::new(services.collect()).unwrap_or_else(|problems| panic!("{problems:?}"))
    }

    #[test]
    fn who_loses_is_told_why() {
        let registry = registry(&[
            ("https://a.x.fr/p/**", 0),
            ("https://*.x.fr/**", 0),
            (r"^https://a\.x\.fr/p/.*", 0),
            ("https://a.x.fr/**", 0),
            ("http(s)://a.x.fr/p/**", 0),
            ("https://a.x.fr/p/q", 7),
            ("https://b.x.fr/**", 0),
        ]);
        let url = ServiceUrl::parse("https://a.x.fr/p/q").expect("a URL");
        let contest = registry.contest(&url);
        let told: Vec<(&str, &str)> = contest
            .iter()
            .map(|one| (one.service.id.as_str(), one.loses_to(&contest[0])))
            .collect();
        assert_eq!(
            told,
            [
                ("s0", "of the same registration"),
                (
                    "s4",
                    "it asks for less: fewer parameters, any port, or both schemes"
                ),
                ("s3", "its path is wider"),
                ("s2", "a pattern comes after rules for its host"),
                ("s1", "its host is wider"),
                ("s5", "its order is larger"),
            ]
        );
        assert_eq!(contest[0].told(), "this very host, this path and below");
        assert_eq!(contest[3].told(), "this very host, by pattern");
        assert_eq!(contest[4].told(), "a host of one label more, every path");
    }

    proptest! {
        #[test]
        fn the_first_of_the_contest_is_whom_the_server_finds(
            rules in prop::collection::btree_map("(https://(\\*\\.|\\*\\*\\.|a\\.|b\\.a\\.)?x\\.fr(:\\*|:81)?/(p|p/q|\\*\\*|p/\\*\\*|p/q/\\*\\*)(\\?m=1)?|\\^https://(a|b)\\\\.(a\\\\.)?x\\\\.fr/(p/)?.*)", 0..3_i32, 1..6),
            url in "https://([ab]\\.){0,3}x\\.fr(:81)?/(p|q|p/q|p/q/r|px)(\\?m=[12])?",
        ) {
            let rules: Vec<(&str, i32)> = rules.iter().map(|(rule, order)| (rule.as_str(), *order)).collect();
            let registry = registry(&rules);
            let url = ServiceUrl::parse(&url).expect("a URL");
            let contest = registry.contest(&url);
            let first = contest.first().map(|first| first.service.id.as_str());
            prop_assert_eq!(first, registry.find(&url).map(|found| found.id.as_str()));
        }
    }
}
