//! French words and names with how common they are, for the estimate, whose own lists are English.

use std::sync::LazyLock;

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::common::unpacked;
use crate::base::fold::folded;

static PACKED: &[u8] = include_bytes!("lists/french.txt.gz");

static WORDS: LazyLock<Words> = LazyLock::new(|| Words::read(&unpacked(PACKED)));

/// In letters.
const LONGEST: usize = 20;
const SHORTEST: usize = 3;

/// A piece of a password that is French.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(super) struct Word {
    /// As it stands there, in small letters.
    pub text: String,
    /// From 1, the most common.
    pub rank: usize,
}

/// Every piece of `password` that is a French word, however it is cut.
pub(super) fn words_in(password: &str) -> Vec<Word> {
    let letters: Zeroizing<Vec<char>> = Zeroizing::new(password.to_lowercase().chars().collect());
    let mut found = Vec::new();
    for from in 0..letters.len() {
        let rest = letters.get(from..).unwrap_or_default();
        for length in SHORTEST..=LONGEST.min(rest.len()) {
            let text: String = rest.iter().take(length).collect();
            if let Some(rank) = WORDS.rank(&folded(&text)) {
                found.push(Word { text, rank });
            }
        }
    }
    found
}

struct Words {
    text: Box<str>,
    /// Where a word begins and ends, and its rank; in the order of the alphabet.
    places: Box<[(u32, u16, u16)]>,
}

impl Words {
    fn read(list: &[u8]) -> Words {
        let text: Box<str> = String::from_utf8_lossy(list).into();
        let mut places = Vec::new();
        let mut from = 0;
        for (at, line) in text.lines().enumerate() {
            let place = (
                u32::try_from(from),
                u16::try_from(line.len()),
                u16::try_from(at + 1),
            );
            if let (Ok(from), Ok(length), Ok(rank)) = place {
                places.push((from, length, rank));
            }
            from += line.len() + 1;
        }
        places.sort_unstable_by(|one, other| word(&text, *one).cmp(word(&text, *other)));
        Words {
            places: places.into(),
            text,
        }
    }

    fn rank(&self, wanted: &str) -> Option<usize> {
        let order = |place: &(u32, u16, u16)| word(&self.text, *place).cmp(wanted);
        let at = self.places.binary_search_by(order).ok()?;
        self.places.get(at).map(|(_, _, rank)| usize::from(*rank))
    }
}

fn word(text: &str, (from, length, _): (u32, u16, u16)) -> &str {
    let from = from as usize;
    text.get(from..from + usize::from(length)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn french_is_found_with_and_without_accents_the_common_before_the_rare() {
        let rank = |word: &str| WORDS.rank(word);
        assert!(
            rank("motdepasse") < rank("maison"),
            "{:?} {:?}",
            rank("motdepasse"),
            rank("maison")
        );
        assert!(rank("maison") < rank("croiseur"));
        assert_eq!(rank("xkvjqzpw"), None);
        let found = words_in("XForêt12");
        let forest = found.iter().find(|word| word.text == "forêt");
        assert_eq!(forest.map(|word| word.rank), rank("foret"));
        assert!(WORDS.places.len() > 40_000);
    }
}
