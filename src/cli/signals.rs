//! SIGTERM and SIGINT stop a server, SIGHUP makes it read its files again.

use anyhow::Context;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc::{Receiver, channel};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::reload::Reload;

/// What SIGHUP does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hangup {
    Reloads,
    /// The terminal was closed.
    Stops,
}

/// Cancelled at the first SIGTERM or SIGINT. A second one ends the process at once, after
/// `last_words`.
pub fn stop(hangup: Hangup, last_words: impl FnOnce() + Send + 'static) -> anyhow::Result<CancellationToken> {
    let mut kinds = vec![SignalKind::terminate(), SignalKind::interrupt()];
    if hangup == Hangup::Stops {
        kinds.push(SignalKind::hangup());
    }
    let (sender, mut signals) = channel::<()>(2);
    for kind in kinds {
        let mut heard = signal(kind).context("cannot wait for signals")?;
        let sender = sender.clone();
        tokio::spawn(async move { while heard.recv().await.is_some() && sender.send(()).await.is_ok() {} });
    }
    let stop = CancellationToken::new();
    let stopping = stop.clone();
    tokio::spawn(async move {
        next(&mut signals).await;
        stopping.cancel();
        tracing::info!("stopping; a second signal stops at once");
        next(&mut signals).await;
        last_words();
        std::process::exit(130);
    });
    Ok(stop)
}

/// Waits for a signal. A channel that closes is none: at the end of the program the runtime drops
/// those who listen for signals before it drops this one.
async fn next(signals: &mut Receiver<()>) {
    if signals.recv().await.is_none() {
        std::future::pending::<()>().await;
    }
}

/// Hears SIGHUP from here on, before there is a runtime: one that comes while the server starts is kept for
/// [`on_hangup`] and does not end the process. No thread is started.
pub fn hear_hangup() -> anyhow::Result<Signal> {
    let passing = tokio::runtime::Builder::new_current_thread().enable_io().build();
    let passing = passing.context("the runtime cannot be started")?;
    let _inside = passing.enter();
    signal(SignalKind::hangup()).context("cannot wait for SIGHUP")
}

/// Reads the files again at each SIGHUP.
pub fn on_hangup(mut hangup: Signal, reload: Reload) -> JoinHandle<()> {
    tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            reload.run().await;
        }
    })
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn the_end_of_the_program_is_not_taken_for_a_second_signal() {
        // F-23
        let (sender, mut signals) = channel(2);
        sender.send(()).await.unwrap();
        assert_eq!(next(&mut signals).now_or_never(), Some(()));
        drop(sender);
        assert_eq!(next(&mut signals).now_or_never(), None);
    }
}
