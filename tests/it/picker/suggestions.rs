//! `GET /tenants`: what is suggested while one types, to whom, and how long it may be kept.

use std::net::IpAddr;

use super::{choices, city, ids, suggested, town};
use crate::house::{APP, encoded};

#[tokio::test]
async fn suggestions_are_found_by_name_town_postcode_code_and_mail_domain() {
    // S2-07, S4-17
    let house = town().await;
    let mel = suggested(&house, "q=mel").await;
    assert_eq!(mel["total"], 3, "{mel}");
    let mut found = ids(&mel);
    found.sort_unstable();
    assert_eq!(
        found,
        ["ferry", "lycee", "melchior"],
        "by name and by town, once each"
    );
    for (typed, id) in [
        ("ecole ferry", "ferry"),
        ("ÉCOLE FERRY", "ferry"),
        ("29200", "campus"),
        ("0779003c", "ferry"),
        ("univ-tests.example", "campus"),
        ("camille.dupont@univ-tests.example", "campus"),
    ] {
        let found = suggested(&house, &format!("q={}", encoded(typed))).await;
        assert_eq!(ids(&found)[0], id, "{typed}: {found}");
    }
    assert_eq!(suggested(&house, "q=").await["total"], 0);
    assert_eq!(suggested(&house, "q=zzzzzz").await["total"], 0);
}

#[tokio::test]
async fn a_suggestion_tells_the_place_and_the_count_is_said_in_the_language_asked() {
    let house = city(18).await;
    let french = suggested(&house, "q=publique&lang=fr").await;
    assert_eq!(french["said"], "18 établissements, les 10 premiers affichés");
    assert_eq!(ids(&french).len(), 10);
    let item = &french["items"][0];
    assert_eq!((&item["town"], &item["cp"]), (&"Paris".into(), &"75011".into()));
    assert!(item["uai"].as_str().unwrap().starts_with("075"), "{item}");
    assert_eq!(item["name"], "École publique");
    assert_eq!(item["kind"], "other");
    let english = suggested(&house, "q=publique&lang=en").await;
    assert_eq!(english["said"], "18 results, first 10 shown");
    let nothing = suggested(&house, "q=zzzzzz").await;
    assert_eq!(
        nothing["said"],
        "Aucun établissement trouvé. Vérifiez l’orthographe ou essayez la commune."
    );
    let near = suggested(&house, "q=publiqve&lang=fr").await;
    let said = near["said"].as_str().unwrap();
    assert!(said.starts_with("Rien ne correspond tout à fait."), "{said}");
}

#[tokio::test]
async fn what_is_hidden_closed_or_not_open_to_the_service_is_never_found() {
    let house = town().await;
    let all = suggested(&house, "q=college").await;
    assert_eq!(ids(&all), ["melchior"]);
    let service = encoded("https://lycee.example.org/");
    let for_lycee = suggested(&house, &format!("q=melun&service={service}")).await;
    assert_eq!(ids(&for_lycee), ["lycee"]);
    let for_app = suggested(&house, &format!("q=melun&service={}", encoded(APP))).await;
    assert_eq!(ids(&for_app), ["ferry"]);
    for nobodys in [
        "https://elsewhere.example.com/",
        "https://closed.example.org/",
        "javascript:x",
    ] {
        let found = suggested(&house, &format!("q=melun&service={}", encoded(nobodys))).await;
        assert_eq!(found["total"], 0, "{nobodys}");
    }
    let page = house
        .browser()
        .get(&format!("/cas/discover?q=melun&service={}", encoded(APP)))
        .await;
    let links = choices(&page);
    assert_eq!(links.len(), 1, "{links:?}");
    let towns = house
        .get_text(&format!(
            "/cas/discover/departments?department=77&town=melun&service={}",
            encoded(APP)
        ))
        .await;
    assert!(towns.contains("École Jules-Ferry") && !towns.contains("Lycée des Essais"));
    assert!(!towns.contains("Collège Secret"));
}

#[tokio::test]
async fn suggestions_may_be_kept_a_minute_and_know_no_cookie() {
    let house = town().await;
    let mut browser = house.browser();
    browser.get("/cas/login?tenant=campus").await;
    browser.cookies.insert("lang".into(), "en".into());
    let before = browser.cookies.clone();
    let reply = browser.get("/cas/tenants?q=mel").await;
    assert_eq!(reply.header("content-type"), "application/json");
    assert_eq!(reply.header("cache-control"), "public, max-age=60");
    assert!(reply.headers.get("set-cookie").is_none());
    assert_eq!(browser.cookies, before);
    assert!(reply.body.contains("établissement"), "not the cookie’s language");
    let tag = reply.header("etag").to_owned();
    assert!(
        tag.starts_with('"') && tag.ends_with('"') && tag.len() > 10,
        "{tag}"
    );
    for held in [tag.clone(), format!("\"other\", W/{tag}"), "*".to_owned()] {
        browser.headers = vec![("if-none-match", held)];
        let again = browser.get("/cas/tenants?q=mel").await;
        assert_eq!(again.status, 304);
        assert!(again.body.is_empty());
        assert_eq!(again.header("etag"), tag);
        assert_eq!(again.header("cache-control"), "public, max-age=60");
    }
    browser.headers = vec![("if-none-match", tag)];
    assert_eq!(browser.get("/cas/tenants?q=ferry").await.status, 200);
}

#[tokio::test]
async fn one_network_cannot_take_all_suggestions_and_others_do_not_notice() {
    let house = town().await;
    let mut greedy = house.browser();
    let mut refused = None;
    for _ in 0..4000 {
        let reply = greedy.get("/cas/tenants?q=").await;
        if reply.status == 429 {
            refused = Some(reply);
            break;
        }
    }
    let refused = refused.expect("a bound");
    assert_eq!(refused.header("retry-after"), "1");
    let mut other = house.browser();
    other.address = IpAddr::from([198, 51, 100, 1]);
    assert_eq!(other.get("/cas/tenants?q=mel").await.status, 200);
    house.clock.advance(std::time::Duration::from_secs(1));
    assert_eq!(greedy.get("/cas/tenants?q=mel").await.status, 200);
}
