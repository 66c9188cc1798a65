//! Line 7: whether the directory has locked the account, until when, how often somebody failed, and whether
//! that was through this server.

use std::time::Duration;

use super::report::{Line, Topic};
use super::source::Source;
use crate::base::clock::Timestamp;
use crate::directory::evidence::Evidence;
use crate::directory::state::latest_of;
use crate::flows::account::Happened;

/// Two clocks may differ by this much where one failure is noted twice.
const SAME_TIME: Duration = Duration::from_secs(5);

/// Bits of AD.
const DISABLED: i64 = 0x2;
const LOCKED_NOW: i64 = 0x10;

/// What is known to decide.
pub struct Seen<'a> {
    pub about: &'a str,
    pub source: &'a Source,
    pub entry: &'a Evidence,
    pub policy: Option<&'a Evidence>,
    pub happened: &'a [Happened],
    pub now: Timestamp,
}

/// How long a lock holds.
enum Until {
    Staff,
    Lifted,
    Moment(Timestamp),
    Unknown,
}

pub fn line(seen: &Seen<'_>) -> Line {
    let (entry, about) = (seen.entry, seen.about);
    let failures = failures(seen);
    if entry
        .number("userAccountControl")
        .is_some_and(|bits| bits & DISABLED != 0)
    {
        let fact = format!(
            "the account is disabled ({}){failures}",
            entry.quote(["userAccountControl"])
        );
        return held(seen, "DISABLED", fact, "enable it in the directory");
    }
    let Some((until, evidence)) = locked(seen) else {
        if blind(seen) {
            return Topic::Lock.warn(
                about,
                "no lock is shown, nor anything else of a password policy: whether there is a lock cannot be seen",
                "let bind_dn read pwdAccountLockedTime, pwdFailureTime and pwdChangedTime, if the server has a policy",
            );
        }
        return Topic::Lock.ok(about, format!("not locked{failures}"));
    };
    let advice = "find what still tries an old password; then wait, or lift it in the directory";
    match until {
        Until::Staff => {
            let fact = format!("locked by staff until they lift it ({evidence}){failures}");
            held(
                seen,
                "LOCK_DIRECTORY",
                fact,
                "lift it in the directory, once it is known why",
            )
        }
        Until::Lifted => {
            let fact = format!("locked until somebody lifts it ({evidence}){failures}");
            held(seen, "LOCK_DIRECTORY", fact, advice)
        }
        Until::Moment(at) if at > seen.now => {
            let minutes = at.since(seen.now).as_secs().div_ceil(60);
            let fact = format!(
                "locked until {}, {minutes} min ({evidence}){failures}",
                at.to_rfc3339()
            );
            held(seen, "LOCK_DIRECTORY", fact, advice)
        }
        Until::Moment(at) => {
            let fact = format!("the lock was over {} ({evidence}){failures}", at.to_rfc3339());
            Topic::Lock.ok(about, fact)
        }
        Until::Unknown => {
            let fact = format!(
                "marked as locked, and no policy can be read that says for how long ({evidence}){failures}"
            );
            let advice =
                "let the service account read the password policy; --try-password tells whether it holds";
            Topic::Lock.warn(about, fact, advice).because("LOCK_DIRECTORY")
        }
    }
}

/// Whether the server shows neither a policy nor any of the attributes that it keeps for one: then a lock would not
/// be shown either.
fn blind(seen: &Seen<'_>) -> bool {
    let kept = [
        "pwdFailureTime",
        "badPwdCount",
        "passwordRetryCount",
        "userAccountControl",
        "pwdLastSet",
    ];
    let shown = kept.iter().any(|name| seen.entry.text(name).is_some());
    seen.source.holds_policies() && seen.policy.is_none() && seen.entry.changed().is_none() && !shown
}

/// A file holds to no lock: there only the rules under [states] decide.
fn held(seen: &Seen<'_>, reason: &str, fact: String, advice: &str) -> Line {
    match seen.source.holds_policies() {
        true => Topic::Lock.fail(reason, seen.about, fact, advice),
        false => Topic::Lock
            .warn(seen.about, fact, "a file locks nobody: line 5 decides")
            .because(reason),
    }
}

fn locked(seen: &Seen<'_>) -> Option<(Until, String)> {
    let (entry, now) = (seen.entry, seen.now);
    if let Some(text) = entry.text("pwdAccountLockedTime") {
        let evidence = entry.quote(["pwdAccountLockedTime"]);
        if text.starts_with("0000") {
            return Some((Until::Staff, evidence));
        }
        return Some((
            by_policy(seen, "pwdAccountLockedTime", "pwdLockoutDuration"),
            evidence,
        ));
    }
    if entry.is_true("nsAccountLock") {
        return Some((Until::Staff, entry.quote(["nsAccountLock"])));
    }
    if entry.text("accountUnlockTime").is_some() {
        let evidence = entry.quote(["accountUnlockTime"]);
        return match entry.moment("accountUnlockTime") {
            // 389 DS writes 1970 where only somebody unlocks.
            Some(Timestamp(0)) => Some((Until::Lifted, evidence)),
            Some(at) => Some((Until::Moment(at), evidence)),
            None => Some((Until::Unknown, evidence)),
        };
    }
    let since = entry.moment("lockoutTime")?;
    let evidence = entry.quote(["lockoutTime", "msDS-User-Account-Control-Computed"]);
    let until = by_policy(seen, "lockoutTime", "lockoutDuration");
    match entry.number("msDS-User-Account-Control-Computed") {
        Some(bits) if bits & LOCKED_NOW != 0 => Some(match until {
            Until::Moment(at) if at <= now => (Until::Unknown, evidence),
            until => (until, evidence),
        }),
        Some(_) => Some((Until::Moment(since.min(now)), evidence)),
        None => Some((until, evidence)),
    }
}

/// From the mark and the policy's span; in OpenLDAP no span, or 0, is for ever.
fn by_policy(seen: &Seen<'_>, mark: &str, span: &str) -> Until {
    let Some(policy) = seen.policy else {
        return Until::Unknown;
    };
    let Some(since) = seen.entry.moment(mark) else {
        return Until::Unknown;
    };
    let own = policy.number("msDS-LockoutDuration").or(policy.number(span));
    match own {
        None | Some(0) => Until::Lifted,
        Some(i64::MIN) => Until::Lifted,
        // AD counts steps of 100 ns backwards.
        Some(steps) if steps < 0 => {
            Until::Moment(since.plus(Duration::from_micros(steps.unsigned_abs() / 10)))
        }
        Some(seconds) => Until::Moment(since.plus(Duration::from_secs(seconds.unsigned_abs()))),
    }
}

/// How many failures are noted, of how many, the last, and whether it came through here.
fn failures(seen: &Seen<'_>) -> String {
    let entry = seen.entry;
    let noted = entry.attributes.values("pwdFailureTime").len();
    let counts = ["badPwdCount", "passwordRetryCount", "krbLoginFailedCount"];
    let counted = counts.iter().find_map(|name| entry.number(name));
    let count = match noted {
        0 => counted.unwrap_or(0),
        noted => i64::try_from(noted).unwrap_or(i64::MAX),
    };
    if count == 0 {
        return String::new();
    }
    let limits = ["pwdMaxFailure", "msDS-LockoutThreshold", "lockoutThreshold"];
    let limit = seen
        .policy
        .and_then(|policy| limits.iter().find_map(|name| policy.number(name)));
    let of = limit
        .filter(|limit| *limit > 0)
        .map(|limit| format!(" of {limit}"))
        .unwrap_or_default();
    let last = last_failure(entry).map(|at| format!(", the last {}{}", at.to_rfc3339(), through(seen, at)));
    format!("; {count}{of} failures noted{}", last.unwrap_or_default())
}

fn last_failure(entry: &Evidence) -> Option<Timestamp> {
    let noted = latest_of(&entry.attributes, "pwdFailureTime");
    let others = ["badPasswordTime", "krbLastFailedAuth"]
        .iter()
        .filter_map(|name| entry.moment(name));
    noted.into_iter().chain(others).max()
}

/// Somebody failed here at that time, or elsewhere: a phone, the Wi-Fi, a mail program.
fn through(seen: &Seen<'_>, at: Timestamp) -> String {
    if seen.happened.is_empty() {
        return String::new();
    }
    let near = |one: &&Happened| one.refused && one.at.since(at).max(at.since(one.at)) <= SAME_TIME;
    match seen.happened.iter().find(near) {
        Some(one) => format!(
            ", through this server from {}",
            one.network.as_deref().unwrap_or("somewhere")
        ),
        None => {
            ", not through this server: a phone, the Wi-Fi, a mail program with an old password".to_owned()
        }
    }
}
