//! After a right password: the session, the way to the service, the states that keep an account
//! closed, the parts that are down.

use std::sync::atomic::Ordering;
use std::time::Duration;

use mereau::services::ServiceSettings;

use crate::house::{AMINE, APP, CAMILLE, Plan, build, campus, encoded, login_path, service};

#[tokio::test]
async fn a_right_password_ends_with_a_get_on_the_service() {
    // CAS-65, CAS-77, CAS-78, T-29
    let house = campus().await;
    let mut browser = house.browser();
    let reply = browser.sign_in(&login_path(APP), CAMILLE).await;
    assert_eq!(reply.status, 303);
    assert!(
        reply
            .location()
            .starts_with("https://app.example.org/?ticket=ST-")
    );
    assert!(browser.tgc("campus").unwrap().starts_with("TGT-"));
    let first = house.validate(APP, &reply.ticket()).await;
    assert!(
        first.contains("<cas:isFromNewLogin>true</cas:isFromNewLogin>"),
        "{first}"
    );
    let later = browser.ticket_for(APP).await;
    assert!(
        house
            .validate(APP, &later)
            .await
            .contains("<cas:isFromNewLogin>false</cas:isFromNewLogin>")
    );
}

#[tokio::test]
async fn without_a_service_a_page_says_who_is_signed_in() {
    // CAS-66, CAS-16
    let house = campus().await;
    let mut browser = house.browser();
    let reply = browser.sign_in("/cas/login", CAMILLE).await;
    assert_eq!((reply.status.as_u16(), reply.location()), (303, "/cas/login"));
    let page = browser.get(reply.location()).await;
    assert!(page.body.contains("Camille Dupont") && !page.has_form());
    let again = browser.sign_in("/cas/login?renew=true", CAMILLE).await;
    assert_eq!(
        again.location(),
        "/cas/login",
        "what renew asked for has been done"
    );
}

#[tokio::test]
async fn another_person_on_the_same_browser_gets_a_session_of_their_own() {
    // CAS-75
    let house = campus().await;
    let mut browser = house.browser();
    let first = browser.sign_in(&login_path(APP), CAMILLE).await.ticket();
    house.validate(APP, &first).await;
    let old = browser.tgc("campus").unwrap().clone();
    let reply = browser
        .sign_in(&format!("{}&renew=true", login_path(APP)), AMINE)
        .await;
    let answer = house.validate(APP, &reply.ticket()).await;
    assert!(answer.contains("<cas:user>amine.benali</cas:user>") && !answer.contains("camille"));
    let told = house.notices.take();
    assert!(told.len() == 1 && told[0].2.contains(&first) && told[0].2.contains("camille.dupont"));
    let mut thief = house.browser();
    thief.cookies.insert("__Secure-TGC-campus".into(), old);
    assert!(
        thief.get("/cas/login").await.has_form(),
        "the first session is over"
    );
}

#[tokio::test]
async fn confirming_a_password_renews_the_cookie_and_keeps_the_visits() {
    // CAS-76, CAS-330, CAS-46, T-29
    let house = campus().await;
    let mut browser = house.browser();
    let first = browser.sign_in(&login_path(APP), CAMILLE).await.ticket();
    house.validate(APP, &first).await;
    let old = browser.tgc("campus").unwrap().clone();
    let other = "https://other.example.org/";
    let reply = browser
        .sign_in(&format!("{}&renew=true", login_path(other)), CAMILLE)
        .await;
    assert_ne!(browser.tgc("campus"), Some(&old));
    let answer = house
        .get_text(&format!(
            "/cas/serviceValidate?renew=true&service={}&ticket={}",
            encoded(other),
            reply.ticket()
        ))
        .await;
    assert!(answer.contains("authenticationSuccess"));
    assert_eq!(house.notices.take().len(), 0, "nobody signed out");
    browser.get("/cas/logout").await;
    let told: Vec<String> = house
        .notices
        .take()
        .into_iter()
        .map(|(service, ..)| service)
        .collect();
    assert_eq!(told.len(), 2, "both are told: {told:?}");
}

#[tokio::test]
async fn a_session_planted_before_the_sign_in_is_not_used() {
    // CAS-330, T-29
    let house = campus().await;
    let mut attacker = house.browser();
    attacker.sign_in("/cas/login", AMINE).await;
    let planted = attacker.tgc("campus").unwrap().clone();
    let mut victim = house.browser();
    victim
        .cookies
        .insert("__Secure-TGC-campus".into(), planted.clone());
    let form = victim.get("/cas/login?renew=true").await.form();
    victim
        .submit(&form.with("username", CAMILLE.0).with("password", CAMILLE.1))
        .await;
    assert_ne!(victim.tgc("campus"), Some(&planted));
    let page = attacker.get("/cas/login").await;
    assert!(
        !page.body.contains("Camille"),
        "the planted session is not the victim's"
    );
}

#[tokio::test]
async fn every_state_is_told_after_the_right_password_only() {
    // CAS-72
    let house = campus().await;
    let people = [
        ("jeanne.garnier", "jeanne-nuage-12"),
        ("ines.petit", "ines-rivage-14"),
        ("louis.roux", "louis-verrou-15"),
        ("omar.diallo", "omar-saphir-18"),
        ("rose.leroy", "rose-lavande-20"),
        ("sami.kone", "sami-colline-21"),
    ];
    for person in people {
        let reply = house.browser().sign_in(&login_path(APP), person).await;
        assert_eq!(reply.status, 403, "{person:?}: {}", reply.body);
        assert!(!reply.has_form() && !reply.text_of("h1").is_empty());
        let reply = house
            .browser()
            .sign_in(&login_path(APP), (person.0, "wrong"))
            .await;
        assert_eq!(reply.status, 401);
    }
    let reply = house
        .browser()
        .sign_in(&login_path(APP), ("hugo.moreau", "hugo-moulin-13"))
        .await;
    assert_eq!(reply.status, 303, "grace lets in");
}

#[tokio::test]
async fn a_directory_that_is_down_is_never_a_wrong_password() {
    // F-16, CAS-156
    let house = campus().await;
    let mut browser = house.browser();
    let form = browser.get(&login_path(APP)).await.form();
    house.campus.down.store(true, Ordering::SeqCst);
    let reply = browser
        .submit(&form.with("username", CAMILLE.0).with("password", CAMILLE.1))
        .await;
    assert_eq!(reply.status, 503);
    assert!(!reply.header("retry-after").is_empty());
    assert_eq!(
        reply.form().value("username"),
        Some(CAMILLE.0),
        "nothing typed is lost"
    );
    house.campus.down.store(false, Ordering::SeqCst);
    for _ in 0..6 {
        house.campus.down.store(true, Ordering::SeqCst);
        browser.sign_in(&login_path(APP), CAMILLE).await;
    }
    house.campus.down.store(false, Ordering::SeqCst);
    assert_eq!(
        browser.sign_in(&login_path(APP), CAMILLE).await.status,
        303,
        "no failure was counted"
    );
}

#[tokio::test]
async fn a_store_that_is_down_is_a_themed_page_with_a_code() {
    // CAS-156, F-01
    let house = campus().await;
    let mut browser = house.browser();
    let form = browser.get(&login_path(APP)).await.form();
    house.store.down.store(true, Ordering::SeqCst);
    let reply = browser
        .submit(&form.with("username", CAMILLE.0).with("password", CAMILLE.1))
        .await;
    assert_eq!(reply.status, 503);
    assert!(reply.body.contains(reply.header("x-request-id")) && !reply.header("retry-after").is_empty());
    assert!(!reply.body.contains("told so"), "no cause is shown");
    assert_eq!(
        house.browser().get(&login_path(APP)).await.status,
        200,
        "the form needs no store"
    );
}

#[tokio::test]
async fn the_service_url_goes_out_as_it_came() {
    // CAS-78, CAS-79, CAS-80, CAS-81, CAS-82, CAS-84, CAS-327
    let house = campus().await;
    let mut browser = house.browser();
    browser.sign_in("/cas/login", CAMILLE).await;
    for (service, start, end) in [
        (
            "https://app.example.org/?b=2&a=1&a=3#frag",
            "https://app.example.org/?b=2&a=1&a=3&ticket=ST-",
            "#frag",
        ),
        (
            "https://app.example.org",
            "https://app.example.org?ticket=ST-",
            "",
        ),
        (
            "https://app.example.org/x%7Ey?q=a+b%20c",
            "https://app.example.org/x%7Ey?q=a+b%20c&ticket=ST-",
            "",
        ),
        (
            "https://app.example.org/é?ü",
            "https://app.example.org/%C3%A9?%C3%BC&ticket=ST-",
            "",
        ),
        (
            "https://app.example.org/?ticket=old&x=1",
            "https://app.example.org/?x=1&ticket=ST-",
            "",
        ),
    ] {
        let reply = browser.get(&login_path(service)).await;
        assert!(
            reply.location().starts_with(start) && reply.location().ends_with(end),
            "{}",
            reply.location()
        );
        assert!(
            house
                .validate(service, &reply.ticket())
                .await
                .contains("authenticationSuccess"),
            "{service}"
        );
        house.clock.advance(Duration::from_secs(11));
    }
    for service in [
        "https://app.example.org/a\r\nSet-Cookie: x=y",
        "https://app.example.org/\u{7}",
    ] {
        let reply = browser.get(&login_path(service)).await;
        assert_eq!(reply.status, 403, "{service:?}");
    }
}

#[tokio::test]
async fn a_redirect_after_the_post_never_carries_the_password_on() {
    // CAS-65
    let house = build(Plan {
        services: vec![service("app")],
        one_institution: true,
        ..Plan::default()
    })
    .await;
    let reply = house.browser().sign_in(&login_path(APP), CAMILLE).await;
    assert_eq!(reply.status, 303, "never 307 or 308");
    assert!(!reply.location().contains(CAMILLE.1) && reply.body.is_empty());
}

#[tokio::test]
async fn a_registration_may_send_the_ticket_elsewhere_without_changing_its_service() {
    // CAS-83
    let portal = ServiceSettings {
        redirect_url: Some("https://portal.example.org/in?x=1".into()),
        ..service("app")
    };
    let house = build(Plan {
        services: vec![portal],
        one_institution: true,
        ..Plan::default()
    })
    .await;
    let mut browser = house.browser();
    let first = browser.sign_in(&login_path(APP), CAMILLE).await;
    let second = browser.get(&login_path(APP)).await;
    for reply in [&first, &second] {
        assert!(
            reply
                .location()
                .starts_with("https://portal.example.org/in?x=1&ticket=ST-"),
            "{}",
            reply.location()
        );
        assert!(
            house
                .validate(APP, &reply.ticket())
                .await
                .contains("authenticationSuccess")
        );
    }
    let third = browser.get(&login_path(APP)).await.ticket();
    assert!(
        house
            .validate("https://portal.example.org/in?x=1", &third)
            .await
            .contains("INVALID_SERVICE")
    );
}
