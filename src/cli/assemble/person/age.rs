//! Line 8: whether the password is too old or must be changed, and what the directory remembers of those
//! before.

use std::time::Duration;

use super::lock::Seen;
use super::report::{Line, Topic};
use crate::base::clock::Timestamp;
use crate::directory::evidence::Evidence;
use crate::passwords::policy::PolicySettings;

const DAY: Duration = Duration::from_secs(86_400);

/// Of `msDS-User-Account-Control-Computed`.
const EXPIRED: i64 = 0x80_0000;

pub fn lines(seen: &Seen<'_>, rules: &PolicySettings, writable: bool) -> Vec<Line> {
    let mut lines = vec![of_the_password(seen, rules, writable)];
    lines.extend(remembered(seen));
    lines
}

fn of_the_password(seen: &Seen<'_>, rules: &PolicySettings, writable: bool) -> Line {
    let advice = match writable {
        true => "they sign in with it and choose another; or mereau recovery send",
        false => "a new one in the directory: nothing is written there from here ([directory.write])",
    };
    if let Some(evidence) = must_change(seen.entry) {
        return held(
            seen,
            "PWD_MUST_CHANGE",
            format!("must be changed at the next sign-in ({evidence})"),
            advice,
        );
    }
    let ends: Vec<(Timestamp, String)> = ends(seen, rules, writable);
    let first = ends.iter().min_by_key(|(at, _)| *at);
    let changed = match seen.entry.changed() {
        Some((name, at)) => format!("changed {} ({name})", at.to_rfc3339()),
        None => "nothing notes when it was changed".to_owned(),
    };
    match first {
        None => Topic::Age.ok(seen.about, format!("{changed}; nothing makes it too old")),
        Some((at, why)) if *at > seen.now => {
            let days = at.since(seen.now).as_secs() / DAY.as_secs();
            let fact = format!(
                "{changed}; too old from {} on, in {days} days ({why})",
                at.to_rfc3339()
            );
            Topic::Age.ok(seen.about, fact)
        }
        Some((at, why)) => {
            let fact = format!(
                "too old since {} ({why}); {changed}{}",
                at.to_rfc3339(),
                graces(seen.entry)
            );
            match why.as_str() {
                // Ours, which holds whatever the directory is.
                "password.max_age_days" => Topic::Age.fail("PWD_EXPIRED", seen.about, fact, advice),
                shadow if shadow.starts_with("shadow") => {
                    let advice = "the preset “shadow” under [states] holds to it; LDAP itself does not";
                    Topic::Age.warn(seen.about, fact, advice)
                }
                _ => held(seen, "PWD_EXPIRED", fact, advice),
            }
        }
    }
}

fn held(seen: &Seen<'_>, reason: &str, fact: String, advice: &str) -> Line {
    match seen.source.holds_policies() {
        true => Topic::Age.fail(reason, seen.about, fact, advice),
        false => Topic::Age
            .warn(seen.about, fact, "a file holds nobody to it: line 5 decides")
            .because(reason),
    }
}

/// What says that another password must be chosen first; of shadow(5) only a rule makes anything.
fn must_change(entry: &Evidence) -> Option<String> {
    let reset = entry.is_true("pwdReset");
    let first = entry.text("pwdLastSet").is_some_and(|text| text.trim() == "0");
    let begun = |text: &str| text.starts_with("1970010100000");
    let by_389 = entry.text("passwordExpirationTime").is_some_and(begun);
    (reset || first || by_389).then(|| entry.quote(["pwdReset", "pwdLastSet", "passwordExpirationTime"]))
}

/// Every moment from which something finds the password too old.
fn ends(seen: &Seen<'_>, rules: &PolicySettings, writable: bool) -> Vec<(Timestamp, String)> {
    let (entry, policy) = (seen.entry, seen.policy);
    let mut ends = Vec::new();
    let mut add = |at: Option<Timestamp>, why: &str| ends.extend(at.map(|at| (at, why.to_owned())));
    let span = |name: &str| {
        policy
            .and_then(|policy| policy.number(name))
            .filter(|span| *span > 0)
    };
    let changed = entry.moment("pwdChangedTime");
    let by_ppolicy = changed.zip(span("pwdMaxAge"));
    add(
        by_ppolicy.map(|(at, span)| at.plus(Duration::from_secs(span.unsigned_abs()))),
        "pwdMaxAge",
    );
    add(
        entry.moment("msDS-UserPasswordExpiryTimeComputed"),
        "msDS-UserPasswordExpiryTimeComputed",
    );
    let flagged = entry
        .number("msDS-User-Account-Control-Computed")
        .is_some_and(|bits| bits & EXPIRED != 0);
    if flagged
        && entry
            .moment("msDS-UserPasswordExpiryTimeComputed")
            .is_none_or(|at| at > seen.now)
    {
        add(Some(seen.now), "msDS-User-Account-Control-Computed");
    }
    add(entry.moment("passwordExpirationTime"), "passwordExpirationTime");
    add(entry.moment("krbPasswordExpiration"), "krbPasswordExpiration");
    let days = entry
        .number("shadowMax")
        .filter(|days| *days >= 0 && *days < 99_999);
    let by_shadow = entry.moment("shadowLastChange").zip(days);
    add(
        by_shadow.map(|(at, days)| at.plus(DAY.saturating_mul(u32::try_from(days).unwrap_or(u32::MAX)))),
        "shadowMax",
    );
    let own = rules.changed_attribute.as_deref();
    let by_realm = rules
        .max_age_days
        .filter(|_| writable)
        .zip(crate::directory::state::last_changed(&entry.attributes, own));
    add(
        by_realm.map(|(days, at)| at.plus(DAY.saturating_mul(days))),
        "password.max_age_days",
    );
    ends
}

fn graces(entry: &Evidence) -> String {
    match entry.attributes.values("pwdGraceUseTime").len() {
        0 => String::new(),
        used => format!("; {used} sign-ins granted since"),
    }
}

/// Whether the next new password may be none of those before.
fn remembered(seen: &Seen<'_>) -> Option<Line> {
    let names = ["pwdInHistory", "msDS-PasswordHistoryLength", "pwdHistoryLength"];
    let limit = seen
        .policy
        .and_then(|policy| names.iter().find_map(|name| policy.number(name)));
    let limit = limit.filter(|limit| *limit > 0);
    let count = i64::try_from(seen.entry.passwords.history).unwrap_or(i64::MAX);
    match (limit, count) {
        (None, 0) => None,
        (Some(limit), count) if count >= limit => Some(Topic::Age.warn(
            seen.about,
            format!("the history is full: {count} of {limit} passwords are remembered, and none of them is taken again"),
            "a password never used before; or a smaller pwdInHistory",
        ).because("IN_HISTORY")),
        (Some(limit), count) => {
            let seen_some = if count == 0 { " (or hidden from the service account)" } else { "" };
            Some(Topic::Age.ok(seen.about, format!("{count} of {limit} passwords are remembered{seen_some}")))
        }
        (None, count) => Some(Topic::Age.ok(seen.about, format!("{count} passwords are remembered"))),
    }
}
