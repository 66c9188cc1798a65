//! What can be chosen on a way to a service: listed institutions whose realm may use it. Searching
//! and its order are the index's affair; this is the picker's view of it.

use crate::base::fold::folded;
use crate::base::names::{InstitutionId, Locale, RealmId};
use crate::realms::{Coordinates, Departement, Institution, InstitutionKind, Institutions, Town};
use crate::services::Service;

/// Characters of a search; nobody types more, and a longer one is cut.
const LONGEST: usize = 100;

#[derive(Clone, Copy)]
pub struct Shelf<'a> {
    all: &'a Institutions,
    service: Option<&'a Service>,
}

/// What a search found: all of it counted, some of it listed, best first.
#[derive(Default)]
pub struct Found<'a> {
    pub total: usize,
    pub institutions: Vec<&'a Institution>,
    /// Nothing has every word as it was typed.
    pub near_miss: bool,
}

impl<'a> Shelf<'a> {
    pub fn new(all: &'a Institutions, service: Option<&'a Service>) -> Shelf<'a> {
        Shelf { all, service }
    }

    /// Everything that can be chosen.
    pub fn open(self) -> impl Iterator<Item = &'a Institution> {
        self.all.all().iter().filter(move |one| self.holds(one))
    }

    fn holds(self, one: &Institution) -> bool {
        one.is_listed() && self.allows(&one.realm)
    }

    fn allows(self, realm: &RealmId) -> bool {
        self.service.is_none_or(|service| service.open_to(realm))
    }

    /// The institution of this id or alias, when it can be chosen.
    pub fn named(self, name: &str) -> Option<&'a Institution> {
        self.all.named(name).filter(|one| self.holds(one))
    }

    /// What fits `query`, from the one after `skip` on; those remembered stand first.
    pub fn search(self, query: &str, span: (usize, usize), remembered: &[InstitutionId]) -> Found<'a> {
        let found = self
            .all
            .search(query, span, remembered, |realm| self.allows(realm));
        Found {
            total: found.total,
            institutions: found.items,
            near_miss: !found.mended.is_nothing(),
        }
    }

    /// The `most` nearest to a place, nearest first, with the kilometres there.
    pub fn around(self, place: Coordinates, most: usize) -> Vec<(f64, &'a Institution)> {
        self.all.nearest(place, most, |realm| self.allows(realm))
    }

    pub fn has_departements(self) -> bool {
        self.open().any(|one| one.departement.is_some())
    }

    /// Each with the number of its institutions; at the end those of none.
    pub fn departements(self) -> Vec<(Option<Departement>, usize)> {
        self.all.by_departement(|realm| self.allows(realm))
    }

    pub fn towns(self, departement: Option<Departement>) -> Vec<Town<'a>> {
        self.all.towns(departement, |realm| self.allows(realm))
    }

    pub fn of_town(self, departement: Option<Departement>, town: &str) -> Vec<&'a Institution> {
        self.all.of_town(departement, town, |realm| self.allows(realm))
    }
}

/// `institutions` as a reader expects them: by name, accents and case aside, then by town.
pub fn by_name<'a>(mut institutions: Vec<&'a Institution>, language: &Locale) -> Vec<&'a Institution> {
    institutions.sort_by_cached_key(|one| {
        let name = one.name.get(language).unwrap_or(one.id.as_str());
        (folded(name), folded(one.town.as_deref().unwrap_or_default()))
    });
    institutions
}

/// What is searched of what was typed: of an e-mail address only what follows the @, and not more
/// than anybody types.
pub fn searched(typed: &str) -> String {
    let part = typed.rsplit('@').next().unwrap_or_default();
    part.trim().chars().take(LONGEST).collect()
}

/// Postcode and town, UAI code: what there is of it.
pub fn place(institution: &Institution) -> Vec<String> {
    let parts = [&institution.postcode, &institution.town];
    let town: Vec<&str> = parts.into_iter().filter_map(Option::as_deref).collect();
    let town = (!town.is_empty()).then(|| town.join(" "));
    let uai = institution.uai.first().map(|uai| uai.as_str().to_owned());
    town.into_iter().chain(uai).collect()
}

/// The word that scripts know a kind by.
pub fn kind(institution: &Institution) -> &'static str {
    match institution.kind {
        InstitutionKind::School => "school",
        InstitutionKind::College => "college",
        InstitutionKind::Lycee => "lycee",
        InstitutionKind::University => "university",
        InstitutionKind::Cfa => "cfa",
        InstitutionKind::Other => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_address_only_the_domain_is_searched() {
        for (typed, query) in [
            ("camille.dupont@univ-x.fr", "univ-x.fr"),
            (" a@b@c.fr ", "c.fr"),
            ("camille@", ""),
            ("  Melun ", "Melun"),
        ] {
            assert_eq!(searched(typed), query, "{typed}");
        }
        assert_eq!(searched(&"é".repeat(10_000)).chars().count(), LONGEST);
    }
}
