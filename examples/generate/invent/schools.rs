//! Invented schools and universities in the proportions of the ministry's figures for 2023-24
//! (47,790 écoles, 6,980 collèges, 3,700 lycées, and 1,530 beyond). None is a real one; their UAI codes
//! keep to serial numbers that hardly any real code has.

use std::collections::{HashMap, HashSet};

use mereau::base::names::{InstitutionId, RealmId};
use mereau::base::uai::Uai;
use mereau::realms::{Coordinates, Departement, Institution, InstitutionKind, Texts};

use super::chance::{Chance, Weighted};
use super::departements::AREAS;
use super::patrons::{PATRONS, SAINTS, SUBJECTS};
use super::towns::{Town, towns};

/// How often the n-th patron is drawn: 1/n to this power.
const PATRON_EXPONENT: f64 = 0.72;

/// Communes of a France of 60,000 schools.
const COMMUNES_PER_SCHOOL: f64 = 0.58;

/// One invented establishment.
#[derive(Debug, Clone)]
pub struct School {
    pub uai: Uai,
    pub kind: InstitutionKind,
    /// The ministry's number and words for what it is.
    pub nature: (&'static str, &'static str),
    pub name: String,
    /// What of the name is its own.
    pub patronym: Option<String>,
    pub private: bool,
    /// The place among the towns.
    pub town: usize,
    pub street: String,
    pub latitude: f64,
    pub longitude: f64,
    pub acronym: Option<String>,
    pub mail_domain: Option<String>,
}

/// Schools with their towns.
pub struct France {
    pub towns: Vec<Town>,
    pub schools: Vec<School>,
}

impl France {
    pub fn invent(seed: u64, count: usize) -> France {
        let communes = ((count as f64 * COMMUNES_PER_SCHOOL) as usize).max(200);
        let towns = towns(seed, communes);
        let mut maker = Maker {
            chance: Chance::new(seed, "schools"),
            drawn: Weighted::new(towns.iter().map(|town| f64::from(town.people) + 150.0)),
            patrons: Weighted::zipf(PATRONS.len(), PATRON_EXPONENT),
            saints: Weighted::zipf(SAINTS.len(), PATRON_EXPONENT),
            towns: &towns,
            names: HashSet::new(),
            serials: HashMap::new(),
            domains: HashSet::new(),
        };
        let share = |of: usize| count * of / 60_000;
        let (colleges, lycees, beyond) = (share(6_980), share(3_700), share(1_530));
        let mut schools = Vec::with_capacity(count);
        for at in 0..count {
            schools.push(match at {
                at if at < beyond => maker.beyond(),
                at if at < beyond + lycees => maker.lycee(),
                at if at < beyond + lycees + colleges => maker.college(),
                _ => maker.primary(),
            });
        }
        schools.sort_by_key(|school| school.uai);
        France { towns, schools }
    }

    pub fn town(&self, school: &School) -> &Town {
        &self.towns[school.town]
    }

    /// As the server holds it.
    pub fn institution(&self, school: &School, realm: &RealmId) -> Institution {
        let town = self.town(school);
        let code = school.uai.to_string().to_lowercase();
        let id = InstitutionId::new(&code).expect("seven digits and a letter");
        let boxed = |text: &Option<String>| text.iter().map(|text| text.as_str().into()).collect();
        Institution {
            short_names: boxed(&school.acronym),
            kind: school.kind,
            uai: [school.uai].into(),
            town: Some(town.name.as_str().into()),
            postcode: Some(town.postcode.as_str().into()),
            departement: Departement::new(AREAS[town.area].code),
            academy: Some(AREAS[town.area].academy.into()),
            coordinates: Coordinates::new(school.latitude, school.longitude),
            mail_domains: boxed(&school.mail_domain),
            ..Institution::new(id, realm.clone(), Texts::same(&school.name))
        }
    }
}

struct Maker<'a> {
    chance: Chance,
    drawn: Weighted,
    patrons: Weighted,
    saints: Weighted,
    towns: &'a [Town],
    names: HashSet<(usize, String)>,
    serials: HashMap<String, u32>,
    domains: HashSet<String>,
}

impl Maker<'_> {
    fn primary(&mut self) -> School {
        let (word, nature) = match self.chance.below(100) {
            0..24 => ("maternelle", ("101", "ECOLE MATERNELLE")),
            24..58 => ("élémentaire", ("151", "ECOLE DE NIVEAU ELEMENTAIRE")),
            _ => ("primaire", ("151", "ECOLE DE NIVEAU ELEMENTAIRE")),
        };
        self.school(InstitutionKind::School, &format!("École {word}"), nature, 11)
    }

    fn college(&mut self) -> School {
        self.school(InstitutionKind::College, "Collège", ("340", "COLLEGE"), 24)
    }

    fn lycee(&mut self) -> School {
        let (kind, nature) = match self.chance.below(100) {
            0..48 => (
                "Lycée général et technologique",
                ("302", "LYCEE ENSEIGNT GENERAL ET TECHNOLOGIQUE"),
            ),
            48..78 => ("Lycée professionnel", ("320", "LYCEE PROFESSIONNEL")),
            _ => ("Lycée polyvalent", ("306", "LYCEE POLYVALENT")),
        };
        self.school(InstitutionKind::Lycee, kind, nature, 35)
    }

    /// A school named after somebody, or in small towns after nobody.
    fn school(
        &mut self,
        kind: InstitutionKind,
        words: &str,
        nature: (&'static str, &'static str),
        private: u32,
    ) -> School {
        let private = self.chance.percent(private);
        let town = self.drawn.draw(&mut self.chance);
        let small = self.towns[town].people < 2_000 && kind == InstitutionKind::School;
        let mut name = String::new();
        let mut patronym = None;
        // Names are seldom used twice in a town, but they are.
        for _ in 0..4 {
            let nameless = small && !private && self.chance.percent(70);
            patronym = (!nameless).then(|| self.patronym(private));
            let of = if private { " privé" } else { "" };
            let of = if private && kind == InstitutionKind::School {
                " privée"
            } else {
                of
            };
            name = match &patronym {
                Some(patronym) => format!("{words}{of} {patronym}"),
                None if self.chance.percent(15) => format!("{words} communale"),
                None => format!("{words} publique"),
            };
            if self.names.insert((town, name.clone())) {
                break;
            }
        }
        self.placed(kind, nature, (name, patronym), town, private)
    }

    fn patronym(&mut self, private: bool) -> String {
        let saint = if private { 85 } else { 3 };
        if self.chance.percent(saint) {
            SAINTS[self.saints.draw(&mut self.chance)].to_owned()
        } else {
            PATRONS[self.patrons.draw(&mut self.chance)].to_owned()
        }
    }

    /// Universities, schools and centres for apprentices, in the great towns.
    fn beyond(&mut self) -> School {
        let great = self.towns.iter().filter(|town| town.people > 20_000).count();
        let town = loop {
            let town = self.drawn.draw(&mut self.chance);
            if self.towns[town].people > 20_000 || great < 10 {
                break town;
            }
        };
        let place = self.towns[town]
            .name
            .split("  ")
            .next()
            .unwrap_or_default()
            .to_owned();
        let subject = self.chance.pick(&SUBJECTS);
        let patron = PATRONS[self.patrons.draw(&mut self.chance)];
        let (kind, nature, name) = match self.chance.below(100) {
            0..6 => (
                InstitutionKind::University,
                ("400", "UNIVERSITE"),
                format!("Université {patron} de {place}"),
            ),
            6..40 => (
                InstitutionKind::University,
                ("430", "ETABLISSEMENT D'ENSEIGNEMENT SUPERIEUR"),
                format!("École supérieure {subject} {patron}"),
            ),
            40..60 => (
                InstitutionKind::University,
                ("420", "INSTITUT UNIVERSITAIRE"),
                format!("Institut {subject} de {place}"),
            ),
            _ => (
                InstitutionKind::Cfa,
                ("600", "CENTRE DE FORMATION D'APPRENTIS"),
                format!("CFA {subject} {patron}"),
            ),
        };
        let patronym = name.contains(patron).then(|| patron.to_owned());
        let mut school = self.placed(kind, nature, (name, patronym), town, false);
        if kind == InstitutionKind::University {
            let acronym = acronym(&school.name);
            let domain = format!("{}.example", acronym.to_lowercase());
            if self.domains.insert(domain.clone()) {
                school.mail_domain = Some(domain);
                school.acronym = Some(acronym);
            }
        }
        school
    }

    fn placed(
        &mut self,
        kind: InstitutionKind,
        nature: (&'static str, &'static str),
        (name, patronym): (String, Option<String>),
        town: usize,
        private: bool,
    ) -> School {
        let place = &self.towns[town];
        let uai = self.uai(AREAS[place.area].code);
        let way = self.chance.pick(&[
            "rue des Écoles",
            "avenue de la Gare",
            "place du Marché",
            "chemin du Pré",
        ]);
        let spread = if place.people > 50_000 { 0.05 } else { 0.01 };
        School {
            uai,
            kind,
            nature,
            name,
            patronym,
            private,
            town,
            street: format!("{} {way}", 1 + self.chance.below(120)),
            latitude: place.latitude + (self.chance.unit() - 0.5) * spread,
            longitude: place.longitude + (self.chance.unit() - 0.5) * spread,
            acronym: None,
            mail_domain: None,
        }
    }

    /// Serial numbers from 9000 up, and below where those do not suffice.
    fn uai(&mut self, area: &str) -> Uai {
        let prefix = match area {
            "2A" => "620".to_owned(),
            "2B" => "720".to_owned(),
            code => format!("{code:0>3}"),
        };
        let count = self.serials.entry(prefix.clone()).or_default();
        let serial = if *count < 1000 {
            9000 + *count
        } else {
            9999 - *count
        };
        *count += 1;
        let unsigned = Uai::new(&format!("{prefix}{serial:04}A")).expect("digits and a letter");
        let code = format!("{prefix}{serial:04}{}", unsigned.right_key());
        Uai::new(&code).expect("digits and a letter")
    }
}

/// First letters of the words that say something.
fn acronym(name: &str) -> String {
    let folded = mereau::base::fold::folded(name);
    let words = folded.split(|c: char| !c.is_alphanumeric());
    let telling = words.filter(|word| word.len() > 2 && *word != "des");
    telling
        .filter_map(|word| word.chars().next())
        .collect::<String>()
        .to_uppercase()
}
