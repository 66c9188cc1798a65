//! That a reset link sets one password and no second one, whatever the store forgets: two nodes, a real
//! Redis that goes back in time, real directories. What counts is which password binds, not which page
//! was shown.

use std::sync::Arc;

use mereau::directory::ldap::{LdapDirectory, LdapSettings, WriteGuard};
use mereau::directory::{Bound, Directory, GENERATION};
use tokio::sync::{Barrier, Mutex};
use tokio::task::JoinSet;

use crate::directory::{password, person};
use crate::directory_openldap_writes::{self as openldap, ARGON2, bind, entry};
use crate::directory_replica::pair;
use crate::directory_writes::FIRST as OLD;
use crate::node::{Node, Told, attributes};
use crate::support::meeting::Meeting;
use crate::support::redis::Redis;
use crate::support::rollback::Rollback;
use crate::support::slapd::{self, Options, Slapd};
use crate::support::wait::until_async;
use crate::tickets_redis::OnRedis;
use crate::{directory_389ds as ds389, directory_samba as samba};

const ONE: &str = "Quatre chevaux dans la brume 1";
const TWO: &str = "Quatre chevaux dans la brume 2";

fn changed() -> Told {
    Told::Dead("Changed".to_owned())
}

/// The fences that OpenLDAP has.
fn fences() -> [WriteGuard; 2] {
    [
        WriteGuard::Generation(GENERATION.to_owned()),
        WriteGuard::Assertion(Some(GENERATION.to_owned())),
    ]
}

fn person_entry(login: &str) -> String {
    entry(login, &format!("mail: {login}@campus.example\n"))
}

/// Never locks anybody: wrong passwords are tried on purpose.
pub async fn slapd_with(logins: &[&str]) -> Slapd {
    let entries: String = logins.iter().map(|login| person_entry(login)).collect();
    let start = move || {
        Slapd::start(&Options {
            entries: &entries,
            settings: ARGON2,
            max_failure: 0,
            ..Options::default()
        })
    };
    tokio::task::spawn_blocking(start).await.unwrap()
}

pub fn of_slapd(slapd: &Slapd, guard: &WriteGuard) -> LdapDirectory {
    let mut settings = openldap::of_one(slapd);
    settings.mapping.attributes.extend(attributes());
    openldap::change(settings, |write| write.guard = guard.clone())
}

fn of(mut settings: LdapSettings) -> LdapDirectory {
    settings.mapping.attributes.extend(attributes());
    openldap::directory(settings)
}

/// Which of these passwords open the account, asked of the directory alone.
async fn open_it<'a>(directory: &LdapDirectory, login: &str, passwords: &[&'a str]) -> Vec<&'a str> {
    let person = person(directory, login).await;
    let mut open = Vec::new();
    for typed in passwords {
        match directory.bind(&person, &password(typed)).await.unwrap() {
            Bound::Accepted(_) => open.push(*typed),
            Bound::WrongPassword => {}
            other => panic!("{typed}: {other:?}"),
        }
    }
    open
}

/// Both nodes hold the link, each in a store of its own, and both have read the entry when the first one
/// writes. Answers what each was told and which passwords open the account.
async fn both_at_once(
    login: &str,
    directory: impl Fn() -> LdapDirectory,
    turn: Option<Arc<Mutex<()>>>,
) -> ([Told; 2], Vec<&'static str>) {
    let (here, mut there) = (Redis::start(&[]), Redis::start(&[]));
    let place = OnRedis::at(&here.url(), vec![]);
    let barrier = Arc::new(Barrier::new(2));
    let node = |place: &OnRedis| {
        let meeting = Meeting::at(&barrier, directory());
        match &turn {
            Some(turn) => Node::on(place, meeting.by_turns(turn)),
            None => Node::on(place, meeting),
        }
    };
    let first = node(&place);
    let link = first.link(login).await;
    there.restore(&here.snapshot());
    let second = node(&place.again_patiently(&there.url()));
    assert!(first.takes_for_live(&link).await && second.takes_for_live(&link).await);
    let (one, two) = tokio::join!(first.choose(&link, ONE), second.choose(&link, TWO));
    let open = open_it(&directory(), login, &[OLD, ONE, TWO]).await;
    ([one, two], open)
}

async fn exactly_one_writes(login: &str, directory: impl Fn() -> LdapDirectory) {
    match both_at_once(login, directory, None).await {
        ([Told::Saved, other], open) => {
            assert_eq!((other, open), (changed(), vec![ONE]), "{login}");
        }
        ([other, Told::Saved], open) => {
            assert_eq!((other, open), (changed(), vec![TWO]), "{login}");
        }
        (neither, open) => panic!("{login}: {neither:?}, {open:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_that_both_hold_a_link_set_one_password_on_openldap() {
    // SEC-22, SEC-24
    let slapd = slapd_with(&["f.generation", "f.assertion"]).await;
    for (login, guard) in ["f.generation", "f.assertion"].into_iter().zip(fences()) {
        exactly_one_writes(login, || of_slapd(&slapd, &guard)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_that_both_hold_a_link_set_one_password_on_active_directory() {
    // SEC-22, SEC-24
    samba::ready().await;
    exactly_one_writes("f.race", || of(samba::settings())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_that_both_hold_a_link_set_one_password_on_389_directory_server() {
    // SEC-22, SEC-24
    ds389::ready().await;
    exactly_one_writes("f.race", || of(ds389::settings())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_guard_two_nodes_that_both_hold_a_link_both_write() {
    // SEC-24: the proofs above bite, and this is why a realm has to say guard = "none" in so many words.
    // One after the other: at the very same time slapd itself may turn one of two writers away.
    let slapd = slapd_with(&["f.none"]).await;
    let turns = Some(Arc::default());
    let (told, open) = both_at_once("f.none", || of_slapd(&slapd, &WriteGuard::None), turns).await;
    assert_eq!(told, [Told::Saved, Told::Saved]);
    assert_eq!(open.len(), 1, "the later one: {open:?}");
    assert_ne!(open, [OLD]);
}

/// What a link that was used and came back is worth: with a fence nothing, without one a second password.
async fn assert_came_back(
    node: &Node,
    login: &str,
    link: &mereau::tickets::ResetToken,
    slapd: &Slapd,
    guard: &WriteGuard,
) {
    assert!(
        node.takes_for_live(link).await,
        "the store has forgotten that it was used"
    );
    let (told, open) = match guard {
        WriteGuard::None => (Told::Saved, TWO),
        _ => (changed(), ONE),
    };
    assert_eq!(node.choose(link, TWO).await, told, "{guard:?}");
    let directory = of_slapd(slapd, guard);
    assert_eq!(
        open_it(&directory, login, &[OLD, ONE, TWO]).await,
        [open],
        "{guard:?}"
    );
}

/// Every fence of OpenLDAP and none, each with a person of its own.
fn with_and_without() -> [(&'static str, WriteGuard); 3] {
    let [generation, assertion] = fences();
    [
        ("f.generation", generation),
        ("f.assertion", assertion),
        ("f.none", WriteGuard::None),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_used_link_that_an_older_snapshot_brings_back_sets_no_second_password() {
    // SEC-23, T-72
    let slapd = slapd_with(&["f.generation", "f.assertion", "f.none"]).await;
    for (login, guard) in with_and_without() {
        let mut redis = Redis::start(&[]);
        let node = Node::on(&OnRedis::at(&redis.url(), vec![]), of_slapd(&slapd, &guard));
        let link = node.link(login).await;
        let before = redis.snapshot();
        assert_eq!(node.choose(&link, ONE).await, Told::Saved, "{guard:?}");
        assert_eq!(
            node.choose(&link, TWO).await,
            Told::Dead("Died(Spent".to_owned()),
            "{guard:?}"
        );
        redis.restore(&before);
        assert_came_back(&node, login, &link, &slapd, &guard).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_used_link_that_a_failover_brings_back_sets_no_second_password() {
    // SEC-24, F-04, T-72
    let slapd = slapd_with(&["f.generation", "f.assertion", "f.none"]).await;
    for (login, guard) in with_and_without() {
        let mut servers = Rollback::start();
        let node = Node::on(&OnRedis::at(&servers.url(), vec![]), of_slapd(&slapd, &guard));
        let link = node.link(login).await;
        servers.cut();
        assert_eq!(node.choose(&link, ONE).await, Told::Saved, "{guard:?}");
        servers.fail_over();
        assert_came_back(&node, login, &link, &slapd, &guard).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_used_on_the_new_primary_sets_no_second_password_on_the_old_one() {
    // F-03, SEC-24
    let slapd = slapd_with(&["f.generation", "f.assertion", "f.none"]).await;
    for (login, guard) in with_and_without() {
        let servers = Rollback::start();
        let place = OnRedis::at(&servers.url(), vec![]);
        let link = Node::on(&place, of_slapd(&slapd, &guard)).link(login).await;
        let old = servers.split();
        // One node asks the Sentinel, the other one still speaks to the old primary.
        let node = |url: &str| Node::on(&place.again_patiently(url), of_slapd(&slapd, &guard));
        assert_eq!(
            node(&servers.url()).choose(&link, ONE).await,
            Told::Saved,
            "{guard:?}"
        );
        assert_came_back(&node(&old), login, &link, &slapd, &guard).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_posts_at_once_through_two_nodes_one_succeeds_and_its_password_is_the_one() {
    // SEC-22, T-70, T-71
    let slapd = slapd_with(&["f.fifty", "f.more"]).await;
    let [generation, _] = fences();
    let redis = Redis::start(&[]);
    let place = OnRedis::at(&redis.url(), vec![]);
    let node = |place: &OnRedis| Arc::new(Node::on(place, of_slapd(&slapd, &generation)));
    let nodes = [node(&place), node(&place.again_patiently(&redis.url()))];
    for (login, posts) in [("f.fifty", 50), ("f.more", 64)] {
        let link = Arc::new(nodes[0].link(login).await);
        let start = Arc::new(Barrier::new(posts));
        let mut all = JoinSet::new();
        for number in 0..posts {
            let (node, link, start) = (nodes[number % 2].clone(), link.clone(), start.clone());
            all.spawn(async move {
                let new = format!("Quatre chevaux dans la brume {number}");
                start.wait().await;
                (node.choose(&link, &new).await, new)
            });
        }
        let outcomes = all.join_all().await;
        let saved: Vec<&str> = outcomes
            .iter()
            .filter(|(told, _)| *told == Told::Saved)
            .map(|(_, new)| new.as_str())
            .collect();
        assert_eq!(saved.len(), 1, "{outcomes:?}");
        for (told, _) in outcomes.iter().filter(|(told, _)| *told != Told::Saved) {
            let spent = Told::Dead("Died(Spent".to_owned());
            assert!(*told == Told::Busy || *told == spent, "{told:?}");
        }
        let tried: Vec<&str> = outcomes
            .iter()
            .map(|(_, new)| new.as_str())
            .chain([OLD])
            .collect();
        let directory = of_slapd(&slapd, &generation);
        assert_eq!(open_it(&directory, login, &tried).await, saved);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_follows_its_person_through_a_new_name_and_never_leads_to_another() {
    // SEC-16
    let slapd = slapd_with(&["f.renamed", "f.again"]).await;
    let [generation, _] = fences();
    let redis = Redis::start(&[]);
    let node = Node::on(&OnRedis::at(&redis.url(), vec![]), of_slapd(&slapd, &generation));
    let (renamed, again) = (node.link("f.renamed").await, node.link("f.again").await);
    let dn = |login: &str| format!("dn: uid={login},{}\nchangetype:", slapd::PEOPLE);
    slapd.modify(&format!(
        "{} modrdn\nnewrdn: uid=f.wed\ndeleteoldrdn: 1\n",
        dn("f.renamed")
    ));
    slapd.modify(&format!("{} delete\n", dn("f.again")));
    let anew = person_entry("f.again").replacen("\nobjectClass", "\nchangetype: add\nobjectClass", 1);
    slapd.modify(&anew);

    assert_eq!(node.choose(&renamed, ONE).await, Told::Saved);
    assert_eq!(node.choose(&again, ONE).await, Told::Dead("Closed".to_owned()));
    let directory = of_slapd(&slapd, &generation);
    assert_eq!(open_it(&directory, "f.wed", &[OLD, ONE]).await, [ONE]);
    assert_eq!(open_it(&directory, "f.again", &[OLD, ONE]).await, [OLD]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_password_signs_in_at_once_through_a_node_whose_replica_lags() {
    // F-18
    let pair = pair().await;
    let redis = Redis::start(&[]);
    let place = OnRedis::at(&redis.url(), vec![]);
    let replica = [pair.replica.url()];
    let node = || {
        let settings = openldap::settings(&replica, Some(&pair.primary.url()));
        Node::on(&place.again_patiently(&redis.url()), of(settings))
    };
    let (here, there, elsewhere) = (node(), node(), node());
    let link = here.link("w.once").await;
    pair.link.hold();
    assert_eq!(here.choose(&link, ONE).await, Told::Saved);
    let far = of(openldap::settings(&replica, None));
    assert_eq!(
        bind(&far, "w.once", OLD).await,
        Bound::Accepted(None),
        "the replica lags"
    );
    assert!(there.signs_in("w.once", ONE).await);
    // A node that has heard nothing of it but from the store.
    assert!(
        !elsewhere.signs_in("w.once", OLD).await,
        "the old password is over on every node"
    );
    assert!(elsewhere.signs_in("w.once", ONE).await);
    assert!(elsewhere.signs_in("w.free", OLD).await, "others are unaffected");
    pair.link.release();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_outlives_a_primary_that_is_down() {
    // F-19
    let mut pair = pair().await;
    let redis = Redis::start(&[]);
    let settings = openldap::settings(&[pair.replica.url()], Some(&pair.primary.url()));
    let node = Node::on(&OnRedis::at(&redis.url(), vec![]), of(settings));
    let link = node.link("w.free").await;
    pair.primary.kill();
    assert!(
        node.signs_in("w.once", OLD).await,
        "people sign in on the replica"
    );
    assert_eq!(node.choose(&link, ONE).await, Told::Silent);
    assert!(node.takes_for_live(&link).await, "neither spent nor claimed");
    pair.primary.restart();
    let saved = || async {
        match node.choose(&link, ONE).await {
            Told::Silent => None,
            told => Some(told),
        }
    };
    assert_eq!(
        until_async("the primary to be asked again", saved).await,
        Told::Saved
    );
    assert!(node.signs_in("w.free", ONE).await);
}
