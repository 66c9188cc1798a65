//! Which addresses a page may link to. Everything else becomes `#`: a link that leads nowhere, never
//! one that runs a script.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What a refused address is replaced by.
pub const NOWHERE: &str = "#";

/// Kept readable in an e-mail address inside a `mailto:` link.
const MAIL: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'@')
    .remove(b'.')
    .remove(b'-')
    .remove(b'_');

/// `url` itself when it is http, https or relative to this host; `#` otherwise.
pub fn safe_url(url: &str) -> &str {
    // Browsers drop tabs and line feeds inside an address and blanks before it, so that
    // "java\nscript:" would run: no address of ours holds any.
    let hides = url.chars().any(char::is_control) || url.starts_with(char::is_whitespace);
    if !hides && (is_web(url) || is_relative(url)) {
        url
    } else {
        NOWHERE
    }
}

/// A `mailto:` link to one address and nothing else: no subject, no copy.
pub fn mail_url(address: &str) -> String {
    format!("mailto:{}", utf8_percent_encode(address, MAIL))
}

/// A `tel:` link: the digits and a leading plus, whatever the spelling for people.
pub fn phone_url(number: &str) -> String {
    let digits: String = number
        .chars()
        .enumerate()
        .filter(|(place, c)| c.is_ascii_digit() || (*place == 0 && *c == '+'))
        .map(|(_, c)| c)
        .collect();
    format!("tel:{digits}")
}

fn is_web(url: &str) -> bool {
    ["https://", "http://"].iter().any(|scheme| {
        url.get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    })
}

/// A path, query or fragment of this host. `//host` and `/\host` are another host to browsers.
fn is_relative(url: &str) -> bool {
    let path_end = url.find(['/', '?', '#']).unwrap_or(url.len());
    let (first, _) = url.split_at(path_end);
    let names_a_scheme = first.contains(':');
    let leaves =
        url.starts_with(['/', '\\']) && url.get(1..).is_some_and(|rest| rest.starts_with(['/', '\\']));
    !url.is_empty() && !names_a_scheme && !leaves && !url.starts_with('\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_and_relative_addresses_become_links() {
        // CAS-62
        for good in [
            "https://ent.example.fr/a?b=c:d",
            "http://localhost:8080/",
            "HTTPS://X.example/",
            "/cas/login?service=https%3A%2F%2Fx",
            "?lang=en",
            "#username",
            "login",
        ] {
            assert_eq!(safe_url(good), good);
        }
        for bad in [
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            " javascript:alert(1)",
            "java\nscript:alert(1)",
            "\u{1}javascript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "//evil.example/",
            "/\\evil.example/",
            "\\\\evil.example/",
            "mailto:a@b",
            "",
        ] {
            assert_eq!(safe_url(bad), NOWHERE, "{bad:?}");
        }
    }

    #[test]
    fn a_contact_cannot_smuggle_headers_into_a_link() {
        assert_eq!(mail_url("aide@univ.example"), "mailto:aide@univ.example");
        assert_eq!(mail_url("a@b.example?bcc=c@d"), "mailto:a@b.example%3Fbcc%3Dc@d");
        assert_eq!(phone_url("+33 1 23 45 67 89"), "tel:+33123456789");
        assert_eq!(phone_url("01 23;45"), "tel:012345");
    }
}
