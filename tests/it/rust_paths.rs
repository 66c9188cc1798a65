//! The paths that a Rust file names, read from its words: enough of the language to check a rule of
//! dependencies, not a parser of Rust.

/// A path as written, its groups taken apart: `use a::{b, c::d}` gives `a::b` and `a::c::d`.
pub struct Path {
    pub segments: Vec<String>,
    /// How many inline modules (`mod tests { … }`) it stands in.
    pub inline: usize,
    pub line: usize,
}

#[derive(PartialEq)]
enum Token {
    Word(String),
    /// `::`
    Step,
    Sign(char),
}

/// Every path of two or more segments in `source`; comments and literals hold none.
pub fn paths(source: &str) -> Vec<Path> {
    let tokens = tokens(source);
    let mut found = Vec::new();
    let (mut depth, mut modules) = (0_usize, Vec::new());
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at].0 {
            Token::Sign('{') => depth += 1,
            Token::Sign('}') => {
                depth -= 1;
                if modules.last() == Some(&depth) {
                    modules.pop();
                }
            }
            Token::Word(word) if word == "mod" && is_sign(&tokens, at + 2, '{') => modules.push(depth),
            Token::Word(_) => {
                let before = found.len();
                let line = tokens[at].1;
                at = walk(&tokens, at, &mut Vec::new(), &mut |segments| {
                    let segments = segments.to_vec();
                    found.push(Path {
                        segments,
                        inline: modules.len(),
                        line,
                    });
                });
                if found[before..].iter().all(|path| path.segments.len() < 2) {
                    found.truncate(before);
                }
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// Follows the path that begins at `at`; gives each of its ends to `found` and returns the place
/// behind it.
fn walk(
    tokens: &[(Token, usize)],
    mut at: usize,
    prefix: &mut Vec<String>,
    found: &mut dyn FnMut(&[String]),
) -> usize {
    let long = prefix.len();
    loop {
        match tokens.get(at) {
            Some((Token::Word(word), _)) => prefix.push(word.clone()),
            Some((Token::Sign('{'), _)) => {
                at = group(tokens, at + 1, prefix, found);
                prefix.truncate(long);
                return at;
            }
            _ => break,
        }
        at += 1;
        if tokens.get(at).is_some_and(|(token, _)| *token == Token::Step) {
            at += 1;
        } else {
            break;
        }
    }
    found(prefix);
    prefix.truncate(long);
    at
}

fn group(
    tokens: &[(Token, usize)],
    mut at: usize,
    prefix: &mut Vec<String>,
    found: &mut dyn FnMut(&[String]),
) -> usize {
    while at < tokens.len() && !is_sign(tokens, at, '}') {
        at = match tokens[at].0 {
            Token::Word(_) => walk(tokens, at, prefix, found),
            _ => at + 1,
        };
    }
    at + 1
}

fn is_sign(tokens: &[(Token, usize)], at: usize, sign: char) -> bool {
    tokens
        .get(at)
        .is_some_and(|(token, _)| *token == Token::Sign(sign))
}

fn tokens(source: &str) -> Vec<(Token, usize)> {
    let text: Vec<char> = source.chars().collect();
    let (mut found, mut at, mut line) = (Vec::new(), 0, 1);
    while at < text.len() {
        let start = at;
        at = match &text[at..] {
            ['/', '/', ..] => skip_to(&text, at, "\n"),
            ['/', '*', ..] => skip_to(&text, at + 2, "*/"),
            ['"', ..] => skip_text(&text, at + 1),
            ['b' | 'c', '"', ..] => skip_text(&text, at + 2),
            ['r', '#', ..] | ['b' | 'c', 'r', '#' | '"', ..] if raw_text(&text, at) => skip_raw(&text, at),
            ['r', '"', ..] => skip_to(&text, at + 2, "\""),
            ['\'', '\\', ..] => skip_to(&text, at + 3, "'"),
            ['\'', _, '\'', ..] => at + 3,
            [':', ':', ..] => {
                found.push((Token::Step, line));
                at + 2
            }
            [first, ..] if first.is_alphanumeric() || *first == '_' => {
                let more = text[at..]
                    .iter()
                    .take_while(|c| c.is_alphanumeric() || **c == '_');
                let end = at + more.count();
                found.push((Token::Word(text[at..end].iter().collect()), line));
                end
            }
            [sign, ..] => {
                if !sign.is_whitespace() {
                    found.push((Token::Sign(*sign), line));
                }
                at + 1
            }
            [] => at + 1,
        };
        line += text[start..at.min(text.len())]
            .iter()
            .filter(|c| **c == '\n')
            .count();
    }
    found
}

fn skip_to(text: &[char], from: usize, end: &str) -> usize {
    let end: Vec<char> = end.chars().collect();
    let from = from.min(text.len());
    let found = text[from..].windows(end.len()).position(|window| window == end);
    found.map_or(text.len(), |position| from + position + end.len())
}

fn skip_text(text: &[char], mut at: usize) -> usize {
    while at < text.len() && text[at] != '"' {
        at += if text[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

/// Whether `r#…` opens a raw string (and not a raw name).
fn raw_text(text: &[char], at: usize) -> bool {
    text[at..].iter().find(|c| !matches!(c, 'r' | 'b' | 'c' | '#')) == Some(&'"')
}

fn skip_raw(text: &[char], at: usize) -> usize {
    let hashes = text[at..]
        .iter()
        .take_while(|c| **c != '"')
        .filter(|c| **c == '#')
        .count();
    let open = skip_to(text, at, "\"");
    skip_to(text, open, &format!("\"{}", "#".repeat(hashes)))
}

#[test]
fn paths_are_found_in_groups_and_expressions_but_not_in_comments_and_texts() {
    let source = "use a::{b, c::{d, e::*}};\n// z::y\nfn f() { let x = g::h(\"z::y\", 'z', r#\"z::y\"#); }\n\
                  mod tests { use super::i; /* z::y */ fn f<'a>(x: &'a j::K) -> b::L { \"\\\"z::y\" } }\n\
                  impl m::N for O {}";
    let found: Vec<String> = paths(source)
        .iter()
        .map(|path| {
            format!(
                "{}{}@{}",
                path.segments.join("::"),
                "'".repeat(path.inline),
                path.line
            )
        })
        .collect();
    let expected = [
        "a::b@1",
        "a::c::d@1",
        "a::c::e@1",
        "g::h@3",
        "super::i'@4",
        "j::K'@4",
        "b::L'@4",
        "m::N@5",
    ];
    assert_eq!(found, expected);
}
