//! A right password that is to be another one, in a real browser: expired, given by somebody else, or a
//! code out of a mail typed where the password goes. The sign-in goes on to its application.

use super::person::Person;
use super::{CAMILLE, NEW, Town};
use crate::support::browser::Browser;
use crate::support::slapd;

/// Their passwords are from 2020 and allowed a day, and marked as given by somebody else.
const EXPIRED: (&str, &str) = ("paul.girard", "paul-chouette-19");
const PROVISIONAL: (&str, &str) = ("omar.diallo", "omar-saphir-18");

const CHOICE: &str = "Votre nouveau mot de passe";

async fn signs_in(person: &mut Person, town: &Town, who: (&str, &str)) {
    person.goto(&town.at("/login")).await;
    person.sees("Connexion").await;
    person.types("#username", who.0).await;
    person.types("#password", who.1).await;
    person.presses("main form button.main").await;
    person.sees(CHOICE).await;
}

/// One that is refused, then a good one.
async fn chooses(person: &mut Person) {
    person.types("#new", "court").await;
    person.presses("main form button.main").await;
    person.window.found("#problem").await;
    // The console tells of every answer that is an error, as this one has to be.
    let said = person.window.complaints().await;
    assert!(said.iter().all(|line| line.contains("status of 422")), "{said:?}");
    person.sees(CHOICE).await;
    person.types("#new", NEW).await;
    person.presses("main form button.main").await;
}

/// Who the application is told has come.
async fn arrives(person: &Person, town: &Town) -> String {
    person
        .window
        .arrive(&format!("{}?ticket=ST-", town.start()))
        .await;
    let url = person.window.url().await;
    town.validate(url.split_once("ticket=").expect("a ticket").1)
        .await
}

async fn opens_nothing_yet(town: &Town, person: &Person) {
    let cookies = person.window.client.get_all_cookies().await.expect("cookies");
    let session = cookies.iter().find(|cookie| cookie.name().contains("TGC"));
    assert!(session.is_none(), "a session before the choice: {session:?}");
    assert!(person.window.url().await.starts_with(town.served.url()));
}

async fn changes_on_the_way(name: &'static str, scripts: bool) {
    let town = Town::open().await;
    for (who, why) in [(EXPIRED, "a expiré"), (PROVISIONAL, "est provisoire")] {
        let mut person = Person::on_the_phone(name, scripts).await;
        signs_in(&mut person, &town, who).await;
        assert!(person.window.text(".lede").await.contains(why), "{why}");
        opens_nothing_yet(&town, &person).await;
        chooses(&mut person).await;
        let told = arrives(&person, &town).await;
        assert!(
            told.contains(&format!("<cas:user>{}</cas:user>", who.0)),
            "{told}"
        );
        assert!(town.binds(who.0, NEW) && !town.binds(who.0, who.1));
        person.close().await;
        // Not to be changed again: the next sign-in goes straight on.
        let mut again = Browser::new(None);
        let page = again.open(&town.at("/login")).await;
        let page = again.sign_in(&page, who.0, NEW).await;
        assert!(page.url.as_str().contains("ticket=ST-"), "{}", page.url);
    }
}

async fn code_as_password(name: &'static str, scripts: bool) {
    let town = Town::open().await;
    town.asks(&mut Browser::new(None), CAMILLE.0).await;
    let mail = town.mails(1).await.remove(0);
    let code = &mail.code().expect("a code");

    let mut person = Person::on_the_phone(name, scripts).await;
    signs_in(&mut person, &town, (CAMILLE.0, code)).await;
    assert!(person.window.text(".lede").await.contains("Votre code est bon"));
    opens_nothing_yet(&town, &person).await;
    let dn = format!("uid={},{}", CAMILLE.0, slapd::PEOPLE);
    let before = town.slapd.entry(&dn);
    assert!(town.binds(CAMILLE.0, CAMILLE.1), "the password is as it was");
    assert!(!town.binds(CAMILLE.0, code), "the code is no password");
    // Nothing else is open with it.
    person.goto(&town.at("/account")).await;
    person.sees("Connexion").await;
    signs_in(&mut person, &town, (CAMILLE.0, code)).await;
    let password = |entry: &str| {
        let line = entry.lines().find(|line| line.starts_with("userPassword"));
        line.map(str::to_owned)
    };
    assert_eq!(password(&before), password(&town.slapd.entry(&dn)));
    assert!(town.binds(CAMILLE.0, CAMILLE.1));
    chooses(&mut person).await;
    person.sees("Votre nouveau mot de passe est enregistré").await;
    assert!(town.binds(CAMILLE.0, NEW) && !town.binds(CAMILLE.0, CAMILLE.1));
    person.presses(".actions a.main").await;
    person.sees("Connexion").await;
    if person.value("#username").await.is_empty() {
        person.types("#username", CAMILLE.0).await;
    }
    person.types("#password", NEW).await;
    person.presses("main form button.main").await;
    assert!(arrives(&person, &town).await.contains("camille.dupont"));
    person.close().await;
}

#[tokio::test]
async fn who_must_change_does_so_in_a_browser_and_arrives_at_the_application() {
    // S5-10, SEC-79
    changes_on_the_way("forced", true).await;
}

#[tokio::test]
async fn who_must_change_does_so_without_scripts_too() {
    // S5-10, SEC-79
    changes_on_the_way("forced-no-scripts", false).await;
}

#[tokio::test]
async fn a_mailed_code_typed_as_the_password_opens_the_choice_and_nothing_else() {
    // S4-06
    code_as_password("code-as-password", true).await;
}

#[tokio::test]
async fn a_mailed_code_typed_as_the_password_does_so_without_scripts_too() {
    // S4-06
    code_as_password("code-as-password-no-scripts", false).await;
}
