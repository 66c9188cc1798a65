//! Words as they are compared: folded, cut at everything that is no letter or digit, and the ways of
//! writing that mean the same (`St`, `clg`, `Paris Ve`). Knows nothing of entries.

use crate::base::fold::folded;

/// Of one text of an entry, and of one query, no more than this is looked at.
const LONGEST_TEXT: usize = 400;
const LONGEST_WORD: usize = 40;

/// Written short in names; both the short and the whole form are found.
const SHORT_IN_NAMES: [(&str, &[&str]); 24] = [
    ("st", &["saint"]),
    ("ste", &["sainte"]),
    ("sts", &["saints"]),
    ("clg", &["college"]),
    ("coll", &["college"]),
    ("lyc", &["lycee"]),
    ("lgt", &["lycee", "general", "technologique"]),
    ("lpo", &["lycee", "polyvalent"]),
    ("lp", &["lycee", "professionnel"]),
    ("lep", &["lycee", "professionnel"]),
    ("lpa", &["lycee", "professionnel", "agricole"]),
    ("lpp", &["lycee", "professionnel", "prive"]),
    ("elem", &["elementaire"]),
    ("prim", &["primaire"]),
    ("mat", &["maternelle"]),
    ("univ", &["universite"]),
    ("pub", &["publique"]),
    ("empu", &["ecole", "maternelle", "publique"]),
    ("eepu", &["ecole", "elementaire", "publique"]),
    ("eppu", &["ecole", "primaire", "publique"]),
    ("empr", &["ecole", "maternelle", "privee"]),
    ("eepr", &["ecole", "elementaire", "privee"]),
    ("eppr", &["ecole", "primaire", "privee"]),
    ("gs", &["groupe", "scolaire"]),
];

/// What a short form in a query stands for, besides the beginning of a word that it may be.
const SHORT_IN_QUERIES: [(&str, &str); 13] = [
    ("st", "saint"),
    ("ste", "sainte"),
    ("sts", "saints"),
    ("clg", "college"),
    ("clge", "college"),
    ("col", "college"),
    ("lgt", "lycee"),
    ("lpo", "lycee"),
    ("lp", "lycee"),
    ("lep", "lycee"),
    ("elem", "elementaire"),
    ("mat", "maternelle"),
    ("univ", "universite"),
];

/// Cities whose districts are written in many ways.
const WITH_DISTRICTS: [&str; 3] = ["paris", "lyon", "marseille"];

/// Words that say nothing alone: joining words and kinds of institutions.
const COMMON: [&str; 34] = [
    "a",
    "au",
    "aux",
    "d",
    "de",
    "des",
    "du",
    "en",
    "et",
    "l",
    "la",
    "le",
    "les",
    "lez",
    "sur",
    "sous",
    "saint",
    "sainte",
    "ecole",
    "college",
    "lycee",
    "universite",
    "primaire",
    "maternelle",
    "elementaire",
    "public",
    "publique",
    "prive",
    "privee",
    "general",
    "technologique",
    "professionnel",
    "polyvalent",
    "institut",
];

/// The first of [`COMMON`] that only join others.
const JOINING: usize = 16;

/// `École St-Exupéry n° 3` → `ecole st exupery 3`; `I.U.T.` → `iut`.
pub fn words(text: &str) -> Vec<String> {
    let mut words = cut(text).into_iter().map(|(word, _)| word).collect::<Vec<_>>();
    drop_numero(&mut words);
    words
}

/// Further forms under which words of an entry's name are found: whole ones of short ones, and
/// `lhay` of `l’Haÿ`.
pub fn further_forms(text: &str) -> Vec<String> {
    let parts = cut(text);
    let joined = parts.windows(2).filter_map(|pair| match pair {
        [(one, _), (next, '\'')] if one.chars().count() == 1 => Some(format!("{one}{next}")),
        _ => None,
    });
    let whole = parts.iter().flat_map(|(word, _)| {
        let found = SHORT_IN_NAMES.iter().find(|(short, _)| short == word);
        found.map_or(&[] as &[&str], |(_, whole)| whole).iter()
    });
    joined.chain(whole.map(ToString::to_string)).collect()
}

/// The same for every way of writing one town; sorts as people expect.
pub fn town_key(town: &str, postcode: Option<&str>) -> String {
    town_words(town, postcode).join(" ")
}

/// The words of a town, its district as a plain number: `Paris 5e Arrondissement`, `PARIS CEDEX 05`
/// and `Paris` with the postcode 75005 are all `paris 5`.
pub fn town_words(town: &str, postcode: Option<&str>) -> Vec<String> {
    let mut words = whole_saints(words(town));
    let cedex = words.iter().position(|word| word == "cedex");
    let city = words.first().filter(|word| has_districts(word)).cloned();
    if let (Some(cedex), None) = (cedex, &city) {
        words.truncate(cedex);
    }
    let Some(city) = city else { return words };
    let written = words.iter().skip(1).find_map(|word| district(word));
    match written.or_else(|| postcode.and_then(district_of_postcode)) {
        Some(number) => vec![city, number.to_string()],
        None => words,
    }
}

/// `st` alone in a row of words is `saint`: the form that whole towns are compared in.
pub fn whole_saints(mut words: Vec<String>) -> Vec<String> {
    for word in &mut words {
        match word.as_str() {
            "st" => "saint".clone_into(word),
            "ste" => "sainte".clone_into(word),
            _ => {}
        }
    }
    words
}

/// What `word`, after `before`, may stand for besides itself.
pub fn meanings(word: &str, before: Option<&str>) -> Option<String> {
    if before.is_some_and(has_districts)
        && let Some(number) = district(word)
    {
        return Some(number.to_string()).filter(|number| number != word);
    }
    let found = SHORT_IN_QUERIES.iter().find(|(short, _)| *short == word);
    found.map(|(_, whole)| (*whole).to_owned())
}

/// The word `arrondissement`, short or whole, after a number: it adds nothing.
pub fn is_district_word(word: &str) -> bool {
    word.len() >= 3 && ("arrondissement".starts_with(word) || matches!(word, "arrdt" | "ardt"))
}

pub fn has_districts(city: &str) -> bool {
    WITH_DISTRICTS.contains(&city)
}

pub fn joins(word: &str) -> bool {
    COMMON.iter().take(JOINING).any(|joining| *joining == word)
}

/// Whether a query of `word` alone would say too little to answer with.
pub fn says_little(word: &str) -> bool {
    word.chars().count() < 3 || COMMON.iter().any(|common| common.starts_with(word))
}

/// Cuts at everything but letters and digits; each word with the sign before it.
fn cut(text: &str) -> Vec<(String, char)> {
    let mut visible = String::with_capacity(text.len().min(4 * LONGEST_TEXT));
    visible.extend(text.chars().filter(|c| !is_invisible(*c)).take(LONGEST_TEXT));
    let mut found: Vec<(String, char)> = Vec::with_capacity(8);
    let (mut word, mut before) = (String::new(), ' ');
    let mut long = 0;
    for c in folded(&visible).chars().chain([' ']) {
        if c.is_alphanumeric() {
            long += 1;
            if long <= LONGEST_WORD {
                word.push(c);
            }
            continue;
        }
        if long > 0 {
            add(&mut found, std::mem::take(&mut word), before);
            before = c;
        } else {
            before = if before == '.' { ' ' } else { c };
        }
        long = 0;
    }
    found
}

/// Letters with a point each are one word.
fn add(found: &mut Vec<(String, char)>, word: String, before: char) {
    let count = word.chars().count();
    let spelt = |word: &str| word.chars().count() == 1;
    match found.last_mut() {
        Some((last, sign)) if before == '.' && count <= 2 && (spelt(last) || *sign == '.') => {
            last.push_str(&word);
            *sign = '.';
        }
        _ => found.push((word, if before == '.' { ' ' } else { before })),
    }
}

/// `n° 3`, `no 3` → `3`.
fn drop_numero(words: &mut Vec<String>) {
    let numbered: Vec<bool> = words
        .iter()
        .skip(1)
        .map(|word| word.starts_with(|c: char| c.is_ascii_digit()))
        .collect();
    let mut at = 0;
    words.retain(|word| {
        let before_number = numbered.get(at).copied().unwrap_or(false);
        at += 1;
        !(before_number && matches!(word.as_str(), "n" | "no" | "num" | "numero"))
    });
}

/// `5`, `05`, `5e`, `5eme`, `v`, `ve` → 5; up to 20.
fn district(word: &str) -> Option<u32> {
    const ROMAN: [&str; 20] = [
        "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv", "xv", "xvi",
        "xvii", "xviii", "xix", "xx",
    ];
    let plain = ["ieme", "eme", "er", "e"]
        .iter()
        .find_map(|end| word.strip_suffix(end))
        .unwrap_or(word);
    let roman = || {
        (1..)
            .zip(ROMAN)
            .find(|(_, roman)| *roman == plain)
            .map(|(n, _)| n)
    };
    let number = plain.parse().ok().filter(|_| plain.len() <= 2).or_else(roman)?;
    (1..=20).contains(&number).then_some(number)
}

/// 75005 → 5, 75116 → 16, 69003 → 3, 13014 → 14.
fn district_of_postcode(postcode: &str) -> Option<u32> {
    let city = postcode.get(..3)?;
    let number = postcode.get(3..)?.parse().ok()?;
    (matches!(city, "750" | "751" | "690" | "130") && (1..=20).contains(&number)).then_some(number)
}

/// Characters that print nothing: they neither part words nor belong to them.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{ad}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lose_accents_signs_and_numero() {
        assert_eq!(words("École d’Œuvre – N° 3").join(" "), "ecole d oeuvre 3");
        assert_eq!(words("I.U.T. de Saint-Dié").join(" "), "iut de saint die");
        assert_eq!(words("E.M.PU JEAN.MOULIN").join(" "), "empu jean moulin");
        assert_eq!(words("« Test » (NL) …").join(" "), "test nl");
        assert_eq!(words("مدرسة Λύκειο 学校").join(" "), "مدرسة λυκειο 学校");
        assert_eq!(words("Col\u{ad}l\u{202e}ège").join(" "), "college");
        assert!(words("… -- '").is_empty());
    }

    #[test]
    fn hostile_lengths_are_cut() {
        assert_eq!(words(&"x".repeat(10_000))[0].len(), LONGEST_WORD);
        assert!(words(&"a ".repeat(10_000)).len() <= LONGEST_TEXT);
    }

    #[test]
    fn short_and_elided_forms_are_written_out() {
        assert_eq!(further_forms("L'Haÿ-les-Roses"), ["lhay"]);
        assert_eq!(further_forms("LP St Louis"), ["lycee", "professionnel", "saint"]);
        assert_eq!(meanings("clg", None).as_deref(), Some("college"));
        assert_eq!(meanings("melun", None), None);
    }

    #[test]
    fn districts_are_numbers_however_written() {
        for (town, postcode) in [
            ("Paris 5e  Arrondissement", None),
            ("PARIS 05", None),
            ("Paris Ve", None),
            ("PARIS CEDEX 05", None),
            ("Paris", Some("75005")),
        ] {
            assert_eq!(town_words(town, postcode), ["paris", "5"], "{town}");
        }
        assert_eq!(town_words("Paris", Some("75116")), ["paris", "16"]);
        assert_eq!(town_words("Marseille", Some("13014")), ["marseille", "14"]);
        assert_eq!(town_words("Lyon", Some("69100")), ["lyon"]);
        assert_eq!(town_words("MELUN CEDEX 2", None), ["melun"]);
        assert_eq!(town_words("St-Denis", Some("93200")), ["saint", "denis"]);
        assert_eq!(meanings("ve", Some("paris")).as_deref(), Some("5"));
        assert_eq!(meanings("v", Some("melun")), None);
    }
}
