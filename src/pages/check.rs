//! The check of a theme: every page, sample, frame and language is rendered, and every text is asked
//! for. What it finds is a list for people.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex};

use super::engine::Watch;
use super::error::PageError;
use super::frame::Frame;
use super::views::every_sample;
use super::{Engines, Pages};
use crate::base::names::Locale;

/// One thing wrong with a theme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThemeProblem {
    /// File, text or page.
    pub place: String,
    pub what: String,
}

impl fmt::Display for ThemeProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

impl Pages {
    /// Everything wrong with this theme; empty when it is fit to serve.
    pub fn check(&self) -> Vec<ThemeProblem> {
        let watch: Watch = Arc::new(Mutex::new(BTreeSet::new()));
        let mut problems = self.text_problems();
        match self.engines(Some(&watch)) {
            Ok(engines) => problems.extend(self.render_problems(&engines)),
            Err(error) => problems.push(problem("theme", &error.to_string())),
        }
        let said = watch.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        problems.extend(self.unused_texts(&said));
        let colours = self.theme.problems();
        problems.extend(colours.iter().map(|what| problem("theme.toml", what)));
        problems
    }

    /// Keys that one language has and another lacks, or with other placeholders.
    fn text_problems(&self) -> Vec<ThemeProblem> {
        let empty = BTreeMap::new();
        let french = self.texts.placeholders(&Locale::french()).unwrap_or(&empty);
        let mut problems = Vec::new();
        for language in self.languages() {
            let place = |key: &str| format!("texts/{}.ftl, {key}", language.as_str());
            let own = self.texts.placeholders(language).unwrap_or(&empty);
            for (key, wanted) in french {
                match own.get(key) {
                    None => problems.push(problem(&place(key), "is missing; French is shown")),
                    Some(used) if used != wanted => {
                        let what = format!("uses {used:?}, French uses {wanted:?}");
                        problems.push(problem(&place(key), &what));
                    }
                    Some(_) => {}
                }
            }
            let unknown = own.keys().filter(|key| !french.contains_key(*key));
            problems.extend(unknown.map(|key| problem(&place(key), "is unknown: French has no such text")));
        }
        problems
    }

    fn render_problems(&self, engines: &Engines) -> Vec<ThemeProblem> {
        let mut problems = Vec::new();
        for language in self.languages() {
            for (frame_name, frame) in Frame::samples(language, self.languages()) {
                for sample in every_sample() {
                    let rendered = engines.render(sample.page, sample.context, &frame);
                    if let Err(error) = rendered {
                        let place = format!(
                            "pages/{}.html, {} in {} ({frame_name} frame)",
                            sample.page,
                            sample.state,
                            language.as_str()
                        );
                        problems.push(problem(&place, &with_causes(&error)));
                    }
                }
            }
        }
        problems
    }

    fn unused_texts(&self, said: &BTreeSet<String>) -> Vec<ThemeProblem> {
        let french = self.texts.placeholders(&Locale::french());
        let keys = french.into_iter().flat_map(BTreeMap::keys);
        keys.filter(|key| !said.contains(*key) && !super::said::KEYS.contains(&key.as_str()))
            .map(|key| problem(&format!("texts/fr.ftl, {key}"), "is used by no page"))
            .collect()
    }
}

fn problem(place: &str, what: &str) -> ThemeProblem {
    ThemeProblem {
        place: place.to_owned(),
        what: what.to_owned(),
    }
}

/// The error with what caused it, on one line.
fn with_causes(error: &PageError) -> String {
    let mut said = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        said.push_str(": ");
        said.push_str(&error.to_string());
        cause = error.source();
    }
    said
}
