//! Repeatable chance: the same seed gives the same data on every machine. Fit for nothing secret.

/// A stream of numbers (SplitMix64).
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// Streams of different labels do not depend on each other: drawing more from one leaves the
    /// others as they were.
    pub fn new(seed: u64, label: &str) -> Chance {
        let mixed = label.bytes().fold(seed ^ 0x6d65_7265_6175, |state, byte| {
            (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        let mut chance = Chance(mixed);
        chance.next();
        chance
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Less than `bound`; 0 when that is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }

    /// From 0 up to, but not, 1.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// True `percent` times in a hundred.
    pub fn percent(&mut self, percent: u32) -> bool {
        self.below(100) < percent as usize
    }

    pub fn pick<'a, T: ?Sized>(&mut self, among: &[&'a T]) -> &'a T {
        among[self.below(among.len())]
    }

    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.next() as u8)
    }
}

/// Draws the more often, the greater the weight.
#[derive(Debug, Clone)]
pub struct Weighted(Vec<f64>);

impl Weighted {
    pub fn new(weights: impl IntoIterator<Item = f64>) -> Weighted {
        let sums = weights.into_iter().scan(0.0, |sum, weight| {
            *sum += weight;
            Some(*sum)
        });
        Weighted(sums.collect())
    }

    /// Ranks as words and names are spread: the n-th is drawn 1/n^`exponent` as often as the first.
    pub fn zipf(count: usize, exponent: f64) -> Weighted {
        Weighted::new((1..=count).map(|rank| (rank as f64).powf(-exponent)))
    }

    pub fn draw(&self, chance: &mut Chance) -> usize {
        let whole = self.0.last().copied().unwrap_or(0.0);
        let at = chance.unit() * whole;
        self.0
            .partition_point(|sum| *sum <= at)
            .min(self.0.len().saturating_sub(1))
    }
}
