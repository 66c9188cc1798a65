//! What people type into the picker, and which school each of them means. Every question says enough
//! to tell its school: what it is called and where it is, or its code.

use std::io::{self, Write};

use mereau::base::fold::folded;

use super::chance::Chance;
use super::schools::{France, School};

/// How a question was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typing {
    Clean,
    /// Without accents, in small letters, as on a phone.
    Plain,
    /// With one slip.
    Slip,
}

/// One question, whole.
#[derive(Debug, Clone)]
pub struct Question {
    pub text: String,
    /// Bytes of `text` before the town begins, where the town comes last.
    pub town_from: Option<usize>,
    pub typing: Typing,
    /// The place of the school that is meant.
    pub school: usize,
}

/// `count` questions, one in ten with a slip, one in two without accents.
pub fn questions(seed: u64, france: &France, count: usize) -> Vec<Question> {
    let mut chance = Chance::new(seed, "questions");
    (0..count)
        .map(|_| {
            let school = chance.below(france.schools.len());
            let (text, town_from) = asked(&mut chance, france, &france.schools[school]);
            let typing = match chance.below(10) {
                0 => Typing::Slip,
                1..6 => Typing::Plain,
                _ => Typing::Clean,
            };
            question(&mut chance, text, town_from, typing, school)
        })
        .collect()
}

fn question(
    chance: &mut Chance,
    text: String,
    town_from: Option<usize>,
    typing: Typing,
    school: usize,
) -> Question {
    let plain = |text: &str| folded(text);
    let (text, town_from) = match (typing, town_from) {
        (Typing::Clean, from) => (text, from),
        (Typing::Plain, from) => {
            let from = from.map(|from| plain(&text[..from]).len());
            (plain(&text), from)
        }
        (Typing::Slip, _) => (slipped(chance, &plain(&text)), None),
    };
    Question {
        text,
        town_from,
        typing,
        school,
    }
}

/// Name and town, town and name, with the postcode, or the code alone.
fn asked(chance: &mut Chance, france: &France, school: &School) -> (String, Option<usize>) {
    let town = france.town(school);
    let place = town.name.split("  ").next().unwrap_or_default();
    // A district is known by its number, not by the word.
    let known = school.patronym.clone().filter(|_| chance.percent(60));
    let kind = school.name.split(' ').next().unwrap_or_default();
    let name = match known {
        Some(patronym) if chance.percent(50) => format!("{kind} {patronym}"),
        Some(patronym) => patronym,
        None => school.name.clone(),
    };
    match chance.below(100) {
        0..60 => (format!("{name} {place}"), Some(name.len() + 1)),
        60..80 => (format!("{place} {name}"), None),
        80..92 => (format!("{} {name}", town.postcode), None),
        92..97 => (school.uai.to_string(), None),
        _ => match &school.mail_domain {
            Some(domain) => (format!("quelqu.un@{domain}"), None),
            None => (format!("{name} {}", town.postcode), None),
        },
    }
}

/// One letter wrong, missing, doubled or swapped, in one of the longer words.
fn slipped(chance: &mut Chance, text: &str) -> String {
    const NEIGHBOURS: [&str; 26] = [
        "qz", "vn", "xv", "sf", "zr", "dg", "fh", "gj", "uo", "hk", "jl", "km", "l", "b", "ip", "o", "as",
        "et", "qd", "ry", "yi", "cb", "x", "wc", "tu", "ae",
    ];
    let mut letters: Vec<char> = text.chars().collect();
    let words: Vec<(usize, usize)> = runs(&letters)
        .into_iter()
        .filter(|(_, length)| *length >= 5)
        .collect();
    if words.is_empty() {
        return text.to_owned();
    }
    let (start, length) = words[chance.below(words.len())];
    let at = start + 1 + chance.below(length - 2);
    match chance.below(4) {
        0 => {
            let letter = letters[at];
            let place = (letter as usize).wrapping_sub('a' as usize);
            let near: Vec<char> = NEIGHBOURS
                .get(place)
                .map_or(vec!['e'], |near| near.chars().collect());
            letters[at] = near[chance.below(near.len())];
        }
        1 => _ = letters.remove(at),
        2 => letters.insert(at, letters[at]),
        _ => letters.swap(at, at + 1),
    }
    letters.into_iter().collect()
}

/// Where words of letters start, and their lengths.
fn runs(letters: &[char]) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    for (at, _) in letters
        .iter()
        .enumerate()
        .filter(|(_, letter)| letter.is_alphabetic())
    {
        match found.last_mut() {
            Some((start, length)) if *start + *length == at => *length += 1,
            _ => found.push((at, 1)),
        }
    }
    found
}

/// What a type-ahead field asks while questions are typed: each of their beginnings, until `count`.
pub fn keystrokes(questions: &[Question], count: usize) -> Vec<(String, usize)> {
    let typed = questions.iter().flat_map(|question| {
        let ends = question.text.char_indices().map(|(at, c)| at + c.len_utf8());
        ends.map(|end| (question.text[..end].to_owned(), question.school))
    });
    typed.take(count).collect()
}

/// `count` keystrokes from among all of them, evenly, so that many people are among them.
pub fn recorded(questions: &[Question], count: usize) -> Vec<(String, usize)> {
    let all = keystrokes(questions, usize::MAX);
    let step = (all.len() / count.max(1)).max(1);
    all.into_iter().step_by(step).take(count).collect()
}

/// What the field asked, with the school that was meant: `code;typed`.
pub fn write_keystrokes(
    france: &France,
    keystrokes: &[(String, usize)],
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "uai;typed")?;
    for (typed, school) in keystrokes {
        writeln!(out, "{};{typed}", france.schools[*school].uai)?;
    }
    Ok(())
}

/// The log with the expected school of each line: `typing;code;question`.
pub fn write(france: &France, questions: &[Question], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "typing;uai;question")?;
    for question in questions {
        let typing = match question.typing {
            Typing::Clean => "clean",
            Typing::Plain => "plain",
            Typing::Slip => "slip",
        };
        let school = &france.schools[question.school];
        writeln!(out, "{typing};{};{}", school.uai, question.text)?;
    }
    Ok(())
}
