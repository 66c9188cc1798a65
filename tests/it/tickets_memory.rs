//! The ticket store's contract in memory, with a clock moved by hand.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use mereau::base::clock::{Clock, HandClock, Timestamp};
use mereau::base::entropy::OsEntropy;
use mereau::base::keys::KeyRing;
use mereau::tickets::embedded::EmbeddedStore;
use mereau::tickets::{Throttle, TicketStore};

use crate::tickets::{self, Place, throttle};

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

    fn keys(&self) -> KeyRing {
        self.keys.clone()
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    async fn pass(&self, span: Duration) {
        self.clock.advance(span);
    }

    async fn moment(&self) {
        self.clock.advance(Duration::from_millis(10));
    }
}

crate::contract!(memory());
