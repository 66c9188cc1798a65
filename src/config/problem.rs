//! What is wrong with a configuration, where, and what to write instead. A problem never repeats a
//! value that may be a secret.

use std::fmt;
use std::path::{Path, PathBuf};

use super::source::{Place, Source};

/// One thing to mend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub file: PathBuf,
    /// From 1; 0 when the problem is about the file as a whole.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// The dotted key, empty when none is concerned.
    pub key: String,
    /// What is wrong, as a sentence without its full stop.
    pub wrong: String,
    /// What to write instead; empty when `wrong` says it.
    pub mend: String,
    shown: String,
    width: usize,
}

impl Problem {
    pub fn at(place: &Place, wrong: impl Into<String>, mend: impl Into<String>) -> Problem {
        let source: &Source = &place.source;
        let (line, column) = source.position(place.span.start);
        let (end_line, end_column) = source.position(place.span.end);
        let raw = source.line(line);
        let shown = masked(raw);
        let width = if shown != raw {
            1
        } else if end_line == line {
            end_column.saturating_sub(column)
        } else {
            raw.chars().count().saturating_sub(column - 1)
        };
        Problem {
            file: source.path.clone(),
            line,
            column: column.min(shown.chars().count() + 1),
            key: place.key.clone(),
            wrong: wrong.into(),
            mend: mend.into(),
            shown: shown.replace('\t', " "),
            width: width.max(1),
        }
    }

    /// About a file or folder as a whole.
    pub fn file(path: &Path, wrong: impl Into<String>, mend: impl Into<String>) -> Problem {
        Problem {
            file: path.to_owned(),
            line: 0,
            column: 0,
            key: String::new(),
            wrong: wrong.into(),
            mend: mend.into(),
            shown: String::new(),
            width: 0,
        }
    }
}

impl Problem {
    /// For a log: file, line, key, what is wrong and what to write, without the source.
    pub fn on_one_line(&self) -> String {
        let mut text = self.file.display().to_string();
        for part in [
            (self.line > 0).then(|| format!("{}:{}", self.line, self.column)),
            (!self.key.is_empty()).then(|| format!(" {}", self.key)),
            Some(format!(" {}", self.wrong)),
        ]
        .into_iter()
        .flatten()
        {
            text += ":";
            text += &part;
        }
        if !self.mend.is_empty() {
            text += &format!(" ({})", self.mend);
        }
        text
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if self.line > 0 {
            write!(f, ":{}:{}", self.line, self.column)?;
        }
        if !self.key.is_empty() {
            write!(f, ": {}", self.key)?;
        }
        writeln!(f, ": {}", self.wrong)?;
        if self.line > 0 && !self.shown.is_empty() {
            let gutter = self.line.to_string().len();
            writeln!(f, " {} | {}", self.line, self.shown)?;
            let before = self.column.saturating_sub(1);
            writeln!(
                f,
                " {:gutter$} | {:before$}{}",
                "",
                "",
                "^".repeat(self.width.min(120))
            )?;
        }
        match self.mend.as_str() {
            "" => Ok(()),
            mend => write!(f, "   mend: {mend}"),
        }
    }
}

/// All that is wrong, and what is only worth a warning.
#[derive(Debug, Default)]
pub struct Problems {
    pub found: Vec<Problem>,
    pub warnings: Vec<Problem>,
    /// Files with secrets that were read on the way.
    pub private: Vec<PrivateFile>,
    /// Every file and folder that is named, there or not.
    pub named: Vec<PathBuf>,
}

/// A file with a secret, and the key that names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrivateFile {
    pub path: PathBuf,
    pub key: String,
}

impl Problems {
    pub fn add(&mut self, place: &Place, wrong: impl Into<String>, mend: impl Into<String>) {
        self.found.push(Problem::at(place, wrong, mend));
    }

    pub fn warn(&mut self, place: &Place, wrong: impl Into<String>, mend: impl Into<String>) {
        self.warnings.push(Problem::at(place, wrong, mend));
    }

    pub fn add_file(&mut self, path: &Path, wrong: impl Into<String>, mend: impl Into<String>) {
        self.found.push(Problem::file(path, wrong, mend));
    }

    /// What `others` holds, after what is here.
    pub fn append(&mut self, others: Problems) {
        self.found.extend(others.found);
        self.warnings.extend(others.warnings);
        self.private.extend(others.private);
        self.named.extend(others.named);
    }

    pub fn note_private(&mut self, path: &Path, place: &Place) {
        self.private.push(PrivateFile {
            path: path.to_owned(),
            key: place.key.clone(),
        });
    }

    /// In the order of the files and their lines.
    pub fn sort(&mut self) {
        for list in [&mut self.found, &mut self.warnings] {
            list.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
            list.dedup();
        }
    }
}

/// What is wrong and what to write instead, of a message that says both in one sentence, as the
/// modules that check their own settings do. What to write is empty when it cannot be told apart.
pub fn apart(message: &str) -> (&str, &str) {
    let split = ["; ", ": write "].iter().find_map(|mark| {
        let at = message.rfind(mark)?;
        Some((message.get(..at)?, message.get(at + 2..)?))
    });
    split.unwrap_or((message, ""))
}

/// The line without what may be a secret: the value of a key that names one, and what stands
/// between `//` and `@` of a URL.
pub(super) fn masked(line: &str) -> String {
    const NAMES: [&str; 5] = ["password", "secret", "passphrase", "token", "salt"];
    if let Some((key, _)) = line.split_once('=') {
        let name = key.trim().to_ascii_lowercase();
        let points_elsewhere = name.ends_with("_file") || name.ends_with("_env");
        if NAMES.iter().any(|word| name.contains(word)) && !points_elsewhere {
            return format!("{key}= …");
        }
    }
    match (line.find("://"), line.rfind('@')) {
        (Some(start), Some(end)) if start + 3 < end => {
            let (before, after) = (line.get(..start), line.get(end..));
            format!("{}://…{}", before.unwrap_or_default(), after.unwrap_or_default())
        }
        _ => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn problem(text: &str, span: std::ops::Range<usize>) -> String {
        let source = Arc::new(Source {
            path: "a.toml".into(),
            text: text.into(),
        });
        let place = Place {
            source,
            span,
            key: "x.y".into(),
        };
        Problem::at(&place, "this is not a number", "a number, as 3").to_string()
    }

    #[test]
    fn a_problem_points_at_its_line() {
        let shown = problem("[x]\ny = \"é\"\n", 8..12);
        insta::assert_snapshot!(shown, @r#"
        a.toml:2:5: x.y: this is not a number
         2 | y = "é"
           |     ^^^
           mend: a number, as 3
        "#);
    }

    #[test]
    fn messages_of_other_modules_are_taken_apart_where_they_can_be() {
        assert_eq!(
            apart("no server is named; write [\"x\"]"),
            ("no server is named", "write [\"x\"]")
        );
        assert_eq!(
            apart("“a” is no host: write a host"),
            ("“a” is no host", "write a host")
        );
        assert_eq!(
            apart("“a”: begin with https://"),
            ("“a”: begin with https://", "")
        );
    }

    #[test]
    fn a_problem_shows_no_secret() {
        // SEC-11
        for text in [
            "bind_password = \"hunter2\"",
            "bind_password = hunter2",
            "url = \"redis://me:hunter2@host/\"",
            "url = \"redis://:hun/ter2@hunter2@host\"",
        ] {
            let shown = problem(text, 6..20);
            assert!(!shown.contains("hunter2") && !shown.contains("ter2"), "{shown}");
        }
        assert!(problem("password_file = \"pw\"", 0..1).contains("\"pw\""));
    }
}
