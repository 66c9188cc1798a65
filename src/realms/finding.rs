//! How people find an institution: by what they type, by where they stand, by département and town.
//! Only open institutions are found; who is hidden, for tests or closed is reached by a link.

use std::collections::{BTreeMap, HashMap};

use super::departement::Departement;
use super::institution::{Coordinates, Institution, InstitutionKind};
use super::institutions::Institutions;
use super::search::{Asked, Findable, Index, Mended, town_key};
use crate::base::names::{InstitutionId, Locale, RealmId};

/// Mean radius of the Earth, kilometres.
const EARTH: f64 = 6371.0;

/// What a search found.
#[derive(Debug, Clone, Default)]
pub struct Found<'a> {
    /// All that fit, shown or not.
    pub total: usize,
    /// Best first.
    pub items: Vec<&'a Institution>,
    /// What was changed in the question because nothing fitted it; pages say so.
    pub mended: Mended,
}

/// A town of a département.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Town<'a> {
    pub name: &'a str,
    /// The same for every way of writing it, for addresses of pages.
    pub key: &'a str,
    /// Its institutions.
    pub count: usize,
}

/// What is made ready once for all searches.
#[derive(Debug, Clone, Default)]
pub(super) struct Finding {
    index: Index,
    /// Places of the open institutions, in the order that the index has them in.
    listed: Vec<u32>,
    /// The number of a realm is its group in the index.
    realms: Vec<RealmId>,
    places: Vec<(u32, Coordinates)>,
    /// Of each département (`None`: of none), by the key of the town, institutions by name.
    towns: BTreeMap<Option<Departement>, BTreeMap<String, Vec<u32>>>,
}

impl Finding {
    pub fn of(all: &[Institution]) -> Finding {
        let mut finding = Finding::default();
        let mut findable = Vec::new();
        for (at, institution) in (0..).zip(all).filter(|(_, one)| one.is_listed()) {
            let group = finding.group(&institution.realm);
            finding.listed.push(at);
            findable.push(of_institution(institution, group));
            if let Some(coordinates) = institution.coordinates {
                finding.places.push((at, coordinates));
            }
        }
        finding.index = Index::build(findable);
        finding.sort_into_towns(all);
        finding
    }

    fn group(&mut self, realm: &RealmId) -> u16 {
        let known = self.realms.iter().position(|known| known == realm);
        let group = known.unwrap_or_else(|| {
            self.realms.push(realm.clone());
            self.realms.len() - 1
        });
        u16::try_from(group).unwrap_or(u16::MAX)
    }

    fn sort_into_towns(&mut self, all: &[Institution]) {
        let mut keys = HashMap::new();
        for rank in self.index.ranking() {
            let listed = self.listed.get(rank).copied();
            let Some((at, institution)) = listed.and_then(|at| Some((at, all.get(at as usize)?))) else {
                continue;
            };
            let town = institution.town.as_deref().unwrap_or_default();
            let postcode = institution.postcode.as_deref();
            let key: &mut String = keys
                .entry((town, postcode))
                .or_insert_with(|| town_key(town, postcode));
            let towns = self.towns.entry(institution.departement).or_default();
            match towns.get_mut(key.as_str()) {
                Some(here) => here.push(at),
                None => _ = towns.insert(key.clone(), vec![at]),
            }
        }
    }
}

impl Institutions {
    /// At most `limit` institutions of the realms that `allowed` lets through, from the one after
    /// `skip` on; those in `remembered` stand first where they fit.
    pub fn search(
        &self,
        text: &str,
        (skip, limit): (usize, usize),
        remembered: &[InstitutionId],
        allowed: impl Fn(&RealmId) -> bool,
    ) -> Found<'_> {
        let finding = self.finding();
        let remembered: Vec<usize> = remembered
            .iter()
            .filter_map(|id| self.place(id.as_str()))
            .filter_map(|at| finding.listed.binary_search(&at).ok())
            .collect();
        let asked = Asked {
            text,
            skip,
            limit,
            remembered: &remembered,
        };
        let realm = |group: u16| finding.realms.get(usize::from(group));
        let answer = finding
            .index
            .search(&asked, |group| realm(group).is_some_and(&allowed));
        let listed = answer.positions.iter().filter_map(|at| finding.listed.get(*at));
        Found {
            total: answer.total,
            items: listed.filter_map(|at| self.at(*at)).collect(),
            mended: answer.mended,
        }
    }

    /// Bytes that the index of [`Institutions::search`] takes.
    pub fn index_bytes(&self) -> usize {
        self.finding().index.bytes()
    }

    /// The `limit` institutions nearest to a place, each with its distance in kilometres.
    pub fn nearest(
        &self,
        from: Coordinates,
        limit: usize,
        allowed: impl Fn(&RealmId) -> bool,
    ) -> Vec<(f64, &Institution)> {
        let mut near: Vec<(f64, u32)> = self
            .finding()
            .places
            .iter()
            .map(|(at, place)| (distance(from, *place), *at))
            .collect();
        near.sort_unstable_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
        let institutions = near.into_iter().filter_map(|(km, at)| Some((km, self.at(at)?)));
        institutions
            .filter(|(_, institution)| allowed(&institution.realm))
            .take(limit)
            .collect()
    }

    /// Every département that has an institution, by its code, with how many; at the end the
    /// institutions of none.
    pub fn by_departement(&self, allowed: impl Fn(&RealmId) -> bool) -> Vec<(Option<Departement>, usize)> {
        let (none, some): (Vec<_>, Vec<_>) = self
            .finding()
            .towns
            .iter()
            .map(|(departement, towns)| {
                let places = towns.values().flatten();
                (*departement, self.allowed(places, &allowed).count())
            })
            .filter(|(_, count)| *count > 0)
            .partition(|(departement, _)| departement.is_none());
        some.into_iter().chain(none).collect()
    }

    /// The towns of a département, in the order of the alphabet; an empty name stands for
    /// institutions whose town is not known.
    pub fn towns(
        &self,
        departement: Option<Departement>,
        allowed: impl Fn(&RealmId) -> bool,
    ) -> Vec<Town<'_>> {
        let towns = self.finding().towns.get(&departement).into_iter().flatten();
        towns
            .filter_map(|(key, places)| {
                let mut here = self.allowed(places, &allowed).peekable();
                let name = here.peek()?.town.as_deref().unwrap_or_default();
                let count = here.count();
                Some(Town { name, key, count })
            })
            .collect()
    }

    /// The institutions of a town, by its key or any way of writing it; large ones first, then by name.
    pub fn of_town(
        &self,
        departement: Option<Departement>,
        town: &str,
        allowed: impl Fn(&RealmId) -> bool,
    ) -> Vec<&Institution> {
        let towns = self.finding().towns.get(&departement);
        let places = towns.and_then(|towns| towns.get(&town_key(town, None)));
        self.allowed(places.into_iter().flatten(), &allowed).collect()
    }

    fn allowed<'a>(
        &'a self,
        places: impl IntoIterator<Item = &'a u32>,
        allowed: impl Fn(&RealmId) -> bool,
    ) -> impl Iterator<Item = &'a Institution> {
        let institutions = places.into_iter().filter_map(|at| self.at(*at));
        institutions.filter(move |institution| allowed(&institution.realm))
    }
}

fn of_institution(institution: &Institution, group: u16) -> Findable<'_> {
    let first = institution.name.get(&Locale::french());
    let others = institution.name.all().filter(|name| Some(*name) != first);
    let kind = kind_words(institution.kind);
    Findable {
        names: first.into_iter().chain(others).collect(),
        short_names: institution.short_names.iter().map(|name| &**name).collect(),
        keywords: institution
            .keywords
            .iter()
            .map(|word| &**word)
            .chain(kind)
            .collect(),
        town: institution.town.as_deref(),
        postcode: institution.postcode.as_deref(),
        departement: institution.departement.map(|one| (one.code(), one.name())),
        academy: institution.academy.as_deref(),
        uai: institution.uai.iter().map(|uai| uai.as_str()).collect(),
        siret: institution.siret.as_deref(),
        hosts: institution.hosts.iter().map(|host| &**host).collect(),
        domains: institution.mail_domains.iter().map(|domain| &**domain).collect(),
        size: size(institution.kind),
        group,
    }
}

/// What people call its kind, whether its name says so or not.
fn kind_words(kind: InstitutionKind) -> Option<&'static str> {
    match kind {
        InstitutionKind::School => Some("école"),
        InstitutionKind::College => Some("collège"),
        InstitutionKind::Lycee => Some("lycée"),
        InstitutionKind::University => Some("université"),
        InstitutionKind::Cfa => Some("CFA centre de formation d’apprentis"),
        InstitutionKind::Other => None,
    }
}

/// How many people are likely to look for it.
fn size(kind: InstitutionKind) -> u8 {
    match kind {
        InstitutionKind::University => 5,
        InstitutionKind::Lycee => 4,
        InstitutionKind::College => 3,
        InstitutionKind::Cfa | InstitutionKind::Other => 2,
        InstitutionKind::School => 1,
    }
}

/// Kilometres along the surface, by the haversine formula.
fn distance(one: Coordinates, other: Coordinates) -> f64 {
    let (from, to) = (one.latitude().to_radians(), other.latitude().to_radians());
    let along = (other.longitude() - one.longitude()).to_radians();
    let half = ((to - from) / 2.0).sin().powi(2) + from.cos() * to.cos() * (along / 2.0).sin().powi(2);
    2.0 * EARTH * half.sqrt().min(1.0).asin()
}

#[cfg(test)]
mod tests {
    use super::super::institution::InstitutionState;
    use super::*;
    use crate::base::texts::Texts;

    fn one(id: &str, town: &str, departement: &str, place: (f64, f64)) -> Institution {
        Institution {
            town: (!town.is_empty()).then(|| town.into()),
            departement: Departement::new(departement),
            coordinates: Coordinates::new(place.0, place.1),
            ..Institution::new(
                InstitutionId::new(id).expect("a slug"),
                RealmId::new("ent").expect("a slug"),
                Texts::same(&format!("Collège {id}")),
            )
        }
    }

    fn list() -> Institutions {
        let mut all = vec![
            one("zola", "Melun", "77", (48.54, 2.66)),
            one("arago", "MELUN", "77", (48.55, 2.67)),
            one("hugo", "Meaux", "77", (48.96, 2.88)),
            one("monge", "Brest", "29", (48.39, -4.49)),
            one("abroad", "", "", (35.6, 139.7)),
            one("hidden", "Melun", "77", (48.54, 2.66)),
        ];
        all[5].state = InstitutionState::Hidden;
        all[3].realm = RealmId::new("other").expect("a slug");
        Institutions::new(all).expect("clean")
    }

    fn ids<'a>(found: impl IntoIterator<Item = &'a Institution>) -> Vec<&'a str> {
        found.into_iter().map(|found| found.id.as_str()).collect()
    }

    #[test]
    fn only_open_institutions_of_allowed_realms_are_found() {
        let list = list();
        let found = list.search("college", (0, 10), &[], |_| true);
        assert_eq!(ids(found.items), ["abroad", "arago", "hugo", "monge", "zola"]);
        let remembered = [InstitutionId::new("zola").expect("a slug")];
        let found = list.search("college", (0, 2), &remembered, |realm| realm.as_str() == "ent");
        assert_eq!((found.total, ids(found.items)), (4, vec!["zola", "abroad"]));
        assert_eq!(list.search("hidden", (0, 10), &[], |_| true).total, 0);
    }

    #[test]
    fn the_nearest_come_first_with_their_distance() {
        let list = list();
        let melun = Coordinates::new(48.54, 2.66).expect("a place");
        let near = list.nearest(melun, 3, |_| true);
        assert_eq!(ids(near.iter().map(|(_, one)| *one)), ["zola", "arago", "hugo"]);
        assert!((near[2].0 - 49.4).abs() < 0.5, "{}", near[2].0);
        let other = list.nearest(melun, 3, |realm| realm.as_str() == "other");
        assert_eq!(ids(other.iter().map(|(_, one)| *one)), ["monge"]);
    }

    #[test]
    fn one_walks_from_the_departement_to_the_town_to_the_institution() {
        let list = list();
        let ent = |realm: &RealmId| realm.as_str() == "ent";
        let codes = |allowed: &dyn Fn(&RealmId) -> bool| -> Vec<(Option<&str>, usize)> {
            let found = list.by_departement(allowed).into_iter();
            found
                .map(|(departement, count)| (departement.map(Departement::code), count))
                .collect()
        };
        assert_eq!(codes(&|_| true), [(Some("29"), 1), (Some("77"), 3), (None, 1)]);
        assert_eq!(codes(&ent), [(Some("77"), 3), (None, 1)]);
        let towns = list.towns(Departement::new("77"), ent);
        let named: Vec<_> = towns
            .iter()
            .map(|town| (town.name, town.key, town.count))
            .collect();
        assert_eq!(named, [("Meaux", "meaux", 1), ("MELUN", "melun", 2)]);
        assert_eq!(
            ids(list.of_town(Departement::new("77"), "Melun", ent)),
            ["arago", "zola"]
        );
        assert_eq!(list.of_town(Departement::new("29"), "brest", ent).len(), 0);
        assert_eq!(ids(list.of_town(None, "", ent)), ["abroad"]);
    }
}
