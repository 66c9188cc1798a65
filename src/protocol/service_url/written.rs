//! A service URL as it is written, cut into its parts by the few rules that all parsers share.
//! Whatever they could read differently is refused before.

use super::{LONGEST_SERVICE, Scheme, ServiceUrlFlaw, cut};

/// The parts of the written text.
pub struct Written<'a> {
    pub scheme: Scheme,
    pub host: &'a str,
    port: Option<&'a str>,
    pub path: &'a str,
    pub query: Option<&'a str>,
}

/// Refuses the characters that parsers strip, turn around or end at.
pub fn check_characters(raw: &str) -> Result<(), ServiceUrlFlaw> {
    if raw.len() > LONGEST_SERVICE {
        return Err(ServiceUrlFlaw::TooLong);
    }
    // Graphic ASCII is neither control nor blank; only other texts are looked at by Unicode's tables.
    let graphic = raw.bytes().all(|byte| byte.is_ascii_graphic());
    if (!graphic && raw.chars().any(char::is_control)) || raw.contains("%00") {
        return Err(ServiceUrlFlaw::HoldsControl);
    }
    if !graphic && raw.chars().any(char::is_whitespace) {
        return Err(ServiceUrlFlaw::HoldsBlank);
    }
    if raw.contains('\\') {
        return Err(ServiceUrlFlaw::HoldsBackslash);
    }
    Ok(())
}

impl Written<'_> {
    pub fn split(raw: &str) -> Result<Written<'_>, ServiceUrlFlaw> {
        let (scheme, rest) = raw.split_once(':').ok_or(ServiceUrlFlaw::NotWeb)?;
        let schemes = [Scheme::Https, Scheme::Http];
        let named = |known: &Scheme| known.as_str().eq_ignore_ascii_case(scheme);
        let scheme = schemes.into_iter().find(named).ok_or(ServiceUrlFlaw::NotWeb)?;
        let rest = rest.strip_prefix("//").ok_or(ServiceUrlFlaw::MissingHost)?;
        let ends = |byte| matches!(byte, b'/' | b'?' | b'#');
        let end = rest.bytes().position(ends).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at_checked(end).unwrap_or((rest, ""));
        if authority.contains('@') {
            return Err(ServiceUrlFlaw::HoldsUserinfo);
        }
        let (host, port) = split_port(authority);
        if host.is_empty() {
            return Err(ServiceUrlFlaw::MissingHost);
        }
        let (path, query) = cut(cut(rest, '#').0, '?');
        Ok(Written {
            scheme,
            host,
            port,
            path,
            query,
        })
    }

    /// The port in force. Written ports have one spelling, so that nobody reads another number.
    pub fn port_number(&self) -> Result<u16, ServiceUrlFlaw> {
        let Some(text) = self.port else {
            return Ok(self.scheme.default_port());
        };
        let number: Option<u16> = text.parse().ok();
        number
            .filter(|number| *number != 0 && number.to_string() == text)
            .ok_or(ServiceUrlFlaw::BadPort)
    }
}

fn split_port(authority: &str) -> (&str, Option<&str>) {
    let after_brackets = authority.rfind(']').map_or(0, |at| at + 1);
    let colon = authority.get(after_brackets..).and_then(|rest| rest.find(':'));
    let at = colon.map(|at| after_brackets + at);
    match at.and_then(|at| authority.split_at_checked(at)) {
        Some((host, port)) => (host, port.strip_prefix(':')),
        None => (authority, None),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn unicode_finds_nothing_in_a_text_that_it_is_not_asked_about(
            any in any::<String>(),
            near in "[!-~]{0,12}[!-~ \0\r\n\t\u{7f}-\u{a0}\u{2028}\u{3000}é%\\\\]?(%0|%00|%25)?[!-~]{0,12}",
        ) {
            // CAS-97
            for text in [any, near] {
                let control = text.chars().any(char::is_control) || text.contains("%00");
                let sound = !control && !text.contains(char::is_whitespace) && !text.contains('\\');
                let found = check_characters(&text);
                prop_assert_eq!(found.is_ok(), sound, "{:?}", text);
                prop_assert_eq!(found == Err(ServiceUrlFlaw::HoldsControl), control);
            }
        }
    }
}
