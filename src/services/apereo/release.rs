//! What a service learns: `attributeReleasePolicy`, its chains and its filters.

use std::collections::BTreeMap;

use super::access::as_whole;
use super::draft::{Draft, class_of};
use super::tree::{Fields, Node};
use crate::protocol::response::{is_reserved, xml_name};
use crate::services::OneOrMore;

const FIELD: &str = "attributeReleasePolicy";

/// No value matches it.
const NOTHING: &str = r"[^\x00-\xff]";

/// An attribute and the name it is sent under, in Apereo's order.
struct Sent {
    attribute: String,
    sent_as: String,
    line: usize,
}

/// What of one policy goes out.
#[derive(Default)]
struct Released {
    sent: Vec<Sent>,
    all: bool,
    filters: Vec<Filter>,
}

/// Values that go out, by the name they are sent under.
#[derive(Default)]
struct Filter {
    line: usize,
    by_name: BTreeMap<String, String>,
    of_others: Option<String>,
}

pub fn policy(node: &Node, draft: &mut Draft<'_>) {
    let released = match node.class_name() {
        Some("ChainingAttributeReleasePolicy") => chain(node, draft),
        _ => one(node, draft),
    };
    settle(released, node.line, draft);
}

fn chain(node: &Node, draft: &mut Draft<'_>) -> Released {
    let mut fields = Fields::of(node);
    let policies = fields.get("policies").map(Node::items).unwrap_or_default();
    let merging = fields
        .text("mergingPolicy")
        .unwrap_or_else(|| "REPLACE".to_owned());
    fields.pass(&["order", "principalAttributesRepository", "consentPolicy"]);
    draft.unknown(&fields, FIELD);
    let mut sorted: Vec<&Node> = policies.iter().collect();
    sorted.sort_by_key(|policy| {
        Fields::of(policy)
            .get("order")
            .and_then(Node::number)
            .unwrap_or(0)
    });
    let mut whole = Released::default();
    for policy in sorted {
        let one = one(policy, draft);
        if !one.filters.is_empty() && policies.len() > 1 {
            draft.close(
                policy.line,
                FIELD,
                "a filter in one policy of several cannot be carried",
            );
        }
        for sent in one.sent {
            let known = whole
                .sent
                .iter_mut()
                .find(|known| known.sent_as.eq_ignore_ascii_case(&sent.sent_as));
            match known {
                Some(known) if known.attribute.eq_ignore_ascii_case(&sent.attribute) => {}
                Some(known) if merging.eq_ignore_ascii_case("REPLACE") => *known = sent,
                Some(_) if merging.eq_ignore_ascii_case("ADD") => {}
                Some(_) => draft.leave_out(
                    sent.line,
                    FIELD,
                    format!(
                        "{} as {}, which another attribute is sent as, too",
                        sent.attribute, sent.sent_as
                    ),
                ),
                None => whole.sent.push(sent),
            }
        }
        whole.all |= one.all;
        whole.filters.extend(one.filters);
    }
    whole
}

fn one(node: &Node, draft: &mut Draft<'_>) -> Released {
    let mut fields = Fields::of(node);
    let mut released = Released::default();
    match node.class_name() {
        Some("ReturnAllowedAttributeReleasePolicy") | None => {
            if let Some(list) = fields.get("allowedAttributes") {
                released.sent = allowed(list, draft);
            }
        }
        Some("ReturnMappedAttributeReleasePolicy") => {
            if let Some(map) = fields.get("allowedAttributes") {
                released.sent = mapped(map, draft);
            }
        }
        Some("ReturnAllAttributeReleasePolicy") => {
            released.all = true;
            draft.look(node.line, FIELD, "it learns everything that is read of people");
            let excluded = fields
                .get("excludedAttributes")
                .filter(|list| !list.items().is_empty());
            if let Some(excluded) = excluded {
                draft.close(
                    excluded.line,
                    "excludedAttributes",
                    "everything but some attributes cannot be said here",
                );
            }
        }
        // It also drops what the fields beside would add.
        Some("DenyAllAttributeReleasePolicy") => {
            for entry in node.entries() {
                fields.pass(&[&entry.key]);
            }
        }
        Some(other) => {
            draft.close(node.line, FIELD, format!("{other} cannot be carried"));
            return released;
        }
    }
    common(&mut fields, &mut released, draft);
    draft.unknown(&fields, FIELD);
    released
}

fn allowed(list: &Node, draft: &mut Draft<'_>) -> Vec<Sent> {
    let mut sent = Vec::new();
    for item in list.items() {
        let name = item.text().unwrap_or_default();
        if is_script(&name) {
            draft.leave_out(
                item.line,
                "allowedAttributes",
                "an attribute that comes from a script",
            );
        } else if !name.trim().is_empty() {
            sent.push(Sent {
                attribute: name.clone(),
                sent_as: name,
                line: item.line,
            });
        }
    }
    sent
}

fn mapped(map: &Node, draft: &mut Draft<'_>) -> Vec<Sent> {
    let mut sent: Vec<Sent> = Vec::new();
    for entry in map.entries() {
        for target in entry.node.items().iter().filter_map(Node::text) {
            if is_script(&target) {
                let why = format!("{} comes from a script", entry.key);
                draft.leave_out(entry.line, "allowedAttributes", why);
                continue;
            }
            sent.push(Sent {
                attribute: entry.key.clone(),
                sent_as: target,
                line: entry.line,
            });
        }
    }
    sent
}

fn is_script(text: &str) -> bool {
    let text = text.trim_start();
    ["groovy {", "groovy{", "file:", "classpath:"]
        .iter()
        .any(|mark| text.starts_with(mark))
        || text.ends_with(".groovy")
}

fn common(fields: &mut Fields<'_>, released: &mut Released, draft: &mut Draft<'_>) {
    fields.pass(&[
        "order",
        "excludeDefaultAttributes",
        "authorizedToReleaseAuthenticationAttributes",
        "name",
    ]);
    for (name, what) in [
        (
            "authorizedToReleaseCredentialPassword",
            "the password is given to nobody",
        ),
        (
            "authorizedToReleaseProxyGrantingTicket",
            "proxy-granting tickets travel by callback only",
        ),
    ] {
        if let Some(node) = fields.get(name).filter(|node| node.truth() == Some(true)) {
            draft.leave_out(node.line, name, what);
        }
    }
    if let Some(node) = fields.get("principalIdAttribute").filter(|node| !is_blank(node)) {
        draft.leave_out(
            node.line,
            "principalIdAttribute",
            "the user name is not sent as an attribute, too",
        );
    }
    if let Some(node) = fields.get("canonicalizationMode")
        && node.text().is_some_and(|mode| !mode.eq_ignore_ascii_case("NONE"))
    {
        draft.leave_out(
            node.line,
            "canonicalizationMode",
            "values go out in the case they have",
        );
    }
    if let Some(node) = fields
        .get("activationCriteria")
        .filter(|node| !node.entries().is_empty())
    {
        draft.close(
            node.line,
            "activationCriteria",
            "when the policy holds cannot be carried",
        );
    }
    if let Some(node) = fields.get("consentPolicy") {
        let mut consent = Fields::of(node);
        let asks = consent
            .text("status")
            .is_some_and(|status| status.eq_ignore_ascii_case("TRUE"))
            || consent.truth("enabled", false);
        if asks {
            draft.close(
                node.line,
                "consentPolicy",
                "people are not asked for their consent here",
            );
        }
    }
    if let Some(node) = fields.get("principalAttributesRepository")
        && class_of(node) != "DefaultPrincipalAttributesRepository"
    {
        draft.look(
            node.line,
            "principalAttributesRepository",
            "attributes are read from the directory, as ever",
        );
    }
    if let Some(node) = fields.get("attributeFilter") {
        filter(node, released, draft);
    }
}

fn is_blank(node: &Node) -> bool {
    node.text().is_none_or(|text| text.trim().is_empty())
}

fn filter(node: &Node, released: &mut Released, draft: &mut Draft<'_>) {
    let mut fields = Fields::of(node);
    let field = "attributeFilter";
    match node.class_name() {
        Some("RegisteredServiceRegexAttributeFilter") => {
            fields.pass(&["order"]);
            match fields.text("pattern") {
                Some(pattern) => released.filters.push(Filter {
                    line: node.line,
                    of_others: Some(format!("(?i){pattern}")),
                    ..Filter::default()
                }),
                None => draft.close(node.line, field, "there is no pattern"),
            }
        }
        Some(
            "RegisteredServiceMappedRegexAttributeFilter" | "RegisteredServiceMutantRegexAttributeFilter",
        ) => {
            if let Some(filter) = by_name(node, &mut fields, draft) {
                released.filters.push(filter);
            }
        }
        Some("RegisteredServiceChainingAttributeFilter") => {
            fields.pass(&["order"]);
            for filter_of_chain in fields.get("filters").map(Node::items).unwrap_or_default() {
                filter(filter_of_chain, released, draft);
            }
        }
        _ => draft.close(node.line, field, format!("{} cannot be carried", class_of(node))),
    }
    draft.unknown(&fields, field);
}

fn by_name(node: &Node, fields: &mut Fields<'_>, draft: &mut Draft<'_>) -> Option<Filter> {
    fields.pass(&["order"]);
    let any_case = fields.truth("caseInsensitive", true);
    let whole = fields.truth("completeMatch", false);
    let mut filter = Filter {
        line: node.line,
        of_others: fields
            .truth("excludeUnmappedAttributes", false)
            .then(|| NOTHING.to_owned()),
        ..Filter::default()
    };
    for entry in fields.get("patterns").map(Node::entries).unwrap_or_default() {
        let mut alternatives = Vec::new();
        for written in entry.node.items().iter().filter_map(Node::text) {
            if written.contains("->") {
                draft.close(
                    entry.line,
                    "attributeFilter",
                    "values that are rewritten cannot be carried",
                );
                return None;
            }
            let case = if any_case { "(?i)" } else { "" };
            let pattern = match whole {
                true => Ok(format!("{case}{written}")),
                false => as_whole(&written, any_case),
            };
            match pattern {
                Ok(pattern) => alternatives.push(pattern),
                Err(why) => {
                    draft.close(entry.line, "attributeFilter", format!("“{written}”: {why}"));
                    return None;
                }
            }
        }
        let pattern = match alternatives.as_slice() {
            [only] => only.clone(),
            several => format!("(?:{})", several.join(")|(?:")),
        };
        filter.by_name.insert(entry.key.clone(), pattern);
    }
    Some(filter)
}

/// Puts it into the settings, where our own rules allow it.
fn settle(released: Released, line: usize, draft: &mut Draft<'_>) {
    let mut taken: BTreeMap<String, String> = BTreeMap::new();
    for sent in &released.sent {
        // Of two attributes that are sent alike the last wins, as in Apereo.
        let key = xml_name(&sent.sent_as).to_ascii_lowercase();
        if let Some(before) = taken.insert(key, sent.attribute.clone())
            && !before.eq_ignore_ascii_case(&sent.attribute)
        {
            let why = format!(
                "{before} is sent as {}, as {} is: only the latter goes out",
                sent.sent_as, sent.attribute
            );
            draft.leave_out(sent.line, FIELD, why);
        }
    }
    let mut renamed: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for sent in &released.sent {
        let key = xml_name(&sent.sent_as).to_ascii_lowercase();
        if taken.get(&key) != Some(&sent.attribute) {
            continue;
        }
        taken.remove(&key);
        if is_reserved(&sent.sent_as) {
            let why = format!(
                "“{}” is a word of the protocol: clients would read it as the answer itself",
                sent.sent_as
            );
            draft.leave_out(sent.line, FIELD, why);
        } else if sent.attribute == sent.sent_as {
            draft.settings.attributes.push(sent.attribute.clone());
        } else {
            renamed
                .entry(sent.attribute.clone())
                .or_default()
                .push(sent.sent_as.clone());
        }
    }
    draft.settings.renamed_attributes = renamed
        .into_iter()
        .map(|(attribute, names)| (attribute, OneOrMore(names)))
        .collect();
    draft.settings.all_attributes = released.all;
    filters(released, line, draft);
}

fn filters(released: Released, line: usize, draft: &mut Draft<'_>) {
    let filter = match released.filters.as_slice() {
        [] => return,
        [only] => only,
        _ => {
            draft.close(
                line,
                "attributeFilter",
                "several filters, one after the other, cannot be carried",
            );
            return;
        }
    };
    for pattern in filter.by_name.values().chain(&filter.of_others) {
        if let Err(why) = crate::services::pattern::Pattern::new(pattern) {
            draft.close(filter.line, "attributeFilter", format!("“{pattern}”: {why}"));
            return;
        }
    }
    let mut values: BTreeMap<String, String> = BTreeMap::new();
    for (name, pattern) in &filter.by_name {
        let mut sources = released.sent.iter().filter(|sent| sent.sent_as == *name);
        match (sources.next(), sources.next()) {
            (Some(sent), None) => {
                let names = released
                    .sent
                    .iter()
                    .filter(|other| other.attribute == sent.attribute);
                if names.count() > 1 {
                    draft.close(
                        filter.line,
                        "attributeFilter",
                        "an attribute with two names of which one is filtered cannot be carried",
                    );
                }
                values.insert(sent.attribute.clone(), pattern.clone());
            }
            (None, _) if released.all => {
                draft.settings.attributes.push(name.clone());
                values.insert(name.clone(), pattern.clone());
            }
            _ => {}
        }
    }
    if let Some(others) = &filter.of_others {
        values.insert("*".to_owned(), others.clone());
    }
    draft.settings.released_values = values;
}
