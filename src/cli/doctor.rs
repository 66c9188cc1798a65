//! `mereau doctor`: looks at everything the server stands on. At one person looks `person`.

use std::path::Path;
use std::sync::Arc;

use super::assemble::{inspect, recovery, themes};
use super::findings::{Finding, Level};
use super::print::Screen;
use super::{Outcome, check, egress, serve};
use crate::base::clock::{Clock, SystemClock};
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
    Ok(tell(&findings, screen))
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

fn tell(findings: &[Finding], screen: &mut Screen) -> Outcome {
    for finding in findings {
        screen.print(&finding.to_string());
    }
    match findings.iter().map(|finding| finding.level).max() {
        Some(Level::Fail) => Outcome::Bad,
        _ => Outcome::Good,
    }
}
