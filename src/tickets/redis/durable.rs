//! Writes that a replica should have before they are believed: they go over a connection of their
//! own, followed by WAIT, which would hold up everybody else's. A replica that does not answer is told
//! and counted; it stops nobody, since the directory has the last word on what a ticket may do.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use redis::{Cmd, Value};
use tokio::time::Instant;

use super::line::Line;
use super::patience::Tries;
use super::scripts::Call;
use super::store::RedisStore;
use crate::metrics::{Followed, StoreMetrics};
use crate::tickets::StoreError;

/// How long a replica may take, in milliseconds.
const PATIENCE: u64 = 100;

/// After a replica did not answer in time, nobody waits for one for this long.
const REST: Duration = Duration::from_secs(1);

/// How long servers without replicas are believed to have none. Where one was seen, one is expected
/// from then on: its absence is what is worth a word.
const BELIEVED: Duration = Duration::from_secs(30);

/// The connection for such writes, and what is known of the replicas behind it.
pub(super) struct Durable {
    pub line: Line,
    state: Mutex<State>,
    metrics: Arc<StoreMetrics>,
}

#[derive(Default)]
struct State {
    replicated: Option<(bool, Instant)>,
    resting_until: Option<Instant>,
}

impl Durable {
    pub fn new(line: Line, metrics: Arc<StoreMetrics>) -> Durable {
        Durable {
            line,
            state: Mutex::default(),
            metrics,
        }
    }

    fn believed(&self) -> Option<bool> {
        let (replicated, since) = self.state().replicated?;
        (replicated || since.elapsed() < BELIEVED).then_some(replicated)
    }

    fn is_resting(&self) -> bool {
        let until = self.state().resting_until;
        until.is_some_and(|until| until > Instant::now())
    }

    fn fell_short(&self) {
        self.counts().short.add(&[]);
        self.state().resting_until = Some(Instant::now() + REST);
        tracing::warn!(
            milliseconds = PATIENCE,
            "no replica of Redis has followed a claim or an end of reset tickets in time: should the primary \
             die now, the ticket may come back, and only the directory refuses it"
        );
    }

    fn counts(&self) -> &Followed {
        self.metrics.followed.get_or_init(Followed::default)
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl RedisStore {
    /// Sends a call that may be repeated, repeats it when its answer is lost (F-10), and gives a
    /// replica the time to follow. `key` is one of those it writes.
    pub(super) async fn durably(&self, call: Call, key: &[u8]) -> Result<Value, StoreError> {
        let deadline = self.settings.options.write_deadline;
        let line = &self.durable.line;
        let answer = self.patiently(line, &call, deadline, Tries::Twice).await?;
        self.followed(key).await;
        Ok(answer)
    }

    /// How many writes that a replica should have had before they were believed were not followed in
    /// time, since the start.
    pub fn unfollowed(&self) -> u64 {
        self.durable.counts().short.count(&[])
    }

    async fn followed(&self, key: &[u8]) {
        if self.durable.is_resting() || !self.has_replicas().await {
            return;
        }
        self.durable.counts().waits.add(&[]);
        let mut wait = Cmd::new();
        wait.arg("WAIT").arg(1).arg(PATIENCE);
        let wait = Call::plain("wait", wait).near(key).once();
        let deadline = Duration::from_millis(2 * PATIENCE).max(self.settings.options.write_deadline);
        let followed = self.durable.line.ask(&wait, deadline).await;
        if !matches!(followed, Ok(Value::Int(1..))) {
            self.durable.fell_short();
        }
    }

    async fn has_replicas(&self) -> bool {
        if let Some(replicated) = self.durable.believed() {
            return replicated;
        }
        let Some(replicated) = self.replicated().await else {
            // Where nobody can tell, waiting is the careful way.
            return true;
        };
        self.durable.state().replicated = Some((replicated, Instant::now()));
        replicated
    }
}
