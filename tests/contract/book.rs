//! The chapters of docs/ as the tests read them: fenced blocks, headings, links. It is no reader of
//! Markdown: what it does not know is text.
#![allow(dead_code, reason = "the suites look at different sides of a chapter")]

use std::fs;
use std::path::{Path, PathBuf};

/// One file of docs/.
pub struct Chapter {
    /// Below docs/, as links write it.
    pub name: String,
    pub text: String,
}

/// What stands between two fences.
pub struct Block {
    /// Of the opening fence, from 1.
    pub line: usize,
    /// The first is the language; the others are for the tests: `file=conf/server.toml`.
    pub words: Vec<String>,
    /// Why it is not run here.
    pub reason: Option<String>,
    pub text: String,
    /// The last line of prose before it.
    pub before: String,
}

impl Block {
    pub fn language(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }

    pub fn is(&self, word: &str) -> bool {
        self.words.iter().skip(1).any(|one| one == word)
    }

    /// `path` of `key=path`.
    pub fn value(&self, key: &str) -> Option<&str> {
        let mut words = self.words.iter().skip(1);
        words.find_map(|word| word.strip_prefix(key)?.strip_prefix('='))
    }

    /// Whether somebody is meant to type it.
    pub fn is_commands(&self) -> bool {
        ["sh", "console"].contains(&self.language())
    }
}

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs")
}

/// Every chapter, by name.
pub fn chapters() -> Vec<Chapter> {
    let mut names: Vec<String> = fs::read_dir(root())
        .expect("docs/")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .filter(|name| name.ends_with(".md"))
        .collect();
    names.sort();
    names.iter().map(|name| chapter(name)).collect()
}

pub fn chapter(name: &str) -> Chapter {
    let text = fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("docs/{name}: {error}"));
    Chapter {
        name: name.to_owned(),
        text,
    }
}

impl Chapter {
    pub fn blocks(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut open: Option<(Block, usize)> = None;
        let mut before = String::new();
        for (number, line) in self.text.lines().enumerate() {
            let ticks = line.chars().take_while(|c| *c == '`').count();
            open = match open {
                Some((block, fence)) if ticks >= fence && line.len() == ticks => {
                    blocks.push(block);
                    None
                }
                Some((mut block, fence)) => {
                    block.text.push_str(line);
                    block.text.push('\n');
                    Some((block, fence))
                }
                None if ticks >= 3 => {
                    Some((opened(number + 1, line.trim_start_matches('`'), &before), ticks))
                }
                None => {
                    if !line.trim().is_empty() {
                        before = line.to_owned();
                    }
                    None
                }
            };
        }
        assert!(open.is_none(), "docs/{}: a fence is not closed", self.name);
        blocks
    }

    /// The lines outside of blocks, with their numbers.
    pub fn prose(&self) -> Vec<(usize, &str)> {
        let mut fence = 0;
        let mut prose = Vec::new();
        for (number, line) in self.text.lines().enumerate() {
            let ticks = line.chars().take_while(|c| *c == '`').count();
            if fence == 0 && ticks >= 3 {
                fence = ticks;
            } else if fence > 0 {
                if ticks >= fence && line.len() == ticks {
                    fence = 0;
                }
            } else {
                prose.push((number + 1, line));
            }
        }
        prose
    }

    /// The anchors of its headings, as mdBook and the usual hosts of Markdown make them.
    pub fn anchors(&self) -> Vec<String> {
        let mut anchors: Vec<String> = Vec::new();
        for (_, line) in self.prose() {
            let Some(heading) = line.strip_prefix('#') else {
                continue;
            };
            let plain = heading.trim_start_matches('#').trim().to_lowercase();
            let id: String = plain
                .chars()
                .filter_map(|c| match c {
                    ' ' => Some('-'),
                    c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c),
                    _ => None,
                })
                .collect();
            let same = anchors.iter().filter(|other| **other == id).count();
            anchors.push(if same == 0 { id } else { format!("{id}-{same}") });
        }
        anchors
    }

    /// Where it points, with the line: `[text](target)` and `![text](target)`.
    pub fn links(&self) -> Vec<(usize, String)> {
        let mut links = Vec::new();
        for (number, line) in self.prose() {
            for (at, _) in line.match_indices("](") {
                let target = line.get(at + 2..).unwrap_or_default();
                if let Some(end) = target.find(')') {
                    links.push((number, target.get(..end).unwrap_or_default().to_owned()));
                }
            }
        }
        links
    }

    /// What stands between single backticks in its prose.
    pub fn codes(&self) -> Vec<(usize, String)> {
        let mut codes = Vec::new();
        for (number, line) in self.prose() {
            codes.extend(
                line.split('`')
                    .skip(1)
                    .step_by(2)
                    .map(|code| (number, code.to_owned())),
            );
        }
        codes
    }
}

fn opened(line: usize, info: &str, before: &str) -> Block {
    let (words, rest) = info.trim().split_once(' ').unwrap_or((info.trim(), ""));
    Block {
        line,
        words: words.split(',').map(str::to_owned).collect(),
        reason: rest.trim().strip_prefix("reason=").map(str::to_owned),
        text: String::new(),
        before: before.to_owned(),
    }
}
