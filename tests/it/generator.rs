//! The generator of institutions and people: the same seed gives the same bytes, and what it says of
//! its people is what the directory finds.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use mereau::base::clock::{HandClock, Timestamp};
use mereau::directory::Standing;
use mereau::directory::ldif::LdifDirectory;
use mereau::directory::state::{Preset, StateRules};
use mereau::passwords::hashes::{self, Verdict};
use ring::digest;

use crate::directory::{mapping, person};
use crate::invent::people::{People, Person, Scheme};
use crate::invent::queries::questions;
use crate::invent::schools::France;
use crate::invent::standing::cases;
use crate::invent::{departements::AREAS, expected, hashes as made, ldif, ministry, queries};

/// 2026-11-18: between the dates that lie behind and those that lie ahead.
const NOW: Timestamp = Timestamp(1_795_000_000_000);

fn people(seed: u64, count: usize) -> Vec<Person> {
    let all = People::new(seed, "generated.example", 500, Vec::new());
    all.take(count).collect()
}

/// Everything that a seed gives, small: schools, questions, people of both kinds, a morning.
fn everything(seed: u64) -> Vec<u8> {
    let france = France::invent(seed, 500);
    let mut out = Vec::new();
    ministry::write(&france, &mut out, |_| {}).unwrap();
    queries::write(&france, &questions(seed, &france, 200), &mut out).unwrap();
    let people = people(seed, 120);
    for person in &people {
        ldif::entry(person, &france, &mut out).unwrap();
        ldif::ad_entry(person, &mut out).unwrap();
        expected::line(person, &mut out).unwrap();
    }
    let logins: Vec<String> = people.into_iter().map(|person| person.login).collect();
    expected::morning(seed, &logins, &mut out).unwrap();
    out
}

#[test]
fn a_seed_gives_the_same_bytes_and_another_seed_gives_others() {
    let sum = |seed| {
        let digest = digest::digest(&digest::SHA256, &everything(seed));
        data_encoding::HEXLOWER.encode(digest.as_ref())
    };
    assert_eq!(
        sum(1),
        "54f3ae082ac624faec36b4a047259917ca0b30efc3eed66d29751d6bd153763d"
    );
    assert_ne!(sum(1), sum(2));
    assert!(String::from_utf8(everything(2)).is_ok());
}

#[test]
fn schools_have_codes_of_their_own_with_right_keys_in_their_departement() {
    let france = France::invent(3, 3_000);
    let codes: BTreeSet<_> = france.schools.iter().map(|school| school.uai).collect();
    assert_eq!(codes.len(), 3_000);
    for school in &france.schools {
        let town = france.town(school);
        assert!(school.uai.has_right_key(), "{}", school.uai);
        let of_code = mereau::realms::Departement::of_uai(school.uai).map(|found| found.code());
        assert_eq!(of_code, Some(AREAS[town.area].code));
        let of_postcode = mereau::realms::Departement::of_postcode(&town.postcode).map(|found| found.code());
        assert_eq!(of_postcode, Some(AREAS[town.area].code), "{}", town.postcode);
    }
    let places: BTreeSet<_> = france.towns.iter().map(|town| (town.area, &town.name)).collect();
    assert_eq!(places.len(), france.towns.len());
}

#[test]
fn people_have_logins_of_their_own_and_all_that_sites_stumble_over() {
    let people = people(4, 50_000);
    let logins: BTreeSet<&str> = people.iter().map(|person| person.login.as_str()).collect();
    assert_eq!(logins.len(), people.len());
    let mut states: BTreeMap<String, usize> = BTreeMap::new();
    let mut boxes: HashMap<&str, usize> = HashMap::new();
    let mut names: HashMap<(&str, &str), usize> = HashMap::new();
    for person in &people {
        *states.entry(format!("{:?}", person.case)).or_default() += 1;
        if let Some(mail) = &person.mail {
            assert!(mail.ends_with("generated.example"), "{mail}");
            *boxes.entry(mail).or_default() += 1;
        }
        *names.entry((&person.first, &person.family)).or_default() += 1;
    }
    assert_eq!(states.len(), cases().count());
    assert!(states.values().all(|count| *count >= 20), "{states:?}");
    assert!(boxes.values().any(|count| *count == 2), "parents share a mailbox");
    let homonyms: usize = names.values().filter(|count| **count > 1).sum();
    assert!(homonyms * 100 > 3 * people.len(), "{homonyms} homonyms");
    for odd in ["O", "L’Hostis", "LEFÈVRE", "Yılmaz"] {
        assert!(people.iter().any(|person| person.family == odd), "{odd}");
    }
    assert!(
        people
            .iter()
            .any(|person| !person.display.is_ascii() && person.display.starts_with('أ'))
    );
}

#[test]
fn another_realm_has_some_of_the_same_logins() {
    let first: Vec<String> = people(4, 1_000).into_iter().map(|person| person.login).collect();
    let second = People::new(4, "ad.generated.example", 500, first.clone());
    let shared = second
        .take(1_000)
        .filter(|person| first.contains(&person.login))
        .count();
    assert!(shared >= 20, "{shared}");
}

#[tokio::test]
async fn the_directory_finds_of_everybody_what_the_generator_says() {
    let france = France::invent(5, 500);
    let people = people(5, 1_500);
    let mut text = Vec::new();
    for person in &people {
        ldif::entry(person, &france, &mut text).unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("people.ldif");
    std::fs::write(&path, text).unwrap();
    let presets = [
        Preset::Supann,
        Preset::OpenldapPpolicy,
        Preset::Shadow,
        Preset::Entcore,
    ];
    let mut mapping = mapping();
    mapping.state_rules = StateRules::new(presets.into_iter().flat_map(Preset::rules).collect());
    let directory = LdifDirectory::open(&path, mapping, Arc::new(HandClock::at(NOW)))
        .await
        .unwrap();
    for invented in &people {
        let found = person(&directory, &invented.login).await;
        assert_eq!(found.login, invented.login);
        assert_eq!(found.state.standing, invented.case.standing, "{invented:?}");
        if let Some(may) = invented.case.may_sign_in {
            assert_eq!(found.state.may_sign_in, may, "{invented:?}");
        }
    }
}

#[test]
fn every_scheme_takes_the_password_of_the_formula_and_no_other() {
    let mut seen = BTreeSet::new();
    for person in people(6, 60) {
        let (stored, password) = (made::hash(&person), person.password());
        let verdict = |password: &str| hashes::verify(stored.as_bytes(), password.as_bytes());
        seen.insert(person.scheme());
        if person.scheme() == Scheme::Sasl {
            assert!(matches!(verdict(&password), Verdict::Unusable(_)));
        } else {
            assert_eq!(verdict(&password), Verdict::Right, "{stored}");
            assert_eq!(verdict("Pw-0-été!"), Verdict::Wrong, "{stored}");
        }
    }
    assert_eq!(seen.len(), 5);
    assert!(cases().any(|case| case.standing == Standing::NotActivated));
}
