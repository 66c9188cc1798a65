//! The server's own CAPTCHA on the form that asks for a link: read, heard or computed; wrong or too late,
//! it is told as what it is, and nothing that was typed is lost.

use std::time::Duration;

use mereau::guard::captcha::{LIFETIME, Work};
use mereau::realms::CaptchaRule;

use super::super::house::{Browser, CAMILLE, House, Plan, Reply, build};
use crate::house::recovery::usual_recovery;
use crate::reply::Form;

async fn asking(proof_of_work: bool) -> House {
    build(Plan {
        one_institution: true,
        recovery: Some(usual_recovery()),
        own_captcha: true,
        adjust: match proof_of_work {
            true => |realm| {
                realm.captcha = CaptchaRule {
                    proof_of_work: true,
                    ..CaptchaRule::default()
                }
            },
            false => |_| {},
        },
        ..Plan::default()
    })
    .await
}

/// The form with an identifier and an answer.
fn answered(page: &Reply, answer: &str) -> Form {
    let form = page.form().without("captcha-other");
    form.with("identifier", CAMILLE.0).with("captcha-answer", answer)
}

/// Symbols and digits, as only the server can tell them.
fn right(house: &House, page: &Reply) -> (String, String) {
    let id = page.form().value("captcha").unwrap().to_owned();
    house.app.ports.captcha.reveal(&id).unwrap()
}

/// The form is there again, for another challenge, with what was typed.
fn is_asked_again(page: &Reply, before: &Reply) {
    let (now, then) = (page.form(), before.form());
    assert_eq!(now.value("identifier"), Some(CAMILLE.0), "{}", page.body);
    assert_ne!(now.value("captcha"), then.value("captcha"));
    assert_ne!(now.value("lt"), then.value("lt"), "and a fresh proof of the form");
    assert_eq!(
        now.value("captcha-answer"),
        Some(""),
        "the old answer is not kept"
    );
}

async fn loads(browser: &mut Browser<'_>, page: &Reply, what: &str) -> bool {
    let address = page.addresses().into_iter().find(|one| one.ends_with(what));
    let reply = browser.head(&address.expect(what)).await;
    reply.status == 200
}

#[tokio::test]
async fn the_picture_and_the_sound_of_the_form_are_there_and_either_answer_asks_for_the_link() {
    // S5-04, SEC-67, SEC-68
    let house = asking(false).await;
    for by_ear in [false, true] {
        let mut browser = house.browser();
        let page = browser.get("/cas/recover").await;
        assert!(loads(&mut browser, &page, "/picture").await);
        assert!(loads(&mut browser, &page, "/sound").await);
        assert!(page.body.contains("<audio controls"));
        assert!(
            page.body.contains("name=\"captcha-other\""),
            "another may be asked for"
        );
        let (symbols, digits) = right(&house, &page);
        let answer = if by_ear { digits } else { symbols.to_lowercase() };
        let reply = browser.submit(&answered(&page, &answer)).await;
        assert_eq!(reply.status, 303, "{}", reply.body);
        assert!(reply.location().starts_with("/cas/recover/sent?"));
    }
    assert_eq!(house.work().await, 2);
}

#[tokio::test]
async fn a_wrong_answer_is_told_as_wrong_and_the_next_challenge_may_be_right() {
    // S5-04, SEC-65, SEC-66
    let house = asking(false).await;
    let mut browser = house.browser();
    let page = browser.get("/cas/recover").await;
    let again = browser.submit(&answered(&page, "AAAAAA")).await;
    assert_eq!(again.status, 400);
    assert!(
        again
            .text_of(".problem")
            .contains("La réponse ne correspond pas.")
    );
    is_asked_again(&again, &page);
    let (symbols, _) = right(&house, &again);
    assert_eq!(browser.submit(&answered(&again, &symbols)).await.status, 303);
    assert_eq!(house.work().await, 1);
}

#[tokio::test]
async fn a_challenge_that_expired_or_was_used_is_not_told_as_a_wrong_answer() {
    // S5-04, SEC-65, SEC-66
    let house = asking(false).await;
    let mut browser = house.browser();
    let page = browser.get("/cas/recover").await;
    let (symbols, _) = right(&house, &page);
    house.clock.advance(LIFETIME + Duration::from_secs(1));
    let late = browser.submit(&answered(&page, &symbols)).await;
    assert_eq!(late.status, 400);
    let told = late.text_of(".problem");
    assert!(told.contains("avait expiré ou déjà servi"), "{told}");
    assert!(!told.contains("ne correspond pas"), "{told}");
    is_asked_again(&late, &page);
    // Used: the same form a second time.
    let (symbols, _) = right(&house, &late);
    let form = answered(&late, &symbols);
    assert_eq!(browser.submit(&form).await.status, 303);
    let twice = browser.submit(&form).await;
    assert_eq!(twice.status, 400);
    assert!(twice.text_of(".problem").contains("avait expiré ou déjà servi"));
    is_asked_again(&twice, &late);
    assert_eq!(house.work().await, 1, "one right answer is one request");
}

#[tokio::test]
async fn another_challenge_is_given_for_the_asking_and_judges_nothing() {
    // S5-04, SEC-66
    let house = asking(false).await;
    let mut browser = house.browser();
    let page = browser.get("/cas/recover").await;
    let form = page.form().with("identifier", CAMILLE.0);
    let other = browser.submit(&form.with("captcha-other", "true")).await;
    assert_eq!(other.status, 200);
    assert_eq!(other.text_of(".problem"), "", "nothing is wrong");
    is_asked_again(&other, &page);
    assert_eq!(house.work().await, 0);
}

#[tokio::test]
async fn what_a_browser_computes_passes_where_the_realm_allows_it() {
    // S5-04, SEC-69
    let house = asking(true).await;
    let mut browser = house.browser();
    let page = browser.get("/cas/recover").await;
    let number = computed(&page);
    let form = answered(&page, "").with("captcha-work", &number);
    assert_eq!(browser.submit(&form).await.status, 303);
    // Not where it does not.
    let strict = asking(false).await;
    let mut browser = strict.browser();
    let page = browser.get("/cas/recover").await;
    let form = answered(&page, "").with("captcha-work", &number);
    assert_eq!(browser.submit(&form).await.status, 400);
}

/// As `captcha.js` finds it.
fn computed(page: &Reply) -> String {
    let of = |name: &str| {
        let (_, rest) = page.body.split_once(&format!("data-{name}=\"")).expect(name);
        rest.split('"').next().unwrap().to_owned()
    };
    let work = Work {
        salt: of("salt"),
        bits: of("bits").parse().unwrap(),
    };
    let mut numbers = (0..100_000_000u32).map(|number| number.to_string());
    numbers.find(|number| work.is_done(number)).unwrap()
}
