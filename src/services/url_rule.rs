//! Which URLs belong to a service, as structure instead of a pattern language: nothing to leave
//! unanchored, no dot that means any character, no time to blow up.
//!
//! ```text
//! https://moodle.univ-x.fr/**            every page of one host
//! https://moodle.univ-x.fr/login/**      /login and everything below, but not /loginx
//! https://moodle.univ-x.fr/              the root page only; /login is that one page only
//! https://*.univ-x.fr/**                 hosts of exactly one more label
//! https://**.univ-x.fr/**                hosts of one or more labels more
//! https://app.univ-x.fr:8443/**          that port; :* is any; none is the scheme's own
//! http(s)://app.univ-x.fr/**             both schemes
//! https://app.univ-x.fr/x?module=login   those parameters must be there with those values
//! ```
//!
//! A rule always names a whole URL. Hosts and paths are compared in the normal form of
//! [`ServiceUrl`].

use std::fmt;

use crate::protocol::service_url::{Scheme, ServiceUrl, ServiceUrlFlaw, normal_host};

/// One rule of a service.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UrlRule {
    /// `None`: http and https.
    pub scheme: Option<Scheme>,
    pub host: HostRule,
    pub port: PortRule,
    pub path: PathRule,
    /// `name=value` pairs in normal form that must all be there, and without another value.
    pub query: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum HostRule {
    Exactly(String),
    /// One more label before this suffix.
    OneLabelBefore(String),
    /// One or more labels before this suffix.
    LabelsBefore(String),
    Any,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PortRule {
    SchemesOwn,
    Exactly(u16),
    Any,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PathRule {
    Exactly(String),
    /// This path and everything below it; the empty text stands for every path.
    Below(String),
}

/// Why a text is no rule, and what to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UrlRuleFlaw {
    #[error("begin with https://, http:// or http(s)://")]
    Scheme,
    #[error("write a path after the host: / for its root page only, /** for all its pages")]
    NoPath,
    #[error(
        "in a host, * may only be the whole first label, as in *.univ-x.fr (one label) or **.univ-x.fr (one or more)"
    )]
    HostWildcard,
    #[error("in a path, * may only come as /** at its end")]
    PathWildcard,
    #[error("write the port as a number from 1 to 65535, or * for any")]
    Port,
    #[error("no such URL could be a service: {0}")]
    NoServiceUrl(#[from] ServiceUrlFlaw),
}

impl UrlRule {
    pub fn parse(text: &str) -> Result<UrlRule, UrlRuleFlaw> {
        let (scheme, rest) = split_scheme(text)?;
        let at = rest.find('/').ok_or(UrlRuleFlaw::NoPath)?;
        let (authority, rest) = rest.split_at_checked(at).ok_or(UrlRuleFlaw::NoPath)?;
        if authority.contains(['?', '#']) {
            return Err(UrlRuleFlaw::NoPath);
        }
        let (host, port) = split_port(authority)?;
        let (path, query) = read_path(rest)?;
        Ok(UrlRule {
            scheme,
            host: read_host(host)?,
            port,
            path,
            query,
        })
    }

    /// Whether the rule lets in hosts of people its author does not know: any host at all, or all
    /// under one top-level name.
    pub fn is_catch_all(&self) -> bool {
        self.host.is_catch_all()
    }

    /// Whether `url` is one of the rule's.
    pub fn matches(&self, url: &ServiceUrl) -> bool {
        self.host.matches(url.host()) && self.path.matches(url.path()) && self.matches_beside_place(url)
    }

    /// Scheme, port and query, for one who has looked up host and path.
    pub(super) fn matches_beside_place(&self, url: &ServiceUrl) -> bool {
        let scheme = self.scheme.is_none_or(|scheme| scheme == url.scheme());
        self.port.matches(url) && scheme && self.query.iter().all(|pair| holds(url.query(), pair))
    }

    /// Orders rules for one place, the narrowest first.
    pub(super) fn breadth(&self) -> (std::cmp::Reverse<usize>, bool, bool) {
        let any_port = self.port == PortRule::Any;
        (
            std::cmp::Reverse(self.query.len()),
            any_port,
            self.scheme.is_none(),
        )
    }
}

impl PortRule {
    pub(super) fn matches(self, url: &ServiceUrl) -> bool {
        match self {
            PortRule::SchemesOwn => url.port() == url.scheme().default_port(),
            PortRule::Exactly(port) => url.port() == port,
            PortRule::Any => true,
        }
    }
}

impl HostRule {
    pub(super) fn is_catch_all(&self) -> bool {
        match self {
            HostRule::Exactly(_) => false,
            HostRule::OneLabelBefore(suffix) | HostRule::LabelsBefore(suffix) => !suffix.contains('.'),
            HostRule::Any => true,
        }
    }

    pub(super) fn matches(&self, host: &str) -> bool {
        let labels_before = |suffix: &str| {
            let before = host.strip_suffix(suffix).and_then(|rest| rest.strip_suffix('.'));
            before.filter(|labels| !labels.is_empty())
        };
        match self {
            HostRule::Exactly(exact) => host == exact,
            HostRule::OneLabelBefore(suffix) => {
                labels_before(suffix).is_some_and(|label| !label.contains('.'))
            }
            HostRule::LabelsBefore(suffix) => labels_before(suffix).is_some(),
            HostRule::Any => true,
        }
    }
}

impl PathRule {
    pub(super) fn matches(&self, path: &str) -> bool {
        match self {
            PathRule::Exactly(exact) => path == exact,
            PathRule::Below(base) => path
                .strip_prefix(base.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
        }
    }
}

/// As it would be written.
impl fmt::Display for UrlRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://", self.scheme.map_or("http(s)", Scheme::as_str))?;
        match &self.host {
            HostRule::Exactly(host) => write!(f, "{host}"),
            HostRule::OneLabelBefore(suffix) => write!(f, "*.{suffix}"),
            HostRule::LabelsBefore(suffix) => write!(f, "**.{suffix}"),
            HostRule::Any => write!(f, "**"),
        }?;
        match self.port {
            PortRule::SchemesOwn => Ok(()),
            PortRule::Exactly(port) => write!(f, ":{port}"),
            PortRule::Any => write!(f, ":*"),
        }?;
        match &self.path {
            PathRule::Exactly(path) => write!(f, "{path}"),
            PathRule::Below(base) => write!(f, "{base}/**"),
        }?;
        if self.query.is_empty() {
            Ok(())
        } else {
            write!(f, "?{}", self.query.join("&"))
        }
    }
}

fn split_scheme(text: &str) -> Result<(Option<Scheme>, &str), UrlRuleFlaw> {
    let schemes = [
        ("https://", Some(Scheme::Https)),
        ("http://", Some(Scheme::Http)),
        ("http(s)://", None),
    ];
    let found = schemes
        .into_iter()
        .find_map(|(prefix, scheme)| Some((scheme, text.strip_prefix(prefix)?)));
    found.ok_or(UrlRuleFlaw::Scheme)
}

fn split_port(authority: &str) -> Result<(&str, PortRule), UrlRuleFlaw> {
    match authority.rsplit_once(':') {
        Some((host, "*")) => Ok((host, PortRule::Any)),
        Some((host, port)) if !port.ends_with(']') => {
            let number = port.parse().ok().filter(|number| *number != 0);
            Ok((host, PortRule::Exactly(number.ok_or(UrlRuleFlaw::Port)?)))
        }
        _ => Ok((authority, PortRule::SchemesOwn)),
    }
}

fn read_host(written: &str) -> Result<HostRule, UrlRuleFlaw> {
    let read = |host: &str| {
        if host.contains('*') {
            return Err(UrlRuleFlaw::HostWildcard);
        }
        Ok(normal_host(host)?)
    };
    if written == "*" || written == "**" {
        Ok(HostRule::Any)
    } else if let Some(suffix) = written.strip_prefix("**.") {
        Ok(HostRule::LabelsBefore(read(suffix)?))
    } else if let Some(suffix) = written.strip_prefix("*.") {
        Ok(HostRule::OneLabelBefore(read(suffix)?))
    } else {
        Ok(HostRule::Exactly(read(written)?))
    }
}

/// Reads path and query through [`ServiceUrl`], so that rules and URLs have one normal form.
fn read_path(written: &str) -> Result<(PathRule, Vec<String>), UrlRuleFlaw> {
    let (path, query) = match written.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (written, None),
    };
    let base = path.strip_suffix("/**");
    if base.unwrap_or(path).contains('*') {
        return Err(UrlRuleFlaw::PathWildcard);
    }
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    let sample = ServiceUrl::parse(&format!("https://host{}{query}", base.unwrap_or(path)))?;
    let normal = match base {
        Some("") => PathRule::Below(String::new()),
        Some(_) => PathRule::Below(sample.path().to_owned()),
        None => PathRule::Exactly(sample.path().to_owned()),
    };
    let pairs = sample.query().into_iter().flat_map(|query| query.split('&'));
    Ok((normal, pairs.map(str::to_owned).collect()))
}

/// Whether the pair is there and its name has no other value.
fn holds(query: Option<&str>, pair: &str) -> bool {
    let name = |pair: &str| pair.split('=').next().unwrap_or_default().to_owned();
    let pairs = query.unwrap_or_default().split('&');
    let mut values = pairs.filter(|other| name(other) == name(pair)).peekable();
    values.peek().is_some() && values.all(|other| other == pair)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(text: &str) -> UrlRule {
        UrlRule::parse(text).unwrap_or_else(|flaw| panic!("{text}: {flaw}"))
    }

    fn matches(rule_text: &str, url: &str) -> bool {
        rule(rule_text).matches(&ServiceUrl::parse(url).unwrap_or_else(|flaw| panic!("{url}: {flaw}")))
    }

    /// A rule, URLs it matches, URLs it does not.
    const CASES: &[(&str, &[&str], &[&str])] = &[
        (
            "https://app.univ-x.fr/**",
            &[
                "https://app.univ-x.fr",
                "https://APP.univ-x.fr:443/a/b?c#d",
                "https://app.univ-x.fr//x",
            ],
            &[
                "http://app.univ-x.fr/",
                "https://app.univ-x.fr:8443/",
                "https://app.univ-x.fr.evil.com/",
                "https://evil-app.univ-x.fr/",
                "https://univ-x.fr/",
                "https://evil.com/https://app.univ-x.fr/",
            ],
        ),
        (
            "https://app.univ-x.fr/login/**",
            &[
                "https://app.univ-x.fr/login",
                "https://app.univ-x.fr/login/",
                "https://app.univ-x.fr/login/%61?x",
            ],
            &[
                "https://app.univ-x.fr/loginx",
                "https://app.univ-x.fr/Login/",
                "https://app.univ-x.fr/login%2Fx",
            ],
        ),
        (
            "https://app.univ-x.fr/login",
            &[
                "https://app.univ-x.fr/login?x",
                "https://app.univ-x.fr/login;jsessionid=1",
            ],
            &["https://app.univ-x.fr/login/", "https://app.univ-x.fr/"],
        ),
        (
            "https://app.univ-x.fr/",
            &["https://app.univ-x.fr", "https://app.univ-x.fr/?a"],
            &["https://app.univ-x.fr/a"],
        ),
        (
            "https://*.univ-x.fr/**",
            &["https://a.univ-x.fr/"],
            &[
                "https://univ-x.fr/",
                "https://a.b.univ-x.fr/",
                "https://evil-univ-x.fr/",
                "https://a.univ-x.fr.evil.com/",
            ],
        ),
        (
            "https://**.univ-x.fr/**",
            &["https://a.univ-x.fr/", "https://a.b.univ-x.fr/"],
            &[
                "https://univ-x.fr/",
                "https://evilunivx.fr/",
                "https://evil-univ-x.fr/",
            ],
        ),
        (
            "https://h.fr:*/**",
            &["https://h.fr/", "https://h.fr:8443/"],
            &["http://h.fr/"],
        ),
        (
            "https://h.fr:8443/**",
            &["https://h.fr:8443/"],
            &["https://h.fr/", "http://h.fr:8443/"],
        ),
        (
            "http(s)://h.fr/**",
            &["https://h.fr/", "http://h.fr/"],
            &["http://h.fr:443/"],
        ),
        (
            "https://[::1]:8443/**",
            &["https://[0::1]:8443/"],
            &["https://[::2]:8443/"],
        ),
        (
            "https://université.fr/caf%c3%a9",
            &["https://xn--universit-j4a.fr/café"],
            &["https://universite.fr/café"],
        ),
        (
            "https://h.fr/x?module=login",
            &["https://h.fr/x?module=login", "https://h.fr/x?a=1&module=login&b"],
            &[
                "https://h.fr/x",
                "https://h.fr/x?module=logins",
                "https://h.fr/x?module=login&module=evil",
            ],
        ),
    ];

    #[test]
    fn rules_match_whole_urls_on_the_boundaries_of_labels_and_segments() {
        // CAS-95, CAS-97, T-20
        for (rule, yes, no) in CASES {
            for url in *yes {
                assert!(matches(rule, url), "{rule} must match {url}");
            }
            for url in *no {
                assert!(!matches(rule, url), "{rule} must not match {url}");
            }
        }
    }

    #[test]
    fn other_texts_are_refused_with_what_to_write() {
        for (text, flaw) in [
            ("", UrlRuleFlaw::Scheme),
            ("app.univ-x.fr/**", UrlRuleFlaw::Scheme),
            ("^https://app.univ-x.fr/.*", UrlRuleFlaw::Scheme),
            ("javascript://h/**", UrlRuleFlaw::Scheme),
            ("https://app.univ-x.fr", UrlRuleFlaw::NoPath),
            ("https://app.univ-x.fr?x/", UrlRuleFlaw::NoPath),
            ("https://app*.univ-x.fr/**", UrlRuleFlaw::HostWildcard),
            ("https://a.*.fr/**", UrlRuleFlaw::HostWildcard),
            ("https://*univ-x.fr/**", UrlRuleFlaw::HostWildcard),
            ("https://h.fr/a*", UrlRuleFlaw::PathWildcard),
            ("https://h.fr/*/b", UrlRuleFlaw::PathWildcard),
            ("https://h.fr/a**", UrlRuleFlaw::PathWildcard),
            ("https://h.fr/a/**/b/**", UrlRuleFlaw::PathWildcard),
            ("https://h.fr:0/**", UrlRuleFlaw::Port),
            ("https://h.fr:x/**", UrlRuleFlaw::Port),
            ("https://h.fr:/**", UrlRuleFlaw::Port),
            ("https:///**", UrlRuleFlaw::NoServiceUrl(ServiceUrlFlaw::BadHost)),
            (
                "https://a@h.fr/**",
                UrlRuleFlaw::NoServiceUrl(ServiceUrlFlaw::BadHost),
            ),
            (
                "https://127.1/**",
                UrlRuleFlaw::NoServiceUrl(ServiceUrlFlaw::OtherHost),
            ),
            (
                "https://h.fr/a/../**",
                UrlRuleFlaw::NoServiceUrl(ServiceUrlFlaw::DotSegment),
            ),
            (
                "https://h.fr/a b",
                UrlRuleFlaw::NoServiceUrl(ServiceUrlFlaw::HoldsBlank),
            ),
        ] {
            assert_eq!(UrlRule::parse(text).err(), Some(flaw), "{text}");
        }
    }

    #[test]
    fn rules_that_let_strangers_in_are_known() {
        // CAS-313
        for (text, catch_all) in [
            ("https://**/**", true),
            ("https://*/**", true),
            ("https://*.fr/**", true),
            ("https://**.fr/**", true),
            ("https://*.univ-x.fr/**", false),
            ("https://localhost/**", false),
        ] {
            assert_eq!(rule(text).is_catch_all(), catch_all, "{text}");
        }
    }

    #[test]
    fn a_rule_is_printed_as_it_would_be_written() {
        for text in [
            "https://app.univ-x.fr/**",
            "http(s)://**.univ-x.fr:*/login/**?a=1&b",
            "http://*.h.fr:8080/x",
            "https://**/",
        ] {
            assert_eq!(rule(text).to_string(), text);
        }
    }
}
