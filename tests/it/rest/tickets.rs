//! Sessions and tickets for programs: what they get, and what it is good for.

use http::Method;
use mereau::audit::Event;

use super::{Client, house, house_with, tgt_of};
use crate::house::{AMINE, APP, CAMILLE, encoded, login_path};

fn action_of(page: &str) -> &str {
    let (_, after) = page.split_once("<form action=\"").unwrap();
    after.split_once('"').unwrap().0
}

#[tokio::test]
async fn a_session_is_created_its_ticket_validates_and_its_address_says_that_it_lives() {
    // CAS-227, CAS-229, CAS-231
    let house = house().await;
    let client = Client::of(&house);
    let opened = client.opens(CAMILLE).await;
    assert_eq!(opened.status, 201);
    assert_eq!(opened.header("content-type"), "text/html;charset=UTF-8");
    let place = opened.location().to_owned();
    assert!(
        place.starts_with("https://sso.example.org/cas/v1/tickets/TGT-"),
        "{place}"
    );
    assert_eq!(action_of(&opened.body), place, "the form of the page leads there");
    assert_eq!(opened.header("cache-control"), "no-store");
    assert!(!opened.headers.contains_key("set-cookie"));
    let session = place.strip_prefix("https://sso.example.org").unwrap();
    let given = client.post(session, &[("service", APP)]).await;
    assert_eq!(given.status, 200);
    assert_eq!(given.header("content-type"), "text/plain;charset=UTF-8");
    assert!(
        given.body.starts_with("ST-") && given.body.len() == 32,
        "{}",
        given.body
    );
    let answer = house.validate(APP, &given.body).await;
    assert!(
        answer.contains("<cas:user>camille.dupont<") && answer.contains("<cas:isFromNewLogin>false<"),
        "{answer}"
    );
    let alive = client.send(Method::GET, session, &[]).await;
    assert_eq!(
        (alive.status.as_u16(), alive.body.as_str()),
        (200, tgt_of(session))
    );
    let mut bare = Client::of(&house);
    bare.headers.push(("accept", "text/plain"));
    let opened = bare.opens(CAMILLE).await;
    assert_eq!(opened.status, 201);
    assert_eq!(opened.header("content-type"), "text/plain;charset=UTF-8");
    assert!(opened.location().ends_with(&opened.body), "{}", opened.body);
    bare.headers.push(("accept", "text/html"));
    assert_eq!(
        bare.opens(CAMILLE).await.header("content-type"),
        "text/html;charset=UTF-8"
    );
    let named = client
        .post(
            "/cas/t/campus/v1/tickets",
            &[("username", AMINE.0), ("password", AMINE.1)],
        )
        .await;
    assert!(named.location().contains("/cas/t/campus/v1/tickets/TGT-"));
}

#[tokio::test]
async fn target_names_the_service_and_renew_with_the_password_makes_a_ticket_of_a_new_sign_in() {
    // CAS-229, CAS-230, CAS-77, CAS-159
    let house = house().await;
    let client = Client::of(&house);
    let session = client.session(CAMILLE).await;
    let artifact = client.post(&session, &[("TARGET", APP)]).await;
    assert!(artifact.body.starts_with("ST-"));
    assert!(
        house
            .validate(APP, &artifact.body)
            .await
            .contains("camille.dupont")
    );
    let renewed = [
        ("service", APP),
        ("renew", "true"),
        ("username", CAMILLE.0),
        ("password", CAMILLE.1),
    ];
    let given = client.post(&session, &renewed).await;
    assert_eq!(given.status, 200, "{}", given.body);
    let asked = format!(
        "/cas/p3/serviceValidate?renew=true&service={}&ticket={}",
        encoded(APP),
        given.body
    );
    let answer = house.get_text(&asked).await;
    assert!(answer.contains("<cas:isFromNewLogin>true<"), "{answer}");
    let plain = client.ticket(&session, APP).await;
    let asked = format!(
        "/cas/p3/serviceValidate?renew=true&service={}&ticket={plain}",
        encoded(APP)
    );
    assert!(house.get_text(&asked).await.contains("INVALID_TICKET"));
    let strict = "https://strict.example.org/";
    let wanted = client.post(&session, &[("service", strict)]).await;
    assert_eq!(wanted.status, 401, "single sign-on is not enough there");
    let mut fields = renewed;
    fields[0].1 = strict;
    assert_eq!(client.post(&session, &fields).await.status, 200);
    let mut other = renewed;
    (other[2].1, other[3].1) = AMINE;
    assert_eq!(client.post(&session, &other).await.status, 401, "somebody else’s");
    assert_eq!(
        client
            .post(&session, &[("service", APP), ("renew", "true")])
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn a_deleted_session_is_gone_its_services_are_told_and_the_id_comes_back() {
    // CAS-231, CAS-190
    let house = house().await;
    let client = Client::of(&house);
    let session = client.session(CAMILLE).await;
    let ticket = client.ticket(&session, APP).await;
    house.validate(APP, &ticket).await;
    let waiting = client.ticket(&session, APP).await;
    let deleted = client.send(Method::DELETE, &session, &[]).await;
    assert_eq!(
        (deleted.status.as_u16(), deleted.body.as_str()),
        (200, tgt_of(&session))
    );
    assert_eq!(deleted.header("content-type"), "text/plain;charset=UTF-8");
    let told = house.notices.take();
    assert!(told.len() == 1 && told[0].2.contains(&ticket), "{told:?}");
    assert!(house.validate(APP, &waiting).await.contains("INVALID_TICKET"));
    assert_eq!(client.send(Method::GET, &session, &[]).await.status, 404);
    assert_eq!(client.post(&session, &[("service", APP)]).await.status, 404);
    let again = client.send(Method::DELETE, &session, &[]).await;
    assert_eq!(
        (again.status.as_u16(), again.body.as_str()),
        (200, tgt_of(&session))
    );
    assert!(house.notices.take().is_empty());
}

#[tokio::test]
async fn a_check_tells_who_it_is_opens_nothing_and_releases_what_the_service_may_have() {
    // CAS-232
    let house = house().await;
    let client = Client::of(&house);
    let person = [("username", CAMILLE.0), ("password", CAMILLE.1)];
    let bare = client.post("/cas/v1/users", &person).await;
    assert_eq!(bare.status, 200, "{}", bare.body);
    assert_eq!(bare.header("content-type"), "application/json;charset=UTF-8");
    let told: serde_json::Value = serde_json::from_str(&bare.body).unwrap();
    assert_eq!(told["authentication"]["principal"]["id"], "camille.dupont");
    assert_eq!(
        told["authentication"]["principal"]["attributes"],
        serde_json::json!({})
    );
    assert_eq!(
        told["authentication"]["authenticationDate"],
        "2026-11-18T11:06:40Z"
    );
    let mut fields = person.to_vec();
    fields.push(("service", "https://shared.example.org/"));
    let told = client.post("/cas/v1/users", &fields).await;
    let told: serde_json::Value = serde_json::from_str(&told.body).unwrap();
    let principal = &told["authentication"]["principal"];
    assert_eq!(
        principal["id"], "camille.dupont@campus.example",
        "as that service knows them"
    );
    assert_eq!(
        principal["attributes"]["displayName"].as_array().map(Vec::len),
        Some(1)
    );
    assert!(principal["attributes"].get("telephoneNumber").is_none());
    assert!(!bare.body.contains("TGT-") && !bare.body.contains("ST-"));
    let mut browser = house.browser();
    browser.sign_in("/cas/login", CAMILLE).await;
    let page = browser.get("/cas/account").await;
    assert!(
        !page.body.contains("Ouverte par un programme"),
        "no session of the program's"
    );
}

#[tokio::test]
async fn a_program_s_ticket_is_no_cookie_and_a_browser_s_is_no_program_s() {
    // CAS-235, CAS-330
    let house = house().await;
    let client = Client::of(&house);
    let session = client.session(CAMILLE).await;
    let mut thief = house.browser();
    for path in [
        "/cas/login".to_owned(),
        login_path(APP),
        "/cas/account".to_owned(),
    ] {
        let pasted = tgt_of(&session).to_owned();
        thief.cookies.insert("__Secure-TGC-campus".to_owned(), pasted);
        let reply = thief.get(&path).await;
        let is_shut = reply.has_form() || reply.status == 303 && reply.location().starts_with("/cas/login");
        assert!(is_shut, "{path}: {} {}", reply.status, reply.body);
    }
    let mut browser = house.browser();
    browser.sign_in("/cas/login", CAMILLE).await;
    let own = format!("/cas/v1/tickets/{}", browser.tgc("campus").unwrap());
    assert_eq!(client.send(Method::GET, &own, &[]).await.status, 404);
    assert_eq!(client.post(&own, &[("service", APP)]).await.status, 404);
    assert_eq!(client.send(Method::DELETE, &own, &[]).await.status, 200);
    assert!(!browser.get("/cas/login").await.has_form(), "it was not ended");
    let narrow = Client::narrow(&house);
    assert_eq!(
        narrow.send(Method::GET, &session, &[]).await.status,
        404,
        "of another program"
    );
    assert_eq!(narrow.post(&session, &[("service", APP)]).await.status, 404);
    assert_eq!(narrow.send(Method::DELETE, &session, &[]).await.status, 200);
    assert_eq!(
        client.send(Method::GET, &session, &[]).await.status,
        200,
        "still there"
    );
}

#[tokio::test]
async fn it_is_a_cookie_where_the_operator_allows_it() {
    // CAS-235
    let house = house_with(|program| program.for_browsers = true).await;
    let client = Client::of(&house);
    let session = client.session(CAMILLE).await;
    let mut browser = house.browser();
    let pasted = tgt_of(&session).to_owned();
    browser.cookies.insert("__Secure-TGC-campus".to_owned(), pasted);
    assert!(browser.ticket_for(APP).await.starts_with("ST-"));
}

#[tokio::test]
async fn the_person_sees_the_program_among_their_devices_and_can_end_its_session() {
    // CAS-231, CAS-235
    let house = house().await;
    let client = Client::of(&house);
    let session = client.session(CAMILLE).await;
    let mut browser = house.browser();
    browser.sign_in("/cas/login", CAMILLE).await;
    let page = browser.get("/cas/account").await;
    assert!(
        page.body.contains("Ouverte par un programme\u{202f}: batch"),
        "{}",
        page.body
    );
    let forms = page.forms().into_iter();
    let mut ends = forms.filter(|form| form.action == "/cas/account/end");
    let one = ends.find(|form| form.value("session") != Some("others")).unwrap();
    assert_eq!(browser.submit(&one).await.status, 303);
    assert_eq!(client.send(Method::GET, &session, &[]).await.status, 404);
}

#[tokio::test]
async fn what_programs_do_is_written_down_with_their_names_and_without_tickets_or_passwords() {
    // CAS-235, CAS-310, CAS-311, SEC-11
    let house = house().await;
    let client = Client::of(&house);
    let session = client.session(CAMILLE).await;
    client.opens((CAMILLE.0, "not-the-password")).await;
    client.send(Method::DELETE, &session, &[]).await;
    let events = house.audit.take();
    let names: Vec<Event> = events.iter().map(|record| record.event).collect();
    assert_eq!(
        names,
        [Event::SignedIn, Event::SignInRefused, Event::SessionEnded]
    );
    assert_eq!(events[0].method, Some("rest"));
    assert_eq!(events[0].note.as_deref(), Some("program batch"));
    assert_eq!(events[1].method, Some("rest"));
    for event in &events {
        let told = format!("{event:?}");
        assert!(
            !told.contains(tgt_of(&session)) && !told.contains(CAMILLE.1),
            "{told}"
        );
    }
}
