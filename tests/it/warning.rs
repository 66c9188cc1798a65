//! « Prévenez-moi »: the halt before every further application, its one way on, and how it is taken back.

use http::Method;

use crate::house::{APP, Browser, CAMILLE, House, Reply, campus, encoded, login_path};

async fn warned(house: &House) -> Browser<'_> {
    let mut browser = house.browser();
    let form = browser.get("/cas/login").await.form();
    let form = form.with("username", CAMILLE.0).with("password", CAMILLE.1);
    assert_eq!(browser.submit(&form.with("warn", "true")).await.status, 303);
    browser
}

fn is_halt(reply: &Reply) -> bool {
    let holds_ticket = reply.body.contains("ST-") || reply.headers.contains_key("ticket");
    reply.status == 200 && reply.body.contains("/login/proceed\"") && !holds_ticket
}

#[tokio::test]
async fn every_service_halts_however_its_ticket_would_travel_and_travels_so_after_it() {
    // CAS-49, CAS-50, CAS-51, CAS-71, CAS-25, CAS-208
    let house = campus().await;
    let mut browser = warned(&house).await;
    for service in [
        APP,
        "https://other.example.org/",
        "https://shared.example.org/a?b=c",
    ] {
        for gateway in ["", "&gateway=true"] {
            let reply = browser.get(&format!("{}{gateway}", login_path(service))).await;
            assert!(is_halt(&reply), "{service}{gateway}: {}", reply.body);
        }
    }
    let saml = browser.get(&format!("/cas/login?TARGET={}", encoded(APP))).await;
    assert!(is_halt(&saml));
    let on = browser.submit(&saml.form()).await;
    assert!(
        on.location().starts_with(&format!("{APP}?SAMLart=ST-")),
        "{}",
        on.location()
    );
    let posted = browser.get(&format!("{}&method=POST", login_path(APP))).await;
    assert!(is_halt(&posted));
    let on = browser.submit(&posted.form()).await;
    assert_eq!(on.status, 200);
    assert!(on.form().action == APP && on.form().value("ticket").unwrap().starts_with("ST-"));
    let header = browser.get(&format!("{}&method=HEADER", login_path(APP))).await;
    assert!(is_halt(&header));
    let on = browser.submit(&header.form()).await;
    assert!(on.header("ticket").starts_with("ST-"));
    let ticket = on.header("ticket").to_owned();
    let answer = house.validate(APP, &ticket).await;
    assert!(answer.contains("<cas:isFromNewLogin>false<"), "{answer}");
}

#[tokio::test]
async fn no_get_passes_the_halt_nor_takes_the_wish_back() {
    // CAS-49, CAS-50, CAS-71, CAS-331
    let house = campus().await;
    let mut browser = warned(&house).await;
    let halt = browser.get(&login_path(APP)).await;
    let form = halt.form();
    let fields = form.with("stop_warning", "true").encoded();
    let ways = [
        format!("/cas/login/proceed?{fields}"),
        format!("/cas/login?{fields}"),
        format!("/cas/login?{fields}&warn=false"),
        format!("/cas/t/campus/login/proceed?{fields}"),
        format!("/cas/t/campus/login?{fields}"),
        format!("/cas/login?{fields}&warned=true&proceed=true"),
    ];
    for way in &ways {
        let mut reply = browser.get(way).await;
        if reply.status == 302 {
            assert!(
                reply.location().starts_with("/cas/"),
                "{way}: {}",
                reply.location()
            );
            let to = reply.location().to_owned();
            reply = browser.get(&to).await;
        }
        assert!(is_halt(&reply), "{way}: {} {}", reply.status, reply.body);
        let head = browser.send(Method::HEAD, way, None).await;
        assert!(!head.headers.contains_key("location"), "{way}");
    }
    assert!(
        is_halt(&browser.get(&login_path(APP)).await),
        "the wish is still there"
    );
    let mut stranger = warned(&house).await;
    stranger.headers.push(("sec-fetch-site", "cross-site".to_owned()));
    let forged = stranger.submit(&halt.form()).await;
    assert!(is_halt(&forged), "another site’s form is none: {}", forged.body);
}

#[tokio::test]
async fn a_refused_service_is_refused_before_anybody_is_warned() {
    // CAS-42, CAS-55, CAS-60
    let house = campus().await;
    let mut browser = warned(&house).await;
    for service in ["https://elsewhere.example.com/", "https://staff.example.org/"] {
        let reply = browser.get(&login_path(service)).await;
        assert_eq!(reply.status, 403, "{service}");
        assert!(!is_halt(&reply));
    }
    let halt = browser.get(&login_path(APP)).await.form();
    let swapped = halt.with("service", "https://elsewhere.example.com/");
    assert_eq!(browser.submit(&swapped).await.status, 403);
}

#[tokio::test]
async fn the_wish_goes_with_its_session_is_shown_when_the_password_is_asked_again_and_can_be_unset() {
    // CAS-71
    let house = campus().await;
    let mut browser = warned(&house).await;
    let mut elsewhere = house.browser();
    elsewhere.sign_in("/cas/login", CAMILLE).await;
    assert!(
        elsewhere.get(&login_path(APP)).await.status == 302,
        "another session of theirs"
    );
    let renew = "/cas/login?renew=true";
    let form = browser.get(renew).await.form();
    assert_eq!(form.value("warn"), Some("true"), "ticked, as it was chosen");
    browser.submit(&form.with("password", CAMILLE.1)).await;
    assert!(is_halt(&browser.get(&login_path(APP)).await), "kept");
    let form = browser.get(renew).await.form();
    browser
        .submit(&form.without("warn").with("password", CAMILLE.1))
        .await;
    assert_eq!(
        browser.get(&login_path(APP)).await.status,
        302,
        "unset by the box"
    );
    let mut browser = warned(&house).await;
    let halt = browser.get(&login_path(APP)).await.form();
    let on = browser.submit(&halt.with("stop_warning", "true")).await;
    assert_eq!(on.status, 303, "unset on the way, and on");
    assert_eq!(
        browser
            .get(&login_path("https://other.example.org/"))
            .await
            .status,
        302
    );
}

#[tokio::test]
async fn stop_is_heeded_on_the_form_of_the_halt_alone() {
    // CAS-71
    let house = campus().await;
    let mut browser = warned(&house).await;
    let halt = browser.get(&login_path(APP)).await.form();
    let unproved = halt.without("lt").with("stop_warning", "true");
    assert!(is_halt(&browser.submit(&unproved).await));
    assert!(is_halt(&browser.get(&login_path(APP)).await), "not unset");
}
