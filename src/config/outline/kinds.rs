//! What a kind of value, as the reference names it, comes to: its JSON Schema, and the one form of a value
//! that may be written in several.

use serde_json::{Value, json};
use toml::de::DeValue;

use crate::config::units;

const DURATION: &str = "^[0-9]+[ \u{a0}\u{202f}]*(ms|s|min|h|d)$";
const SIZE: &str = "^[0-9]+[ \u{a0}\u{202f}]*(B|kB|KiB|MB|MiB|GB|GiB)$";
const SHORT_NAME: &str = "^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$";

/// `None`: a kind that is not known here, which a test finds.
pub fn schema_of(kind: &str) -> Option<Value> {
    let text = |pattern: &str| json!({"type": "string", "pattern": pattern});
    Some(match kind {
        "text" => json!({"type": "string"}),
        "path" => json!({"type": "string", "minLength": 1}),
        "true or false" => json!({"type": "boolean"}),
        "whole number" => json!({"type": "integer"}),
        "degrees" => json!({"type": "number", "minimum": -180, "maximum": 180}),
        "span of time" => text(DURATION),
        "size" => text(SIZE),
        "address and port" => text("^.+:[0-9]{1,5}$"),
        "network" => text("^[0-9A-Fa-f:.]+(/[0-9]{1,3})?$"),
        "URL" => text("^[A-Za-z][A-Za-z0-9+.-]*:"),
        "realm" | "short name" | "theme" => text(SHORT_NAME),
        "UAI code" => text("^[0-9]{7}[A-Za-z]$"),
        "language" => text("^[a-z]{2,3}$"),
        "day" => text("^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
        "day and time" => text("^[0-9]{4}-[0-9]{2}-[0-9]{2}"),
        "text, or { language = text }" => {
            let texts = json!({"type": "object", "additionalProperties": {"type": "string"}});
            json!({"anyOf": [{"type": "string"}, texts]})
        }
        "text, or list of text" => {
            json!({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]})
        }
        _ => return composed(kind),
    })
}

fn composed(kind: &str) -> Option<Value> {
    if kind.starts_with('"') {
        let words: Vec<&str> = kind.split(" or ").map(|word| word.trim_matches('"')).collect();
        return Some(json!({"enum": words}));
    }
    if let Some(of) = kind.strip_prefix("list of ") {
        return Some(json!({"type": "array", "items": schema_of(of)?}));
    }
    let of = kind.strip_prefix("{ name = ")?.strip_suffix(" }")?;
    Some(json!({"type": "object", "additionalProperties": schema_of(of)?}))
}

/// A value of TOML as JSON; a number too large for it is a text.
pub fn plain(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => json!(text.as_ref()),
        DeValue::Boolean(is) => json!(is),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(read) => json!(read),
            Err(_) => json!(number.as_str()),
        },
        DeValue::Float(number) => match number.as_str().parse::<f64>() {
            Ok(read) if read.is_finite() => json!(read),
            _ => json!(number.as_str()),
        },
        DeValue::Datetime(moment) => json!(moment.to_string()),
        DeValue::Array(items) => items.iter().map(|item| plain(item.get_ref())).collect(),
        DeValue::Table(table) => {
            let pairs = table
                .iter()
                .map(|(key, value)| (key.get_ref().to_string(), plain(value.get_ref())));
            Value::Object(pairs.collect())
        }
    }
}

/// The TOML text of a default or an example.
pub fn parsed(text: &str) -> Option<Value> {
    let value = DeValue::parse(text).ok()?;
    Some(plain(value.get_ref()))
}

/// The one form of a value that may be written in several: a minute is 60 s.
pub fn normal(kind: Option<&str>, value: Value) -> Value {
    let Some(kind) = kind else { return value };
    match (kind, value) {
        ("span of time", Value::String(text)) => match units::duration(&text) {
            Some(span) => json!(format!("{} ms", span.as_millis())),
            None => Value::String(text),
        },
        ("size", Value::String(text)) => match units::size(&text) {
            Some(bytes) => json!(format!("{bytes} B")),
            None => Value::String(text),
        },
        ("text, or { language = text }", Value::String(text)) => json!({"fr": text}),
        ("text, or list of text", Value::String(text)) => json!([text]),
        (kind, Value::Array(items)) => {
            let of = kind.strip_prefix("list of ");
            items.into_iter().map(|item| normal(of, item)).collect()
        }
        (_, value) => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_mean_the_same_are_the_same() {
        let same = |kind: &str, one: &str, other: &str| {
            let form = |text| normal(Some(kind), parsed(text).unwrap());
            assert_eq!(form(one), form(other), "{kind}");
        };
        same("span of time", "\"60 s\"", "\"1 min\"");
        same("list of span of time", "[\"60 s\"]", "[\"1min\"]");
        same("size", "\"1 KiB\"", "\"1024 B\"");
        same("whole number", "1_000", "1000");
        same("text, or { language = text }", "\"a\"", "{ fr = \"a\" }");
        same("text, or list of text", "\"a\"", "[\"a\"]");
        assert_eq!(schema_of("a kind of its own"), None);
    }
}
