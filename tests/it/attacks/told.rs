//! Whoever an account reached before hears of every change; whoever helps an account does so by name and reason and
//! sees no link; and nothing that is only known about a person opens anything.

use std::sync::atomic::Ordering;
use std::time::Duration;

use http::Method;
use mereau::audit::{Actor, Event};
use mereau::base::names::{EmailAddress, Username};
use mereau::flows::recovery::{GivenByAgent, To, Wish, send_by_agent};

use crate::account::{OWN, adds, confirmation, house, signed_in, types, with_own};
use crate::house::{CAMILLE, House};
use crate::recovery::{NEW, choose, letters_for, link_for, open, path_of, recovering, signs_in};

fn taken(house: &House) -> Vec<(String, &'static str)> {
    let letters = house.letters.take();
    let mut all: Vec<_> = letters
        .iter()
        .map(|letter| (letter.to.clone(), letter.notice.name()))
        .collect();
    all.sort();
    all
}

const INSTITUTION: &str = "camille.dupont@campus.example";
const SECOND: &str = "deux@messagerie.example";

#[tokio::test]
async fn of_each_change_of_an_address_the_old_and_the_new_one_hear() {
    // T-82
    let house = house().await;
    let mut browser = signed_in(&house).await;
    with_own(&house, &mut browser, OWN).await;
    // Another one: the new one is asked, and those of before are told once it has answered.
    adds(&mut browser, "mail", SECOND).await;
    let letters = house.letters.take();
    let (to, code, _) = confirmation(letters.iter().filter(|one| one.to == SECOND).cloned().collect());
    assert_eq!(to, SECOND);
    types(&mut browser, &code).await;
    let told: Vec<String> = taken(&house).into_iter().map(|(to, _)| to).collect();
    assert!(
        told.contains(&OWN.to_owned()) && told.contains(&INSTITUTION.to_owned()),
        "{told:?}"
    );
    // One is taken out: it hears of it, and so does the one that stays.
    let page = browser.get("/cas/account").await;
    let remove = page
        .addresses()
        .into_iter()
        .find(|at| at.contains("/account/remove"))
        .unwrap();
    let form = browser.get(&remove).await.form();
    browser.submit(&form).await;
    let told: Vec<String> = taken(&house).into_iter().map(|(to, _)| to).collect();
    assert!(
        told.contains(&OWN.to_owned()) && told.contains(&SECOND.to_owned()),
        "{told:?}"
    );
    // Of a new password even the one that is gone hears, since it was good until lately.
    house.clock.advance(Duration::from_secs(300));
    let letters = letters_for(&house, CAMILLE.0).await;
    let link = path_of(&letters[0].links()[0].1);
    let mut browser = house.browser();
    let page = open(&mut browser, &link).await;
    assert_eq!(choose(&mut browser, &page, NEW).await.status, 303);
    let told = taken(&house);
    for address in [OWN, SECOND, INSTITUTION] {
        assert!(
            told.contains(&(address.to_owned(), "password_changed")),
            "{address}: {told:?}"
        );
    }
}

#[tokio::test]
async fn an_agent_types_an_address_for_a_reason_and_never_sees_what_was_sent() {
    // T-84
    let house = recovering().await;
    let catalogue = house.app.catalogue();
    let typed = EmailAddress::stored("camille@ailleurs.example").unwrap();
    let login = Username::typed(CAMILLE.0).unwrap();
    let wish = Wish {
        institution: catalogue.institutions.only().unwrap(),
        login: &login,
        to: To::Address(&typed),
        agent: "guichet-3",
        reason: "carte vue",
    };
    let given = send_by_agent(&house.app.ports, &catalogue, &wish).await.unwrap();
    let GivenByAgent::Sent { told, .. } = &given else {
        panic!("something else than that it was sent")
    };
    assert_eq!(*told, 1);
    let letters = house.letters.take();
    let links = letters.iter().flat_map(|letter| letter.links());
    let secrets: Vec<String> = links.flat_map(|(_, link, code)| [link, code]).collect();
    assert_eq!(secrets.len(), 2);
    let events = house.audit.take();
    let event = events.iter().find(|one| one.event == Event::SentByAgent).unwrap();
    assert_eq!(event.actor, Actor::Agent("guichet-3".to_owned()));
    assert!(
        event
            .note
            .as_deref()
            .is_some_and(|note| note.contains("carte vue"))
    );
    for secret in &secrets {
        let said = format!("{events:?}");
        assert!(!said.contains(secret.as_str()));
    }
    let to: Vec<&str> = letters.iter().map(|letter| letter.to.as_str()).collect();
    assert!(
        to.contains(&INSTITUTION),
        "who was reached before hears of it: {to:?}"
    );
}

/// Everything that people.ldif says of somebody, but the password.
fn all_known(login: &str) -> Vec<String> {
    let text = std::fs::read_to_string("tests/fixtures/people.ldif").unwrap();
    let block = text
        .split("\n\n")
        .find(|block| block.contains(&format!("uid: {login}\n")))
        .unwrap();
    let values = block.lines().filter_map(|line| line.split_once(": "));
    let public = values.filter(|(name, _)| *name != "userPassword");
    public.map(|(_, value)| value.to_owned()).collect()
}

/// The names of the fields of a page's forms, the challenge's own left out.
fn fields(page: &str) -> Vec<&str> {
    let names = page
        .split(" name=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next());
    names.filter(|name| !name.starts_with("captcha")).collect()
}

#[tokio::test]
async fn there_are_no_secret_answers_to_keep_to_ask_for_or_to_give() {
    // T-85
    let house = house().await;
    let mut browser = signed_in(&house).await;
    let words = ["question", "questions", "answer", "answers", "secret", "secrets"];
    let is_one = |name: &&str| words.iter().any(|word| name.contains(word));
    let mut seen = 0;
    for page in [
        "/cas/login?renew=true",
        "/cas/recover",
        "/cas/recover/code",
        "/cas/account",
        "/cas/account/password",
        "/cas/account/address?kind=mail",
    ] {
        let shown = browser.get(page).await.body;
        let names = fields(&shown);
        seen += names.len();
        assert!(!names.iter().any(is_one), "{page}: {names:?}");
    }
    assert!(seen >= 6, "{seen} fields on all these pages");
    for word in words {
        for above in ["/cas", "/cas/recover", "/cas/account", "/cas/t/campus/recover"] {
            let path = format!("{above}/{word}");
            assert_eq!(browser.get(&path).await.status, 404, "{path}");
            let given = Some(format!("{word}=Medor&answer=Medor&identifier={}", CAMILLE.0));
            let posted = browser.send(Method::POST, &path, given).await.status.as_u16();
            assert!([404, 405].contains(&posted), "{path}: {posted}");
        }
    }
    let options = std::fs::read_to_string("conf/reference.toml").unwrap();
    let mut keys = options
        .lines()
        .filter_map(|line| line.split_once(" = "))
        .map(|(key, _)| key);
    assert!(keys.clone().count() > 200);
    assert!(!keys.any(|key| key.contains("question") || key.contains("secret_answer")));
}

#[tokio::test]
async fn whoever_knows_everything_about_a_person_and_reads_none_of_their_mail_opens_nothing() {
    // T-85
    let house = recovering().await;
    let known = all_known(CAMILLE.0);
    assert!(known.len() >= 8, "{known:?}");
    for value in known.iter().filter(|value| **value != CAMILLE.1) {
        let mut thief = house.browser();
        thief.address = std::net::IpAddr::from([203, 0, 113, 9]);
        let form = thief.get("/cas/recover").await.form().without("captcha-other");
        let mut form = form.with("identifier", CAMILLE.0);
        // Whatever such a form may be called elsewhere.
        for field in [
            "answer",
            "answer1",
            "secret",
            "reponse",
            "question",
            "birthdate",
            "code",
            "new",
            "confirm",
            "password",
        ] {
            form.fields.push((field.to_owned(), value.clone()));
        }
        let reply = thief.submit(&form).await;
        assert!(
            matches!(reply.status.as_u16(), 303 | 400 | 429),
            "{}",
            reply.status
        );
        assert!(!reply.has_form_for_new());
        house.work().await;
        let code = thief.get("/cas/recover/code").await.form();
        let code = code.with("identifier", CAMILLE.0).with("code", value);
        assert!(!thief.submit(&code).await.has_form_for_new(), "{value}");
        let signed = thief.sign_in("/cas/login", (CAMILLE.0, value)).await;
        assert!(thief.tgc("campus").is_none(), "{value}: {}", signed.status);
        house.clock.advance(Duration::from_secs(3700));
    }
    assert_eq!(house.campus.writes.load(Ordering::SeqCst), 0);
    assert!(signs_in(&house, CAMILLE.0, CAMILLE.1).await);
    house.letters.take();
    house.clock.advance(Duration::from_secs(86_400));
    let link = link_for(&house, CAMILLE.0).await;
    let reply = house.browser().get(&link).await;
    assert_eq!(reply.status, 303, "the mailbox is what opens");
}

#[tokio::test]
async fn six_digits_are_good_for_ten_minutes_and_five_tries_on_the_account_they_were_sent_for() {
    // T-86
    let house = house().await;
    let mut browser = signed_in(&house).await;
    let wait = async |browser: &mut crate::house::Browser<'_>, seconds: u64| {
        browser.sign_in("/cas/login?renew=true", CAMILLE).await;
        house.letters.take();
        adds(browser, "mobile", "06 12 34 56 78").await;
        let (_, code, link) = confirmation(house.letters.take());
        assert_eq!((code.len(), link), (6, None));
        house.clock.advance(Duration::from_secs(seconds));
        code
    };
    // Somebody else’s session, asked for the same digits.
    let code = wait(&mut browser, 0).await;
    let mut other = house.browser();
    other.sign_in("/cas/login", crate::house::AMINE).await;
    adds(&mut other, "mobile", "06 12 34 56 99").await;
    let (_, theirs, _) = confirmation(house.letters.take());
    if theirs != code {
        assert_eq!(types(&mut other, &code).await.status, 401);
    }
    // Ten minutes, and a second more.
    house.clock.advance(Duration::from_secs(601));
    let late = types(&mut browser, &code).await;
    assert!(late.status == 410 || late.status == 401, "{}", late.status);
    let page = browser.get("/cas/account").await;
    assert!(page.body.contains("À vérifier"), "it is not verified");
    let code = wait(&mut browser, 590).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for _ in 0..4 {
        assert_eq!(types(&mut browser, wrong).await.status, 401);
    }
    assert_eq!(
        types(&mut browser, &code).await.status,
        303,
        "the fifth is right and in time"
    );
    browser.sign_in("/cas/login?renew=true", CAMILLE).await;
    house.letters.take();
    adds(&mut browser, "mobile", "06 12 34 56 77").await;
    let (_, code, _) = confirmation(house.letters.take());
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for _ in 0..5 {
        assert_eq!(types(&mut browser, wrong).await.status, 401);
    }
    assert_eq!(
        types(&mut browser, &code).await.status,
        429,
        "right, and the sixth"
    );
}
