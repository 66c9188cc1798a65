//! What every directory does with the people of tests/fixtures/people.ldif, whatever keeps them. A
//! suite names its place and the cases come as tests of their own: `directory_contract!(place)`.
#![allow(dead_code, reason = "a suite may run a part of the cases")]

use std::any::Any;
use std::collections::BTreeSet;
use std::sync::Arc;

use mereau::base::names::{PersonKey, Username};
use mereau::base::secret::Password;
use mereau::directory::state::{Preset, StateRules};
use mereau::directory::{Bound, Directory, EntryMapping, EntryName, Found, MOST_JOINED, Person, Standing};

/// A directory under test and whatever must live as long as it does.
pub struct World {
    pub directory: Arc<dyn Directory>,
    _alive: Box<dyn Any + Send + Sync>,
}

impl World {
    pub fn on(directory: impl Directory + 'static, alive: impl Any + Send + Sync) -> World {
        World {
            directory: Arc::new(directory),
            _alive: Box::new(alive),
        }
    }

    pub async fn person(&self, login: &str) -> Person {
        person(&*self.directory, login).await
    }

    async fn bind(&self, login: &str, typed: &str) -> Bound {
        let person = self.person(login).await;
        self.directory.bind(&person, &password(typed)).await.unwrap()
    }
}

/// How the fixture is read: three login attributes, the states of three schemas.
pub fn mapping() -> EntryMapping {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    EntryMapping {
        login_attributes: names(&["uid", "supannAliasLogin", "mail"]),
        attributes: names(&[
            "cn",
            "displayName",
            "description",
            "eduPersonAffiliation",
            "telephoneNumber",
        ]),
        state_rules: StateRules::default().with_presets(&[
            Preset::Supann,
            Preset::OpenldapPpolicy,
            Preset::Shadow,
        ]),
        ..EntryMapping::default()
    }
}

pub fn login(typed: &str) -> Username {
    Username::typed(typed).unwrap_or_else(|flaw| panic!("{typed}: {flaw:?}"))
}

pub fn password(typed: &str) -> Password {
    Password::typed(typed).unwrap_or_else(|flaw| panic!("{flaw:?}"))
}

pub async fn person(directory: &dyn Directory, typed: &str) -> Person {
    match directory.find(&login(typed)).await.unwrap() {
        Found::One(person) => *person,
        other => panic!("{typed}: {other:?}"),
    }
}

/// People with a password of each scheme, one with a comma in the name of the entry.
pub const PASSWORDS: [(&str, &str); 5] = [
    ("camille.dupont", "camille-corbeau-7"),
    ("amine.benali", "amine-tulipe-8"),
    ("elise.lefevre", "Élise-été-9 €"),
    ("noe.martin", "noe-girafe-10"),
    ("yann.legoff", "yann-marée-11"),
];

pub async fn a_login_finds_its_person_as_the_entry_spells_it(world: World) {
    // CAS-73
    for typed in [
        "camille.dupont",
        "CAMILLE.Dupont",
        " camille.dupont ",
        "cdupont",
        "Camille.Dupont@campus.example",
    ] {
        let person = world.person(typed).await;
        assert_eq!(person.login, "camille.dupont", "{typed}");
        assert_eq!(
            person.key,
            PersonKey("5a1e7000-0000-4000-8000-000000000001".into())
        );
        assert_eq!(
            person.entry,
            EntryName("uid=camille.dupont,ou=people,dc=campus,dc=example".into())
        );
    }
    assert!(matches!(
        world.directory.find(&login("nobody")).await,
        Ok(Found::Nobody)
    ));
}

pub async fn a_login_of_two_people_is_refused_and_both_are_named(world: World) {
    let Ok(Found::Ambiguous(entries)) = world.directory.find(&login("adurand")).await else {
        panic!("not ambiguous")
    };
    let names: BTreeSet<&str> = entries.iter().map(|entry| entry.0.as_str()).collect();
    let expected = ["anna", "anne"].map(|name| format!("uid={name}.durand,ou=people,dc=campus,dc=example"));
    assert_eq!(names, expected.iter().map(String::as_str).collect());
}

pub async fn what_breaks_out_of_a_filter_finds_nobody(world: World) {
    // T-51, CAS-74
    let seeds = [
        "*",
        "camille*",
        "*)(uid=*",
        "camille.dupont)(uid=*",
        "*)(|(uid=*",
        "camille.dupont)(&)",
        "\\",
        "\\2a",
        "camille.dupont\\",
        "\\63amille.dupont",
        "(",
        ")",
        ")(cn=*))(|(cn=*",
        "*)(objectClass=*))(&(objectClass=void",
        "camille.dup?nt",
        "camille.dupont,ou=people",
        "é*è",
        "🙂)(🙂",
        "camille.dupont)(|(1=1",
        "uid=camille.dupont",
    ];
    for seed in seeds {
        for dressing in ["", "(", ")", "*", "|(", "&"] {
            let typed = format!("{dressing}{seed}");
            let found = world.directory.find(&login(&typed)).await.unwrap();
            assert!(matches!(found, Found::Nobody), "{typed}: {found:?}");
        }
    }
}

pub async fn only_the_attributes_asked_for_are_read(world: World) {
    let person = world.person("camille.dupont").await;
    let texts = |name| person.attributes.texts(name).collect::<Vec<_>>();
    assert_eq!(texts("eduPersonAffiliation"), ["student", "member"]);
    assert_eq!(texts("telephoneNumber"), ["+33 1 99 00 00 01"]);
    assert_eq!(person.display_name(), "Camille Dupont");
    let described: BTreeSet<&str> = texts("description").into_iter().collect();
    assert_eq!(
        described,
        BTreeSet::from(["Étudiante en L2", "Second-year student"]),
        "options are folded"
    );
    for unasked in ["jpegPhoto", "userPassword", "sn", "description;lang-fr"] {
        assert!(person.attributes.values(unasked).is_empty(), "{unasked}");
    }
}

pub async fn an_entry_is_read_again_by_its_key(world: World) {
    let person = world.person("elise.lefevre").await;
    let again = world.directory.read(&person.key).await.unwrap().unwrap();
    assert_eq!((again.entry, again.login), (person.entry, person.login));
    for unknown in ["5a1e7000-0000-4000-8000-ffffffffffff", "*", "x)(uid=*"] {
        let read = world.directory.read(&PersonKey(unknown.into())).await.unwrap();
        assert!(read.is_none(), "{unknown}");
    }
}

pub async fn people_are_found_by_any_attribute_that_another_server_names(world: World) {
    // S2-03, T-51
    let logins = async |attribute: &str, value: &str| {
        let found = world.directory.find_by(attribute, value).await.unwrap();
        let logins: BTreeSet<String> = found.into_iter().map(|person| person.login).collect();
        logins.into_iter().collect::<Vec<_>>()
    };
    assert_eq!(
        logins("mail", "Camille.Dupont@campus.example").await,
        ["camille.dupont"]
    );
    assert_eq!(
        logins("supannAliasLogin", "adurand").await,
        ["anna.durand", "anne.durand"]
    );
    assert_eq!(
        logins("telephoneNumber", "+33 1 99 00 00 01").await,
        ["camille.dupont"]
    );
    for (attribute, value) in [
        ("mail", "nobody@campus.example"),
        ("mail", "*"),
        ("mail", "x)(uid=*"),
        ("mail", " "),
        ("userPassword", "camille-corbeau-7"),
        ("mail=*)(uid", "camille.dupont"),
    ] {
        assert!(logins(attribute, value).await.is_empty(), "{attribute}={value}");
    }
    let many = world
        .directory
        .find_by("objectClass", "inetOrgPerson")
        .await
        .unwrap();
    assert_eq!(many.len(), MOST_JOINED + 1, "too many to choose from");
}

pub async fn passwords_of_every_scheme_are_taken_verbatim_and_no_others(world: World) {
    // T-62
    for (login, right) in PASSWORDS {
        assert_eq!(world.bind(login, right).await, Bound::Accepted(None), "{login}");
        for wrong in [
            format!("{right} "),
            format!(" {right}"),
            right.to_uppercase(),
            right[..5].to_owned(),
        ] {
            assert_eq!(world.bind(login, &wrong).await, Bound::WrongPassword, "{login}");
            // The directory's own lock counts failures in a row.
            assert_eq!(world.bind(login, right).await, Bound::Accepted(None), "{login}");
        }
    }
}

pub async fn who_has_no_password_or_no_entry_has_no_right_one(world: World) {
    // T-50
    assert_eq!(world.bind("theo.simon", "anything").await, Bound::WrongPassword);
    let mut gone = world.person("camille.dupont").await;
    gone.entry = EntryName("uid=gone,ou=people,dc=campus,dc=example".into());
    gone.key = PersonKey("5a1e7000-0000-4000-8000-eeeeeeeeeeee".into());
    let bound = world
        .directory
        .bind(&gone, &password("camille-corbeau-7"))
        .await
        .unwrap();
    assert_eq!(bound, Bound::WrongPassword);
}

pub async fn entries_tell_the_state_of_their_account(world: World) {
    for (login, standing, may_sign_in) in [
        ("camille.dupont", Standing::Active, true),
        ("jeanne.garnier", Standing::Announced, false),
        ("hugo.moreau", Standing::Grace, true),
        ("ines.petit", Standing::Inactive, false),
        ("louis.roux", Standing::Suspended, false),
        ("marie.fournier", Standing::Suspended, false),
        ("nadia.cohen", Standing::Locked, true),
        ("omar.diallo", Standing::MustChange, false),
        ("rose.leroy", Standing::MustChange, false),
        ("sami.kone", Standing::Inactive, false),
    ] {
        let state = world.person(login).await.state;
        assert_eq!(
            (state.standing, state.may_sign_in),
            (standing, may_sign_in),
            "{login}: {:?}",
            state.rule
        );
        assert_eq!(state.rule.is_some(), standing != Standing::Active, "{login}");
    }
}

pub async fn a_try_on_nobody_changes_nothing_for_anybody(world: World) {
    // T-53
    for _ in 0..6 {
        world.directory.decoy(&password("camille-corbeau-7")).await;
    }
    assert_eq!(
        world.bind("camille.dupont", "camille-corbeau-7").await,
        Bound::Accepted(None)
    );
}

pub async fn forty_binds_at_once_each_get_their_own_answer(world: World) {
    // T-55
    let mut people = Vec::new();
    for (login, right) in PASSWORDS {
        people.push((world.person(login).await, right));
    }
    let mut tries = tokio::task::JoinSet::new();
    for round in 0..8 {
        for (person, right) in &people {
            let (directory, person) = (world.directory.clone(), person.clone());
            // One wrong try each, so that no lock comes into it.
            let is_right = round != 3;
            let typed = password(if is_right { right } else { "something else" });
            tries.spawn(async move { (is_right, directory.bind(&person, &typed).await.unwrap()) });
        }
    }
    for (is_right, bound) in tries.join_all().await {
        let expected = if is_right {
            Bound::Accepted(None)
        } else {
            Bound::WrongPassword
        };
        assert_eq!(bound, expected);
    }
}

pub async fn three_hundred_searches_at_once_all_find(world: World) {
    let mut searches = tokio::task::JoinSet::new();
    for round in 0..300 {
        let directory = world.directory.clone();
        let (typed, _) = PASSWORDS[round % PASSWORDS.len()];
        searches.spawn(async move { (typed, person(&*directory, typed).await.login) });
    }
    for (typed, found) in searches.join_all().await {
        assert_eq!(typed, found);
    }
}

#[macro_export]
macro_rules! directory_contract {
    ($place:expr; $($case:ident),* $(,)?) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                $crate::directory::$case($place.await).await;
            }
        )*
    };
    ($place:expr) => {
        $crate::directory_contract!($place;
            a_login_finds_its_person_as_the_entry_spells_it,
            a_login_of_two_people_is_refused_and_both_are_named,
            what_breaks_out_of_a_filter_finds_nobody,
            only_the_attributes_asked_for_are_read,
            an_entry_is_read_again_by_its_key,
            people_are_found_by_any_attribute_that_another_server_names,
            passwords_of_every_scheme_are_taken_verbatim_and_no_others,
            who_has_no_password_or_no_entry_has_no_right_one,
            entries_tell_the_state_of_their_account,
            a_try_on_nobody_changes_nothing_for_anybody,
            forty_binds_at_once_each_get_their_own_answer,
            three_hundred_searches_at_once_all_find,
        );
    };
}
