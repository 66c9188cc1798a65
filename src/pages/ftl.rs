//! What a Fluent source says about itself beyond what its parser tells: which names each text uses,
//! in which line it stands, between which cases it chooses. Only for sources the parser accepted.

use std::collections::{BTreeMap, BTreeSet};

/// The words that Fluent and CLDR have for kinds of number.
pub const PLURALS: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];

/// One text of a source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// From 1.
    pub line: usize,
    /// The `$names` it uses.
    pub names: BTreeSet<String>,
    /// The cases of each of its choices that goes by kind of number.
    pub plurals: Vec<BTreeSet<String>>,
}

/// The texts of a source by their keys. A line that starts with a letter starts a text.
pub fn scan(source: &str) -> BTreeMap<String, Written> {
    let mut found = BTreeMap::new();
    let mut open: Option<(String, usize, String)> = None;
    for (at, line) in source.lines().enumerate() {
        if line.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '#' | '-')) {
            close(&mut open, &mut found);
            let starts = line.split_once('=').filter(|_| !line.starts_with(['#', '-']));
            open = starts.map(|(key, text)| (key.trim().to_owned(), at + 1, text.to_owned()));
        } else if let Some((_, _, text)) = &mut open {
            text.push('\n');
            text.push_str(line);
        }
    }
    close(&mut open, &mut found);
    found
}

/// Whether the source calls itself a draft: `-status = draft`.
pub fn is_draft(source: &str) -> bool {
    source.lines().any(|line| {
        let said = line.strip_prefix("-status").map(str::trim_start);
        let said = said.and_then(|rest| rest.strip_prefix('=')).map(str::trim);
        said == Some("draft")
    })
}

fn close(open: &mut Option<(String, usize, String)>, found: &mut BTreeMap<String, Written>) {
    if let Some((key, line, text)) = open.take() {
        let written = Written {
            line,
            names: names(&text).collect(),
            plurals: plurals(&text),
        };
        found.insert(key, written);
    }
}

fn names(text: &str) -> impl Iterator<Item = String> {
    text.split('$').skip(1).filter_map(|rest| {
        let name: String = rest
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '_' || *c == '-')
            .collect();
        (!name.is_empty()).then_some(name)
    })
}

/// The cases of every choice in which a kind of number is among several cases, or an only one that
/// is not “other”.
fn plurals(text: &str) -> Vec<BTreeSet<String>> {
    let mut done = Vec::new();
    // A choice is a brace with an arrow in it; its cases begin their lines.
    let mut braces: Vec<Option<BTreeSet<String>>> = Vec::new();
    for line in text.lines() {
        let case = line.trim_start().trim_start_matches('*').strip_prefix('[');
        if let Some((case, _)) = case.and_then(|rest| rest.split_once(']'))
            && let Some(Some(cases)) = braces.iter_mut().rev().find(|brace| brace.is_some())
        {
            cases.insert(case.trim().to_owned());
        }
        let mut before = ' ';
        for c in line.chars() {
            match (before, c) {
                (_, '{') => braces.push(None),
                ('-', '>') => {
                    if let Some(brace) = braces.last_mut() {
                        *brace = Some(BTreeSet::new());
                    }
                }
                (_, '}') => done.extend(braces.pop().flatten()),
                _ => {}
            }
            before = c;
        }
    }
    done.retain(|cases| {
        let kinds = cases.iter().filter(|case| PLURALS.contains(&case.as_str()));
        kinds.filter(|case| *case != "other").count() > 0
    });
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lines_and_kinds_of_number_are_found_in_every_form_of_text() {
        let source = "# about $nothing\na = Hello { $name }\nb =\n    { $n ->\n        [one] { $n } try in {$where}\n       *[other] tries\n    } of { $m ->\n        [1] x\n       *[other] y\n    }\n-term = { $x }\nc = none\n";
        let found = scan(source);
        let names = |key: &str| found[key].names.iter().cloned().collect::<Vec<_>>();
        assert_eq!(names("a"), ["name"]);
        assert_eq!(names("b"), ["m", "n", "where"]);
        assert!(names("c").is_empty());
        assert_eq!(found.len(), 3);
        assert_eq!((found["a"].line, found["b"].line, found["c"].line), (2, 3, 12));
        let kinds: Vec<Vec<&String>> = found["b"]
            .plurals
            .iter()
            .map(|set| set.iter().collect())
            .collect();
        assert_eq!(kinds, [["one", "other"]]);
    }

    #[test]
    fn a_draft_says_so_itself() {
        assert!(is_draft("# x\n-status = draft\na = b\n"));
        assert!(!is_draft("a = -status = draft\n") && !is_draft("-status = complete\n"));
    }
}
