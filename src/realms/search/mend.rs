//! What to do with a question that nothing fits (experience §2.3): leave out joining words, read a
//! word that nobody has as its nearest, leave out the weakest, read another word as its nearest; the
//! first that leads somewhere. One kind of change at a time: two together find what nobody meant.
//!
//! A word that nobody has is mended before it is left out, because what was typed with a slip still
//! says more than nothing.

use super::bits::Bits;
use super::{Index, Mended, Part, fitting, near, words};

impl Index {
    /// Other parts that something fits, and what was changed.
    pub(super) fn mend(&self, parts: Vec<Part>, open: &Bits) -> Option<(Vec<Part>, Mended)> {
        let (joining, parts): (Vec<Part>, Vec<Part>) =
            parts.into_iter().partition(|part| words::joins(&part.word.text));
        if !joining.is_empty() && leads_somewhere(&parts, open) {
            return Some((parts, Mended::default()));
        }
        let (known, unknown): (Vec<usize>, Vec<usize>) =
            (0..parts.len()).partition(|at| parts.get(*at).is_some_and(|part| part.set.meets(open)));
        if !unknown.is_empty() {
            return self
                .read_otherwise(&parts, &unknown, open)
                .or_else(|| without(&parts, &unknown, open));
        }
        let mut rarest_first = known;
        rarest_first.sort_by_key(|at| parts.get(*at).map_or(0, |part| part.set.count()));
        let read = rarest_first
            .iter()
            .find_map(|at| self.read_otherwise(&parts, &[*at], open));
        let weakest_first = rarest_first.iter().rev();
        read.or_else(|| weakest_first.copied().find_map(|at| without(&parts, &[at], open)))
    }

    /// Each of the parts at `which` as the nearest words that something with all other parts holds.
    fn read_otherwise(&self, parts: &[Part], which: &[usize], open: &Bits) -> Option<(Vec<Part>, Mended)> {
        let mut mended = parts.to_vec();
        let mut told = Mended::default();
        let mut rest = open.clone();
        for (at, part) in parts.iter().enumerate() {
            if !which.contains(&at) {
                rest.keep(&part.set);
            }
        }
        for at in which {
            let part = mended.get_mut(*at)?;
            let best = self.read_one_otherwise(part, &rest)?;
            rest.keep(&part.set);
            told.corrected.push((part.word.text.clone(), best));
        }
        (!rest.is_empty()).then_some((mended, told))
    }

    /// Changes `part`, and answers with the reading that most of `rest` have.
    fn read_one_otherwise(&self, part: &mut Part, rest: &Bits) -> Option<String> {
        let mut set = self.nobody();
        let mut readings: Vec<(usize, String, String)> = Vec::new();
        for (text, words) in near::readings(&self.table, &part.word.text) {
            let whole = self.table.word(words.start).to_owned();
            let mut these = self.set(words);
            these.keep(rest);
            let count = these.count();
            if count > 0 {
                set.join(&these);
                readings.push((count, whole, text));
            }
        }
        readings.sort_by(|one, other| other.0.cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
        let best = readings.first().map(|(_, whole, _)| whole.clone());
        part.forms = readings.into_iter().map(|(.., text)| text).collect();
        part.set = set;
        best
    }
}

/// The parts but those at `which`, if the rest says enough and something fits it.
fn without(parts: &[Part], which: &[usize], open: &Bits) -> Option<(Vec<Part>, Mended)> {
    let (dropped, kept): (Vec<_>, Vec<_>) = parts.iter().enumerate().partition(|(at, _)| which.contains(at));
    let kept: Vec<Part> = kept.into_iter().map(|(_, part)| part.clone()).collect();
    let dropped = dropped.into_iter().map(|(_, part)| part.word.text.clone());
    let mended = Mended {
        dropped: dropped.collect(),
        corrected: Vec::new(),
    };
    leads_somewhere(&kept, open).then_some((kept, mended))
}

fn leads_somewhere(parts: &[Part], open: &Bits) -> bool {
    parts.iter().any(|part| !words::says_little(&part.word.text)) && !fitting(parts, open).is_empty()
}
