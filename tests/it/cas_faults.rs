//! Faults of other CAS servers, tried on this one (specification §5) where no other test is their
//! home: what a page holds, which addresses exist, which way round a refusal there might be.

use futures_util::future::Either;

use crate::house::{APP, CAMILLE, House, campus, encoded, login_path};
use crate::saml::{ask, asking};
use crate::validation::{path, ticket};

#[tokio::test]
async fn nothing_that_watches_the_server_is_served_to_the_public() {
    // CAS-306
    let house = campus().await;
    for name in [
        "actuator",
        "actuator/env",
        "actuator/health",
        "status",
        "status/config",
        "metrics",
        "monitoring",
        "health",
        "env",
        "debug",
        "statistics",
        "services",
        "manage",
        "admin",
        "h2-console",
        "v1/services",
    ] {
        for place in ["/cas/", "/"] {
            let reply = house.browser().get(&format!("{place}{name}")).await;
            assert!(
                reply.status == 404 || reply.status == 403,
                "{place}{name}: {}",
                reply.status
            );
        }
    }
}

#[tokio::test]
async fn the_browser_keeps_no_state_of_ours_and_what_it_sends_as_one_changes_nothing() {
    // CAS-307, CAS-319
    let house = campus().await;
    let mut browser = house.browser();
    let form = browser.get(&login_path(APP)).await.form();
    for (name, value) in &form.fields {
        let known = match name.as_str() {
            "lt" => value.starts_with("LT-") && value.len() < 80,
            "service" => value == APP,
            "execution" => value == "e1s1",
            "_eventId" => value == "submit",
            "tenant" | "username" | "password" => value.is_empty() || value == "campus",
            _ => false,
        };
        assert!(known, "{name} = {value}");
    }
    assert!(
        browser.cookies.values().all(|value| value.len() < 80),
        "{:?}",
        browser.cookies
    );
    // A serialised Java object, as Apereo once read it here.
    let object = form
        .with(
            "execution",
            "f6c1_rO0ABXNyABFqYXZhLnV0aWwuSGFzaE1hcAUH2sHDFmDRAwAC",
        )
        .with("@class", "java.util.HashMap");
    let signed_in = object.with("username", CAMILLE.0).with("password", CAMILLE.1);
    assert_eq!(browser.submit(&signed_in).await.status, 303);
}

#[tokio::test]
async fn a_session_that_is_over_is_over_on_every_way() {
    // CAS-315, CAS-113
    let house = campus().await;
    for endpoint in [
        "validate",
        "serviceValidate",
        "proxyValidate",
        "p3/serviceValidate",
        "p3/proxyValidate",
        "samlValidate",
    ] {
        let mut browser = house.browser();
        let kept = browser.sign_in(&login_path(APP), CAMILLE).await.ticket();
        browser.get("/cas/logout").await;
        let answer = asked(&house, endpoint, &kept).await;
        assert!(
            !answer.contains("camille") && !answer.contains(":Success") && !answer.starts_with("yes"),
            "{endpoint}: {answer}"
        );
    }
}

async fn asked(house: &House, endpoint: &str, ticket: &str) -> String {
    match endpoint {
        "samlValidate" => ask(house, APP, &asking(ticket)).await,
        _ => house.get_text(&path(endpoint, APP, ticket, "")).await,
    }
}

#[tokio::test]
async fn what_the_ticket_holds_cannot_add_a_parameter() {
    // CAS-301, T-25
    let house = campus().await;
    let good = ticket(&house).await;
    let evil = encoded("https://evil.example.org/");
    for hostile in [
        format!("{good}&service={evil}"),
        format!("{good}&ticket=ST-x"),
        format!("{good}&pgtUrl={evil}&pgtUrl={evil}"),
        format!("{good}%26service%3D{evil}"),
        format!("{good}%23"),
        format!("{good}%25"),
        format!("{good}%3D"),
    ] {
        let query = format!("/cas/serviceValidate?service={}&ticket={hostile}", encoded(APP));
        let answer = house.get_text(&query).await;
        assert!(answer.contains("authenticationFailure"), "{hostile}: {answer}");
        assert!(
            !answer.contains("camille") && !answer.contains("evil"),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn whatever_is_asked_the_answer_of_a_refusal_is_one_failure_and_repeats_nothing() {
    // CAS-303, CAS-142
    let house = campus().await;
    let markup = "</cas:authenticationFailure><cas:authenticationSuccess><cas:user>admin</cas:user>\
        </cas:authenticationSuccess><!-- ]]> <![CDATA[";
    let hostile = encoded(markup);
    for query in [
        format!("service={}&ticket={hostile}", encoded(APP)),
        format!("service={}&ticket=ST-{hostile}", encoded(APP)),
        format!("service={hostile}&ticket=ST-x"),
        format!("service={}{hostile}&ticket=ST-x", encoded(APP)),
        format!("service={}&ticket=ST-x&pgtUrl={hostile}", encoded(APP)),
        format!("service={}&ticket=ST-x&pgtUrl=https://{hostile}", encoded(APP)),
        format!("service={}&ticket=ST-x&format={hostile}", encoded(APP)),
    ] {
        for endpoint in [
            "serviceValidate",
            "p3/serviceValidate",
            "proxyValidate",
            "p3/proxyValidate",
        ] {
            let answer = house.get_text(&format!("/cas/{endpoint}?{query}")).await;
            assert_eq!(
                answer.matches("<cas:authenticationFailure").count(),
                1,
                "{answer}"
            );
            for never in ["authenticationSuccess", "admin", "CDATA", "<!--", "cas:user"] {
                assert!(!answer.contains(never), "{never} in {answer}");
            }
        }
        let proxy = house
            .get_text(&format!("/cas/proxy?pgt={hostile}&targetService={hostile}"))
            .await;
        assert!(
            proxy.contains("proxyFailure") && !proxy.contains("admin"),
            "{proxy}"
        );
    }
}

#[tokio::test]
async fn no_service_adds_a_line_to_an_answer() {
    // CAS-339, CAS-81
    let house = campus().await;
    let mut browser = house.browser();
    browser.sign_in("/cas/login", CAMILLE).await;
    for hostile in [
        "\r\nSet-Cookie: x=1",
        "\nX-Evil: 1",
        "\r\n\r\n<script>",
        "\u{0}",
        "\u{85}X-Evil: 1",
    ] {
        let reply = browser.get(&login_path(&format!("{APP}{hostile}"))).await;
        let evil = reply.headers.contains_key("x-evil") || reply.headers.contains_key("location");
        assert!(
            !evil && (reply.status == 403 || reply.status == 400),
            "{hostile:?}: {} {:?}",
            reply.status,
            reply.headers
        );
        let mut cookies = reply.headers.get_all("set-cookie").iter();
        assert!(cookies.all(|line| !line.as_bytes().starts_with(b"x=")));
    }
    let escaped = browser
        .get(&login_path(&format!("{APP}%0d%0aSet-Cookie:%20x=1")))
        .await;
    let place = escaped.location();
    assert!(
        place.starts_with("https://app.example.org/%0d%0aSet-Cookie:%20x=1?ticket="),
        "{place}"
    );
}

#[test]
fn patterns_are_matched_in_linear_time() {
    // CAS-317
    let lock = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock")).unwrap();
    let users_of = |engine: &str| -> Vec<String> {
        let packages = lock.split("[[package]]").skip(1);
        let using = packages.filter(|package| package.contains(&format!("\n \"{engine}")));
        let names = using.filter_map(|package| package.split('"').nth(1).map(str::to_owned));
        names.collect()
    };
    // zxcvbn has patterns of its own for parts of a password, whose length is bounded before.
    assert_eq!(users_of("fancy-regex"), ["zxcvbn"]);
    for engine in ["onig", "pcre", "oniguruma", "regress"] {
        assert!(users_of(engine).is_empty(), "{engine}");
    }
}

#[tokio::test]
async fn who_guesses_tickets_is_put_off_and_a_good_ticket_is_not() {
    // CAS-335, CAS-329
    let house = campus().await;
    let mut guesser = house.browser();
    guesser.lasting = Some(house.served());
    guesser.address = [203, 0, 113, 9].into();
    let mut guess = async |number: usize| {
        let query = path("serviceValidate", APP, &format!("ST-{number:029}"), "");
        guesser.get(&query).await.body
    };
    for number in 0..2000 {
        let answer = guess(number).await;
        assert!(answer.contains("INVALID_TICKET"), "{answer}");
    }
    // An application behind the same address, which strangers made show those tickets.
    let mut application = house.browser();
    application.address = [203, 0, 113, 9].into();
    let good = path("serviceValidate", APP, &ticket(&house).await, "");
    let (late, prompt) = (guess(2001), application.get(&good));
    let (late, prompt) = (std::pin::pin!(late), std::pin::pin!(prompt));
    match futures_util::future::select(late, prompt).await {
        Either::Right((prompt, late)) => {
            assert!(prompt.body.contains("camille"), "{}", prompt.body);
            assert!(late.await.contains("INVALID_TICKET"));
        }
        Either::Left(_) => panic!("a guess is answered before a good ticket"),
    }
}
