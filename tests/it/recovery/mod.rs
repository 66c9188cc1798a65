//! Getting back in, through the real router: asking, letters, links, codes, new passwords.

mod ageing;
mod among;
mod asking;
mod audited;
mod check;
mod codes;
mod cohorts;
mod crashes;
mod disown;
mod doors;
mod endings;
mod forced;
mod headers;
mod injections;
mod journey;
mod known;
mod language;
mod letters;
mod limits;
mod links;
mod named;
mod outage;
mod passwords;
mod queue;
mod scanners;
mod secrets;
mod steps;
mod unicode;
mod untouched;
mod ways;
mod who;
mod worker;

pub use self::cohorts::{masked, people};
use mereau::flows::recovery::RecoverySettings;

use crate::house::recovery::{Kept, usual_recovery};
use crate::house::{Browser, House, Plan, Reply, build};

/// A good new password.
pub const NEW: &str = "quatre chevaux dans la brume";

/// The campus alone, whose people recover by themselves.
pub async fn recovering() -> House {
    with_people("").await
}

/// The same with further entries.
pub async fn with_people(more: &str) -> House {
    with_settings(usual_recovery(), more).await
}

/// The same with a recovery of its own.
pub async fn with_settings(settings: RecoverySettings, more: &str) -> House {
    build(Plan {
        one_institution: true,
        recovery: Some(settings),
        more_people: more.to_owned(),
        ..Plan::default()
    })
    .await
}

/// The campus and the lycée, whose people recover by themselves.
pub async fn both_recovering() -> House {
    build(Plan {
        recovery: Some(usual_recovery()),
        ..Plan::default()
    })
    .await
}

/// `p00`, `p01`… with a mailbox each, for [`with_people`].
pub fn crowd(count: u32) -> String {
    let one = |number: u32| {
        let login = format!("p{number:02}");
        entry(number, &login, &format!("{login}@campus.example"), "")
    };
    format!("\n{}", (0..count).map(one).collect::<Vec<_>>().join("\n"))
}

/// An entry of LDIF with everything a person needs.
pub fn entry(number: u32, uid: &str, mail: &str, more: &str) -> String {
    format!(
        "dn: uid={uid},ou=people,dc=campus,dc=example\nobjectClass: inetOrgPerson\n\
         entryUUID: 5a1e7000-0000-4000-8000-0000000009{number:02}\nuid: {uid}\ncn: {uid}\nsn: {uid}\n\
         displayName: {uid}\nmail: {mail}\nuserPassword: {{SSHA}}V25G7iLrorVILZ+Jzmtj+rACsqEkGhxjGnq5Gg==\n{more}\n"
    )
}

/// Asks for a link on the usual page; the answer to the form.
pub async fn asks(browser: &mut Browser<'_>, identifier: &str) -> Reply {
    let form = browser.get("/cas/recover").await.form();
    let form = form.with("identifier", identifier).without("captcha-other");
    browser.submit(&form).await
}

/// Asks, has the request worked on, and reads the letters.
pub async fn letters_for(house: &House, identifier: &str) -> Vec<Kept> {
    let reply = asks(&mut house.browser(), identifier).await;
    assert_eq!(reply.status, 303, "{}", reply.body);
    house.work().await;
    house.letters.take()
}

/// The same where people must prove to be some.
pub async fn letters_for_human(house: &House, identifier: &str) -> Vec<Kept> {
    let mut browser = house.browser();
    let form = browser.get("/cas/recover").await.form();
    let form = form
        .with("identifier", identifier)
        .without("captcha-other")
        .with("captcha-answer", "human");
    assert_eq!(browser.submit(&form).await.status, 303);
    house.work().await;
    house.letters.take()
}

/// The path of the only link of the only letter.
pub async fn link_for(house: &House, identifier: &str) -> String {
    let letters = letters_for(house, identifier).await;
    assert_eq!(letters.len(), 1);
    path_of(&letters[0].links()[0].1)
}

/// The same for somebody of one realm among several.
pub async fn link_in(house: &House, realm: &str, identifier: &str) -> String {
    let mut browser = house.browser();
    let form = browser.get(&format!("/cas/t/{realm}/recover")).await.form();
    let form = form.with("identifier", identifier).without("captcha-other");
    let reply = browser.submit(&form).await;
    assert_eq!(reply.status, 303, "{}", reply.body);
    house.work().await;
    path_of(&house.letters.take()[0].links()[0].1)
}

pub fn path_of(link: &str) -> String {
    let path = link.strip_prefix("https://sso.example.org");
    path.unwrap_or_else(|| panic!("{link}")).to_owned()
}

/// Opens a link up to the form of the new password.
pub async fn open(browser: &mut Browser<'_>, link: &str) -> Reply {
    let reply = browser.get(link).await;
    assert_eq!(reply.status, 303, "{}", reply.body);
    let to = reply.location().to_owned();
    browser.get(&to).await
}

/// Chooses `password` on the form that `page` shows.
pub async fn choose(browser: &mut Browser<'_>, page: &Reply, password: &str) -> Reply {
    browser.submit(&page.form().with("new", password)).await
}

/// Whether `password` signs `login` in.
pub async fn signs_in(house: &House, login: &str, password: &str) -> bool {
    let mut browser = house.browser();
    browser.address = std::net::IpAddr::from([198, 51, 100, 200]);
    let reply = browser.sign_in("/cas/login", (login, password)).await;
    reply.status == 303 && browser.tgc("campus").is_some()
}
