//! Who is no program of ours, and what a page of another site can do: nothing.

use std::net::IpAddr;

use http::Method;

use super::{Client, FORM, exceptions, house, tgt_of};
use crate::house::{APP, CAMILLE, campus};

#[tokio::test]
async fn without_a_program_there_is_no_such_address() {
    // CAS-227, CAS-232, CAS-233
    let house = campus().await;
    let client = Client::of(&house);
    let person = [("username", CAMILLE.0), ("password", CAMILLE.1)];
    for path in [
        "/cas/v1/tickets",
        "/cas/v1/users",
        "/cas/v1/services",
        "/cas/v1/tickets/TGT-1",
    ] {
        assert_eq!(client.post(path, &person).await.status, 404, "{path}");
    }
    let house = super::house().await;
    let client = Client::of(&house);
    assert_eq!(
        client.post("/cas/v1/services", &person).await.status,
        404,
        "never that one"
    );
}

#[tokio::test]
async fn a_stranger_learns_nothing_from_name_key_or_network() {
    // CAS-235, CAS-306
    let house = house().await;
    let mut told = Vec::new();
    let strangers = [
        ("batch", "wrong", [198, 51, 100, 7]),
        ("batch", "", [198, 51, 100, 7]),
        ("nobody", super::KEY, [198, 51, 100, 7]),
        ("narrow", super::KEY, [198, 51, 100, 7]),
        ("", "", [198, 51, 100, 7]),
        ("batch", super::KEY, [192, 0, 2, 7]),
    ];
    let session = Client::of(&house).session(CAMILLE).await;
    let before = house.store.calls();
    for (name, key, address) in strangers {
        let client = Client {
            name,
            key,
            address: IpAddr::from(address),
            ..Client::of(&house)
        };
        let mut replies = vec![
            client.opens(CAMILLE).await,
            client.post("/cas/v1/users", &[]).await,
        ];
        replies.push(client.post(&session, &[("service", APP)]).await);
        for method in [Method::GET, Method::DELETE] {
            replies.push(client.send(method, &session, &[]).await);
        }
        for reply in replies {
            assert_eq!(reply.status, 401, "{name} {key} {address:?}");
            assert!(reply.header("www-authenticate").starts_with("Basic "));
            assert_eq!(exceptions(&reply), ["UnauthorizedClientException"]);
            told.push(reply.body);
        }
    }
    assert!(told.iter().all(|body| *body == told[0]));
    assert_eq!(house.store.calls(), before, "nothing was looked at");
    let mut mapped = Client::of(&house);
    mapped.address = "::ffff:198.51.100.7".parse().unwrap();
    assert_eq!(
        mapped.opens(CAMILLE).await.status,
        201,
        "the same address, as IPv6 writes it"
    );
}

#[tokio::test]
async fn what_is_sent_never_comes_back_as_a_page() {
    // CAS-234, CAS-305, CAS-142
    let house = house().await;
    let client = Client::of(&house);
    let hostile = "'onload=alert(1)&lt=%C3%A9";
    let fields = [
        ("username", "<script>alert(1)</script>"),
        ("password", "<script>alert(1)</script>"),
        ("service", "https://app.example.org/<script>alert(1)</script>"),
        ("tenant", "<script>alert(1)</script>"),
    ];
    let session = client.session(CAMILLE).await;
    let mut replies = Vec::new();
    for path in [
        format!("/cas/v1/tickets/{hostile}"),
        format!("/cas/v1/tickets/TGT-{hostile}"),
        format!("/cas/v1/tickets/{}{hostile}", tgt_of(&session)),
    ] {
        for method in [Method::GET, Method::POST, Method::DELETE] {
            replies.push(client.send(method, &path, &fields).await);
        }
    }
    for path in ["/cas/v1/tickets", "/cas/v1/users", session.as_str()] {
        replies.push(client.post(path, &fields).await);
        replies.push(client.post(path, &fields[..3]).await);
        replies.push(client.post(path, &fields[..2]).await);
    }
    for reply in &replies {
        assert!(!reply.body.contains('<'), "{}", reply.body);
        let kind = reply.header("content-type");
        assert!(
            kind.starts_with("text/plain") || kind.starts_with("application/json"),
            "{kind}"
        );
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
        assert!(
            reply
                .header("content-security-policy")
                .contains("default-src 'none'")
        );
    }
    let deleted = &replies[2];
    assert_eq!(deleted.status, 200);
    let told = "&#39;onload=alert(1)&amp;lt=é";
    assert_eq!(deleted.body, told, "CAS-231: the id, whatever it was");
    let marked = "/cas/v1/tickets/%3Cscript%3Ealert(1)%3C%2Fscript%3E";
    for method in [Method::GET, Method::POST, Method::DELETE] {
        let reply = client.send(method, marked, &fields).await;
        assert_eq!(reply.status, 404, "no path of ours");
        assert!(!reply.body.contains("alert(1)"), "{}", reply.body);
    }
    let long = format!("/cas/v1/tickets/{}", "a".repeat(2000));
    assert_eq!(client.send(Method::DELETE, &long, &[]).await.body.len(), 256);
    let unreadable = client.send(Method::DELETE, "/cas/v1/tickets/%ff%fe", &[]).await;
    assert!(
        unreadable.status.as_u16() < 500 && !unreadable.body.contains('<'),
        "{}",
        unreadable.status
    );
}

#[tokio::test]
async fn no_script_of_another_site_may_read_it() {
    // CAS-235
    let house = house().await;
    let mut client = Client::of(&house);
    client.headers = vec![
        ("content-type", FORM),
        ("origin", "https://evil.example"),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "authorization"),
    ];
    let session = client.session(CAMILLE).await;
    for (method, path) in [
        (Method::OPTIONS, "/cas/v1/tickets"),
        (Method::OPTIONS, session.as_str()),
        (Method::POST, "/cas/v1/tickets"),
        (Method::GET, session.as_str()),
        (Method::HEAD, session.as_str()),
    ] {
        let reply = client.send(method.clone(), path, &[]).await;
        let names = reply.headers.keys().map(|name| name.as_str());
        let open: Vec<&str> = names.filter(|name| name.starts_with("access-control-")).collect();
        assert!(open.is_empty(), "{method} {path}: {open:?}");
    }
    let head = client.send(Method::HEAD, &session, &[]).await;
    assert!(head.body.is_empty());
    assert_eq!(
        client.send(Method::GET, &session, &[]).await.status,
        200,
        "looked at, not ended"
    );
}
