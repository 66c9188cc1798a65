//! A line of a log or of the audit as a step of its request: when, on which node, what, and why. Whatever a
//! stranger has put into it stays text on one line.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::audit::reasons;

/// Fields that a step shows in a place of their own, or that say nothing to a reader.
const PLACED: [&str; 14] = [
    "timestamp",
    "time",
    "level",
    "message",
    "target",
    "request_id",
    "request",
    "event",
    "result",
    "reason",
    "chain",
    "n",
    "key",
    "mac",
];

/// Longest value shown.
const LONGEST_VALUE: usize = 400;

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// `None`: the line does not say.
    pub at: Option<Timestamp>,
    pub node: String,
    /// The request that it is of, by its support code.
    pub request: String,
    /// Level, or `AUDIT`.
    kind: String,
    text: String,
    reason: Option<String>,
}

/// The codes that a line may be about, without reading it as a whole: what a stranger wrote into a field
/// stands escaped, so that it cannot pass for the line's own.
pub fn codes(line: &[u8]) -> impl Iterator<Item = &str> {
    let dashes = line.iter().enumerate().filter(|(_, byte)| **byte == b'-');
    dashes.filter_map(|(at, _)| {
        let code = line.get(at.checked_sub(4)?..at + 5)?;
        let symbol = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'-';
        let outer = [
            at.checked_sub(5).and_then(|before| line.get(before)),
            line.get(at + 5),
        ];
        let framed = outer
            .into_iter()
            .flatten()
            .all(|byte| !byte.is_ascii_alphanumeric());
        (framed && code.iter().all(symbol)).then(|| std::str::from_utf8(code).ok())?
    })
}

impl Step {
    /// The step that a line of `file` is, when its request is one of `wanted`.
    pub fn of(line: &[u8], file: &str, wanted: impl Fn(&str) -> bool) -> Option<Step> {
        let text = String::from_utf8_lossy(line);
        match object(&text) {
            Some((host, fields)) => {
                let code = ["request_id", "request"]
                    .iter()
                    .find_map(|key| fields.get(*key)?.as_str())?;
                let node = host.unwrap_or_else(|| file.to_owned());
                wanted(code).then(|| Step::of_fields(&fields, node, code))
            }
            None => {
                let code = codes(line).find(|code| wanted(code))?;
                Some(Step::of_words(&text, file, code))
            }
        }
    }

    fn of_fields(fields: &Map<String, Value>, node: String, code: &str) -> Step {
        let text = |key: &str| fields.get(key).and_then(Value::as_str);
        let audited =
            fields.contains_key("event") && fields.contains_key("result") && text("target").is_none();
        let at = text("timestamp").or(text("time"));
        let what = match audited {
            true => [text("event"), text("result")]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(" "),
            false => text("message").unwrap_or_default().to_owned(),
        };
        let mut told = tame(&what);
        for (name, value) in fields {
            let repeated = PLACED.contains(&name.as_str()) && (audited || name != "event");
            if !repeated {
                let _ = write!(told, " {}={}", tame(name), tame(&plain(value)));
            }
        }
        Step {
            at: at.and_then(|at| at.parse().ok()),
            node: tame(&node),
            request: code.to_owned(),
            kind: if audited {
                "AUDIT".to_owned()
            } else {
                tame(text("level").unwrap_or("?"))
            },
            reason: text("reason").map(tame),
            text: told,
        }
    }

    /// Of a log that is written for people.
    fn of_words(text: &str, node: &str, code: &str) -> Step {
        let at = text
            .split_whitespace()
            .next()
            .and_then(|first| first.parse().ok());
        Step {
            at,
            node: tame(node),
            request: code.to_owned(),
            kind: "?".to_owned(),
            text: tame(text),
            reason: None,
        }
    }

    /// Two columns wide enough for `node` symbols, then what there is to say.
    pub fn told(&self, node: usize) -> String {
        let at = match self.at {
            Some(at) => format!("{at:.3}"),
            None => "?".to_owned(),
        };
        let mut line = format!("{at:<24}  {:<node$}  {:<5}  {}", self.node, self.kind, self.text);
        if let Some(code) = &self.reason {
            let _ = write!(line, " reason={code}");
            if let Some(known) = reasons::reason(code) {
                let _ = write!(line, "\n{:26}→ {}", "", known.means);
                if !known.advice.is_empty() {
                    let _ = write!(line, "; {}", known.advice);
                }
            }
        }
        line
    }
}

/// The line's object, with the host that a journal wrote before it or around it.
fn object(text: &str) -> Option<(Option<String>, Map<String, Value>)> {
    let start = text.find('{')?;
    let (before, json) = text.split_at_checked(start)?;
    let mut fields: Map<String, Value> = serde_json::from_str(json.trim_end()).ok()?;
    if let Some(Value::String(inner)) = fields.get("MESSAGE") {
        let host = fields.get("_HOSTNAME").and_then(Value::as_str).map(str::to_owned);
        let inner: Map<String, Value> = serde_json::from_str(inner).ok()?;
        fields = inner;
        return Some((host, fields));
    }
    // As journalctl writes it: Nov 27 10:00:00 HOST mereau[123]: {…}
    let mut words = before.split_whitespace().rev();
    let named = words.next().is_some_and(|word| word.ends_with(':'));
    Some((words.next().filter(|_| named).map(str::to_owned), fields))
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Without what moves a cursor, begins a line or turns its direction (T-92), and not endless.
fn tame(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}');
    let mut out = String::new();
    for (count, symbol) in text.chars().enumerate() {
        if count == LONGEST_VALUE {
            out.push('…');
            break;
        }
        match symbol {
            bad if bad.is_control() || turns(bad) => out.extend(bad.escape_default()),
            good => out.push(good),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: &str = "K7QD-2M9X";

    fn step(line: &str) -> Option<Step> {
        Step::of(line.as_bytes(), "a.log", |code| code == CODE)
    }

    #[test]
    fn lines_of_the_log_the_audit_and_journals_are_steps() {
        let log = format!(
            r#"{{"timestamp":"2026-11-27T10:00:00.120Z","level":"INFO","message":"sign-in refused","realm":"v","reason":"PWD_WRONG","target":"mereau::flows","request_id":"{CODE}"}}"#
        );
        let told = step(&log).unwrap().told(5);
        assert!(
            told.starts_with(
                "2026-11-27T10:00:00.120Z  a.log  INFO   sign-in refused realm=v reason=PWD_WRONG"
            ),
            "{told}"
        );
        assert!(told.contains("→ the password is not the entry's; "), "{told}");
        let journal = format!("Nov 27 11:00:00 cas2 mereau[12]: {log}");
        assert_eq!(step(&journal).unwrap().node, "cas2");
        let wrapped = serde_json::json!({"_HOSTNAME": "cas3", "MESSAGE": log}).to_string();
        assert_eq!(step(&wrapped).unwrap().node, "cas3");
        let audit = format!(
            r#"{{"n":7,"event":"sign-in-refused","time":"2026-11-27T10:00:00.121Z","realm":"v","actor":"anonymous","result":"refused","reason":"PWD_WRONG","request":"{CODE}","mac":"ab"}}"#
        );
        let told = step(&audit).unwrap().told(5);
        assert!(
            told.contains("AUDIT  sign-in-refused refused") && !told.contains("mac="),
            "{told}"
        );
        let human = format!("2026-11-27T10:00:00.120Z INFO answered status=401 {CODE} (mereau::access)");
        assert!(step(&human).unwrap().at.is_some());
        assert_eq!(step("{\"request_id\":\"AAAA-AAAA\"}"), None);
    }

    #[test]
    fn hostile_lines_are_one_line_or_none() {
        // T-92
        let deep = format!("{}{}", "[".repeat(100_000), CODE);
        assert!(step(&deep).is_some(), "as words");
        let nested = format!(
            "{{\"a\":{}1{},\"request_id\":\"{CODE}\"}}",
            "[".repeat(5000),
            "]".repeat(5000)
        );
        assert!(step(&nested).is_some_and(|step| step.told(3).lines().count() == 1));
        let forged = format!(
            "{{\"message\":\"x\\n\\u001b[2J\\u202e\",\"path\":\"{CODE}\",\"request_id\":\"{CODE}\"}}"
        );
        let told = step(&forged).unwrap().told(3);
        assert!(
            told.lines().count() == 1 && !told.contains('\u{1b}') && !told.contains('\u{202e}'),
            "{told}"
        );
        // The code in a field of somebody else's line makes it no line of the request.
        assert_eq!(
            step(&format!("{{\"path\":\"{CODE}\",\"request_id\":\"AAAA-AAAA\"}}")),
            None
        );
        for strange in ["", "{", "}", "{}", "\u{0}", "{\"request_id\":7}", "null"] {
            assert_eq!(step(strange), None, "{strange}");
        }
        assert!(Step::of(&[0xff, 0xfe, b'-'], "a", |_| true).is_none());
    }

    #[test]
    fn codes_are_seen_where_they_stand_by_themselves() {
        let line = format!("x{CODE} {CODE}y \"{CODE}\" -{CODE}- é-ABCD");
        assert_eq!(codes(line.as_bytes()).count(), 2);
        assert_eq!(codes("----".as_bytes()).count(), 0);
    }
}
