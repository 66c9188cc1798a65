//! The ways of a ticket to its application: in the address, in a form, in headers.

use mereau::services::ServiceSettings;

use crate::house::{APP, CAMILLE, Plan, build, campus, encoded, login_path, service};

fn asked(method: &str) -> String {
    format!("{}&method={method}", login_path(APP))
}

#[tokio::test]
async fn a_ticket_is_posted_by_a_form_that_works_without_javascript() {
    // CAS-25, CAS-26
    let house = campus().await;
    let mut browser = house.browser();
    let mut page = browser.sign_in(&asked("POST"), CAMILLE).await;
    for method in ["post", "Post"] {
        assert_eq!(page.status, 200);
        let form = page.form();
        assert_eq!(form.action, APP);
        let [(name, ticket)] = &form.fields[..] else {
            panic!("{:?}", form.fields)
        };
        assert_eq!(name, "ticket");
        assert!(page.text_of("form button[type=submit]").contains("Continuer"));
        let policy = page.header("content-security-policy");
        assert!(
            !policy.contains("form-action"),
            "the post must get through: {policy}"
        );
        assert_eq!(page.header("cache-control"), "no-store");
        let answer = house.validate(APP, ticket).await;
        assert!(answer.contains("<cas:user>camille.dupont</cas:user>"), "{answer}");
        page = browser.get(&asked(method)).await;
    }
}

#[tokio::test]
async fn a_program_finds_its_ticket_in_the_headers() {
    // CAS-25, CAS-27
    let house = campus().await;
    let mut browser = house.browser();
    let url = "https://app.example.org/a?b=é";
    let path = format!("{}&method=HEADER", login_path(url));
    for reply in [browser.sign_in(&path, CAMILLE).await, browser.get(&path).await] {
        assert_eq!(reply.status, 200);
        assert_eq!(reply.header("service"), "https://app.example.org/a?b=%C3%A9");
        let answer = house.validate(url, reply.header("ticket")).await;
        assert!(answer.contains("<cas:user>camille.dupont</cas:user>"), "{answer}");
        assert!(!reply.headers.contains_key("location"));
    }
}

#[tokio::test]
async fn the_registration_says_how_tickets_travel_and_the_request_has_the_last_word() {
    // CAS-25
    let posted = ServiceSettings {
        response: Some("post".to_owned()),
        ..service("app")
    };
    let house = build(Plan {
        services: vec![posted],
        ..Plan::default()
    })
    .await;
    let mut browser = house.browser();
    let page = browser.sign_in(&login_path(APP), CAMILLE).await;
    assert_eq!(page.form().action, APP);
    assert!(browser.get(&asked("GET")).await.ticket().starts_with("ST-"));
    assert!(browser.get(&asked("nonsense")).await.ticket().starts_with("ST-"));
    let gateway = format!("{}&gateway=true&method=POST", login_path(APP));
    assert_eq!(
        house.browser().get(&gateway).await.location(),
        APP,
        "nobody: no form"
    );
}

#[tokio::test]
async fn an_artifact_is_posted_under_its_own_name() {
    // CAS-26, CAS-208
    let house = campus().await;
    let path = format!("/cas/login?method=POST&TARGET={}", encoded(APP));
    let page = house.browser().sign_in(&path, CAMILLE).await;
    assert_eq!(page.form().fields[0].0, "SAMLart");
}
