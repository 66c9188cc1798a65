//! “Keep me signed in on this device”: who gets a long session, what it says of itself, what ends it.

use std::time::Duration;

use http::header::SET_COOKIE;
use mereau::directory::{Filter, PasswordNotice};
use mereau::flows::login::RememberMe;
use mereau::tickets::limits::SESSIONS_BEFORE_A_CUT;

use crate::house::recovery::usual_recovery;
use crate::house::{AMINE, APP, Browser, CAMILLE, House, Plan, Reply, build, campus, encoded, login_path};
use crate::recovery::NEW;
use crate::saml::{ask, asking};

const DAY: Duration = Duration::from_secs(86_400);

fn offered() -> RememberMe {
    RememberMe {
        longest: DAY * 30,
        idle: DAY * 30,
        never: Vec::new(),
    }
}

async fn remembering(remember: RememberMe) -> House {
    build(Plan {
        one_institution: true,
        recovery: Some(usual_recovery()),
        remember: Some(remember),
        ..Plan::default()
    })
    .await
}

/// Signs in with the box ticked.
async fn ticks(browser: &mut Browser<'_>, path: &str, person: (&str, &str)) -> Reply {
    let form = browser.get(path).await.form();
    let form = form.with("username", person.0).with("password", person.1);
    browser.submit(&form.with("rememberMe", "true")).await
}

async fn long(house: &House) -> Browser<'_> {
    let mut browser = house.browser();
    let reply = ticks(&mut browser, "/cas/login", CAMILLE).await;
    assert_eq!(max_age(&reply), Some(30 * 86_400));
    browser
}

/// The end of the session cookie that an answer sets; `None` where it dies with the browser.
fn max_age(reply: &Reply) -> Option<u64> {
    let lines = reply.headers.get_all(SET_COOKIE).iter();
    let mut lines = lines.map(|line| line.to_str().unwrap());
    let line = lines.find(|line| line.starts_with("__Secure-TGC-campus="));
    let line = line.unwrap_or_else(|| panic!("no session in {:?}", reply.headers));
    let age = line.split("; ").find_map(|part| part.strip_prefix("Max-Age="));
    age.map(|age| age.parse().unwrap())
}

async fn is_signed_in(browser: &mut Browser<'_>) -> bool {
    !browser.get("/cas/login").await.has_form()
}

/// Whether an answer, in any format, says that a long session was used.
fn says_long(answer: &str) -> bool {
    let answer = answer.replace(char::is_whitespace, "");
    let words = [
        "<cas:longTermAuthenticationRequestTokenUsed>true<",
        "\"longTermAuthenticationRequestTokenUsed\":[true]",
        "<AttributeValue>true</AttributeValue>",
    ];
    let named = answer.contains("longTermAuthenticationRequestTokenUsed");
    named && words.iter().any(|word| answer.contains(word))
}

#[tokio::test]
async fn the_box_is_there_where_it_is_offered_unticked_and_says_on_whose_device() {
    // CAS-19, CAS-203
    let plain = campus().await;
    let page = plain.browser().get("/cas/login").await;
    assert!(!page.body.contains("rememberMe"));
    let mut browser = plain.browser();
    let reply = ticks(&mut browser, "/cas/login", CAMILLE).await;
    assert_eq!(
        max_age(&reply),
        None,
        "what is not offered cannot be had by a field"
    );
    plain.clock.advance(Duration::from_secs(3 * 3600));
    assert!(!is_signed_in(&mut browser).await);
    let house = remembering(offered()).await;
    let page = house.browser().get("/cas/login").await;
    assert!(page.body.contains("id=\"rememberMe\""));
    assert_eq!(page.form().value("rememberMe"), None, "unticked");
    assert_eq!(
        page.text_of("label[for=rememberMe]"),
        "Rester connecté sur cet appareil (30 jours au plus)"
    );
    let hint = page.text_of("#rememberMe-hint");
    assert!(hint.contains("appareil personnel uniquement"), "{hint}");
    let mut browser = house.browser();
    let reply = browser.sign_in("/cas/login", CAMILLE).await;
    assert_eq!(max_age(&reply), None, "CAS-116: nobody asked for it");
}

#[tokio::test]
async fn a_long_session_outlives_the_usual_one_by_day_and_ends_on_the_day_that_its_cookie_names() {
    // CAS-59, CAS-203, CAS-205
    let house = remembering(offered()).await;
    let mut browser = long(&house).await;
    for _ in 0..29 {
        house.clock.advance(DAY);
        assert!(is_signed_in(&mut browser).await);
    }
    let ticket = browser.ticket_for(APP).await;
    let answer = house.validate(APP, &ticket).await;
    assert!(
        answer.contains("<cas:isFromNewLogin>false<") && says_long(&answer),
        "{answer}"
    );
    assert!(
        answer.contains("camille.dupont@campus.example"),
        "with attributes: {answer}"
    );
    house.clock.advance(DAY);
    assert!(!is_signed_in(&mut browser).await, "however much it was used");
    assert_eq!(browser.tgc("campus"), None);
}

#[tokio::test]
async fn every_way_of_validating_tells_that_a_long_session_was_used_and_not_that_one_was_begun() {
    // CAS-59, CAS-204, CAS-205, CAS-223
    let house = remembering(offered()).await;
    let mut browser = house.browser();
    let first = ticks(&mut browser, &login_path(APP), CAMILLE).await.ticket();
    let answer = house.validate(APP, &first).await;
    assert!(answer.contains("<cas:isFromNewLogin>true<"), "{answer}");
    assert!(!says_long(&answer), "the password was given just now: {answer}");
    let service = encoded(APP);
    let ticket = browser.ticket_for(APP).await;
    assert!(says_long(&house.validate(APP, &ticket).await));
    let ticket = browser.ticket_for(APP).await;
    let json = format!("/cas/p3/serviceValidate?format=JSON&service={service}&ticket={ticket}");
    let json = house.get_text(&json).await;
    assert!(says_long(&json), "{json}");
    assert!(json.contains("\"isFromNewLogin\""));
    let ticket = browser.ticket_for(APP).await;
    let proxies = format!("/cas/p3/proxyValidate?service={service}&ticket={ticket}");
    assert!(says_long(&house.get_text(&proxies).await));
    house.clock.advance(Duration::from_secs(11));
    let artifact = browser.get(&format!("/cas/login?TARGET={service}")).await;
    let location = artifact.location().to_owned();
    let artifact = location.split("SAMLart=").nth(1).unwrap();
    let saml = ask(&house, APP, &asking(artifact)).await;
    assert!(says_long(&saml), "{saml}");
    let mut usual = house.browser();
    usual.sign_in("/cas/login", AMINE).await;
    let ticket = usual.ticket_for(APP).await;
    let answer = house.validate(APP, &ticket).await;
    assert!(!says_long(&answer), "{answer}");
}

#[tokio::test]
async fn a_service_that_wants_credentials_is_not_content_with_a_long_session() {
    // CAS-53, CAS-150, CAS-159
    let house = remembering(offered()).await;
    let mut browser = long(&house).await;
    assert!(
        browser
            .get(&login_path("https://strict.example.org/"))
            .await
            .has_form()
    );
    let renewed = format!("{}&renew=true", login_path(APP));
    assert!(browser.get(&renewed).await.has_form());
    let ticket = browser.ticket_for(APP).await;
    let asked = format!(
        "/cas/p3/serviceValidate?renew=true&service={}&ticket={ticket}",
        encoded(APP)
    );
    assert!(house.get_text(&asked).await.contains("INVALID_TICKET"));
}

#[tokio::test]
async fn the_password_given_once_more_takes_nothing_away_and_adds_nothing() {
    // CAS-76, CAS-203
    let house = remembering(offered()).await;
    let mut browser = long(&house).await;
    house.clock.advance(DAY * 10);
    let page = browser.get("/cas/login?renew=true").await;
    assert!(!page.body.contains("rememberMe"), "it was chosen already");
    let before = browser.tgc("campus").cloned();
    let reply = browser.submit(&page.form().with("password", CAMILLE.1)).await;
    assert_ne!(browser.tgc("campus").cloned(), before);
    assert_eq!(max_age(&reply), Some(20 * 86_400));
    house.clock.advance(DAY * 20 - Duration::from_secs(3600));
    assert!(is_signed_in(&mut browser).await);
    let reply = browser.sign_in("/cas/login?renew=true", CAMILLE).await;
    assert_eq!(max_age(&reply), None, "less is left of it than a usual one has");
    let mut other = long(&house).await;
    let reply = other.sign_in("/cas/login?switch=true", AMINE).await;
    assert_eq!(max_age(&reply), None, "of somebody else it is nobody's");
}

#[tokio::test]
async fn who_is_flagged_never_has_one_whatever_they_tick() {
    // CAS-206
    let house = remembering(RememberMe {
        never: vec![Filter::parse("(eduPersonAffiliation=staff)").unwrap()],
        ..offered()
    })
    .await;
    let mut browser = house.browser();
    let reply = ticks(&mut browser, "/cas/login", AMINE).await;
    assert_eq!((reply.status.as_u16(), max_age(&reply)), (303, None));
    house.clock.advance(Duration::from_secs(3 * 3600));
    assert!(!is_signed_in(&mut browser).await);
    long(&house).await;
}

#[tokio::test]
async fn a_password_that_is_over_or_must_be_another_one_never_opens_one() {
    // CAS-206, S5-09, S5-10
    let house = remembering(offered()).await;
    let mut browser = house.browser();
    let omar = ("omar.diallo", "omar-saphir-18");
    let reply = ticks(&mut browser, &login_path(APP), omar).await;
    let page = browser.get(reply.location()).await;
    let done = browser
        .submit(&page.form().with("new", NEW).with("rememberMe", "true"))
        .await;
    assert!(done.location().starts_with(APP));
    assert_eq!(max_age(&done), None);
    *house.campus.says.lock().unwrap() = Some(PasswordNotice::GraceLoginsLeft(2));
    let mut browser = house.browser();
    let reply = ticks(&mut browser, "/cas/login", CAMILLE).await;
    assert_eq!(
        (reply.status.as_u16(), max_age(&reply)),
        (303, None),
        "let in by grace"
    );
    *house.campus.says.lock().unwrap() = Some(PasswordNotice::ExpiresInSeconds(3 * 86_400));
    long(&house).await;
}

/// A ticket of the session, which the application has validated.
async fn validated(house: &House, browser: &mut Browser<'_>) -> String {
    let ticket = browser.ticket_for(APP).await;
    house.validate(APP, &ticket).await;
    ticket
}

/// Whether the application of that ticket was told that its session is over.
fn was_told(house: &House, ticket: &str) -> bool {
    let told = house.notices.take();
    told.iter().any(|(_, _, message)| message.contains(ticket))
}

#[tokio::test]
async fn a_reset_ends_every_long_session_and_tells_the_applications() {
    // CAS-207, CAS-200, CAS-345, T-81
    let house = remembering(offered()).await;
    let mut browser = long(&house).await;
    let mut another = long(&house).await;
    let ticket = validated(&house, &mut browser).await;
    let link = crate::recovery::link_for(&house, CAMILLE.0).await;
    let mut stranger = house.browser();
    let page = crate::recovery::open(&mut stranger, &link).await;
    let saved = crate::recovery::choose(&mut stranger, &page, NEW).await;
    assert!(saved.status.as_u16() < 400, "{}", saved.body);
    assert!(!is_signed_in(&mut browser).await && !is_signed_in(&mut another).await);
    assert!(was_told(&house, &ticket));
}

#[tokio::test]
async fn who_changes_the_password_and_keeps_other_sessions_keeps_no_long_one() {
    // CAS-207, SEC-57
    let house = remembering(offered()).await;
    let mut elsewhere = long(&house).await;
    let ticket = validated(&house, &mut elsewhere).await;
    let mut usual = house.browser();
    usual.sign_in("/cas/login", CAMILLE).await;
    let mut browser = long(&house).await;
    let page = browser.get("/cas/account/password").await;
    let hint = page.text_of("#keep-hint");
    assert!(hint.contains("Rester connecté"), "{hint}");
    let form = page.form().with("keep", "true");
    let form = form.with("current", CAMILLE.1).with("new", NEW);
    let saved = browser.submit(&form).await;
    assert_eq!(
        (saved.status.as_u16(), max_age(&saved)),
        (303, None),
        "a usual one from here on"
    );
    assert!(!is_signed_in(&mut elsewhere).await);
    assert!(is_signed_in(&mut usual).await);
    assert!(is_signed_in(&mut browser).await);
    assert!(was_told(&house, &ticket));
}

#[tokio::test]
async fn one_that_nobody_can_list_ends_with_all_the_others() {
    // CAS-207
    let house = remembering(offered()).await;
    let mut first = long(&house).await;
    house.clock.advance(Duration::from_secs(1));
    for _ in 0..SESSIONS_BEFORE_A_CUT {
        long(&house).await;
    }
    assert!(is_signed_in(&mut first).await);
    let mut browser = house.browser();
    browser.sign_in("/cas/login", CAMILLE).await;
    let form = browser.get("/cas/account/password").await.form();
    let form = form
        .with("keep", "true")
        .with("current", CAMILLE.1)
        .with("new", NEW);
    assert_eq!(browser.submit(&form).await.status, 303);
    assert!(!is_signed_in(&mut first).await);
}

#[tokio::test]
async fn one_that_is_not_used_for_its_idle_time_ends() {
    // CAS-203
    let house = remembering(RememberMe {
        idle: DAY * 14,
        ..offered()
    })
    .await;
    let mut browser = long(&house).await;
    for _ in 0..2 {
        house.clock.advance(DAY * 13);
        browser.ticket_for(APP).await;
    }
    let mut idle = long(&house).await;
    house.clock.advance(DAY * 14);
    assert!(!is_signed_in(&mut idle).await);
    assert_eq!(idle.tgc("campus"), None);
}

#[tokio::test]
async fn the_list_of_devices_tells_a_long_session_from_the_others_and_ends_it() {
    // CAS-203
    let house = remembering(offered()).await;
    let mut kept = long(&house).await;
    let mut usual = house.browser();
    usual.sign_in("/cas/login", CAMILLE).await;
    let page = usual.get("/cas/account").await;
    assert_eq!(page.body.matches("Rester connecté").count(), 1, "{}", page.body);
    assert!(
        page.body.contains("fin au plus tard le 18 décembre"),
        "{}",
        page.body
    );
    let data = usual.get("/cas/account/data").await;
    assert_eq!(
        data.body.matches("\"kept_until\": \"2026-12-18T").count(),
        1,
        "{}",
        data.body
    );
    let forms = page.forms().into_iter();
    let mut ends =
        forms.filter(|form| form.action == "/cas/account/end" && form.value("session") != Some("others"));
    assert_eq!(usual.submit(&ends.next().unwrap()).await.status, 303);
    assert!(!is_signed_in(&mut kept).await);
}

#[tokio::test]
async fn a_closed_account_loses_its_long_session_at_the_next_entry() {
    // CAS-61
    let house = remembering(offered()).await;
    let mut browser = long(&house).await;
    house.clock.advance(DAY * 5);
    *house.campus.change.lock().unwrap() = Some(|mut person| {
        person.state.may_sign_in = false;
        Some(person)
    });
    assert!(browser.get(&login_path(APP)).await.has_form());
    assert_eq!(browser.tgc("campus"), None);
}
