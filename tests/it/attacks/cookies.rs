//! Cookies: how they are set, and what becomes of those that were planted, bent, outlived or carried elsewhere.

use std::collections::BTreeMap;
use std::time::Duration;

use http::header::SET_COOKIE;
use mereau::base::entropy::{Entropy, SeededEntropy};
use mereau::base::keys::KeyRing;

use crate::breach::keys::{of_the_house, root};
use crate::house::{APP, Browser, CAMILLE, House, Plan, Reply, build, login_path};
use crate::recovery::{NEW, both_recovering, choose, link_for, link_in, open, path_of, recovering, signs_in};

/// The lines of `reply` that set cookies.
fn set(reply: &Reply) -> Vec<String> {
    let lines = reply.headers.get_all(SET_COOKIE).iter();
    lines.map(|line| line.to_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn every_cookie_of_every_step_is_shut_narrow_and_of_this_host_alone() {
    // T-28
    let house = recovering().await;
    let mut lines = Vec::new();
    let mut browser = house.browser();
    let page = browser.get(&format!("{}&lang=en", login_path(APP))).await;
    lines.extend(set(&page));
    let form = page
        .form()
        .with("username", CAMILLE.0)
        .with("password", CAMILLE.1);
    lines.extend(set(&browser.submit(&form.with("warn", "true")).await));
    lines.extend(set(&browser.get("/cas/account").await));
    lines.extend(set(&browser.get("/cas/logout").await));
    let page = browser.get("/cas/recover").await;
    let sent = browser
        .submit(&page.form().with("identifier", CAMILLE.0).without("captcha-other"))
        .await;
    lines.extend(set(&sent));
    house.work().await;
    let link = path_of(&house.letters.take()[0].links()[0].1);
    let opened = browser.get(&link).await;
    lines.extend(set(&opened));
    let page = browser.get(opened.location()).await;
    lines.extend(set(&choose(&mut browser, &page, NEW).await));
    let mut kinds = std::collections::BTreeSet::new();
    for line in &lines {
        let (pair, rest) = line.split_once("; ").unwrap();
        let (name, value) = pair.split_once('=').unwrap();
        let attributes: Vec<&str> = rest.split("; ").collect();
        for wanted in ["Secure", "HttpOnly", "SameSite=Lax"] {
            assert!(attributes.contains(&wanted), "{line}");
        }
        assert!(!rest.to_ascii_lowercase().contains("domain"), "{line}");
        assert!(value.is_ascii() && line.len() <= 4096, "{line}");
        // The session's path is the protocol's (CAS-117); all others are of the whole host, by their prefix.
        let path = match name.starts_with("__Host-") {
            true => "Path=/",
            false => "Path=/cas",
        };
        // The language that was chosen is no secret.
        let prefixed = name.starts_with("__Host-") || name.starts_with("__Secure-");
        assert!(prefixed || name == "lang", "{line}");
        assert!(attributes.contains(&path), "{line}");
        kinds.insert(
            name.trim_end_matches(|c: char| c.is_ascii_alphanumeric())
                .to_owned(),
        );
    }
    assert!(lines.len() >= 8 && kinds.len() >= 3, "{lines:#?}");
}

/// Every cookie that a browser has by the end of its ways, by name.
async fn full(house: &House) -> BTreeMap<String, String> {
    let mut browser = house.browser();
    browser.sign_in(&login_path(APP), CAMILLE).await;
    // `open` of a link, so that there is a flow that holds a right.
    let link = link_for(house, "amine.benali").await;
    open(&mut browser, &link).await;
    browser.cookies
}

/// The value with one bit turned, a symbol exchanged, cut or lengthened; never the value itself.
fn bent(value: &str, chance: &SeededEntropy) -> String {
    let [how, at, by, more] = chance.bytes();
    let at = (usize::from(at) << 8 | usize::from(more)) % value.len();
    let mut bytes = value.as_bytes().to_vec();
    match how % 8 {
        0 => bytes.truncate(at),
        1 => bytes.insert(at, b'A' + by % 26),
        2 => {
            bytes.remove(at);
        }
        3 => bytes.swap(at, (at + 1) % value.len()),
        // A bit of what a header may hold: quotes, commas, blanks and high bytes are for the parser's own tests.
        _ => bytes[at] ^= 1 << (by % 6),
    }
    for byte in &mut bytes {
        if !byte.is_ascii_graphic() || b";,\"\\=".contains(byte) {
            *byte = b'_';
        }
    }
    let bent = String::from_utf8(bytes).unwrap();
    match bent == value {
        true => format!("{bent}x"),
        false => bent,
    }
}

#[tokio::test]
#[allow(clippy::too_many_lines, reason = "one cookie after the other")]
async fn a_hundred_thousand_bent_cookies_are_nobodys_and_no_incident() {
    // T-30
    let house = recovering().await;
    let good = full(&house).await;
    assert!(
        good.keys().any(|name| name.contains("TGC")) && good.keys().any(|name| name.contains("flow-")),
        "{good:?}"
    );
    let chance = SeededEntropy::new(30);
    let mut browser = house.browser();
    browser.lasting = Some(house.served());
    let flow = good
        .keys()
        .find_map(|name| name.split_once("flow-"))
        .unwrap()
        .1
        .to_owned();
    let gateway = format!("{}&gateway=true", login_path(APP));
    let (mut flips, mut rounds) = (0, 0);
    while flips < 100_000 {
        rounds += 1;
        browser.cookies.clear();
        for (name, value) in &good {
            let realms = match name.ends_with("TGC-campus") {
                true => vec!["campus", "a", "b", "c"],
                false => vec![""],
            };
            for realm in realms {
                let name = match realm {
                    "" => name.clone(),
                    realm => name.replace("TGC-campus", &format!("TGC-{realm}")),
                };
                browser.cookies.insert(name, bent(value, &chance));
                flips += 1;
            }
        }
        // Flows of other names, as many as fit a header.
        let (_, sealed) = good.iter().find(|(name, _)| name.contains("flow-")).unwrap();
        for number in 0..8 {
            browser
                .cookies
                .insert(format!("__Host-flow-{number:020}"), bent(sealed, &chance));
            flips += 1;
        }
        // Whoever is signed in would be sent on with a ticket.
        let reply = browser.get(&gateway).await;
        assert_eq!(
            (reply.status.as_u16(), reply.location()),
            (302, APP),
            "{:?}",
            browser.cookies
        );
        if rounds % 32 == 0 {
            let page = browser.get("/cas/login").await;
            assert_eq!((page.status.as_u16(), page.has_form()), (200, true));
            let page = browser.get(&format!("/cas/recover/new?flow={flow}")).await;
            assert_eq!(page.status, 410);
            assert!(!page.has_form_for_new());
        }
    }
    // The true ones are as good as before.
    let mut browser = house.browser();
    browser.cookies = good;
    assert!(!browser.get("/cas/login").await.has_form());
    assert!(
        browser
            .get(&format!("/cas/recover/new?flow={flow}"))
            .await
            .has_form_for_new()
    );
}

#[tokio::test]
async fn a_cookie_of_another_realm_or_of_another_house_is_nobodys() {
    // T-30
    let (house, other) = (build(Plan::default()).await, build(Plan::default()).await);
    let mut browser = house.browser();
    browser.sign_in("/cas/login?tenant=campus", CAMILLE).await;
    let tgc = browser.tgc("campus").unwrap().clone();
    let mut elsewhere = house.browser();
    elsewhere.cookies.insert("__Secure-TGC-lycee".to_owned(), tgc);
    let page = elsewhere.get("/cas/login?tenant=lycee").await;
    assert_eq!((page.status.as_u16(), page.has_form()), (200, true));
    // Another house, which never saw the session.
    let mut stranger = other.browser();
    stranger.cookies = browser.cookies.clone();
    let page = stranger.get("/cas/login?tenant=campus").await;
    assert_eq!((page.status.as_u16(), page.has_form()), (200, true));
}

#[tokio::test]
async fn a_cookie_sealed_by_a_key_that_is_not_in_the_ring_is_nobodys_and_the_next_sign_in_is_a_fresh_one() {
    // T-30
    let (old, other) = (recovering().await, recovering().await);
    let planted = full(&old).await;
    for name in ["device", "flow-"] {
        assert!(
            planted.keys().any(|planted| planted.contains(name)),
            "{name}: {planted:?}"
        );
    }
    let flow = planted
        .keys()
        .find_map(|name| name.split_once("flow-"))
        .unwrap()
        .1;
    // A key of the number that sealed them, and one of a number that they do not name.
    for number in [1, 2] {
        let ring = KeyRing::with_names(root(number), vec![], &of_the_house());
        assert!(other.app.ports.keys.replace(&ring));
        let mut browser = other.browser();
        browser.cookies = planted.clone();
        let page = browser.get(&login_path(APP)).await;
        assert_eq!((page.status.as_u16(), page.has_form()), (200, true));
        let page = browser.get("/cas/account").await;
        assert!(page.status.is_redirection() || page.has_form(), "{}", page.status);
        let page = browser.get(&format!("/cas/recover/new?flow={flow}")).await;
        assert_eq!((page.status.as_u16(), page.has_form_for_new()), (410, false));
        assert!(browser.get("/cas/recover").await.status.is_success());
        let ticket = browser.sign_in(&login_path(APP), CAMILLE).await.ticket();
        let told = other.validate(APP, &ticket).await;
        assert!(told.contains("<cas:user>camille.dupont</cas:user>"), "{told}");
        let session = |cookies: &BTreeMap<String, String>| {
            let mut cookies = cookies.iter();
            cookies
                .find(|(name, _)| name.contains("TGC-"))
                .map(|(_, value)| value.clone())
        };
        let fresh = session(&browser.cookies);
        assert!(fresh.is_some() && fresh != session(&planted));
    }
}

fn flow_of(browser: &Browser<'_>) -> (String, String) {
    let found = browser.cookies.iter().find(|(name, _)| name.contains("flow-"));
    let (name, value) = found.expect("a flow");
    (name.clone(), value.clone())
}

#[tokio::test]
async fn a_sealed_flow_is_of_its_name_its_realm_and_its_hours_and_is_used_once() {
    // T-39
    let house = both_recovering().await;
    let link = link_in(&house, "campus", CAMILLE.0).await;
    let mut browser = house.browser();
    let page = open(&mut browser, &link).await;
    assert!(page.has_form_for_new(), "{}", page.body);
    let (name, sealed) = flow_of(&browser);
    let id = name.split_once("flow-").unwrap().1.to_owned();
    // Under another name, in the other realm, and where another kind of cookie belongs.
    let mut thief = house.browser();
    thief
        .cookies
        .insert("__Host-flow-AAAAAAAAAAAAAAAAAAAA".to_owned(), sealed.clone());
    let reply = thief.get("/cas/recover/new?flow=AAAAAAAAAAAAAAAAAAAA").await;
    assert!(!reply.has_form_for_new());
    let mut thief = house.browser();
    thief.cookies.insert(name.clone(), sealed.clone());
    let reply = thief.get(&format!("/cas/t/lycee/recover/new?flow={id}")).await;
    assert!(!reply.has_form_for_new(), "{}", reply.body);
    let mut thief = house.browser();
    thief
        .cookies
        .insert("__Secure-TGC-campus".to_owned(), sealed.clone());
    assert!(thief.get("/cas/login?tenant=campus").await.has_form());
    // A form of it without the browser’s own proof changes nothing.
    let mut thief = house.browser();
    thief.cookies.insert(name.clone(), sealed.clone());
    let reply = choose(&mut thief, &page, NEW).await;
    assert!(!reply.status.is_redirection(), "{}", reply.status);
    // It ends by the clock, whatever the link may still be good for.
    house.clock.advance(Duration::from_secs(5 * 3600));
    let late = browser.get(&format!("/cas/recover/new?flow={id}")).await;
    assert!(!late.has_form_for_new());
    let page = open(&mut browser, &link).await;
    let before = browser.cookies.clone();
    assert_eq!(choose(&mut browser, &page, NEW).await.status, 303);
    browser.cookies = before;
    let again = choose(&mut browser, &page, "une deuxième phrase sans effet").await;
    assert!(!again.status.is_redirection(), "used once");
    assert!(!signs_in(&house, CAMILLE.0, "une deuxième phrase sans effet").await);
}
