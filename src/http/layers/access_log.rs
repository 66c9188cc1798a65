//! One line per request at info level. Never the query, which holds tickets, nor any part of a
//! path that could be one (SEC-11, T-79); of a mailed link, the name of its token (SEC-33).

use std::borrow::Cow;
use std::time::Duration;

use http::{Method, StatusCode};

use super::ClientAddress;
use crate::messages::Door;
use crate::tickets::ResetToken;

pub(super) fn write(method: &Method, path: &str, client: ClientAddress, status: StatusCode, took: Duration) {
    tracing::info!(
        target: "mereau::access",
        method = method.as_str(),
        path = &*without_secrets(path),
        client = %client.0,
        status = status.as_u16(),
        microseconds = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
        "answered"
    );
}

/// The path with every segment that looks like a ticket or a token replaced: longer than any name of
/// ours, or not made of the symbols that our names are made of. By its name where a mailed link has its
/// token, by `…` anywhere else.
fn without_secrets(path: &str) -> Cow<'_, str> {
    if !may_hold_secret(path) {
        return Cow::Borrowed(path);
    }
    let mut before = "";
    let shown = path.split('/').map(|segment| {
        let door = std::mem::replace(&mut before, segment);
        match segment {
            tame if is_tame(tame) => Cow::Borrowed(tame),
            secret if is_door(door) => Cow::Owned(ResetToken::log_name_of(secret)),
            _ => Cow::Borrowed("…"),
        }
    });
    Cow::Owned(shown.collect::<Vec<_>>().join("/"))
}

fn is_door(segment: &str) -> bool {
    Door::ALL.iter().any(|door| door.segment() == segment)
}

/// Whether a segment of the path looks like a ticket or a token.
pub(in crate::http) fn may_hold_secret(path: &str) -> bool {
    !path.split('/').all(is_tame)
}

fn is_tame(segment: &str) -> bool {
    let named = ["serviceValidate", "proxyValidate", "samlValidate"].contains(&segment);
    let symbol = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_".contains(&byte);
    named || (segment.len() <= 24 && segment.bytes().all(symbol))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_logged_without_what_may_be_a_secret() {
        // SEC-11, SEC-33, T-79
        for plain in [
            "/cas/login",
            "/cas/p3/serviceValidate",
            "/t/univ-nord/",
            "/assets/app.3f2a.css",
        ] {
            assert_eq!(without_secrets(plain), plain);
        }
        assert_eq!(without_secrets("/v1/tickets/TGT-1-abcDEF"), "/v1/tickets/…");
        assert_eq!(without_secrets("/y/0123456789abcdef0123456789abcdef"), "/y/…");
        assert_eq!(without_secrets("/a/\u{1b}[31m/b"), "/a/…/b");
    }
    #[test]
    fn a_mailed_link_is_logged_by_the_name_of_its_token_which_the_audit_has_too() {
        // SEC-33
        let token = format!("{}b7", "Zm9v".repeat(10) + "Zm8");
        let name = ResetToken::parse(&token).unwrap().log_name();
        assert!(name.len() == 8 && name.bytes().all(|digit| digit.is_ascii_hexdigit()));
        for door in ["r", "x", "n", "u", "c"] {
            for before in ["", "/cas", "/cas/t/univ-nord"] {
                let shown = format!("{before}/{door}/{name}");
                assert_eq!(without_secrets(&format!("{before}/{door}/{token}")), shown);
                // Glued on by mail software, and opened all the same.
                assert_eq!(without_secrets(&format!("{before}/{door}/{token}%3E")), shown);
            }
        }
        let other =
            without_secrets("/cas/u/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").into_owned();
        assert_eq!(other.len(), "/cas/u/".len() + 8);
        assert!(!other.contains("AAA"));
        assert_eq!(
            without_secrets(&format!("/cas/r/{token}/{token}")),
            format!("/cas/r/{name}/…")
        );
    }
}
