//! One line per request at info level. Never the query, which holds tickets, nor any part of a
//! path that could be one (SEC-11, T-79).

use std::borrow::Cow;
use std::time::Duration;

use http::{Method, StatusCode};

use super::ClientAddress;

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

/// The path with every segment that looks like a ticket or a token replaced by `…`: longer than any
/// name of ours, or not made of the symbols that our names are made of.
fn without_secrets(path: &str) -> Cow<'_, str> {
    if !may_hold_secret(path) {
        return Cow::Borrowed(path);
    }
    let segments: Vec<&str> = path
        .split('/')
        .map(|segment| if is_tame(segment) { segment } else { "…" })
        .collect();
    Cow::Owned(segments.join("/"))
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
        // SEC-11, T-79
        for plain in [
            "/cas/login",
            "/cas/p3/serviceValidate",
            "/t/univ-nord/",
            "/assets/app.3f2a.css",
        ] {
            assert_eq!(without_secrets(plain), plain);
        }
        assert_eq!(without_secrets("/v1/tickets/TGT-1-abcDEF"), "/v1/tickets/…");
        assert_eq!(without_secrets("/r/0123456789abcdef0123456789abcdef"), "/r/…");
        assert_eq!(without_secrets("/a/\u{1b}[31m/b"), "/a/…/b");
    }
}
