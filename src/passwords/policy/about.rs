//! What a password must not be made of: what others know about its person, and the words of the
//! place.

use jiff::civil::Date;

use super::shape::Shape;
use super::{Flaw, Part};
use crate::base::fold::folded;

/// Words that are in the name of every school, and say nothing about this one.
const EVERYWHERE: [&str; 34] = [
    "academie",
    "agricole",
    "campus",
    "centre",
    "college",
    "dame",
    "des",
    "ecole",
    "elementaire",
    "faculte",
    "general",
    "grande",
    "haute",
    "high",
    "institut",
    "les",
    "lycee",
    "maternelle",
    "notre",
    "polyvalent",
    "primaire",
    "prive",
    "privee",
    "professionnel",
    "public",
    "rue",
    "saint",
    "sainte",
    "school",
    "sud",
    "superieure",
    "technologique",
    "universite",
    "university",
];

/// What is known about a person when a password is chosen. Empty where the directory does not say.
#[derive(Clone, Default)]
pub struct AboutPerson {
    /// All of them, aliases too.
    pub logins: Vec<String>,
    /// First, last, usual and display names.
    pub names: Vec<String>,
    pub mails: Vec<String>,
    pub born: Option<Date>,
    /// The names of the institution, and its town.
    pub place: Vec<String>,
    /// The year it is.
    pub year: Option<i16>,
}

impl AboutPerson {
    pub(super) fn flaws(&self, shape: &Shape) -> impl Iterator<Item = Flaw> {
        let own = word_in(shape, self.own()).map(Flaw::Personal);
        let born = self.born.is_some_and(|born| holds_date(shape, born));
        let here = word_in(shape, self.place.iter().map(String::as_str)).map(Flaw::Here);
        let year = self.year.and_then(|year| this_year(shape, year)).map(Flaw::Here);
        let found = [own, born.then_some(Flaw::BirthDate), here.or(year)];
        found.into_iter().flatten()
    }

    /// All of it in words, folded, for the estimate.
    pub(super) fn words(&self) -> impl Iterator<Item = String> {
        words_of(self.own().chain(self.place.iter().map(String::as_str)))
    }

    fn own(&self) -> impl Iterator<Item = &str> {
        let local = |mail: &'_ String| mail.find('@').unwrap_or(mail.len());
        let mails = self.mails.iter().filter_map(move |mail| mail.get(..local(mail)));
        let texts = self.logins.iter().chain(&self.names).map(String::as_str);
        texts.chain(mails)
    }
}

/// The words of some texts, folded; those of two letters and those that are everywhere left out.
pub(super) fn words_of<'a>(texts: impl Iterator<Item = &'a str>) -> impl Iterator<Item = String> {
    texts.flat_map(|text| {
        let plain = folded(text);
        let words = plain.split(|c: char| !c.is_alphanumeric()).map(str::to_owned);
        let told = |word: &String| word.chars().count() > 2 && !EVERYWHERE.contains(&word.as_str());
        words.filter(told).collect::<Vec<_>>()
    })
}

/// The first word of `texts` that the password holds.
pub(super) fn word_in<'a>(shape: &Shape, texts: impl Iterator<Item = &'a str>) -> Option<Part> {
    words_of(texts).find(|word| holds(shape, word)).map(Part::of)
}

/// A long word counts wherever it stands. A short one is in many others (“nice” in “nicety”), so it
/// must stand at an edge of a word, and one of three letters be a word.
fn holds(shape: &Shape, word: &str) -> bool {
    let mut runs = shape.runs.iter();
    match word.chars().count() {
        6.. => shape.folded.contains(word) || shape.spelled.contains(word),
        4..=5 if word.contains(|c: char| c.is_ascii_digit()) => shape.folded.contains(word),
        4..=5 => runs.any(|run| run.starts_with(word) || run.ends_with(word)),
        _ => runs.any(|run| run == word),
    }
}

/// Day, month and year in any usual order, the year whole or short, with the zeros or without.
fn holds_date(shape: &Shape, born: Date) -> bool {
    let (day, month, year) = (born.day(), born.month(), born.year());
    let short = year.rem_euclid(100);
    let written = [
        format!("{day:02}{month:02}{year}"),
        format!("{month:02}{day:02}{year}"),
        format!("{year}{month:02}{day:02}"),
        format!("{year}{day:02}{month:02}"),
        format!("{day:02}{month:02}{short:02}"),
        format!("{month:02}{day:02}{short:02}"),
        format!("{short:02}{month:02}{day:02}"),
        format!("{day}{month}{year}"),
        format!("{month}{day}{year}"),
        format!("{year}{month}{day}"),
    ];
    let mut groups = shape.digits.iter();
    groups.any(|group| written.iter().any(|date| group.contains(date.as_str())))
}

/// A number that is nothing but years of now: school years span two, and both stand behind many
/// passwords.
fn this_year(shape: &Shape, year: i16) -> Option<Part> {
    let known = |four: &[u8]| {
        let written = std::str::from_utf8(four).ok().and_then(|text| text.parse().ok());
        written.is_some_and(|number: i16| (year - 1..=year + 1).contains(&number))
    };
    let only_years = |group: &&String| {
        let fours = group.as_bytes().chunks(4);
        !group.is_empty() && group.len() % 4 == 0 && fours.into_iter().all(known)
    };
    shape.digits.iter().find(only_years).map(Part::of)
}
