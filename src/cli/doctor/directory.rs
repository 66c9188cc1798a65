//! `mereau doctor directory`: the servers of one realm, or of all, and how fast they check passwords.

use std::path::Path;
use std::sync::Arc;

use anyhow::bail;

use super::super::arguments::DirectoryArguments;
use super::super::assemble::inspect;
use super::super::print::Screen;
use super::super::{Outcome, serve};
use super::together::{Part, together};
use super::{ask_password, settings, tell};
use crate::base::clock::{Clock, SystemClock};
use crate::cli::findings::Finding;

pub fn directory(
    arguments: &DirectoryArguments,
    path: &Path,
    screen: &mut Screen,
) -> anyhow::Result<Outcome> {
    let Some(mut settings) = settings(path, screen) else {
        return Ok(Outcome::Bad);
    };
    if let Some(name) = &arguments.realm {
        let names: Vec<String> = settings
            .realms
            .iter()
            .map(|realm| realm.realm.id.to_string())
            .collect();
        settings.realms.retain(|realm| realm.realm.id.as_str() == name);
        if settings.realms.is_empty() {
            bail!("there is no realm {name}; there are: {}", names.join(", "));
        }
    }
    if arguments.login.is_some() && settings.realms.len() > 1 {
        bail!("--login is of one realm: say which with --realm");
    }
    let person = match &arguments.login {
        Some(login) => Some((super::super::recovery::login_of(login)?, ask_password()?)),
        None => None,
    };
    let findings = serve::runtime()?.block_on(async {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let mut measured = Vec::new();
        if arguments.bench {
            let person = person.as_ref().map(|(login, password)| (login, password));
            for realm in &settings.realms {
                let mut say = |step: String| screen.progress(&step);
                measured.extend(inspect::bench(realm, person, &clock, &mut say).await);
            }
        }
        let parts = settings.realms.into_iter().map(|realm| {
            let name = format!("realm {}", realm.realm.id);
            Part::new(name, inspect::directory(realm, &clock))
        });
        let mut findings: Vec<Finding> = together(parts.collect(), screen).await;
        findings.extend(measured);
        findings
    });
    Ok(tell(&findings, arguments.json, screen))
}
