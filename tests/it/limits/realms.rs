//! One realm's crowd, or its directory that hangs, takes nobody else's place.

use std::pin::pin;
use std::sync::atomic::Ordering;

use futures_util::poll;

use crate::house::{AMINE, CAMILLE, Plan, build};

#[tokio::test]
async fn while_one_directory_hangs_its_realm_is_turned_away_and_another_goes_on() {
    // F-13
    let house = build(Plan {
        realm_places: 1,
        ..Plan::default()
    })
    .await;
    house.campus.held.store(true, Ordering::SeqCst);
    let mut first = house.browser();
    let mut hanging = pin!(first.sign_in("/cas/t/campus/login", CAMILLE));
    while house.campus.searches.load(Ordering::SeqCst) == 0 {
        assert!(poll!(&mut hanging).is_pending());
        tokio::task::yield_now().await;
    }
    let turned_away = house.browser().sign_in("/cas/t/campus/login", AMINE).await;
    assert!(turned_away.status == 503 && turned_away.comes_back_in(2..=5));
    assert!(turned_away.text_of("[role=alert]").contains("Beaucoup de monde"));
    assert_eq!(turned_away.form().value("username"), Some(AMINE.0));
    let room = house.browser().get("/cas/t/campus/login/room").await;
    assert_ne!(room.body, r#"{"wait":0}"#);

    let elsewhere = house.browser().sign_in("/cas/t/lycee/login", CAMILLE).await;
    assert_eq!(
        elsewhere.status, 303,
        "another realm waits for the one that hangs"
    );
    assert_eq!(house.browser().get("/cas/t/campus/login").await.status, 200);
    assert!(poll!(&mut hanging).is_pending());
    assert_eq!(house.app.ports.rooms.turned_away(), 1);

    house.campus.go_on.notify_one();
    assert_eq!(hanging.await.status, 303);
    assert_eq!(
        house.browser().sign_in("/cas/t/campus/login", AMINE).await.status,
        303
    );
}
