//! The form in which words are compared and sorted by people: without case and accents. Not for
//! logins, whose comparison is the directory's business.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// `École d’Œuvre` → `ecole d'oeuvre`.
pub fn folded(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)) {
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
    plain
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
    use super::*;

    #[test]
    fn accents_case_and_ligatures_do_not_count() {
        assert_eq!(folded("École d’Œuvre"), "ecole d'oeuvre");
        assert_eq!(folded("ÇA Noël"), "ca noel");
        assert_eq!(folded("e\u{301}"), folded("é"));
    }
}
