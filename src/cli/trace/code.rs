//! A support code as somebody read it out: small letters, without its dash, with symbols that no code has
//! and that were taken for others.

use std::fmt;

/// Symbols of a code.
const LENGTH: usize = 8;

/// The symbols that codes are made of, as [`crate::http::layers::RequestId`] draws them.
const ALPHABET: &str = "23456789ABCDEFGHJKMNPQRSTVWXYZ";

/// What may stand at each place of a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoken([Vec<char>; LENGTH]);

/// How a code of a line compares with the one that is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likeness {
    Same,
    /// One symbol differs.
    Near,
    Other,
}

impl Spoken {
    /// `None`: this cannot be a code, however it was heard.
    pub fn heard(text: &str) -> Option<Spoken> {
        let symbols = text.chars().filter(|c| !is_gap(*c)).take(LENGTH + 1);
        let places: Option<Vec<Vec<char>>> = symbols.map(meant).collect();
        Some(Spoken(places?.try_into().ok()?))
    }

    pub fn compare(&self, code: &str) -> Likeness {
        let symbols: Vec<char> = code.chars().filter(|c| *c != '-').take(LENGTH + 1).collect();
        if symbols.len() != LENGTH {
            return Likeness::Other;
        }
        let differing = self.0.iter().zip(symbols).filter(|(may, is)| !may.contains(is));
        match differing.count() {
            0 => Likeness::Same,
            1 => Likeness::Near,
            _ => Likeness::Other,
        }
    }
}

/// What people put between the symbols, or copy with them.
fn is_gap(c: char) -> bool {
    c.is_whitespace() || !c.is_alphanumeric()
}

/// What a symbol may have been; no code has 0, O, 1, I, L or U.
fn meant(heard: char) -> Option<Vec<char>> {
    let heard = heard.to_ascii_uppercase();
    match heard {
        _ if ALPHABET.contains(heard) => Some(vec![heard]),
        'O' | '0' => Some(vec!['Q', 'D']),
        'I' | 'L' | '1' => Some(vec!['J', '7', 'T']),
        'U' => Some(vec!['V']),
        _ => None,
    }
}

impl fmt::Display for Spoken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, may) in self.0.iter().enumerate() {
            if position == LENGTH / 2 {
                f.write_str("-")?;
            }
            match may.as_slice() {
                [only] => write!(f, "{only}")?,
                several => write!(f, "[{}]", String::from_iter(several))?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::entropy::SeededEntropy;
    use crate::http::layers::RequestIds;

    #[test]
    fn a_code_is_found_as_it_is_read_out() {
        for heard in [
            "K7QD-2M9X",
            "k7qd-2m9x",
            "k7qd2m9x",
            " K7 QD 2M 9X ",
            "k7od–2m9x",
            "“K70D-2M9X”",
        ] {
            let spoken = Spoken::heard(heard);
            assert_eq!(
                spoken.map(|it| it.compare("K7QD-2M9X")),
                Some(Likeness::Same),
                "{heard}"
            );
        }
        for hopeless in ["", "K7QD", "K7QD-2M9X-4", "K7QD-2M9é", "../etc/passwd"] {
            assert_eq!(Spoken::heard(hopeless), None, "{hopeless}");
        }
        let spoken = Spoken::heard("K70D-2M9X").unwrap();
        assert_eq!(spoken.to_string(), "K7[QD]D-2M9X");
        assert_eq!(spoken.compare("K7QD-2M9Y"), Likeness::Near);
        assert_eq!(spoken.compare("K7QE-2M9Y"), Likeness::Other);
        assert_eq!(spoken.compare("K7QD-2M9"), Likeness::Other);
    }

    #[test]
    fn every_code_of_a_server_is_one() {
        let ids = RequestIds::new(&SeededEntropy::new(3));
        for _ in 0..1000 {
            let id = ids.next();
            let spoken = Spoken::heard(id.as_str()).unwrap();
            assert_eq!(spoken.compare(id.as_str()), Likeness::Same);
            assert_eq!(spoken.to_string(), id.as_str());
        }
    }
}
