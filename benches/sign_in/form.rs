//! Reads the form of a page as a browser does, and fills it in.

use anyhow::{Context, bail};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// Where the page's form goes and what it sends: `typed`, and what it holds itself. It is the sign-in form,
/// or else the first that is sent of the page's own.
pub fn filled(page: &str, typed: &[(&str, &str)]) -> anyhow::Result<(String, String)> {
    let (_, own) = page.split_once("<main").unwrap_or(("", page));
    let form = between(own, "<form id=\"sign-in\"", "</form>")
        .or_else(|| between(own, "<form method=\"post\"", "</form>"))
        .context("no form")?;
    let action = between(form, "action=\"", "\"").context("no action")?;
    let typed = typed
        .iter()
        .map(|(name, value)| format!("{name}={}", encoded(value)));
    let mut body = typed.collect::<Vec<_>>().join("&");
    for field in form
        .split("<input ")
        .filter(|field| field.contains("type=\"hidden\""))
    {
        let name = between(field, "name=\"", "\"").context("a field without name")?;
        if body.starts_with(&format!("{name}=")) || body.contains(&format!("&{name}=")) {
            continue;
        }
        let value = between(field, "value=\"", "\"").unwrap_or_default();
        body.push_str(&format!("&{name}={}", encoded(&read(value))));
    }
    if !body.contains("&lt=") {
        bail!("a form without login ticket");
    }
    Ok((read(action), body))
}

pub fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(start)?;
    Some(rest.split_once(end)?.0)
}

/// The few entities that our pages write.
fn read(attribute: &str) -> String {
    attribute.replace("&quot;", "\"").replace("&amp;", "&")
}

pub fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}
