//! The SHA-256 of a program's key: what a configuration holds instead of the key. A key is drawn, not
//! thought up, so that nothing slower is needed.

use std::fmt;

use data_encoding::HEXLOWER_PERMISSIVE;
use ring::digest::{SHA256, digest};
use subtle::ConstantTimeEq;

/// A key of a program, digested.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyDigest([u8; 32]);

impl KeyDigest {
    pub fn of(key: &str) -> KeyDigest {
        let mut bytes = [0; 32];
        let whole = digest(&SHA256, key.as_bytes());
        bytes
            .iter_mut()
            .zip(whole.as_ref())
            .for_each(|(to, from)| *to = *from);
        KeyDigest(bytes)
    }

    /// As `sha256sum` writes it: 64 hexadecimal digits, then whatever after a blank.
    pub fn parse(text: &str) -> Option<KeyDigest> {
        let digits = text.split_ascii_whitespace().next()?;
        let bytes = HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).ok()?;
        bytes.try_into().ok().map(KeyDigest)
    }

    /// Takes the same time whatever `key` is.
    pub fn is_of(&self, key: &str) -> bool {
        bool::from(KeyDigest::of(key).0.ct_eq(&self.0))
    }
}

/// For settings that are printed whole; the digest stays out.
impl fmt::Debug for KeyDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyDigest")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_read_as_sha256sum_writes_it_and_knows_its_key() {
        // CAS-235
        let line = "2BB80D537B1DA3E38BD30361AA855686BDE0EACD7162FEF6A25FE97BF527A25B  -\n";
        let digest = KeyDigest::parse(line).unwrap();
        assert!(digest.is_of("secret") && !digest.is_of("Secret") && !digest.is_of(""));
        assert_eq!(digest, KeyDigest::of("secret"));
        for wrong in ["", "secret", &line[..63], &format!("0{line}")] {
            assert!(KeyDigest::parse(wrong).is_none(), "{wrong}");
        }
        assert_eq!(format!("{digest:?}"), "KeyDigest");
    }
}
