//! What journeys need of this program besides connections: a mail server that takes the letters of resets,
//! and the call-back address of a portal.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::task::JoinHandle;

use crate::commands::Wanted;
use crate::engine::callback::Callback;
use crate::engine::course::Aids;
use crate::engine::mailbox::Mailbox;
use crate::engine::profile::{Profile, Scenario};
use crate::mail_sink::{Protection, Sink};
use crate::support::certificates::Authority;
use crate::support::child;

/// Between two looks into the mail server.
const BEAT: Duration = Duration::from_millis(20);

#[derive(Default)]
pub struct Outside {
    aids: Aids,
    letters: Option<Letters>,
}

/// A mail server whose letters go to a mailbox.
pub struct Letters {
    pub port: u16,
    pub mailbox: Arc<Mailbox>,
    task: JoinHandle<()>,
}

impl Letters {
    /// On a port of this machine; 0 is any free one.
    pub async fn open(port: u16) -> Letters {
        let sink = Sink::start_on(port, Protection::None, &child::folder("letters")).await;
        let mailbox = Arc::new(Mailbox::default());
        let (port, kept) = (sink.port, Arc::clone(&mailbox));
        let task = tokio::spawn(async move {
            let mut beat = tokio::time::interval(BEAT);
            loop {
                beat.tick().await;
                for letter in sink.take() {
                    kept.deliver(&letter.to, &letter.data);
                }
            }
        });
        Letters { port, mailbox, task }
    }
}

impl Drop for Letters {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Outside {
    /// What a profile's journeys need, as the command line names it.
    pub async fn open(profile: &Profile, wanted: &Wanted) -> anyhow::Result<Outside> {
        let mut outside = Outside::default();
        if let Some(port) = wanted.letters {
            let letters = Letters::open(port).await;
            outside.aids.mailbox = Some(Arc::clone(&letters.mailbox));
            outside.letters = Some(letters);
        }
        if profile.has(Scenario::Portal) {
            let folder = wanted.state.as_ref();
            let folder =
                folder.context("a portal needs --state: the certificate of its call-back is there")?;
            outside.aids.callback = Some(Arc::new(callback(folder, profile.callback).await?));
        }
        Ok(outside)
    }

    pub fn aids(&self) -> Aids {
        self.aids.clone()
    }
}

async fn callback(folder: &Path, port: u16) -> anyhow::Result<Callback> {
    Callback::listen(port, folder.join("server.pem"), folder.join("server.key")).await
}

/// A call-back on any free port, with a certificate made for it; and the lines of its portal's service file.
pub async fn own_callback() -> anyhow::Result<(Callback, String)> {
    let folder = child::folder("callback");
    Authority::new().issue_into(&folder, &["localhost"]);
    let callback = callback(&folder, 0).await?;
    let lines = lines(&callback.url, &folder);
    Ok((callback, lines))
}

/// Writes a certificate for a call-back on this port; the lines of a portal's service file that name both.
pub fn certify(folder: &Path, port: u16) -> anyhow::Result<String> {
    Authority::new().issue_into(folder, &["localhost"]);
    let folder = folder.canonicalize()?;
    Ok(lines(&format!("https://localhost:{port}/pgt"), &folder))
}

fn lines(url: &str, folder: &Path) -> String {
    let authority = folder.join("ca.pem");
    format!(
        "proxy_callbacks = [\"{url}\"]\nproxy_callback_ca = \"{}\"\n",
        authority.display()
    )
}
