//! The bytes of a spreadsheet as text: UTF-8, or what offices saved before.

/// Windows-1252 from 0x80 to 0x9f; elsewhere it is Latin-1. Bytes without a sign become U+FFFD.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{fffd}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{fffd}', 'Ž', '\u{fffd}',
    '\u{fffd}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{fffd}', 'ž', 'Ÿ',
];

/// UTF-8 without its byte order mark; bytes that are no UTF-8 are taken as Windows-1252.
pub fn text(bytes: Vec<u8>) -> String {
    match String::from_utf8(bytes) {
        Ok(text) => match text.strip_prefix('\u{feff}') {
            Some(rest) => rest.to_owned(),
            None => text,
        },
        Err(error) => error.as_bytes().iter().map(|byte| sign(*byte)).collect(),
    }
}

fn sign(byte: u8) -> char {
    let special = usize::from(byte).checked_sub(0x80);
    let special = special.and_then(|at| WINDOWS_1252.get(at));
    special.copied().unwrap_or(char::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf8_and_what_came_before_it_are_told_apart() {
        assert_eq!(text("\u{feff}Collège".into()), "Collège");
        assert_eq!(
            text(b"Coll\xe8ge du Sacr\xe9-C\x9cur, l\x92annexe".to_vec()),
            "Collège du Sacré-Cœur, l’annexe"
        );
    }
}
