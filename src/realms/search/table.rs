//! The sorted words of all entries and, for each, the entries that hold it. Read by beginnings: the
//! words that begin alike stand together, and so do their entries.

use std::collections::HashMap;
use std::ops::Range;

/// Where in an entry a word stands; several may be true.
pub mod field {
    pub const NAME: u8 = 1;
    pub const TOWN: u8 = 2;
    /// UAI, SIRET: one entry's own.
    pub const CODE: u8 = 4;
    pub const OTHER: u8 = 8;
}

/// First characters of what is looked up whole or by beginning, but is no word of a text.
pub mod mark {
    /// The whole name, for the alphabetical order.
    pub const NAME: char = '!';
    /// Numbers that only long queries may find.
    pub const NUMBER: char = '#';
    /// The whole town.
    pub const TOWN: char = '=';
    /// A host or the domain of mail addresses.
    pub const DOMAIN: char = '@';

    pub const ALL: [char; 4] = [NAME, NUMBER, TOWN, DOMAIN];
}

/// Words under construction, with the entries that hold each. A word has a number, so that who adds it
/// to many entries looks it up once.
#[derive(Default)]
pub struct Gathered {
    numbers: HashMap<String, u32>,
    entries: Vec<Vec<(u32, u8)>>,
}

impl Gathered {
    /// Entries come in ascending order.
    pub fn add(&mut self, word: &str, entry: u32, field: u8) {
        let number = self.number(word);
        self.add_numbered(number, entry, field);
    }

    /// The number of a word, for [`Gathered::add_numbered`]; a new one is held by no entry yet.
    pub fn number(&mut self, word: &str) -> u32 {
        if let Some(number) = self.numbers.get(word) {
            return *number;
        }
        let number = self.entries.len() as u32;
        self.numbers.insert(word.to_owned(), number);
        self.entries.push(Vec::new());
        number
    }

    pub fn add_numbered(&mut self, number: u32, entry: u32, field: u8) {
        let Some(entries) = self.entries.get_mut(number as usize) else {
            return;
        };
        match entries.last_mut() {
            Some((last, fields)) if *last == entry => *fields |= field,
            _ => entries.push((entry, field)),
        }
    }

    pub fn table(self) -> Table {
        let mut all: Vec<(String, u32)> = self.numbers.into_iter().collect();
        all.sort_unstable();
        let mut table = Table {
            text: String::with_capacity(all.iter().map(|(word, _)| word.len()).sum()),
            ..Table::default()
        };
        let (mut starts, mut posts) = (vec![0], vec![0]);
        let count = self.entries.iter().map(Vec::len).sum();
        let (mut docs, mut fields) = (Vec::with_capacity(count), Vec::with_capacity(count));
        for (word, number) in all {
            let entries = self.entries.get(number as usize).map_or(&[][..], Vec::as_slice);
            table.text.push_str(&word);
            docs.extend(entries.iter().map(|(entry, _)| *entry));
            fields.extend(entries.iter().map(|(_, field)| *field));
            starts.push(table.text.len() as u32);
            posts.push(docs.len() as u32);
        }
        table.starts = starts.into();
        table.posts = posts.into();
        table.docs = docs.into();
        table.fields = fields.into();
        table
    }
}

/// Words in order, each with its entries.
#[derive(Debug, Clone, Default)]
pub struct Table {
    text: String,
    starts: Box<[u32]>,
    posts: Box<[u32]>,
    docs: Box<[u32]>,
    fields: Box<[u8]>,
}

impl Table {
    pub fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    pub fn word(&self, at: usize) -> &str {
        let span = self.span(&self.starts, at..at + 1);
        self.text.get(span).unwrap_or_default()
    }

    /// The words that begin with `prefix`, among those of `within`.
    pub fn beginning(&self, prefix: &str, within: Range<usize>) -> Range<usize> {
        let prefix = prefix.as_bytes();
        let head = |at: usize| {
            let word = self.word(at).as_bytes();
            word.get(..prefix.len()).unwrap_or(word)
        };
        let first = partition(within.clone(), |at| head(at) < prefix);
        first..partition(first..within.end, |at| head(at) <= prefix)
    }

    pub fn all(&self) -> Range<usize> {
        0..self.len()
    }

    /// Where `word` itself stands.
    pub fn exact(&self, word: &str) -> Option<usize> {
        let first = partition(self.all(), |at| self.word(at) < word);
        (first < self.len() && self.word(first) == word).then_some(first)
    }

    /// What follows `prefix` in the words of `range`, which all begin with it: each next character
    /// with its words. A word that ends there is left out.
    pub fn next(&self, prefix: &str, range: Range<usize>) -> Vec<(char, Range<usize>)> {
        let mut found = Vec::new();
        let mut at = range.start;
        let mut longer = prefix.to_owned();
        while at < range.end {
            let Some(c) = self
                .word(at)
                .get(prefix.len()..)
                .and_then(|rest| rest.chars().next())
            else {
                at += 1;
                continue;
            };
            longer.truncate(prefix.len());
            longer.push(c);
            let words = self.beginning(&longer, at..range.end);
            at = words.end.max(at + 1);
            found.push((c, words));
        }
        found
    }

    /// Entries of these words, one after the other; an entry may come twice.
    pub fn entries(&self, words: Range<usize>) -> &[u32] {
        let span = self.span(&self.posts, words);
        self.docs.get(span).unwrap_or_default()
    }

    /// Entries that hold this very word in one of `fields`.
    pub fn entries_in(&self, word: usize, fields: u8) -> impl Iterator<Item = u32> + '_ {
        let span = self.span(&self.posts, word..word + 1);
        let held = self.fields.get(span.clone()).unwrap_or_default();
        let docs = self.docs.get(span).unwrap_or_default();
        docs.iter()
            .zip(held)
            .filter(move |(_, held)| **held & fields != 0)
            .map(|(doc, _)| *doc)
    }

    /// What it takes of the heap.
    pub fn bytes(&self) -> usize {
        self.text.capacity()
            + 4 * (self.starts.len() + self.posts.len() + self.docs.len())
            + self.fields.len()
    }

    fn span(&self, ends: &[u32], of: Range<usize>) -> Range<usize> {
        let end = |at: usize| ends.get(at).map_or(0, |end| *end as usize);
        end(of.start)..end(of.end)
    }
}

/// The first of `range` for which `before` is no longer true.
fn partition(range: Range<usize>, before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (range.start, range.end);
    while low < high {
        let middle = low + (high - low) / 2;
        if before(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut gathered = Gathered::default();
        for (entry, word) in [
            (0, "mel"),
            (0, "melun"),
            (1, "melun"),
            (2, "meaux"),
            (3, "étampes"),
        ] {
            gathered.add(word, entry, field::TOWN);
        }
        gathered.add("melun", 1, field::NAME);
        gathered.table()
    }

    #[test]
    fn words_that_begin_alike_stand_together() {
        let table = table();
        assert_eq!(table.len(), 4);
        let found = table.beginning("mel", table.all());
        assert_eq!(table.entries(found.clone()), [0, 0, 1]);
        assert_eq!(table.next("mel", found), [('u', 2..3)]);
        assert!(table.beginning("x", table.all()).is_empty());
        assert_eq!(table.beginning("", table.all()), 0..4);
        assert_eq!(table.exact("melun"), Some(2));
        assert_eq!(table.exact("melu"), None);
        assert_eq!(table.entries_in(2, field::NAME).collect::<Vec<_>>(), [1]);
        assert_eq!(table.next("", table.all()).len(), 2);
    }
}
