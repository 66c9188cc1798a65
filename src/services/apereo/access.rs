//! Who may use a service, and when: `accessStrategy` and `expirationPolicy`.

use std::collections::BTreeMap;

use super::dates::moment;
use super::draft::{Draft, class_of};
use super::tree::{Fields, Node};
use crate::services::pattern::Pattern;

const FIELD: &str = "accessStrategy";

pub fn strategy(node: &Node, draft: &mut Draft<'_>) {
    match node.class_name() {
        Some("ChainingRegisteredServiceAccessStrategy") => chain(node, draft),
        _ => one(node, draft),
    }
}

/// All of several must hold: their rules are added up as long as they are about different attributes.
fn chain(node: &Node, draft: &mut Draft<'_>) {
    let mut fields = Fields::of(node);
    let strategies = fields.get("strategies").map(Node::items).unwrap_or_default();
    let any = fields
        .text("operator")
        .is_some_and(|operator| operator.eq_ignore_ascii_case("OR"));
    let any = any && strategies.len() > 1;
    if any && !strategies.iter().all(wants_one_attribute) {
        draft.close(
            node.line,
            FIELD,
            "one of several strategies is enough, which cannot be said here",
        );
    }
    redirect(&mut fields, draft);
    fields.pass(&["order"]);
    draft.unknown(&fields, FIELD);
    for strategy in strategies {
        strategy_of_chain(strategy, draft);
    }
    draft.settings.required_any |= any && draft.settings.required_attributes.len() > 1;
}

/// Whether it says nothing but what values one attribute must have: of such strategies, one can be
/// enough here, too.
fn wants_one_attribute(strategy: &Node) -> bool {
    let mut fields = Fields::of(strategy);
    let one = fields
        .get("requiredAttributes")
        .is_some_and(|required| required.entries().len() == 1);
    let default = matches!(
        strategy.class_name(),
        Some("DefaultRegisteredServiceAccessStrategy") | None
    );
    let plain = fields.truth("enabled", true) && fields.truth("ssoEnabled", true);
    fields.pass(&["requireAllAttributes", "caseInsensitive", "order"]);
    default && one && plain && fields.rest().next().is_none()
}

fn strategy_of_chain(node: &Node, draft: &mut Draft<'_>) {
    let before = (
        draft.settings.enabled,
        draft.settings.sso_enabled,
        std::mem::take(&mut draft.settings.required_attributes),
        std::mem::take(&mut draft.settings.rejected_attributes),
        draft.settings.required_any,
    );
    one(node, draft);
    draft.settings.enabled &= before.0;
    draft.settings.sso_enabled &= before.1;
    let choice = draft.settings.required_any || before.4;
    let (two, none) = (
        !before.2.is_empty() && !draft.settings.required_attributes.is_empty(),
        before.2.is_empty() && draft.settings.required_attributes.is_empty(),
    );
    draft.settings.required_any = choice && !none;
    let mut clash = choice && two;
    for (name, values) in before.2 {
        clash |= draft.settings.required_attributes.insert(name, values).is_some();
    }
    for (name, values) in before.3 {
        let all = draft.settings.rejected_attributes.entry(name).or_default();
        all.extend(values);
    }
    if clash {
        draft.close(
            node.line,
            FIELD,
            "two strategies require values of one attribute, or one of several",
        );
    }
}

fn one(node: &Node, draft: &mut Draft<'_>) {
    let mut fields = Fields::of(node);
    let time_based = match node.class_name() {
        Some("DefaultRegisteredServiceAccessStrategy") | None => false,
        Some("TimeBasedRegisteredServiceAccessStrategy") => true,
        Some(other) => {
            draft.close(node.line, FIELD, format!("{other} cannot be carried"));
            return;
        }
    };
    draft.settings.enabled &= fields.truth("enabled", true);
    draft.settings.sso_enabled &= fields.truth("ssoEnabled", true);
    redirect(&mut fields, draft);
    attributes(&mut fields, draft);
    if time_based {
        window(&mut fields, draft);
    }
    if let Some(policy) = fields.get("delegatedAuthenticationPolicy") {
        delegation(policy, draft);
    }
    if let Some(criteria) = fields.get("activationCriteria") {
        let always = criteria
            .class_name()
            .is_some_and(|class| class.contains("Always"));
        if !always && !criteria.entries().is_empty() {
            draft.close(
                criteria.line,
                "accessStrategy.activationCriteria",
                "when the strategy holds cannot be carried",
            );
        }
    }
    fields.pass(&["order"]);
    draft.unknown(&fields, FIELD);
}

fn redirect(fields: &mut Fields<'_>, draft: &mut Draft<'_>) {
    let name = "unauthorizedRedirectUrl";
    if let (Some(node), Some(url)) = (fields.get(name), fields.text(name)) {
        match crate::protocol::service_url::ServiceUrl::parse(&url) {
            Ok(_) => draft.settings.unauthorized_redirect_url = Some(url),
            Err(flaw) => draft.leave_out(
                node.line,
                name,
                format!("“{url}” is no URL to send people to: {flaw}"),
            ),
        }
    }
}

fn attributes(fields: &mut Fields<'_>, draft: &mut Draft<'_>) {
    let all = fields.truth("requireAllAttributes", true);
    let any_case = fields.truth("caseInsensitive", false);
    if let Some(node) = fields.get("requiredAttributes") {
        let rules = values(node, "requiredAttributes", any_case, draft);
        let (met, never): (Vec<_>, Vec<_>) = rules.into_iter().partition(|(_, values)| !values.is_empty());
        if !never.is_empty() && (all || met.is_empty()) {
            draft.close(
                node.line,
                "requiredAttributes",
                "an empty set of values lets nobody in",
            );
        }
        draft.settings.required_any = !all && met.len() > 1;
        draft.settings.required_attributes = met.into_iter().collect();
    }
    if let Some(node) = fields.get("rejectedAttributes") {
        let rules = values(node, "rejectedAttributes", any_case, draft);
        if all && rules.len() > 1 {
            draft.close(
                node.line,
                "rejectedAttributes",
                "only those who have all of several attributes are turned away, which cannot be said here",
            );
        }
        draft.settings.rejected_attributes = rules
            .into_iter()
            .filter(|(_, values)| !values.is_empty())
            .collect();
    }
    let ruled =
        !draft.settings.required_attributes.is_empty() || !draft.settings.rejected_attributes.is_empty();
    if ruled {
        draft.settings.attribute_values = Some("pattern".to_owned());
    }
}

/// Values as patterns for whole values: Apereo looks for its own anywhere in a value.
fn values(node: &Node, field: &str, any_case: bool, draft: &mut Draft<'_>) -> BTreeMap<String, Vec<String>> {
    let mut rules = BTreeMap::new();
    for entry in node.entries() {
        let mut patterns = Vec::new();
        for value in entry.node.items().iter().filter_map(Node::text) {
            if value.trim_start().starts_with("groovy") {
                draft.close(
                    entry.line,
                    field,
                    format!("the values of {} come from a script", entry.key),
                );
                continue;
            }
            match as_whole(&value, any_case) {
                Ok(pattern) => patterns.push(pattern),
                Err(why) => {
                    draft.close(entry.line, field, format!("“{value}” of {}: {why}", entry.key));
                }
            }
        }
        rules.insert(entry.key.clone(), patterns);
    }
    rules
}

/// What is no pattern in Java is compared as it stands.
pub fn as_whole(value: &str, any_case: bool) -> Result<String, String> {
    // Anchors keep their meaning in the middle; of alternatives each may have its own.
    let anywhere = match value.starts_with('^') && value.ends_with('$') && !value.contains('|') {
        true => value.to_owned(),
        false => format!("(?s).*(?:{value}).*"),
    };
    let with_case = |text: &str| {
        if any_case {
            format!("(?i){text}")
        } else {
            text.to_owned()
        }
    };
    match Pattern::new(value) {
        Ok(_) => Ok(with_case(&anywhere)),
        Err(why)
            if why.contains("look-around") || why.contains("backreference") || why.contains("memory") =>
        {
            Err(why)
        }
        Err(_) => Ok(regex_syntax::escape(value)),
    }
}

fn window(fields: &mut Fields<'_>, draft: &mut Draft<'_>) {
    for (name, opens) in [("startingDateTime", true), ("endingDateTime", false)] {
        let Some(node) = fields.get(name) else {
            continue;
        };
        let text = node.text().unwrap_or_default();
        match moment(&text, &draft.surroundings.zone) {
            Some(moment) if opens => draft.settings.opens = Some(moment.to_string()),
            Some(moment) => sooner(moment, draft),
            None => draft.close(node.line, name, format!("“{text}” is no moment")),
        }
    }
}

fn sooner(moment: jiff::Timestamp, draft: &mut Draft<'_>) {
    let known = draft
        .settings
        .closes
        .as_deref()
        .and_then(|text| text.parse().ok());
    let sooner = known.map_or(moment, |known: jiff::Timestamp| known.min(moment));
    draft.settings.closes = Some(sooner.to_string());
}

/// Local times of it are in UTC, other than those of a strategy.
pub fn expiration(node: &Node, draft: &mut Draft<'_>) {
    let field = "expirationPolicy";
    let mut fields = Fields::of(node);
    if let Some(date) = fields.get("expirationDate") {
        let text = date.text().unwrap_or_default();
        match moment(&text, &jiff::tz::TimeZone::UTC) {
            Some(moment) => {
                if moment <= draft.surroundings.now {
                    draft.look(date.line, field, format!("it has expired: {text}"));
                }
                sooner(moment, draft);
            }
            None if text.trim().is_empty() => {}
            None => draft.close(date.line, field, format!("“{text}” is no moment")),
        }
    }
    if fields.truth("deleteWhenExpired", false) {
        let why = "nothing is deleted here; once expired it stays closed";
        draft.look(node.line, "expirationPolicy.deleteWhenExpired", why);
    }
    for name in ["notifyWhenDeleted", "notifyWhenExpired"] {
        if fields.truth(name, false) {
            draft.leave_out(
                node.line,
                &format!("{field}.{name}"),
                "nobody is told when it ends",
            );
        }
    }
    draft.unknown(&fields, field);
}

fn delegation(node: &Node, draft: &mut Draft<'_>) {
    let field = "delegatedAuthenticationPolicy";
    let mut fields = Fields::of(node);
    let allowed = fields
        .get("allowedProviders")
        .map(Node::items)
        .unwrap_or_default();
    if !allowed.is_empty() {
        draft.close(
            node.line,
            field,
            "only some of the servers that sign people in are allowed",
        );
    }
    if fields.truth("exclusive", false) {
        draft.close(node.line, field, "passwords are not allowed");
    }
    fields.pass(&["permitUndefined", "selectionStrategy", "order"]);
    if class_of(node) != "DefaultRegisteredServiceDelegatedAuthenticationPolicy" && node.class.is_some() {
        draft.close(node.line, field, format!("{} cannot be carried", class_of(node)));
    }
    draft.unknown(&fields, field);
}
