//! An imported service as a file of ours: what differs from the defaults, with what was lost as
//! comments. Salts are kept out of it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use super::draft::{Remark, Weight};
use super::folder::ImportedService;
use crate::services::{OneOrMore, ServiceSettings};

/// `services/ID.toml`. Where it has a salt, `salt_file` is the file that holds it.
pub fn to_toml<'a>(
    service: &ImportedService,
    remarks: impl Iterator<Item = &'a Remark>,
    salt_file: Option<&str>,
) -> String {
    let mut out = String::new();
    comment(&mut out, &format!("From Apereo CAS: {}", service.file.display()));
    for note in &service.notes {
        comment(&mut out, note);
    }
    for remark in remarks {
        let what = match remark.weight {
            Weight::Closed => "CLOSED, because of",
            Weight::LeftOut => "Left out:",
            _ => "Look at",
        };
        comment(
            &mut out,
            &format!(
                "{what} {} (line {}): {}",
                remark.field, remark.line, remark.message
            ),
        );
    }
    out.push('\n');
    fields(&mut out, &service.settings, salt_file);
    out
}

fn comment(out: &mut String, text: &str) {
    for line in text.lines() {
        // TOML allows no other control characters there than the tab.
        let line: String = line.chars().filter(|symbol| !symbol.is_control()).collect();
        let _ = writeln!(out, "# {}", line.trim_end());
    }
}

fn fields(out: &mut String, settings: &ServiceSettings, salt_file: Option<&str>) {
    let names: Vec<String> = settings
        .name
        .iter()
        .map(|(language, name)| format!("{} = {}", key(language), text(name)))
        .collect();
    say(out, "name", &format!("{{ {} }}", names.join(", ")));
    list(out, "urls", &settings.urls, true);
    list(out, "patterns", &settings.patterns, false);
    list(out, "proxied_names", &settings.proxied_names, false);
    yes(out, "catch_all", settings.catch_all);
    if let Some(order) = settings.order {
        say(out, "order", &order.to_string());
    }
    list(out, "realms", &settings.realms, false);
    no(out, "enabled", settings.enabled);
    no(out, "sso_enabled", settings.sso_enabled);
    span(out, "sso_max_age", settings.sso_max_age);
    span(out, "sso_max_idle", settings.sso_max_idle);
    some(out, "opens", settings.opens.as_deref());
    some(out, "closes", settings.closes.as_deref());
    map(
        out,
        "required_attributes",
        &settings.required_attributes,
        |values| array(values),
    );
    yes(out, "required_any", settings.required_any);
    map(
        out,
        "rejected_attributes",
        &settings.rejected_attributes,
        |values| array(values),
    );
    some(out, "attribute_values", settings.attribute_values.as_deref());
    list(out, "attributes", &settings.attributes, false);
    map(
        out,
        "renamed_attributes",
        &settings.renamed_attributes,
        one_or_more,
    );
    yes(out, "all_attributes", settings.all_attributes);
    map(out, "released_values", &settings.released_values, |pattern| {
        text(pattern)
    });
    some(out, "user", settings.user.as_deref());
    some(out, "user_salt_file", salt_file);
    some(out, "user_case", settings.user_case.as_deref());
    span(out, "ticket_lifetime", settings.ticket_lifetime);
    span(out, "proxy_ticket_lifetime", settings.proxy_ticket_lifetime);
    span(out, "granting_ticket_lifetime", settings.granting_ticket_lifetime);
    if let Some(logout) = &settings.logout {
        say(out, "logout", &one_or_more(logout));
    }
    some(
        out,
        "unauthorized_redirect_url",
        settings.unauthorized_redirect_url.as_deref(),
    );
    some(out, "redirect_url", settings.redirect_url.as_deref());
    some(out, "response", settings.response.as_deref());
    list(
        out,
        "proxy_callback_patterns",
        &settings.proxy_callback_patterns,
        false,
    );
}

fn say(out: &mut String, name: &str, value: &str) {
    let _ = writeln!(out, "{name} = {value}");
}

fn yes(out: &mut String, name: &str, value: bool) {
    if value {
        say(out, name, "true");
    }
}

fn no(out: &mut String, name: &str, value: bool) {
    if !value {
        say(out, name, "false");
    }
}

fn some(out: &mut String, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        say(out, name, &text(value));
    }
}

fn span(out: &mut String, name: &str, value: Option<Duration>) {
    if let Some(value) = value {
        say(out, name, &format!("\"{} s\"", value.as_secs()));
    }
}

fn list(out: &mut String, name: &str, values: &[String], always: bool) {
    if always || !values.is_empty() {
        say(out, name, &array(values));
    }
}

fn map<T>(out: &mut String, name: &str, entries: &BTreeMap<String, T>, value: impl Fn(&T) -> String) {
    if entries.is_empty() {
        return;
    }
    let entries = entries
        .iter()
        .map(|(name, of)| format!("{} = {}", key(name), value(of)));
    let entries: Vec<String> = entries.collect();
    say(out, name, &format!("{{ {} }}", entries.join(", ")));
}

fn one_or_more(OneOrMore(texts): &OneOrMore) -> String {
    match texts.as_slice() {
        [only] => text(only),
        several => array(several),
    }
}

fn array(values: &[String]) -> String {
    let values: Vec<String> = values.iter().map(|value| text(value)).collect();
    format!("[{}]", values.join(", "))
}

fn key(name: &str) -> String {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if !name.is_empty() && name.bytes().all(bare) {
        name.to_owned()
    } else {
        text(name)
    }
}

/// In single quotes where backslashes would double, as patterns have them.
fn text(value: &str) -> String {
    let literal = value.contains('\\') && !value.contains('\'') && !value.chars().any(char::is_control);
    if literal {
        return format!("'{value}'");
    }
    let mut out = String::from("\"");
    for symbol in value.chars() {
        match symbol {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            control if control.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}
