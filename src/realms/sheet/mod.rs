//! Institutions in a spreadsheet: a CSV file as offices and ministries save them, read row by row so
//! that one bad line costs that line only. What the columns mean is in `ours` and `ministry`.

mod decode;
mod ministry;
mod ours;
mod own;
mod row;

pub use ministry::{Imported, Ministry};
pub use ours::{SheetReader, write};

use std::ops::Range;

use crate::base::fold::folded;

use row::{Broken, Delimiter, cut};

/// Lines that one quoted cell may go over before its quote counts as never closed.
const LONGEST_CELL: usize = 20;

/// A file read whole, and its headings.
pub struct Sheet {
    text: String,
    delimiter: Delimiter,
    headings: Vec<String>,
    /// Where the first line below the headings starts, and its number from 1.
    body: (usize, usize),
}

/// Why a file is no sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the first line has no headings")]
pub struct NoHeadings;

/// One line of cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// From 1.
    pub line: usize,
    /// Its bytes in the text.
    pub span: Range<usize>,
    cells: Vec<String>,
}

/// A line that is no row of this sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRow {
    pub line: usize,
    pub span: Range<usize>,
    pub why: String,
}

impl Sheet {
    /// UTF-8 with or without its mark, or else Windows-1252; cells cut at `;`, `,` or tabs, whichever
    /// the headings have most of.
    pub fn read(bytes: Vec<u8>) -> Result<Sheet, NoHeadings> {
        Sheet::of_text(decode::text(bytes))
    }

    pub fn of_text(text: String) -> Result<Sheet, NoHeadings> {
        let before = text
            .split_inclusive('\n')
            .take_while(|line| line.trim().is_empty());
        let (start, blank) = before.fold((0, 0), |(bytes, lines), line| (bytes + line.len(), lines + 1));
        let rest = text.get(start..).unwrap_or_default();
        let first = rest.split_inclusive('\n').next().unwrap_or_default();
        let delimiter = Delimiter::of(first);
        let headings = cut(first.trim_end_matches(['\r', '\n']), delimiter).map_err(|_| NoHeadings)?;
        if headings.iter().all(|heading| heading.trim().is_empty()) {
            return Err(NoHeadings);
        }
        Ok(Sheet {
            delimiter,
            headings: headings.iter().map(|heading| plain(heading)).collect(),
            body: (start + first.len(), blank + 2),
            text,
        })
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// As compared: small letters, no accents, words joined by `_`.
    pub fn headings(&self) -> &[String] {
        &self.headings
    }

    /// The place of the first of `names` that is a heading.
    fn column(&self, names: &[&str]) -> Option<usize> {
        names
            .iter()
            .find_map(|name| self.headings.iter().position(|heading| heading == name))
    }

    /// Rows from top to bottom; empty lines are none.
    pub fn rows(&self) -> Rows<'_> {
        let (at, line) = self.body;
        Rows {
            sheet: self,
            at,
            line,
        }
    }
}

impl Row {
    /// Every cell as it stands, in the order of the headings.
    pub fn cells(&self) -> &[String] {
        &self.cells
    }

    /// What stands in a column, without blanks around it; an empty cell is none.
    fn cell(&self, column: Option<usize>) -> Option<&str> {
        let text = self.cells.get(column?)?.trim();
        (!text.is_empty()).then_some(text)
    }
}

/// See [`Sheet::rows`].
pub struct Rows<'s> {
    sheet: &'s Sheet,
    at: usize,
    line: usize,
}

impl Rows<'_> {
    /// Bytes of the text that are behind.
    pub fn done(&self) -> usize {
        self.at
    }

    /// The next line with what follows it as far as a quoted cell goes on; `None` at the end.
    fn take(&mut self) -> Option<(Row, Result<(), String>)> {
        let text = self.sheet.text.get(self.at..).filter(|rest| !rest.is_empty())?;
        let mut end = 0;
        let mut why = "a quote is opened and not closed";
        for (lines, line) in (1..=LONGEST_CELL).zip(text.split_inclusive('\n')) {
            end += line.len();
            let whole = text.get(..end)?.trim_end_matches(['\r', '\n']);
            match cut(whole, self.sheet.delimiter) {
                Ok(cells) => return Some((self.step(lines, end, whole.len(), cells), Ok(()))),
                Err(Broken::Open) => {}
                Err(Broken::Quote) if lines == 1 => {
                    why = "something stands between a closing quote and the next cell";
                    break;
                }
                // The quote was not closed where it seemed: the next line opens one of its own.
                Err(Broken::Quote) => break,
            }
        }
        // This line is lost, those after it are not.
        let first = text.split_inclusive('\n').next()?;
        let shown = first.trim_end_matches(['\r', '\n']).len();
        Some((self.step(1, first.len(), shown, Vec::new()), Err(why.to_owned())))
    }

    fn step(&mut self, lines: usize, bytes: usize, shown: usize, cells: Vec<String>) -> Row {
        let row = Row {
            line: self.line,
            span: self.at..self.at + shown,
            cells,
        };
        self.at += bytes;
        self.line += lines;
        row
    }
}

impl Iterator for Rows<'_> {
    type Item = Result<Row, BadRow>;

    fn next(&mut self) -> Option<Self::Item> {
        let wanted = self.sheet.headings.len();
        loop {
            let (row, read) = self.take()?;
            let found = row.cells.len();
            // Spreadsheets end lines with empty cells as they like.
            let surplus = row.cells.get(wanted..).unwrap_or_default();
            let why = match read {
                Err(why) => why,
                Ok(()) if row.cells.iter().all(|cell| cell.trim().is_empty()) => continue,
                Ok(()) if found < wanted || !surplus.iter().all(|cell| cell.trim().is_empty()) => {
                    format!("this line has {found} cells and the headings have {wanted}")
                }
                Ok(()) => return Some(Ok(row)),
            };
            return Some(Err(BadRow {
                line: row.line,
                span: row.span,
                why,
            }));
        }
    }
}

/// `Code établissement` → `code_etablissement`.
fn plain(heading: &str) -> String {
    let text = folded(heading.trim_start_matches('\u{feff}'));
    let words = text.split(|c: char| !c.is_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join("_")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<String> {
        let sheet = Sheet::read(text.as_bytes().to_vec()).expect("headings");
        let shown = sheet.rows().map(|row| match row {
            Ok(row) => format!("{}: {}", row.line, row.cells.join("|")),
            Err(bad) => format!("{}: {}", bad.line, bad.why),
        });
        shown.collect()
    }

    #[test]
    fn cells_are_cut_at_the_sign_the_headings_use() {
        assert_eq!(rows("a;b\n1;2,3\n"), ["2: 1|2,3"]);
        assert_eq!(rows("a,b\r\n1,\"2,3\"\r\n\r\n4,5"), ["2: 1|2,3", "4: 4|5"]);
        assert_eq!(rows("\u{feff}a\tb\n1\t2\n"), ["2: 1|2"]);
        assert_eq!(rows("\n\na;b\n1;2\n"), ["4: 1|2"]);
    }

    #[test]
    fn a_quoted_cell_may_hold_quotes_and_line_ends() {
        assert_eq!(
            rows("a;b\n\"x \"\"y\"\"\nz\";2\n3;4\n"),
            ["2: x \"y\"\nz|2", "4: 3|4"]
        );
        // A quote inside a cell is a sign like others.
        assert_eq!(rows("a;b\nLycée \"Y\";2\n"), ["2: Lycée \"Y\"|2"]);
    }

    #[test]
    fn a_bad_line_costs_that_line_only() {
        let mut text = "a;b\n1;2\n3\n\"4;5\n".to_owned();
        for _ in 0..30 {
            text += "6;7\n";
        }
        let rows = rows(&text);
        assert_eq!(rows[0], "2: 1|2");
        assert_eq!(rows[1], "3: this line has 1 cells and the headings have 2");
        assert_eq!(rows[2], "4: a quote is opened and not closed");
        assert_eq!(rows[3], "5: 6|7");
        assert_eq!(rows.len(), 33);
    }

    #[test]
    fn a_line_that_opens_a_quote_takes_no_other_along() {
        assert_eq!(
            rows("a;b\n\"1;2\n\"3\";4\n\"5\"x;6\n7;8\n"),
            [
                "2: a quote is opened and not closed",
                "3: 3|4",
                "4: something stands between a closing quote and the next cell",
                "5: 7|8",
            ]
        );
    }

    #[test]
    fn headings_are_compared_without_accents_and_signs() {
        let sheet =
            Sheet::read(b"Code \xe9tablissement;Localite d'acheminement\n".to_vec()).expect("headings");
        assert_eq!(
            sheet.headings(),
            ["code_etablissement", "localite_d_acheminement"]
        );
        assert!(Sheet::read(Vec::new()).is_err() && Sheet::read(b";;\n".to_vec()).is_err());
    }
}
