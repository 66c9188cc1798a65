//! Locks and limits: a lock counts at the moment a right is used, and neither speed nor many sessions of the
//! right person count as failures.

use std::sync::atomic::Ordering;

use futures_util::future::join_all;
use mereau::base::names::{AccountId, PersonKey, RealmId, Username};
use mereau::directory::{Person, Standing};
use mereau::guard::Visitor;

use crate::house::{APP, CAMILLE, House, Plan, build, login_path};
use crate::recovery::{NEW, choose, entry, letters_for, open, path_of, recovering, signs_in, with_people};

/// By staff: no failures of its own made it so, and no time ends it.
fn locked(mut person: Person) -> Option<Person> {
    person.state.standing = Standing::Suspended;
    person.state.may_sign_in = false;
    Some(person)
}

/// Locks everybody of the campus, until `change` is taken back.
fn lock(house: &House) {
    *house.campus.change.lock().unwrap() = Some(locked);
}

#[tokio::test]
async fn a_lock_that_came_after_a_right_was_given_closes_it_at_every_door() {
    // T-54
    for door in ["the link", "its form", "the code", "the code as a password"] {
        let house = recovering().await;
        let letters = letters_for(&house, CAMILLE.0).await;
        let (_, link, code) = letters[0].links()[0].clone();
        let link = path_of(&link);
        let mut browser = house.browser();
        let page = match door {
            "its form" => Some(open(&mut browser, &link).await),
            _ => None,
        };
        lock(&house);
        let mut reply = match (door, page) {
            (_, Some(page)) => choose(&mut browser, &page, NEW).await,
            ("the link", None) => browser.get(&link).await,
            ("the code", None) => {
                let form = browser.get("/cas/recover/code").await.form();
                browser
                    .submit(&form.with("identifier", CAMILLE.0).with("code", &code))
                    .await
            }
            _ => browser.sign_in("/cas/login", (CAMILLE.0, &code)).await,
        };
        if reply.status == 303 {
            reply = browser.get(reply.location()).await;
        }
        if reply.has_form_for_new() {
            reply = choose(&mut browser, &reply, NEW).await;
        }
        assert!(!reply.body.contains("est enregistré"), "{door}");
        assert_eq!(house.campus.writes.load(Ordering::SeqCst), 0, "{door}");
        assert!(browser.tgc("campus").is_none(), "{door}");
        *house.campus.change.lock().unwrap() = None;
        assert!(
            signs_in(&house, CAMILLE.0, CAMILLE.1).await,
            "{door}: nothing was written"
        );
    }
}

#[tokio::test]
async fn a_lock_that_came_after_the_right_password_stops_the_change_and_the_ticket() {
    // T-54
    let house = with_people(&entry(1, "must", "must@campus.example", "pwdReset: TRUE")).await;
    let mut changing = house.browser();
    let reply = changing.sign_in("/cas/login", ("must", CAMILLE.1)).await;
    let page = changing.get(reply.location()).await;
    assert!(page.has_form_for_new());
    let mut browser = house.browser();
    let ticket = browser.sign_in(&login_path(APP), CAMILLE).await.ticket();
    lock(&house);
    let late = choose(&mut changing, &page, NEW).await;
    assert!(late.location().starts_with("/cas/login"), "to be told why");
    assert_eq!(house.campus.writes.load(Ordering::SeqCst), 0);
    assert!(changing.tgc("campus").is_none());
    // Whoever is locked out opens nothing more once the record of the account is read anew.
    house.clock.advance(std::time::Duration::from_secs(301));
    let again = browser.get(&login_path(APP)).await;
    assert!(again.status != 302 && again.status != 303, "{}", again.status);
    let answer = house.validate(APP, &ticket).await;
    assert!(!answer.contains("authenticationSuccess"), "{answer}");
}

async fn failures(house: &House) -> Vec<u32> {
    let realm = RealmId::new("campus").unwrap();
    let name = Username::typed(CAMILLE.0).unwrap();
    let visitor = Visitor {
        realm: &realm,
        name: &name,
        address: std::net::IpAddr::from([192, 0, 2, 7]),
        device: None,
        directory_lock: None,
    };
    let events = house.audit.take();
    let key = events.iter().find_map(|event| event.account.clone());
    let account = AccountId {
        realm: realm.clone(),
        person: key.unwrap_or(PersonKey("nobody".to_owned())),
    };
    let standing = house.app.ports.guard.standing(&visitor, Some(&account)).await;
    let counters = standing.unwrap().into_iter();
    counters.map(|counter| counter.failures.expect("open")).collect()
}

#[tokio::test]
async fn however_many_sessions_somebody_has_opening_one_more_is_no_failure() {
    // T-56
    let house = build(Plan {
        more_realms: ["c", "d", "e", "f", "g"].map(str::to_owned).into(),
        ..Plan::default()
    })
    .await;
    // Two hundred devices of one person, twenty at a time.
    for _ in 0..10 {
        let tries = (0..20).map(|_| async {
            let mut browser = house.browser();
            let path = format!("{}&tenant=campus", login_path(APP));
            browser.sign_in(&path, CAMILLE).await.status
        });
        let statuses = join_all(tries).await;
        assert!(statuses.iter().all(|status| *status == 303), "{statuses:?}");
    }
    assert_eq!(failures(&house).await, [0, 0]);
    // A password that is mistyped now is the first failure, not the two hundredth.
    let mut browser = house.browser();
    let wrong = browser
        .sign_in("/cas/login?tenant=campus", (CAMILLE.0, "wrong"))
        .await;
    assert_eq!(wrong.status, 401);
    let right = browser.sign_in("/cas/login?tenant=campus", CAMILLE).await;
    assert_eq!(right.status, 303);
}

#[tokio::test]
async fn a_browser_that_holds_as_many_sessions_as_it_may_fails_at_nothing() {
    // T-56
    let realms = ["campus", "lycee", "c", "d", "e", "f", "g"];
    let institutions = realms.map(|id| {
        mereau::realms::Institution::new(
            mereau::base::names::InstitutionId::new(id).unwrap(),
            RealmId::new(id).unwrap(),
            mereau::base::texts::Texts::same(id),
        )
    });
    let house = build(Plan {
        more_realms: realms[2..].iter().map(|id| (*id).to_owned()).collect(),
        institutions: Some(institutions.into()),
        ..Plan::default()
    })
    .await;
    let mut browser = house.browser();
    for realm in realms {
        let reply = browser
            .sign_in(&format!("/cas/login?tenant={realm}"), CAMILLE)
            .await;
        assert_eq!(reply.status, 303, "{realm}");
    }
    let held = browser
        .cookies
        .keys()
        .filter(|name| name.contains("TGC-"))
        .count();
    assert_eq!(held, 5, "the oldest made room");
    assert!(failures(&house).await.iter().all(|count| *count == 0));
}
