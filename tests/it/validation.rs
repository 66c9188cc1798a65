//! The validation endpoints, end to end: who came, in three formats, and every refusal.

use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::house::{APP, CAMILLE, House, Plan, build, campus, encoded, login_path, service};
use mereau::services::ServiceSettings;

pub async fn ticket(house: &House) -> String {
    house.browser().sign_in(&login_path(APP), CAMILLE).await.ticket()
}

pub fn path(endpoint: &str, service: &str, ticket: &str, more: &str) -> String {
    format!(
        "/cas/{endpoint}?service={}&ticket={}{more}",
        encoded(service),
        encoded(ticket)
    )
}

#[tokio::test]
async fn the_first_version_answers_two_lines() {
    // CAS-14, CAS-125, CAS-126, CAS-129, CAS-131
    let house = campus().await;
    let good = ticket(&house).await;
    let reply = house
        .browser()
        .get(&path("validate", APP, &good, "&pgtUrl=https://x/"))
        .await;
    assert_eq!(reply.body, "yes\ncamille.dupont\n");
    assert_eq!(reply.header("content-type"), "text/plain;charset=UTF-8");
    for query in [
        "",
        "?service=x",
        "?ticket=nonsense&service=https://app.example.org/",
    ] {
        assert_eq!(house.get_text(&format!("/cas/validate{query}")).await, "no\n");
    }
    assert_eq!(
        house.get_text(&path("validate", APP, &good, "")).await,
        "no\n",
        "spent"
    );
}

#[tokio::test]
async fn the_first_version_honours_renew() {
    // CAS-128, CAS-150
    let house = campus().await;
    let mut browser = house.browser();
    let fresh = browser.sign_in(&login_path(APP), CAMILLE).await.ticket();
    let sso = browser.ticket_for(APP).await;
    assert_eq!(
        house
            .get_text(&path("validate", APP, &fresh, "&renew=true"))
            .await,
        "yes\ncamille.dupont\n"
    );
    assert_eq!(
        house.get_text(&path("validate", APP, &sso, "&renew=true")).await,
        "no\n"
    );
}

#[tokio::test]
async fn the_third_version_tells_name_and_attributes() {
    // CAS-13, CAS-14, CAS-132, CAS-133, CAS-134, CAS-137, CAS-145, CAS-236
    let house = campus().await;
    let reply = house
        .browser()
        .get(&path("p3/serviceValidate", APP, &ticket(&house).await, ""))
        .await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), "application/xml;charset=UTF-8");
    let expected = "<cas:serviceResponse xmlns:cas=\"http://www.yale.edu/tp/cas\"><cas:authenticationSuccess>\
        <cas:user>camille.dupont</cas:user><cas:attributes>";
    assert!(reply.body.starts_with(expected), "{}", reply.body);
    for once in [
        "<cas:mail>camille.dupont@campus.example</cas:mail>",
        "<cas:displayName>Camille Dupont</cas:displayName>",
        "<cas:eduPersonAffiliation>student</cas:eduPersonAffiliation><cas:eduPersonAffiliation>member</cas:eduPersonAffiliation>",
        "<cas:authenticationDate>2026-11-18T11:06:40Z</cas:authenticationDate>",
        "<cas:longTermAuthenticationRequestTokenUsed>false</cas:longTermAuthenticationRequestTokenUsed>",
        "<cas:isFromNewLogin>true</cas:isFromNewLogin>",
    ] {
        assert_eq!(reply.body.matches(once).count(), 1, "{once} in {}", reply.body);
    }
    assert!(
        !reply.body.contains("telephoneNumber"),
        "what is not registered stays"
    );
    let second = house
        .get_text(&path("serviceValidate", APP, &ticket(&house).await, ""))
        .await;
    assert!(second.contains("<cas:user>camille.dupont</cas:user>") && !second.contains("cas:attributes"));
}

#[tokio::test]
async fn json_says_the_same() {
    // CAS-14, CAS-143, CAS-144, CAS-161
    let house = campus().await;
    let good = ticket(&house).await;
    let mut browser = house.browser();
    browser.headers.push(("accept", "application/json".to_owned()));
    let reply = browser
        .get(&path("p3/serviceValidate", APP, &good, "&format=json"))
        .await;
    assert_eq!(reply.header("content-type"), "application/json;charset=UTF-8");
    let answer: serde_json::Value = serde_json::from_str(&reply.body).unwrap();
    let success = &answer["serviceResponse"]["authenticationSuccess"];
    assert_eq!(success["user"], "camille.dupont");
    assert_eq!(
        success["attributes"]["eduPersonAffiliation"],
        serde_json::json!(["student", "member"])
    );
    let reply = browser.get(&path("p3/serviceValidate", APP, &good, "")).await;
    assert!(
        reply.body.starts_with("<cas:serviceResponse"),
        "Accept has no say"
    );
    let reply = browser
        .get(&path("p3/serviceValidate", APP, &good, "&format=yaml"))
        .await;
    assert!(reply.body.contains("code=\"INVALID_REQUEST\""));
}

#[tokio::test]
async fn each_refusal_has_its_code_and_the_reference_of_the_log() {
    // CAS-13, CAS-136, CAS-148, CAS-149, CAS-150, CAS-152, CAS-160, CAS-327, CAS-329
    let house = campus().await;
    let unknown = format!("ST-{}", "a".repeat(29));
    let mut browser = house.browser();
    browser.sign_in("/cas/login", CAMILLE).await;
    let sso = browser.ticket_for(APP).await;
    let misdirected = browser.ticket_for(APP).await;
    for (path, code) in [
        ("/cas/serviceValidate".to_owned(), "INVALID_REQUEST"),
        (
            format!("/cas/serviceValidate?ticket={unknown}"),
            "INVALID_REQUEST",
        ),
        (
            format!("/cas/serviceValidate?service={}", encoded(APP)),
            "INVALID_REQUEST",
        ),
        (
            path("serviceValidate", APP, "ST-1<evil>", ""),
            "INVALID_TICKET_SPEC",
        ),
        (path("serviceValidate", APP, &unknown, ""), "INVALID_TICKET"),
        (
            path("serviceValidate", APP, &sso, "&renew=true"),
            "INVALID_TICKET",
        ),
        (
            path("serviceValidate", "https://other.example.org/", &misdirected, ""),
            "INVALID_SERVICE",
        ),
        (path("serviceValidate", APP, &misdirected, ""), "INVALID_TICKET"),
    ] {
        let reply = house.browser().get(&path).await;
        assert_eq!(reply.status, 200, "{path}");
        assert!(
            reply
                .body
                .contains(&format!("<cas:authenticationFailure code=\"{code}\">")),
            "{path}: {}",
            reply.body
        );
        assert!(reply.body.contains(reply.header("x-request-id")));
        assert!(!reply.body.contains("evil"));
    }
}

#[tokio::test]
async fn a_ticket_is_good_for_one_attempt_whatever_its_outcome() {
    // CAS-105, CAS-108, CAS-152, T-22
    let house = campus().await;
    let mut browser = house.browser();
    browser.sign_in("/cas/login", CAMILLE).await;
    let spoilers = [
        path("serviceValidate", APP, "TICKET", ""),
        path("serviceValidate", "https://other.example.org/", "TICKET", ""),
        path(
            "serviceValidate",
            "https://app.example.org@evil.example/",
            "TICKET",
            "",
        ),
        path("serviceValidate", "not a url", "TICKET", ""),
        path("serviceValidate", APP, "TICKET", "&renew=true"),
        path(
            "serviceValidate",
            APP,
            "TICKET",
            "&pgtUrl=https%3A%2F%2Fapp.example.org%2Fpgt",
        ),
        path("t/lycee/serviceValidate", APP, "TICKET", ""),
    ];
    let house2 = crate::house::house().await;
    for spoiler in &spoilers {
        house.clock.advance(Duration::from_secs(11));
        let ticket = browser.ticket_for(APP).await;
        if spoiler.contains("/t/lycee") {
            continue;
        }
        house.get_text(&spoiler.replace("TICKET", &ticket)).await;
        let again = house.validate(APP, &ticket).await;
        assert!(again.contains("code=\"INVALID_TICKET\""), "{spoiler}: {again}");
    }
    let mut browser = house2.browser();
    let ticket = browser
        .sign_in(&format!("{}&tenant=campus", login_path(APP)), CAMILLE)
        .await
        .ticket();
    let other = house2
        .get_text(&path("t/lycee/serviceValidate", APP, &ticket, ""))
        .await;
    assert!(other.contains("code=\"INVALID_TICKET\""), "CAS-341: {other}");
    assert!(
        house2
            .validate(APP, &ticket)
            .await
            .contains("code=\"INVALID_TICKET\""),
        "and it is burnt"
    );
}

#[tokio::test]
async fn a_ticket_waits_thirty_seconds_or_what_its_service_says() {
    // CAS-107, CAS-108
    let house = campus().await;
    let mut browser = house.browser();
    browser.sign_in("/cas/login", CAMILLE).await;
    for (service, in_time, late) in [(APP, 29, 31), ("https://hasty.example.org/", 4, 6)] {
        let good = browser.ticket_for(service).await;
        house.clock.advance(Duration::from_secs(in_time));
        assert!(
            house
                .validate(service, &good)
                .await
                .contains("authenticationSuccess"),
            "{service}"
        );
        let bad = browser.ticket_for(service).await;
        house.clock.advance(Duration::from_secs(late));
        assert!(
            house
                .validate(service, &bad)
                .await
                .contains("code=\"INVALID_TICKET\""),
            "{service}"
        );
    }
}

#[tokio::test]
async fn a_store_or_directory_that_is_down_is_an_internal_error_with_200() {
    // CAS-13, CAS-156, CAS-157
    let house = campus().await;
    let good = ticket(&house).await;
    house.store.down.store(true, Ordering::SeqCst);
    let reply = house
        .browser()
        .get(&path("serviceValidate", APP, &good, ""))
        .await;
    assert_eq!(reply.status, 200);
    assert!(reply.body.contains("code=\"INTERNAL_ERROR\"") && !reply.body.contains("told so"));
    assert_eq!(house.get_text(&path("validate", APP, &good, "")).await, "no\n");
    house.store.down.store(false, Ordering::SeqCst);
    house.campus.down.store(true, Ordering::SeqCst);
    assert!(
        house.validate(APP, &good).await.contains("authenticationSuccess"),
        "no directory is needed"
    );
}

#[tokio::test]
async fn a_user_name_that_is_missing_is_a_refusal_never_another_name() {
    // CAS-248, CAS-153
    let named = ServiceSettings {
        user: Some("attribute:employeeNumber".to_owned()),
        ..service("app")
    };
    let house = build(Plan {
        services: vec![named],
        one_institution: true,
        ..Plan::default()
    })
    .await;
    let answer = house.validate(APP, &ticket(&house).await).await;
    assert!(
        answer.contains("code=\"UNAUTHORIZED_SERVICE\"") && !answer.contains("camille"),
        "{answer}"
    );
}

#[tokio::test]
async fn a_ticket_from_credentials_passes_renew_also_when_a_warning_was_asked_for() {
    // CAS-150, CAS-159
    let house = campus().await;
    let mut browser = house.browser();
    let form = browser
        .get(&login_path(APP))
        .await
        .form()
        .with("username", CAMILLE.0)
        .with("password", CAMILLE.1);
    let good = browser.submit(&form.with("warn", "true")).await.ticket();
    let answer = house
        .get_text(&path("serviceValidate", APP, &good, "&renew=true"))
        .await;
    assert!(answer.contains("authenticationSuccess"), "{answer}");
    let warned = browser.get(&login_path(APP)).await.form();
    let sso = browser.submit(&warned).await.ticket();
    let answer = house
        .get_text(&path("serviceValidate", APP, &sso, "&renew=true"))
        .await;
    assert!(
        answer.contains("code=\"INVALID_TICKET\""),
        "the warning page asks for no credentials: {answer}"
    );
}
