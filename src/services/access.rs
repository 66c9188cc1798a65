//! The minimal access rule: who may use a service at all. Single sign-on and warnings are the
//! flows' affair.

use super::service::{RequiredAttribute, Service};
use crate::base::names::RealmId;

/// Whether a person may use a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    Granted,
    Disabled,
    OtherRealm,
    /// The person lacks this attribute or one of its values.
    Lacks(String),
}

impl Service {
    /// Whether a person of `realm` with these attributes may use the service (CAS-55, CAS-60).
    /// Names are compared without case.
    pub fn access(&self, realm: &RealmId, attributes: &[(String, Vec<String>)]) -> Access {
        if !self.enabled {
            return Access::Disabled;
        }
        if !self.open_to(realm) {
            return Access::OtherRealm;
        }
        let mut required = self.required_attributes.iter();
        match required.find(|required| !required.is_met(attributes)) {
            Some(lacking) => Access::Lacks(lacking.name.clone()),
            None => Access::Granted,
        }
    }

    /// Whether [`Service::access`] looks at attributes.
    pub fn needs_attributes(&self) -> bool {
        !self.required_attributes.is_empty()
    }
}

impl RequiredAttribute {
    fn is_met(&self, attributes: &[(String, Vec<String>)]) -> bool {
        let accepted =
            |value: &String| !value.is_empty() && (self.values.is_empty() || self.values.contains(value));
        let named = attributes
            .iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case(&self.name));
        named.flat_map(|(_, values)| values).any(accepted)
    }
}

#[cfg(test)]
mod tests {
    use super::super::settings::tests::service;
    use super::*;

    fn person(name: &str, values: &[&str]) -> Vec<(String, Vec<String>)> {
        vec![(
            name.to_owned(),
            values.iter().map(|value| (*value).to_owned()).collect(),
        )]
    }

    #[test]
    fn a_disabled_service_and_one_of_another_realm_are_closed() {
        // CAS-60
        let univ = RealmId::new("univ").expect("a slug");
        let other = RealmId::new("other").expect("a slug");
        let open = service(|_| {});
        assert_eq!(open.access(&univ, &[]), Access::Granted);
        assert_eq!(open.access(&other, &[]), Access::OtherRealm);
        let closed = service(|settings| settings.enabled = false);
        assert_eq!(closed.access(&univ, &[]), Access::Disabled);
        assert!(!open.needs_attributes());
    }

    #[test]
    fn every_required_attribute_must_have_one_of_its_values() {
        // CAS-55
        let univ = RealmId::new("univ").expect("a slug");
        let staff = service(|settings| {
            let values = vec!["staff".to_owned(), "faculty".to_owned()];
            settings
                .required_attributes
                .insert("eduPersonAffiliation".into(), values);
        });
        assert!(staff.needs_attributes());
        let affiliation = |values| staff.access(&univ, &person("edupersonaffiliation", values));
        assert_eq!(affiliation(&["student", "staff"]), Access::Granted);
        for values in [&["student"][..], &["Staff"], &["staffx"], &[""], &[]] {
            assert_eq!(
                affiliation(values),
                Access::Lacks("eduPersonAffiliation".into()),
                "{values:?}"
            );
        }
        let any = service(|settings| {
            settings.required_attributes.insert("mail".into(), Vec::new());
        });
        assert_eq!(any.access(&univ, &person("mail", &["a@x"])), Access::Granted);
        assert_eq!(
            any.access(&univ, &person("mail", &[""])),
            Access::Lacks("mail".into())
        );
        assert_eq!(any.access(&univ, &[]), Access::Lacks("mail".into()));
    }
}
