//! The pages of the picker without a script: searching, browsing, what a choice carries on, who is
//! sent past it.

use scraper::{Html, Selector};
use serde_json::Value;

use super::{choices, city, form, hostile, schools, town};
use crate::house::{APP, CAMILLE, Plan, Reply, build, campus, encoded};

#[tokio::test]
async fn without_a_script_the_same_search_is_pages_of_fifty_links() {
    // S2-08
    let house = city(120).await;
    let mut browser = house.browser();
    let mut seen = std::collections::BTreeSet::new();
    let mut path = "/cas/discover?q=publique".to_owned();
    let mut lengths = Vec::new();
    loop {
        let page = browser.get(&path).await;
        let links = choices(&page);
        lengths.push(links.len());
        seen.extend(links.into_iter().map(|(_, url)| url));
        let html = Html::parse_document(&page.body);
        let next = Selector::parse("a[rel=next]").unwrap();
        match html.select(&next).next() {
            Some(link) => path = link.attr("href").unwrap().to_owned(),
            None => break,
        }
    }
    assert_eq!(lengths, [50, 50, 20]);
    assert_eq!(seen.len(), 120, "each once");
    let far = browser.get("/cas/discover?q=publique&page=99").await;
    assert_eq!(choices(&far).len(), 0);
    let nothing = browser.get("/cas/discover?q=zzzzzz").await;
    assert_eq!(nothing.text_of("#found"), "Aucun établissement trouvé");
}

#[tokio::test]
async fn one_leads_from_the_departement_to_the_town_to_the_sign_in_by_links() {
    // S2-08
    let house = town().await;
    let mut browser = house.browser();
    let service = format!("service={}", encoded(APP));
    let places = |page: &Reply| -> Vec<(String, String)> {
        let html = Html::parse_document(&page.body);
        let links = Selector::parse(".places a").unwrap();
        let found = html.select(&links).map(|link| {
            let text: Vec<&str> = link
                .text()
                .map(str::trim)
                .filter(|text| !text.is_empty())
                .collect();
            (text.join(" "), link.attr("href").unwrap().to_owned())
        });
        found.collect()
    };
    let departments = browser.get(&format!("/cas/discover/departments?{service}")).await;
    let found = places(&departments);
    let names: Vec<&str> = found.iter().map(|(text, _)| text.as_str()).collect();
    assert_eq!(
        names,
        [
            "29 Finistère 2 établissements",
            "77 Seine-et-Marne 3 établissements",
            "91 Essonne 1 établissement"
        ]
    );
    let towns = browser.get(&found[1].1).await;
    assert_eq!(towns.text_of("h1"), "Seine-et-Marne");
    let found = places(&towns);
    assert_eq!(found[1].0, "Melun 1 établissement");
    let town = browser.get(&found[1].1).await;
    let links = choices(&town);
    assert_eq!(links.len(), 1);
    assert!(links[0].0.contains("77000 Melun") && links[0].0.contains("0779003C"));
    let form = browser.get(&links[0].1).await.form();
    assert_eq!(form.value("tenant"), Some("ferry"));
    assert_eq!(form.value("service"), Some(APP));
    for nowhere in [
        "department=99&town=x",
        "department=77&town=nowhere",
        "department=%00",
        "department=77&page=9",
    ] {
        let page = browser.get(&format!("/cas/discover/departments?{nowhere}")).await;
        assert!(page.status == 200 && choices(&page).is_empty(), "{nowhere}");
    }
}

#[tokio::test]
async fn a_choice_carries_the_service_and_everything_else_that_was_asked() {
    let house = town().await;
    let mut browser = house.browser();
    let service = "https://app.example.org/a?b=%C3%A9&c=\"d\"";
    let asked = format!("service={}&renew=true&method=POST&lang=en", encoded(service));
    for start in ["/cas/login", "/cas/discover"] {
        let page = browser.get(&format!("{start}?{asked}")).await;
        assert_eq!(page.text_of("h1"), "Which school or university are you from?");
        assert_eq!(page.text_of(".lede"), "To use Service app");
        let fields = form(&page, "/cas/discover");
        for (name, value) in [
            ("service", service),
            ("renew", "true"),
            ("method", "POST"),
            ("lang", "en"),
        ] {
            assert!(
                fields.contains(&(name.to_owned(), value.to_owned())),
                "{name}: {fields:?}"
            );
        }
    }
    let found = browser.get(&format!("/cas/discover?q=tests&{asked}")).await;
    let login = browser.get(&choices(&found)[0].1).await.form();
    assert_eq!(login.value("service"), Some(service));
    assert_eq!(
        (login.value("renew"), login.value("method")),
        (Some("true"), Some("POST"))
    );
    assert_eq!(login.value("tenant"), Some("campus"));
    let reply = browser
        .submit(&login.with("username", CAMILLE.0).with("password", CAMILLE.1))
        .await;
    let delivery = reply.form();
    assert_eq!(delivery.action, service, "{}", reply.body);
}

#[tokio::test]
async fn what_stands_before_the_at_is_neither_searched_nor_shown_nor_kept_in_the_address() {
    // SEC-11
    let house = town().await;
    let mut browser = house.browser();
    let typed = encoded("camille.dupont@univ-tests.example");
    let reply = browser
        .get(&format!("/cas/discover?q={typed}&service={}", encoded(APP)))
        .await;
    assert_eq!(reply.status, 302);
    assert!(!reply.location().contains("camille") && reply.location().contains("service="));
    let page = browser.get(reply.location()).await;
    assert!(!page.body.contains("camille"));
    assert_eq!(choices(&page).len(), 1);
    let json = house.get_text(&format!("/cas/tenants?q={typed}")).await;
    assert!(json.contains("\"campus\"") && !json.contains("camille"));
}

#[tokio::test]
async fn an_unknown_hint_shows_the_picker_with_a_notice() {
    let house = town().await;
    for path in [
        "/cas/login?tenant=nobody",
        "/cas/t/nobody/login",
        "/cas/discover?tenant=nobody",
    ] {
        let page = house.browser().get(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert_eq!(
            page.text_of(".notice"),
            "Le lien utilisé désigne un établissement inconnu. Cherchez le vôtre ci-dessous."
        );
    }
    let known = house.browser().get("/cas/discover?tenant=campus").await;
    assert_eq!(known.text_of(".notice"), "");
}

#[tokio::test]
async fn with_one_institution_to_choose_there_is_no_picker_and_with_none_an_error() {
    let house = town().await;
    let reply = house
        .browser()
        .get(&format!(
            "/cas/discover?service={}",
            encoded("https://lycee.example.org/")
        ))
        .await;
    assert_eq!(reply.status, 302);
    assert!(
        reply.location().starts_with("/cas/login?service=") && reply.location().ends_with("tenant=lycee")
    );
    let only_campus = build(Plan {
        institutions: Some(vec![schools().remove(0), schools().remove(1)]),
        ..Plan::default()
    })
    .await;
    for path in ["/cas/login", "/cas/discover"] {
        let service = encoded("https://lycee.example.org/");
        let reply = only_campus
            .browser()
            .get(&format!("{path}?service={service}"))
            .await;
        assert_eq!(reply.status, 404, "{path}");
        assert_eq!(reply.text_of("h1"), "Aucun établissement");
        assert!(reply.text_of(".lede").contains("Service lycee"));
    }
    let alone = campus().await;
    let reply = alone.browser().get("/cas/discover").await;
    assert_eq!(
        (reply.status.as_u16(), reply.location()),
        (302, "/cas/login?tenant=campus")
    );
}

#[tokio::test]
async fn an_unregistered_service_is_refused_before_anything_is_chosen() {
    let house = town().await;
    for path in ["/cas/discover", "/cas/discover/departments"] {
        let service = encoded("https://elsewhere.example.com/");
        let reply = house.browser().get(&format!("{path}?service={service}")).await;
        assert_eq!(reply.status, 403, "{path}");
    }
}

#[tokio::test]
async fn homonyms_are_told_apart_by_their_place_and_lead_to_different_institutions() {
    // S2-09
    let house = town().await;
    let page = house
        .browser()
        .get("/cas/discover?q=ecole%20primaire%20publique")
        .await;
    let links = choices(&page);
    assert_eq!(links.len(), 2, "{links:?}");
    assert!(
        links
            .iter()
            .any(|(text, url)| text.contains("77720 Autelles") && url.ends_with("publique%2D1"))
    );
    assert!(
        links
            .iter()
            .any(|(text, url)| text.contains("29000 Mirefleurs") && url.ends_with("publique%2D2"))
    );
}

#[tokio::test]
async fn a_hostile_name_stays_text() {
    // S2-09
    let house = town().await;
    for path in [
        "/cas/discover?q=autelles",
        "/cas/discover",
        "/cas/discover/departments?department=77&town=autelles",
    ] {
        let page = house.browser().get(path).await;
        let links = choices(&page);
        assert!(
            links.iter().any(|(text, _)| text.contains(&hostile())),
            "{path}: as text"
        );
        let html = Html::parse_document(&page.body);
        let scripts = Selector::parse("script:not([src])").unwrap();
        assert_eq!(html.select(&scripts).count(), 0, "{path}");
        let isolated = Selector::parse(".choices bdi").unwrap();
        assert!(
            html.select(&isolated)
                .any(|name| name.text().collect::<String>() == hostile())
        );
    }
    let reply = house.browser().get("/cas/tenants?q=autelles").await;
    assert_eq!(reply.header("x-content-type-options"), "nosniff");
    let answer: Value = serde_json::from_str(&reply.body).unwrap();
    let items = answer["items"].as_array().unwrap();
    let name = items.iter().find(|item| item["id"] == "hostile").unwrap()["name"]
        .as_str()
        .unwrap();
    assert!(
        hostile().starts_with(name) && name.chars().count() == 200,
        "{name}"
    );
}

#[tokio::test]
async fn the_nearest_are_listed_from_a_rounded_place() {
    let house = town().await;
    let page = house.browser().get("/cas/discover?lat=48.4&lon=-4.5").await;
    let links = choices(&page);
    assert_eq!(links.len(), 1, "those that tell where they are");
    assert!(
        links[0].0.contains("Université des Tests") && links[0].0.contains("km"),
        "{links:?}"
    );
    for nonsense in ["lat=91&lon=0", "lat=NaN&lon=1", "lat=x&lon=y", "lat=1"] {
        let page = house.browser().get(&format!("/cas/discover?{nonsense}")).await;
        assert_eq!(page.status, 200, "{nonsense}");
        assert_eq!(page.text_of("h1"), "Quel est votre établissement ?");
    }
}

#[tokio::test]
async fn only_the_picker_may_ask_where_one_is_and_no_policy_holds_up_what_follows_a_choice() {
    // CAS-28, T-36
    let house = town().await;
    let header = async |path: &str, name: &str| house.browser().get(path).await.header(name).to_owned();
    for path in ["/cas/login", "/cas/discover", "/cas/discover?q=mel"] {
        assert!(
            header(path, "permissions-policy")
                .await
                .contains("geolocation=(self)"),
            "{path}"
        );
        let policy = header(path, "content-security-policy").await;
        assert!(
            policy.contains("default-src 'none'") && !policy.contains("form-action"),
            "{policy}"
        );
        assert_eq!(header(path, "cross-origin-opener-policy").await, "");
    }
    for path in ["/cas/login?tenant=campus", "/cas/discover/departments"] {
        assert!(
            header(path, "permissions-policy")
                .await
                .contains("geolocation=()"),
            "{path}"
        );
    }
}
