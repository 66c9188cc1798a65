//! Passwords that get too old by the realm's rule: told ahead, then changed within the sign-in.

use std::sync::atomic::Ordering;
use std::time::Duration;

use mereau::directory::PasswordNotice;
use mereau::passwords::policy::PolicySettings;

use super::{NEW, entry, signs_in};
use crate::house::recovery::usual_recovery;
use crate::house::{APP, Browser, House, Plan, Reply, START, build, encoded, login_path};

/// Chosen 75 days before the first moment of the tests, on 4 September 2026.
const CHANGED: &str = "pwdChangedTime: 20260904110640Z\n";
const OLD: (&str, &str) = ("ancien", "camille-corbeau-7");
const DAY: Duration = Duration::from_secs(86_400);

async fn ageing(max_age_days: Option<u32>) -> House {
    build(Plan {
        one_institution: true,
        recovery: Some(usual_recovery()),
        more_people: format!("\n{}", entry(1, OLD.0, "ancien@campus.example", CHANGED)),
        passwords: PolicySettings {
            max_age_days,
            ..PolicySettings::default()
        },
        ..Plan::default()
    })
    .await
}

async fn arrives(house: &House) -> (Browser<'_>, Reply) {
    let mut browser = house.browser();
    let reply = browser.sign_in(&login_path(APP), OLD).await;
    assert_eq!(reply.status, 303, "{}", reply.body);
    (browser, reply)
}

#[tokio::test]
async fn nothing_expires_unless_the_realm_says_so() {
    // S5-09
    assert_eq!(PolicySettings::default().max_age_days, None);
    let house = ageing(None).await;
    house.clock.advance(DAY * 4000);
    let (_, reply) = arrives(&house).await;
    assert!(reply.location().starts_with(APP), "{}", reply.location());
}

#[tokio::test]
async fn from_day_76_of_90_it_is_told_once_a_day_and_the_service_opens_all_the_same() {
    // S5-09
    assert_eq!(START.to_rfc3339(), "2026-11-18T11:06:40Z");
    let house = ageing(Some(90)).await;
    let (_, reply) = arrives(&house).await;
    assert!(reply.location().starts_with(APP), "day 75: {}", reply.location());
    house.clock.advance(DAY);
    let (mut browser, reply) = arrives(&house).await;
    assert!(
        reply.location().starts_with("/cas/login/ending?"),
        "day 76: {}",
        reply.location()
    );
    let page = browser.get(reply.location()).await;
    assert_eq!(page.text_of("h1"), "Votre mot de passe expire bientôt");
    assert!(
        page.text_of(".lede").contains("encore valable 14 jours"),
        "{}",
        page.text_of(".lede")
    );
    assert!(page.text_of(".lede").contains("3 décembre 2026"));
    // Later.
    let on = page
        .addresses()
        .into_iter()
        .find(|to| to.starts_with("/cas/login?"));
    let on = on.expect("a way on");
    assert!(on.contains(&encoded(APP)));
    let arrived = browser.get(&on).await;
    assert!(arrived.location().starts_with(APP), "{}", arrived.location());
    let ticket = arrived.ticket();
    assert!(house.validate(APP, &ticket).await.contains(OLD.0));
    // Once a day, in whatever browser.
    let (_, reply) = arrives(&house).await;
    assert!(reply.location().starts_with(APP), "{}", reply.location());
    house.clock.advance(DAY + Duration::from_secs(1));
    let (_, reply) = arrives(&house).await;
    assert!(reply.location().starts_with("/cas/login/ending?"));
}

#[tokio::test]
async fn the_page_of_the_session_says_so_all_the_while() {
    // S5-09
    let house = ageing(Some(90)).await;
    house.clock.advance(DAY * 10);
    let mut browser = house.browser();
    let told = browser.sign_in("/cas/login", OLD).await;
    let page = browser.get(told.location()).await;
    let on = page.addresses().into_iter().find(|to| to == "/cas/login");
    for _ in 0..2 {
        let page = browser.get(on.as_deref().unwrap()).await;
        assert_eq!(page.text_of("h1"), "Vous êtes connecté");
        let banner = page.text_of(".notice");
        assert!(banner.contains("encore valable 5 jours"), "{banner}");
        assert!(page.addresses().contains(&"/cas/account/password".to_owned()));
    }
    let mut other = house.browser();
    other.sign_in("/cas/login", crate::house::CAMILLE).await;
    assert_eq!(other.get("/cas/login").await.text_of(".notice"), "");
}

#[tokio::test]
async fn it_can_be_changed_at_once_and_the_way_goes_on_to_the_service() {
    // S5-09, S5-10
    let house = ageing(Some(90)).await;
    house.clock.advance(DAY * 2);
    let (mut browser, reply) = arrives(&house).await;
    let page = browser.get(reply.location()).await;
    let change = page
        .addresses()
        .into_iter()
        .find(|to| to.contains("/login/change?"));
    let form = browser.get(&change.expect("a way to change it")).await;
    assert_eq!(form.status, 200, "{}", form.body);
    let done = browser.submit(&form.form().with("new", NEW)).await;
    assert!(done.location().starts_with(APP), "{}", done.location());
    assert!(house.validate(APP, &done.ticket()).await.contains(OLD.0));
    // It counts from now.
    house.clock.advance(DAY * 75);
    assert!(signs_in(&house, OLD.0, NEW).await);
    let mut browser = house.browser();
    let reply = browser.sign_in(&login_path(APP), (OLD.0, NEW)).await;
    assert!(reply.location().starts_with(APP), "{}", reply.location());
}

#[tokio::test]
async fn on_day_90_it_must_be_changed_and_nobody_is_locked_out_of_doing_so() {
    // S5-09, S5-10
    let house = ageing(Some(90)).await;
    house.clock.advance(DAY * 14);
    let (_, reply) = arrives(&house).await;
    assert!(reply.location().starts_with("/cas/login/ending?"), "day 89");
    house.clock.advance(DAY);
    let (mut browser, reply) = arrives(&house).await;
    assert!(
        reply.location().starts_with("/cas/login/change?"),
        "day 90: {}",
        reply.location()
    );
    assert!(browser.tgc("campus").is_none(), "nothing is opened with it");
    let page = browser.get(reply.location()).await;
    assert!(page.text_of(".lede").contains("a expiré"));
    // Years later, too.
    house.clock.advance(DAY * 1000);
    let (mut late, reply) = arrives(&house).await;
    let page = late.get(reply.location()).await;
    let weak = late.submit(&page.form().with("new", "court")).await;
    let done = late.submit(&weak.form().with("new", NEW)).await;
    assert!(done.location().starts_with(APP), "{}", done.location());
    assert!(signs_in(&house, OLD.0, NEW).await);
}

#[tokio::test]
async fn a_sign_in_that_a_service_wants_anew_is_not_held_up() {
    // S5-09, CAS-46
    let house = ageing(Some(90)).await;
    house.clock.advance(DAY * 5);
    let mut browser = house.browser();
    let path = format!("{}&renew=true", login_path(APP));
    let reply = browser.sign_in(&path, OLD).await;
    assert!(reply.location().starts_with(APP), "{}", reply.location());
}

#[tokio::test]
async fn what_the_directory_announces_is_told_where_the_realm_has_no_rule() {
    // S5-09
    let house = ageing(None).await;
    *house.campus.says.lock().unwrap() = Some(PasswordNotice::ExpiresInSeconds(3 * 86_400));
    let (mut browser, reply) = arrives(&house).await;
    assert!(
        reply.location().starts_with("/cas/login/ending?"),
        "{}",
        reply.location()
    );
    let page = browser.get(reply.location()).await;
    assert!(page.text_of(".lede").contains("encore valable 3 jours"));
    assert!(page.addresses().iter().any(|to| to.contains("/login/change?")));
}

#[tokio::test]
async fn a_primary_that_does_not_answer_holds_nobody_up() {
    // S5-09, F-19
    let house = ageing(Some(90)).await;
    house.clock.advance(DAY * 3);
    *house.campus.says.lock().unwrap() = None;
    house.campus.primary_down.store(true, Ordering::SeqCst);
    let (mut browser, reply) = arrives(&house).await;
    let page = browser.get(reply.location()).await;
    assert!(
        page.body.contains("ne peut pas être changé en ce moment"),
        "{}",
        page.body
    );
    let on = page
        .addresses()
        .into_iter()
        .find(|to| to.starts_with("/cas/login?"));
    let arrived = browser.get(&on.expect("a way on")).await;
    assert!(arrived.location().starts_with(APP), "{}", arrived.location());
}

#[tokio::test]
async fn who_takes_over_from_somebody_else_is_told_as_well() {
    // S5-09, CAS-76
    let house = ageing(Some(90)).await;
    house.clock.advance(DAY);
    let mut browser = house.browser();
    browser.sign_in("/cas/login", crate::house::CAMILLE).await;
    let switched = format!("{}&switch=true", login_path(APP));
    let reply = browser.sign_in(&switched, OLD).await;
    let page = browser.get(reply.location()).await;
    assert_eq!(
        page.text_of("h1"),
        "Votre mot de passe expire bientôt",
        "{}",
        page.body
    );
}
