//! Programs that sign people in, from `[rest]`.

use super::limits::within;
use crate::base::key_digest::KeyDigest;
use crate::base::names::{ProgramName, ServiceId};
use crate::config::problem::Problems;
use crate::config::secrets::{self, Environment};
use crate::config::sections::{RestClientSection, RestSection};
use crate::config::settings::RealmSettings;
use crate::flows::rest::Program;
use crate::services::Registry;

/// What the programs are checked against; `None` where it could not be read.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    pub realms: Option<&'a [RealmSettings]>,
    pub services: Option<&'a Registry>,
}

/// `None` after adding at least one problem.
pub fn build(
    section: &RestSection,
    known: Known<'_>,
    environment: Environment<'_>,
    problems: &mut Problems,
) -> Option<Vec<Program>> {
    let mut programs: Vec<Option<Program>> = Vec::new();
    for client in section.clients.iter() {
        let twice = programs.iter().flatten();
        if twice
            .clone()
            .any(|other| other.name.as_str() == client.name.value)
        {
            problems.add(
                &client.name.place,
                "two programs have this name",
                "a name of its own for each",
            );
        }
        programs.push(program(client, known, environment, problems));
    }
    programs.into_iter().collect()
}

fn program(
    section: &RestClientSection,
    known: Known<'_>,
    environment: Environment<'_>,
    problems: &mut Problems,
) -> Option<Program> {
    let name = ProgramName::new(&section.name.value);
    if name.is_none() {
        problems.add(
            &section.name.place,
            "this is not a short name",
            "1 to 40 of a-z, 0-9 and -, as \"releves-de-notes\"",
        );
    }
    networks(section, problems);
    realms(section, known, problems);
    services(section, known, problems);
    within(&section.requests_a_minute, 1..=100_000, problems);
    let key = key(section, environment, problems);
    Some(Program {
        name: name?,
        key: key?,
        networks: section.networks.value.clone(),
        realms: section.realms.value.clone(),
        services: section
            .services
            .iter()
            .filter_map(|id| ServiceId::new(id))
            .collect(),
        a_minute: section.requests_a_minute.value,
        for_browsers: section.for_browsers.value,
    })
}

fn key(
    section: &RestClientSection,
    environment: Environment<'_>,
    problems: &mut Problems,
) -> Option<KeyDigest> {
    let (file, variable) = (&section.key_hash_file, &section.key_hash_env);
    let place = match variable.value {
        Some(_) => &variable.place,
        None => &file.place,
    };
    let Some(text) = secrets::read(file, variable, environment, problems)? else {
        let mend = "key_hash_file or key_hash_env";
        problems.add(place, "a program needs a key to be known by", mend);
        return None;
    };
    let digest = KeyDigest::parse(text.expose());
    if digest.is_none() {
        problems.add(
            place,
            "this does not hold the SHA-256 of a key",
            "64 hexadecimal digits, as sha256sum writes them; never the key itself",
        );
    }
    digest
}

fn networks(section: &RestClientSection, problems: &mut Problems) {
    if section.networks.is_empty() {
        problems.add(
            &section.networks.place,
            "a program calls from somewhere",
            "its address or network, as [\"10.0.0.12\"]",
        );
    }
    if section.networks.iter().any(|net| net.prefix_len() == 0) {
        problems.warn(
            &section.networks.place,
            "whoever gets hold of the key may use it from anywhere",
            "the addresses of the program, as [\"10.0.0.12\"]",
        );
    }
}

fn realms(section: &RestClientSection, known: Known<'_>, problems: &mut Problems) {
    let mend = "names of files in realms/, as [\"univ\"]";
    if section.realms.is_empty() {
        problems.add(
            &section.realms.place,
            "a program signs in somebody's people",
            mend,
        );
    }
    let Some(all) = known.realms else { return };
    let is_known = |wanted| all.iter().any(|realm| realm.realm.id == wanted);
    for id in section.realms.iter().filter(|id| !is_known((*id).clone())) {
        problems.add(&section.realms.place, format!("there is no realm {id}"), mend);
    }
}

fn services(section: &RestClientSection, known: Known<'_>, problems: &mut Problems) {
    let Some(registry) = known.services else { return };
    for name in section.services.iter() {
        let found = ServiceId::new(name).and_then(|id| registry.by_id(&id).map(|_| ()));
        if found.is_none() {
            problems.add(
                &section.services.place,
                format!("there is no service {}", name.escape_debug()),
                "names of files in services/, as [\"notes\"]",
            );
        }
    }
}
