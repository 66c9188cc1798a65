//! What every answer tells the browser not to do. Pages cannot loosen it, except that a page of
//! the sign-in carries [`SignInPage`].

use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue, Response};

/// On a response: this page is part of signing in.
///
/// It goes without `form-action`, which browsers apply to the whole chain of redirects after the
/// POST and so to applications we cannot foresee (CAS-28), and without
/// `Cross-Origin-Opener-Policy`, which would cut an application off from the pop-up in which it
/// has people sign in. Redirects go without the latter for the same reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignInPage;

/// On a response: this page may ask the browser where it is, when the person presses the button
/// for it. No other page may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MayLocate;

/// On a response: a picture that an operator gave. Opened by itself it runs and loads nothing, and
/// belongs to no origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Picture;

/// On a response: this page loads applications in frames, to tell them that a session is over (CAS-192).
/// Origins as browsers write them; nothing else may be framed, and nobody may frame us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frames(pub Vec<String>);

impl Frames {
    fn policy(&self) -> Option<HeaderValue> {
        let plain = |origin: &&String| {
            let mut bytes = origin.bytes();
            bytes.all(|byte| byte.is_ascii_alphanumeric() || b"-.:/[]".contains(&byte))
        };
        let origins: Vec<&str> = self.0.iter().filter(plain).map(String::as_str).collect();
        if origins.is_empty() {
            return None;
        }
        HeaderValue::from_str(&format!("{POLICY_WITH_FORMS}; frame-src {}", origins.join(" "))).ok()
    }
}

/// Style attributes inside a picture are its own.
const POLICY_OF_PICTURES: &str =
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox";
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
    font-src 'self'; media-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";
const POLICY_WITH_FORMS: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
    img-src 'self' data:; font-src 'self'; media-src 'self'; connect-src 'self'; base-uri 'none'; \
    frame-ancestors 'none'; form-action 'self'";
const FEATURES: &str = "camera=(), display-capture=(), geolocation=(), microphone=(), midi=(), \
    payment=(), usb=(), browsing-topics=()";
const FEATURES_AND_PLACE: &str = "camera=(), display-capture=(), geolocation=(self), microphone=(), \
    midi=(), payment=(), usb=(), browsing-topics=()";

/// Made once: checking a text for a header value costs more than sending it.
static ALWAYS: [(HeaderName, HeaderValue); 3] = [
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
];
static ALLOWED: (HeaderName, HeaderValue) = (
    HeaderName::from_static("permissions-policy"),
    HeaderValue::from_static(FEATURES),
);
static ALLOWED_WITH_PLACE: (HeaderName, HeaderValue) = (
    HeaderName::from_static("permissions-policy"),
    HeaderValue::from_static(FEATURES_AND_PLACE),
);
static NOT_KEPT: [(HeaderName, HeaderValue); 3] = [
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (header::PRAGMA, HeaderValue::from_static("no-cache")),
    (
        header::EXPIRES,
        HeaderValue::from_static("Thu, 01 Jan 1970 00:00:00 GMT"),
    ),
];
static OPENER: (HeaderName, HeaderValue) = (
    HeaderName::from_static("cross-origin-opener-policy"),
    HeaderValue::from_static("same-origin-allow-popups"),
);
static TRANSPORT: (HeaderName, HeaderValue) = (
    header::STRICT_TRANSPORT_SECURITY,
    HeaderValue::from_static("max-age=31536000"),
);
static CONTENT: (HeaderName, HeaderValue) = (
    header::CONTENT_SECURITY_POLICY,
    HeaderValue::from_static(POLICY_WITH_FORMS),
);
static SIGN_IN_CONTENT: (HeaderName, HeaderValue) =
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));

static PICTURE_CONTENT: (HeaderName, HeaderValue) = (
    header::CONTENT_SECURITY_POLICY,
    HeaderValue::from_static(POLICY_OF_PICTURES),
);

/// Sets the headers; `https` says that the public URL is one, so that browsers may be told to use
/// nothing else for a year (T-11).
pub(super) fn apply<B>(response: &mut Response<B>, https: bool) {
    let sign_in = response.extensions().get::<SignInPage>().is_some();
    let locates = response.extensions().get::<MayLocate>().is_some();
    let picture = response.extensions().get::<Picture>().is_some();
    let frames = response.extensions().get::<Frames>().and_then(Frames::policy);
    let redirect = response.status().is_redirection();
    let headers = response.headers_mut();
    set(
        headers,
        match (sign_in, picture) {
            (true, _) => &SIGN_IN_CONTENT,
            (_, true) => &PICTURE_CONTENT,
            _ => &CONTENT,
        },
    );
    if let Some(policy) = frames {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    ALWAYS.iter().for_each(|field| set(headers, field));
    set(headers, if locates { &ALLOWED_WITH_PLACE } else { &ALLOWED });
    if !sign_in && !redirect {
        set(headers, &OPENER);
    }
    if https {
        set(headers, &TRANSPORT);
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        NOT_KEPT.iter().for_each(|field| set(headers, field));
    }
}

fn set(headers: &mut HeaderMap, (name, value): &(HeaderName, HeaderValue)) {
    headers.insert(name.clone(), value.clone());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(mut response: Response<()>, https: bool) -> HeaderMap {
        apply(&mut response, https);
        response.headers().clone()
    }

    #[test]
    fn an_answer_is_neither_kept_nor_framed_nor_leaked() {
        // CAS-12, CAS-29, T-35, CAS-342
        let headers = applied(Response::new(()), true);
        assert_eq!(headers["cache-control"], "no-store");
        assert_eq!(headers["pragma"], "no-cache");
        assert_eq!(headers["expires"], "Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(headers["referrer-policy"], "no-referrer");
        assert_eq!(headers["x-frame-options"], "DENY");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["strict-transport-security"], "max-age=31536000");
        let policy = headers["content-security-policy"].to_str().unwrap();
        for part in [
            "default-src 'none'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
        ] {
            assert!(policy.contains(part), "{part}");
        }
        assert!(!policy.contains("unsafe"));
    }

    #[test]
    fn a_page_of_the_sign_in_may_post_on_to_applications_and_keeps_its_opener() {
        // CAS-28, T-36
        let mut response = Response::new(());
        response.extensions_mut().insert(SignInPage);
        let headers = applied(response, true);
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(!policy.contains("form-action"));
        assert!(policy.contains("frame-ancestors 'none'"));
        assert!(!headers.contains_key("cross-origin-opener-policy"));
        let redirect = Response::builder().status(303).body(()).unwrap();
        assert!(!applied(redirect, true).contains_key("cross-origin-opener-policy"));
    }

    #[test]
    fn only_a_page_that_needs_it_may_ask_where_the_person_is() {
        let mut response = Response::new(());
        response.extensions_mut().insert(MayLocate);
        let allowed = |headers: &HeaderMap| headers["permissions-policy"].to_str().unwrap().to_owned();
        assert!(allowed(&applied(response, true)).contains("geolocation=(self)"));
        assert!(allowed(&applied(Response::new(()), true)).contains("geolocation=()"));
    }

    #[test]
    fn an_asset_says_itself_how_long_it_keeps_and_http_promises_nothing() {
        let asset = Response::builder()
            .header("cache-control", "max-age=600")
            .body(())
            .unwrap();
        let headers = applied(asset, false);
        assert_eq!(headers["cache-control"], "max-age=600");
        assert!(!headers.contains_key("pragma") && !headers.contains_key("expires"));
        assert!(!headers.contains_key("strict-transport-security"));
    }
}
