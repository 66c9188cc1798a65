//! Whether the audit is whole, as a number.

use std::sync::Arc;
use std::time::Duration;

use mereau::audit::file::FileAudit;
use mereau::audit::{Audit, Event, Record};
use mereau::base::clock::{SystemClock, Timestamp};
use mereau::base::entropy::OsEntropy;
use mereau::base::keys::KeyRing;
use mereau::jobs::audit_watch::AuditWatch;
use mereau::metrics::Metrics;

#[test]
fn a_changed_and_a_cut_file_are_told_and_a_growing_one_is_not() {
    // T-93
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    let keys = KeyRing::ephemeral(&OsEntropy);
    let audit = FileAudit::open(&path, keys.clone(), Arc::new(SystemClock), &OsEntropy).unwrap();
    let metrics: Arc<Metrics> = Arc::default();
    let watch = AuditWatch::new(path.clone(), keys, metrics.clone());
    let look = || {
        watch.look();
        metrics.audit_broken.value()
    };
    for event in [Event::SignedIn, Event::SessionEnded] {
        audit.record(Record::of(event, Timestamp(1)));
        assert!(audit.finish(Duration::from_secs(60)));
        assert_eq!(look(), Some(0.0));
    }
    let good = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, good.replace("session-ended", "sessions-ended")).unwrap();
    assert_eq!(look(), Some(1.0));
    std::fs::write(&path, &good).unwrap();
    look();
    assert_eq!(look(), Some(0.0));
    let cut = good.lines().next().unwrap();
    std::fs::write(&path, format!("{cut}\n")).unwrap();
    assert_eq!(look(), Some(1.0));
}
