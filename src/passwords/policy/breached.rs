//! An operator's file of leaked passwords, read whole when it is named: one on a line in UTF-8, or its
//! SHA-1 in 40 hexadecimal digits, with or without `:` and a count behind it. Kept as the first 64
//! bits of each SHA-1: 8 bytes a password; one of ten million is taken for another by chance once in
//! 10¹² questions.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};

/// More lines than this would take more memory than a sign-in server should: 256 MB.
const MOST: usize = 32_000_000;

/// Why a file of leaked passwords cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BreachedError {
    #[error("it cannot be read")]
    Unreadable(#[from] std::io::Error),
    #[error("it has more than {MOST} lines; keep those that were met most often")]
    TooLong,
    #[error("it holds no password")]
    Empty,
}

/// Passwords that are known to have leaked.
pub struct Breached {
    /// Sorted.
    prints: Box<[u64]>,
}

impl Breached {
    /// Reads the file; blocks the thread while it does.
    pub fn read(file: &Path) -> Result<Breached, BreachedError> {
        Breached::from_lines(BufReader::new(File::open(file)?))
    }

    fn from_lines(mut lines: impl BufRead) -> Result<Breached, BreachedError> {
        let mut prints = Vec::new();
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line)? > 0 {
            let text = line.trim_ascii_end();
            if !text.is_empty() {
                prints.push(listed(text));
            }
            if prints.len() > MOST {
                return Err(BreachedError::TooLong);
            }
            line.clear();
        }
        if prints.is_empty() {
            return Err(BreachedError::Empty);
        }
        prints.sort_unstable();
        prints.dedup();
        Ok(Breached {
            prints: prints.into(),
        })
    }

    pub fn len(&self) -> usize {
        self.prints.len()
    }

    pub fn is_empty(&self) -> bool {
        self.prints.is_empty()
    }

    /// As it is, or in small letters.
    pub(super) fn has(&self, password: &str) -> bool {
        let small = password.to_lowercase();
        let mut forms = [password, small.as_str()].into_iter();
        forms.any(|form| self.prints.binary_search(&print(form.as_bytes())).is_ok())
    }
}

/// What a line stands for.
fn listed(line: &[u8]) -> u64 {
    let hash = line.split(|byte| *byte == b':').next().unwrap_or_default();
    let first = hash
        .get(..16)
        .filter(|_| hash.len() == 40 && hash.iter().all(u8::is_ascii_hexdigit));
    let number = first.and_then(|first| u64::from_str_radix(std::str::from_utf8(first).ok()?, 16).ok());
    number.unwrap_or_else(|| print(line))
}

fn print(password: &[u8]) -> u64 {
    let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, password);
    let first = hash.as_ref().first_chunk().copied().unwrap_or_default();
    u64::from_be_bytes(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_found_whether_the_file_holds_them_or_their_hashes() {
        // SEC-72
        let file = "Corbeau-Tulipe 7\r\n\n5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:3861493\n";
        let Ok(list) = Breached::from_lines(file.as_bytes()) else {
            panic!("not read")
        };
        assert_eq!(list.len(), 2);
        for leaked in ["Corbeau-Tulipe 7", "password", "PASSWORD"] {
            assert!(list.has(leaked), "{leaked}");
        }
        assert!(!list.has("corbeau-tulipe 8"));
        let none = Breached::from_lines(&b"\n"[..]);
        assert!(matches!(none, Err(BreachedError::Empty)));
    }
}
