//! What a registration says of who gets in and when, through the whole server: rows of the decision
//! matrix with a session, with a gateway and with a form, and what validation says after.

use std::time::Duration;

use mereau::base::secret::Secret;
use mereau::directory::AttributeValue;
use mereau::services::ServiceSettings;

use crate::house::{AMINE, APP, CAMILLE, Callbacks, START, campus, encoded, house_of, login_path, service};
use crate::matrix::{outcome, path, signed_in};
use crate::proxy::{asked, granted, proxied, validation};
use crate::proxy_callback::Log;

const HOUR: Duration = Duration::from_secs(3600);
const MINUTE: Duration = Duration::from_secs(60);

fn url(id: &str) -> String {
    format!("https://{id}.example.org/")
}

fn values(all: &[&str]) -> Vec<String> {
    all.iter().map(|value| (*value).to_owned()).collect()
}

/// What the browser gets at `id`, by single sign-on, then with a gateway.
async fn both(browser: &mut crate::house::Browser<'_>, id: &str) -> [&'static str; 2] {
    let mut got = [""; 2];
    for (got, gateway) in got.iter_mut().zip([false, true]) {
        let reply = browser.get(&path(Some(&url(id)), false, gateway)).await;
        let ways = reply.addresses();
        assert!(
            reply.status != 403 || ways.iter().all(|to| !to.contains(&url(id))),
            "past a refusal: {ways:?}"
        );
        *got = outcome(&reply, &url(id));
    }
    got
}

#[tokio::test]
async fn a_service_gets_nobody_before_it_opens_and_nobody_after_it_closes() {
    // CAS-60
    let open = START.plus(HOUR).to_rfc3339();
    let close = START.plus(2 * HOUR).to_rfc3339();
    let season = ServiceSettings {
        opens: Some(open),
        closes: Some(close),
        ..service("season")
    };
    let house = house_of(vec![season, service("app")]).await;
    let mut browser = signed_in(&house).await;
    assert_eq!(both(&mut browser, "season").await, ["X", "X"]);
    assert_eq!(both(&mut house.browser(), "season").await, ["X", "X"]);
    let early = browser.get(&login_path(&url("season"))).await;
    assert!(
        early.body.contains("Service season") && early.body.contains("13:07"),
        "{}",
        early.body
    );
    assert!(
        early
            .addresses()
            .iter()
            .all(|to| !to.contains("season.example.org"))
    );
    // A form that was filled in for another service is no way in either.
    let form = house.browser().get("/cas/login").await.form();
    let sent = form
        .with("username", CAMILLE.0)
        .with("password", CAMILLE.1)
        .with("service", &url("season"));
    let reply = house.browser().submit(&sent).await;
    assert_eq!(
        (reply.status.as_u16(), reply.headers.get("location")),
        (403, None)
    );
    house.clock.advance(HOUR);
    assert_eq!(both(&mut browser, "season").await, ["R+", "R+"]);
    house.clock.advance(HOUR - Duration::from_secs(1));
    let last = browser.ticket_for(&url("season")).await;
    house.clock.advance(Duration::from_secs(1));
    let answer = house.validate(&url("season"), &last).await;
    assert!(answer.contains("code=\"UNAUTHORIZED_SERVICE\""), "{answer}");
    assert_eq!(both(&mut browser, "season").await, ["X", "X"]);
    let late = browser.get(&login_path(&url("season"))).await;
    assert!(
        !late.body.contains("Service season"),
        "as one that was never there"
    );
    assert_eq!(both(&mut browser, "app").await, ["R+", "R+"]);
}

#[tokio::test]
#[allow(clippy::too_many_lines, reason = "one rule after the other")]
async fn the_attributes_of_a_registration_decide_who_gets_in() {
    // CAS-55, CAS-56
    let affiliation = "eduPersonAffiliation".to_owned();
    let rejecting = |id: &str, value: &str| ServiceSettings {
        rejected_attributes: [(affiliation.clone(), values(&[value]))].into(),
        ..service(id)
    };
    let either = [
        (affiliation.clone(), values(&["staff"])),
        ("displayName".to_owned(), values(&["camille .*"])),
    ];
    let either = |id: &str, any: bool| ServiceSettings {
        required_attributes: either.clone().into(),
        required_any: any,
        attribute_values: Some("pattern".to_owned()),
        ..service(id)
    };
    let house = house_of(vec![
        rejecting("nostudents", "student"),
        rejecting("nostudentss", "students"),
        ServiceSettings {
            attribute_values: Some("ignore-case".to_owned()),
            ..rejecting("noschooling", "STUDENT")
        },
        ServiceSettings {
            profiles: values(&["Student"]),
            ..service("students")
        },
        ServiceSettings {
            profiles: values(&["staff", "faculty"]),
            ..service("staff")
        },
        either("both", false),
        either("either", true),
        ServiceSettings {
            required_attributes: [("displayName".to_owned(), values(&["CAMILLE DUPONT"]))].into(),
            attribute_values: Some("ignore-case".to_owned()),
            ..service("loud")
        },
    ])
    .await;
    let mut camille = signed_in(&house).await;
    let mut amine = house.browser();
    amine.sign_in("/cas/login", AMINE).await;
    for (id, of_camille, of_amine) in [
        ("nostudents", ["X", "R-"], ["R+", "R+"]),
        ("nostudentss", ["R+", "R+"], ["R+", "R+"]),
        ("noschooling", ["X", "R-"], ["R+", "R+"]),
        ("students", ["R+", "R+"], ["X", "R-"]),
        ("staff", ["X", "R-"], ["R+", "R+"]),
        ("both", ["X", "R-"], ["X", "R-"]),
        ("either", ["X", "R-"], ["R+", "R+"]),
        ("loud", ["R+", "R+"], ["X", "R-"]),
    ] {
        assert_eq!(both(&mut camille, id).await, of_camille, "{id}");
        assert_eq!(both(&mut amine, id).await, of_amine, "{id}");
    }
    // Somebody who signs in on the way there is told, too, and has a session for the rest.
    let mut fresh = house.browser();
    let reply = fresh.sign_in(&login_path(&url("staff")), CAMILLE).await;
    let page = match reply.status.as_u16() {
        303 => fresh.get(reply.location()).await,
        _ => reply,
    };
    assert_eq!(page.status, 403, "{}", page.body);
    assert_eq!(both(&mut fresh, "students").await, ["R+", "R+"]);
}

#[tokio::test]
async fn what_a_person_loses_closes_the_door_at_the_next_reading_and_at_validation() {
    // CAS-55, CAS-56, CAS-61
    let students = ServiceSettings {
        profiles: values(&["student"]),
        ..service("students")
    };
    let house = house_of(vec![students]).await;
    let mut browser = signed_in(&house).await;
    assert_eq!(both(&mut browser, "students").await, ["R+", "R+"]);
    let waiting = browser.ticket_for(&url("students")).await;
    *house.campus.change.lock().unwrap() = Some(|mut person| {
        person.attributes = person
            .attributes
            .only(|name| !name.eq_ignore_ascii_case("eduPersonAffiliation"));
        person
            .attributes
            .add("eduPersonAffiliation", [AttributeValue::Text("alum".to_owned())]);
        Some(person)
    });
    house.clock.advance(Duration::from_secs(301));
    assert_eq!(both(&mut browser, "students").await, ["X", "R-"]);
    let answer = house.validate(&url("students"), &waiting).await;
    assert!(answer.contains("authenticationFailure"), "{answer}");
}

#[tokio::test]
async fn a_gateway_tells_nothing_of_an_account_that_was_closed_and_its_session_ends() {
    // CAS-61
    let house = campus().await;
    let mut browser = signed_in(&house).await;
    *house.campus.change.lock().unwrap() = Some(|mut person| {
        person.state.may_sign_in = false;
        Some(person)
    });
    house.clock.advance(Duration::from_secs(301));
    let reply = browser.get(&path(Some(APP), false, true)).await;
    assert_eq!(outcome(&reply, APP), "R-");
    assert_eq!(
        outcome(&browser.get(&path(Some(APP), false, false)).await, APP),
        "F"
    );
    assert_eq!(outcome(&browser.get(&path(None, false, false)).await, APP), "F");
}

#[tokio::test]
async fn a_session_that_is_old_or_idle_is_asked_again_where_that_counts() {
    // CAS-53, CAS-54
    let young = ServiceSettings {
        sso_max_age: Some(HOUR),
        ..service("young")
    };
    let busy = ServiceSettings {
        sso_max_idle: Some(10 * MINUTE),
        ..service("busy")
    };
    let house = house_of(vec![young, busy, service("app")]).await;
    let mut browser = signed_in(&house).await;
    assert_eq!(both(&mut browser, "young").await, ["R+", "R+"]);
    house.clock.advance(11 * MINUTE);
    assert_eq!(both(&mut browser, "busy").await, ["F", "R-"]);
    assert_eq!(both(&mut browser, "app").await, ["R+", "R+"]);
    assert_eq!(
        both(&mut browser, "busy").await,
        ["R+", "R+"],
        "it has just been used"
    );
    house.clock.advance(50 * MINUTE);
    assert_eq!(both(&mut browser, "app").await, ["R+", "R+"]);
    assert_eq!(
        both(&mut browser, "young").await,
        ["F", "R-"],
        "however much it is used"
    );
    let form = browser.get(&path(Some(&url("young")), false, false)).await;
    assert!(form.body.contains("camille.dupont"), "the person is known");
    let reply = browser
        .submit(
            &form
                .form()
                .with("username", CAMILLE.0)
                .with("password", CAMILLE.1),
        )
        .await;
    let answer = house.validate(&url("young"), &reply.ticket()).await;
    assert!(
        answer.contains("<cas:isFromNewLogin>true</cas:isFromNewLogin>"),
        "{answer}"
    );
    assert_eq!(both(&mut browser, "young").await, ["R+", "R+"]);
}

#[tokio::test]
async fn a_portal_asks_for_as_long_as_its_registration_and_the_targets_say() {
    // CAS-110, CAS-183
    let portal = ServiceSettings {
        proxy_callbacks: values(&["https://localhost:*/pgt/**"]),
        granting_ticket_lifetime: Some(2 * HOUR),
        ..service("portal")
    };
    let young = ServiceSettings {
        sso_max_age: Some(HOUR),
        proxy_ticket_lifetime: Some(MINUTE),
        ticket_lifetime: Some(Duration::from_secs(5)),
        ..service("young")
    };
    let house = house_of(vec![portal, young, service("app")]).await;
    let callbacks = Callbacks::start(house.authority.issue(&["localhost"])).await;
    let mut browser = house.browser();
    let ticket = browser
        .sign_in(&login_path(&url("portal")), CAMILLE)
        .await
        .ticket();
    let pgt = granted(&house, &callbacks, &url("portal"), &ticket).await;
    let validated = async |ticket: &str| {
        let question = validation("proxyValidate", &url("young"), ticket, "");
        house.get_text(&question).await.contains("authenticationSuccess")
    };
    let good = proxied(&house, &pgt, &url("young")).await;
    house.clock.advance(MINUTE - Duration::from_secs(1));
    assert!(validated(&good).await, "longer than service tickets");
    let old = proxied(&house, &pgt, &url("young")).await;
    house.clock.advance(MINUTE + Duration::from_secs(1));
    assert!(!validated(&old).await);
    house.clock.advance(HOUR);
    let answer = asked(&house, &pgt, &url("young")).await;
    assert!(answer.contains("UNAUTHORIZED_SERVICE"), "{answer}");
    proxied(&house, &pgt, &url("app")).await;
    browser.ticket_for(&url("app")).await;
    house.clock.advance(HOUR);
    browser.ticket_for(&url("app")).await;
    let answer = asked(&house, &pgt, &url("app")).await;
    assert!(
        answer.contains("INVALID_TICKET"),
        "the session lives, the PGT does not: {answer}"
    );
}

#[tokio::test]
async fn what_is_released_follows_the_registration_and_so_does_the_logout() {
    // CAS-191, CAS-236, CAS-248
    let everything = ServiceSettings {
        attributes: Vec::new(),
        all_attributes: true,
        renamed_attributes: [(
            "mail".to_owned(),
            vec!["email".to_owned(), "login".to_owned()].into(),
        )]
        .into(),
        released_values: [("eduPersonAffiliation".to_owned(), "mem.*".to_owned())].into(),
        user: Some("anonymous".to_owned()),
        user_salt: Some(Secret::new("scottssalt".to_owned())),
        logout: Some(
            vec![
                "https://a.example.org/slo".to_owned(),
                "https://b.example.org/slo".to_owned(),
            ]
            .into(),
        ),
        ..service("all")
    };
    let house = house_of(vec![everything]).await;
    let mut browser = signed_in(&house).await;
    let ticket = browser.ticket_for(&url("all")).await;
    let answer = house
        .get_text(&validation("p3/serviceValidate", &url("all"), &ticket, ""))
        .await;
    // printf '%s' 'https://all.example.org/!camille.dupont!scottssalt' | openssl sha1 -binary | base64
    for part in [
        "<cas:user>L719VnSVjX13xiv1+qEy+SA/At8=</cas:user>",
        "<cas:email>camille.dupont@campus.example</cas:email>",
        "<cas:login>camille.dupont@campus.example</cas:login>",
        "<cas:mail>camille.dupont@campus.example</cas:mail>",
        "<cas:uid>camille.dupont</cas:uid>",
        "<cas:eduPersonAffiliation>member</cas:eduPersonAffiliation>",
    ] {
        assert!(answer.contains(part), "{part} is not in {answer}");
    }
    assert!(!answer.contains("student"), "{answer}");
    browser.get("/cas/logout").await;
    let told = house.notices.take();
    let to: Vec<&str> = told.iter().map(|(_, url, _)| url.as_str()).collect();
    assert_eq!(to, ["https://a.example.org/slo", "https://b.example.org/slo"]);
    assert!(told.iter().all(|(_, _, message)| message.contains(&ticket)));
}

#[tokio::test]
async fn the_log_tells_where_a_validated_url_differs_and_which_rule_is_nearest() {
    // SEC-11
    let log = Log::default();
    let lines = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(move || lines.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let house = campus().await;
    let mut browser = signed_in(&house).await;
    let issued = "https://app.example.org/a/b?next=canary-7Hq2&lang=fr";
    for (validated, differ) in [
        (
            "https://app.example.org/a/B?next=canary-7Hq2&lang=fr",
            "path: after “/a/” comes “b” and “B”, which differ in case",
        ),
        (
            "http://app.example.org/a/b?next=canary-7Hq2&lang=fr",
            "scheme: https and http",
        ),
        (
            "https://app.example.org/a/b?next=canary-8Hq2&lang=fr",
            "query: “next” has another value",
        ),
        (
            "https://app.example.org/a/b",
            "query: “next” is in the first alone",
        ),
        ("canary-7Hq2", "the second is no URL"),
    ] {
        house.clock.advance(Duration::from_secs(11));
        let ticket = browser.ticket_for(issued).await;
        let answer = house.validate(validated, &ticket).await;
        assert!(answer.contains("INVALID_SERVICE"), "{answer}");
        let told = format!("differ=\"{differ}\"");
        assert!(log.text().contains(&told), "{told} is not in {}", log.text());
    }
    let shown = "issued_for=\"https://app.example.org/a/b?next=…&lang=…\"";
    assert!(log.text().contains(shown), "{}", log.text());
    let nobodys = encoded("http://app.example.org/?next=canary-7Hq2");
    let reply = browser.get(&format!("/cas/login?service={nobodys}")).await;
    assert_eq!(reply.status, 403);
    let nearest = "nearest=\"https://app.example.org/** of app, but for its scheme\"";
    assert!(log.text().contains(nearest), "{}", log.text());
    assert!(
        !reply.body.contains("of app, but for"),
        "nobody but the log is told"
    );
    assert!(!log.text().contains("canary"), "{}", log.text());
}
