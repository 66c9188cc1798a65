//! Every point at which a process can die while a password is chosen, with a store that keeps or forgets
//! its last writes and a directory that writes, refuses, or does not say (recovery §3.1).

use std::sync::atomic::Ordering;
use std::time::Duration;

use mereau::directory::PasswordRefusal;

use super::{NEW, choose, link_for, open, recovering, signs_in};
use crate::house::recovery::{Call, When};
use crate::house::{CAMILLE, Fate};

const SECOND: &str = "une seconde phrase bien longue";

/// What is known about the account at the end.
#[derive(Debug, PartialEq, Eq)]
enum Has {
    Old,
    First,
    Second,
}

/// One story: the first try dies or is answered strangely, half a minute passes, a second try is made.
/// Answers which password opens the account, and how often one was written.
async fn story(at: Option<(Call, When)>, forgets: bool, fate: Fate, mute: bool) -> (Has, usize, u16) {
    let house = std::sync::Arc::new(recovering().await);
    let link = link_for(&house, CAMILLE.0).await;
    let mut browser = house.browser();
    let page = open(&mut browser, &link).await;
    house.store.forgets.store(forgets, Ordering::SeqCst);
    *house.campus.fate.lock().unwrap() = fate;
    house.campus.mute.store(mute, Ordering::SeqCst);
    if let Some((call, when)) = at {
        house.store.halt.set(call, when);
    }
    let reached = house.store.halt.clone();
    let (first_house, form, cookies) = (
        house.clone(),
        page.form().with("new", NEW),
        browser.cookies.clone(),
    );
    let first = tokio::spawn(async move {
        let mut browser = first_house.browser();
        browser.cookies = cookies;
        browser.submit(&form).await
    });
    match at {
        Some(_) => {
            reached.reached.notified().await;
            first.abort();
        }
        None => {
            first.await.unwrap();
        }
    }
    // The process is gone; what it had only said is forgotten, what it had not yet claimed lapses.
    house.campus.mute.store(false, Ordering::SeqCst);
    house.campus.down.store(false, Ordering::SeqCst);
    house.store.forgets.store(false, Ordering::SeqCst);
    *house.campus.fate.lock().unwrap() = Fate::Applied;
    house.clock.advance(Duration::from_secs(31));
    let second = choose(&mut browser, &page, SECOND).await;
    let mut has = Vec::new();
    for (password, which) in [(CAMILLE.1, Has::Old), (NEW, Has::First), (SECOND, Has::Second)] {
        if signs_in(&house, CAMILLE.0, password).await {
            has.push(which);
        }
    }
    assert_eq!(has.len(), 1, "exactly one password opens the account: {has:?}");
    let status = second.status.as_u16();
    (has.remove(0), house.campus.writes.load(Ordering::SeqCst), status)
}

#[tokio::test]
async fn whatever_dies_when_a_right_is_used_once_and_the_person_is_told_the_truth() {
    // SEC-22, SEC-23, SEC-24, SEC-25, T-72
    let points = [
        None,
        Some((Call::Claim, When::Before)),
        Some((Call::Claim, When::After)),
        Some((Call::Read, When::Before)),
        Some((Call::Write, When::Before)),
        Some((Call::Write, When::After)),
        Some((Call::Spend, When::Before)),
        Some((Call::Spend, When::After)),
        Some((Call::EndAll, When::Before)),
    ];
    let fates = [
        (Fate::Applied, false),
        (Fate::Refused(PasswordRefusal::Quality), false),
        (Fate::AppliedSilently, false),
        (Fate::AppliedSilently, true),
        (Fate::Lost, false),
        (Fate::Lost, true),
    ];
    let mut stories = 0;
    for at in points {
        for forgets in [false, true] {
            for (fate, mute) in fates {
                if !is_reached(at, fate, mute) {
                    continue;
                }
                stories += 1;
                let what = format!("{at:?}, forgets {forgets}, {fate:?}, mute {mute}");
                let (has, _, second) = story(at, forgets, fate, mute).await;
                let written = is_written(at, fate);
                match written {
                    // The first password stands, and the second try was refused: the guard has moved.
                    true => {
                        assert_eq!(has, Has::First, "{what}");
                        assert_eq!(second, 410, "{what}");
                    }
                    // Nothing was written: the same link works.
                    false => {
                        assert_eq!(has, Has::Second, "{what}");
                        assert_eq!(second, 303, "{what}");
                    }
                }
            }
        }
    }
    assert!(stories >= 60, "{stories}");
}

/// Whether the first try had its password written before it ended.
fn is_written(at: Option<(Call, When)>, fate: Fate) -> bool {
    let applied = matches!(fate, Fate::Applied | Fate::AppliedSilently);
    match at {
        Some((Call::Claim | Call::Read, _) | (Call::Write, When::Before)) => false,
        Some((Call::Write, When::After)) | None | Some((Call::Spend | Call::EndAll, _)) => applied,
    }
}

/// Whether a try that goes this way comes by this point.
fn is_reached(at: Option<(Call, When)>, fate: Fate, mute: bool) -> bool {
    match at {
        // Only who knows that it wrote spends the right.
        Some((Call::Spend | Call::EndAll, _)) => {
            matches!(fate, Fate::Applied) || (fate == Fate::AppliedSilently && !mute)
        }
        _ => true,
    }
}

#[tokio::test]
async fn a_write_whose_answer_is_lost_is_told_as_it_was() {
    // F-19, SEC-25
    let house = recovering().await;
    let link = link_for(&house, CAMILLE.0).await;
    let mut browser = house.browser();
    let page = open(&mut browser, &link).await;
    *house.campus.fate.lock().unwrap() = Fate::Lost;
    let lost = choose(&mut browser, &page, NEW).await;
    assert_eq!(lost.status, 503);
    assert!(
        lost.text_of(".problem").contains("rien n’a été changé"),
        "{}",
        lost.body
    );
    *house.campus.fate.lock().unwrap() = Fate::AppliedSilently;
    let silent = choose(&mut browser, &page, NEW).await;
    assert_eq!(silent.status, 303, "the entry says that it was written");
    assert!(signs_in(&house, CAMILLE.0, NEW).await);
}

#[tokio::test]
async fn a_directory_that_cannot_be_asked_any_more_leaves_an_honest_doubt() {
    // F-19
    let house = recovering().await;
    let link = link_for(&house, CAMILLE.0).await;
    let mut browser = house.browser();
    let page = open(&mut browser, &link).await;
    *house.campus.fate.lock().unwrap() = Fate::AppliedSilently;
    house.campus.mute.store(true, Ordering::SeqCst);
    let reply = choose(&mut browser, &page, NEW).await;
    assert_eq!(reply.status, 503);
    assert!(
        reply.text_of(".problem").contains("Vérifiez en vous connectant"),
        "{}",
        reply.body
    );
}

#[tokio::test]
async fn a_store_that_is_down_asks_the_directory_nothing() {
    // SEC-08
    let house = recovering().await;
    let link = link_for(&house, CAMILLE.0).await;
    let mut browser = house.browser();
    let page = open(&mut browser, &link).await;
    house.store.down.store(true, Ordering::SeqCst);
    let reply = choose(&mut browser, &page, NEW).await;
    assert_eq!(reply.status, 503);
    assert_eq!(house.campus.writes.load(Ordering::SeqCst), 0);
    assert_eq!(browser.get(&link).await.status, 503);
}
