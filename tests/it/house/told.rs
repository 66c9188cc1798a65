//! What a house told: the logout messages that left it, and what its audit holds.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use async_trait::async_trait;
use mereau::audit::{Audit, Record};
use mereau::flows::{LogoutNotice, LogoutNotices};
use mereau::jobs::single_logout::SingleLogout;
use mereau::tickets::FarewellId;

/// Logout messages that left. They are in the real ledger, too, which delivers when a test says so.
#[derive(Default)]
pub struct Outbox {
    pub(super) posted: Mutex<Vec<LogoutNotice>>,
    pub(super) ledger: OnceLock<Arc<SingleLogout>>,
}

#[async_trait]
impl LogoutNotices for Outbox {
    async fn post(&self, notices: Vec<LogoutNotice>) -> FarewellId {
        self.posted.lock().unwrap().extend(notices.clone());
        self.ledger.get().unwrap().post(notices).await
    }
}

impl Outbox {
    /// Takes what has arrived: service, URL and the decoded message.
    pub fn take(&self) -> Vec<(String, String, String)> {
        let taken = std::mem::take(&mut *self.posted.lock().unwrap());
        let decoded = taken.into_iter().map(|notice| {
            let message = notice
                .body
                .strip_prefix("logoutRequest=")
                .expect("CAS-193")
                .to_owned();
            let message = percent_encoding::percent_decode_str(&message)
                .decode_utf8()
                .unwrap()
                .into_owned();
            (notice.service.to_string(), notice.url, message)
        });
        decoded.collect()
    }
}

/// Events in their order.
#[derive(Default)]
pub struct Ledger {
    events: Mutex<Vec<Record>>,
    /// It could not keep another one.
    pub full: AtomicBool,
}

#[async_trait]
impl Audit for Ledger {
    fn record(&self, record: Record) {
        self.events.lock().unwrap().push(record);
    }

    async fn keeps(&self) -> bool {
        !self.full.load(Ordering::SeqCst)
    }
}

impl Ledger {
    pub fn take(&self) -> Vec<Record> {
        std::mem::take(&mut *self.events.lock().unwrap())
    }
}
