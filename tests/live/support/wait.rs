//! Waiting for a condition, with a bound: the one place of the tests where a thread pauses.

use std::time::{Duration, Instant};

/// Long enough for a busy two-core machine; reached only when something is wrong.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Asks `attempt` until it gives a value.
pub fn until<T>(what: &str, attempt: impl FnMut() -> Option<T>) -> T {
    until_within(PATIENCE, what, attempt)
}

/// The same for what takes its time by itself.
pub fn until_within<T>(most: Duration, what: &str, mut attempt: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(value) = attempt() {
            return value;
        }
        assert!(start.elapsed() < most, "waited in vain for {what}");
        pause();
    }
}

/// The same for a condition that is asked for asynchronously.
pub async fn until_async<T, F>(what: &str, mut attempt: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let start = Instant::now();
    loop {
        if let Some(value) = attempt().await {
            return value;
        }
        assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
        pause_async().await;
    }
}

/// Between two looks at a condition that a test has to ask for itself.
pub async fn pause_async() {
    tokio::time::sleep(Duration::from_millis(10)).await;
}

#[allow(clippy::disallowed_methods, reason = "between two looks at the condition")]
fn pause() {
    std::thread::sleep(Duration::from_millis(10));
}
