//! A thousand people, fifty at once: whoever signs in is told to every application as themselves.

use std::sync::Arc;

use data_encoding::BASE64;
use http::Method;
use ring::digest;

use crate::house::recovery::usual_recovery;
use crate::house::{APP, House, Plan, build, encoded, login_path};

const PEOPLE: usize = 1000;
const ROUNDS: usize = 5;
/// Who sign in at the same time.
const AT_ONCE: usize = 50;

fn login(number: usize) -> String {
    format!("personne{number:04}")
}

fn password(number: usize) -> String {
    format!("mot-de-passe-{number:04}")
}

/// The people in LDIF, each with a password of their own.
fn people() -> String {
    let one = |number: usize| {
        let (login, salt) = (login(number), number.to_be_bytes());
        let salted = [password(number).as_bytes(), &salt].concat();
        let digest = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &salted);
        let hash = BASE64.encode(&[digest.as_ref(), &salt].concat());
        format!(
            "dn: uid={login},ou=people,dc=campus,dc=example\nobjectClass: inetOrgPerson\n\
             entryUUID: 5a1e7000-0000-4000-9000-{number:012}\nuid: {login}\ncn: {login}\nsn: {login}\n\
             displayName: {login}\nmail: {login}@campus.example\nuserPassword: {{SSHA}}{hash}\n\n"
        )
    };
    format!("\n{}", (0..PEOPLE).map(one).collect::<String>())
}

/// One round of one person: the password, a ticket by it, another by the session.
async fn comes_and_goes(house: &House, service: &mereau::http::Service, number: usize) {
    let login = login(number);
    let mut browser = house.browser();
    browser.lasting = Some(service.clone());
    let page = browser.get(&login_path(APP)).await.body;
    // Not taken apart as HTML, which takes longer than all the rest.
    let (_, lt) = page.split_once("name=\"lt\" value=\"").unwrap();
    let (lt, _) = lt.split_once('"').unwrap();
    let typed = format!(
        "lt={lt}&service={}&username={login}&password={}",
        encoded(APP),
        password(number)
    );
    let first = browser.send(Method::POST, "/cas/login", Some(typed)).await;
    let other = "https://other.example.org/";
    let tickets = [(APP, first.ticket()), (other, browser.ticket_for(other).await)];
    for (url, ticket) in tickets {
        let path = format!("/cas/p3/serviceValidate?service={}&ticket={ticket}", encoded(url));
        let answer = browser.get(&path).await.body;
        let user = format!("<cas:user>{login}</cas:user>");
        let mail = format!("<cas:mail>{login}@campus.example</cas:mail>");
        assert!(
            answer.contains(&user) && answer.contains(&mail),
            "{login}: {answer}"
        );
        assert_eq!(
            answer.matches("personne").count(),
            3,
            "{login} and nobody else: {answer}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_thousand_people_at_once_nobody_is_taken_for_another() {
    // CAS-340
    let house = build(Plan {
        one_institution: true,
        recovery: Some(usual_recovery()),
        more_people: people(),
        ..Plan::default()
    })
    .await;
    let house = Arc::new(house);
    let service = house.served();
    let lane = |lane: usize| {
        let (house, service) = (house.clone(), service.clone());
        tokio::spawn(async move {
            for round in 0..ROUNDS {
                for number in (lane..PEOPLE).step_by(AT_ONCE) {
                    // Another neighbour in each round.
                    comes_and_goes(&house, &service, (number + round * 7) % PEOPLE).await;
                }
            }
        })
    };
    let lanes: Vec<_> = (0..AT_ONCE).map(lane).collect();
    for lane in lanes {
        lane.await.unwrap();
    }
}
