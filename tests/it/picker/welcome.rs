//! The public page: finding one's institution, its own page, and the links for each audience.

use scraper::{Html, Selector};

use super::{choices, form, town};
use crate::house::{APP, Reply, encoded};

/// Headings of the audiences, each with its links.
fn audiences(page: &Reply) -> Vec<(String, Vec<String>)> {
    let html = Html::parse_document(&page.body);
    let [sections, headings, links] =
        [".audiences section", "h2", "a"].map(|css| Selector::parse(css).unwrap());
    let found = html.select(&sections).map(|section| {
        let heading = section.select(&headings).flat_map(|h2| h2.text()).collect();
        let urls = section.select(&links).filter_map(|link| link.attr("href"));
        (heading, urls.map(str::to_owned).collect())
    });
    found.collect()
}

#[tokio::test]
async fn a_school_is_found_by_the_first_letters_of_its_name_or_town_and_opens_its_own_page() {
    // S4-17
    let house = town().await;
    let mut browser = house.browser();
    let start = browser.get("/cas/welcome").await;
    assert_eq!(start.text_of("h1"), "Trouver mon établissement");
    assert!(start.header("permissions-policy").contains("geolocation=(self)"));
    let found = browser.get("/cas/welcome?q=mel").await;
    let links = choices(&found);
    assert_eq!(links.len(), 3, "each once: {links:?}");
    assert!(
        links
            .iter()
            .any(|(text, _)| text.contains("Collège Melchior") && text.contains("91000 Évry"))
    );
    let (_, url) = links
        .iter()
        .find(|(text, _)| text.contains("École Jules-Ferry") && text.contains("77000 Melun"))
        .expect("by its town");
    assert_eq!(url, "/cas/t/ferry/welcome");
    let own = browser.get(url).await;
    assert_eq!(own.text_of("h1"), "École Jules-Ferry");
    assert_eq!(own.text_of(".lede"), "77000 Melun · 0779003C");
    let cut = browser
        .get(&format!("/cas/welcome?q={}", encoded("a.b@univ-tests.example")))
        .await;
    assert_eq!(
        (cut.status.as_u16(), cut.location().contains("a.b")),
        (302, false)
    );
}

#[tokio::test]
async fn browsing_from_the_public_page_ends_on_public_pages() {
    // S4-17
    let house = town().await;
    let mut browser = house.browser();
    let start = browser.get("/cas/welcome?lang=en").await;
    let fields = form(&start, "/cas/welcome");
    assert!(fields.contains(&("to".into(), "welcome".into())), "{fields:?}");
    let town = browser
        .get("/cas/discover/departments?department=77&town=melun&to=welcome&lang=en")
        .await;
    let urls: Vec<String> = choices(&town).into_iter().map(|(_, url)| url).collect();
    assert!(
        urls.contains(&"/cas/t/ferry/welcome?lang=en".to_owned()),
        "{urls:?}"
    );
    let back = town.addresses();
    assert!(
        back.iter().any(|url| url.starts_with("/cas/welcome?")),
        "{back:?}"
    );
}

#[tokio::test]
async fn the_public_page_signs_in_tells_whom_to_ask_and_has_guides_for_each_audience() {
    // S4-16
    let house = town().await;
    let mut browser = house.browser();
    for (path, login) in [
        ("/cas/welcome", "/cas/login"),
        ("/cas/t/melchior/welcome", "/cas/t/melchior/login"),
    ] {
        let page = browser.get(path).await;
        assert_eq!(page.status, 200);
        assert_eq!(page.text_of(".actions a.main"), "Se connecter");
        assert_eq!(page.text_of(".actions a.second"), "Problème de connexion");
        assert!(page.addresses().contains(&login.to_owned()), "{path}");
        let expected = [
            ("Pour commencer", "https://aide.example.org/connexion"),
            ("Parents", "https://aide.example.org/parents"),
            ("Enseignants", "https://aide.example.org/cours"),
        ]
        .map(|(audience, url)| (audience.to_owned(), vec![url.to_owned()]));
        assert_eq!(audiences(&page), expected, "{path}");
    }
    let english = browser.get("/cas/t/melchior/welcome?lang=en").await;
    assert_eq!(audiences(&english)[2].0, "Teachers");
    for gone in ["/cas/t/nobody/welcome", "/cas/t/closed/welcome"] {
        assert_eq!(browser.get(gone).await.status, 404, "{gone}");
    }
    let sign_in = browser.get("/cas/t/melchior/login").await;
    assert!(sign_in.has_form());
    let with_service = browser
        .get(&format!("/cas/welcome?service={}", encoded(APP)))
        .await;
    assert_eq!(with_service.status, 200);
}
