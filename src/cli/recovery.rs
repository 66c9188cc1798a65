//! `mereau recovery`: an agent helps a person back in, by the same flows and the same stores as the
//! server; letters leave by the server's carrier.

use anyhow::{Context, bail};

use super::arguments::{SendArguments, UnlockArguments};
use super::assemble::Assembled;
use super::print::Screen;
use super::{Outcome, check, serve, shared};
use crate::base::names::{EmailAddress, Username};
use crate::config::{Loaded, Settings};
use crate::flows::recovery::{GivenByAgent as Given, Reopened, Reopening, To, Wish, reopen, send_by_agent};
use crate::realms::{Institution, Institutions};

/// How long the audit and the background may take at the end.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(5);

pub fn send(arguments: &SendArguments, screen: &mut Screen) -> anyhow::Result<Outcome> {
    let Some(Loaded { settings, .. }) = check::load(&arguments.from.config, screen) else {
        return Ok(Outcome::Bad);
    };
    let login = login_of(&arguments.login)?;
    let address = match &arguments.to {
        None => None,
        Some(typed) => match EmailAddress::stored(typed.trim()) {
            Ok(address) => Some(address),
            Err(_) => bail!("{typed} is not exactly one e-mail address"),
        },
    };
    check_reason(&arguments.reason)?;
    fit(&settings)?;
    let agent = arguments.agent.clone().unwrap_or_else(os_user);
    serve::runtime()?.block_on(async {
        let server = shared::opened(
            settings,
            "nothing was sent. With the embedded ticket store only one process can be at it: stop the server \
             for this, or use Redis",
        )
        .await?;
        let catalogue = server.app.catalogue();
        let institution = meant(
            (&arguments.institution, &arguments.realm),
            &catalogue.institutions,
        )?;
        let wish = Wish {
            institution,
            login: &login,
            to: address.as_ref().map_or(To::Agent, To::Address),
            agent: &agent,
            reason: arguments.reason.trim(),
        };
        let given = send_by_agent(&server.app.ports, &catalogue, &wish).await;
        finish(&server, screen).await;
        Ok(tell(
            given.context("nothing is known to have been sent")?,
            &arguments.login,
            screen,
        ))
    })
}

/// `mereau recovery unlock`: the account opens again that its person closed (SEC-58).
pub fn unlock(arguments: &UnlockArguments, screen: &mut Screen) -> anyhow::Result<Outcome> {
    let Some(Loaded { settings, .. }) = check::load(&arguments.from.config, screen) else {
        return Ok(Outcome::Bad);
    };
    let login = login_of(&arguments.login)?;
    check_reason(&arguments.reason)?;
    fit(&settings)?;
    let agent = arguments.agent.clone().unwrap_or_else(os_user);
    serve::runtime()?.block_on(async {
        let server = shared::opened(
            settings,
            "nothing was opened. With the embedded ticket store only one process can be at it: stop the server \
             for this, or use Redis",
        )
        .await?;
        let catalogue = server.app.catalogue();
        let wish = Reopening {
            institution: meant(
                (&arguments.institution, &arguments.realm),
                &catalogue.institutions,
            )?,
            login: &login,
            agent: &agent,
            reason: arguments.reason.trim(),
        };
        let reopened = reopen(&server.app.ports, &catalogue, &wish).await;
        finish(&server, screen).await;
        let reopened = reopened.context("nothing is known to have been opened")?;
        Ok(tell_reopened(reopened, &arguments.login, screen))
    })
}

/// Somebody's login, as commands take it.
pub fn login_of(typed: &str) -> anyhow::Result<Username> {
    match Username::typed(typed) {
        Ok(login) => Ok(login),
        Err(_) => bail!("this cannot be a login: it is empty, too long, or has control characters"),
    }
}

fn tell_reopened(reopened: Reopened, login: &str, screen: &mut Screen) -> Outcome {
    let problem = match reopened {
        Reopened::Yes => {
            screen.print(&format!("{login} may sign in again, and be sent a new link."));
            return Outcome::Good;
        }
        Reopened::WasOpen => format!("{login} was not closed here: look in the directory."),
        Reopened::Nobody => format!("exactly one entry must have the login {login}: none has, or several."),
    };
    screen.complain(&problem);
    Outcome::Bad
}

/// One line for the audit.
pub fn check_reason(reason: &str) -> anyhow::Result<()> {
    if reason.trim().is_empty() || reason.chars().any(char::is_control) {
        bail!("--reason says in one line why this is done: the audit keeps it");
    }
    Ok(())
}

/// The background and the audit have what happened before this process ends.
pub async fn finish(server: &Assembled, screen: &mut Screen) {
    server.jobs.drain(PATIENCE).await;
    if let Some(audit) = server.audit.clone() {
        let written = tokio::task::spawn_blocking(move || audit.finish(PATIENCE)).await;
        if !matches!(written, Ok(true)) {
            screen.complain("the audit's file may lack this: look at it");
        }
    }
}

/// What is sent must be in the stores that the server has, and under its keys.
fn fit(settings: &Settings) -> anyhow::Result<()> {
    shared::fit(
        settings,
        "forgotten with each process: the server would not know the link",
        "the server could not open what this process seals",
    )
}

/// By name, by realm, or the only one.
fn meant<'a>(
    (institution, realm): (&Option<String>, &Option<String>),
    institutions: &'a Institutions,
) -> anyhow::Result<&'a Institution> {
    if let Some(name) = institution {
        let found = institutions.named(name);
        return found.with_context(|| format!("there is no institution {name}"));
    }
    if let Some(realm) = realm {
        let mut all = institutions.all().iter();
        let found = all.find(|one| one.realm.as_str() == realm);
        return found.with_context(|| format!("no institution is of a realm {realm}"));
    }
    match institutions.only() {
        Some(only) => Ok(only),
        None => bail!("there are several institutions: say which by --institution, or --realm"),
    }
}

/// The user that this process runs as, by what the system says; never by what the environment does.
pub fn os_user() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let uid = status
        .lines()
        .find_map(|line| line.strip_prefix("Uid:")?.split_whitespace().next());
    let uid = uid.unwrap_or("unknown").to_owned();
    let people = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = people.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == uid).then(|| name.to_owned())
    });
    name.unwrap_or_else(|| format!("uid {uid}"))
}

fn tell(given: Given, login: &str, screen: &mut Screen) -> Outcome {
    let letters = |told: usize| match told {
        0 => "No address on record could be told.".to_owned(),
        told => format!("{} on record told.", check::count(told, "address")),
    };
    let (good, text) = match given {
        Given::Sent { login, until, told } => {
            let until = until.to_rfc3339();
            (
                true,
                format!(
                    "A link for {login} is on its way; it works once, until {until}. {}",
                    letters(told)
                ),
            )
        }
        Given::Code {
            login,
            code,
            until,
            told,
        } => {
            let (until, code) = (until.to_rfc3339(), code.expose().to_owned());
            (
                true,
                format!(
                    "Code for {login}: {code}\nIt works once, until {until}, beside the login. {}",
                    letters(told)
                ),
            )
        }
        Given::Nobody => (false, format!("nobody has the login {login}; nothing was sent")),
        Given::Ambiguous => (
            false,
            format!("several entries have the login {login}; nothing was sent"),
        ),
        Given::Refused(why) => (
            false,
            format!("{why}: this account is not recovered this way; nothing was sent"),
        ),
        Given::TooMany => (
            false,
            "too many were given to this account; nothing was sent".to_owned(),
        ),
        Given::NotOffered => (
            false,
            "nobody recovers in this realm: it needs [recovery] addresses and [directory.write]".to_owned(),
        ),
    };
    match good {
        true => screen.print(&text),
        false => screen.complain(&format!("mereau: {text}")),
    }
    if good { Outcome::Good } else { Outcome::Bad }
}
