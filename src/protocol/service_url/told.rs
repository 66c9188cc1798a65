//! Service URLs as a log line may tell them, and where two of them differ: values of a query may be
//! secrets of the application and are never shown (SEC-11), only that they are others.

use super::{Matching, ServiceUrl, normal_form};

/// Characters of a path or query that a log line shows.
const SHOWN: usize = 200;

/// Characters that the name of a parameter may have to be shown.
const LONGEST_NAME: usize = 40;

/// Stands for what is not shown.
const HIDDEN: &str = "…";

impl ServiceUrl {
    /// Origin and path, without what follows `;` in its segments, and the names of the query's parameters.
    pub fn told(&self) -> String {
        let mut told = self.origin();
        told.push_str(&cut(&bare(&self.path)));
        if let Some(query) = &self.query {
            let names = query.split('&').map(|pair| match name(pair) {
                HIDDEN => HIDDEN.to_owned(),
                name => format!("{name}={HIDDEN}"),
            });
            told.push('?');
            told.push_str(&cut(&names.collect::<Vec<_>>().join("&")));
        }
        told
    }

    /// The first part in which `other` is another service, told from the words of this one; `None`
    /// when it is the same under this matching.
    pub fn difference(&self, other: &ServiceUrl, matching: Matching) -> Option<String> {
        if self.scheme != other.scheme {
            let [one, two] = [self, other].map(|url| url.scheme.as_str());
            return Some(format!("scheme: {one} and {two}"));
        }
        if self.host != other.host {
            return Some(format!("host: {} and {}", self.host, other.host));
        }
        if self.port != other.port {
            return Some(format!("port: {} and {}", self.port, other.port));
        }
        if self.is_same_service(other, matching) {
            return None;
        }
        match matching {
            Matching::Strict if self.path != other.path => Some(of_paths(&self.path, &other.path)),
            Matching::Strict => Some(of_queries(self.query(), other.query())),
            Matching::Apereo => {
                let [one, two] = [self, other].map(|url| normal_form::as_apereo(&url.path, url.query()));
                let [one, two] = [&one, &two].map(|whole| whole.split_once('?').unwrap_or((whole, "")));
                Some(if one.0 == two.0 {
                    of_queries(Some(one.1), Some(two.1))
                } else {
                    of_paths(one.0, two.0)
                })
            }
        }
    }
}

/// Both paths from the segment on where they part.
fn of_paths(one: &str, two: &str) -> String {
    let alike = one.bytes().zip(two.bytes()).take_while(|(one, two)| one == two);
    let common = one.get(..alike.count()).unwrap_or_default();
    let parted = common.rfind('/').map_or(0, |at| at + 1);
    let rest = |path: &str| cut(&bare(path.get(parted..).unwrap_or_default()));
    let (own, others) = (rest(one), rest(two));
    if own == others {
        return "path: what follows a ; in it".to_owned();
    }
    let place = cut(&bare(one.get(..parted).unwrap_or_default()));
    let case = if own.eq_ignore_ascii_case(&others) {
        ", which differ in case"
    } else {
        ""
    };
    format!("path: after “{place}” comes “{own}” and “{others}”{case}")
}

/// A path without what follows `;` in its segments: sessions, for one.
fn bare(path: &str) -> String {
    let segments = path
        .split('/')
        .map(|segment| segment.split(';').next().unwrap_or_default());
    segments.collect::<Vec<_>>().join("/")
}

fn of_queries(one: Option<&str>, two: Option<&str>) -> String {
    let pairs = |query: Option<&str>| -> Vec<String> {
        let query = query.filter(|query| !query.is_empty());
        query
            .into_iter()
            .flat_map(|query| query.split('&'))
            .map(str::to_owned)
            .collect()
    };
    let (one, two) = (pairs(one), pairs(two));
    let lacks = |has: &[String], wanted: &str| !has.iter().any(|pair| name(pair) == name(wanted));
    if let Some(pair) = one.iter().find(|pair| lacks(&two, pair)) {
        return format!("query: “{}” is in the first alone", name(pair));
    }
    if let Some(pair) = two.iter().find(|pair| lacks(&one, pair)) {
        return format!("query: “{}” is in the second alone", name(pair));
    }
    let sorted = |pairs: &[String]| {
        let mut pairs = pairs.to_vec();
        pairs.sort_unstable();
        pairs
    };
    if sorted(&one) == sorted(&two) {
        return "query: the same parameters in another order".to_owned();
    }
    let other = one.iter().find(|pair| !two.contains(pair));
    match other.or_else(|| two.iter().find(|pair| !one.contains(pair))) {
        Some(pair) => format!("query: “{}” has another value", name(pair)),
        None => "query: a parameter stands there more often".to_owned(),
    }
}

/// The name of a parameter; a bare word may be a secret itself, and so may anything long or odd.
fn name(pair: &str) -> &str {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-.[]:".contains(c);
    match pair.split_once('=') {
        Some((name, _)) if !name.is_empty() && name.len() <= LONGEST_NAME && name.chars().all(plain) => name,
        _ => HIDDEN,
    }
}

fn cut(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < text.len() {
        shown.push_str(HIDDEN);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> ServiceUrl {
        ServiceUrl::parse(text).unwrap_or_else(|flaw| panic!("{text}: {flaw}"))
    }

    #[test]
    fn the_first_part_that_differs_is_told_without_values() {
        // SEC-11
        let ticket = url("https://app.fr/a/b;v=1/c?next=secret&lang=fr");
        for (validated, told) in [
            (
                "http://app.fr/a/b;v=1/c?next=secret&lang=fr",
                "scheme: https and http",
            ),
            ("https://www.app.fr/", "host: app.fr and www.app.fr"),
            ("https://app.fr:8443/a", "port: 443 and 8443"),
            (
                "https://app.fr/a/B;v=1/c",
                "path: after “/a/” comes “b/c” and “B/c”, which differ in case",
            ),
            ("https://app.fr/a", "path: after “/” comes “a/b/c” and “a”"),
            ("https://app.fr/a/b;v=2/c", "path: what follows a ; in it"),
            (
                "https://app.fr/a/b;v=1/c/",
                "path: after “/a/b/” comes “c” and “c/”",
            ),
            (
                "https://app.fr/a/b;v=1/c?next=secret",
                "query: “lang” is in the first alone",
            ),
            (
                "https://app.fr/a/b;v=1/c?lang=fr&next=secret&x=1",
                "query: “x” is in the second alone",
            ),
            (
                "https://app.fr/a/b;v=1/c?lang=fr&next=secret",
                "query: the same parameters in another order",
            ),
            (
                "https://app.fr/a/b;v=1/c?next=Secret&lang=fr",
                "query: “next” has another value",
            ),
            (
                "https://app.fr/a/b;v=1/c?next=secret&lang=fr&lang=fr",
                "query: a parameter stands there more often",
            ),
            (
                "https://app.fr/a/b;v=1/c?next=secret&lang=fr&s3cr3t",
                "query: “…” is in the second alone",
            ),
        ] {
            assert_eq!(
                ticket.difference(&url(validated), Matching::Strict).as_deref(),
                Some(told),
                "{validated}"
            );
        }
        for same in [
            "HTTPS://APP.fr:443/a/b;v=1/c;jsessionid=1?next=secret&lang=fr#x",
            "https://app.fr/a/%62;v=1/c?next=secret&lang=fr&ticket=ST-1",
        ] {
            assert_eq!(ticket.difference(&url(same), Matching::Strict), None, "{same}");
        }
    }

    #[test]
    fn what_apereo_takes_for_equal_is_no_difference_there() {
        // CAS-93
        let ticket = url("https://app.fr/A%2Fb?x=1+2");
        assert_eq!(
            ticket.difference(&url("https://app.fr/a/b?X=1%202"), Matching::Apereo),
            None
        );
        assert_eq!(
            ticket
                .difference(&url("https://app.fr/a/b?x=12"), Matching::Apereo)
                .as_deref(),
            Some("query: “x” has another value")
        );
        assert_eq!(
            ticket
                .difference(&url("https://app.fr/a/c"), Matching::Apereo)
                .as_deref(),
            Some("path: after “/a/” comes “b” and “c”")
        );
    }

    #[test]
    fn a_url_is_told_with_names_and_within_bounds() {
        // SEC-11
        assert_eq!(
            url("https://app.fr/a;jsessionid=S3CR3T?next=S3CR3T&S3CR3T&=S3CR3T#S3CR3T").told(),
            "https://app.fr/a?next=…&…&…"
        );
        let endless = format!("https://app.fr/{}?{}", "a".repeat(5000), "b=1&".repeat(900));
        assert!(url(&endless).told().len() < 800);
        let other = format!("https://app.fr/{}", "c".repeat(5000));
        let told = url(&endless).difference(&url(&other), Matching::Strict);
        assert!(told.is_some_and(|told| told.len() < 800));
    }
}
