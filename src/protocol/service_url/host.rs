//! The host of a service URL: one normal form, and the refusal of every spelling that a parser
//! would turn into another host than the one a person or a rule sees (CAS-96, CAS-97, CAS-98).

use std::net::Ipv6Addr;
use std::ops::RangeInclusive;

use super::ServiceUrlFlaw;
use crate::protocol::byte_set::ByteSet;

/// What the normal form of a name is made of.
const HOST: ByteSet = ByteSet::of(b"abcdefghijklmnopqrstuvwxyz0123456789.-_");

/// Bytes of a host and of each of its labels (RFC 1035 §2.3.4).
const LONGEST_HOST: usize = 253;
const LABEL: RangeInclusive<usize> = 1..=63;

/// The normal form of a written host: lower case, IDN as punycode, IPv6 compressed in brackets.
///
/// Decided once for rules, comparison and redirects: a spelling that resolves to another text
/// (`0x7f.1`, `127.1`, full-width letters, `%2e`, soft hyphens) is refused, and so is the trailing
/// dot, which browsers and web servers treat as another site.
pub fn normal_host(written: &str) -> Result<String, ServiceUrlFlaw> {
    if let Some(inner) = written.strip_prefix('[') {
        let address: Option<Ipv6Addr> = inner.strip_suffix(']').and_then(|text| text.parse().ok());
        let address = address.ok_or(ServiceUrlFlaw::BadHost)?;
        return Ok(url::Host::<&str>::Ipv6(address).to_string());
    }
    let lower = lower_case(written).ok_or(ServiceUrlFlaw::OtherHost)?;
    let parsed = url::Host::parse(written).map_err(|_| ServiceUrlFlaw::BadHost)?;
    let normal = parsed.to_string();
    let shown = if written.is_ascii() {
        normal.clone()
    } else {
        url::quirks::domain_to_unicode(&normal)
    };
    if shown != lower {
        return Err(ServiceUrlFlaw::OtherHost);
    }
    if normal.bytes().all(|byte| HOST.has(byte)) && has_sound_labels(&normal) {
        Ok(normal)
    } else {
        Err(ServiceUrlFlaw::BadHost)
    }
}

/// Whether the host is in normal form as it is written, and no parser can read another one in it:
/// sound labels of what names are made of, none of them punycode, and the last one no number.
pub fn is_plain(written: &str) -> bool {
    let mut labels = written.as_bytes().split(|byte| *byte == b'.');
    let plain = |label: &[u8]| {
        LABEL.contains(&label.len())
            && label.iter().all(|byte| HOST.has(*byte))
            && !label.starts_with(b"xn--")
    };
    let last = labels.next_back().unwrap_or_default();
    let is_name = last.first().is_some_and(u8::is_ascii_lowercase);
    written.len() <= LONGEST_HOST && is_name && plain(last) && labels.all(plain)
}

/// The host as a page may show it: letters with accents where they cannot be taken for others,
/// punycode for every other script, whose letters imitate ours.
pub fn host_for_people(normal: &str) -> String {
    let unicode = url::quirks::domain_to_unicode(normal);
    let plain = |c: char| is_accented_latin(c) || c.is_ascii_alphanumeric() || ".-_".contains(c);
    if !unicode.is_empty() && unicode.chars().all(plain) {
        unicode
    } else {
        normal.to_owned()
    }
}

/// The text in lower case; `None` where that would replace a look-alike by the letter it imitates
/// (the Kelvin sign by k, the ohm sign by ω).
fn lower_case(text: &str) -> Option<String> {
    if text.is_ascii() {
        return Some(text.to_ascii_lowercase());
    }
    let lower = text.to_lowercase();
    let paired = text.chars().all(|c| {
        let is_lower = c.to_lowercase().eq([c]);
        is_lower || c.to_lowercase().flat_map(char::to_uppercase).eq([c])
    });
    paired.then_some(lower)
}

/// The letters of French and its neighbours. Dotless ı and the like are left out on purpose.
fn is_accented_latin(c: char) -> bool {
    matches!(c, 'ß'..='ö' | 'ø'..='ÿ' | 'œ')
}

/// RFC 1035 §2.3.4; no trailing dot.
fn has_sound_labels(host: &str) -> bool {
    host.len() <= LONGEST_HOST && host.split('.').all(|label| LABEL.contains(&label.len()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_host_has_one_form() {
        // CAS-90, CAS-96
        for (written, normal) in [
            ("App.Example.ORG", "app.example.org"),
            ("app_1.example.org", "app_1.example.org"),
            ("université.fr", "xn--universit-j4a.fr"),
            ("UNIVERSITÉ.fr", "xn--universit-j4a.fr"),
            ("xn--universit-j4a.fr", "xn--universit-j4a.fr"),
            ("XN--universit-j4a.fr", "xn--universit-j4a.fr"),
            ("127.0.0.1", "127.0.0.1"),
            ("localhost", "localhost"),
            ("[::1]", "[::1]"),
            ("[0:0:0:0:0:0:0:1]", "[::1]"),
            ("[::ffff:127.0.0.1]", "[::ffff:7f00:1]"),
        ] {
            assert_eq!(normal_host(written).as_deref(), Ok(normal), "{written}");
        }
    }

    #[test]
    fn hosts_that_parse_to_something_else_are_refused() {
        // CAS-97, CAS-98, T-20
        for written in [
            "",
            "0x7f.1",
            "0x7f000001",
            "127.1",
            "2130706433",
            "0177.0.0.1",
            "127.0.0.1.",
            "app.example.org.",
            ".app.example.org",
            "app..example.org",
            "app.example.org%2eevil.com",
            "app。example。org",
            "ａpp.example.org",
            "app\u{ad}.example.org",
            "app\u{200b}.example.org",
            "ⓐpp.example.org",
            "ſervice.example.org",
            "\u{212a}app.example.org",
            "¿$!",
            "xn--a.example.org\u{7f}",
            "xn--zzzzzzzz--.org",
            "[::1",
            "::1",
            "[::1%25eth0]",
            "[127.0.0.1]",
            "a*b.org",
            "a!b.org",
            "a,b.org",
            "256.1.1.1",
        ] {
            assert!(normal_host(written).is_err(), "{written}");
        }
        assert!(normal_host(&format!("{}.org", "a".repeat(64))).is_err());
        assert!(normal_host(&format!("{}org", "a.".repeat(126))).is_err());
    }

    #[test]
    fn people_see_accents_but_no_imitations() {
        // CAS-96
        assert_eq!(host_for_people("xn--universit-j4a.fr"), "université.fr");
        let cyrillic = normal_host("аррӏе.com").expect("a sound name");
        assert!(cyrillic.starts_with("xn--"));
        assert_eq!(host_for_people(&cyrillic), cyrillic);
        assert_eq!(host_for_people("[::1]"), "[::1]");
        assert_eq!(host_for_people("app.example.org"), "app.example.org");
    }

    proptest! {
        #[test]
        fn a_plain_host_is_what_a_browser_makes_of_it(
            any in any::<String>(),
            near in "([a-z]{1,3}|[a-zA-Z0-9._-]{0,9}|xn--[a-z0-9-]{0,5}|0x[0-9a-f]{0,3}|[0-9]{1,4}|[é%ſ:@*]|\\.){1,6}",
            long in "[a-z0-9.-]{60,66}|([a-z]{9}\\.){24,26}[a-z]{1,12}",
        ) {
            // CAS-96, CAS-97, T-20
            for host in [any, near, long] {
                if is_plain(&host) {
                    prop_assert_eq!(normal_host(&host), Ok(host));
                }
            }
        }
    }
}
