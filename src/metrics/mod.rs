//! What is counted, for who watches the server: numbers that any part may raise, and the text in which
//! Prometheus reads them. What stands in the ticket store or with a directory is asked for by who writes
//! the page.

mod counters;
pub mod family;
mod gauge;
mod histogram;
mod labelled;
mod operations;
mod panics;
mod process;
mod sheet;
mod store;
mod text;
mod traffic;

use std::sync::Arc;

use self::family as of;
pub use counters::Counters;
pub use family::{Family, Kind};
pub use gauge::Gauge;
pub use histogram::{Histogram, Histograms};
pub use operations::Operations;
pub use panics::{count_panics, panics, tell_panic};
pub use sheet::sheet;
pub use store::{Followed, StoreMetrics};
pub use text::{CONTENT_TYPE, Exposition};
pub use traffic::{Traffic, Underway};

use crate::base::clock::Timestamp;

/// Distinct first labels of a family, such as realms or services; further ones count as `other`, so
/// that nobody makes a page of metrics endless (reliability §6).
pub const MOST_LABELS: usize = 200;

/// The numbers of one server; what each is stands in [`family`].
pub struct Metrics {
    pub logins: Counters,
    pub login_seconds: Histograms,
    pub throttled: Counters,
    pub captchas: Counters,
    pub validations: Counters,
    pub replays: Counters,
    pub rollbacks: Counters,
    pub slo_delivered: Counters,
    pub slo_retried: Counters,
    pub slo_given_up: Counters,
    pub slo_lost: Counters,
    pub reset_issued: Counters,
    pub reset_claimed: Counters,
    pub reset_spent: Counters,
    pub reset_conflict: Counters,
    pub reloads: Counters,
    /// Binds by server. Kept here, so that they outlive a reload.
    pub binds: Histograms,
    pub store: Arc<StoreMetrics>,
    pub traffic: Arc<Traffic>,
    pub store_dangers: Gauge,
    pub clock_skew: Gauge,
    pub reload_failed: Gauge,
    pub audit_broken: Gauge,
}

impl Metrics {
    fn counters(&self) -> [&Counters; 15] {
        [
            &self.logins,
            &self.throttled,
            &self.captchas,
            &self.validations,
            &self.replays,
            &self.rollbacks,
            &self.slo_delivered,
            &self.slo_retried,
            &self.slo_given_up,
            &self.slo_lost,
            &self.reset_issued,
            &self.reset_claimed,
            &self.reset_spent,
            &self.reset_conflict,
            &self.reloads,
        ]
    }

    /// Everything that is counted here, as it stands now.
    pub fn exposition(&self) -> Exposition {
        let mut page = Exposition::default();
        for counters in self.counters() {
            counters.write(&mut page);
        }
        self.login_seconds.write(&mut page);
        self.binds.write(&mut page);
        self.store.write(&mut page);
        self.traffic.write(&mut page);
        for gauge in [
            &self.store_dangers,
            &self.clock_skew,
            &self.reload_failed,
            &self.audit_broken,
        ] {
            gauge.write(&mut page);
        }
        page.gauge(&of::BUILD, &[env!("CARGO_PKG_VERSION")], 1.0);
        page
    }
}

/// What the operating system counts of this process, that began at `started`.
pub fn process(page: &mut Exposition, started: Timestamp) {
    process::write(page, started);
}

impl Default for Metrics {
    fn default() -> Metrics {
        Metrics {
            logins: Counters::new(&of::LOGINS),
            login_seconds: Histograms::new(
                &of::LOGIN_SECONDS,
                &[
                    50_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000,
                ],
            ),
            throttled: Counters::new(&of::THROTTLED).with(&[&["name_or_network"], &["account"]]),
            captchas: Counters::new(&of::THROTTLE_CAPTCHAS).with(&[&["passed"], &["wrong"]]),
            validations: Counters::new(&of::VALIDATIONS),
            replays: Counters::new(&of::REPLAYS),
            rollbacks: Counters::new(&of::STORE_ROLLBACK).with(&[&["forgotten"], &["returned"]]),
            slo_delivered: Counters::new(&of::SLO_DELIVERED),
            slo_retried: Counters::new(&of::SLO_RETRIED),
            slo_given_up: Counters::new(&of::SLO_GIVEN_UP),
            slo_lost: Counters::new(&of::SLO_LOST),
            reset_issued: Counters::new(&of::RESET_ISSUED).with(&[&["mail"], &["sms"], &["agent"]]),
            reset_claimed: Counters::new(&of::RESET_CLAIMED),
            reset_spent: Counters::new(&of::RESET_SPENT),
            reset_conflict: Counters::new(&of::RESET_CONFLICT).with(&[&["busy"], &["moved"]]),
            reloads: Counters::new(&of::RELOADS).with(&[&["done"], &["failed"]]),
            binds: Histograms::new(
                &of::BIND_SECONDS,
                &[
                    5_000, 25_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000,
                ],
            ),
            store: Arc::default(),
            traffic: Arc::default(),
            store_dangers: Gauge::new(&of::STORE_DANGERS),
            clock_skew: Gauge::new(&of::CLOCK_SKEW),
            reload_failed: Gauge::at(&of::RELOAD_FAILED, 0.0),
            audit_broken: Gauge::new(&of::AUDIT_BROKEN),
        }
    }
}
