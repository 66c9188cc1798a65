//! The UAI code of a French school or university: `0751717J`, seven digits and a key letter. Only its
//! form; which institution has one is for `realms`.

use std::fmt;

/// The letters a key is drawn from, by the number modulo 23.
const KEYS: &[u8; 23] = b"ABCDEFGHJKLMNPRSTUVWXYZ";

/// Seven digits and a letter, in upper case. The letter need not be the right one: the ministry's
/// own files hold codes whose key is wrong, and such a code is still the one that everybody uses.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Uai([u8; 8]);

impl Uai {
    /// `None` unless `text`, blanks around it aside, is seven digits and a letter.
    pub fn new(text: &str) -> Option<Uai> {
        let mut code: [u8; 8] = text.trim().as_bytes().try_into().ok()?;
        code.make_ascii_uppercase();
        let (key, digits) = code.split_last()?;
        (digits.iter().all(u8::is_ascii_digit) && key.is_ascii_uppercase()).then_some(Uai(code))
    }

    /// The first code in `text` that stands alone, as the one in `0751717j.index-education.net`.
    pub fn within(text: &str) -> Option<Uai> {
        let words = text.split(|c: char| !c.is_ascii_alphanumeric());
        words.into_iter().find_map(Uai::new)
    }

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The letter that these digits call for.
    pub fn right_key(&self) -> char {
        let (_, digits) = self.0.split_last().unwrap_or((&0, &[]));
        let number = digits
            .iter()
            .fold(0_usize, |number, digit| number * 10 + usize::from(digit - b'0'));
        KEYS.get(number % KEYS.len()).copied().map_or('A', char::from)
    }

    pub fn has_right_key(&self) -> bool {
        self.0.last().copied().map(char::from) == Some(self.right_key())
    }
}

impl fmt::Display for Uai {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Uai {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_seven_digits_and_a_letter_in_either_case() {
        assert_eq!(
            Uai::new(" 0751717j ").map(|uai| uai.to_string()),
            Some("0751717J".into())
        );
        for bad in [
            "",
            "0751717",
            "07517171",
            "0751717JJ",
            "A751717J",
            "0751717é",
            "0751 17J",
        ] {
            assert_eq!(Uai::new(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_key_is_checked_and_a_wrong_one_is_no_reason_to_refuse_the_code() {
        let right = Uai::new("0751717J").unwrap();
        let wrong = Uai::new("0751717K").unwrap();
        assert!(right.has_right_key() && !wrong.has_right_key());
        assert_eq!(wrong.right_key(), 'J');
    }

    #[test]
    fn a_code_is_found_in_a_host_name() {
        let found = |host| Uai::within(host).map(|uai| uai.to_string());
        assert_eq!(found("0911028y.index-education.net"), Some("0911028Y".into()));
        assert_eq!(found("moodle-0911028Y.ent.example"), Some("0911028Y".into()));
        assert_eq!(found("x0911028y.ent.example"), None);
    }
}
