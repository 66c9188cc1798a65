//! How long tickets and sessions are good for a service, how tickets reach it, and where the end of a
//! session is told.

use std::time::Duration;

use super::dates::span;
use super::draft::{Draft, class_of};
use super::tree::{Fields, Node};
use crate::protocol::service_url::ServiceUrl;
use crate::services::OneOrMore;
use crate::services::settings::{LONGEST_TICKET_LIFETIME, SHORTEST_SPAN};

pub fn read(fields: &mut Fields<'_>, draft: &mut Draft<'_>) {
    if let Some(node) = fields.get("serviceTicketExpirationPolicy") {
        draft.settings.ticket_lifetime = one_shot(node, "serviceTicketExpirationPolicy", draft);
    }
    if let Some(node) = fields.get("proxyTicketExpirationPolicy") {
        draft.settings.proxy_ticket_lifetime = one_shot(node, "proxyTicketExpirationPolicy", draft);
    }
    if let Some(node) = fields.get("proxyGrantingTicketExpirationPolicy") {
        let field = "proxyGrantingTicketExpirationPolicy";
        draft.settings.granting_ticket_lifetime = lasting(node, field, "maxTimeToLiveInSeconds", draft);
    }
    if let Some(node) = fields.get("ticketGrantingTicketExpirationPolicy") {
        draft.leave_out(
            node.line,
            "ticketGrantingTicketExpirationPolicy",
            "sessions live as their realm says, whatever they were opened for",
        );
    }
    if let Some(node) = fields.get("singleSignOnParticipationPolicy") {
        participation(node, draft);
    }
    if let Some(node) = fields.get("responseType") {
        response(node, draft);
    }
    logout(fields, draft);
}

fn one_shot(node: &Node, field: &str, draft: &mut Draft<'_>) -> Option<Duration> {
    let mut fields = Fields::of(node);
    if let Some(uses) = fields.get("numberOfUses").filter(|uses| uses.number() != Some(1)) {
        draft.leave_out(
            uses.line,
            field,
            "a ticket is good for one validation, whatever numberOfUses says",
        );
    }
    let written = fields.get("timeToLive");
    draft.unknown(&fields, field);
    let written = written?;
    let text = written.text().unwrap_or_default();
    match span(&text) {
        Some(span) if span > LONGEST_TICKET_LIFETIME => {
            draft.leave_out(
                written.line,
                field,
                format!("{text} is longer than a ticket may live; it is 300 s here"),
            );
            Some(LONGEST_TICKET_LIFETIME)
        }
        Some(span) if !span.is_zero() => Some(Duration::from_secs(span.as_secs().max(1))),
        _ => {
            draft.leave_out(written.line, field, format!("“{text}” is no span of time"));
            None
        }
    }
}

fn lasting(node: &Node, field: &str, key: &str, draft: &mut Draft<'_>) -> Option<Duration> {
    let mut fields = Fields::of(node);
    let written = fields.get(key);
    draft.unknown(&fields, field);
    let written = written?;
    let text = written.text().unwrap_or_default();
    match span(&text) {
        Some(span) if span >= SHORTEST_SPAN => Some(Duration::from_secs(span.as_secs())),
        _ => {
            draft.leave_out(
                written.line,
                field,
                format!("“{text}” is no span of a minute or more"),
            );
            None
        }
    }
}

fn participation(node: &Node, draft: &mut Draft<'_>) {
    let field = "singleSignOnParticipationPolicy";
    let mut fields = Fields::of(node);
    match node.class_name() {
        Some("DefaultRegisteredServiceSingleSignOnParticipationPolicy") => {}
        Some("NeverRegisteredServiceSingleSignOnParticipationPolicy") => draft.settings.sso_enabled = false,
        Some("AuthenticationDateRegisteredServiceSingleSignOnParticipationPolicy") => {
            draft.settings.sso_max_age = age(&mut fields, node, draft);
        }
        Some("LastUsedTimeRegisteredServiceSingleSignOnParticipationPolicy") => {
            draft.settings.sso_max_idle = age(&mut fields, node, draft);
        }
        Some("ChainingRegisteredServiceSingleSignOnParticipationPolicy") => {
            for policy in fields.get("policies").map(Node::items).unwrap_or_default() {
                participation(policy, draft);
            }
        }
        _ => {
            // Asked each time is what every policy comes to at the least.
            draft.settings.sso_enabled = false;
            let why = format!(
                "{} cannot be carried; the password is asked each time",
                class_of(node)
            );
            draft.leave_out(node.line, field, why);
        }
    }
    fields.pass(&["order", "createCookieOnRenewedAuthentication"]);
    draft.unknown(&fields, field);
}

fn age(fields: &mut Fields<'_>, node: &Node, draft: &mut Draft<'_>) -> Option<Duration> {
    let unit = fields.text("timeUnit").unwrap_or_else(|| "SECONDS".to_owned());
    let value = fields
        .get("timeValue")
        .and_then(Node::number)
        .and_then(|value| u64::try_from(value).ok());
    let seconds = match unit.to_ascii_uppercase().as_str() {
        "SECONDS" => Some(1),
        "MINUTES" => Some(60),
        "HOURS" => Some(3600),
        "DAYS" => Some(86_400),
        _ => None,
    };
    match (value, seconds) {
        (Some(value), Some(seconds)) if value.saturating_mul(seconds) >= 60 => {
            Some(Duration::from_secs(value.saturating_mul(seconds)))
        }
        _ => {
            draft.settings.sso_enabled = false;
            let why = "no span of a minute or more; the password is asked each time";
            draft.leave_out(node.line, "singleSignOnParticipationPolicy", why);
            None
        }
    }
}

fn response(node: &Node, draft: &mut Draft<'_>) {
    let kind = node.text().unwrap_or_default().to_ascii_lowercase();
    match kind.as_str() {
        "redirect" | "" => {}
        "post" | "header" => draft.settings.response = Some(kind),
        _ => draft.leave_out(
            node.line,
            "responseType",
            format!("“{kind}” is none of REDIRECT, POST and HEADER"),
        ),
    }
}

fn logout(fields: &mut Fields<'_>, draft: &mut Draft<'_>) {
    let kind = fields.get("logoutType");
    let urls = fields.get("logoutUrl");
    if let Some(node) = kind {
        match node.text().unwrap_or_default().to_ascii_uppercase().as_str() {
            "NONE" => {
                draft.settings.logout = Some(OneOrMore(vec!["off".to_owned()]));
                return;
            }
            "FRONT_CHANNEL" => {
                draft.leave_out(
                    node.line,
                    "logoutType",
                    "the end of a session is told by the server, not by the browser",
                );
            }
            _ => {}
        }
    }
    let Some(node) = urls else {
        return;
    };
    let https = draft
        .settings
        .urls
        .iter()
        .all(|rule| rule.starts_with("https://"))
        && !draft.settings.urls.is_empty();
    let mut told = Vec::new();
    for url in node
        .text()
        .unwrap_or_default()
        .split(',')
        .map(str::trim)
        .filter(|url| !url.is_empty())
    {
        match ServiceUrl::parse(url) {
            Ok(_) if https && url.to_ascii_lowercase().starts_with("http:") => {
                draft.leave_out(
                    node.line,
                    "logoutUrl",
                    format!("{url}: the service is https, its logout URL must be too"),
                );
            }
            Ok(_) => told.push(url.to_owned()),
            Err(flaw) => draft.leave_out(node.line, "logoutUrl", format!("“{url}”: {flaw}")),
        }
    }
    if !told.is_empty() {
        draft.settings.logout = Some(OneOrMore(told));
    }
}
