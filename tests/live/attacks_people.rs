//! What is typed as a login on a real slapd: two hundred ways to break out of a search find nobody, and whoever has
//! such signs in their very name is found by it and bound as themselves.

use std::sync::Arc;
use std::time::Duration;

use mereau::base::clock::SystemClock;
use mereau::base::names::Username;
use mereau::base::secret::Secret;
use mereau::directory::ldap::{LdapDirectory, LdapLimits, LdapSettings, ServiceAccount};
use mereau::directory::{Bound, Directory, Found};

use crate::directory::{login, mapping, password};
use crate::support::slapd::{Options, PEOPLE, SERVICE_DN, SERVICE_PASSWORD, Slapd};

const PAYLOADS: &str = include_str!("../fixtures/hostile_logins.txt");

/// Names with every sign that means something in a filter (RFC 4515) or in a name (RFC 4514), and how the name of the
/// entry writes them.
const NAMES: [(&str, &str); 8] = [
    ("o,brien", "o\\,brien"),
    ("a+b", "a\\+b"),
    ("x=y", "x\\3Dy"),
    ("say \"hi\"", "say \\22hi\\22"),
    ("back\\slash", "back\\\\slash"),
    ("#hash", "\\#hash"),
    ("star*)(uid=*", "star*)(uid\\3D*"),
    ("less<more>;", "less\\<more\\>\\;"),
];

fn entries() -> String {
    let mut text = String::new();
    for (number, (name, written)) in NAMES.iter().enumerate() {
        let uid = data_encoding::BASE64.encode(name.as_bytes());
        text.push_str(&format!(
            "dn: uid={written},{PEOPLE}\nobjectClass: inetOrgPerson\nentryUUID: 5a1e7000-0000-4000-8000-0000000007{number:02}\n\
             uid:: {uid}\ncn: odd\nsn: odd\nuserPassword: {{SSHA}}V25G7iLrorVILZ+Jzmtj+rACsqEkGhxjGnq5Gg==\n\n"
        ));
    }
    text
}

fn on(slapd: &Slapd) -> LdapDirectory {
    let settings = LdapSettings {
        limits: LdapLimits {
            operation: Duration::from_secs(60),
            queue: Duration::from_secs(60),
            ..LdapLimits::default()
        },
        account: Some(ServiceAccount {
            dn: SERVICE_DN.to_owned(),
            password: Secret::new(SERVICE_PASSWORD.to_owned()),
        }),
        mapping: mapping(),
        ..LdapSettings::new(&[&slapd.url()], PEOPLE)
    };
    match LdapDirectory::new(settings, Arc::new(SystemClock)) {
        Ok(directory) => directory,
        Err(problems) => panic!("{problems:?}"),
    }
}

#[tokio::test]
async fn two_hundred_payloads_find_nobody_on_slapd_and_odd_names_find_their_own_entry() {
    // T-51, CAS-74
    let entries = entries();
    let slapd = Slapd::start(&Options {
        entries: &entries,
        ..Options::default()
    });
    let directory = on(&slapd);
    let payloads: Vec<&str> = PAYLOADS.lines().filter(|line| !line.starts_with("##")).collect();
    assert!(payloads.len() >= 200, "{}", payloads.len());
    let mut asked = 0;
    for payload in payloads {
        // What is no login at all is not even asked for.
        let Ok(name) = Username::typed(payload) else {
            continue;
        };
        asked += 1;
        let found = directory.find(&name).await;
        assert!(matches!(found, Ok(Found::Nobody)), "{payload:?}");
        let by = directory.find_by("mail", payload).await;
        assert!(by.is_ok_and(|found| found.is_empty()), "{payload:?}");
    }
    assert!(asked >= 190, "{asked}");
    for (name, _) in NAMES {
        let found = directory.find(&login(name)).await.expect("an answer");
        let Found::One(person) = found else {
            panic!("{name}: nobody, or several")
        };
        assert_eq!(person.login, name);
        let bound = directory.bind(&person, &password("camille-corbeau-7")).await;
        assert_eq!(bound.expect("an answer"), Bound::Accepted(None), "{name}");
        let wrong = directory.bind(&person, &password("another")).await;
        assert_eq!(wrong.expect("an answer"), Bound::WrongPassword, "{name}");
        let read = directory.read(&person.key).await.expect("an answer");
        assert_eq!(read.map(|person| person.login).as_deref(), Some(name));
    }
}
