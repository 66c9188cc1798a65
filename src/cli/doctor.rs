//! `mereau doctor`: looks at everything the server stands on. At one person looks `person`.

mod asvs;
mod directory;
mod files;
mod listener;
mod together;

use std::io::{IsTerminal, Read};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use zeroize::Zeroizing;

use super::assemble::{inspect, recovery, themes};
use super::findings::{Finding, Level, codes};
use super::print::Screen;
use super::{Outcome, check, confined, egress, serve};
use crate::base::clock::{Clock, SystemClock};
use crate::base::secret::Password;
use crate::config::{Loaded, Settings};
pub use directory::directory;
use together::{Part, together};

/// Everything the server stands on, all at once.
pub fn doctor(json: bool, path: &Path, screen: &mut Screen) -> anyhow::Result<Outcome> {
    let Some(loaded) = check::load(path, screen) else {
        return Ok(Outcome::Bad);
    };
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let mut findings = warned(&loaded);
    findings.push(confined::look(&loaded, path));
    let Loaded {
        settings, private, ..
    } = loaded;
    findings.extend(files::look(path, &private, &settings));
    findings.extend(files::keys(settings.keys.as_ref(), &private, clock.now()));
    findings.extend(listener::look(&settings, clock.as_ref()));
    findings.extend(themes::findings(&settings));
    findings.extend(asvs::look(&settings));
    findings.extend(recovery::findings(
        &settings.realms,
        settings.letters.sms.is_some(),
    ));
    findings.extend(serve::runtime()?.block_on(look(settings, &clock, screen)));
    Ok(tell(&findings, json, screen))
}

/// What can only be seen over a network.
async fn look(mut settings: Settings, clock: &Arc<dyn Clock>, screen: &mut Screen) -> Vec<Finding> {
    let recovering = settings.realms.iter().any(|realm| realm.recovery.is_some());
    let mail = recovery::ways(&settings.letters, &settings.outgoing, recovering);
    let realms = std::mem::take(&mut settings.realms).into_iter().map(|realm| {
        let name = format!("realm {}", realm.realm.id);
        Part::new(name, inspect::directory(realm, clock))
    });
    let host = settings.public_url.host_str().unwrap_or_default().to_owned();
    let mut parts = vec![Part::new("mail", mail)];
    parts.extend(realms);
    let keys = settings.keys.as_ref();
    parts.push(Part::new(
        "the ticket store",
        inspect::tickets(settings.tickets, keys, clock),
    ));
    parts.push(Part::new("logout", egress::look(&host, settings.services.all())));
    together(parts, screen).await
}

/// From the terminal without showing it, otherwise the first line of the standard input.
pub fn ask_password() -> anyhow::Result<Password> {
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
    Some(check::load(path, screen)?.settings)
}

/// What of a good configuration is still worth a word.
fn warned(loaded: &Loaded) -> Vec<Finding> {
    let warnings = loaded.warnings.iter();
    let warned = warnings.map(|warning| {
        let place = format!("{}:{}: {}", warning.file.display(), warning.line, warning.key);
        Finding::of(
            &codes::CONFIG_DOUBTFUL,
            &place,
            warning.wrong.clone(),
            warning.mend.clone(),
        )
    });
    warned.collect()
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
