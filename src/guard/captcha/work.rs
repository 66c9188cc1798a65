//! Proof of work: a number that makes a hash begin with zeros. Finding it takes a browser a second or
//! so, checking it takes one hash. What is to be hashed follows from the challenge and the server's
//! keys, and the challenge is spent by the first try, so nothing can be computed ahead or twice.

use data_encoding::HEXLOWER;
use ring::digest::{SHA256, digest};

use super::Bound;
use crate::base::keys::{KeyRing, Purpose};

/// Zero bits asked for: 262,144 hashes on average.
pub const BITS: u32 = 18;

/// Digits of a number that may be tried.
const LONGEST: usize = 12;

/// What a browser is asked to compute: a decimal number that, written behind `salt`, gives a SHA-256
/// beginning with `bits` zero bits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Work {
    pub salt: String,
    pub bits: u32,
}

impl Work {
    pub(super) fn of(keys: &KeyRing, bound: Bound<'_>, id: &str) -> Work {
        let parts = [
            b"work",
            bound.realm.as_str().as_bytes(),
            bound.flow,
            id.as_bytes(),
        ];
        let salt = keys.pseudonym(Purpose::Challenge, &parts);
        Work {
            salt: HEXLOWER.encode(salt.get(..16).unwrap_or_default()),
            bits: BITS,
        }
    }

    pub fn is_done(&self, number: &str) -> bool {
        let digits = number.bytes().all(|byte| byte.is_ascii_digit());
        if number.is_empty() || number.len() > LONGEST || !digits {
            return false;
        }
        let hash = digest(&SHA256, format!("{}{number}", self.salt).as_bytes());
        let zeros = hash.as_ref().iter().take_while(|byte| **byte == 0).count();
        let next = hash.as_ref().get(zeros).map_or(0, |byte| byte.leading_zeros());
        u32::try_from(zeros).unwrap_or_default() * 8 + next >= self.bits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 18 bits take too long in a test that is not optimised.
    fn easy() -> Work {
        Work {
            salt: "00112233445566778899aabbccddeeff".to_owned(),
            bits: 10,
        }
    }

    #[test]
    fn a_number_is_found_by_trying_and_checked_by_one_hash() {
        // SEC-69
        let work = easy();
        let found = (0..100_000u32)
            .map(|number| number.to_string())
            .find(|number| work.is_done(number))
            .unwrap();
        let other = Work {
            salt: "ff112233445566778899aabbccddeeff".to_owned(),
            ..easy()
        };
        assert!(!other.is_done(&found), "a number is good for its salt alone");
        assert!(!work.is_done("0"));
        let harder = Work { bits: 40, ..easy() };
        assert!(!harder.is_done(&found));
    }

    #[test]
    fn what_is_no_number_is_no_work() {
        let free = Work { bits: 0, ..easy() };
        for text in ["", " ", "-1", "1.0", "1234567890123", "１"] {
            assert!(!free.is_done(text), "{text:?}");
        }
        assert!(free.is_done("0"));
    }
}
