//! Which URLs a service is for: `serviceId` and its strategy of matching, and the callbacks of its
//! `proxyPolicy`.

use super::draft::{Draft, class_of};
use super::tree::{Fields, Node};
use crate::services::url_pattern::{Doubt, UrlPattern, UrlPatternFlaw};

pub fn service_id(node: Option<&Node>, strategy: Option<&Node>, draft: &mut Draft<'_>) {
    let Some((node, written)) = node.and_then(|node| Some((node, node.text()?))) else {
        let line = node.map_or(1, |node| node.line);
        draft.close(line, "serviceId", "there is none");
        return;
    };
    let line = node.line;
    let text = by_strategy(&written, strategy, line, draft);
    match UrlPattern::parse(&text) {
        Ok(pattern) => take(text, &pattern, line, draft),
        Err(UrlPatternFlaw::MatchesNothing) if is_name(&written) => {
            draft.settings.proxied_names.push(written);
        }
        Err(flaw) => {
            draft.close(line, "serviceId", format!("“{written}”: {flaw}"));
            cover(&text, draft);
        }
    }
}

fn take(text: String, pattern: &UrlPattern, line: usize, draft: &mut Draft<'_>) {
    for doubt in pattern.doubts() {
        draft.look(line, "serviceId", doubt.told());
    }
    draft.settings.catch_all = pattern.is_catch_all();
    match pattern.as_rules() {
        Some(rules) => draft.settings.urls = rules.iter().map(ToString::to_string).collect(),
        None => draft.settings.patterns = vec![text],
    }
}

/// A closed service keeps its URLs, or a wider one would take them: what the pattern matches without
/// its conditions is more, and all of it is closed.
fn cover(text: &str, draft: &mut Draft<'_>) {
    let wider = without_conditions(text);
    let host = || literal_host(text).map(|host| format!("^https?://{host}(:[0-9]+)?(/.*)?"));
    for covering in [Some(wider), host()].into_iter().flatten() {
        if let Ok(pattern) = UrlPattern::parse(&covering) {
            draft.settings.catch_all = pattern.is_catch_all();
            draft.settings.patterns = vec![covering];
            return;
        }
    }
}

/// The host that the pattern begins with, when it is written out, as it stands in the pattern.
fn literal_host(text: &str) -> Option<&str> {
    let start = text.trim_start_matches("(?i)").trim_start_matches('^');
    let schemes = ["https?://", "https://", "http://", "https:\\/\\/"];
    let rest = schemes.iter().find_map(|scheme| start.strip_prefix(scheme))?;
    let plain = |symbol: char| symbol.is_ascii_alphanumeric() || ".-".contains(symbol);
    let mut end = 0;
    while let Some(symbol) = rest.get(end..).and_then(|rest| rest.chars().next()) {
        let escaped = ["\\.", "\\-"]
            .iter()
            .any(|mark| rest.get(end..).is_some_and(|rest| rest.starts_with(mark)));
        match symbol {
            _ if escaped => end += 2,
            plainly if plain(plainly) => end += 1,
            // A letter that may be missing or come again is none of the host.
            '?' | '*' | '+' | '{' | '|' => return None,
            _ => break,
        }
    }
    rest.get(..end).filter(|host| host.contains('.'))
}

/// Without what looks around, and with anything for what looks back.
fn without_conditions(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(symbol) = rest.chars().next() {
        let condition = ["(?!", "(?=", "(?<!", "(?<="]
            .iter()
            .any(|mark| rest.starts_with(mark));
        if condition {
            rest = after_group(rest);
            continue;
        }
        let mut taken = symbol.len_utf8();
        if symbol == '\\' {
            let escaped = rest.get(taken..).and_then(|rest| rest.chars().next());
            taken += escaped.map_or(0, char::len_utf8);
            if escaped.is_some_and(|digit| matches!(digit, '1'..='9')) {
                out.push_str(".*");
                rest = rest.get(taken..).unwrap_or_default();
                continue;
            }
        }
        out.push_str(rest.get(..taken).unwrap_or_default());
        rest = rest.get(taken..).unwrap_or_default();
    }
    out
}

fn after_group(text: &str) -> &str {
    let mut open = 0_usize;
    let mut escaped = false;
    for (at, symbol) in text.char_indices() {
        match symbol {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '(' => open += 1,
            ')' if open == 1 => return text.get(at + 1..).unwrap_or_default(),
            ')' => open -= 1,
            _ => {}
        }
    }
    ""
}

/// The pattern that has the strategy's meaning when all of a URL must match it.
fn by_strategy(written: &str, strategy: Option<&Node>, line: usize, draft: &mut Draft<'_>) -> String {
    let Some(strategy) = strategy else {
        return written.to_owned();
    };
    let mut fields = Fields::of(strategy);
    let field = "matchingStrategy";
    match strategy.class_name() {
        Some("FullRegexRegisteredServiceMatchingStrategy") => written.to_owned(),
        Some("PartialRegexRegisteredServiceMatchingStrategy") => anywhere(written),
        Some("LiteralRegisteredServiceMatchingStrategy") => {
            if !fields.truth("caseInsensitive", false) {
                draft.look(strategy.line, field, "letters of either case are the same here");
            }
            regex_syntax::escape(written.trim())
        }
        Some("StartsWithRegisteredServiceMatchingStrategy") => {
            let start = fields.text("expectedUrl").unwrap_or_else(|| written.to_owned());
            format!("{}.*", regex_syntax::escape(start.trim()))
        }
        _ => {
            draft.close(line, field, format!("{} is not known here", class_of(strategy)));
            written.to_owned()
        }
    }
}

/// What is found somewhere, as what matches all.
pub fn anywhere(pattern: &str) -> String {
    let before = if pattern.starts_with('^') { "" } else { ".*" };
    let ended = pattern.ends_with('$') && !pattern.ends_with("\\$");
    let after = if ended { "" } else { ".*" };
    match (before, after) {
        ("", "") => pattern.to_owned(),
        _ => format!("{before}(?:{pattern}){after}"),
    }
}

/// An address that is none of the web, written without any pattern.
fn is_name(text: &str) -> bool {
    let bare = text.replace("://", "");
    bare != text
        && !text.starts_with("http")
        && regex_syntax::escape(&bare)
            .replace("\\.", ".")
            .replace("\\-", "-")
            == bare
        && text.bytes().all(|byte| byte.is_ascii_graphic())
}

pub fn proxy_policy(node: &Node, draft: &mut Draft<'_>) {
    let field = "proxyPolicy";
    let mut fields = Fields::of(node);
    match node.class_name() {
        Some("RefuseRegisteredServiceProxyPolicy") => {}
        Some("RegexMatchingRegisteredServiceProxyPolicy") => {
            fields.pass(&["useServiceId", "exactMatch"]);
            match fields.text("pattern") {
                Some(pattern) => callbacks(&pattern, node.line, draft),
                None => draft.leave_out(node.line, field, "there is no pattern, so it may not proxy"),
            }
        }
        _ => draft.leave_out(
            node.line,
            field,
            format!("{} is not known here, so it may not proxy", class_of(node)),
        ),
    }
    draft.unknown(&fields, field);
}

fn callbacks(written: &str, line: usize, draft: &mut Draft<'_>) {
    let field = "proxyPolicy.pattern";
    let text = anywhere(written);
    match UrlPattern::parse(&text) {
        Ok(pattern) if pattern.is_catch_all() => draft.leave_out(
            line,
            field,
            "it lets in callbacks on hosts you do not know, so it may not proxy; name them under proxy_callbacks",
        ),
        Ok(pattern) => {
            for doubt in pattern.doubts().iter().filter(|doubt| **doubt != Doubt::NoScheme) {
                draft.look(line, field, doubt.told());
            }
            if pattern.lets_http_in() {
                draft.look(line, field, "callbacks are https, whatever it says");
            }
            draft.settings.proxy_callback_patterns = vec![text];
        }
        Err(flaw) => draft.leave_out(line, field, format!("“{written}”: {flaw}; it may not proxy")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_without_its_conditions_matches_more() {
        // CAS-249
        for (text, wider) in [
            (
                r"^https://(?!evil\.)[a-z]+\.x\.fr/.*",
                r"^https://[a-z]+\.x\.fr/.*",
            ),
            (r"^https://a\.fr/(?<!b(c)\))d\(", r"^https://a\.fr/d\("),
            (r"(a)\1b", "(a).*b"),
            ("(?=", ""),
        ] {
            assert_eq!(without_conditions(text), wider, "{text}");
        }
    }

    #[test]
    fn what_is_found_somewhere_is_anchored_where_it_says_so() {
        for (text, whole) in [
            ("^a$", "^a$"),
            ("^a", "(?:^a).*"),
            ("a$", ".*(?:a$)"),
            (r"a\$", r".*(?:a\$).*"),
        ] {
            assert_eq!(anywhere(text), whole, "{text}");
        }
        assert!(is_name("imap://mail.univ-x.fr") && !is_name("imap://.*") && !is_name("https://a.fr"));
    }
}
