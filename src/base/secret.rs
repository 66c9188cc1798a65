//! Values that must not be printed, kept or compared carelessly. None of these types has `Debug`,
//! `Display` or `Serialize`: a log line that names one does not compile.

use unicode_normalization::UnicodeNormalization;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Longest password we hand to a directory, in bytes of UTF-8 (SEC-75).
pub const LONGEST_PASSWORD: usize = 512;

/// A password as a person typed it: never empty, no NUL, at most [`LONGEST_PASSWORD`] bytes.
///
/// An empty one would be an *unauthenticated* bind, which many servers answer with success
/// (RFC 4513 §5.1.2, T-50); since this type cannot hold it, no directory can be asked.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Password {
    typed: String,
}

/// Why a typed password cannot be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordFlaw {
    Empty,
    TooLong,
    HoldsNul,
}

impl Password {
    pub fn typed(text: &str) -> Result<Password, PasswordFlaw> {
        // Spaces of every kind become those that a server may trim.
        if text.chars().all(|c| matches!(c, '\0' | ' ') || is_other_space(c)) {
            return Err(PasswordFlaw::Empty);
        }
        if text.contains('\0') {
            return Err(PasswordFlaw::HoldsNul);
        }
        if text.len() > LONGEST_PASSWORD {
            return Err(PasswordFlaw::TooLong);
        }
        let password = Password {
            typed: text.to_owned(),
        };
        // A few letters are longer once they are composed.
        match password.prepared().typed.len() > LONGEST_PASSWORD {
            true => Err(PasswordFlaw::TooLong),
            false => Ok(password),
        }
    }

    /// The password byte for byte as typed.
    pub fn as_typed(&self) -> &str {
        &self.typed
    }

    /// RFC 8265 OpaqueString: non-ASCII spaces become spaces, then NFC; case and every other
    /// character stay (SEC-74). Directories compare bytes, keyboards differ.
    pub fn prepared(&self) -> Password {
        let typed = self
            .typed
            .chars()
            .map(|c| if is_other_space(c) { ' ' } else { c })
            .nfc()
            .collect();
        Password { typed }
    }
}

/// Spaces (general category Zs) beside the one of ASCII. Separators of lines and paragraphs are none.
fn is_other_space(c: char) -> bool {
    matches!(
        c,
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
    )
}

/// A secret of the configuration: a bind password, a key, a token.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: String) -> Secret {
        Secret(text)
    }

    pub fn expose(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_is_empty_blank_nul_or_endless() {
        // T-50, SEC-75, CAS-74
        assert_eq!(Password::typed("").err(), Some(PasswordFlaw::Empty));
        assert_eq!(Password::typed("   ").err(), Some(PasswordFlaw::Empty));
        assert_eq!(Password::typed("\0").err(), Some(PasswordFlaw::Empty));
        for blank in ["\u{a0}", " \u{202f}\u{3000}", "\u{2003}\0"] {
            assert_eq!(Password::typed(blank).err(), Some(PasswordFlaw::Empty));
        }
        assert_eq!(Password::typed("a\0b").err(), Some(PasswordFlaw::HoldsNul));
        assert_eq!(
            Password::typed(&"é".repeat(257)).err(),
            Some(PasswordFlaw::TooLong)
        );
        assert!(Password::typed(&"é".repeat(256)).is_ok());
        // U+0958 is three bytes as typed, six as NFC has it.
        let grows = "\u{958}".repeat(86);
        assert_eq!(Password::typed(&grows).err(), Some(PasswordFlaw::TooLong));
        assert!(Password::typed(&"\u{958}".repeat(85)).is_ok());
    }

    #[test]
    fn a_password_is_kept_verbatim_and_prepared_by_nfc_only() {
        // T-62, SEC-74
        let decomposed = "Cafe\u{301}\u{a0} X ";
        let Ok(password) = Password::typed(decomposed) else {
            panic!("refused")
        };
        assert_eq!(password.as_typed(), decomposed);
        assert_eq!(password.prepared().as_typed(), "Café  X ");
    }

    #[test]
    fn every_space_of_unicode_becomes_the_one_of_ascii_and_nothing_else_changes() {
        // SEC-74
        for (typed, prepared) in [
            (
                "a\u{a0}b\u{1680}c\u{2003}d\u{202f}e\u{205f}f\u{3000}g",
                "a b c d e f g",
            ),
            // Ångström sign, ligature, full width, case, a line separator.
            ("\u{212b}ﬁＡß ſ", "Åﬁ\u{ff21}ß ſ"),
            ("a\u{2028}b\u{85}c\u{200b}d", "a\u{2028}b\u{85}c\u{200b}d"),
            ("  A  b  ", "  A  b  "),
        ] {
            let Ok(password) = Password::typed(typed) else {
                panic!("refused")
            };
            assert_eq!(password.prepared().as_typed(), prepared);
            assert_eq!(
                password.prepared().prepared().as_typed(),
                prepared,
                "once is enough"
            );
        }
    }
}
