//! Where rules and patterns are looked up: by host, then by path. How much is tried for a URL depends
//! on how deep hosts and paths go, never on how many services there are (CAS-321).

use std::cell::OnceCell;
use std::collections::HashMap;

use super::MOST_ALIKE;
use crate::protocol::service_url::ServiceUrl;
use crate::services::url_pattern::{Branch, UrlPattern, rest_of};
use crate::services::url_rule::{HostRule, PathRule, UrlRule};

#[derive(Default)]
pub struct Index {
    exactly: HashMap<String, Places>,
    one_label_before: HashMap<String, Places>,
    labels_before: HashMap<String, Places>,
    any: Places,
    /// No service has a smaller one.
    least_order: Option<i32>,
}

/// What there is for one host, by path.
#[derive(Default)]
struct Places {
    exactly: HashMap<String, Vec<Candidate>>,
    below: ByPrefix,
    patterns: ByPrefix,
}

/// By the path they are below, or begin with.
#[derive(Default)]
struct ByPrefix {
    candidates: HashMap<String, Vec<Candidate>>,
    /// Most segments of a key: how far down a look-up goes.
    deepest: usize,
}

struct Candidate {
    service: usize,
    order: i32,
    test: Test,
}

enum Test {
    Rule(UrlRule),
    Branch(Box<Branch>),
}

impl Index {
    pub fn insert_rule(&mut self, service: usize, order: i32, rule: UrlRule) {
        self.learn(order);
        let places = self.places(&rule.host);
        let candidates = match &rule.path {
            PathRule::Exactly(path) => places.exactly.entry(path.clone()).or_default(),
            PathRule::Below(base) => places.below.at(base),
        };
        candidates.push(Candidate {
            service,
            order,
            test: Test::Rule(rule),
        });
        sort(candidates);
    }

    /// Whether it found room.
    pub fn insert_pattern(&mut self, service: usize, order: i32, pattern: &UrlPattern) -> bool {
        self.learn(order);
        pattern.branches().iter().all(|branch| {
            let candidates = self.places(&branch.host).patterns.at(&branch.start);
            candidates.push(Candidate {
                service,
                order,
                test: Test::Branch(Box::new(branch.clone())),
            });
            sort(candidates);
            candidates.len() <= MOST_ALIKE
        })
    }

    fn learn(&mut self, order: i32) {
        self.least_order = Some(self.least_order.map_or(order, |least| least.min(order)));
    }

    fn places(&mut self, host: &HostRule) -> &mut Places {
        match host {
            HostRule::Exactly(host) => self.exactly.entry(host.clone()).or_default(),
            HostRule::OneLabelBefore(suffix) => self.one_label_before.entry(suffix.clone()).or_default(),
            HostRule::LabelsBefore(suffix) => self.labels_before.entry(suffix.clone()).or_default(),
            HostRule::Any => &mut self.any,
        }
    }

    /// The service that `url` belongs to; `tries` counts what was compared with it.
    pub fn find(&self, url: &ServiceUrl, tries: &mut usize) -> Option<usize> {
        let asked = Asked {
            url,
            lower_path: OnceCell::new(),
            rest: OnceCell::new(),
        };
        let exactly = self.exactly.get(url.host());
        let all = exactly
            .into_iter()
            .chain(self.by_suffix(url.host()))
            .chain([&self.any]);
        let mut best: Option<(i32, usize)> = None;
        for candidates in all.flat_map(|places| places.for_path(&asked)) {
            for candidate in candidates {
                // They are sorted: the rest is no better.
                if best.is_some_and(|(order, _)| candidate.order >= order) {
                    break;
                }
                *tries += 1;
                if candidate.test.matches(&asked) {
                    best = Some((candidate.order, candidate.service));
                    break;
                }
            }
            if best.is_some_and(|(order, _)| Some(order) == self.least_order) {
                break;
            }
        }
        best.map(|(_, service)| service)
    }

    /// Wildcards that end like `host`, the longest suffix first.
    fn by_suffix<'a>(&'a self, host: &'a str) -> impl Iterator<Item = &'a Places> {
        let suffixes = host.match_indices('.').filter_map(|(at, _)| host.get(at + 1..));
        suffixes.enumerate().flat_map(|(labels, suffix)| {
            let one = self.one_label_before.get(suffix).filter(|_| labels == 0);
            one.into_iter().chain(self.labels_before.get(suffix))
        })
    }
}

/// Stable: registration order among equals.
fn sort(candidates: &mut [Candidate]) {
    candidates.sort_by_cached_key(|candidate| {
        let breadth = match &candidate.test {
            Test::Rule(rule) => Some(rule.breadth()),
            Test::Branch(_) => None,
        };
        (candidate.order, breadth)
    });
}

/// The URL, and what patterns want to know of it, once they do.
struct Asked<'a> {
    url: &'a ServiceUrl,
    lower_path: OnceCell<String>,
    rest: OnceCell<String>,
}

impl Test {
    fn matches(&self, asked: &Asked<'_>) -> bool {
        match self {
            Test::Rule(rule) => rule.matches_beside_place(asked.url),
            Test::Branch(branch) => branch.matches(asked.url, asked.rest.get_or_init(|| rest_of(asked.url))),
        }
    }
}

impl Places {
    /// What may match there, the most specific first.
    fn for_path<'a>(&'a self, asked: &Asked<'_>) -> Vec<&'a [Candidate]> {
        let path = asked.url.path();
        let mut all: Vec<&[Candidate]> = self.exactly.get(path).map(Vec::as_slice).into_iter().collect();
        self.below.collect(path, &mut all);
        if !self.patterns.candidates.is_empty() {
            let lower = asked.lower_path.get_or_init(|| path.to_ascii_lowercase());
            self.patterns.collect(lower, &mut all);
        }
        all
    }
}

impl ByPrefix {
    fn at(&mut self, base: &str) -> &mut Vec<Candidate> {
        self.deepest = self.deepest.max(base.matches('/').count());
        self.candidates.entry(base.to_owned()).or_default()
    }

    /// Those whose key is the path or a directory of it, the longest first.
    fn collect<'a>(&'a self, path: &str, all: &mut Vec<&'a [Candidate]>) {
        if self.candidates.is_empty() {
            return;
        }
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        let ends: Vec<usize> = ends.take(self.deepest + 1).collect();
        let bases = ends.iter().rev().filter_map(|end| path.get(..*end));
        all.extend(
            bases
                .filter_map(|base| self.candidates.get(base))
                .map(Vec::as_slice),
        );
    }
}
