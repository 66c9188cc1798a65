//! Chance drawn from a secret seed: the same seed gives the same picture and the same sound on every
//! node. It is a hash of seed and counter, so that what is seen of it (noise) tells nothing of the
//! rest.

use ring::digest::{SHA256, digest};

/// What one challenge's chance is drawn from.
pub type Seed = [u8; 16];

pub struct Dice {
    input: Vec<u8>,
    drawn: u64,
    rest: Vec<u8>,
}

impl Dice {
    /// `what` keeps two uses of one seed apart.
    pub fn new(what: &[u8], seed: &Seed) -> Dice {
        Dice {
            input: [seed.as_slice(), what].concat(),
            drawn: 0,
            rest: Vec::new(),
        }
    }

    fn byte(&mut self) -> u8 {
        if let Some(byte) = self.rest.pop() {
            return byte;
        }
        self.drawn += 1;
        let block = [self.drawn.to_be_bytes().as_slice(), &self.input].concat();
        self.rest = digest(&SHA256, &block).as_ref().to_vec();
        self.rest.pop().unwrap_or_default()
    }

    /// From 0 up to, but not, 1.
    pub fn unit(&mut self) -> f32 {
        let number = u16::from_be_bytes([self.byte(), self.byte()]);
        f32::from(number) / 65536.0
    }

    pub fn between(&mut self, low: f32, high: f32) -> f32 {
        low + self.unit() * (high - low)
    }

    /// One of `count` things, by its place; 0 when there are none.
    pub fn place(&mut self, count: usize) -> usize {
        let number = usize::from(u16::from_be_bytes([self.byte(), self.byte()]));
        number * count / 65536
    }

    pub fn sign(&mut self) -> f32 {
        if self.byte() < 128 { -1.0 } else { 1.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_is_one_stream_and_its_numbers_are_within_bounds() {
        let drawn = |what: &[u8], seed: u8| -> Vec<usize> {
            let mut dice = Dice::new(what, &[seed; 16]);
            (0..100).map(|_| dice.place(7)).collect()
        };
        assert_eq!(drawn(b"a", 1), drawn(b"a", 1));
        assert_ne!(drawn(b"a", 1), drawn(b"a", 2));
        assert_ne!(drawn(b"a", 1), drawn(b"b", 1));
        assert!((0..7).all(|place| drawn(b"a", 1).contains(&place)));
        let mut dice = Dice::new(b"a", &[0; 16]);
        assert!((0..1000).all(|_| (-2.0..3.0).contains(&dice.between(-2.0, 3.0))));
        assert_eq!(dice.place(0), 0);
    }
}
