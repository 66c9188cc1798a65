//! What a server still needs once its configuration is read, and the kernel's word on the rest. Commands that
//! end by themselves are not held, nor is the demonstration.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::bail;
use url::Url;

use super::findings::{Finding, codes};
use crate::config::{
    ConfineWord, DirectorySettings, Loaded, MailWay, RealmSettings, Settings, TicketsSettings,
};
use crate::confine::{Confined, Plan, Ports, confine};
use crate::services::{PortRule, Service, SingleLogout, UrlRule};

/// DNS over TCP, and the web: callbacks and logout messages go there.
const ALWAYS: [u16; 3] = [53, 80, 443];

/// Where the environment may say that authorities lie.
const AUTHORITIES: [&str; 2] = ["SSL_CERT_FILE", "SSL_CERT_DIR"];

/// Holds this process to what `loaded`, read at `path`, needs; `None` where that is switched off. To be
/// called while there is one thread.
pub fn begin(loaded: &Loaded, path: &Path) -> anyhow::Result<Option<(Plan, Confined)>> {
    let wish = loaded.settings.confine;
    if wish == ConfineWord::Off {
        return Ok(None);
    }
    let plan = plan(loaded, path);
    let confined = confine(&plan);
    let missing = confined.missing();
    if wish == ConfineWord::Require && !missing.is_empty() {
        bail!(
            "[server] confine = \"require\", and this kernel cannot: {}; write \"auto\", or start a kernel with \
             Landlock (6.7 or newer) and seccomp",
            missing.join("; ")
        );
    }
    Ok(Some((plan, confined)))
}

/// One line about what holds.
pub fn tell(held: Option<&(Plan, Confined)>) {
    let Some((_, confined)) = held else {
        tracing::info!(
            event = "not_confined",
            "[server] confine = \"off\": the kernel holds this process to nothing"
        );
        return;
    };
    tracing::info!(
        event = "confined",
        files = %confined.files,
        listen = %confined.listen,
        connect = %confined.connect,
        calls = %confined.calls,
        programs = %confined.programs,
        "the kernel holds this process to what it needs"
    );
}

/// What a server with this configuration would be held to on this machine: tried in a thread of its own, which
/// ends with it.
pub fn look(loaded: &Loaded, path: &Path) -> Finding {
    const ABOUT: &str = "confinement";
    if loaded.settings.confine == ConfineWord::Off {
        let fact = "off: the kernel holds the server to nothing".to_owned();
        return Finding::of(&codes::CONFINED_OFF, ABOUT, fact, "[server] confine = \"auto\"");
    }
    let plan = plan(loaded, path);
    let tried = std::thread::spawn(move || confine(&plan)).join();
    let Ok(confined) = tried else {
        let fact = "it cannot be tried here".to_owned();
        return Finding::of(&codes::CONFINED_PARTLY, ABOUT, fact, "");
    };
    let parts = confined.parts().map(|(name, grip)| format!("{name} {grip}"));
    let fact = parts.join("; ");
    if confined.missing().is_empty() {
        return Finding::of(&codes::CONFINED, ABOUT, fact, "");
    }
    let code = match loaded.settings.confine {
        ConfineWord::Require => &codes::CONFINED_NOT,
        _ => &codes::CONFINED_PARTLY,
    };
    Finding::of(
        code,
        ABOUT,
        fact,
        "a kernel with Landlock (Linux 6.7) and seccomp",
    )
}

/// What `loaded`, read at `path`, needs.
pub fn plan(loaded: &Loaded, path: &Path) -> Plan {
    let settings = &loaded.settings;
    let environment = AUTHORITIES.iter().filter_map(std::env::var_os).map(PathBuf::from);
    let named = loaded.named.iter().cloned().chain(environment);
    let mut read: BTreeSet<PathBuf> = named.flat_map(|path| readable(&path)).collect();
    read.extend(folders(path));
    let listen = [
        Some(settings.listen.port()),
        settings.admin.as_ref().map(|admin| admin.listen.port()),
    ];
    Plan {
        read,
        write: written(settings),
        listen: listen.into_iter().flatten().collect(),
        connect: ports(settings),
        programs: programs(settings),
    }
}

/// A named folder, or the folder of a named file, since another file may take its place; where links lead
/// too.
fn readable(path: &Path) -> BTreeSet<PathBuf> {
    match path.is_dir() {
        true => [path.to_owned()].into(),
        false => folders(path),
    }
}

/// The folder a file lies in, and the one it really lies in. Never the root of all: then the file alone.
fn folders(file: &Path) -> BTreeSet<PathBuf> {
    let real = file.canonicalize().ok();
    let files = [Some(file.to_owned()), real].into_iter().flatten();
    files
        .map(|file| {
            let folder = folder_of(&file);
            if folder == Path::new("/") { file } else { folder }
        })
        .collect()
}

/// The folder a file is named in, as [`existing`] has it.
fn folder_of(file: &Path) -> PathBuf {
    existing(file.parent().unwrap_or(Path::new("")))
}

/// The folder, or the next above it that is there; from the root.
fn existing(folder: &Path) -> PathBuf {
    let here = match folder.as_os_str().is_empty() {
        true => Path::new("."),
        false => folder,
    };
    let folder = std::path::absolute(here).unwrap_or_else(|_| here.to_owned());
    let there = folder.ancestors().find(|above| above.exists());
    there.unwrap_or(&folder).to_owned()
}

fn written(settings: &Settings) -> BTreeSet<PathBuf> {
    let mut folders: BTreeSet<PathBuf> = settings.audit.iter().map(|file| folder_of(file)).collect();
    if let TicketsSettings::Embedded(folder) = &settings.tickets {
        folders.insert(existing(folder));
    }
    if let Some(MailWay::Folder(folder)) = &settings.letters.way {
        folders.insert(existing(folder));
    }
    for realm in &settings.realms {
        if let DirectorySettings::Ldif {
            file, writable: true, ..
        } = &realm.directory
        {
            folders.insert(folder_of(file));
        }
    }
    folders
}

/// The first realm with a program that is told of new passwords.
fn programs(settings: &Settings) -> Option<String> {
    let mut realms = settings.realms.iter();
    let realm = realms.find(|realm| match &realm.directory {
        DirectorySettings::Ldap(ldap) => ldap.write.as_ref().is_some_and(|write| write.hook.is_some()),
        DirectorySettings::Ldif { .. } => false,
    })?;
    Some(format!("the hook of realm {} is a program", realm.realm.id))
}

fn ports(settings: &Settings) -> Ports {
    let mut ports = BTreeSet::from(ALWAYS);
    if let TicketsSettings::Redis(redis) = &settings.tickets {
        match redis.ports() {
            Some(own) => ports.extend(own),
            None => return Ports::Any(format!("{} names its servers while it runs", redis.describe())),
        }
    }
    if let Some(MailWay::Smtp(relay)) = &settings.letters.way {
        ports.insert(relay.port);
    }
    if let Some(sms) = &settings.letters.sms {
        ports.extend(port_of(&sms.gateway.url));
    }
    ports.extend(settings.realms.iter().flat_map(of_realm));
    for service in settings.services.all() {
        match of_service(service) {
            Some(own) => ports.extend(own),
            None => return Ports::Any(format!("the URLs of service {} may have any port", service.id)),
        }
    }
    Ports::Only(ports)
}

fn of_realm(realm: &RealmSettings) -> Vec<u16> {
    let mut urls: Vec<&str> = realm
        .upstreams
        .iter()
        .map(|upstream| upstream.cas.url.as_str())
        .collect();
    if let DirectorySettings::Ldap(ldap) = &realm.directory {
        urls.extend(ldap.urls.iter().map(String::as_str));
        let writes = ldap.write.iter().flat_map(|write| &write.urls);
        urls.extend(writes.map(String::as_str));
    }
    urls.into_iter().filter_map(port_of).collect()
}

fn port_of(url: &str) -> Option<u16> {
    let url = Url::parse(url).ok()?;
    match url.scheme() {
        "ldap" => Some(url.port().unwrap_or(389)),
        "ldaps" => Some(url.port().unwrap_or(636)),
        _ => url.port_or_known_default(),
    }
}

/// Ports beside those of the web to which logout messages for a service and its callbacks may go; `None`
/// when that can be any.
fn of_service(service: &Service) -> Option<BTreeSet<u16>> {
    let mut ports = BTreeSet::new();
    let mut rules: Vec<UrlRule> = service.proxy_callbacks.clone();
    let mut patterns: Vec<_> = service.proxy_callback_patterns.iter().collect();
    match &service.single_logout {
        SingleLogout::Off => {}
        SingleLogout::ToService => {
            rules.extend(service.rules.iter().cloned());
            patterns.extend(&service.patterns);
        }
        SingleLogout::To(urls) => ports.extend(urls.iter().filter_map(|url| port_of(url))),
    }
    for pattern in patterns {
        rules.extend(pattern.as_rules()?);
    }
    for rule in rules {
        match rule.port {
            PortRule::SchemesOwn => {}
            PortRule::Exactly(port) => {
                ports.insert(port);
            }
            PortRule::Any => return None,
        }
    }
    Some(ports)
}
