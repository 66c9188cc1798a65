//! What an account that may see stored passwords sees of them: kept in clear, a history that is full. Neither
//! a password nor a hash is told.

use super::super::entry::ReadEntry;
use super::super::fault::Fault;
use super::super::settings::LdapSettings;
use super::codes;
use super::eyes::Eyes;
use super::people::Sample;
use super::policy::{self, Policy};
use super::root::{Product, Root};
use crate::base::findings::Finding;

pub async fn look(
    eyes: &Eyes,
    root: &Root,
    settings: &LdapSettings,
    sample: &Sample,
    policies: &[Policy],
) -> Result<Vec<Finding>, Fault> {
    let mut findings = Vec::new();
    findings.extend(clear(eyes, root, sample));
    if root.product == Product::ActiveDirectory {
        findings.extend(policy::ad_keeps_them_readable(eyes, root, settings, sample).await?);
    }
    findings.extend(history(eyes, sample, policies));
    Ok(findings)
}

fn clear(eyes: &Eyes, root: &Root, sample: &Sample) -> Option<Finding> {
    let in_clear = |person: &&ReadEntry| person.passwords.clear && !person.passwords.marked;
    let clear: Vec<&ReadEntry> = sample.people.iter().filter(in_clear).collect();
    let one = clear.first()?;
    let seen = sample
        .people
        .iter()
        .filter(|person| person.passwords.made_by.is_some())
        .count();
    let fact = format!(
        "{} of {seen} stored passwords looked at are in clear, as that of {}",
        clear.len(),
        one.name
    );
    let mend = match root.product {
        Product::Ds389 => {
            "passwordStorageScheme: PBKDF2-SHA512 in cn=config; then have those people choose anew"
        }
        _ => {
            "OpenLDAP: ppolicy_hash_cleartext under overlay ppolicy, password-hash {ARGON2}; then have those people choose anew"
        }
    };
    Some(Finding::of(&codes::DIR_CLEAR_STORED, &eyes.url, fact, mend))
}

/// People of whom another of their last passwords cannot be taken again.
fn history(eyes: &Eyes, sample: &Sample, policies: &[Policy]) -> Option<Finding> {
    let limit = |person: &ReadEntry| {
        let own = person.attributes.first_text("pwdPolicySubentry");
        let of_own = own.and_then(|dn| policies.iter().find(|policy| super::dn::same(&policy.name, dn)));
        of_own.or(policies.first()).and_then(|policy| policy.history)
    };
    let is_full = |person: &&ReadEntry| {
        let kept = u32::try_from(person.passwords.history).unwrap_or(u32::MAX);
        limit(person).is_some_and(|limit| limit > 0 && kept >= limit)
    };
    let full: Vec<&ReadEntry> = sample.people.iter().filter(is_full).collect();
    let one = full.first()?;
    let fact = format!(
        "the password history of {} of {} people looked at is full, as that of {}: each of the last {} is refused",
        full.len(),
        sample.people.len(),
        one.name,
        limit(one).unwrap_or_default(),
    );
    let mend = "they choose one they never had; if many are refused, a lower pwdInHistory (389-ds: passwordInHistory)";
    Some(Finding::of(&codes::DIR_HISTORY_FULL, &eyes.url, fact, mend))
}

/// Whether an account that is refused is locked, as somebody else may read in its entry.
pub async fn lock_of(eyes: &Eyes, dn: &str) -> Result<Option<String>, Fault> {
    let wanted = [
        "pwdAccountLockedTime",
        "nsAccountLock",
        "accountUnlockTime",
        "lockoutTime",
    ];
    let Some(entry) = eyes.entry(dn, &wanted).await? else {
        return Ok(None);
    };
    let set = wanted.iter().find_map(|name| {
        let value = entry.attributes.first_text(name)?;
        let says_no = value == "0" || value.eq_ignore_ascii_case("false");
        (!says_no).then(|| format!("{name}: {value}"))
    });
    Ok(set)
}
