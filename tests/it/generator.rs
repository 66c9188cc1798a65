//! The generator of institutions and people: the same seed gives the same bytes, and what it says of
//! its people is what the directory finds.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use mereau::base::clock::{HandClock, Timestamp};
use mereau::directory::EntryMapping;
use mereau::directory::Standing;
use mereau::directory::ldif::LdifDirectory;
use mereau::directory::state::{Preset, StateRule, StateRules};
use mereau::passwords::hashes::{self, Verdict};
use ring::digest;

use crate::directory::{mapping, person};
use crate::invent::people::{People, Person, Profile, Scheme};
use crate::invent::queries::{Typing, questions};
use crate::invent::schools::France;
use crate::invent::services;
use crate::invent::standing::{PRESETS, SITE_RULES, cases};
use crate::invent::{aaf, departements::AREAS, ent, expected, hashes as made, ldif, ministry, queries};

const BASE: &str = "dc=generated,dc=example";

/// 2026-11-18: between the dates that lie behind and those that lie ahead.
const NOW: Timestamp = Timestamp(1_795_000_000_000);

fn people(seed: u64, count: usize) -> Vec<Person> {
    let all = People::new(seed, "generated.example", 500, Vec::new());
    all.take(count).collect()
}

/// Everything that a seed gives, small: schools, questions, people of all kinds, a morning.
fn everything(seed: u64) -> Vec<u8> {
    let france = France::invent(seed, 500);
    let mut out = Vec::new();
    ministry::write(&france, &mut out, |_| {}).unwrap();
    let questions = questions(seed, &france, 200);
    queries::write(&france, &questions, &mut out).unwrap();
    queries::write_keystrokes(&france, &queries::recorded(&questions, 200), &mut out).unwrap();
    aaf::schools(&france, &mut out).unwrap();
    aaf::courses(&mut out).unwrap();
    ent::structures(&france, &ent::base(BASE), &mut out).unwrap();
    let people = people(seed, 120);
    let mut academy = aaf::People::begin(|_| Ok(Vec::new())).unwrap();
    for person in &people {
        ldif::entry(person, &france, BASE, &mut out).unwrap();
        ldif::ad_entry(person, &mut out).unwrap();
        ent::entry(person, &france, &ent::base(BASE), &mut out).unwrap();
        academy.add(person, &france).unwrap();
        expected::line(person, &mut out).unwrap();
        expected::mailbox(person, None, &mut out).unwrap();
    }
    out.extend(academy.end().unwrap().concat());
    let logins: Vec<String> = people.into_iter().map(|person| person.login).collect();
    expected::morning(seed, &logins, &mut out).unwrap();
    for (name, text) in services::files(30) {
        out.extend(format!("{name}\n{text}").into_bytes());
    }
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
        "3750b64e7af1288e0777fa663327361d2cd653f9688723465dd60b4429902be8"
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
    for script in ['أ', 'க', 'О', 'Ε', '王', 'Ա', 'ד'] {
        assert!(
            people.iter().any(|person| person.display.starts_with(script)),
            "{script}"
        );
    }
}

#[test]
fn people_are_in_the_proportions_of_a_region_and_their_addresses_lead_nowhere() {
    let people = people(7, 50_000);
    let share = |of: &dyn Fn(&Person) -> bool| {
        let count = people.iter().filter(|person| of(person)).count();
        (count * 1000 / people.len()) as i64
    };
    for (profile, wanted) in [
        (Profile::Pupil, 450),
        (Profile::Parent, 400),
        (Profile::Teacher, 80),
        (Profile::Staff, 30),
        (Profile::Student, 40),
    ] {
        let found = share(&|person| person.profile == profile);
        assert!((found - wanted).abs() <= 25, "{profile:?}: {found} of 1000");
    }
    for (what, of, wanted) in [
        (
            "no mail",
            (|person| person.own_mail.is_none()) as fn(&Person) -> bool,
            80,
        ),
        ("no mobile", |person| person.mobile.is_none(), 120),
        ("alias", |person| person.alias.is_some(), 50),
        ("by SASL", |person| person.scheme() == Scheme::Sasl, 10),
    ] {
        let found = share(&of);
        assert!((found - wanted).abs() <= 10, "{what}: {found} of 1000");
    }
    let mut boxes: BTreeMap<&str, usize> = BTreeMap::new();
    for address in people.iter().filter_map(|person| person.own_mail.as_deref()) {
        let (_, domain) = address.split_once('@').unwrap();
        assert!(domain == "example.org" || domain.ends_with(".test"), "{address}");
        *boxes.entry(address).or_default() += 1;
    }
    let shared = boxes.values().filter(|count| **count == 2).count();
    assert!(shared > 1_000, "{shared} mailboxes of two parents");
    assert!(boxes.values().all(|count| *count <= 2));
    let accounts: BTreeSet<String> = people.iter().map(ldif::account_name).collect();
    assert_eq!(accounts.len(), people.len());
    assert!(accounts.iter().all(|name| name.len() <= 20));
}

#[test]
fn what_is_typed_has_slips_and_lacks_accents_as_often_as_people_do() {
    let france = France::invent(8, 5_000);
    let asked = questions(8, &france, 5_000);
    let share = |typing| asked.iter().filter(|question| question.typing == typing).count();
    assert!(share(Typing::Slip).abs_diff(500) < 75, "{}", share(Typing::Slip));
    assert!(
        share(Typing::Plain).abs_diff(2_500) < 150,
        "{}",
        share(Typing::Plain)
    );
    let typed = queries::recorded(&asked, 5_000);
    assert_eq!(typed.len(), 5_000);
    let schools: BTreeSet<usize> = typed.iter().map(|(_, school)| *school).collect();
    assert!(schools.len() > 1_000, "{}", schools.len());
}

/// One element of the academy's files: identifier, and the values of its attributes.
type Request = (String, BTreeMap<String, Vec<String>>);

/// Reads what an importer of a school network reads, and fails on anything else.
fn requests(xml: &[u8]) -> Vec<Request> {
    use quick_xml::events::Event;
    let text = std::str::from_utf8(xml).unwrap();
    let mut reader = quick_xml::Reader::from_str(text);
    let (mut all, mut open, mut attribute) = (Vec::new(), Vec::<String>::new(), String::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => {
                let name = start.name().as_ref().to_owned();
                if name == "addRequest" {
                    all.push(Request::default());
                }
                if name == "attr" {
                    let value = start.try_get_attribute("name").unwrap().unwrap().value;
                    attribute = value.into_owned();
                }
                open.push(name);
            }
            Event::End(_) => _ = open.pop().unwrap(),
            Event::Text(text) => {
                let text = text.into_inner().into_owned();
                let last: Option<&mut Request> = all.last_mut();
                match open.last().map(String::as_str) {
                    Some("id") => last.unwrap().0 += &text,
                    Some("value") => last.unwrap().1.entry(attribute.clone()).or_default().push(text),
                    _ => assert!(text.trim().is_empty(), "{text}"),
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    assert!(open.is_empty());
    all
}

#[test]
fn the_academys_files_hold_everybody_of_schools_and_tie_children_to_parents_and_schools() {
    let france = France::invent(9, 500);
    let people = people(9, 3_000);
    let mut files = aaf::People::begin(|_| Ok(Vec::new())).unwrap();
    for person in &people {
        files.add(person, &france).unwrap();
    }
    let [pupils, parents, staff] = files.end().unwrap().map(|xml| requests(&xml));
    let (mut schools, mut courses) = (Vec::new(), Vec::new());
    aaf::schools(&france, &mut schools).unwrap();
    aaf::courses(&mut courses).unwrap();
    let ids = |requests: &[Request]| requests.iter().map(|(id, _)| id.clone()).collect::<BTreeSet<_>>();
    let (schools, courses) = (ids(&requests(&schools)), ids(&requests(&courses)));
    assert_eq!(schools.len(), 500);
    let count = |profiles: &[Profile]| {
        let held = people.iter().filter(|person| profiles.contains(&person.profile));
        held.count()
    };
    assert_eq!(pupils.len(), count(&[Profile::Pupil]));
    assert_eq!(parents.len(), count(&[Profile::Parent]));
    assert_eq!(staff.len(), count(&[Profile::Teacher, Profile::Staff]));
    assert_eq!(
        ids(&pupils).len() + ids(&parents).len() + ids(&staff).len(),
        pupils.len() + parents.len() + staff.len()
    );
    let parents = ids(&parents);
    // The last household may be cut off before its parents.
    for (id, attributes) in pupils.iter().rev().skip(4) {
        let of = |name: &str| attributes[name].iter();
        let ties = of("ENTElevePersRelEleve").map(|tie| tie.split('$').next().unwrap());
        assert!(
            ties.clone().count() >= 1 && ties.clone().all(|parent| parents.contains(parent)),
            "{id}"
        );
        assert!(
            of("ENTPersonStructRattach").all(|school| schools.contains(school)),
            "{id}"
        );
        assert!(of("ENTEleveMEF").all(|course| courses.contains(course)), "{id}");
    }
    let names: BTreeSet<String> = aaf::FILES.into_iter().map(aaf::name).collect();
    assert_eq!(names.len(), 5);
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

/// The people of an LDIF.
async fn opened(text: Vec<u8>, mapping: EntryMapping) -> LdifDirectory {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("people.ldif");
    std::fs::write(&path, text).unwrap();
    LdifDirectory::open(&path, mapping, Arc::new(HandClock::at(NOW)))
        .await
        .unwrap()
}

fn generated() -> EntryMapping {
    let site = SITE_RULES.map(|(when, then)| StateRule::new(when, then, None).unwrap());
    EntryMapping {
        state_rules: StateRules::new(site.into()).with_presets(&PRESETS),
        ..mapping()
    }
}

#[tokio::test]
async fn the_directory_finds_of_everybody_what_the_generator_says() {
    let france = France::invent(5, 500);
    let people = people(5, 1_500);
    let mut text = Vec::new();
    ldif::root(BASE, &mut text).unwrap();
    for person in &people {
        ldif::entry(person, &france, BASE, &mut text).unwrap();
    }
    let directory = opened(text, generated()).await;
    for invented in &people {
        let found = person(&directory, &invented.login).await;
        assert_eq!(found.login, invented.login);
        assert_eq!(found.state.standing, invented.case.standing, "{invented:?}");
        if let Some(may) = invented.case.may_sign_in {
            assert_eq!(found.state.may_sign_in, may, "{invented:?}");
        }
    }
}

#[tokio::test]
async fn a_school_networks_directory_says_the_same_of_everybody_in_it() {
    let france = France::invent(5, 500);
    let people = people(5, 1_500);
    let base = ent::base(BASE);
    let mut text = Vec::new();
    ent::structures(&france, &base, &mut text).unwrap();
    for person in &people {
        ent::entry(person, &france, &base, &mut text).unwrap();
    }
    let directory = opened(
        text,
        EntryMapping {
            login_attributes: vec!["ENTPersonLogin".to_owned()],
            ..generated()
        },
    )
    .await;
    for invented in people.iter().filter(|person| person.profile != Profile::Student) {
        let found = person(&directory, &invented.login).await;
        assert_eq!(found.login, invented.login);
        let standing = ent::standing(invented.case.standing);
        assert_eq!(found.state.standing, standing, "{invented:?}");
    }
}

#[tokio::test]
async fn active_directory_says_what_it_can_of_everybody() {
    let people = people(5, 1_500);
    let mut text = Vec::new();
    for person in &people {
        ldif::ad_entry(person, &mut text).unwrap();
    }
    let directory = opened(
        text,
        EntryMapping {
            login_attributes: vec!["sAMAccountName".to_owned()],
            subject_attribute: "objectGUID".to_owned(),
            state_rules: StateRules::default().with_presets(&[Preset::Ad]),
            ..mapping()
        },
    )
    .await;
    for invented in &people {
        let found = person(&directory, &ldif::account_name(invented)).await;
        assert_eq!(found.key.0, ldif::uuid(invented.number));
        let standing = ldif::ad_standing(invented.case.standing);
        assert_eq!(found.state.standing, standing, "{invented:?}");
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
