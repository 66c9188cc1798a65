//! One’s own data as a file.

use super::{OWN, STALE, adds, house, signed_in};
use crate::house::{AMINE, APP, CAMILLE};

#[tokio::test]
async fn what_is_held_about_a_person_is_theirs_to_take_and_opens_nothing() {
    // experience §3.10
    let house = house().await;
    let mut browser = signed_in(&house).await;
    adds(&mut browser, "mail", OWN).await;
    let ticket = browser.ticket_for(APP).await;
    house.validate(APP, &ticket).await;
    let page = browser.get("/cas/account").await;
    assert!(page.addresses().contains(&"/cas/account/data".to_owned()));
    let reply = browser.get("/cas/account/data").await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(
        reply.header("content-disposition"),
        "attachment; filename=\"mereau.json\""
    );
    assert_eq!(reply.header("cache-control"), "no-store");
    let held: serde_json::Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!(held["login"], CAMILLE.0);
    assert_eq!(held["directory"]["mail"][0], "camille.dupont@campus.example");
    let own = held["recovery"].as_array().unwrap().iter();
    let own: Vec<_> = own.filter(|address| address["value"] == OWN).collect();
    assert_eq!(own[0]["state"], "unverified");
    assert_eq!(held["connections"][0]["services"][0], "app");
    let tgt = browser.tgc("campus").unwrap();
    for secret in [CAMILLE.1, tgt, &ticket, "userPassword", "{SSHA}"] {
        assert!(!reply.body.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn it_is_given_to_its_person_alone_who_has_just_proved_to_be_it() {
    // SEC-88
    let house = house().await;
    let away = house.browser().get("/cas/account/data").await;
    assert!(away.location().starts_with("/cas/login?next=account"));
    let mut browser = signed_in(&house).await;
    house.clock.advance(STALE);
    let away = browser.get("/cas/account/data").await;
    assert_eq!(away.location(), "/cas/account/prove?then=data");
    let form = browser.get(away.location()).await.form();
    let wrong = browser.submit(&form.clone().with("password", "not it")).await;
    assert_eq!(wrong.status, 401);
    let on = browser.submit(&form.with("password", CAMILLE.1)).await;
    assert_eq!(on.location(), "/cas/account/data");
    let held = browser.get(on.location()).await.body;
    assert!(held.contains(CAMILLE.0) && !held.contains(AMINE.0));
}
