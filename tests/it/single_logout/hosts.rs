//! A hostile or broken logout endpoint costs nobody else anything.

use mereau::jobs::single_logout::Reason;
use mereau::outgoing::OutgoingSettings;
use tokio_util::sync::CancellationToken;

use super::{Application, Does, SECOND, dead, deliver, registered, visitor};
use crate::house::{Plan, build, house_of};

#[tokio::test]
async fn a_host_that_hangs_holds_four_messages_and_nobody_elses() {
    // F-31, CAS-190
    let hanging = Application::that([Does::Hang]).await;
    let healthy = Application::that([Does::Answer(200)]).await;
    let house = build(Plan {
        services: vec![registered("hanging", &hanging), registered("healthy", &healthy)],
        one_institution: true,
        outgoing: OutgoingSettings {
            deadline: 60 * SECOND,
            allowed: vec!["127.0.0.0/8".parse().unwrap()],
            ..OutgoingSettings::default()
        },
        ..Plan::default()
    })
    .await;
    let (slow, well) = (hanging.url(), healthy.url());
    let mut visits = vec![slow.as_str(); 12];
    visits.push(&well);
    let mut browser = visitor(&house, &visits).await;
    browser.get("/cas/logout").await;
    let running = tokio::spawn(house.ledger.clone().run(CancellationToken::new()));
    for _ in 0..4 {
        hanging.arrival().await;
    }
    healthy.arrival().await;
    // Another one signs out meanwhile, and is told of at once.
    visitor(&house, &[&slow, &well]).await.get("/cas/logout").await;
    healthy.arrival().await;
    assert_eq!(hanging.bodies().len(), 4, "a fifth at once");
    running.abort();
}

#[tokio::test]
async fn an_address_inside_the_network_a_redirection_and_an_endless_answer_are_dealt_with_at_once() {
    // CAS-337, T-40, CAS-167
    let elsewhere = Application::that([Does::Answer(200)]).await;
    let moved = Application::that([Does::Redirect(elsewhere.url())]).await;
    let flooding = Application::that([Does::Flood]).await;
    let inside = Application::that([Does::Answer(200)]).await;
    let house = build(Plan {
        services: vec![
            registered("moved", &moved),
            registered("flooding", &flooding),
            mereau::services::ServiceSettings {
                logout: Some(format!("http://[::1]:{}/slo", inside.port).as_str().into()),
                ..registered("inside", &inside)
            },
        ],
        one_institution: true,
        ..Plan::default()
    })
    .await;
    let urls = [moved.url(), flooding.url(), inside.url()];
    let visited: Vec<&str> = urls.iter().map(String::as_str).collect();
    visitor(&house, &visited).await.get("/cas/logout").await;
    assert_eq!(deliver(&house).await, 3);
    assert_eq!(elsewhere.bodies().len(), 0, "no redirection is followed");
    let metrics = &house.app.ports.metrics;
    assert_eq!(metrics.slo_delivered.count(&["moved"]), 1);
    assert_eq!(metrics.slo_delivered.count(&["flooding"]), 1);
    let letters = dead(&house).await;
    assert_eq!(letters.len(), 1, "{letters:?}");
    assert_eq!(letters[0].failure.unwrap().reason, Reason::ForbiddenAddress);
    assert_eq!(letters[0].tries, 1);
}

#[tokio::test]
async fn a_host_that_keeps_failing_is_left_alone_for_a_while() {
    // F-31
    let broken = Application::that([Does::Close]).await;
    let house = house_of(vec![registered("broken", &broken)]).await;
    let url = broken.url();
    visitor(&house, &[url.as_str(); 8]).await.get("/cas/logout").await;
    assert_eq!(deliver(&house).await, 8);
    assert_eq!(broken.bodies().len(), 5, "then it rests");
    house.clock.advance(SECOND);
    assert_eq!(deliver(&house).await, 8);
    assert_eq!(broken.bodies().len(), 5);
    for pause in [5, 30, 120, 600] {
        house.clock.advance(pause * SECOND);
        deliver(&house).await;
    }
    let letters = dead(&house).await;
    assert_eq!(letters.len(), 8, "and its messages end like all others");
    assert!(letters.iter().all(|letter| letter.tries == 6));
}
