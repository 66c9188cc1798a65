//! What dies with a reset, on a node that had no part in it: two nodes, a real Redis and slapd.

use mereau::base::names::{AccountId, RealmId, ServiceId};
use mereau::directory::GENERATION;
use mereau::directory::ldap::WriteGuard;
use mereau::protocol::ticket_id::TicketKind;
use mereau::tickets::{Granted, ProxyGrant, Session, Taken};

use crate::directory::person;
use crate::node::{Node, Told};
use crate::recovery_fence::{of_slapd, slapd_with};
use crate::support::redis::Redis;
use crate::tickets::reset::issued;
use crate::tickets::{APP, HOUR, World};
use crate::tickets_redis::OnRedis;

const NEW: &str = "Quatre chevaux dans la brume 1";
const LOGIN: &str = "f.ended";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reset_on_one_node_ends_everything_of_the_account_on_every_other() {
    // SEC-54, SEC-21, CAS-345, T-81
    let slapd = slapd_with(&[LOGIN]).await;
    let directory = || of_slapd(&slapd, &WriteGuard::Generation(GENERATION.to_owned()));
    let redis = Redis::start(&[]);
    let place = OnRedis::at(&redis.url(), vec![]);
    let here = Node::on(&place, directory());
    let elsewhere = place.again_patiently(&redis.url());
    let there = Node::on(&elsewhere, directory());
    let world = World::on(elsewhere);
    let account = AccountId {
        realm: RealmId::new("campus").unwrap(),
        person: person(&directory(), LOGIN).await.key,
    };
    let devices = || async { there.ports.recovery.marks.of(&account).await.unwrap().devices };

    let tgt = world.open(&account).await;
    let remembered = Session {
        remembered: true,
        idle: 30 * 24 * HOUR,
        hard_expiry: world.place.now().plus(30 * 24 * HOUR),
        ..world.session(&account)
    };
    let remembered = world.open_as(remembered).await;
    let ticket = world.grant(&tgt, &account, APP).await;
    let Taken::Whole(taken) = world.take(&ticket, APP).await else {
        panic!("no ticket")
    };
    let pgt = world.mint(TicketKind::ProxyGranting, &account);
    let portal = ProxyGrant {
        service: ServiceId::new("portail").unwrap(),
        chain: Vec::new(),
    };
    let proxies = world.place.proxies();
    assert!(proxies.keep_pgt(&pgt, &taken.of, &portal, None).await.unwrap());
    let waiting = world.grant(&tgt, &account, APP).await;
    let device = devices().await;
    assert!(device.is_some());
    let resets = world.place.resets();

    let (first, second) = (here.link(LOGIN).await, issued(&world, &account).await);
    assert!(there.takes_for_live(&first).await && there.takes_for_live(&second).await);
    assert_eq!(here.choose(&first, NEW).await, Told::Saved);

    for session in [&tgt, &remembered] {
        assert!(world.view(session).await.is_none());
        let fresh = world.mint(TicketKind::Service, &account);
        assert_eq!(world.try_grant(session, &fresh, APP).await, Granted::NoSession);
    }
    assert!(matches!(world.take(&waiting, APP).await, Taken::Unknown));
    assert!(proxies.pgt(&pgt).await.unwrap().is_none());
    assert_eq!(devices().await, None);
    assert!(!there.takes_for_live(&second).await);
    assert!(resets.codes(&account).await.unwrap().is_empty());

    // A sign-in there, and the store loses the account's epoch: what is missing is refused.
    assert!(there.signs_in(LOGIN, NEW).await);
    assert_ne!(devices().await, device, "devices are to be made known anew");
    let anew = world.open(&account).await;
    assert!(world.view(&anew).await.is_some());
    let epochs = redis.cli(&["--scan", "--pattern", "*e:{*"]);
    let epochs: Vec<&str> = epochs.lines().collect();
    assert_eq!(epochs.len(), 1, "{epochs:?}");
    redis.cli(&["DEL", epochs[0]]);
    assert!(world.view(&anew).await.is_none());
}
