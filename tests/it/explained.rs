//! `doctor person` on everybody of the generator who cannot sign in: the reason is the generator's own.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use mereau::base::clock::{Clock, HandClock, Timestamp};
use mereau::base::names::Username;
use mereau::cli::assemble::person::{Desk, Question, Told, Topic};
use mereau::config;
use mereau::directory::Standing;

use crate::invent::ldif;
use crate::invent::people::{People, Person, Scheme};
use crate::invent::schools::France;
use crate::invent::standing::{PRESETS, SITE_RULES, cases};

const BASE: &str = "dc=generated,dc=example";

/// 2026-11-18: between the dates that lie behind and those that lie ahead.
const NOW: Timestamp = Timestamp(1_795_000_000_000);

/// A word of the configuration as it is written there.
fn word(value: impl serde::Serialize) -> String {
    serde_json::to_string(&value).expect("a word")
}

/// A realm with the rules that an operator with such a directory writes.
pub fn rules() -> String {
    let presets: Vec<String> = PRESETS.iter().map(word).collect();
    let mut rules = format!("[states]\npresets = [{}]\n", presets.join(", "));
    for (when, then) in SITE_RULES {
        rules += &format!("[[states.rule]]\nwhen = \"{when}\"\nthen = {}\n", word(then));
    }
    rules
}

fn configured(folder: &Path, people: &[Person], france: &France) {
    let mut text = Vec::new();
    ldif::root(BASE, &mut text).unwrap();
    for person in people {
        ldif::entry(person, france, BASE, &mut text).unwrap();
    }
    fs::write(folder.join("people.ldif"), text).unwrap();
    fs::create_dir(folder.join("realms")).unwrap();
    let realm = format!(
        "name = \"Inventée\"\n[directory]\nkind = \"ldif\"\nfile = \"../people.ldif\"\n{}",
        rules()
    );
    fs::write(folder.join("realms/invented.toml"), realm).unwrap();
    let server = "[server]\npublic_url = \"http://localhost:8080/cas\"\n[tickets]\nurl = \"memory:\"\n";
    fs::write(folder.join("server.toml"), server).unwrap();
}

async fn told(desk: &Desk, login: &str) -> Told {
    let login = Username::typed(login).unwrap();
    let question = Question {
        typed: login.as_str(),
        login: &login,
        realm: None,
        how: "the only one there is".to_owned(),
        institution: None,
        service: None,
        password: None,
    };
    let mut all = desk.explain(&question).await;
    assert_eq!(all.len(), 1);
    all.remove(0)
}

/// The code of a standing.
pub fn code(standing: Standing) -> String {
    let word = word(standing).trim_matches('"').replace('-', "_");
    format!("STATE_{}:rule=", word.to_uppercase())
}

#[tokio::test]
async fn everybody_who_cannot_sign_in_is_told_the_generators_own_reason() {
    // experience §7
    let france = France::invent(5, 500);
    let people: Vec<Person> = People::new(5, "generated.example", 500, Vec::new())
        .take(4_000)
        .collect();
    let folder = tempfile::tempdir().unwrap();
    configured(folder.path(), &people, &france);
    let loaded = config::load(&folder.path().join("server.toml"), &|_| None)
        .unwrap_or_else(|problems| panic!("{problems:?}"));
    let clock: Arc<dyn Clock> = Arc::new(HandClock::at(NOW));
    let desk = Desk::open(loaded.settings, &clock).await;
    let mut blocked: BTreeMap<String, usize> = BTreeMap::new();
    for person in &people {
        let may = person.case.may_sign_in;
        // Of those who may, one in ten: they are many and all the same.
        if may == Some(true) && person.scheme() != Scheme::Sasl && person.number % 10 != 0 {
            continue;
        }
        let told = told(&desk, &person.login).await;
        assert_eq!(told.login.as_deref(), Some(person.login.as_str()));
        let reason = told.verdict.reason.clone().unwrap_or_default();
        match (may, person.scheme()) {
            (Some(false), _) => {
                assert!(
                    reason.starts_with(&code(person.case.standing)),
                    "{person:?}: {told}"
                );
                let state = told.lines.iter().find(|line| line.topic == Topic::State).unwrap();
                // The value that the generator wrote is the evidence.
                let (name, value) = person.case.written[0];
                let evidence = format!("{}={value}", name.to_lowercase());
                assert!(
                    state
                        .finding
                        .fact
                        .to_lowercase()
                        .contains(&evidence.to_lowercase()),
                    "{evidence}: {told}"
                );
                *blocked.entry(format!("{:?}", person.case)).or_default() += 1;
            }
            (_, Scheme::Sasl) => assert_eq!(reason, "PASS_THROUGH", "{person:?}: {told}"),
            (None, _) => {
                // A file counts nothing: the mark is told, and keeps nobody out.
                assert!(told.verdict.can_sign_in, "{told}");
                let marked = told.lines.iter().any(|line| {
                    line.reason
                        .as_deref()
                        .is_some_and(|code| code.starts_with("STATE_LOCKED"))
                });
                assert!(marked, "{told}");
            }
            (Some(true), _) => assert!(told.verdict.can_sign_in, "{person:?}: {told}"),
        }
    }
    let shut = cases().filter(|case| case.may_sign_in == Some(false)).count();
    assert_eq!(
        blocked.len(),
        shut,
        "every way of writing every closed state: {blocked:?}"
    );
}
