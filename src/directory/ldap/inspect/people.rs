//! A sample of people as one account sees them: whether they can be read, what of them must not be, whose
//! login is somebody else's too. A sample proves what it finds, and nothing about the rest.

use std::collections::{BTreeMap, BTreeSet};

use super::super::entry::ReadEntry;
use super::super::fault::Fault;
use super::super::settings::LdapSettings;
use super::codes;
use super::eyes::{Eyes, request};
use super::root::Product;
use crate::base::findings::Finding;
use crate::directory::Filter;

/// People that are looked at.
pub const MANY: i32 = 100;

/// Logins that are looked for again, for each attribute.
const LOGINS: usize = 25;

/// What is asked of people beside what the realm reads.
const MORE: [&str; 9] = [
    "userPassword",
    "pwdHistory",
    "passwordHistory",
    "pwdPolicySubentry",
    "pwdChangedTime",
    "pwdLastSet",
    "pwdUpdateTime",
    "entryCSN",
    "userAccountControl",
];

/// People as they were read.
#[derive(Debug, Default)]
pub struct Sample {
    pub people: Vec<ReadEntry>,
    /// Other servers that hold parts of the branches.
    pub references: BTreeSet<String>,
}

impl Sample {
    pub async fn take(eyes: &Eyes, settings: &LdapSettings) -> Result<Sample, Fault> {
        let mapping = &settings.mapping;
        let present = mapping
            .login_attributes
            .iter()
            .map(|name| Filter::Present(name.clone()));
        let filter = Filter::Or(present.collect()).and(mapping.user_filter.as_ref());
        Sample::of(eyes, settings, &filter).await
    }

    /// Whom a filter finds.
    pub async fn of(eyes: &Eyes, settings: &LdapSettings, filter: &Filter) -> Result<Sample, Fault> {
        let wanted = settings.mapping.wanted();
        let mut attributes: Vec<&str> = wanted.iter().map(String::as_str).collect();
        attributes.extend(MORE);
        let mut sample = Sample::default();
        for base in &settings.bases {
            let asked = request(&base.dn, base.scope, &filter.to_string(), &attributes, MANY);
            let answer = eyes.ask(asked).await?;
            sample.people.extend(answer.entries);
            sample.references.extend(answer.references);
        }
        Ok(sample)
    }

    /// The names of attributes that somebody shows, in small letters.
    pub fn shown(&self) -> BTreeSet<String> {
        let shown = self.people.iter().flat_map(|person| person.attributes.iter());
        shown.map(|(name, _)| name.to_ascii_lowercase()).collect()
    }
}

/// What the searching account may read of people, and what it may and should not.
pub async fn look(
    eyes: &Eyes,
    product: Product,
    settings: &LdapSettings,
    sample: &Sample,
) -> Result<Vec<Finding>, Fault> {
    let mut findings = Vec::new();
    if sample.people.is_empty() {
        findings.push(nobody(eyes, settings).await?);
        return Ok(findings);
    }
    findings.push(read(eyes, settings, sample));
    if sample
        .people
        .iter()
        .any(|person| person.passwords.made_by.is_some() || person.passwords.history > 0)
    {
        findings.push(Finding::of(
            &codes::DIR_PASSWORDS_READABLE,
            &eyes.url,
            "bind_dn may read stored passwords of people, or earlier ones, which searching does not need",
            match product {
                Product::Ds389 => "leave them out of its ACI: (targetattr != \"userPassword || passwordHistory\")",
                _ => "OpenLDAP: access to attrs=userPassword by dn.exact=\"bind_dn\" auth, before the rules that let it read",
            },
        ));
    }
    let elsewhere: Vec<&str> = sample
        .references
        .iter()
        .map(String::as_str)
        .filter(|to| !is_of_ad(to))
        .collect();
    if !elsewhere.is_empty() {
        findings.push(Finding::of(
            &codes::DIR_REFERENCES,
            &eyes.url,
            format!("a part of base_dns is a referral to {}, which is not followed", elsewhere.join(", ")),
            "a server that holds all of it in urls, or a realm for the other part: people there are not found",
        ));
    }
    findings.extend(ambiguous(eyes, settings, sample).await?);
    Ok(findings)
}

/// Branches of AD that hold no people.
fn is_of_ad(reference: &str) -> bool {
    let reference = reference.to_ascii_lowercase();
    ["dc=domaindnszones", "dc=forestdnszones", "cn=configuration"]
        .iter()
        .any(|own| reference.contains(own))
}

async fn nobody(eyes: &Eyes, settings: &LdapSettings) -> Result<Finding, Fault> {
    let logins = settings.mapping.login_attributes.join(", ");
    let everything = Filter::Present("objectClass".to_owned());
    let seen = Sample::of(eyes, settings, &everything).await?.people.len();
    let bases: Vec<&str> = settings.bases.iter().map(|base| base.dn.as_str()).collect();
    let bases = bases.join(", ");
    if seen > bases.len().min(settings.bases.len()) {
        let filter = settings.mapping.user_filter.as_ref();
        let fact = match filter {
            Some(filter) => format!(
                "entries are seen below {bases}, and none has {logins} and is of user_filter {filter}"
            ),
            None => format!("entries are seen below {bases}, and none shows {logins}"),
        };
        let mend = "let bind_dn read and search these attributes, or mend login_attributes or user_filter";
        return Ok(Finding::of(&codes::DIR_RIGHTS, &eyes.url, fact, mend));
    }
    let fact = format!("nobody is seen below {bases}");
    let mend = "let bind_dn read and search what lies below it, or write the branch with people in base_dns";
    Ok(Finding::of(&codes::DIR_NOBODY, &eyes.url, fact, mend))
}

fn read(eyes: &Eyes, settings: &LdapSettings, sample: &Sample) -> Finding {
    let shown = sample.shown();
    let mapping = &settings.mapping;
    let must = mapping
        .login_attributes
        .iter()
        .take(1)
        .chain([&mapping.subject_attribute]);
    let lacking: Vec<&str> = must
        .filter(|name| !shown.contains(&name.to_ascii_lowercase()))
        .map(String::as_str)
        .collect();
    let count = sample.people.len();
    if !lacking.is_empty() {
        return Finding::of(
            &codes::DIR_RIGHTS,
            &eyes.url,
            format!("of {count} people looked at none shows {}", lacking.join(", ")),
            "let bind_dn read it, or mend login_attributes and subject_attribute",
        );
    }
    let wanted = mapping.wanted();
    let (seen, unseen): (Vec<&String>, Vec<&String>) = wanted
        .iter()
        .partition(|name| shown.contains(&name.to_ascii_lowercase()));
    let names = |names: &[&String]| {
        names
            .iter()
            .map(|name| name.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    };
    let fact = match unseen.is_empty() {
        true => format!("{count} people looked at show {}", names(&seen)),
        false => format!(
            "{count} people looked at show {}; nobody shows {}",
            names(&seen),
            names(&unseen)
        ),
    };
    Finding::of(&codes::DIR_PEOPLE, &eyes.url, fact, "")
}

/// What another account shows of the same people and this one does not: it may not read it.
pub fn hidden(eyes_of: &str, settings: &LdapSettings, mine: &Sample, theirs: &Sample) -> Option<Finding> {
    let (mine, theirs) = (mine.shown(), theirs.shown());
    let wanted = settings.mapping.wanted();
    let hidden = wanted.iter().filter(|name| {
        let name = name.to_ascii_lowercase();
        theirs.contains(&name) && !mine.contains(&name)
    });
    let hidden: Vec<&str> = hidden.map(String::as_str).collect();
    (!hidden.is_empty()).then(|| {
        let fact = format!(
            "the service account may not read {}, which people have",
            hidden.join(", ")
        );
        Finding::of(
            &codes::DIR_RIGHTS,
            eyes_of,
            fact,
            "let bind_dn read and search these attributes of people",
        )
    })
}

/// Logins of the sample that somebody else has, too.
async fn ambiguous(eyes: &Eyes, settings: &LdapSettings, sample: &Sample) -> Result<Option<Finding>, Fault> {
    let mut twins = Vec::new();
    for attribute in &settings.mapping.login_attributes {
        let logins = sample
            .people
            .iter()
            .flat_map(|person| person.attributes.texts(attribute));
        let logins: BTreeSet<String> = logins.map(folded).filter(|login| !login.is_empty()).collect();
        let logins: Vec<Filter> = logins
            .iter()
            .take(LOGINS)
            .map(|login| Filter::equal(attribute, login))
            .collect();
        if logins.is_empty() {
            continue;
        }
        let filter = Filter::Or(logins).and(settings.mapping.user_filter.as_ref());
        let mut owners: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for base in &settings.bases {
            for entry in eyes
                .all((&base.dn, base.scope), &filter, &[attribute], MANY)
                .await?
            {
                for login in entry.attributes.texts(attribute) {
                    owners
                        .entry(folded(login))
                        .or_default()
                        .insert(entry.name.0.clone());
                }
            }
        }
        let several = owners.into_iter().filter(|(_, owners)| owners.len() > 1);
        twins.extend(several.map(|(login, owners)| (attribute.as_str(), login, owners)));
    }
    let Some((attribute, login, owners)) = twins.first() else {
        return Ok(None);
    };
    let owners: Vec<&str> = owners.iter().map(String::as_str).take(3).collect();
    let more = match twins.len() {
        1 => String::new(),
        count => format!(" ({} logins of those looked at)", count),
    };
    let fact = format!(
        "the login “{login}” ({attribute}) is ambiguous: {}{more}",
        owners.join("; ")
    );
    let mend = "give each person their own, or take the attribute out of login_attributes: until then both are refused";
    Ok(Some(Finding::of(
        &codes::DIR_LOGIN_AMBIGUOUS,
        &eyes.url,
        fact,
        mend,
    )))
}

fn folded(login: &str) -> String {
    login.trim().to_lowercase()
}
