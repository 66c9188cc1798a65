//! « Ce n’est pas moi »: the notice of a new password, and the link in it that closes the account.

use std::net::IpAddr;
use std::time::Duration;

use mereau::audit::{Actor, Event};
use mereau::base::names::Username;
use mereau::flows::recovery::{Reopened, Reopening, reopen};
use mereau::messages::Notice;

use super::{NEW, choose, letters_for, link_for, open, path_of, signs_in};
use crate::house::recovery::{Kept, usual_recovery};
use crate::house::{CAMILLE, House, Plan, build};

const SUPPORT: &str = "assistance@campus.example";

async fn house() -> House {
    build(Plan {
        one_institution: true,
        recovery: Some(usual_recovery()),
        adjust: |realm| realm.contact.mail = Some(SUPPORT.to_owned()),
        ..Plan::default()
    })
    .await
}

/// Somebody recovers Camille's account; the link of the notice that tells of it.
async fn taken_over(house: &House) -> String {
    let link = link_for(house, CAMILLE.0).await;
    let mut thief = house.browser();
    let form = open(&mut thief, &link).await;
    assert_eq!(choose(&mut thief, &form, NEW).await.status, 303);
    not_me(&house.letters.take())
}

fn not_me(letters: &[Kept]) -> String {
    let link = letters.iter().find_map(|letter| match &letter.notice {
        Notice::PasswordChanged { not_me, .. } => not_me.clone(),
        _ => None,
    });
    path_of(link.expect("a link").expose())
}

async fn opens_again(house: &House, login: &str) -> Reopened {
    let catalogue = house.app.catalogue();
    let wish = Reopening {
        institution: catalogue.institutions.only().unwrap(),
        login: &Username::typed(login).unwrap(),
        agent: "guichet-3",
        reason: "carte vue au guichet",
    };
    reopen(&house.app.ports, &catalogue, &wish).await.unwrap()
}

#[tokio::test]
async fn who_did_not_choose_the_password_closes_the_account_until_an_operator_opens_it() {
    // SEC-58, SEC-35, SEC-29
    let house = house().await;
    let link = taken_over(&house).await;
    let mut thief = house.browser();
    assert_eq!(thief.sign_in("/cas/login", (CAMILLE.0, NEW)).await.status, 303);
    let mut owner = house.browser();
    owner.address = IpAddr::from([203, 0, 113, 4]);
    for _ in 0..3 {
        let page = owner.get(&link).await;
        assert_eq!(page.text_of("h1"), "Fermer ce compte ?");
        // A scanner presses the only button.
        assert_eq!(owner.submit(&page.form()).await.status, 422);
    }
    assert!(!thief.get("/cas/login").await.has_form(), "nothing has happened");
    let before = link_for_later(&house).await;

    let form = owner.get(&link).await.form();
    let done = owner.submit(&form.with("sure", "true")).await;
    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!(done.text_of("h1"), "Le compte est fermé");
    assert!(done.body.contains(SUPPORT), "{}", done.body);
    assert!(thief.get("/cas/login").await.has_form(), "signed out");
    assert!(
        !signs_in(&house, CAMILLE.0, NEW).await,
        "the right password opens nothing"
    );
    let mut dead = house.browser();
    assert_eq!(dead.get(&before).await.status, 410, "links of before are dead");
    let letters = house.letters.take();
    let alert = letters.iter().find(|letter| letter.to == SUPPORT).unwrap();
    assert!(matches!(&alert.notice, Notice::Disowned { login, .. } if login == CAMILLE.0));
    let events = house.audit.take();
    let event = events
        .iter()
        .find(|one| one.event == Event::AccountDisowned)
        .unwrap();
    assert_eq!(event.actor, Actor::Person);
    assert!(event.account.is_some() && event.realm.is_some());

    // No way back in by oneself: the letter says that the support helps.
    house.clock.advance(Duration::from_secs(3700));
    let letters = letters_for(&house, CAMILLE.0).await;
    assert_eq!(letters[0].notice.name(), "refused_by_policy");
    assert_eq!(owner.get(&link).await.status, 410, "spent");

    assert_eq!(opens_again(&house, "nobody.at.all").await, Reopened::Nobody);
    assert_eq!(opens_again(&house, CAMILLE.0).await, Reopened::Yes);
    assert_eq!(opens_again(&house, CAMILLE.0).await, Reopened::WasOpen);
    let events = house.audit.take();
    let event = events
        .iter()
        .find(|one| one.event == Event::AccountReopened)
        .unwrap();
    assert_eq!(event.actor, Actor::Agent("guichet-3".to_owned()));
    assert_eq!(event.note.as_deref(), Some("carte vue au guichet"));
    assert!(signs_in(&house, CAMILLE.0, NEW).await);
    house.clock.advance(Duration::from_secs(3700));
    assert_eq!(letters_for(&house, CAMILLE.0).await[0].links().len(), 1);
}

/// A link that is on its way when the account is closed.
async fn link_for_later(house: &House) -> String {
    house.clock.advance(Duration::from_secs(130));
    let link = link_for(house, CAMILLE.0).await;
    house.letters.take();
    link
}

#[tokio::test]
async fn the_link_of_a_notice_lives_for_seven_days() {
    // SEC-58
    let house = house().await;
    let link = taken_over(&house).await;
    let mut owner = house.browser();
    house.clock.advance(Duration::from_secs(7 * 86_400 - 1));
    assert_eq!(owner.get(&link).await.status, 200);
    house.clock.advance(Duration::from_secs(2));
    assert_eq!(owner.get(&link).await.status, 410);
    assert_eq!(owner.get("/cas/n/abc").await.status, 410);
    assert!(signs_in(&house, CAMILLE.0, NEW).await);
}

#[tokio::test]
async fn a_new_password_of_a_closed_account_cannot_be_chosen_by_a_form_that_was_open() {
    // SEC-58, SEC-52
    let house = house().await;
    let link = taken_over(&house).await;
    house.clock.advance(Duration::from_secs(130));
    let second = link_for(&house, CAMILLE.0).await;
    let mut thief = house.browser();
    let form = open(&mut thief, &second).await;
    let mut owner = house.browser();
    let page = owner.get(&link).await;
    owner.submit(&page.form().with("sure", "true")).await;
    let refused = choose(&mut thief, &form, "un autre bateau sans voile").await;
    assert_eq!(refused.status, 410);
    opens_again(&house, CAMILLE.0).await;
    assert!(!signs_in(&house, CAMILLE.0, "un autre bateau sans voile").await);
    assert!(signs_in(&house, CAMILLE.0, NEW).await);
}

#[tokio::test]
async fn the_notice_goes_everywhere_and_says_what_when_how_and_from_where() {
    // SEC-58
    use crate::account::{OWN, adds, confirmation, house, signed_in, types, with_own};
    let house = house().await;
    let mut browser = signed_in(&house).await;
    with_own(&house, &mut browser, OWN).await;
    adds(&mut browser, "mail", "deux@messagerie.example").await;
    let (_, code, _) = confirmation(house.letters.take());
    types(&mut browser, &code).await;
    // One of them is removed: it hears of a new password for a week more.
    let page = browser.get("/cas/account").await;
    let mut all = page.addresses().into_iter();
    let remove = all.find(|address| address.contains("/account/remove")).unwrap();
    let form = browser.get(&remove).await.form();
    browser.submit(&form).await;
    let left = browser.get("/cas/account").await;
    let kept = [OWN, "deux@messagerie.example"].map(|address| left.body.contains(address));
    assert_eq!(kept.iter().filter(|kept| **kept).count(), 1);
    house.letters.take();

    let told = async |password: &str| {
        house.clock.advance(Duration::from_secs(130));
        let letters = letters_for(&house, CAMILLE.0).await;
        let link = path_of(&letters[0].links()[0].1);
        let mut somebody = house.browser();
        somebody.address = IpAddr::from([203, 0, 113, 77]);
        somebody.headers.push((
            "user-agent",
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0".to_owned(),
        ));
        let form = open(&mut somebody, &link).await;
        assert_eq!(choose(&mut somebody, &form, password).await.status, 303);
        house.letters.take()
    };
    let letters = told(NEW).await;
    let mut to: Vec<&str> = letters.iter().map(|letter| letter.to.as_str()).collect();
    to.sort_unstable();
    let everywhere = ["camille.dupont@campus.example", OWN, "deux@messagerie.example"];
    assert_eq!(to, everywhere);
    for letter in &letters {
        let Notice::PasswordChanged {
            login,
            when,
            browser,
            network_prefix,
            not_me,
            ..
        } = &letter.notice
        else {
            panic!("{}", letter.notice.name());
        };
        assert_eq!(login, CAMILLE.0);
        assert_eq!(*when, house.app.ports.clock.now());
        assert!(browser.is_some() && not_me.is_some());
        assert_eq!(network_prefix.as_ref().unwrap().as_str(), "203.0.113.0/24");
    }
    house.clock.advance(Duration::from_secs(7 * 86_400));
    assert_eq!(
        told("un autre bateau sans voile").await.len(),
        2,
        "a week later the old one is not told"
    );
}
