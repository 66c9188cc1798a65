//! The rules for new passwords of a realm.

use crate::config::problem::Problems;
use crate::config::sections::{ClassWord, PasswordSection};
use crate::config::settings::PasswordSettings;
use crate::config::source::At;
use crate::passwords::policy::{Class, LEAST_FLOOR, MOST_CEILING, PolicySettings, Strength};

pub fn build(section: &PasswordSection, problems: &mut Problems) -> PasswordSettings {
    warn(section, problems);
    PasswordSettings {
        policy: PolicySettings {
            least: least(section, problems),
            most: most(section, problems),
            strength: strength(&section.strength, problems),
            classes: section.require.iter().map(class).collect(),
            confirm: section.confirm.value,
            words: section.words.value.clone(),
            max_age_days: max_age(&section.max_age_days, problems),
            warn_days: section.warn_days.value,
            changed_attribute: None,
        },
        breached_file: section.breached_file.value.as_ref().map(|path| path.0.clone()),
    }
}

/// What is allowed and makes passwords worse (SEC-72).
fn warn(section: &PasswordSection, problems: &mut Problems) {
    if !section.require.is_empty() {
        problems.warn(
            &section.require.place,
            "not recommended (non recommandé): rules of composition make passwords easier to guess, not harder",
            "nothing; “least” and “strength” do more",
        );
    }
    if section.max_age_days.value.is_some() {
        problems.warn(
            &section.max_age_days.place,
            "not recommended (non recommandé): who must change often chooses worse",
            "nothing; change passwords when there is a reason",
        );
    }
    if section.strength.value < 2 {
        problems.warn(
            &section.strength.place,
            "passwords that are guessed in a million tries are accepted",
            "3",
        );
    }
}

fn least(section: &PasswordSection, problems: &mut Problems) -> usize {
    let least = number(section.least.value);
    if least < LEAST_FLOOR {
        problems.add(
            &section.least.place,
            format!("no password here is shorter than {LEAST_FLOOR} characters"),
            "12",
        );
    } else if least > number(section.most.value) {
        problems.add(
            &section.least.place,
            "no password could be this long",
            "a number that is not above “most”",
        );
    }
    least
}

fn most(section: &PasswordSection, problems: &mut Problems) -> usize {
    let most = number(section.most.value);
    if most > MOST_CEILING {
        problems.add(
            &section.most.place,
            format!("directories are given at most {MOST_CEILING} characters"),
            "128",
        );
    } else if most < 64 {
        problems.warn(
            &section.most.place,
            "long phrases are the best passwords, and would be refused",
            "128",
        );
    }
    most
}

fn strength(score: &At<u32>, problems: &mut Problems) -> Strength {
    Strength::of_score(score.value).unwrap_or_else(|| {
        problems.add(&score.place, "this is not a strength", "0 to 4; 3 is usual");
        Strength::Good
    })
}

fn max_age(days: &At<Option<u32>>, problems: &mut Problems) -> Option<u32> {
    if days.value == Some(0) {
        problems.add(
            &days.place,
            "a password that lives no day opens nothing",
            "365, or nothing",
        );
    }
    days.value
}

fn class(word: &ClassWord) -> Class {
    match word {
        ClassWord::Lower => Class::Lower,
        ClassWord::Upper => Class::Upper,
        ClassWord::Digit => Class::Digit,
        ClassWord::Symbol => Class::Symbol,
    }
}

fn number(written: u32) -> usize {
    usize::try_from(written).unwrap_or(usize::MAX)
}
