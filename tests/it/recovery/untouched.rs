//! What recovery leaves alone: second factors, and the passwords of who is only asked about. No password is
//! ever made here.

use std::sync::atomic::Ordering;

use mereau::base::names::Username;
use mereau::directory::{AttributeValue, Person};
use mereau::flows::recovery::{GivenByAgent, To, Wish, send_by_agent};

use super::{NEW, choose, entry, letters_for, link_for, open, recovering, signs_in, with_people};
use crate::house::{CAMILLE, House};

fn with(attribute: &'static str, value: &'static str, mut person: Person) -> Person {
    person
        .attributes
        .add(attribute, [AttributeValue::Text(value.to_owned())]);
    person
}

fn by_filter(person: Person) -> Option<Person> {
    Some(with("employeeType", "otp", person))
}

fn by_our_class(person: Person) -> Option<Person> {
    Some(with("mereauSecondFactor", "totp", person))
}

fn people(house: &House) -> String {
    std::fs::read_to_string(house.folder.path().join("campus.ldif")).unwrap()
}

#[tokio::test]
async fn who_has_a_second_factor_is_sent_no_link() {
    // SEC-51, T-83
    let people = [
        entry(1, "elsewhere", "elsewhere@campus.example", "employeeType: otp"),
        entry(2, "here", "here@campus.example", "mereauSecondFactor: totp"),
    ];
    let house = with_people(&people.join("\n")).await;
    for login in ["elsewhere", "here"] {
        let letters = letters_for(&house, login).await;
        assert_eq!(letters[0].notice.name(), "refused_by_policy", "{login}");
        assert!(letters.iter().all(|letter| letter.links().is_empty()), "{login}");
    }
}

#[tokio::test]
async fn a_second_factor_that_came_after_the_letter_closes_its_link_and_its_code() {
    // SEC-51, T-83
    for change in [by_filter, by_our_class] {
        let house = recovering().await;
        let before = people(&house);
        let letters = letters_for(&house, CAMILLE.0).await;
        let (_, link, code) = letters[0].links()[0].clone();
        let mut browser = house.browser();
        let page = open(&mut browser, &super::path_of(&link)).await;
        assert_eq!(page.status, 200);
        *house.campus.change.lock().unwrap() = Some(change);
        // The form was open already.
        let late = choose(&mut browser, &page, NEW).await;
        assert_eq!(late.status, 410, "{}", late.body);
        let again = house.browser().get(&super::path_of(&link)).await;
        assert_eq!(again.status, 410, "what was sent before is over");
        let mut coded = house.browser();
        let reply = coded.sign_in("/cas/login", (CAMILLE.0, &code)).await;
        assert!(coded.tgc("campus").is_none());
        if reply.status == 303 {
            let page = coded.get(reply.location()).await;
            assert_eq!(page.status, 410, "{}", page.body);
        }
        assert_eq!(house.campus.writes.load(Ordering::SeqCst), 0);
        assert_eq!(people(&house), before);
        *house.campus.change.lock().unwrap() = None;
        assert!(signs_in(&house, CAMILLE.0, CAMILLE.1).await);
    }
}

#[tokio::test]
async fn a_new_password_changes_nothing_else_of_the_entry() {
    // SEC-51, SEC-16
    let house = recovering().await;
    let before = people(&house);
    let link = link_for(&house, CAMILLE.0).await;
    let mut browser = house.browser();
    let page = open(&mut browser, &link).await;
    assert_eq!(choose(&mut browser, &page, NEW).await.status, 303);
    let after = people(&house);
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let (before, after) = (lines(&before), lines(&after));
    let gone: Vec<&String> = before.iter().filter(|line| !after.contains(line)).collect();
    let come: Vec<&String> = after.iter().filter(|line| !before.contains(line)).collect();
    assert!(
        gone.len() == 1 && gone[0].starts_with("userPassword:"),
        "{gone:?}"
    );
    let names: Vec<&str> = come.iter().map(|line| line.split(':').next().unwrap()).collect();
    assert_eq!(names, ["userPassword", "mereauGeneration", "pwdChangedTime"]);
}

#[tokio::test]
async fn who_must_change_keeps_the_second_factor() {
    // SEC-51, T-83
    let more = entry(
        1,
        "both",
        "both@campus.example",
        "pwdReset: TRUE\nmereauSecondFactor: totp",
    );
    let house = with_people(&more).await;
    let mut browser = house.browser();
    let reply = browser.sign_in("/cas/login", ("both", CAMILLE.1)).await;
    assert!(reply.location().contains("login/change"), "{}", reply.location());
    let page = browser.get(reply.location()).await;
    assert_eq!(choose(&mut browser, &page, NEW).await.status, 303);
    assert!(people(&house).contains("mereauSecondFactor: totp"));
}

#[tokio::test]
async fn no_request_puts_a_password_into_the_directory_before_its_person_has_chosen_one() {
    // SEC-87, SEC-50, SEC-86, S4-06
    let house = recovering().await;
    let before = people(&house);
    let letters = letters_for(&house, CAMILLE.0).await;
    let (_, _, code) = letters[0].links()[0].clone();
    assert_eq!(people(&house), before, "asked by anybody");
    opens_a_choice_and_nothing_else(&house, &code, &before).await;
    let catalogue = house.app.catalogue();
    let wish = Wish {
        institution: catalogue.institutions.only().unwrap(),
        login: &Username::typed(CAMILLE.0).unwrap(),
        to: To::Agent,
        agent: "guichet-3",
        reason: "carte vue",
    };
    house.clock.advance(std::time::Duration::from_secs(130));
    let given = send_by_agent(&house.app.ports, &catalogue, &wish).await.unwrap();
    let GivenByAgent::Code { code: read_out, .. } = given else {
        panic!("no code")
    };
    assert_eq!(people(&house), before, "asked by an agent");
    opens_a_choice_and_nothing_else(&house, read_out.expose(), &before).await;
    assert_eq!(house.campus.writes.load(Ordering::SeqCst), 0);
    assert!(
        signs_in(&house, CAMILLE.0, CAMILLE.1).await,
        "what the person knew goes on working"
    );
}

/// A code is no password: it signs nobody in, and opens the choice of one.
async fn opens_a_choice_and_nothing_else(house: &House, code: &str, before: &str) {
    let mut browser = house.browser();
    let reply = browser.sign_in("/cas/login", (CAMILLE.0, code)).await;
    assert!(browser.tgc("campus").is_none());
    assert!(reply.location().contains("/recover/new"), "{}", reply.location());
    assert_eq!(people(house), before, "typed");
    assert_eq!(browser.get(reply.location()).await.status, 200);
    assert_eq!(people(house), before, "and the page shown");
}

#[test]
fn every_password_that_is_written_was_typed() {
    // SEC-86
    let mut made = Vec::new();
    let mut exops = Vec::new();
    let mut folders = vec![std::path::PathBuf::from("src")];
    while let Some(folder) = folders.pop() {
        for found in std::fs::read_dir(folder).unwrap() {
            let path = found.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            let code = text.split("#[cfg(test)]").next().unwrap();
            let file = path.display().to_string();
            if code.contains("PasswordWrite {") && file.starts_with("src/flows") {
                // What is written comes from a form, by way of the rules for typed passwords.
                assert!(
                    code.contains("judged(") || code.contains("new: &'a str"),
                    "{file}"
                );
                made.push(file.clone());
            }
            if code.contains("PasswordModify {") {
                assert!(code.contains("new_pass: Some(new)"), "{file}");
                exops.push(file);
            }
        }
    }
    made.sort();
    assert_eq!(
        made,
        [
            "src/flows/account/password.rs",
            "src/flows/login/change.rs",
            "src/flows/recovery/password.rs"
        ]
    );
    assert_eq!(
        exops,
        ["src/directory/ldap/writer/session.rs"],
        "one place asks for it"
    );
}
