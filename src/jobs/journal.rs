//! Remembers events for the person they are about, beside the audit that keeps them: in the background,
//! since nobody waits for it, and at most as much as there is room for.

use std::sync::Arc;

use super::Jobs;
use crate::audit::{Audit, Record};
use crate::base::entropy::Entropy;
use crate::base::keys::KeyRing;
use crate::flows::account::line_of;
use crate::tickets::Marks;

/// An audit, and the lists that people read.
pub struct Journal {
    pub audit: Arc<dyn Audit>,
    pub marks: Arc<dyn Marks>,
    pub jobs: Jobs,
    pub keys: KeyRing,
    pub entropy: Arc<dyn Entropy>,
}

impl Audit for Journal {
    fn record(&self, record: Record) {
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
