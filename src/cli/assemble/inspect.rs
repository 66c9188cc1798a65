//! Looks at what the adapters stand on, for the start and for `doctor`: servers, certificates,
//! rights, dangerous settings. Changes nothing there.

use std::sync::Arc;

use crate::base::clock::Clock;
use crate::base::keys::KeyRing;
use crate::base::names::Username;
use crate::base::secret::Password;
use crate::cli::findings::{Code, Finding, Level, codes};
use crate::config::{DirectorySettings, RealmSettings, TicketsSettings};
use crate::directory::ldif::LdifDirectory;
use crate::tickets::redis::{Finding as Danger, RedisStore, Strictness, codes as redis_codes};

/// The codes of the adapters, each list with what it is about.
pub const CODES: [(&str, &[Code]); 2] = [
    ("Directories", crate::directory::ldap::inspect::codes::ALL),
    ("Redis", redis_codes::ALL),
];

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
            vec![Finding::of(
                &codes::STORE_IN_MEMORY,
                about,
                fact,
                "for one node: \"embedded:/folder\"; for several: \"redis://…\"",
            )]
        }
        (TicketsSettings::Embedded(folder), _) => {
            let fact = format!("on this machine, in {}", folder.display());
            vec![Finding::of(&codes::STORE, about, fact, "")]
        }
        (TicketsSettings::Redis(settings), Some(keys)) => {
            let described = settings.describe();
            match super::store::redis(*settings, keys) {
                Ok(store) => look_at_redis(&store, &described, clock).await,
                Err(error) => {
                    vec![Finding::of(
                        &codes::STORE_SETTINGS,
                        &described,
                        format!("{error:#}"),
                        "mend [tickets]",
                    )]
                }
            }
        }
        (TicketsSettings::Redis(_), None) => {
            vec![Finding::of(
                &codes::STORE_SETTINGS,
                about,
                "Redis without keys",
                "[keys] files",
            )]
        }
    }
}

async fn look_at_redis(store: &RedisStore, about: &str, clock: &Arc<dyn Clock>) -> Vec<Finding> {
    match redis(store, clock.as_ref()).await {
        Ok((servers, mut dangers)) => {
            dangers.extend(
                store
                    .more_findings()
                    .await
                    .unwrap_or_default()
                    .into_iter()
                    .map(danger),
            );
            dangers.extend(store.sentinel_findings().await.into_iter().map(danger));
            let found = servers
                .into_iter()
                .map(|server| Finding::of(&codes::STORE, about, server, ""));
            found.chain(dangers).collect()
        }
        Err(error) => vec![Finding::of(
            &codes::STORE_UNREACHABLE,
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
    let dangers = store.findings(&facts).into_iter().map(danger);
    Ok((servers.collect(), dangers.collect()))
}

fn danger(found: Danger) -> Finding {
    let (fact, advice) = found.text.split_once("; ").unwrap_or((&found.text, ""));
    // How bad it is says the configuration, not the kind.
    let level = match found.strictness {
        Strictness::Refuse => Level::Fail,
        _ => Level::Warn,
    };
    Finding {
        level,
        ..Finding::of(&found.code, "ticket store", fact, advice)
    }
}

/// How many passwords a second the servers of a realm check; files of people have none.
pub async fn bench(
    realm: &RealmSettings,
    person: Option<(&Username, &Password)>,
    clock: &Arc<dyn Clock>,
    tell: &mut dyn FnMut(String),
) -> Vec<Finding> {
    let about = format!("realm {}", realm.realm.id);
    let DirectorySettings::Ldap(settings) = &realm.directory else {
        let fact = "its people are in a file: this server checks their passwords itself";
        return vec![Finding::of(&codes::DIR_FILE, &about, fact, "")];
    };
    match super::ldap((**settings).clone(), clock) {
        Ok(directory) => directory.bench(&about, person, tell).await,
        Err(error) => {
            vec![Finding::of(
                &codes::DIR_SETTINGS,
                &about,
                format!("{error:#}"),
                "mend [directory]",
            )]
        }
    }
}

/// The directory of a realm, server by server.
pub async fn directory(realm: RealmSettings, clock: &Arc<dyn Clock>) -> Vec<Finding> {
    let about = format!("realm {}", realm.realm.id);
    match realm.directory {
        DirectorySettings::Ldif { file, mapping, .. } => {
            match LdifDirectory::open(&file, *mapping, clock.clone()).await {
                Ok(people) => {
                    let fact = format!("{} people in {}", people.count(), file.display());
                    vec![Finding::of(&codes::DIR_FILE, &about, fact, "")]
                }
                Err(error) => {
                    vec![Finding::of(
                        &codes::DIR_FILE_BROKEN,
                        &about,
                        error.to_string(),
                        "mend the file",
                    )]
                }
            }
        }
        DirectorySettings::Ldap(settings) => {
            let addresses = realm.recovery.map(|recovery| recovery.addresses);
            let addresses: Vec<String> = addresses.into_iter().flatten().map(|one| one.attribute).collect();
            match super::ldap(*settings, clock) {
                Ok(directory) => directory.inspect(&about, &addresses).await,
                Err(error) => {
                    vec![Finding::of(
                        &codes::DIR_SETTINGS,
                        &about,
                        format!("{error:#}"),
                        "mend [directory]",
                    )]
                }
            }
        }
    }
}
