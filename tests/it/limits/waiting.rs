//! A directory that is crowded: the form comes back with the login and without the password, and its
//! script can ask for room before it sends one.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use mereau::audit::Event;
use mereau::directory::Room;
use scraper::{Html, Selector};

use crate::house::{APP, CAMILLE, House, Reply, campus, house, login_path};

/// An attribute of the sign-in form; `None` without the form or the attribute.
fn of_form(reply: &Reply, name: &str) -> Option<String> {
    let page = Html::parse_document(&reply.body);
    let form = page.select(&Selector::parse("#sign-in").unwrap()).next()?;
    form.value().attr(name).map(str::to_owned)
}

async fn wait_told(house: &House, path: &str) -> u64 {
    let reply = house.browser().get(path).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), "application/json");
    let told: serde_json::Value = serde_json::from_str(&reply.body).unwrap();
    told["wait"].as_u64().unwrap()
}

#[tokio::test]
async fn a_crowded_directory_gives_the_form_back_with_the_login_and_counts_no_try() {
    // F-13, T-59
    let house = campus().await;
    *house.campus.room.lock().unwrap() = Room::Scarce;
    let mut browser = house.browser();
    let mut told = BTreeSet::new();
    for _ in 0..40 {
        let reply = browser.sign_in(&login_path(APP), CAMILLE).await;
        assert!(reply.status == 503 && reply.comes_back_in(2..=5));
        told.insert(reply.header("retry-after").to_owned());
        let form = reply.form();
        assert_eq!(form.value("username"), Some(CAMILLE.0));
        assert_eq!(form.value("service"), Some(APP));
        assert!(!reply.body.contains(CAMILLE.1), "the password came back");
        let said = reply.text_of("[role=alert]");
        assert!(said.contains("Beaucoup de monde"), "{said}");
        assert!(
            said.contains(&format!("{} secondes", reply.header("retry-after"))),
            "{said}"
        );
    }
    assert!(told.len() > 1, "everybody would come back at the same moment");
    *house.campus.room.lock().unwrap() = Room::Ample;
    let reply = browser.sign_in(&login_path(APP), CAMILLE).await;
    assert_eq!(
        reply.status, 303,
        "forty of them would have been a pause of a quarter of an hour"
    );
    let written = house.audit.take();
    assert!(written.iter().all(|record| record.event != Event::SignInRefused));
}

#[tokio::test]
async fn the_form_that_comes_back_can_be_sent_as_it_is() {
    // CAS-69
    let house = campus().await;
    *house.campus.room.lock().unwrap() = Room::Scarce;
    let mut browser = house.browser();
    let form = browser.sign_in(&login_path(APP), CAMILLE).await.form();
    *house.campus.room.lock().unwrap() = Room::Ample;
    let reply = browser.submit(&form.with("password", CAMILLE.1)).await;
    assert_eq!(reply.status, 303);
    assert!(!reply.ticket().is_empty());
}

#[tokio::test]
async fn the_script_of_a_form_can_ask_for_room_and_nobody_is_asked_for_it() {
    // F-13
    let house = house().await;
    let page = house.browser().get("/cas/login?tenant=campus").await;
    let room = of_form(&page, "data-room").unwrap();
    assert_eq!(room, "/cas/login/room?tenant=campus");
    assert_eq!(of_form(&page, "data-crowded"), None);
    assert_eq!(wait_told(&house, &room).await, 0);

    *house.campus.room.lock().unwrap() = Room::Scarce;
    let page = house.browser().get("/cas/login?tenant=campus").await;
    assert!(of_form(&page, "data-crowded").is_some());
    let (calls, searches) = (house.store.calls(), house.campus.searches.load(Ordering::SeqCst));
    let mut told = BTreeSet::new();
    for _ in 0..100 {
        told.insert(wait_told(&house, &room).await);
    }
    assert_eq!(told, (2..=5).collect());
    for other in [
        "/cas/login/room?tenant=lycee",
        "/cas/t/lycee/login/room",
        "/cas/login/room?tenant=nobody",
        "/cas/login/room",
    ] {
        assert_eq!(wait_told(&house, other).await, 0, "{other}");
    }
    assert!((2..=5).contains(&wait_told(&house, "/cas/t/campus/login/room").await));
    assert_eq!(house.store.calls(), calls, "the store was asked");
    assert_eq!(house.campus.searches.load(Ordering::SeqCst), searches);
}

#[tokio::test]
async fn at_the_door_of_a_full_directory_nobody_is_asked() {
    // F-13
    let house = campus().await;
    let mut browser = house.browser();
    let form = browser.get("/cas/login").await.form();
    let form = form.with("username", CAMILLE.0).with("password", CAMILLE.1);
    *house.campus.room.lock().unwrap() = Room::None;
    let reply = browser.submit(&form).await;
    assert!(reply.status == 503 && reply.comes_back_in(2..=5));
    assert_eq!(reply.form().value("username"), Some(CAMILLE.0));
    assert_eq!(house.campus.searches.load(Ordering::SeqCst), 0);
    assert_eq!(house.app.ports.rooms.turned_away(), 1);
    *house.campus.room.lock().unwrap() = Room::Ample;
    let again = reply.form().with("password", CAMILLE.1);
    assert_eq!(browser.submit(&again).await.status, 303);
}

#[tokio::test]
async fn who_is_told_at_the_door_can_send_the_same_form_again_and_the_store_was_not_asked() {
    // CAS-69, F-13
    let house = campus().await;
    let mut browser = house.browser();
    let form = browser.get(&login_path(APP)).await.form();
    let form = form.with("username", CAMILLE.0).with("password", CAMILLE.1);
    *house.campus.room.lock().unwrap() = Room::None;
    let calls = house.store.calls();
    assert_eq!(browser.submit(&form).await.status, 503);
    assert_eq!(house.store.calls(), calls);
    *house.campus.room.lock().unwrap() = Room::Ample;
    let reply = browser.submit(&form).await;
    assert!(reply.status == 303 && !reply.ticket().is_empty());
}
