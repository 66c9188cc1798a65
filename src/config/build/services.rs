//! Registered applications from their files.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use super::apereo;
use crate::base::names::ServiceId;
use crate::config::files::{Named, Written};
use crate::config::problem::{Problems, apart};
use crate::config::secrets::{self, Environment};
use crate::config::sections::ServiceFile;
use crate::config::settings::{DirectorySettings, RealmSettings};
use crate::config::source::Place;
use crate::services::{self, KnownRealm, Registry, RegistryProblem, Service, ServiceSettings};

/// `realms` is `None` when some realm could not be read; services are checked against them once
/// they can.
pub fn build(
    written: &Written,
    realms: Option<&[RealmSettings]>,
    environment: Environment<'_>,
    problems: &mut Problems,
) -> Option<Registry> {
    let known: Vec<KnownRealm> = realms?.iter().map(known).collect();
    let read: Vec<Option<Service>> = written
        .services
        .iter()
        .map(|file| service(file, &known, environment, problems))
        .collect();
    let services = read.into_iter().collect::<Option<Vec<Service>>>();
    let imported = apereo::build(written, &known, problems);
    let (mut services, imported) = (services?, imported?);
    let mut places: HashMap<ServiceId, Place> = HashMap::new();
    for file in &written.services {
        if let (Some(id), Some(content)) = (ServiceId::new(&file.name), &file.content) {
            places.insert(id, content.urls.place.clone());
        }
    }
    let mut told: HashSet<ServiceId> = HashSet::new();
    for (service, place) in imported {
        told.insert(service.id.clone());
        places.entry(service.id.clone()).or_insert(place);
        services.push(service);
    }
    match Registry::new(services) {
        Ok(registry) => {
            for warning in services::warnings(&registry) {
                let again = warning.is_about_pattern && told.contains(&warning.service);
                if let Some(place) = places.get(&warning.service).filter(|_| !again) {
                    let mend = "a narrower rule, if you can";
                    problems.warn(place, warning.message, mend);
                }
            }
            Some(registry)
        }
        Err(found) => {
            for problem in found {
                let (RegistryProblem::SameId(id)
                | RegistryProblem::SameRule { other: id, .. }
                | RegistryProblem::TooManyAlike { other: id, .. }) = &problem;
                let text = problem.to_string();
                let (wrong, mend) = apart(&text);
                match places.get(id) {
                    Some(place) => problems.add(place, wrong, mend),
                    None => problems.add_file(Path::new("services"), wrong, mend),
                }
            }
            None
        }
    }
}

fn known(realm: &RealmSettings) -> KnownRealm {
    let mapping = match &realm.directory {
        DirectorySettings::Ldap(settings) => &settings.mapping,
        DirectorySettings::Ldif { mapping, .. } => mapping.as_ref(),
    };
    KnownRealm {
        id: realm.realm.id.clone(),
        has_scope: realm.realm.scope.is_some(),
        attributes: mapping.attributes.clone(),
        profile_attributes: realm.profile_attributes.clone(),
    }
}

fn service(
    file: &Named<ServiceFile>,
    known: &[KnownRealm],
    environment: Environment<'_>,
    problems: &mut Problems,
) -> Option<Service> {
    let content = file.content.as_ref()?;
    let salt = (&content.user_salt_file, &content.user_salt_env);
    let salt = secrets::read(salt.0, salt.1, environment, problems)?;
    let settings = ServiceSettings {
        user_salt: salt,
        ..settings(&file.name, content)
    };
    match settings.check(known) {
        Ok(service) => Some(service),
        Err(found) => {
            for problem in found {
                match content.place_of(problem.field) {
                    Some(place) => {
                        let (wrong, mend) = apart(&problem.message);
                        problems.add(place, wrong, mend);
                    }
                    None => problems.add_file(
                        &file.path,
                        format!("{}: {}", problem.field, problem.message),
                        "a file name of 1 to 40 of a-z, 0-9 and -, then .toml",
                    ),
                }
            }
            None
        }
    }
}

fn settings(id: &str, file: &ServiceFile) -> ServiceSettings {
    let name: BTreeMap<String, String> = file.name.0.clone();
    ServiceSettings {
        id: id.to_owned(),
        name,
        urls: file.urls.value.clone(),
        patterns: file.patterns.value.clone(),
        order: file.order.value,
        catch_all: file.catch_all.value,
        realms: file.realms.value.clone(),
        enabled: file.enabled.value,
        sso_enabled: file.sso_enabled.value,
        sso_max_age: file.sso_max_age.value,
        sso_max_idle: file.sso_max_idle.value,
        opens: file.opens.value.clone(),
        closes: file.closes.value.clone(),
        profiles: file.profiles.value.clone(),
        required_attributes: file.required_attributes.value.clone(),
        required_any: file.required_any.value,
        rejected_attributes: file.rejected_attributes.value.clone(),
        attribute_values: file.attribute_values.value.clone(),
        attributes: file.attributes.value.clone(),
        renamed_attributes: file.renamed_attributes.value.clone(),
        all_attributes: file.all_attributes.value,
        released_values: file.released_values.value.clone(),
        user: file.user.value.clone(),
        user_salt: None,
        user_case: file.user_case.value.clone(),
        style: file.style.value.clone(),
        attributes_in: file.attributes_in.value.clone(),
        several_values: file.several_values.value.clone(),
        nested_attributes: file.nested_attributes.value.clone(),
        value_codes: file.value_codes.value.clone(),
        attributes_in_v2: file.attributes_in_v2.value,
        json_scalars: file.json_scalars.value,
        ticket_lifetime: file.ticket_lifetime.value,
        proxy_ticket_lifetime: file.proxy_ticket_lifetime.value,
        granting_ticket_lifetime: file.granting_ticket_lifetime.value,
        logout: file.logout.value.clone(),
        logout_by: file.logout_by.value.clone(),
        unauthorized_redirect_url: file.unauthorized_redirect_url.value.clone(),
        redirect_url: file.redirect_url.value.clone(),
        matching: file.matching.value.clone(),
        response: file.response.value.clone(),
        theme: file.theme.value.clone(),
        proxied_names: file.proxied_names.value.clone(),
        proxy_callbacks: file.proxy_callbacks.value.clone(),
        proxy_callback_patterns: file.proxy_callback_patterns.value.clone(),
        institution_from: file.institution_from.value.clone(),
    }
}
