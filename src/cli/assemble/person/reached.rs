//! Lines 2 and 3: which servers are reached, and whether they believe the service account.

use super::report::{Line, Topic};
use super::source::Source;
use crate::base::clock::{Clock, Timestamp};
use crate::directory::ldap::ServerProbe;

/// A certificate that ends sooner than this is worth a word, in days.
const SOON: u64 = 30;

pub fn lines(source: &Source, probes: &[ServerProbe], clock: &dyn Clock) -> Vec<Line> {
    if let Some((name, people)) = source.file() {
        return vec![
            Topic::Directory.ok(name, format!("{people} people in the file")),
            Topic::ServiceAccount.ok(name, "a file needs none"),
        ];
    }
    let any = probes.iter().any(|probe| probe.problem.is_none());
    let mut lines = Vec::new();
    for probe in probes {
        lines.push(reached(probe, any, clock.now()));
        if probe.connect_ms.is_some() {
            lines.push(believed(probe, any));
        }
    }
    lines
}

/// One server of several that is down stops nobody.
fn reached(probe: &ServerProbe, any: bool, now: Timestamp) -> Line {
    let problem = probe.problem.clone().unwrap_or_default();
    let Some(spent) = probe.connect_ms else {
        let advice = "host, port, firewall; for TLS the authority (ca_file), the name, the dates";
        return match any {
            true => Topic::Directory
                .warn(&probe.url, problem, advice)
                .because("DIR_DOWN"),
            false => Topic::Directory.fail("DIR_DOWN", &probe.url, problem, advice),
        };
    };
    let answers = probe
        .round_trip_ms
        .map(|spent| format!(", answers in {spent} ms"))
        .unwrap_or_default();
    let tls = probe.tls_version.as_deref().unwrap_or("in clear");
    let fact = format!("reached in {spent} ms{answers}, {tls}");
    match probe.certificate_expires {
        Some(end) => {
            let days = end.since(now).as_secs() / 86_400;
            let fact = format!("{fact}, certificate until {}, {days} days", end.to_rfc3339());
            match days < SOON {
                true => Topic::Directory.warn(&probe.url, fact, "renew it: after that day nobody signs in"),
                false => Topic::Directory.ok(&probe.url, fact),
            }
        }
        None => Topic::Directory.ok(&probe.url, fact),
    }
}

fn believed(probe: &ServerProbe, any: bool) -> Line {
    let fault = |advice: &str| {
        let problem = probe.problem.clone().unwrap_or_default();
        match any {
            true => Topic::ServiceAccount
                .warn(&probe.url, problem, advice)
                .because("DIR_REFUSED"),
            false => Topic::ServiceAccount.fail("DIR_REFUSED", &probe.url, problem, advice),
        }
    };
    match (&probe.problem, probe.account_accepted) {
        (_, false) => fault("bind_dn and its password; try ldapwhoami with them"),
        (Some(_), true) => fault("the rights of bind_dn, base_dns and user_filter; try ldapsearch with them"),
        (None, true) => Topic::ServiceAccount.ok(&probe.url, "the service account is accepted"),
    }
}
