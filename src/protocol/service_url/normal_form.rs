//! The normal form of path and query, for comparison only: what the protocol and RFC 3986 §6.2.2
//! call the same, and nothing more. URLs that are sent keep their own spelling.

use std::fmt::Write;

use crate::protocol::params::hex_digit;

/// The path in normal form: unreserved characters decoded, hexadecimal in upper case, characters
/// that no URL may hold encoded, `;jsessionid=…` gone, never empty (CAS-84, CAS-88, CAS-92,
/// CAS-94).
pub fn path(written: &str) -> String {
    let path = component(written, false);
    let segments: Vec<String> = path.split('/').map(without_session_id).collect();
    let path = segments.join("/");
    if path.is_empty() { "/".to_owned() } else { path }
}

/// The query in normal form without what a CAS server put there (CAS-82); `None` when nothing
/// remains.
pub fn query(written: Option<&str>) -> Option<String> {
    let kept = without_tickets(written?);
    let query = component(&kept, true);
    (!query.is_empty()).then_some(query)
}

/// The query without its `ticket` and `SAMLart` parameters, however spelt; the rest byte for byte.
pub fn without_tickets(query: &str) -> String {
    let kept: Vec<&str> = query.split('&').filter(|pair| !is_ticket(pair)).collect();
    kept.join("&")
}

fn is_ticket(pair: &str) -> bool {
    let name = pair.split('=').next().unwrap_or_default();
    ["ticket", "SAMLart"].contains(&component(name, true).as_str())
}

/// Whether a path climbs: a segment that is `.` or `..`, plainly, percent-encoded, or with the path
/// parameters that some servers cut off before they resolve it (`..;x/`).
pub fn climbs(path: &str) -> bool {
    let plain = path.to_ascii_lowercase().replace("%2e", ".").replace("%3b", ";");
    let plain = plain.replace("%2f", "/").replace("%5c", "/");
    plain
        .split('/')
        .filter_map(|segment| segment.split(';').next())
        .any(|name| name == "." || name == "..")
}

/// What Apereo CAS compares: everything decoded, in lower case, cut at `;jsession` (CAS-93). Only
/// for services that ask for it.
pub fn as_apereo(path: &str, query: Option<&str>) -> String {
    let path = path.split(";jsession").next().unwrap_or_default();
    let whole = format!("{path}?{}", query.unwrap_or_default()).replace('+', " ");
    let decoded = percent_encoding::percent_decode_str(&whole).decode_utf8_lossy();
    decoded.to_lowercase()
}

/// A path segment without its `;jsessionid=…` parameter.
fn without_session_id(segment: &str) -> String {
    const NAME: &str = "jsessionid=";
    let is_session = |parameter: &str| {
        let name = parameter.get(..NAME.len());
        name.is_some_and(|name| name.eq_ignore_ascii_case(NAME))
    };
    let mut parts = segment.split(';');
    let name = parts.next().unwrap_or_default();
    let kept = parts.filter(|parameter| !is_session(parameter));
    std::iter::once(name).chain(kept).collect::<Vec<_>>().join(";")
}

fn component(written: &str, in_query: bool) -> String {
    let mut out = String::with_capacity(written.len());
    let mut rest = written.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match (byte, escaped(after)) {
            (b'%', Some((value, after))) => {
                rest = after;
                push(&mut out, value, !is_unreserved(value));
            }
            // Browsers write ' in a query as %27 before they send it.
            (b'\'', _) => push(&mut out, b'\'', in_query),
            (other, _) => push(&mut out, *other, !may_stand(*other)),
        }
    }
    out
}

fn escaped(after_percent: &[u8]) -> Option<(u8, &[u8])> {
    match after_percent {
        [high, low, rest @ ..] => Some((hex_digit(*high)? * 16 + hex_digit(*low)?, rest)),
        _ => None,
    }
}

fn push(out: &mut String, byte: u8, encoded: bool) {
    if encoded {
        let _ = write!(out, "%{byte:02X}");
    } else {
        out.push(char::from(byte));
    }
}

/// RFC 3986 §2.3.
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

/// Whether the byte may stand unencoded in a path or query; a lone % stays what it is.
fn may_stand(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_spellings_meet_and_unequal_ones_do_not() {
        // CAS-88, CAS-92, CAS-93
        for (one, other) in [
            ("/%7Ea", "/~a"),
            ("/%c3%a9", "/%C3%A9"),
            ("/é", "/%C3%A9"),
            ("/a;jsessionid=1.node2", "/a"),
            ("/a;jsessionid=1/b;x=1", "/a/b;x=1"),
            ("/a;JSESSIONID=1", "/a"),
            ("/a;jsessionid=1;jsessionid=2;v=1/;jsessionid=3", "/a;v=1/"),
            (";jsessionid=1", "/"),
            ("/a{b}", "/a%7Bb%7D"),
            ("", "/"),
        ] {
            assert_eq!(path(one), path(other), "{one} {other}");
        }
        for (one, other) in [
            ("/a%2Fb", "/a/b"),
            ("/a%26b", "/a&b"),
            ("/a%23b", "/a#b"),
            ("/a+b", "/a%20b"),
            ("/a", "/A"),
            ("/a", "/a/"),
            ("/100%", "/100%25"),
            ("/a;v=1", "/a"),
            ("/a'b", "/a%27b"),
        ] {
            assert_ne!(path(one), path(other), "{one} {other}");
        }
        assert_eq!(query(Some("q='x'")), query(Some("q=%27x%27")));
    }

    #[test]
    fn tickets_leave_the_query_and_nothing_else_moves() {
        // CAS-82
        for (with, without) in [
            ("ticket=ST-1", ""),
            ("b=2&ticket=ST-1&a=1&a=3", "b=2&a=1&a=3"),
            ("%74icket=ST-1&x=%7e", "x=%7e"),
            ("SAMLart=1&Ticket=2&tickets=3&", "Ticket=2&tickets=3&"),
            ("ticket&a", "a"),
        ] {
            assert_eq!(without_tickets(with), without);
        }
        assert_eq!(query(Some("ticket=ST-1")), None);
        assert_eq!(query(Some("")), None);
    }

    #[test]
    fn climbing_is_seen_through_every_spelling() {
        // CAS-97, T-20
        for path in [
            "/a/../b",
            "/..",
            "/.",
            "/a/%2e%2E/b",
            "/a/.%2e/b",
            "/a/..;/b",
            "/a/..;x=1/b",
            "/a/..%2fb",
            "/a%5c..%5cb",
            "/..%3bx",
        ] {
            assert!(climbs(path), "{path}");
        }
        for path in ["", "/", "/a..b", "/...", "/.well-known/x", "/a;..", "/a/b.c"] {
            assert!(!climbs(path), "{path}");
        }
    }
}
