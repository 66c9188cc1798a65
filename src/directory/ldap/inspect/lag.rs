//! Whether the servers of a realm hold the same: what one had at the first look, the others must have two
//! seconds later. OpenLDAP tells by its contextCSN; of any server the same people are read and compared.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::super::fault::Fault;
use super::super::settings::LdapSettings;
use super::codes;
use super::eyes::Eyes;
use super::people::Sample;
use super::reach::Reached;
use super::root::Product;
use crate::base::clock::Timestamp;
use crate::base::findings::Finding;
use crate::base::names::PersonKey;
use crate::directory::Filter;

/// What a change may take from one server to the next.
const GRACE: Duration = Duration::from_secs(2);

/// People that are compared, of the first server and of those that changed of late on each.
const COMPARED: usize = 40;

/// Changes of AD that are looked through for people.
const LATE_CHANGES: u64 = 500;

/// How far back other servers are asked for changes.
const LATE: Duration = Duration::from_secs(24 * 3600);

/// What a replica that keeps its own counts of failures changes by itself, or computes.
const OWN: [&str; 2] = ["memberof", "useraccountcontrol"];

/// The newest change of each origin, by contextCSN.
type Newest = BTreeMap<String, String>;

/// What people look like on one server: name and attributes, by key.
type People = BTreeMap<String, (String, BTreeMap<String, String>)>;

/// One server of those that are compared.
pub struct Side<'a> {
    pub reached: &'a Reached,
    /// Where changes are made.
    pub primary: bool,
}

pub async fn compare(
    sides: &[Side<'_>],
    sample: &Sample,
    settings: &LdapSettings,
    now: Timestamp,
) -> Vec<Finding> {
    if sides.len() < 2 {
        return Vec::new();
    }
    match differences(sides, sample, settings, now).await {
        Ok((findings, compared)) if findings.is_empty() => {
            let urls: Vec<&str> = sides.iter().map(|side| side.reached.eyes.url.as_str()).collect();
            let fact = format!("have the same of {compared} people that were compared");
            vec![Finding::of(&codes::DIR_REPLICAS, &urls.join(", "), fact, "")]
        }
        Ok((findings, _)) => findings,
        Err((url, fault)) => vec![super::reach::broken(&url, fault, settings.limits.operation)],
    }
}

type Lost = (String, Fault);

/// What all sides had at the first look.
struct First {
    keys: BTreeSet<String>,
    newest: Vec<Newest>,
    people: Vec<People>,
}

async fn first(
    sides: &[Side<'_>],
    sample: &Sample,
    settings: &LdapSettings,
    now: Timestamp,
) -> Result<First, Lost> {
    let key = |person| Some(settings.mapping.key_of(person)?.0);
    let sampled = sample.people.iter().filter_map(|person| key(&person.attributes));
    let mut first = First {
        keys: sampled.take(COMPARED).collect(),
        newest: Vec::new(),
        people: Vec::new(),
    };
    for side in sides {
        let lost = |fault| (side.reached.eyes.url.clone(), fault);
        let newest = newest_of(side.reached, settings).await.map_err(lost)?;
        first.newest.push(newest);
        first
            .keys
            .extend(late(side.reached, settings, now).await.map_err(lost)?);
    }
    for side in sides {
        let eyes = &side.reached.eyes;
        let read = read(eyes, settings, &first.keys).await;
        first
            .people
            .push(read.map_err(|fault| (eyes.url.clone(), fault))?);
    }
    Ok(first)
}

async fn differences(
    sides: &[Side<'_>],
    sample: &Sample,
    settings: &LdapSettings,
    now: Timestamp,
) -> Result<(Vec<Finding>, usize), Lost> {
    let first = first(sides, sample, settings, now).await?;
    let told = joined(&first.newest);
    let at = reference(sides, &first.newest);
    let (Some(there), Some(model)) = (sides.get(at), first.people.get(at)) else {
        return Ok((Vec::new(), 0));
    };
    let suspects: Vec<&Side<'_>> = sides
        .iter()
        .zip(first.newest.iter().zip(&first.people))
        .filter(|(_, (newest, people))| behind(newest, &told).is_some() || differs(people, model).is_some())
        .map(|(side, _)| side)
        .collect();
    if suspects.is_empty() {
        return Ok((Vec::new(), model.len()));
    }
    tokio::time::sleep(GRACE).await;
    let mut findings = Vec::new();
    for side in suspects {
        let eyes = &side.reached.eyes;
        let lost = |fault| (eyes.url.clone(), fault);
        let newest = newest_of(side.reached, settings).await.map_err(lost)?;
        let fact = match behind(&newest, &told) {
            Some(fact) => Some(fact),
            None if std::ptr::eq(side, there) => None,
            None => {
                let own = read(eyes, settings, &first.keys).await.map_err(lost)?;
                let other = &there.reached.eyes.url;
                differs(&own, model).map(|fact| format!("lags behind {other}: {fact}"))
            }
        };
        findings.extend(fact.map(|fact| lagging(&eyes.url, fact, side.reached.root.product)));
    }
    Ok((findings, model.len()))
}

fn lagging(url: &str, fact: String, product: Product) -> Finding {
    let mend = match product {
        Product::OpenLdap => "look at the replica's log: provider, credentials and retry of syncrepl",
        Product::ActiveDirectory => "samba-tool drs showrepl, or repadmin /showrepl, on that server",
        Product::Ds389 => "dsconf … repl-agmt status on the supplier, and the errors log of both",
        Product::Other => "look at the replica's log",
    };
    Finding::of(
        &codes::DIR_REPLICA_LAG,
        url,
        fact,
        format!("{mend}; until then new passwords and locks do not hold there"),
    )
}

/// The server that the others should be like.
fn reference(sides: &[Side<'_>], newest: &[Newest]) -> usize {
    let primary = sides.iter().position(|side| side.primary);
    let ahead = || {
        let all = newest
            .iter()
            .enumerate()
            .max_by_key(|(_, own)| own.values().max().cloned());
        all.map_or(0, |(at, _)| at)
    };
    primary.unwrap_or_else(ahead)
}

/// The newest of all servers.
fn joined(newest: &[Newest]) -> Newest {
    let mut all = Newest::new();
    for (origin, csn) in newest.iter().flatten() {
        let kept = all.entry(origin.clone()).or_insert_with(|| csn.clone());
        if csn > kept {
            kept.clone_from(csn);
        }
    }
    all
}

/// What a server that tells its newest change does not have.
fn behind(own: &Newest, all: &Newest) -> Option<String> {
    if own.is_empty() {
        return None;
    }
    let lacking = all
        .iter()
        .filter(|(origin, csn)| own.get(*origin).is_none_or(|own| own < *csn));
    let (origin, csn) = lacking.max_by_key(|(_, csn)| csn.as_str())?;
    let stamp = |csn: &str| csn.split('.').next().unwrap_or_default().to_owned();
    let here = own.get(origin).map_or("nothing".to_owned(), |csn| stamp(csn));
    Some(format!(
        "lags: its newest change is of {here}, another server has one of {} (contextCSN)",
        stamp(csn)
    ))
}

async fn newest_of(reached: &Reached, settings: &LdapSettings) -> Result<Newest, Fault> {
    let base = settings.bases.first().map_or("", |base| base.dn.as_str());
    let Some(context) = reached
        .root
        .context_of(base)
        .filter(|_| reached.root.product == Product::OpenLdap)
    else {
        return Ok(Newest::new());
    };
    let entry = reached.eyes.entry(context, &["contextCSN"]).await?;
    let all = entry
        .iter()
        .flat_map(|entry| entry.attributes.texts("contextCSN"));
    Ok(all
        .map(|csn| {
            (
                csn.split('#').nth(2).unwrap_or_default().to_owned(),
                csn.to_owned(),
            )
        })
        .collect())
}

/// People whose entries changed of late on one server.
async fn late(reached: &Reached, settings: &LdapSettings, now: Timestamp) -> Result<Vec<String>, Fault> {
    let since = now.minus(LATE).to_rfc3339();
    let since: String = since.chars().filter(|c| !matches!(c, '-' | ':' | 'T')).collect();
    let filter = match (reached.root.product, reached.root.last_change) {
        (Product::ActiveDirectory, Some(last)) => {
            let from = last.saturating_sub(LATE_CHANGES).to_string();
            Filter::AtLeast("uSNChanged".to_owned(), from.into_bytes())
        }
        // Its contextCSN tells.
        (Product::OpenLdap, _) => return Ok(Vec::new()),
        _ => Filter::AtLeast("modifyTimestamp".to_owned(), since.into_bytes()),
    };
    let logins = settings.mapping.login_attributes.iter();
    let people = Filter::Or(logins.map(|name| Filter::Present(name.clone())).collect());
    let filter = filter
        .and(Some(&people))
        .and(settings.mapping.user_filter.as_ref());
    let found = Sample::of(&reached.eyes, settings, &filter).await?;
    let keys = found
        .people
        .iter()
        .filter_map(|person| settings.mapping.key_of(&person.attributes));
    Ok(keys.map(|key| key.0).take(COMPARED).collect())
}

async fn read(eyes: &Eyes, settings: &LdapSettings, keys: &BTreeSet<String>) -> Result<People, Fault> {
    let mapping = &settings.mapping;
    let keys = keys
        .iter()
        .filter_map(|key| mapping.key_filter(&PersonKey(key.clone())));
    let keys: Vec<Filter> = keys.collect();
    let mut people = People::new();
    for some in keys.chunks(COMPARED) {
        let sample = Sample::of(eyes, settings, &Filter::Or(some.to_vec())).await?;
        for person in sample.people {
            let Some(key) = mapping.key_of(&person.attributes) else {
                continue;
            };
            let compared = person
                .attributes
                .iter()
                .filter(|(name, _)| is_compared(name, settings));
            let attributes = compared.map(|(name, values)| {
                let mut values: Vec<String> = values.iter().map(|value| format!("{value:?}")).collect();
                values.sort();
                (name.to_ascii_lowercase(), values.join(" "))
            });
            people.insert(key.0, (person.name.0.clone(), attributes.collect()));
        }
    }
    Ok(people)
}

fn is_compared(name: &str, settings: &LdapSettings) -> bool {
    let mapping = &settings.mapping;
    let mut named = mapping
        .login_attributes
        .iter()
        .chain(&mapping.attributes)
        .chain(&mapping.own);
    let changes = ["pwdChangedTime", "pwdLastSet", "pwdUpdateTime"];
    let own = OWN.iter().any(|own| own.eq_ignore_ascii_case(name));
    !own && (named.any(|one| one.eq_ignore_ascii_case(name))
        || changes.iter().any(|one| one.eq_ignore_ascii_case(name)))
}

/// Who is not on one server as on the reference.
fn differs(own: &People, reference: &People) -> Option<String> {
    let mut count = 0;
    let mut example = None;
    for (key, (name, attributes)) in reference {
        let differing: Vec<&str> = match own.get(key) {
            None => vec!["the entry itself"],
            Some((_, own)) => {
                let names: BTreeSet<&String> = attributes.keys().chain(own.keys()).collect();
                let names = names
                    .into_iter()
                    .filter(|name| attributes.get(*name) != own.get(*name));
                names.map(String::as_str).collect()
            }
        };
        if !differing.is_empty() {
            count += 1;
            example.get_or_insert_with(|| format!("{name} in {}", differing.join(", ")));
        }
    }
    let example = example?;
    Some(format!(
        "{count} of {} people compared differ, {example}",
        reference.len()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_behind_when_it_lacks_the_newest_change_of_an_origin() {
        let of = |pairs: &[(&str, &str)]| -> Newest {
            pairs
                .iter()
                .map(|(origin, csn)| ((*origin).to_owned(), (*csn).to_owned()))
                .collect()
        };
        let (old, new) = ("20260101000000.1Z#0#1#0", "20260102000000.1Z#0#1#0");
        let all = joined(&[of(&[("1", old)]), of(&[("1", new), ("2", old)])]);
        assert_eq!(behind(&of(&[("1", new), ("2", old)]), &all), None);
        assert!(
            behind(&of(&[("1", old), ("2", old)]), &all)
                .unwrap()
                .contains("20260102000000")
        );
        assert!(
            behind(&of(&[("1", new)]), &all).is_some(),
            "an origin it has never heard of"
        );
        assert_eq!(behind(&Newest::new(), &all), None, "a server that does not tell");
    }
}
