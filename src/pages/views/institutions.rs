//! The plain list of institutions (experience §3.1). The search comes with the picker.

use serde::Serialize;

use super::Page;
use crate::base::fold::folded;

/// From this many entries on, the list is cut into groups by first letter.
const GROUPED_FROM: usize = 12;

#[derive(Debug, Clone, Serialize)]
pub struct Institutions {
    /// The application the person is on the way to, when it is registered.
    pub service_name: Option<String>,
    /// The link named an institution that does not exist.
    pub unknown_asked: bool,
    pub groups: Vec<InstitutionGroup>,
}

#[derive(Debug, Clone, Serialize)]
pub struct InstitutionGroup {
    /// First letter, or `None` in a short list.
    pub heading: Option<String>,
    pub entries: Vec<InstitutionEntry>,
}

#[derive(Debug, Clone, Serialize)]
pub struct InstitutionEntry {
    pub name: String,
    pub town: Option<String>,
    pub uai: Option<String>,
    /// The sign-in page of this institution, with the service kept.
    pub url: String,
}

impl Institutions {
    /// Sorts `entries` as a reader expects (accents and case aside, then by town) and groups a long list.
    pub fn new(
        service_name: Option<String>,
        unknown_asked: bool,
        mut entries: Vec<InstitutionEntry>,
    ) -> Institutions {
        entries.sort_by_cached_key(|entry| {
            let town = entry.town.as_deref().unwrap_or_default();
            (folded(&entry.name), folded(town), entry.uai.clone())
        });
        Institutions {
            service_name,
            unknown_asked,
            groups: grouped(entries),
        }
    }
}

fn grouped(entries: Vec<InstitutionEntry>) -> Vec<InstitutionGroup> {
    if entries.len() < GROUPED_FROM {
        return vec![InstitutionGroup {
            heading: None,
            entries,
        }];
    }
    let mut groups: Vec<InstitutionGroup> = Vec::new();
    for entry in entries {
        let heading = initial(&entry.name);
        match groups.last_mut() {
            Some(group) if group.heading == heading => group.entries.push(entry),
            _ => groups.push(InstitutionGroup {
                heading,
                entries: vec![entry],
            }),
        }
    }
    groups
}

/// `É` → `E`; digits and signs share `0–9`.
fn initial(name: &str) -> Option<String> {
    let first = folded(name).chars().next().unwrap_or('0');
    if first.is_alphabetic() {
        Some(first.to_uppercase().collect())
    } else {
        Some("0–9".to_owned())
    }
}

impl InstitutionEntry {
    fn sample(name: &str, town: &str, uai: &str) -> InstitutionEntry {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        InstitutionEntry {
            name: name.to_owned(),
            town: some(town),
            uai: some(uai),
            url: format!("/cas/login?tenant={}", uai.to_lowercase()),
        }
    }
}

impl Page for Institutions {
    const NAME: &'static str = "institutions";

    fn samples() -> Vec<(&'static str, Institutions)> {
        let names = [
            (
                "Université de Valmont-sur-Brenne",
                "Valmont-sur-Brenne",
                "0991234A",
            ),
            ("Lycée Jeanne-Barret", "Autelles", "0990021B"),
            ("École élémentaire du Moulin", "Autelles", "0990022C"),
            ("Collège Sophie-Germain", "Mirefleurs", "0990023D"),
            ("Collège Ambroise-Paré", "Autelles", ""),
            (
                "Lycée agricole des Trois-Rivières",
                "Saint-Aubin-des-Bois",
                "0990025F",
            ),
            ("école supérieure d’art", "", ""),
            ("Collège Émilie-du-Châtelet", "Brenne", "0990027H"),
            ("Lycée Émile-Roux", "Valmont-sur-Brenne", "0990028J"),
            ("2ᵈ cycle – campus connecté", "Mirefleurs", ""),
            ("Institut de musique", "Autelles", "0990030L"),
            ("Zone de formation des adultes", "Brenne", "0990031M"),
        ];
        let entries = |count| {
            names
                .iter()
                .take(count)
                .map(|(name, town, uai)| InstitutionEntry::sample(name, town, uai))
                .collect::<Vec<_>>()
        };
        let notes = Some("Carnet de notes".to_owned());
        vec![
            ("short", Institutions::new(None, false, entries(3))),
            ("long", Institutions::new(notes, true, entries(12))),
            ("none", Institutions::new(None, false, Vec::new())),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_is_sorted_without_accents_and_grouped_by_letter() {
        let samples = Institutions::samples();
        let long = &samples.iter().find(|(state, _)| *state == "long").unwrap().1;
        let headings: Vec<_> = long
            .groups
            .iter()
            .filter_map(|group| group.heading.clone())
            .collect();
        assert_eq!(headings, ["0–9", "C", "E", "I", "L", "U", "Z"]);
        let e = &long.groups[2].entries;
        assert_eq!(e[0].name, "École élémentaire du Moulin");
        assert_eq!(e[1].name, "école supérieure d’art");
    }

    #[test]
    fn a_short_list_has_no_headings() {
        let samples = Institutions::samples();
        let short = &samples[0].1;
        assert_eq!(short.groups.len(), 1);
        assert_eq!(short.groups[0].heading, None);
        assert_eq!(short.groups[0].entries[0].name, "École élémentaire du Moulin");
    }
}
