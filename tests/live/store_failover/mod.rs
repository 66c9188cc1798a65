//! Three served nodes on a Redis whose primary is killed under load, and then on a pair of directories whose
//! first one is killed: an oracle counts what became of every ticket, every new password and every request for
//! a link that somebody was told of.

mod place;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use self::place::{Form, NEW, NODES, PASSWORD, Place, RESETS, Record, Side, WORKERS, binds};
use crate::figure;
use crate::support::browser::Browser;
use crate::support::cluster::Cluster;
use crate::support::redis::Redis;
use crate::support::trio::Trio;
use crate::support::wait;

/// What happens to the servers behind, under load.
enum Fate {
    /// They forget every script.
    Forgetting,
    /// A primary dies.
    Death,
}

/// `meets` does it to them, and the directory that is asked first dies afterwards; everything that was promised
/// holds.
async fn survives(what: &str, (tickets, first): (&str, Side), mut meets: impl FnMut(Fate)) {
    let place = Arc::new(Place::open(tickets, first).await);
    let (links, mut forms) = opened_links(&place).await;
    let load = begins(&place).await;
    meets(Fate::Forgetting);
    let (late, rest) = (forms.pop().unwrap(), forms.split_off(2));
    for form in forms {
        place.chooses(&form).await;
    }
    place.ledger.dies();
    let busy = place.clone();
    let choosing = tokio::spawn(async move {
        for form in rest {
            busy.chooses(&form).await;
        }
    });
    let busy = place.clone();
    let asking = tokio::spawn(async move {
        for number in 0..RESETS {
            busy.asks(number, &format!("q{number:02}")).await;
        }
    });
    meets(Fate::Death);
    choosing.await.unwrap();
    asking.await.unwrap();
    place.goes_on().await;
    loses_a_directory(&place, &late, links.last().unwrap()).await;
    place.ledger.over.store(true, Ordering::SeqCst);
    load.join_all().await;
    judge(what, &place, &links).await;
}

/// The links of those who choose a new password, and their pages.
async fn opened_links(place: &Place) -> (Vec<String>, Vec<Form>) {
    let (mut links, mut forms) = (Vec::new(), Vec::new());
    for number in 0..RESETS {
        let login = format!("p{number:02}");
        place.asks(number, &login).await;
        let link = place.link_of(&login).await;
        let mut browser = Browser::new(None);
        let page = browser.open(&link).await;
        assert!(page.reply.has_form_for_new(), "{}", page.reply.body);
        links.push(link);
        forms.push((browser, page));
    }
    (links, forms)
}

/// The load, as soon as it runs.
async fn begins(place: &Arc<Place>) -> JoinSet<()> {
    let mut load = JoinSet::new();
    for worker in 0..WORKERS {
        let service = place.service(worker, usize::MAX);
        let signed_in = place.sign_in(worker, &format!("w{worker:02}"), &service).await;
        let (browser, _) = signed_in.unwrap_or_else(|reply| panic!("{}", reply.body));
        let place = place.clone();
        load.spawn(async move { place.comes_back(worker, browser).await });
    }
    let signing = place.clone();
    load.spawn(async move { signing.signs_in().await });
    wait::until_async("load", || async {
        (place.ledger.tickets.lock().unwrap().len() > 100).then_some(())
    })
    .await;
    load
}

/// Kills the directory that all nodes ask first: the other one answers. Whoever chooses a password where none
/// can be written is told so, and the link stays good.
async fn loses_a_directory(place: &Place, late: &Form, link: &str) {
    let first = place.first;
    let open = place.pair().side(first).connections();
    assert!(open >= NODES, "all nodes ask it: {open} connections");
    let told = place.ledger.told_to_come_back();
    place.ledger.dies();
    place.pair().side(first).kill();
    if first == Side::Primary {
        assert_eq!(place.sends(late).await, 503);
    }
    place.goes_on().await;
    assert_eq!(
        place.ledger.told_to_come_back(),
        told,
        "the other directory answers everybody"
    );
    let open = place.pair().side(place::other(first)).connections();
    assert!(open >= NODES, "all nodes ask the other one: {open} connections");
    if first == Side::Primary {
        wait::until_async("a page that says so", || async {
            let page = Browser::new(None).open(link).await;
            let text = page.reply.text_of("main");
            text.contains("votre lien reste valable").then_some(())
        })
        .await;
        tokio::task::block_in_place(|| place.pair().primary.restart());
    }
    place.chooses(late).await;
}

/// Nothing was used twice, nothing that was acknowledged is lost.
async fn judge(what: &str, place: &Place, links: &[String]) {
    let ledger = &place.ledger;
    assert_eq!(*ledger.strange.lock().unwrap(), [""; 0]);
    let deaths = ledger.deaths.lock().unwrap().clone();
    let mut tickets = std::mem::take(&mut *ledger.tickets.lock().unwrap());
    // Those around a death once more, on every node.
    let close = |record: &&mut Record| {
        let distance = |death: &Instant| match record.at > *death {
            true => record.at - *death,
            false => *death - record.at,
        };
        deaths
            .iter()
            .any(|death| distance(death) < Duration::from_secs(8))
    };
    let mut near: Vec<&mut Record> = tickets.iter_mut().filter(close).collect();
    near.sort_by_key(|record| record.at);
    for record in near {
        for node in 0..NODES {
            record.successes += usize::from(place.validate(node, &record.service, &record.ticket).await);
        }
    }
    let twice = tickets.iter().filter(|record| record.successes > 1).count();
    assert_eq!(twice, 0, "of {} tickets", tickets.len());
    new_passwords_hold(place);
    for number in 0..RESETS {
        place.link_of(&format!("q{number:02}")).await;
    }
    for link in links {
        let page = Browser::new(None).open(link).await;
        assert!(
            !page.reply.has_form_for_new(),
            "a link that was used opens nothing"
        );
    }
    let [store, directory] = [0, 1].map(|number| {
        let until = deaths.get(number + 1).copied();
        longest_without(&tickets, deaths[number], until).as_secs_f64()
    });
    figure::tell(
        &format!("store-failover-{}", what.to_lowercase()),
        &format!(
            "{what} and two directories, {NODES} nodes, a primary and then the first directory killed under load: {} \
             tickets, none accepted twice; longest that anybody went without a ticket {store:.2} s, then \
             {directory:.2} s; told to come back: {} pages, {} validations",
            tickets.len(),
            ledger.pages.load(Ordering::SeqCst),
            ledger.validations.load(Ordering::SeqCst),
        ),
    );
}

/// Both directories, the dead one too once it is back, know the new passwords and no old ones.
fn new_passwords_hold(place: &Place) {
    tokio::task::block_in_place(|| {
        let mut pair = place.pair();
        if place.first == Side::Replica {
            pair.replica.restart();
        }
        pair.catches_up();
        for number in 0..RESETS {
            let login = format!("p{number:02}");
            for directory in [&pair.primary, &pair.replica] {
                let (new, old) = (binds(directory, &login, NEW), binds(directory, &login, PASSWORD));
                assert_eq!((new, old), (true, false), "{login} at {}", directory.url());
            }
        }
    });
}

/// The longest that anybody went without a ticket between two deaths, from shortly before the first one.
fn longest_without(tickets: &[Record], death: Instant, until: Option<Instant>) -> Duration {
    let waited = (0..=WORKERS).filter_map(|worker| {
        let good = tickets
            .iter()
            .filter(|record| record.successes > 0 && record.worker == worker);
        let times: Vec<Instant> = good.map(|record| record.at).collect();
        let around = times
            .windows(2)
            .filter(|pair| pair[1] > death && until.is_none_or(|until| pair[1] < until));
        around.map(|pair| pair[1] - pair[0]).max()
    });
    waited.max().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_nodes_outlive_the_primary_that_sentinels_watch_and_the_directory_they_write_to() {
    // F-01, F-11, F-12, F-19
    let mut servers = tokio::task::block_in_place(Trio::start);
    let url = servers.url();
    survives("Sentinel", (&url, Side::Primary), |fate| match fate {
        Fate::Forgetting => forget(&servers.servers),
        Fate::Death => servers.primary().kill(),
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_nodes_outlive_a_primary_of_a_cluster_and_the_replica_they_read() {
    // F-02, F-11, F-12
    let mut servers = tokio::task::block_in_place(Cluster::start_with_replicas);
    let url = format!("redis-cluster://{}", servers.addresses().join(","));
    survives("Cluster", (&url, Side::Replica), |fate| match fate {
        Fate::Forgetting => forget(&servers.nodes),
        Fate::Death => {
            let sessions = |redis: &Redis| redis.cli(&["keys", "*v1:t:*"]).lines().count();
            let busiest = servers.nodes[..3].iter_mut().max_by_key(|node| sessions(node));
            busiest.expect("a primary").kill();
        }
    })
    .await;
}

fn forget(servers: &[Redis]) {
    for server in servers {
        assert_eq!(server.cli(&["script", "flush"]), "OK");
    }
}
