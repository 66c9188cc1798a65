//! What a call does while Redis is away: it is asked again where that does no harm, until the patience of
//! whoever waits is at its end (F-01, F-02, F-10). Only so many may wait; the next one is told at once.

use std::time::Duration;

use redis::Value;
use tokio::time::{Instant, sleep};

use super::line::{Line, REST};
use super::scripts::Call;
use super::store::RedisStore;
use crate::tickets::StoreError;

/// Between two tries while nobody answers: a connection that failed is not tried sooner anyway.
const PAUSE: Duration = REST;

/// A try with less time than this is not worth sending.
const LEAST: Duration = Duration::from_millis(50);

/// How often a call is tried at least.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tries {
    Once,
    /// Once more when its answer is lost, however late it is (F-10).
    Twice,
}

impl RedisStore {
    /// Asks on `line`; each try has its `deadline`, and all of them together the patience of the settings.
    pub(super) async fn patiently(
        &self,
        line: &Line,
        call: &Call,
        deadline: Duration,
        tries: Tries,
    ) -> Result<Value, StoreError> {
        let start = Instant::now();
        match line.try_ask(call, (start, deadline), None).await {
            Ok(answer) => Ok(answer),
            Err(failed) if !failed.again => Err(failed.error),
            // In a box: hardly any call comes here, and all would carry its bytes about.
            Err(failed) => {
                let end = start + self.settings.options.patience;
                Box::pin(again(line, call, deadline, failed.error, (end, tries))).await
            }
        }
    }
}

async fn again(
    line: &Line,
    call: &Call,
    deadline: Duration,
    mut error: StoreError,
    (end, tries): (Instant, Tries),
) -> Result<Value, StoreError> {
    let Some(place) = line.place_to_wait() else {
        return Err(error);
    };
    let mut owed = tries == Tries::Twice;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        let longest = match owed {
            true => deadline,
            false if left < LEAST => return Err(error),
            false => deadline.min(left),
        };
        if !owed && !matches!(error, StoreError::TimedOut { .. }) {
            sleep(PAUSE).await;
        }
        owed = false;
        match line.try_ask(call, (Instant::now(), longest), Some(&place)).await {
            Ok(answer) => return Ok(answer),
            Err(failed) if !failed.again => return Err(failed.error),
            Err(failed) => error = failed.error,
        }
    }
}
