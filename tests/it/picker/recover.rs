//! The picker as a step of getting back into an account: it leads there, and keeps the service.

use super::{choices, form, post, remember, town};
use crate::house::{APP, encoded};

#[tokio::test]
async fn every_way_of_choosing_leads_to_recovery_with_the_service() {
    // S2-07
    let house = town().await;
    let mut browser = house.browser();
    let start = format!("/cas/discover?to=recover&service={}", encoded(APP));
    let expected = format!("/cas/recover?service={}&tenant=melchior", encoded(APP));
    let page = browser.get(&start).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("retrouver l’accès"), "{}", page.body);
    let all = choices(&page);
    assert!(all.iter().any(|(_, url)| *url == expected), "{all:?}");
    assert!(all.iter().all(|(_, url)| !url.contains("/cas/login")), "{all:?}");
    assert!(
        page.body.contains("data-before=\"/cas/recover?"),
        "the script goes there too"
    );

    let repeated = form(&page, "/discover/choose");
    assert!(
        repeated.contains(&("to".to_owned(), "recover".to_owned())),
        "{repeated:?}"
    );
    let found = browser.get(&format!("{start}&q=melchior")).await;
    assert!(choices(&found).iter().any(|(_, url)| *url == expected));
    let service = encoded(APP);
    let towns = format!("/cas/discover/departments?to=recover&service={service}&department=91&town=evry");
    let town = browser.get(&towns).await;
    assert!(
        choices(&town).iter().any(|(_, url)| *url == expected),
        "{}",
        town.body
    );
    let chosen = post(
        &mut browser,
        "/cas/discover/choose",
        &[
            ("tenant", "melchior"),
            ("remember", "true"),
            ("to", "recover"),
            ("service", APP),
        ],
    )
    .await;
    assert_eq!(chosen.location(), expected);
    let again = browser.get(&start).await;
    assert!(again.body.contains("class=\"recent\""), "remembered here, too");
}

#[tokio::test]
async fn the_picker_leads_to_steps_of_ours_only() {
    // CAS-62
    let house = town().await;
    let mut browser = house.browser();
    remember(&mut browser, "melchior").await;
    for odd in ["https://evil.example/", "//evil.example", "logout", "Recover", ""] {
        let page = browser.get(&format!("/cas/discover?to={}", encoded(odd))).await;
        let all = choices(&page);
        assert!(
            all.iter().all(|(_, url)| url.starts_with("/cas/login?tenant=")),
            "{odd}: {all:?}"
        );
    }
    let foreign = "/cas/discover?to=recover&service=https%3A%2F%2Fevil.example%2F";
    assert_eq!(browser.get(foreign).await.status, 403);
}
