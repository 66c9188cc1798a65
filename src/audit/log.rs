//! Events as lines of the ordinary log, where no file is set: nothing to prove anything with.

use super::{Audit, Record};

/// Tells events at INFO, under the target `audit`.
pub struct LogAudit;

impl Audit for LogAudit {
    fn record(&self, record: Record) {
        let facts = record.facts();
        tracing::info!(
            target: "audit",
            event = facts.event,
            realm = facts.realm,
            institution = facts.institution,
            actor = facts.actor,
            agent_name = facts.agent_name,
            account = facts.account,
            step = facts.step,
            flow = facts.flow,
            result = facts.result,
            reason = facts.reason,
            method = facts.method,
            network = facts.network,
            browser = facts.browser,
            ticket = facts.ticket,
            note = facts.note,
            "audit"
        );
    }
}
