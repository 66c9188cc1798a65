//! Keys that are rotated while people are between two pages.

use mereau::base::entropy::{Entropy, SeededEntropy};
use mereau::base::keys::{KeyRing, ROOT_KEY_LENGTH, RootKey};
use zeroize::Zeroizing;

use crate::house::{AMINE, APP, CAMILLE, House};
use crate::recovery::{NEW, choose, link_for, open, recovering, signs_in};

pub fn root(id: u8) -> RootKey {
    RootKey {
        id,
        bytes: Zeroizing::new([id; ROOT_KEY_LENGTH]),
    }
}

/// The only key that a house begins with.
pub fn of_the_house() -> RootKey {
    let mut bytes = Zeroizing::new([0; ROOT_KEY_LENGTH]);
    SeededEntropy::new(2026).fill(&mut *bytes);
    RootKey { id: 1, bytes }
}

/// The server uses `active`, knows `before`, and names as ever.
fn rotate(house: &House, active: RootKey, before: RootKey) {
    let ring = KeyRing::with_names(active, vec![before], &of_the_house());
    assert!(house.app.ports.keys.replace(&ring));
}

#[tokio::test]
async fn sessions_tickets_links_and_pages_of_the_last_key_are_good() {
    // T-95
    let house = recovering().await;
    let link = link_for(&house, CAMILLE.0).await;
    let mut signed_in = house.browser();
    signed_in.sign_in("/cas/login", AMINE).await;
    let ticket = signed_in.ticket_for(APP).await;
    let mut opened = house.browser();
    let form = open(&mut opened, &link).await;
    let mut waiting = house.browser();
    let login = waiting.get("/cas/login").await.form();
    rotate(&house, root(2), of_the_house());
    assert!(house.validate(APP, &ticket).await.contains("<cas:user>"));
    assert!(!signed_in.get("/cas/login").await.has_form());
    let login = login.with("username", AMINE.0).with("password", AMINE.1);
    assert_eq!(waiting.submit(&login).await.status, 303);
    assert_eq!(choose(&mut opened, &form, NEW).await.status, 303);
    assert!(signs_in(&house, CAMILLE.0, NEW).await);
}

#[tokio::test]
async fn a_page_of_the_key_before_the_last_sets_nothing_while_sessions_and_a_mailed_link_go_on() {
    // T-95
    let house = recovering().await;
    let link = link_for(&house, CAMILLE.0).await;
    let mut signed_in = house.browser();
    signed_in.sign_in("/cas/login", AMINE).await;
    let mut opened = house.browser();
    let form = open(&mut opened, &link).await;
    rotate(&house, root(2), of_the_house());
    rotate(&house, root(3), root(2));
    let told = choose(&mut opened, &form, NEW).await;
    assert!(!signs_in(&house, CAMILLE.0, NEW).await, "{}", told.body);
    assert!(signs_in(&house, CAMILLE.0, CAMILLE.1).await);
    assert!(
        !signed_in.get("/cas/login").await.has_form(),
        "a session is sealed by no key"
    );
}
