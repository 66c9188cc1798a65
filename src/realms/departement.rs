//! French départements and overseas territories: their codes, their names, and how a UAI code or a
//! postcode tells them. Institutions abroad have none.

use std::fmt;

use crate::base::uai::Uai;

/// A département or territory that there is, by its code: `01`, `2A`, `974`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Departement(u8);

impl Departement {
    /// By code as people or the ministry write it: `1`, `01`, `001`, `2a`, `02A`, `974`.
    pub fn new(text: &str) -> Option<Departement> {
        let code = text.trim().trim_start_matches('0');
        let at = ALL.iter().position(|(known, _)| {
            let known = known.strip_prefix('0').unwrap_or(known);
            known.eq_ignore_ascii_case(code)
        })?;
        u8::try_from(at).ok().map(Departement)
    }

    /// Every one, in the order of the codes.
    pub fn all() -> impl Iterator<Item = Departement> {
        (0..).zip(ALL).map(|(at, _)| Departement(at))
    }

    /// The first three digits of a UAI code; Corsica has 620 and 720 there, Réunion 974.
    pub fn of_uai(uai: Uai) -> Option<Departement> {
        match uai.as_str().get(..3)? {
            "620" => Departement::new("2A"),
            "720" => Departement::new("2B"),
            prefix => Departement::new(prefix),
        }
    }

    /// The first digits of a French postcode.
    pub fn of_postcode(postcode: &str) -> Option<Departement> {
        let is_code = postcode.len() == 5 && postcode.bytes().all(|byte| byte.is_ascii_digit());
        if !is_code {
            return None;
        }
        match (postcode.get(..2)?, postcode.get(..3)?) {
            (_, "200" | "201") => Departement::new("2A"),
            ("20", _) => Departement::new("2B"),
            ("97" | "98", three) => Departement::new(three),
            (two, _) => Departement::new(two),
        }
    }

    /// What the codes tell, or else the postcode.
    pub fn told_by(uai: &[Uai], postcode: Option<&str>) -> Option<Departement> {
        let by_code = uai.iter().find_map(|code| Departement::of_uai(*code));
        by_code.or_else(|| postcode.and_then(Departement::of_postcode))
    }

    pub fn code(self) -> &'static str {
        self.entry().0
    }

    /// In French, as signposts have it.
    pub fn name(self) -> &'static str {
        self.entry().1
    }

    fn entry(self) -> (&'static str, &'static str) {
        ALL.get(usize::from(self.0)).copied().unwrap_or_default()
    }
}

impl fmt::Debug for Departement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Sorted by code as text.
const ALL: [(&str, &str); 109] = [
    ("01", "Ain"),
    ("02", "Aisne"),
    ("03", "Allier"),
    ("04", "Alpes-de-Haute-Provence"),
    ("05", "Hautes-Alpes"),
    ("06", "Alpes-Maritimes"),
    ("07", "Ardèche"),
    ("08", "Ardennes"),
    ("09", "Ariège"),
    ("10", "Aube"),
    ("11", "Aude"),
    ("12", "Aveyron"),
    ("13", "Bouches-du-Rhône"),
    ("14", "Calvados"),
    ("15", "Cantal"),
    ("16", "Charente"),
    ("17", "Charente-Maritime"),
    ("18", "Cher"),
    ("19", "Corrèze"),
    ("21", "Côte-d’Or"),
    ("22", "Côtes-d’Armor"),
    ("23", "Creuse"),
    ("24", "Dordogne"),
    ("25", "Doubs"),
    ("26", "Drôme"),
    ("27", "Eure"),
    ("28", "Eure-et-Loir"),
    ("29", "Finistère"),
    ("2A", "Corse-du-Sud"),
    ("2B", "Haute-Corse"),
    ("30", "Gard"),
    ("31", "Haute-Garonne"),
    ("32", "Gers"),
    ("33", "Gironde"),
    ("34", "Hérault"),
    ("35", "Ille-et-Vilaine"),
    ("36", "Indre"),
    ("37", "Indre-et-Loire"),
    ("38", "Isère"),
    ("39", "Jura"),
    ("40", "Landes"),
    ("41", "Loir-et-Cher"),
    ("42", "Loire"),
    ("43", "Haute-Loire"),
    ("44", "Loire-Atlantique"),
    ("45", "Loiret"),
    ("46", "Lot"),
    ("47", "Lot-et-Garonne"),
    ("48", "Lozère"),
    ("49", "Maine-et-Loire"),
    ("50", "Manche"),
    ("51", "Marne"),
    ("52", "Haute-Marne"),
    ("53", "Mayenne"),
    ("54", "Meurthe-et-Moselle"),
    ("55", "Meuse"),
    ("56", "Morbihan"),
    ("57", "Moselle"),
    ("58", "Nièvre"),
    ("59", "Nord"),
    ("60", "Oise"),
    ("61", "Orne"),
    ("62", "Pas-de-Calais"),
    ("63", "Puy-de-Dôme"),
    ("64", "Pyrénées-Atlantiques"),
    ("65", "Hautes-Pyrénées"),
    ("66", "Pyrénées-Orientales"),
    ("67", "Bas-Rhin"),
    ("68", "Haut-Rhin"),
    ("69", "Rhône"),
    ("70", "Haute-Saône"),
    ("71", "Saône-et-Loire"),
    ("72", "Sarthe"),
    ("73", "Savoie"),
    ("74", "Haute-Savoie"),
    ("75", "Paris"),
    ("76", "Seine-Maritime"),
    ("77", "Seine-et-Marne"),
    ("78", "Yvelines"),
    ("79", "Deux-Sèvres"),
    ("80", "Somme"),
    ("81", "Tarn"),
    ("82", "Tarn-et-Garonne"),
    ("83", "Var"),
    ("84", "Vaucluse"),
    ("85", "Vendée"),
    ("86", "Vienne"),
    ("87", "Haute-Vienne"),
    ("88", "Vosges"),
    ("89", "Yonne"),
    ("90", "Territoire de Belfort"),
    ("91", "Essonne"),
    ("92", "Hauts-de-Seine"),
    ("93", "Seine-Saint-Denis"),
    ("94", "Val-de-Marne"),
    ("95", "Val-d’Oise"),
    ("971", "Guadeloupe"),
    ("972", "Martinique"),
    ("973", "Guyane"),
    ("974", "La Réunion"),
    ("975", "Saint-Pierre-et-Miquelon"),
    ("976", "Mayotte"),
    ("977", "Saint-Barthélemy"),
    ("978", "Saint-Martin"),
    ("984", "Terres australes et antarctiques françaises"),
    ("986", "Wallis-et-Futuna"),
    ("987", "Polynésie française"),
    ("988", "Nouvelle-Calédonie"),
    ("989", "Île de Clipperton"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_however_it_is_written() {
        for (written, code) in [
            ("1", "01"),
            ("001", "01"),
            ("02a", "2A"),
            ("2B", "2B"),
            ("075", "75"),
            ("974", "974"),
        ] {
            assert_eq!(
                Departement::new(written).map(Departement::code),
                Some(code),
                "{written}"
            );
        }
        for bad in ["", "0", "20", "99", "2C", "999", "x"] {
            assert_eq!(Departement::new(bad), None, "{bad}");
        }
        assert!(Departement::all().is_sorted_by_key(Departement::code));
        assert_eq!(Departement::all().count(), 109);
    }

    #[test]
    fn postcodes_and_uai_codes_tell_it() {
        let of_postcode = |text| Departement::of_postcode(text).map(Departement::code);
        assert_eq!(of_postcode("75005"), Some("75"));
        assert_eq!(of_postcode("20090"), Some("2A"));
        assert_eq!(of_postcode("20200"), Some("2B"));
        assert_eq!(of_postcode("20600"), Some("2B"));
        assert_eq!(of_postcode("97400"), Some("974"));
        assert_eq!(of_postcode("L-1009"), None);
        assert_eq!(of_postcode("99123"), None);
        let of_uai = |text| {
            Uai::new(text)
                .and_then(Departement::of_uai)
                .map(Departement::code)
        };
        assert_eq!(of_uai("0911028Y"), Some("91"));
        assert_eq!(of_uai("6200001G"), Some("2A"));
        assert_eq!(of_uai("9740001A"), Some("974"));
        assert_eq!(of_uai("9990001A"), None);
    }
}
