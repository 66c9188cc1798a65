//! Beginnings of words one slip of the finger away from what was typed: a letter too many, too few,
//! wrong, or two swapped. Walks the table instead of comparing every word.

use std::collections::BTreeSet;
use std::ops::Range;

use super::table::Table;

/// Shorter words are as they are: most of what is one letter away means something else.
pub const SHORTEST: usize = 4;

/// No more ways of reading a word than this are looked into.
const MOST: usize = 48;

/// What `word` may have been meant as, each with the words that begin so.
pub fn readings(table: &Table, word: &str) -> Vec<(String, Range<usize>)> {
    let letters: Vec<char> = word.chars().collect();
    if letters.len() < SHORTEST || letters.iter().all(char::is_ascii_digit) {
        return Vec::new();
    }
    let mut walk = Walk {
        table,
        letters: &letters,
        tried: BTreeSet::new(),
        found: Vec::new(),
    };
    let mut range = table.all();
    let mut begun = String::new();
    for (at, letter) in letters.iter().enumerate() {
        if range.is_empty() || walk.found.len() >= MOST {
            break;
        }
        walk.slips_at(at, &begun, range.clone());
        begun.push(*letter);
        range = table.beginning(&begun, range);
    }
    walk.found
}

struct Walk<'a> {
    table: &'a Table,
    letters: &'a [char],
    tried: BTreeSet<String>,
    found: Vec<(String, Range<usize>)>,
}

impl Walk<'_> {
    /// Everything that can have gone wrong at the letter `at`, after `begun`.
    fn slips_at(&mut self, at: usize, begun: &str, range: Range<usize>) {
        let after = |from: usize| self.letters.get(from..).unwrap_or_default();
        let (rest, past) = (after(at), after(at + 1));
        let mut slips: Vec<(String, bool)> = Vec::new();
        if let [one, two, rest @ ..] = rest
            && one != two
        {
            slips.push((text(begun, [two, one], rest), true));
        }
        // Taking a letter away or guessing the last one leaves less than was typed: of a short word
        // too little to go on, unless a whole word is left.
        let long = self.letters.len() > SHORTEST;
        slips.push((text(begun, [], past), long));
        for (c, _) in self.table.next(begun, range.clone()) {
            if !c.is_alphanumeric() {
                continue;
            }
            slips.push((text(begun, [&c], past), long || !past.is_empty()));
            slips.push((text(begun, [&c], rest), true));
        }
        for (slip, unfinished) in slips {
            if self.found.len() < MOST && self.tried.insert(slip.clone()) {
                self.look_up(slip, unfinished, range.clone());
            }
        }
    }

    fn look_up(&mut self, slip: String, unfinished: bool, within: Range<usize>) {
        let words = if unfinished {
            self.table.beginning(&slip, within)
        } else {
            let exact = self.table.exact(&slip);
            exact.map_or(0..0, |word| word..word + 1)
        };
        if !words.is_empty() {
            self.found.push((slip, words));
        }
    }
}

fn text<'a, const N: usize>(begun: &str, middle: [&'a char; N], rest: &'a [char]) -> String {
    begun
        .chars()
        .chain(middle.into_iter().chain(rest).copied())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::table::{Gathered, field};
    use super::*;

    fn readings_of(word: &str) -> Vec<String> {
        let mut gathered = Gathered::default();
        for (entry, word) in (0..).zip(["moulin", "meaux", "lyon", "zola", "=lyon", "77000"]) {
            gathered.add(word, entry, field::TOWN);
        }
        readings(&gathered.table(), word)
            .into_iter()
            .map(|(reading, _)| reading)
            .collect()
    }

    #[test]
    fn one_slip_anywhere_is_read_as_what_was_meant() {
        for slip in ["mulin", "mooulin", "noulin", "muolin", "moulim", "mouin", "mouln"] {
            assert!(
                readings_of(slip).iter().any(|word| "moulin".starts_with(word)),
                "{slip}"
            );
        }
        assert_eq!(readings_of("loyn"), ["lyon"]);
        assert_eq!(readings_of("lyom"), ["lyon"]);
    }

    #[test]
    fn nothing_is_read_into_short_words_numbers_and_nonsense() {
        for nonsense in ["lyn", "7700", "77001", "xqzv", "qsdfgh", "zzol", "azerty"] {
            assert_eq!(readings_of(nonsense), [""; 0], "{nonsense}");
        }
    }
}
