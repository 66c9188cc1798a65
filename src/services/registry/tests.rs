//! Which service a URL belongs to, and what a look-up costs.

use proptest::prelude::*;

use super::*;
use crate::services::settings::tests::service;

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
    let corpus = include_str!("../../../tests/fixtures/hostile_service_urls.txt");
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
    assert!(matches!(&problems[..], [RegistryProblem::SameRule { rule, .. }] if rule == "https://a.fr/**"));
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
    assert!(tries(&registry, &endless) <= 3);
}

fn tries(registry: &Registry, url: &str) -> usize {
    let mut tries = 0;
    registry
        .index
        .find(&ServiceUrl::parse(url).expect("a URL"), &mut tries);
    tries
}

fn with_patterns(id: &str, patterns: &[String], order: i32) -> Service {
    service(|settings| {
        settings.id = id.into();
        settings.urls = Vec::new();
        settings.patterns = patterns.to_vec();
        settings.order = Some(order);
        settings.catch_all = true;
    })
}

#[test]
fn five_thousand_patterns_are_each_found_without_trying_the_others() {
    // CAS-321
    let mut services: Vec<Service> = (0..5000)
        .map(|n| {
            let pattern = match n % 4 {
                0 => format!(r"^https?://(www\.)?h{n}\.ent\.fr(:\d+)?/(login|cas)/.*"),
                1 => format!(r"^https://shared\.ent\.fr/App{n}/(\?.*)?"),
                2 => format!(r"^https://[a-z]+\.d{n}\.fr/index\.php.*"),
                _ => format!(r"^https://pages\.ent\.fr/{n}\.html(\?.*)?$"),
            };
            with_patterns(&format!("s{n}"), &[pattern], n)
        })
        .collect();
    services.push(with_patterns("all", &["^https://.*".into()], 5000));
    let registry = Registry::new(services).expect("no problem");
    for n in 0..5000 {
        let url = match n % 4 {
            0 => format!("http://www.h{n}.ent.fr:8080/CAS/x"),
            1 => format!("https://shared.ent.fr/app{n}/?x"),
            2 => format!("https://abc.d{n}.fr/index.php?x"),
            _ => format!("https://pages.ent.fr/{n}.html"),
        };
        assert_eq!(found(&registry, &url), Some(format!("s{n}").as_str()), "{url}");
        assert!(tries(&registry, &url) <= 6, "{url}: {}", tries(&registry, &url));
    }
    for stranger in [
        "https://evil.com/",
        "https://shared.ent.fr/x/y/z",
        "https://zz.ent.fr/",
    ] {
        assert!(tries(&registry, stranger) <= 2, "{stranger}");
        assert_eq!(found(&registry, stranger), Some("all"));
    }
    let endless = format!("https://shared.ent.fr{}", "/a".repeat(4000));
    assert!(tries(&registry, &endless) <= 2);
}

#[test]
fn patterns_that_nothing_tells_apart_are_refused_in_great_number() {
    // CAS-321
    let alike = |count: usize| {
        let services = (0..count).map(|n| {
            let pattern = format!(r"^https://ent\.fr/[a-z]*{n}");
            with_patterns(&format!("s{n}"), &[pattern], 0)
        });
        Registry::new(services.collect()).err().unwrap_or_default()
    };
    assert_eq!(alike(MOST_ALIKE), []);
    let problems = alike(MOST_ALIKE + 1);
    assert!(
        matches!(&problems[..], [RegistryProblem::TooManyAlike { other, .. }] if other.as_str() == "s100")
    );
}

#[test]
fn the_smallest_order_wins_and_then_the_most_specific() {
    // CAS-257
    let ordered = |id: &str, url: &str, order: Option<i32>| {
        service(|settings| {
            settings.id = id.into();
            settings.urls = vec![url.to_owned()];
            settings.order = order;
        })
    };
    let registry = Registry::new(vec![
        ordered("host", "https://a.x.fr/**", Some(5)),
        ordered("page", "https://a.x.fr/p", Some(7)),
        ordered("wide", "https://**.x.fr/**", Some(6)),
        ordered("first", "https://b.x.fr/**", Some(1)),
        ordered("plain", "https://c.x.fr/**", None),
        with_patterns("pattern", &[r"^https://a\.x\.fr/q.*".into()], 4),
        with_patterns("same", &[r"^https://a\.x\.fr/.*/z".into()], 5),
        // The same rule with another order is no clash.
        ordered("second", "https://b.x.fr/**", Some(2)),
    ])
    .expect("no problem");
    for (url, id) in [
        ("https://a.x.fr/p", "host"),
        ("https://a.x.fr/", "host"),
        ("https://a.x.fr/query", "pattern"),
        ("https://a.x.fr/y/z", "host"),
        ("https://z.x.fr/", "wide"),
        ("https://b.x.fr/", "first"),
        ("https://c.x.fr/", "plain"),
    ] {
        assert_eq!(found(&registry, url), Some(id), "{url}");
    }
}

proptest! {
    #[test]
    fn the_index_finds_a_service_exactly_when_a_rule_matches(
        rules in prop::collection::vec("https://(\\*\\.|\\*\\*\\.|a\\.|b\\.a\\.)?x\\.fr(:\\*|:81)?/(p|p/q|\\*\\*|p/\\*\\*|p/q/\\*\\*)(\\?m=1)?|\\^https://(\\.\\*\\\\\\.|\\[\\^/\\]\\+\\.|a\\.|a\\\\\\.)?x\\\\\\.fr(:81)?/(p|p/q|p\\.\\*|\\[pq\\]/\\.\\*)?", 1..8),
            orders in prop::collection::vec(0..3, 8),
        url in "https://([abc]\\.){0,3}x\\.fr(:81)?/(p|q|p/q|p/q/r|px)(\\?m=[12])?",
    ) {
        let mut unique: Vec<&str> = rules.iter().map(String::as_str).collect();
        unique.sort_unstable();
        unique.dedup();
        let services: Vec<Service> = unique
            .iter()
            .enumerate()
            .map(|(n, rule)| {
                service(|settings| {
                    settings.id = format!("s{n}");
                    settings.catch_all = true;
                    settings.order = Some(orders.get(n).copied().unwrap_or_default());
                    match rule.strip_prefix('^') {
                        Some(_) => {
                            settings.urls = Vec::new();
                            settings.patterns = vec![(*rule).to_owned()];
                        }
                        None => settings.urls = vec![(*rule).to_owned()],
                    }
                })
            })
            .collect();
        let registry = Registry::new(services).expect("no problem");
        let url = ServiceUrl::parse(&url).expect("a URL");
        let owners = registry.all().iter().filter(|service| service.owns(&url));
        let least = owners.map(|service| service.order).min();
        let found = registry.find(&url);
        prop_assert_eq!(found.map(|service| service.order), least);
        prop_assert!(found.is_none_or(|service| service.owns(&url)));
    }
}
