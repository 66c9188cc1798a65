//! The picker by its addresses: who is found and who never is, what a choice carries on, what is
//! remembered. What the script makes of it is the real browser's test.

mod logos;
mod pages;
mod recover;
mod remembered;
mod suggestions;
mod welcome;

use http::Method;
use mereau::base::names::{InstitutionId, RealmId};
use mereau::base::texts::Texts;
use mereau::base::uai::Uai;
use mereau::realms::{Coordinates, Departement, Institution, InstitutionState};
use scraper::{Html, Selector};
use serde_json::Value;

use crate::house::{Browser, House, Plan, Reply, build};

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
        let uai = format!("075{:04}A", 9000 + number);
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
