//! The check of a theme: every page, sample, frame and language is rendered, every text is asked for,
//! files and colours are looked at. What it finds is a list for people.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex};

use super::engine::Watch;
use super::error::PageError;
use super::files::Layer;
use super::frame::Frame;
use super::texts::{Placed, plural_kinds};
use super::views::every_sample;
use super::{Engines, Pages, lint};
use crate::base::names::Locale;

/// One thing wrong with a theme.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ThemeProblem {
    pub file: String,
    /// From 1; 0 when the file as a whole is meant.
    pub line: usize,
    pub what: String,
    /// What to write instead; empty when `what` says it.
    pub mend: String,
}

impl fmt::Display for ThemeProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        write!(f, ": {}", self.what)?;
        match self.mend.as_str() {
            "" => Ok(()),
            mend => write!(f, "\n   mend: {mend}"),
        }
    }
}

impl Pages {
    /// Everything wrong with this theme; empty when it is fit to serve.
    pub fn check(&self) -> Vec<ThemeProblem> {
        let watch: Watch = Arc::new(Mutex::new(BTreeSet::new()));
        let mut problems = self.text_problems();
        match self.engines(None, Some(&watch)) {
            Ok(engines) => {
                problems.extend(self.render_problems(&engines));
                problems.extend(self.letter_problems(&engines));
            }
            Err(error) => problems.push(problem("theme.toml", 0, &error.with_causes(), "")),
        }
        let said = watch.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        problems.extend(self.unused_texts(&said));
        problems.extend(self.settings_problems());
        for path in self.files.under("") {
            let layers = self.files.layers(path).iter();
            problems.extend(layers.flat_map(|layer| lint::look(path, layer)));
        }
        problems.sort();
        problems.dedup();
        problems
    }

    /// Texts that one language has and another lacks, or that use other names or other kinds of number.
    fn text_problems(&self) -> Vec<ThemeProblem> {
        let empty = BTreeMap::new();
        let french = self.texts.written(&Locale::french()).unwrap_or(&empty);
        let mut problems = self.left_out();
        for language in self.languages() {
            let own = self.texts.written(language).unwrap_or(&empty);
            let tag = language.as_str();
            for (key, wanted) in french {
                match own.get(key) {
                    None => {
                        let what = format!("“{key}” has no text in “{tag}”; French is shown");
                        let mend = format!("{key} = … in texts/{tag}.ftl");
                        problems.push(problem(&wanted.file, wanted.text.line, &what, &mend));
                    }
                    Some(used) => problems.extend(other_names(key, used, wanted)),
                }
            }
            let unknown = own.iter().filter(|(key, _)| !french.contains_key(*key));
            problems.extend(unknown.map(|(key, placed)| {
                let what = format!("“{key}” is unknown: French has no such text");
                problem(
                    &placed.file,
                    placed.text.line,
                    &what,
                    "the key as in fr.ftl, or nothing",
                )
            }));
            problems.extend(plural_problems(language, own));
        }
        problems
    }

    fn left_out(&self) -> Vec<ThemeProblem> {
        let incomplete = self.texts.incomplete().iter();
        incomplete
            .map(|(language, lacks)| {
                let path = format!("texts/{}.ftl", language.as_str());
                let file = self
                    .files
                    .topmost(&path)
                    .map_or(path.as_str(), |layer| &layer.origin);
                let shown: Vec<&str> = lacks.iter().take(5).map(String::as_str).collect();
                let more = if lacks.len() > shown.len() { ", …" } else { "" };
                let what = format!("{} texts are missing, so the language is left out", lacks.len());
                problem(file, 0, &what, &format!("{}{more}", shown.join(", ")))
            })
            .collect()
    }

    /// The first failure of each kind: a template that fails does so in every sample and language.
    fn render_problems(&self, engines: &Engines) -> Vec<ThemeProblem> {
        let mut found: BTreeMap<(String, usize), ThemeProblem> = BTreeMap::new();
        for language in self.languages() {
            for (frame_name, frame) in Frame::samples(language, self.languages()) {
                for sample in every_sample() {
                    if let Err(error) = engines.render(sample.page, sample.context, &frame) {
                        let state = format!("{}, {} frame", sample.state, frame_name);
                        let said = self.failed(sample.page, &state, &error);
                        found.entry((said.file.clone(), said.line)).or_insert(said);
                    }
                }
            }
        }
        found.into_values().collect()
    }

    /// The first failure of each kind among the letters.
    fn letter_problems(&self, engines: &Engines) -> Vec<ThemeProblem> {
        let mut found: BTreeMap<(String, usize), ThemeProblem> = BTreeMap::new();
        for language in self.languages() {
            let _ = self.each_letter(engines, language, &mut |name, outcome| {
                if let Err(error) = outcome {
                    let said = self.failed_in(&format!("mails/{name}"), language.as_str(), &error);
                    found.entry((said.file.clone(), said.line)).or_insert(said);
                }
                Ok(())
            });
        }
        found.into_values().collect()
    }

    fn failed(&self, page: &str, state: &str, error: &PageError) -> ThemeProblem {
        self.failed_in(&format!("pages/{page}.html"), state, error)
    }

    fn failed_in(&self, otherwise: &str, state: &str, error: &PageError) -> ThemeProblem {
        let (template, line) = match error {
            PageError::Render { source, .. } => (source.name(), source.line().unwrap_or(0)),
            PageError::Theme { file, .. } => (Some(file.as_str()), 0),
            PageError::File { .. } => (None, 0),
        };
        let path = template.unwrap_or(otherwise).to_owned();
        let file = self
            .files
            .topmost(&path)
            .map_or(path.clone(), |layer| layer.origin.clone());
        problem(&file, line, &format!("{} ({state})", error.with_causes()), "")
    }

    fn unused_texts(&self, said: &BTreeSet<String>) -> Vec<ThemeProblem> {
        let french = self.texts.written(&Locale::french());
        french
            .into_iter()
            .flatten()
            .filter(|(key, _)| !said.contains(*key))
            .filter(|(key, _)| !super::said::is_said(key) && !super::letters::said(key))
            .map(|(key, placed)| {
                let what = format!("“{key}” is used by no page");
                problem(
                    &placed.file,
                    placed.text.line,
                    &what,
                    "nothing, or the key that was meant",
                )
            })
            .collect()
    }

    fn settings_problems(&self) -> Vec<ThemeProblem> {
        let layers = self.files.layers("theme.toml");
        let place = |key: &str| place_of(layers, key);
        let mut problems: Vec<ThemeProblem> = self
            .theme
            .problems()
            .into_iter()
            .map(|pale| {
                let (file, line) = place(pale.key);
                problem(&file, line, &pale.what, &pale.mend)
            })
            .collect();
        if let Some(logo) = self.theme.logo.as_deref().filter(|logo| !self.assets.has(logo)) {
            let (file, line) = place("logo");
            let what = format!("there is no file assets/{logo}");
            problems.push(problem(&file, line, &what, "the name of a file in assets/"));
        }
        problems
    }
}

/// The last file that sets `key`, and its line.
fn place_of(layers: &[Layer], key: &str) -> (String, usize) {
    for layer in layers.iter().rev() {
        let lines = layer.text().unwrap_or_default().lines();
        let sets = |line: &str| {
            let rest = line.trim_start().strip_prefix(key).map(str::trim_start);
            rest.is_some_and(|rest| rest.starts_with('='))
        };
        for (at, line) in lines.enumerate() {
            if sets(line) {
                return (layer.origin.clone(), at + 1);
            }
        }
    }
    let file = layers.last().map_or("theme.toml", |layer| &layer.origin);
    (file.to_owned(), 0)
}

fn other_names(key: &str, used: &Placed, wanted: &Placed) -> Option<ThemeProblem> {
    let list = |placed: &Placed| {
        let names: Vec<String> = placed.text.names.iter().map(|name| format!("${name}")).collect();
        if names.is_empty() {
            "nothing".to_owned()
        } else {
            names.join(", ")
        }
    };
    (used.text.names != wanted.text.names).then(|| {
        let what = format!("“{key}” uses {}, French uses {}", list(used), list(wanted));
        problem(&used.file, used.text.line, &what, "the names that French uses")
    })
}

/// Choices by number that forget a kind of number the language has, or have one it has not.
fn plural_problems(language: &Locale, own: &BTreeMap<String, Placed>) -> Vec<ThemeProblem> {
    let kinds: BTreeSet<String> = plural_kinds(language).into_iter().map(str::to_owned).collect();
    let mut problems = Vec::new();
    for (key, placed) in own {
        for cases in placed.text.plurals.iter().filter(|cases| **cases != kinds) {
            let said: Vec<&str> = cases.iter().map(String::as_str).collect();
            let has: Vec<&str> = kinds.iter().map(String::as_str).collect();
            let tag = language.as_str();
            let what = format!("“{key}” has the cases {}", said.join(", "));
            let mend = format!("“{tag}” has {}", has.join(", "));
            problems.push(problem(&placed.file, placed.text.line, &what, &mend));
        }
    }
    problems
}

fn problem(file: &str, line: usize, what: &str, mend: &str) -> ThemeProblem {
    ThemeProblem {
        file: file.to_owned(),
        line,
        what: what.to_owned(),
        mend: mend.to_owned(),
    }
}
