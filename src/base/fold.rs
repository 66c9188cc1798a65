//! The form in which words are compared and sorted by people: without case and accents. Not for
//! logins, whose comparison is the directory's business.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// `École d’Œuvre` → `ecole d'oeuvre`.
pub fn folded(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() {
            plain.push(c.to_ascii_lowercase());
        } else {
            // Marks are left out, so the order that NFKD would bring them into does not matter.
            decompose_compatible(c, |part| push_folded(part, &mut plain));
        }
    }
    plain
}

fn push_folded(c: char, plain: &mut String) {
    if is_combining_mark(c) {
        return;
    }
    for lower in c.to_lowercase() {
        match lower {
            'œ' => plain.push_str("oe"),
            'æ' => plain.push_str("ae"),
            'ß' => plain.push_str("ss"),
            '’' => plain.push('\''),
            other => plain.push(other),
        }
    }
}

/// The letter without its accent, when it is one letter: `ê` → `e`.
pub fn bare(c: char) -> Option<char> {
    std::iter::once(c).nfd().find(|c| !is_combining_mark(*c))
}

/// With accents joined to their letters (NFC).
pub fn joined(text: &str) -> String {
    text.nfc().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn letter_by_letter_is_the_same_as_the_whole_text_at_once(text in "\\PC{0,20}[\u{300}-\u{36f}]{0,3}[가-힣ﬁ½]{0,2}") {
            let mut whole = String::new();
            text.nfkd().for_each(|c| push_folded(c, &mut whole));
            prop_assert_eq!(folded(&text), whole);
        }
    }

    #[test]
    fn accents_case_and_ligatures_do_not_count() {
        assert_eq!(folded("École d’Œuvre"), "ecole d'oeuvre");
        assert_eq!(folded("ÇA Noël"), "ca noel");
        assert_eq!(folded("e\u{301}"), folded("é"));
    }
}
