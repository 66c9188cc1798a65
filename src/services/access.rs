//! The access rule: who may use a service, and when. Single sign-on and warnings are the flows'
//! affair.

use super::pattern::Pattern;
use super::service::Service;
use crate::base::clock::Timestamp;
use crate::base::names::RealmId;

/// Whether a person may use a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    Granted,
    Disabled,
    /// It is not open yet, or not any more.
    Closed,
    OtherRealm,
    /// The person has this attribute with a value that is turned away.
    Rejected(String),
    /// The person has none of the profiles it is for.
    OtherProfile,
    /// The person lacks this attribute or one of its values.
    Lacks(String),
}

/// When a service is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Window {
    /// From this moment on; `None`: since ever.
    pub opens: Option<Timestamp>,
    /// Until right before this moment; `None`: for ever.
    pub closes: Option<Timestamp>,
}

/// Values of one attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributeRule {
    pub name: String,
    /// One of these; empty: any value.
    pub values: Vec<ValueRule>,
}

/// How a value is recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueRule {
    /// Byte for byte.
    Exact(String),
    /// In small letters.
    IgnoringCase(String),
    Pattern(Pattern),
}

/// Whom a service is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileRule {
    /// Any of these, compared without case.
    pub wanted: Vec<String>,
    /// Where the entries of each realm say it.
    pub told_by: Vec<(RealmId, Vec<String>)>,
}

impl Service {
    /// Whether it gets tickets now (CAS-60).
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.enabled && self.window.holds(now)
    }

    /// Whether a person of `realm` with these attributes may use the service now (CAS-55, CAS-60).
    /// Names are compared without case.
    pub fn access(&self, realm: &RealmId, attributes: &[(String, Vec<String>)], now: Timestamp) -> Access {
        if !self.enabled {
            return Access::Disabled;
        }
        if !self.window.holds(now) {
            return Access::Closed;
        }
        if !self.open_to(realm) {
            return Access::OtherRealm;
        }
        let mut rejected = self.rejected_attributes.iter();
        if let Some(worn) = rejected.find(|rejected| rejected.holds(attributes)) {
            return Access::Rejected(worn.name.clone());
        }
        if self
            .profiles
            .as_ref()
            .is_some_and(|rule| !rule.holds(realm, attributes))
        {
            return Access::OtherProfile;
        }
        match self.lacking(attributes) {
            Some(lacking) => Access::Lacks(lacking.name.clone()),
            None => Access::Granted,
        }
    }

    fn lacking(&self, attributes: &[(String, Vec<String>)]) -> Option<&AttributeRule> {
        let mut required = self.required_attributes.iter();
        if self.required_any && required.clone().any(|rule| rule.holds(attributes)) {
            return None;
        }
        required.find(|rule| !rule.holds(attributes))
    }

    /// Whether [`Service::access`] looks at attributes.
    pub fn needs_attributes(&self) -> bool {
        self.decided_by().next().is_some()
    }

    /// What [`Service::access`] looks at.
    pub(super) fn decided_by(&self) -> impl Iterator<Item = &str> {
        let rules = self.required_attributes.iter().chain(&self.rejected_attributes);
        let named = rules.map(|rule| rule.name.as_str());
        let told = self.profiles.iter().flat_map(|rule| &rule.told_by);
        named.chain(told.flat_map(|(_, names)| names.iter().map(String::as_str)))
    }
}

impl Window {
    pub fn holds(&self, now: Timestamp) -> bool {
        self.opens.is_none_or(|opens| opens <= now) && self.closes.is_none_or(|closes| now < closes)
    }
}

impl AttributeRule {
    fn holds(&self, attributes: &[(String, Vec<String>)]) -> bool {
        let accepted = |value: &str| {
            !value.is_empty() && (self.values.is_empty() || self.values.iter().any(|rule| rule.holds(value)))
        };
        values_of(&self.name, attributes).any(accepted)
    }
}

impl ValueRule {
    fn holds(&self, value: &str) -> bool {
        match self {
            ValueRule::Exact(exact) => value == exact,
            ValueRule::IgnoringCase(lower) => value.to_lowercase() == *lower,
            ValueRule::Pattern(pattern) => pattern.matches(value),
        }
    }
}

impl ProfileRule {
    fn holds(&self, realm: &RealmId, attributes: &[(String, Vec<String>)]) -> bool {
        let told_by = self.told_by.iter().filter(|(told, _)| told == realm);
        let mut values = told_by
            .flat_map(|(_, names)| names)
            .flat_map(|name| values_of(name, attributes));
        values.any(|value| {
            self.wanted
                .iter()
                .any(|wanted| wanted.eq_ignore_ascii_case(value))
        })
    }
}

fn values_of<'a>(name: &'a str, attributes: &'a [(String, Vec<String>)]) -> impl Iterator<Item = &'a str> {
    let named = attributes
        .iter()
        .filter(move |(known, _)| known.eq_ignore_ascii_case(name));
    named.flat_map(|(_, values)| values.iter().map(String::as_str))
}

#[cfg(test)]
mod tests;
