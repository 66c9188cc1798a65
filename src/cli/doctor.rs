//! `mereau doctor`: looks at everything the server stands on, and at one person.

use std::io::{IsTerminal, Read};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use zeroize::Zeroizing;

use super::arguments::PersonArguments;
use super::assemble::{inspect, person, recovery, themes};
use super::findings::{Finding, Level};
use super::print::Screen;
use super::{Outcome, check, egress, serve};
use crate::base::clock::{Clock, SystemClock};
use crate::base::names::RealmId;
use crate::base::secret::Password;
use crate::config::Settings;

/// Every directory server and the ticket store.
pub fn doctor(path: &Path, screen: &mut Screen) -> anyhow::Result<Outcome> {
    let Some((settings, warned)) = settings_and_warnings(path, screen) else {
        return Ok(Outcome::Bad);
    };
    let findings = serve::runtime()?.block_on(async {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let mut findings = warned;
        findings.extend(themes::findings(&settings));
        findings.extend(recovery::findings(&settings).await);
        for realm in settings.realms {
            findings.extend(inspect::directory(realm, &clock).await);
        }
        findings.extend(inspect::tickets(settings.tickets, settings.keys.as_ref(), &clock).await);
        let host = settings.public_url.host_str().unwrap_or_default();
        findings.extend(egress::look(host, settings.services.all()).await);
        findings
    });
    Ok(tell(&findings, false, screen))
}

/// Why a person can or cannot sign in.
pub fn person(arguments: &PersonArguments, path: &Path, screen: &mut Screen) -> anyhow::Result<Outcome> {
    let Some(mut settings) = settings(path, screen) else {
        return Ok(Outcome::Bad);
    };
    let login = super::recovery::login_of(&arguments.login)?;
    if let Some(realm) = wanted(arguments, &settings)? {
        settings.realms.retain(|settings| settings.realm.id == realm);
    }
    let password = if arguments.try_password {
        Some(ask_password()?)
    } else {
        None
    };
    let findings = serve::runtime()?.block_on(async {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let mut findings = Vec::new();
        for realm in settings.realms {
            findings.extend(person::person(realm, &login, password.as_ref(), &clock).await);
        }
        findings
    });
    Ok(tell(&findings, arguments.json, screen))
}

/// The realm that was asked for, by its name or by an institution's.
fn wanted(arguments: &PersonArguments, settings: &Settings) -> anyhow::Result<Option<RealmId>> {
    if let Some(name) = &arguments.realm {
        let known = settings.realms.iter().map(|realm| &realm.realm.id);
        let found = known.clone().find(|id| id.as_str() == name).cloned();
        let names: Vec<&str> = known.map(RealmId::as_str).collect();
        return match found {
            Some(found) => Ok(Some(found)),
            None => bail!("there is no realm {name}; there are: {}", names.join(", ")),
        };
    }
    match &arguments.tenant {
        None => Ok(None),
        Some(name) => match settings.institutions.named(name) {
            Some(institution) => Ok(Some(institution.realm.clone())),
            None => bail!("there is no institution {name}"),
        },
    }
}

/// From the terminal without showing it, otherwise the first line of the standard input.
fn ask_password() -> anyhow::Result<Password> {
    let typed = if std::io::stdin().is_terminal() {
        Zeroizing::new(rpassword::prompt_password("Password: ").context("no password could be read")?)
    } else {
        let mut text = Zeroizing::new(String::new());
        let read = std::io::stdin().lock().take(4096).read_to_string(&mut text);
        read.context("no password could be read")?;
        Zeroizing::new(text.lines().next().unwrap_or_default().to_owned())
    };
    match Password::typed(&typed) {
        Ok(password) => Ok(password),
        Err(_) => bail!("this cannot be a password: it is empty or too long"),
    }
}

fn settings(path: &Path, screen: &mut Screen) -> Option<Settings> {
    Some(settings_and_warnings(path, screen)?.0)
}

/// What the configuration is, and what of it is good and still worth a word.
fn settings_and_warnings(path: &Path, screen: &mut Screen) -> Option<(Settings, Vec<Finding>)> {
    let loaded = check::load(path, screen)?;
    let warned = loaded.warnings.iter();
    let warned = warned.map(|warning| {
        let place = format!("{}:{}: {}", warning.file.display(), warning.line, warning.key);
        Finding::warn(&place, warning.wrong.clone(), warning.mend.clone())
    });
    Some((loaded.settings, warned.collect()))
}

fn tell(findings: &[Finding], json: bool, screen: &mut Screen) -> Outcome {
    if json {
        let text = serde_json::to_string_pretty(findings).unwrap_or_default();
        screen.print(&text);
    } else {
        for finding in findings {
            screen.print(&finding.to_string());
        }
    }
    match findings.iter().map(|finding| finding.level).max() {
        Some(Level::Fail) => Outcome::Bad,
        _ => Outcome::Good,
    }
}
