//! People who must choose another password.

use std::sync::atomic::Ordering;

use mereau::audit::Event;
use mereau::base::clock::Timestamp;
use mereau::base::names::RealmId;
use mereau::directory::{Demanded, Filter, Written};
use mereau::flows::FlowError;
use mereau::flows::breach::{ALREADY, Choice, Chosen, Exceptions, choose, demand, lift, sign_out};

use super::{BY, one};
use crate::house::{AMINE, CAMILLE, House, START, campus};
use crate::recovery::{NEW, choose as chooses, entry, link_for, open, recovering, with_people};

async fn chosen(house: &House, filter: &str, except: Exceptions) -> Chosen {
    let choice = Choice {
        filter: Some(Filter::parse(filter).unwrap()),
        only: None,
        except,
    };
    let realm = RealmId::new("campus").unwrap();
    choose(&house.app.catalogue(), &realm, &choice).await.unwrap()
}

fn logins(chosen: &Chosen) -> Vec<&str> {
    chosen.people.iter().map(|one| one.login.as_str()).collect()
}

#[tokio::test]
async fn the_next_sign_in_of_who_is_marked_demands_another_password_and_the_old_session_is_over() {
    // SEC-54
    let house = recovering().await;
    let mut browser = house.browser();
    browser.sign_in("/cas/login", CAMILLE).await;
    let chosen = chosen(&house, "(uid=camille.dupont)", Exceptions::default()).await;
    assert_eq!(logins(&chosen), [CAMILLE.0]);
    house.audit.take();
    let (ports, catalogue) = (&house.app.ports, house.app.catalogue());
    let account = &chosen.people[0].account;
    let marked = demand(ports, &catalogue, account, &BY).await.unwrap();
    assert_eq!((marked.demanded, marked.sessions), (Demanded::Done, 1));
    let records = house.audit.take();
    let events: Vec<Event> = records.iter().map(|record| record.event).collect();
    assert_eq!(events, [Event::MustChange, Event::SessionsEnded]);
    assert!(
        records
            .iter()
            .all(|record| record.note.as_deref() == Some(BY.reason))
    );
    assert!(browser.get("/cas/login").await.has_form());
    let reply = browser.sign_in("/cas/login", CAMILLE).await;
    assert_eq!(browser.tgc("campus"), None, "{}", reply.body);
    assert!(reply.location().contains("change"), "{}", reply.location());
    let again = demand(ports, &catalogue, account, &BY).await.unwrap();
    assert_eq!((again.demanded, again.sessions), (Demanded::Already, 0));

    let undo = (account, &chosen.people[0].before[..]);
    assert_eq!(lift(ports, &catalogue, undo, &BY).await.unwrap(), Written::Done);
    assert_eq!(lift(ports, &catalogue, undo, &BY).await.unwrap(), Written::Moved);
    let mut browser = house.browser();
    browser.sign_in("/cas/login", CAMILLE).await;
    assert!(browser.tgc("campus").is_some(), "as before");
}

#[tokio::test]
async fn a_second_run_ends_the_sessions_that_the_first_marked_and_did_not_come_to() {
    // SEC-54
    let house = recovering().await;
    let mut browser = house.browser();
    browser.sign_in("/cas/login", CAMILLE).await;
    let (ports, catalogue) = (&house.app.ports, house.app.catalogue());
    let first = chosen(&house, "(uid=camille.dupont)", Exceptions::default()).await;
    assert!(first.marked.is_empty());
    house.store.down.store(true, Ordering::SeqCst);
    let cut_off = demand(ports, &catalogue, &first.people[0].account, &BY).await;
    assert!(matches!(cut_off, Err(FlowError::Store(_))), "{cut_off:?}");
    house.store.down.store(false, Ordering::SeqCst);
    assert!(!browser.get("/cas/login").await.has_form(), "it lives on");

    house.audit.take();
    let second = chosen(&house, "(uid=camille.dupont)", Exceptions::default()).await;
    assert!(second.people.is_empty());
    assert_eq!(second.left_out.get(ALREADY), Some(&1));
    assert_eq!(second.marked, [first.people[0].account.clone()]);
    let (ended, _) = sign_out(ports, &catalogue, &second.marked[0], &BY).await.unwrap();
    assert_eq!(ended, 1);
    assert!(browser.get("/cas/login").await.has_form());
    let (ended, _) = sign_out(ports, &catalogue, &second.marked[0], &BY).await.unwrap();
    assert_eq!(ended, 0);
    let events: Vec<Event> = house.audit.take().iter().map(|record| record.event).collect();
    assert_eq!(events, [Event::SessionsEnded], "only where something ended");

    let except = Exceptions {
        people: [second.marked[0].person.clone()].into(),
        ..Exceptions::default()
    };
    let third = chosen(&house, "(uid=camille.dupont)", except).await;
    assert!(third.marked.is_empty(), "an exception is nobody's business");
}

#[tokio::test]
async fn a_link_that_was_mailed_before_still_leads_to_a_new_password_which_ends_the_demand() {
    // SEC-79
    let house = recovering().await;
    let link = link_for(&house, CAMILLE.0).await;
    let meant = one(&house, CAMILLE.0, "campus").await;
    let (ports, catalogue) = (&house.app.ports, house.app.catalogue());
    demand(ports, &catalogue, &meant.account, &BY).await.unwrap();
    let mut browser = house.browser();
    let form = open(&mut browser, &link).await;
    assert_eq!(chooses(&mut browser, &form, NEW).await.status, 303);
    let mut browser = house.browser();
    browser.sign_in("/cas/login", (CAMILLE.0, NEW)).await;
    assert!(browser.tgc("campus").is_some());
    let written = lift(ports, &catalogue, (&meant.account, &[]), &BY).await;
    assert_eq!(
        written.unwrap(),
        Written::Moved,
        "nothing is taken back of what is met"
    );
}

#[tokio::test]
async fn exceptions_are_left_out_and_each_is_counted_by_why() {
    let more = [
        entry(1, "b.meant", "b@campus.example", "employeeType: x\n"),
        entry(
            2,
            "b.late",
            "c@campus.example",
            "employeeType: x\npwdChangedTime: 20261110080000Z\n",
        ),
        entry(
            3,
            "b.early",
            "d@campus.example",
            "employeeType: x\npwdChangedTime: 20260110080000Z\n",
        ),
        entry(
            4,
            "b.far",
            "e@campus.example",
            "employeeType: x\ndescription: educonnect\n",
        ),
        entry(
            5,
            "b.chief",
            "f@campus.example",
            "employeeType: x\ntitle: chief\n",
        ),
        entry(6, "b.named", "g@campus.example", "employeeType: x\n"),
        entry(
            7,
            "b.marked",
            "h@campus.example",
            "employeeType: x\npwdReset: TRUE\n",
        ),
    ];
    let house = with_people(&more.join("\n")).await;
    let filter = |text: &str| Some(Filter::parse(text).unwrap());
    let named = one(&house, "b.named", "campus").await.account.person;
    let except = Exceptions {
        filter: filter("(title=chief)"),
        never_activated: true,
        // 1 November 2026.
        changed_since: Some(Timestamp(START.0 - 17 * 86_400_000)),
        delegated: filter("(description=educonnect)"),
        people: [named].into(),
    };
    let found = chosen(&house, "(employeeType=x)", except).await;
    assert_eq!(logins(&found), ["b.early", "b.meant"]);
    let left: Vec<usize> = found.left_out.values().copied().collect();
    assert_eq!(left, [1; 5], "{:?}", found.left_out);
    let all = chosen(&house, "(employeeType=x)", Exceptions::default()).await;
    assert_eq!(all.people.len(), 6);
    assert_eq!(
        all.left_out.keys().copied().collect::<Vec<_>>(),
        ["must change already"]
    );
}

#[tokio::test]
async fn a_directory_that_cannot_be_written_says_so_before_anything() {
    let house = campus().await;
    let meant = one(&house, AMINE.0, "campus").await;
    let choice = Choice::default();
    let found = choose(&house.app.catalogue(), &meant.account.realm, &choice).await;
    assert!(matches!(found, Err(FlowError::Directory { .. })));
    let marked = demand(&house.app.ports, &house.app.catalogue(), &meant.account, &BY).await;
    assert!(matches!(marked, Err(FlowError::Directory { .. })));
}
