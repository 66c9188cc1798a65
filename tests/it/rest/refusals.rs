//! What programs are refused, with which status and words.

use std::sync::atomic::Ordering;
use std::time::Duration;

use http::Method;
use mereau::services::ServiceSettings;

use mereau::directory::Room;

use super::{Client, FORM, exceptions, house, house_with, program};
use crate::house::{AMINE, APP, CAMILLE, Plan, build, service};
use crate::proxy_callback::Log;

#[tokio::test]
async fn a_wrong_password_is_401_with_the_name_of_the_exception_whoever_is_meant() {
    // CAS-228, CAS-72
    let house = house().await;
    let client = Client::of(&house);
    let mut told = Vec::new();
    for (path, login) in [
        ("/cas/v1/tickets", CAMILLE.0),
        ("/cas/v1/tickets", "nobody.at.all"),
        ("/cas/v1/tickets", "*"),
        ("/cas/v1/users", CAMILLE.0),
        ("/cas/v1/users", "nobody.at.all"),
    ] {
        let reply = client
            .post(path, &[("username", login), ("password", "wrong")])
            .await;
        assert_eq!(reply.status, 401, "{login}");
        assert_eq!(exceptions(&reply), ["FailedLoginException"]);
        assert!(
            !reply.headers.contains_key("www-authenticate"),
            "the program is known"
        );
        told.push(reply.body);
    }
    assert!(told.iter().all(|body| *body == told[0]));
}

#[tokio::test]
async fn an_account_that_may_not_sign_in_is_refused_by_its_state_and_only_with_the_right_password() {
    // CAS-228, S5-10
    let house = house().await;
    let client = Client::of(&house);
    let omar = ("omar.diallo", "omar-saphir-18");
    for path in ["/cas/v1/tickets", "/cas/v1/users"] {
        let reply = client
            .post(path, &[("username", omar.0), ("password", omar.1)])
            .await;
        assert_eq!(reply.status, 401);
        assert_eq!(exceptions(&reply), ["AccountPasswordMustChangeException"]);
        let wrong = client
            .post(path, &[("username", omar.0), ("password", "wrong")])
            .await;
        assert_eq!(exceptions(&wrong), ["FailedLoginException"]);
    }
    for (notice, name) in [
        (mereau::directory::Standing::Expired, "CredentialExpiredException"),
        (mereau::directory::Standing::Suspended, "AccountDisabledException"),
        (
            mereau::directory::Standing::Announced,
            "InvalidLoginTimeException",
        ),
    ] {
        *house.campus.change.lock().unwrap() = Some(match notice {
            mereau::directory::Standing::Expired => |mut person| {
                person.state.standing = mereau::directory::Standing::Expired;
                person.state.may_sign_in = false;
                Some(person)
            },
            mereau::directory::Standing::Suspended => |mut person| {
                person.state.standing = mereau::directory::Standing::Suspended;
                person.state.may_sign_in = false;
                Some(person)
            },
            _ => |mut person| {
                person.state.standing = mereau::directory::Standing::Announced;
                person.state.may_sign_in = false;
                Some(person)
            },
        });
        let reply = client.opens(CAMILLE).await;
        assert_eq!(exceptions(&reply), [name]);
    }
}

#[tokio::test]
async fn no_credentials_are_400_another_media_type_is_415_and_an_unknown_session_404() {
    // CAS-228, CAS-229, CAS-231
    let house = house().await;
    let mut client = Client::of(&house);
    for fields in [
        &[][..],
        &[("username", CAMILLE.0)],
        &[("password", CAMILLE.1)],
        &[("username", CAMILLE.0), ("password", "")],
        &[
            ("username", CAMILLE.0),
            ("username", AMINE.0),
            ("password", CAMILLE.1),
        ],
    ] {
        for path in ["/cas/v1/tickets", "/cas/v1/users"] {
            let reply = client.post(path, fields).await;
            assert_eq!(reply.status, 400, "{path} {fields:?}: {}", reply.body);
            assert_eq!(reply.header("content-type"), "text/plain;charset=UTF-8");
        }
    }
    let query = format!("/cas/v1/tickets?username={}&password={}", CAMILLE.0, CAMILLE.1);
    assert_eq!(
        client.post(&query, &[("x", "y")]).await.status,
        400,
        "an address is logged on its way"
    );
    let session = client.session(CAMILLE).await;
    assert_eq!(
        client.post(&session, &[("x", "y")]).await.status,
        400,
        "no service"
    );
    let two = [("service", APP), ("TARGET", "https://other.example.org/")];
    assert_eq!(client.post(&session, &two).await.status, 400);
    for unknown in ["TGT-1", "x", &session.rsplit('/').next().unwrap()[..40]] {
        let path = format!("/cas/v1/tickets/{unknown}");
        assert_eq!(client.send(Method::GET, &path, &[]).await.status, 404);
        assert_eq!(client.post(&path, &[("service", APP)]).await.status, 404);
    }
    for kind in [
        "application/json",
        "text/plain",
        "multipart/form-data; boundary=x",
        FORM,
    ] {
        client.headers = vec![("content-type", kind)];
        let wanted = if kind == FORM { 201 } else { 415 };
        assert_eq!(client.opens(CAMILLE).await.status.as_u16(), wanted, "{kind}");
    }
    client.headers = vec![("content-type", "application/x-www-form-urlencoded; charset=UTF-8")];
    assert_eq!(client.opens(CAMILLE).await.status, 201);
    client.headers.clear();
    assert_eq!(client.opens(CAMILLE).await.status, 415);
    assert_eq!(client.send(Method::GET, "/cas/v1/tickets", &[]).await.status, 405);
    assert_eq!(client.send(Method::GET, "/cas/v1/users", &[]).await.status, 405);
}

#[tokio::test]
#[allow(clippy::too_many_lines, reason = "one refusal after the other")]
async fn services_are_refused_as_at_the_sign_in_page_before_a_password_is_tried() {
    // CAS-227, CAS-229, CAS-53, CAS-55, CAS-60, CAS-313
    let house = house().await;
    let client = Client::of(&house);
    let session = client.session(CAMILLE).await;
    let binds = house.campus.binds.load(Ordering::SeqCst);
    for refused in [
        "https://elsewhere.example.com/",
        "https://closed.example.org/",
        "https://lycee.example.org/",
        "javascript:alert(1)",
        "https://app.example.org@evil.example/",
    ] {
        let fields = [
            ("username", CAMILLE.0),
            ("password", CAMILLE.1),
            ("service", refused),
        ];
        for path in ["/cas/v1/tickets", "/cas/v1/users"] {
            let reply = client.post(path, &fields).await;
            assert_eq!(reply.status, 403, "{path} {refused}");
            assert_eq!(exceptions(&reply), ["UnauthorizedServiceException"]);
            assert!(!reply.body.contains("example"));
        }
        assert_eq!(
            client.post(&session, &[("service", refused)]).await.status,
            403,
            "{refused}"
        );
    }
    assert_eq!(house.campus.binds.load(Ordering::SeqCst), binds);
    let staff = "https://staff.example.org/";
    let fields = [
        ("username", CAMILLE.0),
        ("password", CAMILLE.1),
        ("service", staff),
    ];
    assert_eq!(
        client.post("/cas/v1/tickets", &fields).await.status,
        403,
        "not hers"
    );
    assert_eq!(client.post("/cas/v1/users", &fields).await.status, 403);
    assert_eq!(client.post(&session, &[("service", staff)]).await.status, 403);
    let fields = [("username", AMINE.0), ("password", AMINE.1), ("service", staff)];
    assert_eq!(client.post("/cas/v1/tickets", &fields).await.status, 201);
    let narrow = Client::narrow(&house);
    let own = narrow.session(CAMILLE).await;
    assert!(narrow.ticket(&own, APP).await.starts_with("ST-"));
    let other = "https://other.example.org/";
    assert_eq!(
        narrow.post(&own, &[("service", other)]).await.status,
        403,
        "not one of its own"
    );
    let loops = {
        let mut last = None;
        for _ in 0..6 {
            last = Some(client.post(&session, &[("service", other)]).await);
        }
        last.unwrap()
    };
    assert_eq!(
        (loops.status.as_u16(), loops.header("retry-after")),
        (429, "10"),
        "F-06"
    );
}

#[tokio::test]
async fn guessing_is_slowed_like_at_the_sign_in_page_and_shared_with_it() {
    // CAS-235, CAS-335, T-59
    let house = house().await;
    let client = Client::of(&house);
    for _ in 0..3 {
        client.opens((CAMILLE.0, "wrong")).await;
        let fields = [("username", CAMILLE.0), ("password", "wrong")];
        client.post("/cas/v1/users", &fields).await;
    }
    let slowed = client.opens(CAMILLE).await;
    assert_eq!((slowed.status.as_u16(), slowed.header("retry-after")), (429, "1"));
    assert_eq!(slowed.header("content-type"), "text/plain;charset=UTF-8");
    let page = house.browser().sign_in("/cas/login", CAMILLE).await;
    assert_eq!(page.status, 429, "one count for both");
    house.clock.advance(Duration::from_secs(1));
    assert_eq!(client.opens(CAMILLE).await.status, 201);
}

#[tokio::test]
async fn a_program_has_its_own_budget_of_passwords_and_tickets() {
    // CAS-235
    let house = house_with(|program| program.a_minute = 3).await;
    let client = Client::of(&house);
    let session = client.session(CAMILLE).await;
    client.ticket(&session, APP).await;
    client.opens(("nobody.at.all", "wrong")).await;
    let binds = house.campus.binds.load(Ordering::SeqCst);
    let over = client.opens(CAMILLE).await;
    assert_eq!((over.status.as_u16(), over.header("retry-after")), (429, "60"));
    assert_eq!(client.post(&session, &[("service", APP)]).await.status, 429);
    let fields = [("username", CAMILLE.0), ("password", CAMILLE.1)];
    assert_eq!(client.post("/cas/v1/users", &fields).await.status, 429);
    assert_eq!(
        house.campus.binds.load(Ordering::SeqCst),
        binds,
        "nothing was tried"
    );
    assert_eq!(
        Client::narrow(&house).opens(CAMILLE).await.status,
        201,
        "another's budget"
    );
    assert_eq!(
        client.send(Method::GET, &session, &[]).await.status,
        200,
        "looking is free"
    );
    assert_eq!(client.send(Method::DELETE, &session, &[]).await.status, 200);
    house.clock.advance(Duration::from_secs(60));
    assert_eq!(client.opens(CAMILLE).await.status, 201);
}

#[tokio::test]
async fn the_institution_is_named_where_there_are_several_and_is_one_of_the_program_s() {
    // CAS-235, CAS-341
    let both = |mut one: mereau::flows::rest::Program| {
        one.realms
            .push(mereau::base::names::RealmId::new("lycee").unwrap());
        one
    };
    let house = build(Plan {
        rest: vec![
            both(program("batch", super::KEY)),
            program("narrow", super::OTHER_KEY),
        ],
        services: vec![ServiceSettings {
            realms: vec![],
            ..service("app")
        }],
        ..Plan::default()
    })
    .await;
    let client = Client::of(&house);
    let person = [("username", CAMILLE.0), ("password", CAMILLE.1)];
    assert_eq!(client.opens(CAMILLE).await.status, 400, "which of the two?");
    for tenant in ["campus", "lycee"] {
        let mut fields = person.to_vec();
        fields.push(("tenant", tenant));
        assert_eq!(
            client.post("/cas/v1/tickets", &fields).await.status,
            201,
            "{tenant}"
        );
        let path = format!("/cas/t/{tenant}/v1/tickets");
        assert_eq!(client.post(&path, &person).await.status, 201);
    }
    let narrow = Client::narrow(&house);
    assert_eq!(narrow.opens(CAMILLE).await.status, 201, "it has only one");
    let mut fields = person.to_vec();
    fields.push(("tenant", "lycee"));
    assert_eq!(narrow.post("/cas/v1/tickets", &fields).await.status, 400);
    assert_eq!(narrow.post("/cas/t/lycee/v1/tickets", &person).await.status, 400);
    assert_eq!(
        narrow.post("/cas/t/nowhere/v1/tickets", &person).await.status,
        400
    );
}

#[tokio::test]
async fn a_crowd_at_a_directory_writes_no_line_for_each_and_a_directory_that_is_down_does() {
    // F-13
    let log = Log::default();
    let lines = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(move || lines.clone());
    let _guard = tracing::subscriber::set_default(subscriber.finish());
    let house = house().await;
    let client = Client::of(&house);
    let person = [("username", CAMILLE.0), ("password", CAMILLE.1)];
    let refused = async |times| {
        for _ in 0..times {
            assert_eq!(client.post("/cas/v1/tickets", &person).await.status, 503);
        }
    };
    *house.campus.room.lock().unwrap() = Room::None;
    refused(50).await;
    *house.campus.room.lock().unwrap() = Room::Ample;
    house.campus.down.store(true, Ordering::SeqCst);
    refused(3).await;
    let text = log.text();
    let written = |what: &str| text.lines().filter(|line| line.contains(what)).count();
    // The one line may be another test's of the same moment.
    assert!(written("no room for a request") <= 1, "{text}");
    assert_eq!(written("a request could not be served"), 3, "{text}");
}

#[tokio::test]
async fn a_store_or_a_directory_that_is_down_is_503_and_says_when_to_come_back() {
    // CAS-228, F-01, F-12, CAS-156
    let house = house().await;
    let client = Client::of(&house);
    let session = client.session(CAMILLE).await;
    house.campus.down.store(true, Ordering::SeqCst);
    let person = [("username", CAMILLE.0), ("password", CAMILLE.1)];
    for path in ["/cas/v1/tickets", "/cas/v1/users"] {
        let reply = client.post(path, &person).await;
        assert_eq!(reply.status, 503, "{path}");
        assert!(reply.comes_back_in(20..=40), "{path}");
        assert_eq!(reply.header("content-type"), "text/plain;charset=UTF-8");
        assert!(
            reply.body.contains(reply.header("x-request-id")),
            "{}",
            reply.body
        );
    }
    assert_eq!(
        client.post(&session, &[("service", APP)]).await.status,
        200,
        "the kept record serves"
    );
    house.campus.down.store(false, Ordering::SeqCst);
    house.store.down.store(true, Ordering::SeqCst);
    for (method, path) in [
        (Method::POST, "/cas/v1/tickets"),
        (Method::POST, "/cas/v1/users"),
        (Method::POST, session.as_str()),
        (Method::GET, session.as_str()),
        (Method::DELETE, session.as_str()),
    ] {
        let fields = [person[0], person[1], ("service", APP)];
        let reply = client.send(method.clone(), path, &fields).await;
        assert_eq!(reply.status, 503, "{method} {path}");
        assert!(reply.comes_back_in(2..=5), "{method} {path}");
    }
}
