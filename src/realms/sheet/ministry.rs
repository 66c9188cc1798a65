//! The open data of the French ministry of education, as it is published: which column says what of
//! a school. Both the file of addresses and geolocation and the directory of schools are read.

use std::collections::HashMap;
use std::sync::Arc;

use super::ours::{angle, shared};
use super::{Row, Sheet};
use crate::base::fold::folded;
use crate::base::names::{InstitutionId, RealmId};
use crate::base::uai::Uai;
use crate::realms::checks::{self, Flaw};
use crate::realms::{Departement, Institution, InstitutionKind, InstitutionState, Texts};

/// Reads the rows of one file.
pub struct Ministry {
    realm: RealmId,
    columns: Columns,
    academies: HashMap<String, Arc<str>>,
    /// The line of each code.
    seen: HashMap<Uai, usize>,
}

/// A school, and what is doubtful about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    pub institution: Institution,
    pub doubts: Vec<Flaw>,
}

struct Columns {
    uai: Option<usize>,
    name: Option<usize>,
    denomination: Option<usize>,
    patronym: Option<usize>,
    postcode: Option<usize>,
    town: Option<usize>,
    latitude: Option<usize>,
    longitude: Option<usize>,
    nature: Option<usize>,
    nature_code: Option<usize>,
    state: Option<usize>,
    departement: Option<usize>,
    academy: Option<usize>,
    siret: Option<usize>,
}

impl Columns {
    fn of(sheet: &Sheet) -> Columns {
        let column = |names: &[&str]| sheet.column(names);
        Columns {
            uai: column(&[
                "numero_uai",
                "code_etablissement",
                "identifiant_de_l_etablissement",
                "uai",
            ]),
            name: column(&["appellation_officielle", "nom_etablissement"]),
            denomination: column(&["denomination_principale"]),
            patronym: column(&["patronyme_uai", "patronyme"]),
            postcode: column(&["code_postal_uai", "code_postal"]),
            town: column(&[
                "libelle_commune",
                "nom_commune",
                "commune",
                "localite_acheminement_uai",
                "localite_acheminement",
                "localite_d_acheminement",
            ]),
            latitude: column(&["latitude"]),
            longitude: column(&["longitude"]),
            nature: column(&["nature_uai_libe", "libelle_nature", "nature"]),
            nature_code: column(&["nature_uai", "code_nature"]),
            state: column(&["etat_etablissement_libe", "etat_etablissement", "etat"]),
            departement: column(&["code_departement"]),
            academy: column(&["libelle_academie", "academie"]),
            siret: column(&["siren_siret"]),
        }
    }
}

impl Ministry {
    /// All rows become institutions of `realm`. An `Err` says which column is missing.
    pub fn new(sheet: &Sheet, realm: RealmId) -> Result<Ministry, Flaw> {
        let columns = Columns::of(sheet);
        let missing = |key, mend| Err(Flaw::new(key, "there is no column of this name", mend));
        if columns.uai.is_none() {
            let mend = "a file with the UAI code of each school, as the ministry publishes it";
            return missing("numero_uai", mend);
        }
        if columns.name.is_none() && columns.denomination.is_none() {
            let mend = "a file with the name of each school, as the ministry publishes it";
            return missing("appellation_officielle", mend);
        }
        Ok(Ministry {
            realm,
            columns,
            academies: HashMap::new(),
            seen: HashMap::new(),
        })
    }

    /// The school of a row, or all that keeps it from being one.
    pub fn read(&mut self, row: &Row) -> Result<Imported, Vec<Flaw>> {
        let mut flaws = Vec::new();
        let uai = self.uai(row, &mut flaws);
        let columns = &self.columns;
        let coordinates = angle(row, columns.latitude, "latitude")
            .and_then(|latitude| checks::coordinates(latitude, angle(row, columns.longitude, "longitude")?));
        let coordinates = coordinates.map_err(|flaw| flaws.push(flaw)).ok().flatten();
        let state = state(row.cell(columns.state)).map_err(|flaw| flaws.push(flaw));
        let name = name(row, columns);
        let id = uai.and_then(|uai| InstitutionId::new(&uai.as_str().to_ascii_lowercase()));
        let (Some(uai), Some(id)) = (uai, id) else {
            return Err(flaws);
        };
        let postcode = row.cell(columns.postcode);
        let written = row.cell(columns.departement).and_then(Departement::new);
        let patronym = row.cell(columns.patronym);
        let institution = Institution {
            keywords: patronym
                .filter(|patronym| !folded(&name).contains(&folded(patronym)))
                .map(Box::from)
                .into_iter()
                .collect(),
            kind: kind(row.cell(columns.nature), row.cell(columns.nature_code)),
            state: state.unwrap_or_default(),
            uai: [uai].into(),
            siret: row
                .cell(columns.siret)
                .filter(|number| number.len() == 14)
                .map(Box::from),
            town: row.cell(columns.town).map(Box::from),
            postcode: postcode.map(Box::from),
            departement: written.or_else(|| Departement::told_by(&[uai], postcode)),
            academy: row
                .cell(columns.academy)
                .map(|academy| shared(&mut self.academies, academy)),
            coordinates,
            ..Institution::new(id, self.realm.clone(), Texts::same(&name))
        };
        flaws.extend(checks::flaws(&institution));
        if flaws.is_empty() {
            let doubts = checks::doubts(&institution);
            Ok(Imported { institution, doubts })
        } else {
            Err(flaws)
        }
    }

    /// The code, unless an earlier line has it.
    fn uai(&mut self, row: &Row, flaws: &mut Vec<Flaw>) -> Option<Uai> {
        let written = row.cell(self.columns.uai).unwrap_or_default();
        let Some(uai) = Uai::new(written) else {
            let wrong = format!("“{}” is not a UAI code", written.escape_debug());
            flaws.push(Flaw::new("numero_uai", wrong, "seven digits and a letter"));
            return None;
        };
        let first = *self.seen.entry(uai).or_insert(row.line);
        if first != row.line {
            let wrong = format!("{uai} is also on line {first}");
            flaws.push(Flaw::new("numero_uai", wrong, "one line for each code"));
        }
        Some(uai)
    }
}

/// The official name, or what it is made of.
fn name(row: &Row, columns: &Columns) -> String {
    if let Some(name) = row.cell(columns.name) {
        return name.to_owned();
    }
    let parts = [columns.denomination, columns.patronym];
    let parts: Vec<&str> = parts.into_iter().filter_map(|part| row.cell(part)).collect();
    parts.join(" ")
}

/// By words or by the ministry's number.
fn state(written: Option<&str>) -> Result<InstitutionState, Flaw> {
    match folded(written.unwrap_or("1")).as_str() {
        "1" | "ouvert" | "2" | "a fermer" => Ok(InstitutionState::Open),
        "3" | "a ouvrir" => Ok(InstitutionState::Hidden),
        "4" | "ferme" => Ok(InstitutionState::Closed),
        _ => Err(Flaw::new(
            "etat_etablissement",
            "this state is not known",
            "OUVERT, A FERMER, A OUVRIR or FERME",
        )),
    }
}

/// By the words of its nature, or else by the ministry's number.
fn kind(nature: Option<&str>, code: Option<&str>) -> InstitutionKind {
    let words = folded(nature.unwrap_or_default());
    let told = [
        ("universit", InstitutionKind::University),
        ("enseignement superieur", InstitutionKind::University),
        ("apprenti", InstitutionKind::Cfa),
        ("cfa", InstitutionKind::Cfa),
        ("lycee", InstitutionKind::Lycee),
        ("college", InstitutionKind::College),
        ("ecole", InstitutionKind::School),
    ];
    if let Some((_, kind)) = told.iter().find(|(word, _)| words.contains(word)) {
        return *kind;
    }
    match code.and_then(|code| code.get(..2)) {
        Some("10" | "11" | "15" | "16" | "17" | "18") => InstitutionKind::School,
        Some("30" | "31" | "32") => InstitutionKind::Lycee,
        Some("34" | "35") => InstitutionKind::College,
        _ => InstitutionKind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::names::Locale;

    const HEADINGS: &str = "numero_uai;appellation_officielle;denomination_principale;patronyme_uai;\
        secteur_public_prive_libe;adresse_uai;code_postal_uai;localite_acheminement_uai;libelle_commune;\
        latitude;longitude;nature_uai;nature_uai_libe;etat_etablissement;etat_etablissement_libe;\
        code_departement;code_academie;libelle_academie\n";

    fn read(rows: &str) -> Vec<Result<Imported, String>> {
        let sheet = Sheet::of_text(format!("{HEADINGS}{rows}")).expect("headings");
        let realm = RealmId::new("ent").expect("a slug");
        let mut ministry = Ministry::new(&sheet, realm).expect("its columns");
        let read = sheet.rows().map(|row| {
            let read = ministry.read(&row.expect("a row"));
            read.map_err(|flaws| {
                let told: Vec<String> = flaws.iter().map(|flaw| flaw.wrong.clone()).collect();
                told.join("; ")
            })
        });
        read.collect()
    }

    #[test]
    fn a_row_of_the_ministrys_becomes_an_institution() {
        let row = "0990001A;Collège des Tilleuls;COLLEGE;PIERRE ESSAI;Public;1 RUE X;20090;AJACCIO CEDEX;Ajaccio;\
                   41.92;8.73;340;COLLEGE;1;OUVERT;02A;27;Corse\n";
        let [Ok(Imported { institution, doubts })] = &read(row)[..] else {
            panic!("one school")
        };
        assert_eq!(doubts.is_empty(), institution.uai[0].has_right_key());
        assert_eq!(institution.id.as_str(), "0990001a");
        assert_eq!(
            institution.name.get(&Locale::french()),
            Some("Collège des Tilleuls")
        );
        assert_eq!(institution.keywords.join("|"), "PIERRE ESSAI");
        assert_eq!(institution.town.as_deref(), Some("Ajaccio"));
        assert_eq!(institution.departement.map(Departement::code), Some("2A"));
        assert_eq!(institution.kind, InstitutionKind::College);
        assert_eq!(institution.state, InstitutionState::Open);
        assert_eq!(institution.coordinates.map(|at| at.latitude()), Some(41.92));
    }

    #[test]
    fn what_the_row_lacks_is_made_of_what_it_has() {
        let row = "0751717J;;ECOLE MATERNELLE;DU MOULIN;;;;;;;;101;;3;A OUVRIR;;;\n";
        let [Ok(Imported { institution, .. })] = &read(row)[..] else {
            panic!("one school")
        };
        assert_eq!(institution.name.all().next(), Some("ECOLE MATERNELLE DU MOULIN"));
        assert_eq!(institution.departement.map(Departement::code), Some("75"));
        assert_eq!(institution.kind, InstitutionKind::School);
        assert_eq!(institution.state, InstitutionState::Hidden);
    }

    #[test]
    fn rows_that_cannot_be_used_say_why() {
        let rows = "0751717J;A;;;;;;;;;;;;;;;;\n\
                    751717J;B;;;;;;;;;;;;;;;;\n\
                    0751717J;C;;;;;;;;;;;;;;;;\n\
                    0751718K;;;;;;;;;91;2;;;;;;;\n\
                    0751719L;D;;;;;;;;;;;;;burnt;;;\n";
        let told: Vec<String> = read(rows).into_iter().filter_map(Result::err).collect();
        assert_eq!(
            told,
            [
                "“751717J” is not a UAI code",
                "0751717J is also on line 2",
                "there is no such place on the globe; this name is empty",
                "this state is not known"
            ]
        );
    }

    #[test]
    fn a_file_without_codes_or_names_is_not_the_ministrys() {
        let missing = |headings: &str| {
            let sheet = Sheet::of_text(headings.to_owned()).expect("headings");
            let realm = RealmId::new("ent").expect("a slug");
            Ministry::new(&sheet, realm).err().map(|flaw| flaw.key)
        };
        assert_eq!(missing("nom;ville\n"), Some("numero_uai"));
        assert_eq!(missing("numero_uai;ville\n"), Some("appellation_officielle"));
        // As the directory of schools has them.
        assert_eq!(
            missing("Identifiant_de_l_etablissement,Nom_etablissement\n"),
            None
        );
    }
}
