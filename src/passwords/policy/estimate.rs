//! How many tries a password would stand, by zxcvbn, which is taught French, the AZERTY keyboard and
//! what is known about the person.

use zeroize::Zeroizing;

use super::french;
use super::{Part, Strength};

/// Of a password's beginning, in characters: the estimate's time grows with the square of it.
const LONGEST: usize = 100;

/// French words rarer than this are as good as any other: in ranks.
const RAREST: usize = 20_000;

pub(super) struct Estimate {
    pub strength: Strength,
    /// The longest piece that is guessed rather than tried.
    pub easiest: Option<Part>,
}

/// The worse of two looks: at the password, and at the keys it takes on a French keyboard.
pub(super) fn of(prepared: &str, hints: &[String]) -> Estimate {
    let begin: Zeroizing<String> = Zeroizing::new(prepared.chars().take(LONGEST).collect());
    let found = french::words_in(&begin);
    let ranked = ranked(hints, &found);
    let typed = zxcvbn::zxcvbn(&begin, &ranked);
    let keys: Zeroizing<String> = Zeroizing::new(begin.chars().map(key_of).collect());
    let walked = zxcvbn::zxcvbn(&keys, &[]);
    let worse = if walked.guesses() < typed.guesses() {
        walked
    } else {
        typed
    };
    let strength = match worse.score() {
        zxcvbn::Score::Zero => Strength::VeryWeak,
        zxcvbn::Score::One => Strength::Weak,
        zxcvbn::Score::Two => Strength::Fair,
        zxcvbn::Score::Three => Strength::Good,
        _ => Strength::Strong,
    };
    Estimate {
        strength,
        easiest: easiest(&begin, worse.sequence()),
    }
}

/// zxcvbn takes the place of an input for its rank, so each word is put where it belongs and the
/// places between stay empty.
fn ranked<'a>(hints: &'a [String], found: &'a [french::Word]) -> Vec<&'a str> {
    let mut ranked: Vec<&str> = hints.iter().map(String::as_str).collect();
    let mut words: Vec<&french::Word> = found.iter().filter(|word| word.rank <= RAREST).collect();
    words.sort_by_key(|word| word.rank);
    for word in words {
        ranked.resize(ranked.len().max(hints.len() + word.rank - 1), "");
        ranked.push(&word.text);
    }
    ranked
}

/// The key of a QWERTY keyboard, whose walks are known, at the place of one of an AZERTY keyboard.
fn key_of(c: char) -> char {
    match c {
        'a' => 'q',
        'q' => 'a',
        'z' => 'w',
        'w' => 'z',
        'A' => 'Q',
        'Q' => 'A',
        'Z' => 'W',
        'W' => 'Z',
        'm' => ';',
        ',' => 'm',
        '&' => '1',
        'é' => '2',
        '"' => '3',
        '\'' => '4',
        '(' => '5',
        '-' => '6',
        'è' => '7',
        '_' => '8',
        'ç' => '9',
        'à' => '0',
        other => other,
    }
}

/// Neighbouring pieces that are words, dates or walks are one to whoever reads it: “corse2024”.
fn easiest(password: &str, sequence: &[zxcvbn::Match]) -> Option<Part> {
    let mut pieces = vec![(0, 0)];
    for part in sequence {
        // The kind cannot be named, but tried rather than guessed is its default.
        let guessed = part.pattern != Default::default();
        match pieces.last_mut() {
            Some((_, to)) if guessed && *to == part.i => *to = part.j + 1,
            _ if guessed => pieces.push((part.i, part.j + 1)),
            _ => {}
        }
    }
    let (from, to) = pieces.into_iter().max_by_key(|(from, to)| to - from)?;
    let piece: String = password.chars().skip(from).take(to - from).collect();
    (!piece.is_empty()).then(|| Part::of(piece))
}
