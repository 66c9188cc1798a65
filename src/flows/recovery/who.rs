//! « Qui suis-je »: a person who has lost the identifier is found by a name, a birth date and a number that
//! only they and the institution know (S3-09). What is found is never shown: it is written to the recorded
//! addresses, and whatever does not fit looks the same (SEC-07).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::settings::WhoSettings;
use crate::base::fold::folded;
use crate::directory::{Directory, DirectoryError, Person};
use crate::flows::about::day;

/// In characters.
const LONGEST: usize = 128;

/// The fields of the form.
#[derive(Debug, Clone, Copy, Default)]
pub struct WhoTyped<'a> {
    pub name: &'a str,
    pub day: &'a str,
    pub month: &'a str,
    pub year: &'a str,
    pub number: &'a str,
}

/// Fields that say nothing, or what cannot be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WhoMissing {
    pub name: bool,
    pub born: bool,
    pub number: bool,
}

/// What a person says of themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Who {
    name: String,
    /// Year, month and day.
    born: (i16, i8, i8),
    number: String,
}

impl Who {
    /// What was typed, when it could be somebody's.
    pub fn typed(typed: &WhoTyped<'_>) -> Result<Who, WhoMissing> {
        let text = |text: &str| {
            let text = text.trim();
            let fits = !plain(text).is_empty() && text.chars().count() <= LONGEST;
            (fits && !text.chars().any(char::is_control)).then(|| text.to_owned())
        };
        let (name, number) = (text(typed.name), text(typed.number));
        let born = born(typed);
        match (name, born, number) {
            (Some(name), Some(born), Some(number)) => Ok(Who {
                name,
                born: (born.year(), born.month(), born.day()),
                number,
            }),
            (name, born, number) => Err(WhoMissing {
                name: name.is_none(),
                born: born.is_none(),
                number: number.is_none(),
            }),
        }
    }

    /// Everything fits: name without case, accents and signs, the day, the number.
    fn is(&self, person: &Person, settings: &WhoSettings) -> bool {
        let any = |names: &[String], fits: &dyn Fn(&str) -> bool| {
            let mut texts = names.iter().flat_map(|name| person.attributes.texts(name));
            texts.any(fits)
        };
        let (year, month, on) = self.born;
        let born = Date::new(year, month, on).ok();
        any(&settings.numbers, &|text| {
            plain(bare(text)) == plain(&self.number)
        }) && any(&settings.births, &|text| born.is_some() && day(text) == born)
            && any(&settings.names, &|text| plain(text) == plain(&self.name))
    }
}

fn born(typed: &WhoTyped<'_>) -> Option<Date> {
    let year: i16 = typed.year.trim().parse().ok()?;
    let (month, day) = (typed.month.trim().parse().ok()?, typed.day.trim().parse().ok()?);
    Date::new(year, month, day)
        .ok()
        .filter(|_| (1900..=2100).contains(&year))
}

/// Letters and digits, folded: « Saint-Jean » is « saint jean ».
fn plain(text: &str) -> String {
    folded(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Without the label in braces that SUPANN puts before some values.
fn bare(text: &str) -> &str {
    match text.strip_prefix('{').and_then(|rest| rest.split_once('}')) {
        Some((_, value)) => value,
        None => text,
    }
}

/// Whom it fits: looked up by the number, then compared here.
pub(super) async fn find(
    directory: &dyn Directory,
    settings: &WhoSettings,
    who: &Who,
) -> Result<Vec<Person>, DirectoryError> {
    let number: String = who.number.chars().filter(|c| !c.is_whitespace()).collect();
    let mut people: Vec<Person> = Vec::new();
    for attribute in &settings.numbers {
        for person in directory.find_by(attribute, &number).await? {
            let known = people.iter().any(|found| found.key == person.key);
            if !known && who.is(&person, settings) {
                people.push(person);
            }
        }
    }
    Ok(people)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPED: WhoTyped<'_> = WhoTyped {
        name: " Le Goff ",
        day: "7",
        month: "03",
        year: "2004",
        number: "0123 456 789A",
    };

    #[test]
    fn what_says_nothing_or_cannot_be_is_told_field_by_field() {
        // S3-09
        assert!(Who::typed(&TYPED).is_ok());
        let wrong = |typed: WhoTyped<'_>| Who::typed(&typed).err().unwrap();
        let none = wrong(WhoTyped::default());
        assert!(none.name && none.born && none.number);
        for (day, month, year) in [
            ("31", "2", "2004"),
            ("a", "2", "2004"),
            ("1", "2", "04"),
            ("", "", ""),
        ] {
            let flaw = wrong(WhoTyped {
                day,
                month,
                year,
                ..TYPED
            });
            assert_eq!(
                (flaw.name, flaw.born, flaw.number),
                (false, true, false),
                "{day}/{month}/{year}"
            );
        }
        assert!(
            wrong(WhoTyped {
                number: "--",
                ..TYPED
            })
            .number
        );
        assert!(
            wrong(WhoTyped {
                name: "a\u{7}b",
                ..TYPED
            })
            .name
        );
        let long = "é".repeat(129);
        assert!(wrong(WhoTyped { name: &long, ..TYPED }).name);
    }

    #[test]
    fn a_label_in_braces_is_no_part_of_a_number() {
        assert_eq!(bare("{INE}0123456789A"), "0123456789A");
        assert_eq!(bare("0123456789A"), "0123456789A");
    }
}
