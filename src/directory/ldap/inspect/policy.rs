//! The password policy that is in force, as far as an account may read it, and what the directory's own lock
//! means for our throttle. OpenLDAP: entries of the overlay; AD: the domain; 389-ds: cn=config.

use super::super::entry::ReadEntry;
use super::super::fault::Fault;
use super::super::settings::{LdapSettings, Scope};
use super::codes;
use super::eyes::Eyes;
use super::people::Sample;
use super::root::{Product, Root};
use crate::base::findings::Finding;
use crate::directory::Filter;

/// Policies that are looked at.
const MANY: i32 = 20;

/// The throttle stays this far below the directory's lock (design §9).
const BELOW: u32 = 2;

/// The bits of AD's pwdProperties.
const COMPLEX: i64 = 1;
const REVERSIBLE: i64 = 16;

/// One policy. What is not known, or not limited, is `None`.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Policy {
    pub name: String,
    pub least_length: Option<u32>,
    pub history: Option<u32>,
    pub locks_after: Option<u32>,
    /// Seconds; 0 until somebody unlocks.
    pub locks_for: Option<u64>,
    pub most_age: Option<u64>,
    pub least_age: Option<u64>,
    /// Anything else worth a word.
    pub more: Vec<&'static str>,
}

impl Policy {
    fn told(&self) -> String {
        let mut told = Vec::new();
        told.extend(
            self.least_length
                .map(|least| format!("at least {least} characters")),
        );
        told.extend(
            self.history
                .map(|last| format!("the last {last} passwords refused")),
        );
        told.extend(self.locks_after.map(|failures| {
            let how_long = match self.locks_for {
                Some(0) | None => "until somebody unlocks".to_owned(),
                Some(seconds) => format!("for {}", span(seconds)),
            };
            format!("locked after {failures} failures {how_long}")
        }));
        told.extend(self.locks_after.is_none().then(|| "no lock".to_owned()));
        told.extend(self.most_age.map(|age| format!("ends after {}", span(age))));
        told.extend(
            self.least_age
                .map(|age| format!("changed at most once in {}", span(age))),
        );
        told.extend(self.more.iter().map(|more| (*more).to_owned()));
        format!("{}: {}", self.name, told.join(", "))
    }
}

/// What is in force for the sample, and how our throttle stands to it.
pub async fn look(
    eyes: &Eyes,
    root: &Root,
    settings: &LdapSettings,
    sample: &Sample,
) -> Result<(Vec<Finding>, Vec<Policy>), Fault> {
    let (policies, advice) = match root.product {
        Product::OpenLdap | Product::Other => (
            of_openldap(eyes, root, sample).await?,
            "switch overlay ppolicy on, or let bind_dn read the policies",
        ),
        Product::ActiveDirectory => (
            of_ad(eyes, root, settings).await?,
            "let bind_dn read the domain entry",
        ),
        Product::Ds389 => (
            of_389(eyes).await?,
            "an ACI on cn=config that lets bind_dn read the password attributes (docs/doctor.md)",
        ),
    };
    let mut findings = Vec::new();
    if policies.is_empty() {
        let fact = "no password policy can be seen with bind_dn";
        findings.push(Finding::of(&codes::DIR_POLICY_UNSEEN, &eyes.url, fact, advice));
    }
    for policy in &policies {
        findings.push(Finding::of(&codes::DIR_POLICY, &eyes.url, policy.told(), ""));
    }
    let tightest = policies
        .iter()
        .filter(|policy| policy.locks_after.is_some())
        .min_by_key(|policy| policy.locks_after);
    findings.extend(tightest.and_then(|policy| lock(eyes, policy, settings.lock_after)));
    Ok((findings, policies))
}

/// Whether strangers can lock people out through our form (T-61).
fn lock(eyes: &Eyes, policy: &Policy, lock_after: Option<u32>) -> Option<Finding> {
    let locks = policy.locks_after?;
    let evidence = format!("{} locks an account after {locks} failures", policy.name);
    let mend = format!("lock_after = {locks} in [directory]: tries then stop {BELOW} below it");
    match lock_after {
        None => Some(Finding::of(
            &codes::DIR_LOCK_UNSET,
            &eyes.url,
            format!("{evidence}, and lock_after is not set: strangers can lock people out"),
            mend,
        )),
        Some(told) if told > locks => Some(Finding::of(
            &codes::DIR_LOCK_ABOVE,
            &eyes.url,
            format!("{evidence}, and lock_after is {told}: strangers can lock people out"),
            mend,
        )),
        Some(_) if locks <= BELOW + 1 => Some(Finding::of(
            &codes::DIR_LOCK_TIGHT,
            &eyes.url,
            format!("{evidence}: with {BELOW} kept back, whoever mistypes once must wait"),
            "let the directory lock later (5 or more), or not at all: the throttle here slows tries down",
        )),
        Some(_) => None,
    }
}

async fn of_openldap(eyes: &Eyes, root: &Root, sample: &Sample) -> Result<Vec<Policy>, Fault> {
    let filter = Filter::equal("objectClass", "pwdPolicy");
    let wanted = [
        "cn",
        "pwdMinLength",
        "pwdInHistory",
        "pwdLockout",
        "pwdMaxFailure",
        "pwdLockoutDuration",
        "pwdMaxAge",
        "pwdMinAge",
        "pwdMustChange",
    ];
    let mut entries = Vec::new();
    for context in &root.contexts {
        entries.extend(
            eyes.all((context, Scope::Subtree), &filter, &wanted, MANY)
                .await?,
        );
    }
    let chosen: Vec<&str> = sample
        .people
        .iter()
        .filter_map(|person| person.attributes.first_text("pwdPolicySubentry"))
        .collect();
    let alone = entries.len() == 1;
    let in_force = entries.iter().filter(|entry| {
        let name = entry.name.0.as_str();
        // Which one is the default stands where bind_dn does not read: its name tells.
        alone
            || name.to_ascii_lowercase().contains("default")
            || chosen.iter().any(|dn| super::dn::same(dn, name))
    });
    Ok(in_force.map(openldap).collect())
}

fn openldap(entry: &ReadEntry) -> Policy {
    let number = |name: &str| number(entry, name).filter(|number| *number > 0);
    let locks = entry.attributes.first_text("pwdLockout") == Some("TRUE");
    Policy {
        name: entry.name.0.clone(),
        least_length: number("pwdMinLength").map(small),
        history: number("pwdInHistory").map(small),
        locks_after: number("pwdMaxFailure").filter(|_| locks).map(small),
        locks_for: Some(number("pwdLockoutDuration").unwrap_or(0).unsigned_abs()),
        most_age: number("pwdMaxAge").map(i64::unsigned_abs),
        least_age: number("pwdMinAge").map(i64::unsigned_abs),
        more: match entry.attributes.first_text("pwdMustChange") {
            Some("TRUE") => vec!["changed by staff: to be changed again"],
            _ => Vec::new(),
        },
    }
}

async fn of_ad(eyes: &Eyes, root: &Root, settings: &LdapSettings) -> Result<Vec<Policy>, Fault> {
    let wanted = [
        "minPwdLength",
        "pwdHistoryLength",
        "lockoutThreshold",
        "lockoutDuration",
        "maxPwdAge",
        "minPwdAge",
        "pwdProperties",
    ];
    let base = settings.bases.first().map_or("", |base| base.dn.as_str());
    let Some(domain) = root.context_of(base) else {
        return Ok(Vec::new());
    };
    let Some(entry) = eyes.entry(domain, &wanted).await? else {
        return Ok(Vec::new());
    };
    let positive = |name: &str| number(&entry, name).filter(|number| *number > 0).map(small);
    // In units of 100 ns, negative; the least number of all means never.
    let seconds = |name: &str| {
        let ticks = number(&entry, name).filter(|ticks| *ticks < 0 && *ticks > i64::MIN)?;
        Some(ticks.unsigned_abs() / 10_000_000)
    };
    let properties = number(&entry, "pwdProperties").unwrap_or(0);
    let mut more = Vec::new();
    more.extend((properties & COMPLEX != 0).then_some("letters of three kinds"));
    more.extend((properties & REVERSIBLE != 0).then_some("stored so that they can be turned back"));
    Ok(vec![Policy {
        name: format!("the domain {domain}"),
        least_length: positive("minPwdLength"),
        history: positive("pwdHistoryLength"),
        locks_after: positive("lockoutThreshold"),
        locks_for: Some(seconds("lockoutDuration").unwrap_or(0)),
        most_age: seconds("maxPwdAge"),
        least_age: seconds("minPwdAge"),
        more,
    }])
}

async fn of_389(eyes: &Eyes) -> Result<Vec<Policy>, Fault> {
    let wanted = [
        "passwordCheckSyntax",
        "passwordMinLength",
        "passwordHistory",
        "passwordInHistory",
        "passwordLockout",
        "passwordMaxFailure",
        "passwordLockoutDuration",
        "passwordUnlock",
        "passwordExp",
        "passwordMaxAge",
        "passwordMinAge",
        "passwordMustChange",
    ];
    let Some(entry) = eyes.entry("cn=config", &wanted).await? else {
        return Ok(Vec::new());
    };
    let is_on = |name: &str| {
        entry
            .attributes
            .first_text(name)
            .is_some_and(|word| word.eq_ignore_ascii_case("on"))
    };
    let of = |switch: &str, name: &str| number(&entry, name).filter(|number| *number > 0 && is_on(switch));
    if entry.attributes.iter().next().is_none() {
        return Ok(Vec::new());
    }
    Ok(vec![Policy {
        name: "cn=config".to_owned(),
        least_length: of("passwordCheckSyntax", "passwordMinLength").map(small),
        history: of("passwordHistory", "passwordInHistory").map(small),
        locks_after: of("passwordLockout", "passwordMaxFailure").map(small),
        locks_for: Some(
            of("passwordUnlock", "passwordLockoutDuration")
                .unwrap_or(0)
                .unsigned_abs(),
        ),
        most_age: of("passwordExp", "passwordMaxAge").map(i64::unsigned_abs),
        least_age: number(&entry, "passwordMinAge")
            .filter(|age| *age > 0)
            .map(i64::unsigned_abs),
        more: match is_on("passwordMustChange") {
            true => vec!["changed by staff: to be changed again"],
            false => Vec::new(),
        },
    }])
}

/// Whether the domain stores passwords so that they can be read again.
pub async fn ad_keeps_them_readable(
    eyes: &Eyes,
    root: &Root,
    settings: &LdapSettings,
    sample: &Sample,
) -> Result<Option<Finding>, Fault> {
    let base = settings.bases.first().map_or("", |base| base.dn.as_str());
    let domain = root.context_of(base).unwrap_or_default();
    let entry = eyes.entry(domain, &["pwdProperties"]).await?;
    let everybody = entry
        .and_then(|entry| number(&entry, "pwdProperties"))
        .is_some_and(|bits| bits & REVERSIBLE != 0);
    // ADS_UF_ENCRYPTED_TEXT_PASSWORD_ALLOWED
    let one = sample
        .people
        .iter()
        .find(|person| number(person, "userAccountControl").is_some_and(|bits| bits & 0x80 != 0));
    let fact = match (everybody, one) {
        (true, _) => format!(
            "the domain {domain} stores passwords so that they can be turned back into clear (pwdProperties)"
        ),
        (false, Some(person)) => format!(
            "the password of {} is stored so that it can be turned back into clear (userAccountControl)",
            person.name
        ),
        (false, None) => return Ok(None),
    };
    let mend = "switch “store passwords using reversible encryption” off (samba-tool domain passwordsettings set --store-plaintext=off); then have those people choose anew";
    Ok(Some(Finding::of(&codes::DIR_CLEAR_STORED, &eyes.url, fact, mend)))
}

fn number(entry: &ReadEntry, name: &str) -> Option<i64> {
    entry.attributes.first_text(name)?.trim().parse().ok()
}

fn small(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// A length of time as people say it.
fn span(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_told_in_one_line() {
        let policy = Policy {
            name: "cn=default".to_owned(),
            least_length: Some(8),
            history: Some(3),
            locks_after: Some(5),
            locks_for: Some(1800),
            most_age: Some(90 * 86_400),
            ..Policy::default()
        };
        assert_eq!(
            policy.told(),
            "cn=default: at least 8 characters, the last 3 passwords refused, locked after 5 failures for 30 min, ends after 90 days"
        );
        assert_eq!(Policy::default().told(), ": no lock");
    }
}
