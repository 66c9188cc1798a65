//! The normal form of path and query, for comparison only: what the protocol and RFC 3986 §6.2.2
//! call the same, and nothing more. URLs that are sent keep their own spelling.

use std::borrow::Cow;
use std::fmt::Write;

use crate::protocol::byte_set::ByteSet;
use crate::protocol::params::escaped;

/// What may stand unencoded in a path or query; a lone % stays what it is.
const STANDING: ByteSet =
    ByteSet::of(b"!#$%&'()*+,-./0123456789:;=?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]_abcdefghijklmnopqrstuvwxyz~");

/// The path in normal form: unreserved characters decoded, hexadecimal in upper case, characters
/// that no URL may hold encoded, `;jsessionid=…` gone, never empty (CAS-84, CAS-88, CAS-92,
/// CAS-94).
pub fn path(written: &str) -> String {
    let path = component(written, false);
    let path = if path.contains(';') {
        without_session_ids(&path)
    } else {
        path.into_owned()
    };
    if path.is_empty() { "/".to_owned() } else { path }
}

/// The query in normal form without what a CAS server put there (CAS-82); `None` when nothing
/// remains.
pub fn query(written: Option<&str>) -> Option<String> {
    let kept = without_tickets(written?);
    let query = component(&kept, true);
    (!query.is_empty()).then(|| query.into_owned())
}

/// The query without its `ticket` and `SAMLart` parameters, however spelt; the rest byte for byte.
pub fn without_tickets(query: &str) -> Cow<'_, str> {
    if query.split('&').any(is_ticket) {
        Cow::Owned(others_than_tickets(query))
    } else {
        Cow::Borrowed(query)
    }
}

fn others_than_tickets(query: &str) -> String {
    let kept: Vec<&str> = query.split('&').filter(|pair| !is_ticket(pair)).collect();
    kept.join("&")
}

fn is_ticket(pair: &str) -> bool {
    let name = pair.split('=').next().unwrap_or_default();
    matches!(&*component(name, true), "ticket" | "SAMLart")
}

/// Whether a path climbs: a segment that is `.` or `..`, plainly, percent-encoded, or with the path
/// parameters that some servers cut off before they resolve it (`..;x/`).
pub fn climbs(path: &str) -> bool {
    if path.contains('%') {
        has_dot_segment(&with_bare_delimiters(path))
    } else {
        has_dot_segment(path)
    }
}

fn with_bare_delimiters(path: &str) -> String {
    let plain = path.to_ascii_lowercase().replace("%2e", ".").replace("%3b", ";");
    plain.replace("%2f", "/").replace("%5c", "/")
}

fn has_dot_segment(path: &str) -> bool {
    let mut segments = path.as_bytes().split(|byte| *byte == b'/');
    let name = |segment| <[u8]>::split(segment, |byte| *byte == b';').next();
    segments.any(|segment| matches!(name(segment), Some(b"." | b"..")))
}

/// What Apereo CAS compares: everything decoded, in lower case, cut at `;jsession` (CAS-93). Only
/// for services that ask for it.
pub fn as_apereo(path: &str, query: Option<&str>) -> String {
    let path = path.split(";jsession").next().unwrap_or_default();
    let whole = format!("{path}?{}", query.unwrap_or_default()).replace('+', " ");
    let decoded = percent_encoding::percent_decode_str(&whole).decode_utf8_lossy();
    decoded.to_lowercase()
}

fn without_session_ids(path: &str) -> String {
    let segments: Vec<String> = path.split('/').map(without_session_id).collect();
    segments.join("/")
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

fn component(written: &str, in_query: bool) -> Cow<'_, str> {
    let normal = |byte| STANDING.has(byte) && byte != b'%' && !(in_query && byte == b'\'');
    if written.bytes().all(normal) {
        Cow::Borrowed(written)
    } else {
        Cow::Owned(normalised(written, in_query))
    }
}

fn normalised(written: &str, in_query: bool) -> String {
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
            (other, _) => push(&mut out, *other, !STANDING.has(*other)),
        }
    }
    out
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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
    fn what_stands_is_printable_and_not_what_browsers_encode() {
        // CAS-92
        for byte in 0..=u8::MAX {
            let encoded = !byte.is_ascii_graphic() || b"\"<>\\^`{|}".contains(&byte);
            assert_eq!(STANDING.has(byte), !encoded, "{byte}");
        }
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

    proptest! {
        #[test]
        fn what_is_left_as_it_is_would_not_have_changed(
            any in any::<String>(),
            plain in "[a-z0-9/.~_&=:@!$()*+,;'-]{0,24}",
            near in "(/|\\.{1,3}|;|&|%|%2[eEfF]|%3b|%5[cC]|%2525|%7e|ticket|SAMLart|;jsessionid=1|=|'|[a-z]|[ é\"{}|^`]){0,8}",
        ) {
            // CAS-82, CAS-84, CAS-88, CAS-92, CAS-94, CAS-97
            for text in [any, plain, near] {
                for in_query in [false, true] {
                    prop_assert_eq!(component(&text, in_query), normalised(&text, in_query));
                }
                prop_assert_eq!(without_tickets(&text), others_than_tickets(&text));
                prop_assert_eq!(climbs(&text), has_dot_segment(&with_bare_delimiters(&text)));
                let long_way = without_session_ids(&normalised(&text, false));
                let long_way = if long_way.is_empty() { "/".to_owned() } else { long_way };
                prop_assert_eq!(path(&text), long_way);
            }
        }
    }
}
