//! Remembers events for the person they are about, beside the audit that keeps them: in the background,
//! since nobody waits for it, and at most as much as there is room for.

use std::sync::Arc;

use async_trait::async_trait;

use super::Jobs;
use crate::audit::{Audit, Event, Outcome, Record};
use crate::base::entropy::Entropy;
use crate::base::keys::KeyRing;
use crate::flows::account::line_of;
use crate::metrics::Metrics;
use crate::tickets::Marks;

/// An audit, and the lists that people read.
pub struct Journal {
    pub audit: Arc<dyn Audit>,
    pub marks: Arc<dyn Marks>,
    pub jobs: Jobs,
    pub keys: KeyRing,
    pub entropy: Arc<dyn Entropy>,
    pub metrics: Arc<Metrics>,
}

impl Journal {
    /// What is counted is what the audit hears: one sign-in, one line.
    fn count(&self, record: &Record) {
        if record.step != Some(record.event.step()) {
            return;
        }
        let result = match (record.event, record.outcome) {
            (Event::SignedIn, _) => "signed_in",
            (Event::SignInRefused, Outcome::Refused(reason)) => reason,
            (Event::SignInRefused, _) => "refused",
            (Event::SignInThrottled, outcome) => {
                let by = match outcome {
                    Outcome::Refused("ACCOUNT") => "account",
                    _ => "name_or_network",
                };
                self.metrics.throttled.add(&[by]);
                "throttled"
            }
            _ => return,
        };
        let realm = record.realm.as_ref().map_or("none", |realm| realm.as_str());
        self.metrics.logins.add(&[realm, result]);
    }
}

#[async_trait]
impl Audit for Journal {
    fn lost(&self) -> Option<u64> {
        self.audit.lost()
    }

    fn waiting(&self) -> Option<u64> {
        self.audit.waiting()
    }

    async fn keeps(&self) -> bool {
        self.audit.keeps().await
    }

    async fn lets_sign_in(&self) -> bool {
        self.audit.lets_sign_in().await
    }

    fn record(&self, record: Record) {
        self.count(&record);
        let line = line_of(&self.keys, self.entropy.as_ref(), &record);
        self.audit.record(record);
        let Some((account, sealed)) = line else { return };
        let marks = self.marks.clone();
        let remembering = async move {
            if let Err(error) = marks.add_event(&account, &sealed).await {
                tracing::debug!(%error, "an event could not be remembered for its person");
            }
        };
        if self.jobs.submit(remembering).is_err() {
            tracing::debug!("no room to remember an event for its person");
        }
    }
}
