//! What every ticket store does with reset tickets: one-shot, bounded in number and life, and honest
//! about how a dead one died.

use std::sync::Arc;
use std::time::Duration;

use mereau::base::clock::Timestamp;
use mereau::base::entropy::{Entropy, OsEntropy};
use mereau::base::names::{AccountId, InstitutionId, NetworkPrefix, UpstreamId};
use mereau::tickets::{
    AskedFrom, CLAIM_LEASE, CODE_TRIES, CameFrom, Channel, Claimed, Death, DeathKind, LONGEST_LIFE, Looked,
    Mint, MintBudget, Minted, Opened, REFUSALS, RESET_TOMBSTONE, Released, ResetTicket, ResetTickets,
    ResetToken, Session, Spent,
};

pub use super::World;
use super::{HOUR, SECOND, account, anne, attempt};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);

/// A request for a ticket, and the ticket it makes.
pub struct Request {
    pub nonce: [u8; 32],
    pub token: ResetToken,
    pub ticket: ResetTicket,
    pub code_hash: Option<String>,
    pub ttl: Duration,
    pub budget: MintBudget,
}

impl Request {
    pub fn of(world: &World, account: &AccountId) -> Request {
        let nonce = OsEntropy.bytes();
        Request {
            token: ResetToken::mint(&world.keys, &nonce, account),
            nonce,
            ticket: ResetTicket {
                account: account.clone(),
                institution: InstitutionId::new("lycee-fourier").unwrap(),
                guard: Some(b"20261127033100Z".to_vec()),
                channel: Channel::Mail,
                destination_mask: "z•••@univ-exemple.fr".to_owned(),
                service: Some("https://notes.univ-exemple.fr/".to_owned()),
                locale: "fr".to_owned(),
                issued_at: Timestamp(1),
                expires_at: Timestamp(2),
                request: attempt(),
                asked: Some(AskedFrom {
                    network: NetworkPrefix::of([192, 0, 2, 7].into()),
                    at: Timestamp(3),
                }),
            },
            code_hash: Some(format!("{{ARGON2}}$argon2id$of-{}", hex(&nonce))),
            ttl: LONGEST_LIFE,
            budget: MintBudget::MAIL,
        }
    }

    pub fn as_mint(&self) -> Mint<'_> {
        Mint {
            token: &self.token,
            code_hash: self.code_hash.as_deref(),
            ticket: &self.ticket,
            ttl: self.ttl,
            budget: &self.budget,
        }
    }

    pub async fn mint(&self, world: &World) -> Minted {
        world.place.resets().mint(&self.as_mint()).await.unwrap()
    }
}

fn hex(nonce: &[u8; 32]) -> String {
    nonce[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A ticket that was just issued, without regard to the budget.
pub async fn issued(world: &World, account: &AccountId) -> ResetToken {
    let request = Request {
        budget: MintBudget::AGENT,
        ..Request::of(world, account)
    };
    assert!(matches!(request.mint(world).await, Minted::New { .. }));
    request.token.clone()
}

pub async fn look(world: &World, token: &ResetToken) -> Looked {
    world.place.resets().look(token).await.unwrap()
}

pub async fn live(world: &World, token: &ResetToken) -> ResetTicket {
    match look(world, token).await {
        Looked::Live(ticket) => *ticket,
        other => panic!("{other:?}"),
    }
}

pub async fn death(world: &World, token: &ResetToken) -> DeathKind {
    match look(world, token).await {
        Looked::Dead(death) => kind(death),
        other => panic!("{other:?}"),
    }
}

fn kind(death: Death) -> DeathKind {
    match death {
        Death::Spent { .. } => DeathKind::Spent,
        Death::Expired { .. } => DeathKind::Expired,
        Death::Replaced { .. } => DeathKind::Replaced,
        Death::Revoked { .. } => DeathKind::Revoked,
    }
}

pub async fn claimed(world: &World, token: &ResetToken) -> [u8; 16] {
    let mine = attempt();
    let claimed = world.place.resets().claim(token, &mine).await.unwrap();
    assert!(matches!(claimed, Claimed::Yes(_)), "{claimed:?}");
    mine
}

pub async fn a_link_is_looked_at_a_hundred_times_and_then_works_once(world: World) {
    // SEC-29
    let request = Request::of(&world, &anne());
    let Minted::New { expires_at } = request.mint(&world).await else {
        panic!("not minted")
    };
    let resets = world.place.resets();
    let first = live(&world, &request.token).await;
    assert_eq!(first.expires_at, expires_at);
    assert_eq!(first.expires_at.since(first.issued_at), LONGEST_LIFE);
    let as_asked = ResetTicket {
        issued_at: first.issued_at,
        expires_at,
        ..request.ticket.clone()
    };
    assert_eq!(first, as_asked);
    for _ in 0..100 {
        assert_eq!(live(&world, &request.token).await, first);
    }
    let typed = ResetToken::parse(request.token.text().unwrap()).unwrap();
    let mine = attempt();
    let claimed = resets.claim(&typed, &mine).await.unwrap();
    assert_eq!(claimed, Claimed::Yes(Box::new(first)));
    assert_eq!(look(&world, &typed).await, Looked::Claimed);
    assert_eq!(resets.spend(&typed, &mine).await.unwrap(), Spent::Yes);
    assert_eq!(death(&world, &typed).await, DeathKind::Spent);
    let again = resets.claim(&typed, &attempt()).await.unwrap();
    assert!(matches!(again, Claimed::Dead(Death::Spent { .. })), "{again:?}");
}

pub async fn sixty_four_at_once_and_one_of_them_chooses(world: World) {
    // SEC-22, T-70, T-71
    let token = issued(&world, &anne()).await;
    let tries: Vec<_> = (0..64)
        .map(|_| {
            let (resets, token) = (world.place.resets(), token.clone());
            tokio::spawn(async move {
                let mine = attempt();
                match resets.claim(&token, &mine).await.unwrap() {
                    Claimed::Yes(_) => Some(resets.spend(&token, &mine).await.unwrap()),
                    Claimed::Busy | Claimed::Dead(Death::Spent { .. }) => None,
                    other => panic!("{other:?}"),
                }
            })
        })
        .collect();
    let mut spent = Vec::new();
    for one in tries {
        spent.extend(one.await.unwrap());
    }
    assert_eq!(spent, [Spent::Yes]);
}

pub async fn an_attempt_whose_answer_was_lost_asks_again(world: World) {
    // F-10, SEC-22
    let token = issued(&world, &anne()).await;
    let resets = world.place.resets();
    let (mine, other) = (attempt(), attempt());
    let first = resets.claim(&token, &mine).await.unwrap();
    assert!(matches!(first, Claimed::Yes(_)));
    assert_eq!(resets.claim(&token, &mine).await.unwrap(), first);
    assert_eq!(resets.claim(&token, &other).await.unwrap(), Claimed::Busy);
    assert_eq!(resets.spend(&token, &other).await.unwrap(), Spent::Lost);
    for _ in 0..3 {
        assert_eq!(resets.spend(&token, &mine).await.unwrap(), Spent::Yes);
    }
    assert_eq!(resets.spend(&token, &other).await.unwrap(), Spent::Lost);
    assert_eq!(resets.release(&token, &mine, None).await.unwrap(), Released::Lost);
}

pub async fn a_lease_that_is_over_lets_another_in_and_the_late_one_hears_of_it(world: World) {
    // SEC-25, T-70
    let token = issued(&world, &anne()).await;
    let resets = world.place.resets();
    let first = claimed(&world, &token).await;
    assert_eq!(resets.claim(&token, &attempt()).await.unwrap(), Claimed::Busy);
    world.pass(CLAIM_LEASE).await;
    let second = claimed(&world, &token).await;
    assert_eq!(resets.spend(&token, &first).await.unwrap(), Spent::Lost);
    assert_eq!(
        resets.release(&token, &first, Some(b"late")).await.unwrap(),
        Released::Lost
    );
    assert_eq!(resets.claim(&token, &first).await.unwrap(), Claimed::Busy);
    assert_eq!(resets.spend(&token, &second).await.unwrap(), Spent::Yes);
}

pub async fn who_is_late_but_alone_still_spends(world: World) {
    // SEC-25
    let token = issued(&world, &anne()).await;
    let mine = claimed(&world, &token).await;
    world.pass(2 * CLAIM_LEASE).await;
    assert!(matches!(look(&world, &token).await, Looked::Live(_)));
    assert_eq!(
        world.place.resets().spend(&token, &mine).await.unwrap(),
        Spent::Yes
    );
    assert_eq!(death(&world, &token).await, DeathKind::Spent);
}

pub async fn a_refusal_gives_the_link_back_with_the_guard_as_it_now_is(world: World) {
    // SEC-13, SEC-22
    let token = issued(&world, &anne()).await;
    let resets = world.place.resets();
    let first = claimed(&world, &token).await;
    let open = Released::Open { left: REFUSALS - 1 };
    assert_eq!(
        resets.release(&token, &first, Some(b"gen:8")).await.unwrap(),
        open
    );
    assert_eq!(
        resets.release(&token, &first, Some(b"gen:9")).await.unwrap(),
        open,
        "counted once"
    );
    let ticket = live(&world, &token).await;
    assert_eq!(ticket.guard.as_deref(), Some(&b"gen:8"[..]));
    assert_eq!(ticket.expires_at.since(ticket.issued_at), LONGEST_LIFE);
    let second = claimed(&world, &token).await;
    assert_eq!(
        resets.put_back(&token, &second).await.unwrap(),
        open,
        "no refusal"
    );
    let third = claimed(&world, &token).await;
    assert_eq!(
        resets.release(&token, &second, None).await.unwrap(),
        Released::Lost
    );
    let fewer = Released::Open { left: REFUSALS - 2 };
    assert_eq!(resets.release(&token, &third, None).await.unwrap(), fewer);
    assert_eq!(live(&world, &token).await.guard.as_deref(), Some(&b"gen:8"[..]));
}

pub async fn a_ticket_outlives_only_so_many_refusals(world: World) {
    // SEC-22
    let token = issued(&world, &anne()).await;
    let resets = world.place.resets();
    for left in (0..REFUSALS).rev() {
        let mine = claimed(&world, &token).await;
        let released = resets.release(&token, &mine, None).await.unwrap();
        assert_eq!(released, Released::Open { left });
    }
    let after = resets.claim(&token, &attempt()).await.unwrap();
    assert_eq!(after, Claimed::TooManyTries);
}

pub async fn nothing_prolongs_the_life_of_a_ticket(world: World) {
    // SEC-13, SEC-26, T-74
    let request = Request::of(&world, &anne());
    let Minted::New { expires_at } = request.mint(&world).await else {
        panic!("not minted")
    };
    let token = &request.token;
    let resets = world.place.resets();
    let mine = claimed(&world, token).await;
    resets.release(token, &mine, Some(b"moved")).await.unwrap();
    resets.try_code(&anne(), &attempt()).await.unwrap();
    assert_eq!(request.mint(&world).await, Minted::Again { expires_at });
    assert_eq!(live(&world, token).await.expires_at, expires_at);
    world.pass(DAY - 10 * MINUTE).await;
    assert!(matches!(look(&world, token).await, Looked::Live(_)));
    let late = claimed(&world, token).await;
    world.pass(10 * MINUTE + SECOND).await;
    assert_eq!(death(&world, token).await, DeathKind::Expired);
    let claimed = resets.claim(token, &attempt()).await.unwrap();
    assert!(
        matches!(claimed, Claimed::Dead(Death::Expired { .. })),
        "{claimed:?}"
    );
    assert_eq!(resets.spend(token, &late).await.unwrap(), Spent::Lost);
}

pub async fn the_first_success_ends_every_link_of_the_account_and_no_other(world: World) {
    // SEC-19, T-75, I2
    let (first, second) = (issued(&world, &anne()).await, issued(&world, &anne()).await);
    let (bobs, namesake) = (account("univ", "bob"), account("ent", &anne().person.0));
    let others = [issued(&world, &bobs).await, issued(&world, &namesake).await];
    let (holder, rival) = (claimed(&world, &first).await, claimed(&world, &second).await);
    let resets = world.place.resets();
    assert_eq!(resets.spend(&second, &rival).await.unwrap(), Spent::Yes);
    assert_eq!(resets.spend(&first, &holder).await.unwrap(), Spent::Lost);
    for link in [&first, &second] {
        assert_eq!(death(&world, link).await, DeathKind::Spent);
    }
    assert!(resets.codes(&anne()).await.unwrap().is_empty());
    for link in &others {
        live(&world, link).await;
    }
}

pub async fn a_password_changed_otherwise_ends_every_link_of_the_account(world: World) {
    // SEC-21, T-90
    let (first, second) = (issued(&world, &anne()).await, issued(&world, &anne()).await);
    let namesake = account("ent", &anne().person.0);
    let other = issued(&world, &namesake).await;
    let holder = claimed(&world, &first).await;
    let resets = world.place.resets();
    let ended = resets.revoke(&anne(), DeathKind::Revoked).await.unwrap();
    assert_eq!(ended, 2);
    for link in [&first, &second] {
        assert_eq!(death(&world, link).await, DeathKind::Revoked);
    }
    assert_eq!(resets.spend(&first, &holder).await.unwrap(), Spent::Lost);
    assert_eq!(resets.revoke(&anne(), DeathKind::Revoked).await.unwrap(), 0);
    live(&world, &other).await;
}

pub async fn a_sign_in_with_the_password_ends_every_link_of_the_account_and_no_other(world: World) {
    // SEC-21
    let (first, second) = (issued(&world, &anne()).await, issued(&world, &anne()).await);
    let other = issued(&world, &account("ent", &anne().person.0)).await;
    let by_another_server = Session {
        opened: Opened::ByUpstream(CameFrom {
            upstream: UpstreamId::new("educonnect").unwrap(),
            attributes: Vec::new(),
        }),
        ..world.session(&anne())
    };
    world.open_as(by_another_server).await;
    for link in [&first, &second] {
        live(&world, link).await;
    }
    let holder = claimed(&world, &first).await;
    let tgt = world.open(&anne()).await;
    assert!(world.view(&tgt).await.is_some());
    for link in [&first, &second] {
        assert_eq!(death(&world, link).await, DeathKind::Revoked);
    }
    let resets = world.place.resets();
    assert_eq!(resets.spend(&first, &holder).await.unwrap(), Spent::Lost);
    assert!(resets.codes(&anne()).await.unwrap().is_empty());
    live(&world, &other).await;
}

pub async fn a_code_is_tried_five_times_and_its_link_outlives_it(world: World) {
    // SEC-62, SX-02
    let request = Request::of(&world, &anne());
    request.mint(&world).await;
    let resets = world.place.resets();
    let open = resets.codes(&anne()).await.unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!(
        (Some(&open[0].hash), open[0].left),
        (request.code_hash.as_ref(), CODE_TRIES)
    );
    for left in (0..CODE_TRIES).rev() {
        let mine = attempt();
        for _ in 0..2 {
            let chances = resets.try_code(&anne(), &mine).await.unwrap();
            assert_eq!(chances.len(), 1, "{left} left");
            assert_eq!(chances[0].left, left, "a repeated attempt counts once");
            assert_eq!(Some(&chances[0].hash), request.code_hash.as_ref());
        }
    }
    assert!(resets.codes(&anne()).await.unwrap().is_empty());
    assert!(resets.try_code(&anne(), &attempt()).await.unwrap().is_empty());
    live(&world, &request.token).await;
}

pub async fn a_right_code_does_what_its_link_does(world: World) {
    // SX-02, SEC-62
    let nobody = world.place.resets().try_code(&anne(), &attempt()).await.unwrap();
    assert!(nobody.is_empty());
    let older = Request::of(&world, &anne());
    older.mint(&world).await;
    world.pass(120 * SECOND).await;
    let uncoded = Request {
        code_hash: None,
        budget: MintBudget::AGENT,
        ..Request::of(&world, &anne())
    };
    uncoded.mint(&world).await;
    world.place.moment().await;
    let newer = Request {
        budget: MintBudget::AGENT,
        ..Request::of(&world, &anne())
    };
    newer.mint(&world).await;
    let resets = world.place.resets();
    let chances = resets.try_code(&anne(), &attempt()).await.unwrap();
    let hashes: Vec<_> = chances.iter().map(|chance| Some(chance.hash.clone())).collect();
    assert_eq!(hashes, [newer.code_hash.clone(), older.code_hash.clone()]);
    let right = &chances[1].token;
    assert!(right.text().is_none(), "the store cannot give the link back");
    assert_eq!(right.log_name(), older.token.log_name());
    let mine = claimed(&world, right).await;
    assert_eq!(
        look(&world, &older.token).await,
        Looked::Claimed,
        "the same ticket"
    );
    let sealed = right.name(&world.keys);
    let right = ResetToken::from_name(&sealed).unwrap();
    assert_eq!(resets.spend(&right, &mine).await.unwrap(), Spent::Yes);
    assert_eq!(death(&world, &older.token).await, DeathKind::Spent);
}

pub async fn a_dead_ticket_is_remembered_for_a_week(world: World) {
    // SEC-37
    let (spent, expiring) = (anne(), account("univ", "bob"));
    let (first, second) = (issued(&world, &spent).await, issued(&world, &expiring).await);
    let mine = claimed(&world, &first).await;
    world.place.resets().spend(&first, &mine).await.unwrap();
    world.pass(RESET_TOMBSTONE - HOUR).await;
    assert_eq!(death(&world, &first).await, DeathKind::Spent);
    assert_eq!(death(&world, &second).await, DeathKind::Expired);
    world.pass(HOUR).await;
    assert_eq!(look(&world, &first).await, Looked::Unknown);
    assert_eq!(
        death(&world, &second).await,
        DeathKind::Expired,
        "it died a day later"
    );
    world.pass(DAY).await;
    assert_eq!(look(&world, &second).await, Looked::Unknown);
    let resets = world.place.resets();
    assert_eq!(resets.claim(&second, &attempt()).await.unwrap(), Claimed::Unknown);
}

pub async fn an_invented_token_is_unknown_to_every_question(world: World) {
    // SEC-10, SEC-37
    issued(&world, &anne()).await;
    let resets: Arc<dyn ResetTickets> = world.place.resets();
    let invented = ResetToken::mint(&world.keys, &OsEntropy.bytes(), &anne());
    let mine = attempt();
    assert_eq!(look(&world, &invented).await, Looked::Unknown);
    assert_eq!(resets.claim(&invented, &mine).await.unwrap(), Claimed::Unknown);
    assert_eq!(
        resets.release(&invented, &mine, None).await.unwrap(),
        Released::Lost
    );
    assert_eq!(resets.spend(&invented, &mine).await.unwrap(), Spent::Lost);
}
