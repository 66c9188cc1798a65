//! A challenge's id: its seed, its end and its language, sealed, as text.

use data_encoding::BASE64URL_NOPAD;

use super::dice::Seed;
use super::recordings::Spoken;
use crate::base::clock::Timestamp;
use crate::base::entropy::Entropy;
use crate::base::keys::KeyRing;

const CONTEXT: &[u8] = b"captcha";

/// Longer than any id of ours.
const LONGEST: usize = 128;

pub struct Sealed {
    pub seed: Seed,
    pub until: Timestamp,
    pub language: Spoken,
}

impl Sealed {
    pub fn close(&self, keys: &KeyRing, entropy: &dyn Entropy) -> String {
        let language = match self.language {
            Spoken::French => 0,
            Spoken::English => 1,
        };
        let plain = [self.seed.as_slice(), &self.until.0.to_be_bytes(), &[language]].concat();
        BASE64URL_NOPAD.encode(&keys.seal(entropy, CONTEXT, &plain))
    }

    pub fn open(keys: &KeyRing, id: &str) -> Option<Sealed> {
        if id.len() > LONGEST {
            return None;
        }
        let sealed = BASE64URL_NOPAD.decode(id.as_bytes()).ok()?;
        let plain = keys.open(CONTEXT, &sealed)?;
        let (seed, rest) = plain.split_first_chunk::<16>()?;
        let (until, rest) = rest.split_first_chunk::<8>()?;
        Some(Sealed {
            seed: *seed,
            until: Timestamp(u64::from_be_bytes(*until)),
            language: match rest {
                [0] => Spoken::French,
                [1] => Spoken::English,
                _ => return None,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::entropy::OsEntropy;

    #[test]
    fn an_id_says_nothing_and_opens_only_whole() {
        // SEC-65, SEC-15
        let keys = KeyRing::ephemeral(&OsEntropy);
        let sealed = Sealed {
            seed: [7; 16],
            until: Timestamp(1_795_000_000_000),
            language: Spoken::English,
        };
        let [one, other] = [(); 2].map(|()| sealed.close(&keys, &OsEntropy));
        assert_ne!(one, other);
        let opened = Sealed::open(&keys, &one).unwrap();
        assert!(opened.seed == [7; 16] && opened.until == sealed.until && opened.language == Spoken::English);
        assert!(Sealed::open(&KeyRing::ephemeral(&OsEntropy), &one).is_none());
        assert!(Sealed::open(&keys, one.get(1..).unwrap()).is_none());
        assert!(Sealed::open(&keys, "").is_none());
        let elsewhere = keys.seal(&OsEntropy, b"device", &[0; 25]);
        assert!(Sealed::open(&keys, &BASE64URL_NOPAD.encode(&elsewhere)).is_none());
    }
}
