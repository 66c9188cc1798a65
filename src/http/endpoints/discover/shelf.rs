//! What can be chosen on a way to a service: listed institutions whose realm may use it. Searching
//! and its order are the index's affair; this is the picker's view of it.

use crate::base::fold::folded;
use crate::base::names::Locale;
use crate::realms::{Institution, Institutions};
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
    /// Nothing has every word that was typed.
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

    pub fn holds(self, one: &Institution) -> bool {
        one.listed && self.service.is_none_or(|service| service.open_to(&one.realm))
    }

    /// The institution of this id or alias, when it can be chosen.
    pub fn named(self, name: &str) -> Option<&'a Institution> {
        self.all.named(name).filter(|one| self.holds(one))
    }

    /// At least the first `most` of what fits `query`.
    pub fn search(self, query: &str, most: usize) -> Found<'a> {
        let words: Vec<String> = folded(query).split_whitespace().map(str::to_owned).collect();
        if words.is_empty() {
            return Found::default();
        }
        let fits = |one: &&Institution| {
            let town = one.town.as_deref().unwrap_or_default();
            let text: String = one.name.all().chain([town]).collect::<Vec<_>>().join(" ");
            let text = folded(&text);
            words.iter().all(|word| text.contains(word.as_str()))
        };
        let mut institutions: Vec<&Institution> = self.open().filter(fits).collect();
        let total = institutions.len();
        institutions.truncate(most);
        Found {
            total,
            institutions,
            near_miss: false,
        }
    }

    /// The `most` nearest to a place, nearest first.
    pub fn around(self, _latitude: f64, _longitude: f64, _most: usize) -> Vec<&'a Institution> {
        Vec::new()
    }

    pub fn has_departments(self) -> bool {
        false
    }
}

/// `institutions` as a reader expects them: by name, accents and case aside, then by town.
pub fn by_name<'a>(mut institutions: Vec<&'a Institution>, language: &Locale) -> Vec<&'a Institution> {
    institutions.sort_by_cached_key(|one| {
        let name = one.name.get(language).unwrap_or(one.id.as_str());
        (folded(name), folded(town(one).unwrap_or_default()))
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
    let town: Vec<&str> = [postcode(institution), town(institution)]
        .into_iter()
        .flatten()
        .collect();
    let town = (!town.is_empty()).then(|| town.join(" "));
    town.into_iter().chain(uai(institution)).collect()
}

pub fn town(institution: &Institution) -> Option<&str> {
    institution.town.as_deref()
}

pub fn postcode(_institution: &Institution) -> Option<&str> {
    None
}

pub fn uai(_institution: &Institution) -> Option<String> {
    None
}

pub fn short(_institution: &Institution) -> Option<&str> {
    None
}

pub fn kind(_institution: &Institution) -> &'static str {
    "other"
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
