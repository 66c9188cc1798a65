//! One mail and several who open it: a family, two browsers, a scanner.

use http::Method;

use super::{CAMILLE, NEW, OTHER, SHARED, Town};
use crate::support::browser::{Browser, Page};

/// Chooses a password on the form that is open.
pub async fn chooses(browser: &mut Browser, page: &Page, password: &str) -> Page {
    let form = page.reply.form().with("new", password);
    let answer = browser.submit(page, &form).await;
    browser.follow(answer).await
}

#[tokio::test]
async fn a_mailbox_of_several_gets_one_mail_and_each_link_goes_its_own_way() {
    // S2-18
    let town = Town::open().await;
    town.asks(&mut Browser::new(None), SHARED).await;
    let mail = town.mails(1).await.remove(0);
    assert_eq!(mail.to, [SHARED]);
    let links = mail.links();
    let logins = ["jeanne.moreau2", "tom.moreau", "lou.moreau"];
    assert_eq!(links.len(), logins.len(), "{}", mail.text);
    let (mut one, mut two) = (Browser::new(None), Browser::new(None));
    let (first, second) = (one.open(&links[0]).await, two.open(&links[1]).await);
    let of = |page: &Page| {
        let shown = page.reply.text_of(".account");
        *logins
            .iter()
            .find(|login| shown.contains(**login))
            .expect("a login")
    };
    let (a, b) = (of(&first), of(&second));
    assert_ne!(a, b);
    chooses(&mut two, &second, OTHER).await;
    chooses(&mut one, &first, NEW).await;
    assert!(town.binds(a, NEW) && town.binds(b, OTHER));
}

#[tokio::test]
async fn of_two_browsers_with_one_link_one_succeeds_and_the_other_is_told() {
    // T-70
    let town = Town::open().await;
    town.asks(&mut Browser::new(None), CAMILLE.0).await;
    let link = town.mails(1).await[0].link();
    let (mut one, mut two) = (Browser::new(None), Browser::new(None));
    let (first, second) = (one.open(&link).await, two.open(&link).await);
    let (a, b) = tokio::join!(chooses(&mut one, &first, NEW), chooses(&mut two, &second, OTHER));
    let saved = |page: &Page| page.reply.text_of("h1") == "Votre nouveau mot de passe est enregistré";
    assert!(saved(&a) != saved(&b), "{} {}", a.reply.body, b.reply.body);
    assert_eq!(town.binds(CAMILLE.0, NEW), saved(&a));
    assert_eq!(town.binds(CAMILLE.0, OTHER), saved(&b));
    assert!(!town.binds(CAMILLE.0, CAMILLE.1));
}

#[tokio::test]
async fn looks_at_a_link_spend_nothing_and_the_person_comes_in_afterwards() {
    // SEC-29, T-73
    let town = Town::open().await;
    town.asks(&mut Browser::new(None), CAMILLE.0).await;
    let link = town.mails(1).await[0].link();
    let mut scanner = Browser::new(None);
    for _ in 0..100 {
        assert!(scanner.open(&link).await.reply.has_form_for_new());
    }
    for method in [Method::HEAD, Method::OPTIONS] {
        scanner.send(method, link.parse().unwrap(), None).await;
    }
    let mut person = Browser::new(None);
    let page = person.open(&link).await;
    chooses(&mut person, &page, NEW).await;
    assert!(town.binds(CAMILLE.0, NEW) && !town.binds(CAMILLE.0, CAMILLE.1));
}
