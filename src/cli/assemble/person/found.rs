//! Line 4: whom the login finds, by which attribute; and where nobody is found, who was probably meant.

use std::collections::BTreeSet;

use super::near;
use super::report::{Line, Topic};
use super::source::Source;
use crate::base::names::Username;
use crate::directory::ldap::ServerProbe;
use crate::directory::{DirectoryError, Filter, Found, Person};
use crate::flows::recovery::RecoverySettings;

/// By what else people say who they are, where the realm says nothing of it.
const USUAL: [&str; 9] = [
    "mail",
    "supannAutreMail",
    "supannMailPerso",
    "supannCodeINE",
    "ENTEleveINE",
    "supannEtuId",
    "supannEmpId",
    "employeeNumber",
    "eduPersonPrincipalName",
];

/// Whom a login means.
pub enum Meant {
    One(Box<Person>),
    /// Nobody, or several.
    None,
}

pub struct Asked<'a> {
    pub about: &'a str,
    pub source: &'a Source,
    pub typed: &'a str,
    pub login: &'a Username,
    pub recovery: Option<&'a RecoverySettings>,
}

pub async fn lines(asked: &Asked<'_>, probes: &[ServerProbe]) -> (Meant, Vec<Line>) {
    let mut lines = counts(asked, probes).await;
    match asked.source.directory().find(asked.login).await {
        Ok(Found::One(person)) => {
            lines.push(Topic::Entries.ok(asked.about, whom(&person)));
            lines.extend(stray(asked));
            (Meant::One(person), lines)
        }
        Ok(Found::Ambiguous(entries)) => {
            let names: Vec<String> = entries.iter().map(ToString::to_string).collect();
            let fact = format!("several entries have this login: {}", names.join("; "));
            let advice = "give each its own, or shorten login_attributes; until then both are refused";
            lines.push(Topic::Entries.fail("LOGIN_AMBIGUOUS", asked.about, fact, advice));
            (Meant::None, lines)
        }
        Err(error) => {
            lines.push(down(asked.about, &error));
            (Meant::None, lines)
        }
        Ok(Found::Nobody) => by_other(asked, lines).await,
    }
}

fn whom(person: &Person) -> String {
    format!(
        "entry {}, login {}, key {}",
        person.entry, person.login, person.key.0
    )
}

/// What was typed is made comparable before it is looked up; whoever does so elsewhere is another matter.
fn stray(asked: &Asked<'_>) -> Option<Line> {
    (asked.typed != asked.login.as_str()).then(|| {
        let fact = format!("typed with blanks or signs that do not count: {:?}", asked.typed);
        Topic::Entries.ok(asked.about, fact)
    })
}

fn down(about: &str, error: &DirectoryError) -> Line {
    let reason = match error {
        DirectoryError::Answered { .. } | DirectoryError::Unreadable(_) => "DIR_REFUSED",
        _ => "DIR_DOWN",
    };
    Topic::Entries.fail(reason, about, error.to_string(), "mereau doctor tells more")
}

/// How many each login attribute finds, server by server where they differ.
async fn counts(asked: &Asked<'_>, probes: &[ServerProbe]) -> Vec<Line> {
    let word = |found: usize| match found {
        0 => "nobody",
        1 => "one",
        _ => "several",
    };
    let mut told: Vec<(String, String)> = Vec::new();
    for probe in probes.iter().filter(|probe| !probe.logins.is_empty()) {
        let each: Vec<String> = probe
            .logins
            .iter()
            .map(|login| format!("{} finds {}", login.attribute, word(login.found)))
            .collect();
        told.push((probe.url.clone(), each.join(", ")));
    }
    if let Some((name, _)) = asked.source.file() {
        let mut each = Vec::new();
        for attribute in &asked.source.mapping.login_attributes {
            let filter = asked.source.mapping.login_filter(attribute, asked.login);
            let found = asked.source.look(filter).await.map_or(0, |found| found.len());
            each.push(format!("{attribute} finds {}", word(found)));
        }
        told.push((name.to_owned(), each.join(", ")));
    }
    let different: BTreeSet<&String> = told.iter().map(|(_, counts)| counts).collect();
    match different.len() {
        0 => Vec::new(),
        1 => told
            .iter()
            .take(1)
            .map(|(_, counts)| Topic::Entries.ok(asked.about, counts.clone()))
            .collect(),
        _ => {
            let each: Vec<String> = told
                .iter()
                .map(|(url, counts)| format!("{url}: {counts}"))
                .collect();
            let fact = format!("servers find different numbers: {}", each.join("; "));
            vec![
                Topic::Entries
                    .warn(asked.about, fact, "look at replication")
                    .because("REPLICA_DIFFERS"),
            ]
        }
    }
}

/// No login: an address, an INE, a number perhaps.
async fn by_other(asked: &Asked<'_>, mut lines: Vec<Line>) -> (Meant, Vec<Line>) {
    for attribute in identifiers(asked) {
        let Some(filter) = asked.source.mapping.join_filter(&attribute, asked.login.as_str()) else {
            continue;
        };
        let Ok(found) = asked.source.look(filter).await else {
            continue;
        };
        if found.len() > 1 {
            let names: Vec<&str> = found.iter().take(5).map(|entry| entry.name.0.as_str()).collect();
            let fact = format!("no login, and {attribute} of several: {}", names.join("; "));
            lines.push(Topic::Entries.fail(
                "LOGIN_UNKNOWN",
                asked.about,
                fact,
                "ask for one of their logins",
            ));
            return (Meant::None, lines);
        }
        let login = found.first().and_then(|entry| {
            let mut names = asked.source.mapping.login_attributes.iter();
            names.find_map(|name| entry.text(name))
        });
        let login = login.and_then(|login| Username::typed(login).ok());
        let Some(login) = login else { continue };
        if let Ok(Found::One(person)) = asked.source.directory().find(&login).await {
            let fact = format!("it is no login but {attribute} of {}", whom(&person));
            let advice = format!(
                "at the sign-in they type {}; or add {attribute} to login_attributes",
                person.login
            );
            lines.push(Topic::Entries.warn(asked.about, fact, advice));
            return (Meant::One(person), lines);
        }
    }
    let near = near::misses(asked).await;
    let fact = match near.is_empty() {
        true => "no entry has this login, nor is there one like it".to_owned(),
        false => format!("no entry has this login; near it: {}", near.join("; ")),
    };
    let advice = "what was typed, another realm; login_attributes, base_dns and user_filter";
    lines.push(Topic::Entries.fail("LOGIN_UNKNOWN", asked.about, fact, advice));
    (Meant::None, lines)
}

/// Attributes by which the realm or everybody knows people, beside the logins.
pub fn identifiers(asked: &Asked<'_>) -> Vec<String> {
    let known = asked.recovery.iter().flat_map(|recovery| {
        let who = recovery.who.iter().flat_map(|who| who.numbers.clone());
        let boxes = recovery.mailboxes().map(|one| one.attribute.clone());
        let known = recovery.known_by.iter().map(|one| one.attribute.clone());
        boxes.chain(known).chain(who).collect::<Vec<_>>()
    });
    let mut names: Vec<String> = Vec::new();
    for name in known.chain(USUAL.map(str::to_owned)) {
        let same = |other: &String| other.eq_ignore_ascii_case(&name);
        if !names.iter().any(same) && !asked.source.mapping.login_attributes.iter().any(same) {
            names.push(name);
        }
    }
    names
}

/// A filter for any of these attributes.
pub fn any_of(attributes: impl Iterator<Item = String>, filter: impl Fn(&str) -> Filter) -> Filter {
    Filter::Or(attributes.map(|name| filter(&name)).collect())
}
