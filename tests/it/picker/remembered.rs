//! Choices that a browser was asked to remember, to use always, to forget.

use scraper::{Html, Selector};

use super::{choices, form, post, remember, town};
use crate::house::{APP, Reply, encoded};

#[tokio::test]
async fn a_choice_is_remembered_only_when_the_box_is_ticked_and_shown_first_until_forgotten() {
    let house = town().await;
    let mut browser = house.browser();
    let page = browser.get("/cas/discover").await;
    let html = Html::parse_document(&page.body);
    let ticked = Selector::parse("#remember[checked]").unwrap();
    assert_eq!(html.select(&ticked).count(), 0, "unticked by default");
    let service = ("service", APP);
    let reply = post(
        &mut browser,
        "/cas/discover/choose",
        &[("tenant", "campus"), service],
    )
    .await;
    assert_eq!(reply.status, 303);
    assert!(
        reply.location().starts_with("/cas/login?service=") && reply.location().ends_with("tenant=campus")
    );
    assert!(!browser.cookies.contains_key("mereau_recent"));

    let fields = [("tenant", "campus"), ("remember", "true"), service];
    let reply = post(&mut browser, "/cas/discover/choose", &fields).await;
    let line = reply.header("set-cookie");
    assert!(
        line.starts_with("mereau_recent=")
            && line.ends_with("; Path=/cas; Max-Age=34560000; Secure; HttpOnly; SameSite=Lax"),
        "{line}"
    );
    assert!(!line.contains("campus"), "sealed");
    remember(&mut browser, "melchior").await;
    let page = browser.get("/cas/discover").await;
    let recent = |page: &Reply| -> Vec<String> {
        let html = Html::parse_document(&page.body);
        let names = Selector::parse(".recent a > bdi").unwrap();
        html.select(&names).map(|name| name.text().collect()).collect()
    };
    assert_eq!(recent(&page), ["Collège Melchior", "Université des Tests"]);
    let reply = post(
        &mut browser,
        "/cas/discover/forget",
        &[("tenant", "melchior"), service],
    )
    .await;
    assert_eq!(reply.status, 303);
    let page = browser.get(reply.location()).await;
    assert_eq!(recent(&page), ["Université des Tests"]);
    assert_eq!(
        page.text_of(".lede"),
        "Pour accéder à Service app",
        "the service is kept"
    );
    post(&mut browser, "/cas/discover/forget", &[("tenant", "campus")]).await;
    assert!(!browser.cookies.contains_key("mereau_recent"));
}

#[tokio::test]
async fn a_ticked_search_offers_buttons_that_remember() {
    let house = town().await;
    let mut browser = house.browser();
    let page = browser.get("/cas/discover?q=melchior&remember=true").await;
    assert!(choices(&page).is_empty());
    let html = Html::parse_document(&page.body);
    let buttons = Selector::parse("form[action$='/choose'] .choices button[name=tenant]").unwrap();
    let button = html.select(&buttons).next().expect("a button");
    let id = button.attr("value").unwrap().to_owned();
    let mut fields = form(&page, "/discover/choose");
    assert!(fields.contains(&("remember".into(), "true".into())));
    fields.push(("tenant".into(), id));
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
    let reply = post(&mut browser, "/cas/discover/choose", &fields).await;
    assert!(
        reply.location().ends_with("tenant=melchior"),
        "{}",
        reply.location()
    );
    assert!(browser.cookies.contains_key("mereau_recent"));
}

#[tokio::test]
async fn another_site_makes_no_browser_remember_or_forget() {
    let house = town().await;
    let mut browser = house.browser();
    remember(&mut browser, "campus").await;
    let before = browser.cookies.clone();
    browser.headers = vec![("sec-fetch-site", "cross-site".to_owned())];
    post(&mut browser, "/cas/discover/forget", &[("tenant", "campus")]).await;
    remember(&mut browser, "melchior").await;
    assert_eq!(browser.cookies, before);
    browser.headers = vec![("origin", "https://evil.example".to_owned())];
    remember(&mut browser, "melchior").await;
    assert_eq!(browser.cookies, before);
}

#[tokio::test]
async fn a_remembered_choice_skips_the_picker_only_when_that_was_said_and_the_way_back_is_shown() {
    let house = town().await;
    let mut browser = house.browser();
    remember(&mut browser, "campus").await;
    let page = browser.get("/cas/login").await;
    assert!(!page.has_form(), "never silently");
    let reply = post(
        &mut browser,
        "/cas/discover/choose",
        &[("tenant", "campus"), ("always", "true")],
    )
    .await;
    assert_eq!(reply.status, 303);
    let kept = browser.get("/cas/login").await;
    assert_eq!(kept.location(), "/cas/login?tenant=campus");
    let page = browser.get(kept.location()).await;
    assert!(page.has_form());
    assert_eq!(page.text_of(".place"), "Université des Tests");
    assert!(
        page.addresses()
            .iter()
            .any(|url| url.starts_with("/cas/discover"))
    );
    assert_eq!(
        page.form().value("tenant"),
        Some("campus"),
        "in the address from here on"
    );
    let elsewhere = browser
        .get(&format!(
            "/cas/login?service={}",
            encoded("https://lycee.example.org/")
        ))
        .await;
    assert_eq!(
        elsewhere.text_of(".place"),
        "Lycée des Essais",
        "only where its realm may go"
    );
    let named = browser.get("/cas/login?tenant=melchior").await;
    assert_eq!(named.text_of(".place"), "Collège Melchior", "a link is stronger");
    let picker = browser.get("/cas/discover").await;
    assert_eq!(picker.text_of(".recent .hint"), "Utilisé sans vous le demander");
    post(&mut browser, "/cas/discover/forget", &[("tenant", "campus")]).await;
    assert!(!browser.get("/cas/login").await.has_form());
}

#[tokio::test]
async fn what_is_no_choice_is_neither_remembered_nor_reached() {
    let house = town().await;
    let mut browser = house.browser();
    for id in ["nobody", "hidden", "closed", "", "../x", "\u{202e}"] {
        let reply = post(
            &mut browser,
            "/cas/discover/choose",
            &[("tenant", id), ("remember", "true")],
        )
        .await;
        assert_eq!(reply.status, 303, "{id:?}");
        assert!(
            reply.location().starts_with("/cas/discover"),
            "{}",
            reply.location()
        );
        assert!(browser.cookies.is_empty());
    }
    browser.cookies.insert("mereau_recent".into(), "forged".into());
    assert_eq!(browser.get("/cas/discover").await.status, 200);
    let reload = browser.get("/cas/discover/choose").await;
    assert_eq!(
        (reload.status.as_u16(), reload.location()),
        (302, "/cas/discover")
    );
}
