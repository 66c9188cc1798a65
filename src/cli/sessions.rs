//! `mereau sessions`: the sessions of a person, looked at and ended by somebody who runs the server, in
//! the servers' own ticket store; logout messages are delivered by the servers.

use anyhow::{Context, bail};

use super::arguments::{EndSessionsArguments, ListSessionsArguments};
use super::assemble::{Assembled, assemble};
use super::print::Screen;
use super::recovery::{check_reason, finish, login_of, os_user};
use super::{Outcome, check, serve};
use crate::base::names::RealmId;
use crate::config::{Loaded, Settings, TicketsSettings};
use crate::flows::Catalogue;
use crate::flows::breach::{ByAgent, EndedOf, Meant, Whom, end_sessions, sessions_of, whom};
use crate::tickets::{Connection, Opened};

pub fn list(arguments: &ListSessionsArguments, screen: &mut Screen) -> anyhow::Result<Outcome> {
    let Some(Loaded { settings, .. }) = check::load(&arguments.from.config, screen) else {
        return Ok(Outcome::Bad);
    };
    fit(&settings)?;
    serve::runtime()?.block_on(async {
        let server = opened(settings).await?;
        let catalogue = server.app.catalogue();
        let wanted = (arguments.person.as_str(), arguments.realm.as_deref());
        let Some(meant) = one(&catalogue, wanted, screen).await? else {
            return Ok(Outcome::Bad);
        };
        let held = sessions_of(&server.app.ports, &meant.account)
            .await
            .context("the sessions are not known")?;
        screen.print(&format!(
            "{} ({}, {}): {}",
            meant.login,
            meant.account.realm,
            meant.entry,
            counted(held.listed.len(), held.perhaps_more)
        ));
        for connection in &held.listed {
            screen.print(&line(connection));
        }
        Ok(Outcome::Good)
    })
}

pub fn end(arguments: &EndSessionsArguments, screen: &mut Screen) -> anyhow::Result<Outcome> {
    let Some(Loaded { settings, .. }) = check::load(&arguments.from.config, screen) else {
        return Ok(Outcome::Bad);
    };
    check_reason(&arguments.reason)?;
    fit(&settings)?;
    let agent = arguments.agent.clone().unwrap_or_else(os_user);
    serve::runtime()?.block_on(async {
        let server = opened(settings).await?;
        let catalogue = server.app.catalogue();
        let by = ByAgent {
            name: &agent,
            reason: arguments.reason.trim(),
            method: "command",
        };
        let wanted = (arguments.person.as_str(), arguments.realm.as_deref());
        let Some(meant) = one(&catalogue, wanted, screen).await? else {
            return Ok(Outcome::Bad);
        };
        let ended = end_sessions(&server.app.ports, &catalogue, &meant.account, &by).await;
        finish(&server, screen).await;
        let ended = ended.context("not all is known to have ended: run it again")?;
        screen.print(&told(&meant, &ended));
        Ok(Outcome::Good)
    })
}

/// The person; `None` once it is said that there is none, or several.
async fn one(
    catalogue: &Catalogue,
    (typed, realm): (&str, Option<&str>),
    screen: &mut Screen,
) -> anyhow::Result<Option<Meant>> {
    let login = login_of(typed)?;
    let realm = realm.map(|name| realm_of(catalogue, name)).transpose()?;
    let found = whom(catalogue, &login, realm.as_ref()).await;
    match found.context("the person cannot be looked up")? {
        Whom::One(meant) => return Ok(Some(*meant)),
        Whom::Nobody => screen.complain(&format!("mereau: nobody has the login {typed}")),
        Whom::Several(entries) => {
            screen.complain(&format!("mereau: several entries have the login {typed}:"));
            for (realm, entry) in entries {
                screen.complain(&format!("  {entry}, of realm {realm}"));
            }
            screen.complain("say which by --realm, or mend the directory");
        }
    }
    Ok(None)
}

/// A realm by its name.
pub fn realm_of(catalogue: &Catalogue, name: &str) -> anyhow::Result<RealmId> {
    let known = RealmId::new(name).filter(|id| catalogue.realms.contains_key(id));
    known.with_context(|| {
        let mut names: Vec<&str> = catalogue.realms.keys().map(RealmId::as_str).collect();
        names.sort_unstable();
        format!("there is no realm {name}; there are: {}", names.join(", "))
    })
}

fn counted(number: usize, perhaps_more: bool) -> String {
    let number = check::count(number, "session");
    match perhaps_more {
        true => format!("{number}, perhaps more"),
        false => number,
    }
}

/// Since when, last use, until when, for whom, how it was opened, what it visited.
fn line(held: &Connection) -> String {
    let session = &held.view.session;
    let how = match &session.opened {
        Opened::ByPassword => "by password".to_owned(),
        Opened::ByUpstream(from) => format!("by the word of {}", from.upstream),
        Opened::ByRest(rest) => format!("by the program {}", rest.program),
        Opened::ByHeader => "by the word of the proxy in front".to_owned(),
    };
    let long = if session.remembered { ", remembered" } else { "" };
    let mut visited: Vec<&str> = held.visits.iter().map(|visit| visit.service.as_str()).collect();
    visited.sort_unstable();
    visited.dedup();
    let visited = match visited.as_slice() {
        [] => "nothing visited".to_owned(),
        names => format!("visited {}", names.join(", ")),
    };
    format!(
        "  since {}, last used {}, until {} at most, {how}{long}, for {}, {visited}",
        session.signed_in_at.to_rfc3339(),
        held.view.last_used.to_rfc3339(),
        session.hard_expiry.to_rfc3339(),
        session.institution,
    )
}

fn told(meant: &Meant, ended: &EndedOf) -> String {
    let sessions = usize::try_from(ended.sessions).unwrap_or(usize::MAX);
    let mut text = format!(
        "{} ({}): {} ended, {} to applications on their way; no device is known any more.",
        meant.login,
        meant.account.realm,
        counted(sessions, ended.perhaps_more),
        check::count(ended.told, "message"),
    );
    if ended.untold > 0 {
        let untold = check::count(ended.untold, "application");
        text.push_str(&format!(
            " {untold} can be told by the person’s browser only, and was not."
        ));
    }
    text.push_str(" Their password still opens new sessions.");
    text
}

async fn opened(settings: Settings) -> anyhow::Result<Assembled> {
    assemble(settings, false).await.context(
        "nothing was ended. With the embedded ticket store only one process can be at it: ask the running \
         server at its [admin] address, stop it for this, or use Redis",
    )
}

fn fit(settings: &Settings) -> anyhow::Result<()> {
    if matches!(settings.tickets, TicketsSettings::Memory) {
        bail!(
            "[tickets] url = \"memory:\" is the running server's own: ask it at its [admin] address, or stop it"
        );
    }
    if settings.keys.is_none() {
        bail!("[keys] has no files: this process could not find what the server wrote");
    }
    Ok(())
}
