//! `mereau sessions`: the sessions of a person, a realm or of whom a filter finds, looked at and ended by
//! somebody who runs the server, in the servers' own ticket store; logout messages are delivered by the servers.

use anyhow::{Context, bail};

use super::arguments::{EndSessionsArguments, ListSessionsArguments};
use super::assemble::Assembled;
use super::print::Screen;
use super::recovery::{check_reason, finish, login_of, os_user};
use super::{Outcome, check, serve, shared};
use crate::base::findings::one_line;
use crate::base::names::RealmId;
use crate::config::{Loaded, Settings};
use crate::directory::{Filter, Listing};
use crate::flows::Catalogue;
use crate::flows::breach::{
    ByAgent, EndedOf, Ending, Listed, Meant, Swept, Whom, end_each, end_realm, end_sessions, people,
    sessions_of, whom,
};
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
            one_line(&meant.login),
            meant.account.realm,
            one_line(&meant.entry.to_string()),
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
    check_reason(&arguments.act.reason)?;
    fit(&settings)?;
    let agent = arguments.act.agent.clone().unwrap_or_else(os_user);
    serve::runtime()?.block_on(async {
        let server = opened(settings).await?;
        let by = ByAgent {
            name: &agent,
            reason: arguments.act.reason.trim(),
            method: "command",
        };
        let ended = match (&arguments.person, &arguments.realm) {
            (Some(person), realm) => {
                let wanted = (person.as_str(), realm.as_deref());
                of_person(&server, wanted, (&by, arguments.dry_run), screen).await
            }
            (None, Some(realm)) => {
                let realm = realm_of(&server.app.catalogue(), realm)?;
                of_many(&server, &realm, (&by, arguments), screen).await
            }
            (None, None) => bail!("say whose: --person or --realm"),
        };
        finish(&server, screen).await;
        ended
    })
}

async fn of_person(
    server: &Assembled,
    wanted: (&str, Option<&str>),
    (by, dry): (&ByAgent<'_>, bool),
    screen: &mut Screen,
) -> anyhow::Result<Outcome> {
    let (ports, catalogue) = (&server.app.ports, server.app.catalogue());
    let Some(meant) = one(&catalogue, wanted, screen).await? else {
        return Ok(Outcome::Bad);
    };
    if dry {
        let held = sessions_of(ports, &meant.account).await?;
        let held = counted(held.listed.len(), held.perhaps_more);
        screen.print(&format!(
            "{} ({}): {held} would end",
            one_line(&meant.login),
            meant.account.realm
        ));
        return Ok(Outcome::Good);
    }
    let ended = end_sessions(ports, &catalogue, &meant.account, by).await;
    let ended = ended.context("not all is known to have ended: run it again")?;
    screen.print(&told(&meant, &ended));
    Ok(Outcome::Good)
}

/// Of a realm, or of whom a filter finds there.
async fn of_many(
    server: &Assembled,
    realm: &RealmId,
    (by, arguments): (&ByAgent<'_>, &EndSessionsArguments),
    screen: &mut Screen,
) -> anyhow::Result<Outcome> {
    let (ports, catalogue) = (&server.app.ports, server.app.catalogue());
    let one_by_one = arguments.filter.is_some() || arguments.tell_applications || arguments.dry_run;
    if one_by_one {
        let filter = arguments.filter.as_deref().map(filter_of).transpose()?;
        let found = looked_up(&catalogue, realm, filter, screen).await?;
        if arguments.dry_run {
            let sessions = sessions_held(server, &found, screen).await?;
            screen.print(&format!(
                "{} found in realm {realm}: {} would end",
                check::people(found.len()),
                check::count(sessions, "session"),
            ));
            return Ok(Outcome::Good);
        }
        let ending = Ending {
            ports,
            catalogue: &catalogue,
            by,
        };
        let total = found.len();
        let done = end_each(&ending, &found, |done| {
            if done % 100 == 0 || done == total {
                screen.progress(&format!("{done} of {total} looked at"));
            }
        });
        let swept = done.await.context("not all have ended: run it again")?;
        screen.settle();
        screen.print(&swept_words(realm, total, &swept));
    }
    if arguments.filter.is_none() {
        end_realm(ports, realm, by)
            .await
            .context("some sessions may live still: run it again")?;
        let told = match arguments.tell_applications {
            true => "",
            false => {
                " No application was told: those that asked for logout messages keep their own sessions as long \
                 as they like (--tell-applications goes through all people of the realm before)."
            }
        };
        screen.print(&format!(
            "Realm {realm}: every session has ended, and no device is known any more.{told} Passwords still open \
             new sessions."
        ));
    }
    Ok(Outcome::Good)
}

/// A filter as it is typed.
pub fn filter_of(typed: &str) -> anyhow::Result<Filter> {
    let filter = Filter::parse(typed);
    filter.map_err(|flaw| anyhow::anyhow!("{typed} is no LDAP filter: {flaw}"))
}

async fn looked_up(
    catalogue: &Catalogue,
    realm: &RealmId,
    filter: Option<Filter>,
    screen: &mut Screen,
) -> anyhow::Result<Vec<Listed>> {
    let mut found = Vec::new();
    let wish = Listing {
        filter,
        ..Listing::default()
    };
    people(catalogue, realm, &wish, |person| {
        found.push(Listed::of(realm, person));
        if found.len() % 500 == 0 {
            screen.progress(&format!("{} found", found.len()));
        }
    })
    .await
    .context("people cannot be looked up")?;
    screen.settle();
    Ok(found)
}

async fn sessions_held(server: &Assembled, found: &[Listed], screen: &mut Screen) -> anyhow::Result<usize> {
    let mut sessions = 0;
    for (number, one) in found.iter().enumerate() {
        sessions += sessions_of(&server.app.ports, &one.account).await?.listed.len();
        if number % 500 == 0 {
            screen.progress(&format!("{number} of {} looked at", found.len()));
        }
    }
    screen.settle();
    Ok(sessions)
}

fn swept_words(realm: &RealmId, found: usize, swept: &Swept) -> String {
    let sessions = usize::try_from(swept.sessions).unwrap_or(usize::MAX);
    let mut text = format!(
        "Realm {realm}: of {found} found {} had sessions; {} ended, {} to applications on their way.",
        swept.people,
        check::count(sessions, "session"),
        check::count(swept.told, "message"),
    );
    if swept.untold > 0 {
        text.push_str(&format!(
            " {} can be told by a browser only, and was not.",
            check::count(swept.untold, "application")
        ));
    }
    text
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
                screen.complain(&format!("  {}, of realm {realm}", one_line(&entry.to_string())));
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
    let visited = match held.visited().as_slice() {
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
        one_line(&meant.login),
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

/// The servers' own ticket store, at the epoch that they are at.
pub async fn opened(settings: Settings) -> anyhow::Result<Assembled> {
    shared::opened(
        settings,
        "nothing was ended. With the embedded ticket store only one process can be at it: ask the running \
         server at its [admin] address, stop it for this, or use Redis",
    )
    .await
}

/// What this process writes must be found by the servers.
pub fn fit(settings: &Settings) -> anyhow::Result<()> {
    shared::fit(
        settings,
        "the running server's own: ask it at its [admin] address, or stop it",
        "this process could not find what the server wrote",
    )
}
