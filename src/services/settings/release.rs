//! What the service learns, as configuration says it: attributes, their names and values, the user
//! name.

use std::collections::{BTreeSet, HashMap};

use super::{Check, KnownRealm, ServiceSettings};
use crate::base::secret::Secret;
use crate::protocol::response::{is_reserved, xml_name};
use crate::services::service::{ReleasedName, UserCase, UserRule};

/// Stands for every attribute that is not named beside it.
const ANY: &str = "*";

impl Check {
    /// Names the protocol keeps for itself (CAS-241) and names that meet in XML (CAS-240) are
    /// refused: a client would read somebody's attribute as the answer itself.
    pub(super) fn released(
        &mut self,
        settings: &ServiceSettings,
        realms: &[KnownRealm],
    ) -> Vec<ReleasedName> {
        let own = settings.attributes.iter().map(|name| ("attributes", name, name));
        let renamed = settings.renamed_attributes.iter();
        let renamed = renamed.flat_map(|(attribute, names)| {
            let names = names.0.iter();
            names.map(move |sent_as| ("renamed_attributes", attribute, sent_as))
        });
        let mut released = Vec::new();
        let mut taken: HashMap<String, &str> = HashMap::new();
        for (field, attribute, sent_as) in own.chain(renamed) {
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
            released.push(name(attribute, sent_as));
        }
        if settings.all_attributes {
            let taken = taken.into_keys().collect();
            released.extend(all(realms, taken));
        }
        self.filter(settings, &mut released);
        released
    }

    /// Holds back values by the patterns of `released_values`.
    fn filter(&mut self, settings: &ServiceSettings, released: &mut [ReleasedName]) {
        let field = "released_values";
        for (attribute, written) in &settings.released_values {
            let Some(pattern) = self.pattern(field, written) else {
                continue;
            };
            let mut found = false;
            for name in released.iter_mut() {
                if holds(settings, attribute, &name.attribute) {
                    name.only = Some(pattern.clone());
                    found = true;
                }
            }
            if !found && attribute != ANY {
                let mend = "name it under attributes, too";
                self.problem(field, format!("“{attribute}” is not released; {mend}"));
            }
        }
    }

    pub(super) fn user(&mut self, settings: &ServiceSettings, realms: &[KnownRealm]) -> UserRule {
        let default = if realms.len() > 1 { "scoped" } else { "plain" };
        let written = settings.user.as_deref().unwrap_or(default);
        let rule = user_rule(written).unwrap_or_else(|| {
            let words = "plain, scoped, opaque, attribute:<name>, anonymous, anonymous:<attribute>";
            self.problem("user", format!("“{written}” is none of {words}"));
            UserRule::Opaque
        });
        let by_login = matches!(rule, UserRule::PlainLogin | UserRule::Anonymous(None));
        if by_login && realms.len() > 1 {
            let names: Vec<&str> = realms.iter().map(|realm| realm.id.as_str()).collect();
            let message =
                "one login may be two people there; write user = \"scoped\" or \"opaque\", or name one realm";
            self.problem(
                "user",
                format!(
                    "{written}, and open to the realms {}: {message}",
                    names.join(", ")
                ),
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

    pub(super) fn salt(&mut self, settings: &ServiceSettings) -> Option<Secret> {
        let written = settings.user.as_deref().and_then(user_rule);
        let anonymous = matches!(written, Some(UserRule::Anonymous(_)));
        match &settings.user_salt {
            None if anonymous => self.problem(
                "user",
                "anonymous needs the salt of the server before; write user_salt_file, too",
            ),
            Some(_) if !anonymous => self.problem(
                "user_salt_file",
                "no user name is made with this salt; write user = \"anonymous\", or leave it out",
            ),
            _ => {}
        }
        settings.user_salt.clone()
    }

    pub(super) fn user_case(&mut self, settings: &ServiceSettings) -> UserCase {
        let written = settings.user.as_deref().and_then(user_rule);
        if settings.user_case.is_some() && matches!(written, Some(UserRule::Anonymous(_))) {
            self.problem(
                "user_case",
                "two anonymous names may differ in their case alone; leave it out",
            );
        }
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

fn name(attribute: &str, sent_as: &str) -> ReleasedName {
    ReleasedName {
        attribute: attribute.to_owned(),
        sent_as: sent_as.to_owned(),
        only: None,
    }
}

/// What the realms read, each once and under its own name, but for names that are `taken` or that the
/// protocol keeps: nobody asked for those one by one.
fn all(realms: &[KnownRealm], mut taken: BTreeSet<String>) -> Vec<ReleasedName> {
    let read = realms.iter().flat_map(|realm| &realm.attributes);
    let new = read.filter(|read| !is_reserved(read) && taken.insert(xml_name(read).to_ascii_lowercase()));
    new.map(|read| name(read, read)).collect()
}

/// Whether the pattern written for `key` is the one of `attribute`.
fn holds(settings: &ServiceSettings, key: &str, attribute: &str) -> bool {
    let is_it = |key: &str| key.eq_ignore_ascii_case(attribute);
    is_it(key) || key == ANY && !settings.released_values.keys().any(|other| is_it(other))
}

fn user_rule(written: &str) -> Option<UserRule> {
    let named = |prefix: &str| {
        let name = written.strip_prefix(prefix)?.trim();
        (!name.is_empty()).then(|| name.to_owned())
    };
    match written {
        "plain" => Some(UserRule::PlainLogin),
        "scoped" => Some(UserRule::Scoped),
        "opaque" => Some(UserRule::Opaque),
        "anonymous" => Some(UserRule::Anonymous(None)),
        _ => named("attribute:")
            .map(UserRule::Attribute)
            .or_else(|| named("anonymous:").map(|name| UserRule::Anonymous(Some(name)))),
    }
}
