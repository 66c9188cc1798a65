//! How well the picker finds what people mean: 60,000 invented institutions, questions whose targets
//! are known. The measured shares are told as figures; the promised ones are asserted.

use std::sync::LazyLock;

use mereau::base::names::{InstitutionId, RealmId};
use mereau::base::texts::Texts;
use mereau::realms::{Institution, Institutions};

use crate::figure;
use crate::invent::chance::Chance;
use crate::invent::queries::{Question, Typing, questions};
use crate::invent::schools::France;

const SEED: u64 = 2026;
const SHOWN: usize = 10;

/// Names as administrators write them, and their towns.
const NAMES: [(&str, &str); 22] = [
    ("« Les Petits Princes »", "Étampes"),
    ("\"Academy\" of Arts", "Dijon"),
    ("St. John's College", "Nice"),
    ("E.S.I.E.A.", "Laval"),
    ("3iL", "Limoges"),
    ("42", "Paris 17e  Arrondissement"),
    ("Campus n° 2", "Lille"),
    ("Hogeschool (NL)", "Zwolle"),
    ("Hogeschool", "Zwolle"),
    ("Université X - Pré-production", "Rennes"),
    ("Université X", "Rennes"),
    ("مدرسة النور", "تونس"),
    ("Ελληνικό Σχολείο", "Αθήνα"),
    ("北京大学", "北京"),
    ("Школа № 5", "Москва"),
    ("Straße & Söhne <GmbH>", "Köln"),
    ("O’Connor’s 1st School", "Cork"),
    ("École d’Œuvre-Ségur", "L'Haÿ-les-Roses"),
    ("A+B=C", "Y"),
    ("İstanbul Lisesi", "İstanbul"),
    ("Collège Jean Moulin", "Arles"),
    ("Collège Jean Moulin", "Marmande"),
];

struct World {
    france: France,
    institutions: Institutions,
    questions: Vec<Question>,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let france = France::invent(SEED, 60_000);
    let realm = RealmId::new("ent").unwrap();
    let mut all: Vec<Institution> = france
        .schools
        .iter()
        .map(|school| france.institution(school, &realm))
        .collect();
    all.extend((0..).zip(NAMES).map(|(at, (name, town))| Institution {
        town: Some(town.into()),
        ..Institution::new(
            InstitutionId::new(&format!("difficult-{at}")).unwrap(),
            realm.clone(),
            Texts::same(name),
        )
    }));
    World {
        institutions: Institutions::new(all).unwrap(),
        questions: questions(SEED, &france, 2_200),
        france,
    }
});

impl World {
    /// Whether the school a question means is among those shown after `text`.
    fn shows(&self, text: &str, question: &Question) -> bool {
        let wanted = self.france.schools[question.school].uai;
        let found = self.institutions.search(text, (0, SHOWN), &[], |_| true);
        found.items.iter().any(|found| found.uai.contains(&wanted))
    }

    fn share(&self, typing: Typing) -> (usize, f64) {
        let asked = self.questions.iter().filter(|question| question.typing == typing);
        let (mut count, mut found) = (0, 0);
        for question in asked {
            count += 1;
            if self.shows(&question.text, question) {
                found += 1;
            }
        }
        (count, found as f64 / count as f64)
    }
}

#[test]
fn the_right_institution_is_among_the_first_ten() {
    for (typing, promised) in [(Typing::Clean, 0.99), (Typing::Plain, 0.95), (Typing::Slip, 0.95)] {
        let (count, share) = WORLD.share(typing);
        let percent = share * 100.0;
        figure::tell(
            &format!("picker-{typing:?}").to_lowercase(),
            &format!(
                "picker, {typing:?}: the right one among the first {SHOWN} for {percent:.2} % of {count}"
            ),
        );
        assert!(count > 150 && share >= promised, "{typing:?}: {share} of {count}");
    }
}

#[test]
fn once_the_town_is_begun_four_keys_are_enough_for_most() {
    let mut keys: Vec<usize> = WORLD
        .questions
        .iter()
        .take(600)
        .filter_map(|question| {
            let from = question.town_from?;
            let ends = question.text[from..]
                .char_indices()
                .map(|(at, c)| from + at + c.len_utf8());
            let needed = (1..)
                .zip(ends)
                .find(|(_, end)| WORLD.shows(&question.text[..*end], question));
            Some(needed.map_or(usize::MAX, |(key, _)| key))
        })
        .collect();
    keys.sort_unstable();
    let median = keys[keys.len() / 2];
    figure::tell(
        "picker-keys",
        &format!(
            "picker: median of {median} keys of the town for {} questions",
            keys.len()
        ),
    );
    assert!(keys.len() > 200 && median <= 4, "{median} keys of {}", keys.len());
}

#[test]
fn twenty_difficult_names_and_two_homonyms_are_each_selectable() {
    // S2-09
    for (at, (name, town)) in NAMES.iter().enumerate() {
        let found = WORLD
            .institutions
            .search(&format!("{name} {town}"), (0, SHOWN), &[], |_| true);
        let wanted = format!("difficult-{at}");
        let chosen = found.items.iter().find(|found| found.id.as_str() == wanted);
        let chosen = chosen.unwrap_or_else(|| panic!("{name} is not shown"));
        assert_eq!(chosen.name.all().next(), Some(*name));
        assert_eq!(chosen.town.as_deref(), Some(*town));
        assert!(found.mended.is_nothing(), "{name}: {:?}", found.mended);
    }
}

#[test]
fn nonsense_finds_nothing() {
    for nonsense in [
        "qsdfgh",
        "azertyuiop",
        "xyzzy",
        "wxcvbn",
        "lorem ipsum",
        "jkjkjk",
        "aaaaaaa",
        "%27%20OR%201",
        "zz zz zz",
        "fhqwhgads lycee",
        "9999999999",
        "someone@nowhere.test",
        "₿₿₿ ~~~",
    ] {
        let found = WORLD.institutions.search(nonsense, (0, SHOWN), &[], |_| true);
        let names: Vec<_> = found.items.iter().map(|found| found.name.all().next()).collect();
        assert_eq!(found.total, 0, "{nonsense}: {names:?} {:?}", found.mended);
    }
}

#[test]
fn letters_struck_at_random_find_nothing() {
    let mut chance = Chance::new(SEED, "nonsense");
    for _ in 0..300 {
        let letters = 7 + chance.below(6);
        let typed: String = (0..letters)
            .map(|_| char::from(b'a' + chance.below(26) as u8))
            .collect();
        let found = WORLD.institutions.search(&typed, (0, SHOWN), &[], |_| true);
        assert_eq!(found.total, 0, "{typed}: {:?}", found.mended);
    }
}
