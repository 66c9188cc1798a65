//! The words of the pages: Fluent messages by language, a theme's laid over the default theme's key
//! by key. French is the reference and what a missing text falls back to.

use std::collections::{BTreeMap, BTreeSet};

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentError, FluentResource};
use unic_langid::LanguageIdentifier;

use super::error::PageError;
use super::files::{Layer, ThemeFiles};
use crate::base::names::Locale;

/// Languages written from right to left.
const RIGHT_TO_LEFT: [&str; 5] = ["ar", "fa", "he", "ur", "yi"];

pub struct Texts {
    languages: BTreeMap<Locale, Language>,
}

struct Language {
    bundle: FluentBundle<FluentResource>,
    /// The placeholders of every key, over all layers: the topmost version counts.
    placeholders: BTreeMap<String, BTreeSet<String>>,
}

/// Why a text cannot be said.
#[derive(Debug, thiserror::Error)]
pub enum TextError {
    #[error("no text “{0}” in {1} nor in French")]
    Missing(String, String),
    #[error("text “{0}”: {1}")]
    Faulty(String, String),
}

impl Texts {
    /// Every `texts/<language>.ftl` of the theme.
    pub fn read(files: &ThemeFiles) -> Result<Texts, PageError> {
        let mut languages = BTreeMap::new();
        for path in files.under("texts/") {
            let locale = path
                .strip_prefix("texts/")
                .and_then(|name| name.strip_suffix(".ftl"))
                .and_then(Locale::new);
            let Some(locale) = locale else {
                return Err(PageError::Theme {
                    file: path.to_owned(),
                    problem: "is not named after a language, as fr.ftl is".to_owned(),
                });
            };
            languages.insert(locale.clone(), read_language(&locale, files.layers(path))?);
        }
        Ok(Texts { languages })
    }

    /// The languages there are, French first.
    pub fn languages(&self) -> Vec<Locale> {
        let mut all: Vec<Locale> = self.languages.keys().cloned().collect();
        all.sort_by_key(|locale| *locale != Locale::french());
        all
    }

    /// The text `key` in `language`, else in French.
    pub fn say(&self, language: &Locale, key: &str, args: &FluentArgs<'_>) -> Result<String, TextError> {
        [language, &Locale::french()]
            .into_iter()
            .find_map(|locale| self.languages.get(locale)?.say(key, args))
            .unwrap_or_else(|| Err(TextError::Missing(key.to_owned(), language.as_str().to_owned())))
    }

    /// The placeholders of every key of a language.
    pub fn placeholders(&self, language: &Locale) -> Option<&BTreeMap<String, BTreeSet<String>>> {
        Some(&self.languages.get(language)?.placeholders)
    }
}

/// `rtl` or `ltr`, for the `dir` attribute.
pub fn direction(language: &Locale) -> &'static str {
    if RIGHT_TO_LEFT.contains(&language.as_str()) {
        "rtl"
    } else {
        "ltr"
    }
}

impl Language {
    /// `None` when there is no such key.
    fn say(&self, key: &str, args: &FluentArgs<'_>) -> Option<Result<String, TextError>> {
        let pattern = self.bundle.get_message(key)?.value()?;
        let mut faults: Vec<FluentError> = Vec::new();
        let text = self.bundle.format_pattern(pattern, Some(args), &mut faults);
        Some(match faults.first() {
            None => Ok(text.into_owned()),
            Some(fault) => Err(TextError::Faulty(key.to_owned(), fault.to_string())),
        })
    }
}

fn read_language(locale: &Locale, layers: &[Layer]) -> Result<Language, PageError> {
    let identifier: LanguageIdentifier = locale.as_str().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![identifier]);
    // The marks would show up in attributes and mails; names are isolated by <bdi> in templates.
    bundle.set_use_isolating(false);
    let mut placeholders = BTreeMap::new();
    for layer in layers {
        let resource = FluentResource::try_new(layer.text()?.to_owned()).map_err(|(_, faults)| {
            let said: Vec<String> = faults.iter().map(ToString::to_string).collect();
            PageError::Theme {
                file: layer.origin.clone(),
                problem: said.join("; "),
            }
        })?;
        placeholders.extend(scan(resource.source()));
        bundle.add_resource_overriding(resource);
    }
    Ok(Language { bundle, placeholders })
}

/// The keys of a Fluent source and the `$names` each uses. Only what the parser accepted comes here,
/// so a line that starts with a letter starts a message.
fn scan(source: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut current: Option<String> = None;
    for line in source.lines() {
        if line.starts_with(|c: char| c.is_ascii_alphabetic()) {
            current = line.split_once('=').map(|(key, _)| key.trim().to_owned());
        } else if line.starts_with(['#', '-']) {
            current = None;
        }
        if let Some(key) = &current {
            found.entry(key.clone()).or_default().extend(variables(line));
        }
    }
    found
}

fn variables(line: &str) -> impl Iterator<Item = String> {
    line.split('$').skip(1).filter_map(|rest| {
        let name: String = rest
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '_' || *c == '-')
            .collect();
        (!name.is_empty()).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_placeholders_are_found_in_every_form_of_message() {
        let source = "# about $nothing\na = Hello { $name }\nb =\n    { $n ->\n        [one] { $n } try in {$where}\n       *[other] tries\n    }\n-term = { $x }\nc = none\n";
        let found = scan(source);
        let names = |key: &str| found[key].iter().cloned().collect::<Vec<_>>();
        assert_eq!(names("a"), ["name"]);
        assert_eq!(names("b"), ["n", "where"]);
        assert!(names("c").is_empty());
        assert_eq!(found.len(), 3);
    }

    #[test]
    fn a_missing_argument_is_a_fault_and_a_missing_key_falls_back_to_french() {
        let texts = Texts::read(&ThemeFiles::read(&[]).unwrap()).unwrap();
        let english = Locale::new("en").unwrap();
        let none = FluentArgs::new();
        assert!(matches!(
            texts.say(&english, "login-for", &none),
            Err(TextError::Faulty(..))
        ));
        assert!(matches!(
            texts.say(&english, "no-such", &none),
            Err(TextError::Missing(..))
        ));
        let breton = Locale::new("br").unwrap();
        assert_eq!(texts.say(&breton, "login-title", &none).unwrap(), "Connexion");
    }

    #[test]
    fn french_texts_keep_french_typography() {
        let fr = include_str!("../../themes/default/texts/fr.ftl");
        for line in fr.lines().filter(|line| !line.starts_with('#')) {
            let text = line.split_once(" = ").map_or(line, |(_, text)| text);
            assert!(!text.contains('\''), "straight apostrophe: {line}");
            for mark in [" :", " ;", " !", " ?", "« ", " »", "\u{a0}:"] {
                assert!(!text.contains(mark), "needs a narrow no-break space: {line}");
            }
        }
    }
}
