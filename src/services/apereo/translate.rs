//! One definition into one service: field after field of specification §4.

use std::path::Path;

use super::draft::{Draft, Remark, Surroundings, Weight, class_of};
use super::tree::{Fields, Node, Value};
use super::{access, address, person, release, tickets};
use crate::base::secret::Secret;
use crate::protocol::service_url::ServiceUrl;
use crate::services::ServiceSettings;

/// A definition for CAS as a service. Its id and order are given when all of them are known.
pub struct Translated {
    pub settings: ServiceSettings,
    /// Kept out of the settings' file.
    pub salt: Option<Secret>,
    /// What people want to keep, as comments.
    pub notes: Vec<String>,
    /// The line of `serviceId`.
    pub line: usize,
    /// What Apereo sorts by.
    pub rank: Rank,
}

/// Apereo's order of definitions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    pub evaluation_order: i64,
    pub lower_name: String,
    pub service_id: String,
    pub id: i64,
}

/// `None` when it is no definition for CAS; the remarks say so.
pub fn translate(root: &Node, file: &Path, surroundings: &Surroundings) -> (Option<Translated>, Vec<Remark>) {
    let mut draft = Draft::new(file, surroundings);
    if !is_for_cas(root, &mut draft) {
        return (None, draft.remarks);
    }
    let mut fields = Fields::of(root);
    twice(root, &mut draft);
    let id = fields.get("id").and_then(Node::number).unwrap_or(-1);
    let name = fields.text("name").unwrap_or_default();
    let service_id = fields.get("serviceId");
    let rank = Rank {
        evaluation_order: fields.get("evaluationOrder").and_then(Node::number).unwrap_or(0),
        lower_name: name.trim().to_lowercase(),
        service_id: service_id.and_then(Node::text).unwrap_or_default(),
        id,
    };
    let shown = if name.trim().is_empty() {
        rank.service_id.clone()
    } else {
        name
    };
    draft.settings.name = [("fr".to_owned(), shown)].into();
    address::service_id(service_id, fields.get("matchingStrategy"), &mut draft);
    people(&mut fields, &mut draft);
    tickets::read(&mut fields, &mut draft);
    redirect(&mut fields, &mut draft);
    restrictions(&mut fields, &mut draft);
    metadata(&mut fields, &mut draft);
    draft.unknown(&fields, "");
    let translated = Translated {
        line: service_id.map_or(root.line, |node| node.line),
        settings: draft.settings,
        salt: draft.salt,
        notes: draft.notes,
        rank,
    };
    (Some(translated), draft.remarks)
}

fn is_for_cas(root: &Node, draft: &mut Draft<'_>) -> bool {
    if !matches!(root.value, Value::Map(_)) {
        draft.remark(
            Weight::Unreadable,
            root.line,
            "",
            "this is no definition: a map of fields is missing",
        );
        return false;
    }
    let kind = match root.class_name() {
        Some("CasRegisteredService" | "RegexRegisteredService") => return true,
        None => {
            draft.look(
                root.line,
                "@class",
                "there is none; it is taken for a CasRegisteredService",
            );
            return true;
        }
        Some("OAuthRegisteredService") => "a definition for OAuth 2.0".to_owned(),
        Some("OidcRegisteredService") => "a definition for OpenID Connect".to_owned(),
        Some("SamlRegisteredService") => "a definition for SAML 2.0".to_owned(),
        Some("WSFederationRegisteredService") => "a definition for WS-Federation".to_owned(),
        Some(other) => format!("the class {other} is not known here"),
    };
    draft.remark(Weight::Skipped, root.line, "@class", kind);
    false
}

fn twice(root: &Node, draft: &mut Draft<'_>) {
    let entries = root.entries();
    for (at, entry) in entries.iter().enumerate() {
        let later = entries.get(at + 1..).unwrap_or_default();
        if let Some(again) = later.iter().find(|other| other.key == entry.key) {
            draft.look(
                entry.line,
                &entry.key,
                format!("this is said again in line {}, which wins", again.line),
            );
        }
    }
}

fn people(fields: &mut Fields<'_>, draft: &mut Draft<'_>) {
    if let Some(node) = fields.get("accessStrategy") {
        access::strategy(node, draft);
    }
    if let Some(node) = fields.get("expirationPolicy") {
        access::expiration(node, draft);
    }
    if let Some(node) = fields.get("usernameAttributeProvider") {
        person::provider(node, draft);
    }
    if let Some(node) = fields.get("attributeReleasePolicy") {
        release::policy(node, draft);
    }
    person::under_released_name(draft);
    if let Some(node) = fields.get("proxyPolicy") {
        address::proxy_policy(node, draft);
    }
    let never_open = match (&draft.settings.opens, &draft.settings.closes) {
        (Some(opens), Some(closes)) => closes <= opens,
        _ => false,
    };
    if never_open {
        draft.settings.opens = None;
        draft.settings.closes = None;
        draft.settings.enabled = false;
        draft.look(1, "accessStrategy", "it ends before it starts, so it is closed");
    }
}

fn redirect(fields: &mut Fields<'_>, draft: &mut Draft<'_>) {
    if let (Some(node), Some(url)) = (fields.get("redirectUrl"), fields.text("redirectUrl")) {
        match ServiceUrl::parse(&url) {
            Ok(_) => draft.settings.redirect_url = Some(url),
            Err(flaw) => draft.leave_out(node.line, "redirectUrl", format!("“{url}”: {flaw}")),
        }
    }
    if let Some(node) = fields
        .get("supportedProtocols")
        .filter(|node| !node.items().is_empty())
    {
        draft.leave_out(
            node.line,
            "supportedProtocols",
            "tickets of a service are validated by every version",
        );
    }
}

/// Conditions that have no place here. Who is not asked for a second factor, or comes by another way,
/// would get in where Apereo lets nobody in.
fn restrictions(fields: &mut Fields<'_>, draft: &mut Draft<'_>) {
    if let Some(node) = fields.get("multifactorPolicy") {
        let mut policy = Fields::of(node);
        let asked = policy
            .get("multifactorAuthenticationProviders")
            .is_some_and(|list| !list.items().is_empty());
        let scripted = !matches!(
            node.class_name(),
            None | Some("DefaultRegisteredServiceMultifactorPolicy")
        );
        if asked || scripted {
            draft.close(
                node.line,
                "multifactorPolicy",
                "a second factor is wanted, and cannot be asked for here",
            );
        }
    }
    if let Some(node) = fields.get("authenticationPolicy") {
        let mut policy = Fields::of(node);
        let lists = ["requiredAuthenticationHandlers", "excludedAuthenticationHandlers"];
        let named = lists
            .iter()
            .any(|name| policy.get(name).is_some_and(|list| !list.items().is_empty()));
        let criteria = policy.get("criteria").is_some_and(|node| {
            !matches!(
                node.class_name(),
                None | Some("DefaultRegisteredServiceAuthenticationPolicyCriteria")
            )
        });
        if named || criteria {
            draft.close(
                node.line,
                "authenticationPolicy",
                "only some directories are allowed; say which with realms",
            );
        }
    }
    if let Some(node) = fields
        .get("requiredHandlers")
        .filter(|node| !node.items().is_empty())
    {
        draft.close(
            node.line,
            "requiredHandlers",
            "only some directories are allowed; say which with realms",
        );
    }
    if let Some(node) = fields.get("environments").filter(|node| !node.items().is_empty()) {
        draft.close(node.line, "environments", "it is there in some environments only");
    }
    if let Some(node) = fields.get("acceptableUsagePolicy") {
        let mut policy = Fields::of(node);
        if policy.text("text").is_some() || policy.text("messageCode").is_some() {
            draft.leave_out(
                node.line,
                "acceptableUsagePolicy",
                "nobody is asked to accept terms",
            );
        }
    }
    for name in [
        "webflowInterruptPolicy",
        "passwordlessPolicy",
        "surrogatePolicy",
        "tenantId",
        "publicKey",
    ] {
        if let Some(node) = fields.get(name) {
            draft.leave_out(
                node.line,
                name,
                format!("{} has no counterpart here", class_of(node)),
            );
        }
    }
}

fn metadata(fields: &mut Fields<'_>, draft: &mut Draft<'_>) {
    for name in [
        "description",
        "informationUrl",
        "privacyUrl",
        "logo",
        "locale",
        "templateName",
        "friendlyName",
    ] {
        if let Some(text) = fields.text(name) {
            draft.notes.push(format!("{name}: {text}"));
        }
    }
    if let Some(node) = fields.get("theme")
        && let Some(theme) = node.text().filter(|text| !text.trim().is_empty())
    {
        draft.notes.push(format!("theme: {theme}"));
        draft.leave_out(
            node.line,
            "theme",
            format!("“{theme}” is no theme here; write theme when one is made"),
        );
    }
    for contact in fields.get("contacts").map(Node::items).unwrap_or_default() {
        let words = contact.entries().iter().filter_map(|entry| entry.node.text());
        let words: Vec<String> = words.filter(|word| !word.trim().is_empty()).collect();
        if !words.is_empty() {
            draft.notes.push(format!("contact: {}", words.join(", ")));
        }
    }
    for entry in fields.get("properties").map(Node::entries).unwrap_or_default() {
        let values = Fields::of(&entry.node)
            .get("values")
            .map(Node::items)
            .unwrap_or_default();
        let values: Vec<String> = values.iter().filter_map(Node::text).collect();
        draft.notes.push(format!("{}: {}", entry.key, values.join(", ")));
        if !values.is_empty() {
            let why = format!("the property {} changes nothing here", entry.key);
            draft.leave_out(entry.line, "properties", why);
        }
    }
}
