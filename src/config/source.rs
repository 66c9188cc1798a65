//! Configuration files as read and places within them, so that whatever is found wrong later can
//! still be shown with its line.

use std::ops::{Deref, Range};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A file as read.
#[derive(Debug)]
pub struct Source {
    pub path: PathBuf,
    pub text: String,
}

impl Source {
    /// A path written in this file: relative ones start at the file's folder.
    pub fn resolve(&self, written: &Path) -> PathBuf {
        match self.path.parent() {
            Some(folder) => folder.join(written),
            None => written.to_owned(),
        }
    }

    /// Line and column of a byte, both from 1, the column in characters.
    pub fn position(&self, byte: usize) -> (usize, usize) {
        let before = self.text.get(..self.boundary(byte)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |rest| rest.chars().count()) + 1;
        (line, column)
    }

    /// A line by its number from 1.
    pub fn line(&self, number: usize) -> &str {
        let line = self.text.split('\n').nth(number.saturating_sub(1));
        line.unwrap_or_default().trim_end_matches('\r')
    }

    fn boundary(&self, byte: usize) -> usize {
        let mut at = byte.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }
}

/// Where something is written: file, bytes, and the dotted key that leads there.
#[derive(Debug, Clone)]
pub struct Place {
    pub source: Arc<Source>,
    pub span: Range<usize>,
    pub key: String,
}

impl Place {
    /// The whole of a file.
    pub fn start_of(source: &Arc<Source>) -> Place {
        Place {
            source: Arc::clone(source),
            span: 0..0,
            key: String::new(),
        }
    }

    /// The place of `key` inside this one.
    pub fn under(&self, key: &str, span: Range<usize>) -> Place {
        let key = if self.key.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.key)
        };
        Place {
            source: Arc::clone(&self.source),
            span,
            key,
        }
    }
}

/// A value and where it is written; a default is at the place of the section that lacks it.
#[derive(Debug, Clone)]
pub struct At<T> {
    pub value: T,
    pub place: Place,
}

impl<T> Deref for At<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_lines_and_characters_and_survive_any_byte() {
        let source = Source {
            path: "conf/a.toml".into(),
            text: "é = 1\r\nb = \"x\"".into(),
        };
        assert_eq!(source.position(0), (1, 1));
        assert_eq!(source.position(1), (1, 1), "inside é");
        assert_eq!(source.position(8), (2, 1));
        assert_eq!(source.position(9999), (2, 8));
        assert_eq!((source.line(1), source.line(9)), ("é = 1", ""));
        assert_eq!(source.resolve(Path::new("k")), Path::new("conf/k"));
        assert_eq!(source.resolve(Path::new("/k")), Path::new("/k"));
    }
}
