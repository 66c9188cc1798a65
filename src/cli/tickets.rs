//! `mereau tickets`: the ticket store as a whole. After a restore of Redis everything in it is old: spent
//! tickets are fresh again, ended sessions live (F-07). A new epoch makes all of it worthless at once.

use anyhow::{Context, bail};

use super::arguments::EpochBumpArguments;
use super::assemble::epoch::StoreEpoch;
use super::assemble::watch::FOLLOWED;
use super::print::Screen;
use super::recovery::{check_reason, finish, os_user};
use super::sessions::{fit, opened};
use super::{Outcome, check, files, serve};
use crate::audit::{Actor, Event, Record};
use crate::config::{Loaded, TicketsSettings};

pub fn epoch_bump(arguments: &EpochBumpArguments, screen: &mut Screen) -> anyhow::Result<Outcome> {
    let Some(Loaded { settings, .. }) = check::load(&arguments.from.config, screen) else {
        return Ok(Outcome::Bad);
    };
    check_reason(&arguments.act.reason)?;
    fit(&settings)?;
    let embedded = match &settings.tickets {
        TicketsSettings::Embedded(folder) => Some(folder.join("tickets.redb")),
        _ => None,
    };
    let agent = arguments.act.agent.clone().unwrap_or_else(os_user);
    serve::runtime()?.block_on(async {
        let server = opened(settings).await?;
        let said = match (server.epoch(), embedded) {
            (Some(epoch), _) => raise(&epoch).await?,
            // It is this process's alone: what runs beside it could not have opened it.
            (None, Some(file)) => {
                std::fs::remove_file(&file).with_context(|| format!("{} stays", file.display()))?;
                format!(
                    "The ticket store {} is empty: everything that it held is gone.",
                    file.display()
                )
            }
            (None, None) => bail!("there is no ticket store that outlives a server"),
        };
        let ports = &server.app.ports;
        ports.audit.record(Record {
            note: Some(arguments.act.reason.trim().to_owned()),
            method: Some("command"),
            ..ports.event(Event::EpochRaised).by(Actor::Agent(agent.clone()))
        });
        finish(&server, screen).await;
        screen.print(&said);
        Ok(Outcome::Good)
    })
}

/// The file comes first: whatever becomes of Redis after it, this node never goes back.
async fn raise(epoch: &StoreEpoch) -> anyhow::Result<String> {
    let before = epoch.now();
    let Some(next) = before.checked_add(1) else {
        bail!("there is no higher epoch than {before}");
    };
    let file = epoch.file().context("no file is named for the epoch")?;
    // No secret: every server must be able to read it, whoever it runs as.
    files::put(file, &format!("{next}\n"))
        .with_context(|| format!("nothing was changed: {} cannot be written", file.display()))?;
    epoch.raise(next).await.with_context(|| {
        format!(
            "{} says {next} now, and Redis does not know it: run this again when it answers, before a server starts",
            file.display()
        )
    })?;
    Ok(format!(
        "The epoch is {next}, was {before}: every session, ticket, mailed link, and message that was on its way is \
         dead. Running servers follow within {} s. Copy {} to every other node: one that starts without it would \
         believe the next restored Redis.",
        FOLLOWED.as_secs(),
        file.display()
    ))
}
