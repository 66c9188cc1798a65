//! CAS 3 in JSON (CAS 3.0.3 §2.5.6): the same facts as the XML, under the attributes' own names.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Serialize;
use serde_json::Value;

use super::{Outcome, ValidationSuccess, failure_text};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    service_response: Body<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Body<'a> {
    AuthenticationSuccess(Success<'a>),
    AuthenticationFailure { code: &'static str, description: String },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Success<'a> {
    user: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    proxy_granting_ticket: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    proxies: &'a [String],
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    attributes: BTreeMap<&'a str, Value>,
}

pub fn write(outcome: &Outcome) -> String {
    let service_response = match outcome {
        Outcome::Success(success) => Body::AuthenticationSuccess(Success {
            user: success.user.as_str(),
            proxy_granting_ticket: success
                .proxy_granting_ticket
                .as_ref()
                .map(|ticket| ticket.expose()),
            proxies: &success.proxies,
            attributes: attributes(success),
        }),
        Outcome::Failure { failure, reference } => Body::AuthenticationFailure {
            code: failure.code(),
            description: failure_text(*failure, reference),
        },
    };
    let document = serde_json::to_string(&Document { service_response });
    debug_assert!(document.is_ok(), "strings, lists and maps with string keys");
    in_ascii(document.unwrap_or_default())
}

fn attributes(success: &ValidationSuccess) -> BTreeMap<&str, Value> {
    let mut lists: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for attribute in success.sent_attributes() {
        let values = attribute.sent_values().map(Value::from);
        lists.entry(&attribute.name).or_default().extend(values);
    }
    if let Some(technical) = &success.technical {
        let date = Value::from(technical.authenticated_at.to_rfc3339());
        lists.insert("authenticationDate", vec![date]);
        lists.insert(
            "longTermAuthenticationRequestTokenUsed",
            vec![technical.remembered.into()],
        );
        lists.insert("isFromNewLogin", vec![technical.from_new_login.into()]);
    }
    let shaped = lists
        .into_iter()
        .map(|(name, values)| (name, shape(values, success.shape.json_scalars)));
    shaped.collect()
}

/// Arrays for all, or a scalar for a single value where the service asks for it (CAS-245).
fn shape(mut values: Vec<Value>, scalars: bool) -> Value {
    match values.pop() {
        Some(only) if scalars && values.is_empty() => only,
        Some(last) => {
            values.push(last);
            Value::Array(values)
        }
        None => Value::Array(values),
    }
}

/// Characters beyond ASCII stand in strings only, where `\u` means the same: no client can decode
/// them with the wrong charset (CAS-139).
fn in_ascii(json: String) -> String {
    if json.is_ascii() {
        return json;
    }
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    out
}
