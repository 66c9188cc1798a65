//! What a request is when there is too much to do, by its address alone: which are owed an answer, which go
//! on with something, which ask whether they may, which begin; and in what form a protocol wants to hear that
//! there is no room.

use std::sync::Arc;

use http::Method;
use http::request::Parts;

use super::layers::{Kind, KindOf};
use crate::protocol::validation_request::Endpoint;

/// Who asks, where a protocol has its own form for an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    Validation(Endpoint),
    Saml,
    Proxy,
    Rest,
    /// The script of a form that waits for room.
    Room,
    /// A person.
    Page,
}

/// The institution that `path` names, and the address below it and the context path.
pub fn placed<'a>(base: &str, path: &'a str) -> (Option<&'a str>, &'a str) {
    let path = path.strip_prefix(base).unwrap_or(path);
    match path.strip_prefix("/t/") {
        Some(named) => match named.find('/').and_then(|at| named.split_at_checked(at)) {
            Some((tenant, place)) => (Some(tenant), place),
            None => (Some(named), "/"),
        },
        None => (None, path),
    }
}

fn place<'a>(base: &str, path: &'a str) -> &'a str {
    placed(base, path).1
}

pub fn wire(base: &str, path: &str) -> Wire {
    match place(base, path) {
        "/validate" => Wire::Validation(Endpoint::Validate),
        "/serviceValidate" => Wire::Validation(Endpoint::ServiceValidate),
        "/proxyValidate" => Wire::Validation(Endpoint::ProxyValidate),
        "/p3/serviceValidate" => Wire::Validation(Endpoint::P3ServiceValidate),
        "/p3/proxyValidate" => Wire::Validation(Endpoint::P3ProxyValidate),
        "/samlValidate" => Wire::Saml,
        "/proxy" => Wire::Proxy,
        "/login/room" => Wire::Room,
        rest if rest.starts_with("/v1/") => Wire::Rest,
        _ => Wire::Page,
    }
}

/// For the layers.
pub fn of(base: &str) -> KindOf {
    let base = base.to_owned();
    Arc::new(move |parts| kind(&base, parts))
}

fn kind(base: &str, parts: &Parts) -> Kind {
    let path = parts.uri.path();
    match wire(base, path) {
        Wire::Validation(_) | Wire::Saml | Wire::Proxy => Kind::Kept,
        // It ends a session.
        Wire::Rest if parts.method == Method::DELETE => Kind::Kept,
        Wire::Rest => Kind::Begun,
        Wire::Room => Kind::Waiting,
        Wire::Page => match place(base, path) {
            "/logout" | "/logout/told" => Kind::Kept,
            file if file.starts_with("/assets/") || file.starts_with("/logos/") => Kind::Kept,
            _ if parts.method == Method::POST || is_on_its_way(parts) => Kind::Begun,
            _ => Kind::New,
        },
    }
}

/// Whether the browser holds a session, or a flow that it is in the middle of. What the cookies are worth
/// is nobody's question here.
fn is_on_its_way(parts: &Parts) -> bool {
    let cookies = parts.headers.get_all(http::header::COOKIE);
    let mut cookies = cookies.iter().filter_map(|cookies| cookies.to_str().ok());
    cookies.any(|cookies| cookies.contains("TGC-") || cookies.contains("flow-"))
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn kind_of(method: &str, path: &str, cookie: &str) -> Kind {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("cookie", cookie);
        let (parts, ()) = request.body(()).unwrap().into_parts();
        kind("/cas", &parts)
    }

    #[test]
    fn validations_and_sign_outs_are_kept_forms_go_on_pages_begin() {
        // CAS-13
        for path in [
            "/cas/validate?ticket=ST-1",
            "/cas/serviceValidate",
            "/cas/t/campus/p3/serviceValidate",
            "/cas/proxyValidate",
            "/cas/p3/proxyValidate",
            "/cas/samlValidate",
            "/cas/proxy",
            "/cas/logout",
            "/cas/t/campus/logout",
            "/cas/assets/0/mereau.css",
            "/cas/logos/a.svg",
        ] {
            assert_eq!(kind_of("GET", path, ""), Kind::Kept, "{path}");
        }
        assert_eq!(kind_of("DELETE", "/cas/v1/tickets/TGT-1", ""), Kind::Kept);
        for (method, path, cookie) in [
            ("POST", "/cas/login", ""),
            ("GET", "/cas/t/campus/login", "a=b; __Secure-TGC-campus=TGT-1"),
            ("GET", "/cas/recover/new", "__Host-flow-1=x"),
            ("POST", "/cas/v1/tickets", ""),
        ] {
            assert_eq!(kind_of(method, path, cookie), Kind::Begun, "{method} {path}");
        }
        for path in ["/cas/login", "/cas/discover", "/cas/t/validate", "/nowhere"] {
            assert_eq!(kind_of("GET", path, "lang=fr"), Kind::New, "{path}");
        }
        assert_eq!(kind_of("GET", "/cas/t/campus/login/room", ""), Kind::Waiting);
    }
}
