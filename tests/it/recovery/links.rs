//! Links: opening them, spoiling them, letting scanners at them, and where they lead.

use std::sync::Arc;

use http::Method;
use mereau::base::clock::HandClock;

use super::{
    NEW, both_recovering, choose, entry, letters_for, link_for, link_in, open, path_of, recovering, signs_in,
    with_people,
};
use crate::house::recovery::usual_recovery;
use crate::house::{AMINE, Browser, CAMILLE, Plan, START, build};

#[tokio::test]
async fn a_hundred_looks_at_a_link_change_nothing() {
    // SEC-29, SEC-35, CAS-344, T-73
    let house = recovering().await;
    let link = link_for(&house, CAMILLE.0).await;
    let mut scanner = house.browser();
    for _ in 0..100 {
        let reply = scanner.get(&link).await;
        assert_eq!(reply.status, 303);
        let form = scanner.get(reply.location()).await;
        assert_eq!(form.status, 200);
    }
    scanner.head(&link).await;
    scanner.send(Method::OPTIONS, &link, None).await;
    // A scanner that presses every button without a password spends nothing either.
    let page = open(&mut scanner, &link).await;
    scanner.submit(&page.form()).await;
    let mut browser = house.browser();
    let form = open(&mut browser, &link).await;
    assert_eq!(choose(&mut browser, &form, NEW).await.status, 303);
    assert!(signs_in(&house, CAMILLE.0, NEW).await);
}

#[tokio::test]
async fn the_form_has_no_secret_in_its_address_and_the_cookie_is_shut() {
    // SEC-30, SEC-32
    let house = recovering().await;
    let link = link_for(&house, CAMILLE.0).await;
    let token = link.rsplit('/').next().unwrap().to_owned();
    let mut browser = house.browser();
    let reply = browser.get(&link).await;
    assert_eq!(reply.status, 303);
    assert!(reply.location().starts_with("/cas/recover/new?flow="));
    assert!(!reply.location().contains(&token[..20]));
    let cookie = reply.header("set-cookie").to_owned();
    assert!(cookie.starts_with("__Host-flow-"), "{cookie}");
    for part in ["; Path=/;", "; Secure", "; HttpOnly", "; SameSite=Lax"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains(&token[..20]));
    let page = browser.get(reply.location()).await;
    assert!(!page.body.contains(&token[..20]));
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert_eq!(page.header("cache-control"), "no-store");
    assert!(
        page.header("content-security-policy")
            .contains("form-action 'self'")
    );
    assert!(
        page.header("content-security-policy")
            .contains("frame-ancestors 'none'")
    );
    assert!(page.body.contains("<meta name=\"robots\" content=\"noindex\">"));
}

#[tokio::test]
async fn where_cookies_are_refused_the_code_of_the_same_message_helps() {
    // SEC-31
    let house = recovering().await;
    let letters = letters_for(&house, CAMILLE.0).await;
    let (login, link, code) = letters[0].links()[0].clone();
    let mut browser = house.browser();
    let reply = browser.get(&path_of(&link)).await;
    let to = reply.location().to_owned();
    browser.cookies.clear();
    let page = browser.get(&to).await;
    assert!(page.body.contains("refuse les cookies"), "{}", page.body);
    browser.cookies.clear();
    let form = page.form().with("identifier", &login).with("code", &code);
    let page = browser.submit(&form).await;
    assert_eq!(page.status, 200, "{}", page.body);
    browser.cookies.clear();
    assert!(page.form().value("held").is_some_and(|held| held.len() > 100));
    let weak = choose(&mut browser, &page, "court").await;
    browser.cookies.clear();
    let saved = choose(&mut browser, &weak, NEW).await;
    assert_eq!(saved.status, 200, "{}", saved.body);
    assert_eq!(saved.text_of("h1"), "Votre nouveau mot de passe est enregistré");
    assert!(signs_in(&house, CAMILLE.0, NEW).await);
}

#[tokio::test]
async fn punctuation_that_mail_software_glues_on_is_taken_off_and_nothing_else() {
    // S1-09, SEC-36
    let house = recovering().await;
    let link = link_for(&house, CAMILLE.0).await;
    for (address, tail) in [(20, "."), (21, "%3E"), (22, ")"), (23, "%20"), (24, ",")] {
        let mut browser = house.browser();
        browser.address = std::net::IpAddr::from([192, 0, 2, address]);
        assert_eq!(browser.get(&format!("{link}{tail}")).await.status, 303, "{tail}");
    }
    let (start, token) = link.rsplit_once('/').unwrap();
    let swapped: String = token
        .chars()
        .map(|c| {
            if c.is_ascii_lowercase() {
                c.to_ascii_uppercase()
            } else {
                c.to_ascii_lowercase()
            }
        })
        .collect();
    for (number, other) in [
        swapped,
        token[1..].to_owned(),
        format!("{token}A"),
        "é".repeat(20).chars().map(|_| "%C3%A9").collect(),
        "x".repeat(2000),
    ]
    .into_iter()
    .enumerate()
    {
        let mut browser = house.browser();
        browser.address = std::net::IpAddr::from([198, 51, 100, u8::try_from(number).unwrap()]);
        let reply = browser.get(&format!("{start}/{other}")).await;
        assert_eq!(reply.status, 404, "{other}");
        assert!(!reply.body.contains("incident"), "{other}");
    }
    for at in (0..token.len()).step_by(7) {
        let mut changed = token.to_owned().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let mut browser = house.browser();
        browser.address = std::net::IpAddr::from([203, 0, 113, u8::try_from(at).unwrap()]);
        let changed = String::from_utf8(changed).unwrap();
        assert_eq!(
            browser.get(&format!("{start}/{changed}")).await.text_of("h1"),
            "Lien inconnu"
        );
    }
    assert_eq!(
        house.browser().get(&link).await.status,
        303,
        "the true one is as good as before"
    );
}

#[tokio::test]
async fn a_link_dies_after_a_day_and_says_when() {
    // S2-15, SEC-13, SEC-26, SEC-37, T-74
    let house = recovering().await;
    let link = link_for(&house, CAMILLE.0).await;
    house.clock.advance(std::time::Duration::from_secs(86_399));
    assert_eq!(house.browser().get(&link).await.status, 303);
    house.clock.advance(std::time::Duration::from_secs(2));
    let reply = house.browser().get(&link).await;
    assert_eq!(reply.status, 410);
    assert_eq!(reply.text_of("h1"), "Ce lien n’est plus valable");
    assert!(
        reply.text_of(".lede").contains("19 novembre 2026"),
        "{}",
        reply.text_of(".lede")
    );
}

#[tokio::test]
async fn a_server_whose_clock_is_two_hours_off_lets_links_live_their_time_and_no_longer() {
    // SEC-26, T-74
    const HOURS: std::time::Duration = std::time::Duration::from_secs(2 * 3600);
    for fast in [true, false] {
        let store = Arc::new(HandClock::at(START));
        let house = build(Plan {
            one_institution: true,
            recovery: Some(usual_recovery()),
            store_clock: Some(store.clone()),
            ..Plan::default()
        })
        .await;
        let (hers, his) = (link_for(&house, CAMILLE.0).await, link_for(&house, AMINE.0).await);
        let mut browser = house.browser();
        assert_eq!(browser.sign_in("/cas/login", CAMILLE).await.status, 303);
        store.advance(std::time::Duration::from_secs(180));
        let kept = link_for(&house, CAMILLE.0).await;
        if fast {
            house.clock.advance(HOURS);
        } else {
            house.clock.set_back(HOURS);
        }
        // The sign-in ended the first link, whatever the clock says, and not the second.
        assert_eq!(house.browser().get(&hers).await.status, 410);
        let form = open(&mut house.browser(), &kept).await;
        assert_eq!(form.status, 200, "{}", form.body);
        store.advance(std::time::Duration::from_secs(86_399 - 180));
        assert_eq!(house.browser().get(&his).await.status, 303, "fast: {fast}");
        store.advance(std::time::Duration::from_secs(2));
        assert_eq!(house.browser().get(&his).await.status, 410, "fast: {fast}");
    }
}

#[tokio::test]
async fn a_new_password_ends_sessions_and_lets_in_again_on_a_clock_two_hours_off() {
    // SEC-26, SEC-54
    const HOURS: std::time::Duration = std::time::Duration::from_secs(2 * 3600);
    for fast in [true, false] {
        let house = build(Plan {
            one_institution: true,
            recovery: Some(usual_recovery()),
            store_clock: Some(Arc::new(HandClock::at(START))),
            ..Plan::default()
        })
        .await;
        let mut before = house.browser();
        assert_eq!(before.sign_in("/cas/login", CAMILLE).await.status, 303);
        let is_in = async |browser: &mut Browser<'_>| {
            let page = browser.get("/cas/login").await;
            !page.body.contains("name=\"password\"")
        };
        assert!(is_in(&mut before).await);
        let link = link_for(&house, CAMILLE.0).await;
        if fast {
            house.clock.advance(HOURS);
        } else {
            house.clock.set_back(HOURS);
        }
        assert!(is_in(&mut before).await, "fast: {fast}");
        let mut browser = house.browser();
        let form = open(&mut browser, &link).await;
        assert_eq!(choose(&mut browser, &form, NEW).await.status, 303);
        assert!(!is_in(&mut before).await, "fast: {fast}");
        let mut after = house.browser();
        assert_eq!(after.sign_in("/cas/login", (CAMILLE.0, NEW)).await.status, 303);
        assert!(is_in(&mut after).await, "fast: {fast}");
    }
}

#[tokio::test]
async fn thirty_links_that_are_none_and_this_network_waits() {
    // SEC-37, SEC-61
    let house = recovering().await;
    let link = link_for(&house, CAMILLE.0).await;
    let mut guesser = house.browser();
    for _ in 0..30 {
        assert_eq!(guesser.get("/cas/r/abc").await.status, 404);
    }
    assert_eq!(guesser.get("/cas/r/abc").await.status, 429);
    let mut other = house.browser();
    other.address = std::net::IpAddr::from([203, 0, 113, 9]);
    assert_eq!(other.get(&link).await.status, 303);
}

#[tokio::test]
async fn a_link_opened_on_another_realms_address_is_unknown_there_and_untouched() {
    // SEC-17, S1-08, T-77
    let house = both_recovering().await;
    let link = link_in(&house, "campus", CAMILLE.0).await;
    let elsewhere = link.replace("/cas/r/", "/cas/t/lycee/r/");
    assert_eq!(
        house.browser().get(&elsewhere).await.text_of("h1"),
        "Lien inconnu"
    );
    assert_eq!(house.browser().get(&link).await.status, 303);
    // Nothing of the account comes from the form.
    let mut browser = house.browser();
    let page = open(&mut browser, &link).await;
    let form = page.form().with("username", AMINE.0).with("login", AMINE.0);
    let form = form.with("account", AMINE.0).with("new", NEW);
    assert_eq!(browser.submit(&form).await.status, 303);
    assert!(!signs_in(&house, AMINE.0, NEW).await);
}

#[tokio::test]
async fn whatever_a_request_says_links_come_from_the_configuration() {
    // SEC-38, S2-14, CAS-343, T-78
    let forged = [
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "http"),
        ("x-forwarded-port", "8443"),
        ("x-forwarded-prefix", "/evil"),
        ("x-forwarded-server", "evil.example"),
        ("x-original-host", "evil.example"),
        ("x-host", "evil.example"),
        ("forwarded", "host=evil.example;proto=http"),
        ("referer", "https://evil.example/"),
    ];
    for (name, value) in forged {
        let house = recovering().await;
        let mut browser = house.browser();
        let form = browser
            .get("/cas/recover")
            .await
            .form()
            .with("identifier", CAMILLE.0);
        browser.headers.push((name, value.to_owned()));
        let reply = browser.submit(&form).await;
        assert_eq!(reply.status, 303, "{name}: {}", reply.body);
        house.work().await;
        let letters = house.letters.take();
        let link = letters[0].links()[0].1.clone();
        assert!(
            link.starts_with("https://sso.example.org/cas/r/"),
            "{name}: {link}"
        );
        assert!(link.len() <= 76 && !link.contains(['=', '?', '&', '%']), "{link}");
    }
    for host in [
        "evil.example",
        "sso.example.org:80@evil.example",
        "evil.example:443",
    ] {
        let house = recovering().await;
        let mut browser = house.browser();
        let form = browser
            .get("/cas/recover")
            .await
            .form()
            .with("identifier", CAMILLE.0);
        browser.host = host.to_owned();
        let reply = browser.submit(&form).await;
        house.work().await;
        for letter in house.letters.take() {
            let link = &letter.links()[0].1;
            assert!(
                link.starts_with("https://sso.example.org/cas/r/"),
                "{host}: {link}"
            );
        }
        assert!(!reply.body.contains("evil.example/"), "{host}");
    }
}

#[tokio::test]
async fn nobody_asked_for_it_and_every_link_of_the_account_is_dead() {
    // SEC-21, SEC-29
    let house = recovering().await;
    let first = link_for(&house, CAMILLE.0).await;
    house.clock.advance(std::time::Duration::from_secs(130));
    let second = link_for(&house, CAMILLE.0).await;
    let mut browser = house.browser();
    let page = open(&mut browser, &second).await;
    let forms = page.body.matches("<form").count();
    assert_eq!(forms, 2, "the form and the way to refuse");
    let flow = page.form().value("flow").unwrap().to_owned();
    let lt = page.form().value("lt").unwrap().to_owned();
    let action = format!("/cas/recover/revoke?flow={flow}");
    let refuse = crate::house::recovery::form_to(&action, &[("lt", &lt), ("sure", "true")]);
    let reply = browser.submit(&refuse).await;
    assert_eq!(reply.text_of("h1"), "La demande est annulée");
    for link in [first, second] {
        let dead = house.browser().get(&link).await;
        assert_eq!(dead.text_of("h1"), "Ce lien a été annulé");
    }
    assert!(signs_in(&house, CAMILLE.0, CAMILLE.1).await);
}

#[tokio::test]
async fn the_letters_own_link_calls_every_account_of_it_off_by_a_button() {
    // SEC-29, S2-18
    let people = [
        entry(1, "lea.mercier", "famille@exemple.example", ""),
        entry(2, "tom.mercier", "famille@exemple.example", ""),
    ];
    let house = with_people(&format!("\n{}", people.join("\n"))).await;
    let letters = letters_for(&house, "famille@exemple.example").await;
    let mereau::messages::Notice::ResetLinks { revoke, .. } = &letters[0].notice else {
        panic!("{}", letters[0].notice.name());
    };
    let revoke = path_of(revoke.expose());
    let mut browser = house.browser();
    for _ in 0..3 {
        let page = browser.get(&revoke).await;
        assert_eq!(page.text_of("h1"), "Annuler la demande ?");
    }
    let links = letters[0].links();
    assert_eq!(house.browser().get(&path_of(&links[0].1)).await.status, 303);
    let page = browser.get(&revoke).await;
    assert_eq!(
        browser
            .submit(&page.form().with("sure", "true"))
            .await
            .text_of("h1"),
        "La demande est annulée"
    );
    for (_, link, _) in links {
        assert_eq!(house.browser().get(&path_of(&link)).await.status, 410);
    }
}

#[tokio::test]
async fn a_wrong_code_says_the_same_for_everybody_and_five_tries_are_all() {
    // SX-02, SEC-62, T-86
    let house = recovering().await;
    let letters = letters_for(&house, CAMILLE.0).await;
    let (_, link, code) = letters[0].links()[0].clone();
    let wrong = if code.starts_with("22222222") {
        "33333333"
    } else {
        "22222222"
    };
    let mut browser = house.browser();
    let mut bodies = std::collections::BTreeSet::new();
    for name in [
        CAMILLE.0,
        "nobody.at.all1",
        CAMILLE.0,
        CAMILLE.0,
        CAMILLE.0,
        CAMILLE.0,
    ] {
        let form = browser.get("/cas/recover/code").await.form();
        let reply = browser
            .submit(&form.with("identifier", name).with("code", wrong))
            .await;
        assert_eq!(reply.status, 401);
        bodies.insert(super::cohorts::masked(&reply.body.replace(name, "*")));
    }
    assert_eq!(bodies.len(), 1);
    let form = browser.get("/cas/recover/code").await.form();
    let late = browser
        .submit(&form.with("identifier", CAMILLE.0).with("code", &code))
        .await;
    assert_eq!(late.status, 401, "the sixth is refused though it is right");
    assert_eq!(
        house.browser().get(&path_of(&link)).await.status,
        303,
        "the link outlives its code"
    );
}
