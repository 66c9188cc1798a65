//! An old primary of Redis that wakes up while another serves, and is asked the moment it wakes: before it had time to
//! look whether anybody still follows it.

use std::sync::Arc;

use futures_util::future::{join, join_all};
use mereau::protocol::ticket_id::{TicketId, TicketKind};
use mereau::tickets::{Granted, NewTicket, StoreError, Taken, TicketStore};

use crate::support::rollback::Rollback;
use crate::support::wait::until_async;
use crate::tickets::{HOUR, World, anne, attempt, identity, is_whole, record, ticket};
use crate::tickets_redis::OnRedis;

const TICKETS: usize = 400;

/// A ticket, and the application that it is for: another one each time, since one that is asked for so often would be
/// taken for one that goes in circles.
#[derive(Clone)]
struct Shown {
    id: TicketId,
    url: String,
}

impl Shown {
    async fn to(self, store: Arc<dyn TicketStore>) -> Result<Taken, StoreError> {
        store.take(&self.id, &identity(&self.url), &attempt()).await
    }

    /// The same, until the store has found its primary.
    async fn patiently_to(self, store: Arc<dyn TicketStore>) -> bool {
        let mine = attempt();
        let taken = until_async("the new primary", || async {
            store.take(&self.id, &identity(&self.url), &mine).await.ok()
        });
        is_whole(&taken.await)
    }
}

async fn granted(world: &World) -> Vec<Shown> {
    let tgt = world.tgt(&anne());
    until_async("a replica that follows", || async {
        let (session, record) = (world.session(&anne()), record("anne"));
        let opened = world.tickets().open(&tgt, session, &record, None).await;
        opened.ok()
    })
    .await;
    let mut all = Vec::new();
    for number in 0..TICKETS {
        let url = format!("https://notes.univ-exemple.fr/{number}");
        let (id, ticket) = (world.mint(TicketKind::Service, &anne()), ticket(&url));
        let new = NewTicket {
            id: &id,
            ticket: &ticket,
            ttl: HOUR,
        };
        assert_eq!(world.tickets().grant(&tgt, new).await.unwrap(), Granted::Ticket);
        all.push(Shown { id, url });
    }
    all
}

/// How many of the tickets were good on each of two primaries.
struct Told {
    new: usize,
    old: usize,
    /// Those that the old one did not take since nobody follows it.
    refused: usize,
}

/// Half of the tickets are used on the new primary while the old one is frozen. When it wakes up, a node that still
/// speaks to it shows it all of them at once, while the other half is shown to the new one.
async fn woken(options: &[&str]) -> Told {
    let servers = Rollback::start_with(options);
    let place = OnRedis::at(&servers.url(), Vec::new());
    let astray = World::on(place.again_patiently(&servers.primary().url()));
    let tickets = granted(&astray).await;
    servers.freeze();
    // The new primary has no replica either: it writes when it is told to.
    servers
        .replica()
        .cli(&["config", "set", "min-replicas-to-write", "0"]);
    let moved = World::on(place.again_patiently(&servers.url()));
    let (before, meanwhile) = tickets.split_at(TICKETS / 2);
    let at_new = |some: &[Shown]| {
        let each = some.iter().cloned();
        join_all(each.map(|shown| tokio::spawn(shown.patiently_to(moved.tickets()))))
    };
    let mut new = at_new(before).await;
    let at_old = tickets
        .iter()
        .cloned()
        .map(|shown| tokio::spawn(shown.to(astray.tickets())));
    let at_old = join_all(at_old);
    servers.wake();
    let (old, more) = join(at_old, at_new(meanwhile)).await;
    new.extend(more);
    let old: Vec<_> = old.into_iter().map(Result::unwrap).collect();
    let is_refused = |told: &Result<Taken, StoreError>| match told {
        Err(StoreError::Answered { text, .. }) => text.contains("NOREPLICAS"),
        _ => false,
    };
    Told {
        new: new.into_iter().filter(|told| *told.as_ref().unwrap()).count(),
        old: old
            .iter()
            .filter(|told| told.as_ref().is_ok_and(is_whole))
            .count(),
        refused: old.iter().filter(|told| is_refused(told)).count(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tickets_shown_to_an_old_primary_the_moment_it_wakes_are_good_on_the_new_one_only() {
    // F-03
    let told = woken(&["--min-replicas-to-write", "1", "--min-replicas-max-lag", "2"]).await;
    assert_eq!((told.new, told.old, told.refused), (TICKETS, 0, TICKETS));
    // Without these lines it takes each a second time: they were shown early enough.
    let told = woken(&[]).await;
    assert_eq!((told.new, told.old, told.refused), (TICKETS, TICKETS, 0));
}
