//! Looks at what the adapters stand on, for the start and for `doctor`: servers, certificates,
//! rights, dangerous settings. Changes nothing there.

use std::sync::Arc;
use std::time::Duration;

use crate::base::clock::{Clock, Timestamp, millis};
use crate::base::keys::KeyRing;
use crate::base::names::Username;
use crate::cli::findings::Finding;
use crate::config::{DirectorySettings, RealmSettings, TicketsSettings};
use crate::directory::ldap::{LdapDirectory, LdapSettings, ServerProbe};
use crate::directory::ldif::LdifDirectory;
use crate::directory::{Directory, Found};
use crate::tickets::redis::{RedisStore, Strictness};

/// A certificate that ends sooner than this is worth a word.
const SOON: Duration = Duration::from_secs(30 * 24 * 3600);

/// An answer slower than this makes people wait.
const SLOW: u64 = 1000;

/// The ticket store of a configuration.
pub async fn tickets(
    settings: TicketsSettings,
    keys: Option<&KeyRing>,
    clock: &Arc<dyn Clock>,
) -> Vec<Finding> {
    let about = "ticket store";
    match (settings, keys) {
        (TicketsSettings::Memory, _) => {
            let fact = "in memory: sessions are forgotten when the server stops";
            vec![Finding::warn(
                about,
                fact,
                "for one node: \"embedded:/folder\"; for several: \"redis://…\"",
            )]
        }
        (TicketsSettings::Embedded(folder), _) => {
            vec![Finding::ok(
                about,
                format!("on this machine, in {}", folder.display()),
            )]
        }
        (TicketsSettings::Redis(settings), Some(keys)) => {
            let described = settings.describe();
            match super::store::redis(*settings, keys) {
                Ok(store) => look_at_redis(&store, &described, clock).await,
                Err(error) => vec![Finding::fail(&described, format!("{error:#}"), "mend [tickets]")],
            }
        }
        (TicketsSettings::Redis(_), None) => {
            vec![Finding::fail(about, "Redis without keys", "[keys] files")]
        }
    }
}

async fn look_at_redis(store: &RedisStore, about: &str, clock: &Arc<dyn Clock>) -> Vec<Finding> {
    match redis(store, clock.as_ref()).await {
        Ok((servers, dangers)) => {
            let found = servers.into_iter().map(|server| Finding::ok(about, server));
            found.chain(dangers).collect()
        }
        Err(error) => vec![Finding::fail(
            about,
            error,
            "check that it runs, the address, the password, the network between",
        )],
    }
}

/// What Redis is, and what of its settings endangers sessions: failures are those that must stop a
/// start (F-03, F-07, F-09). An error: it cannot be asked.
pub async fn redis(store: &RedisStore, clock: &dyn Clock) -> Result<(Vec<String>, Vec<Finding>), String> {
    let facts = store.facts(clock).await.map_err(|error| error.to_string())?;
    let servers = facts.iter().map(|server| {
        let node = if server.node.is_empty() { "" } else { " at " };
        format!(
            "answers{node}{}: version {}, {}, {} replicas",
            server.node, server.version, server.role, server.replicas
        )
    });
    let dangers = store.findings(&facts).into_iter().map(|danger| {
        let (fact, advice) = danger.text.split_once("; ").unwrap_or((&danger.text, ""));
        match danger.strictness {
            Strictness::Refuse => Finding::fail("ticket store", fact, advice),
            _ => Finding::warn("ticket store", fact, advice),
        }
    });
    Ok((servers.collect(), dangers.collect()))
}

/// The directory of a realm, server by server.
pub async fn directory(realm: RealmSettings, clock: &Arc<dyn Clock>) -> Vec<Finding> {
    let about = format!("realm {}", realm.realm.id);
    match realm.directory {
        DirectorySettings::Ldif { file, mapping, .. } => {
            match LdifDirectory::open(&file, *mapping, clock.clone()).await {
                Ok(people) => {
                    let fact = format!("{} people in {}", people.count(), file.display());
                    vec![Finding::ok(&about, fact)]
                }
                Err(error) => vec![Finding::fail(&about, error.to_string(), "mend the file")],
            }
        }
        DirectorySettings::Ldap(settings) => {
            let addresses = realm.recovery.map(|recovery| recovery.addresses);
            let addresses = addresses.into_iter().flatten().map(|one| one.attribute);
            ldap(*settings, &about, clock, &addresses.collect::<Vec<_>>()).await
        }
    }
}

async fn ldap(
    settings: LdapSettings,
    about: &str,
    clock: &Arc<dyn Clock>,
    addresses: &[String],
) -> Vec<Finding> {
    let directory = match super::ldap(settings, clock) {
        Ok(directory) => directory,
        Err(error) => return vec![Finding::fail(about, format!("{error:#}"), "mend [directory]")],
    };
    let probes = directory.probe(None).await;
    let mut findings: Vec<Finding> = probes
        .iter()
        .flat_map(|probe| server(probe, clock.now()))
        .collect();
    if probes.iter().any(|probe| probe.account_accepted) {
        findings.push(search_right(&directory, about).await);
    }
    for probe in directory.probe_writing().await {
        let about = format!("{} (writing)", probe.server.url);
        for finding in server(&probe.server, clock.now()) {
            findings.push(Finding {
                about: about.clone(),
                ..finding
            });
        }
        for name in probe.unknown.iter().filter(|name| addresses.contains(name)) {
            findings.push(Finding::warn(
                &about,
                format!("the schema of the server has no {name}, where [recovery] looks for addresses: nobody has any"),
                "mend its name, or load the file for this server of conf/schema",
            ));
        }
        let facts = probe.facts.into_iter();
        findings.extend(facts.map(|fact| Finding::ok(&about, fact)));
        let warnings = probe.warnings.into_iter();
        findings.extend(warnings.map(|(fact, mend)| Finding::warn(&about, fact, mend)));
    }
    findings
}

/// One server: reached, protected, believed, allowed, fast.
fn server(probe: &ServerProbe, now: Timestamp) -> Vec<Finding> {
    let about = probe.url.as_str();
    let mut findings = Vec::new();
    if let Some(spent) = probe.connect_ms {
        let reached = format!("reached in {spent} ms");
        findings.push(match &probe.tls_version {
            Some(version) => Finding::ok(about, format!("{reached}, {version}, host name checked")),
            None => Finding::warn(
                about,
                format!("{reached}, in clear"),
                "ldaps://, or starttls = true; in clear only on this machine",
            ),
        });
    }
    findings.extend(probe.certificate_expires.map(|end| certificate(about, end, now)));
    if probe.account_accepted {
        let vendor = probe.vendor.as_deref().unwrap_or("of unknown make");
        findings.push(Finding::ok(
            about,
            format!("service account accepted; server {vendor}"),
        ));
    }
    if let Some(spent) = probe.round_trip_ms {
        let fact = format!("answers a search in {spent} ms");
        findings.push(if spent > SLOW {
            Finding::warn(about, fact, "look at the server's load, indexes and network")
        } else {
            Finding::ok(about, fact)
        });
    }
    if let Some(problem) = &probe.problem {
        findings.push(Finding::fail(about, problem.clone(), advice(probe)));
    }
    findings
}

/// What to look at, by the first step that failed.
fn advice(probe: &ServerProbe) -> &'static str {
    match (probe.connect_ms, probe.account_accepted) {
        (None, _) => "check host, port, firewall; for TLS the authority (ca_file), the name, the dates",
        (Some(_), false) => "check bind_dn and its password; try ldapwhoami with them",
        (Some(_), true) => "check the rights of bind_dn, base_dns and user_filter; try ldapsearch with them",
    }
}

fn certificate(about: &str, end: Timestamp, now: Timestamp) -> Finding {
    let left = end.since(now);
    let day = end.to_rfc3339();
    let day = day.split('T').next().unwrap_or_default();
    let days = left.as_secs() / (24 * 3600);
    let fact = format!("certificate until {day}, {days} days");
    if left < SOON {
        Finding::warn(about, fact, "renew it now: after that day nobody signs in")
    } else {
        Finding::ok(about, fact)
    }
}

/// Whether the account may search where people are: it asks for a login nobody has.
async fn search_right(directory: &LdapDirectory, about: &str) -> Finding {
    let Ok(nobody) = Username::typed("mereau-doctor-nobody") else {
        return Finding::fail(about, "no login to ask for", "");
    };
    let asked = std::time::Instant::now();
    match directory.find(&nobody).await {
        Ok(Found::Nobody) => {
            let spent = millis(asked.elapsed());
            Finding::ok(about, format!("people can be searched ({spent} ms)"))
        }
        Ok(_) => Finding::warn(
            about,
            "a login that nobody should have is found",
            "look at login_attributes and user_filter",
        ),
        Err(error) => Finding::fail(
            about,
            error.to_string(),
            "check base_dns and the rights of bind_dn; an index on each login attribute helps",
        ),
    }
}
