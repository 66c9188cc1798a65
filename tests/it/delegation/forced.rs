//! An institution's own server as its only way in, and what applications may demand: renew, gateway.

use mereau::realms::{Delegation, Position};

use super::{APP, Trip, for_app, no, sso, through, with, world, yes};
use crate::house::{House, encoded};

fn only() -> Delegation {
    Delegation {
        position: Position::Only,
        ..sso()
    }
}

fn login(more: &str) -> String {
    format!("/cas/login?tenant=campus&service={}{more}", encoded(APP))
}

#[tokio::test]
async fn the_only_way_in_is_gone_without_asking_but_not_round_and_round() {
    // S2-03, S2-04
    let world = world(vec![only()]).await;
    world.say(&yes("camille.dupont", ""));
    let mut browser = world.house.browser();
    let ticket = through(&mut browser, &login("")).await.ticket();
    assert!(
        world
            .house
            .validate(APP, &ticket)
            .await
            .contains("<cas:user>camille.dupont<")
    );
    let mut lost = world.house.browser();
    for _ in 0..3 {
        Trip::of(&lost.get(&login("")).await);
    }
    let page = lost.get(&login("")).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Connexion avec SSO CAS") && !page.has_form());
    let two = Delegation {
        upstream: mereau::base::names::UpstreamId::new("other").unwrap(),
        ..sso()
    };
    world.trust(vec![only(), two], std::time::Duration::from_secs(60));
    let page = world.house.browser().get(&login("")).await;
    assert_eq!(page.status, 200, "two ways in: the person says which");
    assert!(page.body.contains("/login/with/other") && !page.has_form());
}

#[tokio::test]
async fn renew_is_asked_of_the_other_server_and_confirmed_by_it() {
    // CAS-20, CAS-77, CAS-150, CAS-159
    let world = world(vec![sso()]).await;
    world.say(&yes("camille.dupont", ""));
    let mut browser = world.house.browser();
    let trip = Trip::of(
        &browser
            .get(&with(&format!("&renew=true&service={}", encoded(APP))))
            .await,
    );
    assert!(
        trip.there
            .query_pairs()
            .any(|(name, value)| name == "renew" && value == "true")
    );
    let ticket = browser.get(&trip.path("&ticket=ST-1")).await.ticket();
    assert!(world.upstream.seen()[0].contains("&renew=true HTTP"));
    assert!(
        renewed(&world.house, &ticket)
            .await
            .contains("authenticationSuccess")
    );
    let ticket = through(&mut world.house.browser(), &for_app()).await.ticket();
    assert!(
        renewed(&world.house, &ticket).await.contains("INVALID_TICKET"),
        "the other server had a session: nobody presented anything"
    );
    world.say(&yes(
        "camille.dupont",
        "<cas:isFromNewLogin>true</cas:isFromNewLogin>",
    ));
    let ticket = through(&mut world.house.browser(), &for_app()).await.ticket();
    assert!(
        renewed(&world.house, &ticket)
            .await
            .contains("authenticationSuccess")
    );
}

async fn renewed(house: &House, ticket: &str) -> String {
    let path = format!(
        "/cas/serviceValidate?service={}&ticket={ticket}&renew=true",
        encoded(APP)
    );
    house.get_text(&path).await
}

#[tokio::test]
async fn a_gateway_asks_the_only_way_in_without_a_page_and_otherwise_nobody() {
    // CAS-21, CAS-39
    let world = world(vec![sso()]).await;
    let reply = world.house.browser().get(&login("&gateway=true")).await;
    assert_eq!(
        reply.location(),
        APP,
        "the form is another way in: nobody is there"
    );
    world.trust(vec![only()], std::time::Duration::from_secs(60));
    let mut browser = world.house.browser();
    let trip = Trip::of(&browser.get(&login("&gateway=true")).await);
    assert!(
        trip.there
            .query_pairs()
            .any(|(name, value)| name == "gateway" && value == "true")
    );
    assert_eq!(browser.get(&trip.path("")).await.location(), APP);
    for answer in [
        no("INVALID_TICKET"),
        yes("nobody", ""),
        yes("ines.petit", ""),
        "x".to_owned(),
    ] {
        world.say(&answer);
        let reply = through(&mut world.house.browser(), &login("&gateway=true")).await;
        assert_eq!(reply.location(), APP, "never a page: {answer}");
    }
    world.say(&yes("camille.dupont", ""));
    let reply = through(&mut world.house.browser(), &login("&gateway=true")).await;
    assert!(reply.location().starts_with(&format!("{APP}?ticket=ST-")));
}
