//! Service URLs against the corpus of hostile ones, against other parsers, and against each other.

use proptest::prelude::*;

use super::*;
use crate::protocol::ticket_id::TicketKind;

/// `verdict<space>text`, see the head of the file.
const CORPUS: &str = include_str!("../../../tests/fixtures/hostile_service_urls.txt");

const ST: &str = "ST-aaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

fn ticket() -> TicketId {
    TicketId::parse(TicketKind::Service, ST).expect("a ticket")
}

fn sound(raw: &str) -> ServiceUrl {
    ServiceUrl::parse(raw).unwrap_or_else(|flaw| panic!("{raw:?}: {flaw}"))
}

fn redirect(raw: &str) -> String {
    sound(raw).with_ticket(&ticket())
}

/// `\u{…}` in the corpus stands for a character that an editor would not show.
fn unescaped(line: &str) -> String {
    let mut parts = line.split("\\u{");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (number, rest) = part.split_once('}').expect("a closed escape");
        let number = u32::from_str_radix(number, 16).expect("hexadecimal");
        text.push(char::from_u32(number).expect("a character"));
        text.push_str(rest);
    }
    text
}

fn corpus() -> impl Iterator<Item = (&'static str, String)> {
    let lines = CORPUS
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| {
        let (verdict, text) = line.split_once(' ').expect("a verdict and a text");
        (verdict, unescaped(text))
    })
}

/// What two other parsers see in a URL that we would send must be what we saw.
fn check_against_other_parsers(service: &ServiceUrl) {
    for sent in [service.with_ticket(&ticket()), service.without_ticket()] {
        assert!(sent.bytes().all(|byte| (0x21..0x7f).contains(&byte)), "{sent:?}");
        let whatwg = Url::parse(&sent).expect("WHATWG");
        assert_eq!(whatwg.host_str(), Some(service.host()), "{sent}");
        assert_eq!(whatwg.scheme(), service.scheme().as_str());
        assert_eq!(whatwg.port_or_known_default(), Some(service.port()));
        assert!(whatwg.username().is_empty() && whatwg.password().is_none());
        // The http crate's parser takes no fragment and fewer raw characters.
        if let Ok(rfc) = sent.split('#').next().unwrap_or_default().parse::<http::Uri>() {
            let written = rfc.host().expect("a host").to_ascii_lowercase();
            assert_eq!(normal_host(&written).as_deref(), Ok(service.host()), "{sent}");
        }
    }
    let tickets = Url::parse(&service.with_ticket(&ticket())).expect("WHATWG");
    let named: Vec<_> = tickets
        .query_pairs()
        .filter(|(name, _)| name == "ticket")
        .collect();
    assert_eq!(named.len(), 1, "exactly our own ticket");
    assert!(named.iter().all(|(_, value)| value == ST));
}

#[test]
fn the_corpus_of_hostile_urls_gets_its_verdicts() {
    // CAS-95, CAS-96, CAS-97, CAS-98, CAS-312, T-20
    let mut verdicts = std::collections::BTreeMap::new();
    for (verdict, text) in corpus() {
        *verdicts.entry(verdict).or_insert(0) += 1;
        match (verdict, ServiceUrl::parse(&text)) {
            ("refused", Ok(service)) => panic!("{text:?} was taken for {service:?}"),
            ("refused", Err(_)) => {}
            (_, Err(flaw)) => panic!("{text:?} was refused: {flaw}"),
            ("own", Ok(service)) => {
                assert_eq!(service.host(), "app.example.org", "{text:?}");
                check_against_other_parsers(&service);
            }
            ("other", Ok(service)) => {
                let same =
                    service.host() == "app.example.org" && service.port() == service.scheme().default_port();
                assert!(!same, "{text:?}");
                check_against_other_parsers(&service);
            }
            (other, _) => panic!("unknown verdict {other}"),
        }
    }
    assert!(
        verdicts.get("refused").is_some_and(|count| *count >= 100),
        "{verdicts:?}"
    );
    assert!(verdicts.values().sum::<i32>() >= 150, "{verdicts:?}");
}

#[test]
fn the_ticket_goes_last_in_the_query_and_the_rest_keeps_its_bytes() {
    // CAS-78, CAS-79, CAS-80, CAS-84
    for (service, sent) in [
        ("https://h", "https://h?ticket=T"),
        ("https://h/", "https://h/?ticket=T"),
        (
            "https://h/a?b=2&a=1&a=3#frag",
            "https://h/a?b=2&a=1&a=3&ticket=T#frag",
        ),
        ("https://h/a#b?c", "https://h/a?ticket=T#b?c"),
        ("https://h#", "https://h?ticket=T#"),
        ("https://h/?", "https://h/?ticket=T"),
        ("https://h/?a&", "https://h/?a&&ticket=T"),
        (
            "HTTPS://H:443/%7e;jsessionid=1?x=%c3+&&",
            "HTTPS://H:443/%7e;jsessionid=1?x=%c3+&&&ticket=T",
        ),
        ("https://h/a?q=100%", "https://h/a?q=100%&ticket=T"),
    ] {
        assert_eq!(
            redirect(service),
            sent.replace("=T", &format!("={ST}")),
            "{service}"
        );
        assert_eq!(sound(service).without_ticket(), service);
    }
}

#[test]
fn what_is_not_ascii_is_sent_as_browsers_would() {
    // CAS-81, CAS-21
    for (service, sent) in [
        ("https://h/é?é=ü#ß", "https://h/%C3%A9?%C3%A9=%C3%BC#%C3%9F"),
        ("https://université.fr/é", "https://xn--universit-j4a.fr/%C3%A9"),
        ("https://université.fr:8443", "https://xn--universit-j4a.fr:8443"),
        ("https://h/\u{1f600}", "https://h/%F0%9F%98%80"),
    ] {
        assert_eq!(sound(service).without_ticket(), sent);
        let validated = sent.split('#').next().unwrap_or_default();
        assert_eq!(sound(service).identity(), sound(validated).identity());
    }
    for service in [
        "https://h/\r\nSet-Cookie:x",
        "https://h/\n",
        "https://h/\0",
        "https://h/\u{7f}",
        "https://h/\u{85}",
    ] {
        assert_eq!(
            ServiceUrl::parse(service).err(),
            Some(ServiceUrlFlaw::HoldsControl)
        );
    }
}

#[test]
fn a_ticket_that_was_already_there_is_dropped() {
    // CAS-82
    for (service, sent) in [
        ("https://h/?ticket=ST-old", "https://h/?ticket=T"),
        (
            "https://h/?a=1&ticket=ST-old&b=%7e",
            "https://h/?a=1&b=%7e&ticket=T",
        ),
        ("https://h/?SAMLart=1&%74icket=2", "https://h/?ticket=T"),
    ] {
        assert_eq!(
            redirect(service),
            sent.replace("=T", &format!("={ST}")),
            "{service}"
        );
    }
    let planted = sound("https://h/?ticket=ST-old");
    assert_eq!(planted.without_ticket(), "https://h/");
    assert!(planted.is_same_service(&sound("https://h/"), Matching::Strict));
}

#[test]
fn a_long_service_is_redirected_to_whole() {
    // CAS-85, CAS-11
    let long = format!("https://h/?q={}", "a".repeat(9000));
    assert_eq!(redirect(&long), format!("{long}&ticket={ST}"));
    let endless = format!("https://h/?q={}", "a".repeat(LONGEST_SERVICE));
    assert_eq!(ServiceUrl::parse(&endless).err(), Some(ServiceUrlFlaw::TooLong));
}

#[test]
fn spellings_of_one_service_are_one() {
    // CAS-86, CAS-88, CAS-89, CAS-90, CAS-92, CAS-94, CAS-84
    for (one, other) in [
        ("https://h/a?b=1", "https://h/a?b=1"),
        ("https://h", "https://h/"),
        ("https://h", "https://h/?ticket=ST-1"),
        ("https://h/", "https://h/?"),
        ("https://h/a", "https://h/a#frag"),
        ("https://h/a", "https://h/a;jsessionid=0A1B"),
        ("https://h/a?x=1", "https://h/a;jsessionid=0A1B.n1?x=1"),
        ("HTTPS://APP.h/", "https://app.h:443/"),
        ("http://h:80/", "http://h/"),
        ("https://h/%7Eanne", "https://h/~anne"),
        ("https://h/%c3%a9?%c3=1", "https://h/%C3%A9?%C3=1"),
        ("https://h/?q=\"x\"", "https://h/?q=%22x%22"),
        ("https://université.fr/", "https://xn--universit-j4a.fr/"),
        ("https://[::1]:8443/", "https://[0:0::1]:8443/"),
    ] {
        assert!(
            sound(one).is_same_service(&sound(other), Matching::Strict),
            "{one} {other}"
        );
    }
}

#[test]
fn other_services_are_other() {
    // CAS-87, CAS-91, CAS-93, CAS-94, CAS-95
    for (one, other) in [
        ("https://h/", "http://h/"),
        ("https://h/", "https://h:8443/"),
        ("https://h/", "https://i/"),
        ("https://h/a", "https://h/A"),
        ("https://h/?a", "https://h/?A"),
        ("https://h/a", "https://h/a/"),
        ("https://h/a", "https://h/ab"),
        ("https://h/?next=a", "https://h/?next=b"),
        ("https://h/?a=1&b=2", "https://h/?b=2&a=1"),
        ("https://h/", "https://h/?a"),
        ("https://h/a%2Fb", "https://h/a/b"),
        ("https://h/?a%26b", "https://h/?a&b"),
        ("https://h/a%23b", "https://h/a#b"),
        ("https://h/?a+b", "https://h/?a%20b"),
        ("https://app.example.org", "https://app.example.org.evil.com/"),
    ] {
        assert!(
            !sound(one).is_same_service(&sound(other), Matching::Strict),
            "{one} {other}"
        );
    }
    assert!(ServiceUrl::parse("https://app.example.org@evil.com/").is_err());
}

#[test]
fn apereos_comparison_is_wider_but_never_leaves_the_host() {
    // CAS-93
    let same = |one: &str, other: &str| sound(one).is_same_service(&sound(other), Matching::Apereo);
    assert!(same("https://h/a%2Fb?X=1", "https://h/A/b?x=1"));
    assert!(same("https://h/?a+b", "https://h/?a%20b"));
    assert!(same("https://h/a;jsessionid=1?x", "https://h/a?x"));
    assert!(!same("https://h/a", "https://i/a"));
    assert!(!same("https://h/a", "https://h/b"));
    assert!(!same("https://h/?a=1", "https://h/?a=2"));
}

#[test]
fn logs_show_neither_query_nor_fragment() {
    let service = sound("https://h/a?token=1#secret");
    assert_eq!(format!("{service:?}"), "https://h/a");
    assert_eq!(sound("http://h:8080/a").origin(), "http://h:8080");
}

proptest! {
    #[test]
    fn whatever_is_accepted_means_one_host_to_all(
        scheme in "(https?|HTTPS|ftp|javascript):",
        slashes in "/{0,3}",
        authority in "[a-zA-Z0-9.:@%\\\\\\[\\]\u{e9}\u{ff41}\u{3002}_*-]{0,20}",
        rest in "[/?#&=a-z.%;:@+'\"<>\u{e9}\u{1f600}\\[\\]{}|\\\\ -]{0,40}",
    ) {
        // CAS-97, CAS-98, CAS-312, T-20
        let raw = format!("{scheme}{slashes}{authority}{rest}");
        if let Ok(service) = ServiceUrl::parse(&raw) {
            check_against_other_parsers(&service);
            // Where a browser lands is the service that was asked for.
            let landed = Url::parse(&service.with_ticket(&ticket())).expect("WHATWG");
            let landed = sound(landed.as_str());
            prop_assert_eq!(landed.identity(), service.identity());
        }
    }

    #[test]
    fn any_text_is_read_or_refused(raw in any::<String>()) {
        // CAS-9
        let _ = ServiceUrl::parse(&raw);
        let _ = ServiceUrl::parse(&format!("https://{raw}")).map(|service| check_against_other_parsers(&service));
    }

    #[test]
    fn a_browser_agrees_with_all_that_is_not_shown_to_one(
        scheme in "(https?|HTTP):",
        host in "([a-z0-9._-]{1,12}|xn--[a-z0-9]{0,4}|[0-9]{1,3}|0x[0-9a-f]|\\.){1,4}",
        port in "(|:[0-9]{0,5}|:443|:080)",
        rest in "(|[/?#][/?#&=a-z.%;:@+'\"<>\u{e9}\\[\\]{}|\\\\ -]{0,20})",
    ) {
        // CAS-97, CAS-98, T-20
        let raw = format!("{scheme}//{host}{port}{rest}");
        if let Ok(service) = ServiceUrl::parse(&raw) {
            prop_assert_eq!(service.check_as_browsers_do(), Ok(()), "{}", raw);
            let written = Written::split(&raw).expect("read before");
            prop_assert_eq!(normal_host(written.host), Ok(service.host));
        }
    }
}
