//! Institutions from their file, and one for each realm that has none.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::realms::{banner, contact};
use crate::base::names::{InstitutionId, RealmId};
use crate::config::files::Written;
use crate::config::problem::Problems;
use crate::config::section::nearest;
use crate::config::sections::{GroupSection, InstitutionSection, KindWord, StateWord};
use crate::config::settings::RealmSettings;
use crate::config::source::At;
use crate::realms::{
    Coordinates, Departement, Institution, InstitutionKind, InstitutionProblem, InstitutionState,
    Institutions, Particulars,
};

/// `realms` is `None` when some realm could not be read: then names of realms are taken from the
/// files, so that one mistake is not told twice.
pub fn build(
    written: &Written,
    realms: Option<&[RealmSettings]>,
    problems: &mut Problems,
) -> Option<Institutions> {
    let names: Vec<&str> = written.realms.iter().map(|file| file.name.as_str()).collect();
    let file = written.institutions.as_ref();
    let groups = file.map(|file| groups(&file.group, problems)).unwrap_or_default();
    let sections: &[InstitutionSection] = file.map_or(&[], |file| &file.institution);
    let mut all = Vec::with_capacity(sections.len());
    for section in sections {
        check_realm(&section.realm, &names, problems);
        all.push(institution(section, &groups, problems));
    }
    let taken: HashSet<RealmId> = all.iter().map(|one: &Institution| one.realm.clone()).collect();
    for RealmSettings { realm, .. } in realms.unwrap_or_default() {
        if !taken.contains(&realm.id) {
            let id = InstitutionId::new(realm.id.as_str());
            all.extend(id.map(|id| Institution::new(id, realm.id.clone(), realm.name.clone())));
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

fn check_realm(realm: &At<RealmId>, names: &[&str], problems: &mut Problems) {
    if names.contains(&realm.as_str()) {
        return;
    }
    let wrong = match nearest(realm.as_str(), names) {
        Some(near) => format!("there is no realm of this name; did you mean “{near}”?"),
        None => "there is no realm of this name".to_owned(),
    };
    let mend = format!("one of: {}; or add realms/{}.toml", names.join(", "), realm.value);
    problems.add(&realm.place, wrong, mend);
}

type Groups = HashMap<InstitutionId, Arc<Particulars>>;

fn groups(sections: &[GroupSection], problems: &mut Problems) -> Groups {
    let mut groups = Groups::new();
    for section in sections {
        let own = contact(&section.contact, problems);
        check_languages(&section.languages, problems);
        let particulars = Particulars {
            contact: (!own.name.is_empty()).then_some(own),
            languages: section.languages.value.clone(),
            theme: section.theme.value.clone(),
            banner: banner(&section.banner, problems),
        };
        let id = section.id.value.clone();
        if groups.insert(id, Arc::new(particulars)).is_some() {
            problems.add(
                &section.id.place,
                "another group has this name, too",
                "a name that no other group has",
            );
        }
    }
    groups
}

fn check_languages(languages: &At<Option<Vec<crate::base::names::Locale>>>, problems: &mut Problems) {
    if languages.value.as_ref().is_some_and(Vec::is_empty) {
        problems.add(
            &languages.place,
            "a page speaks at least one language",
            "[\"fr\", \"en\"], or nothing for those of the realm",
        );
    }
}

fn institution(section: &InstitutionSection, groups: &Groups, problems: &mut Problems) -> Institution {
    if section.name.is_empty() || section.name.all().any(|name| name.trim().is_empty()) {
        problems.add(&section.name.place, "this name is empty", "what people call it");
    }
    check_hosts(&section.hosts, problems);
    check_mail_domains(&section.mail_domains, problems);
    check_codes(section, problems);
    let boxed = |texts: &[String]| texts.iter().map(|text| text.as_str().into()).collect();
    let optional = |text: &Option<String>| text.as_deref().map(Box::from);
    Institution {
        short_names: boxed(&section.short_names),
        keywords: boxed(&section.keywords),
        kind: kind(section.kind.value),
        state: state(section.state.value),
        uai: section.uai.as_slice().into(),
        siret: optional(&section.siret),
        town: optional(&section.town),
        postcode: optional(&section.postcode),
        departement: departement(section, problems),
        academy: section.academy.as_deref().map(Arc::from),
        coordinates: coordinates(section, problems),
        mail_domains: boxed(&section.mail_domains),
        hosts: boxed(&section.hosts),
        aliases: boxed(&section.aliases),
        own: own(section, groups, problems),
        ..Institution::new(
            section.id.value.clone(),
            section.realm.value.clone(),
            section.name.value.clone(),
        )
    }
}

fn check_hosts(hosts: &At<Vec<String>>, problems: &mut Problems) {
    for host in hosts.iter() {
        let name = host.strip_prefix("*.").unwrap_or(host);
        if url::Host::parse(name).is_err() || name.contains([':', '*']) {
            problems.add(
                &hosts.place,
                format!("“{}” is not a host name", host.escape_debug()),
                "names only, as [\"cas.college-rosa-parks.example\"]",
            );
        }
    }
}

fn check_mail_domains(domains: &At<Vec<String>>, problems: &mut Problems) {
    for domain in domains.iter() {
        if url::Host::parse(domain).is_err() || !domain.contains('.') || domain.contains(':') {
            problems.add(
                &domains.place,
                format!("“{}” is not the domain of an address", domain.escape_debug()),
                "what follows the @, as [\"college-rosa-parks.example\"]",
            );
        }
    }
}

fn check_codes(section: &InstitutionSection, problems: &mut Problems) {
    for code in section.uai.iter().filter(|code| !code.has_right_key()) {
        problems.warn(
            &section.uai.place,
            format!("the key letter of {code} is not the one its digits call for"),
            format!(
                "the code ends in {} if its digits are right; or leave it as it is",
                code.right_key()
            ),
        );
    }
    let siret = section.siret.as_deref();
    if siret.is_some_and(|siret| siret.len() != 14 || !siret.bytes().all(|b| b.is_ascii_digit())) {
        problems.add(
            &section.siret.place,
            "this is not a SIRET number",
            "14 digits, as \"21990001500018\"",
        );
    }
}

fn departement(section: &InstitutionSection, problems: &mut Problems) -> Option<Departement> {
    if let Some(written) = section.departement.as_deref() {
        let known = Departement::new(written);
        if known.is_none() {
            problems.add(
                &section.departement.place,
                "there is no département of this code",
                "a code, as \"35\", \"2A\" or \"974\"",
            );
        }
        return known;
    }
    Departement::told_by(&section.uai, section.postcode.as_deref())
}

fn coordinates(section: &InstitutionSection, problems: &mut Problems) -> Option<Coordinates> {
    let (latitude, longitude) = match (section.latitude.value, section.longitude.value) {
        (Some(latitude), Some(longitude)) => (latitude.0, longitude.0),
        (None, None) => return None,
        _ => {
            problems.add(
                &section.latitude.place,
                "a place needs both latitude and longitude",
                "latitude = 48.1173 and longitude = -1.6778, or neither",
            );
            return None;
        }
    };
    let found = Coordinates::new(latitude, longitude);
    if found.is_none() {
        problems.add(
            &section.latitude.place,
            "there is no such place on the globe",
            "a latitude of -90 to 90 and a longitude of -180 to 180",
        );
    }
    found
}

/// Shared with the group where the institution adds nothing to it.
fn own(section: &InstitutionSection, groups: &Groups, problems: &mut Problems) -> Option<Arc<Particulars>> {
    let contact = contact(&section.contact, problems);
    check_languages(&section.languages, problems);
    let own = Particulars {
        contact: (!contact.name.is_empty()).then_some(contact),
        languages: section.languages.value.clone(),
        theme: section.theme.value.clone(),
        banner: banner(&section.banner, problems),
    };
    let group = section.group.value.as_ref().and_then(|name| {
        let found = groups.get(name);
        if found.is_none() {
            problems.add(
                &section.group.place,
                "there is no group of this name",
                format!("[[group]] with id = \"{name}\", or nothing"),
            );
        }
        found
    });
    match group {
        Some(group) if own.is_empty() => Some(Arc::clone(group)),
        Some(group) => Some(Arc::new(own.or(group))),
        None if own.is_empty() => None,
        None => Some(Arc::new(own)),
    }
}

fn kind(word: KindWord) -> InstitutionKind {
    match word {
        KindWord::School => InstitutionKind::School,
        KindWord::College => InstitutionKind::College,
        KindWord::Lycee => InstitutionKind::Lycee,
        KindWord::University => InstitutionKind::University,
        KindWord::Cfa => InstitutionKind::Cfa,
        KindWord::Other => InstitutionKind::Other,
    }
}

fn state(word: StateWord) -> InstitutionState {
    match word {
        StateWord::Open => InstitutionState::Open,
        StateWord::Hidden => InstitutionState::Hidden,
        StateWord::Test => InstitutionState::Test,
        StateWord::Closed => InstitutionState::Closed,
    }
}

/// At the second owner of a name: there the mend is due.
fn tell(problem: &InstitutionProblem, sections: &[InstitutionSection], problems: &mut Problems) {
    // A realm's own institution has no section: the name is then that of an alias before it.
    let Some(section) = sections.get(problem.at) else {
        problems.add_file(
            std::path::Path::new("institutions.toml"),
            problem.text.clone(),
            "a name that no realm without an institution of its own has",
        );
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
