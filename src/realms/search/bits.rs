//! A set of entries, one bit each, in the order entries are ranked in.

/// As many bits as there are entries, rounded up to 64.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bits(Box<[u64]>);

impl Bits {
    pub fn none(entries: usize) -> Bits {
        Bits(vec![0; entries.div_ceil(64)].into())
    }

    pub fn of(entries: usize, members: impl IntoIterator<Item = u32>) -> Bits {
        let mut set = Bits::none(entries);
        for member in members {
            set.add(member);
        }
        set
    }

    pub fn add(&mut self, member: u32) {
        if let Some(word) = self.0.get_mut(member as usize / 64) {
            *word |= 1 << (member % 64);
        }
    }

    pub fn has(&self, member: u32) -> bool {
        let word = self.0.get(member as usize / 64).copied().unwrap_or(0);
        word >> (member % 64) & 1 == 1
    }

    pub fn keep(&mut self, other: &Bits) {
        self.each(other, |word, other| word & other);
    }

    pub fn join(&mut self, other: &Bits) {
        self.each(other, |word, other| word | other);
    }

    pub fn remove(&mut self, member: u32) {
        if let Some(word) = self.0.get_mut(member as usize / 64) {
            *word &= !(1 << (member % 64));
        }
    }

    /// Adds what both `one` and `other` hold.
    pub fn join_common(&mut self, one: &Bits, other: &Bits) {
        for ((word, one), other) in self.0.iter_mut().zip(&one.0).zip(&other.0) {
            *word |= one & other;
        }
    }

    pub fn meets(&self, other: &Bits) -> bool {
        self.0.iter().zip(&other.0).any(|(one, other)| one & other != 0)
    }

    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    pub fn count(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Members of both, lowest first.
    pub fn common<'a>(&'a self, other: &'a Bits) -> impl Iterator<Item = u32> + 'a {
        let both = self.0.iter().zip(&other.0).map(|(one, other)| one & other);
        (0_u32..).zip(both).flat_map(|(at, word)| ones(at * 64, word))
    }

    fn each(&mut self, other: &Bits, change: impl Fn(u64, u64) -> u64) {
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word = change(*word, *other);
        }
    }
}

fn ones(first: u32, mut word: u64) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let next = (word != 0).then(|| first + word.trailing_zeros());
        word &= word.wrapping_sub(1);
        next
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_keeps_what_was_put_in() {
        let mut set = Bits::of(130, [0, 63, 64, 129]);
        assert_eq!(set.count(), 4);
        set.remove(64);
        let every = Bits::of(130, 0..130);
        assert_eq!(set.common(&every).collect::<Vec<_>>(), [0, 63, 129]);
        assert!(set.has(129) && !set.has(64) && !set.has(4_000));
        let mut both = Bits::none(130);
        both.join_common(&set, &Bits::of(130, [63, 64]));
        assert_eq!(both, Bits::of(130, [63]));
    }
}
