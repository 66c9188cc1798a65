//! By which name a service knows a person: `usernameAttributeProvider`.

use super::draft::{Draft, class_of};
use super::tree::{Fields, Node};
use crate::base::secret::Secret;

const FIELD: &str = "usernameAttributeProvider";

pub fn provider(node: &Node, draft: &mut Draft<'_>) {
    let mut fields = Fields::of(node);
    match node.class_name() {
        Some("DefaultRegisteredServiceUsernameProvider") | None => {}
        Some("PrincipalAttributeRegisteredServiceUsernameProvider") => {
            by_attribute(&mut fields, node.line, draft)
        }
        Some("AnonymousRegisteredServiceUsernameAttributeProvider") => {
            match fields.get("persistentIdGenerator") {
                Some(generator) => anonymous(generator, draft),
                None => draft.close(
                    node.line,
                    FIELD,
                    "anonymous names without a salt of their own cannot be made again",
                ),
            }
        }
        Some(other) => {
            draft.close(node.line, FIELD, format!("{other} cannot be carried"));
            return;
        }
    }
    case(&mut fields, draft);
    if fields.truth("encryptUsername", false) {
        draft.close(node.line, "encryptUsername", "user names are not encrypted here");
    }
    draft.unknown(&fields, FIELD);
}

/// Apereo falls back to the login and takes the first of several values; here the person is refused
/// (CAS-248).
fn by_attribute(fields: &mut Fields<'_>, line: usize, draft: &mut Draft<'_>) {
    let Some(name) = fields.text("usernameAttribute") else {
        draft.look(
            line,
            FIELD,
            "it names no attribute, so it is the login, as in Apereo",
        );
        return;
    };
    let why = format!(
        "people without {name}, or with several, are refused; Apereo takes their login, or the first"
    );
    draft.look(line, "usernameAttribute", why);
    draft.settings.user = Some(format!("attribute:{name}"));
}

/// The attribute may be known under the name it is released as, once the policy has been read.
pub fn under_released_name(draft: &mut Draft<'_>) {
    let Some(name) = draft
        .settings
        .user
        .as_deref()
        .and_then(|user| user.strip_prefix("attribute:"))
    else {
        return;
    };
    let mut renamed = draft.settings.renamed_attributes.iter();
    let source = renamed.find(|(_, names)| names.0.iter().any(|sent_as| sent_as.eq_ignore_ascii_case(name)));
    if let Some((source, _)) = source {
        draft.settings.user = Some(format!("attribute:{source}"));
    }
}

fn anonymous(generator: &Node, draft: &mut Draft<'_>) {
    let mut fields = Fields::of(generator);
    if class_of(generator) != "ShibbolethCompatiblePersistentIdGenerator" {
        draft.close(
            generator.line,
            FIELD,
            format!("{} cannot be carried", class_of(generator)),
        );
        return;
    }
    let attribute = fields.text("attribute");
    match fields.text("salt") {
        Some(salt) => {
            draft.settings.user = Some(match attribute {
                Some(attribute) => format!("anonymous:{attribute}"),
                None => "anonymous".to_owned(),
            });
            draft.salt = Some(Secret::new(salt.replace('\n', " ")));
        }
        None => draft.close(
            generator.line,
            FIELD,
            "anonymous names without a salt of their own cannot be made again",
        ),
    }
    draft.unknown(&fields, "persistentIdGenerator");
}

fn case(fields: &mut Fields<'_>, draft: &mut Draft<'_>) {
    let Some(node) = fields.get("canonicalizationMode") else {
        return;
    };
    let mode = node.text().unwrap_or_default().to_ascii_uppercase();
    let anonymous = draft
        .settings
        .user
        .as_deref()
        .is_some_and(|user| user.starts_with("anonymous"));
    match mode.as_str() {
        "NONE" | "" => {}
        "LOWER" | "UPPER" if !anonymous => draft.settings.user_case = Some(mode.to_ascii_lowercase()),
        _ => draft.close(
            node.line,
            "canonicalizationMode",
            format!("user names in {mode} cannot be made"),
        ),
    }
}
