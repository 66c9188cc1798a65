//! The type-ahead index (experience §2.3): which of thousands of entries somebody means who has typed
//! a few letters of a name, town, postcode, code or mail domain. Pure and in memory: it is built once
//! from borrowed entries, answers with their positions, and knows neither realms nor pages.

mod bits;
mod build;
mod mend;
mod near;
mod query;
mod rank;
mod table;
mod words;

use std::collections::HashMap;
use std::ops::Range;

use self::bits::Bits;
use self::query::{Query, Word};
use self::table::{Table, mark};
pub use self::words::town_key;

/// No answer holds more entries than this.
pub const MOST: usize = 200;

/// What one entry may be found by.
#[derive(Debug, Clone, Default)]
pub struct Findable<'a> {
    /// In every language, the first being the one entries are sorted by.
    pub names: Vec<&'a str>,
    pub short_names: Vec<&'a str>,
    pub keywords: Vec<&'a str>,
    pub town: Option<&'a str>,
    pub postcode: Option<&'a str>,
    /// Code and name.
    pub departement: Option<(&'a str, &'a str)>,
    pub academy: Option<&'a str>,
    pub uai: Vec<&'a str>,
    pub siret: Option<&'a str>,
    pub hosts: Vec<&'a str>,
    /// Domains of mail addresses.
    pub domains: Vec<&'a str>,
    /// Larger ones stand before smaller ones that fit equally well.
    pub size: u8,
    /// Entries of one group are allowed or forbidden together.
    pub group: u16,
}

/// A question to the index.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked<'a> {
    /// As typed; of a mail address only what follows the last `@` is read.
    pub text: &'a str,
    /// Entries of the answer to leave out at its beginning: earlier pages.
    pub skip: usize,
    /// At most [`MOST`].
    pub limit: usize,
    /// Positions of entries this person has chosen before, to stand first where they fit.
    pub remembered: &'a [usize],
}

/// What fits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// All that fit, shown or not.
    pub total: usize,
    /// Positions among the entries the index was built from, best first.
    pub positions: Vec<usize>,
    pub mended: Mended,
}

/// What was changed in the question because nothing fitted it as it was; pages say so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mended {
    /// Words that were left out, folded.
    pub dropped: Vec<String>,
    /// Words that were read as others: what was typed, and as what.
    pub corrected: Vec<(String, String)>,
}

impl Mended {
    pub fn is_nothing(&self) -> bool {
        self.dropped.is_empty() && self.corrected.is_empty()
    }
}

/// The index. Reading it takes no lock and changes nothing.
#[derive(Debug, Clone, Default)]
pub struct Index {
    table: Table,
    /// Sets of the beginnings that many entries share, by the words they span.
    beginnings: HashMap<Range<usize>, Bits>,
    /// Entries with a frequent word in their name.
    names: HashMap<usize, Bits>,
    /// Position of the entry of each rank.
    order: Box<[u32]>,
    /// Rank of the entry at each position.
    ranks: Box<[u32]>,
    groups: Vec<(u16, Bits)>,
}

/// One word of a question, with the entries that hold it.
#[derive(Debug, Clone)]
struct Part {
    word: Word,
    /// What counts as this word when it stands whole in a name or town.
    forms: Vec<String>,
    set: Bits,
}

impl Index {
    /// Positions in answers count these entries from 0.
    pub fn build<'a>(entries: impl IntoIterator<Item = Findable<'a>>) -> Index {
        build::build(entries)
    }

    pub fn search(&self, asked: &Asked<'_>, allowed: impl Fn(u16) -> bool) -> Answer {
        let mut open = Bits::none(self.order.len());
        for (_, members) in self.groups.iter().filter(|(group, _)| allowed(*group)) {
            open.join(members);
        }
        match Query::read(asked.text) {
            Query::Nothing => Answer::default(),
            Query::Domain(domain) => self.of_domain(&domain, &open, asked),
            Query::Words { host, words } => {
                let answer = host.map(|host| self.of_host(&host, &open, asked));
                answer
                    .filter(|answer| answer.total > 0)
                    .unwrap_or_else(|| self.of_words(words, &open, asked))
            }
        }
    }

    /// All positions, those to be shown first first.
    pub fn ranking(&self) -> impl Iterator<Item = usize> + '_ {
        self.order.iter().map(|position| *position as usize)
    }

    /// Bytes of the heap that the index takes, but for what its maps keep free.
    pub fn bytes(&self) -> usize {
        let set = self.order.len().div_ceil(64) * 8;
        let sets = self.beginnings.len() + self.names.len() + self.groups.len();
        self.table.bytes() + sets * (set + size_of::<(Range<usize>, Bits)>()) + 8 * self.order.len()
    }

    /// The domain itself, else the nearest above it, else those that begin so.
    fn of_domain(&self, domain: &str, open: &Bits, asked: &Asked<'_>) -> Answer {
        let mut from = domain;
        while from.contains('.') {
            let exact = self.table.exact(&format!("{}{from}", mark::DOMAIN));
            let mut set = exact.map_or_else(|| self.nobody(), |word| self.set(word..word + 1));
            set.keep(open);
            if !set.is_empty() {
                return self.answer(set, &[], asked, Mended::default());
            }
            from = from.split_once('.').map_or("", |(_, above)| above);
        }
        self.of_host(domain, open, asked)
    }

    fn of_host(&self, host: &str, open: &Bits, asked: &Asked<'_>) -> Answer {
        let marked = format!("{}{host}", mark::DOMAIN);
        let mut set = self.set(self.table.beginning(&marked, self.table.all()));
        set.keep(open);
        let whole = Word {
            text: marked.clone(),
            meaning: None,
        };
        let part = Part {
            word: whole,
            forms: vec![marked],
            set: self.nobody(),
        };
        self.answer(set, &[part], asked, Mended::default())
    }

    fn of_words(&self, words: Vec<Word>, open: &Bits, asked: &Asked<'_>) -> Answer {
        let parts: Vec<Part> = words.into_iter().map(|word| self.part(word)).collect();
        let all = fitting(&parts, open);
        if !all.is_empty() {
            return self.answer(all, &parts, asked, Mended::default());
        }
        match self.mend(parts, open) {
            Some((parts, mended)) => self.answer(fitting(&parts, open), &parts, asked, mended),
            None => Answer::default(),
        }
    }

    fn answer(&self, fitting: Bits, parts: &[Part], asked: &Asked<'_>, mended: Mended) -> Answer {
        Answer {
            total: fitting.count(),
            positions: self.ranked(fitting, parts, asked),
            mended,
        }
    }

    /// Every word is the beginning of one, and what it may stand for besides.
    fn part(&self, word: Word) -> Part {
        let mut set = self.set(self.table.beginning(&word.text, self.table.all()));
        let mut forms = vec![word.text.clone()];
        if word.text.len() >= 9 && word.text.bytes().all(|byte| byte.is_ascii_digit()) {
            let number = format!("{}{}", mark::NUMBER, word.text);
            set.join(&self.set(self.table.beginning(&number, self.table.all())));
            forms.push(number);
        }
        if let Some(meaning) = &word.meaning {
            if let Some(whole) = self.table.exact(meaning) {
                set.join(&self.set(whole..whole + 1));
            }
            forms.push(meaning.clone());
        }
        Part { word, forms, set }
    }

    /// Entries that hold one of these words.
    fn set(&self, words: Range<usize>) -> Bits {
        self.beginnings.get(&words).cloned().unwrap_or_else(|| {
            let entries = self.table.entries(words);
            Bits::of(self.order.len(), entries.iter().copied())
        })
    }

    fn nobody(&self) -> Bits {
        Bits::none(self.order.len())
    }
}

/// What holds every part and is open.
fn fitting(parts: &[Part], open: &Bits) -> Bits {
    let mut all = open.clone();
    for part in parts {
        all.keep(&part.set);
    }
    all
}

#[cfg(test)]
mod tests;
