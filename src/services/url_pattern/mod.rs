//! A regular expression for whole URLs, read as one who wrote it for URLs meant it: what stands
//! where a host stands can only match hosts. So `https://app\.univ-x\.fr.*` lets no
//! `app.univ-x.fr.evil.com` in, and a dot that was not escaped is a dot. For registrations that come
//! from Apereo CAS (specification §4); [`super::UrlRule`] is what to write by hand.
//!
//! Matching takes time in proportion to the URL, whatever the pattern is (CAS-317).

mod branch;
mod reading;
mod symbols;
#[cfg(test)]
mod tests;

use std::fmt;

use regex_automata::nfa::thompson::pikevm::PikeVM;

use super::url_rule::{HostRule, PathRule, PortRule, UrlRule};
use crate::protocol::service_url::{Scheme, ServiceUrl};

/// Bytes of a written pattern.
const LONGEST: usize = 2000;

/// One or several shapes of URLs, in Java's syntax as far as it is a regular language. Letters of
/// both cases are the same.
#[derive(Clone)]
pub struct UrlPattern {
    written: String,
    branches: Vec<Branch>,
    doubts: Vec<Doubt>,
}

/// One way a URL can match: every part must.
#[derive(Clone)]
pub struct Branch {
    /// `None`: http and https.
    scheme: Option<Scheme>,
    /// Where to look it up: every host it matches is of this rule.
    pub(super) host: HostRule,
    /// What the host must match besides.
    host_machine: Option<PikeVM>,
    port: PortRule,
    /// Path and query begin so, in lower case, up to a `/`, or are it as a whole.
    pub(super) start: String,
    /// `None`: whatever they are.
    rest_machine: Option<PikeVM>,
}

/// What deserves a second look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doubt {
    CatchAll,
    /// Nothing says where the host ends.
    OpenEnd,
    /// A dot that stands for any character.
    BareDot,
    /// A host may end like this one without being of its domain.
    LooseHost,
    /// Nothing says the scheme.
    NoScheme,
    /// Some of it matches no URL of http or https.
    NeverMatches,
}

impl Doubt {
    pub fn told(self) -> &'static str {
        match self {
            Doubt::CatchAll => "catch-all: it lets in hosts you do not know; name the hosts",
            Doubt::OpenEnd => {
                "unanchored: nothing ends the host, so in Apereo it also matches hosts such as …fr.evil.com; here it does not; write / after the host"
            }
            Doubt::BareDot => {
                "unescaped dot: in Apereo it stands for any character, so a stranger’s host can match; here it is a dot; write \\."
            }
            Doubt::LooseHost => {
                "in Apereo it also matches a stranger’s host that ends so, as evil-univ.fr; here only the domain and what is in it; write (.*\\.)? before it"
            }
            Doubt::NoScheme => {
                "it says neither http nor https: tickets may travel unencrypted; write https://"
            }
            Doubt::NeverMatches => "a part of it matches no address of http or https",
        }
    }
}

/// Why a text is no pattern for URLs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlPatternFlaw {
    #[error("it is longer than {LONGEST} bytes")]
    TooLong,
    #[error("{0}")]
    NoPattern(String),
    #[error("it looks ahead or behind, or back at what it matched, which takes time without bound")]
    LooksAround,
    #[error("it has too many alternatives")]
    TooManyBranches,
    #[error("it takes too much memory; count less in it")]
    TooLarge,
    #[error("what it says of the host cannot be told from the rest")]
    NoShape,
    #[error("it matches no address of http or https")]
    MatchesNothing,
}

impl UrlPattern {
    pub fn parse(written: &str) -> Result<UrlPattern, UrlPatternFlaw> {
        if written.len() > LONGEST {
            return Err(UrlPatternFlaw::TooLong);
        }
        let (shapes, mut doubts) = reading::shapes(written)?;
        let mut branches = Vec::new();
        for shape in shapes {
            branches.extend(branch::of(shape, &mut doubts)?);
        }
        if branches.is_empty() {
            return Err(UrlPatternFlaw::MatchesNothing);
        }
        let branches = branch::without_needless(branches);
        if branches.iter().any(|branch| branch.host.is_catch_all()) {
            doubts.push(Doubt::CatchAll);
        }
        doubts.sort_unstable();
        doubts.dedup();
        Ok(UrlPattern {
            written: written.to_owned(),
            branches,
            doubts,
        })
    }

    pub fn as_str(&self) -> &str {
        &self.written
    }

    pub fn doubts(&self) -> &[Doubt] {
        &self.doubts
    }

    pub fn is_catch_all(&self) -> bool {
        self.doubts.contains(&Doubt::CatchAll)
    }

    /// Whether http is among its schemes.
    pub fn lets_http_in(&self) -> bool {
        self.branches
            .iter()
            .any(|branch| branch.scheme != Some(Scheme::Https))
    }

    pub fn matches(&self, url: &ServiceUrl) -> bool {
        let rest = rest_of(url);
        self.branches.iter().any(|branch| branch.matches(url, &rest))
    }

    /// The rules that match the very same URLs, where there are some.
    pub fn as_rules(&self) -> Option<Vec<UrlRule>> {
        let rules = self.branches.iter().map(Branch::exact_rule);
        rules.collect()
    }

    pub(super) fn branches(&self) -> &[Branch] {
        &self.branches
    }
}

impl Branch {
    pub(super) fn matches(&self, url: &ServiceUrl, rest: &str) -> bool {
        self.scheme.is_none_or(|scheme| scheme == url.scheme())
            && self.port.matches(url)
            && self.host.matches(url.host())
            && self
                .host_machine
                .as_ref()
                .is_none_or(|machine| is_whole(machine, url.host()))
            && self
                .rest_machine
                .as_ref()
                .is_none_or(|machine| is_whole(machine, rest))
    }

    /// Its scheme, host and port, as far as a rule can say them.
    pub(super) fn as_rule(&self) -> UrlRule {
        UrlRule {
            scheme: self.scheme,
            host: self.host.clone(),
            port: self.port,
            path: PathRule::Below(String::new()),
            query: Vec::new(),
        }
    }

    fn exact_rule(&self) -> Option<UrlRule> {
        let plain = self.host_machine.is_none() && self.rest_machine.is_none();
        plain.then(|| self.as_rule())
    }
}

/// Path and query in normal form.
pub(super) fn rest_of(url: &ServiceUrl) -> String {
    match url.query() {
        None => url.path().to_owned(),
        Some(query) => format!("{}?{query}", url.path()),
    }
}

fn is_whole(machine: &PikeVM, text: &str) -> bool {
    machine.is_match(&mut machine.create_cache(), text)
}

/// Two are equal when they are written alike.
impl PartialEq for UrlPattern {
    fn eq(&self, other: &UrlPattern) -> bool {
        self.written == other.written
    }
}

impl Eq for UrlPattern {}

/// As it is written.
impl fmt::Display for UrlPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

impl fmt::Debug for UrlPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UrlPattern({})", self.written)
    }
}
