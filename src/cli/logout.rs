//! `mereau logout`: the logout messages that were given up, and another try for them. It reads and writes
//! the servers' own ticket store; delivering is the servers' work.

use std::path::Path;

use anyhow::Context;

use super::arguments::RetryArguments;
use super::assemble::Assembled;
use super::print::Screen;
use super::{Outcome, check, serve, shared};
use crate::base::clock::Timestamp;
use crate::config::{Loaded, Settings};
use crate::jobs::single_logout::DeadLetter;

pub fn dead_letters(path: &Path, screen: &mut Screen) -> anyhow::Result<Outcome> {
    let Some(Loaded { settings, .. }) = check::load(path, screen) else {
        return Ok(Outcome::Bad);
    };
    fit(&settings)?;
    serve::runtime()?.block_on(async {
        let server = opened(settings).await?;
        let dead = server.logouts.dead().await.context("the ticket store")?;
        if dead.is_empty() {
            screen.print("No logout message was given up within the last week.");
        }
        for letter in &dead {
            screen.print(&line(letter));
        }
        Ok(Outcome::Good)
    })
}

pub fn retry(arguments: &RetryArguments, screen: &mut Screen) -> anyhow::Result<Outcome> {
    let Some(Loaded { settings, .. }) = check::load(&arguments.from.config, screen) else {
        return Ok(Outcome::Bad);
    };
    fit(&settings)?;
    serve::runtime()?.block_on(async {
        let server = opened(settings).await?;
        let mut meant = server.logouts.dead().await.context("the ticket store")?;
        meant.retain(|letter| {
            let named = arguments.names.contains(&letter.name);
            let of_service = arguments.service.as_deref() == Some(letter.service.as_str());
            arguments.all || named || of_service
        });
        if meant.is_empty() {
            screen.complain("mereau: no message that was given up is meant by that");
            return Ok(Outcome::Bad);
        }
        let again = server
            .logouts
            .retry(&meant)
            .await
            .context("not all of them are known to be tried again")?;
        screen.print(&format!("{} tried again.", check::count(again, "message")));
        Ok(Outcome::Good)
    })
}

/// Name, service, host, reason, tries, first and last try.
fn line(letter: &DeadLetter) -> String {
    let reason = match letter.failure {
        None => "UNKNOWN".to_owned(),
        Some(failure) => match failure.status {
            Some(status) => format!("{} {status}", failure.reason.code()),
            None => failure.reason.code().to_owned(),
        },
    };
    let moment = |at: Option<Timestamp>| at.map_or("never".to_owned(), |at| at.to_rfc3339());
    format!(
        "{}  {}  {}  {}  tries {}  first {}  last {}",
        letter.name,
        letter.service,
        letter.host,
        reason,
        letter.tries,
        moment(letter.first_try),
        moment(letter.last_try),
    )
}

async fn opened(settings: Settings) -> anyhow::Result<Assembled> {
    shared::opened(
        settings,
        "with the embedded ticket store only one process can be at it: stop the server for this, or use Redis. \
         Its log has a line logout_given_up for each message",
    )
    .await
}

fn fit(settings: &Settings) -> anyhow::Result<()> {
    shared::fit(
        settings,
        "the running server's own: its log has what was given up",
        "this process could not open what the server sealed",
    )
}
