//! Patterns as people wrote them, the addresses they match, those they do not, and those that they
//! match in Apereo CAS alone.

use super::*;

fn pattern(text: &str) -> UrlPattern {
    UrlPattern::parse(text).unwrap_or_else(|flaw| panic!("{text}: {flaw}"))
}

fn matches(pattern_text: &str, url: &str) -> bool {
    let url = ServiceUrl::parse(url).unwrap_or_else(|flaw| panic!("{url}: {flaw}"));
    pattern(pattern_text).matches(&url)
}

fn rules(text: &str) -> Vec<String> {
    let mut rules: Vec<String> = pattern(text)
        .as_rules()
        .into_iter()
        .flatten()
        .map(|rule| rule.to_string())
        .collect();
    rules.sort();
    rules
}

/// A pattern, URLs it matches, URLs it does not.
const CASES: &[(&str, &[&str], &[&str])] = &[
    (
        r"^https://app\.univ-x\.fr/moodle/.*",
        &[
            "https://app.univ-x.fr/moodle/a?b=c",
            "https://APP.univ-x.fr/Moodle/",
            "https://app.univ-x.fr:443/moodle/x",
        ],
        &[
            "https://app.univ-x.fr/moodle",
            "https://app.univ-x.fr/",
            "http://app.univ-x.fr/moodle/",
            "https://app.univ-x.fr:8443/moodle/",
            "https://evil.com/https://app.univ-x.fr/moodle/",
        ],
    ),
    (
        r"^https?://(www\.)?univ-x\.fr/login\.php(\?.*)?$",
        &[
            "http://univ-x.fr/login.php",
            "https://www.univ-x.fr/login.php?a=b",
        ],
        &[
            "https://univ-x.fr/loginxphp",
            "https://univ-x.fr/login.php/x",
            "https://ww.univ-x.fr/login.php",
        ],
    ),
    (
        r"https://(moodle|ent)[0-9]?\.univ-x\.fr(:\d+)?/.*",
        &["https://moodle.univ-x.fr/", "https://ent3.univ-x.fr:8443/x"],
        &["https://moodle33.univ-x.fr/", "https://ent.univ-y.fr/"],
    ),
    (
        r"^https://[a-z]+-test\.univ-x\.fr/.*",
        &["https://ent-test.univ-x.fr/"],
        &["https://-test.univ-x.fr/", "https://evil.com/x-test.univ-x.fr/"],
    ),
    (
        r"^https://app\.univ-x\.fr$",
        &["https://app.univ-x.fr", "https://app.univ-x.fr/"],
        &["https://app.univ-x.fr/x", "https://app.univ-x.fr/?a"],
    ),
    (
        r"^https://app\.univ-x\.fr\?x=1$",
        &["https://app.univ-x.fr?x=1", "https://app.univ-x.fr/?x=1"],
        &["https://app.univ-x.fr/?x=2"],
    ),
    (
        r"^https://a\.fr/.*|^https://b\.fr:8443/x",
        &["https://a.fr/z", "https://b.fr:8443/x", "https://b.fr:8443/X"],
        &["https://b.fr/x", "https://b.fr:8443/x/y"],
    ),
    (
        r"\Qhttps://app.univ-x.fr/a?b=(c)\E",
        &["https://app.univ-x.fr/a?b=(c)"],
        &["https://app.univ-x.fr/", "https://appxuniv-x.fr/a?b=(c)"],
    ),
    (
        r"^https://app\.univ-x\.fr([/?].*)?$",
        &[
            "https://app.univ-x.fr",
            "https://app.univ-x.fr/x",
            "https://app.univ-x.fr?y",
        ],
        &["https://app.univ-x.fr.evil.com/"],
    ),
    (
        r"^(https|imaps)://mail\.univ-x\.fr/.*",
        &["https://mail.univ-x.fr/a"],
        &["http://mail.univ-x.fr/a"],
    ),
    (
        r"^https://([^/]+\.)*univ-x\.fr/x.*",
        &["https://a.b.univ-x.fr/xy", "https://univ-x.fr/x"],
        &["https://eviluniv-x.fr/x"],
    ),
];

#[test]
fn a_pattern_matches_whole_urls_in_either_case() {
    // CAS-249
    for (text, yes, no) in CASES {
        for url in *yes {
            assert!(matches(text, url), "{text} must match {url}");
        }
        for url in *no {
            assert!(!matches(text, url), "{text} must not match {url}");
        }
    }
}

#[test]
fn what_stands_for_a_host_lets_no_other_host_in_and_is_told() {
    // CAS-95, CAS-97, CAS-252
    for (text, doubt, yes, no) in [
        (
            r"^https://app\.univ-x\.fr.*",
            Doubt::OpenEnd,
            &["https://app.univ-x.fr/", "https://app.univ-x.fr:8443/a"][..],
            &[
                "https://app.univ-x.fr.evil.com/",
                "https://app.univ-x.france.com/",
            ][..],
        ),
        (
            "^https://app.univ-x.fr/.*",
            Doubt::BareDot,
            &["https://app.univ-x.fr/"],
            &[
                "https://appxuniv-x.fr/",
                "https://app/univ-x.fr/",
                "https://app.univ-xxfr/",
            ],
        ),
        (
            r"https://.*univ-x\.fr/.*",
            Doubt::LooseHost,
            &["https://univ-x.fr/", "https://a.b.univ-x.fr/"],
            &["https://evil-univ-x.fr/", "https://evil.com/?univ-x.fr/"],
        ),
        (
            r".*\.univ-x\.fr.*",
            Doubt::NoScheme,
            &["https://a.univ-x.fr/", "http://a.b.univ-x.fr/x"],
            &["https://evil.com/?.univ-x.fr", "https://x.univ-x.fr.evil.com/"],
        ),
    ] {
        held(text, doubt, (yes, no));
    }
    // Where it begins with a wildcard, that it begins with the scheme is all there is to tell.
    let begun = r".*https://app\.univ-x\.fr/.*";
    assert!(matches(begun, "https://app.univ-x.fr/"));
    assert!(!matches(begun, "https://evil.com/https://app.univ-x.fr/"));
    assert!(pattern(r"^https://app\.univ-x\.fr/.*").doubts().is_empty());
}

#[test]
fn what_lets_every_host_in_is_told() {
    // CAS-252
    for (text, yes, no) in [
        (r"^https?://.*", &["https://evil.com/"][..], &[][..]),
        (
            r"^https://[^/]+/cas$",
            &["https://evil.com/cas"],
            &["https://evil.com/x"],
        ),
        (".*", &["http://evil.com/"], &[]),
        (
            r"^(https|imaps)://.*",
            &["https://evil.com/"],
            &["http://evil.com/"],
        ),
        (
            r"^https://.*\.fr/.*",
            &["https://evil.fr/"],
            &["https://evil.com/"],
        ),
    ] {
        held(text, Doubt::CatchAll, (yes, no));
    }
}

/// That the pattern is doubted so, matches the first addresses, and none of the second.
fn held(text: &str, doubt: Doubt, (yes, no): (&[&str], &[&str])) {
    let doubts = pattern(text).doubts().to_vec();
    assert!(doubts.contains(&doubt), "{text}: {doubts:?}");
    for url in yes {
        assert!(matches(text, url), "{text} must match {url}");
    }
    for url in no {
        assert!(!matches(text, url), "{text} must not match {url}");
    }
}

#[test]
fn the_corpus_of_hostile_urls_finds_its_way_into_no_pattern() {
    // CAS-95, CAS-97, CAS-98
    let corpus = include_str!("../../../tests/fixtures/hostile_service_urls.txt");
    for text in [
        r"^https?://app\.example\.org(:\d+)?/.*",
        r"^https?://app.example.org.*",
        r"^https?://app\.example\.org.*",
        r".*app\.example\.org.*",
    ] {
        let pattern = pattern(text);
        for line in corpus
            .lines()
            .filter(|line| !line.starts_with('#') && !line.contains("\\u{"))
        {
            let (verdict, url) = line.split_once(' ').expect("a verdict");
            let Ok(read) = ServiceUrl::parse(url) else {
                continue;
            };
            let own = read.host().ends_with("app.example.org");
            assert!(own || !pattern.matches(&read), "{text} lets {url} in");
            assert!(
                verdict != "own" || pattern.matches(&read),
                "{text} keeps {url} out"
            );
        }
    }
}

#[test]
fn a_pattern_for_whole_hosts_is_as_good_as_rules() {
    // CAS-249
    for (text, wanted) in [
        (r"^https://app\.x\.fr/.*", &["https://app.x.fr/**"][..]),
        (r"^https://app\.x\.fr(/.*)?$", &["https://app.x.fr/**"]),
        (r"^https?://app\.x\.fr/.*", &["http(s)://app.x.fr/**"]),
        (r"^http(s)?://app\.x\.fr(:\d+)?/.*", &["http(s)://app.x.fr:*/**"]),
        (r"^https://app\.x\.fr:8443/.*", &["https://app.x.fr:8443/**"]),
        (
            r"^https://(a|b)\.x\.fr/.*",
            &["https://a.x.fr/**", "https://b.x.fr/**"],
        ),
        (r"^https://[^./]+\.x\.fr/.*", &["https://*.x.fr/**"]),
        (r"^https://.*\.x\.fr/.*", &["https://**.x.fr/**"]),
        (
            r"^https://(.*\.)?x\.fr/.*",
            &["https://**.x.fr/**", "https://x.fr/**"],
        ),
        (r"^https://app\.x\.fr/a.*", &[]),
        (r"^https://app\.x\.fr/.+", &[]),
    ] {
        assert_eq!(rules(text), wanted, "{text}");
    }
}

#[test]
fn what_takes_time_or_memory_without_bound_is_no_pattern() {
    // CAS-317
    for (text, flaw) in [
        (r"^https://(?!evil)app\.x\.fr/.*", UrlPatternFlaw::LooksAround),
        (r"^https://(a)\.x\.fr/\1", UrlPatternFlaw::LooksAround),
        (r"^https://a\.fr/(x{1000}){1000}", UrlPatternFlaw::TooLarge),
        (r"^imaps://mail\.x\.fr", UrlPatternFlaw::MatchesNothing),
        ("moodle", UrlPatternFlaw::MatchesNothing),
        (&"a".repeat(3000), UrlPatternFlaw::TooLong),
    ] {
        assert_eq!(UrlPattern::parse(text).err(), Some(flaw), "{text}");
    }
    let many = "(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)";
    assert!(UrlPattern::parse(&format!("https://{many}/")).is_err());
    assert!(UrlPattern::parse(&"(".repeat(500)).is_err());
    let long = format!("https://app.x.fr/{}!", "a".repeat(10_000));
    assert!(!matches(r"https://app\.x\.fr/(a+)+b", &long));
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_fall_and_no_match_leaves_the_host(
        text in r"(\^)?(https\?|https|http|\.\*)?(://)?[a-z.*+?\[\]()|^$\\/:0-9-]{0,24}",
        tail in "[a-z./?]{0,8}",
    ) {
        let _ = UrlPattern::parse(&text);
        // A whole host at the front can never be left.
        let held = format!(r"^https://app\.univ-x\.fr{tail}.*");
        if let Ok(pattern) = UrlPattern::parse(&held) {
            let url = ServiceUrl::parse("https://app.univ-x.fr.evil.com/").expect("a URL");
            proptest::prop_assert!(!pattern.matches(&url) || tail.starts_with('.'), "{held}");
        }
    }
}
