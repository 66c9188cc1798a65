//! The index as a person meets it, on a handful of entries.

use super::*;

fn school<'a>(name: &'a str, town: &'a str, postcode: &'a str, uai: &'a str) -> Findable<'a> {
    Findable {
        names: vec![name],
        town: Some(town),
        postcode: Some(postcode),
        uai: vec![uai],
        ..Findable::default()
    }
}

fn entries() -> Vec<Findable<'static>> {
    let mut all = vec![
        school("Collège Jean Moulin", "Melun", "77000", "0779001A"),
        school("Collège Melchior", "Fontainebleau", "77300", "0779002B"),
        school(
            "École élémentaire de L’Œuvre",
            "L'Haÿ-les-Roses",
            "94240",
            "0949003C",
        ),
        school("Lycée St Louis", "Paris 5e  Arrondissement", "75005", "0759004D"),
        school("Lycée Saint-Louis", "Saint-Denis", "93200", "0939005E"),
        school("École primaire Jean Moulin", "Meaux", "77100", "0779006F"),
        school("LEIA", "Lannion", "22300", "0229007G"),
    ];
    let mut university = school("Université de Mélusine", "Poitiers", "86000", "0869008H");
    university.short_names = vec!["U.M."];
    university.hosts = vec!["cas.univ-melusine.example"];
    university.domains = vec!["univ-melusine.example"];
    university.keywords = vec!["raymondin"];
    university.siret = Some("198 600 080 00012");
    university.departement = Some(("86", "Vienne"));
    university.academy = Some("Poitiers");
    university.size = 9;
    university.group = 1;
    all.push(university);
    all
}

fn found_by(text: &str) -> Answer {
    let index = Index::build(entries());
    let asked = Asked {
        text,
        limit: 10,
        ..Asked::default()
    };
    index.search(&asked, |_| true)
}

/// The UAI numbers’ last digits are the positions counted from one.
fn positions(text: &str) -> Vec<usize> {
    found_by(text).positions
}

#[test]
fn everything_that_is_known_of_an_entry_finds_it() {
    for text in [
        "université de mélusine",
        "UNIVERSITE MELUSINE",
        "poit",
        "86000",
        "86",
        "vien",
        "0869008h",
        "086 9008 H",
        "19860008000012",
        "raymond",
        "um",
        "cas.univ-melusine.example",
        "cas.univ-mel",
        "univ melus",
        "jean.moulin@univ-melusine.example",
        "jean.moulin@etu.univ-melusine.example",
        "melun@univ-mel",
    ] {
        assert_eq!(positions(text), [7], "{text}");
    }
}

#[test]
fn letters_of_a_name_or_of_a_town_find_both_once() {
    // S4-17, S2-07
    assert_eq!(positions("mel"), [7, 0, 1]);
    assert_eq!(found_by("mel").total, 3);
    assert_eq!(positions("oeuvre"), [2]);
    assert_eq!(positions("lhay"), [2]);
    assert_eq!(positions("l'hay les"), [2]);
    assert_eq!(positions("ecole"), [2, 5]);
    assert_eq!(positions("l")[0], 6, "LEIA stands first of the L's");
}

#[test]
fn short_forms_and_districts_mean_the_whole() {
    assert_eq!(positions("clg j m"), [0]);
    assert_eq!(positions("lyc st louis paris v"), [3]);
    assert_eq!(positions("saint louis 75005"), [3]);
    for paris in ["paris 5", "paris 05", "Paris Ve", "paris 5e arr", "75005"] {
        assert_eq!(positions(paris), [3], "{paris}");
    }
    assert_eq!(positions("st denis"), [4]);
    assert_eq!(positions("st l"), [3, 4]);
}

#[test]
fn the_best_stands_first() {
    // A whole town before a name that begins so, whole words of a name before beginnings.
    assert_eq!(positions("melun"), [0]);
    assert_eq!(positions("saint denis"), [4]);
    let index = Index::build(entries());
    let asked = Asked {
        text: "jean moulin",
        limit: 10,
        remembered: &[5],
        ..Asked::default()
    };
    assert_eq!(index.search(&asked, |_| true).positions, [5, 0]);
    let later = Asked {
        skip: 1,
        limit: 1,
        ..asked
    };
    let answer = index.search(&later, |_| true);
    assert_eq!((answer.total, answer.positions), (2, vec![0]));
}

#[test]
fn what_is_not_allowed_is_neither_found_nor_counted() {
    let index = Index::build(entries());
    for text in [
        "mel",
        "0869008h",
        "x@univ-melusine.example",
        "melusin",
        "mleusine",
    ] {
        let asked = Asked {
            text,
            limit: 10,
            remembered: &[7],
            ..Asked::default()
        };
        let answer = index.search(&asked, |group| group == 0);
        assert!(!answer.positions.contains(&7), "{text}");
        assert_eq!(answer.total, answer.positions.len(), "{text}");
    }
}

#[test]
fn a_slip_is_mended_and_said() {
    let answer = found_by("collège jaen moulin melun");
    assert_eq!(answer.positions, [0]);
    assert_eq!(answer.mended.corrected, [("jaen".into(), "jean".into())]);
    let answer = found_by("moulim");
    assert_eq!(answer.positions, [0, 5]);
    assert_eq!(answer.mended.corrected, [("moulim".into(), "moulin".into())]);
    assert!(found_by("moulin").mended.is_nothing());
}

#[test]
fn a_word_too_many_is_left_out_and_said() {
    let answer = found_by("jean moulin xqzvb");
    assert_eq!(answer.positions, [0, 5]);
    assert_eq!(answer.mended.dropped, ["xqzvb"]);
    let answer = found_by("jean moulin de melun");
    assert_eq!((answer.positions, answer.mended.is_nothing()), (vec![0], true));
    let answer = found_by("jean moulin lannion");
    assert_eq!(answer.mended.dropped.len(), 1, "{answer:?}");
}

#[test]
fn nonsense_finds_nothing() {
    for nonsense in [
        "",
        "   ",
        "…",
        "xqzvb",
        "qsdfgh",
        "xqzvb lycee",
        "de la",
        "zzz de",
        "42",
        "someone@",
        "@",
        "someone@mail.example",
        "%00",
        "' OR 1=1",
        "<script>",
    ] {
        assert_eq!(found_by(nonsense).total, 0, "{nonsense}");
    }
}

#[test]
fn an_empty_index_and_endless_questions_are_no_trouble() {
    let asked = Asked {
        text: "mel",
        limit: 10,
        ..Asked::default()
    };
    assert_eq!(Index::default().search(&asked, |_| true), Answer::default());
    assert_eq!(found_by(&"melun ".repeat(100_000)).positions, [0]);
    assert_eq!(found_by(&"m".repeat(100_000)).total, 0);
    let index = Index::build(entries());
    let far = Asked {
        skip: usize::MAX,
        limit: usize::MAX,
        ..asked
    };
    assert!(index.search(&far, |_| true).positions.is_empty());
}
