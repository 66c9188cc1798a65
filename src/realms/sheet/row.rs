//! One line of a CSV file (RFC 4180) cut into cells, and written from them.

/// The sign that cuts cells: one byte, which is never a part of a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delimiter {
    Comma,
    Tab,
    Semicolon,
}

impl Delimiter {
    const ALL: [Delimiter; 3] = [Delimiter::Comma, Delimiter::Tab, Delimiter::Semicolon];

    /// By which of them a line of headings has most of.
    pub fn of(headings: &str) -> Delimiter {
        let count = |sign: Delimiter| headings.bytes().filter(|byte| *byte == sign.byte()).count();
        // The last of equals wins: without any, it does not matter.
        let most = Delimiter::ALL.into_iter().max_by_key(|sign| count(*sign));
        most.unwrap_or(Delimiter::Semicolon)
    }

    const fn byte(self) -> u8 {
        match self {
            Delimiter::Comma => b',',
            Delimiter::Tab => b'\t',
            Delimiter::Semicolon => b';',
        }
    }
}

/// Why a line is not whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// A quote is opened and not closed: the line may go on.
    Open,
    /// Signs stand between a closing quote and the next cell.
    Quote,
}

/// More than our own columns and than the ministry's.
const USUAL_CELLS: usize = 80;

/// The cells of a line without its line end. A quote that does not open a cell is a sign like others.
pub fn cut(line: &str, delimiter: Delimiter) -> Result<Vec<String>, Broken> {
    let delimiter = delimiter.byte();
    let mut cells = Vec::with_capacity(USUAL_CELLS);
    let mut rest = line;
    loop {
        let (cell, after) = match rest.strip_prefix('"') {
            Some(quoted) => {
                let (cell, after) = quoted_cell(quoted).ok_or(Broken::Open)?;
                if !(after.is_empty() || after.starts_with(char::from(delimiter))) {
                    return Err(Broken::Quote);
                }
                (cell, after)
            }
            None => {
                let end = rest.bytes().position(|byte| byte == delimiter);
                let end = end.unwrap_or(rest.len());
                let (cell, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
                (cell.to_owned(), after)
            }
        };
        cells.push(cell);
        match after.strip_prefix(char::from(delimiter)) {
            Some(more) => rest = more,
            None => return Ok(cells),
        }
    }
}

/// Up to the closing quote; a doubled one is one quote of the text.
fn quoted_cell(text: &str) -> Option<(String, &str)> {
    let mut cell = String::new();
    let mut rest = text;
    loop {
        let (inside, after) = rest.split_once('"')?;
        cell.push_str(inside);
        match after.strip_prefix('"') {
            Some(more) => {
                cell.push('"');
                rest = more;
            }
            None => return Some((cell, after)),
        }
    }
}

/// A line of cells, quoted where they need it.
pub fn join<'c>(cells: impl Iterator<Item = &'c str>) -> String {
    let mut line = String::new();
    for (at, cell) in cells.enumerate() {
        if at > 0 {
            line.push(';');
        }
        if cell.contains([';', '"', '\n', '\r']) {
            line.push('"');
            line.push_str(&cell.replace('"', "\"\""));
            line.push('"');
        } else {
            line.push_str(cell);
        }
    }
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_back(cells in prop::collection::vec("[a;\"\n é]{0,6}", 1..5)) {
            let line = join(cells.iter().map(String::as_str));
            prop_assert_eq!(cut(line.strip_suffix('\n').unwrap(), Delimiter::Semicolon), Ok(cells));
        }

        #[test]
        fn a_text_without_quotes_is_cut_at_every_sign_and_nowhere_else(text in "[^\"]{0,40}") {
            for (sign, letter) in Delimiter::ALL.into_iter().zip([',', '\t', ';']) {
                let cells: Vec<String> = text.split(letter).map(str::to_owned).collect();
                prop_assert_eq!(cut(&text, sign), Ok(cells));
            }
        }

        #[test]
        fn a_text_that_is_not_cut_has_a_quote(text in "\\PC{0,40}") {
            prop_assert!(cut(&text, Delimiter::Semicolon).is_ok() || text.contains('"'));
        }
    }
}
