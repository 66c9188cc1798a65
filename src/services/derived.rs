//! Attributes that two realms must not share unscoped, and those that only we can know (experience
//! §4.3): made of what is known of the person when the directory has none, scoped when it has them bare.

use data_encoding::BASE32_NOPAD;

use super::release::{Release, values};
use crate::base::keys::Purpose;

/// Affiliations are scoped from this one.
const AFFILIATION: &str = "eduPersonAffiliation";

/// The attributes that are more than a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Derived {
    Realm,
    Membership,
    PrincipalName,
    ScopedAffiliation,
    UniqueId,
    HomeOrganization,
    Establishment,
}

const ESTABLISHMENT: &str = "supannEtablissement";

const DERIVED: [(&str, Derived); 7] = [
    ("mereauRealm", Derived::Realm),
    ("mereauMembership", Derived::Membership),
    ("eduPersonPrincipalName", Derived::PrincipalName),
    ("eduPersonScopedAffiliation", Derived::ScopedAffiliation),
    ("eduPersonUniqueId", Derived::UniqueId),
    ("schacHomeOrganization", Derived::HomeOrganization),
    (ESTABLISHMENT, Derived::Establishment),
];

/// What of the directory `name` is made of, besides itself.
pub fn made_of(name: &str) -> Option<&'static str> {
    (derived(name) == Some(Derived::ScopedAffiliation)).then_some(AFFILIATION)
}

/// Whether `name` may be made of the code of the person's institution.
pub fn tells_establishment(name: &str) -> bool {
    name.eq_ignore_ascii_case(ESTABLISHMENT)
}

/// The values of `name` as they go out.
pub fn values_of(name: &str, person: &Release<'_>) -> Vec<String> {
    let known = || -> Vec<String> { values(name, person.attributes).cloned().collect() };
    let or_made = |made: Option<String>| match known() {
        none if none.is_empty() => made.into_iter().collect(),
        known => known,
    };
    match derived(name) {
        None => known(),
        // These two are ours to say: nobody's directory speaks for the realm or the choice of the person.
        Some(Derived::Realm) => vec![person.account.realm.to_string()],
        Some(Derived::Membership) => person.membership.map(str::to_owned).into_iter().collect(),
        Some(Derived::HomeOrganization) => or_made(person.scope.map(str::to_owned)),
        Some(Derived::Establishment) => or_made(person.uai.map(|code| format!("{{UAI}}{code}"))),
        Some(scoped_one) => {
            let known = match known() {
                none if none.is_empty() => bare(scoped_one, person),
                known => known,
            };
            let scoped = known.into_iter().filter_map(|value| scoped(value, person));
            scoped.collect()
        }
    }
}

fn derived(name: &str) -> Option<Derived> {
    let mut all = DERIVED.iter();
    all.find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, derived)| *derived)
}

/// What stands before the `@` when the directory does not say.
fn bare(wanted: Derived, person: &Release<'_>) -> Vec<String> {
    match wanted {
        Derived::PrincipalName => vec![person.login.to_owned()],
        Derived::ScopedAffiliation => values(AFFILIATION, person.attributes).cloned().collect(),
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
