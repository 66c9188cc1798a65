//! The two answers of a challenge, how they are drawn, and how what a person typed is brought into
//! their form. Both are as long for everybody (SEC-67).

use unicode_normalization::UnicodeNormalization;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::dice::{Dice, Seed};

/// Symbols of a picture: capitals that strokes and bends do not turn into one another.
pub const SYMBOLS: &[u8] = b"ABCDEHKMNRSTUYZ";

/// Symbols of one picture.
pub const SYMBOLS_SHOWN: usize = 6;

/// Digits of one sound.
pub const DIGITS_SPOKEN: usize = 6;

/// Longer than this is no answer, whatever it says: four times the longer of the two, spaces included.
const LONGEST_TYPED: usize = 4 * DIGITS_SPOKEN;

/// What a picture shows and what a sound says. It has no `Debug`: it must not be printed.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Answers {
    pub symbols: [u8; SYMBOLS_SHOWN],
    pub digits: [u8; DIGITS_SPOKEN],
}

impl Answers {
    /// Drawn from a secret seed, evenly as far as 65,536 allows.
    pub fn drawn(seed: &Seed) -> Answers {
        let mut dice = Dice::new(b"answers", seed);
        let mut one_of = |alphabet: &[u8]| {
            let place = dice.place(alphabet.len());
            alphabet.get(place).copied().unwrap_or_default()
        };
        Answers {
            symbols: std::array::from_fn(|_| one_of(SYMBOLS)),
            digits: std::array::from_fn(|_| one_of(b"0123456789")),
        }
    }
}

/// What a person typed, in both forms that it could be meant in.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Typed {
    pub as_symbols: Vec<u8>,
    pub as_digits: Vec<u8>,
}

/// Spaces and hyphens do not count, nor do capitals; what looks like a symbol is that symbol; digits
/// of other scripts are digits. `None` for what cannot be an answer.
pub fn typed(text: &str) -> Option<Typed> {
    if text.chars().count() > LONGEST_TYPED {
        return None;
    }
    let plain: Vec<char> = text
        .nfkc()
        .filter(|c| {
            !c.is_whitespace() && !matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{200b}'..='\u{200f}')
        })
        .flat_map(char::to_uppercase)
        .map(western)
        .collect();
    let bytes = |meant: fn(char) -> char| {
        let all = plain.iter().map(|c| u8::try_from(meant(*c)).ok());
        all.map(|byte| byte.filter(u8::is_ascii).unwrap_or(b'?'))
            .collect::<Vec<u8>>()
    };
    Some(Typed {
        as_symbols: bytes(symbol),
        as_digits: bytes(|c| c),
    })
}

/// Whether a text would pass for these symbols or digits; for measuring, without a challenge.
pub fn looks_like(text: &str, right: &[u8]) -> bool {
    typed(text).is_some_and(|typed| typed.as_symbols == right || typed.as_digits == right)
}

/// An Arabic-Indic or Persian digit as the digit it is.
fn western(c: char) -> char {
    let number = u32::from(c);
    let digit = match number {
        0x660..=0x669 => number - 0x660,
        0x6f0..=0x6f9 => number - 0x6f0,
        _ => return c,
    };
    char::from_digit(digit, 10).unwrap_or(c)
}

/// The symbol of a picture that a person may take for `c`.
fn symbol(c: char) -> char {
    match c {
        '0' | 'O' | 'Q' => 'D',
        '2' => 'Z',
        '4' => 'A',
        '5' => 'S',
        '8' => 'B',
        '6' | 'G' => 'C',
        'F' => 'E',
        'P' => 'R',
        'V' => 'U',
        'X' => 'K',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forms(text: &str) -> (String, String) {
        let typed = typed(text).unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        (text(&typed.as_symbols), text(&typed.as_digits))
    }

    #[test]
    fn every_answer_has_one_length_and_one_alphabet() {
        // SEC-67
        let mut seen = std::collections::BTreeSet::new();
        for seed in 0..200u8 {
            let answers = Answers::drawn(&[seed; 16]);
            assert!(answers.symbols.iter().all(|symbol| SYMBOLS.contains(symbol)));
            assert!(answers.digits.iter().all(u8::is_ascii_digit));
            seen.extend(answers.symbols.iter().chain(&answers.digits).copied());
        }
        assert_eq!(seen.len(), SYMBOLS.len() + 10);
    }

    #[test]
    fn capitals_spaces_and_look_alikes_do_not_count() {
        // SEC-67
        assert_eq!(forms("ab cde").0, "ABCDE");
        assert_eq!(forms("\u{a0}A-b\u{202f}CD\u{2011}e ").0, "ABCDE");
        assert_eq!(forms("oq0 58").0, "DDDSB");
        assert_eq!(forms("ＡＢ").0, "AB");
        assert_eq!(forms("12 34-56").1, "123456");
        assert_eq!(forms("٠١٢۳４5").1, "012345");
        assert!(
            SYMBOLS
                .iter()
                .all(|own| symbol(char::from(*own)) == char::from(*own))
        );
    }

    #[test]
    fn letters_too_many_stay_too_many() {
        // SEC-65
        assert_eq!(forms("ABCDEE").0, "ABCDEE");
        assert_eq!(forms("éЖ").0, "??");
        assert!(typed(&"A".repeat(25)).is_none());
    }
}
