//! The mailboxes of a run's people: links of letters, for those who wait for them. Whoever runs a mail
//! server hands over what comes.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use mail_parser::MessageParser;
use tokio::sync::Notify;

#[derive(Default)]
pub struct Mailbox {
    /// By address, the oldest first.
    links: Mutex<HashMap<String, Vec<String>>>,
    news: Notify,
}

impl Mailbox {
    /// A letter has come.
    pub fn deliver(&self, to: &[String], letter: &[u8]) {
        let message = MessageParser::default().parse(letter);
        let text = message.as_ref().and_then(|message| message.body_text(0));
        let text = text.unwrap_or_default();
        let mut lines = text.lines().map(str::trim);
        let Some(link) = lines.find(|line| line.starts_with("http") && line.contains("/r/")) else {
            return;
        };
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        for one in to {
            links.entry(one.clone()).or_default().push(link.to_owned());
        }
        drop(links);
        self.news.notify_waiters();
    }

    /// The oldest link for an address, once there is one.
    pub async fn link(&self, address: &str, patience: Duration) -> Option<String> {
        let waiting = async {
            loop {
                let news = self.news.notified();
                tokio::pin!(news);
                news.as_mut().enable();
                if let Some(link) = self.take(address) {
                    return link;
                }
                news.await;
            }
        };
        tokio::time::timeout(patience, waiting).await.ok()
    }

    fn take(&self, address: &str) -> Option<String> {
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = links.get_mut(address)?;
        (!waiting.is_empty()).then(|| waiting.remove(0))
    }
}
