//! The ordered list of state rules of a realm: the first that holds decides what an entry's state
//! is, what its holder is told and whether they may sign in.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::condition::{Condition, ConditionFlaw};
use super::{AccountState, Preset, Standing};
use crate::base::clock::Timestamp;
use crate::directory::person::Attributes;

/// What a state lets a person do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Allow {
    /// Sign in with the right password. The directory may still refuse the bind.
    Login,
    /// Not sign in, but ask for a new password or activate the account.
    Recover,
    None,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateRule {
    when: Condition,
    then: Standing,
    allow: Allow,
    message: BTreeMap<String, String>,
}

impl StateRule {
    /// Without `allow`, what usually goes with the standing is let in.
    pub fn new(when: &str, then: Standing, allow: Option<Allow>) -> Result<StateRule, ConditionFlaw> {
        let usual = match then {
            Standing::Active | Standing::Grace => Allow::Login,
            Standing::MustChange | Standing::Expired | Standing::NotActivated => Allow::Recover,
            _ => Allow::None,
        };
        Ok(StateRule {
            when: Condition::parse(when)?,
            then,
            allow: allow.unwrap_or(usual),
            message: BTreeMap::new(),
        })
    }

    /// What to tell the person, by language tag.
    pub fn saying(mut self, message: BTreeMap<String, String>) -> StateRule {
        self.message = message;
        self
    }

    pub fn allow(&self) -> Allow {
        self.allow
    }
}

/// The rules of a realm in their order. None at all: everyone is active.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StateRules(Vec<StateRule>);

impl StateRules {
    pub fn new(rules: Vec<StateRule>) -> StateRules {
        StateRules(rules)
    }

    /// The rules of presets one after the other, after those of the site.
    pub fn with_presets(mut self, presets: &[Preset]) -> StateRules {
        self.0.extend(presets.iter().flat_map(|preset| preset.rules()));
        self
    }

    /// The state of an entry at `now`.
    pub fn state_of(&self, entry: &Attributes, now: Timestamp) -> AccountState {
        for (index, rule) in self.0.iter().enumerate() {
            if let Some(held) = rule.when.holds(entry, now) {
                return AccountState {
                    standing: rule.then,
                    rule: Some(format!("{}: {}", index + 1, rule.when)),
                    message: rule.message.clone(),
                    since: held.since,
                    may_sign_in: rule.allow == Allow::Login,
                };
            }
        }
        AccountState::active()
    }

    /// The attributes that must be read to judge an entry, in lower case.
    pub fn attributes(&self) -> BTreeSet<String> {
        self.0.iter().flat_map(|rule| rule.when.attributes()).collect()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::person::AttributeValue;

    #[test]
    fn the_first_rule_that_holds_decides() {
        let mut entry = Attributes::default();
        entry.add("employeeType", [AttributeValue::Text("left".into())]);
        entry.add("end", [AttributeValue::Text("20260101000000Z".into())]);
        let rule = |when: &str, then| StateRule::new(when, then, None).unwrap();
        let told = BTreeMap::from([("fr".to_owned(), "Compte fermé.".to_owned())]);
        let rules = StateRules::new(vec![
            rule("(employeeType=guest)", Standing::Suspended),
            rule("time(end) < now", Standing::Inactive).saying(told.clone()),
            rule("(employeeType=left)", Standing::Expired),
        ]);
        let state = rules.state_of(&entry, Timestamp(1_782_820_800_000));
        assert_eq!(state.standing, Standing::Inactive);
        assert_eq!(state.rule.as_deref(), Some("2: time(end) < now"));
        assert_eq!(state.message, told);
        assert_eq!(
            state.since.map(|since| since.to_rfc3339()).as_deref(),
            Some("2026-01-01T00:00:00Z")
        );
        assert!(!state.may_sign_in);
        let before = rules.state_of(&entry, Timestamp(0));
        assert_eq!(before.standing, Standing::Expired);
        assert_eq!(Vec::from_iter(rules.attributes()), ["employeetype", "end"]);
    }

    #[test]
    fn an_entry_no_rule_speaks_of_is_active() {
        let state = StateRules::default().state_of(&Attributes::default(), Timestamp(0));
        assert_eq!(state, AccountState::active());
    }
}
