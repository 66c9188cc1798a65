//! Invented schools as the ministry publishes real ones: the same columns, cut at `;`.

use std::io::{self, Write};

use super::departements::AREAS;
use super::schools::France;

const COLUMNS: &str = "numero_uai;appellation_officielle;denomination_principale;patronyme_uai;\
secteur_public_prive_libe;adresse_uai;code_postal_uai;localite_acheminement_uai;libelle_commune;latitude;\
longitude;nature_uai;nature_uai_libe;etat_etablissement;etat_etablissement_libe;code_departement;\
libelle_academie;fictif";

/// One line for each school, after the headings; `told` hears after each how many are done.
pub fn write(france: &France, out: &mut dyn Write, mut told: impl FnMut(usize)) -> io::Result<()> {
    writeln!(out, "{COLUMNS}")?;
    for (done, school) in france.schools.iter().enumerate() {
        let town = france.town(school);
        let area = &AREAS[town.area];
        let cells = [
            school.uai.to_string(),
            school.name.clone(),
            school.nature.1.to_owned(),
            school.patronym.clone().unwrap_or_default().to_uppercase(),
            if school.private { "Privé" } else { "Public" }.to_owned(),
            school.street.clone(),
            town.postcode.clone(),
            town.delivery.clone(),
            town.name.clone(),
            format!("{:.5}", school.latitude),
            format!("{:.5}", school.longitude),
            school.nature.0.to_owned(),
            school.nature.1.to_owned(),
            "1".to_owned(),
            "OUVERT".to_owned(),
            format!("{:0>3}", area.code),
            area.academy.to_owned(),
            "fictif".to_owned(),
        ];
        writeln!(out, "{}", cells.map(quoted).join(";"))?;
        told(done + 1);
    }
    Ok(())
}

fn quoted(cell: String) -> String {
    if cell.contains([';', '"', '\n']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell
    }
}
