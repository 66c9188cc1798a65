//! The passwords that everybody chooses: 144,216 of the world and of France, in the program, unpacked
//! at the first question (1.2 MB). Exact: what is not in the list is not found.

use std::cmp::Ordering;
use std::io::Read;
use std::sync::LazyLock;

use flate2::read::GzDecoder;
use zeroize::Zeroizing;

use super::shape::Shape;

static PACKED: &[u8] = include_bytes!("lists/common.txt.gz");

/// Lines in the order of their bytes, each with its line end.
static LIST: LazyLock<Box<[u8]>> = LazyLock::new(|| unpacked(PACKED));

/// What the password is a decoration of.
pub(super) fn found(shape: &Shape) -> Option<String> {
    let stems = Zeroizing::new(shape.stems());
    stems.iter().find(|stem| is_common(stem)).cloned()
}

/// The content of a list in the program. One that cannot be read is empty, which a test would see.
pub(super) fn unpacked(packed: &[u8]) -> Box<[u8]> {
    let mut text = Vec::new();
    let _ = GzDecoder::new(packed).read_to_end(&mut text);
    text.into_boxed_slice()
}

fn is_common(word: &str) -> bool {
    let (mut low, mut high) = (0, LIST.len());
    while low < high {
        let middle = low.midpoint(high);
        let Some((from, to)) = line_around(middle) else {
            return false;
        };
        match LIST.get(from..to).map(|line| line.cmp(word.as_bytes())) {
            Some(Ordering::Less) => low = to + 1,
            Some(Ordering::Greater) => high = from,
            Some(Ordering::Equal) => return true,
            None => return false,
        }
    }
    false
}

/// Where the line that holds the byte `at` begins, and where its line end is.
fn line_around(at: usize) -> Option<(usize, usize)> {
    let before = LIST.get(..at)?;
    let from = before
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |end| end + 1);
    let length = LIST.get(from..)?.iter().position(|byte| *byte == b'\n')?;
    Some((from, from + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_list_is_found_and_its_neighbours_are_not() {
        // SEC-72
        let text = std::str::from_utf8(&LIST).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines.len() >= 100_000, "{}", lines.len());
        assert!(lines.is_sorted());
        for (at, line) in lines.iter().enumerate() {
            assert!(is_common(line), "{line}");
            let longer = format!("{line}~");
            assert_eq!(
                is_common(&longer),
                lines
                    .get(at + 1..)
                    .is_some_and(|rest| rest.iter().take(50).any(|other| *other == longer)),
                "{longer}"
            );
        }
        for absent in ["", "\n", "!", "zzzzzzzzzzzzzzzzzzzz", "xkvjqzpw"] {
            assert!(!is_common(absent), "{absent:?}");
        }
    }
}
