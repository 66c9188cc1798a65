//! Why a URL is nobody's: the rule it misses by least, for whoever looks at the log. Finding it costs
//! the same for five services and five thousand (CAS-321); nobody gets a ticket by it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::ops::Bound;

use super::service::Service;
use super::url_rule::{HostRule, PathRule, UrlRule};
use crate::base::names::ServiceId;
use crate::protocol::service_url::ServiceUrl;

/// Rules of one host and path that are looked at.
const LOOKED_AT: usize = 4;

/// What of a URL is another than a rule says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    Query,
    Scheme,
    Port,
    Path,
    Host,
}

/// A rule that a URL misses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearMiss {
    pub service: ServiceId,
    pub rule: String,
    /// At least one.
    pub parts: Vec<Part>,
}

/// All rules by their hosts and the domains above those, then by their paths in order, where
/// neighbours have most in common.
#[derive(Default)]
pub struct Near {
    by_domain: HashMap<String, BTreeMap<String, Vec<Known>>>,
}

/// A rule, or what a rule can say of a pattern.
#[derive(Clone)]
struct Known {
    service: ServiceId,
    written: String,
    rule: UrlRule,
    is_pattern: bool,
}

impl Near {
    pub fn new(services: &[Service]) -> Near {
        let mut near = Near::default();
        for service in services {
            for rule in &service.rules {
                let (PathRule::Exactly(path) | PathRule::Below(path)) = &rule.path;
                let known = Known {
                    service: service.id.clone(),
                    written: rule.to_string(),
                    rule: rule.clone(),
                    is_pattern: false,
                };
                near.insert(path, known);
            }
            for pattern in &service.patterns {
                for branch in pattern.branches() {
                    let known = Known {
                        service: service.id.clone(),
                        written: pattern.as_str().to_owned(),
                        rule: branch.as_rule(),
                        is_pattern: true,
                    };
                    near.insert(&branch.start, known);
                }
            }
        }
        near
    }

    fn insert(&mut self, path: &str, known: Known) {
        let host = known.rule.host.clone();
        let (host, above) = match &host {
            HostRule::Exactly(host) => (host.as_str(), host.split_once('.').map(|(_, above)| above)),
            HostRule::OneLabelBefore(suffix) | HostRule::LabelsBefore(suffix) => (suffix.as_str(), None),
            HostRule::Any => return,
        };
        // A top-level name is nobody's neighbourhood.
        for domain in [Some(host), above.filter(|above| above.contains('.'))]
            .into_iter()
            .flatten()
        {
            let paths = self.by_domain.entry(domain.to_owned()).or_default();
            let rules = paths.entry(path.to_ascii_lowercase()).or_default();
            if rules.len() < LOOKED_AT {
                rules.push(known.clone());
            }
        }
    }

    /// The rule that `url`, which no rule matches, misses by least.
    pub fn nearest(&self, url: &ServiceUrl) -> Option<NearMiss> {
        let path = url.path().to_ascii_lowercase();
        let candidates = domains(url.host())
            .filter_map(|domain| self.by_domain.get(domain))
            .flat_map(|paths| {
                let here = Bound::Included(path.as_str());
                let before = paths.range::<str, _>((Bound::Unbounded, here)).next_back();
                let after = paths.range::<str, _>((here, Bound::Unbounded)).next();
                before.into_iter().chain(after)
            });
        let misses = candidates.flat_map(|(start, rules)| rules.iter().map(move |known| (start, known)));
        let misses = misses.filter_map(|(start, known)| {
            let mut parts = missed(&known.rule, url);
            if parts.is_empty() && known.is_pattern {
                parts.push(Part::Path);
            }
            (!parts.is_empty()).then_some((start, known, parts))
        });
        let nearest = misses.min_by_key(|(start, _, parts)| {
            let worst = parts.last().copied();
            (worst, parts.len(), Reverse(in_common(start, &path)))
        });
        nearest.map(|(_, known, parts)| NearMiss {
            service: known.service.clone(),
            rule: known.written.clone(),
            parts,
        })
    }
}

/// The parts in which `url` is none of the rule's, the least first; none when it is.
pub fn missed(rule: &UrlRule, url: &ServiceUrl) -> Vec<Part> {
    let parts = [
        (
            Part::Scheme,
            rule.scheme.is_none_or(|scheme| scheme == url.scheme()),
        ),
        (Part::Port, rule.port.matches(url)),
        (Part::Path, rule.path.matches(url.path())),
        (Part::Host, rule.host.matches(url.host())),
    ];
    let parts: Vec<Part> = parts
        .into_iter()
        .filter(|(_, holds)| !holds)
        .map(|(part, _)| part)
        .collect();
    if parts.is_empty() && !rule.matches(url) {
        return vec![Part::Query];
    }
    parts
}

/// A host and the domains above it, but for the top-level name.
fn domains(host: &str) -> impl Iterator<Item = &str> {
    let above = host.match_indices('.').filter_map(|(at, _)| host.get(at + 1..));
    std::iter::once(host).chain(above.filter(|above| above.contains('.')))
}

fn in_common(one: &str, other: &str) -> usize {
    let alike = one.bytes().zip(other.bytes());
    alike.take_while(|(one, other)| one == other).count()
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Part::Query => "query",
            Part::Scheme => "scheme",
            Part::Port => "port",
            Part::Path => "path",
            Part::Host => "host",
        })
    }
}

impl fmt::Display for NearMiss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = self.parts.iter().map(Part::to_string).collect();
        write!(
            f,
            "{} of {}, but for its {}",
            self.rule,
            self.service,
            parts.join(" and its ")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::super::settings::tests::service;
    use super::*;

    fn near(services: &[(&str, &[&str])]) -> Near {
        let services: Vec<Service> = services
            .iter()
            .map(|(id, urls)| {
                service(|settings| {
                    settings.id = (*id).into();
                    settings.urls = urls.iter().map(|url| (*url).to_owned()).collect();
                    settings.catch_all = true;
                })
            })
            .collect();
        Near::new(&services)
    }

    fn told(near: &Near, url: &str) -> String {
        let url = ServiceUrl::parse(url).unwrap_or_else(|flaw| panic!("{url}: {flaw}"));
        near.nearest(&url)
            .map(|miss| miss.to_string())
            .unwrap_or_default()
    }

    #[test]
    fn the_nearest_rule_is_told_with_what_is_missed() {
        let near = near(&[
            (
                "moodle",
                &[
                    "https://moodle.univ-x.fr/login/**",
                    "https://moodle.univ-x.fr/admin/**",
                ],
            ),
            (
                "wiki",
                &["https://wiki.univ-x.fr:8443/**", "https://wiki.univ-x.fr/w?m=cas"],
            ),
            ("portals", &["https://*.ent.fr/**"]),
            ("any", &["http://**/only"]),
        ]);
        for (url, said) in [
            (
                "https://moodle.univ-x.fr/Login/index.php",
                "https://moodle.univ-x.fr/login/** of moodle, but for its path",
            ),
            (
                "http://moodle.univ-x.fr/login/",
                "https://moodle.univ-x.fr/login/** of moodle, but for its scheme",
            ),
            (
                "https://wiki.univ-x.fr/",
                "https://wiki.univ-x.fr:8443/** of wiki, but for its port",
            ),
            (
                "https://wiki.univ-x.fr/w?m=ldap",
                "https://wiki.univ-x.fr/w?m=cas of wiki, but for its query",
            ),
            (
                "https://www.moodle.univ-x.fr/admin/",
                "https://moodle.univ-x.fr/admin/** of moodle, but for its host",
            ),
            (
                "https://moddle.univ-x.fr/admin/",
                "https://moodle.univ-x.fr/admin/** of moodle, but for its host",
            ),
            (
                "http://a.b.ent.fr:81/",
                "https://*.ent.fr/** of portals, but for its scheme and its port and its host",
            ),
            ("https://elsewhere.org/", ""),
            ("https://univ-y.fr/", ""),
            ("https://[::1]/", ""),
        ] {
            assert_eq!(told(&near, url), said, "{url}");
        }
    }

    #[test]
    fn a_pattern_is_a_neighbour_too() {
        let pattern = r"https://wiki\.univ-x\.fr/(fr|en)/.*";
        let wiki = service(|settings| {
            settings.urls.clear();
            settings.patterns = vec![pattern.into()];
        });
        let near = Near::new(&[wiki]);
        for (url, part) in [
            ("https://wiki.univ-x.fr/de/", "path"),
            ("http://wiki.univ-x.fr/fr/", "scheme"),
            ("https://www.univ-x.fr/fr/", "host"),
        ] {
            assert_eq!(told(&near, url), format!("{pattern} of app, but for its {part}"));
        }
    }

    #[test]
    fn among_thousands_of_one_host_the_nearest_path_is_found() {
        // CAS-321
        let urls: Vec<String> = (0..5000)
            .map(|n| format!("https://shared.ent.fr/app{n:04}/in/**"))
            .collect();
        let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
        let near = near(&[("apps", &urls)]);
        assert_eq!(
            told(&near, "https://shared.ent.fr/app2718/out"),
            "https://shared.ent.fr/app2718/in/** of apps, but for its path"
        );
    }
}
