//! Who may go there, as configuration says it.

use super::{Check, KnownRealm, ServiceSettings};
use crate::services::service::RequiredAttribute;

impl Check {
    pub(super) fn realms(&mut self, settings: &ServiceSettings, known: &[KnownRealm]) -> Vec<KnownRealm> {
        if settings.realms.is_empty() {
            return known.to_vec();
        }
        let mut realms: Vec<KnownRealm> = Vec::new();
        for name in &settings.realms {
            match known.iter().find(|realm| realm.id.as_str() == name) {
                Some(realm) if !realms.contains(realm) => realms.push(realm.clone()),
                Some(_) => {}
                None => {
                    let names: Vec<&str> = known.iter().map(|realm| realm.id.as_str()).collect();
                    self.problem(
                        "realms",
                        format!("there is no realm “{name}”; there are: {}", names.join(", ")),
                    );
                }
            }
        }
        realms
    }

    pub(super) fn required(&mut self, settings: &ServiceSettings) -> Vec<RequiredAttribute> {
        if settings
            .required_attributes
            .keys()
            .any(|name| name.trim().is_empty())
        {
            self.problem("required_attributes", "an attribute has no name");
        }
        let required = settings
            .required_attributes
            .iter()
            .map(|(name, values)| RequiredAttribute {
                name: name.clone(),
                values: values.clone(),
            });
        required.collect()
    }
}
