//! How many reset tickets every store issues, and for how long.

use std::time::Duration;

use mereau::tickets::{Channel, Death, DeathKind, Looked, MintBudget, Minted, ResetToken, Spent};

pub use super::World;
use super::reset::{Request, claimed, death, issued, live, look};
use super::{HOUR, SECOND, account, anne};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);

pub async fn a_life_is_held_between_five_minutes_and_a_day(world: World) {
    // SEC-14
    for (asked, held) in [
        (SECOND, 300 * SECOND),
        (900 * SECOND, 900 * SECOND),
        (9 * DAY, DAY),
    ] {
        let person = account("univ", &format!("life-{}", asked.as_secs()));
        let request = Request {
            ttl: asked,
            ..Request::of(&world, &person)
        };
        assert!(matches!(request.mint(&world).await, Minted::New { .. }));
        let ticket = live(&world, &request.token).await;
        assert_eq!(ticket.expires_at.since(ticket.issued_at), held);
    }
}

pub async fn a_redelivered_request_makes_no_second_ticket(world: World) {
    // SEC-61
    let request = Request::of(&world, &anne());
    let Minted::New { expires_at } = request.mint(&world).await else {
        panic!("not minted")
    };
    world.pass(5 * MINUTE).await;
    let again = ResetToken::mint(&world.keys, &request.nonce, &anne());
    assert!(again.text() == request.token.text(), "the same link");
    for _ in 0..5 {
        let minted = request.mint(&world).await;
        let Minted::Again { expires_at: same } = minted else {
            panic!("{minted:?}")
        };
        assert!(same <= expires_at, "its time runs from the first mint");
    }
    let other = Request::of(&world, &anne());
    assert!(
        matches!(other.mint(&world).await, Minted::New { .. }),
        "redeliveries cost nothing"
    );
    let mine = claimed(&world, &request.token).await;
    world.place.resets().spend(&request.token, &mine).await.unwrap();
    for dead in [&request, &other] {
        let minted = dead.mint(&world).await;
        assert!(matches!(minted, Minted::Dead(Death::Spent { .. })), "{minted:?}");
    }
}

pub async fn requests_over_the_budget_change_nothing(world: World) {
    // SEC-20, SEC-61, T-76
    let first = Request::of(&world, &anne());
    assert!(matches!(first.mint(&world).await, Minted::New { .. }));
    let before = live(&world, &first.token).await;
    for _ in 0..5 {
        let flood = Request::of(&world, &anne());
        assert_eq!(flood.mint(&world).await, Minted::OverBudget);
        assert_eq!(look(&world, &flood.token).await, Looked::Unknown);
    }
    assert_eq!(live(&world, &first.token).await, before);
    let others = Request::of(&world, &account("univ", "bob"));
    assert!(matches!(others.mint(&world).await, Minted::New { .. }));
    let mut links = vec![first];
    for _ in 0..2 {
        world.pass(120 * SECOND).await;
        links.push(Request::of(&world, &anne()));
        let minted = links[links.len() - 1].mint(&world).await;
        assert!(matches!(minted, Minted::New { .. }), "{minted:?}");
    }
    world.pass(30 * MINUTE).await;
    let fourth = Request::of(&world, &anne());
    assert_eq!(fourth.mint(&world).await, Minted::OverBudget, "three an hour");
    for link in &links {
        live(&world, &link.token).await;
    }
}

pub async fn three_links_live_and_a_further_one_replaces_the_oldest(world: World) {
    // SEC-19, SX-03, T-76
    let mut links = Vec::new();
    for n in 0..6 {
        let request = Request::of(&world, &anne());
        let minted = request.mint(&world).await;
        assert!(matches!(minted, Minted::New { .. }), "{n}: {minted:?}");
        links.push(request.token.clone());
        world.pass(HOUR).await;
    }
    for (n, link) in links.iter().enumerate() {
        match n {
            0..3 => assert_eq!(death(&world, link).await, DeathKind::Replaced, "{n}"),
            _ => drop(live(&world, link).await),
        }
    }
    let seventh = Request::of(&world, &anne());
    assert_eq!(seventh.mint(&world).await, Minted::OverBudget, "six a day");
    world.pass(18 * HOUR + MINUTE).await;
    let request = Request::of(&world, &anne());
    assert!(matches!(request.mint(&world).await, Minted::New { .. }));
}

pub async fn a_realm_may_let_a_new_link_replace_the_old_one(world: World) {
    // SEC-19
    let alone = MintBudget {
        live: 1,
        ..MintBudget::MAIL
    };
    let request = || Request {
        budget: alone,
        ..Request::of(&world, &anne())
    };
    let (first, second) = (request(), request());
    first.mint(&world).await;
    world.pass(120 * SECOND).await;
    assert!(matches!(second.mint(&world).await, Minted::New { .. }));
    assert_eq!(death(&world, &first.token).await, DeathKind::Replaced);
    live(&world, &second.token).await;
}

pub async fn a_link_in_use_is_not_replaced_under_its_holder(world: World) {
    // SEC-20
    let mut links = Vec::new();
    for _ in 0..3 {
        links.push(issued(&world, &anne()).await);
        world.place.moment().await;
    }
    let holder = claimed(&world, &links[0]).await;
    let fourth = issued(&world, &anne()).await;
    assert_eq!(death(&world, &links[1]).await, DeathKind::Replaced);
    live(&world, &links[2]).await;
    live(&world, &fourth).await;
    for link in [&links[2], &fourth] {
        claimed(&world, link).await;
    }
    let fifth = Request {
        budget: MintBudget::AGENT,
        ..Request::of(&world, &anne())
    };
    assert_eq!(fifth.mint(&world).await, Minted::OverBudget, "all are in use");
    let resets = world.place.resets();
    assert_eq!(resets.spend(&links[0], &holder).await.unwrap(), Spent::Yes);
}

pub async fn text_messages_have_a_smaller_budget_of_their_own(world: World) {
    // SEC-61
    let request = |channel: Channel| {
        let budget = match channel {
            Channel::Sms => MintBudget::SMS,
            _ => MintBudget::MAIL,
        };
        let mut request = Request::of(&world, &anne());
        request.ticket.channel = channel;
        Request { budget, ..request }
    };
    for _ in 0..2 {
        let minted = request(Channel::Sms).mint(&world).await;
        assert!(matches!(minted, Minted::New { .. }), "{minted:?}");
        world.pass(120 * SECOND).await;
    }
    assert_eq!(request(Channel::Sms).mint(&world).await, Minted::OverBudget);
    let minted = request(Channel::Mail).mint(&world).await;
    assert!(matches!(minted, Minted::New { .. }), "{minted:?}");
    for _ in 0..2 {
        world.pass(HOUR).await;
        let minted = request(Channel::Sms).mint(&world).await;
        assert!(matches!(minted, Minted::New { .. }), "{minted:?}");
    }
    world.pass(HOUR).await;
    let fifth = request(Channel::Sms).mint(&world).await;
    assert_eq!(fifth, Minted::OverBudget, "four a day");
}
