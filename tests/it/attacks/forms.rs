//! Forms and pages as browsers see them: two tabs, and a policy that lets nothing run but what is served here.

use scraper::{Html, Selector};

use crate::house::{APP, CAMILLE, Reply, login_path};
use crate::recovery::{link_for, open, recovering};

#[tokio::test]
async fn two_tabs_of_one_browser_both_work_in_either_order() {
    // T-32
    let house = recovering().await;
    for reversed in [false, true] {
        let mut browser = house.browser();
        let first = browser.get(&login_path(APP)).await;
        let second = browser.get("/cas/login").await;
        let mut tabs = [first, second];
        if reversed {
            tabs.reverse();
        }
        for page in &tabs {
            let form = page
                .form()
                .with("username", CAMILLE.0)
                .with("password", CAMILLE.1);
            let reply = browser.submit(&form).await;
            assert_eq!(reply.status, 303, "{}", reply.body);
        }
        assert!(!browser.get("/cas/login").await.has_form());
    }
    // A tab that stood open while the other one signed in and out.
    let mut browser = house.browser();
    let old = browser.get(&login_path(APP)).await;
    browser.sign_in("/cas/login", CAMILLE).await;
    browser.get("/cas/logout").await;
    let form = old.form().with("username", CAMILLE.0).with("password", CAMILLE.1);
    assert_eq!(browser.submit(&form).await.status, 303);
}

/// Whatever would run or dress without being served by itself.
fn inline(reply: &Reply) -> Vec<String> {
    let page = Html::parse_document(&reply.body);
    let all = Selector::parse("*").unwrap();
    let mut found = Vec::new();
    for element in page.select(&all) {
        let name = element.value().name();
        let text = element.text().collect::<String>();
        if matches!(name, "script" | "style") && !text.trim().is_empty() {
            found.push(format!("<{name}> with text"));
        }
        for (attribute, value) in element.value().attrs() {
            let scheme = value.trim().to_ascii_lowercase();
            if attribute.starts_with("on") || attribute == "style" || scheme.starts_with("javascript:") {
                found.push(format!("<{name} {attribute}={value:?}>"));
            }
        }
    }
    found
}

#[tokio::test]
async fn no_page_runs_or_dresses_anything_inline_and_its_policy_forbids_it() {
    // T-35
    let house = recovering().await;
    let link = link_for(&house, CAMILLE.0).await;
    let mut browser = house.browser();
    let mut pages = vec![open(&mut house.browser(), &link).await];
    for path in [
        login_path(APP),
        "/cas/login?gateway=true".to_owned(),
        login_path("https://evil.example/"),
        "/cas/recover".to_owned(),
        "/cas/recover/username".to_owned(),
        "/cas/recover/code".to_owned(),
        "/cas/help".to_owned(),
        "/cas/nowhere".to_owned(),
        "/cas/r/nothing".to_owned(),
        "/cas/logout".to_owned(),
    ] {
        pages.push(browser.get(&path).await);
    }
    pages.push(browser.sign_in("/cas/login", ("nobody", "wrong")).await);
    browser.sign_in("/cas/login", CAMILLE).await;
    pages.push(browser.get("/cas/login").await);
    pages.push(browser.get("/cas/account").await);
    pages.push(browser.get("/cas/logout").await);
    for page in &pages {
        let policy = page.header("content-security-policy");
        for part in [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.split("; ").any(|one| one == part), "{part}: {policy}");
        }
        // Nothing inline, so nothing that a nonce would have to let in.
        for never in ["unsafe", "nonce-", "*", "http:", "https:", "blob:"] {
            assert!(!policy.contains(never), "{never}: {policy}");
        }
        assert_eq!(inline(page), Vec::<String>::new(), "{}", page.body);
        assert_eq!(page.header("x-frame-options"), "DENY");
        assert_eq!(page.header("cache-control"), "no-store");
    }
    assert!(pages.len() >= 14);
}
