//! What a request must look like before anything routes it: one host, one framing, one of four
//! methods (five where tickets are deleted), one spelling of its path. The same for every HTTP version,
//! and also when the service is mounted in a server that is not ours.

use http::request::Parts;
use http::uri::{Authority, PathAndQuery};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, Version, header};

use super::LayerSettings;
use crate::http::BEYOND_ASCII;
use crate::http::server::Unreadable;

/// What `Allow` says beside a 405.
pub(super) const ALLOWED: &str = "GET, HEAD, POST, OPTIONS";

/// Refuses the request, or brings it into the one form that handlers see: target of path and query
/// in ASCII, host in the `Host` field.
pub(super) fn check(request: &mut Parts, settings: &LayerSettings) -> Result<(), StatusCode> {
    if let Some(Unreadable(status)) = request.extensions.get() {
        return Err(*status);
    }
    check_method(&request.method, request.uri.path())?;
    check_size(request, settings)?;
    check_framing(&request.headers)?;
    let named_elsewhere = host(request)?;
    request.uri = origin_form(&request.uri)?;
    if request
        .uri
        .path_and_query()
        .map_or(0, |target| target.as_str().len())
        > settings.longest_target
    {
        return Err(StatusCode::URI_TOO_LONG);
    }
    if let Some(host) = named_elsewhere {
        request.headers.insert(header::HOST, host);
    }
    if !is_normal(request.uri.path()) {
        return Err(StatusCode::NOT_FOUND);
    }
    Ok(())
}

fn check_method(method: &Method, path: &str) -> Result<(), StatusCode> {
    let known = [Method::GET, Method::HEAD, Method::POST, Method::OPTIONS];
    if known.contains(method) || (*method == Method::DELETE && is_ticket(path)) {
        Ok(())
    } else {
        Err(StatusCode::METHOD_NOT_ALLOWED)
    }
}

/// The one kind of address that a program deletes (CAS-231).
fn is_ticket(path: &str) -> bool {
    path.rsplit_once('/')
        .is_some_and(|(above, _)| above.ends_with("/v1/tickets"))
}

fn check_size(request: &Parts, settings: &LayerSettings) -> Result<(), StatusCode> {
    // Name, colon, blank, value, line end, as HTTP/1 writes them.
    let block: usize = request
        .headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + 4)
        .sum();
    if block > settings.largest_header_block || request.headers.len() > settings.most_headers {
        return Err(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
    }
    Ok(())
}

fn check_framing(headers: &HeaderMap) -> Result<(), StatusCode> {
    let lengths = headers.get_all(header::CONTENT_LENGTH).iter().count();
    let encodings = headers.get_all(header::TRANSFER_ENCODING).iter().count();
    if lengths + encodings > 1 {
        return Err(StatusCode::BAD_REQUEST);
    }
    Ok(())
}

/// Sees to it that target and `Host` field agree on one host, and returns it when the field is not
/// there to say it. HTTP/1.0 may name none.
fn host(request: &Parts) -> Result<Option<HeaderValue>, StatusCode> {
    let mut fields = request.headers.get_all(header::HOST).iter();
    let field = fields.next();
    if fields.next().is_some() {
        return Err(StatusCode::BAD_REQUEST);
    }
    let field = match field {
        Some(value) => Some(authority(value.as_bytes())?),
        None => None,
    };
    let target = match request.uri.authority() {
        Some(named) => Some(authority(named.as_str().as_bytes())?),
        None => None,
    };
    match (field, target) {
        (Some(field), Some(target)) if !same(&field, &target, request.uri.scheme_str()) => {
            Err(StatusCode::BAD_REQUEST)
        }
        (Some(_), _) => Ok(None),
        // HTTP/1.1 demands the field even beside a target that names the host (RFC 9112 §3.2).
        (None, _) if request.version == Version::HTTP_11 => Err(StatusCode::BAD_REQUEST),
        (None, None) if request.version > Version::HTTP_11 => Err(StatusCode::BAD_REQUEST),
        (None, None) => Ok(None),
        (None, Some(target)) => HeaderValue::from_str(target.as_str())
            .map(Some)
            .map_err(|_| StatusCode::BAD_REQUEST),
    }
}

fn authority(bytes: &[u8]) -> Result<Authority, StatusCode> {
    Authority::try_from(bytes)
        .ok()
        .filter(|named| !named.host().is_empty() && !named.as_str().contains('@'))
        .ok_or(StatusCode::BAD_REQUEST)
}

fn same(one: &Authority, other: &Authority, scheme: Option<&str>) -> bool {
    let usual = if scheme == Some("https") { 443 } else { 80 };
    one.host().eq_ignore_ascii_case(other.host())
        && one.port_u16().unwrap_or(usual) == other.port_u16().unwrap_or(usual)
}

/// Path and query alone, bytes above ASCII percent-encoded (CAS-8; over HTTP/2 they arrive raw).
fn origin_form(uri: &Uri) -> Result<Uri, StatusCode> {
    let target = uri.path_and_query().map_or("/", PathAndQuery::as_str);
    if target.is_ascii() && uri.authority().is_none() {
        return Ok(uri.clone());
    }
    percent_encoding::utf8_percent_encode(target, BEYOND_ASCII)
        .to_string()
        .parse()
        .map_err(|_| StatusCode::BAD_REQUEST)
}

/// Whether the path is written the one way that we route (T-18): from the root, no empty, `.` or
/// `..` segment, no backslash, no `;` parameters, nothing percent-encoded that ASCII can say. All
/// our paths are plain ASCII, so whoever writes one otherwise probes for a second meaning.
///
/// What mail software glues to the end of a link is let through: a mailed link says which it is (SEC-36),
/// and no other route ends so.
fn is_normal(path: &str) -> bool {
    let path = unglued(path);
    let Some(below) = path.strip_prefix('/') else {
        return false;
    };
    let names = below.strip_suffix('/').unwrap_or(below);
    let plain = |segment: &str| !matches!(segment, "" | "." | "..") && !segment.contains(['\\', ';']);
    let segmented = below.is_empty() || names.split('/').all(plain);
    segmented && path.split('%').skip(1).all(encodes_above_ascii)
}

fn unglued(path: &str) -> &str {
    let glued = ["%20", "%22", "%29", "%3E", "%3e", "%5D", "%5d"];
    let mut path = path;
    while let Some(shorter) = glued.iter().find_map(|mark| path.strip_suffix(mark)) {
        path = shorter;
    }
    path
}

fn encodes_above_ascii(after_percent: &str) -> bool {
    after_percent
        .get(..2)
        .and_then(|digits| u8::from_str_radix(digits, 16).ok())
        .is_some_and(|byte| !byte.is_ascii())
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn judged(
        version: Version,
        target: &str,
        hosts: &[&str],
    ) -> Result<(String, Option<String>), StatusCode> {
        let mut request = Request::builder().version(version).uri(target);
        for host in hosts {
            request = request.header("host", *host);
        }
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        check(&mut parts, &LayerSettings::for_tests())?;
        let host = parts
            .headers
            .get("host")
            .map(|host| host.to_str().unwrap().to_owned());
        Ok((parts.uri.to_string(), host))
    }

    #[test]
    fn there_is_one_host_and_the_target_agrees_with_it() {
        // T-08, T-78
        let bad = Err(StatusCode::BAD_REQUEST);
        let good = |target: &str, host: &str| Ok((target.to_owned(), Some(host.to_owned())));
        let h1 = Version::HTTP_11;
        assert_eq!(judged(h1, "/a", &[]), bad);
        assert_eq!(judged(h1, "/a", &["a.fr", "a.fr"]), bad);
        assert_eq!(judged(h1, "/a", &[""]), bad);
        assert_eq!(judged(h1, "/a", &["user@a.fr"]), bad);
        assert_eq!(judged(h1, "/a", &["a.fr/b"]), bad);
        assert_eq!(judged(h1, "/a", &["a.fr:8443"]), good("/a", "a.fr:8443"));
        assert_eq!(judged(h1, "http://evil.fr/a", &["a.fr"]), bad);
        assert_eq!(judged(h1, "http://a.fr/a", &[]), bad);
        assert_eq!(judged(h1, "http://A.fr:80/a?b", &["a.fr"]), good("/a?b", "a.fr"));
        assert_eq!(judged(Version::HTTP_10, "/a", &[]), Ok(("/a".to_owned(), None)));
        let h2 = Version::HTTP_2;
        assert_eq!(judged(h2, "/a", &[]), bad);
        assert_eq!(judged(h2, "https://a.fr/a", &[]), good("/a", "a.fr"));
        assert_eq!(judged(h2, "https://a.fr/a", &["evil.fr"]), bad);
    }

    #[test]
    fn raw_utf8_reaches_handlers_percent_encoded() {
        // CAS-8
        let seen = judged(Version::HTTP_2, "https://a.fr/v?u=\u{e9}%zz", &[]).unwrap();
        assert_eq!(seen.0, "/v?u=%C3%A9%zz");
    }

    #[test]
    fn a_path_has_one_spelling() {
        // T-18
        for path in [
            "/",
            "/cas/login",
            "/cas/",
            "/t/lyc%C3%A9e",
            "/cas/Login",
            "/a.b/..c",
            "/a-_~!$&'()*+,=:@b",
        ] {
            assert!(is_normal(path), "{path}");
        }
        for path in [
            "",
            "*",
            "cas",
            "//",
            "//cas",
            "/cas//login",
            "/cas/login//",
            "/.",
            "/..",
            "/cas/./login",
            "/cas/../admin",
            "/cas/..",
            "/cas/%2e%2e/admin",
            "/cas%2flogin",
            "/cas%2Flogin",
            "/cas%5clogin",
            "/cas\\login",
            "/cas/..;/admin",
            "/cas/login;jsessionid=1",
            "/cas/%6cogin",
            "/cas/%00",
            "/cas/%",
            "/cas/%zz",
            "/cas/%c",
            "/cas/%+9",
        ] {
            assert!(!is_normal(path), "{path}");
        }
    }

    #[test]
    fn only_four_methods_pass_and_a_fifth_for_tickets() {
        // T-17
        for method in ["GET", "HEAD", "POST", "OPTIONS"] {
            assert_eq!(check_method(&method.parse().unwrap(), "/cas/login"), Ok(()));
        }
        for method in ["TRACE", "PUT", "DELETE", "PATCH", "CONNECT", "get", "PROPFIND"] {
            let refused = check_method(&method.parse().unwrap(), "/cas/login");
            assert_eq!(refused, Err(StatusCode::METHOD_NOT_ALLOWED));
        }
        assert_eq!(check_method(&Method::DELETE, "/cas/v1/tickets/TGT-1"), Ok(()));
        for path in [
            "/cas/v1/tickets",
            "/v1/tickets/a/b",
            "/cas/v1/users/x",
            "/cas/v1/ticketsx/y",
            "*",
        ] {
            let refused = check_method(&Method::DELETE, path);
            assert_eq!(refused, Err(StatusCode::METHOD_NOT_ALLOWED), "{path}");
        }
        let put = check_method(&Method::PUT, "/cas/v1/tickets/TGT-1");
        assert_eq!(put, Err(StatusCode::METHOD_NOT_ALLOWED));
    }
}
