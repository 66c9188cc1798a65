//! The queue of requests in rough weather: a directory that comes and goes, work that panics, workers that
//! are not heard of again.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

use mereau::audit::Event;
use mereau::directory::Person;
use mereau::jobs::recovery::{Line, take_one};
use mereau::tickets::{Lane, Requests as _};

use super::{asks, crowd, recovering, with_people};
use crate::house::{AMINE, CAMILLE, House};

const SECOND: Duration = Duration::from_secs(1);

async fn waiting(house: &House) -> usize {
    house.store.depth(Lane::Recovery).await.unwrap()
}

/// Works on what is due; how often something was taken.
async fn work(house: &House, line: &Line) -> usize {
    let (ports, catalogue) = (&house.app.ports, house.app.catalogue());
    let mut taken = 0;
    while let Some(_worked) = take_one(ports, &catalogue, "test", line).await.unwrap() {
        taken += 1;
    }
    taken
}

#[tokio::test]
async fn a_small_first_morning_is_worked_on_in_order_and_nobody_is_lost_or_told_twice() {
    // S4-18, SEC-02
    const PEOPLE: u32 = 90;
    let house = with_people(&crowd(PEOPLE)).await;
    let line = Line::default();
    let mut letters = Vec::new();
    for number in 0..PEOPLE {
        // The directory is there for ten requests, and silent for the next ten.
        let silent = number % 20 >= 10;
        house.campus.down.store(silent, Ordering::SeqCst);
        let reply = asks(&mut house.browser(), &format!("p{number:02}")).await;
        assert_eq!(reply.status, 303, "the form is answered all the same");
        house.clock.advance(SECOND);
        // Ten minutes' worth of forms come faster than they are worked on: now and then only.
        if number % 5 == 4 {
            let before = house.campus.asked_in_vain.load(Ordering::SeqCst);
            work(&house, &line).await;
            let in_vain = house.campus.asked_in_vain.load(Ordering::SeqCst) - before;
            assert!(in_vain <= 1, "one request speaks for all: {in_vain}");
            letters.extend(house.letters.take());
        }
    }
    house.campus.down.store(false, Ordering::SeqCst);
    for _ in 0..120 {
        house.clock.advance(SECOND);
        work(&house, &line).await;
    }
    letters.extend(house.letters.take());
    assert_eq!(waiting(&house).await, 0, "the queue drains");
    let mut got: BTreeMap<String, usize> = BTreeMap::new();
    for letter in &letters {
        *got.entry(letter.to.clone()).or_default() += 1;
    }
    assert_eq!(got.len(), PEOPLE as usize, "nobody is lost");
    assert!(got.values().all(|count| *count == 1), "nobody is told twice");
    // Whoever was not tried in vain has his letter in the order of asking.
    let order: Vec<&str> = letters.iter().map(|letter| letter.to.as_str()).collect();
    let before = |pair: &&[&str]| pair[0] > pair[1];
    let out_of_order = order.windows(2).filter(before).count();
    let tried_in_vain = house.campus.asked_in_vain.load(Ordering::SeqCst);
    assert!(tried_in_vain > 0);
    assert!(
        out_of_order <= tried_in_vain,
        "{out_of_order} {tried_in_vain}: {order:?}"
    );
}

#[tokio::test]
async fn a_directory_that_is_back_finds_everybody_due_at_once_however_long_it_was_away() {
    // S4-18, SEC-08
    let house = with_people(&crowd(20)).await;
    for number in 0..20 {
        asks(&mut house.browser(), &format!("p{number:02}")).await;
    }
    let line = Line::default();
    house.campus.down.store(true, Ordering::SeqCst);
    // For an hour.
    for _ in 0..3600 {
        work(&house, &line).await;
        house.clock.advance(SECOND);
    }
    assert!(house.letters.take().is_empty());
    house.campus.down.store(false, Ordering::SeqCst);
    house.clock.advance(8 * SECOND);
    work(&house, &line).await;
    house.clock.advance(60 * SECOND);
    work(&house, &line).await;
    assert_eq!(house.letters.take().len(), 20);
    assert_eq!(waiting(&house).await, 0);
}

fn panics_for_camille(person: Person) -> Option<Person> {
    assert_ne!(person.login, CAMILLE.0, "on purpose");
    Some(person)
}

#[tokio::test]
async fn a_request_whose_work_panics_stops_nobody_and_is_given_up_after_three_times() {
    // F-30, SEC-89
    let house = recovering().await;
    *house.campus.change.lock().unwrap() = Some(panics_for_camille);
    asks(&mut house.browser(), CAMILLE.0).await;
    house.clock.advance(SECOND);
    asks(&mut house.browser(), AMINE.0).await;
    let line = Line::default();
    assert_eq!(work(&house, &line).await, 2);
    let letters = house.letters.take();
    assert_eq!(letters.len(), 1, "the worker goes on");
    assert_eq!(letters[0].to, "amine.benali@campus.example");
    assert_eq!(work(&house, &line).await, 0, "not before its lease is over");
    for _ in 0..2 {
        house.clock.advance(61 * SECOND);
        assert_eq!(work(&house, &line).await, 1);
        assert_eq!(waiting(&house).await, 1);
    }
    house.audit.take();
    house.clock.advance(61 * SECOND);
    // Even mended it is not taken up again: it is looked at before it is worked on.
    *house.campus.change.lock().unwrap() = None;
    assert_eq!(work(&house, &line).await, 1);
    assert_eq!(waiting(&house).await, 0);
    assert!(house.letters.take().is_empty());
    let given_up: Vec<_> = house.audit.take();
    assert_eq!(given_up.len(), 1);
    assert_eq!(given_up[0].event, Event::RecoveryGivenUp);
    assert!(given_up[0].flow.is_some() && given_up[0].realm.is_some());
}

#[tokio::test]
async fn a_worker_that_dies_of_a_request_takes_no_more_than_two_others_with_it() {
    // F-22, SEC-25
    let house = recovering().await;
    asks(&mut house.browser(), CAMILLE.0).await;
    for _ in 0..3 {
        let taken = house
            .store
            .take(Lane::Recovery, "dies", 60 * SECOND)
            .await
            .unwrap();
        assert!(taken.is_some());
        house.clock.advance(61 * SECOND);
    }
    assert_eq!(house.work().await, 1);
    assert_eq!(waiting(&house).await, 0);
    assert!(house.letters.take().is_empty());
    let events = house.audit.take();
    assert!(events.iter().any(|one| one.event == Event::RecoveryGivenUp));
}
