//! Attributes that two realms must not share unscoped, and those that only we can know (experience
//! §4.3): made of what is known of the person when the directory has none, scoped when it has them bare.

use data_encoding::BASE32_NOPAD;

use super::release::{Release, values};
use crate::base::keys::Purpose;

/// Affiliations are scoped from this one.
const AFFILIATION: &str = "eduPersonAffiliation";

/// Names in lower case of the attributes whose values end in `@scope`.
const SCOPED: [&str; 3] = [
    "edupersonprincipalname",
    "edupersonscopedaffiliation",
    "edupersonuniqueid",
];

/// What of the directory `name` is made of, besides itself.
pub fn made_of(name: &str) -> Option<&'static str> {
    name.eq_ignore_ascii_case("eduPersonScopedAffiliation")
        .then_some(AFFILIATION)
}

/// The values of `name` as they go out.
pub fn values_of(name: &str, person: &Release<'_>) -> Vec<String> {
    let lower = name.to_ascii_lowercase();
    let known: Vec<String> = values(name, person.attributes).cloned().collect();
    // These two are ours to say: nobody's directory speaks for the realm or the choice of the person.
    match lower.as_str() {
        "mereaurealm" => return vec![person.account.realm.to_string()],
        "mereaumembership" => return person.membership.map(str::to_owned).into_iter().collect(),
        _ => {}
    }
    if SCOPED.contains(&lower.as_str()) {
        let known = if known.is_empty() {
            bare(&lower, person)
        } else {
            known
        };
        return known
            .into_iter()
            .filter_map(|value| scoped(value, person))
            .collect();
    }
    if !known.is_empty() {
        return known;
    }
    let made = match lower.as_str() {
        "schachomeorganization" => person.scope.map(str::to_owned),
        "supannetablissement" => person.uai.map(|code| format!("{{UAI}}{code}")),
        _ => None,
    };
    made.into_iter().collect()
}

/// What stands before the `@` when the directory does not say.
fn bare(name: &str, person: &Release<'_>) -> Vec<String> {
    match name {
        "edupersonprincipalname" => vec![person.login.to_owned()],
        "edupersonscopedaffiliation" => values(AFFILIATION, person.attributes).cloned().collect(),
        _ => vec![unique(person)],
    }
}

/// As it is when it has a scope; none when it needs one that the realm has not.
fn scoped(value: String, person: &Release<'_>) -> Option<String> {
    if value.contains('@') {
        return Some(value);
    }
    person.scope.map(|scope| format!("{value}@{scope}"))
}

/// The same for every service, never reassigned, and tells nothing: letters and digits only, at most
/// 64 (eduPerson 202208 §2.2.15).
fn unique(person: &Release<'_>) -> String {
    let parts = ["", person.account.realm.as_str(), &person.account.person.0];
    let name = person.keys.pseudonym(Purpose::Opaque, &parts.map(str::as_bytes));
    BASE32_NOPAD.encode(&name).to_ascii_lowercase()
}
