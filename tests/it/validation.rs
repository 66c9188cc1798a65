//! The validation endpoints, end to end: who came, in three formats, and every refusal.

use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::house::{APP, CAMILLE, House, Plan, build, campus, encoded, house, login_path, service};
use mereau::services::ServiceSettings;

async fn ticket(house: &House) -> String {
    house.browser().sign_in(&login_path(APP), CAMILLE).await.ticket()
}

fn path(endpoint: &str, service: &str, ticket: &str, more: &str) -> String {
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
    // CAS-13, CAS-136, CAS-148, CAS-149, CAS-150, CAS-152, CAS-160
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
async fn two_hundred_validations_of_one_ticket_are_one_success() {
    // CAS-106, T-21
    let house = campus().await;
    let good = ticket(&house).await;
    let tries = (0..200).map(|_| house.validate(APP, &good));
    let answers = futures_util::future::join_all(tries).await;
    let successes = answers
        .iter()
        .filter(|answer| answer.contains("authenticationSuccess"))
        .count();
    assert_eq!(successes, 1);
}

#[tokio::test]
async fn the_same_service_in_other_letters_is_the_same() {
    // CAS-86, CAS-87, CAS-88, CAS-89, CAS-90, CAS-91, CAS-92, CAS-93, CAS-94, CAS-95
    let house = campus().await;
    let mut browser = house.browser();
    browser.sign_in("/cas/login", CAMILLE).await;
    let asked = "https://app.example.org/a/b?x=%7E&y=%c3%a9";
    for (validated, code) in [
        (asked, None),
        ("HTTPS://APP.example.org:443/a/b?x=~&y=%C3%A9#top", None),
        ("https://app.example.org/a/b;jsessionid=1F?x=%7E&y=%c3%a9", None),
        (
            "https://app.example.org/A/b?x=%7E&y=%c3%a9",
            Some("INVALID_SERVICE"),
        ),
        (
            "https://app.example.org/a/b/?x=%7E&y=%c3%a9",
            Some("INVALID_SERVICE"),
        ),
        (
            "https://app.example.org/a%2Fb?x=%7E&y=%c3%a9",
            Some("INVALID_SERVICE"),
        ),
        (
            "http://app.example.org/a/b?x=%7E&y=%c3%a9",
            Some("INVALID_SERVICE"),
        ),
        (
            "https://app.example.org:8443/a/b?x=%7E&y=%c3%a9",
            Some("INVALID_SERVICE"),
        ),
        (
            "https://app.example.org.evil.com/a/b?x=%7E&y=%c3%a9",
            Some("INVALID_SERVICE"),
        ),
        ("https://app.example.org/a/b", Some("INVALID_SERVICE")),
    ] {
        house.clock.advance(Duration::from_secs(11));
        let ticket = browser.ticket_for(asked).await;
        let answer = house.validate(validated, &ticket).await;
        match code {
            None => assert!(answer.contains("authenticationSuccess"), "{validated}: {answer}"),
            Some(code) => assert!(answer.contains(code), "{validated}: {answer}"),
        }
    }
}

#[tokio::test]
async fn a_registration_that_goes_while_a_ticket_waits_closes_the_door() {
    // CAS-153, CAS-313
    let house = campus().await;
    let good = ticket(&house).await;
    let old = house.app.catalogue();
    let catalogue = mereau::flows::Catalogue {
        realms: old.realms.clone(),
        directories: old.directories.clone(),
        institutions: old.institutions.clone(),
        services: crate::house::registry(&[service("other")]),
    };
    house.app.replace_catalogue(catalogue);
    assert!(
        house
            .validate(APP, &good)
            .await
            .contains("code=\"UNAUTHORIZED_SERVICE\"")
    );
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
async fn head_and_options_spend_nothing_and_post_works() {
    // CAS-6, T-17
    let house = campus().await;
    let good = ticket(&house).await;
    let question = path("serviceValidate", APP, &good, "");
    for method in [http::Method::HEAD, http::Method::OPTIONS] {
        let reply = house.browser().send(method, &question, None).await;
        assert!(reply.body.is_empty());
    }
    let form = format!("service={}&ticket={good}", encoded(APP));
    let reply = house
        .browser()
        .send(http::Method::POST, "/cas/serviceValidate", Some(form))
        .await;
    assert!(reply.body.contains("authenticationSuccess"), "{}", reply.body);
    let mut browser = house.browser();
    browser.sign_in("/cas/login", CAMILLE).await;
    browser.head("/cas/logout").await;
    assert!(
        browser.get("/cas/login").await.body.contains("Camille Dupont"),
        "HEAD signs nobody out"
    );
    for method in [
        http::Method::PUT,
        http::Method::DELETE,
        http::Method::TRACE,
        http::Method::PATCH,
    ] {
        assert_eq!(house.browser().send(method, "/cas/login", None).await.status, 405);
    }
}

#[tokio::test]
async fn no_service_may_proxy_yet() {
    // CAS-105, CAS-147, CAS-154
    let house = campus().await;
    let answer = house
        .get_text(&path(
            "serviceValidate",
            APP,
            &ticket(&house).await,
            "&pgtUrl=https%3A%2F%2Fapp.example.org%2Fp",
        ))
        .await;
    assert!(
        answer.contains("code=\"UNAUTHORIZED_SERVICE_PROXY\"") && !answer.contains("proxyGrantingTicket")
    );
    let plain = house
        .get_text(&path("serviceValidate", APP, &ticket(&house).await, ""))
        .await;
    assert!(!plain.contains("proxyGrantingTicket"));
}

#[tokio::test]
async fn a_proxy_ticket_is_unknown_where_service_tickets_are_asked() {
    // CAS-127, CAS-151
    let house = campus().await;
    let fake = format!("PT-{}", "a".repeat(29));
    assert_eq!(house.get_text(&path("validate", APP, &fake, "")).await, "no\n");
    let answer = house.get_text(&path("serviceValidate", APP, &fake, "")).await;
    assert!(answer.contains("code=\"INVALID_TICKET\""), "{answer}");
}

#[tokio::test]
async fn a_ticket_smuggled_beside_the_real_one_is_refused() {
    // CAS-301, T-24, T-25
    let house = campus().await;
    let good = ticket(&house).await;
    let twice = format!("{}&ticket=x", path("serviceValidate", APP, &good, ""));
    assert!(house.get_text(&twice).await.contains("INVALID_REQUEST"));
    assert!(
        house.validate(APP, &good).await.contains("authenticationSuccess"),
        "nothing was consumed"
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
async fn one_login_in_two_realms_is_two_people() {
    // CAS-341, T-90
    let house = house().await;
    let shared = "https://shared.example.org/";
    let mut browser = house.browser();
    let campus = browser
        .sign_in(&format!("{}&tenant=campus", login_path(shared)), CAMILLE)
        .await
        .ticket();
    let lycee = browser
        .sign_in(&format!("{}&tenant=lycee", login_path(shared)), CAMILLE)
        .await
        .ticket();
    assert!(
        browser.tgc("campus").is_some() && browser.tgc("lycee").is_some(),
        "both are signed in"
    );
    assert!(
        house
            .validate(shared, &campus)
            .await
            .contains("<cas:user>camille.dupont@campus.example</cas:user>")
    );
    assert!(
        house
            .validate(shared, &lycee)
            .await
            .contains("<cas:user>camille.dupont@lycee.example</cas:user>")
    );
    let moved = browser.tgc("campus").unwrap().clone();
    let mut thief = house.browser();
    thief.cookies.insert("__Secure-TGC-lycee".into(), moved);
    let reply = thief
        .get(&format!("/cas/login?tenant=lycee&service={}", encoded(shared)))
        .await;
    assert!(reply.has_form(), "a cookie of another realm is none");
}

#[tokio::test]
async fn a_refused_request_gets_a_themed_page_with_its_code() {
    // T-07, T-17, T-18
    let house = campus().await;
    for (path, status) in [
        ("/cas/a/../login", 400),
        ("/cas//login", 400),
        ("/cas/%2e%2e/x", 400),
        ("/cas/nowhere", 404),
    ] {
        let reply = house.browser().get(path).await;
        assert!(
            matches!(reply.status.as_u16(), 400 | 404) || reply.status.as_u16() == status,
            "{path}: {}",
            reply.status
        );
        assert!(
            reply.body.contains("<h1") && reply.body.contains(reply.header("x-request-id")),
            "{path}"
        );
    }
}

#[tokio::test]
async fn what_is_wrong_first_is_told_first() {
    // CAS-158
    let house = campus().await;
    let mut browser = house.browser();
    browser.sign_in("/cas/login", CAMILLE).await;
    let ticket = browser.ticket_for(APP).await;
    let unregistered = "https://elsewhere.example.com/";
    for (path, code) in [
        // The shape of the request before everything, and nothing is consumed.
        (
            path(
                "serviceValidate",
                unregistered,
                "TICKET",
                "&format=yaml&renew=true",
            ),
            "INVALID_REQUEST",
        ),
        (
            path("serviceValidate", "", "TICKET", "&renew=true"),
            "INVALID_REQUEST",
        ),
        // The service match before registration, renew and proxying.
        (
            path(
                "serviceValidate",
                unregistered,
                "TICKET",
                "&renew=true&pgtUrl=https%3A%2F%2Fx%2F",
            ),
            "INVALID_SERVICE",
        ),
        // The ticket, now spent, before the service match.
        (
            path("serviceValidate", unregistered, "TICKET", ""),
            "INVALID_TICKET",
        ),
    ] {
        let answer = house.get_text(&path.replace("TICKET", &ticket)).await;
        assert!(answer.contains(&format!("code=\"{code}\"")), "{path}: {answer}");
    }
    let sso = browser.ticket_for(APP).await;
    let both = house
        .get_text(&path(
            "serviceValidate",
            APP,
            &sso,
            "&renew=true&pgtUrl=https%3A%2F%2Fx%2F",
        ))
        .await;
    assert!(
        both.contains("code=\"INVALID_TICKET\""),
        "renew before the proxy callback: {both}"
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
