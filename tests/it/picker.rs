//! The picker by its addresses: who is found and who never is, what a choice carries on, what is
//! remembered. What the script makes of it is the real browser's test.

use std::net::IpAddr;

use http::Method;
use mereau::base::names::{InstitutionId, RealmId};
use mereau::base::texts::Texts;
use mereau::base::uai::Uai;
use mereau::realms::{Coordinates, Departement, Institution, InstitutionState};
use scraper::{Html, Selector};
use serde_json::Value;

use crate::house::{APP, Browser, CAMILLE, House, Plan, Reply, build, campus, encoded};

/// A name that tries everything: markup, a right-to-left override, and ten thousand letters.
fn hostile() -> String {
    format!("<script>alert(1)</script>\"'&\u{202e}{}", "x".repeat(10_000))
}

fn school(id: &str, name: &str, place: (&str, &str, &str)) -> Institution {
    let (postcode, town, uai) = place;
    let some = |text: &str| (!text.is_empty()).then(|| text.into());
    Institution {
        postcode: some(postcode),
        town: some(town),
        uai: Uai::new(uai).into_iter().collect(),
        departement: Departement::of_postcode(postcode),
        ..Institution::new(
            InstitutionId::new(id).unwrap(),
            RealmId::new("campus").unwrap(),
            Texts::same(name),
        )
    }
}

fn schools() -> Vec<Institution> {
    let state = |id: &str, state| Institution {
        state,
        ..school(id, "Collège Secret", ("77000", "Melun", ""))
    };
    vec![
        Institution {
            mail_domains: ["univ-tests.example".into()].into(),
            coordinates: Coordinates::new(48.40, -4.49),
            ..school("campus", "Université des Tests", ("29200", "Brest", "0299001A"))
        },
        school("melchior", "Collège Melchior", ("91000", "Évry", "0919002B")),
        school("ferry", "École Jules-Ferry", ("77000", "Melun", "0779003C")),
        school(
            "publique-1",
            "École primaire publique",
            ("77720", "Autelles", "0779004D"),
        ),
        school(
            "publique-2",
            "École primaire publique",
            ("29000", "Mirefleurs", "0299005E"),
        ),
        school("hostile", &hostile(), ("77720", "Autelles", "0779006F")),
        state("hidden", InstitutionState::Hidden),
        state("test", InstitutionState::Test),
        state("closed", InstitutionState::Closed),
        Institution {
            realm: RealmId::new("lycee").unwrap(),
            ..school("lycee", "Lycée des Essais", ("77000", "Melun", "0779007G"))
        },
    ]
}

async fn town() -> House {
    let institutions = Some(schools());
    build(Plan {
        institutions,
        ..Plan::default()
    })
    .await
}

/// Enough schools of one name that a page does not hold them.
async fn city(count: usize) -> House {
    let all = (0..count).map(|number| {
        let uai = format!("075{:04}A", number + 9000 % 10_000);
        school(
            &format!("ecole-{number}"),
            "École publique",
            ("75011", "Paris", &uai),
        )
    });
    build(Plan {
        institutions: Some(all.collect()),
        ..Plan::default()
    })
    .await
}

/// What `GET /tenants` answers.
async fn suggested(house: &House, query: &str) -> Value {
    let body = house.get_text(&format!("/cas/tenants?{query}")).await;
    serde_json::from_str(&body).unwrap()
}

fn ids(answer: &Value) -> Vec<&str> {
    let items = answer["items"].as_array().unwrap();
    items.iter().map(|item| item["id"].as_str().unwrap()).collect()
}

/// The links of a list of institutions: text and address.
fn choices(reply: &Reply) -> Vec<(String, String)> {
    let page = Html::parse_document(&reply.body);
    let links = Selector::parse(".choices a").unwrap();
    let found = page.select(&links).map(|link| {
        let text: String = link.text().collect();
        (text, link.attr("href").unwrap().to_owned())
    });
    found.collect()
}

/// A form by the end of its action, with a button of its own pressed.
fn form(reply: &Reply, action: &str) -> Vec<(String, String)> {
    let page = Html::parse_document(&reply.body);
    let selector = format!("form[action$='{action}'] input[type=hidden]");
    let fields = Selector::parse(&selector).unwrap();
    let pair = |field: scraper::ElementRef<'_>| {
        let get = |name| field.attr(name).unwrap_or_default().to_owned();
        (get("name"), get("value"))
    };
    page.select(&fields).map(pair).collect()
}

async fn post(browser: &mut Browser<'_>, path: &str, pairs: &[(&str, &str)]) -> Reply {
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(pairs);
    browser.send(Method::POST, path, Some(body.finish())).await
}

async fn remember(browser: &mut Browser<'_>, id: &str) {
    let reply = post(
        browser,
        "/cas/discover/choose",
        &[("tenant", id), ("remember", "true")],
    )
    .await;
    assert_eq!(reply.status, 303, "{}", reply.body);
}

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
    assert_eq!(reply.status, 303, "{}", reply.body);
    assert!(
        reply
            .location()
            .starts_with(service.split('"').next().unwrap_or_default())
    );
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
    let page = browser.get("/cas/login").await;
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
