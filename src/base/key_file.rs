//! How a root key is written in a file: 32 bytes in base64 on one line. Its id byte comes from the
//! key itself, so that neither the order nor the names of the files can give an old key a new id.

use data_encoding::BASE64;
use zeroize::Zeroizing;

use super::entropy::Entropy;
use super::keys::{ROOT_KEY_LENGTH, RootKey};

/// A new key as the text of its file.
pub fn generate(entropy: &dyn Entropy) -> Zeroizing<String> {
    let mut bytes = Zeroizing::new([0; ROOT_KEY_LENGTH]);
    entropy.fill(&mut *bytes);
    let mut text = Zeroizing::new(BASE64.encode(&*bytes));
    text.push('\n');
    text
}

/// The key of a file; `None` unless it holds exactly one key in base64.
pub fn parse(text: &[u8]) -> Option<RootKey> {
    let decoded = Zeroizing::new(BASE64.decode(text.trim_ascii()).ok()?);
    let bytes = Zeroizing::new(<[u8; ROOT_KEY_LENGTH]>::try_from(decoded.as_slice()).ok()?);
    let digest = ring::digest::digest(&ring::digest::SHA256, &*bytes);
    Some(RootKey {
        id: digest.as_ref().first().copied()?,
        bytes,
    })
}

#[cfg(test)]
mod tests {
    use super::super::entropy::SeededEntropy;
    use super::*;

    #[test]
    fn a_key_file_is_read_back_with_the_same_id_each_time() {
        let text = generate(&SeededEntropy::new(4));
        let (Some(one), Some(two)) = (parse(text.as_bytes()), parse(text.trim_end().as_bytes())) else {
            panic!("unreadable")
        };
        assert!(one.id == two.id && one.bytes == two.bytes);
        assert!(parse(&generate(&SeededEntropy::new(5)).as_bytes()[..44]).is_some());
    }

    #[test]
    fn what_is_not_one_key_is_refused() {
        for bad in ["", "AAAA", "not base64 at all, but long enough to be it", "\0"] {
            assert!(parse(bad.as_bytes()).is_none(), "{bad}");
        }
        let two = [generate(&SeededEntropy::new(1)), generate(&SeededEntropy::new(2))];
        assert!(parse(format!("{}{}", &*two[0], &*two[1]).as_bytes()).is_none());
    }
}
