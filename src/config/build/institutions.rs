//! Institutions from their files, and one for each realm that has none.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use super::logos::Logos;
use super::realms::{banner, contact};
use super::recovery::letterhead;
use super::sheet;
use crate::base::names::{InstitutionId, Locale, RealmId};
use crate::config::files::Written;
use crate::config::problem::Problems;
use crate::config::section::nearest;
use crate::config::sections::{GroupSection, InstitutionSection, KindWord, StateWord};
use crate::config::settings::RealmSettings;
use crate::config::source::{At, Place};
use crate::realms::checks::{self, Flaw};
use crate::realms::{
    Contact, Groups, Institution, InstitutionKind, InstitutionState, Institutions, Particulars, Realm,
};

/// What is known when institutions are read.
pub struct Known<'a> {
    pub groups: Groups,
    /// Names of the realms, also of those that could not be read.
    pub realms: Vec<&'a str>,
}

/// `realms` is `None` when some realm could not be read: then names of realms are taken from the
/// files, so that one mistake is not told twice.
pub fn build(
    written: &Written,
    realms: Option<&[RealmSettings]>,
    problems: &mut Problems,
) -> Option<Institutions> {
    let file = written.institutions.as_ref();
    let mut logos = Logos::default();
    let groups = file.map(|file| groups(&file.group, &mut logos, problems));
    let known = Known {
        groups: groups.unwrap_or_default(),
        realms: written.realms.iter().map(|file| file.name.as_str()).collect(),
    };
    let sections: &[InstitutionSection] = file.map_or(&[], |file| &file.institution);
    let mut all: Vec<Institution> = Vec::with_capacity(sections.len());
    for section in sections {
        check_realm(&section.realm, &section.realm.place, &known, problems);
        all.push(institution(section, (&known.groups, &mut logos), problems));
    }
    let rows = match &written.sheet {
        Some(sheet) => sheet::build(sheet, &known, &mut all, problems)?,
        None => sheet::Places::default(),
    };
    let realms = realms.unwrap_or_default().iter();
    add_missing(realms.map(|realm| &realm.realm), &mut all);
    let found = match Institutions::new(all) {
        Ok(institutions) => return Some(institutions),
        Err(found) => found,
    };
    for problem in found.iter().take(sheet::MOST_PROBLEMS) {
        let section = sections.get(problem.at);
        let row = problem.at.checked_sub(sections.len());
        let place = match section {
            Some(section) => section.place_of(problem.key).cloned(),
            None => row.and_then(|row| rows.place(row, problem.key)),
        };
        match place {
            Some(place) => problems.add(&place, &problem.text, "a name that no other institution has"),
            // The institution of a realm that names none of its own.
            None => problems.add_file(
                Path::new("institutions.toml"),
                &problem.text,
                "a name that no realm without institutions has",
            ),
        }
    }
    None
}

/// An institution for each realm that nobody gave one.
fn add_missing<'a>(realms: impl Iterator<Item = &'a Realm>, all: &mut Vec<Institution>) {
    let taken: HashSet<RealmId> = all.iter().map(|one| one.realm.clone()).collect();
    for realm in realms.filter(|realm| !taken.contains(&realm.id)) {
        let id = InstitutionId::new(realm.id.as_str());
        all.extend(id.map(|id| Institution::new(id, realm.id.clone(), realm.name.clone())));
    }
}

/// Whether there is such a realm.
pub fn check_realm(realm: &RealmId, place: &Place, known: &Known<'_>, problems: &mut Problems) {
    if known.realms.contains(&realm.as_str()) {
        return;
    }
    let wrong = match nearest(realm.as_str(), &known.realms) {
        Some(near) => format!("there is no realm of this name; did you mean “{near}”?"),
        None => "there is no realm of this name".to_owned(),
    };
    let names = known.realms.join(", ");
    problems.add(
        place,
        wrong,
        format!("one of: {names}; or add realms/{realm}.toml"),
    );
}

fn groups(sections: &[GroupSection], logos: &mut Logos, problems: &mut Problems) -> Groups {
    let mut groups = Groups::new();
    for section in sections {
        let own = contact(&section.contact, problems);
        check_languages(&section.languages, problems);
        let particulars = Particulars {
            contact: (own != Contact::default()).then_some(own),
            languages: section.languages.value.clone(),
            theme: section.theme.value.clone(),
            banner: banner(&section.banner, problems),
            logo: logos.read(&section.logo, problems),
            letterhead: letterhead(&section.sender, problems),
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

fn check_languages(languages: &At<Option<Vec<Locale>>>, problems: &mut Problems) {
    if languages.value.as_ref().is_some_and(Vec::is_empty) {
        problems.add(
            &languages.place,
            "a page speaks at least one language",
            "[\"fr\", \"en\"], or nothing for those of the realm",
        );
    }
}

fn institution(
    section: &InstitutionSection,
    shared: (&Groups, &mut Logos),
    problems: &mut Problems,
) -> Institution {
    let mut flaws = Vec::new();
    let postcode = section.postcode.as_deref();
    let departement = checks::departement(section.departement.as_deref(), &section.uai, postcode);
    let latitude = section.latitude.value.map(|angle| angle.0);
    let longitude = section.longitude.value.map(|angle| angle.0);
    let coordinates = checks::coordinates(latitude, longitude);
    let boxed = |texts: &[String]| texts.iter().map(|text| text.as_str().into()).collect();
    let optional = |text: &Option<String>| text.as_deref().map(Box::from);
    let institution = Institution {
        short_names: boxed(&section.short_names),
        keywords: boxed(&section.keywords),
        kind: kind(section.kind.value),
        state: state(section.state.value),
        uai: section.uai.as_slice().into(),
        siret: optional(&section.siret),
        town: optional(&section.town),
        postcode: optional(&section.postcode),
        departement: departement.map_err(|flaw| flaws.push(flaw)).ok().flatten(),
        academy: section.academy.as_deref().map(Arc::from),
        coordinates: coordinates.map_err(|flaw| flaws.push(flaw)).ok().flatten(),
        mail_domains: boxed(&section.mail_domains),
        hosts: boxed(&section.hosts),
        aliases: boxed(&section.aliases),
        own: own(section, shared, problems),
        ..Institution::new(
            section.id.value.clone(),
            section.realm.value.clone(),
            section.name.value.clone(),
        )
    };
    flaws.extend(checks::flaws(&institution));
    for Flaw { key, wrong, mend } in flaws {
        let place = section.place_of(key).unwrap_or(&section.id.place);
        problems.add(place, wrong, mend);
    }
    for Flaw { wrong, mend, .. } in checks::doubts(&institution) {
        problems.warn(&section.uai.place, wrong, mend);
    }
    institution
}

/// What it has of its own and of its group's.
fn own(
    section: &InstitutionSection,
    (groups, logos): (&Groups, &mut Logos),
    problems: &mut Problems,
) -> Option<Arc<Particulars>> {
    let contact = contact(&section.contact, problems);
    check_languages(&section.languages, problems);
    let own = Particulars {
        contact: (contact != Contact::default()).then_some(contact),
        languages: section.languages.value.clone(),
        theme: section.theme.value.clone(),
        banner: banner(&section.banner, problems),
        logo: logos.read(&section.logo, problems),
        letterhead: letterhead(&section.sender, problems),
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
    own.within(group)
}

/// Parameters of our own pages cannot name institutions.
pub fn check_parameters(parameters: &At<Vec<String>>, problems: &mut Problems) {
    const TAKEN: [&str; 14] = [
        "service", "renew", "gateway", "warn", "method", "lt", "lang", "username", "password", "ticket", "q",
        "switch", "fragment", "to",
    ];
    let clean = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    for name in parameters.iter() {
        let fits = !name.is_empty() && name.chars().all(clean);
        if !fits || TAKEN.contains(&name.as_str()) {
            problems.add(
                &parameters.place,
                format!("“{}” cannot name an institution", name.escape_debug()),
                "names of parameters that links in use have, as [\"selection\", \"uai\"]",
            );
        }
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
