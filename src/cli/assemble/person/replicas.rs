//! Line 11: whether every server tells the same of the entry.

use std::collections::BTreeMap;

use super::report::{Line, Topic};
use crate::directory::evidence::Evidence;
use crate::directory::ldap::OnEach;

/// What must be the same everywhere; times of failures may be counted by each server for itself.
const SAME: [&str; 8] = [
    "entryCSN",
    "pwdChangedTime",
    "pwdLastSet",
    "pwdUpdateTime",
    "pwdReset",
    "pwdAccountLockedTime",
    "passwordExpirationTime",
    "modifyTimestamp",
];

pub fn lines(about: &str, each: &OnEach<Vec<Evidence>>) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut entries: Vec<(&str, &Evidence)> = Vec::new();
    for (url, answer) in each {
        match answer.as_deref() {
            Ok([entry]) => entries.push((url, entry)),
            Ok([]) => lines.push(
                Topic::Replicas
                    .warn(
                        url,
                        "the entry is not there",
                        "look at replication, base_dns, the rights of bind_dn",
                    )
                    .because("REPLICA_DIFFERS"),
            ),
            Ok(_) => lines.push(
                Topic::Replicas
                    .warn(
                        url,
                        "several entries have the same key",
                        "look at subject_attribute",
                    )
                    .because("REPLICA_DIFFERS"),
            ),
            Err(error) => lines.push(
                Topic::Replicas
                    .warn(url, error.to_string(), "mereau doctor tells more")
                    .because("DIR_DOWN"),
            ),
        }
    }
    if each.len() < 2 {
        lines.push(Topic::Replicas.ok(about, "one server, nothing to compare"));
        return lines;
    }
    let differing: Vec<Line> = SAME
        .iter()
        .filter_map(|name| differing(about, name, &entries))
        .collect();
    if differing.is_empty() && !entries.is_empty() {
        let has = |name: &&&str| entries.iter().any(|(_, entry)| entry.text(name).is_some());
        let seen: Vec<&str> = SAME.iter().filter(has).copied().collect();
        let fact = format!("the same on {} servers ({})", entries.len(), seen.join(", "));
        lines.push(Topic::Replicas.ok(about, fact));
    }
    lines.extend(differing);
    lines
}

/// Which servers have which value, where it is not the same.
fn differing(about: &str, name: &str, entries: &[(&str, &Evidence)]) -> Option<Line> {
    let mut values: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (url, entry) in entries {
        let value = entry.text(name).unwrap_or("–");
        values.entry(value).or_default().push(url);
    }
    if values.len() < 2 {
        return None;
    }
    let told: Vec<String> = values
        .iter()
        .map(|(value, urls)| format!("{value} on {}", urls.join(", ")))
        .collect();
    let advice = "look at replication; until then a sign-in depends on which server is asked";
    let fact = format!("{name} differs: {}", told.join("; "));
    let line = Topic::Replicas.warn(about, fact, advice);
    Some(line.because("REPLICA_DIFFERS"))
}
