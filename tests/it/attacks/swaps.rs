//! A right of one person never sets the password of another, however fields, cookies, addresses and realms of two
//! flows are mixed.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use crate::house::recovery::form_to;
use crate::house::{AMINE, Browser, CAMILLE, House};
use crate::recovery::{NEW, both_recovering, link_for, link_in, open, recovering, signs_in};
use crate::reply::Form;

/// A form behind a link, and the cookies it goes with.
struct Held {
    form: Form,
    cookies: BTreeMap<String, String>,
}

async fn held(house: &House, link: &str) -> Held {
    let mut browser = house.browser();
    let form = open(&mut browser, link).await.form();
    Held {
        form,
        cookies: browser.cookies,
    }
}

fn flow_cookie(cookies: &BTreeMap<String, String>) -> (String, String) {
    let found = cookies.iter().find(|(name, _)| name.contains("flow-"));
    let (name, value) = found.expect("a flow");
    (name.clone(), value.clone())
}

/// Every mixture of two such forms: each of action, flow, ticket of the form and cookies of one or the other.
fn mixtures(mine: &Held, theirs: &Held) -> Vec<Held> {
    let mut all = Vec::new();
    for mask in 1..32u8 {
        let from = |bit: u8| if mask & (1 << bit) == 0 { mine } else { theirs };
        let mut form = mine.form.clone();
        form.action = from(0).form.action.clone();
        for (bit, field) in [(1, "flow"), (2, "lt")] {
            let value = from(bit).form.value(field).unwrap_or_default().to_owned();
            form = form.with(field, &value);
        }
        let mut cookies = from(3).cookies.clone();
        if mask & 16 != 0 {
            // The sealed flow of one under the name of the other.
            let (name, _) = flow_cookie(&mine.cookies);
            let (_, sealed) = flow_cookie(&theirs.cookies);
            cookies.insert(name, sealed);
        }
        all.push(Held {
            form: form.with("new", NEW),
            cookies,
        });
    }
    all
}

#[tokio::test]
async fn no_mixture_of_two_flows_sets_a_password_with_the_right_of_another() {
    // T-77
    for with_theirs in [false, true] {
        let house = recovering().await;
        let camille = link_for(&house, CAMILLE.0).await;
        let amine = link_for(&house, AMINE.0).await;
        let (mine, theirs) = (held(&house, &amine).await, held(&house, &camille).await);
        let (name, sealed) = flow_cookie(&theirs.cookies);
        let mut tried = 0;
        for mixed in mixtures(&mine, &theirs) {
            // Whoever has Camille's flow cookie under its own name has Camille's right, and nobody else has.
            if (mixed.cookies.get(&name) == Some(&sealed)) != with_theirs {
                continue;
            }
            let mut thief = house.browser();
            thief.cookies = mixed.cookies;
            thief.submit(&mixed.form).await;
            tried += 1;
        }
        assert!(tried >= 15, "{tried}");
        let untouched = if with_theirs { AMINE } else { CAMILLE };
        assert!(
            signs_in(&house, untouched.0, untouched.1).await,
            "{}",
            untouched.0
        );
        assert!(!signs_in(&house, untouched.0, NEW).await, "{}", untouched.0);
        assert!(
            house.campus.writes.load(Ordering::SeqCst) <= 1,
            "each right is used once"
        );
    }
}

#[tokio::test]
async fn fields_that_name_somebody_else_name_nobody() {
    // T-77
    let house = recovering().await;
    let amine = link_for(&house, AMINE.0).await;
    let mut browser = house.browser();
    let page = open(&mut browser, &amine).await;
    let mut form = page.form().with("new", NEW);
    for name in [
        "username",
        "login",
        "account",
        "user",
        "uid",
        "identifier",
        "person",
        "email",
        "mail",
        "key",
        "token",
        "name",
        "id",
        "realm",
        "tenant",
        "institution",
    ] {
        form.fields.push((name.to_owned(), CAMILLE.0.to_owned()));
    }
    let reply = browser.submit(&form).await;
    assert!(!signs_in(&house, CAMILLE.0, NEW).await);
    assert!(signs_in(&house, CAMILLE.0, CAMILLE.1).await);
    // Whose right it was has the new password, or nobody has.
    let done = reply.status == 303;
    assert_eq!(signs_in(&house, AMINE.0, NEW).await, done);
}

#[tokio::test]
async fn the_right_of_one_realm_sets_nothing_in_another_where_the_same_login_exists() {
    // T-77, T-90
    let house = both_recovering().await;
    let link = link_in(&house, "campus", CAMILLE.0).await;
    let mine = held(&house, &link).await;
    let before = house.campus.writes.load(Ordering::SeqCst);
    // At the address of the other realm, with its form, and with its name in every field.
    let elsewhere = link.replace("/cas/r/", "/cas/t/lycee/r/");
    assert_ne!(house.browser().get(&elsewhere).await.status, 303);
    for action in [
        mine.form.action.replace("/cas/recover", "/cas/t/lycee/recover"),
        mine.form.action.replace("/cas/t/campus/", "/cas/t/lycee/"),
        format!("{}&tenant=lycee", mine.form.action),
    ] {
        let mut thief = house.browser();
        thief.cookies = mine.cookies.clone();
        let mut form = Form {
            action: action.clone(),
            ..mine.form.clone()
        };
        for name in ["tenant", "realm", "institution"] {
            form = form.with(name, "lycee");
        }
        thief
            .submit(&form.with("new", "une phrase pour le lycée seulement"))
            .await;
        let lycee = std::fs::read_to_string(house.folder.path().join("lycee.ldif")).unwrap();
        assert!(
            !lycee.contains("mereauGeneration"),
            "{action}: the other realm was written"
        );
    }
    let other = sign_in_at(&house, "lycee", CAMILLE).await;
    assert!(other, "the namesake there is as before");
    assert!(house.campus.writes.load(Ordering::SeqCst) <= before + 1);
}

async fn sign_in_at(house: &House, realm: &str, person: (&str, &str)) -> bool {
    let mut browser: Browser<'_> = house.browser();
    let reply = browser
        .sign_in(&format!("/cas/login?tenant={realm}"), person)
        .await;
    reply.status == 303 && browser.tgc(realm).is_some()
}

#[tokio::test]
async fn of_lists_and_repeated_fields_no_part_is_used() {
    // T-24, T-77
    let house = recovering().await;
    for (path, field) in [("/cas/recover", "identifier"), ("/cas/recover/username", "email")] {
        for raw in [
            "FIELD=camille.dupont@campus.example&FIELD=thief@evil.example",
            "FIELD[]=camille.dupont@campus.example&FIELD[]=thief@evil.example",
            "FIELD[0]=camille.dupont@campus.example&FIELD[1]=thief@evil.example",
            "FIELD=camille.dupont@campus.example,thief@evil.example",
            "FIELD=camille.dupont@campus.example%3Bthief@evil.example",
            "FIELD=camille.dupont@campus.example%20thief@evil.example",
            "FIELD=camille.dupont@campus.example%0Athief@evil.example",
            "FIELD=camille.dupont@campus.example%00thief@evil.example",
            "FIELD=camille.dupont@campus.example&mail=thief@evil.example",
            "FIELD=camille.dupont@campus.example&mail=thief@evil.example&mail=x@evil.example",
            "mail=camille.dupont@campus.example&mail=thief@evil.example",
            "FIELD=%7B%22FIELD%22:%5B%22camille.dupont@campus.example%22,%22thief@evil.example%22%5D%7D",
        ] {
            let mut browser = house.browser();
            let form = browser
                .get(path)
                .await
                .form()
                .without(field)
                .without("captcha-other");
            let body = format!("{}&{}", form.encoded(), raw.replace("FIELD", field));
            browser.send(http::Method::POST, &form.action, Some(body)).await;
            house.work().await;
            for letter in house.letters.take() {
                assert_eq!(letter.to, "camille.dupont@campus.example", "{raw}");
            }
            house.clock.advance(std::time::Duration::from_secs(3700));
        }
    }
    let form = form_to("/cas/recover", &[]);
    assert_eq!(house.browser().submit(&form).await.status, 400);
}
