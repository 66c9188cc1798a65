//! Who may go there and when, as configuration says it.

use std::collections::BTreeMap;

use super::{Check, KnownRealm, ServiceSettings};
use crate::base::clock::Timestamp;
use crate::services::access::{AttributeRule, ProfileRule, ValueRule, Window};
use crate::services::pattern::Pattern;

/// How values of attributes are compared with those that are written.
#[derive(Clone, Copy)]
enum Comparison {
    Exact,
    IgnoreCase,
    Pattern,
}

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

    pub(super) fn required(&mut self, settings: &ServiceSettings) -> Vec<AttributeRule> {
        let comparison = self.comparison(settings);
        let required = self.rules_on("required_attributes", &settings.required_attributes, comparison);
        if settings.required_any && required.len() < 2 {
            self.problem(
                "required_any",
                "there are not two required_attributes to choose from; leave it out",
            );
        }
        required
    }

    pub(super) fn rejected(&mut self, settings: &ServiceSettings) -> Vec<AttributeRule> {
        // What is wrong with the word itself has been said.
        let comparison = comparison(settings).unwrap_or(Comparison::Exact);
        self.rules_on("rejected_attributes", &settings.rejected_attributes, comparison)
    }

    fn comparison(&mut self, settings: &ServiceSettings) -> Comparison {
        comparison(settings).unwrap_or_else(|other| {
            self.problem(
                "attribute_values",
                format!("“{other}” is none of exact, ignore-case and pattern"),
            );
            Comparison::Exact
        })
    }

    fn rules_on(
        &mut self,
        field: &'static str,
        written: &BTreeMap<String, Vec<String>>,
        comparison: Comparison,
    ) -> Vec<AttributeRule> {
        if written.keys().any(|name| name.trim().is_empty()) {
            self.problem(
                field,
                "an attribute has no name; write { mail = [] }, or leave it out",
            );
        }
        let mut rules = Vec::new();
        for (name, values) in written {
            let read = values
                .iter()
                .filter_map(|value| self.value(field, value, comparison));
            rules.push(AttributeRule {
                name: name.clone(),
                values: read.collect(),
            });
        }
        rules
    }

    fn value(&mut self, field: &'static str, value: &str, comparison: Comparison) -> Option<ValueRule> {
        match comparison {
            Comparison::Exact => Some(ValueRule::Exact(value.to_owned())),
            Comparison::IgnoreCase => Some(ValueRule::IgnoringCase(value.to_lowercase())),
            Comparison::Pattern => self.pattern(field, value).map(ValueRule::Pattern),
        }
    }

    pub(super) fn pattern(&mut self, field: &'static str, written: &str) -> Option<Pattern> {
        let read = Pattern::new(written);
        let mend = "write one that a whole value must match, as \"cn=moodle-.*\"";
        self.some(
            field,
            read.map_err(|why| format!("“{written}” is no pattern: {why}; {mend}")),
        )
    }

    pub(super) fn window(&mut self, settings: &ServiceSettings) -> Window {
        let opens = self.moment("opens", &settings.opens);
        let closes = self.moment("closes", &settings.closes);
        if let (Some(opens), Some(closes)) = (opens, closes)
            && closes <= opens
        {
            self.problem("closes", "this is not after “opens”; write a later moment");
        }
        Window { opens, closes }
    }

    fn moment(&mut self, field: &'static str, written: &Option<String>) -> Option<Timestamp> {
        let text = written.as_deref()?;
        let mend = "write day, time and zone, as \"2027-09-08T18:00:00+02:00\", \"2027-09-08T16:00:00Z\" or \"2027-09-08T18:00:00[Europe/Paris]\"";
        self.some(
            field,
            moment(text).ok_or_else(|| format!("“{text}” is no moment: {mend}")),
        )
    }

    pub(super) fn profiles(
        &mut self,
        settings: &ServiceSettings,
        realms: &[KnownRealm],
    ) -> Option<ProfileRule> {
        if settings.profiles.is_empty() {
            return None;
        }
        if settings.profiles.iter().any(|profile| profile.trim().is_empty()) {
            self.problem("profiles", "a profile has no name; write one, as \"student\"");
        }
        let untold = realms.iter().find(|realm| realm.profile_attributes.is_empty());
        if let Some(realm) = untold {
            let mend = "write people.profile_attributes in its file";
            self.problem(
                "profiles",
                format!("nothing tells the profiles of the realm {}: {mend}", realm.id),
            );
        }
        let told_by = realms
            .iter()
            .map(|realm| (realm.id.clone(), realm.profile_attributes.clone()));
        Some(ProfileRule {
            wanted: settings.profiles.clone(),
            told_by: told_by.collect(),
        })
    }
}

fn comparison(settings: &ServiceSettings) -> Result<Comparison, &str> {
    match settings.attribute_values.as_deref() {
        None | Some("exact") => Ok(Comparison::Exact),
        Some("ignore-case") => Ok(Comparison::IgnoreCase),
        Some("pattern") => Ok(Comparison::Pattern),
        Some(other) => Err(other),
    }
}

/// With an offset, with the name of a zone, or with both where they agree. Never without: no clock of
/// ours is anybody's own.
fn moment(text: &str) -> Option<Timestamp> {
    let instant: jiff::Timestamp = if text.contains('[') {
        text.parse::<jiff::Zoned>().ok()?.timestamp()
    } else {
        text.parse().ok()?
    };
    u64::try_from(instant.as_millisecond()).ok().map(Timestamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_the_same_in_every_zone_and_nothing_without_one() {
        // CAS-60
        let paris = moment("2027-09-08T18:00:00+02:00");
        assert!(paris.is_some());
        for same in [
            "2027-09-08T16:00:00Z",
            "2027-09-08 16:00:00Z",
            "2027-09-08T18:00:00[Europe/Paris]",
            "2027-09-08T18:00[Europe/Paris]",
            "2027-09-08T18:00:00+02:00[Europe/Paris]",
            "2027-09-08T20:00:00+04:00[Indian/Reunion]",
        ] {
            assert_eq!(moment(same), paris, "{same}");
        }
        // The night in which the clocks of Paris go back has its hour twice; the offset says which.
        let first = moment("2027-10-31T02:30:00+02:00[Europe/Paris]");
        let second = moment("2027-10-31T02:30:00+01:00[Europe/Paris]");
        assert_eq!(
            second.zip(first).map(|(second, first)| second.since(first)),
            Some(std::time::Duration::from_secs(3600))
        );
        assert_eq!(moment("2027-10-31T02:30:00[Europe/Paris]"), first);
        for none in [
            "",
            "2027-09-08",
            "2027-09-08T18:00:00",
            "2027-09-08 18:00",
            "2027-13-08T18:00:00Z",
            "2027-09-08T18:00:00+05:00[Europe/Paris]",
            "2027-09-08T18:00:00[Europe/Rennes]",
            "1969-12-31T23:59:59Z",
            "tomorrow",
        ] {
            assert_eq!(moment(none), None, "{none}");
        }
    }
}
