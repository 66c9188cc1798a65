//! What the service learns, as configuration says it: attributes, their names, the user name.

use std::collections::HashMap;

use super::{Check, KnownRealm, ServiceSettings};
use crate::protocol::response::{is_reserved, xml_name};
use crate::services::service::{ReleasedName, UserCase, UserRule};

impl Check {
    /// Names the protocol keeps for itself (CAS-241) and names that meet in XML (CAS-240) are
    /// refused: a client would read somebody's attribute as the answer itself.
    pub(super) fn released(&mut self, settings: &ServiceSettings) -> Vec<ReleasedName> {
        let own = settings.attributes.iter().map(|name| (name, name));
        let mut released = Vec::new();
        let mut taken: HashMap<String, &str> = HashMap::new();
        for (attribute, sent_as) in own.chain(&settings.renamed_attributes) {
            let field = if attribute == sent_as {
                "attributes"
            } else {
                "renamed_attributes"
            };
            if attribute.trim().is_empty() || sent_as.trim().is_empty() {
                self.problem(field, "an attribute has no name");
            } else if is_reserved(sent_as) {
                let mend = format!("write it under renamed_attributes: {attribute} = \"another name\"");
                self.problem(field, format!("“{sent_as}” is a word of the protocol; {mend}"));
            } else if let Some(other) = taken.insert(xml_name(sent_as).to_ascii_lowercase(), sent_as) {
                let message =
                    format!("“{other}” and “{sent_as}” are the same name in XML; rename one of them");
                self.problem(field, message);
            }
            released.push(ReleasedName {
                attribute: attribute.clone(),
                sent_as: sent_as.clone(),
            });
        }
        released
    }

    pub(super) fn user(&mut self, settings: &ServiceSettings, realms: &[KnownRealm]) -> UserRule {
        let default = if realms.len() > 1 { "scoped" } else { "plain" };
        let rule = match settings.user.as_deref().unwrap_or(default) {
            "plain" => UserRule::PlainLogin,
            "scoped" => UserRule::Scoped,
            "opaque" => UserRule::Opaque,
            other => match other.strip_prefix("attribute:").map(str::trim) {
                Some(name) if !name.is_empty() => UserRule::Attribute(name.to_owned()),
                _ => {
                    self.problem(
                        "user",
                        format!("“{other}” is none of plain, scoped, opaque, attribute:<name>"),
                    );
                    UserRule::Opaque
                }
            },
        };
        if rule == UserRule::PlainLogin && realms.len() > 1 {
            let names: Vec<&str> = realms.iter().map(|realm| realm.id.as_str()).collect();
            let message =
                "one login may be two people there; write user = \"scoped\" or \"opaque\", or name one realm";
            self.problem(
                "user",
                format!("plain, and open to the realms {}: {message}", names.join(", ")),
            );
        }
        let without_scope = realms
            .iter()
            .find(|realm| rule == UserRule::Scoped && !realm.has_scope);
        if let Some(realm) = without_scope {
            let message = "has no scope to add to the login; give it one, or write another rule";
            self.problem("user", format!("scoped, but the realm {} {message}", realm.id));
        }
        rule
    }

    pub(super) fn user_case(&mut self, settings: &ServiceSettings) -> UserCase {
        match settings.user_case.as_deref() {
            None => UserCase::AsIs,
            Some("lower") => UserCase::Lower,
            Some("upper") => UserCase::Upper,
            Some(other) => {
                self.problem("user_case", format!("“{other}” is neither lower nor upper"));
                UserCase::AsIs
            }
        }
    }
}
