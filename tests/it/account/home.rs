//! The page itself: who sees it, what it shows, sessions.

use std::time::Duration;

use mereau::tickets::limits::SESSIONS_BEFORE_A_CUT;

use super::{STALE, house, signed_in};
use crate::house::{APP, CAMILLE};

#[tokio::test]
async fn who_is_not_signed_in_signs_in_first_and_comes_back() {
    let house = house().await;
    let mut browser = house.browser();
    let away = browser.get("/cas/account").await;
    assert_eq!(away.status, 303);
    let form = browser.get(away.location()).await.form();
    let form = form.with("username", CAMILLE.0).with("password", CAMILLE.1);
    let back = browser.submit(&form).await;
    assert_eq!(back.location(), "/cas/account");
    let page = browser.get("/cas/account").await;
    assert_eq!(page.text_of("h1"), "Mon compte");
    assert!(page.body.contains("camille.dupont@campus.example"));
    let signed_in = browser.get("/cas/login").await;
    assert!(signed_in.addresses().contains(&"/cas/account".to_owned()));
}

#[tokio::test]
async fn the_page_tells_the_latest_events_and_the_applications_of_the_session() {
    // S3-03
    let house = house().await;
    let mut browser = signed_in(&house).await;
    let ticket = browser.ticket_for(APP).await;
    house.validate(APP, &ticket).await;
    let mut page = browser.get("/cas/account").await;
    // The list is written in the background.
    for _ in 0..1000 {
        if page.body.contains("Événements récents") {
            break;
        }
        tokio::task::yield_now().await;
        page = browser.get("/cas/account").await;
    }
    assert!(page.body.contains("Événements récents"));
    assert!(page.body.contains("Connexion"));
    assert!(page.body.contains("Service app"));
}

#[tokio::test]
async fn other_sessions_are_ended_one_by_one_or_together_and_never_those_of_others() {
    // SEC-54, SEC-88
    let house = house().await;
    let mut here = signed_in(&house).await;
    let mut one = signed_in(&house).await;
    let mut two = signed_in(&house).await;
    let mut stranger = house.browser();
    stranger.sign_in("/cas/login", crate::house::AMINE).await;
    let page = here.get("/cas/account").await;
    assert!(page.body.contains("Cet appareil"));
    let own = page.form().with("session", "others");
    // Somebody else's form ends nothing here.
    let form = stranger.get("/cas/account/password").await.form();
    let value = page.body.split("name=\"session\" value=\"").nth(1).unwrap();
    let id = value.split('"').next().unwrap().to_owned();
    let foreign = crate::house::recovery::form_to(
        "/cas/account/end",
        &[("lt", form.value("lt").unwrap()), ("session", &id)],
    );
    assert_eq!(stranger.submit(&foreign).await.status, 410);
    let lt = own.value("lt").unwrap().to_owned();
    let end = |session: &str| {
        crate::house::recovery::form_to("/cas/account/end", &[("lt", &lt), ("session", session)])
    };
    assert_eq!(here.submit(&end(&id)).await.status, 303);
    let left = [
        one.get("/cas/login").await.has_form(),
        two.get("/cas/login").await.has_form(),
    ];
    assert_eq!(left.iter().filter(|ended| **ended).count(), 1);
    assert_eq!(here.submit(&end("others")).await.status, 303);
    assert!(one.get("/cas/login").await.has_form() && two.get("/cas/login").await.has_form());
    assert!(!here.get("/cas/login").await.has_form());
    assert!(!stranger.get("/cas/login").await.has_form());
    let without = crate::house::recovery::form_to("/cas/account/end", &[("session", "others")]);
    assert_eq!(here.submit(&without).await.status, 400, "a form that is not ours");
}

#[tokio::test]
async fn of_more_sessions_than_anybody_can_list_all_others_end_and_this_one_with_them() {
    // SEC-54
    let house = house().await;
    let mut hidden = signed_in(&house).await;
    house.clock.advance(Duration::from_secs(1));
    for _ in 1..SESSIONS_BEFORE_A_CUT {
        signed_in(&house).await;
    }
    let mut here = signed_in(&house).await;
    let page = here.get("/cas/account").await;
    assert!(!hidden.get("/cas/login").await.has_form());
    let all = page.form().with("session", "others");
    assert_eq!(here.submit(&all).await.status, 303);
    assert!(hidden.get("/cas/login").await.has_form() && here.get("/cas/login").await.has_form());
}

#[tokio::test]
async fn a_change_wants_the_password_again_after_five_minutes_and_counts_each_try() {
    // S2-01, SEC-62
    let house = house().await;
    let mut browser = signed_in(&house).await;
    assert_eq!(browser.get("/cas/account/address?kind=mail").await.status, 200);
    house.clock.advance(STALE);
    let asked = browser.get("/cas/account/address?kind=mail").await;
    assert_eq!(asked.status, 303);
    let to = asked.location().to_owned();
    for _ in 0..5 {
        let form = browser.get(&to).await.form();
        let refused = browser.submit(&form.with("password", "non")).await;
        assert_eq!(refused.status, 401);
    }
    let form = browser.get(&to).await.form();
    assert_eq!(browser.submit(&form.with("password", "non")).await.status, 401);
    let form = browser.get(&to).await.form();
    let throttled = browser.submit(&form.with("password", CAMILLE.1)).await;
    assert_eq!(throttled.status, 429, "right, and too soon");
    house.clock.advance(Duration::from_secs(5));
    let form = browser.get(&to).await.form();
    let proved = browser.submit(&form.with("password", CAMILLE.1)).await;
    assert_eq!(proved.location(), "/cas/account/address?kind=mail");
    assert_eq!(browser.get(proved.location()).await.status, 200);
    // The proof is of this session: another one's browser has no use for it.
    let proof = browser.cookies.get("__Secure-proof-campus").unwrap().clone();
    let mut other = signed_in(&house).await;
    house.clock.advance(STALE - std::time::Duration::from_secs(10));
    other.cookies.insert("__Secure-proof-campus".to_owned(), proof);
    house.clock.advance(std::time::Duration::from_secs(10));
    assert_eq!(other.get("/cas/account/address?kind=mail").await.status, 303);
    house.clock.advance(STALE);
    assert_eq!(
        browser.get("/cas/account/address?kind=mail").await.status,
        303,
        "it ends"
    );
}

#[tokio::test]
async fn where_nothing_can_be_written_the_page_says_whom_to_ask() {
    let house = crate::house::campus().await;
    let mut browser = signed_in(&house).await;
    let page = browser.get("/cas/account").await;
    assert!(page.body.contains("ne se change pas ici"));
    assert!(!page.body.contains("/cas/account/password"));
    assert_eq!(
        browser.get("/cas/account/password").await.location(),
        "/cas/account"
    );
    assert_eq!(
        browser.get("/cas/account/address").await.location(),
        "/cas/account"
    );
}
