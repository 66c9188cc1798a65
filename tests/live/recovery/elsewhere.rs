//! A code that is typed in another browser than the one that asked, and an entry that moves under a link.

use mereau::tickets::ResetCode;

use super::browsers::chooses;
use super::{CAMILLE, Mail, NEW, Town};
use crate::support::browser::{Browser, Page};
use crate::support::slapd::PEOPLE;

const SAVED: &str = "Votre nouveau mot de passe est enregistré";

/// The code that a mail for one account has.
fn code(mail: &Mail) -> String {
    let words = mail.text.split_whitespace();
    let is_it = |word: &&str| word.to_uppercase() == **word && ResetCode::parse(word).is_some();
    let codes: Vec<&str> = words.filter(is_it).collect();
    assert_eq!(codes.len(), 1, "{}", mail.text);
    codes[0].to_owned()
}

async fn types(town: &Town, browser: &mut Browser, (login, code): (&str, &str)) -> Page {
    let page = browser.open(&town.at("/recover/code")).await;
    let form = page.reply.form().with("identifier", login).with("code", code);
    browser.submit(&page, &form).await
}

#[tokio::test]
async fn a_code_read_on_the_telephone_is_typed_in_another_browser_and_is_the_same_right() {
    // SX-02
    let town = Town::open().await;
    town.asks(&mut Browser::new(None), CAMILLE.0).await;
    let mail = town.mails(1).await.remove(0);
    let code = code(&mail);
    let mut other = Browser::new(None);
    for (login, typed) in [
        (CAMILLE.0, "2222-2222"),
        ("nobody.at.all", &code),
        ("tom.moreau", &code),
    ] {
        let wrong = types(&town, &mut other, (login, typed)).await;
        assert_eq!(wrong.reply.status, 401, "{login}");
    }
    let spelt = format!("{} {}", &code[..4], code[4..].to_lowercase());
    let right = types(&town, &mut other, (CAMILLE.0, &spelt)).await;
    assert_eq!(right.reply.status, 303, "{}", right.reply.body);
    let page = other.follow(right).await;
    let saved = chooses(&mut other, &page, NEW).await;
    assert_eq!(saved.reply.text_of("h1"), SAVED);
    assert!(town.binds(CAMILLE.0, NEW) && !town.binds(CAMILLE.0, CAMILLE.1));
    // One ticket: its link and its code are used with it.
    let late = Browser::new(None).open(&mail.link()).await;
    assert_eq!(late.reply.text_of("h1"), "Ce lien a déjà servi");
    let again = types(&town, &mut other, (CAMILLE.0, &code)).await;
    assert_eq!(again.reply.status, 401);
}

#[tokio::test]
async fn a_link_is_of_the_entry_and_neither_of_its_name_nor_of_its_place() {
    // SEC-16
    let town = Town::open().await;
    town.asks(&mut Browser::new(None), CAMILLE.0).await;
    let link = town.mails(1).await[0].link();
    let mut browser = Browser::new(None);
    let page = browser.open(&link).await;
    town.slapd.modify(&format!(
        "dn: uid={},{PEOPLE}\nchangetype: modrdn\nnewrdn: uid=camille.martin\ndeleteoldrdn: 1\n",
        CAMILLE.0
    ));
    let saved = chooses(&mut browser, &page, NEW).await;
    assert_eq!(saved.reply.text_of("h1"), SAVED);
    assert!(town.binds("camille.martin", NEW));

    town.asks(&mut Browser::new(None), "tom.moreau").await;
    let mails = town.mails(3).await;
    let tom = mails.iter().find(|mail| mail.to == [super::SHARED]);
    let link = tom.expect("a mail for Tom").link();
    let mut browser = Browser::new(None);
    let page = browser.open(&link).await;
    assert!(page.reply.has_form_for_new());
    town.slapd.modify(&format!(
        "dn: uid=tom.moreau,{PEOPLE}\nchangetype: delete\n\n\
         dn: uid=tom.moreau,{PEOPLE}\nchangetype: add\nobjectClass: inetOrgPerson\nuid: tom.moreau\n\
         cn: Tom\nsn: Moreau\nmail: {}\nuserPassword: {}\n",
        super::SHARED,
        CAMILLE.1
    ));
    let refused = chooses(&mut browser, &page, NEW).await;
    assert_eq!(refused.reply.text_of("h1"), "Changement impossible ici");
    assert!(town.binds("tom.moreau", CAMILLE.1) && !town.binds("tom.moreau", NEW));
}
