//! What is typed to break out of a search, through the real router: it finds nobody, or is no name at all.

use std::sync::atomic::Ordering;

use http::Method;

use super::{asks, recovering};
use crate::house::{Browser, CAMILLE, House, Reply};

const FUZZ: [&str; 14] = [
    "*",
    "camille*",
    ")(uid=*",
    "*)(uid=*",
    "\\00",
    "\\2a",
    "\\2A\\29\\28uid=\\2a",
    "\\63amille.dupont",
    "camille.dupont)(|(uid=*",
    "*)(objectClass=*))(&(objectClass=void",
    "uid=camille.dupont,ou=people,dc=campus,dc=example",
    "camille.dupont,ou=people",
    "camille.dupont+cn=Camille",
    "#04024869",
];

#[tokio::test]
async fn what_breaks_out_of_filters_and_names_finds_nobody_on_any_form() {
    // SEC-45, T-51
    let house = recovering().await;
    for typed in FUZZ {
        let reply = house.browser().sign_in("/cas/login", (typed, CAMILLE.1)).await;
        assert_eq!(reply.status, 401, "{typed}");
        assert_eq!(asks(&mut house.browser(), typed).await.status, 303, "{typed}");
        let at = format!("{typed}@campus.example");
        assert_eq!(asks(&mut house.browser(), &at).await.status, 303, "{typed}");
        let mut browser = house.browser();
        let form = browser.get("/cas/recover/username").await.form();
        assert_eq!(
            browser.submit(&form.with("email", &at)).await.status,
            303,
            "{typed}"
        );
        house.work().await;
        assert!(house.letters.take().is_empty(), "{typed}");
    }
    assert_eq!(house.campus.binds.load(Ordering::SeqCst), 0);
}

/// The form of `path` with its fields as they are, and `raw` for one more.
async fn raw<'a>(house: &'a House, path: &str, field: &str, raw: &str) -> (Browser<'a>, Reply) {
    let mut browser = house.browser();
    let form = browser.get(path).await.form().without(field);
    let body = format!("{}&{field}={raw}", form.encoded());
    let reply = browser.send(Method::POST, &form.action, Some(body)).await;
    (browser, reply)
}

#[tokio::test]
async fn bytes_that_are_no_text_and_controls_are_no_names() {
    // SEC-45
    let house = recovering().await;
    // Invalid UTF-8 in every way: a lone continuation, an overlong NUL, a surrogate, half a letter.
    for bytes in ["%ff", "%80", "%c0%80", "%ed%a0%80", "camille%c3", "%fe%ff%00*"] {
        for (path, field) in [
            ("/cas/recover", "identifier"),
            ("/cas/recover/username", "email"),
            ("/cas/login", "username"),
        ] {
            let (_, reply) = raw(&house, path, field, &format!("{bytes}&password=x")).await;
            assert!(
                matches!(reply.status.as_u16(), 400 | 401 | 303),
                "{path} {bytes}: {}",
                reply.status
            );
            house.work().await;
            assert!(house.letters.take().is_empty());
        }
    }
    for control in ["a%00b", "a%0ab", "a%0db", "a%1bb", "a%7fb", "a%c2%85b"] {
        let (_, reply) = raw(&house, "/cas/recover", "identifier", control).await;
        assert_eq!(reply.status, 400, "{control}");
        let (_, reply) = raw(&house, "/cas/recover/username", "email", control).await;
        assert_eq!(reply.status, 400, "{control}");
        let (_, reply) = raw(&house, "/cas/login", "username", &format!("{control}&password=x")).await;
        assert!(matches!(reply.status.as_u16(), 400 | 401), "{control}");
    }
    assert_eq!(house.campus.binds.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_name_has_256_bytes_and_a_form_has_an_end() {
    // SEC-45, SEC-88
    let house = recovering().await;
    let searches = || house.campus.searches.load(Ordering::SeqCst);
    // The last that fits, and one byte more; in letters of one, two and three bytes.
    let fits = "é".repeat(128);
    assert_eq!(asks(&mut house.browser(), &fits).await.status, 303);
    house.work().await;
    let before = searches();
    for long in [
        "x".repeat(257),
        "é".repeat(129),
        "ア".repeat(86),
        format!("{}@campus.example", "x".repeat(242)),
    ] {
        assert!(long.len() > 256);
        assert_eq!(
            asks(&mut house.browser(), &long).await.status,
            400,
            "{}",
            long.len()
        );
        let mut browser = house.browser();
        let form = browser.get("/cas/recover/username").await.form();
        assert_eq!(browser.submit(&form.with("email", &long)).await.status, 400);
        let reply = house.browser().sign_in("/cas/login", (&long, CAMILLE.1)).await;
        assert!(matches!(reply.status.as_u16(), 400 | 401));
    }
    // A megabyte of them is not even read.
    let megabyte = "*)(uid=".repeat(150_000);
    assert!(megabyte.len() > 1 << 20);
    for (path, field) in [("/cas/recover", "identifier"), ("/cas/login", "username")] {
        let (_, reply) = raw(&house, path, field, &megabyte).await;
        assert_eq!(reply.status, 413, "{path}");
    }
    house.work().await;
    assert_eq!(searches(), before);
    assert!(house.letters.take().is_empty());
}
