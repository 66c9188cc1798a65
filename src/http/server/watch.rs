//! What one connection is doing and until when it may go on doing it. It holds no timer and closes
//! nothing: `connection` asks it for the next deadline.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};

use futures_util::task::AtomicWaker;
use tokio::time::Instant;

use super::ServerSettings;

/// The state of one connection, shared by its stream, its requests and the accept loop.
pub(super) struct Watch {
    limits: Arc<ServerSettings>,
    state: Mutex<State>,
    wish: AtomicU8,
    /// Of the connection's task, for a new wish.
    waker: AtomicWaker,
}

/// What the accept loop wants of a connection; it only ever wants more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    Stay = 0,
    /// End after what is in flight.
    Finish = 1,
    /// End now, whatever it does.
    Cut = 2,
}

struct State {
    opened: Instant,
    heard: bool,
    asked: bool,
    head_since: Option<Instant>,
    in_flight: usize,
    idle_since: Instant,
    deliveries: VecDeque<(u64, Instant)>,
    drawn: u64,
    blocked_since: Option<Instant>,
    closing_since: Option<Instant>,
    stopping_since: Option<Instant>,
}

impl Watch {
    pub(super) fn new(limits: Arc<ServerSettings>) -> Arc<Watch> {
        let now = Instant::now();
        let state = State {
            opened: now,
            heard: false,
            asked: false,
            head_since: None,
            in_flight: 0,
            idle_since: now,
            deliveries: VecDeque::new(),
            drawn: 0,
            blocked_since: None,
            closing_since: None,
            stopping_since: None,
        };
        Arc::new(Watch {
            limits,
            state: Mutex::new(state),
            wish: AtomicU8::new(Wish::Stay as u8),
            waker: AtomicWaker::new(),
        })
    }

    /// The moment at which the connection must be closed if nothing changes; `None` while only
    /// our own work is being waited for.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let state = self.lock();
        [
            state.closing_since.map(|since| since + self.limits.linger),
            state.blocked_since.map(|since| since + self.limits.delivery),
            state
                .deliveries
                .front()
                .map(|(_, since)| *since + self.limits.delivery),
            self.asking_deadline(&state),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// The proxy has spoken, or TLS is up: the client's time for its first byte starts now.
    pub(super) fn opened(&self) {
        let now = Instant::now();
        let mut state = self.lock();
        state.opened = now;
        state.idle_since = now;
    }

    pub(super) fn heard(&self) {
        self.lock().heard = true;
    }

    /// A request head has begun to arrive and is not whole.
    pub(super) fn head_started(&self) {
        self.lock().head_since.get_or_insert_with(Instant::now);
    }

    pub(super) fn head_ended(&self) {
        self.lock().head_since = None;
    }

    pub(super) fn write_blocked(&self) {
        self.lock().blocked_since.get_or_insert_with(Instant::now);
    }

    pub(super) fn write_flowed(&self) {
        self.lock().blocked_since = None;
    }

    pub(super) fn closing(&self) {
        self.lock().closing_since.get_or_insert_with(Instant::now);
    }

    pub(super) fn stopping(&self) {
        self.lock().stopping_since.get_or_insert_with(Instant::now);
    }

    /// A request has arrived; it lasts until the guard falls.
    pub(super) fn request(self: &Arc<Watch>) -> InFlight {
        let mut state = self.lock();
        state.asked = true;
        state.in_flight += 1;
        state.drawn += 1;
        InFlight {
            watch: Arc::clone(self),
            number: state.drawn,
        }
    }

    /// How many requests have arrived, ever.
    pub(super) fn requests(&self) -> u64 {
        self.lock().drawn
    }

    /// Since when nothing has been asked on this connection; `None` while something is.
    pub(super) fn idle_since(&self) -> Option<Instant> {
        let state = self.lock();
        (state.in_flight == 0).then_some(state.idle_since)
    }

    /// Tells the connection.
    pub(super) fn want(&self, wish: Wish) {
        self.wish.fetch_max(wish as u8, Ordering::AcqRel);
        self.waker.wake();
    }

    /// What is wanted now; the task of `cx` is woken when that changes. One load, where a token of
    /// cancellation would be a lock at every poll of every connection.
    pub(super) fn wanted(&self, cx: &Context<'_>) -> Wish {
        self.waker.register(cx.waker());
        match self.wish.load(Ordering::Acquire) {
            0 => Wish::Stay,
            1 => Wish::Finish,
            _ => Wish::Cut,
        }
    }

    pub(super) async fn until_cut(&self) {
        std::future::poll_fn(|cx| match self.wanted(cx) {
            Wish::Cut => Poll::Ready(()),
            _ => Poll::Pending,
        })
        .await;
    }

    fn asking_deadline(&self, state: &State) -> Option<Instant> {
        if state.in_flight > 0 {
            return None;
        }
        let usual = if !state.heard {
            state.opened + self.limits.first_byte
        } else if !state.asked {
            // Counted from the opening, so that HTTP/2, whose frames nobody looks into here, has
            // no longer for its first request than HTTP/1.
            state.opened + self.limits.head
        } else {
            match state.head_since {
                Some(since) => since.max(state.idle_since) + self.limits.head,
                None => state.idle_since + self.limits.idle,
            }
        };
        // An answer that is still on its way out has the time that any has.
        let stopping = state.stopping_since.filter(|_| state.blocked_since.is_none());
        let linger = self.limits.linger.min(self.limits.drain / 2);
        let parting = stopping.map(|since| since.max(state.idle_since) + linger);
        Some(parting.map_or(usual, |parting| parting.min(usual)))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// One request between its head and the last byte of its answer.
pub(super) struct InFlight {
    watch: Arc<Watch>,
    number: u64,
}

impl InFlight {
    /// Whether the server stops: the connection takes nothing after this answer.
    pub(super) fn is_last(&self) -> bool {
        self.watch.wish.load(Ordering::Acquire) != Wish::Stay as u8
    }

    /// The answer is known: the client has a limited time to take it.
    pub(super) fn answered(&self) {
        self.watch
            .lock()
            .deliveries
            .push_back((self.number, Instant::now()));
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let mut state = self.watch.lock();
        state.in_flight = state.in_flight.saturating_sub(1);
        state.idle_since = Instant::now();
        state.deliveries.retain(|(number, _)| *number != self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watch() -> (Arc<Watch>, Instant, Arc<ServerSettings>) {
        let limits = Arc::new(ServerSettings::default());
        let watch = Watch::new(Arc::clone(&limits));
        let opened = watch.lock().opened;
        (watch, opened, limits)
    }

    #[test]
    fn the_first_byte_then_the_first_head_have_their_time_from_the_opening() {
        // T-01, T-02
        let (watch, opened, limits) = watch();
        assert_eq!(watch.deadline(), Some(opened + limits.first_byte));
        watch.heard();
        watch.head_started();
        assert_eq!(watch.deadline(), Some(opened + limits.head));
    }

    #[test]
    fn a_handler_has_no_deadline_but_taking_its_answer_has() {
        // T-04, T-05
        let (watch, _, limits) = watch();
        watch.heard();
        let first = watch.request();
        let second = watch.request();
        assert_eq!(watch.deadline(), None);
        assert_eq!(watch.idle_since(), None);
        first.answered();
        let answered = watch.lock().deliveries.front().map(|(_, since)| *since);
        assert_eq!(watch.deadline(), answered.map(|since| since + limits.delivery));
        drop(first);
        assert_eq!(watch.deadline(), None);
        drop(second);
        let idle = watch.idle_since().unwrap();
        assert_eq!(watch.deadline(), Some(idle + limits.idle));
    }

    #[test]
    fn at_a_stop_who_is_silent_has_a_moment_and_who_still_takes_an_answer_has_the_usual_time() {
        // F-23, T-05
        let (watch, _, limits) = watch();
        watch.heard();
        drop(watch.request());
        watch.stopping();
        let since = watch.lock().stopping_since.unwrap();
        assert_eq!(watch.deadline(), Some(since + limits.linger));
        watch.write_blocked();
        let blocked = watch.lock().blocked_since.unwrap();
        assert_eq!(watch.deadline(), Some(blocked + limits.delivery));
    }

    #[test]
    fn a_blocked_write_counts_until_everything_went_out() {
        // T-05
        let (watch, _, limits) = watch();
        watch.heard();
        let request = watch.request();
        watch.write_blocked();
        let since = watch.lock().blocked_since.unwrap();
        watch.write_blocked();
        assert_eq!(watch.deadline(), Some(since + limits.delivery));
        watch.write_flowed();
        assert_eq!(watch.deadline(), None);
        drop(request);
    }

    #[test]
    fn a_stop_leaves_an_idle_connection_little_time() {
        // F-23
        let (watch, _, limits) = watch();
        watch.heard();
        drop(watch.request());
        watch.stopping();
        let stopping = watch.lock().stopping_since.unwrap();
        assert_eq!(watch.deadline(), Some(stopping + limits.linger));
    }
}
