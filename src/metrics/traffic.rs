//! Requests of browsers and applications: how many are being answered, and how they were.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use super::family as of;
use super::text::Exposition;

/// What was turned away by this node itself, in the order of its kinds.
const SHED: [&str; 4] = ["kept", "begun", "waiting", "new"];

const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// The counts of one server.
#[derive(Default)]
pub struct Traffic {
    answered: [AtomicU64; CLASSES.len()],
    underway: AtomicI64,
    shed: [AtomicU64; SHED.len()],
    forwarded_unreadable: AtomicU64,
}

/// A request that is being answered; when it is dropped, it is no more.
pub struct Underway(Arc<Traffic>);

impl Traffic {
    /// Counts a request until what it returns is dropped.
    pub fn begin(self: &Arc<Traffic>) -> Underway {
        self.underway.fetch_add(1, Ordering::Relaxed);
        Underway(Arc::clone(self))
    }

    /// One of this kind was turned away.
    pub fn shed(&self, kind: usize) {
        if let Some(shed) = self.shed.get(kind) {
            shed.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How often each kind was.
    pub fn turned_away(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let counts = self.shed.iter().map(|shed| shed.load(Ordering::Relaxed));
        SHED.into_iter().zip(counts)
    }

    /// A trusted proxy forwarded as the address of a client what is none (T-15).
    pub fn forwarded_unreadable(&self) {
        self.forwarded_unreadable.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn write(&self, page: &mut Exposition) {
        page.family(&of::REQUESTS);
        for (class, answered) in CLASSES.iter().zip(&self.answered) {
            page.number(&[class], answered.load(Ordering::Relaxed));
        }
        page.family(&of::INFLIGHT);
        let underway = self.underway.load(Ordering::Relaxed);
        page.number(&[], u64::try_from(underway).unwrap_or_default());
        page.family(&of::FORWARDED_UNREADABLE);
        page.number(&[], self.forwarded_unreadable.load(Ordering::Relaxed));
    }
}

impl Underway {
    /// It was answered with this status, 100 to 599.
    pub fn answered(&self, status: u16) {
        let class = usize::from(status / 100).saturating_sub(1);
        if let Some(answered) = self.0.answered.get(class) {
            answered.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Drop for Underway {
    fn drop(&mut self) {
        self.0.underway.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_under_way_until_it_is_dropped_and_counts_by_its_class() {
        let traffic: Arc<Traffic> = Arc::default();
        let (one, given_up) = (traffic.begin(), traffic.begin());
        one.answered(302);
        let text = |traffic: &Traffic| {
            let mut page = Exposition::default();
            traffic.write(&mut page);
            page.text()
        };
        assert!(text(&traffic).contains("http_requests_total{class=\"3xx\"} 1\n"));
        assert!(text(&traffic).contains("\ninflight 2\n"));
        drop((one, given_up));
        traffic.forwarded_unreadable();
        assert!(text(&traffic).contains("\ninflight 0\n"));
        assert!(text(&traffic).ends_with("\nforwarded_unreadable_total 1\n"));
    }
}
