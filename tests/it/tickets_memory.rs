//! The ticket store's contract in memory, with a clock moved by hand.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use mereau::base::clock::{Clock, HandClock, Timestamp};
use mereau::base::entropy::OsEntropy;
use mereau::base::keys::KeyRing;
use mereau::tickets::embedded::EmbeddedStore;
use mereau::tickets::{
    Budgets, Challenges, Farewells, Marks, Nodes, ProxyTickets, Requests, ResetTickets, Throttle,
    TicketStore, UpstreamSessions,
};
use proptest::prelude::{ProptestConfig, proptest};

use crate::tickets::{
    self, APP, HOUR, Place, World, account, budgets, challenges, epochs, farewells, indexed, mints, model,
    nodes, proxy, queue, reset, throttle, upstream, visits,
};

struct Memory {
    clock: Arc<HandClock>,
    store: Arc<EmbeddedStore>,
    keys: KeyRing,
}

fn memory() -> Memory {
    let clock = Arc::new(HandClock::at(Timestamp(1_795_000_000_000)));
    Memory {
        store: Arc::new(EmbeddedStore::in_memory(clock.clone())),
        clock,
        keys: KeyRing::ephemeral(&OsEntropy),
    }
}

#[async_trait]
impl Place for Memory {
    fn tickets(&self) -> Arc<dyn TicketStore> {
        self.store.clone()
    }

    fn throttle(&self) -> Arc<dyn Throttle> {
        self.store.clone()
    }

    fn proxies(&self) -> Arc<dyn ProxyTickets> {
        self.store.clone()
    }

    fn upstreams(&self) -> Arc<dyn UpstreamSessions> {
        self.store.clone()
    }

    fn resets(&self) -> Arc<dyn ResetTickets> {
        self.store.clone()
    }

    fn requests(&self) -> Arc<dyn Requests> {
        self.store.clone()
    }

    fn farewells(&self) -> Arc<dyn Farewells> {
        self.store.clone()
    }

    fn budgets(&self) -> Arc<dyn Budgets> {
        self.store.clone()
    }

    fn marks(&self) -> Arc<dyn Marks> {
        self.store.clone()
    }

    fn nodes(&self) -> Arc<dyn Nodes> {
        self.store.clone()
    }

    fn challenges(&self) -> Arc<dyn Challenges> {
        self.store.clone()
    }

    fn keys(&self) -> KeyRing {
        self.keys.clone()
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    async fn pass(&self, span: Duration) {
        self.clock.advance(span);
    }

    async fn back(&self, span: Duration) {
        self.clock.set_back(span);
    }

    async fn held(&self) -> Option<usize> {
        self.store.entries_in_memory()
    }

    async fn moment(&self) {
        self.clock.advance(Duration::from_millis(10));
    }
}

crate::contract!(memory());

#[tokio::test]
async fn what_has_expired_is_swept_and_does_not_pile_up() {
    // CAS-112
    let place = memory();
    let (store, clock) = (place.store.clone(), place.clock.clone());
    let world = World::on(place);
    let mut most = 0;
    for day in 0..20 {
        for n in 0..50 {
            let account = account("univ", &format!("{day}-{n}"));
            let tgt = world.open(&account).await;
            world.grant(&tgt, &account, APP).await;
        }
        // Devices of an account are known for a year: one entry for each.
        let held = store.entries_in_memory().unwrap() - 50 * (day + 1);
        if day == 1 {
            most = held;
        }
        assert!(
            day < 2 || held <= most,
            "day {day}: {held} entries, {most} were enough"
        );
        clock.advance(24 * HOUR);
    }
}

#[test]
fn thousands_of_random_sequences_agree_with_the_simplest_store() {
    // CAS-105, CAS-113, F-06
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let config = ProptestConfig {
        cases: 2_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    proptest!(config, |(ops in model::sequences(true))| {
        runtime.block_on(model::compare(&World::on(memory()), &ops));
    });
}
