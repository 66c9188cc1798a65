//! Lines 5 and 6: what the state rules make of the entry, and what kind of password it has.

use super::report::{Line, Topic};
use super::source::Source;
use crate::directory::evidence::Evidence;
use crate::directory::state::Condition;
use crate::directory::{AccountState, Person, Standing};

pub fn state(about: &str, person: &Person) -> Line {
    let state = &person.state;
    let (Some(rule), standing) = (&state.rule, word(state.standing)) else {
        return Topic::State.ok(about, "no rule under [states] speaks of it, so it is active");
    };
    let (number, condition) = rule.split_once(": ").unwrap_or(("?", rule));
    let reason = format!("STATE_{standing}:rule={number}");
    let fact = format!(
        "rule {number}, {condition}{}{}",
        values(person, condition),
        told(state)
    );
    if !state.may_sign_in {
        let advice = match state.standing {
            Standing::MustChange | Standing::Expired => {
                "the right password leads to the choice of another, where the directory can be written; or \
                 change the entry, or the rule"
            }
            Standing::NotActivated => "its activation; or change the entry, or the rule",
            _ => "change the entry, or the rule under [states]",
        };
        return Topic::State.fail(&reason, about, format!("may not sign in: {fact}"), advice);
    }
    let fact = format!("may sign in: {fact}");
    match state.standing {
        Standing::Locked => {
            let advice = "the next line tells whether the lock still holds";
            Topic::State.warn(about, fact, advice).because(&reason)
        }
        Standing::Active | Standing::Grace => Topic::State.ok(about, fact).because(&reason),
        _ => Topic::State
            .warn(about, fact, "allow = \"login\" of the rule lets them in")
            .because(&reason),
    }
}

fn word(standing: Standing) -> &'static str {
    match standing {
        Standing::Active => "ACTIVE",
        Standing::Announced => "ANNOUNCED",
        Standing::Grace => "GRACE",
        Standing::Inactive => "INACTIVE",
        Standing::Suspended => "SUSPENDED",
        Standing::Locked => "LOCKED",
        Standing::MustChange => "MUST_CHANGE",
        Standing::Expired => "EXPIRED",
        Standing::NotActivated => "NOT_ACTIVATED",
    }
}

/// What the entry has of what the rule looks at.
fn values(person: &Person, condition: &str) -> String {
    let names = Condition::parse(condition)
        .map(|condition| condition.attributes())
        .unwrap_or_default();
    let seen = Evidence {
        name: person.entry.clone(),
        attributes: person.attributes.clone(),
        passwords: Default::default(),
    };
    match seen.quote(names.iter().map(String::as_str)) {
        none if none.is_empty() => String::new(),
        told => format!("; {told}"),
    }
}

fn told(state: &AccountState) -> String {
    let since = state.since.map(|since| format!("; date {}", since.to_rfc3339()));
    let says = state.message.get("fr").or(state.message.values().next());
    let says = says.map(|text| format!("; the person is told “{text}”"));
    since.unwrap_or_default() + &says.unwrap_or_default()
}

/// `found`: a search for entries with a password finds it.
pub fn password(about: &str, source: &Source, entry: &Evidence, found: bool) -> Line {
    let stored = &entry.passwords;
    let changed = entry
        .changed()
        .map(|(name, at)| format!("; changed {} ({name})", at.to_rfc3339()));
    let changed = changed.unwrap_or_default();
    let Some(made_by) = &stored.made_by else {
        if !source.holds_policies() {
            return Topic::Password.fail(
                "PWD_NONE",
                about,
                "the entry has no userPassword",
                "a first one, by activation or in the file",
            );
        }
        if found || entry.changed().is_some() {
            let fact = format!("there, and hidden from the service account, as it should be{changed}");
            return Topic::Password.ok(about, fact);
        }
        return Topic::Password.warn(
            about,
            "none is seen, and nothing notes when one was chosen: there may be none",
            "compare with the entry as the directory's administrator sees it",
        );
    };
    if stored.marked {
        let fact = format!("{made_by}, marked so that no password matches it{changed}");
        return Topic::Password.fail(
            "DISABLED",
            about,
            fact,
            "a new password, once it is known who marked it and why",
        );
    }
    if stored.pass_through {
        let fact = format!("kept elsewhere and asked for there ({made_by}){changed}");
        return match source.holds_policies() {
            true => Topic::Password.ok(about, fact),
            false => Topic::Password.fail(
                "PASS_THROUGH",
                about,
                fact,
                "a file asks nobody: an LDAP server with SASL, or another realm",
            ),
        };
    }
    if stored.clear {
        let advice =
            "let the directory hash what is written (ppolicy_hash_cleartext, exop); then a new password";
        return match source.holds_policies() {
            true => Topic::Password.warn(about, format!("kept in clear{changed}"), advice),
            false => Topic::Password.fail(
                "PWD_NONE",
                about,
                "kept in clear, which a file's reader refuses",
                advice,
            ),
        };
    }
    Topic::Password.ok(about, format!("{made_by}{changed}"))
}
