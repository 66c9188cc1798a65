//! Programs that follow every link of a mail, run its scripts and press its buttons.

use std::net::IpAddr;
use std::sync::atomic::Ordering;

use mereau::messages::Notice;

use super::{entry, letters_for, link_for, open, path_of, recovering, signs_in, with_people};
use crate::house::CAMILLE;
use crate::house::recovery::{Kept, form_to};

/// The letter's own link for calling the request off.
fn revocation(letter: &Kept) -> String {
    match &letter.notice {
        Notice::ResetLinks { revoke, .. } => path_of(revoke.expose()),
        other => panic!("{}", other.name()),
    }
}

#[tokio::test]
async fn a_scanner_that_presses_every_button_of_every_mailed_page_ends_nothing() {
    // SEC-35, CAS-344
    let house = recovering().await;
    let letters = letters_for(&house, CAMILLE.0).await;
    let link = path_of(&letters[0].links()[0].1);
    let revoke = revocation(&letters[0]);
    let mut scanner = house.browser();
    for mailed in [&link, &revoke] {
        let mut page = scanner.get(mailed).await;
        if page.status == 303 {
            let to = page.location().to_owned();
            page = scanner.get(&to).await;
        }
        let forms = page.forms();
        assert!(!forms.is_empty(), "{mailed}");
        for form in forms {
            let again = scanner.submit(&form).await;
            assert_eq!(again.status, 422, "{mailed} {}", form.action);
            for form in again.forms() {
                assert_eq!(
                    scanner.submit(&form).await.status,
                    422,
                    "{mailed} {}",
                    form.action
                );
            }
        }
    }
    // What a browser sends for a box that is not ticked, and what a program might think of, tick nothing.
    for odd in ["", "false", "0", "on"] {
        let reply = scanner.submit(&form_to(&revoke, &[("sure", odd)])).await;
        assert_eq!(reply.status, 422, "{odd:?}");
        assert!(
            reply.text_of(".problem").contains("Cochez la case"),
            "{}",
            reply.body
        );
    }
    let mut browser = house.browser();
    let page = open(&mut browser, &link).await;
    assert_eq!(super::choose(&mut browser, &page, super::NEW).await.status, 303);
    assert!(signs_in(&house, CAMILLE.0, super::NEW).await);
}

#[tokio::test]
async fn the_box_is_wanted_beside_the_way_to_refuse_too() {
    // SEC-35
    let house = recovering().await;
    let link = link_for(&house, CAMILLE.0).await;
    let mut browser = house.browser();
    let page = open(&mut browser, &link).await;
    let refuse = page.forms().pop().unwrap();
    assert!(refuse.action.contains("/recover/revoke"));
    assert_eq!(page.body.matches("type=\"checkbox\"").count(), 1);
    assert!(page.body.contains("name=\"sure\" value=\"true\" required"));
    let kept = browser.submit(&refuse).await;
    assert_eq!(kept.status, 422);
    assert!(kept.text_of(".problem").contains("Cochez la case"));
    assert_eq!(house.browser().get(&link).await.status, 303);
    let refuse = kept.forms().pop().unwrap().with("sure", "true");
    assert_eq!(
        browser.submit(&refuse).await.text_of("h1"),
        "La demande est annulée"
    );
    assert_eq!(house.browser().get(&link).await.status, 410);
}

#[tokio::test]
async fn where_a_link_could_not_be_ended_the_same_button_may_be_pressed_again() {
    // SEC-37
    let people = [
        entry(1, "lea.mercier", "famille@exemple.example", ""),
        entry(2, "tom.mercier", "famille@exemple.example", ""),
    ];
    let house = with_people(&format!("\n{}", people.join("\n"))).await;
    let letters = letters_for(&house, "famille@exemple.example").await;
    let revoke = revocation(&letters[0]);
    let mut browser = house.browser();
    let form = browser.get(&revoke).await.form().with("sure", "true");
    // The store fails after the first of the two accounts.
    house.store.revocations.store(1, Ordering::SeqCst);
    assert_eq!(browser.submit(&form).await.status, 503);
    let opens = |index: usize| path_of(&letters[0].links()[index].1);
    let mut alive = 0;
    for index in 0..2 {
        alive += usize::from(house.browser().get(&opens(index)).await.status == 303);
    }
    assert_eq!(alive, 1);
    house.store.revocations.store(usize::MAX, Ordering::SeqCst);
    assert_eq!(
        browser.submit(&form).await.text_of("h1"),
        "La demande est annulée"
    );
    for index in 0..2 {
        assert_eq!(house.browser().get(&opens(index)).await.status, 410);
    }
    assert_eq!(browser.get(&revoke).await.status, 404, "spent");
}

#[tokio::test]
async fn links_that_are_none_are_counted_whatever_their_kind() {
    // SEC-37, SEC-61
    let house = recovering().await;
    let letters = letters_for(&house, CAMILLE.0).await;
    let good = [path_of(&letters[0].links()[0].1), revocation(&letters[0])];
    let unknown = "A".repeat(43);
    let doors = ["r", "x", "c", "u"];
    let mut guesser = house.browser();
    guesser.address = IpAddr::from([203, 0, 113, 7]);
    for number in 0..30 {
        let token = if number % 2 == 0 { "abc" } else { &unknown };
        let door = doors[number % doors.len()];
        let reply = guesser.get(&format!("/cas/{door}/{token}")).await;
        assert!(
            matches!(reply.status.as_u16(), 404 | 410),
            "{door} {}",
            reply.status
        );
    }
    for door in doors {
        let reply = guesser.get(&format!("/cas/{door}/{unknown}")).await;
        assert_eq!(reply.status, 429, "{door}");
        let posted = form_to(&format!("/cas/{door}/{unknown}"), &[("sure", "true")]);
        if door != "r" {
            assert_eq!(guesser.submit(&posted).await.status, 429, "{door}");
        }
    }
    for link in &good {
        assert_eq!(guesser.get(link).await.status, 429, "not even good ones");
        let mut other = house.browser();
        other.address = IpAddr::from([203, 0, 113, 8]);
        assert!(
            matches!(other.get(link).await.status.as_u16(), 200 | 303),
            "{link}"
        );
    }
    house.clock.advance(std::time::Duration::from_secs(3601));
    assert_eq!(guesser.get(&good[0]).await.status, 303);
}
