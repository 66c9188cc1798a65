//! Institutions from their file, and one for each realm that has none.

use super::realms::contact;
use crate::base::names::InstitutionId;
use crate::config::files::Written;
use crate::config::problem::Problems;
use crate::config::section::nearest;
use crate::config::sections::InstitutionSection;
use crate::config::settings::RealmSettings;
use crate::realms::{Institution, InstitutionProblem, Institutions};

/// `realms` is `None` when some realm could not be read: then names of realms are taken from the
/// files, so that one mistake is not told twice.
pub fn build(
    written: &Written,
    realms: Option<&[RealmSettings]>,
    problems: &mut Problems,
) -> Option<Institutions> {
    let names: Vec<&str> = written.realms.iter().map(|file| file.name.as_str()).collect();
    let sections: &[InstitutionSection] = match &written.institutions {
        Some(file) => &file.institution,
        None => &[],
    };
    let mut all = Vec::with_capacity(sections.len());
    for section in sections {
        if !names.contains(&section.realm.as_str()) {
            let wrong = match nearest(section.realm.as_str(), &names) {
                Some(near) => format!("there is no realm of this name; did you mean “{near}”?"),
                None => "there is no realm of this name".to_owned(),
            };
            let mend = format!(
                "one of: {}; or add realms/{}.toml",
                names.join(", "),
                section.realm.value
            );
            problems.add(&section.realm.place, wrong, mend);
        }
        all.push(institution(section, problems));
    }
    for realm in realms.unwrap_or_default() {
        if !all.iter().any(|institution| institution.realm == realm.realm.id) {
            all.extend(only_of(realm));
        }
    }
    match Institutions::new(all) {
        Ok(institutions) => Some(institutions),
        Err(found) => {
            for problem in found {
                tell(&problem, sections, problems);
            }
            None
        }
    }
}

fn institution(section: &InstitutionSection, problems: &mut Problems) -> Institution {
    if section.name.is_empty() || section.name.all().any(|name| name.trim().is_empty()) {
        problems.add(&section.name.place, "this name is empty", "what people call it");
    }
    for host in section.hosts.iter() {
        if url::Host::parse(host).is_err() || host.contains(':') {
            problems.add(
                &section.hosts.place,
                format!("“{}” is not a host name", host.escape_debug()),
                "names only, as [\"cas.college-rosa-parks.example\"]",
            );
        }
    }
    let own = contact(&section.contact, problems);
    Institution {
        id: section.id.value.clone(),
        realm: section.realm.value.clone(),
        name: section.name.value.clone(),
        town: section.town.value.clone(),
        hosts: section.hosts.value.clone(),
        aliases: section.aliases.value.clone(),
        listed: section.listed.value,
        contact: (!own.name.is_empty()).then_some(own),
    }
}

/// The institution of a realm that nobody gave one.
fn only_of(realm: &RealmSettings) -> Option<Institution> {
    let realm = &realm.realm;
    Some(Institution {
        id: InstitutionId::new(realm.id.as_str())?,
        realm: realm.id.clone(),
        name: realm.name.clone(),
        town: None,
        hosts: Vec::new(),
        aliases: Vec::new(),
        listed: true,
        contact: None,
    })
}

/// At the second owner of a name: there the mend is due.
fn tell(problem: &InstitutionProblem, sections: &[InstitutionSection], problems: &mut Problems) {
    let Some(section) = sections
        .iter()
        .rev()
        .find(|section| section.id.value == problem.institution)
    else {
        return;
    };
    let place = match problem.key {
        "hosts" => &section.hosts.place,
        "aliases" => &section.aliases.place,
        _ => &section.id.place,
    };
    problems.add(
        place,
        problem.text.clone(),
        "a name that no other institution has",
    );
}
