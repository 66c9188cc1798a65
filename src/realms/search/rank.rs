//! The order of an answer (experience §2.3): one's own code or host, what was chosen before, the whole
//! town, whole words of the name, beginnings; within each, large ones first, then by name.

use super::bits::Bits;
use super::table::{field, mark};
use super::{Asked, Index, MOST, Part, words};

/// Names that begin with so few letters are shown in the order of the alphabet.
const ALPHABETICAL_UP_TO: usize = 2;

/// What is left to show and what has been put in its place.
struct Line {
    left: Bits,
    taken: Vec<u32>,
    room: usize,
}

impl Index {
    /// Positions of the part of `fitting` that was asked for.
    pub(super) fn ranked(&self, fitting: Bits, parts: &[Part], asked: &Asked<'_>) -> Vec<usize> {
        let limit = asked.limit.min(MOST);
        let mut line = Line {
            left: fitting,
            taken: Vec::new(),
            room: asked.skip.saturating_add(limit).min(self.order.len()),
        };
        if let [only] = parts {
            line.take(&self.with_whole(&only.forms, field::CODE));
        }
        for position in asked.remembered {
            if let Some(rank) = self.ranks.get(*position) {
                line.take_one(*rank);
            }
        }
        let names = self.by_words_in_name(parts);
        for town in self.in_town(parts) {
            for name in &names {
                let mut both = town.clone();
                both.keep(name);
                line.take(&both);
            }
            line.take(&town);
        }
        for name in &names {
            line.take(name);
        }
        self.take_beginning_so(parts, &mut line);
        let left = line.left.clone();
        line.take(&left);
        let shown = line.taken.iter().skip(asked.skip).take(limit);
        shown
            .filter_map(|rank| self.order.get(*rank as usize))
            .map(|position| *position as usize)
            .collect()
    }

    /// Entries that hold one of `forms` whole.
    fn with_whole(&self, forms: &[String], fields: u8) -> Bits {
        let mut set = self.nobody();
        for word in forms.iter().filter_map(|form| self.table.exact(form)) {
            match self.names.get(&word).filter(|_| fields == field::NAME) {
                Some(known) => set.join(known),
                None => self
                    .table
                    .entries_in(word, fields)
                    .for_each(|entry| set.add(entry)),
            }
        }
        set
    }

    /// Entries with as many words of the question in their name as there are, then one less, and so
    /// on down to one.
    fn by_words_in_name(&self, parts: &[Part]) -> Vec<Bits> {
        let mut at_least: Vec<Bits> = Vec::with_capacity(parts.len());
        for part in parts.iter().filter(|part| !words::joins(&part.word.text)) {
            let with = self.with_whole(&part.forms, field::NAME);
            if with.is_empty() {
                continue;
            }
            let counted = at_least.len();
            let mut one_more = self.nobody();
            if let Some(last) = at_least.last() {
                one_more.join_common(last, &with);
            }
            for count in (1..counted).rev() {
                if let Some((fewer, [more, ..])) = at_least.split_at_mut_checked(count)
                    && let Some(fewer) = fewer.last()
                {
                    more.join_common(fewer, &with);
                }
            }
            match at_least.first_mut() {
                Some(first) => first.join(&with),
                None => one_more = with,
            }
            at_least.push(one_more);
        }
        at_least.reverse();
        at_least.retain(|level| !level.is_empty());
        at_least
    }

    /// Entries whose whole town stands in the question, towns of many words first.
    fn in_town(&self, parts: &[Part]) -> Vec<Bits> {
        let mut levels = Vec::new();
        for length in (1..=parts.len()).rev() {
            let mut level = self.nobody();
            for run in parts.windows(length) {
                let typed = joined(run, |part| part.forms.first());
                let meant = joined(run, |part| part.forms.last());
                let other = (meant != typed).then_some(meant);
                for town in std::iter::once(typed).chain(other) {
                    if let Some(word) = self.table.exact(&format!("{}{town}", mark::TOWN)) {
                        level.join(&self.set(word..word + 1));
                    }
                }
            }
            if !level.is_empty() {
                levels.push(level);
            }
        }
        levels
    }

    /// Entries whose name begins as the question does.
    fn take_beginning_so(&self, parts: &[Part], line: &mut Line) {
        if line.is_full() {
            return;
        }
        let typed = joined(parts, |part| part.forms.first());
        let marked = format!("{}{typed}", mark::NAME);
        let names = self.table.beginning(&marked, self.table.all());
        if typed.chars().count() > ALPHABETICAL_UP_TO {
            line.take(&self.set(names));
            return;
        }
        for rank in self.table.entries(names) {
            line.take_one(*rank);
            if line.is_full() {
                return;
            }
        }
    }
}

fn joined<'a>(parts: &'a [Part], form: impl Fn(&'a Part) -> Option<&'a String>) -> String {
    let forms: Vec<&str> = parts.iter().filter_map(form).map(String::as_str).collect();
    forms.join(" ")
}

impl Line {
    fn is_full(&self) -> bool {
        self.taken.len() >= self.room
    }

    fn take(&mut self, set: &Bits) {
        if self.is_full() {
            return;
        }
        let room = self.room - self.taken.len();
        let next: Vec<u32> = self.left.common(set).take(room).collect();
        for rank in &next {
            self.left.remove(*rank);
        }
        self.taken.extend(next);
    }

    fn take_one(&mut self, rank: u32) {
        if !self.is_full() && self.left.has(rank) {
            self.left.remove(rank);
            self.taken.push(rank);
        }
    }
}
