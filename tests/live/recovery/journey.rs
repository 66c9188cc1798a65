//! The whole way on a telephone, in French: the application, the picker, a forgotten password, the mail,
//! a new password, the application.

use fantoccini::key::Key;

use super::person::Person;
use super::{CAMILLE, NEW, Town, token};
use crate::figure;
use crate::support::wait;

/// From the picker to the sign-in page of the college.
async fn picks(person: &mut Person, town: &Town) {
    let login = town.served.address("/login", &[("service", &town.start())]);
    person.goto(&login).await;
    person.sees("Quel est votre établissement\u{202f}?").await;
}

#[allow(clippy::too_many_lines, reason = "one journey, page by page")]
async fn comes_back_in(town: &Town, mut person: Person, scripts: bool) -> Person {
    picks(&mut person, town).await;
    person.types("#q", "mirefl").await;
    if scripts {
        let shown = "return document.querySelectorAll('.popup:not([hidden]) [role=option]').length";
        wait::until_async("a suggestion", || async {
            (person.window.ask(shown).await.as_u64()? > 0).then_some(())
        })
        .await;
        person.presses_key(Key::Down).await;
        person.presses_key(Key::Enter).await;
    } else {
        person.presses_key(Key::Enter).await;
        person.window.found("#results").await;
        person.sees("Quel est votre établissement\u{202f}?").await;
        person.presses("#results .choices a").await;
    }
    person.sees("Connexion").await;
    person.types("#username", CAMILLE.0).await;
    person.presses("button[form=lost]").await;

    person.sees("Choisir un nouveau mot de passe").await;
    if scripts {
        assert_eq!(person.value("#identifier").await, CAMILLE.0, "typed once");
    } else {
        // The form that leaves the password alone has nothing but what the page knew.
        person.types("#identifier", CAMILLE.0).await;
    }
    let challenge = person.value("input[name=captcha]").await;
    person.types("#captcha-answer", &town.symbols(&challenge)).await;
    person.presses("main form .actions button.main").await;
    person.sees("Regardez vos messages").await;

    let mail = town.mails(1).await.remove(0);
    assert!(mail.over_tls);
    assert_eq!(mail.to, ["camille.dupont@campus.example"]);
    assert_eq!(mail.from, "ne-pas-repondre@campus.example");
    assert!(
        mail.subject.contains("Choisir un nouveau mot de passe"),
        "{}",
        mail.subject
    );
    for part in [&mail.text, &mail.html] {
        for word in ["Camille", "camille.dupont", "une seule fois"] {
            assert!(part.contains(word), "{word} is not in {part}");
        }
    }
    person.goto(&mail.link()).await;
    person.presses += 1;
    person.sees("Votre nouveau mot de passe").await;
    let url = person.window.url().await;
    assert!(!url.contains(token(&mail.link())), "{url}");
    person.types("#new", NEW).await;
    person.presses("main form button.main").await;
    person.sees("Votre nouveau mot de passe est enregistré").await;
    person.presses(".actions a.main").await;

    person.sees("Connexion").await;
    if person.value("#username").await.is_empty() {
        person.types("#username", CAMILLE.0).await;
    }
    person.types("#password", NEW).await;
    person.presses("main form button.main").await;
    let arrived = format!("{}?ticket=ST-", town.start());
    person.window.arrive(&arrived).await;
    let url = person.window.url().await;
    let ticket = url.split_once("ticket=").expect("a ticket").1;
    assert!(
        town.validate(ticket)
            .await
            .contains("<cas:user>camille.dupont</cas:user>")
    );
    assert!(town.binds(CAMILLE.0, NEW) && !town.binds(CAMILLE.0, CAMILLE.1));
    person
}

fn tell(what: &str, how: &str, person: &Person) {
    let pages = &person.pages;
    let forgotten = pages
        .iter()
        .position(|page| page == "Choisir un nouveau mot de passe");
    let saved = pages
        .iter()
        .position(|page| page == "Votre nouveau mot de passe est enregistré");
    let between = saved
        .zip(forgotten)
        .map_or(0, |(saved, forgotten)| saved - forgotten + 1);
    figure::tell(
        what,
        &format!(
            "a forgotten password on a telephone (360 × 740, French, {how}): {between} pages from “Mot de passe \
             oublié ?” to the saved password, {} from the application's picker to its ticket; {} keys and {} \
             presses on buttons and links, with a login of {} signs, a CAPTCHA of 6, a password of {} that is \
             typed twice",
            pages.len(),
            person.keys,
            person.presses,
            CAMILLE.0.chars().count(),
            NEW.chars().count(),
        ),
    );
}

#[tokio::test]
async fn on_a_telephone_one_comes_from_the_picker_by_the_mail_to_the_application() {
    // SX-01, S2-08
    let town = Town::open().await;
    let person = Person::on_the_phone("phone", true).await;
    let person = comes_back_in(&town, person, true).await;
    tell("recovery-phone", "scripts on", &person);
    person.close().await;
}

#[tokio::test]
async fn without_scripts_the_same_way_leads_there() {
    // SX-01, S2-08
    let town = Town::open().await;
    let person = Person::on_the_phone("no-scripts", false).await;
    let person = comes_back_in(&town, person, false).await;
    tell("recovery-without-scripts", "scripts off", &person);
    person.close().await;
}
