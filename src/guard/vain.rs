//! How often of late somebody of one realm was turned away for whom a page had been made, or would have been:
//! when it is often, pages that lead there cost too much.

/// So many within a second are often: by then those of this realm take a fiftieth of a core.
const MANY: u32 = 500;
const SECOND: u64 = 1_000_000;

/// Moments are microseconds since some beginning.
#[derive(Default)]
pub(crate) struct Vain {
    /// The second that runs, and how many there were in it and in the one before it.
    number: u64,
    now: u32,
    before: u32,
}

impl Vain {
    /// One more. `Some`: it is often by now, until that moment at least.
    pub(crate) fn note(&mut self, now: u64) -> Option<u64> {
        self.comes_to(now);
        self.now = self.now.saturating_add(1);
        (self.now >= MANY).then_some((self.number + 2) * SECOND)
    }

    pub(crate) fn is_often(&mut self, now: u64) -> bool {
        self.comes_to(now);
        self.now >= MANY || self.before >= MANY
    }

    fn comes_to(&mut self, now: u64) {
        let number = now / SECOND;
        // Whoever looked at the clock before and comes later counts for the second that runs.
        if number > self.number {
            let follows = number == self.number + 1;
            self.before = if follows { self.now } else { 0 };
            (self.now, self.number) = (0, number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_often_is_so_until_a_whole_second_had_less() {
        let mut vain = Vain::default();
        let most = |vain: &mut Vain, second: u64| {
            (1..MANY).for_each(|_| assert_eq!(vain.note(second * SECOND), None));
        };
        most(&mut vain, 7);
        assert!(!vain.is_often(7 * SECOND));
        assert_eq!(vain.note(8 * SECOND - 1), Some(9 * SECOND));
        assert!(vain.is_often(8 * SECOND - 1));
        most(&mut vain, 8);
        assert!(vain.is_often(9 * SECOND - 1), "the second before had many");
        assert!(!vain.is_often(9 * SECOND));
        vain.note(9 * SECOND);
        assert!(!vain.is_often(11 * SECOND));
    }
}
