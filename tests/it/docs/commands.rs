//! Commands of the book exist, those of the program are in the book, and what is not run here says why.

use std::collections::BTreeSet;

use crate::book;

/// Every path of words after `mereau`, with whether others may follow.
fn tree() -> BTreeSet<Vec<String>> {
    fn walk(command: &clap::Command, at: &[String], all: &mut BTreeSet<Vec<String>>) {
        for sub in command.get_subcommands() {
            let path: Vec<String> = at.iter().cloned().chain([sub.get_name().to_owned()]).collect();
            all.insert(path.clone());
            walk(sub, &path, all);
        }
    }
    let mut all = BTreeSet::new();
    walk(&mereau::cli::words(), &[], &mut all);
    all
}

/// The words after each `mereau ` of a text, up to what is no word of a command.
fn named(text: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("mereau ") {
        let starts = text.get(..at).is_none_or(|before| {
            !before.ends_with(|c: char| c.is_alphanumeric() || ['-', '_', '=', '.'].contains(&c))
        });
        let words = text.get(at + "mereau ".len()..).unwrap_or_default();
        let words = words.lines().next().unwrap_or_default().split(' ');
        let plain = |word: &&str| {
            word.starts_with(|c: char| c.is_ascii_lowercase())
                && word.chars().all(|c| c.is_ascii_lowercase() || c == '-')
        };
        let words: Vec<String> = words.take_while(plain).map(str::to_owned).collect();
        if starts && !words.is_empty() {
            found.push(words);
        }
    }
    found
}

/// All places where somebody reads a command: blocks and what stands in backticks.
fn written() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for chapter in book::chapters() {
        let blocks = chapter.blocks();
        let typed = blocks.iter().filter(|block| block.is_commands());
        for block in typed {
            for line in block.text.lines() {
                let line = match (block.language(), line.strip_prefix("$ ")) {
                    ("sh", _) => line,
                    (_, Some(command)) => command,
                    _ => continue,
                };
                if !line.trim_start().starts_with('#') {
                    all.push((format!("docs/{}:{}", chapter.name, block.line), line.to_owned()));
                }
            }
        }
        for (line, code) in chapter.codes() {
            if code.starts_with("mereau ") {
                all.push((format!("docs/{}:{line}", chapter.name), code));
            }
        }
    }
    all
}

#[test]
fn every_command_of_ours_in_the_book_exists() {
    let tree = tree();
    let mut wrong = Vec::new();
    for (place, text) in written() {
        for words in named(&text) {
            let known = tree.contains(&words[..1]);
            let has_more = tree.iter().any(|path| path.len() > 1 && path[0] == words[0]);
            let deeper = words.len() < 2 || !has_more || tree.contains(&words[..2]) || words[0] == "doctor";
            if !known || !deeper {
                wrong.push(format!("{place}: mereau {}", words.join(" ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_option_of_a_command_in_the_book_exists() {
    let command = mereau::cli::words();
    let mut wrong = Vec::new();
    for (place, text) in written() {
        let Some(words) = named(&text).into_iter().next() else {
            continue;
        };
        let after = text.split_once("mereau ").map_or("", |(_, after)| after);
        let after = after.split(['|', ';', '&']).next().unwrap_or_default();
        let mut at = &command;
        let mut known: BTreeSet<String> = BTreeSet::from(["help".to_owned(), "version".to_owned()]);
        for word in std::iter::once(None).chain(words.iter().map(Some)) {
            match word {
                None => {}
                Some(word) => match at.find_subcommand(word) {
                    Some(sub) => at = sub,
                    None => break,
                },
            }
            known.extend(
                at.get_arguments()
                    .filter_map(|one| one.get_long().map(str::to_owned)),
            );
        }
        for word in after.split_whitespace() {
            let word = word.trim_matches(|c| "[]()…".contains(c));
            let Some(option) = word.strip_prefix("--") else {
                continue;
            };
            let option = option.split('=').next().unwrap_or_default();
            if !option.is_empty() && !known.contains(option) {
                wrong.push(format!("{place}: {text}: no option --{option}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_command_of_the_program_is_in_the_book() {
    let mut named_somewhere: BTreeSet<Vec<String>> = BTreeSet::new();
    for (_, text) in written() {
        for words in named(&text) {
            for length in 1..=words.len() {
                named_somewhere.insert(words[..length].to_vec());
            }
        }
    }
    let missing: Vec<String> = tree()
        .into_iter()
        .filter(|path| !named_somewhere.contains(path))
        .map(|path| path.join(" "))
        .collect();
    assert!(missing.is_empty(), "not in the book: {}", missing.join(", "));
}

#[test]
fn what_is_not_run_here_says_why_and_is_not_much() {
    let (mut elsewhere, mut here) = (0, 0);
    for chapter in book::chapters() {
        for block in chapter.blocks().iter().filter(|block| block.is_commands()) {
            let place = format!("docs/{}:{}", chapter.name, block.line);
            if block.is("elsewhere") {
                elsewhere += 1;
                let reason = block.reason.as_deref().unwrap_or_default();
                assert!(reason.len() > 12, "{place} does not say why it is not run");
            } else {
                here += 1;
            }
        }
    }
    assert!(elsewhere <= here, "{elsewhere} for elsewhere and {here} run");
}

#[test]
fn no_block_is_without_a_language_and_no_command_hides_in_an_indented_one() {
    for chapter in book::chapters() {
        for block in chapter.blocks() {
            assert!(
                !block.language().is_empty(),
                "docs/{}:{}: which language?",
                chapter.name,
                block.line
            );
        }
        for (number, line) in chapter.prose() {
            assert!(
                !line.starts_with("    "),
                "docs/{}:{number}: an indented block, which no test reads: fence it",
                chapter.name
            );
        }
    }
}
