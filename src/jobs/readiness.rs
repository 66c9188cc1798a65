//! Whether people should be sent to this node: looked at once a second, beside the requests, and slow to
//! change its mind. It knows nothing of who asks.
//!
//! A node becomes ready at the first good look after its start, and at the third in a row when it was ready
//! before. It is not ready any more after three bad looks in a row, and at once when it is told to stop. A look
//! is good when at least one realm's directory answers and the ticket store has answered within the last 30
//! seconds: a failover of Redis, which takes six, sends nobody away (reliability §6).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use super::recovery::Workplace;
use crate::base::names::Username;
use crate::directory::Directory;

/// Between two looks.
const EVERY: Duration = Duration::from_secs(1);

/// How long the store may be silent.
const GRACE: Duration = Duration::from_secs(30);

/// Looks in a row that change what was thought.
const IN_A_ROW: u32 = 3;

/// How long a directory or the store is waited for in a look.
const PATIENCE: Duration = Duration::from_secs(1);

/// Directories that are asked in one look while none has answered.
const ASKED: usize = 8;

/// A login that nobody has.
const NOBODY: &str = "mereau-readiness-nobody";

/// What a look has found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// The store answered.
    pub store: bool,
    pub directories_up: usize,
    pub directories: usize,
}

/// What is thought of this node.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct State {
    pub ready: bool,
    pub stopping: bool,
    /// The store answered at the last look.
    pub store: bool,
    /// For how long it has not; `None` while it does or has never.
    pub store_silent: Option<Duration>,
    pub directories_up: usize,
    pub directories: usize,
}

/// What is thought of this node, and what it follows from.
#[derive(Default)]
pub struct Readiness {
    memory: Mutex<Memory>,
}

#[derive(Default)]
struct Memory {
    state: State,
    was_ready: bool,
    good: u32,
    bad: u32,
    store_answered: Option<Instant>,
}

impl Readiness {
    pub fn state(&self) -> State {
        self.memory().state
    }

    /// From now on nobody is to be sent here.
    pub fn stop(&self) {
        let mut memory = self.memory();
        memory.state.stopping = true;
        memory.state.ready = false;
    }

    /// Takes a look into account.
    pub fn saw(&self, look: Look, now: Instant) {
        let mut memory = self.memory();
        if look.store {
            memory.store_answered = Some(now);
        }
        let silent = memory.store_answered.map(|last| now.duration_since(last));
        let good = look.directories_up > 0 && silent.is_some_and(|silent| silent < GRACE);
        (memory.good, memory.bad) = match good {
            true => (memory.good.saturating_add(1), 0),
            false => (0, memory.bad.saturating_add(1)),
        };
        let ready = match memory.state.ready {
            true => memory.bad < IN_A_ROW,
            false => good && (!memory.was_ready || memory.good >= IN_A_ROW),
        };
        let ready = ready && !memory.state.stopping;
        if ready != memory.state.ready {
            tracing::info!(
                event = "readiness",
                ready,
                store = look.store,
                directories = look.directories_up
            );
        }
        memory.was_ready |= ready;
        memory.state = State {
            ready,
            stopping: memory.state.stopping,
            store: look.store,
            store_silent: silent.filter(|_| !look.store),
            directories_up: look.directories_up,
            directories: look.directories,
        };
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks once a second until `stopping`.
pub async fn watch<W: Workplace>(place: Arc<W>, readiness: Arc<Readiness>, stopping: CancellationToken) {
    loop {
        let began = Instant::now();
        let proved = readiness.state().ready;
        readiness.saw(look(place.as_ref(), proved).await, Instant::now());
        tokio::select! {
            () = stopping.cancelled() => return,
            () = tokio::time::sleep_until(began + EVERY) => {}
        }
    }
}

/// Asks the store, and the directories unless one is `proved` to answer: then their health says the rest.
pub async fn look<W: Workplace>(place: &W, proved: bool) -> Look {
    let store = timeout(PATIENCE, place.ports().store.ping()).await;
    let catalogue = place.catalogue();
    let up: Vec<_> = catalogue
        .directories
        .values()
        .filter(|directory| directory.outage().reading.is_none())
        .collect();
    let answers = proved || any_answers(up.iter().take(ASKED).map(|directory| directory.as_ref())).await;
    Look {
        store: matches!(store, Ok(Ok(()))),
        directories_up: if answers { up.len() } else { 0 },
        directories: catalogue.directories.len(),
    }
}

/// Whether one of them answers a search for nobody. What nobody has asked yet counts as answering elsewhere.
async fn any_answers<'a>(directories: impl Iterator<Item = &'a dyn Directory>) -> bool {
    let Ok(nobody) = Username::typed(NOBODY) else {
        return false;
    };
    let asked = directories.map(|directory| {
        let nobody = nobody.clone();
        Box::pin(async move {
            match timeout(PATIENCE, directory.find(&nobody)).await {
                Ok(Ok(_)) => Ok(()),
                _ => Err(()),
            }
        })
    });
    let asked: Vec<_> = asked.collect();
    !asked.is_empty() && futures_util::future::select_ok(asked).await.is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: Look = Look {
        store: true,
        directories_up: 1,
        directories: 2,
    };
    const NO_DIRECTORY: Look = Look {
        directories_up: 0,
        ..GOOD
    };
    const NO_STORE: Look = Look { store: false, ..GOOD };

    /// What is thought after each look, a second apart.
    fn thought(readiness: &Readiness, from: &mut Instant, looks: &[Look]) -> Vec<bool> {
        let each = looks.iter().map(|look| {
            *from += EVERY;
            readiness.saw(*look, *from);
            readiness.state().ready
        });
        each.collect()
    }

    #[test]
    fn flapping_changes_nothing_and_three_looks_in_a_row_do() {
        // F-23
        let (readiness, mut now) = (Readiness::default(), Instant::now());
        let mut saw = |looks: &[Look]| thought(&readiness, &mut now, looks);
        assert_eq!(
            saw(&[NO_DIRECTORY, GOOD]),
            [false, true],
            "at the start one is enough"
        );
        assert_eq!(saw(&[NO_DIRECTORY, NO_DIRECTORY, GOOD, NO_DIRECTORY]), [true; 4]);
        assert_eq!(saw(&[NO_DIRECTORY, NO_DIRECTORY]), [true, false]);
        assert_eq!(
            saw(&[GOOD, GOOD, NO_DIRECTORY, GOOD, GOOD, GOOD]),
            [false, false, false, false, false, true]
        );
    }

    #[test]
    fn a_silent_store_sends_nobody_away_for_thirty_seconds() {
        let (readiness, mut now) = (Readiness::default(), Instant::now());
        let mut saw = |looks: &[Look]| thought(&readiness, &mut now, looks);
        assert_eq!(saw(&[NO_STORE]), [false], "one that never answered has no grace");
        assert_eq!(saw(&[GOOD]), [true]);
        assert_eq!(saw(&[NO_STORE; 31]), [true; 31]);
        assert_eq!(saw(&[NO_STORE]), [false]);
        assert_eq!(readiness.state().store_silent, Some(Duration::from_secs(32)));
        assert_eq!(saw(&[GOOD; 3]), [false, false, true]);
    }

    #[test]
    fn who_is_told_to_stop_is_not_ready_at_once_and_for_good() {
        // F-23
        let (readiness, mut now) = (Readiness::default(), Instant::now());
        assert_eq!(thought(&readiness, &mut now, &[GOOD]), [true]);
        readiness.stop();
        assert!(!readiness.state().ready);
        assert_eq!(thought(&readiness, &mut now, &[GOOD; 4]), [false; 4]);
        assert!(readiness.state().stopping);
    }
}
