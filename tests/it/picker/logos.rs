//! Pictures of institutions: who shows which, and what their address answers.

use std::sync::Arc;

use mereau::realms::{Institution, Logo, Particulars};

use super::{House, Plan, build, school, schools, suggested};

const SVG: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 2 2\"><path style=\"fill:red\" d=\"M0 0h2v2z\"/></svg>";

/// Melchior has a picture, the others have none.
async fn town() -> House {
    let logo = Some(Arc::new(Logo::read(SVG.as_bytes()).unwrap()));
    let own = Some(Arc::new(Particulars {
        logo,
        ..Particulars::default()
    }));
    let mut all = schools();
    all.retain(|one| one.id.as_str() != "melchior");
    all.push(Institution {
        own,
        ..school("melchior", "Collège Melchior", ("91000", "Évry", "0919002B"))
    });
    build(Plan {
        institutions: Some(all),
        ..Plan::default()
    })
    .await
}

fn address(text: &str) -> &str {
    let at = text.find("/cas/logos/").expect("a picture");
    text[at..].split('"').next().unwrap()
}

#[tokio::test]
async fn a_picture_stands_beside_its_name_in_suggestions_lists_and_on_its_own_page() {
    // S2-07
    let house = town().await;
    let found = suggested(&house, "q=coll%C3%A8ge+melchior").await;
    let url = found["items"][0]["logo"].as_str().unwrap().to_owned();
    assert!(url.starts_with("/cas/logos/") && url.ends_with(".svg"), "{url}");
    let others = suggested(&house, "q=jules-ferry").await;
    assert!(others["items"][0].get("logo").is_none());
    for path in ["/cas/discover?q=melchior", "/cas/login?tenant=melchior"] {
        let page = house.browser().get(path).await;
        assert_eq!(address(&page.body), url, "{path}");
        let image = page
            .body
            .split("<img")
            .find(|image| image.contains("/cas/logos/"))
            .unwrap();
        assert!(
            image.split('>').next().unwrap().contains("alt=\"\""),
            "its name is beside it"
        );
    }
    let list = house.browser().get("/cas/discover?q=melchior").await.body;
    assert!(list.contains("loading=\"lazy\""));
    let elsewhere = house.browser().get("/cas/login?tenant=ferry").await.body;
    assert!(!elsewhere.contains("/cas/logos/") && elsewhere.contains("/logo.svg"));
}

#[tokio::test]
async fn its_address_gives_the_bytes_and_lets_them_do_nothing() {
    // CAS-29, S2-07
    let house = town().await;
    let found = suggested(&house, "q=melchior").await;
    let url = found["items"][0]["logo"].as_str().unwrap();
    let reply = house.browser().get(url).await;
    assert_eq!((reply.status.as_u16(), reply.body.as_str()), (200, SVG));
    assert_eq!(reply.header("content-type"), "image/svg+xml");
    assert_eq!(reply.header("x-content-type-options"), "nosniff");
    assert!(reply.header("cache-control").contains("immutable"));
    let policy = reply.header("content-security-policy");
    for part in ["default-src 'none'", "sandbox", "frame-ancestors 'none'"] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(
        !policy.contains("script-src") && !policy.contains("allow-"),
        "{policy}"
    );
    for other in [
        "/cas/logos/0000000000000000.svg",
        "/cas/logos/..%2Fserver.toml",
        "/cas/logos/",
    ] {
        assert_eq!(house.browser().get(other).await.status, 404, "{other}");
    }
}
