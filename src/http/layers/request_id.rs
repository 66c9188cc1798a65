//! The support code of a request: what a person reads out on the telephone and an operator finds
//! in the log. It carries no meaning and is no secret.

use std::fmt;

use http::HeaderValue;

use crate::base::entropy::{Entropy, random_symbols};

/// Capitals and digits that are not taken for one another when read aloud or copied by hand.
const ALPHABET: &[u8] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A support code like `K7QD-2M9X`, on every request, in every log line of it and in the
/// `X-Request-Id` of its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestId([u8; 9]);

impl RequestId {
    pub fn draw(entropy: &dyn Entropy) -> RequestId {
        let mut code = *b"0000-0000";
        let places = code.iter_mut().filter(|place| **place == b'0');
        for (place, symbol) in places.zip(random_symbols(entropy, ALPHABET, 8).bytes()) {
            *place = symbol;
        }
        RequestId(code)
    }

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    pub(super) fn header(&self) -> Option<HeaderValue> {
        HeaderValue::from_bytes(&self.0).ok()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::entropy::SeededEntropy;

    #[test]
    fn a_code_is_two_groups_of_four_unmistakable_symbols() {
        let entropy = SeededEntropy::new(7);
        for _ in 0..100 {
            let code = RequestId::draw(&entropy);
            let (left, right) = code.as_str().split_once('-').unwrap();
            assert_eq!((left.len(), right.len()), (4, 4));
            assert!(!code.as_str().contains(['0', 'O', '1', 'I', 'L', 'U']));
        }
        assert_ne!(RequestId::draw(&entropy), RequestId::draw(&entropy));
    }
}
