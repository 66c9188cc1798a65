//! `doctor person` on files of people, with the store and the audit of a server that ran.

use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use super::demo::PASSWORD;
use super::process::{Server, change, demo_folder, mereau, text};
use super::web::{Browser, form};

const APPLICATION: &str = "http://localhost:8081/private";

struct Doctor {
    folder: TempDir,
}

impl Doctor {
    fn on(folder: TempDir) -> Doctor {
        Doctor { folder }
    }

    fn ask(&self, arguments: &[&str], input: &str) -> (Option<i32>, String) {
        let config = self.folder.path().join("server.toml").display().to_string();
        let all = [&["doctor", "--config", config.as_str(), "person"], arguments].concat();
        let told = mereau(&all, input);
        (told.status.code(), text(&told.stdout) + &text(&told.stderr))
    }

    /// The only realm of the answer.
    fn json(&self, arguments: &[&str]) -> Value {
        let (_, told) = self.ask(&[arguments, &["--json"]].concat(), "");
        let answer: Value = serde_json::from_str(&told).unwrap_or_else(|error| panic!("{error}: {told}"));
        assert_eq!(answer["realms"].as_array().map(Vec::len), Some(1), "{told}");
        answer["realms"][0].clone()
    }
}

/// The lines of a topic.
fn of<'a>(realm: &'a Value, topic: &str) -> Vec<&'a Value> {
    let lines = realm["lines"].as_array().expect("lines").iter();
    lines.filter(|line| line["topic"] == topic).collect()
}

fn says(realm: &Value, topic: &str, words: &str) -> bool {
    of(realm, topic)
        .iter()
        .any(|line| line["fact"].as_str().is_some_and(|fact| fact.contains(words)))
}

#[test]
fn a_person_is_explained_from_the_login_to_the_rule_that_fired() {
    // experience §5.4
    let doctor = Doctor::on(demo_folder());
    let (code, told) = doctor.ask(&["hugo.martin", "--tenant", "0999901A"], "");
    assert_eq!(code, Some(1));
    for said in [
        "by its alias in --tenant",
        "entry uid=hugo.martin,ou=people,dc=valmore,dc=example",
        "STATE_SUSPENDED:rule=1: may not sign in: rule 1, (supannRessourceEtat={COMPTE}S*); supannressourceetat={COMPTE}S:SupannVerrouille",
        "=> valmore: cannot sign in, STATE_SUSPENDED:rule=1: staff have suspended the account",
        "→ change the entry, or the rule under [states]",
    ] {
        assert!(told.contains(said), "{said} in {told}");
    }
    for number in 1..=15 {
        let line = format!("{number:>2} ");
        assert!(
            told.lines().any(|told| told.starts_with(&line)),
            "line {number} in {told}"
        );
    }
    let (code, told) = doctor.ask(&["CDurand", "--realm", "valmore"], "");
    assert_eq!(code, Some(0), "{told}");
    assert!(
        told.contains("=> valmore: can sign in as camille.durand, with the right password"),
        "{told}"
    );
    let (_, told) = doctor.ask(&["camille.durand", "--realm", "valmor"], "");
    assert!(
        told.contains("there are: haut-marais, rosa-bonheur, valmore"),
        "{told}"
    );
    // One of three realms knows her: the others are only named.
    let realm = doctor.json(&["camille.durand"]);
    assert_eq!(realm["realm"], "valmore");
    assert!(
        says(
            &realm,
            "tenant",
            "nobody of this login in haut-marais, rosa-bonheur"
        ),
        "{realm}"
    );
}

#[test]
fn whom_a_login_nearly_means_is_told() {
    // experience §5.4
    let doctor = Doctor::on(demo_folder());
    let near = |typed: &str| doctor.json(&[typed, "--realm", "valmore"]);
    for (typed, expected) in [
        (
            "camille.durant",
            "camille.durand (uid=camille.durand,ou=people,dc=valmore,dc=example), one letter other",
        ),
        ("Camille Durand", "camille.durand (uid=camille.durand"),
        ("élise.lefevre-noel", "elise.lefevre-noel"),
    ] {
        let realm = near(typed);
        assert_eq!(realm["verdict"]["reason"], "LOGIN_UNKNOWN");
        assert!(says(&realm, "entries", expected), "{typed}: {realm}");
    }
    assert!(says(
        &near("nobody-like-this"),
        "entries",
        "nor is there one like it"
    ));
    // A blank around it does not count, and is told all the same.
    let stray = near(" camille.durand ");
    assert!(
        stray["verdict"]["can_sign_in"] == true && says(&stray, "entries", "that do not count"),
        "{stray}"
    );
    // An address or an INE finds whom it means, and says what they have to type.
    let people = std::fs::read_to_string(doctor.folder.path().join("people/valmore.ldif")).unwrap();
    let number = people
        .lines()
        .find_map(|line| line.strip_prefix("supannCodeINE: "))
        .expect("an INE");
    let realm = near(number);
    assert!(
        says(
            &realm,
            "entries",
            "it is no login but supannCodeINE of entry uid="
        ),
        "{realm}"
    );
    assert_eq!(realm["verdict"]["can_sign_in"], true);
    // Outside the realm's filter.
    let config = doctor.folder.path().join("realms/valmore.toml");
    change(
        &config,
        "[people]",
        "[people]\nuser_filter = \"(!(uid=noe.petit))\"",
    );
    assert!(says(
        &near("noe.petit"),
        "entries",
        "uid=noe.petit,ou=people,dc=valmore,dc=example has it, and user_filter leaves it out"
    ));
    // Two people of one login.
    change(
        &doctor.folder.path().join("people/valmore.ldif"),
        "uid: ines.rousseau",
        "uid: ines.rousseau\nuid: camille.durand",
    );
    let realm = near("camille.durand");
    assert_eq!(realm["verdict"]["reason"], "LOGIN_AMBIGUOUS");
    assert!(says(&realm, "entries", "uid=ines.rousseau,ou=people"), "{realm}");
}

#[test]
fn a_password_can_be_tried_and_is_never_printed() {
    // SEC-11
    let doctor = Doctor::on(demo_folder());
    for (password, code, said) in [
        (PASSWORD, 0, "the password is right"),
        ("canary-7Hq2", 1, "PWD_WRONG"),
        ("", 1, "cannot be a password"),
    ] {
        let arguments = ["camille.durand", "--realm", "valmore", "--try-password"];
        let (status, told) = doctor.ask(&arguments, &format!("{password}\n"));
        assert_eq!(status, Some(code), "{told}");
        assert!(told.contains(said), "{told}");
        assert!(password.is_empty() || !told.contains(password), "{told}");
        for secret in ["{SSHA}", "{ARGON2}", "$argon2id$v", "{CRYPT}"] {
            assert!(!told.contains(secret), "{told}");
        }
    }
}

#[test]
fn where_a_person_wants_to_go_is_line_fourteen() {
    let doctor = Doctor::on(demo_folder());
    let config = doctor.folder.path().join("services/application.toml");
    let at = |url: &str| doctor.json(&["camille.durand", "--realm", "valmore", "--service", url]);
    let open = at(APPLICATION);
    assert!(
        says(&open, "service", "registered, and they may go there"),
        "{open}"
    );
    assert!(says(&open, "service", "is told displayName, mail"), "{open}");
    let lacks = of(&open, "service")
        .into_iter()
        .find(|line| line["reason"] == "SVC_LACKS");
    assert!(lacks.is_some_and(|line| line["level"] == "WARN"), "{open}");
    assert_eq!(at("https://nowhere.example/")["verdict"]["reason"], "SVC_UNKNOWN");
    assert_eq!(at("no address")["verdict"]["reason"], "SVC_UNKNOWN");
    change(&config, "urls", "profiles = [\"doctor\"]\nurls");
    assert_eq!(at(APPLICATION)["verdict"]["reason"], "SVC_FORBIDDEN");
    change(
        &config,
        "urls",
        "closes = \"2020-07-05T00:00[Europe/Paris]\"\nurls",
    );
    assert_eq!(at(APPLICATION)["verdict"]["reason"], "SVC_CLOSED");
}

/// A wrong password as often as told.
fn fail(port: u16, login: &str, times: usize) {
    let mut browser = Browser::default();
    for _ in 0..times {
        let page = browser.get(port, "/cas/t/valmore/login");
        browser.sign_in(port, &page, login, "canary-7Hq2-wrong");
    }
}

/// Asks for a link, until its letter was written and found no way out.
fn ask_for_link(server: &Server, port: u16, login: &str) {
    let mut browser = Browser::default();
    let page = browser.get(port, "/cas/t/valmore/recover");
    let (action, mut fields) = form(&page.body);
    fields.push(("identifier".into(), login.into()));
    let sent = browser.post(port, &action, &fields);
    assert_eq!(sent.status, 303, "{}", sent.body);
    server.err.until_said("letter_delayed");
}

fn served(folder: &Path) -> (Server, u16) {
    let config = folder.join("server.toml");
    let settings = "[audit]\nfile = \"audit.jsonl\"\n\n[throttle]\nfirst_delay = \"10 min\"\n\n[log]";
    change(&config, "[log]", settings);
    change(
        &folder.join("realms/valmore.toml"),
        "[contact]",
        "[captcha]\nmode = \"off\"\n\n[contact]",
    );
    Server::serve(&config)
}

#[test]
#[allow(clippy::too_many_lines, reason = "one story, step by step")]
fn tries_links_letters_and_sessions_are_told_from_the_store_and_reasons_from_the_audit() {
    // experience §5.4
    let folder = demo_folder();
    let (mut server, port) = served(folder.path());
    fail(port, "hugo.martin", 6);
    fail(port, "camille.durand", 1);
    let mut browser = Browser::default();
    let page = browser.get(port, "/cas/t/valmore/login");
    browser.sign_in(port, &page, "camille.durand", PASSWORD);
    ask_for_link(&server, port, "youssef.benali");
    let doctor = Doctor::on(folder);
    // The embedded store is the server's as long as it runs: the rest is told.
    let beside = doctor.json(&["camille.durand", "--realm", "valmore"]);
    assert_eq!(beside["verdict"]["can_sign_in"], true, "{beside}");
    for topic in ["throttle", "links", "sessions"] {
        assert_eq!(of(&beside, topic)[0]["reason"], "STORE_DOWN", "{beside}");
    }
    assert!(
        says(&beside, "attempts", "sign-in-refused, PWD_WRONG"),
        "{beside}"
    );
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(0));
    let hugo = doctor.json(&["hugo.martin", "--realm", "valmore"]);
    assert!(
        of(&hugo, "throttle")
            .iter()
            .any(|line| line["reason"] == "LOCK_OURS" && line["level"] == "FAIL"),
        "{hugo}"
    );
    // What a sign-in meets first is what stops it.
    assert_eq!(hugo["verdict"]["reason"], "STATE_SUSPENDED:rule=1");
    let camille = doctor.json(&["camille.durand", "--realm", "valmore"]);
    assert_eq!(camille["verdict"]["can_sign_in"], true);
    let attempts: Vec<&str> = of(&camille, "attempts")
        .iter()
        .map(|line| line["fact"].as_str().unwrap())
        .collect();
    assert_eq!(attempts.len(), 2, "{attempts:?}");
    assert!(
        attempts[0].contains("signed-in")
            && attempts[1]
                .contains("sign-in-refused, PWD_WRONG (the password is not the entry's), from 127.0.0.0/24"),
        "{attempts:?}"
    );
    assert!(attempts[1].contains("mereau trace "), "{attempts:?}");
    assert!(
        says(&camille, "sessions", "by password for valmore")
            && says(&camille, "sessions", "visited no application"),
        "{camille}"
    );
    assert!(says(&camille, "throttle", "0 of the account"), "{camille}");
    let youssef = doctor.json(&["youssef.benali", "--realm", "valmore"]);
    assert!(
        says(&youssef, "links", "a link or code by mail to y•••@u•••.example"),
        "{youssef}"
    );
    assert!(
        says(&youssef, "links", "a letter to y•••@u•••.example waits since"),
        "{youssef}"
    );
    assert!(
        says(&youssef, "recovery", "mail: y•••@u•••.example, verified"),
        "{youssef}"
    );
    for told in [hugo, camille, youssef] {
        let told = told.to_string();
        assert!(
            !told.contains("canary") && !told.contains(PASSWORD) && !told.contains("TGT-"),
            "{told}"
        );
    }
}

#[test]
fn the_answer_for_programs_has_the_same_fields_for_everybody() {
    let doctor = Doctor::on(demo_folder());
    let (_, told) = doctor.ask(&["nobody", "--json"], "");
    let answer: Value = serde_json::from_str(&told).unwrap();
    let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&answer), ["asked", "can_sign_in", "realms"]);
    let realms = answer["realms"].as_array().unwrap();
    assert_eq!(realms.len(), 3, "one for each realm");
    for realm in realms {
        assert_eq!(names(realm), ["lines", "login", "realm", "verdict"]);
        assert_eq!(realm["verdict"]["reason"], "LOGIN_UNKNOWN");
        assert_eq!(
            names(&realm["verdict"]),
            ["advice", "can_sign_in", "fact", "reason"]
        );
        for line in realm["lines"].as_array().unwrap() {
            for field in ["line", "topic", "level", "about", "fact", "advice"] {
                assert!(!line[field].is_null(), "{field}: {line}");
            }
        }
    }
}
