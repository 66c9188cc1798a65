//! What the ledger has taken is delivered, or lies with the dead for who runs the server.

use std::sync::atomic::Ordering;
use std::time::Duration;

use mereau::audit::Actor;
use mereau::flows::logout::end_all_sessions;
use mereau::jobs::single_logout::{DEAD_LIFE, Reason};
use mereau::tickets::{Lane, Requests, TicketStore};

use super::{Application, Does, SECOND, dead, deliver, registered, visit, visitor};
use crate::house::{CAMILLE, House, house_of};

const MOMENT: Duration = Duration::from_millis(1);

/// A house where somebody visited the application and signed out.
async fn signed_out_of(application: &Application) -> House {
    let house = house_of(vec![registered("notes", application)]).await;
    let mut browser = visitor(&house, &[&application.url()]).await;
    browser.get("/cas/logout").await;
    house
}

#[tokio::test]
async fn a_message_is_tried_after_each_pause_and_then_lies_with_the_dead_for_a_week() {
    // F-31, CAS-198
    let failing = Application::that([Does::Answer(500)]).await;
    let house = house_of(vec![registered("notes", &failing)]).await;
    let mut browser = visitor(&house, &[&failing.url()]).await;
    browser.get("/cas/logout").await;
    assert_eq!(failing.bodies().len(), 0, "the answer waits for nobody");
    let begun = mereau::base::clock::Clock::now(house.clock.as_ref());
    assert_eq!(deliver(&house).await, 1);
    for (tries, pause) in (1..).zip([1, 5, 30, 120, 600]) {
        assert_eq!(failing.bodies().len(), tries);
        house.clock.advance(pause * SECOND - MOMENT);
        assert_eq!(deliver(&house).await, 0, "not before {pause} s");
        assert!(dead(&house).await.is_empty());
        house.clock.advance(MOMENT);
        assert_eq!(deliver(&house).await, 1, "after {pause} s");
    }
    let bodies = failing.bodies();
    assert_eq!(bodies.len(), 6);
    assert!(
        bodies.iter().all(|body| *body == bodies[0]),
        "the same message each time"
    );
    assert!(bodies[0].starts_with("logoutRequest=%3Csamlp"));
    let letters = dead(&house).await;
    let [letter] = &letters[..] else {
        panic!("{letters:?}")
    };
    let failure = letter.failure.unwrap();
    assert_eq!((failure.reason, failure.status), (Reason::Unable, Some(500)));
    assert_eq!(
        (letter.service.as_str(), letter.host.as_str()),
        ("notes", "127.0.0.1")
    );
    assert_eq!((letter.tries, letter.first_try), (6, Some(begun)));
    assert_eq!(letter.last_try, Some(begun.plus(756 * SECOND)));
    let metrics = &house.app.ports.metrics;
    assert_eq!(metrics.slo_retried.count(&["notes"]), 5);
    assert_eq!(metrics.slo_given_up.count(&["notes", "UNABLE"]), 1);
    assert_eq!(metrics.slo_delivered.count(&["notes"]), 0);

    house.clock.advance(DEAD_LIFE - SECOND);
    house.ledger.make_rounds().await;
    assert_eq!(dead(&house).await.len(), 1);
    house.clock.advance(SECOND);
    house.ledger.make_rounds().await;
    assert_eq!(dead(&house).await, []);
    assert_eq!(house.store.depth(Lane::DeadLogouts).await.unwrap(), 0);
}

#[tokio::test]
async fn a_dead_letter_is_tried_again_from_the_beginning_when_the_operator_says_so() {
    // F-31, CAS-198
    let application = Application::that([Does::Answer(410)]).await;
    let house = house_of(vec![registered("notes", &application)]).await;
    let mut browser = visitor(&house, &[&application.url(), &application.url()]).await;
    browser.get("/cas/logout").await;
    assert_eq!(deliver(&house).await, 2);
    let letters = dead(&house).await;
    assert_eq!(letters.len(), 2, "a refusal stands: no further try");
    assert_eq!(letters[0].failure.unwrap().reason, Reason::Refused);
    application.now_does(Does::Answer(200));
    assert_eq!(house.ledger.retry(&letters[..1]).await.unwrap(), 1);
    assert_eq!(deliver(&house).await, 1);
    assert_eq!(house.app.ports.metrics.slo_delivered.count(&["notes"]), 1);
    assert_eq!(dead(&house).await, letters[1..]);
    assert_eq!(house.ledger.retry(&letters[..1]).await.unwrap(), 0, "once");
}

#[tokio::test]
async fn a_message_whose_node_died_over_it_goes_to_another() {
    // F-31, F-22
    let application = Application::that([Does::Answer(200)]).await;
    let house = house_of(vec![registered("notes", &application)]).await;
    let mut browser = visitor(&house, &[&application.url()]).await;
    browser.get("/cas/logout").await;
    let lease = 15 * SECOND;
    let held = Requests::take(house.store.as_ref(), Lane::Logouts, "gone", lease).await;
    assert!(held.unwrap().is_some());
    assert_eq!(deliver(&house).await, 0);
    house.clock.advance(lease);
    assert_eq!(deliver(&house).await, 1);
    assert_eq!(application.bodies().len(), 1);
    assert_eq!(house.store.depth(Lane::Logouts).await.unwrap(), 0);
}

#[tokio::test]
async fn a_message_that_kills_every_node_is_given_up_in_the_end() {
    // F-31, F-30
    let application = Application::that([Does::Answer(200)]).await;
    let house = signed_out_of(&application).await;
    for _ in 0..8 {
        let held = Requests::take(house.store.as_ref(), Lane::Logouts, "gone", SECOND).await;
        assert!(held.unwrap().is_some());
        house.clock.advance(SECOND);
    }
    assert_eq!(deliver(&house).await, 1);
    assert_eq!(application.bodies().len(), 0);
    assert_eq!(dead(&house).await[0].failure.unwrap().reason, Reason::Lapsed);
}

#[tokio::test]
async fn the_messages_are_in_the_ledger_before_the_session_ends() {
    // F-31, CAS-190
    let application = Application::that([Does::Answer(200)]).await;
    let house = house_of(vec![registered("notes", &application)]).await;
    let mut browser = visitor(&house, &[&application.url()]).await;
    house.store.ends_fail.store(true, Ordering::SeqCst);
    assert_eq!(browser.get("/cas/logout").await.status, 503);
    assert_eq!(
        house.store.depth(Lane::Logouts).await.unwrap(),
        1,
        "told of an end that is still to come"
    );
    house.store.ends_fail.store(false, Ordering::SeqCst);
    assert!(browser.tgc("campus").is_some());
    assert_eq!(browser.get("/cas/logout").await.status, 200);
    assert!(browser.get("/cas/login").await.has_form());
    deliver(&house).await;
    assert!(!application.bodies().is_empty());
}

#[tokio::test]
async fn the_ends_by_somebody_else_and_by_revocation_go_through_the_ledger() {
    // CAS-200, CAS-75, F-31
    let application = Application::that([Does::Answer(200)]).await;
    let url = application.url();
    let house = house_of(vec![registered("notes", &application)]).await;
    // Somebody else signs in at the same browser.
    let mut browser = visitor(&house, &[&url]).await;
    let form = browser.get("/cas/login?renew=true").await.form();
    let (login, password) = crate::house::AMINE;
    browser
        .submit(&form.with("username", login).with("password", password))
        .await;
    assert_eq!(deliver(&house).await, 1, "somebody else");
    // Every session of the account is ended, as for a closed one.
    let mut browser = visitor(&house, &[&url]).await;
    let account = account_of(&house, &browser).await;
    let catalogue = house.app.catalogue();
    let ended = end_all_sessions(&house.app.ports, &catalogue, &account, Actor::Server).await;
    assert_eq!(ended.unwrap().told, 1);
    assert_eq!(deliver(&house).await, 1, "revoked");
    assert!(browser.get("/cas/login").await.has_form());
    assert_eq!(application.bodies().len(), 2);
}

async fn account_of(
    house: &crate::house::House,
    browser: &crate::house::Browser<'_>,
) -> mereau::base::names::AccountId {
    let tgt = mereau::protocol::ticket_id::TicketId::parse(
        mereau::protocol::ticket_id::TicketKind::TicketGranting,
        browser.tgc("campus").unwrap(),
    );
    let view = house.store.session(&tgt.unwrap()).await.unwrap().unwrap();
    assert_eq!(view.session.login, CAMILLE.0);
    view.session.account
}

#[tokio::test]
async fn what_lies_in_the_queues_can_be_read_with_the_keys_alone() {
    // SEC-11, CAS-114, CAS-171
    let application = Application::that([Does::Answer(404)]).await;
    let house = house_of(vec![registered("notes", &application)]).await;
    let mut browser = visitor(&house, &[]).await;
    let ticket = visit(&house, &mut browser, &application.url()).await;
    browser.get("/cas/logout").await;
    let waiting = house.store.list(Lane::Logouts, 10).await.unwrap();
    deliver(&house).await;
    let given_up = house.store.list(Lane::DeadLogouts, 10).await.unwrap();
    assert_eq!((waiting.len(), given_up.len()), (1, 1));
    for entry in waiting.iter().chain(&given_up) {
        for secret in [ticket.as_str(), CAMILLE.0, "127.0.0.1", "samlp", "notes"] {
            let bytes = secret.as_bytes();
            assert!(
                !entry.sealed.windows(bytes.len()).any(|part| part == bytes),
                "{secret}"
            );
        }
    }
}

#[tokio::test]
async fn a_full_queue_costs_a_message_and_no_sign_out() {
    // F-31, CAS-190
    let application = Application::that([Does::Answer(200)]).await;
    let house = house_of(vec![registered("notes", &application)]).await;
    let mut browser = visitor(&house, &[&application.url()]).await;
    house.store.crowded.store(true, Ordering::SeqCst);
    let page = browser.get("/cas/logout").await;
    assert_eq!(page.status, 200);
    assert!(
        page.text_of("#farewell li").contains("encore ouverte"),
        "{}",
        page.body
    );
    assert_eq!(browser.tgc("campus"), None);
    assert!(browser.get("/cas/login").await.has_form());
    assert_eq!(house.app.ports.metrics.slo_lost.count(&[]), 1);
}

#[tokio::test]
async fn a_message_that_nobody_got_round_to_for_a_day_is_given_up() {
    // F-31
    let application = Application::that([Does::Answer(200)]).await;
    let house = signed_out_of(&application).await;
    house.clock.advance(Duration::from_secs(86_401));
    assert_eq!(deliver(&house).await, 1);
    assert_eq!(application.bodies().len(), 0);
    assert_eq!(dead(&house).await[0].failure.unwrap().reason, Reason::TooOld);
}
