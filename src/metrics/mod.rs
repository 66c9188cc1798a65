//! What is counted, for who watches the server: counters that any part may raise, and the text in
//! which Prometheus reads them. What stands in the ticket store is asked for by who writes the page.

mod counters;
mod gauge;
mod text;

pub use counters::Counters;
pub use gauge::Gauge;
pub use text::{CONTENT_TYPE, Exposition};

/// Distinct first labels of a counter, such as realms or services; further ones count as `other`, so
/// that nobody makes a page of metrics endless (reliability §6).
const MOST_LABELS: usize = 200;

/// The counters of one server. Names are those of reliability §6 where it has them.
pub struct Metrics {
    /// Sign-ins by realm and result: `signed_in`, or the reason of the refusal as the audit has it.
    pub logins: Counters,
    /// Validations by result: `success`, or the code of the failure.
    pub validations: Counters,
    /// Tickets that were shown a second time.
    pub replays: Counters,
    /// Logout messages that an application has taken.
    pub slo_delivered: Counters,
    /// Tries that are to be followed by another one.
    pub slo_retried: Counters,
    /// Messages that were given up, by reason.
    pub slo_given_up: Counters,
    /// Messages that could not be kept for sending or whose key is gone, and dead letters that could not
    /// be kept.
    pub slo_lost: Counters,
    /// Settings of the ticket store that endanger sessions, as of the last look (F-03).
    pub store_dangers: Gauge,
}

impl Metrics {
    fn all(&self) -> [&Counters; 7] {
        [
            &self.logins,
            &self.validations,
            &self.replays,
            &self.slo_delivered,
            &self.slo_retried,
            &self.slo_given_up,
            &self.slo_lost,
        ]
    }

    /// Every counter, as it stands now.
    pub fn exposition(&self) -> Exposition {
        let mut page = Exposition::default();
        for counters in self.all() {
            counters.write(&mut page);
        }
        self.store_dangers.write(&mut page);
        page
    }
}

impl Default for Metrics {
    fn default() -> Metrics {
        let service = &["service"];
        Metrics {
            logins: Counters::new(
                "login_total",
                "Sign-ins by realm and result.",
                &["tenant", "result"],
            ),
            validations: Counters::new(
                "validation_total",
                "Validations of service and proxy tickets by result.",
                &["result"],
            ),
            replays: Counters::new("st_replay_total", "Tickets that were shown a second time.", &[]),
            slo_delivered: Counters::new(
                "slo_delivered_total",
                "Logout messages that the application has taken.",
                service,
            ),
            slo_retried: Counters::new(
                "slo_retried_total",
                "Tries of logout messages that failed and are to be repeated.",
                service,
            ),
            slo_given_up: Counters::new(
                "slo_given_up_total",
                "Logout messages that were given up, by reason.",
                &["service", "reason"],
            ),
            slo_lost: Counters::new(
                "slo_lost_total",
                "Logout messages lost: queue or dead letters full, the store silent, or the key gone.",
                &[],
            ),
            store_dangers: Gauge::new(
                "store_dangers",
                "Settings of the ticket store that endanger sessions, as of the last look.",
            ),
        }
    }
}
