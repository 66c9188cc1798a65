//! A directory that has been down for a while, as everybody sees it: decided by its health probes, never
//! by the look-up of who asks, and said before anything is typed.

use std::sync::atomic::Ordering;
use std::time::Duration;

use mereau::directory::Outage;
use mereau::tickets::{Lane, Requests};

use super::cohorts::masked;
use super::{NEW, asks, choose, link_for, open, recovering, signs_in};
use crate::account::signed_in;
use crate::house::{AMINE, CAMILLE, House, Reply};

const OMAR: (&str, &str) = ("omar.diallo", "omar-saphir-18");

fn out(house: &House, reading: Option<u64>, writing: Option<u64>) {
    *house.campus.outage.lock().unwrap() = Outage {
        reading: reading.map(Duration::from_secs),
        writing: writing.map(Duration::from_secs),
    };
}

async fn waiting(house: &House) -> usize {
    house.store.depth(Lane::Recovery).await.unwrap()
}

fn told(reply: &Reply) -> (String, String) {
    assert_eq!(reply.status, 503, "{}", reply.body);
    assert!(reply.comes_back_in(20..=40));
    (reply.text_of(".problem"), masked(&reply.body))
}

#[tokio::test]
async fn an_outage_of_a_minute_closes_the_form_for_everybody_alike() {
    // SEC-08, SEC-06
    let house = recovering().await;
    house.humans.asked.store(true, Ordering::SeqCst);
    let names = [CAMILLE.0, "nobody.at.all12"];
    for (reading, writing) in [(Some(60), Some(3600)), (None, Some(60)), (Some(60), None)] {
        out(&house, None, None);
        let mut browsers = Vec::new();
        for name in names {
            let mut browser = house.browser();
            let form = browser.get("/cas/recover").await.form();
            let form = form
                .with("identifier", name)
                .without("captcha-other")
                .with("captcha-answer", "human");
            browsers.push((browser, form, name));
        }
        out(&house, reading, writing);
        let mut bodies = Vec::new();
        for (browser, form, name) in &mut browsers {
            let refused = browser.submit(form).await;
            let (problem, body) = told(&refused);
            assert!(problem.contains("aucun message ne peut partir"), "{problem}");
            assert_eq!(
                refused.form().value("identifier"),
                Some(*name),
                "what was typed is kept"
            );
            bodies.push(body.replace(*name, "*"));
            // Before anything is typed, too.
            told(&browser.get("/cas/recover").await);
        }
        assert_eq!(bodies[0], bodies[1]);
        assert_eq!(waiting(&house).await, 0);
        out(&house, None, None);
        // The challenge that was answered is still good.
        let (browser, form, _) = &mut browsers[0];
        assert_eq!(browser.submit(form).await.status, 303);
        house.work().await;
    }
    assert_eq!(house.campus.binds.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn the_probe_decides_and_a_short_outage_is_waited_through() {
    // SEC-08, SEC-02
    let house = recovering().await;
    let searches = || house.campus.searches.load(Ordering::SeqCst);
    out(&house, Some(59), Some(59));
    house.campus.down.store(true, Ordering::SeqCst);
    for name in [CAMILLE.0, "nobody.at.all12"] {
        assert_eq!(asks(&mut house.browser(), name).await.status, 303, "{name}");
    }
    assert_eq!(waiting(&house).await, 2);
    assert_eq!(searches(), 0, "nobody was looked up");
    house.campus.down.store(false, Ordering::SeqCst);
    // It answers, and its probe has not found out yet: still no look-up decides.
    out(&house, Some(61), Some(61));
    for path in ["/cas/recover", "/cas/recover/username"] {
        told(&house.browser().get(path).await);
    }
    assert_eq!(searches(), 0);
    // Identifiers are sent without the server that writes.
    out(&house, None, Some(3600));
    assert_eq!(house.browser().get("/cas/recover/username").await.status, 200);
    told(&house.browser().get("/cas/recover").await);
}

#[tokio::test]
async fn asking_again_during_an_outage_comes_back_to_the_page_that_waits() {
    // SEC-08, SX-03
    let house = recovering().await;
    let mut browser = house.browser();
    let sent = asks(&mut browser, CAMILLE.0).await;
    let page = browser.get(sent.location()).await;
    house.work().await;
    house.clock.advance(Duration::from_secs(121));
    out(&house, Some(60), None);
    let form = crate::house::recovery::form_to(
        "/cas/recover/again",
        &[
            ("lt", page.form().value("lt").unwrap()),
            ("flow", &sent.location_flow()),
        ],
    );
    let refused = browser.submit(&form).await;
    assert_eq!(refused.status, 503);
    assert!(refused.body.contains("/cas/recover/sent?"), "{}", refused.body);
    out(&house, None, None);
    assert_eq!(browser.submit(&form).await.status, 303);
    assert_eq!(house.work().await, 1, "asked once");
}

#[tokio::test]
async fn without_the_primary_every_page_for_a_new_password_says_so_before_anything_is_typed() {
    // F-19
    let house = recovering().await;
    let mut forced = house.browser();
    let to = forced.sign_in("/cas/login", OMAR).await.location().to_owned();
    let mut own = signed_in(&house).await;
    let link = link_for(&house, CAMILLE.0).await;
    out(&house, None, Some(1));

    let mut browser = house.browser();
    let page = open(&mut browser, &link).await;
    let (problem, _) = told(&page);
    assert!(problem.contains("n’enregistre aucun mot de passe"), "{problem}");
    assert!(problem.contains("votre lien reste valable"), "{problem}");
    for page in [forced.get(&to).await, own.get("/cas/account/password").await] {
        let (problem, _) = told(&page);
        assert!(problem.contains("n’enregistre aucun mot de passe"), "{problem}");
        assert!(!problem.contains("lien"), "{problem}");
    }
    assert!(signs_in(&house, AMINE.0, AMINE.1).await, "people sign in");

    // Who typed one before it went down loses nothing: neither spent nor claimed.
    house.campus.primary_down.store(true, Ordering::SeqCst);
    for _ in 0..2 {
        let typed = choose(&mut browser, &page, NEW).await;
        assert_eq!(typed.status, 503);
        assert!(
            typed.text_of(".problem").contains("rien n’a été changé"),
            "{}",
            typed.body
        );
    }
    assert_eq!(house.campus.writes.load(Ordering::SeqCst), 0);
    house.campus.primary_down.store(false, Ordering::SeqCst);
    out(&house, None, None);
    let again = open(&mut house.browser(), &link).await;
    assert_eq!(again.status, 200);
    let saved = choose(&mut browser, &page, NEW).await;
    assert_eq!(saved.status, 303, "{}", saved.text_of("main"));
    assert!(signs_in(&house, CAMILLE.0, NEW).await);
}

#[tokio::test]
async fn every_node_is_told_to_ask_the_primary_for_five_minutes_after_a_new_password() {
    // F-18
    use mereau::base::names::AccountId;
    use mereau::directory::ldap::{ServiceAccount, WriteMethod, WriteSettings};
    use mereau::tickets::Marks;
    let account = ServiceAccount {
        dn: "cn=writer".to_owned(),
        password: mereau::base::secret::Secret::new("x".to_owned()),
    };
    let usual = WriteSettings::new(&["ldap://127.0.0.1"], WriteMethod::Exop, account).pin;
    assert_eq!(usual, Duration::from_secs(300));
    let house = recovering().await;
    *house.campus.pinned.lock().unwrap() = usual;
    let link = link_for(&house, CAMILLE.0).await;
    let mut browser = house.browser();
    let page = open(&mut browser, &link).await;
    assert_eq!(choose(&mut browser, &page, NEW).await.status, 303);
    let login = mereau::base::names::Username::typed(CAMILLE.0).unwrap();
    let found = mereau::directory::Directory::find(&*house.campus, &login)
        .await
        .unwrap();
    let mereau::directory::Found::One(person) = found else {
        panic!("nobody")
    };
    let account = AccountId {
        realm: mereau::base::names::RealmId::new("campus").unwrap(),
        person: person.key,
    };
    house.clock.advance(Duration::from_secs(299));
    assert!(Marks::of(&*house.store, &account).await.unwrap().pinned);
    house.clock.advance(Duration::from_secs(2));
    assert!(!Marks::of(&*house.store, &account).await.unwrap().pinned);
}
