//! The generator's people on a real slapd: its files load without a complaint, and who may sign in is
//! who the generator says.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use http::StatusCode;
use mereau::directory::EntryMapping;
use mereau::directory::state::{StateRule, StateRules};

use crate::invent::people::{People, Person, Scheme};
use crate::invent::schools::France;
use crate::invent::standing::{Case, PRESETS, SITE_RULES, cases};
use crate::invent::{ent, ldif};
use crate::support::application::Application;
use crate::support::browser::Browser;
use crate::support::child::folder;
use crate::support::reply::Reply;
use crate::support::served::{Options, Served, service};
use crate::support::slapd::{self, BASE, Slapd};
use crate::{directory_openldap_writes, doctor_person};

const SEED: u64 = 12;
const BASE_ALONE: &str = "dc=generated,dc=example";

/// The part of `example.schema` that the other tests' slapd has not.
const SCHEMA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/generate/generated.schema");

fn people(count: usize) -> Vec<Person> {
    let all = People::new(SEED, "generated.example", 300, Vec::new());
    all.take(count).collect()
}

/// `slapadd` as an operator calls it, with every check it has; what it complained of.
fn slapadd(folder: &Path, file: &str) -> (bool, String) {
    let output = Command::new("/usr/sbin/slapadd")
        .args(["-f", "slapd.conf", "-l", file])
        .current_dir(folder)
        .output()
        .expect("slapadd");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.success(), said)
}

#[test]
fn slapadd_takes_both_files_of_the_generator_as_they_are() {
    let france = France::invent(SEED, 300);
    let people = people(600);
    for (file, base) in [
        ("people.ldif", BASE_ALONE.to_owned()),
        ("people-ent.ldif", ent::base(BASE_ALONE)),
    ] {
        let folder = folder("generated");
        fs::create_dir(folder.join("db")).expect("the database's folder");
        fs::write(folder.join("example.schema"), ldif::SCHEMA).expect("the schema");
        fs::write(folder.join("slapd.conf"), ldif::slapd_conf(&base)).expect("slapd.conf");
        let mut text = Vec::new();
        if file == "people.ldif" {
            ldif::root(&base, &mut text).expect("memory");
            ldif::branch("people", &base, &mut text).expect("memory");
        } else {
            ent::structures(&france, &base, &mut text).expect("memory");
        }
        for person in &people {
            match file {
                "people.ldif" => ldif::entry(person, &france, &base, &mut text),
                _ => ent::entry(person, &france, &base, &mut text),
            }
            .expect("memory");
        }
        fs::write(folder.join(file), text).expect("the file");
        let (good, said) = slapadd(&folder, file);
        assert!(good, "{file}: {said}");
    }
}

/// The realm's rules, as an operator with these directories would write them.
fn rules() -> String {
    let site = SITE_RULES.map(|(when, then)| {
        let then = format!("{then:?}").to_lowercase();
        (when, then)
    });
    // What the presets of other vendors' directories say, for the test's realm has those of slapd.
    let further = [
        ("(nsAccountLock=TRUE)", "suspended"),
        ("(blocked=TRUE)", "suspended"),
        ("(deleteDate=*)", "inactive"),
        ("(activationCode=*)", "not-activated"),
        ("(changePw=TRUE)", "must-change"),
    ];
    let further = further.map(|(when, then)| (when, then.to_owned()));
    let all = site.into_iter().chain(further);
    all.map(|(when, then)| format!("[[states.rule]]\nwhen = \"{when}\"\nthen = \"{then}\"\n"))
        .collect()
}

/// Somebody of each way of writing a state, with a password that this slapd itself can check; and of the
/// active ones somebody of each scheme.
fn chosen(people: &[Person]) -> Vec<&Person> {
    let mut chosen: BTreeMap<String, &Person> = BTreeMap::new();
    for person in people {
        if person.scheme() != Scheme::Sasl {
            chosen.entry(format!("{:?}", person.case)).or_insert(person);
        }
        if person.case.may_sign_in == Some(true) {
            chosen.entry(format!("{:?}", person.scheme())).or_insert(person);
        }
    }
    assert_eq!(chosen.len(), cases().count() + 5, "somebody of every sort");
    let each: BTreeMap<usize, &Person> = chosen.values().map(|one| (one.number, *one)).collect();
    each.into_values().collect()
}

/// Whether the generator says that the right password opens the door. The directory's own count is one
/// that does not end here; nobody answers for `{SASL}`.
fn may_sign_in(person: &Person) -> bool {
    let Case { may_sign_in, .. } = person.case;
    *may_sign_in == Some(true) && person.scheme() != Scheme::Sasl
}

/// What doctor tells of a person, by the generator's own words.
fn explained(person: &Person) -> Option<String> {
    (person.case.may_sign_in == Some(false)).then(|| {
        let standing = serde_json::to_string(&person.case.standing).expect("a word");
        let word = standing.trim_matches('"').replace('-', "_").to_uppercase();
        format!("STATE_{word}:rule=")
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_tells_of_each_way_of_being_shut_out_the_generators_own_reason() {
    // experience §7
    let france = France::invent(SEED, 300);
    let people = people(4_000);
    let chosen = chosen(&people);
    let mut entries = Vec::new();
    for person in &chosen {
        ldif::entry(person, &france, BASE, &mut entries).expect("memory");
    }
    let entries = String::from_utf8(entries).expect("LDIF is ASCII");
    let slapd = Slapd::start(&slapd::Options {
        entries: &entries,
        settings: &format!("include {SCHEMA}"),
        ..slapd::Options::default()
    });
    let site = SITE_RULES.map(|(when, then)| StateRule::new(when, then, None).expect("a rule"));
    let mut settings = directory_openldap_writes::settings(&[slapd.url()], None);
    settings.mapping = EntryMapping {
        state_rules: StateRules::new(site.into()).with_presets(&PRESETS),
        ..EntryMapping::default()
    };
    let desk = doctor_person::desk(settings).await;
    for person in chosen {
        let told = doctor_person::told(&desk, &person.login, None).await;
        match explained(person) {
            Some(code) => {
                let reason = told.verdict.reason.clone().unwrap_or_default();
                assert!(reason.starts_with(&code), "{code}: {person:?}: {told}");
                let (name, value) = person.case.written[0];
                let evidence = format!("{name}={value}").to_lowercase();
                assert!(
                    told.to_string().to_lowercase().contains(&evidence),
                    "{evidence}: {told}"
                );
            }
            // The directory's own lock counts from a day that is over: only that may be told of them.
            None if person.case.may_sign_in.is_none() => {
                assert!(told.to_string().contains("STATE_LOCKED"), "{told}");
            }
            None => assert!(told.verdict.can_sign_in, "{person:?}: {told}"),
        }
    }
}

async fn sign_in(login: &str, person: &Person, password: &str) -> Reply {
    let mut browser = Browser::new(None);
    let page = browser.get(login).await;
    let form = page.reply.form();
    let filled = form.with("username", &person.login).with("password", password);
    browser.submit(&page, &filled).await.reply
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_sign_in_is_who_the_generator_says() {
    let france = France::invent(SEED, 300);
    let people = people(4_000);
    let chosen = chosen(&people);
    let mut entries = Vec::new();
    for person in &chosen {
        ldif::entry(person, &france, BASE, &mut entries).expect("memory");
    }
    let entries = String::from_utf8(entries).expect("LDIF is ASCII");
    let slapd = Slapd::start(&slapd::Options {
        entries: &entries,
        settings: &format!("include {SCHEMA}"),
        ..slapd::Options::default()
    });
    let application = Application::plain();
    let services = [("application", service(&application.url(), ""))];
    let served = Served::start(&Options {
        services: &services,
        realm: &rules(),
        ..Options::on(&slapd, "memory:")
    });
    let target = format!("{}/app", application.url());
    let login = served.address("/login", &[("service", &target)]);
    let (mut let_in, mut kept_out) = (0, 0);
    for person in chosen {
        let wrong = sign_in(&login, person, "Pw-0-été!").await;
        assert_eq!(wrong.status, StatusCode::UNAUTHORIZED, "{person:?}");
        let answer = sign_in(&login, person, &person.password()).await;
        let came = answer.status == StatusCode::SEE_OTHER && answer.location().contains("ticket=ST-");
        assert_eq!(
            came,
            may_sign_in(person),
            "{person:?}: {} {}",
            answer.status,
            answer.body
        );
        match came {
            true => let_in += 1,
            false => kept_out += 1,
        }
    }
    let open = cases().filter(|case| case.may_sign_in == Some(true)).count();
    let shut = cases().count() - open;
    assert!(
        let_in >= open && kept_out >= shut,
        "{let_in} let in, {kept_out} kept out"
    );
}
